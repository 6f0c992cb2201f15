import { ValueError } from '../core/errors.js';

/** `text.split()`: words between blanks. */
export const words = (text: string): string[] =>
  text
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');

export const capitalize = (text: string): string =>
  text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase();

export const title = (text: string): string => text.replace(/\p{L}+/gu, capitalize);

export const zfill = (text: string, width: number): string =>
  /^[+-]/.test(text) ? text[0] + text.slice(1).padStart(width - 1, '0') : text.padStart(width, '0');

export const ljust = (text: string, width: number, fill = ' '): string => text.padEnd(width, fill);

export const rjust = (text: string, width: number, fill = ' '): string => text.padStart(width, fill);

export function center(text: string, width: number, fill = ' '): string {
  const missing = Math.max(width - text.length, 0);
  const before = Math.floor(missing / 2) + (missing & width & 1);
  return fill.repeat(before) + text + fill.repeat(missing - before);
}

const trimmed = (text: string, letters: string, atStart: boolean, atEnd: boolean): string => {
  let [from, to] = [0, text.length];
  while (atStart && from < to && letters.includes(text[from])) from++;
  while (atEnd && to > from && letters.includes(text[to - 1])) to--;
  return text.slice(from, to);
};

/** `text.strip(letters)`: without those letters at both ends. */
export const strip = (text: string, letters: string): string => trimmed(text, letters, true, true);

export const lstrip = (text: string, letters: string): string => trimmed(text, letters, true, false);

export const rstrip = (text: string, letters: string): string => trimmed(text, letters, false, true);

/** `text.split(separator, most)`: no more than `most` times, the rest stays. @throws ValueError for an empty separator */
export function split(text: string, separator: string, most = -1): string[] {
  if (separator === '') throw new ValueError('empty separator');
  const parts = text.split(separator);
  if (most < 0 || parts.length <= most + 1) return parts;
  return [...parts.slice(0, most), parts.slice(most).join(separator)];
}

/** `text.rsplit(separator, most)`: from the end. */
export function rsplit(text: string, separator: string, most = -1): string[] {
  const parts = split(text, separator);
  if (most < 0 || parts.length <= most + 1) return parts;
  const rest = parts.length - most;
  return [parts.slice(0, rest).join(separator), ...parts.slice(rest)];
}

/** What stands before a separator, the separator, and the rest. */
export function partition(text: string, separator: string): [string, string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, '', ''] : [text.slice(0, at), separator, text.slice(at + separator.length)];
}

/** `text.replace(old, to, most)`: no more than `most` times. */
export function replace(text: string, old: string, to: string, most: number): string {
  if (most < 0) return text.replaceAll(old, () => to);
  let left = most;
  return text.replaceAll(old, () => (left-- > 0 ? to : old));
}

/** Lines without their ends; an end at the end begins no further line. */
export function splitlines(text: string): string[] {
  const lines = text.split(/\r\n|[\n\r\v\f\x85\u2028\u2029]/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Where a text stands in another one. @throws ValueError if it does not */
export function place(text: string, part: string): number {
  const at = text.indexOf(part);
  if (at < 0) throw new ValueError('substring not found');
  return at;
}

export const swapcase = (text: string): string =>
  text.replace(/\p{L}/gu, (letter) =>
    letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase(),
  );

const hasLetters = (text: string): boolean => text.toLowerCase() !== text.toUpperCase();

export const isupper = (text: string): boolean => hasLetters(text) && text === text.toUpperCase();

export const islower = (text: string): boolean => hasLetters(text) && text === text.toLowerCase();
