export interface Result {
  readonly engine: string;
  readonly printed: string;
  readonly losses: readonly number[];
  readonly [more: string]: unknown;
}
export function run(
  torch: typeof import('flambeau'),
  torchvision: typeof import('flambeau/vision'),
): Promise<Result>;
