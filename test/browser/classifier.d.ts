export interface Training {
  readonly losses: readonly number[];
  readonly labels: readonly (readonly number[])[];
}
export function train(
  torch: typeof import('flambeau'),
  torchvision: typeof import('flambeau/vision'),
  root: string,
  device: string,
  steps: number,
): Promise<Training>;
