/** Ops that put tensors together, repeat them or change their order. */

import type { Gradient } from '../autograd/node.js';
import { getDefaultDtype } from '../core/defaults.js';
import { type DType, int64 } from '../core/dtype.js';
import { IndexError, RuntimeError, ValueError } from '../core/errors.js';
import { broadcastShapes, formatShape, type Shape, sameShape, wrapDim, wrapDims } from '../core/layout.js';
import { promoteTypes } from '../core/promotion.js';
import { Tensor } from '../core/tensor.js';
import { checkNotNegative, empty } from '../dispatch/empty.js';
import { op, ops } from '../dispatch/registry.js';
import { copyInto, fillInto } from './copying.js';

/** An empty vector, which `cat` has always let pass beside any shape. */
const isLegacyEmpty = (shape: Shape): boolean => shape.length === 1 && shape[0] === 0;

/** The dtype that holds the elements of all. */
function commonType(tensors: readonly Tensor[]): DType {
  let { dtype } = tensors[0];
  for (const t of tensors) if (t.dtype !== dtype) dtype = promoteTypes(dtype, t.dtype);
  return dtype;
}

op('cat(Tensor[] tensors, int dim=0) -> Tensor', {
  doc: 'Joins tensors along an existing dimension; the other sizes must agree.',
  batch: (tensors, dim) => {
    const ndim = tensors.find((t) => !isLegacyEmpty(t.shape.slice(1)))?.ndim ?? 2;
    for (const [i, t] of tensors.entries())
      if (t.ndim === 1)
        throw new RuntimeError(`zero-dimensional tensor (at position ${i}) cannot be concatenated`);
    return ops.cat(
      tensors.filter((t) => t.ndim === ndim),
      wrapDim(dim, ndim - 1) + 1,
    );
  },
  aliases: ['concat', 'concatenate'],
  forward(tensors, dim) {
    if (tensors.length === 0) throw new ValueError('torch.cat(): expected a non-empty list of Tensors');
    for (const [i, t] of tensors.entries())
      if (t.ndim === 0)
        throw new RuntimeError(`zero-dimensional tensor (at position ${i}) cannot be concatenated`);
    const dtype = commonType(tensors);
    const first = tensors.find((t) => !isLegacyEmpty(t.shape)) ?? tensors[0];
    const d = wrapDim(dim, first.ndim);
    const shape = [...first.shape];
    shape[d] = 0;
    for (const [i, { shape: sizes }] of tensors.entries()) {
      if (isLegacyEmpty(sizes)) continue;
      checkJoinable(first.shape, sizes, d, i);
      shape[d] += sizes[d];
    }
    const result = empty(shape, dtype, first.storage.backend);
    const { storage, strides } = result;
    let at = 0;
    for (const part of tensors) {
      if (isLegacyEmpty(part.shape)) continue;
      copyInto(new Tensor(storage, dtype, part.shape, strides, at * strides[d]), part);
      at += part.shape[d];
    }
    return result;
  },
  // Every input's size matters, whether or not it wants a gradient.
  save: ['tensors'],
  linear: true,
  vjp: {
    tensors(grad, { tensors, dim }): readonly Gradient[] {
      const rank = tensors.find((t) => !isLegacyEmpty(t.shape))?.ndim ?? 1;
      const d = wrapDim(dim, rank);
      let at = 0;
      return tensors.map((t) => {
        if (isLegacyEmpty(t.shape)) return t.newZeros(t.shape);
        const start = at;
        at += t.shape[d];
        return grad.narrow(d, start, t.shape[d]);
      });
    },
  },
});

function checkJoinable(a: Shape, b: Shape, dim: number, position: number): void {
  if (a.length !== b.length)
    throw new RuntimeError(`Tensors must have same number of dimensions: got ${a.length} and ${b.length}`);
  for (let i = 0; i < a.length; i++)
    if (i !== dim && a[i] !== b[i])
      throw new RuntimeError(
        `Sizes of tensors must match except in dimension ${dim}. Expected size ${a[i]} but got size ${b[i]} for tensor number ${position} in the list.`,
      );
}

