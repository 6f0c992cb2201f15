/** Sums of sparse tensors, and how they are added. */
import { int64 } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import { formatShape, numel, type Shape, sameShape, wrapDims } from '../core/layout.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { tensor } from '../ops/from_data.js';
import { addedUp, coalesced, positionsOf, recordedAs, sparseSizes } from './places.js';
import { SparseCooTensor } from './sparse_tensor.js';

/** The sum over some dimensions, strided where no coordinate remains. */
export function summed(given: SparseCooTensor, dims: readonly number[]): Tensor {
  const x = coalesced(given);
  const n = x.sparseDims;
  const over = wrapDims(dims, x.ndim);
  const inner = over.filter((d) => d >= n).map((d) => d - n + 1);
  const kept = Array.from({ length: n }, (_, d) => d).filter((d) => !over.includes(d));
  const values = inner.length === 0 ? x.elements : x.elements.sum(inner);
  if (kept.length === 0) return values.sum(0);
  const shape = x.shape.filter((_, d) => !over.includes(d));
  if (kept.length === n) return new SparseCooTensor(x.places, recordedAs(values, name), shape, true);
  const rows = [...x.places];
  const places = ops.stack(kept.map((d) => rows[d]));
  const { places: distinct, elements } = coalesced(new SparseCooTensor(places, values, shape));
  return new SparseCooTensor(distinct, recordedAs(elements, name), shape, true);
}

const name = 'SparseSumBackward0';

/** Where the elements of both go if their places are gone through side by side; PyTorch's order. */
function merged(a: Tensor, b: Tensor): { order: number[]; fromA: number[]; fromB: number[] } {
  const [p, q] = [a.tolist() as number[], b.tolist() as number[]];
  const order: number[] = [];
  const fromA: number[] = [];
  const fromB: number[] = [];
  let [i, j] = [0, 0];
  while (i < p.length || j < q.length) {
    const way = i >= p.length ? 1 : j >= q.length ? -1 : Math.sign(p[i] - q[j]);
    if (way <= 0) fromA[i++] = order.length;
    if (way >= 0) fromB[j++] = order.length;
    order.push(way <= 0 ? p[i - 1] : q[j - 1]);
  }
  return { order, fromA, fromB };
}

/** The sum of two sparse tensors. @throws RuntimeError in PyTorch's words unless their sizes are the same */
export function addSparse(a: SparseCooTensor, b: SparseCooTensor): SparseCooTensor {
  if (!sameShape(a.shape, b.shape))
    throw new RuntimeError(
      `add: expected sizes of 'self' and 'other' to match, but ${formatShape(a.shape)} != ${formatShape(b.shape)}`,
    );
  if (a.nnz() === 0) return b;
  if (b.nnz() === 0) return a;
  if (a.sparseDims !== b.sparseDims)
    throw new RuntimeError(
      `add: expected 'self' and 'other' to have same number of sparse dimensions, but self has ${a.sparseDims} sparse dimensions while other has ${b.sparseDims}`,
    );
  const sizes = sparseSizes(a);
  const isOrdered = a.isOrdered && b.isOrdered;
  const isDense = a.elements.isContiguous() && b.elements.isContiguous();
  if (!isDense || !a.places.isReadable || !b.places.isReadable) {
    const places = ops.cat([a.places, b.places], 1);
    const both = new SparseCooTensor(places, ops.cat([a.elements, b.elements]), a.shape);
    return both.nnz() > both.numel() ? coalesced(both) : both;
  }
  const { order, fromA, fromB } = merged(positionsOf(a.places, sizes), positionsOf(b.places, sizes));
  const count = order.length;
  const index = (list: readonly number[]): Tensor => tensor(list, { dtype: int64, device: a.device });
  const [toA, toB] = [index(fromA), index(fromB)];
  // Coordinates as they are written, which unchecked ones need not be by their positions.
  const columns = ops.zeros([count, sizes.length], { dtype: int64, device: a.device });
  const places = columns.indexCopy(0, toB, b.places.t()).indexCopy(0, toA, a.places.t()).t().contiguous();
  const values = addedUp(a.elements, toA, count).add(addedUp(b.elements, toB, count));
  return new SparseCooTensor(places, values, a.shape, isOrdered);
}

/** A strided tensor and the elements of a sparse one. @throws RuntimeError in PyTorch's words unless their sizes are the same */
export function addToDense(a: Tensor, b: SparseCooTensor): Tensor {
  if (!sameShape(a.shape, b.shape))
    throw new RuntimeError(
      `add: expected 'self' and 'other' to have same size, but self has size ${formatShape(a.shape)} while other has size ${formatShape(b.shape)} (FYI: dense-sparse addition does not currently support broadcasting)`,
    );
  const flat = flattened(a, sparseSizes(b));
  return flat.indexAdd(0, positionsOf(b.places, sparseSizes(b)), b.elements.to(a.dtype)).reshape(a.shape);
}

/** With the dimensions of coordinates as one. */
export const flattened = (x: Tensor, sizes: Shape): Tensor =>
  x.reshape([numel(sizes), ...x.shape.slice(sizes.length)]);
