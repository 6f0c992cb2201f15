import type { Tensor } from '../core/tensor.js';

/** Drops a tensor's gradient, or sets it to zero: what `zeroGrad` of modules and optimizers does. */
export function clearGradient(tensor: Tensor, drop: boolean): void {
  const { grad } = tensor;
  if (grad === null) return;
  if (drop) {
    tensor.grad = null;
    return;
  }
  if (grad.isLeaf) grad.requiresGrad_(false);
  else grad.detach_();
  grad.zero_();
}