op('stack(Tensor[] tensors, int dim=0) -> Tensor', {
  doc: 'Joins tensors of one shape along a new dimension.',
  batch: (tensors, dim) => ops.stack(tensors, tensors.length === 0 ? dim : wrapDim(dim, tensors[0].ndim) + 1),
  forward(tensors, dim) {
    if (tensors.length === 0) throw new RuntimeError('stack expects a non-empty TensorList');
    const [first] = tensors;
    const d = wrapDim(dim, first.ndim + 1);
    for (const [i, t] of tensors.entries())
      if (!sameShape(t.shape, first.shape))
        throw new RuntimeError(
          `stack expects each tensor to be equal size, but got ${formatShape(first.shape)} at entry 0 and ${formatShape(t.shape)} at entry ${i}`,
        );
    const dtype = commonType(tensors);
    const shape = [...first.shape];
    shape.splice(d, 0, tensors.length);
    const { storage, strides } = empty(shape, dtype, first.storage.backend);
    const apart = [...strides];
    apart.splice(d, 1);
    for (const [i, t] of tensors.entries())
      copyInto(new Tensor(storage, dtype, t.shape, apart, i * strides[d]), t);
    return new Tensor(storage, dtype, shape, strides, 0);
  },
  linear: true,
  vjp: { tensors: (grad, { dim }): readonly Gradient[] => [...grad.unbind(dim)] },
});

op('atleast_1d(Tensor self) -> Tensor', {
  doc: 'A view with at least one dimension.',
  method: false,
  composite: (self) => (self.ndim === 0 ? self.reshape([1]) : self),
});

op('atleast_2d(Tensor self) -> Tensor', {
  doc: 'A view with at least two dimensions.',
  method: false,
  composite: (self) => (self.ndim === 0 ? self.reshape([1, 1]) : self.ndim === 1 ? self.unsqueeze(0) : self),
});

op('atleast_3d(Tensor self) -> Tensor', {
  doc: 'A view with at least three dimensions.',
  method: false,
  composite(self) {
    if (self.ndim === 0) return self.reshape([1, 1, 1]);
    if (self.ndim === 1) return self.unsqueeze(0).unsqueeze(-1);
    return self.ndim === 2 ? self.unsqueeze(-1) : self;
  },
});

function checkSome(name: string, tensors: readonly Tensor[]): void {
  if (tensors.length === 0) throw new RuntimeError(`${name} expects a non-empty TensorList`);
}

op('hstack(Tensor[] tensors) -> Tensor', {
  doc: 'Joins tensors side by side: along dimension 1, or 0 for vectors.',
  composite(tensors) {
    checkSome('hstack', tensors);
    const parts = tensors.map((t) => ops.atleast1d(t));
    return ops.cat(parts, parts[0]?.ndim === 1 ? 0 : 1);
  },
});

op('vstack(Tensor[] tensors) -> Tensor', {
  doc: 'Joins tensors on top of each other, vectors as rows.',
  aliases: ['row_stack'],
  composite(tensors) {
    checkSome('vstack', tensors);
    const parts = tensors.map((t) => ops.atleast2d(t));
    return ops.cat(parts, 0);
  },
});

op('dstack(Tensor[] tensors) -> Tensor', {
  doc: 'Joins tensors along a third dimension.',
  composite(tensors) {
    checkSome('dstack', tensors);
    const parts = tensors.map((t) => ops.atleast3d(t));
    return ops.cat(parts, 2);
  },
});

op('column_stack(Tensor[] tensors) -> Tensor', {
  doc: 'Joins tensors side by side, vectors as columns.',
  composite: (tensors) => ops.hstack(tensors.map((t) => (t.ndim <= 1 ? t.reshape([t.numel(), 1]) : t))),
});

op('repeat(Tensor self, int[] repeats) -> Tensor', {
  doc: 'Copies the tensor this often along each dimension; more entries than dimensions add leading ones.',
  function: false,
  composite(self, repeats) {
    if (repeats.length < self.ndim)
      throw new RuntimeError(
        'Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor',
      );
    const padded = [...new Array<number>(repeats.length - self.ndim).fill(1), ...self.shape];
    checkNotNegative(padded.map((n, i) => n * repeats[i]));
    const apart = padded.flatMap((n) => [1, n]);
    const wide = padded.flatMap((n, i) => [repeats[i], n]);
    return self
      .reshape(apart)
      .expand(wide)
      .clone()
      .reshape(padded.map((n, i) => n * repeats[i]));
  },
});

op('tile(Tensor self, int[] dims) -> Tensor', {
  doc: '`repeat`, with missing leading entries taken as 1.',
  composite: (self, dims) =>
    self.repeat([...new Array<number>(Math.max(self.ndim - dims.length, 0)).fill(1), ...dims]),
});

