import { dropGrad } from '../core/autograd_state.js';
import type { Tensor } from '../core/tensor.js';

/** Drops a tensor's gradient, or sets it to zero: what `zeroGrad` of modules and optimizers does. */
export function clearGradient(tensor: Tensor, drop: boolean): void {
  const state = tensor.autograd;
  if (state === null || state.grad === null) return;
  if (drop) {
    dropGrad(state);
    return;
  }
  const { grad } = state;
  if (grad.isLeaf) grad.requiresGrad_(false);
  else grad.detach_();
  grad.zero_();
}
