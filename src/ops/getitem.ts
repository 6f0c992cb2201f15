/**
 * Python's `a[…]` and `a[…] = v`: `a.index(…)` and `a.indexPut_([…], v)`. Numbers, slices, `'...'`, `null` (a new
 * dimension) and booleans make a view; tensors and arrays of integers pick elements (a copy).
 */

import { checkAlive } from '../core/disposed.js';
import { bool, Category, type DType, int32, int64, uint8 } from '../core/dtype.js';
import { IndexError, RuntimeError, TypeError, ValueError } from '../core/errors.js';
import { broadcastShapes, broadcastStrides, formatShape, type Shape, sameShape } from '../core/layout.js';
import { libraryClass } from '../core/object.js';
import { isPlainObject } from '../core/plain.js';
import { isScalar, type Scalar } from '../core/scalar.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { standsForSeveral } from '../core/stand_ins.js';
import { Tensor } from '../core/tensor.js';
import type { Stack } from '../dispatch/batch_rule.js';
import { empty } from '../dispatch/empty.js';
import { apart } from '../dispatch/overlap.js';
import { op, ops } from '../dispatch/registry.js';
import { expandStack, ndimOf, padStack } from '../dispatch/stacks.js';
import { installReaders } from '../dispatch/twins.js';
import { typeName } from '../dispatch/type_name.js';
import { scalarTensor } from './creation.js';
import { tensor } from './from_data.js';
import { withDimensions } from './indices.js';

/** A slice, Python's `start:stop:step`. */
export class Slice {
  constructor(
    readonly start: number | null,
    readonly stop: number | null,
    readonly step: number | null,
  ) {}
}

libraryClass(Slice);

const sliceSignature = signature('slice(int? start=None, int? stop=None, int? step=None)');

/** Python's `slice(start, stop, step)`; with one argument, that is the stop. */
export function slice(...args: Arguments<typeof sliceSignature>): Slice {
  const { start, stop, step } = sliceSignature.bind(args);
  const [first, ...rest]: readonly unknown[] = args;
  const isAlone = rest.every((arg) => arg === undefined);
  if (first === undefined && isAlone) throw new TypeError('slice expected at least 1 argument, got 0');
  return isAlone && !isPlainObject(first) ? new Slice(null, start, null) : new Slice(start, stop, step);
}

/** An index between brackets: an integer, a slice (also as a string), `'...'`, null, a boolean, a tensor, an array. */
export type Index = number | bigint | string | null | boolean | Slice | Tensor | NestedIndex;
export type NestedIndex = readonly (number | boolean | NestedIndex)[];

const indexPut = signature('index_put(Any indices, Any values, bool accumulate=False)');

declare module '../core/tensor.js' {
  interface Tensor {
    /**
     * Python's `self[…]`: `a[:, 1]` is `a.index(':', 1)`, `a[..., -1]` is `a.index('...', -1)`.
     *
     * @throws IndexError for an index out of range, or too many of them
     */
    index(...index: Index[]): Tensor;
    /** `index()`, on devices that must be waited for too: there how many elements a mask picks is not known at once. */
    indexAsync(...index: Index[]): Promise<Tensor>;
    /**
     * Python's `self[…] = value`: `a[:, 1] = 0` is `a.indexPut_([':', 1], 0)`. With `accumulate`, tensors of indices
     * add instead of assigning.
     */
    indexPut_(
      ...args: Arguments<
        typeof indexPut,
        { indices: readonly Index[] | readonly (Tensor | null)[]; values: Tensor | Scalar }
      >
    ): this;
    /** `indexPut_()`, on devices that must be waited for too. A number can be assigned by a mask without waiting. */
    indexPut_Async(
      ...args: Arguments<
        typeof indexPut,
        { indices: readonly Index[] | readonly (Tensor | null)[]; values: Tensor | Scalar }
      >
    ): Promise<this>;
    /** As `indexPut_`, on a copy. */
    indexPut(
      ...args: Arguments<
        typeof indexPut,
        { indices: readonly Index[] | readonly (Tensor | null)[]; values: Tensor | Scalar }
      >
    ): Tensor;
    /** `indexPut()`, on devices that must be waited for too. */
    indexPutAsync(
      ...args: Arguments<
        typeof indexPut,
        { indices: readonly Index[] | readonly (Tensor | null)[]; values: Tensor | Scalar }
      >
    ): Promise<Tensor>;
  }
}

