import { RuntimeError } from '../core/errors.js';
import { checkHeld } from '../core/layout.js';
import { canCast } from '../core/promotion.js';
import type { Tensor } from '../core/tensor.js';

/** Whether a result can be written into `self` by an in-place op. @throws RuntimeError in PyTorch's words */
export function checkResultFits(self: Tensor, shape: readonly number[], dtype: Tensor['dtype']): void {
  if (!canCast(dtype, self.dtype))
    throw new RuntimeError(
      `result type ${dtype.scalarName} can't be cast to the desired output type ${self.dtype.scalarName}`,
    );
  checkHeld(self.shape, shape);
}
