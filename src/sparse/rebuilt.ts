/** Sparse tensors out of files. */
import { int32, int64 } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import type { Shape } from '../core/layout.js';
import type { Layout } from '../core/memory_format.js';
import type { Tensor } from '../core/tensor.js';
import { checkNotNegative } from '../dispatch/empty.js';
import { checkCoo, checkCsr, checkPlaces, isInOrder } from './invariants.js';
import { SparseCooTensor, SparseCsrTensor, sparseCoo } from './sparse_tensor.js';

/**
 * A tensor of the parts that a file has of it. They are checked, whatever `checkSparseTensorInvariants` says.
 *
 * @throws RuntimeError unless they belong together
 */
export function rebuilt(
  layout: Layout,
  parts: readonly Tensor[],
  size: Shape,
  isCoalesced: boolean,
): SparseCooTensor | SparseCsrTensor {
  const dims = layout === sparseCoo ? [2] : [1, 1];
  for (const [i, part] of parts.slice(0, -1).entries())
    if (part.ndim !== dims[i] || (part.dtype !== int64 && part.dtype !== int32) || part.layout === layout)
      throw new RuntimeError(`the indices of a ${layout} tensor are described wrongly`);
  const values = parts.at(-1)!;
  if (values.ndim === 0) throw new RuntimeError(`the values of a ${layout} tensor are described wrongly`);
  checkNotNegative(size);
  if (layout !== sparseCoo) {
    const [starts, columns] = parts;
    if (size.length !== 2 || values.ndim !== 1)
      throw new RuntimeError(
        `only matrices of numbers can be ${layout} here, not a tensor of ${size.length} dimensions`,
      );
    checkCsr(starts, columns, values, size);
    return new SparseCsrTensor(starts, columns, values, size);
  }
  const places = parts[0].to(int64);
  checkCoo(places, values, size);
  checkPlaces(places, size);
  if (isCoalesced && !isInOrder(places))
    throw new RuntimeError('cannot set is_coalesced to true if indices correspond to uncoalesced COO tensor');
  return new SparseCooTensor(places, values, size, isCoalesced);
}
