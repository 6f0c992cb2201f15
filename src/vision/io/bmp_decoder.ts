/** Decodes BMP files as PIL does: of 1 to 32 bits, with palettes and runs. */
import { RuntimeError } from '../../core/errors.js';
import { checkNotEmpty, checkSize, type OpenedPixels } from './pixels.js';

interface BmpHeader {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly compression: number;
  readonly isTopDown: boolean;
  readonly colours: number;
  /** The bytes of a palette's colour. */
  readonly entry: number;
  /** Where the header ends. */
  readonly end: number;
  /** Which bits of a pixel are red, green, blue and alpha, where the file says it. */
  readonly masks: readonly number[] | null;
}

const runs8 = 1;
const runs4 = 2;
const bitFields = 3;

const truncated = () => new RuntimeError('image file is truncated');

function parseHeader(view: DataView): BmpHeader {
  const size = view.getUint32(14, true);
  const end = 14 + size;
  if (size === 12)
    return {
      width: view.getUint16(18, true),
      height: view.getUint16(20, true),
      bits: view.getUint16(24, true),
      compression: 0,
      isTopDown: false,
      colours: 1 << view.getUint16(24, true),
      entry: 3,
      end,
      masks: null,
    };
  if (![40, 52, 56, 64, 108, 124].includes(size))
    throw new RuntimeError(`Unsupported BMP header type (${size})`);
  const isTopDown = view.getUint8(25) === 255;
  const bits = view.getUint16(28, true);
  const compression = view.getUint32(30, true);
  // A header of 40 bytes has three masks behind it, others have them within.
  const count = size >= 56 ? 4 : 3;
  if (compression === bitFields && view.byteLength < 54 + 4 * count) throw truncated();
  const masks =
    compression === bitFields
      ? Array.from({ length: 4 }, (_, i) => (i < count ? view.getUint32(54 + 4 * i, true) : 0))
      : null;
  return {
    width: view.getUint32(18, true),
    height: isTopDown ? -view.getInt32(22, true) : view.getUint32(22, true),
    bits,
    compression,
    isTopDown,
    colours: view.getUint32(46, true) || 2 ** bits,
    entry: 4,
    end: masks !== null && size === 40 ? end + 12 : end,
    masks,
  };
}

/** The layouts of pixels that PIL takes, by their bits: masks of red, green, blue and alpha. */
const layouts: Readonly<Record<number, readonly (readonly number[])[]>> = {
  16: [
    [0xf800, 0x7e0, 0x1f],
    [0x7c00, 0x3e0, 0x1f],
  ],
  24: [[0xff0000, 0xff00, 0xff]],
  32: [
    [0xff0000, 0xff00, 0xff, 0],
    [0xff000000, 0xff0000, 0xff00, 0],
    [0xff000000, 0xff00, 0xff, 0],
    [0xff000000, 0xff0000, 0xff00, 0xff],
    [0xff, 0xff00, 0xff0000, 0xff000000],
    [0xff0000, 0xff00, 0xff, 0xff000000],
    [0xff000000, 0xff00, 0xff, 0xff0000],
    [0, 0, 0, 0],
  ],
};

/** The masks of red, green, blue and, if there is any, alpha. */
function channelMasks({ bits, compression, masks }: BmpHeader): readonly number[] {
  const known = layouts[bits];
  if (masks === null) {
    if (compression !== 0) throw new RuntimeError(`Unsupported BMP compression (${compression})`);
    return bits === 16 ? known[1] : known[0].slice(0, 3);
  }
  const found = known.find((layout) => layout.every((mask, i) => mask === masks[i]));
  if (found === undefined) throw new RuntimeError('Unsupported BMP bitfields layout');
  // All zero means blue, green, red and alpha.
  if (found[0] === 0) return known[5];
  return found[3] === 0 ? found.slice(0, 3) : found;
}

/** Pixels whose colours are in their bits. */
function ofColours(bytes: Uint8Array, start: number, header: BmpHeader): OpenedPixels {
  const { width, height, bits, isTopDown } = header;
  const masks = channelMasks(header);
  const channels = masks.length;
  const shifts = masks.map((mask) => 31 - Math.clz32(mask & -mask));
  const largest = masks.map((mask, c) => mask >>> shifts[c]);
  const step = bits / 8;
  const line = Math.floor((width * bits + 31) / 32) * 4;
  if (start + line * height > bytes.length) throw truncated();
  const samples = new Uint8Array(width * height * channels);
  for (let y = 0, to = 0; y < height; y++) {
    let at = start + (isTopDown ? y : height - 1 - y) * line;
    for (let x = 0; x < width; x++, at += step) {
      let pixel = 0;
      for (let i = step - 1; i >= 0; i--) pixel = (pixel << 8) | bytes[at + i];
      for (let c = 0; c < channels; c++)
        samples[to++] = Math.floor((((pixel >>> shifts[c]) & largest[c]) * 255) / largest[c]);
    }
  }
  return { width, height, channels, samples, mode: channels === 4 ? 'RGBA' : 'RGB' };
}

