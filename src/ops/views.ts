/** Ops whose result shares the memory of their input. */

import { Category, int64 } from '../core/dtype.js';
import { IndexError, RuntimeError } from '../core/errors.js';
import {
  formatShape,
  inferSize,
  numel,
  type Shape,
  sameShape,
  viewStrides,
  wrapDim,
} from '../core/layout.js';
import { Tensor } from '../core/tensor.js';
import { checkNotNegative } from '../dispatch/empty.js';
import { dropTangents } from '../dispatch/forward_level.js';
import { op, ops } from '../dispatch/registry.js';
import { listOf } from './lists.js';

/** A view of the same storage. @throws RuntimeError for negative sizes */
function alias(self: Tensor, shape: Shape, strides: readonly number[], offset = self.offset): Tensor {
  checkNotNegative(shape);
  return new Tensor(self.storage, self.dtype, shape, strides, offset);
}

op('detach(Tensor self) -> Tensor', {
  doc: 'The same values, cut off from the graph: gradients do not flow through.',
  batch: 'leading',
  copies: 'detach_copy',
  composite: (self) => alias(self, self.shape, self.strides),
});

op('detach_(Tensor self) -> Tensor', {
  doc: 'Cuts the tensor off from the graph that made it.',
  function: false,
  composite(self) {
    if (self.base !== null) throw new RuntimeError("Can't detach views in-place. Use detach() instead.");
    self.autograd = null;
    dropTangents(self);
    return self;
  },
});

op('alias(Tensor self) -> Tensor', {
  doc: 'A view of the whole tensor.',
  batch: 'leading',
  copies: 'alias_copy',
  view: true,
  function: false,
  forward: (self) => alias(self, self.shape, self.strides),
  vjp: { self: (grad) => grad },
});

op('view(Tensor self, int[] size) -> Tensor', {
  doc: 'The same memory with other sizes; one of them may be -1. Where the strides do not allow it: `reshape`.',
  batch: (self, shape, { size }) => self.view([size, ...inferSize(shape, self.numel() / size)]),
  copies: 'view_copy',
  function: false,
  view: true,
  forward(self, size) {
    const shape = inferSize(size, self.numel());
    const strides = viewStrides(self.shape, self.strides, shape);
    if (strides === null)
      throw new RuntimeError(
        "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead.",
      );
    return alias(self, shape, strides);
  },
  vjp: { self: (grad, { sizes }) => grad.reshape(sizes.self) },
});

op('view.dtype(Tensor self, ScalarType dtype) -> Tensor', {
  doc: 'The same memory read as another dtype; the last dimension grows or shrinks where elements have other sizes.',
  batch(self, dtype) {
    // Alone, for its errors: without dimensions there is none that could grow.
    if (self.ndim === 1) self.select(0, 0).view(dtype);
    return self.view(dtype);
  },
  function: false,
  composite(self, dtype) {
    const [from, to] = [self.dtype.itemsize, dtype.itemsize];
    const as = `to view ${self.dtype.scalarName} as ${dtype.scalarName} (different element sizes)`;
    if (from === to) return new Tensor(self.storage, dtype, self.shape, self.strides, self.offset);
    const last = self.ndim - 1;
    if (last < 0) throw new RuntimeError(`self.dim() cannot be 0 ${as}`);
    if (self.strides[last] !== 1)
      throw new RuntimeError(`self.stride(-1) must be 1 ${as}, but got ${self.strides[last]}`);
    const times = to / from;
    const divisible = (n: number, what: string): number => {
      if (n % times !== 0)
        throw new RuntimeError(`${what} must be divisible by ${times} ${as}, but got ${n}`);
      return n / times;
    };
    const length = divisible(self.shape[last], 'self.size(-1)');
    const offset = divisible(self.offset, 'self.storage_offset()');
    const strides = self.strides.map((s, d) => (d === last ? 1 : divisible(s, `self.stride(${d})`)));
    return new Tensor(self.storage, dtype, [...self.shape.slice(0, last), length], strides, offset);
  },
});

op('view_as(Tensor self, Tensor other) -> Tensor', {
  doc: 'The same memory with the sizes of `other`.',
  function: false,
  composite: (self, other) => self.view(other.shape),
});

