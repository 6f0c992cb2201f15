/** In-place ops on memory that is read or written twice: refused where PyTorch refuses it. */
import type { Storage, StridedView } from '../backends/backend.js';
import { extent } from '../core/elements.js';
import { RuntimeError } from '../core/errors.js';
import { isNonOverlappingAndDense, numel } from '../core/layout.js';
import type { Tensor } from '../core/tensor.js';

/** Refuses to write to a tensor several of whose elements are one memory location. */
export function checkNoInternalOverlap(view: StridedView): void {
  for (let i = 0; i < view.shape.length; i++)
    if (view.strides[i] === 0 && view.shape[i] > 1 && numel(view.shape) > 0)
      throw new RuntimeError(
        'unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.',
      );
}

/** How two views lie in memory, by PyTorch's rules: views with gaps or repeats are too hard to tell. */
function overlap(out: StridedView, input: StridedView): 'none' | 'partial' | 'full' {
  if (out === input) return 'full';
  if (out.storage !== input.storage || numel(out.shape) === 0 || numel(input.shape) === 0) return 'none';
  if (
    !isNonOverlappingAndDense(out.shape, out.strides) ||
    !isNonOverlappingAndDense(input.shape, input.strides)
  )
    return 'none';
  const [a, b] = bytes(out);
  const [c, d] = bytes(input);
  if (a === c && b === d) return String(out.strides) === String(input.strides) ? 'full' : 'partial';
  return b <= c || d <= a ? 'none' : 'partial';
}

function overlapError(): RuntimeError {
  return new RuntimeError(
    'unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. Please clone() the tensor before performing the operation.',
  );
}

/** Refuses to write to `out` while reading memory that overlaps it in another arrangement. */
export function checkNoPartialOverlap(out: StridedView, input: StridedView): void {
  if (overlap(out, input) === 'partial') throw overlapError();
}

/** Whether two storages have bytes in common: `data` and arrays that the user wraps twice are storages of their own. */
export function sharesMemory(a: Storage, b: Storage): boolean {
  if (a === b) return true;
  const [p, q] = [a.place ?? null, b.place ?? null];
  if (p !== null || q !== null) return p === q;
  const [x, y] = [a.host(), b.host()];
  if (x === null || y === null || x.buffer !== y.buffer) return false;
  return x.byteOffset < y.byteOffset + b.nbytes && y.byteOffset < x.byteOffset + a.nbytes;
}

/**
 * The index or source of an op that writes to `out` here and there: refused where PyTorch refuses it, and a copy where it
 * shares memory, since indices are checked before the first of them is used.
 */
export function apart(out: Tensor, input: Tensor): Tensor {
  if (overlap(out, input) !== 'none') throw overlapError();
  return sharesMemory(out.storage, input.storage) ? input.clone() : input;
}

function bytes(view: StridedView): [number, number] {
  const [low, high] = extent(view);
  return [low * view.dtype.itemsize, (high + 1) * view.dtype.itemsize];
}
