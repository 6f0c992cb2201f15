/**
 * The text of `String(tensor)`: PyTorch's own text, character for character.
 *
 * Nothing here knows tensors: a value reader is passed in, and it is asked once, for exactly the elements that will be
 * shown. In a summary the column width, too, depends on those elements only, so a huge tensor costs what its summary costs.
 */

import { type Complex, isComplexNumber } from './complex.js';
import { bool, type DType, int64 } from './dtype.js';
import { formatTuple } from './repr.js';
import { signed } from './signature/signed.js';

/** Settings of how tensors are printed. */
export interface PrintOptions {
  /** Digits after the decimal point. */
  precision: number;
  /** A tensor with more elements than this is summarised. */
  threshold: number;
  /** Items shown at each end of a summarised dimension. */
  edgeitems: number;
  /** Characters per line. */
  linewidth: number;
  /** Scientific notation: `true`, `false`, or `null` to decide by the values. */
  sciMode: boolean | null;
}

const profiles = {
  default: { precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80 },
  short: { precision: 2, threshold: 1000, edgeitems: 2, linewidth: 80 },
  full: { precision: 4, threshold: Infinity, edgeitems: 3, linewidth: 80 },
} as const;

const current: PrintOptions = { ...profiles.default, sciMode: null };

/** The options as set now. */
export const getPrintoptions = signed('get_printoptions()', (): PrintOptions => ({ ...current }));

/**
 * Sets options for printing. A `profile` (`'default'`, `'short'` or `'full'`) comes first, the other options override it;
 * `sciMode` returns to automatic unless it is given.
 */
export const setPrintoptions = signed(
  "set_printoptions(int? precision=None, float? threshold=None, int? edgeitems=None, int? linewidth=None, 'default'|'short'|'full'? profile=None, bool? sci_mode=None)",
  (options) => {
    if (options.profile) Object.assign(current, profiles[options.profile]);
    current.precision = options.precision ?? current.precision;
    current.threshold = options.threshold ?? current.threshold;
    current.edgeitems = options.edgeitems ?? current.edgeitems;
    current.linewidth = options.linewidth ?? current.linewidth;
    current.sciMode = options.sciMode ?? null;
  },
);

/** An element as a reader gives it: bigint (or a safe number) for int64 and uint64, 0 or 1 (or a boolean) for bool. */
export type PrintedValue = number | bigint | boolean | Complex;

/** Facts of a tensor beside its values that printing needs. */
export interface PrintedTensor {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** The dtype that needs no mention. */
  readonly defaultDtype: DType;
  readonly device: string;
  /** Whether there are values to show. Default true. */
  readonly hasValues?: boolean;
  readonly requiresGrad: boolean;
  /** Name of the tensor's autograd node, `'SumBackward0'`; null for a leaf. */
  readonly gradFnName: string | null;
  /** The text of its tangent in forward-mode differentiation; null for none. */
  readonly tangent?: string | null;
  readonly isParameter: boolean;
}

/** A shape as Python prints it: `torch.Size([3, 4])`. */
export function formatSize(shape: readonly number[]): string {
  return `torch.Size([${shape.join(', ')}])`;
}

/**
 * The text of a tensor. `read` gets the row-major positions of the elements to show and returns their values in that order.
 */
export function formatTensor(
  tensor: PrintedTensor,
  read: (positions: readonly number[]) => ArrayLike<PrintedValue>,
): string {
  const { shape, dtype } = tensor;
  const numel = shape.reduce((product, size) => product * size, 1);
  const prefix = 'tensor(';
  const suffixes: string[] = [];
  const isDefault = dtype === tensor.defaultDtype || dtype === tensor.defaultDtype.toComplex();
  if (tensor.device !== 'cpu') suffixes.push(`device='${tensor.device}'`);
  let contents = '[]';
  if (tensor.hasValues === false) {
    contents = '...';
    suffixes.push(`size=${formatTuple(shape)}`);
    if (dtype !== tensor.defaultDtype) suffixes.push(`dtype=${dtype}`);
  } else if (numel === 0) {
    if (shape.length !== 1) suffixes.push(`size=${formatTuple(shape)}`);
    if (dtype !== tensor.defaultDtype) suffixes.push(`dtype=${dtype}`);
  } else {
    if (current.edgeitems === 0) suffixes.push(`size=${formatTuple(shape)}`);
    if (!isDefault && dtype !== int64 && dtype !== bool) suffixes.push(`dtype=${dtype}`);
    contents = formatContents(shape, dtype, prefix.length, read);
  }
  if (tensor.gradFnName !== null) suffixes.push(`grad_fn=<${tensor.gradFnName}>`);
  else if (tensor.requiresGrad) suffixes.push('requires_grad=True');
  if (tensor.tangent) suffixes.push(`tangent=${tensor.tangent}`);
  const text = withSuffixes(prefix + contents, suffixes, prefix.length);
  return tensor.isParameter ? `Parameter containing:\n${text}` : text;
}

