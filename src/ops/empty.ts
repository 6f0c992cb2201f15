/** New tensors without values: what every kernel's results start as. */
import type { Backend, StridedView } from '../backends/backend.js';
import { cpuBackend } from '../core/backends.js';
import type { DType } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import { contiguousStrides, formatShape, numel, type Shape } from '../core/layout.js';
import { track } from '../core/scope.js';
import { Tensor } from '../core/tensor.js';

/** A row-major tensor of uninitialised memory. */
export function empty(shape: Shape, dtype: DType, backend: Backend = cpuBackend()): Tensor {
  return emptyStrided(shape, contiguousStrides(shape), dtype, backend);
}

/** Uninitialised memory with dense strides given by the caller. */
export function emptyStrided(
  shape: Shape,
  strides: readonly number[],
  dtype: DType,
  backend: Backend = cpuBackend(),
): Tensor {
  const storage = track(backend.allocate(numel(shape) * dtype.itemsize));
  return new Tensor(storage, dtype, shape, strides, 0);
}

/** @throws RuntimeError in PyTorch's words */
export function checkNotNegative(shape: Shape): void {
  for (const size of shape)
    if (size < 0)
      throw new RuntimeError(
        `Trying to create tensor with negative dimension ${size}: ${formatShape(shape)}`,
      );
}

/** A tensor over the memory of a view. */
export function tensorOf({ storage, dtype, shape, strides, offset }: StridedView): Tensor {
  return new Tensor(storage, dtype, shape, strides, offset);
}

/** Refuses sizes that no tensor can have. @throws RuntimeError in PyTorch's words */
export function checkSizes(shape: Shape): void {
  checkNotNegative(shape);
  if (shape.length > 64) throw new RuntimeError(`tensor has too many (>64) dims`);
  if (numel(shape) > Number.MAX_SAFE_INTEGER)
    throw new RuntimeError(`Storage size calculation overflowed with sizes=${formatShape(shape)}`);
}