export function parseSlice(text: string): Slice {
  const match = /^\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*(-?\d+)?\s*)?$/.exec(text);
  if (match === null)
    throw new TypeError(`not a slice or an ellipsis: '${text}' (write 'start:stop:step' or '...')`);
  const [start, stop, step] = match.slice(1).map((s) => (s === undefined ? null : Number(s)));
  return new Slice(start, stop, step);
}

const isIndexType = (dtype: DType): boolean =>
  dtype === int64 || dtype === int32 || dtype === bool || dtype === uint8;

/** The view that the basic indices make, and a tensor of indices (or null) for each of its dimensions. */
function applyBasic(self: Tensor, index: readonly Index[]): { view: Tensor; tensors: (Tensor | null)[] } {
  const items = index.map((i) => (typeof i === 'string' && i.trim() !== '...' ? parseSlice(i) : i));
  if (self.ndim === 0 && items.length === 1 && typeof items[0] === 'number')
    throw new IndexError(
      items[0] === 0
        ? 'invalid index of a 0-dim tensor. Use `tensor.item()` to convert a 0-dim tensor to a number'
        : `index ${items[0]} is out of bounds for dimension 0 with size 0`,
    );
  const used = items.reduce<number>((n, item) => n + consumed(item), 0);
  if (used > self.ndim) throw new IndexError(`too many indices for tensor of dimension ${self.ndim}`);
  let view = self;
  let dim = 0;
  const tensors: (Tensor | null)[] = [];
  for (const [place, item] of items.entries()) {
    if (typeof item === 'string') {
      dim += self.ndim - used;
      for (let k = 0; k < self.ndim - used; k++) tensors.push(null);
    } else if (item === null) {
      view = view.unsqueeze(dim++);
      tensors.push(null);
    } else if (typeof item === 'boolean') {
      view = view.unsqueeze(dim++);
      tensors.push(scalarTensor(item));
    } else if (typeof item === 'number' || typeof item === 'bigint') {
      view = selectIndex(view, dim, Number(item), place);
    } else if (item instanceof Slice) {
      if (item.step !== null && item.step <= 0) throw new ValueError('step must be greater than zero');
      const whole = item.start === null && item.stop === null && (item.step ?? 1) === 1;
      if (!whole) view = view.slice(dim, item.start, item.stop, item.step ?? 1);
      dim++;
      tensors.push(null);
    } else {
      const t = item instanceof Tensor ? item : indexTensor(item);
      if (!isIndexType(t.dtype) && (t.ndim > 0 || t.dtype.category > Category.int))
        throw new IndexError('tensors used as indices must be long, int, byte or bool tensors');
      // A 0-d integer is an integer.
      if (t.ndim === 0 && t.isReadable && t.dtype !== bool && t.dtype !== uint8)
        view = selectIndex(view, dim, t.item(), place);
      else {
        const isMask = t.dtype === bool || t.dtype === uint8;
        if (isMask && t.ndim === 0) {
          view = view.unsqueeze(dim++);
          tensors.push(t.to(bool));
        } else {
          tensors.push(t);
          for (let k = 1; k < (isMask ? t.ndim : 1); k++) tensors.push(null);
          dim += isMask ? t.ndim : 1;
        }
      }
    }
  }
  return { view, tensors };
}

/** How many dimensions of the tensor an index stands for. */
function consumed(item: Index): number {
  if (item === null || typeof item === 'string' || typeof item === 'boolean') return 0;
  if (item instanceof Tensor) return item.dtype === bool || item.dtype === uint8 ? item.ndim : 1;
  if (Array.isArray(item)) {
    let depth = 0;
    let level: unknown = item;
    while (Array.isArray(level)) {
      depth++;
      level = level[0];
    }
    return typeof level === 'boolean' ? depth : 1;
  }
  return 1;
}

