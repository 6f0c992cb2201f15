/** Tensors of every layout over memory that is watched: by guard bytes around it, and by what a naive model says a view addresses. */
import { deepStrictEqual } from 'node:assert';
import * as torch from '../../src/index.js';
import { type Draw, integer, onceIn, oneOf } from './property.js';

export const dtypes: readonly torch.Tensor['dtype'][] = [
  torch.float32,
  torch.float64,
  torch.int64,
  torch.int32,
  torch.uint8,
  torch.bool,
  torch.float16,
  torch.bfloat16,
  torch.int16,
  torch.int8,
];

type TypedArray =
  | Float32Array
  | Float64Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array;
type ArrayClass = new (buffer: ArrayBuffer, byteOffset: number, length: number) => TypedArray;

/** Arrays that `fromNumpy` wraps; tensors of other dtypes are of memory of the library's own. */
const arrays = new Map<torch.Tensor['dtype'], ArrayClass>([
  [torch.float32, Float32Array],
  [torch.float64, Float64Array],
  [torch.int64, BigInt64Array],
  [torch.int32, Int32Array],
  [torch.int16, Int16Array],
  [torch.int8, Int8Array],
  [torch.uint8, Uint8Array],
]);

const GUARD = 64;
const GUARD_BYTE = 0xa5;

export function numelOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** Positions, in elements, of a view's elements in row-major order: the definition of a strided view, and nothing clever. */
export function addressed(shape: readonly number[], strides: readonly number[], offset: number): number[] {
  if (shape.includes(0)) return [];
  let positions = [offset];
  for (const [d, size] of shape.entries())
    positions = positions.flatMap((p) => Array.from({ length: size }, (_, i) => p + i * strides[d]));
  return positions;
}

/** All bytes of the storage under a tensor, as they are now. */
export function bytesOf(tensor: torch.Tensor): Uint8Array {
  const { buffer, byteOffset } = tensor.storage.host()!;
  return new Uint8Array(buffer, byteOffset, tensor.storage.nbytes).slice();
}

interface Snapshot {
  readonly tensor: torch.Tensor;
  readonly storage: torch.Tensor['storage'];
  readonly bytes: Uint8Array;
  readonly version: number;
  readonly rest: readonly unknown[];
  readonly grad: torch.Tensor | null;
  readonly gradBytes: Uint8Array | null;
}

function state(t: torch.Tensor): readonly unknown[] {
  return [[...t.shape], [...t.strides], t.offset, t.dtype.name, t.requiresGrad, t.isLeaf];
}

/** The tensors of one try. */
export class World {
  readonly tensors: torch.Tensor[] = [];
  private readonly guards: { bytes: Uint8Array; what: string }[] = [];
  private snapshots: readonly Snapshot[] = [];

  /** A tensor of these sizes in some layout, with some values; sometimes it shares memory with an older one. */
  tensor(
    draw: Draw,
    shape: readonly number[],
    dtype: torch.Tensor['dtype'],
    value: () => number,
  ): torch.Tensor {
    const { strides, offset, length } = layout(draw, shape);
    const old = this.tensors.find((t) => t.dtype === dtype && t.storage.nbytes >= length * dtype.itemsize);
    const base =
      old !== undefined && !old.requiresGrad && onceIn(draw, 8) ? old : this.memory(dtype, length, value);
    const result = base.asStrided([...shape], [...strides], offset);
    this.tensors.push(result);
    return result;
  }

  /** Flat memory: wrapped and guarded where a typed array can hold the dtype. */
  memory(dtype: torch.Tensor['dtype'], length: number, value: () => number): torch.Tensor {
    const values = Array.from({ length }, value);
    const source = torch.tensor(values, { dtype: torch.float64 }).to(dtype);
    const Class = arrays.get(dtype);
    if (Class === undefined) return source;
    const nbytes = length * dtype.itemsize;
    const buffer = new ArrayBuffer(nbytes + 2 * GUARD);
    new Uint8Array(buffer).fill(GUARD_BYTE);
    const tensor = torch.fromNumpy(new Class(buffer, GUARD, length));
    tensor.copy_(source);
    this.guards.push({ bytes: new Uint8Array(buffer, 0, GUARD), what: 'before' });
    this.guards.push({ bytes: new Uint8Array(buffer, GUARD + nbytes), what: 'behind' });
    return tensor;
  }

