import { ValueError } from '../core/errors.js';
import { notANumber } from './python_errors.js';

/** Python's `int(text, base)`. @throws ValueError for what is no number */
export function int(text: string, base = 10): number {
  const plain = text.trim().replace(/(?<=[\da-z])_(?=[\da-z])/gi, '');
  const [, sign = '', prefix = '', digits = ''] = /^([+-]?)(0[xob])?([\da-z]+)$/i.exec(plain) ?? [];
  const own = { x: 16, o: 8, b: 2 }[prefix[1]?.toLowerCase() ?? ''];
  const isPlain = prefix === '' || own === base || base === 0;
  const radix = base === 0 ? (own ?? 10) : base;
  const known = '0123456789abcdefghijklmnopqrstuvwxyz'.slice(0, radix);
  const isNumber = digits !== '' && [...digits.toLowerCase()].every((digit) => known.includes(digit));
  if (!isPlain || !isNumber) throw notANumber(`invalid literal for int() with base ${base}`, text);
  const value = Number.parseInt(digits, radix);
  return sign === '-' && value !== 0 ? -value : value;
}

/** Python's `float(text)`. @throws ValueError for what is no number */
export function float(text: string): number {
  const plain = text.trim().replace(/(?<=\d)_(?=\d)/g, '');
  const [, sign = '', word = ''] = /^([+-]?)(inf|infinity|nan)$/i.exec(plain) ?? [];
  if (word !== '') return /nan/i.test(word) ? NaN : sign === '-' ? -Infinity : Infinity;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain))
    throw notANumber('could not convert string to float', text);
  return Number(plain);
}

const based = (value: number, base: number, prefix: string): string =>
  `${value < 0 ? '-' : ''}${prefix}${Math.abs(value).toString(base)}`;

export const hex = (value: number): string => based(value, 16, '0x');
export const oct = (value: number): string => based(value, 8, '0o');
export const bin = (value: number): string => based(value, 2, '0b');

/** Python's `chr`. @throws ValueError beyond Unicode */
export function chr(point: number): string {
  if (point < 0 || point > 0x10ffff) throw new ValueError('chr() arg not in range(0x110000)');
  return String.fromCodePoint(point);
}
