/** Elements by index: reading, writing, adding. */

import { bool, int64 } from '../core/dtype.js';
import { IndexError, NotImplementedError, RuntimeError } from '../core/errors.js';
import { type Shape, sameShape, wrapDim } from '../core/layout.js';
import { checkHolds } from '../core/overflow.js';
import { type Scalar, scalarValue } from '../core/scalar.js';
import { standsForSeveral } from '../core/stand_ins.js';
import { Tensor } from '../core/tensor.js';
import { empty } from '../dispatch/empty.js';
import { apart } from '../dispatch/overlap.js';
import { op, ops } from '../dispatch/registry.js';
import { expandStack, indexAlong, ndimOf, padStack, refuseUneven } from '../dispatch/stacks.js';
import { lower, parseExpression } from '../expression/index.js';
import { converted, fillInto } from './copying.js';
import { withoutMasks } from './getitem.js';
import {
  broadcastView,
  checkSliceCount,
  checkSliceShapes,
  checkSlices,
  isIndex,
  restrided,
  scalarLike,
  toInt64,
  withDimensions,
  withIndexError,
} from './indices.js';
import { isTransformed } from './open_form.js';
import { addWidely } from './reduction.js';

op('index_put(Tensor self, Tensor?[] indices, Tensor values, bool accumulate=False) -> Tensor', {
  doc: 'A copy with `values` assigned (or added) where a tuple of index or mask tensors leads; null leaves a dimension whole.',
  method: false,
  reads: true,
  composite: (self, indices, values, accumulate) =>
    self._indexPut(withoutMasks(self, indices, values, accumulate), values, accumulate),
});

// ---- one index along a dimension ----------------------------------------------------------------------------------

op('index_select(Tensor self, int dim, Tensor index) -> Tensor', {
  doc: 'The slices of `self` along `dim` that a vector of indices names, copied.',
  batch: (self, dim, index, { size, has }) => {
    const ndim = ndimOf(self, has.self);
    if (ndim === 0) return expandStack(self, has.self, size).clone();
    const d = wrapDim(dim, ndim);
    if (!has.index) return self.indexSelect(d + 1, index);
    const count = index.numel() / size;
    if (!has.self)
      return self
        .indexSelect(d, index.reshape([-1]))
        .unflatten(d, [size, count])
        .movedim(d, 0);
    return self.gather(d + 1, indexAlong(index, d + 1, self.shape).to(int64));
  },
  forward(self, dim, index) {
    const d = wrapDim(dim, self.ndim);
    if (index.ndim > 1) throw new IndexError('index_select(): Index is supposed to be a vector');
    if (!isIndex(index)) throw new RuntimeError('index_select(): Expected dtype int32 or int64 for index');
    const count = index.numel();
    if (self.ndim === 0 && count !== 1)
      throw new RuntimeError(`index_select(): Index to scalar can have only 1 value, got ${count} value(s)`);
    const shape = self.shape.map((size, i) => (i === d ? count : size));
    const result = empty(shape, self.dtype, self.storage.backend);
    withIndexError(
      () => self.storage.backend.kernels.index_select(result, self, d, toInt64(index)),
      () => new IndexError('index out of range in self'),
    );
    return result;
  },
  save: ['index'],
  linear: true,
  vjp: {
    self: (grad, { dim, index, sizes }) => grad.newZeros(sizes.self).indexAdd_(dim, index, grad),
  },
});

