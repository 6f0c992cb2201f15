/** One index per element along a dimension: gather, and scatter with its reductions. */
import type { KernelArguments } from '../backends/kernels.js';
import { int64 } from '../core/dtype.js';
import { IndexError, RuntimeError } from '../core/errors.js';
import { broadcastShapes, formatShape, type Shape, sameShape, wrapDim } from '../core/layout.js';
import type { Scalar } from '../core/scalar.js';
import type { Tensor } from '../core/tensor.js';
import { empty } from '../dispatch/empty.js';
import { apart } from '../dispatch/overlap.js';
import { noKernel } from '../dispatch/real_only.js';
import { belowAutograd } from '../dispatch/recording.js';
import { op } from '../dispatch/registry.js';
import { expandStack, ndimOf } from '../dispatch/stacks.js';
import {
  broadcastView,
  checkSliceCount,
  checkSliceShapes,
  checkSlices,
  isIndex,
  scalarLike,
  toInt64,
  withIndexError,
} from './indices.js';
import { addWidely } from './reduction.js';

/** The scatter kernel's ways to combine. */
type Combining = KernelArguments<'scatter'>['reduce'];

const dims = (t: Tensor) => Math.max(t.ndim, 1);
const sizeAt = (shape: Shape, d: number) => (shape.length === 0 ? 1 : shape[d]);

/** Whether `small` is nowhere larger than `large`, dimension `except` aside. */
function isWithin(small: Shape, large: Shape, except: number): boolean {
  const n = Math.max(small.length, 1);
  for (let d = 0; d < n; d++) if (d !== except && sizeAt(small, d) > sizeAt(large, d)) return false;
  return true;
}

op('gather(Tensor self, int dim, Tensor index, *, bool sparse_grad=False) -> Tensor', {
  doc: 'Takes one element for each of `index`: from the same place in `self`, but at position `index` along `dim`.',
  batch(self, dim, index, _sparse, { size, has }) {
    // Without dimensions both count as vectors.
    const lined = (t: Tensor): Tensor => (t.ndim === 1 ? t.unsqueeze(1) : t);
    const d = wrapDim(dim, ndimOf(self, has.self)) + 1;
    const at = expandStack(index, has.index, size);
    const found = lined(expandStack(self, has.self, size)).gather(d, lined(at));
    return at.ndim === 1 ? found.squeeze(1) : found;
  },
  forward(self, dim, index) {
    const d = wrapDim(dim, self.ndim);
    const result = empty(index.shape, self.dtype, self.storage.backend);
    if (index.numel() === 0) return result;
    if (!isIndex(index)) throw new RuntimeError('gather(): Expected dtype int32/int64 for index');
    if (dims(index) !== dims(self))
      throw new RuntimeError('Index tensor must have the same number of dimensions as input tensor');
    if (!isWithin(index.shape, self.shape, d)) {
      const at = index.shape.findIndex((size, i) => i !== d && size > sizeAt(self.shape, i));
      throw new RuntimeError(
        `Size does not match at dimension ${at} expected index ${formatShape(index.shape)} to be no larger than self ${formatShape(self.shape)} apart from dimension ${d}`,
      );
    }
    withIndexError(
      () => self.storage.backend.kernels.gather(result, self, d, toInt64(index)),
      (text) => new RuntimeError(text),
    );
    return result;
  },
  save: ['index'],
  linear: true,
  vjp: {
    self: (grad, { dim, index, sizes }) => grad.newZeros(sizes.self).scatterAdd_(dim, index, grad),
  },
});

op('take_along_dim(Tensor self, Tensor indices, int? dim=None) -> Tensor', {
  doc: '`gather` with indices that broadcast against `self`; without `dim` from the flattened tensor.',
  composite(self, indices, dim) {
    if (indices.dtype !== int64)
      throw new RuntimeError(
        `torch.take_along_dim(): dtype of indices should be Long but got ${indices.dtype.scalarName}`,
      );
    // As in PyTorch negative indices count from the end of a dimension alone.
    if (dim === null) return self.reshape([-1]).gather(0, indices.reshape([-1]));
    if (self.ndim !== indices.ndim)
      throw new RuntimeError(
        `torch.take_along_dim(): input and indices should have the same number of dimensions, but got ${self.ndim} dimensions for input, and ${indices.ndim} dimensions for indices`,
      );
    const d = wrapDim(dim, self.ndim);
    const without = (shape: Shape) => shape.map((size, i) => (i === d ? 1 : size));
    const common = broadcastShapes(without(self.shape), without(indices.shape));
    const like = (shape: Shape) => common.map((size, i) => (i === d ? shape[d] : size));
    const wrapped = fromEnd(indices, sizeAt(self.shape, d));
    return self.expand(like(self.shape)).gather(d, wrapped.expand(like(indices.shape)));
  },
});

