/** Distinct elements: sorted, or of neighbours only; of the whole tensor or of its slices. */

import { bool, int64 } from '../core/dtype.js';
import { IndexError, RuntimeError } from '../core/errors.js';
import { numel, wrapDim } from '../core/layout.js';
import { standsForSeveral } from '../core/stand_ins.js';
import type { Tensor } from '../core/tensor.js';
import { noKernel } from '../dispatch/real_only.js';
import { op, ops } from '../dispatch/registry.js';
import { refuseUneven } from '../dispatch/stacks.js';

interface Distinct {
  readonly values: Tensor;
  /** For each element, which of the values it is. */
  readonly inverse: Tensor;
  /** How often each value occurs. */
  readonly counts: Tensor;
}

/**
 * Groups `n` rows that were put in the order `order` (null: as they are); `isNew` says of each but the first whether it
 * differs from the one before.
 */
function group(
  n: number,
  isNew: Tensor,
  order: Tensor | null,
): { first: Tensor; inverse: Tensor; counts: Tensor } {
  const empty = isNew.newZeros([0], { dtype: int64 });
  if (n === 0) return { first: empty, inverse: empty, counts: empty };
  const begins = ops.cat([isNew.newOnes([1], { dtype: bool }), isNew]);
  const starts = begins.nonzero().squeeze(1);
  const ends = ops.cat([starts.slice(0, 1), starts.newFull([1], n)]);
  const groups = begins.cumsum(0).sub(1);
  return {
    first: order === null ? starts : order.indexSelect(0, starts),
    inverse: order === null ? groups : groups.zerosLike().scatter_(0, order, groups),
    counts: ends.sub(starts),
  };
}

/** For all elements (slices) but the first: whether they differ from the one before. */
function changes(rows: Tensor): Tensor {
  return rows.slice(0, 1).ne(rows.slice(0, 0, Math.max(rows.shape[0] - 1, 0)));
}

function distinct(self: Tensor, dim: number | null, consecutive: boolean): Distinct {
  if (standsForSeveral(self))
    refuseUneven(consecutive ? 'unique_consecutive' : dim === null ? '_unique2' : 'unique_dim');
  if (dim !== null) return distinctSlices(self, dim, consecutive);
  const flat = self.reshape([-1]);
  const n = flat.shape[0];
  if (n === 0) return { values: flat.clone(), ...withShape(group(0, flat, null), self) };
  const [values, order] = consecutive ? [flat, null] : flat.sort(0);
  const groups = group(n, changes(values), order);
  return { values: flat.indexSelect(0, groups.first), ...withShape(groups, self) };
}

function withShape(groups: { inverse: Tensor; counts: Tensor }, self: Tensor) {
  return { inverse: groups.inverse.reshape(self.shape), counts: groups.counts };
}

function distinctSlices(self: Tensor, dim: number, consecutive: boolean): Distinct {
  if (self.ndim === 0) throw new IndexError('Dimension specified as 0 but tensor has no dimensions');
  const d = wrapDim(dim, self.ndim);
  const n = self.shape[d];
  const name = consecutive ? 'unique_consecutive' : 'unique';
  if (self.shape.some((size, i) => i !== d && size === 0))
    throw new RuntimeError(
      `There are 0 sized dimensions, and they aren't selected, so ${name} cannot be applied`,
    );
  const width = numel(self.shape.filter((_, i) => i !== d));
  let rows = self.movedim(d, 0).reshape([n, width]);
  let order: Tensor | null = null;
  if (!consecutive && n > 0) {
    // In lexicographic order: stable sorts by each column, the last one first.
    order = ops.arange(n, { device: self.device });
    for (let c = width - 1; c >= 0; c--) {
      const column: Tensor = rows.select(1, c).indexSelect(0, order);
      order = order.indexSelect(0, column.argsort(0, { stable: true }));
    }
    rows = rows.indexSelect(0, order);
  }
  const isNew = changes(rows).any(1);
  const { first, inverse, counts } = group(n, isNew, order);
  return { values: self.indexSelect(d, first), inverse, counts };
}

/** The results that were asked for; the values alone are no list. */
function chosen(all: Distinct, returnInverse: boolean, returnCounts: boolean): readonly Tensor[] {
  const list = [all.values];
  if (returnInverse) list.push(all.inverse);
  if (returnCounts) list.push(all.counts);
  return list.length === 1 ? (list[0] as unknown as readonly Tensor[]) : list;
}

op('unique(Tensor self, bool sorted=True, *, int? dim=None) -> Tensor', {
  doc: 'The distinct elements in ascending order; with `dim` the distinct slices along it.',
  realOnly: noKernel('unique'),
  reads: true,
  composite: (self, _, dim) => distinct(self.detach(), dim, false).values,
});

op(
  'unique.inverse(Tensor self, bool sorted=True, *, bool return_inverse, bool return_counts=False, int? dim=None) -> Tensor[]',
  {
    doc: 'The distinct elements, for each element which of them it is, and (`returnCounts`) how often each occurs.',
    realOnly: noKernel('unique'),
    reads: true,
    composite: (self, _, returnInverse, returnCounts, dim) =>
      chosen(distinct(self.detach(), dim, false), returnInverse, returnCounts),
  },
);

op('unique.counts(Tensor self, bool sorted=True, *, bool return_counts, int? dim=None) -> Tensor[]', {
  doc: 'The distinct elements and how often each occurs.',
  realOnly: noKernel('unique'),
  reads: true,
  composite: (self, _, returnCounts, dim) => chosen(distinct(self.detach(), dim, false), false, returnCounts),
});

op('unique_consecutive(Tensor self, *, int? dim=None) -> Tensor', {
  doc: 'The elements that differ from the one before, in the flattened tensor; with `dim` the slices that do.',
  realOnly: noKernel('unique'),
  reads: true,
  composite: (self, dim) => distinct(self.detach(), dim, true).values,
});

op(
  'unique_consecutive.inverse(Tensor self, *, bool return_inverse, bool return_counts=False, int? dim=None) -> Tensor[]',
  {
    doc: 'The elements that differ from the one before, for each element which of them it is, and (`returnCounts`) how often each occurs.',
    realOnly: noKernel('unique'),
    reads: true,
    composite: (self, returnInverse, returnCounts, dim) =>
      chosen(distinct(self.detach(), dim, true), returnInverse, returnCounts),
  },
);

op('unique_consecutive.counts(Tensor self, *, bool return_counts, int? dim=None) -> Tensor[]', {
  doc: 'The elements that differ from the one before, and how long each run is.',
  realOnly: noKernel('unique'),
  reads: true,
  composite: (self, returnCounts, dim) => chosen(distinct(self.detach(), dim, true), false, returnCounts),
});
