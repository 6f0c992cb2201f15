import { RuntimeError } from '../core/errors.js';
import { gradNode, type Tensor } from '../core/tensor.js';

/** Tensors, and bases of views, that must not be changed in place while that is recorded: what is said of them. */
const forbidden = new WeakMap<Tensor, string>();

const viewOfLeaf = 'a view of a leaf Variable that requires grad is being used in an in-place operation.';
const unrecordedView =
  'A view was created in no_grad mode and is being modified inplace with grad mode enabled. Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both inside torch.noGrad (if you do not want the inplace to be tracked) or both outside (if you want the inplace to be tracked).';

/** Forbids changes in place of a tensor and its views. */
export function forbidInPlace(tensor: Tensor, message: string): void {
  forbidden.set(tensor, message);
}

/** Refuses in-place changes that autograd could not follow. */
export function checkInPlace(self: Tensor): void {
  if (!self.requiresGrad) {
    // Only a view that was made while nothing was recorded has no part in its base's history.
    if (self.base !== null && self.base.autograd !== null && self.base.requiresGrad)
      throw new RuntimeError(self.base.isLeaf ? viewOfLeaf : unrecordedView);
    return;
  }
  const message = forbidden.get(self.base ?? self);
  if (message !== undefined) throw new RuntimeError(message);
  if (gradNode(self) === null)
    throw new RuntimeError('a leaf Variable that requires grad is being used in an in-place operation.');
  if (self.base?.isLeaf && self.base.requiresGrad) throw new RuntimeError(viewOfLeaf);
}