/** @param place which of the indices it is, by which PyTorch names the dimension */
function selectIndex(view: Tensor, dim: number, index: number, place: number): Tensor {
  if (!Number.isInteger(index))
    throw new IndexError(
      `only integers, slices (\`:\`), ellipsis (\`...\`), None and long or byte Variables are valid indices (got ${typeName(index)})`,
    );
  const size = view.shape[dim];
  if (index < -size || index >= size)
    throw new IndexError(`index ${index} is out of bounds for dimension ${place} with size ${size}`);
  return view.select(dim, index);
}

function indexTensor(
  list: Exclude<Index, number | bigint | string | null | boolean | Slice | Tensor>,
): Tensor {
  if (!Array.isArray(list))
    throw new IndexError(
      `only integers, slices (\`:\`), ellipsis (\`...\`), None and long or byte Variables are valid indices (got ${typeName(list)})`,
    );
  return list.length === 0 ? tensor([], { dtype: int64 }) : tensor(list as never);
}

function checkMask(view: Tensor, mask: Tensor, dim: number): void {
  for (let k = 0; k < mask.ndim; k++)
    if (mask.shape[k] !== view.shape[dim + k])
      throw new IndexError(
        `The shape of the mask ${formatShape(mask.shape)} at index ${k} does not match the shape of the indexed tensor ${formatShape(view.shape)} at index ${dim + k}`,
      );
}

/**
 * The mask of an assignment of one value to what a single mask picks, with dimensions of size 1 behind its own; null for any other
 * assignment. Nobody needs to know where its elements stand.
 */
function soleMask(
  view: Tensor,
  indices: readonly (Tensor | null)[],
  values: Tensor,
  accumulate: boolean,
): Tensor | null {
  const at = indices.findIndex((t) => t !== null);
  const mask = indices[at];
  if (at < 0 || mask === null || indices.slice(at + 1).some((t) => t !== null)) return null;
  if (accumulate || values.ndim > 1 || values.numel() !== 1) return null;
  if ((mask.dtype !== bool && mask.dtype !== uint8) || mask.ndim === 0) return null;
  checkMask(view, mask, at);
  const behind = new Array<number>(view.ndim - at - mask.ndim).fill(1);
  return mask.to(view.device, bool).reshape([...mask.shape, ...behind]);
}

/** Masks as the coordinates of their true elements. @throws IndexError where a mask does not fit */
function expandMasks(view: Tensor, tensors: readonly (Tensor | null)[]): (Tensor | null)[] {
  const result: (Tensor | null)[] = [];
  for (const [i, t] of tensors.entries()) {
    if (t === null) {
      if (result.length <= i) result.push(null);
      continue;
    }
    if (t.dtype !== bool && t.dtype !== uint8) {
      result[i] = t;
      continue;
    }
    if (t.ndim === 0) {
      // A true (false) scalar picks its new dimension once (never).
      result[i] = t.item() ? tensor([0]) : tensor([], { dtype: int64 });
      continue;
    }
    checkMask(view, t, i);
    if (standsForSeveral(t))
      throw new RuntimeError(
        'vmap: We do not support batching operators that can support dynamic shape. Attempting to batch over indexing with a boolean mask.',
      );
    const coordinates = t.nonzero();
    for (let k = 0; k < t.ndim; k++) result[i + k] = coordinates.select(1, k);
  }
  return result;
}

interface Gathered {
  /** The view with the indexed dimensions left out: [before…, after…]. */
  readonly rest: Tensor;
  readonly indices: readonly Tensor[];
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly before: number;
  readonly shape: Shape;
  /** Which dimension each index belongs to. */
  readonly dims: readonly number[];
}

function checkIndices(self: Tensor, given: readonly (Tensor | null)[]): void {
  if (given.length > self.ndim)
    throw new IndexError(`too many indices for tensor of dimension ${self.ndim} (got ${given.length})`);
  for (const t of given) {
    if (t === null) continue;
    if (!isIndexType(t.dtype))
      throw new IndexError('tensors used as indices must be long, int, byte or bool tensors');
    if (!t.storage.backend.isHost && t.storage.backend !== self.storage.backend)
      throw new RuntimeError(
        `indices should be either on cpu or on the same device as the indexed tensor (${self.device})`,
      );
  }
}