/** Indices with the negative ones counted from the end. */
function fromEnd(indices: Tensor, size: number): Tensor {
  return indices.add(indices.lt(0).to(int64).mul(size));
}

/** Checks what all scatters check. Returns the dimension, non-negative. */
function checkScatter(self: Tensor, dim: number, index: Tensor, src: Tensor | null): number {
  const d = wrapDim(dim, self.ndim);
  if (src !== null && src.dtype !== self.dtype)
    throw new RuntimeError('scatter(): Expected self.dtype to be equal to src.dtype');
  if (index.numel() === 0) return d;
  if (!isIndex(index)) throw new RuntimeError('scatter(): Expected dtype int32/int64 for index');
  if (dims(index) !== dims(self))
    throw new RuntimeError('Index tensor must have the same number of dimensions as self tensor');
  if (src !== null && dims(index) !== dims(src))
    throw new RuntimeError('Index tensor must have the same number of dimensions as src tensor');
  if (!isWithin(index.shape, self.shape, d) || (src !== null && !isWithin(index.shape, src.shape, -1)))
    throw new RuntimeError(
      `Expected index ${formatShape(index.shape)} to be no larger than self ${formatShape(self.shape)} apart from dimension ${d}${src === null ? '' : ` and to be no larger size than src ${formatShape(src.shape)}`}`,
    );
  return d;
}

function scatterInto(self: Tensor, dim: number, index: Tensor, src: Tensor, kind: Combining): void {
  const d = checkScatter(self, dim, index, src);
  if (index.numel() === 0) return;
  const at = toInt64(apart(self, index));
  const source = apart(self, src);
  const scatter = (to: Tensor, from: Tensor): void =>
    withIndexError(
      () => self.storage.backend.kernels.scatter(to, d, at, from, kind),
      (text) => new RuntimeError(text),
    );
  if (kind === 'add' || kind === 'multiply') addWidely(self, source, scatter);
  else scatter(self, source);
}

function scatterScalar(self: Tensor, dim: number, index: Tensor, value: Scalar, kind: Combining): void {
  const d = checkScatter(self, dim, index, null);
  if (index.numel() === 0) return;
  const at = toInt64(apart(self, index));
  const source = broadcastView(scalarLike(self, value), index.shape);
  withIndexError(
    () => self.storage.backend.kernels.scatter(self, d, at, source, kind),
    (text) => new RuntimeError(text),
  );
}

/** How `scatter` combines, by the names of `reduce`. */
function kindOf(reduce: string | null): Combining {
  if (reduce === null) return 'assign';
  if (reduce === 'add' || reduce === 'multiply') return reduce;
  throw new RuntimeError('reduce argument must be either add or multiply.');
}

/** A gradient by `src`: what was read lies where `index` is, the rest had no part in it. */
function within(grad: Tensor, shape: Shape): Tensor {
  let result = grad;
  for (const [d, size] of shape.entries())
    if (result.shape[d] !== size) {
      const grown = result.shape.map((s, i) => (i === d ? size : s));
      result = result._sliceBackward(grown, d, 0, result.shape[d], 1);
    }
  return result;
}

function refuseReduce(reduce: string | null): void {
  if (reduce !== null)
    throw new RuntimeError("derivative for aten::scatter is not implemented with 'reduce'");
}

op(
  "scatter.src(Tensor self, int dim, Tensor index, Tensor src, *, 'add'|'multiply'? reduce=None) -> Tensor",
  {
    doc: "Writes the elements of `src` to the same places in `self`, but at position `index` along `dim`. `reduce: 'add' | 'multiply'` combines them with what is there.",
    batch: { dims: ['dim'] },
    mutate: (self, dim, index, src, reduce) => scatterInto(self, dim, index, src, kindOf(reduce)),
    save: ['index'],
    linear: true,
    vjp: {
      self(grad, { dim, index, reduce }) {
        refuseReduce(reduce);
        return grad.scatter(dim, index, 0);
      },
      src(grad, { dim, index, reduce, sizes }) {
        refuseReduce(reduce);
        return within(grad.gather(dim, index), sizes.src);
      },
    },
  },
);

op(
  "scatter.value(Tensor self, int dim, Tensor index, Scalar value, *, 'add'|'multiply'? reduce=None) -> Tensor",
  {
    doc: 'Writes `value` to `self` at position `index` along `dim`, for every element of `index`.',
    batch: { dims: ['dim'] },
    mutate: (self, dim, index, value, reduce) => scatterScalar(self, dim, index, value, kindOf(reduce)),
    save: ['index'],
    vjp: {
      self(grad, { dim, index, reduce }) {
        refuseReduce(reduce);
        return grad.scatter(dim, index, 0);
      },
    },
    gradName: 'ScatterBackward1',
  },
);

