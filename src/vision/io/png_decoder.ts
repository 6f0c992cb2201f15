/** Decodes PNG files of every kind (ISO/IEC 15948: depths from 1 to 16 bits, palettes, interlaced). */
import { RuntimeError } from '../../core/errors.js';
import { crc32 } from '../../io/crc32.js';
import { inflate } from '../../io/deflate.js';
import { orientationOf } from './exif.js';
import { checkSize, type Pixels } from './pixels.js';
import { paeth } from './png_filters.js';
import type { TransparentColour } from './transparent_colour.js';

/** The contents of a PNG file. Samples of less than 8 bits are bytes: numbers of colours, or gray from 0 to 255. */
export interface Png extends Pixels {
  /** The bits of a sample in the file. */
  readonly depth: number;
  /** The colours that samples number, as RGB or as RGBA where the file says how they cover. */
  readonly palette: { readonly values: Uint8Array; readonly channels: 3 | 4 } | null;
  /** The chunk tRNS of a picture without alpha or palette. */
  readonly transparency: Uint8Array | null;
  readonly orientation: number;
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colorType: number;
  readonly interlaced: boolean;
}

const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const depthsOf: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};
/** Adam7's passes: the first column and row, and the distances. */
const passes = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

const broken = (why: string) => new RuntimeError(`broken PNG file: ${why}`);

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
}

/** Chunks up to IEND. @throws RuntimeError if one that matters is damaged */
function* chunksOf(bytes: Uint8Array): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 8; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (type === 'IEND') return;
    const end = at + 8 + length;
    if (end + 4 > bytes.length) throw new RuntimeError('image file is truncated');
    const isNeeded = (bytes[at + 4] & 0x20) === 0;
    if (isNeeded && crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end))
      throw broken(`bad header checksum in '${type}'`);
    yield { type, data: bytes.subarray(at + 8, end) };
    at = end + 4;
  }
}

function parseHeader(data: Uint8Array): Header {
  if (data.length !== 13) throw broken('its header has not 13 bytes');
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const header = {
    width: view.getUint32(0),
    height: view.getUint32(4),
    depth: data[8],
    colorType: data[9],
    interlaced: data[12] === 1,
  };
  if (header.width === 0 || header.height === 0 || header.width > 0x7fffffff || header.height > 0x7fffffff)
    throw broken(`a size of ${header.width}x${header.height}`);
  if (!depthsOf[header.colorType]?.includes(header.depth))
    throw broken(`colour type ${header.colorType} with ${header.depth} bits`);
  if (data[10] !== 0 || data[11] !== 0 || data[12] > 1)
    throw broken('an unknown way of compression, filters or passes');
  return header;
}

/**
 * Decodes a PNG file.
 *
 * @throws RuntimeError if it is damaged, or as `checkSize` says
 */
export async function decodePngFile(bytes: Uint8Array): Promise<Png> {
  let header: Header | null = null;
  let colours: Uint8Array | null = null;
  let cover: Uint8Array | null = null;
  let orientation = 1;
  const parts: Uint8Array[] = [];
  for (const { type, data } of chunksOf(bytes)) {
    if (header === null && type !== 'IHDR') throw broken(`it begins with '${type}'`);
    if (type === 'IHDR') {
      header = parseHeader(data);
      checkSize(header.width, header.height);
    } else if (type === 'PLTE') colours = data;
    else if (type === 'tRNS') cover = data;
    else if (type === 'eXIf') orientation = orientationOf(data);
    else if (type === 'IDAT') parts.push(data);
  }
  if (header === null || parts.length === 0) throw new RuntimeError('image file is truncated');
  const samples = await samplesOf(header, joined(parts));
  const { width, height, depth, colorType } = header;
  const palette = colorType === 3 ? paletteOf(colours, cover) : null;
  const channels = channelsOf[colorType];
  const transparency = colorType === 0 || colorType === 2 ? cover : null;
  return { width, height, channels, samples, depth, palette, transparency, orientation };
}

/**
 * The colour that is transparent in a picture without a palette, as PIL reads it: of 1 bit white is 255, else values are those of the file.
 *
 * @throws RuntimeError if it is cut short
 */
export function transparentColour({ transparency, channels, depth }: Png): TransparentColour | null {
  if (transparency === null) return null;
  if (transparency.length < 2 * channels) throw broken('its transparent colour is cut short');
  const [level, green, blue] = [0, 2, 4].map((at) => (transparency[at] << 8) | transparency[at + 1]);
  if (channels === 3) return [level, green, blue];
  return depth > 1 ? level : level === 0 ? 0 : 255;
}