op('reshape(Tensor self, int[] shape) -> Tensor', {
  doc: 'The same elements with other sizes; one of them may be -1. A view where the strides allow it, else a copy.',
  composite(self, shape) {
    const sizes = inferSize(shape, self.numel());
    if (viewStrides(self.shape, self.strides, sizes) !== null) return self.view(sizes);
    return self._contiguousCopy().view(sizes);
  },
});

op('reshape_as(Tensor self, Tensor other) -> Tensor', {
  doc: '`reshape` to the sizes of `other`.',
  function: false,
  composite: (self, other) => self.reshape(other.shape),
});

op('flatten(Tensor self, int start_dim=0, int end_dim=-1) -> Tensor', {
  doc: 'Joins the dimensions from `startDim` to `endDim` into one.',
  composite(self, startDim, endDim) {
    const start = wrapDim(startDim, self.ndim);
    const end = wrapDim(endDim, self.ndim);
    if (start > end)
      throw new RuntimeError('flatten() has invalid args: start_dim cannot come after end_dim');
    if (self.ndim === 0) return self.reshape([1]);
    if (start === end) return self;
    const joined = numel(self.shape.slice(start, end + 1));
    return self.reshape([...self.shape.slice(0, start), joined, ...self.shape.slice(end + 1)]);
  },
});

op('ravel(Tensor self) -> Tensor', {
  doc: 'All elements in one dimension.',
  composite: (self) => self.contiguous().view([-1]),
});

op('unflatten(Tensor self, int dim, int[] sizes) -> Tensor', {
  doc: 'Splits a dimension into several; one of the sizes may be -1.',
  composite(self, dim, sizes) {
    const d = wrapDim(dim, self.ndim);
    if (sizes.length === 0) throw new RuntimeError('unflatten: sizes must be non-empty');
    const hole = sizes.indexOf(-1);
    const known = sizes.reduce((a, b) => (b === -1 ? a : a * b), 1);
    const fits = hole < 0 ? known === self.shape[d] : known > 0 && self.shape[d] % known === 0;
    if (!fits)
      throw new RuntimeError(
        `unflatten: Provided sizes ${formatShape(sizes)} don't multiply up to the size of dim ${d} (${self.shape[d]}) in the input tensor`,
      );
    const filled = sizes.map((s) => (s === -1 ? self.shape[d] / known : s));
    return self.view([...self.shape.slice(0, d), ...filled, ...self.shape.slice(d + 1)]);
  },
});

op('permute(Tensor self, int[] dims) -> Tensor', {
  doc: 'The dimensions in another order.',
  batch: (self, dims) => self.permute([0, ...dims.map((d) => wrapDim(d, self.ndim - 1) + 1)]),
  copies: 'permute_copy',
  view: true,
  forward(self, dims) {
    if (dims.length !== self.ndim)
      throw new RuntimeError(
        `permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = ${self.ndim} is not equal to len(dims) = ${dims.length}`,
      );
    const order = dims.map((d) => wrapDim(d, self.ndim));
    if (new Set(order).size !== order.length)
      throw new RuntimeError('permute(): duplicate dims are not allowed.');
    return alias(
      self,
      order.map((d) => self.shape[d]),
      order.map((d) => self.strides[d]),
    );
  },
  vjp: {
    self(grad, { dims }) {
      const inverse = new Array<number>(dims.length);
      for (const [i, d] of dims.entries()) inverse[wrapDim(d, dims.length)] = i;
      return grad.permute(inverse);
    },
  },
});

op('transpose(Tensor self, int dim0|axis0, int dim1|axis1) -> Tensor', {
  doc: 'Swaps two dimensions.',
  batch: { dims: ['dim0', 'dim1'] },
  copies: 'transpose_copy',
  aliases: ['swapaxes', 'swapdims'],
  view: true,
  inplace: true,
  forward(self, dim0, dim1) {
    const a = wrapDim(dim0, self.ndim);
    const b = wrapDim(dim1, self.ndim);
    const shape = [...self.shape];
    const strides = [...self.strides];
    if (self.ndim > 0) {
      [shape[a], shape[b]] = [shape[b], shape[a]];
      [strides[a], strides[b]] = [strides[b], strides[a]];
    }
    return alias(self, shape, strides);
  },
  vjp: { self: (grad, { dim0, dim1 }) => grad.transpose(dim0, dim1) },
});

