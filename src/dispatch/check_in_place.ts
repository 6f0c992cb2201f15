import { gradNode } from '../core/autograd_state.js';
import { RuntimeError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';

/** Tensors, and bases of views, that must not be changed in place while that is recorded: what is said of them. */
const forbidden = new WeakMap<Tensor, string>();

/** Forbids changes in place of a tensor and its views. */
export function forbidInPlace(tensor: Tensor, message: string): void {
  forbidden.set(tensor, message);
}

/** Refuses in-place changes that autograd could not follow. */
export function checkInPlace(self: Tensor): void {
  if (!self.requiresGrad) {
    if (self.base !== null && self.base.autograd !== null && self.base.isLeaf && self.base.requiresGrad)
      throw new RuntimeError(
        'a view of a leaf Variable that requires grad is being used in an in-place operation.',
      );
    return;
  }
  const message = forbidden.get(self.base ?? self);
  if (message !== undefined) throw new RuntimeError(message);
  if (gradNode(self) === null)
    throw new RuntimeError('a leaf Variable that requires grad is being used in an in-place operation.');
  if (self.base?.isLeaf && self.base.requiresGrad)
    throw new RuntimeError(
      'a view of a leaf Variable that requires grad is being used in an in-place operation.',
    );
}
