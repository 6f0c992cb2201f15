/** New tensors without values: what every kernel's results start as. */
import type { Backend, Storage, StridedView } from '../backends/backend.js';
import { cpuBackend } from '../core/backends.js';
import type { DType } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import { contiguousStrides, formatShape, numel, type Shape } from '../core/layout.js';
import { track } from '../core/scope.js';
import { Tensor } from '../core/tensor.js';

/** Memory made by the row's body that is being carried out; null outside of any. */
let collected: Storage[] | null = null;

/**
 * Carries out a body of a row: an op made of others, or formulas of gradients. Of the memory made on the way, that which neither
 * its results nor its arguments lie in is out of anybody's reach. It is reused at once, or if the graph has saved it (the positions
 * of maxima in pooling, the weights in attention), when the graph is done with it.
 */
export function reusing<R>(body: (...args: readonly unknown[]) => R, args: readonly unknown[]): R {
  if (collected !== null) return body(...args);
  const made: Storage[] = [];
  collected = made;
  let result: R;
  try {
    result = body(...args);
  } finally {
    collected = null;
  }
  if (made.length <= FEW && made.every((storage) => liesIn(result, storage))) return result;
  const known = new Set<Storage>();
  addStorages(result, known);
  addStorages(args, known);
  for (const storage of made) {
    if (known.has(storage)) continue;
    if (storage.saves > 0) storage.internal = true;
    else storage.backend.release(storage, 'engine');
  }
  return result;
}

/** So many storages are looked for in the results one by one. */
const FEW = 3;

/** Makes what outlives the body of a row that is being carried out. */
export function lasting<R>(make: () => R): R {
  const outer = collected;
  collected = null;
  try {
    return make();
  } finally {
    collected = outer;
  }
}

/** Whether a tensor, or one of a few, lies in a storage. */
function liesIn(value: unknown, storage: Storage): boolean {
  if (!Array.isArray(value)) return value instanceof Tensor && value.storage === storage;
  for (const item of value) if (item instanceof Tensor && item.storage === storage) return true;
  return false;
}

/** Collects the storages of a tensor or of lists of tensors. */
function addStorages(value: unknown, into: Set<Storage>): void {
  if (value instanceof Tensor) {
    into.add(value.storage);
    addStorages(value.parts, into);
  } else if (Array.isArray(value)) for (const item of value) addStorages(item, into);
}

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
  backend.checkDtype(dtype);
  const storage = track(backend.allocate(numel(shape) * dtype.itemsize));
  if (collected !== null) collected.push(storage);
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
