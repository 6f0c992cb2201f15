/** `torch.tensor`, `asTensor` and `fromNumpy`: tensors from JavaScript's own values and arrays. */

import { backendOf, cpuBackend } from '../core/backends.js';
import { getDefaultDevice, getDefaultDtype } from '../core/defaults.js';
import { toDevice } from '../core/device.js';
import { checkAlive } from '../core/disposed.js';
import { bfloat16, bool, Category, type DType, int64 } from '../core/dtype.js';
import { dtypeOfArray, storeConverter, typedArray } from '../core/elements.js';
import { noPinnedMemory, RuntimeError, TypeError, ValueError } from '../core/errors.js';
import { inspect } from '../core/inspect.js';
import { contiguousStrides, isContiguous, numel } from '../core/layout.js';
import { checkNoGradient, notOnHost } from '../core/numpy.js';
import { checkHolds } from '../core/overflow.js';
import { isScalar, type Scalar, scalarCategory, scalarParts, scalarValue } from '../core/scalar.js';
import { track } from '../core/scope.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { checkReadable } from '../core/stand_ins.js';
import { asLeaf, Tensor } from '../core/tensor.js';
import { checkSizes, empty } from '../dispatch/empty.js';
import { typeName } from '../dispatch/type_name.js';
import { copyInto, fillInto } from './copying.js';

/** Numbers in nested arrays; tensors and typed arrays may stand in place of an array or number. */
export type TensorData = Scalar | Tensor | ArrayBufferView | NdArrayLike | readonly TensorData[];

/** An array of NumPy's kind: the shape of packages such as `ndarray` and `numpy-ts`. Strides are in elements. */
export interface NdArrayLike {
  readonly data: ArrayBufferView;
  readonly shape: readonly number[];
  readonly stride?: readonly number[];
  readonly strides?: readonly number[];
  readonly offset?: number;
}

const tensorSignature = signature(
  'tensor(Object data, *, ScalarType? dtype=None, Device? device=None, bool requires_grad=False, bool pin_memory=False)',
);
const asTensorSignature = signature('as_tensor(Object data, ScalarType? dtype=None, Device? device=None)');
const fromNumpySignature = signature('from_numpy(Object ndarray)');

/** The arguments, of which the first may be an object that is an array: no names then. */
function withArray(args: readonly unknown[]): readonly unknown[] {
  return args.length === 1 && isNdArrayLike(args[0]) ? [args[0], {}] : args;
}

/**
 * A new tensor with a copy of the data. Safe integers make an int64 tensor, any fraction a float32 one (the default
 * dtype), booleans a bool one; typed arrays and tensors keep their dtype.
 *
 * @param data a number, nested arrays, a typed array, an ndarray-like object or a tensor
 * @throws ValueError if nested arrays are ragged; TypeError for anything that is no number
 * @example
 * torch.tensor([[1, 2], [3, 4]]).dtype; // torch.int64
 * torch.tensor([1, 2.5]).dtype; // torch.float32
 */
export function tensor(...args: Arguments<typeof tensorSignature, { data: TensorData }>): Tensor {
  const options = tensorSignature.bind(withArray(args));
  const data = options.data as TensorData;
  if (options.pinMemory) throw noPinnedMemory();
  const backend = backendOf(options.device ? toDevice(options.device) : getDefaultDevice());
  const { requiresGrad } = options;
  let result: Tensor;
  if (data instanceof Tensor || ArrayBuffer.isView(data) || isNdArrayLike(data)) {
    const source = data instanceof Tensor ? data.detach() : fromNumpy(data);
    result = empty(source.shape, options.dtype ?? source.dtype, backend);
    copyInto(result, source);
  } else {
    const shape = shapeOf(data);
    checkSizes(shape);
    const dtype = options.dtype ?? inferDtype(data, requiresGrad);
    const onHost = empty(shape, dtype);
    writeNested(onHost, data);
    result = onHost;
    if (backend !== onHost.storage.backend) {
      result = empty(shape, dtype, backend);
      copyInto(result, onHost);
    }
  }
  return requiresGrad ? asLeaf(result) : result;
}

/**
 * The data as a tensor, without a copy where it is a tensor, a typed array or an ndarray-like object of the wanted dtype
 * and device already.
 */
export function asTensor(...args: Arguments<typeof asTensorSignature, { data: TensorData }>): Tensor {
  const { data: given, dtype, device } = asTensorSignature.bind(withArray(args));
  const data = given as TensorData;
  const shared =
    data instanceof Tensor ? data : ArrayBuffer.isView(data) || isNdArrayLike(data) ? fromNumpy(data) : null;
  if (shared === null) return tensor(data, { dtype, device });
  return shared.to(device ?? shared.device, dtype ?? shared.dtype);
}

/**
 * A tensor over the memory of a typed array or ndarray-like object: a write on either side is seen on the other.
 *
 * @throws TypeError for arrays whose element type no dtype matches; ValueError for negative strides
 */