op('index_add(Tensor self, int dim, Tensor index, Tensor source, *, Scalar alpha=1) -> Tensor', {
  doc: 'Adds `alpha` times the slices of `source` to the slices of `self` along `dim` that a vector of indices names, in order.',
  batch: (self, dim, index, source, alpha, { size, has }) => {
    const ndim = ndimOf(self, has.self);
    const d = wrapDim(dim, ndim) + 1;
    const into = expandStack(self, has.self, size);
    const from = expandStack(source, has.source, size);
    // A number is added to as a vector of one element.
    if (ndim === 0) {
      const terms = from.reshape([size, -1]).mul(alpha);
      return into.add(terms.sum(1));
    }
    if (from.ndim !== into.ndim) return null;
    if (!has.index) return into.indexAdd(d, index, from, { alpha });
    return into.scatterAdd(
      d,
      indexAlong(index, d, from.shape).to(int64),
      alpha === 1 ? from : from.mul(alpha),
    );
  },
  mutate(self, dim, index, source, alpha) {
    const d = wrapDim(dim, self.ndim);
    checkSlices('index_add_', self, index, source);
    if (d !== 0 && d >= source.ndim)
      throw new RuntimeError(
        `index_add_(): Indexing dim ${d} is out of bounds of the source tensor with dim ${source.ndim}`,
      );
    checkSliceCount('index_add_', d, index, source);
    checkSliceShapes(self, d, source);
    const at = toInt64(apart(self, index));
    const added = apart(self, source);
    checkHolds(self.dtype, alpha);
    const factor = Number(scalarValue(alpha));
    const add = (to: Tensor, from: Tensor): void =>
      withIndexError(
        () => self.storage.backend.kernels.index_add(to, d, at, from, factor),
        (text) => new RuntimeError(text),
      );
    // PyTorch adds rows of a matrix in float32, and everything else in its own precision.
    if (self.ndim === 2) addWidely(self, added, add);
    else add(self, added);
  },
  save: ['index'],
  linear: true,
  vjp: {
    self: (grad) => grad,
    source: (grad, { dim, index, alpha, sizes }) =>
      grad.indexSelect(dim, index).mul(alpha).reshape(sizes.source),
  },
});

op('index_copy(Tensor self, int dim, Tensor index, Tensor source) -> Tensor', {
  doc: 'Copies the slices of `source` to the slices of `self` along `dim` that a vector of indices names.',
  batch: (self, dim, index, source, { size, has }) => {
    const ndim = ndimOf(self, has.self);
    if (ndim === 0 || ndimOf(source, has.source) !== ndim) return null;
    const d = wrapDim(dim, ndim) + 1;
    const [into, from] = [expandStack(self, has.self, size), expandStack(source, has.source, size)];
    if (!has.index) return into.indexCopy(d, index, from);
    return into.scatter(d, indexAlong(index, d, from.shape), from);
  },
  mutate(self, dim, index, source) {
    const d = wrapDim(dim, self.ndim);
    if (index.ndim >= 2)
      throw new IndexError(`index_copy_(): Index should have dimension 1 or 0 (got ${index.ndim})`);
    const count = index.numel();
    if (source.ndim === 0 && count !== 1)
      throw new IndexError(
        `index_copy_(): When source is scalar, index should have one element (got ${count})`,
      );
    if (source.ndim !== self.ndim && source.ndim !== 0 && self.ndim !== 0)
      throw new IndexError(
        `index_copy_(): When source and destination are not scalars, their dimensionality must match. Source dimensionality (${source.ndim}), destination dimensionality (${self.ndim})`,
      );
    if (index.dtype !== int64)
      throw new RuntimeError(
        `index_copy_(): Expected a long tensor for index, but got ${index.dtype.scalarName}`,
      );
    if (self.dtype !== source.dtype)
      throw new RuntimeError(
        `index_copy_(): self and source expected to have the same dtype, but got (self) ${self.dtype.scalarName} and (source) ${source.dtype.scalarName}`,
      );
    const without = (shape: Shape) => shape.filter((_, i) => i !== d);
    if (!sameShape(without(self.shape), without(source.shape)))
      throw new RuntimeError(
        `index_copy_(): Source/destination tensor must have same slice shapes. Destination slice shape: ${without(self.shape).join(' ')} at dimension ${d} and source slice shape: ${without(source.shape).join(' ')} at dimension 0.`,
      );
    if (source.ndim > 0 && count !== source.shape[d])
      throw new IndexError(
        `index_copy_(): Number of indices (${count}) should be equal to source.size(dim) (${source.shape[d]})`,
      );
    const at = alongDim(apart(self, index), d, source.shape);
    const values = apart(self, source);
    withIndexError(
      () => self.storage.backend.kernels.scatter(self, d, at, values, 'assign'),
      (text) => new IndexError(`index_copy_(): ${text}`),
    );
  },
  save: ['index'],
  linear: true,
  vjp: {
    self: (grad, { dim, index }) => grad.indexFill(dim, index, 0),
    source: (grad, { dim, index, sizes }) => grad.indexSelect(dim, index).reshape(sizes.source),
  },
});

/** A vector of indices as an index for every element of `shape`. */
function alongDim(index: Tensor, dim: number, shape: Shape) {
  const step = index.ndim === 0 ? 0 : index.strides[0];
  return restrided(
    index,
    shape,
    shape.map((_, d) => (d === dim ? step : 0)),
  );
}

