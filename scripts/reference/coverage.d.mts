export interface Example {
  readonly names: readonly string[];
  readonly code: string;
  /** Empty where nothing is recorded. */
  readonly output: string;
  readonly file: string;
  readonly line: number;
}

export function coverage(): Promise<{
  readonly examples: readonly Example[];
  readonly missing: readonly string[];
  readonly unknown: readonly string[];
}>;