op('repeat_interleave.int(Tensor self, int repeats, int? dim=None, *, int? output_size=None) -> Tensor', {
  doc: 'Repeats each element along a dimension (of the flattened tensor by default).',
  composite(self, repeats, dim, outputSize) {
    if (repeats < 0) throw new RuntimeError('Repeats must be non-negative');
    if (dim === null) return self.reshape([-1]).repeatInterleave(repeats, 0, { outputSize });
    const d = wrapDim(dim, self.ndim);
    const length = self.shape[d] * repeats;
    if (outputSize !== null && outputSize !== length)
      throw new RuntimeError(
        `repeat_interleave: Invalid output_size, expected ${length} but got ${outputSize}`,
      );
    const wide = [...self.shape.slice(0, d + 1), repeats, ...self.shape.slice(d + 1)];
    return self
      .unsqueeze(d + 1)
      .expand(wide)
      .clone()
      .flatten(d, d + 1);
  },
});

op(
  'repeat_interleave.Tensor(Tensor self, Tensor repeats, int? dim=None, *, int? output_size=None) -> Tensor',
  {
    doc: 'Repeats each slice along a dimension as often as `repeats` says.',
    reads: true,
    composite(self, repeats, dim, outputSize) {
      if (dim === null) return self.reshape([-1]).repeatInterleave(repeats, 0, { outputSize });
      if (repeats.ndim > 1 || repeats.isFloatingPoint())
        throw new RuntimeError('repeat_interleave only accept 1D vector as repeat');
      const d = wrapDim(dim, self.ndim);
      if (self.isMeta || repeats.isMeta) {
        if (outputSize === null)
          throw new RuntimeError(
            'cannot repeat_interleave a meta tensor without output_size (write { outputSize })',
          );
        return self.indexSelect(d, ops.empty([outputSize], { dtype: int64, device: self.device }));
      }
      const counts = repeats.expand([self.shape[d]]).tolist() as number[];
      const index: number[] = [];
      for (const [i, count] of counts.entries()) {
        if (count < 0) throw new RuntimeError('repeats can not be negative');
        for (let k = 0; k < count; k++) index.push(i);
      }
      if (outputSize !== null && outputSize !== index.length)
        throw new RuntimeError('allocated size does not match required size');
      const positions = ops.empty([index.length], { dtype: int64, device: 'cpu' });
      const { buffer, byteOffset } = positions.storage.host()!;
      new BigInt64Array(buffer, byteOffset, index.length).set(index.map(BigInt));
      return self.indexSelect(d, positions.to(self.device));
    },
  },
);

op('flip(Tensor self, int[] dims) -> Tensor', {
  doc: 'A copy in the opposite order along these dimensions.',
  batch: (self, list) => self.flip(list.map((d) => wrapDim(d, self.ndim - 1) + 1)),
  forward(self, dims) {
    const list = dims.length === 0 ? [] : wrapDims(dims, self.ndim);
    const strides = [...self.strides];
    let { offset } = self;
    for (const d of list) {
      if (self.ndim === 0) break;
      offset += Math.max(self.shape[d] - 1, 0) * strides[d];
      strides[d] = -strides[d];
    }
    const result = empty(self.shape, self.dtype, self.storage.backend);
    copyInto(result, new Tensor(self.storage, self.dtype, self.shape, strides, offset));
    return result;
  },
  linear: true,
  vjp: { self: (grad, { dims }) => grad.flip(dims) },
});

op('fliplr(Tensor self) -> Tensor', {
  doc: 'A copy with the order of columns reversed.',
  composite(self) {
    if (self.ndim < 2) throw new RuntimeError('Input must be >= 2-d.');
    return self.flip([1]);
  },
});

op('flipud(Tensor self) -> Tensor', {
  doc: 'A copy with the order of rows reversed.',
  composite(self) {
    if (self.ndim < 1) throw new RuntimeError('Input must be >= 1-d.');
    return self.flip([0]);
  },
});

/** Writes a tensor into another, every dimension turned round by so many places. */
function rollInto(target: Tensor, source: Tensor, shifts: readonly number[], dim = 0): void {
  if (dim === shifts.length) {
    copyInto(target, source);
    return;
  }
  const shift = shifts[dim];
  if (shift === 0) {
    rollInto(target, source, shifts, dim + 1);
    return;
  }
  const part = (t: Tensor, start: number, length: number): Tensor =>
    new Tensor(
      t.storage,
      t.dtype,
      t.shape.map((n, d) => (d === dim ? length : n)),
      t.strides,
      t.offset + start * t.strides[dim],
    );
  const kept = source.shape[dim] - shift;
  rollInto(part(target, shift, kept), part(source, 0, kept), shifts, dim + 1);
  rollInto(part(target, 0, shift), part(source, kept, shift), shifts, dim + 1);
}

