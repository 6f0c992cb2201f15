import type { Shape } from '../core/layout.js';
import { Tensor } from '../core/tensor.js';
import { checkNotNegative } from '../dispatch/empty.js';

/** A view of the same storage. @throws RuntimeError for negative sizes */
export function alias(self: Tensor, shape: Shape, strides: readonly number[], offset = self.offset): Tensor {
  checkNotNegative(shape);
  return new Tensor(self.storage, self.dtype, shape, strides, offset);
}
