/** Order: sorting, the largest, the middle, the most frequent. */
import { bool, int64 } from '../core/dtype.js';
import { IndexError, NotImplementedError, RuntimeError } from '../core/errors.js';
import { wrapDim } from '../core/layout.js';
import type { Tensor } from '../core/tensor.js';
import { empty } from './empty.js';
import { op, ops } from './registry.js';

/** A gradient of chosen elements, back where they came from. */
function backTo(grad: Tensor, sizes: readonly number[], dim: number, indices: Tensor): Tensor {
  return grad.newZeros(sizes).scatter_(dim, indices, grad);
}

/** The same for a dimension that was reduced to one element. */
function selectedBackTo(
  grad: Tensor,
  sizes: readonly number[],
  dim: number,
  indices: Tensor,
  keepdim: boolean,
): Tensor {
  if (keepdim || sizes.length === 0) return backTo(grad, sizes, dim, indices);
  return backTo(grad.unsqueeze(dim), sizes, dim, indices.unsqueeze(dim));
}

function sorted(
  self: Tensor,
  dim: number,
  descending: boolean,
  wantValues: boolean,
): readonly [Tensor | null, Tensor] {
  const d = wrapDim(dim, self.ndim);
  const { backend } = self.storage;
  const values = wantValues ? empty(self.shape, self.dtype, backend) : null;
  const indices = empty(self.shape, int64, backend);
  if (self.numel() > 0) backend.kernels.sort(values, indices, self, d, descending);
  return [values, indices];
}

op(
  'sort(Tensor self, int dim=-1, bool descending=False, *, bool? stable=None) -> (Tensor values, Tensor indices)',
  {
    doc: 'The elements along `dim` in order, and where they were. Equal elements keep their order; NaN counts as the largest.',
    forward: (self, dim, descending) => sorted(self, dim, descending, true) as [Tensor, Tensor],
    save: ['indices'],
    vjp: { self: (grad, { dim, indices, sizes }) => backTo(grad, sizes.self, dim, indices) },
  },
);

op('argsort(Tensor self, int dim=-1, bool descending=False, *, bool stable=False) -> Tensor', {
  doc: 'The indices that put the elements along `dim` in order.',
  forward: (self, dim, descending) => sorted(self, dim, descending, false)[1],
});

op('msort(Tensor self) -> Tensor', {
  doc: 'The tensor sorted along its first dimension.',
  composite: (self) => self.sort(0)[0],
});

op(
  'topk(Tensor self, int k, int dim=-1, bool largest=True, bool sorted=True) -> (Tensor values, Tensor indices)',
  {
    doc: 'The `k` largest (or smallest) elements along `dim`, in order, and where they are. Of equal elements the first are taken.',
    forward(self, k, dim, largest, isSorted): readonly [Tensor, Tensor] {
      const d = wrapDim(dim, self.ndim);
      const size = self.ndim === 0 ? 1 : self.shape[d];
      if (k < 0 || k > size) throw new RuntimeError('selected index k out of range');
      if (self.dtype === bool) throw new RuntimeError('topk does not support bool dtypes on CPU');
      const shape = self.shape.map((s, i) => (i === d ? k : s));
      const { backend } = self.storage;
      const values = empty(shape, self.dtype, backend);
      const indices = empty(shape, int64, backend);
      // A number has one element, whatever k.
      const wanted = self.ndim === 0 ? 1 : k;
      if (values.numel() > 0) backend.kernels.topk(values, indices, self, wanted, d, largest, isSorted);
      return [values, indices];
    },
    save: ['indices'],
    vjp: { self: (grad, { dim, indices, sizes }) => backTo(grad, sizes.self, dim, indices) },
  },
);

/** Refuses to choose from nothing. */
function checkNotEmpty(self: Tensor, dim: number, name: string): void {
  if (self.ndim > 0 && self.shape[dim] === 0)
    throw new IndexError(`${name}(): Expected reduction dim ${dim} to have non-zero size.`);
}

op('kthvalue(Tensor self, int k, int dim=-1, bool keepdim=False) -> (Tensor values, Tensor indices)', {
  doc: 'The `k`-th smallest element along `dim` (counted from 1), and where it is.',
  forward(self, k, dim, keepdim): readonly [Tensor, Tensor] {
    const d = wrapDim(dim, self.ndim);
    checkNotEmpty(self, d, 'kthvalue');
    if (k < 1 || k > (self.ndim === 0 ? 1 : self.shape[d]))
      throw new RuntimeError(`kthvalue(): selected number k out of range for dimension ${d}`);
    refuseBool(self, 'kthvalue_cpu');
    const [values, indices] = self.topk(k, d, false);
    return self.ndim === 0
      ? [values, indices]
      : [nth(values, d, k - 1, keepdim), nth(indices, d, k - 1, keepdim)];
  },
  save: ['indices'],
  vjp: {
    self: (grad, { dim, keepdim, indices, sizes }) => selectedBackTo(grad, sizes.self, dim, indices, keepdim),
  },
});

