/**
 * MATLAB's files of version 5, in which the labels of some data sets are, as far as arrays of numbers go. The format: "MAT-File Format", The MathWorks,
 * chapter 1 (https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf).
 */
import { RuntimeError } from '../../core/errors.js';
import type { DatasetFile } from './dataset_files.js';
import { type Reading, unpacking } from './set_reading.js';

/** An array of a file: its elements column by column. */
export interface MatArray {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

const HEADER = 128;
/** Types of elements, by their numbers. */
const numeric = new Map<number, { new (buffer: ArrayBuffer): ArrayLike<number>; BYTES_PER_ELEMENT: number }>([
  [1, Int8Array],
  [2, Uint8Array],
  [3, Int16Array],
  [4, Uint16Array],
  [5, Int32Array],
  [6, Uint32Array],
  [7, Float32Array],
  [9, Float64Array],
]);
const matrixType = 14;
const compressedType = 15;
/** Classes of arrays of numbers: from double to uint64. */
const isNumeric = (kind: number) => kind >= 6 && kind <= 15;

interface Element {
  readonly type: number;
  readonly bytes: Uint8Array;
  /** Where the next one begins. */
  readonly next: number;
}

function elementAt(path: string, bytes: Uint8Array, at: number): Element {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (at + 8 > bytes.length) throw damaged(path);
  const first = view.getUint32(at, true);
  // Up to four bytes stand in the tag itself.
  if (first >>> 16 !== 0) {
    const length = first >>> 16;
    if (length > 4) throw damaged(path);
    return { type: first & 0xffff, bytes: bytes.subarray(at + 4, at + 4 + length), next: at + 8 };
  }
  const length = view.getUint32(at + 4, true);
  const end = at + 8 + length;
  if (end > bytes.length) throw damaged(path);
  return {
    type: first,
    bytes: bytes.subarray(at + 8, end),
    next: first === compressedType ? end : at + 8 + Math.ceil(length / 8) * 8,
  };
}

const damaged = (path: string) => new RuntimeError(`${path} is damaged: it is no MAT file of version 5`);

/** The arrays of numbers in a file, by their names. */
export function* matArrays({ path, bytes }: DatasetFile): Reading<Map<string, MatArray>> {
  const isVersion5 = bytes.length >= HEADER && bytes[124] === 0 && bytes[125] === 1 && bytes[126] === 0x49;
  if (!isVersion5) throw damaged(path);
  const found = new Map<string, MatArray>();
  for (let at = HEADER; at < bytes.length; ) {
    const outer = elementAt(path, bytes, at);
    at = outer.next;
    let matrix = outer;
    if (outer.type === compressedType)
      matrix = elementAt(path, yield* unpacking(outer.bytes, 'deflate', path), 0);
    if (matrix.type !== matrixType) continue;
    const array = arrayOf(path, matrix.bytes);
    if (array !== null) found.set(array.name, array);
  }
  return found;
}

function arrayOf(path: string, bytes: Uint8Array): (MatArray & { name: string }) | null {
  const flags = elementAt(path, bytes, 0);
  if (!isNumeric(flags.bytes[0])) return null;
  const sizes = elementAt(path, bytes, flags.next);
  const name = elementAt(path, bytes, sizes.next);
  const values = elementAt(path, bytes, name.next);
  const shape = Array.from(typed(path, sizes));
  const elements = typed(path, values);
  if (shape.reduce((product, size) => product * size, 1) !== elements.length) throw damaged(path);
  return { name: String.fromCharCode(...name.bytes.subarray(0, 64)), shape, values: elements };
}

function typed(path: string, { type, bytes }: Element): ArrayLike<number> {
  const kind = numeric.get(type);
  if (kind === undefined || bytes.length % kind.BYTES_PER_ELEMENT !== 0) throw damaged(path);
  if (kind === Uint8Array) return bytes;
  return new kind(new Uint8Array(bytes).buffer);
}

/** An array that must be there. */
export function arrayNamed(path: string, arrays: ReadonlyMap<string, MatArray>, name: string): MatArray {
  const array = arrays.get(name);
  if (array === undefined) throw new RuntimeError(`${path} has no array ${name}`);
  return array;
}
