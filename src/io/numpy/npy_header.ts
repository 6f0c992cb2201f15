import { type DType, dtypeByName } from '../../core/dtype.js';
import { TypeError, ValueError } from '../../core/errors.js';
import type { ElementKind } from '../raw_array.js';
import { type Literal, parseLiteral, showLiteral, Tuple } from './literal.js';

/** NEP 1, and numpy/lib/format: what an `.npy` file begins with. */
export const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59);

/** An element type as NumPy has it. */
export interface Descr {
  /** As the file names it, or the code of the name. */
  readonly text: string;
  /** NumPy's letter for the kind. */
  readonly kind: string;
  /** Bytes of an element. */
  readonly itemsize: number;
  readonly bigEndian: boolean;
}

/** A header's description of the array behind it. */
export interface NpyHeader {
  readonly descr: Descr;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

/** NumPy's own limit on headers that it has no reason to trust. */
const longestHeader = 10_000;

/** PyTorch's dtypes by NumPy's kind and item size. */
const dtypeNames = new Map([
  ['b1', 'bool'],
  ['u1', 'uint8'],
  ['u2', 'uint16'],
  ['u4', 'uint32'],
  ['u8', 'uint64'],
  ['i1', 'int8'],
  ['i2', 'int16'],
  ['i4', 'int32'],
  ['i8', 'int64'],
  ['f2', 'float16'],
  ['f4', 'float32'],
  ['f8', 'float64'],
  ['c8', 'complex64'],
  ['c16', 'complex128'],
]);
const kinds = new Map([...dtypeNames].map(([kind, name]) => [name, kind]));

/** Element types that arrays may have and no tensor can. */
const otherNames: Readonly<Record<string, string>> = {
  S: 'bytes_',
  a: 'bytes_',
  U: 'str_',
  V: 'void',
  M: 'datetime64',
  m: 'timedelta64',
  f: 'longdouble',
  c: 'clongdouble',
};

/** Where the header ends in the first bytes of a file: they must be at least 12, or all there are. */
export function headerLength(bytes: Uint8Array): { start: number; length: number; version: number } {
  if (bytes.length < 8) {
    throw new ValueError(`EOF: reading magic string, expected 8 bytes got ${bytes.length}`);
  }
  if (magic.some((byte, i) => bytes[i] !== byte)) {
    throw new ValueError('the magic string is not correct; expected \\x93NUMPY');
  }
  const [version, minor] = [bytes[6], bytes[7]];
  if (version < 1 || version > 3 || minor !== 0) {
    throw new ValueError(
      `we only support format version (1,0), (2,0), and (3,0), not (${version}, ${minor})`,
    );
  }
  const start = version === 1 ? 10 : 12;
  if (bytes.length < start) {
    throw new ValueError(
      `EOF: reading array header length, expected ${start - 8} bytes got ${bytes.length - 8}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > longestHeader) {
    throw new ValueError(`Header info length (${length}) is large and may not be safe to load securely.`);
  }
  return { start, length, version };
}

export function parseHeader(bytes: Uint8Array, version: number): NpyHeader {
  const text = new TextDecoder(version < 3 ? 'latin1' : 'utf-8').decode(bytes);
  let header: Literal;
  try {
    header = parseLiteral(text);
  } catch {
    throw new ValueError(`Cannot parse header: ${JSON.stringify(text.trimEnd())}`);
  }
  if (!(header instanceof Map)) throw new ValueError(`Header is not a dictionary: ${showLiteral(header)}`);
  const keys = [...header.keys()].map(showLiteral).sort();
  if (String(keys) !== "'descr','fortran_order','shape'") {
    throw new ValueError(`Header does not contain the correct keys: [${keys.join(', ')}]`);
  }
  const shape = header.get('shape')!;
  if (!(shape instanceof Tuple && shape.items.every(isInteger))) {
    throw new ValueError(`shape is not valid: ${showLiteral(shape)}`);
  }
  if (shape.items.some((size) => (size as number | bigint) < 0)) {
    throw new ValueError('negative dimensions are not allowed');
  }
  if (shape.items.length > 64) {
    throw new ValueError(
      `maximum supported dimension for an ndarray is currently 64, found ${shape.items.length}`,
    );
  }
  if (!shape.items.every(Number.isSafeInteger)) throw new ValueError('Maximum allowed dimension exceeded');
  const fortranOrder = header.get('fortran_order')!;
  if (typeof fortranOrder !== 'boolean') {
    throw new ValueError(`fortran_order is not a valid bool: ${showLiteral(fortranOrder)}`);
  }
  return { descr: parseDescr(header.get('descr')!), fortranOrder, shape: shape.items as number[] };
}

function isInteger(value: Literal): boolean {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** Types that `np.dtype` makes of names and of letters without a size, on 64-bit machines. */
const codes: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'b1: ? bool bool_ b1',
    'i1: b byte int8',
    'u1: B ubyte uint8',
    'i2: h short int16',
    'u2: H ushort uint16',
    'i4: i intc int32',
    'u4: I uintc uint32',
    'i8: l q p n int int_ long longlong intp int64',
    'u8: L Q P N uint ulong ulonglong uintp uint64',
    'f2: e half float16',
    'f4: f single float32',
    'f8: d double float float64',
    'f16: g longdouble float128',
    'c8: F csingle complex64',
    'c16: D cdouble complex complex128',
    'c32: G clongdouble complex256',
    'S0: S bytes bytes_ str_bytes',
    'U0: U str str_',
    'V0: V void',
    'O: O object object_',
  ].flatMap((line) => {
    const [code, names] = line.split(': ');
    return names.split(' ').map((name) => [name, code] as const);
  }),
);

/** Bytes of a code point, which `U` counts in. */
const POINT_BYTES = 4;

/** @throws ValueError for what is no element type, and for Python's objects */
export function parseDescr(descr: Literal): Descr {
  // A list describes the fields of a structured array.
  if (Array.isArray(descr)) throw unsupported('void');
  const wrong = () => new ValueError(`descr is not a valid dtype descriptor: ${showLiteral(descr)}`);
  if (typeof descr !== 'string') throw wrong();
  const [, order, rest] = /^([<>=|]?)(.+)$/s.exec(descr) ?? [];
  const code = Object.hasOwn(codes, rest ?? '') && (rest.length === 1 || order === '') ? codes[rest] : rest;
  const [, kind, size] = /^([a-zA-Z])(\d*)(?:\[[^\]]*\])?$/.exec(code ?? '') ?? [];
  if (kind === undefined) throw wrong();
  if (kind === 'O') throw new ValueError('Object arrays cannot be loaded when allow_pickle=False');
  const isNumber = dtypeNames.has(kind + size);
  if (!isNumber && otherNames[kind] === undefined) throw wrong();
  if (
    'Mmfcbiu'.includes(kind) &&
    !isNumber &&
    !['M8', 'm8', 'f16', 'c32', 'f12', 'c24'].includes(kind + size)
  )
    throw wrong();
  const itemsize = Number(size) * (kind === 'U' ? POINT_BYTES : 1);
  if (!Number.isSafeInteger(itemsize)) throw wrong();
  return { text: descr, kind, itemsize, bigEndian: order === '>' };
}

/** The dtype that tensors have for an element type. @throws TypeError if there is none */
export function dtypeOf({ kind, itemsize }: Descr): DType {
  const name = dtypeNames.get(`${kind}${itemsize}`);
  const dtype = name === undefined ? undefined : dtypeByName(name);
  if (dtype === undefined) throw unsupported(name ?? otherNames[kind]);
  return dtype;
}

/** The way to read elements that are no tensor's. */
export function elementKind({ kind, itemsize }: Descr): ElementKind {
  if (kind === 'U') return 'points';
  if (kind === 'S' || kind === 'a') return 'text';
  if (kind === 'M' || kind === 'm') return 'int64';
  const name = dtypeNames.get(`${kind}${itemsize}`) ?? '';
  return /^u?int\d+$|^bool$|^float(32|64)$/.test(name) ? (name as ElementKind) : 'bytes';
}

/** How many bytes belong together where the order of bytes counts. */
export function wordBytes({ kind, itemsize }: Descr): number {
  if (kind === 'U') return POINT_BYTES;
  if (kind === 'c') return itemsize / 2;
  return 'SaV'.includes(kind) ? 1 : itemsize;
}

function unsupported(type: string): TypeError {
  const names = [...dtypeNames.values()].filter((name) => dtypeByName(name) !== undefined);
  return new TypeError(
    `can't convert np.ndarray of type numpy.${type}. The only supported types are: ${names.join(', ')}. ` +
      'torch.numpy.loadRaw() and getRaw() of an NpzFile give text, integers and bytes of other types.',
  );
}

/** How NumPy names a dtype in a file; undefined where it has none such. */
export function descrOf(dtype: DType): string | undefined {
  const kind = kinds.get(dtype.name);
  return kind === undefined ? undefined : `${dtype.itemsize === 1 ? '|' : '<'}${kind}`;
}

/** NumPy leaves room to append to the array without moving it: this many digits for the size that would grow. */
const growthDigits = 21;

/** The bytes before the elements, as NumPy lays them out: version 1.0, padded to a multiple of 64. */
export function writeHeader(descr: string, fortranOrder: boolean, shape: readonly number[]): Uint8Array {
  const sizes = showLiteral(new Tuple(shape));
  let text = `{'descr': '${descr}', 'fortran_order': ${fortranOrder ? 'True' : 'False'}, 'shape': ${sizes}, }`;
  if (shape.length > 0) text += ' '.repeat(growthDigits - String(shape.at(fortranOrder ? -1 : 0)).length);
  const length = 10 + text.length + 1;
  text += `${' '.repeat(64 - (length % 64))}\n`;
  const bytes = new Uint8Array(10 + text.length);
  bytes.set(magic);
  bytes.set([1, 0, text.length & 0xff, text.length >> 8], 6);
  bytes.set(new TextEncoder().encode(text), 10);
  return bytes;
}
