/** Between layouts. */
import { int64 } from '../core/dtype.js';
import { IndexError, RuntimeError } from '../core/errors.js';
import { numel } from '../core/layout.js';
import { type Layout, strided } from '../core/memory_format.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { coalesced, dense, elementsAt, placesAt, recordedAs } from './places.js';
import { SparseCooTensor, SparseCsrTensor, SparseTensor, sparseCoo, sparseCsr } from './sparse_tensor.js';

/** A tensor with all elements in one storage. */
export const toDense = (x: Tensor): Tensor => (x instanceof SparseTensor ? dense(x.toCoo()) : x);

/** The elements that are not zero, by coordinates of the first `sparseDim` dimensions. */
export function toCoo(x: Tensor, sparseDim: number | null = null): SparseCooTensor {
  if (x instanceof SparseTensor) return x.toCoo();
  const dims = sparseDim ?? x.ndim;
  if (dims < 0 || dims > x.ndim)
    throw new RuntimeError(
      `dense_to_sparse: sparse_dim argument must be in [0,${x.ndim}] range, but ${dims} is given`,
    );
  const sizes = x.shape.slice(0, dims);
  const rows = x
    .detach()
    .ne(0)
    .reshape([numel(sizes), -1]);
  const positions = rows.any(1).nonzero().squeeze(1);
  const places = placesAt(positions, sizes);
  return new SparseCooTensor(
    places,
    recordedAs(elementsAt(x, places, sizes), 'ToSparseBackward0'),
    x.shape,
    true,
  );
}

/** The elements of a matrix by their columns, row after row. */
export function toCsr(x: Tensor): SparseCsrTensor {
  if (x instanceof SparseCsrTensor) return x;
  if (x.ndim !== 2)
    throw x instanceof SparseTensor
      ? new RuntimeError(
          `Only tensors with two sparse dimensions can be converted to the SparseCsr layout, got self with ${x.ndim} dimensions.`,
        )
      : new IndexError(`to_sparse_csr(): expected a matrix, but got a tensor of ${x.ndim} dimensions`);
  const ordered = coalesced(toCoo(x));
  const [rows, columns] = [...ordered.places];
  const bounds = ops.arange(x.shape[0] + 1, { dtype: int64, device: x.device });
  const starts = ops.searchsorted(rows.contiguous(), bounds);
  return new SparseCsrTensor(
    starts,
    columns.contiguous(),
    recordedAs(ordered.elements, 'ToSparseCsrBackward0'),
    x.shape,
  );
}

export function toLayout(x: Tensor, layout: Layout): Tensor {
  if (layout === strided) return toDense(x);
  if (layout === sparseCoo) return toCoo(x);
  if (layout === sparseCsr) return toCsr(x);
  throw new RuntimeError(`to_sparse: unexpected layout ${layout}`);
}
