/** Single elements of host memory: typed arrays of each dtype, and readers and writers that convert. */
import type { HostMemory, StridedView } from '../backends/backend.js';
import { type Complex, complexNumber } from './complex.js';
import { checkAlive } from './disposed.js';
import {
  bfloat16,
  bool,
  type DType,
  dtypes,
  float16,
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
} from './dtype.js';
import { interleaved } from './interleaved.js';
import { isContiguous, numel } from './layout.js';
import { awaited } from './reading.js';
import { bitsOf, isSmallFloat, valuesOf } from './small_floats.js';
import { checkReadable } from './stand_ins.js';

export type TypedArray =
  | Float32Array
  | Float64Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

type ArrayClass = new (buffer: ArrayBufferLike, byteOffset?: number, length?: number) => TypedArray;

/** The typed array that holds a dtype's elements as they are in memory; floats of 8 and 16 bits as their bits. */
export const arrayClasses: ReadonlyMap<DType, ArrayClass> = new Map<DType, ArrayClass>([
  [float32, Float32Array],
  [float64, Float64Array],
  [int64, BigInt64Array],
  [int32, Int32Array],
  [int16, Int16Array],
  [int8, Int8Array],
  [uint8, Uint8Array],
  [bool, Uint8Array],
  [float16, Uint16Array],
  [bfloat16, Uint16Array],
  [uint16, Uint16Array],
  [uint32, Uint32Array],
  [uint64, BigUint64Array],
  ...dtypes.flatMap((dtype): [DType, ArrayClass][] =>
    dtype.family === 'float8' ? [[dtype, Uint8Array]] : [],
  ),
]);

/** The dtype that a typed array carries, or undefined. */
export function dtypeOfArray(array: ArrayBufferView): DType | undefined {
  if (array instanceof Float32Array) return float32;
  if (array instanceof Float64Array) return float64;
  if (array instanceof BigInt64Array) return int64;
  if (array instanceof Int32Array) return int32;
  if (array instanceof Int16Array) return int16;
  if (array instanceof Int8Array) return int8;
  if (array instanceof Uint8Array || array instanceof Uint8ClampedArray) return uint8;
  if (array instanceof Uint16Array) return uint16;
  if (array instanceof Uint32Array) return uint32;
  if (array instanceof BigUint64Array) return uint64;
  // Not every platform has the class.
  if (Reflect.get(array, Symbol.toStringTag) === 'Float16Array') return float16;
  return undefined;
}

/** A typed array over `length` elements of host memory. */
export function typedArray(memory: HostMemory, dtype: DType, offset: number, length: number): TypedArray {
  const Class = arrayClasses.get(dtype)!;
  // A view without elements may begin anywhere, even behind the end of the memory.
  if (length === 0) return new Class(new ArrayBuffer(0));
  return new Class(memory.buffer, memory.byteOffset + offset * dtype.itemsize, length);
}

/** The host memory of a view; where the device must be waited for, that of a twin's answer. */
function hostOf(view: StridedView, reader: string): HostMemory {
  checkAlive(view, `${reader}()`);
  checkReadable(view, reader);
  return view.storage.host() ?? awaited(view, reader, ...extent(view));
}

/** Smallest and largest element position a view touches, relative to its storage. */
export function extent(view: StridedView): [low: number, high: number] {
  let low = view.offset;
  let high = view.offset;
  for (let i = 0; i < view.shape.length; i++) {
    if (view.shape[i] === 0) return [view.offset, view.offset - 1];
    const reach = (view.shape[i] - 1) * view.strides[i];
    if (reach < 0) low += reach;
    else high += reach;
  }
  return [low, high];
}

/** Reads elements by their position in the storage: int64 and uint64 as bigint, bool as 0 or 1, small floats as numbers. */
export function elementReader(view: StridedView, reader = 'item'): (position: number) => number | bigint {
  const [low, high] = extent(view);
  const data = typedArray(hostOf(view, reader), view.dtype, low, high - low + 1);
  if (isSmallFloat(view.dtype)) {
    const values = valuesOf(view.dtype);
    return (p) => values[data[p - low] as number];
  }
  return (p) => data[p - low];
}

/** Reads complex elements by their position in the storage. */
export function complexReader(view: StridedView, reader = 'itemComplex'): (position: number) => Complex {
  checkReadable(view, reader);
  const read = elementReader(interleaved(view), reader) as (position: number) => number;
  return (p) => complexNumber(read(2 * p), read(2 * p + 1));
}

/** Whether elements are read as bigints, since no number holds them all. */
export const isBig = (dtype: DType): boolean => dtype === int64 || dtype === uint64;

/** Converts a number to what a typed array of this dtype stores. */
export function storeConverter(dtype: DType): (value: number | bigint | boolean) => number | bigint {
  if (isBig(dtype))
    return (v) =>
      typeof v === 'bigint' ? v : BigInt(Number.isFinite(Number(v)) ? Math.trunc(Number(v)) : 0);
  if (dtype === bool) return (v) => (v ? 1 : 0);
  if (isSmallFloat(dtype)) return (v) => bitsOf(dtype, Number(v));
  return Number;
}

/** Positions of a view's elements in its storage, in logical order. */
export function* positions(view: StridedView): Generator<number> {
  const { shape, strides } = view;
  const n = shape.length;
  const count = numel(shape);
  const index = new Array<number>(n).fill(0);
  let position = view.offset;
  for (let i = 0; i < count; i++) {
    yield position;
    for (let d = n - 1; d >= 0; d--) {
      position += strides[d];
      if (++index[d] < shape[d]) break;
      position -= shape[d] * strides[d];
      index[d] = 0;
    }
  }
}

/** A dense copy of a view's elements; small floats as Float32Array, complex numbers as their parts in turn. */
export function denseCopy(view: StridedView, reader = 'toArray'): TypedArray {
  checkReadable(view, reader);
  if (view.dtype.isComplex) return denseCopy(interleaved(view), reader);
  const count = numel(view.shape);
  const isSmall = isSmallFloat(view.dtype);
  if (!isSmall && isContiguous(view.shape, view.strides))
    return typedArray(hostOf(view, reader), view.dtype, view.offset, count).slice();
  const read = elementReader(view, reader);
  const Class = isSmall ? Float32Array : arrayClasses.get(view.dtype)!;
  const result = new Class(new ArrayBuffer(count * (isSmall ? 4 : view.dtype.itemsize))) as Float64Array;
  let i = 0;
  for (const p of positions(view)) result[i++] = read(p) as number;
  return result;
}