/** The brackets with the values, of which the first line has `indent` characters before it. */
export function formatContents(
  shape: readonly number[],
  dtype: DType,
  indent: number,
  read: (positions: readonly number[]) => ArrayLike<PrintedValue>,
): string {
  const count = shape.reduce((product, size) => product * size, 1);
  return count === 0 ? '[]' : formatValues(shape, dtype, count > current.threshold, indent, read);
}

/**
 * Appends `, suffix` for each, on a new line where the line would become too long, and the closing parenthesis.
 *
 * @param breaks whether the first comes on a new line in any case
 */
export function withSuffixes(
  text: string,
  suffixes: readonly string[],
  indent: number,
  breaks = false,
): string {
  let result = text;
  // PyTorch counts two characters more than the line has (a closing parenthesis and the newline's position).
  let column = text.length - text.lastIndexOf('\n') + 1;
  for (const [i, suffix] of suffixes.entries()) {
    if ((breaks && i === 0) || column + suffix.length + 2 > current.linewidth) {
      result += `,\n${' '.repeat(indent)}${suffix}`;
      column = indent + suffix.length;
    } else {
      result += `, ${suffix}`;
      column += suffix.length + 2;
    }
  }
  return `${result})`;
}

function formatValues(
  shape: readonly number[],
  dtype: DType,
  summarise: boolean,
  indent: number,
  read: (positions: readonly number[]) => ArrayLike<PrintedValue>,
): string {
  /** The indices shown along a dimension: all of them, or those at its two ends. */
  const shown = shape.map((size) => {
    if (!summarise || size <= 2 * current.edgeitems) return Array.from({ length: size }, (_, i) => i);
    return Array.from({ length: 2 * current.edgeitems }, (_, i) =>
      i < current.edgeitems ? i : size - 2 * current.edgeitems + i,
    );
  });
  let positions = [0];
  for (const [dim, indices] of shown.entries())
    positions = positions.flatMap((base) => indices.map((i) => base * shape[dim]! + i));
  const texts = formatColumn(Array.from(read(positions)), dtype);

  let next = 0;
  const isSummarised = (dim: number): boolean => summarise && shape[dim]! > 2 * current.edgeitems;
  const vector = (dim: number, at: number): string => {
    const items = texts.values.slice(next, next + shown[dim]!.length);
    next += items.length;
    // Without edge items the ellipsis stands alone, without the space that separates it from its neighbours' padding.
    if (isSummarised(dim)) items.splice(current.edgeitems, 0, current.edgeitems === 0 ? '...' : ' ...');
    const perLine = Math.max(1, Math.floor((current.linewidth - at) / (texts.width + 2)));
    const lines: string[] = [];
    for (let i = 0; i < items.length; i += perLine) lines.push(items.slice(i, i + perLine).join(', '));
    return `[${lines.join(`,\n${' '.repeat(at + 1)}`)}]`;
  };
  const nested = (dim: number, at: number): string => {
    if (dim === shape.length) return texts.values[0]!;
    if (dim === shape.length - 1) return vector(dim, at);
    const slices = shown[dim]!.map(() => nested(dim + 1, at + 1));
    if (isSummarised(dim)) slices.splice(current.edgeitems, 0, '...');
    return `[${slices.join(`,${'\n'.repeat(shape.length - dim - 1)}${' '.repeat(at + 1)}`)}]`;
  };
  return nested(0, indent);
}

