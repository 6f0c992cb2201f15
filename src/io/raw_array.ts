import { inspect } from '../core/inspect.js';
import { formatShape } from '../core/layout.js';
import { takesNothing } from '../core/signature/takes.js';
import type { Bytes } from './bytes.js';

/** The elements of an array as JavaScript has them: numbers, or text. */
export type RawElements = ArrayBufferView | string[];

/** The way to read the elements of a type. */
export type ElementKind =
  | 'bool'
  | `int${8 | 16 | 32 | 64}`
  | `uint${8 | 16 | 32 | 64}`
  | `float${32 | 64}`
  /** Zero-padded text: of code points, of bytes. */
  | 'points'
  | 'text'
  /** Of no kind that JavaScript knows: as they are. */
  | 'bytes';

/**
 * An array from a file, of any element type: what tensors have no dtype for, as text and large unsigned integers, can be had by this.
 *
 * @example
 * const format = await npz.getRaw('format'); // scipy.sparse saves '|S3' there
 * format.toArray(); // ['csr']
 */
export class RawArray {
  /** @internal */
  constructor(
    /** The element type as the file names it: `'<U5'`, `'<u2'`, or `'U16'` in `.safetensors`. */
    readonly dtype: string,
    readonly shape: readonly number[],
    /** The elements in row-major order, little-endian. */
    readonly bytes: Bytes,
    private readonly kind: ElementKind,
    private readonly itemsize: number,
  ) {}

  /** The elements in row-major order: text as strings, numbers in a typed array, anything else as bytes. */
  toArray(): RawElements {
    const { kind, itemsize, bytes } = this;
    if (kind !== 'points' && kind !== 'text') return view(kind, bytes);
    const count = this.shape.reduce((product, size) => product * size, 1);
    return Array.from({ length: count }, (_, i) => {
      const part = bytes.subarray(i * itemsize, (i + 1) * itemsize);
      return kind === 'points' ? textOfPoints(part) : textOf(part);
    });
  }

  toString(): string {
    return `RawArray(dtype=${this.dtype}, shape=${formatShape(this.shape)})`;
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }
}
takesNothing(RawArray.prototype, ['toArray']);

function view(kind: ElementKind, { buffer, byteOffset, length }: Bytes): ArrayBufferView {
  const of = <T>(Class: (new (memory: ArrayBuffer) => T) & { BYTES_PER_ELEMENT: number }) =>
    new Class(buffer.slice(byteOffset, byteOffset + length - (length % Class.BYTES_PER_ELEMENT)));
  switch (kind) {
    case 'int8':
      return of(Int8Array);
    case 'int16':
      return of(Int16Array);
    case 'int32':
      return of(Int32Array);
    case 'int64':
      return of(BigInt64Array);
    case 'uint16':
      return of(Uint16Array);
    case 'uint32':
      return of(Uint32Array);
    case 'uint64':
      return of(BigUint64Array);
    case 'float32':
      return of(Float32Array);
    case 'float64':
      return of(Float64Array);
    default:
      return of(Uint8Array);
  }
}

/** Of bytes: what follows the last that is not 0 is padding. */
function textOf(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return new TextDecoder().decode(bytes.subarray(0, end));
}

/** Of code points in four bytes each; what is no code point becomes U+FFFD. */
function textOfPoints(bytes: Uint8Array): string {
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let text = '';
  let end = Math.floor(bytes.length / 4);
  while (end > 0 && data.getUint32(4 * (end - 1), true) === 0) end--;
  for (let i = 0; i < end; i++) {
    const point = data.getUint32(4 * i, true);
    text += String.fromCodePoint(point <= 0x10ffff ? point : 0xfffd);
  }
  return text;
}
