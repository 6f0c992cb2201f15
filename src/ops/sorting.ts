/** Order: sorting, the largest, the middle, the most frequent. */
import type { KernelArguments } from '../backends/kernels.js';
import { bool, int16, int32, int64, uint16, uint32, uint64 } from '../core/dtype.js';
import { IndexError, notImplementedFor, RuntimeError } from '../core/errors.js';
import { wrapDim } from '../core/layout.js';
import type { Tensor } from '../core/tensor.js';
import { iinfo } from '../core/type_info.js';
import type { Stack } from '../dispatch/batch_rule.js';
import { empty } from '../dispatch/empty.js';
import { noKernel, refused } from '../dispatch/real_only.js';
import { op } from '../dispatch/registry.js';

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

/** The signed types of the sizes of unsigned ones. */
const signedTypes = new Map([
  [uint16, int16],
  [uint32, int32],
  [uint64, int64],
]);

function sorted(
  self: Tensor,
  dim: number,
  descending: boolean,
  wantValues: boolean,
): readonly [Tensor | null, Tensor] {
  const d = wrapDim(dim, self.ndim);
  const signed = signedTypes.get(self.dtype);
  if (signed !== undefined) {
    // Counted from the middle, as signed integers.
    const least = iinfo(signed).min;
    const [values, indices] = sorted(self.view(signed).bitwiseXor(least), dim, descending, wantValues);
    return [values?.bitwiseXor(least).view(self.dtype) ?? null, indices];
  }
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
    batch: { dims: ['dim'] },
    realOnly: refused(' Sort does not support complex dtypes on CPU'),
    forward: (self, dim, descending) => sorted(self, dim, descending, true) as [Tensor, Tensor],
    save: ['indices'],
    vjp: { self: (grad, { dim, indices, sizes }) => backTo(grad, sizes.self, dim, indices) },
  },
);

op('argsort(Tensor self, int dim=-1, bool descending=False, *, bool stable=False) -> Tensor', {
  doc: 'The indices that put the elements along `dim` in order.',
  batch: { dims: ['dim'] },
  realOnly: refused(' Sort does not support complex dtypes on CPU'),
  forward: (self, dim, descending) => sorted(self, dim, descending, false)[1],
});

op('msort(Tensor self) -> Tensor', {
  doc: 'The tensor sorted along its first dimension.',
  realOnly: refused(' Sort does not support complex dtypes on CPU'),
  composite: (self) => self.sort(0)[0],
});

op(
  'topk(Tensor self, int k, int dim=-1, bool largest=True, bool sorted=True) -> (Tensor values, Tensor indices)',
  {
    doc: 'The `k` largest (or smallest) elements along `dim`, in order (unless `sorted` is false), and where they are.',
    batch: { dims: ['dim'] },
    realOnly: refused(' topk does not support complex dtypes on CPU'),
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

/** One element along `dim`, and where it is. */
function statistic(
  self: Tensor,
  dim: number,
  keepdim: boolean,
  name: KernelArguments<'order_statistic'>['kind'],
  k = 0,
): readonly [Tensor, Tensor] {
  const d = wrapDim(dim, self.ndim);
  if (self.ndim > 0 && self.shape[d] === 0)
    throw new IndexError(`${name}(): Expected reduction dim ${d} to have non-zero size.`);
  if (name === 'kthvalue' && (k < 1 || k > (self.ndim === 0 ? 1 : self.shape[d])))
    throw new RuntimeError(`kthvalue(): selected number k out of range for dimension ${d}`);
  if (self.dtype === bool && name !== 'mode') throw notImplementedFor(`${name}_cpu`, 'Bool');
  const { backend } = self.storage;
  const shape = self.shape.map((size, i) => (i === d ? 1 : size));
  const values = empty(shape, self.dtype, backend);
  const indices = empty(shape, int64, backend);
  if (values.numel() > 0) backend.kernels.order_statistic(values, indices, self, d, name, k);
  return keepdim || self.ndim === 0 ? [values, indices] : [values.squeeze(d), indices.squeeze(d)];
}

op('kthvalue(Tensor self, int k, int dim=-1, bool keepdim=False) -> (Tensor values, Tensor indices)', {
  doc: 'The `k`-th smallest element along `dim` (counted from 1), and where it is.',
  batch: { dims: ['dim'] },
  realOnly: noKernel('kthvalue_cpu'),
  forward: (self, k, dim, keepdim) => statistic(self, dim, keepdim, 'kthvalue', k),
  save: ['indices'],
  vjp: {
    self: (grad, { dim, keepdim, indices, sizes }) => selectedBackTo(grad, sizes.self, dim, indices, keepdim),
  },
});

for (const [name, nan] of [
  ['median', 'NaN if one is NaN'],
  ['nanmedian', 'NaN is left out'],
] as const) {
  op(`${name}(Tensor self) -> Tensor`, {
    doc: `The middle of all elements in order, the lower one of an even number; ${nan}.`,
    batch: (self: Tensor, { size }: Stack) => self.reshape([size, -1])[name](1)[0],
    realOnly: noKernel('median_cpu'),
    forward(self: Tensor) {
      if (self.numel() > 0) return statistic(self.reshape([-1]), 0, false, name)[0];
      const least = self.dtype === int64 ? -(2n ** 63n) : 0;
      return self.newFull([], self.dtype.isFloatingPoint ? Number.NaN : least);
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
    doc: `The middle of the elements along \`dim\` in order, the lower one of an even number, and where it is; ${nan}.`,
    batch: { dims: ['dim'] },
    realOnly: noKernel('median_out'),
    forward: (self: Tensor, dim: number, keepdim: boolean) => statistic(self, dim, keepdim, name),
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
  doc: 'The most frequent element along `dim` (the smallest of several), and where one of them is.',
  batch: { dims: ['dim'] },
  realOnly: noKernel('mode_cpu'),
  forward: (self, dim, keepdim) => statistic(self, dim, keepdim, 'mode'),
  save: ['indices'],
  vjp: {
    self: (grad, { dim, keepdim, indices, sizes }) => selectedBackTo(grad, sizes.self, dim, indices, keepdim),
  },
});
