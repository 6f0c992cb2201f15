/** NumPy's arrays and scalars in pickles: what of its functions a pickle may name, and what their calls mean. */
import { complexNumber } from '../core/complex.js';
import { bool } from '../core/dtype.js';
import { numel } from '../core/layout.js';
import type { Tensor } from '../core/tensor.js';
import type { Budget } from './budget.js';
import { refused } from './file_errors.js';
import { arrayTensor, rawArray } from './numpy/npy.js';
import { type Descr, dtypeOf, type NpyHeader, parseDescr } from './numpy/npy_header.js';
import { PickledCall, PickledTuple } from './pickle.js';
import type { RawArray } from './raw_array.js';
import { isSize } from './storages.js';

/** NumPy 2 has put an underscore before the names of its inner modules. */
const inner = (name: string) => [`numpy.core.${name}`, `numpy._core.${name}`];
const reconstruct = new Set(inner('multiarray._reconstruct'));
const scalar = new Set(inner('multiarray.scalar'));
const fromBuffer = new Set(inner('numeric._frombuffer'));

const names: ReadonlySet<string> = new Set([
  ...reconstruct,
  ...scalar,
  ...fromBuffer,
  'numpy.ndarray',
  'numpy.dtype',
]);

/** Whether this is a name of NumPy's that is known here. */
export const isNumpy = (path: string): boolean => names.has(path);

/** An array of objects: their shape and the objects, row by row. */
export class ObjectArray {
  constructor(
    readonly shape: readonly number[],
    readonly items: readonly unknown[],
  ) {}
}

/** The result of a call of NumPy's: an array as a tensor, or a raw one where tensors lack its element type; of scalars the value. */
export function numpyValue(
  { callable, args, state }: PickledCall,
  budget: Budget,
): Tensor | RawArray | ObjectArray | number | bigint | boolean | string | object {
  const path = String(callable);
  if (reconstruct.has(path)) return reconstructed(state, budget);
  if (scalar.has(path)) return scalarOf(args, budget);
  if (fromBuffer.has(path)) {
    const [memory, type, shape, order] = args;
    return arrayOf(headerOf(type, shape, order === 'F'), bytesOf(memory, budget));
  }
  throw refused(`${path} was called where it has no value`);
}

const wrong = (what: string) => refused(`${what} of NumPy is described wrongly`);

/** The state of an array: a version, the shape, the type, the order, the elements. */
function reconstructed(state: unknown, budget: Budget): Tensor | RawArray | ObjectArray {
  if (!(state instanceof PickledTuple) || state.items.length < 4) throw wrong('an array');
  const [shape, type, fortran, elements] = state.items.slice(-4);
  if (Array.isArray(elements)) {
    const sizes = sizesOf(shape);
    if (numel(sizes) !== elements.length || (fortran === true && sizes.length > 1)) throw wrong('an array');
    return new ObjectArray(sizes, elements);
  }
  return arrayOf(headerOf(type, shape, fortran === true), bytesOf(elements, budget));
}

function arrayOf(header: NpyHeader, bytes: Uint8Array<ArrayBuffer>): Tensor | RawArray {
  const needed = header.shape.reduce((product, size) => product * size, header.descr.itemsize);
  if (needed !== bytes.length) throw wrong('an array');
  // Elements without any bytes cost nothing in the file.
  if (header.descr.itemsize === 0 && numel(header.shape) > 2 ** 16) throw wrong('an array');
  return isTensorType(header.descr) ? arrayTensor(header, bytes) : rawArray(header, bytes);
}

function isTensorType(descr: Descr): boolean {
  try {
    dtypeOf(descr);
    return true;
  } catch {
    return false;
  }
}

function scalarOf(
  [type, memory]: readonly unknown[],
  budget: Budget,
): number | bigint | boolean | string | object {
  const bytes = bytesOf(memory, budget);
  const value = arrayOf(headerOf(type, new PickledTuple([]), false), bytes);
  if (!('dtype' in value) || typeof value.dtype === 'string') {
    const [item] = (value as RawArray).toArray() as unknown as unknown[];
    return typeof item === 'string' ? item : value;
  }
  const tensor = value as Tensor;
  if (tensor.dtype.isComplex) {
    const { re, im } = tensor.itemComplex();
    return complexNumber(re, im);
  }
  return tensor.dtype === bool ? tensor.item() !== 0 : tensor.item();
}

function headerOf(type: unknown, shape: unknown, fortranOrder: boolean): NpyHeader {
  return { descr: descrOf(type), shape: sizesOf(shape), fortranOrder };
}

function sizesOf(shape: unknown): number[] {
  const items = shape instanceof PickledTuple ? shape.items : null;
  if (items === null || items.length > 64 || !items.every(isSize)) throw wrong('a shape');
  return items as number[];
}

/** `numpy.dtype('f4', …)`, whose state says the order of bytes behind a version. */
function descrOf(type: unknown): Descr {
  if (!(type instanceof PickledCall) || String(type.callable) !== 'numpy.dtype') throw wrong('a dtype');
  const [code] = type.args;
  const order = type.state instanceof PickledTuple ? type.state.items[1] : '=';
  if (typeof code !== 'string' || typeof order !== 'string' || !/^[<>=|]$/.test(order))
    throw wrong('a dtype');
  try {
    return parseDescr(`${order}${code.replace(/^[<>=|]/, '')}`);
  } catch (error) {
    throw refused((error as Error).message);
  }
}

/** Bytes, in whatever form a pickle has them. */
export function bytesOf(value: unknown, budget: Budget): Uint8Array<ArrayBuffer> {
  if (value instanceof Uint8Array) {
    budget.spend(value.length);
    return new Uint8Array(value);
  }
  // A string of Python 2 that happens to be text.
  if (typeof value === 'string') {
    budget.spend(value.length);
    return new TextEncoder().encode(value) as Uint8Array<ArrayBuffer>;
  }
  if (value instanceof PickledCall && String(value.callable) === '_codecs.encode') {
    const [text, encoding] = value.args;
    if (typeof text === 'string' && (encoding === 'latin1' || encoding === 'latin-1'))
      return latin1(text, budget);
  }
  if (
    value instanceof PickledCall &&
    ['builtins.bytearray', 'builtins.bytes'].includes(String(value.callable))
  ) {
    if (value.args.length === 0) return new Uint8Array(0);
    if (!(value.args[0] instanceof PickledCall && String(value.args[0].callable) !== '_codecs.encode'))
      return bytesOf(value.args[0], budget);
  }
  throw refused('bytes are described wrongly');
}

function latin1(text: string, budget: Budget): Uint8Array<ArrayBuffer> {
  budget.spend(text.length);
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

/** Whether a stand-in is bytes. */
export const isBytesCall = (path: string): boolean =>
  path === '_codecs.encode' || path === 'builtins.bytearray' || path === 'builtins.bytes';
