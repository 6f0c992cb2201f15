/** In-place ops on memory that is read or written twice: refused where PyTorch refuses it. */
import type { StridedView } from '../backends/backend.js';
import { extent } from '../core/elements.js';
import { RuntimeError } from '../core/errors.js';
import { isNonOverlappingAndDense, numel } from '../core/layout.js';

/** Refuses to write to a tensor several of whose elements are one memory location. */
export function checkNoInternalOverlap(view: StridedView): void {
  for (let i = 0; i < view.shape.length; i++)
    if (view.strides[i] === 0 && view.shape[i] > 1)
      throw new RuntimeError(
        'unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.',
      );
}

/** Refuses to write to `out` while reading memory that overlaps it in another arrangement. */
export function checkNoPartialOverlap(out: StridedView, input: StridedView): void {
  if (out === input || out.storage !== input.storage) return;
  if (numel(out.shape) === 0 || numel(input.shape) === 0) return;
  if (
    !isNonOverlappingAndDense(out.shape, out.strides) ||
    !isNonOverlappingAndDense(input.shape, input.strides)
  )
    return;
  const [a, b] = bytes(out);
  const [c, d] = bytes(input);
  if (a === c && b === d) {
    if (String(out.strides) === String(input.strides)) return;
  } else if (b <= c || d <= a) return;
  throw new RuntimeError(
    'unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. Please clone() the tensor before performing the operation.',
  );
}

function bytes(view: StridedView): [number, number] {
  const [low, high] = extent(view);
  return [low * view.dtype.itemsize, (high + 1) * view.dtype.itemsize];
}
