/** The parts of pickles that are text: numbers and strings of protocols 0 and 1, and strings of Python 2. */
import { refused } from './file_errors.js';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws UnpicklingError for bytes that are not UTF-8 */
export function decode(bytes: Uint8Array): string {
  return textOrNull(bytes) ?? invalid();
}

function invalid(): never {
  throw refused('a string is not valid UTF-8');
}

function textOrNull(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

/** A string of Python 2, which may hold any bytes: text if they are, else the bytes. */
export function textOrBytes(bytes: Uint8Array): string | Uint8Array {
  return textOrNull(bytes) ?? new Uint8Array(bytes);
}

/** `INT`'s and `LONG`'s decimals, which may also mean a truth value. */
export function wholeNumber(line: string): number | bigint | boolean {
  if (line === '00' || line === '01') return line === '01';
  const digits = line.replace(/L$/, '');
  if (!/^[+-]?\d{1,4300}$/.test(digits)) throw refused('a number is written wrongly');
  const number = Number(digits);
  return Number.isSafeInteger(number) ? number : BigInt(digits);
}

const words: ReadonlyMap<string, number> = new Map([
  ['nan', Number.NaN],
  ['inf', Number.POSITIVE_INFINITY],
  ['-inf', Number.NEGATIVE_INFINITY],
]);

/** `FLOAT`'s decimals. */
export function floatNumber(line: string): number {
  const word = words.get(line);
  if (word !== undefined) return word;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(line)) throw refused('a number is written wrongly');
  return Number(line);
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
};

/** `STRING`'s: what Python 2's `repr` made of one. */
export function quotedString(line: string): string | Uint8Array {
  const quote = line[0];
  if (line.length < 2 || (quote !== "'" && quote !== '"') || !line.endsWith(quote))
    throw refused('the STRING opcode argument must be quoted');
  const text = line
    .slice(1, -1)
    .replace(/\\(?:x([0-9a-f]{2})|([0-7]{1,3})|([\s\S]))/gi, (_, hex, octal, other: string) =>
      other === undefined
        ? String.fromCharCode(hex === undefined ? Number.parseInt(octal, 8) & 0xff : Number.parseInt(hex, 16))
        : (escapes[other] ?? other),
    );
  return textOrBytes(Uint8Array.from(text, (c) => c.charCodeAt(0)));
}

/** `UNICODE`'s: bytes of Latin-1, and escapes of what that lacks. */
export function escapedText(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return text.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (_, short, long) => {
    const point = Number.parseInt(short ?? long, 16);
    if (point > 0x10ffff) throw refused('a string names a character that there is not');
    return String.fromCodePoint(point);
  });
}

/** Bytes of a number that is still read. */
const longestNumber = 2 ** 20;

/** Little-endian two's complement of any length. */
export function longFrom(bytes: Uint8Array): number | bigint {
  if (bytes.length === 0) return 0;
  if (bytes.length > longestNumber) throw refused('a number is too long');
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'));
  const value = BigInt.asIntN(bytes.length * 8, BigInt(`0x${digits.reverse().join('')}`));
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
