/** Checks of values. */
import type { Tensor } from '../core/tensor.js';

/**
 * Whether what must be true of a tensor's values is true: `condition` gives 0-d tensors. Where the values can only be waited for
 * nothing is checked, as on PyTorch's other devices, whose kernels say later what they found.
 */
export function holds(values: Tensor, ...conditions: readonly ((values: Tensor) => Tensor)[]): boolean {
  return !values.isReadable || conditions.every((condition) => condition(values).item() === 1);
}
