/** Views of a part of a tensor, and their gradients. */

import { Category } from '../core/dtype.js';
import { IndexError, RuntimeError } from '../core/errors.js';
import { formatShape, numel, type Shape, wrapDim } from '../core/layout.js';
import { Tensor } from '../core/tensor.js';
import { op, ops } from '../dispatch/registry.js';
import { alias } from './alias.js';

function replace(list: readonly number[], at: number, value: number): number[] {
  const result = [...list];
  result[at] = value;
  return result;
}

const slice = op('slice(Tensor self, int dim=0, int? start=None, int? end=None, int step=1) -> Tensor', {
  doc: 'Every `step`-th element from `start` up to `end` (left out) along a dimension, as Python slices.',
  batch: { dims: ['dim'] },
  copies: 'slice_copy',
  function: false,
  method: true,
  view: 'part',
  forward(self, dim, start, end, step) {
    if (self.ndim === 0) throw new RuntimeError('slice() cannot be applied to a 0-dim tensor.');
    const d = wrapDim(dim, self.ndim);
    if (step <= 0) throw new RuntimeError('slice step must be positive');
    const size = self.shape[d];
    const clip = (x: number) => Math.min(Math.max(x < 0 ? x + size : x, 0), size);
    const from = clip(start ?? 0);
    const to = Math.max(clip(end ?? size), from);
    return alias(
      self,
      replace(self.shape, d, Math.ceil((to - from) / step)),
      replace(self.strides, d, self.strides[d] * step),
      self.offset + from * self.strides[d],
    );
  },
  vjp: {
    self: (grad, { dim, start, end, step, sizes }) => grad._sliceBackward(sizes.self, dim, start, end, step),
  },
});

op('_slice_backward(Tensor grad, int[] size, int dim, int? start, int? end, int step) -> Tensor', {
  doc: 'The gradient in its place among zeros.',
  batch: (grad, shape, dim, start, end, step, { size }) =>
    grad._sliceBackward([size, ...shape], wrapDim(dim, shape.length) + 1, start, end, step),
  method: true,
  forward(grad, size, dim, start, end, step) {
    const result = grad.newZeros(size);
    result.slice(dim, start, end, step).copy_(grad);
    return result;
  },
  linear: true,
  vjp: { grad: (g, { dim, start, end, step }) => g.slice(dim, start, end, step) },
});

op('narrow.Tensor(Tensor self, int dim, Tensor start, int length) -> Tensor', {
  doc: 'The `length` elements from the position that a 0-d tensor of integers holds.',
  reads: true,
  composite(self, dim, start, length) {
    if (start.ndim > 0 || start.dtype.category !== Category.int)
      throw new RuntimeError('start must be an 0-dim integral Tensor.');
    return self.narrow(dim, start.item(), length);
  },
});

op('narrow(Tensor self, int dim, int start, int length) -> Tensor', {
  doc: 'The `length` elements from `start` along a dimension.',
  composite(self, dim, start, length) {
    if (self.ndim === 0) throw new RuntimeError('narrow() cannot be applied to a 0-dim tensor.');
    const size = self.shape[wrapDim(dim, self.ndim)];
    if (length < 0) throw new RuntimeError('narrow(): length must be non-negative.');
    if (start < -size || start > size)
      throw new IndexError(
        `start out of range (expected to be in range of [${-size}, ${size}], but got ${start})`,
      );
    const from = start < 0 ? start + size : start;
    if (from + length > size)
      throw new RuntimeError(`start (${from}) + length (${length}) exceeds dimension size (${size}).`);
    return slice(self, dim, from, from + length, 1);
  },
});

op('narrow_copy(Tensor self, int dim, int start, int length) -> Tensor', {
  doc: 'A copy of what `narrow` shows.',
  composite(self, dim, start, length) {
    if (length < 0) {
      const size = self.shape[wrapDim(dim, self.ndim)];
      throw new RuntimeError(`start (${start}) + length (${length}) exceeds dimension size (${size}).`);
    }
    return self.narrow(dim, start, length).clone();
  },
});

op('select(Tensor self, int dim, int index) -> Tensor', {
  doc: 'The elements at one index of a dimension, which is left out.',
  batch: { dims: ['dim'] },
  copies: 'select_copy',
  view: 'part',
  forward(self, dim, index) {
    if (self.ndim === 0) throw new IndexError('select() cannot be applied to a 0-dim tensor.');
    const d = wrapDim(dim, self.ndim);
    const size = self.shape[d];
    if (index < -size || index >= size)
      throw new IndexError(
        `select(): index ${index} out of range for tensor of size ${formatShape(self.shape)} at dimension ${d}`,
      );
    const at = index < 0 ? index + size : index;
    return alias(
      self,
      self.shape.filter((_, i) => i !== d),
      self.strides.filter((_, i) => i !== d),
      self.offset + at * self.strides[d],
    );
  },
  vjp: { self: (grad, { dim, index, sizes }) => grad._selectBackward(sizes.self, dim, index) },
});