op('index_fill(Tensor self, int dim, Tensor index, Tensor|Scalar value) -> Tensor', {
  doc: 'Sets the slices of `self` along `dim` that a vector of indices names to `value`.',
  batch: (self, dim, index, value, { size, has }) => {
    const ndim = ndimOf(self, has.self);
    const d = wrapDim(dim, ndim) + 1;
    const into = expandStack(self, has.self, size);
    if (ndim === 0) {
      if (index.numel() === 0) return into.clone();
      return value instanceof Tensor ? value.to(self.dtype).expand([size]).clone() : into.fill(value);
    }
    if (!has.index && !has.value) return into.indexFill(d, index, value as Scalar);
    const at = indexAlong(expandStack(index, has.index, size), d, into.shape);
    if (!(value instanceof Tensor)) return into.scatter(d, at, value);
    const mask = into.newZeros(into.shape, { dtype: bool }).scatter(d, at, 1);
    return ops.where(mask, padStack(value, has.value, ndim).to(self.dtype), into);
  },
  devices: 'any',
  mutate(self, dim, index, value) {
    const d = wrapDim(dim, self.ndim);
    if (value instanceof Tensor && value.ndim !== 0)
      throw new RuntimeError(
        `index_fill_ only supports a 0-dimensional value tensor, but got tensor with ${value.ndim} dimension(s).`,
      );
    if (index.dtype !== int64) throw new IndexError('index_fill_(): Expected dtype int64 for index.');
    if (index.ndim > 1) throw new RuntimeError('Index has to be a vector/scalar');
    const view = self.ndim === 0 ? restrided(self, [1], [1]) : self;
    const own = apart(self, index);
    const vector = own.ndim === 0 ? restrided(own, [1], [1]) : own;
    const rest = view.shape.map((_, i) => i).filter((i) => i !== d);
    withDimensions([d], () =>
      self.storage.backend.kernels.index_put(
        restrided(
          view,
          rest.map((i) => view.shape[i]),
          rest.map((i) => view.strides[i]),
        ),
        broadcastView(
          scalarLike(self, value),
          view.shape.map((size, i) => (i === d ? vector.shape[0] : size)),
        ),
        [vector],
        [view.shape[d]],
        [view.strides[d]],
        d,
        false,
      ),
    );
  },
  save: ['index'],
  vjp: {
    self: (grad, { dim, index }) => grad.indexFill(dim, index, 0),
    // Not what the index selects: it may name a slice twice.
    value: (grad, { dim, index }) => grad.sub(grad.indexFill(dim, index, 0)).sum(),
  },
  gradName: (args) => (args[3] instanceof Tensor ? 'IndexFillBackward1' : 'IndexFillBackward0'),
});

// ---- positions in the flattened tensor --------------------------------------------------------------------------------

op('take(Tensor self, Tensor index) -> Tensor', {
  doc: 'The elements at these positions of the flattened tensor, in the shape of `index`.',
  batch: (self, index, { size, has }) => {
    if (!has.self) return self.take(index);
    const rows = self.reshape([size, -1]);
    const shape = has.index ? index.shape.slice(1) : index.shape;
    return rows.takeAlongDim(index.reshape([has.index ? size : 1, -1]), 1).view([size, ...shape]);
  },
  forward(self, index) {
    if (index.dtype !== int64)
      throw new RuntimeError(`take(): Expected a long tensor for index, but got ${index.dtype.scalarName}`);
    const count = self.numel();
    if (count === 0 && index.numel() > 0) throw new IndexError('take(): tried to take from an empty tensor');
    const flat = self.contiguous();
    const result = empty(index.shape, self.dtype, self.storage.backend);
    withIndexError(
      () => flat.storage.backend.kernels.index_get(result, restrided(flat, [], []), [index], [count], [1], 0),
      (text) => new IndexError(flatRange(text, count)),
    );
    return result;
  },
  save: ['index'],
  linear: true,
  vjp: { self: (grad, { index, sizes }) => grad.newZeros(sizes.self).put_(index, grad, true) },
});

function flatRange(text: string, count: number): string {
  const index = /-?\d+/.exec(text)![0];
  return `out of range: tried to access index ${index} on a tensor of ${count} elements.`;
}