op('t(Tensor self) -> Tensor', {
  doc: 'The transpose of a matrix; a vector or scalar as it is.',
  batch: (self) => (self.ndim === 3 ? self.transpose(1, 2) : self.alias()),
  copies: 't_copy',
  view: true,
  inplace: true,
  forward(self) {
    if (self.ndim > 2)
      throw new RuntimeError(`t() expects a tensor with <= 2 dimensions, but self is ${self.ndim}D`);
    return alias(self, [...self.shape].reverse(), [...self.strides].reverse());
  },
  vjp: { self: (grad) => grad.t() },
});

op('movedim(Tensor self, int[1] source, int[1] destination) -> Tensor', {
  doc: 'Moves dimensions to other positions; the rest keep their order.',
  aliases: ['moveaxis'],
  composite(self, source, destination) {
    if (source.length !== destination.length)
      throw new RuntimeError(
        `movedim: Invalid source or destination dims: source (${formatShape(source)} dims) should contain the same number of dims as destination (${formatShape(destination)} dims)`,
      );
    const from = source.map((d) => wrapDim(d, self.ndim));
    const to = destination.map((d) => wrapDim(d, self.ndim));
    for (const [name, list] of [
      ['source', from],
      ['destination', to],
    ] as const)
      if (new Set(list).size !== list.length)
        throw new RuntimeError(
          `movedim: repeated dim in \`${name}\` (${formatShape(name === 'source' ? source : destination)})`,
        );
    const order = new Array<number>(self.ndim).fill(-1);
    for (const [i, d] of to.entries()) order[d] = from[i];
    const rest = self.shape.map((_, d) => d).filter((d) => !from.includes(d));
    return self.permute(order.map((d) => (d >= 0 ? d : rest.shift()!)));
  },
});

op('expand(Tensor self, int[] size, *, bool implicit=False) -> Tensor', {
  doc: 'Repeats dimensions of size 1 without copying; -1 keeps a size, new dimensions come first.',
  batch: (self, shape, _, { size }) => {
    const missing = shape.length - self.ndim + 1;
    const lead =
      missing > 0 ? self.view([size, ...new Array<number>(missing).fill(1), ...self.shape.slice(1)]) : self;
    return lead.expand([size, ...shape]);
  },
  copies: 'expand_copy',
  function: false,
  view: true,
  forward(self, size) {
    const lead = size.length - self.ndim;
    if (lead < 0)
      throw new RuntimeError(
        `expand(torch.${self.dtype.scalarName}Tensor{${formatShape(self.shape)}}, size=${formatShape(size)}): the number of sizes provided (${size.length}) must be greater or equal to the number of dimensions in the tensor (${self.ndim})`,
      );
    const shape: number[] = [];
    const strides: number[] = [];
    for (let i = size.length - 1; i >= 0; i--) {
      const d = i - lead;
      const have = d < 0 ? 1 : self.shape[d];
      let want = size[i];
      if (want === -1) {
        if (d < 0)
          throw new RuntimeError(
            `The expanded size of the tensor (${want}) isn't allowed in a leading, non-existing dimension ${i}`,
          );
        want = have;
      }
      if (have !== want && have !== 1)
        throw new RuntimeError(
          `The expanded size of the tensor (${want}) must match the existing size (${have}) at non-singleton dimension ${i}.  Target sizes: ${formatShape(size)}.  Tensor sizes: ${formatShape(self.shape)}`,
        );
      shape.unshift(want);
      strides.unshift(have === want && d >= 0 ? self.strides[d] : 0);
    }
    return alias(self, shape, strides);
  },
  vjp: { self: (grad, { sizes }) => grad.sumToSize(sizes.self) },
});

op('expand_as(Tensor self, Tensor other) -> Tensor', {
  doc: '`expand` to the sizes of `other`.',
  function: false,
  composite: (self, other) => self.expand(other.shape),
});

