import { float32, float64, int32, int64 } from '../../core/dtype.js';
import type { Tensor } from '../../core/tensor.js';

/** Numbers with which products of coordinates do not overflow. */
export function upcast(x: Tensor): Tensor {
  const wide = [float32, float64, int32, int64].includes(x.dtype);
  if (wide) return x;
  return x.isFloatingPoint() ? x.float() : x.int();
}

/** Floats of at least 32 bits. */
export const upcastNonFloat = (x: Tensor): Tensor =>
  x.dtype === float32 || x.dtype === float64 ? x : x.float();