op('roll(Tensor self, int[1] shifts, int[1] dims=[]) -> Tensor', {
  doc: 'Shifts elements along dimensions; what leaves at one end enters at the other. Without `dims`, flattened.',
  batch: (self, shifts, dims, { size }) =>
    dims.length === 0 && shifts.length === 1
      ? self.reshape([size, -1]).roll(shifts, [1]).view(self.shape)
      : self.roll(
          shifts,
          dims.map((d) => wrapDim(d, self.ndim - 1) + 1),
        ),
  forward(self, shifts, dims) {
    const isFlat = dims.length === 0;
    if (shifts.length !== (isFlat ? 1 : dims.length))
      throw new RuntimeError(
        `shifts and dimensions must align. shifts: ${shifts.length}, dims:${dims.length}`,
      );
    const source = isFlat ? self.contiguous().view([-1]) : self;
    const result = empty(self.shape, self.dtype, self.storage.backend);
    const target = isFlat ? result.view([-1]) : result;
    const { shape } = source;
    const by = shape.map(() => 0);
    for (const [i, dim] of (isFlat ? [0] : dims).entries()) {
      const d = wrapDim(dim, shape.length);
      if (shape.length === 0)
        throw new IndexError(`Dimension specified as ${dim} but tensor has no dimensions`);
      if (shape[d] > 0) by[d] = (((by[d] + shifts[i]) % shape[d]) + shape[d]) % shape[d];
    }
    rollInto(target, source, by);
    return result;
  },
  linear: true,
  vjp: {
    self: (grad, { shifts, dims }) =>
      grad.roll(
        shifts.map((n) => -n),
        dims,
      ),
  },
});

op('rot90(Tensor self, int k=1, int[] dims=[0,1]) -> Tensor', {
  doc: 'Rotates by k · 90° in the plane of two dimensions, from the first towards the second.',
  composite(self, k, dims) {
    if (dims.length !== 2)
      throw new RuntimeError(`expected total rotation dims == 2, but got dims = ${dims.length}`);
    if (self.ndim < 2) throw new RuntimeError(`expected total dims >= 2, but got total dims = ${self.ndim}`);
    const [a, b] = dims;
    if (a === b || Math.abs(a - b) === self.ndim)
      throw new RuntimeError(`expected rotation dims to be different, but got dim0 = ${a} and dim1 = ${b}`);
    const turns = ((k % 4) + 4) % 4;
    if (turns === 1) return self.flip([b]).transpose(a, b);
    if (turns === 2) return self.flip(dims);
    return turns === 3 ? self.flip([a]).transpose(a, b) : self.clone();
  },
});

op('broadcast_tensors(Tensor[] tensors) -> Tensor[]', {
  doc: 'The tensors expanded to their common shape.',
  composite(tensors) {
    const shape = tensors.map((t) => t.shape).reduce(broadcastShapes, []);
    return tensors.map((t) => t.expand(shape));
  },
});

op("meshgrid(Tensor[] tensors, *, 'ij'|'xy' indexing='ij') -> Tensor[]", {
  doc: "Coordinate grids from vectors; `indexing` 'xy' swaps the first two dimensions.",
  composite(tensors, indexing) {
    if (indexing !== 'ij' && indexing !== 'xy')
      throw new RuntimeError(
        `torch.meshgrid: indexing must be one of "xy" or "ij", but received: ${indexing}`,
      );
    if (tensors.length === 0) throw new RuntimeError('meshgrid expects a non-empty TensorList');
    for (const t of tensors) {
      if (t.ndim > 1)
        throw new RuntimeError(`torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: ${t}`);
      if (t.dtype !== tensors[0].dtype)
        throw new RuntimeError('meshgrid expects all tensors to have the same dtype');
      if (t.storage.backend !== tensors[0].storage.backend)
        throw new RuntimeError('meshgrid expects all tensors to have the same device');
    }
    const swap = indexing === 'xy' && tensors.length >= 2;
    const list = swap ? [tensors[1], tensors[0], ...tensors.slice(2)] : tensors;
    const shape = list.map((t) => t.numel());
    const grids = list.map((t, i) => t.reshape(shape.map((_, d) => (d === i ? -1 : 1))).expand(shape));
    if (!swap) return grids;
    const [first, second, ...rest] = grids;
    return [second, first, ...rest];
  },
});

op('cartesian_prod(Tensor[] tensors) -> Tensor', {
  doc: 'All combinations of the elements of vectors, one a row.',
  composite(tensors) {
    for (const t of tensors)
      if (t.ndim !== 1) throw new RuntimeError(`Expect a 1D vector, but got shape ${formatShape(t.shape)}`);
    if (tensors.length === 1) return tensors[0];
    const grids = ops.meshgrid(tensors);
    return ops.stack(
      grids.map((g) => g.flatten()),
      1,
    );
  },
});