op('_select_backward(Tensor grad, int[] size, int dim, int index) -> Tensor', {
  doc: 'The gradient in its place among zeros.',
  batch: (grad, shape, dim, index, { size }) =>
    grad._selectBackward([size, ...shape], wrapDim(dim, shape.length) + 1, index),
  method: true,
  forward(grad, size, dim, index) {
    const result = grad.newZeros(size);
    result.select(dim, index).copy_(grad);
    return result;
  },
  linear: true,
  vjp: { grad: (g, { dim, index }) => g.select(dim, index) },
});

op('diagonal(Tensor self, int offset=0, int dim1=0, int dim2=1) -> Tensor', {
  doc: 'The diagonal of two dimensions, which moves to the end; `offset` > 0 lies above the main one.',
  batch: { dims: ['dim1', 'dim2'] },
  copies: 'diagonal_copy',
  view: 'part',
  forward(self, offset, dim1, dim2) {
    const a = wrapDim(dim1, self.ndim);
    const b = wrapDim(dim2, self.ndim);
    if (a === b) throw new RuntimeError(`diagonal dimensions cannot be identical ${dim1}, ${dim2}`);
    const rows = self.shape[a];
    const columns = self.shape[b];
    const length = Math.max(
      Math.min(offset >= 0 ? rows : rows + offset, offset >= 0 ? columns - offset : columns),
      0,
    );
    const rest = self.shape.map((_, d) => d).filter((d) => d !== a && d !== b);
    const shift = length === 0 ? 0 : offset >= 0 ? offset * self.strides[b] : -offset * self.strides[a];
    return alias(
      self,
      [...rest.map((d) => self.shape[d]), length],
      [...rest.map((d) => self.strides[d]), self.strides[a] + self.strides[b]],
      self.offset + shift,
    );
  },
  vjp: {
    self: (grad, { offset, dim1, dim2, sizes }) => grad._diagonalBackward(sizes.self, offset, dim1, dim2),
  },
});

op('_diagonal_backward(Tensor grad, int[] size, int offset, int dim1, int dim2) -> Tensor', {
  doc: 'The gradient in its place among zeros.',
  batch: (grad, shape, offset, dim1, dim2, { size }) =>
    grad._diagonalBackward(
      [size, ...shape],
      offset,
      wrapDim(dim1, shape.length) + 1,
      wrapDim(dim2, shape.length) + 1,
    ),
  method: true,
  forward(grad, size, offset, dim1, dim2) {
    const result = grad.newZeros(size);
    result.diagonal(offset, dim1, dim2).copy_(grad);
    return result;
  },
  linear: true,
  vjp: { grad: (g, { offset, dim1, dim2 }) => g.diagonal(offset, dim1, dim2) },
});

op('unfold(Tensor self, int dimension, int size, int step) -> Tensor', {
  doc: 'All slices of length `size` along a dimension, `step` apart, in a new last dimension.',
  batch: (self, dimension, length, step) =>
    self.ndim === 1
      ? self.unsqueeze(1).unfold(1, length, step).squeeze(1)
      : self.unfold(wrapDim(dimension, self.ndim - 1) + 1, length, step),
  copies: 'unfold_copy',
  function: false,
  view: true,
  forward(self, dimension, size, step) {
    const d = wrapDim(dimension, self.ndim);
    const have = self.ndim === 0 ? 1 : self.shape[d];
    if (size > have)
      throw new RuntimeError(`maximum size for tensor at dimension ${d} is ${have} but size is ${size}`);
    if (size < 0) throw new RuntimeError(`size is ${size} but must be >= 0`);
    if (step <= 0) throw new RuntimeError(`step is ${step} but must be > 0`);
    if (self.ndim === 0) return alias(self, [size], [1]);
    return alias(
      self,
      [...replace(self.shape, d, Math.floor((have - size) / step) + 1), size],
      [...replace(self.strides, d, self.strides[d] * step), self.strides[d]],
    );
  },
  vjp: {
    self: (grad, { dimension, size, step, sizes }) => grad._unfoldBackward(sizes.self, dimension, size, step),
  },
});

