/** Dense tensors as the kernels of one dimension see them. */
import type { StridedView } from '../backends/backend.js';
import type { Tensor } from '../core/tensor.js';

/** A dense tensor as [before, n, behind], with `dim` in the middle. */
export function lines({ storage, dtype, shape, offset }: Tensor, dim: number): StridedView {
  let [before, behind] = [1, 1];
  for (const [d, size] of shape.entries())
    if (d < dim) before *= size;
    else if (d > dim) behind *= size;
  const n = shape[dim];
  return { storage, dtype, offset, shape: [before, n, behind], strides: [n * behind, behind, 1] };
}