op('scatter_add(Tensor self, int dim, Tensor index, Tensor src) -> Tensor', {
  doc: 'Adds the elements of `src` to the same places in `self`, but at position `index` along `dim`; in order.',
  batch: { dims: ['dim'] },
  mutate: (self, dim, index, src) => scatterInto(self, dim, index, src, 'add'),
  save: ['index'],
  linear: true,
  vjp: {
    self: (grad) => grad,
    src: (grad, { dim, index, sizes }) => within(grad.gather(dim, index), sizes.src),
  },
});

/** The value that a reduction starts from where `self` does not count. */
function identity(reduce: string, self: Tensor): number | bigint {
  if (reduce === 'sum' || reduce === 'mean') return 0;
  if (reduce === 'prod') return 1;
  const sign = reduce === 'amax' ? -1 : 1;
  const { dtype } = self;
  if (dtype.isFloatingPoint) return sign * Number.POSITIVE_INFINITY;
  if (!dtype.isSigned) return sign < 0 ? 0 : 255;
  const top = 1n << BigInt(8 * dtype.itemsize - 1);
  return sign < 0 ? -top : top - 1n;
}

/** How the kernel combines for each reduction. */
const combinings = { sum: 'add', mean: 'add', prod: 'multiply', amax: 'amax', amin: 'amin' } as const;

/** How many elements went into each of the result's, at least 1. */
function counts(like: Tensor, dim: number, index: Tensor, src: Shape, includeSelf: boolean): Tensor {
  const start = includeSelf ? like.onesLike() : like.zerosLike();
  const count = start.scatterAdd(dim, index, like.newOnes(src));
  return count.maskedFill(count.eq(0), 1);
}

op(
  "scatter_reduce(Tensor self, int dim, Tensor index, Tensor src, 'sum'|'prod'|'mean'|'amax'|'amin' reduce, *, bool include_self=True) -> Tensor",
  {
    doc: "Reduces ('sum', 'prod', 'mean', 'amax', 'amin') the elements of `src` that fall on one place of `self`, with what is there if `includeSelf`.",
    batch: { dims: ['dim'] },
    mutate(self, dim, index, src, reduce, includeSelf) {
      if (!['sum', 'prod', 'mean', 'amax', 'amin'].includes(reduce))
        throw new RuntimeError(`reduce argument must be either sum, prod, mean, amax or amin, got ${reduce}`);
      checkScatter(self, dim, index, src);
      if (!includeSelf) scatterScalar(self, dim, index, identity(reduce, self), 'assign');
      scatterInto(self, dim, index, src, combinings[reduce]);
      if (reduce !== 'mean') return;
      belowAutograd(() => {
        const count = counts(self, dim, index, src.shape, includeSelf);
        if (self.dtype.isDifferentiable) self.div_(count);
        else self.div_(count, { roundingMode: 'floor' });
      });
    },
    save: ['self', 'index', 'src', 'result'],
    vjp(grads, saved, needs) {
      const { self, dim, index, src, result, reduce } = saved;
      const includeSelf = saved.include_self;
      const grad = grads[0]!;
      const shape = src.shape;
      let bySelf: Tensor;
      let bySrc: Tensor;
      switch (reduce) {
        case 'sum':
          bySelf = grad;
          bySrc = grad.gather(dim, index);
          break;
        case 'mean': {
          const share = grad.div(counts(grad, dim, index, shape, includeSelf));
          bySelf = share;
          bySrc = share.gather(dim, index);
          break;
        }
        case 'prod': {
          // The product without one factor: divided by it, or, where it is the only zero, taken again without it.
          const part = sliced(src, index.shape);
          const ones = self.maskedFill(self.eq(0), 1);
          bySelf = grad.mul(ones.scatterReduce(dim, index, src, 'prod', { includeSelf })).div(ones);
          const isZero = part.eq(0);
          const zeros = self.zerosLike().scatterAdd(dim, index, isZero.to(self.dtype)).gather(dim, index);
          const single = isZero.logicalAnd(zeros.eq(1));
          const others = self.scatterReduce(dim, index, part.maskedFill(single, 1), 'prod', { includeSelf });
          const alone = grad.mul(others).gather(dim, index);
          const divided = grad.mul(result).gather(dim, index).div(part.maskedFill(isZero, 1));
          bySrc = alone.mul(single.to(grad.dtype)).add(divided.maskedFill(single, 0));
          break;
        }
        default: {
          // Shared evenly among all that are the extreme.
          const part = sliced(src, index.shape);
          const isSelf = self.eq(result).to(grad.dtype);
          const isSrc = part.eq(result.gather(dim, index)).to(grad.dtype);
          const share = grad.div(isSelf.scatterAdd(dim, index, isSrc));
          bySelf = isSelf.mul(share);
          bySrc = isSrc.mul(share.gather(dim, index));
        }
      }
      return {
        self: needs.self ? (includeSelf ? bySelf : bySelf.scatter(dim, index, 0)) : null,
        src: needs.src ? within(bySrc, shape) : null,
      };
    },
  },
);

