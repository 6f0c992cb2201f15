/** Forms of stacked tensors, whose first dimension is the stack's, as rules of rows need them. */
import { RuntimeError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';

/** How many dimensions one of the stack has. */
export const ndimOf = (tensor: Tensor, isStacked: boolean): number => tensor.ndim - (isStacked ? 1 : 0);

/** The tensor for every one of the stack. */
export function expandStack(tensor: Tensor, isStacked: boolean, size: number): Tensor {
  return isStacked ? tensor : tensor.expand([size, ...tensor.shape]);
}

/** Dimensions of size 1 behind the stack's, until each has `ndim`; what is not stacked broadcasts as it is. */
export function padStack(tensor: Tensor, isStacked: boolean, ndim: number): Tensor {
  const missing = ndim - tensor.ndim + 1;
  if (!isStacked || missing <= 0) return tensor;
  if (missing === 1) return tensor.unsqueeze(1);
  return tensor.reshape([tensor.shape[0], ...new Array<number>(missing).fill(1), ...tensor.shape.slice(1)]);
}

/** A vector of indices for each of the stack, as an index for every element of `shape`, which begins with the stack. */
export function indexAlong(index: Tensor, dim: number, shape: readonly number[]): Tensor {
  const size = shape[0];
  const count = index.numel() / size;
  const lined = index.reshape(shape.map((_, d) => (d === 0 ? size : d === dim ? count : 1)));
  return lined.expand(shape.map((n, d) => (d === dim ? count : n)));
}

/** @throws RuntimeError in PyTorch's words, for results whose sizes depend on values */
export function refuseUneven(name: string): never {
  throw new RuntimeError(
    `vmap: We do not support batching operators that can output dynamic shape. Attempted to vmap over aten::${name}. Please file an issue at https://github.com/pytorch/pytorch/issues if you need this feature.`,
  );
}
