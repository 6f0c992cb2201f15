/** Softmax of sparse tensors, where what is not there is -infinity. */
import { wrapDim } from '../core/layout.js';
import { notImplemented } from '../dispatch/promote.js';
import { ops } from '../dispatch/registry.js';
import { addedUp, coalesced, positionsOf, recordedAs, sparseSizes } from './places.js';
import type { SparseCooTensor } from './sparse_tensor.js';

/** @param isLog whether its logarithm is wanted */
export function softmaxOf(given: SparseCooTensor, dim: number, isLog: boolean): SparseCooTensor {
  const x = coalesced(given);
  if (!x.dtype.isFloatingPoint) throw notImplemented(isLog ? 'log_softmax' : 'softmax', x.dtype);
  const d = wrapDim(dim, x.ndim);
  const n = x.sparseDims;
  const name = isLog ? 'SparseLogSoftmaxBackward0' : 'SparseSoftmaxBackward0';
  const { elements } = x;
  if (d >= n) {
    const inner = isLog ? elements.logSoftmax(d - n + 1) : elements.softmax(d - n + 1);
    return x.withValues(recordedAs(inner, name));
  }
  if (x.nnz() === 0) return x;
  // Elements that differ in no other coordinate are one group.
  const sizes = sparseSizes(x).map((size, i) => (i === d ? 1 : size));
  const others = [...x.places].map((row, i) => (i === d ? row.zerosLike() : row));
  const [groups, of] = ops.unique(positionsOf(ops.stack(others), sizes), { returnInverse: true });
  const [count] = groups.shape;
  const least = elements.detach().newFull([count, ...elements.shape.slice(1)], Number.NEGATIVE_INFINITY);
  const top = least.indexReduce(0, of, elements.detach(), 'amax');
  const shifted = elements.sub(top.indexSelect(0, of));
  const powers = shifted.exp();
  const totals = addedUp(powers, of, count).indexSelect(0, of);
  return x.withValues(recordedAs(isLog ? shifted.sub(totals.log()) : powers.div(totals), name));
}