/** Rows and columns of a matrix; a vector is a row, a number a matrix of one element. */
const sizesOfBlock = (shape: Shape): readonly [rows: number, columns: number] =>
  shape.length === 2 ? [shape[0], shape[1]] : [1, shape[0] ?? 1];

op('block_diag(Tensor[] tensors) -> Tensor', {
  doc: 'A matrix with the given ones along its diagonal and zeros elsewhere.',
  batch(tensors) {
    const blocks = tensors.map((t) => t.reshape([t.shape[0], ...sizesOfBlock(t.shape.slice(1))]));
    const columns = blocks.reduce((n, b) => n + b.shape[2], 0);
    let at = 0;
    const rows = blocks.map((b) => {
      const left = at;
      at += b.shape[2];
      return ops.constantPadNd(b, [left, columns - at]);
    });
    return ops.cat(rows, 1);
  },
  forward(tensors) {
    if (tensors.length === 0) return empty([1, 0], getDefaultDtype());
    const sizes = tensors.map(({ ndim, shape }, i) => {
      if (ndim > 2)
        throw new RuntimeError(
          `torch.block_diag: Input tensors must have 2 or fewer dimensions. Input ${i} has ${ndim} dimensions`,
        );
      return sizesOfBlock(shape);
    });
    const [rows, columns] = [0, 1].map((k) => sizes.reduce((n, size) => n + size[k], 0));
    const dtype = commonType(tensors);
    const result = empty([rows, columns], dtype, tensors[0].storage.backend);
    fillInto(result, 0);
    let at = 0;
    for (const [i, t] of tensors.entries()) {
      copyInto(new Tensor(result.storage, dtype, sizes[i], result.strides, at), t);
      at += sizes[i][0] * columns + sizes[i][1];
    }
    return result;
  },
  save: ['tensors'],
  linear: true,
  vjp: {
    tensors(grad, { tensors }) {
      let [row, column] = [0, 0];
      return tensors.map(({ shape }) => {
        const [rows, columns] = sizesOfBlock(shape);
        const block = grad.narrow(0, row, rows).narrow(1, column, columns);
        row += rows;
        column += columns;
        return block.reshape(shape);
      });
    },
  },
});

op('atleast_1d.Sequence(Tensor[] tensors) -> Tensor[]', {
  doc: 'Views with at least one dimension.',
  composite: (tensors) => tensors.map((t) => ops.atleast1d(t)),
});

op('atleast_2d.Sequence(Tensor[] tensors) -> Tensor[]', {
  doc: 'Views with at least two dimensions.',
  composite: (tensors) => tensors.map((t) => ops.atleast2d(t)),
});

op('atleast_3d.Sequence(Tensor[] tensors) -> Tensor[]', {
  doc: 'Views with at least three dimensions.',
  composite: (tensors) => tensors.map((t) => ops.atleast3d(t)),
});

op('_chunk_cat(Tensor[] tensors, int dim, int num_chunks) -> Tensor', {
  doc: 'Every tensor padded with zeros to `num_chunks` equal pieces along `dim`, the pieces flattened and joined with those of the others.',
  composite(tensors, dim, chunks) {
    if (tensors.length === 0) throw new RuntimeError('_chunk_cat expects a non-empty input tensor list');
    if (chunks < 1) throw new RuntimeError('_chunk_cat expects positive num_chunks');
    const d = wrapDim(dim, tensors[0].ndim);
    const lead = tensors[0].shape.slice(0, d);
    const pieces = tensors.map((tensor) => {
      if (tensor.numel() === 0) throw new RuntimeError('_chunk_cat expects non-empty tensor');
      if (tensor.ndim <= d) throw new RuntimeError('_chunk_cat expects dim < ndim for all input tensors');
      if (!sameShape(tensor.shape.slice(0, d), lead))
        throw new RuntimeError('_chunk_cat expects same sizes of 0,...,dim-1 dimensions for all tensors');
      const size = Math.ceil(tensor.shape[d] / chunks);
      const missing = size * chunks - tensor.shape[d];
      const rest = tensor.shape.slice(d + 1);
      const padding = missing === 0 ? [] : [tensor.newZeros([...lead, missing, ...rest])];
      return ops.cat([tensor, ...padding], d).reshape([...lead, chunks, -1]);
    });
    return ops.cat(pieces, d + 1);
  },
});
