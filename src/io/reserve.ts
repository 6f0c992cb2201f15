import { OutOfMemoryError } from '../core/errors.js';
import type { Bytes } from './bytes.js';

/** New bytes, or the library's error where the platform has no room for so many. */
export function reserve(length: number): Bytes {
  return orOutOfMemory(length, () => new Uint8Array(length));
}

/** As `reserve`, not zeroed where the platform can: for a caller who writes every byte. */
export function reserveUnset(length: number): Bytes {
  if (globalThis.Buffer === undefined) return reserve(length);
  return orOutOfMemory(length, () => new Uint8Array(globalThis.Buffer.allocUnsafeSlow(length).buffer));
}

function orOutOfMemory<T>(length: number, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new OutOfMemoryError(`can't allocate memory: you tried to allocate ${length} bytes.`, {
      cause: error,
    });
  }
}
