import { gradNode } from '../core/autograd_state.js';
import { RuntimeError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';

/** Refuses in-place changes that autograd could not follow. */
export function checkInPlace(self: Tensor): void {
  if (!self.requiresGrad) {
    if (self.base !== null && self.base.autograd !== null && self.base.isLeaf && self.base.requiresGrad)
      throw new RuntimeError(
        'a view of a leaf Variable that requires grad is being used in an in-place operation.',
      );
    return;
  }
  if (gradNode(self) === null)
    throw new RuntimeError('a leaf Variable that requires grad is being used in an in-place operation.');
  if (self.base?.isLeaf && self.base.requiresGrad)
    throw new RuntimeError(
      'a view of a leaf Variable that requires grad is being used in an in-place operation.',
    );
}
