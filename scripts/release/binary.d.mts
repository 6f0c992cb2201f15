export interface Binary {
  readonly libraries: string[];
  readonly versions: string[];
  readonly imports: string[];
  readonly exports: string[];
}
export function readBinary(bytes: Uint8Array): Binary;