/** The values' texts, right-aligned to one width. */
function formatColumn(values: readonly PrintedValue[], dtype: DType): { values: string[]; width: number } {
  if (dtype.isComplex) return formatComplexColumn(values.filter(isComplexNumber), dtype.toReal());
  let texts: string[];
  let width = 1;
  if (!dtype.isFloatingPoint) {
    texts = values.map((v) => (dtype === bool ? (v ? 'True' : 'False') : String(v)));
    for (const text of texts) width = Math.max(width, text.length);
  } else {
    const numbers = values.map(Number);
    let largest = 0;
    let smallest = Infinity;
    let integral = true;
    for (const x of numbers) {
      if (x === 0 || !Number.isFinite(x)) continue;
      largest = Math.max(largest, Math.abs(x));
      smallest = Math.min(smallest, Math.abs(x));
      integral &&= Number.isInteger(x);
    }
    const scientific =
      largest > 0 && (current.sciMode ?? (largest / smallest > 1000 || largest > 1e8 || smallest < 1e-4));
    const format = (x: number): string => {
      if (scientific) return formatExponential(x, current.precision);
      if (!integral) return formatFixed(x, current.precision);
      // A point marks the numbers as floating-point ones; inf and nan need none.
      return Number.isFinite(x) ? `${formatFixed(x, 0)}.` : formatFixed(x, 0);
    };
    texts = numbers.map(format);
    // Zeros and non-finite values do not count, as in PyTorch: they stick out rather than widen the column.
    for (const [i, x] of numbers.entries())
      if (x !== 0 && Number.isFinite(x)) width = Math.max(width, texts[i]!.length);
  }
  return { values: texts.map((text) => text.padStart(width)), width };
}

/** Real and imaginary parts each have the form that suits them; a sign joins them, and imaginary ones are not aligned. */
function formatComplexColumn(values: readonly Complex[], dtype: DType): { values: string[]; width: number } {
  const re = formatColumn(
    values.map((z) => z.re),
    dtype,
  );
  const im = formatColumn(
    values.map((z) => z.im),
    dtype,
  );
  const texts = re.values.map((text, i) => {
    const part = im.values[i]!.trimStart();
    return `${text}${part.startsWith('-') ? '' : '+'}${part}j`;
  });
  return { values: texts, width: re.width + im.width + 1 };
}

function nonFinite(x: number): string {
  return Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf';
}

const isNegative = (x: number): boolean => x < 0 || Object.is(x, -0);

/** Python's `'{:.4f}'`: the double's exact value, ties to even (JavaScript's `toFixed` takes ties up, and stops at 1e21). */
export function formatFixed(x: number, digits: number): string {
  if (!Number.isFinite(x)) return nonFinite(x);
  const sign = isNegative(x) ? '-' : '';
  const magnitude = Math.abs(x);
  if (magnitude >= 1e21) return `${sign}${BigInt(magnitude)}${digits > 0 ? `.${'0'.repeat(digits)}` : ''}`;
  const up = magnitude.toFixed(digits);
  // magnitude · 10^digits is half an odd integer exactly when magnitude · 2^(digits + 1) is an odd integer.
  if (Math.abs((magnitude * 2 ** (digits + 1)) % 2) !== 1) return sign + up;
  return (
    sign +
    evenOf(
      magnitude
        .toFixed(digits + 1)
        .slice(0, -1)
        .replace(/\.$/, ''),
      up,
    )
  );
}

/** Python's `'{:.4e}'`: ties to even, and at least two digits in the exponent. */
export function formatExponential(x: number, digits: number): string {
  if (!Number.isFinite(x)) return nonFinite(x);
  const sign = isNegative(x) ? '-' : '';
  const magnitude = Math.abs(x);
  let [mantissa, exponent] = magnitude.toExponential(digits).split('e') as [string, string];
  const from = digits + 2;
  // A tie is a multiple of half the last digit's unit, so of a power of two: most numbers are not, and need no more digits.
  const unit = Number(exponent) - digits;
  const mayBeTie = unit > 0 || (magnitude * 2 ** (1 - unit)) % 1 === 0;
  const [exact, exactExponent] = mayBeTie
    ? (magnitude.toExponential(100).split('e') as [string, string])
    : ['', ''];
  // It has a 5 behind the digits kept and nothing after it. (No double comes within 1e-100 of one otherwise.)
  if (exact[from] === '5' && /^0*$/.test(exact.slice(from + 1))) {
    const down = exact.slice(0, from).replace(/\.$/, '');
    if (evenOf(down, mantissa) === down) [mantissa, exponent] = [down, exactExponent];
  }
  const power = exponent.slice(1).padStart(2, '0');
  return `${sign}${mantissa}e${exponent[0]}${power}`;
}

/** Of two neighbouring decimals, the one whose last digit is even. */
function evenOf(down: string, up: string): string {
  return Number(down.at(-1)) % 2 === 0 ? down : up;
}
