/** Decodes PBM, PGM, PPM and PFM files as PIL does, plain and binary. */
import { RuntimeError, ValueError } from '../../core/errors.js';
import type { ImageMode } from './image_modes.js';
import { checkNotEmpty, checkSize, type OpenedPixels } from './pixels.js';

const isSpace = (byte: number) => byte === 32 || (byte >= 9 && byte <= 13);
const isLineEnd = (byte: number) => byte === 10 || byte === 13;
const hash = 35;

/** Words between white space and comments. */
class Words {
  constructor(
    private readonly bytes: Uint8Array,
    public at: number,
  ) {}

  private skipComment(): void {
    while (this.at < this.bytes.length && !isLineEnd(this.bytes[this.at])) this.at++;
  }

  /** The next word, which is empty at the end. The white space behind it is passed over, too: one byte of it. */
  next(): string {
    const { bytes } = this;
    let word = '';
    for (; this.at < bytes.length; this.at++) {
      const byte = bytes[this.at];
      if (byte === hash) this.skipComment();
      else if (!isSpace(byte)) word += String.fromCharCode(byte);
      else if (word !== '') break;
      if (word.length > 10) throw new ValueError(`Token too long in file header: ${word}`);
    }
    this.at++;
    return word;
  }

  /** The next word's number. */
  number(): number {
    const word = this.next();
    if (word === '') throw new ValueError('Reached EOF while reading header');
    if (!/^[+-]?\d+$/.test(word)) throw new ValueError(`invalid literal for int() with base 10: '${word}'`);
    return Number(word);
  }

  /** The next black or white pixel of a plain file; undefined at the end. */
  bit(): number | undefined {
    for (; this.at < this.bytes.length; this.at++) {
      const byte = this.bytes[this.at];
      if (byte === hash) this.skipComment();
      else if (!isSpace(byte)) {
        if (byte !== 48 && byte !== 49)
          throw new ValueError(`Invalid token for this mode: ${String.fromCharCode(byte)}`);
        this.at++;
        return byte - 48;
      }
    }
    return undefined;
  }
}

/** Rounds as Python does, halves to even numbers. */
function rounded(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}

const missing = () => new RuntimeError('not enough image data');
const truncated = () => new RuntimeError('image file is truncated');

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Black and white. 1 is black. */
function ofBits(bytes: Uint8Array, words: Words, { width, height }: Size, isPlain: boolean): Uint8Array {
  const line = Math.ceil(width / 8);
  if (words.at + (isPlain ? width : line) * height > bytes.length) throw isPlain ? missing() : truncated();
  const samples = new Uint8Array(width * height);
  if (isPlain) {
    for (let i = 0; i < samples.length; i++) {
      const bit = words.bit();
      if (bit === undefined) throw missing();
      samples[i] = bit === 1 ? 0 : 255;
    }
    return samples;
  }
  for (let y = 0, to = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      samples[to++] = (bytes[words.at + y * line + (x >> 3)] >> (7 - (x & 7))) & 1 ? 0 : 255;
  return samples;
}

/** Gray or colours, whose largest value the file says. */
function ofLevels(
  bytes: Uint8Array,
  words: Words,
  { width, height }: Size,
  isPlain: boolean,
  channels: 1 | 3,
): OpenedPixels {
  const largest = words.number();
  if (largest <= 0 || largest >= 65536)
    throw new ValueError('maxval must be greater than 0 and less than 65536');
  const isWide = largest > 255;
  const mode: ImageMode = channels === 3 ? 'RGB' : isWide ? 'I' : 'L';
  const count = width * height * channels;
  const step = isWide ? 2 : 1;
  if (!isPlain && words.at + count * step > bytes.length)
    throw largest === 255 || mode === 'I' ? truncated() : missing();
  // Each needs two bytes of a plain file, but for the last.
  if (isPlain && bytes.length - words.at < 2 * count - 1) throw missing();
  const samples = mode === 'I' ? new Int32Array(count) : new Uint8Array(count);
  const range = mode === 'I' ? 65535 : 255;
  for (let i = 0, at = words.at; i < count; i++, at += step) {
    const value = isPlain
      ? plainLevel(words, largest)
      : isWide
        ? (bytes[at] << 8) | bytes[at + 1]
        : bytes[at];
    samples[i] = largest === range ? value : Math.min(range, rounded((value / largest) * range));
  }
  return { width, height, channels, samples, mode };
}

function plainLevel(words: Words, largest: number): number {
  const word = words.next();
  if (word === '') throw missing();
  if (!/^[+-]?\d+$/.test(word)) throw new ValueError(`invalid literal for int() with base 10: '${word}'`);
  const value = Number(word);
  if (value < 0) throw new ValueError(`Channel value is negative: ${value}`);
  if (value > largest) throw new ValueError(`Channel value too large for this mode: ${value}`);
  return value;
}

/** Floats from the bottom up, whose order of bytes is the sign of the scale. */
function ofFloats(bytes: Uint8Array, words: Words, { width, height }: Size): Float32Array {
  const word = words.next();
  const scale = Number(word === '' ? Number.NaN : word);
  if (Number.isNaN(scale)) throw new ValueError(`could not convert string to float: '${word}'`);
  if (scale === 0 || !Number.isFinite(scale)) throw new ValueError('scale must be finite and non-zero');
  if (words.at + 4 * width * height > bytes.length) throw truncated();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const samples = new Float32Array(width * height);
  for (let y = height - 1, at = words.at; y >= 0; y--)
    for (let x = 0; x < width; x++, at += 4) samples[y * width + x] = view.getFloat32(at, scale < 0);
  return samples;
}

/**
 * Decodes a PBM, PGM, PPM or PFM file.
 *
 * @throws RuntimeError if it is cut off or too large, ValueError if its header or a plain number is wrong
 */
export function decodeNetpbm(bytes: Uint8Array): OpenedPixels {
  const kind = String.fromCharCode(bytes[1]);
  const words = new Words(bytes, 3);
  const [width, height] = [words.number(), words.number()];
  checkNotEmpty(width, height);
  const size = { width, height };
  checkSize(width, height);
  const isPlain = kind <= '3';
  if (kind === 'f') return { ...size, channels: 1, samples: ofFloats(bytes, words, size), mode: 'F' };
  if (kind === '1' || kind === '4')
    return { ...size, channels: 1, samples: ofBits(bytes, words, size, isPlain), mode: '1' };
  return ofLevels(bytes, words, size, isPlain, kind === '3' || kind === '6' ? 3 : 1);
}
