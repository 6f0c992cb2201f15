/** Decompression of xz files ("The .xz File Format", version 1.2.1, 2024): one stream of blocks of LZMA2. */
import type { Bytes } from '../bytes.js';
import { crc32 } from '../crc32.js';
import { GrowingBytes } from './growing_bytes.js';
import { LzmaModel, propertiesOf, RangeDecoder } from './lzma.js';

type Fail = (why: string) => Error;

const damaged = 'its data is damaged';
const lzma2 = 0x21;
/** The lengths of the checks that are known here, by their numbers: none, CRC-32, CRC-64. */
const checkLengths: Readonly<Record<number, number>> = { 0: 0, 1: 4, 4: 8 };

/** Numbers and bytes of a file, one after the other. */
class Cursor {
  constructor(
    readonly bytes: Uint8Array,
    public at: number,
    readonly end: number,
    private readonly fail: Fail,
  ) {}

  byte(): number {
    if (this.at >= this.end) throw this.fail('its data ends too early');
    return this.bytes[this.at++];
  }

  /** A number of 16 bits, the higher ones first. */
  short(): number {
    return this.byte() * 256 + this.byte();
  }

  /** A number of seven bits a byte, the lowest first. */
  number(): number {
    let value = 0;
    for (let i = 0; i < 9; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw this.fail(damaged);
  }

  take(length: number): Uint8Array {
    if (length > this.end - this.at) throw this.fail('its data ends too early');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** Checks the CRC-32 of what is before. */
  check(start: number): void {
    const sum = crc32(this.bytes.subarray(start, this.at));
    const found = this.take(4).reduce((value, byte, i) => value + byte * 2 ** (8 * i), 0);
    if (found !== sum) throw this.fail(damaged);
  }

  /** Skips zeros up to a multiple of 4 bytes from `start`. */
  align(start: number): void {
    while ((this.at - start) % 4 !== 0) if (this.byte() !== 0) throw this.fail(damaged);
  }
}

/** The blocks' sizes that the index at the file's end lists. */
function blocksIn(cursor: Cursor, fail: Fail): { unpadded: number; size: number }[] {
  const start = cursor.at;
  if (cursor.byte() !== 0) throw fail(damaged);
  const count = cursor.number();
  if (count > (cursor.end - cursor.at) / 2) throw fail(damaged);
  const blocks = Array.from({ length: count }, () => ({ unpadded: cursor.number(), size: cursor.number() }));
  cursor.align(start);
  cursor.check(start);
  return blocks;
}

/** Decodes the chunks of LZMA2 up to the one that ends them. */
function decodeChunks(cursor: Cursor, out: GrowingBytes, dictionary: number, fail: Fail): void {
  let start = out.length;
  let model: LzmaModel | null = null;
  let properties: LzmaModel['properties'] | null = null;
  for (let isFirst = true; ; isFirst = false) {
    const control = cursor.byte();
    if (control === 0) return;
    if (isFirst && control !== 1 && control < 0xe0) throw fail(damaged);
    if (control === 1 || control >= 0xe0) start = out.length;
    if (control < 0x80) {
      if (control > 2) throw fail(damaged);
      for (const byte of cursor.take(cursor.short() + 1)) out.push(byte);
      continue;
    }
    const size = (control & 0x1f) * 65536 + cursor.short() + 1;
    const packed = cursor.short() + 1;
    if (control >= 0xc0) properties = propertiesOf(cursor.byte(), fail);
    if (control >= 0xa0) model = properties && new LzmaModel(properties, dictionary);
    if (model === null) throw fail(damaged);
    const end = out.length + size;
    const decoder = new RangeDecoder(cursor.take(packed), 0, fail);
    model.decode(decoder, out, start, end, fail);
    if (out.length !== end || !decoder.isDone) throw fail(damaged);
  }
}

/** The size of the dictionary of a block. @throws what `fail` makes if it is filtered by anything but LZMA2 */
function dictionaryOf(cursor: Cursor, fail: Fail): number {
  const start = cursor.at;
  const length = (cursor.byte() + 1) * 4;
  const flags = cursor.byte();
  if ((flags & 0x3c) !== 0) throw fail(damaged);
  if ((flags & 0x40) !== 0) cursor.number();
  if ((flags & 0x80) !== 0) cursor.number();
  const filter = cursor.number();
  if ((flags & 3) !== 0 || filter !== lzma2 || cursor.number() !== 1)
    throw fail('it has filters beside LZMA2, which are not known here');
  const bits = cursor.byte();
  if (bits > 40) throw fail(damaged);
  while (cursor.at < start + length - 4) if (cursor.byte() !== 0) throw fail(damaged);
  cursor.check(start);
  return bits === 40 ? 2 ** 32 - 1 : (2 | (bits & 1)) * 2 ** ((bits >> 1) + 11);
}

/** CRC-64 of ECMA-182, reflected, as its eight bytes from the lowest. */
function crc64(bytes: Uint8Array): Uint8Array {
  const [low, high] = [new Int32Array(256), new Int32Array(256)];
  for (let n = 0; n < 256; n++) {
    let [l, h] = [n, 0];
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = l & 1;
      l = (l >>> 1) | (h << 31);
      h >>>= 1;
      if (isOdd) [l, h] = [l ^ 0xd7870f42, h ^ 0xc96c5795];
    }
    [low[n], high[n]] = [l, h];
  }
  let [l, h] = [-1, -1];
  for (const byte of bytes) {
    const at = (l ^ byte) & 0xff;
    l = ((l >>> 8) | (h << 24)) ^ low[at];
    h = (h >>> 8) ^ high[at];
  }
  return new Uint8Array(Int32Array.of(~l, ~h).buffer);
}

function sumOf(bytes: Uint8Array, check: number): Uint8Array {
  if (check === 0) return new Uint8Array(0);
  return check === 4 ? crc64(bytes) : new Uint8Array(Uint32Array.of(crc32(bytes)).buffer);
}

/**
 * Decompresses an xz file.
 *
 * @param fail makes the error for bytes that are none
 */
export function unxz(bytes: Uint8Array, fail: Fail): Bytes {
  const magic = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0];
  if (bytes.length < 32 || magic.some((byte, i) => bytes[i] !== byte)) throw fail('it is no xz file');
  const header = new Cursor(bytes, 8, 12, fail);
  header.check(6);
  const check = bytes[7];
  if (bytes[6] !== 0 || checkLengths[check] === undefined)
    throw fail('its checksums are of a kind that is not known here');
  const footer = bytes.length - 12;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const isFooter =
    bytes[footer + 10] === 0x59 &&
    bytes[footer + 11] === 0x5a &&
    bytes[footer + 8] === 0 &&
    bytes[footer + 9] === check;
  if (!isFooter || crc32(bytes.subarray(footer + 4, footer + 10)) !== view.getUint32(footer, true))
    throw fail('its data ends too early');
  const index = footer - (view.getUint32(footer + 4, true) + 1) * 4;
  if (index < 12) throw fail(damaged);
  const blocks = blocksIn(new Cursor(bytes, index, footer, fail), fail);
  const total = blocks.reduce((sum, { size }) => sum + size, 0);
  const out = new GrowingBytes(total, fail);
  const cursor = new Cursor(bytes, 12, index, fail);
  const ends: number[] = [];
  const sums: Uint8Array[] = [];
  for (const { unpadded, size } of blocks) {
    const [start, before] = [cursor.at, out.length];
    decodeChunks(cursor, out, dictionaryOf(cursor, fail), fail);
    const length = cursor.at - start + checkLengths[check];
    cursor.align(start);
    sums.push(cursor.take(checkLengths[check]));
    if (out.length - before !== size || length !== unpadded) throw fail(damaged);
    ends.push(out.length);
  }
  if (cursor.at !== index) throw fail('it has more than one stream');
  const whole = out.whole();
  for (const [i, sum] of sums.entries()) {
    const found = sumOf(whole.subarray(ends[i - 1] ?? 0, ends[i]), check);
    if (found.some((byte, at) => byte !== sum[at])) throw fail(damaged);
  }
  return whole;
}
