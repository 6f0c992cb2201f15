/** Encodes PNG files. */
import { crc32 } from '../../io/crc32.js';
import { deflate } from '../../io/deflate.js';
import type { Pixels } from './pixels.js';
import { paeth, pngSignature } from './png_filters.js';

const colorTypes = [0, 4, 2, 6];

/**
 * Encodes a picture as a PNG file.
 *
 * @param compress what packs the lines, in zlib's format; by default the platform's own at its usual level
 * @param depth the bits of a sample: as many as it has, or 1 for a picture of gray that is black or white
 * @param transparency the colour that is transparent in a picture without alpha, a value for each channel
 */
export async function encodePngFile(
  { width, height, channels, samples }: Pixels,
  compress: (bytes: Uint8Array) => Promise<Uint8Array> = (bytes) => deflate(bytes, 'deflate'),
  depth = 8 * samples.BYTES_PER_ELEMENT,
  transparency: readonly number[] | null = null,
): Promise<Uint8Array> {
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  header.setUint8(8, depth);
  header.setUint8(9, colorTypes[channels - 1]);
  const lines = depth === 1 ? bitsOf(samples, width, height) : bigEndian(samples);
  const packed = await compress(
    filtered(lines, Math.ceil((width * channels * depth) / 8), height, Math.max(1, (channels * depth) >> 3)),
  );
  const parts = [
    Uint8Array.from(pngSignature),
    chunk('IHDR', new Uint8Array(header.buffer)),
    ...(transparency === null ? [] : [chunk('tRNS', bigEndian(Uint16Array.from(transparency)))]),
    chunk('IDAT', packed),
    chunk('IEND', new Uint8Array(0)),
  ];
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

function bigEndian(samples: Uint8Array | Uint16Array): Uint8Array {
  if (samples instanceof Uint8Array) return samples;
  const bytes = new Uint8Array(2 * samples.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < samples.length; i++) view.setUint16(2 * i, samples[i]);
  return bytes;
}

/** Lines of bits, each of which begins a byte. */
function bitsOf(samples: Uint8Array | Uint16Array, width: number, height: number): Uint8Array {
  const length = Math.ceil(width / 8);
  const bytes = new Uint8Array(length * height);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++) if (samples[at++] !== 0) bytes[y * length + (x >> 3)] |= 128 >> (x & 7);
  return bytes;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** The lines, each by the one filter of five whose differences are smallest in sum (libpng's rule). */
function filtered(bytes: Uint8Array, length: number, height: number, step: number): Uint8Array {
  const lines = new Uint8Array((length + 1) * height);
  const tries = Array.from({ length: 5 }, () => new Uint8Array(length));
  let above: Uint8Array = new Uint8Array(length);
  for (let row = 0; row < height; row++) {
    const line = bytes.subarray(row * length, (row + 1) * length);
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let filter = 0; filter < 5; filter++) {
      const sum = differences(filter, line, above, step, tries[filter]);
      if (sum < least) {
        least = sum;
        best = filter;
      }
    }
    lines[row * (length + 1)] = best;
    lines.set(tries[best], row * (length + 1) + 1);
    above = line;
  }
  return lines;
}

/** Writes a line's differences from what a filter foretells, and gives their sum. */
function differences(
  filter: number,
  line: Uint8Array,
  above: Uint8Array,
  step: number,
  to: Uint8Array,
): number {
  let sum = 0;
  for (let i = 0; i < line.length; i++) {
    const left = i < step ? 0 : line[i - step];
    const up = above[i];
    let foretold = 0;
    if (filter === 1) foretold = left;
    else if (filter === 2) foretold = up;
    else if (filter === 3) foretold = (left + up) >> 1;
    else if (filter === 4) foretold = paeth(left, up, i < step ? 0 : above[i - step]);
    const difference = (line[i] - foretold) & 255;
    to[i] = difference;
    sum += difference < 128 ? difference : 256 - difference;
  }
  return sum;
}