op('broadcast_to(Tensor self, int[] size|shape) -> Tensor', {
  doc: 'Broadcasts to these sizes without copying.',
  composite: (self, size) => self.expand(size),
});

op('squeeze.all(Tensor self) -> Tensor', {
  doc: 'Leaves out every dimension of size 1.',
  batch: (self) => self.squeeze(self.shape.flatMap((n, d) => (d > 0 && n === 1 ? [d] : []))),
  copies: 'squeeze_copy',
  view: true,
  inplace: true,
  forward(self) {
    const kept = self.shape.map((_, d) => d).filter((d) => self.shape[d] !== 1);
    return alias(
      self,
      kept.map((d) => self.shape[d]),
      kept.map((d) => self.strides[d]),
    );
  },
  vjp: { self: (grad, { sizes }) => grad.reshape(sizes.self) },
});

op('squeeze.dim(Tensor self, int[1] dim) -> Tensor', {
  doc: 'Leaves out these dimensions where they have size 1.',
  batch: (self, dim) =>
    self.ndim === 1 ? self.alias() : self.squeeze(dim.map((d) => wrapDim(d, self.ndim - 1) + 1)),
  copies: 'squeeze_copy',
  view: true,
  inplace: true,
  gradName: 'SqueezeBackward1',
  forward(self, dim) {
    const dims = dim.map((d) => wrapDim(d, self.ndim));
    const kept = self.shape.map((_, d) => d).filter((d) => !(dims.includes(d) && self.shape[d] === 1));
    return alias(
      self,
      kept.map((d) => self.shape[d]),
      kept.map((d) => self.strides[d]),
    );
  },
  vjp: { self: (grad, { sizes }) => grad.reshape(sizes.self) },
});

op('unsqueeze(Tensor self, int dim) -> Tensor', {
  doc: 'Inserts a dimension of size 1 before dimension `dim`.',
  batch: (self, dim) => self.unsqueeze(wrapDim(dim, self.ndim) + 1),
  copies: 'unsqueeze_copy',
  view: true,
  inplace: true,
  forward(self, dim) {
    const d = wrapDim(dim, self.ndim + 1);
    const step = d < self.ndim ? self.shape[d] * self.strides[d] : 1;
    return alias(self, insert(self.shape, d, 1), insert(self.strides, d, step));
  },
  vjp: { self: (grad, { dim, sizes }) => grad.squeeze(dim < 0 ? dim + sizes.self.length + 1 : dim) },
});

function insert(list: readonly number[], at: number, value: number): number[] {
  return [...list.slice(0, at), value, ...list.slice(at)];
}

function replace(list: readonly number[], at: number, value: number): number[] {
  const result = [...list];
  result[at] = value;
  return result;
}