op('_unfold_backward(Tensor grad, int[] input_size, int dim, int size, int step) -> Tensor', {
  doc: 'Adds every slice of the gradient back to where it was read.',
  batch: (grad, shape, dim, length, step, { size }) =>
    shape.length === 0
      ? grad.squeeze(1)
      : grad._unfoldBackward([size, ...shape], wrapDim(dim, shape.length) + 1, length, step),
  method: true,
  forward(grad, inputSize, dim, size, step) {
    const result = grad.newZeros(inputSize);
    if (inputSize.length === 0) return result.copy_(grad.reshape([]));
    const d = wrapDim(dim, inputSize.length);
    const { strides } = result;
    const [from, to] = [grad.strides[d], strides[d]];
    // Slices that do not overlap are added at once.
    const apart = Math.max(1, Math.ceil(size / step));
    for (let first = 0; first < Math.min(apart, grad.shape[d]); first++) {
      const count = Math.ceil((grad.shape[d] - first) / apart);
      const slices = new Tensor(
        grad.storage,
        grad.dtype,
        replace(grad.shape, d, count),
        replace(grad.strides, d, apart * from),
        grad.offset + first * from,
      );
      const places = new Tensor(
        result.storage,
        result.dtype,
        [...replace(inputSize, d, count), size],
        [...replace(strides, d, apart * step * to), to],
        first * step * to,
      );
      places.add_(slices);
    }
    return result;
  },
  linear: true,
  vjp: { grad: (g, { dim, size, step }) => g.unfold(dim, size, step) },
});

/** The last position that a layout reaches. */
const reachOf = (shape: Shape, strides: readonly number[], start: number): number =>
  shape.reduce((sum, n, i) => sum + (n - 1) * strides[i], start);

op('as_strided(Tensor self, int[] size, int[] stride, int? storage_offset=None) -> Tensor', {
  doc: 'A view of the storage with these sizes, strides and offset, all in elements. Mind what lies there.',
  batch: (self, shape, stride, offset, { size }) =>
    self.asStrided([size, ...shape], [self.strides[0], ...stride], offset),
  copies: 'as_strided_copy',
  view: true,
  inplace: true,
  forward(self, size, stride, storageOffset) {
    if (size.length !== stride.length)
      throw new RuntimeError(
        `mismatch in length of strides and shape: ${stride.length} strides for ${size.length} sizes`,
      );
    for (const s of stride)
      if (s < 0)
        throw new RuntimeError(
          `as_strided: Negative strides are not supported at the moment, got strides: ${formatShape(stride)}`,
        );
    const offset = storageOffset ?? self.offset;
    if (offset < 0) throw new RuntimeError(`Tensor: invalid storage offset ${offset}`);
    const needed = numel(size) === 0 ? 0 : size.reduce((sum, n, i) => sum + (n - 1) * stride[i], offset + 1);
    const { itemsize } = self.dtype;
    if (needed * itemsize > self.storage.nbytes)
      throw new RuntimeError(
        `setStorage: sizes ${formatShape(size)}, strides ${formatShape(stride)}, storage offset ${offset}, and itemsize ${itemsize} requiring a storage size of ${needed * itemsize} are out of bounds for storage of size ${self.storage.nbytes}`,
      );
    return alias(self, [...size], [...stride], offset);
  },
  save: ['self'],
  vjp: {
    self: (grad, { self, stride, storage_offset: offset }) =>
      grad._restride(stride, offset ?? self.offset, self.shape, self.strides, self.offset),
  },
  // A tangent lies in memory as its tensor does, but begins elsewhere.
  jvp: ({ self: tangent }, { self, size, stride, storage_offset: offset }) =>
    tangent!.asStrided(size, stride, (offset ?? self.offset) - self.offset + tangent!.offset),
});

op(
  '_restride(Tensor self, int[] from_stride, int from_offset, int[] size, int[] stride, int offset) -> Tensor',
  {
    doc: 'Adds the elements up in memory laid out by one set of strides, and reads it by another.',
    batch(self, fromStride, fromOffset, shape, stride, offset, { size }) {
      const from = reachOf(self.shape.slice(1), fromStride, fromOffset);
      const length = Math.max(from, reachOf(shape, stride, offset)) + 1;
      return self._restride(
        [length, ...fromStride],
        fromOffset,
        [size, ...shape],
        [length, ...stride],
        offset,
      );
    },
    forward(self, fromStride, fromOffset, size, stride, offset) {
      if (self.numel() === 0 || numel(size) === 0) return self.newZeros(size);
      const low = Math.min(fromOffset, offset);
      const length =
        Math.max(reachOf(self.shape, fromStride, fromOffset), reachOf(size, stride, offset)) - low + 1;
      const memory = self.newZeros([length]);
      const index = ops
        .arange(length, { device: self.device })
        .asStrided(self.shape, fromStride, fromOffset - low)
        .reshape([-1]);
      memory.indexAdd_(0, index, self.reshape([-1]));
      return memory.asStrided(size, stride, offset - low).clone();
    },
    linear: true,
    vjp: {
      self: (grad, { from_stride: fromStride, from_offset: fromOffset, stride, offset, sizes }) =>
        grad._restride(stride, offset, sizes.self, fromStride, fromOffset),
    },
  },
);