/** The picture with its palette's colours in place of their numbers. */
export function withColours({ palette, ...picture }: Png): Pixels {
  if (palette === null) return picture;
  const { values, channels } = palette;
  const count = picture.samples.length;
  const samples = new Uint8Array(count * channels);
  for (let i = 0, to = 0; i < count; i++)
    for (let c = 0, at = picture.samples[i] * channels; c < channels; c++) samples[to++] = values[at++];
  return { width: picture.width, height: picture.height, channels, samples };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Colours that the palette lacks are black, as decoders have them. */
function paletteOf(colours: Uint8Array | null, cover: Uint8Array | null): NonNullable<Png['palette']> {
  if (colours === null || colours.length === 0 || colours.length > 768 || colours.length % 3 !== 0)
    throw broken('it has no palette');
  const channels = cover === null ? 3 : 4;
  const values = new Uint8Array(256 * channels);
  for (let i = 0; i < 256; i++) {
    for (let c = 0; c < 3; c++) values[i * channels + c] = colours[3 * i + c] ?? 0;
    if (cover !== null) values[i * channels + 3] = cover[i] ?? 255;
  }
  return { values, channels };
}

async function samplesOf(header: Header, packed: Uint8Array): Promise<Uint8Array | Uint16Array> {
  const { width, height, depth, colorType, interlaced } = header;
  const channels = channelsOf[colorType];
  const bits = depth * channels;
  const parts = (interlaced ? passes : ([[0, 0, 1, 1]] as const))
    .map(([left, top, across, down]) => ({
      left,
      top,
      across,
      down,
      columns: Math.ceil((width - left) / across),
      rows: Math.ceil((height - top) / down),
    }))
    .filter(({ columns, rows }) => columns > 0 && rows > 0);
  const lineBytes = (columns: number) => Math.ceil((columns * bits) / 8);
  const size = parts.reduce((sum, { columns, rows }) => sum + rows * (1 + lineBytes(columns)), 0);
  const lines = await inflate(
    packed,
    size,
    (why) =>
      /smaller|right|unexpected end/.test(why) ? new RuntimeError('image file is truncated') : broken(why),
    'deflate',
  );
  const count = width * height * channels;
  const samples = depth === 16 ? new Uint16Array(count) : new Uint8Array(count);
  const step = Math.max(1, bits >> 3);
  let at = 0;
  for (const { left, top, across, down, columns, rows } of parts) {
    const length = lineBytes(columns);
    let above: Uint8Array = new Uint8Array(length);
    for (let row = 0; row < rows; row++) {
      const filter = lines[at++];
      const line = lines.subarray(at, at + length);
      at += length;
      unfilter(filter, line, above, step);
      const start = ((top + row * down) * width + left) * channels;
      spread(line, samples, start, columns, channels, across * channels, depth, colorType);
      above = line;
    }
  }
  return samples;
}

/** Undoes a line's filter, in place. */
function unfilter(filter: number, line: Uint8Array, above: Uint8Array, step: number): void {
  const { length } = line;
  if (filter === 1) for (let i = step; i < length; i++) line[i] += line[i - step];
  else if (filter === 2) for (let i = 0; i < length; i++) line[i] += above[i];
  else if (filter === 3)
    for (let i = 0; i < length; i++) line[i] += ((i < step ? 0 : line[i - step]) + above[i]) >> 1;
  else if (filter === 4)
    for (let i = 0; i < length; i++)
      line[i] += i < step ? above[i] : paeth(line[i - step], above[i], above[i - step]);
  else if (filter !== 0) throw broken(`an unknown filter ${filter}`);
}

/** Writes a line's samples to their places. */
function spread(
  line: Uint8Array,
  samples: Uint8Array | Uint16Array,
  start: number,
  columns: number,
  channels: number,
  distance: number,
  depth: number,
  colorType: number,
): void {
  if (depth === 8 && distance === channels) {
    samples.set(line, start);
    return;
  }
  // Gray of few bits fills the range of a byte.
  const factor = depth < 8 && colorType === 0 ? 255 / ((1 << depth) - 1) : 1;
  const mask = (1 << depth) - 1;
  for (let x = 0, from = 0, to = start; x < columns; x++, to += distance)
    for (let c = 0; c < channels; c++, from++) {
      if (depth === 16) samples[to + c] = (line[2 * from] << 8) | line[2 * from + 1];
      else if (depth === 8) samples[to + c] = line[from];
      else
        samples[to + c] = ((line[(from * depth) >> 3] >> (8 - depth - ((from * depth) & 7))) & mask) * factor;
    }
}
