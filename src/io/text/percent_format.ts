/** Python's `%` formatting of numbers and text. */
import { TypeError, ValueError } from '../../core/errors.js';
import { formatExponential, formatFixed } from '../../core/printing.js';

/** A value that is formatted: numbers are floats, bigints integers. */
export type Formatted = number | bigint | boolean;

/** How `%s` and `%r` show values: NumPy's scalars are shown otherwise than Python's. */
export interface Shown {
  text(value: Formatted): string;
  repr(value: Formatted): string;
}

interface Directive {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | null;
  readonly type: string;
}

/** Digits that JavaScript gives of a number. */
const mostDigits = 100;
const widest = 4096;

const directive = /%([#0\- +]*)(\d*)(?:\.(\d*))?[hlL]?(.?)/gs;

/** A format that was read: text and directives in turn. */
export class PercentFormat {
  private readonly parts: (string | Directive)[] = [];

  constructor(
    readonly source: string,
    private readonly as: Shown,
  ) {
    let at = 0;
    for (const found of source.matchAll(directive)) {
      this.parts.push(source.slice(at, found.index));
      at = found.index + found[0].length;
      const [, flags, width, precision, type] = found;
      if (type === '') throw new ValueError('incomplete format');
      if (found[0] === '%%') {
        this.parts.push('%');
        continue;
      }
      if (!'diouxXeEfFgGcrsa'.includes(type))
        throw new ValueError(
          `unsupported format character '${type}' (0x${type.codePointAt(0)!.toString(16)}) at index ${at - 1}`,
        );
      const read = {
        flags,
        width: Number(width),
        precision: precision === undefined ? null : Number(precision),
        type,
      };
      if (read.width > widest || (read.precision ?? 0) > mostDigits)
        throw new ValueError(
          `the width of a format is at most ${widest} and its precision ${mostDigits}: '${found[0]}'`,
        );
      this.parts.push(read);
    }
    this.parts.push(source.slice(at));
  }

  /** `format % values`. @throws TypeError where there are too few values, or too many */
  apply(values: readonly Formatted[]): string {
    let next = 0;
    const text = this.parts.map((part) => {
      if (typeof part === 'string') return part;
      if (next >= values.length) throw new TypeError('not enough arguments for format string');
      return shown(part, values[next++], this.as);
    });
    if (next < values.length) throw new TypeError('not all arguments converted during string formatting');
    return text.join('');
  }
}

function shown(directive: Directive, value: Formatted, as: Shown): string {
  const { type, precision } = directive;
  if (type === 's' || type === 'r' || type === 'a') {
    const text = type === 's' ? as.text(value) : as.repr(value);
    return padded(directive, '', precision === null ? text : text.slice(0, precision), false);
  }
  if (type === 'c') {
    if (typeof value !== 'bigint') throw new TypeError('%c requires int or char');
    if (value < 0n || value >= 0x110000n) throw new ValueError('%c arg not in range(0x110000)');
    return padded(directive, '', String.fromCodePoint(Number(value)), false);
  }
  if ('eEfFgG'.includes(type)) return float(directive, Number(value));
  return integer(directive, value);
}

function integer(directive: Directive, value: number | bigint | boolean): string {
  const { type, flags, precision } = directive;
  if (typeof value !== 'bigint' && 'xXo'.includes(type))
    throw new TypeError(`%${type} format: an integer is required, not ${typeof value}`);
  if (typeof value === 'number') {
    if (Number.isNaN(value)) throw new ValueError('cannot convert float NaN to integer');
    // OverflowError in Python, which is no class of the library.
    if (!Number.isFinite(value)) throw new ValueError('cannot convert float infinity to integer');
  }
  const whole = BigInt(typeof value === 'number' ? Math.trunc(value) : value);
  const base = type === 'o' ? 8 : type === 'x' || type === 'X' ? 16 : 10;
  let digits = (whole < 0n ? -whole : whole).toString(base);
  if (type === 'X') digits = digits.toUpperCase();
  digits = digits.padStart(precision ?? 0, '0');
  const prefix = flags.includes('#') && base !== 10 ? `0${type}` : '';
  return padded(directive, signOf(flags, whole < 0n) + prefix, digits, true);
}

const signOf = (flags: string, isNegative: boolean): string =>
  isNegative ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';

function float(directive: Directive, value: number): string {
  const { type, flags } = directive;
  const precision = directive.precision ?? 6;
  const isNegative = value < 0 || Object.is(value, -0);
  const magnitude = Math.abs(value);
  const hasPoint = flags.includes('#');
  let text: string;
  if (!Number.isFinite(value)) text = Number.isNaN(value) ? 'nan' : 'inf';
  else if (type === 'e' || type === 'E') text = withPoint(formatExponential(magnitude, precision), hasPoint);
  else if (type === 'f' || type === 'F') text = withPoint(formatFixed(magnitude, precision), hasPoint);
  else text = general(magnitude, precision === 0 ? 1 : precision, hasPoint);
  if (type < 'a') text = text.toUpperCase();
  return padded(directive, signOf(flags, isNegative && !Number.isNaN(value)), text, true);
}

/** As `%g`: as many digits as asked for, without zeros at the end. */
function general(magnitude: number, digits: number, hasPoint: boolean): string {
  const exponential = formatExponential(magnitude, digits - 1);
  const power = Number(exponential.slice(exponential.indexOf('e') + 1));
  const isExponential = power < -4 || power >= digits;
  const text = isExponential ? exponential : formatFixed(magnitude, digits - 1 - power);
  if (hasPoint) return withPoint(text, true);
  const [mantissa, exponent] = text.split('e');
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0*$/, '') : mantissa;
  return exponent === undefined ? short : `${short}e${exponent}`;
}

const withPoint = (text: string, hasPoint: boolean): string =>
  hasPoint && !text.includes('.') ? text.replace(/^\d+/, '$&.') : text;

/** To the width, on the side that the flags say. */
function padded({ flags, width }: Directive, sign: string, text: string, mayHaveZeros: boolean): string {
  const missing = width - sign.length - text.length;
  if (missing <= 0) return sign + text;
  if (flags.includes('-')) return sign + text + ' '.repeat(missing);
  if (flags.includes('0') && mayHaveZeros) return sign + '0'.repeat(missing) + text;
  return ' '.repeat(missing) + sign + text;
}