  /** Remembers how everything is. */
  remember(): void {
    this.snapshots = this.tensors.map((tensor) => ({
      tensor,
      storage: tensor.storage,
      bytes: bytesOf(tensor),
      version: tensor.storage.version,
      rest: state(tensor),
      grad: tensor.grad,
      gradBytes: tensor.grad === null ? null : bytesOf(tensor.grad),
    }));
  }

  /** Refuses any change since then, but of the elements of `written`. */
  checkUnchanged(written: readonly torch.Tensor[] = []): void {
    for (const { bytes, what } of this.guards)
      if (bytes.some((b) => b !== GUARD_BYTE)) throw new Error(`bytes ${what} wrapped memory were written`);
    const allowed = new Map<torch.Tensor['storage'], Set<number>>();
    for (const snapshot of this.snapshots) {
      if (!written.includes(snapshot.tensor)) continue;
      const { tensor } = snapshot;
      const [shape, strides, offset] = snapshot.rest as [number[], number[], number];
      const { itemsize } = tensor.dtype;
      const set = allowed.get(snapshot.storage) ?? new Set();
      const before = addressed(shape, strides, offset);
      // `out` is given the sizes that the result has.
      const after =
        tensor.storage === snapshot.storage ? addressed(tensor.shape, tensor.strides, tensor.offset) : [];
      for (const p of [...before, ...after]) for (let b = 0; b < itemsize; b++) set.add(p * itemsize + b);
      allowed.set(snapshot.storage, set);
    }
    for (const [i, { tensor, storage, bytes, version, rest, grad, gradBytes }] of this.snapshots.entries()) {
      const may = allowed.get(storage);
      const { buffer, byteOffset } = storage.host()!;
      const now = new Uint8Array(buffer, byteOffset, storage.nbytes);
      for (let b = 0; b < bytes.length; b++)
        if (now[b] !== bytes[b] && !may?.has(b))
          throw new Error(`tensor ${i}: byte ${b} of its storage changed`);
      if (may !== undefined) continue;
      deepStrictEqual(state(tensor), rest, `tensor ${i}: its state changed`);
      if (storage.version !== version) throw new Error(`tensor ${i}: its version changed`);
      if (tensor.grad !== grad) throw new Error(`tensor ${i}: its gradient changed`);
      if (grad !== null)
        deepStrictEqual(bytesOf(grad), gradBytes, `tensor ${i}: its gradient's values changed`);
    }
  }
}

/** Strides and offset for these sizes: dense, transposed, with gaps, broadcast or overlapping; and how much memory they reach. */
export function layout(
  draw: Draw,
  shape: readonly number[],
): { strides: readonly number[]; offset: number; length: number } {
  const order = shape.map((_, d) => d).reverse();
  const kind = oneOf(draw, ['dense', 'dense', 'dense', 'permuted', 'gaps', 'broadcast', 'overlapping']);
  if (kind === 'permuted')
    for (let i = order.length - 1; i > 0; i--) {
      const j = integer(draw, 0, i);
      [order[i], order[j]] = [order[j], order[i]];
    }
  const strides = new Array<number>(shape.length);
  let step = kind === 'gaps' ? integer(draw, 1, 3) : 1;
  for (const d of order) {
    strides[d] = step;
    step *= Math.max(shape[d], 1);
    if (kind === 'gaps') step += integer(draw, 0, 2);
  }
  if (kind === 'broadcast') for (const d of order) if (onceIn(draw, 2)) strides[d] = 0;
  if (kind === 'overlapping') for (const d of order) strides[d] = integer(draw, 0, 3);
  const offset = onceIn(draw, 3) ? integer(draw, 1, 5) : 0;
  const reach = numelOf(shape) === 0 ? 0 : shape.reduce((sum, n, d) => sum + (n - 1) * strides[d], 1);
  return { strides, offset, length: offset + reach + (onceIn(draw, 3) ? integer(draw, 1, 5) : 0) };
}