op('slice(Tensor self, int dim=0, int? start=None, int? end=None, int step=1) -> Tensor', {
  doc: 'Every `step`-th element from `start` up to `end` (left out) along a dimension, as Python slices.',
  batch: { dims: ['dim'] },
  copies: 'slice_copy',
  function: false,
  method: true,
  view: true,
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
    return self.slice(dim, from, from + length);
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
  view: true,
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
  view: true,
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
    for (let i = 0; i < grad.shape[d]; i++)
      result.narrow(d, i * step, size).add_(grad.select(d, i).movedim(-1, d));
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

op('unbind(Tensor self, int dim=0) -> Tensor[]', {
  doc: 'The slices along a dimension, which is left out.',
  copies: 'unbind_copy',
  composite(self, dim) {
    const d = wrapDim(dim, self.ndim);
    if (self.ndim === 0) throw new IndexError('Dimension specified as 0 but tensor has no dimensions');
    return listOf(self.shape[d], (i) => self.select(d, i));
  },
});

op('split.int(Tensor self|tensor|input, int split_size|split_size_or_sections, int dim=0) -> Tensor[]', {
  doc: 'Pieces of this size along a dimension; the last may be smaller.',
  copies: 'split_copy',
  aliases: ['unsafe_split'],
  composite(self, splitSize, dim) {
    if (self.ndim === 0) throw new RuntimeError('split expects at least a 1-dimensional tensor');
    if (splitSize < 0)
      throw new RuntimeError(`split expects split_size be non-negative, but got split_size=${splitSize}`);
    const d = wrapDim(dim, self.ndim);
    const size = self.shape[d];
    if (splitSize === 0 && size !== 0)
      throw new RuntimeError(
        `split_size can only be 0 if dimension size is 0, but got dimension size of ${size}`,
      );
    const count = splitSize === 0 ? 1 : Math.max(Math.ceil(size / splitSize), 1);
    return listOf(count, (i) => self.slice(d, i * splitSize, Math.min((i + 1) * splitSize, size)));
  },
});

op(
  'split.sizes(Tensor self|tensor|input, int[] split_sizes|split_size|split_size_or_sections, int dim=0) -> Tensor[]',
  {
    doc: 'Pieces of these sizes along a dimension.',
    copies: 'split_with_sizes_copy',
    aliases: ['split_with_sizes', 'unsafe_split_with_sizes'],
    composite(self, splitSizes, dim) {
      if (self.ndim === 0) throw new RuntimeError('split expects at least a 1-dimensional tensor');
      const d = wrapDim(dim, self.ndim);
      const sum = splitSizes.reduce((a, b) => a + b, 0);
      if (splitSizes.some((s) => s < 0))
        throw new RuntimeError(
          `split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes=${formatShape(splitSizes)}`,
        );
      if (sum !== self.shape[d])
        throw new RuntimeError(
          `split_with_sizes expects split_sizes to sum exactly to ${self.shape[d]} (input tensor's size at dimension ${dim}), but got split_sizes=${formatShape(splitSizes)}`,
        );
      let start = 0;
      return splitSizes.map((size) => {
        start += size;
        return self.slice(d, start - size, start);
      });
    },
  },
);

op('chunk(Tensor self, int chunks, int dim=0) -> Tensor[]', {
  doc: 'At most `chunks` pieces of equal size along a dimension; the last may be smaller.',
  aliases: ['unsafe_chunk'],
  composite(self, chunks, dim) {
    if (self.ndim === 0) throw new RuntimeError('chunk expects at least a 1-dimensional tensor');
    if (chunks <= 0) throw new RuntimeError(`chunk expects \`chunks\` to be greater than 0, got: ${chunks}`);
    const size = self.shape[wrapDim(dim, self.ndim)];
    const each = Math.ceil(size / chunks);
    if (each === 0)
      return self.split(
        listOf(chunks, () => 0),
        dim,
      );
    return self.split(each, dim);
  },
});

// Before the others, which would take a tensor of one element for a number.
op(
  'tensor_split.tensor(Tensor self, Tensor tensor_indices_or_sections|indices_or_sections, int dim=0) -> Tensor[]',
  {
    doc: '`tensorSplit` by a number of sections (0-d) or by indices (1-d) in an int64 tensor.',
    reads: true,
    composite(self, given, dim) {
      if (given.dtype !== int64)
        throw new RuntimeError(
          `tensor_split expected tensor_indices_or_sections to have dtype of long, but got ${given.dtype.scalarName}`,
        );
      if (given.ndim > 1)
        throw new RuntimeError(
          `tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional tensor, but got a tensor with ${given.ndim} dims`,
        );
      return given.ndim === 0
        ? self.tensorSplit(given.item(), dim)
        : self.tensorSplit(given.tolist() as number[], dim);
    },
  },
);

op('tensor_split.sections(Tensor self, int sections|indices_or_sections, int dim=0) -> Tensor[]', {
  doc: '`sections` pieces along a dimension, sizes differing by 1 at most.',
  composite(self, sections, dim) {
    if (self.ndim === 0)
      throw new RuntimeError(
        'tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims',
      );
    if (sections <= 0) throw new RuntimeError(`number of sections must be larger than 0, got ${sections}`);
    const size = self.shape[wrapDim(dim, self.ndim)];
    const small = Math.floor(size / sections);
    return self.split(
      listOf(sections, (i) => small + (i < size % sections ? 1 : 0)),
      dim,
    );
  },
});

op('tensor_split.indices(Tensor self, int[] indices|indices_or_sections, int dim=0) -> Tensor[]', {
  doc: 'The pieces between these indices along a dimension.',
  composite(self, indices, dim) {
    if (self.ndim === 0)
      throw new RuntimeError(
        'tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims',
      );
    const bounds = [0, ...indices, self.shape[wrapDim(dim, self.ndim)]];
    return bounds.slice(1).map((end, i) => self.slice(dim, bounds[i], i === indices.length ? null : end));
  },
});

for (const [name, least, dim] of [
  ['hsplit', 1, 1],
  ['vsplit', 2, 0],
  ['dsplit', 3, 2],
] as const) {
  const where = (self: Tensor): number => {
    if (self.ndim < least)
      throw new RuntimeError(
        `torch.${name} requires a tensor with at least ${least} dimension, but got a tensor with ${self.ndim} dimensions!`,
      );
    return name === 'hsplit' && self.ndim === 1 ? 0 : dim;
  };
  const direction = `dimension ${dim}${name === 'hsplit' ? ' (0 for vectors)' : ''}`;
  op(`${name}.int(Tensor self, int sections|indices_or_sections) -> Tensor[]`, {
    doc: `Equal pieces along ${direction}.`,
    composite(self: Tensor, sections: number) {
      const d = where(self);
      if (sections === 0 || self.shape[d] % sections !== 0)
        throw new RuntimeError(
          `torch.${name} attempted to split along dimension ${d}, but the size of the dimension ${self.shape[d]} is not divisible by the split_size ${sections}!`,
        );
      return self.tensorSplit(sections, d);
    },
  });
  op(`${name}.array(Tensor self, int[] indices|indices_or_sections) -> Tensor[]`, {
    doc: `The pieces between these indices along ${direction}.`,
    composite: (self: Tensor, indices: readonly number[]) => self.tensorSplit(indices, where(self)),
  });
}

op('sum_to_size(Tensor self, int[] size) -> Tensor', {
  doc: 'Sums over the dimensions that broadcasting `size` would expand.',
  function: false,
  composite(self, size) {
    if (size.length === 0) return self.sum();
    if (sameShape(self.shape, size)) return self;
    const lead = self.ndim - size.length;
    const dims = self.shape
      .map((_, d) => d)
      .filter((d) => d < lead || (size[d - lead] === 1 && self.shape[d] !== 1));
    const fits = lead >= 0 && size.every((s, i) => s === 1 || s === self.shape[i + lead]);
    if (!fits)
      throw new RuntimeError(
        `size {${formatShape(size)}} is not expandable to size {${formatShape(self.shape)}}.`,
      );
    const summed = dims.length === 0 ? self : self.sum(dims, true);
    return lead > 0 ? summed.view(size) : summed;
  },
});

// Properties: x.T, x.mT, x.H, x.mH.
for (const name of ['T', 'mT', 'H', 'mH'] as const)
  Object.defineProperty(Tensor.prototype, name, {
    configurable: true,
    get(this: Tensor): Tensor {
      if (name === 'T' || name === 'H') {
        if (name === 'H' && this.ndim !== 2 && this.ndim !== 0)
          throw new RuntimeError(
            `tensor.H is only supported on matrices (2-D tensors). Got ${this.ndim}-D tensor. For batches of matrices, consider using tensor.mH`,
          );
        const transposed = this.permute(this.shape.map((_, d) => this.ndim - 1 - d));
        return name === 'H' ? transposed.conj() : transposed;
      }
      if (this.ndim < 2)
        throw new RuntimeError(
          `tensor.${name} is only supported on matrices or batches of matrices. Got ${this.ndim}-D tensor.`,
        );
      const transposed = this.transpose(-2, -1);
      return name === 'mH' ? transposed.conj() : transposed;
    },
  });

op('adjoint(Tensor self) -> Tensor', {
  doc: 'The last two dimensions swapped and conjugated.',
  composite: (self) => self.transpose(-2, -1).conj(),
});

declare module '../core/tensor.js' {
  interface Tensor {
    /** All dimensions in reverse order. */
    readonly T: Tensor;
    /** The last two dimensions swapped. */
    readonly mT: Tensor;
    /** The conjugate transpose of a matrix. */
    readonly H: Tensor;
    /** The last two dimensions swapped and conjugated. */
    readonly mH: Tensor;
  }
}
