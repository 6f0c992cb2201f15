import { Category, type DType } from '../core/dtype.js';

/** Turns big-endian elements into little-endian ones, in place. The parts of a complex number are swapped each by itself. */
export function swapBytes(bytes: Uint8Array, dtype: DType): void {
  swapWords(bytes, dtype.category === Category.complex ? dtype.itemsize / 2 : dtype.itemsize);
}

/** Reverses each run of `size` bytes, in place. */
export function swapWords(bytes: Uint8Array, size: number): void {
  if (size <= 1) return;
  for (let i = 0; i + size <= bytes.length; i += size) bytes.subarray(i, i + size).reverse();
}