/** The numbers of a picture's colours, from the top. */
function numbersOf(bytes: Uint8Array, start: number, header: BmpHeader): Uint8Array {
  const { width, height, bits, isTopDown, compression } = header;
  const line = Math.floor((width * bits + 31) / 32) * 4;
  if (compression === runs8 || compression === runs4) {
    const numbers = unpacked(bytes.subarray(start), width * height, width, compression === runs4);
    return isTopDown ? numbers : upended(numbers, width, height);
  }
  if (compression !== 0) throw new RuntimeError(`Unsupported BMP compression (${compression})`);
  if (start + line * height > bytes.length) throw truncated();
  const numbers = new Uint8Array(width * height);
  const mask = (1 << bits) - 1;
  for (let y = 0, to = 0; y < height; y++) {
    const at = start + (isTopDown ? y : height - 1 - y) * line;
    for (let x = 0, bit = 0; x < width; x++, bit += bits)
      numbers[to++] = (bytes[at + (bit >> 3)] >> (8 - bits - (bit & 7))) & mask;
  }
  return numbers;
}

function upended(numbers: Uint8Array, width: number, height: number): Uint8Array {
  const out = new Uint8Array(numbers.length);
  for (let y = 0; y < height; y++)
    out.set(numbers.subarray(y * width, (y + 1) * width), (height - 1 - y) * width);
  return out;
}

/** Numbers out of runs (RLE8 and RLE4), of which there must be so many. */
function unpacked(packed: Uint8Array, count: number, width: number, isOfFour: boolean): Uint8Array {
  const numbers = new Uint8Array(count);
  const one = (byte: number, i: number) => (isOfFour ? (i % 2 === 0 ? byte >> 4 : byte & 15) : byte);
  let to = 0;
  let at = 0;
  for (let x = 0; to < count && at + 2 <= packed.length; ) {
    const length = packed[at];
    const byte = packed[at + 1];
    at += 2;
    if (length > 0) {
      const used = Math.max(0, Math.min(length, width - x));
      for (let i = 0; i < used; i++) numbers[to++] = one(byte, i);
      x += used;
    } else if (byte === 0) {
      to = Math.ceil(to / width) * width;
      x = 0;
    } else if (byte === 1) break;
    else if (byte === 2) {
      if (at + 2 > packed.length) break;
      to += packed[at] + packed[at + 1] * width;
      x = to % width;
      at += 2;
    } else {
      const size = isOfFour ? (byte + 1) >> 1 : byte;
      if (at + size > packed.length) break;
      for (let i = 0; i < byte && to < count; i++)
        numbers[to++] = one(packed[at + (isOfFour ? i >> 1 : i)], i);
      x += byte;
      at += size + (size & 1);
    }
  }
  if (to < count) throw new RuntimeError('not enough image data');
  return numbers;
}

/** Pixels that are numbers of colours, as these colours; of a palette of grays, gray. */
function ofNumbers(bytes: Uint8Array, start: number, header: BmpHeader): OpenedPixels {
  const { width, height, bits, colours, entry, end } = header;
  if (colours > 65536) throw new RuntimeError(`Unsupported BMP Palette size (${colours})`);
  const palette = bytes.subarray(end, end + entry * colours);
  const isGrey = (values: readonly number[]) =>
    values.length === colours &&
    values.every((value, i) => [0, 1, 2].every((c) => palette[i * entry + c] === value));
  const numbers = numbersOf(bytes, start, header);
  const size = { width, height };
  if (bits === 1 && isGrey([0, 255]))
    return { ...size, channels: 1, samples: numbers.map((value) => value && 255), mode: '1' };
  if (bits === 8 && isGrey(Array.from({ length: colours }, (_, i) => i)))
    return { ...size, channels: 1, samples: numbers, mode: 'L' };
  const samples = new Uint8Array(3 * numbers.length);
  for (let i = 0; i < numbers.length; i++)
    for (let c = 0; c < 3; c++) samples[3 * i + c] = palette[numbers[i] * entry + 2 - c] ?? 0;
  return { ...size, channels: 3, samples, mode: 'RGB' };
}

/**
 * Decodes a BMP file.
 *
 * @throws RuntimeError if it is damaged, of a kind that PIL does not read, or too large
 */
export function decodeBmp(bytes: Uint8Array): OpenedPixels {
  if (bytes.length < 18) throw truncated();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 14 + view.getUint32(14, true) || bytes.length < 26) throw truncated();
  const header = parseHeader(view);
  if (header.end > bytes.length) throw truncated();
  const { width, height, bits, entry, colours, end } = header;
  checkNotEmpty(width, height);
  checkSize(width, height);
  if (![1, 4, 8, 16, 24, 32].includes(bits)) throw new RuntimeError(`Unsupported BMP pixel depth (${bits})`);
  let start = view.getUint32(10, true);
  // Some files say that the pixels begin where the palette does.
  if (start === end && bits <= 8) start += entry * colours;
  if (start === 0) start = bits <= 8 ? end + entry * colours : end;
  return bits <= 8 ? ofNumbers(bytes, start, header) : ofColours(bytes, start, header);
}
