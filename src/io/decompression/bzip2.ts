/**
 * Decompression of bzip2, in which zip archives may hold members. The format has no specification of its own; this follows the description in
 * J. Tsai, "BZIP2: Format Specification" (2016), https://github.com/dsnet/compress/blob/master/doc/bzip2-format.pdf.
 */
import type { Bytes } from '../bytes.js';
import { GrowingBytes } from './growing_bytes.js';

const blockMagic = 0x314159265359;
const endMagic = 0x177245385090;
/** Symbols that one selector holds for. */
const groupSize = 50;
const longestCode = 20;

/** Bits from the most significant of each byte on. */
class BitReader {
  private position = 0;
  private bit = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly fail: (why: string) => Error,
  ) {}

  one(): number {
    if (this.position >= this.bytes.length) throw this.fail('its data ends too early');
    const value = (this.bytes[this.position] >> (7 - this.bit)) & 1;
    if (++this.bit === 8) {
      this.bit = 0;
      this.position++;
    }
    return value;
  }

  many(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.one();
    return value;
  }
}

/** A canonical prefix code: by length the first code, and the symbols in order of their codes. */
class PrefixCode {
  private readonly counts = new Uint16Array(longestCode + 1);
  private readonly symbols: number[] = [];

  constructor(lengths: readonly number[]) {
    for (let length = 1; length <= longestCode; length++)
      for (const [symbol, own] of lengths.entries())
        if (own === length) {
          this.counts[length]++;
          this.symbols.push(symbol);
        }
  }

  /** The next symbol; -1 for a code that there is not. */
  read(bits: BitReader): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= longestCode; length++) {
      code = code * 2 + bits.one();
      const count = this.counts[length];
      if (code - first < count) return this.symbols[index + code - first];
      index += count;
      first = (first + count) * 2;
    }
    return -1;
  }
}

/**
 * Decompresses to exactly `size` bytes.
 *
 * @param fail makes the error for bytes that do not hold that
 */
export function bunzip2(bytes: Uint8Array, size: number | null, fail: (why: string) => Error): Bytes {
  const bits = new BitReader(bytes, fail);
  const out = new GrowingBytes(size, fail);
  if (bits.many(24) !== 0x425a68) throw fail('it is no bzip2 data');
  const level = bits.many(8) - 48;
  if (level < 1 || level > 9) throw fail('it is no bzip2 data');
  for (;;) {
    const magic = bits.many(48);
    if (magic !== blockMagic && magic !== endMagic) throw fail('its blocks are damaged');
    const checksum = bits.many(32);
    if (magic === endMagic) return out.whole();
    readBlock(bits, level * 100_000, checksum, out, fail);
  }
}

function readBlock(
  bits: BitReader,
  capacity: number,
  checksum: number,
  out: GrowingBytes,
  fail: (why: string) => Error,
): void {
  if (bits.one() === 1) throw fail('its blocks are randomised, as no program has written them since 1997');
  const origin = bits.many(24);
  const used = usedBytes(bits);
  const codes = prefixCodes(bits, used.length + 2, fail);
  const { column, counts } = lastColumn(bits, used, codes, capacity, fail);
  const { length } = column;
  if (origin >= length) throw fail('its blocks are damaged');
  // The inverse of the Burrows-Wheeler transform: where each byte's successor stands.
  const starts = new Uint32Array(256);
  for (let value = 1; value < 256; value++) starts[value] = starts[value - 1] + counts[value - 1];
  const next = new Uint32Array(length);
  for (let i = 0; i < length; i++) next[starts[column[i]]++] = i;
  let crc = 0xffffffff;
  const write = (byte: number): void => {
    crc = (crc << 8) ^ crcTable[(crc >>> 24) ^ byte];
    out.push(byte);
  };
  let place = next[origin];
  let run = 0;
  let last = -1;
  for (let i = 0; i < length; i++, place = next[place]) {
    const byte = column[place];
    if (run === 4) {
      // Behind four equal bytes stands how many more there are.
      for (let k = 0; k < byte; k++) write(last);
      run = 0;
      last = -1;
      continue;
    }
    run = byte === last ? run + 1 : 1;
    last = byte;
    write(byte);
  }
  if ((crc ^ 0xffffffff) >>> 0 !== checksum) throw fail('its checksum is wrong');
}

/** The bytes that occur in a block. */
function usedBytes(bits: BitReader): number[] {
  const rows = bits.many(16);
  const used: number[] = [];
  for (let row = 0; row < 16; row++) {
    if (((rows >> (15 - row)) & 1) === 0) continue;
    const columns = bits.many(16);
    for (let k = 0; k < 16; k++) if (((columns >> (15 - k)) & 1) === 1) used.push(row * 16 + k);
  }
  return used;
}

/** The code of each group of symbols, in order. */
function prefixCodes(bits: BitReader, symbols: number, fail: (why: string) => Error): PrefixCode[] {
  const tables = bits.many(3);
  const groups = bits.many(15);
  if (tables < 2 || tables > 6 || groups === 0) throw fail('its tables are damaged');
  const order = Array.from({ length: tables }, (_, i) => i);
  const selectors: number[] = [];
  for (let g = 0; g < groups; g++) {
    let at = 0;
    while (bits.one() === 1) if (++at >= tables) throw fail('its tables are damaged');
    const [selector] = order.splice(at, 1);
    order.unshift(selector);
    selectors.push(selector);
  }
  const codes = Array.from({ length: tables }, () => {
    let length = bits.many(5);
    return new PrefixCode(
      Array.from({ length: symbols }, () => {
        while (true) {
          if (length < 1 || length > longestCode) throw fail('its tables are damaged');
          if (bits.one() === 0) return length;
          length += bits.one() === 0 ? 1 : -1;
        }
      }),
    );
  });
  return selectors.map((selector) => codes[selector]);
}

/** The last column of the sorted rotations: runs of the most recent byte, and moves of others to the front. */
function lastColumn(
  bits: BitReader,
  used: readonly number[],
  codes: readonly PrefixCode[],
  capacity: number,
  fail: (why: string) => Error,
): { column: Uint8Array; counts: Uint32Array } {
  const recent = [...used];
  const end = used.length + 1;
  const room = new Uint8Array(capacity);
  const counts = new Uint32Array(256);
  let length = 0;
  let run = 0;
  let weight = 1;
  const flush = (): void => {
    if (run === 0) return;
    if (length + run > capacity || recent.length === 0) throw fail('its blocks are damaged');
    room.fill(recent[0], length, length + run);
    counts[recent[0]] += run;
    length += run;
    run = 0;
    weight = 1;
  };
  for (let i = 0; ; i++) {
    const group = Math.floor(i / groupSize);
    if (group >= codes.length) throw fail('its blocks are damaged');
    const symbol = codes[group].read(bits);
    if (symbol < 0) throw fail('its blocks are damaged');
    if (symbol < 2) {
      // A number whose digits are 1 and 2, the lowest first.
      run += weight * (symbol + 1);
      weight *= 2;
      if (run > capacity) throw fail('its blocks are damaged');
      continue;
    }
    flush();
    if (symbol === end) return { column: room.subarray(0, length), counts };
    const [byte] = recent.splice(symbol - 1, 1);
    recent.unshift(byte);
    if (length === capacity) throw fail('its blocks are damaged');
    room[length++] = byte;
    counts[byte]++;
  }
}

/** CRC-32 from the most significant bit on. */
const crcTable = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let k = 0; k < 8; k++) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value;
});