function prepare(self: Tensor, list: readonly (Tensor | null)[]): Gathered {
  checkIndices(self, list);
  const dims = list.flatMap((t, d) => (t === null ? [] : [d]));
  let common: Shape = [];
  try {
    for (const d of dims) common = broadcastShapes(common, list[d]!.shape);
  } catch {
    throw new IndexError(
      `shape mismatch: indexing tensors could not be broadcast together with shapes ${dims.map((d) => formatShape(list[d]!.shape)).join(', ')}`,
    );
  }
  const adjacent = dims.every((d, i) => i === 0 || d === dims[i - 1] + 1);
  const others = self.shape.map((_, d) => d).filter((d) => !dims.includes(d));
  const before = adjacent && dims.length > 0 ? dims[0] : 0;
  const restShape = others.map((d) => self.shape[d]);
  const restStrides = others.map((d) => self.strides[d]);
  return {
    rest: new Tensor(self.storage, self.dtype, restShape, restStrides, self.offset),
    indices: dims.map((d) => {
      const here = list[d]!.device.type === self.device.type ? list[d]! : list[d]!.to(self.device);
      const t = here.dtype === int64 ? here : here.to(int64);
      return new Tensor(t.storage, int64, common, broadcastStrides(t.shape, t.strides, common), t.offset);
    }),
    sizes: dims.map((d) => self.shape[d]),
    strides: dims.map((d) => self.strides[d]),
    before,
    shape: [...restShape.slice(0, before), ...common, ...restShape.slice(before)],
    dims,
  };
}

/** Where a stack's result has the dimensions of the indices: `moved` behind the stack's, to go behind `before` others. */
function layoutOf(
  indices: readonly (Tensor | null)[],
  isStacked: boolean,
): { isAdjacent: boolean; before: number; moved: readonly number[] } {
  const dims = indices.flatMap((t, d) => (t === null ? [] : [d]));
  const isAdjacent = dims.every((d, i) => i === 0 || d === dims[i - 1] + 1);
  const moved = Array.from({ length: commonNdim(indices, isStacked) }, (_, d) => d + 1);
  return { isAdjacent, before: isAdjacent ? dims[0] : 0, moved };
}

const commonNdim = (indices: readonly (Tensor | null)[], isStacked: boolean): number =>
  Math.max(...indices.map((t) => (t === null ? 0 : ndimOf(t, isStacked))));

function alignedIndices(indices: readonly (Tensor | null)[], isStacked: boolean): (Tensor | null)[] {
  const ndim = commonNdim(indices, isStacked);
  return indices.map((t) => (t === null ? null : padStack(t, isStacked, ndim)));
}

/** The index by which each of a stack picks from its own. */
function counter(stack: Tensor, indices: readonly (Tensor | null)[], isStacked: boolean): Tensor {
  const size = stack.shape[0];
  const behind = new Array<number>(commonNdim(indices, isStacked)).fill(1);
  return ops.arange(size, { device: stack.device }).view([size, ...behind]);
}

function putStacked(
  self: Tensor,
  indices: readonly (Tensor | null)[],
  values: Tensor,
  accumulate: boolean,
  { size, has }: Stack<'self' | 'indices' | 'values'>,
): Tensor {
  const into = expandStack(self, has.self, size);
  const at = indices.findIndex((t) => t !== null);
  const mask = indices[at]!;
  const ones = (count: number): number[] => new Array<number>(count).fill(1);
  if (mask.dtype === bool || mask.dtype === uint8) {
    // One value for what a single mask picks.
    const own = has.indices ? mask.shape.slice(1) : mask.shape;
    const lead = has.indices ? [size, ...ones(at)] : [];
    const where = mask.to(bool).reshape([...lead, ...own, ...ones(into.ndim - 1 - at - own.length)]);
    const value = values.reshape([has.values ? size : 1, ...ones(into.ndim - 1)]);
    return ops.where(where, value.to(self.dtype), into);
  }
  const { before, moved } = layoutOf(indices, has.indices);
  const ndim = into.ndim - 1 - indices.filter((t) => t !== null).length + moved.length;
  const given = padStack(expandStack(values, has.values, size), true, ndim);
  const from =
    before === 0
      ? given
      : given.movedim(
          moved.map((d) => d + before),
          moved,
        );
  const places = [counter(into, indices, has.indices), ...alignedIndices(indices, has.indices)];
  return into._indexPut(places, from, accumulate);
}

