/** Arithmetic with a learning rate that is a tensor: PyTorch does it in that tensor's dtype. */
import type { DType } from '../core/dtype.js';
import { roundedTo } from '../core/small_floats.js';

const rateDtype = Symbol('rateDtype');

/** Tells in which dtype numbers that follow from a group's learning rate are computed. */
export function setRateDtype(group: object, dtype: DType): void {
  Reflect.set(group, rateDtype, dtype);
}

/** A number beside a learning rate, or one that follows from it, as exact as that rate. */
export function asRate(group: object, value: number): number {
  const dtype = Reflect.get(group, rateDtype) as DType | undefined;
  return dtype === undefined ? value : roundedTo(dtype, value);
}
