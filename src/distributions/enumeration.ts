import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import type { Distribution } from './distribution.js';

/** The numbers from 0 to `last` along a first dimension, in front of the dimensions of a distribution's batch. */
export function valuesUpTo(
  last: number,
  { batchShape }: Distribution,
  { dtype, device }: Pick<Tensor, 'dtype' | 'device'>,
  expand: boolean,
): Tensor {
  const values = ops.arange(last + 1, { dtype, device }).reshape([-1, ...batchShape.map(() => 1)]);
  return expand ? values.expand([-1, ...batchShape]) : values;
}