op('_index(Tensor self, Tensor?[] indices) -> Tensor', {
  doc: 'Picks elements by tensors of integers, one per dimension (null: the whole dimension).',
  batch: (self, indices, { has }) => {
    const { isAdjacent, before, moved } = layoutOf(indices, has.indices);
    if (!has.indices) {
      const result = self._index([null, ...indices]);
      return isAdjacent ? result : result.movedim(moved.length, 0);
    }
    if (!has.self) {
      const result = self._index(alignedIndices(indices, true));
      return isAdjacent ? result.movedim(before, 0) : result;
    }
    const result = self._index([counter(self, indices, true), ...alignedIndices(indices, true)]);
    return before === 0
      ? result
      : result.movedim(
          moved,
          moved.map((d) => d + before),
        );
  },
  devices: 'any',
  gradName: 'IndexBackward0',
  save: ['indices'],
  forward(self, indices) {
    const g = prepare(self, indices);
    const out = empty(g.shape, self.dtype, self.storage.backend);
    withDimensions(g.dims, () =>
      out.storage.backend.kernels.index_get(out, g.rest, g.indices, g.sizes, g.strides, g.before),
    );
    return out;
  },
  linear: true,
  vjp: {
    self: (grad, { indices, sizes }) => grad.newZeros(sizes.self)._putIndex_(indices, grad, true),
  },
});

op('_index_put(Tensor self, Tensor?[] indices, Tensor values, bool accumulate=False) -> Tensor', {
  doc: 'Assigns (or adds) to the elements that tensors of integers, or for one value a mask, pick.',
  batch: (self, indices, values, accumulate, stack) => putStacked(self, indices, values, accumulate, stack),
  devices: 'any',
  gradName: 'IndexPutBackward0',
  save: ['indices'],
  inplace: false,
  forward(self, indices, values, accumulate) {
    const result = self.clone();
    put(result, indices, values, accumulate);
    return result;
  },
  vjp: { self: putSelfGradient, values: putValuesGradient },
});

op('_put_index(Tensor self, Tensor?[] indices, Tensor values, bool accumulate=False) -> Tensor', {
  doc: 'As `_index_put`, in place.',
  batch: (self, indices, values, accumulate, stack) => putStacked(self, indices, values, accumulate, stack),
  devices: 'any',
  gradName: 'IndexPutBackward0',
  functional: false,
  save: ['indices'],
  mutate: put,
  vjp: { self: putSelfGradient, values: putValuesGradient },
});

/** The indices of an assignment, so that its backward pass need not ask for a mask's values again. */
export function withoutMasks(
  view: Tensor,
  indices: readonly (Tensor | null)[],
  values: Tensor,
  accumulate: boolean,
): readonly (Tensor | null)[] {
  checkIndices(view, indices);
  if (view.isMeta) return indices;
  return soleMask(view, indices, values, accumulate) === null ? expandMasks(view, indices) : indices;
}

interface Saved {
  readonly indices: readonly (Tensor | null)[];
  readonly accumulate: boolean;
  readonly sizes: { readonly values: Shape };
}

function putSelfGradient(grad: Tensor, { indices, accumulate }: Omit<Saved, 'sizes'>): Tensor {
  return accumulate ? grad : grad._indexPut(indices, grad.newZeros([]), false);
}

function putValuesGradient(grad: Tensor, { indices, accumulate, sizes }: Saved): Tensor {
  const one = grad.newEmpty(sizes.values);
  const mask = soleMask(grad, indices, one, accumulate);
  if (mask !== null) return grad.maskedFill(mask.logicalNot(), 0).sum().reshape(sizes.values);
  return grad._index(indices);
}