export function fromNumpy(
  ...args: Arguments<typeof fromNumpySignature, { ndarray: ArrayBufferView | NdArrayLike }>
): Tensor {
  const array = fromNumpySignature.bind(args).ndarray as ArrayBufferView | NdArrayLike;
  const view = ArrayBuffer.isView(array) ? array : isNdArrayLike(array) ? array.data : null;
  if (view === null) throw new TypeError(`expected np.ndarray (got ${typeName(array)})`);
  const dtype = dtypeOfArray(view);
  if (dtype === undefined)
    throw new TypeError(
      `can't convert an array of type ${view.constructor.name}. The only supported types are: Float64Array, Float32Array, BigInt64Array, Int32Array, Int16Array, Int8Array, BigUint64Array, Uint32Array, Uint16Array, Uint8Array.`,
    );
  const length = view.byteLength / dtype.itemsize;
  const shape = ArrayBuffer.isView(array) ? [length] : [...(array as NdArrayLike).shape];
  const given = ArrayBuffer.isView(array)
    ? undefined
    : ((array as NdArrayLike).strides ?? (array as NdArrayLike).stride);
  const strides = given === undefined ? contiguousStrides(shape) : [...given];
  const offset = ArrayBuffer.isView(array) ? 0 : ((array as NdArrayLike).offset ?? 0);
  checkSizes(shape);
  if (strides.length !== shape.length)
    throw new ValueError(`${strides.length} strides for ${shape.length} dimensions`);
  if (strides.some((s) => s < 0))
    throw new ValueError(
      'At least one stride in the given numpy array is negative, and tensors with negative strides are not currently supported. (You can probably work around this by making a copy of your array  with array.copy().) ',
    );
  const reach = numel(shape) === 0 ? 0 : shape.reduce((sum, n, i) => sum + (n - 1) * strides[i], offset + 1);
  if (!Number.isInteger(reach) || offset < 0 || reach > length)
    throw new RuntimeError(`sizes, strides and offset need ${reach} elements, but the array has ${length}`);
  const storage = track(cpuBackend().wrap(view.buffer, view.byteOffset, view.byteLength));
  return new Tensor(storage, dtype, shape, strides, offset);
}

/** An ndarray-like object that shares memory with a tensor; also iterable and printable as NumPy's. */
export class NumpyArray implements NdArrayLike {
  constructor(
    readonly data: ArrayBufferView,
    readonly shape: readonly number[],
    /** In elements. */
    readonly strides: readonly number[],
    readonly offset: number,
  ) {}

  /** The strides, under the name that package `ndarray` uses. */
  get stride(): readonly number[] {
    return this.strides;
  }

  /** The element type's name: `'float32'`. */
  get dtype(): string {
    return dtypeOfArray(this.data)!.name;
  }

  private position(index: readonly number[]): number {
    return index.reduce((sum, i, d) => sum + i * this.strides[d], this.offset);
  }

  /** The element at these coordinates. */
  get(...index: number[]): number | bigint {
    return (this.data as Float64Array)[this.position(index)];
  }

  /** Sets the element at these coordinates; the tensor sees it. */
  set(...indexAndValue: number[]): void {
    const value = indexAndValue.pop()!;
    (this.data as Float64Array)[this.position(indexAndValue)] = value;
  }

  /** Nested plain numbers. */
  tolist(): unknown {
    return fromNumpy(this).tolist();
  }

  toString(): string {
    const nest = (list: unknown): string =>
      Array.isArray(list) ? `[${list.map(nest).join(' ')}]` : formatNumber(list as number, this.data);
    return nest(this.tolist());
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }
}

/** A number as NumPy shows it: floats keep their point. */
function formatNumber(value: number, data: ArrayBufferView): string {
  const isFloat = data instanceof Float32Array || data instanceof Float64Array;
  return isFloat && Number.isInteger(value) ? `${value}.` : String(value);
}

/**
 * The tensor's memory as an ndarray-like object, shared both ways.
 *
 * @throws RuntimeError if it requires grad; TypeError for dtypes that no typed array has
 */
export function toNumpy(self: Tensor): NumpyArray {
  checkNoGradient(self.requiresGrad);
  if (self.dtype === bfloat16 || self.dtype.family === 'float8')
    throw new TypeError(`Got unsupported ScalarType ${self.dtype.scalarName}`);
  if (self.dtype.isComplex)
    throw new TypeError(`no typed array holds ${self.dtype}: use torch.viewAsReal(tensor).numpy()`);
  checkAlive(self, 'numpy()');
  checkReadable(self, 'numpy');
  const memory = self.storage.backend.expose(self.storage);
  if (memory === null) throw notOnHost(self.device);
  const length = Math.floor(self.storage.nbytes / self.dtype.itemsize);
  return new NumpyArray(typedArray(memory, self.dtype, 0, length), self.shape, self.strides, self.offset);
}