function refuseBool(self: Tensor, kernel: string): void {
  if (self.dtype === bool) throw new NotImplementedError(`"${kernel}" not implemented for 'Bool'`);
}

/** One slice along a dimension, in memory of its own. */
function nth(t: Tensor, dim: number, index: number, keepdim: boolean): Tensor {
  return (keepdim ? t.narrow(dim, index, 1) : t.select(dim, index)).clone();
}

/**
 * The median's indices along `dim`, kept with size 1: of an even number the lower one. NaN is the median of what
 * contains it (the first one), unless NaNs are left out.
 */
function medianIndices(self: Tensor, dim: number, ignoreNan: boolean): Tensor {
  const n = self.shape[dim];
  if (!self.dtype.isFloatingPoint)
    return self.topk(((n - 1) >> 1) + 1, dim, false)[1].narrow(dim, (n - 1) >> 1, 1);
  const nans = self.isnan().sum([dim], true);
  const order = self.argsort(dim);
  // In order the NaNs come last, the first of them at n - their number.
  const position = ignoreNan
    ? nans
        .neg()
        .add(n - 1)
        .clamp(0)
        .floorDivide(2)
    : nans
        .neg()
        .add(n)
        .maskedFill(nans.eq(0), (n - 1) >> 1);
  return order.gather(dim, position);
}

for (const [name, ignoreNan] of [
  ['median', false],
  ['nanmedian', true],
] as const) {
  op(`${name}(Tensor self) -> Tensor`, {
    doc: `The middle of all elements in order, the lower one of an even number${ignoreNan ? '; NaN is left out' : '; NaN if one is NaN'}.`,
    forward(self: Tensor) {
      refuseBool(self, `${name}_cpu`);
      if (self.numel() === 0)
        return self.newFull(
          [],
          self.dtype.isFloatingPoint ? Number.NaN : self.dtype === int64 ? -(2n ** 63n) : 0,
        );
      const flat = self.reshape([-1]);
      return flat.gather(0, medianIndices(flat, 0, ignoreNan)).reshape([]);
    },
    save: ['self', 'result'],
    // Shared evenly among all that are equal to it.
    vjp: {
      self(grad: Tensor, { self, result }: { self: Tensor; result: Tensor }) {
        const mask = self.eq(result).logicalOr(self.isnan().logicalAnd(result.isnan())).to(grad.dtype);
        return mask.mul(grad.div(mask.sum()));
      },
    },
  });

  op(`${name}.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)`, {
    doc: `The middle of the elements along \`dim\` in order, the lower one of an even number, and where it is${ignoreNan ? '; NaN is left out' : ''}.`,
    forward(self: Tensor, dim: number, keepdim: boolean): readonly [Tensor, Tensor] {
      const d = wrapDim(dim, self.ndim);
      checkNotEmpty(self, d, name);
      refuseBool(self, `${name}_cpu`);
      if (self.ndim === 0) return [self.clone(), self.newZeros([], { dtype: int64 })];
      const indices = medianIndices(self, d, ignoreNan);
      const values = self.gather(d, indices);
      return keepdim ? [values, indices] : [values.squeeze(d), indices.squeeze(d)];
    },
    save: ['indices'],
    vjp: {
      self: (
        grad: Tensor,
        saved: { dim: number; keepdim: boolean; indices: Tensor; sizes: { self: readonly number[] } },
      ) => selectedBackTo(grad, saved.sizes.self, saved.dim, saved.indices, saved.keepdim),
    },
    gradName: `${name === 'median' ? 'Median' : 'Nanmedian'}Backward1`,
  });
}

op('mode(Tensor self, int dim=-1, bool keepdim=False) -> (Tensor values, Tensor indices)', {
  doc: 'The most frequent element along `dim` (the smallest of several) and where it is last.',
  forward(self, dim, keepdim): readonly [Tensor, Tensor] {
    const d = wrapDim(dim, self.ndim);
    checkNotEmpty(self, d, 'mode');
    if (self.ndim === 0) return [self.clone(), self.newZeros([], { dtype: int64 })];
    const [values, indices] = self.sort(d);
    const n = self.shape[d];
    const positions = ops.arange(n).reshape(self.shape.map((_, i) => (i === d ? n : 1)));
    // How far each element is into its run of equals: the first to be furthest ends the longest run.
    const begins = values
      .narrow(d, 1, n - 1)
      .ne(values.narrow(d, 0, n - 1))
      .to(int64);
    const starts = begins.mul(positions.narrow(d, 1, n - 1));
    const runs = ops.cat([values.narrow(d, 0, 1).zerosLike({ dtype: int64 }), starts], d).cummax(d)[0];
    const longest = positions.sub(runs).argmax(d, true);
    const result = [values.gather(d, longest), indices.gather(d, longest)] as const;
    return keepdim ? [...result] : [result[0].squeeze(d), result[1].squeeze(d)];
  },
  save: ['indices'],
  vjp: {
    self: (grad, { dim, keepdim, indices, sizes }) => selectedBackTo(grad, sizes.self, dim, indices, keepdim),
  },
});