function checkPutDtypes(self: Tensor, values: Tensor): void {
  if (values.dtype !== self.dtype)
    throw new RuntimeError(
      `Index put requires the source and destination dtypes match, got ${self.dtype.scalarName} for the destination and ${values.dtype.scalarName} for the source.`,
    );
}

function put(self: Tensor, indices: readonly (Tensor | null)[], values: Tensor, accumulate: boolean): void {
  checkIndices(self, indices);
  if (self.isMeta) return;
  const mask = soleMask(self, indices, values, accumulate);
  if (mask !== null) {
    self.maskedFill_(apart(self, mask), apart(self, values).reshape([]));
    return;
  }
  checkPutDtypes(self, values);
  const g = prepare(
    self,
    indices.map((t) => (t === null ? null : apart(self, t))),
  );
  let shape: Shape | null = null;
  try {
    shape = broadcastShapes(values.shape, g.shape);
  } catch {}
  if (shape === null || !sameShape(shape, g.shape))
    throw new RuntimeError(
      `shape mismatch: value tensor of shape ${formatShape(values.shape)} cannot be broadcast to indexing result of shape ${formatShape(g.shape)}`,
    );
  const own = apart(self, values);
  const source = new Tensor(
    own.storage,
    own.dtype,
    g.shape,
    broadcastStrides(own.shape, own.strides, g.shape),
    own.offset,
  );
  withDimensions(g.dims, () =>
    self.storage.backend.kernels.index_put(
      g.rest,
      source,
      g.indices,
      g.sizes,
      g.strides,
      g.before,
      accumulate,
    ),
  );
}

function getItem(self: Tensor, index: readonly Index[]): Tensor {
  const { view, tensors } = applyBasic(self, index);
  if (tensors.every((t) => t === null)) return view === self ? self.alias() : view;
  // The backward pass must not have to ask for the masks' values again.
  return view._index(expandMasks(view, tensors));
}

function setItem(self: Tensor, index: readonly Index[], value: Tensor | Scalar, accumulate: boolean): void {
  if (!(value instanceof Tensor) && !isScalar(value))
    throw new TypeError(`can't assign a ${typeName(value)} to a torch.${self.dtype.scalarName}Tensor`);
  if (index.length === 1 && index[0] === false) return;
  const { view, tensors } = applyBasic(self, index);
  if (tensors.every((t) => t === null)) {
    if (accumulate) view.add_(value);
    else if (value instanceof Tensor) view.copy_(withoutLeadingOnes(value, view.ndim).expand(view.shape));
    else view.fill_(value);
    return;
  }
  const values =
    value instanceof Tensor ? withoutLeadingOnes(value, view.ndim) : scalarTensor(value, view.dtype);
  const given = values.ndim > 0 ? values : values.to(view.device);
  view._putIndex_(withoutMasks(view, tensors, given, accumulate), given, accumulate);
}

/** Assignment ignores leading dimensions of size 1 that the target does not have. */
function withoutLeadingOnes(value: Tensor, ndim: number): Tensor {
  let result = value;
  while (result.ndim > ndim && result.shape[0] === 1) result = result.select(0, 0);
  return result;
}

installReaders({
  index(this: Tensor, ...index: Index[]): Tensor {
    checkAlive(this, 'index()');
    return getItem(this, index);
  },
  indexPut_(this: Tensor, ...args: Arguments<typeof indexPut>): Tensor {
    checkAlive(this, 'indexPut_()');
    const { indices, values, accumulate } = indexPut.bind(args, 'index_put_');
    if (values instanceof Tensor) checkAlive(values, 'indexPut_()');
    setItem(this, indices as readonly Index[], values as Tensor | Scalar, accumulate);
    return this;
  },
  indexPut(this: Tensor, ...args: Arguments<typeof indexPut>): Tensor {
    const { indices, values, accumulate } = indexPut.bind(args);
    return this.clone().indexPut_(indices as readonly Index[], values as Tensor | Scalar, accumulate);
  },
});