function isNdArrayLike(data: unknown): data is NdArrayLike {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return false;
  const { data: view, shape } = data as Partial<NdArrayLike>;
  return ArrayBuffer.isView(view) && Array.isArray(shape);
}

// ---- nested arrays ------------------------------------------------------------------------------------------------

function shapeOf(data: TensorData): number[] {
  const shape: number[] = [];
  let level: TensorData = data;
  while (Array.isArray(level)) {
    shape.push(level.length);
    if (level.length === 0) break;
    level = level[0];
    if (shape.length > 64) throw new ValueError('too many dimensions');
  }
  if (level instanceof Tensor) shape.push(...level.shape);
  else if (ArrayBuffer.isView(level)) shape.push((level as Float64Array).length);
  return shape;
}

/** The highest category among the numbers; a nested tensor or typed array brings its dtype. */
function inferDtype(data: TensorData, requiresGrad: boolean): DType {
  let category: Category | null = null;
  let carried: DType | null = null;
  const visit = (item: TensorData): void => {
    if (Array.isArray(item)) for (const x of item) visit(x);
    else if (item instanceof Tensor) carried ??= item.dtype;
    else if (ArrayBuffer.isView(item)) carried ??= dtypeOfArray(item) ?? null;
    else if (isScalar(item)) {
      const c = scalarCategory(item);
      if (category === null || c > category) category = c;
    } else throw notANumber(item);
  };
  visit(data);
  if (carried !== null && category === null) return carried;
  if (category === Category.complex) return getDefaultDtype().toComplex();
  if (category === null || category === Category.float) return getDefaultDtype();
  if (requiresGrad) return getDefaultDtype();
  return category === Category.bool ? bool : int64;
}

function notANumber(item: unknown): TypeError | ValueError {
  if (typeof item === 'string') return new TypeError(`new(): invalid data type 'str'`);
  return new RuntimeError(`Could not infer dtype of ${typeName(item)}`) as unknown as TypeError;
}

function writeNested(target: Tensor, data: TensorData): void {
  const { shape, dtype } = target;
  if (shape.length === 0 && isScalar(data)) {
    if (dtype.category < Category.float) checkHolds(dtype, data, dtype.name);
    fillInto(target, data);
    return;
  }
  const { isComplex } = dtype;
  const count = numel(shape) * (isComplex ? 2 : 1);
  const memory = () => typedArray(target.storage.host()!, dtype.toReal(), 0, count) as Float64Array;
  let array = memory();
  const convert = storeConverter(dtype.toReal());
  let at = 0;
  const visit = (item: TensorData, dim: number): void => {
    if (Array.isArray(item)) {
      if (dim >= shape.length || item.length !== shape[dim])
        throw new ValueError(
          dim >= shape.length
            ? `expected a number at dim ${dim} (got a sequence of length ${item.length})`
            : `expected sequence of length ${shape[dim]} at dim ${dim} (got ${item.length})`,
        );
      for (const x of item) visit(x, dim + 1);
    } else if (item instanceof Tensor || ArrayBuffer.isView(item)) {
      const values = item instanceof Tensor ? item.detach() : fromNumpy(item);
      if (String(values.shape) !== String(shape.slice(dim)))
        throw new ValueError(
          `expected sequence of length ${shape[dim]} at dim ${dim} (got ${values.shape[0] ?? 1})`,
        );
      const piece = new Tensor(target.storage, dtype, values.shape, contiguousStrides(values.shape), at);
      copyInto(piece, values);
      // An op may have moved it.
      array = memory();
      at += values.numel();
    } else if (isScalar(item)) {
      if (dim < shape.length) throw new TypeError('not a sequence');
      if (isComplex) {
        const [re, im] = scalarParts(item);
        array[2 * at] = convert(re) as number;
        array[2 * at + 1] = convert(im) as number;
      } else {
        if (dtype.category < Category.float) checkHolds(dtype, item, dtype.name);
        array[at] = convert(typeof item === 'boolean' ? item : scalarValue(item)) as number;
      }
      at++;
    } else throw notANumber(item);
  };
  visit(data, 0);
}

/** The elements in memory order as bytes, for writers of files: dense tensors without a copy. */
export function rawBytes(self: Tensor): Uint8Array {
  const dense = isContiguous(self.shape, self.strides) ? self : self.contiguous();
  const { buffer, byteOffset } = dense.storage.host()!;
  return new Uint8Array(buffer, byteOffset + dense.offset * dense.dtype.itemsize, dense.nbytes);
}

/** A tensor over a copy of bytes in this dtype. */
export function fromBytes(bytes: Uint8Array, dtype: DType, shape: readonly number[]): Tensor {
  const result = empty(shape, dtype);
  const { buffer, byteOffset } = result.storage.host()!;
  new Uint8Array(buffer, byteOffset, result.nbytes).set(bytes);
  return result;
}
