/** `numpy.savetxt`. */
import { isComplexNumber } from '../../../core/complex.js';
import { bool, Category, type DType, float16 } from '../../../core/dtype.js';
import { complexReader, elementReader } from '../../../core/elements.js';
import { AttributeError, TypeError, ValueError } from '../../../core/errors.js';
import { notOnHost } from '../../../core/numpy.js';
import { formatBool, formatFloat, formatValue } from '../../../core/repr.js';
import { roundedTo } from '../../../core/small_floats.js';
import type { Tensor } from '../../../core/tensor.js';
import { concatenate, type Writable, writeTo } from '../../sink.js';
import { type Formatted, PercentFormat, type Shown } from '../../text/percent_format.js';
import { textRepr } from '../../text/python_text.js';

export interface SaveTextOptions {
  readonly fname: Writable;
  readonly fmt: string | readonly string[];
  readonly delimiter: string;
  readonly newline: string;
  readonly header: string;
  readonly footer: string;
  readonly comments: string;
  readonly encoding: string | null;
}

/** How many rows are written at once. */
const rowsAtOnce = 4096;

/** How `str` and `repr` show NumPy's scalars of a dtype. */
function shownAs(name: string): Shown {
  const text = (value: Formatted): string => {
    if (typeof value === 'boolean') return formatBool(value);
    if (typeof value === 'bigint') return String(value);
    return name === 'float32' || name === 'float16' ? shortFloat(value, name) : formatFloat(value);
  };
  return {
    text,
    repr: (value) =>
      typeof value === 'boolean'
        ? `np.${formatBool(value)}_`
        : `np.${name.replace('complex128', 'float64').replace('complex64', 'float32')}(${text(value)})`,
  };
}

/** The shortest digits that give the same value of a narrow type; below 1e-4 and from 1e6 (1e3 for halves) on with an exponent. */
function shortFloat(value: number, name: 'float32' | 'float16'): string {
  if (!Number.isFinite(value) || value === 0) return formatFloat(value);
  const isSame = (digits: number) => roundedBy[name](Number(value.toPrecision(digits))) === value;
  let digits = 1;
  while (!isSame(digits)) digits++;
  const [mantissa, exponent] = value.toExponential(digits - 1).split('e') as [string, string];
  const power = Number(exponent);
  if (Math.abs(value) >= 1e-4 && power < mostPlain[name])
    return formatFloat(Number(value.toPrecision(digits)));
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

const mostPlain = { float32: 6, float16: 3 };
const roundedBy = { float32: Math.fround, float16: (value: number) => roundedTo(float16, value) };

/** The format of a row. */
function rowFormat(
  fmt: SaveTextOptions['fmt'],
  delimiter: string,
  columns: number,
  { isComplex, name }: DType,
): PercentFormat {
  const made = (source: string) => new PercentFormat(source, shownAs(name));
  if (Array.isArray(fmt)) {
    if (fmt.length !== columns)
      throw new AttributeError(`fmt has wrong shape.  [${fmt.map(textRepr).join(', ')}]`);
    return made(fmt.join(delimiter));
  }
  if (typeof fmt !== 'string') throw new ValueError(`invalid fmt: ${formatValue(fmt)}`);
  const count = fmt.split('%').length - 1;
  if (count === 1) {
    const one = isComplex ? ` (${fmt}+${fmt}j)` : fmt;
    return made(new Array(columns).fill(one).join(delimiter));
  }
  if (count !== (isComplex ? 2 : 1) * columns)
    throw new ValueError(`fmt has wrong number of % formats:  ${fmt}`);
  return made(fmt);
}

/** The values of a row. */
function rowsOf(tensor: Tensor): (row: number) => Formatted[] {
  const { shape, dtype } = tensor;
  const columns = shape.length === 1 ? 1 : shape[1];
  const [across, along] = tensor.strides;
  const place = (row: number, column: number) => tensor.offset + row * across + (along ?? 0) * column;
  if (dtype.isComplex) {
    const read = complexReader(tensor);
    return (row) =>
      Array.from({ length: columns }, (_, i) => {
        const value = read(place(row, i));
        return isComplexNumber(value) ? [value.re, value.im] : [value];
      }).flat() as Formatted[];
  }
  const read = elementReader(tensor);
  const convert = (value: number | bigint): Formatted => {
    if (dtype === bool) return Boolean(value);
    return dtype.category === Category.int ? BigInt(value) : Number(value);
  };
  return (row) => Array.from({ length: columns }, (_, i) => convert(read(place(row, i))));
}

function encoderOf(encoding: string | null): (text: string) => Uint8Array {
  const name = (encoding ?? 'utf-8').toLowerCase().replaceAll('_', '-');
  if (name === 'utf-8' || name === 'utf8') {
    const encoder = new TextEncoder();
    return (text) => encoder.encode(text);
  }
  const most = { 'latin-1': 255, latin1: 255, 'iso-8859-1': 255, ascii: 127, 'us-ascii': 127 }[name];
  if (most === undefined) throw new ValueError(`unknown encoding: ${encoding}`);
  return (text) =>
    Uint8Array.from(text, (c) => {
      const code = c.codePointAt(0)!;
      if (code > most)
        throw new ValueError(
          `'${name}' codec can't encode character '${c}': ordinal not in range(${most + 1})`,
        );
      return code;
    });
}

const isPacked = (file: Writable): boolean =>
  (typeof file === 'string' && file.endsWith('.gz')) ||
  (file instanceof URL && file.pathname.endsWith('.gz'));

export async function saveText(tensor: Tensor, options: SaveTextOptions): Promise<void> {
  const { fname, fmt, delimiter, newline, header, footer, comments } = options;
  if (tensor.ndim === 0 || tensor.ndim > 2)
    throw new ValueError(`Expected 1D or 2D array, got ${tensor.ndim}D array instead`);
  if (tensor.storage.host() === null) throw notOnHost(tensor.device);
  const resolved = tensor.detach().resolveConj().resolveNeg();
  const { shape, dtype } = resolved;
  const format = rowFormat(fmt, delimiter, shape.length === 1 ? 1 : shape[1], dtype);
  const encode = encoderOf(options.encoding);
  const row = rowsOf(resolved);
  const line = (i: number): string => {
    let text: string;
    try {
      text = format.apply(row(i));
    } catch (error) {
      if (!(error instanceof TypeError) || dtype.isComplex) throw error;
      throw new TypeError(
        `Mismatch between array dtype ('${dtype.name}') and format specifier ('${format.source}')`,
        { cause: error },
      );
    }
    return (dtype.isComplex ? text.replaceAll('+-', '-') : text) + newline;
  };
  const about = (text: string): string =>
    text === '' ? '' : comments + text.replaceAll('\n', `\n${comments}`) + newline;
  function* pieces(): Generator<Uint8Array> {
    if (header !== '') yield encode(about(header));
    for (let from = 0; from < shape[0]; from += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, shape[0] - from);
      yield encode(Array.from({ length: count }, (_, i) => line(from + i)).join(''));
    }
    if (footer !== '') yield encode(about(footer));
  }
  await writeTo(fname, async (sink) => {
    if (!isPacked(fname)) for (const piece of pieces()) await sink(piece);
    else {
      const packed = new Blob([concatenate([...pieces()])])
        .stream()
        .pipeThrough(new CompressionStream('gzip'));
      await sink(new Uint8Array(await new Response(packed).arrayBuffer()));
    }
  });
}
