/** Checks and views that ops with index tensors share: dtypes, ranges, views for the kernels. */
import type { StridedView } from '../backends/backend.js';
import { int32, int64 } from '../core/dtype.js';
import { IndexError, RuntimeError } from '../core/errors.js';
import { broadcastStrides, formatShape, type Shape, sameShape } from '../core/layout.js';
import type { Scalar } from '../core/scalar.js';
import { Tensor } from '../core/tensor.js';
import { empty } from '../dispatch/empty.js';
import { converted, copyInto, fillInto } from './copying.js';

/** Whether a tensor can be an index: int64 or int32. */
export function isIndex(index: Tensor): boolean {
  return index.dtype === int64 || index.dtype === int32;
}

/** The index as the kernels take it. */
export function toInt64(index: Tensor): Tensor {
  return index.dtype === int64 ? index : converted(index, int64);
}

/** Refuses what cannot name slices of `self` for those of `source`. @param name the op, as PyTorch's texts begin with it */
export function checkSlices(name: string, self: Tensor, index: Tensor, source: Tensor): void {
  if (index.ndim > 1)
    throw new IndexError(
      `${name}(): Index is supposed to be a vector, but got dim: ${index.ndim} with type: ${index.dtype.scalarName} and size: ${formatShape(index.shape)}`,
    );
  if (!isIndex(index))
    throw new RuntimeError(
      `${name}(): Expected dtype int32/int64 for index but got: ${index.dtype.scalarName}`,
    );
  if (self.dtype !== source.dtype)
    throw new RuntimeError(
      `${name}(): self (${self.dtype.scalarName}) and source (${source.dtype.scalarName}) must have the same scalar type`,
    );
}

/** Refuses another number of indices than `source` has slices along `dim`. */
export function checkSliceCount(name: string, dim: number, index: Tensor, source: Tensor): void {
  const count = source.ndim === 0 ? 1 : source.shape[dim];
  if (index.numel() !== count)
    throw new RuntimeError(
      `${name}(): Number of indices (${index.numel()}) should be equal to source.size(dim): (${count}), for dim: ${dim}`,
    );
}

/** Refuses slices along `dim` of another shape than those of `self`. */
export function checkSliceShapes(self: Tensor, dim: number, source: Tensor): void {
  const others = (t: Tensor): Shape => t.shape.filter((_, i) => i !== dim);
  if (self.ndim !== source.ndim || !sameShape(others(self), others(source)))
    throw new RuntimeError(
      `source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = ${formatShape(self.shape)} source.shape = ${formatShape(source.shape)}`,
    );
}

/** Runs a kernel; what it says of an index out of range becomes the error that PyTorch throws in this op. */
export function withIndexError<R>(run: () => R, error: (text: string) => Error): R {
  try {
    return run();
  } catch (e) {
    throw e instanceof IndexError ? error(e.message) : e;
  }
}

/** Names the tensor's own dimension in a kernel's complaint, which counts the indexed ones only. */
export function withDimensions<R>(dims: readonly number[], run: () => R): R {
  try {
    return run();
  } catch (error) {
    if (error instanceof IndexError)
      error.message = error.message.replace(
        /dimension (\d+)/,
        (_, d: string) => `dimension ${dims[Number(d)]}`,
      );
    throw error;
  }
}

/** A view with other sizes and strides. */
export function restrided(view: StridedView, shape: Shape, strides: readonly number[]): StridedView {
  return { storage: view.storage, dtype: view.dtype, shape, strides, offset: view.offset };
}

/** A view read as if it had been broadcast. */
export function broadcastView(view: StridedView, shape: Shape): StridedView {
  return restrided(view, shape, broadcastStrides(view.shape, view.strides, shape));
}

/** A number or 0-d tensor as a 0-d tensor of the dtype of `self`. */
export function scalarLike(self: Tensor, value: Tensor | Scalar): Tensor {
  const result = empty([], self.dtype, self.storage.backend);
  if (value instanceof Tensor) copyInto(result, value);
  else fillInto(result, value);
  return result;
}
