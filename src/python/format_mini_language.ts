import { ValueError } from '../core/errors.js';
import { Tensor } from '../core/tensor.js';
import { exactDigits, exponential } from './exact_digits.js';
import { floatText, opened, repr, str } from './printed_values.js';

const specification = /^(?:(.)?([<>=^]))?([-+ ])?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/su;

/** What `format(value, spec)` gives: `.4f`, `>10`, `05d`, `.2%`, `,` and so on. Tensors of one number are formatted as that. */
export function format(input: unknown, spec: string): string {
  const own = opened(input);
  const isFloatTensor =
    own.value instanceof Tensor
      ? own.value.isFloatingPoint()
      : isScalar(own.value) && own.value.dtype.startsWith('float');
  const value =
    (own.value instanceof Tensor && own.value.dim() === 0) || isScalar(own.value)
      ? own.value.item()
      : own.value;
  const isFloat =
    own.type === 'float' || isFloatTensor || (typeof value === 'number' && !Number.isInteger(value));
  const match = specification.exec(spec);
  if (match === null) throw new ValueError(`Invalid format specifier '${spec}'`);
  const [, fill = ' ', align, sign = '-', hash, zero, width = '0', group = '', precision, kind = ''] = match;
  if (typeof value !== 'number' || typeof value === 'boolean') {
    if (spec !== '' && typeof value !== 'string' && typeof value !== 'boolean' && !/^[<>^\d\ss]*$/.test(spec))
      throw new ValueError(`unsupported format string '${spec}'`);
    if (typeof value === 'boolean' && kind !== '' && kind !== 's') return format(Number(value), spec);
    const text = str(value, own.type);
    const cut = precision === undefined ? text : text.slice(0, Number(precision));
    return aligned(cut, align ?? '<', zero === undefined ? fill : '0', Number(width));
  }
  const digits = numberText(
    Math.abs(value),
    kind,
    precision === undefined ? null : Number(precision),
    isFloat,
    hash !== undefined,
  );
  const isNegative = value < 0 || Object.is(value, -0);
  const prefix = isNegative && !(Object.is(value, -0) && !isFloat) ? '-' : sign === '-' ? '' : sign;
  const grouped = group === '' ? digits : withGroups(digits, group);
  if (zero !== undefined && align === undefined)
    return prefix + grouped.padStart(Number(width) - prefix.length, '0');
  if (align === '=') return prefix + grouped.padStart(Number(width) - prefix.length, fill);
  return aligned(prefix + grouped, align ?? '>', fill, Number(width));
}

/** A number of NumPy's. */
const isScalar = (value: unknown): value is { dtype: string; item(): number } =>
  typeof value === 'object' && value !== null && 'isWeak' in value && 'ndim' in value && value.ndim === 0;

function numberText(
  value: number,
  kind: string,
  precision: number | null,
  isFloat: boolean,
  isMarked: boolean,
): string {
  if (!Number.isFinite(value) && kind !== 'd') {
    const text = Number.isNaN(value) ? 'nan' : 'inf';
    return (
      (kind === kind.toUpperCase() && kind !== '' && kind !== '%' ? text.toUpperCase() : text) +
      (kind === '%' ? '%' : '')
    );
  }
  switch (kind) {
    case 'd':
      return String(value);
    case 'f':
    case 'F':
      return exactDigits(value, precision ?? 6);
    case '%':
      return `${exactDigits(value * 100, precision ?? 6)}%`;
    case 'e':
      return exponential(value, precision ?? 6);
    case 'E':
      return exponential(value, precision ?? 6).toUpperCase();
    case 'g':
    case 'G':
    case 'n':
      return general(value, precision ?? 6, isMarked);
    case 'x':
      return (isMarked ? '0x' : '') + value.toString(16);
    case 'X':
      return (isMarked ? '0X' : '') + value.toString(16).toUpperCase();
    case 'b':
      return (isMarked ? '0b' : '') + value.toString(2);
    case 'o':
      return (isMarked ? '0o' : '') + value.toString(8);
    case 'c':
      return String.fromCodePoint(value);
    default:
      if (precision !== null) {
        const text = general(value, precision, false);
        return isFloat && /^\d+$/.test(text) && text.length < precision ? `${text}.0` : text;
      }
      return isFloat ? floatText(value) : String(value);
  }
}

/** `g`: so many significant digits, without zeros at the end. */
function general(value: number, precision: number, isMarked: boolean): string {
  const digits = Math.max(precision, 1);
  if (value === 0) return '0';
  const text = exponential(value, digits - 1);
  const power = Number(text.slice(text.indexOf('e') + 1));
  if (power < -4 || power >= digits) {
    const [mantissa, exponent] = text.split('e');
    return `${isMarked ? mantissa : trimmed(mantissa)}e${exponent}`;
  }
  const fixed = exactDigits(value, digits - 1 - power);
  return isMarked ? fixed : trimmed(fixed);
}

const trimmed = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);

function withGroups(text: string, group: string): string {
  const [, whole, rest] = /^(\d*)(.*)$/s.exec(text) ?? ['', text, ''];
  return whole.replace(/\B(?=(\d{3})+$)/g, group) + rest;
}

function aligned(text: string, align: string, fill: string, width: number): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  if (align === '<') return text + fill.repeat(missing);
  if (align === '^') return fill.repeat(Math.floor(missing / 2)) + text + fill.repeat(Math.ceil(missing / 2));
  return fill.repeat(missing) + text;
}

/** `text.format(…)`: `{}`, `{0}`, `{name}`, each with a format. */
export function formatted(
  text: string,
  values: readonly unknown[],
  named: Readonly<Record<string, unknown>> = {},
): string {
  let next = 0;
  return text.replace(
    /\{\{|\}\}|\{(\w*)(?:!([rs]))?(?::([^{}]*))?\}/g,
    (all, key: string | undefined, conversion?: string, spec?: string) => {
      if (all === '{{') return '{';
      if (all === '}}') return '}';
      const value =
        key === '' || key === undefined
          ? values[next++]
          : /^\d+$/.test(key)
            ? values[Number(key)]
            : named[key];
      if (conversion === 'r') return repr(value);
      return spec === undefined || spec === '' ? str(value) : format(value, spec);
    },
  );
}

/** `text % values`. */
export function percent(text: string, values: readonly unknown[]): string {
  let next = 0;
  return text.replace(
    /%(?:%|([-+ 0#]*)(\d+)?(?:\.(\d+))?([sdifeEgGrxXoc]))/g,
    (all, flags = '', width = '', precision?: string, kind = '') => {
      if (all === '%%') return '%';
      const value = values[next++];
      if (kind === 'r') return aligned(repr(value), flags.includes('-') ? '<' : '>', ' ', Number(width));
      if (kind === 'c')
        return aligned(
          typeof value === 'number' ? String.fromCodePoint(value) : String(value),
          flags.includes('-') ? '<' : '>',
          ' ',
          Number(width),
        );
      if (kind === 's') return aligned(str(value), flags.includes('-') ? '<' : '>', ' ', Number(width));
      const own = opened(value);
      const number = kind === 'd' || kind === 'i' ? Math.trunc(Number(own.value)) : own.value;
      const align = flags.includes('-') ? '<' : '';
      const sign = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
      const zero = flags.includes('0') && align === '' ? '0' : '';
      const point = precision === undefined ? '' : `.${precision}`;
      return format(number, `${align}${sign}${zero}${width}${point}${kind === 'i' ? 'd' : kind}`);
    },
  );
}
