import type { Bytes } from './bytes.js';

/** Bytes that are read by ranges, so that a large file never has to be in memory as a whole. */
export interface ByteSource {
  /** Its name in error texts. */
  readonly name: string;
  readonly size: number;
  /** Exactly `length` bytes from `offset`; the caller has checked the range against `size`. */
  read(offset: number, length: number): Promise<Bytes>;
  /** A part of the file as memory that is read when it is looked at, and whose changes stay here; null where there is no way to have that. */
  map?(offset: number, length: number): Bytes | null;
  close(): Promise<void>;
}

export const nothingToClose = async () => {};

/** Bytes that nobody else has: what is read are parts of them. */
export function ownedSource(bytes: Bytes, name: string): ByteSource {
  return {
    name,
    size: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
    close: nothingToClose,
  };
}
