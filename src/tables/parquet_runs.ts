/**
 * Runs of numbers within Parquet's pages (https://parquet.apache.org/docs/file-format/data-pages/encodings/): whether they are as long as
 * they have to be, before anybody takes their lengths for true.
 */
import type { PageReader } from './page_reader.js';

/** The bits that `top` takes. */
export const bitsOf = (top: number): number => 32 - Math.clz32(top);

/** Wider numbers are not decoded right by hyparquet. */
const widest = 24;

/**
 * Walks runs of repeated and packed numbers of `width` bits, of which there must be `count`.
 * @param top the greatest that a number may be
 * @returns how many of them are `wanted`
 */
export function countInRuns(
  page: PageReader,
  width: number,
  count: number,
  top: number,
  wanted: number,
): number {
  if (width > widest) throw new Error(`a page has numbers of ${width} bits`);
  let found = 0;
  const see = (value: number, times: number) => {
    if (value > top) throw new Error(`a page has a number ${value}, and there is none above ${top}`);
    if (value === wanted) found += times;
  };
  for (let seen = 0; seen < count; ) {
    const head = page.varint();
    const left = count - seen;
    const length = Math.floor(head / 2);
    if (head % 2 === 0) {
      if (length > left) throw new Error(`a run of ${length} numbers has room for ${left}`);
      let value = 0;
      for (let bits = 0; bits < width; bits += 8) value |= page.byte() << bits;
      see(value, length);
      seen += length;
      continue;
    }
    // Groups of eight numbers, the last of which are filled up.
    if (width === 0 && 8 * length > left + 7) throw new Error('a page has packed numbers without an end');
    const { bytes } = page.take(length * width);
    const held = Math.min(left, 8 * length);
    const mask = 2 ** width - 1;
    for (let i = 0, at = 0, have = 0, bits = 0; i < held; i++) {
      for (; have < width; have += 8) bits |= bytes[at++] << have;
      see(bits & mask, 1);
      bits >>>= width;
      have -= width;
    }
    seen += held;
  }
  return found;
}

/**
 * Walks integers that are written as differences, of which there must be `count`.
 * @param keep whether they are wanted; they wrap at 32 bits
 */
export function differences(page: PageReader, count: number, keep: boolean): Int32Array {
  const block = page.varint();
  const parts = page.varint();
  page.varint();
  let value = signedNumber(page, keep);
  const size = block / parts;
  if (!(parts >= 1 && size >= 8 && size % 8 === 0))
    throw new Error(`a page has ${parts} parts in blocks of ${block}`);
  const values = new Int32Array(keep ? count : 0);
  if (keep && count > 0) values[0] = value;
  for (let seen = 1; seen < count; ) {
    const least = signedNumber(page, keep);
    const { bytes: widths } = page.take(parts);
    for (let i = 0; i < parts && seen < count; i++) {
      const width = widths[i];
      if (width > 64) throw new Error(`a page has differences of ${width} bits`);
      const held = Math.min(size, count - seen);
      const part = page.take(Math.min(page.left, (size * width) / 8));
      if (8 * part.left < held * width) throw new Error('a page ends too early');
      if (keep)
        for (let j = 0, at = 0; j < held; j++) {
          let difference = 0;
          for (let bit = 0; bit < width && bit < 32; bit++, at++)
            difference |= ((part.bytes[at >> 3] >> (at & 7)) & 1) << bit;
          at += Math.max(0, width - 32);
          value = (value + least + difference) | 0;
          values[seen + j] = value;
        }
      seen += held;
    }
  }
  return values;
}

/** A signed number: one of 32 bits where it is wanted, of up to ten bytes where it is passed over. */
function signedNumber(page: PageReader, isWanted: boolean): number {
  const value = page.varint(isWanted ? 5 : 10);
  if (!isWanted) return 0;
  if (value >= 2 ** 32) throw new Error('a page has a length of more than 32 bits');
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