op('put(Tensor self, Tensor index, Tensor source, bool accumulate=False) -> Tensor', {
  doc: 'Puts the elements of `source` at these positions of the flattened tensor; with `accumulate` adds them there.',
  nondeterministic: ([, , , accumulate]) => (accumulate ? null : 'put_'),
  batch: (self, index, source, accumulate, { size, has }) => {
    const into = expandStack(self, has.self, size);
    const count = into.numel() / size;
    const rows = expandStack(index, has.index, size).reshape([size, -1]);
    const starts = ops.arange(size, { device: self.device }).mul(count).unsqueeze(1);
    const from = expandStack(source, has.source, size).reshape(rows.shape);
    return into.put(rows.add(rows.lt(0).to(int64).mul(count)).add(starts), from, accumulate);
  },
  mutate(self, index, source, accumulate) {
    if (index.dtype !== int64)
      throw new RuntimeError(`put_(): Expected a long tensor for index, but got ${index.dtype.scalarName}`);
    if (self.dtype !== source.dtype)
      throw new RuntimeError(
        `put_(): self and source expected to have the same dtype, but got self.dtype = ${self.dtype.scalarName} and source.dtype = ${source.dtype.scalarName}`,
      );
    if (source.numel() !== index.numel())
      throw new IndexError(
        `put_(): Expected source and index to have the same number of elements, but got source.numel() = ${source.numel()}, index.numel() = ${index.numel()}`,
      );
    const count = self.numel();
    if (count === 0 && index.numel() > 0)
      throw new IndexError('put_(): tried to put elements into an empty tensor');
    const at = apart(self, index);
    const values = apart(self, source).reshape(index.shape);
    const flat = self.contiguous();
    withIndexError(
      () =>
        flat.storage.backend.kernels.index_put(
          restrided(flat, [], []),
          values,
          [at],
          [count],
          [1],
          0,
          accumulate,
        ),
      (text) => new IndexError(flatRange(text, count)),
    );
    if (flat !== self) self.copy_(flat);
  },
  save: ['index'],
  linear: true,
  vjp: {
    self: (grad, { index, accumulate }) => (accumulate ? grad : grad.put(index, grad.newZeros(index.shape))),
    source: (grad, { index, sizes }) => grad.take(index).reshape(sizes.source),
  },
});

// ---- where elements are -------------------------------------------------------------------------------------------------

const countProgram = lower([parseExpression('self')], ['self'], [], 'int64');

/** How many elements of a bool tensor are true. */
function countTrue(mask: Tensor): number {
  const count = empty([], int64, mask.storage.backend);
  const target = restrided(
    count,
    mask.shape.map(() => 1),
    mask.shape.map(() => 0),
  );
  const reduced = mask.shape.map(() => true);
  mask.storage.backend.reduce('sum', countProgram, mask.shape, reduced, target, null, [mask], []);
  return count.item();
}

op('nonzero(Tensor self) -> Tensor', {
  doc: 'The coordinates of the elements that are not zero, one row each, in row-major order.',
  batch: () => refuseUneven('nonzero'),
  aliases: ['argwhere'],
  reads: true,
  forward(self) {
    const mask = self.dtype === bool ? self : converted(self, bool);
    const result = empty([countTrue(mask), self.ndim], int64, self.storage.backend);
    self.storage.backend.kernels.nonzero(result, mask);
    return result;
  },
});

op('nonzero.tuple(Tensor self, *, bool as_tuple) -> Tensor[]', {
  doc: 'The coordinates of the elements that are not zero: with `asTuple` one vector for each dimension.',
  reads: true,
  composite(self, asTuple) {
    if (!asTuple) return self.nonzero() as unknown as readonly Tensor[];
    return (self.ndim === 0 ? self.unsqueeze(0) : self).nonzero().unbind(1);
  },
});

op('where.condition(Tensor condition) -> Tensor[]', {
  doc: 'The coordinates of the elements that are not zero, one vector for each dimension.',
  reads: true,
  composite: (condition) =>
    standsForSeveral(condition) ? refuseUneven('where') : condition.nonzero({ asTuple: true }),
});

// ---- embedding ------------------------------------------------------------------------------------------------------------

/** @throws RuntimeError unless they can be an embedding's */
export function checkIndices(indices: Tensor): void {
  if (!isIndex(indices))
    throw new RuntimeError(
      `Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got torch.${indices.dtype.scalarName}Tensor instead (while checking arguments for embedding)`,
    );
}

