type Torch = typeof import('flambeau');

export declare const loops: Readonly<
  Record<string, (torch: Torch, device: string) => (step: number) => unknown>
>;

export interface Figures {
  readonly step: number;
  readonly reservedBytes: number;
  readonly aliveBytes: number;
  readonly aliveCount: number;
}

export declare function measure(
  torch: Torch,
  name: string,
  steps: number,
  device?: string,
  look?: () => object,
  say?: (
    figure: Figures & { readonly name: string; readonly steps: number; readonly seconds: number },
  ) => void,
): Promise<{
  readonly name: string;
  readonly steps: number;
  readonly seconds: number;
  readonly figures: Figures[];
}>;
