/** Products with sparse matrices. */

import { castRemedy } from '../core/cpp_names.js';
import { int64 } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { toCsr } from './conversion.js';
import { addedUp, coalesced, placesAt, positionsOf, recordedAs } from './places.js';
import { SparseCooTensor, SparseTensor } from './sparse_tensor.js';

/** @throws RuntimeError in PyTorch's words unless a product exists */
function checkProduct(a: Tensor, b: Tensor): void {
  if (a.ndim !== 2 || b.ndim !== 2)
    throw new RuntimeError(`addmm: 2-D matrices expected, got ${a.ndim}D and ${b.ndim}D tensors`);
  if (a.shape[1] !== b.shape[0])
    throw new RuntimeError(
      a.isSparse && !b.isSparse
        ? `addmm: Argument #3 (dense): Expected dim 0 size ${a.shape[1]}, got ${b.shape[0]}`
        : `mat1 and mat2 shapes cannot be multiplied (${a.shape.join('x')} and ${b.shape.join('x')})`,
    );
  if (a.dtype !== b.dtype)
    throw new RuntimeError(
      `expected scalar type ${a.dtype.scalarName} but found ${b.dtype.scalarName}${castRemedy(a.dtype, b.dtype)}`,
    );
}

/** sparse @ dense: each element takes a row of the dense matrix to a row of the product. */
function timesDense(a: SparseCooTensor, b: Tensor): Tensor {
  const [rows, columns] = [...a.places];
  const terms = b.indexSelect(0, columns).mul(a.elements.unsqueeze(1));
  return addedUp(terms, rows, a.shape[0]);
}

/** sparse @ sparse: each element of `a` meets those of `b` in the row that its column names. */
function timesSparse(a: SparseCooTensor, b: SparseCooTensor): SparseCooTensor {
  const right = toCsr(b);
  const [starts, columnsOfB] = right.parts;
  const [rows, columns] = [...a.places];
  const first = starts.indexSelect(0, columns);
  const counts = starts.indexSelect(0, columns.add(1)).sub(first);
  const partner = counts.repeatInterleave(counts);
  const fromA = ops.arange(a.nnz(), { dtype: int64, device: a.device }).repeatInterleave(counts);
  const begins = counts.cumsum(0).sub(counts);
  const within = ops
    .arange(partner.shape[0], { dtype: int64, device: a.device })
    .sub(begins.indexSelect(0, fromA));
  const fromB = first.indexSelect(0, fromA).add(within);
  const places = ops.stack([rows.indexSelect(0, fromA), columnsOfB.indexSelect(0, fromB)]);
  const values = a.elements.indexSelect(0, fromA).mul(right.elements.indexSelect(0, fromB));
  const product = new SparseCooTensor(places, values, [a.shape[0], b.shape[1]]);
  const { places: distinct, elements, shape } = coalesced(product);
  return new SparseCooTensor(distinct, recordedAs(elements, 'SparseSparseMatmulBackward0'), shape, true);
}

/** The product of two matrices, of which one at least is sparse: sparse if both are. */
export function product(a: Tensor, b: Tensor): Tensor {
  checkProduct(a, b);
  if (a instanceof SparseTensor && b instanceof SparseTensor) {
    const result = timesSparse(a.toCoo(), b.toCoo());
    return a.isSparseCsr && b.isSparseCsr ? toCsr(result) : result;
  }
  if (a instanceof SparseTensor) return timesDense(a.toCoo(), b);
  return timesDense(transposed((b as SparseTensor).toCoo(), [1, 0]), a.t()).t();
}

/** beta · input + alpha · (a @ b). */
export function addedProduct(input: Tensor, a: Tensor, b: Tensor, beta: number, alpha: number): Tensor {
  const result = product(a, b);
  const scaled = alpha === 1 ? result : result.mul(alpha);
  if (beta === 0) return scaled;
  return (beta === 1 ? input : input.mul(beta)).add(scaled);
}

/** sparse @ vector. */
export const timesVector = (a: Tensor, b: Tensor): Tensor => product(a, b.unsqueeze(1)).squeeze(1);

/** The same elements with the dimensions of coordinates, and behind them the others, in another order. */
export function transposed(x: SparseCooTensor, dims: readonly number[]): SparseCooTensor {
  const n = x.sparseDims;
  const isApart = dims.every((d, i) => d < n === i < n);
  if (!isApart)
    throw new RuntimeError(
      'transpose: sparse dimensions and dense dimensions of a sparse tensor cannot be exchanged',
    );
  const rows = [...x.places];
  const places = n === 0 ? x.places : ops.stack(dims.slice(0, n).map((d) => rows[d]));
  const inner = dims.slice(n).map((d) => d - n + 1);
  const values = inner.length === 0 ? x.elements : x.elements.permute([0, ...inner]);
  const isOrdered = x.isOrdered && (x.nnz() < 2 || dims.slice(0, n).every((d, i) => d === i));
  return new SparseCooTensor(
    places,
    values,
    dims.map((d) => x.shape[d]),
    isOrdered,
  );
}

/** The products of what lies at one place: in both, or wherever `a`, or else `b`, has a place twice; PyTorch's order. */
export function elementProduct(a: SparseCooTensor, b: SparseCooTensor): SparseCooTensor {
  const [x, y] = a.isOrdered && !b.isOrdered ? [b, a] : [a, coalesced(b)];
  const sizes = x.shape.slice(0, x.sparseDims);
  const [p, q] = [positionsOf(x.places, sizes), positionsOf(y.places, sizes)];
  if (q.shape[0] === 0) return x.withValues(x.elements.mul(0)).narrowed(0);
  const at = ops.searchsorted(q, p).clamp({ max: q.shape[0] - 1 });
  const isThere = q.indexSelect(0, at).eq(p);
  if (!x.isOrdered) {
    const ones = y.elements.shape.slice(1).map(() => 1);
    const found = y.elements.indexSelect(0, at).mul(isThere.reshape([-1, ...ones]));
    return x.withValues(x.elements.mul(found));
  }
  const both = isThere.nonzero().squeeze(1);
  const values = x.elements.indexSelect(0, both).mul(y.elements.indexSelect(0, at.indexSelect(0, both)));
  return new SparseCooTensor(placesAt(p.indexSelect(0, both), sizes), values, x.shape, true);
}