op(
  'embedding(Tensor weight, Tensor indices, int padding_idx=-1, bool scale_grad_by_freq=False, bool sparse=False) -> Tensor',
  {
    doc: 'The rows of `weight` that `indices` name, in the shape of `indices` with one more dimension. Row `paddingIdx` gets no gradient.',
    batch: (weight, indices, paddingIdx, scaleGradByFreq, sparse, { has }) =>
      has.weight ? null : ops.embedding(weight, indices, paddingIdx, scaleGradByFreq, sparse),
    forward(weight, indices, _paddingIdx, _scaleGradByFreq, sparse) {
      if (weight.ndim !== 2) throw new RuntimeError("'weight' must be 2-D");
      checkIndices(indices);
      if (sparse) throw new NotImplementedError('embedding: sparse gradients are not supported');
      return weight.indexSelect(0, indices.reshape([-1])).view([...indices.shape, weight.shape[1]]);
    },
    save: ['indices'],
    linear: true,
    vjp: {
      weight(grad, { indices, padding_idx: padding, scale_grad_by_freq: scale, sizes }) {
        const rows = indices.reshape([-1]).to(int64);
        let slices = grad.reshape([rows.shape[0], sizes.weight[1]]);
        if (padding >= 0) slices = slices.maskedFill(rows.eq(padding).unsqueeze(1), 0);
        if (scale) {
          const counts = grad.newZeros([sizes.weight[0]]).indexAdd_(0, rows, grad.newOnes(rows.shape));
          slices = slices.div(counts.indexSelect(0, rows).unsqueeze(1));
        }
        return grad.newZeros(sizes.weight).indexAdd_(0, rows, slices);
      },
    },
  },
);

const firstPositions = op('_first_positions(Tensor self, int size, int fill) -> Tensor', {
  doc: 'What `nonzero_static` answers, where values can be read.',
  function: false,
  method: false,
  forward(self, size, fill) {
    const { backend } = self.storage;
    const result = empty([size, self.ndim], int64, backend);
    fillInto(result, fill);
    const isPlain = self.dtype.family === null && !self.isComplex();
    backend.kernels.nonzero(result, isPlain ? self : converted(self, bool));
    return result;
  },
});

op('nonzero_static(Tensor self, *, int size, int fill_value=-1) -> Tensor', {
  doc: 'The first `size` positions of non-zero elements; missing ones are filled up.',
  composite(self, size, fill) {
    if (size < 0) throw new RuntimeError("nonzero_static: 'size' must be an non-negative integer");
    if (self.ndim === 0 || self.numel() === 0) return self.newFull([size, self.ndim], fill, { dtype: int64 });
    if (self.isReadable && !isTransformed()) return firstPositions(self, size, fill);
    const chosen = self.reshape([-1]).ne(0);
    const order = chosen.cumsum(0).sub(1);
    const positions = ops.arange(chosen.shape[0], { device: self.device });
    // Elements that are none, or one too many, go behind the last and are cut off.
    const to = ops.where(chosen.logicalAnd(order.lt(size)), order, size);
    const flat = positions
      .newZeros([size + 1])
      .scatter(0, to, positions)
      .narrow(0, 0, size);
    const isThere = ops.arange(size, { device: self.device }).lt(chosen.sum());
    const coordinates = ops.stack(ops.unravelIndex(flat, self.shape) as Tensor[], 1);
    return ops.where(isThere.unsqueeze(1), coordinates, fill);
  },
});

/** Indices brought into the bounds of the dimensions they index. */
const clamped = (self: Tensor, indices: readonly (Tensor | null)[]): (Tensor | null)[] =>
  indices.map((index, d) => index?.clamp(-self.shape[d], self.shape[d] - 1) ?? null);

op('_unsafe_masked_index(Tensor self, Tensor mask, Tensor?[] indices, Scalar fill) -> Tensor', {
  doc: 'The elements at these indices where the mask is true, else `fill`; there the indices may be out of bounds.',
  method: false,
  composite(self, mask, indices, fill) {
    if (self.numel() === 0) return self.newFull(mask.shape, fill);
    return self._index(clamped(self, indices)).maskedFill(mask.logicalNot(), fill);
  },
});

op(
  '_unsafe_masked_index_put_accumulate(Tensor self, Tensor mask, Tensor?[] indices, Tensor values) -> Tensor',
  {
    doc: 'Adds values at these indices where the mask is true; elsewhere the indices may be out of bounds.',
    method: false,
    composite(self, mask, indices, values) {
      if (self.numel() === 0) return self.clone();
      return self.clone()._putIndex_(clamped(self, indices), values.maskedFill(mask.logicalNot(), 0), true);
    },
  },
);
