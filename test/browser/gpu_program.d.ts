export interface GpuResult {
  readonly early: string;
  readonly device: readonly [boolean, number, string];
  readonly differences: Readonly<Record<string, number>>;
  readonly gradient: unknown;
  readonly synchronous: string;
  readonly mixed: string;
  readonly losses: readonly number[];
}
export function run(torch: typeof import('flambeau')): Promise<GpuResult>;
