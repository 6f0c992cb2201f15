import { OutOfMemoryError } from '../core/errors.js';

/** New bytes, or the library's error where the platform has no room for so many. */
export function reserve(length: number): Uint8Array<ArrayBuffer> {
  return orOutOfMemory(length, () => new Uint8Array(length));
}

/** As `reserve`, not zeroed where the platform can: for a caller who writes every byte. */
export function reserveUnset(length: number): Uint8Array<ArrayBuffer> {
  if (typeof Buffer === 'undefined') return reserve(length);
  return orOutOfMemory(length, () => new Uint8Array(Buffer.allocUnsafeSlow(length).buffer));
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
