import { RuntimeError } from '../core/errors.js';
import { formatShape, inferSize, numel, sameShape, viewStrides, wrapDim } from '../core/layout.js';
import { Tensor } from '../core/tensor.js';
import { dropTangents } from '../dispatch/forward_level.js';
import { op } from '../dispatch/registry.js';
import { alias } from './alias.js';

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

const view = op('view(Tensor self, int[] size) -> Tensor', {
  doc: 'The same memory with other sizes; one of them may be -1. Where the strides do not allow it: `reshape`.',
  batch: (self, shape, { size }) => self.view([size, ...inferSize(shape, self.numel() / size)]),
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
  composite: (self, other) => view(self, other.shape),
});

const reshape = op('reshape(Tensor self, int[] shape) -> Tensor', {
  doc: 'The same elements with other sizes; one of them may be -1. A view where the strides allow it, else a copy.',
  composite(self, shape) {
    const sizes = inferSize(shape, self.numel());
    const isView = viewStrides(self.shape, self.strides, sizes) !== null;
    return view(isView ? self : self._contiguousCopy(), sizes);
  },
});

op('view_copy(Tensor self, int[] size) -> Tensor', {
  doc: 'A copy with other sizes, in row-major order; one of them may be -1.',
  method: false,
  composite: (self, size) => view(self._contiguousCopy(), inferSize(size, self.numel())),
});

op('reshape_as(Tensor self, Tensor other) -> Tensor', {
  doc: '`reshape` to the sizes of `other`.',
  function: false,
  composite: (self, other) => reshape(self, other.shape),
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
    return reshape(self, [...self.shape.slice(0, start), joined, ...self.shape.slice(end + 1)]);
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
    const twice = dims.find((d, i) => dims.indexOf(d) < i);
    if (twice !== undefined)
      throw new RuntimeError(`dim ${twice} appears multiple times in the list of dims`);
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
