/** Text as Python sees it: white space, `repr`, and numbers. */
import type { Complex } from '../../core/complex.js';
import { complexNumber } from '../../core/complex.js';

/** The characters that `str.isspace` takes for white space. */
const space = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const spaces = new RegExp(`[${space}]+`);
const around = new RegExp(`^[${space}]+|[${space}]+$`, 'g');
const one = new RegExp(`[${space}]`);

export const isSpace = (character: string): boolean => one.test(character);

/** `text.strip()`. */
export function strip(text: string): string {
  const first = text.charCodeAt(0);
  const last = text.charCodeAt(text.length - 1);
  // Most text has none.
  return first > 32 && first < 128 && last > 32 && last < 128 ? text : text.replace(around, '');
}

/** `text.split()`. */
export function splitAtSpaces(text: string): string[] {
  const stripped = strip(text);
  return stripped === '' ? [] : stripped.split(spaces);
}

/** `repr(text)`. */
export function textRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\'"\p{C}\p{Zl}\p{Zp}]/gu, (c) => {
    if (c === '\\' || c === quote) return `\\${c}`;
    if (c === "'" || c === '"') return c;
    const known = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[c];
    if (known !== undefined) return known;
    const code = c.codePointAt(0)!;
    if (code < 256) return `\\x${code.toString(16).padStart(2, '0')}`;
    return code < 0x10000
      ? `\\u${code.toString(16).padStart(4, '0')}`
      : `\\U${code.toString(16).padStart(8, '0')}`;
  });
  return quote + escaped + quote;
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const notFinite = /^([+-]?)(?:(inf(?:inity)?)|nan)$/i;

/** A float as C's parser reads it, with white space around it; undefined for anything else. */
export function floatOf(text: string): number | undefined {
  const stripped = strip(text);
  if (decimal.test(stripped)) return Number(stripped);
  const special = notFinite.exec(stripped);
  if (special === null) return undefined;
  if (special[2] === undefined) return Number.NaN;
  return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

const integer = /^[+-]?\d+$/;
const mostDigits = 15;

/** An integer with white space around it: a bigint where a number may not hold it. */
export function integerOf(text: string): number | bigint | undefined {
  const stripped = strip(text);
  if (!integer.test(stripped)) return undefined;
  return stripped.length <= mostDigits ? Number(stripped) : BigInt(stripped.replace(/^\+/, ''));
}

const part = '(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?|inf(?:inity)?|nan';
const complexParts = new RegExp(
  `^(?:([+-]?(?:${part}))(?:\\+?([+-]?(?:${part}))j)?|([+-]?(?:${part}))j)$`,
  'i',
);

/** A complex number; undefined for anything else. @param parentheses whether it may stand in some */
export function complexOf(text: string, parentheses = true): Complex | undefined {
  let stripped = strip(text);
  if (parentheses && stripped.startsWith('(') && stripped.endsWith(')'))
    stripped = strip(stripped.slice(1, -1));
  const found = complexParts.exec(stripped);
  if (found === null) return undefined;
  const [, re, im, only] = found;
  if (only !== undefined) return complexNumber(0, floatOf(only));
  // Between both parts there is a sign.
  if (im !== undefined && !/[+-]/.test(stripped.charAt(re.length))) return undefined;
  return complexNumber(floatOf(re)!, im === undefined ? 0 : floatOf(im)!);
}

/** Digits without Python's underscores between them. */
export const withoutUnderscores = (text: string): string => text.replace(/(?<=\d)_(?=\d)/g, '');
