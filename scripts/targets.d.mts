export interface Target {
  readonly name: string;
  readonly os: string;
  readonly arch: string;
  readonly libc?: string;
  readonly triple: string;
}
export const targets: readonly Target[];