/** The part of `src` that an index of this shape reads. */
function sliced(src: Tensor, shape: Shape): Tensor {
  let result = src;
  for (const [d, size] of shape.entries()) if (result.shape[d] !== size) result = result.narrow(d, 0, size);
  return result;
}

op(
  "index_reduce(Tensor self, int dim, Tensor index, Tensor source, 'prod'|'mean'|'amax'|'amin' reduce, *, bool include_self=True) -> Tensor",
  {
    doc: "Reduces ('prod', 'mean', 'amax', 'amin') the slices of `source` that an index along `dim` brings to one slice of `self`, with what is there if `includeSelf`.",
    inplace: true,
    realOnly: noKernel('index_func_'),
    composite(self, dim, index, source, reduce, includeSelf) {
      if (!['prod', 'mean', 'amax', 'amin'].includes(reduce))
        throw new RuntimeError(
          `index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got ${reduce}.`,
        );
      const d = wrapDim(dim, self.ndim);
      checkSlices('index_reduce_', self, index, source);
      checkSliceShapes(self, d, source);
      checkSliceCount('index_reduce_', d, index, source);
      const vector = index.reshape(source.shape.map((_, i) => (i === d ? -1 : 1)));
      try {
        return self.scatterReduce(d, vector.expand(source.shape), source, reduce, { includeSelf });
      } catch (error) {
        if (error instanceof RuntimeError && / is out of bounds for dimension /.test(error.message))
          throw new IndexError('index out of range in self');
        throw error;
      }
    },
  },
);

/** Replaces the part of `self` that a view shows by `src`. */
function replaced(self: Tensor, src: Tensor, view: (t: Tensor) => Tensor): Tensor {
  const result = self.clone();
  const slice = view(result);
  if (!sameShape(slice.shape, src.shape))
    throw new RuntimeError(
      `expected src to have a size equal to the slice of self. src size = ${formatShape(src.shape)}, slice size = ${formatShape(slice.shape)}`,
    );
  slice.copy_(src);
  return result;
}

op('select_scatter(Tensor self, Tensor src, int dim, int index) -> Tensor', {
  doc: 'A copy of `self` with `src` at one index of a dimension.',
  batch: { dims: ['dim'] },
  forward: (self, src, dim, index) => replaced(self, src, (t) => t.select(dim, index)),
  linear: true,
  vjp: {
    self: (grad, { dim, index }) => grad.selectScatter(grad.select(dim, index).zerosLike(), dim, index),
    src: (grad, { dim, index }) => grad.select(dim, index),
  },
});

op(
  'slice_scatter(Tensor self, Tensor src, int dim=0, int? start=None, int? end=None, int step=1) -> Tensor',
  {
    doc: 'A copy of `self` with `src` in place of a slice along a dimension.',
    batch: { dims: ['dim'] },
    forward: (self, src, dim, start, end, step) => replaced(self, src, (t) => t.slice(dim, start, end, step)),
    linear: true,
    vjp: {
      self: (grad, { dim, start, end, step }) =>
        grad.sliceScatter(grad.slice(dim, start, end, step).zerosLike(), dim, start, end, step),
      src: (grad, { dim, start, end, step }) => grad.slice(dim, start, end, step),
    },
  },
);

op('diagonal_scatter(Tensor self, Tensor src, int offset=0, int dim1=0, int dim2=1) -> Tensor', {
  doc: 'A copy of `self` with `src` on a diagonal.',
  batch: { dims: ['dim1', 'dim2'] },
  forward: (self, src, offset, dim1, dim2) => replaced(self, src, (t) => t.diagonal(offset, dim1, dim2)),
  linear: true,
  vjp: {
    self: (grad, { offset, dim1, dim2 }) =>
      grad.diagonalScatter(grad.diagonal(offset, dim1, dim2).zerosLike(), offset, dim1, dim2),
    src: (grad, { offset, dim1, dim2 }) => grad.diagonal(offset, dim1, dim2),
  },
});

op(
  'as_strided_scatter(Tensor self, Tensor src, int[] size, int[] stride, int? storage_offset=None) -> Tensor',
  {
    doc: 'A copy of `self` with `src` where `asStrided` with these arguments would look.',
    composite(self, src, size, stride, storageOffset) {
      const result = self.clone();
      result.asStrided(size, stride, storageOffset).copy_(src);
      return result;
    },
  },
);
