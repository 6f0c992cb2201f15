/** Checks of values. */
import type { Tensor } from '../core/tensor.js';
import { op } from '../dispatch/registry.js';

/**
 * Whether what must be true of a tensor's values is true: `condition` gives 0-d tensors. Where the values can only be waited for
 * nothing is checked, as on PyTorch's other devices, whose kernels say later what they found.
 */
export function holds(values: Tensor, ...conditions: readonly ((values: Tensor) => Tensor)[]): boolean {
  return !values.isReadable || conditions.every((condition) => condition(values).item() === 1);
}

const isWithin = op('_is_within(Tensor self, Scalar low, Scalar high) -> Tensor', {
  doc: 'Whether each element lies from `low` to `high`.',
  function: false,
  method: false,
  inplace: false,
  promote: 'bool',
  derivative: false,
  pointwise: 'self >= low && self <= high',
});

/** Whether all of a tensor's values lie from `low` to `high`, as far as they can be read now. */
export function liesWithin(values: Tensor, low: number, high: number): boolean {
  return holds(values.detach(), (v) => isWithin(v, low, high).all());
}
