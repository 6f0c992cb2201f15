/** `numpy.linalg`. */
import { type AxisOptions, sum } from './array_summaries.js';
import { floatOf } from './array_types.js';
import { type ArrayData, asarray } from './making_arrays.js';
import { NDArray } from './ndarray.js';

/** The length of vectors: the root of the sum of squares. */
export function norm(a: ArrayData, options: AxisOptions = {}): NDArray {
  const own = asarray(a);
  const real = new NDArray(own.tensor.to(floatOf(own.tensor.dtype)));
  return new NDArray(sum(real.mul(real), options).tensor.sqrt());
}
