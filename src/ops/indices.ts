/** What ops with index tensors share: dtypes, ranges, views for the kernels. */
import type { StridedView } from '../backends/backend.js';
import { int32, int64 } from '../core/dtype.js';
import { IndexError } from '../core/errors.js';
import { broadcastStrides, type Shape } from '../core/layout.js';
import type { Scalar } from '../core/scalar.js';
import { Tensor } from '../core/tensor.js';
import { converted, copyInto, fillInto } from './copying.js';
import { empty } from './empty.js';

/** Whether a tensor can be an index: int64 or int32. */
export function isIndex(index: Tensor): boolean {
  return index.dtype === int64 || index.dtype === int32;
}

/** The index as the kernels take it. */
export function toInt64(index: Tensor): Tensor {
  return index.dtype === int64 ? index : converted(index, int64);
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
