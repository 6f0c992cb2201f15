/** Colours of images changed as PIL changes them, rounding included. */
import { RuntimeError, TypeError, ValueError } from '../../core/errors.js';
import type { ImageMode } from '../io/image_modes.js';
import { convertedColour } from '../io/transparent_colour.js';
import { fromHsv, intoSpace, isColourSpace, toHsv } from './colour_spaces.js';
import { type ByteImage, Image, isOfBytes } from './image.js';
import { hasAlpha } from './image_alpha.js';

/** How many of the channels are colours. */
const coloursOf = (image: Image): number => image.channels - (hasAlpha(image) ? 1 : 0);

/** An image with values from 0 to 255. @throws ValueError with PIL's words for another */
function withLevels(image: Image): ByteImage {
  if (!isOfBytes(image) || image.mode === '1') throw new ValueError('image has wrong mode');
  return image;
}

/** Grey by the weights of ITU-R 601-2, in PIL's integers: times 65,536, rounded. */
function luma({ planes, width, height, channels }: ByteImage): Uint8Array {
  const size = width * height;
  if (channels < 3) return planes.slice(0, size);
  const out = new Uint8Array(size);
  for (let i = 0; i < size; i++)
    out[i] = (planes[i] * 19595 + planes[size + i] * 38470 + planes[2 * size + i] * 7471 + 0x8000) >> 16;
  return out;
}

/** An image of gray, or red, green and blue, with alpha or not. */
const asLevels = (image: Image): ByteImage =>
  isOfBytes(image) && !isColourSpace(image.mode) ? image : (image.convert('L') as ByteImage);

/** An image in grey, in one channel or several that are alike. */
export function grey(image: Image, channels: number): Image {
  if (image.channels > 4) throw new TypeError(`an image of ${image.channels} channels has no grey`);
  if (channels === 1) return image.convert('L');
  const plane = luma(asLevels(image));
  const out = new Uint8Array(plane.length * channels);
  for (let c = 0; c < channels; c++) out.set(plane, c * plane.length);
  return Image.fromPlanes(out, image.width, image.height, channels);
}

/** The way from a degenerate image (given by its value of a channel's element) to this: 0 is that, 1 is this. */
function blended(
  image: ByteImage,
  degenerate: (channel: number, i: number) => number,
  factor: number,
): Image {
  const { planes, width, height } = image;
  const size = width * height;
  const out = planes.slice();
  const alpha = Math.fround(factor);
  for (let c = 0, at = 0; c < coloursOf(image); c++) {
    for (let i = 0; i < size; i++, at++) {
      const from = degenerate(c, i);
      const value = Math.fround(from + Math.fround(alpha * (planes[at] - from)));
      out[at] = Math.min(Math.max(value, 0), 255);
    }
  }
  return image.withPlanes(out);
}

/** Gray in the space of an image's colours; null if those are red, green and blue, or gray. */
const inSpace = (grey: Uint8Array, { mode }: Image): Uint8Array | null =>
  isColourSpace(mode) ? intoSpace(grey, grey.length, mode as ImageMode, true) : null;

export const brightened = (image: Image, factor: number): Image =>
  blended(withLevels(image), () => 0, factor).withTransparency(null);

export function contrasted(image: Image, factor: number): Image {
  const of = withLevels(image);
  const grey = luma(asLevels(of));
  const mean = Math.trunc(grey.reduce((a, b) => a + b, 0) / grey.length + 0.5);
  const flat = inSpace(Uint8Array.of(mean), of);
  return blended(of, (c) => flat?.[c] ?? mean, factor).withTransparency(null);
}

export function saturated(image: Image, factor: number): Image {
  const of = withLevels(image);
  const grey = luma(asLevels(of));
  const inGrey = inSpace(grey, of);
  const colour = convertedColour(convertedColour(of.transparency, of.mode, 'L'), 'L', of.mode);
  const valueOf = (c: number, i: number) => (inGrey === null ? grey[i] : inGrey[c * grey.length + i]);
  return blended(of, valueOf, factor).withTransparency(colour);
}

export function sharpened(image: Image, factor: number): Image {
  const of = withLevels(image);
  const { planes, width, height } = of;
  const size = width * height;
  const smooth = (c: number, i: number): number => {
    const x = i % width;
    const y = (i - x) / width;
    const at = c * size + i;
    if (x === 0 || y === 0 || x === width - 1 || y === height - 1) return planes[at];
    let sum = 4 * planes[at];
    for (const row of [at - width, at, at + width]) sum += planes[row - 1] + planes[row] + planes[row + 1];
    return Math.floor((2 * sum + 13) / 26);
  };
  return blended(of, smooth, factor);
}

/** The values of each channel looked up in a table, which is one for all channels or one for each. */
function looked(image: Image, tableOf: (channel: number, image: ByteImage) => ArrayLike<number>): Image {
  if (
    !isOfBytes(image) ||
    image.mode === '1' ||
    hasAlpha(image) ||
    image.channels > 4 ||
    isColourSpace(image.mode)
  )
    throw new RuntimeError(`not supported for mode ${image.mode}`);
  return mapped(image, (channel) => tableOf(channel, image));
}

function mapped(image: ByteImage, tableOf: (channel: number) => ArrayLike<number>): ByteImage {
  const { planes, width, height } = image;
  const size = width * height;
  const out = new Uint8Array(planes.length);
  for (let c = 0; c < image.channels; c++) {
    const table = tableOf(c);
    for (let i = c * size; i < (c + 1) * size; i++) out[i] = table[planes[i]];
  }
  return image.withPlanes(out) as ByteImage;
}

const table = (of: (value: number) => number): Uint8Array =>
  Uint8Array.from({ length: 256 }, (_, i) => of(i));
const unchanged = table((i) => i);

export function inverted(image: Image): Image {
  const inverse = table((i) => 255 - i);
  return image.mode === '1' ? mapped(image as ByteImage, () => inverse) : looked(image, () => inverse);
}

export function posterized(image: Image, bits: number): Image {
  const kept = table((i) => i & ~(2 ** (8 - bits) - 1));
  return looked(image, () => kept);
}

export function solarized(image: Image, threshold: number): Image {
  const solar = table((i) => (i < threshold ? i : 255 - i));
  return looked(image, () => solar);
}

function histogram({ planes, width, height }: ByteImage, channel: number): number[] {
  const counts = new Array<number>(256).fill(0);
  const size = width * height;
  for (const value of planes.subarray(channel * size, (channel + 1) * size)) counts[value]++;
  return counts;
}

export function autocontrasted(image: Image): Image {
  return looked(image, (c, of) => {
    const counts = histogram(of, c);
    const low = counts.findIndex((n) => n > 0);
    const high = counts.findLastIndex((n) => n > 0);
    if (high <= low) return unchanged;
    const scale = 255 / (high - low);
    const offset = -low * scale;
    return table((i) => Math.min(Math.max(Math.trunc(i * scale + offset), 0), 255));
  });
}

export function equalized(image: Image): Image {
  return looked(image, (c, of) => {
    const counts = histogram(of, c);
    const present = counts.filter((n) => n > 0);
    const step = Math.floor((present.reduce((a, b) => a + b, 0) - (present.at(-1) ?? 0)) / 255);
    if (present.length <= 1 || step === 0) return unchanged;
    let sum = step >> 1;
    return table((i) => {
      const value = Math.floor(sum / step);
      sum += counts[i];
      return Math.min(value, 255);
    });
  });
}

/** Colours from their table; alpha is lost on the way through RGB. */
export function gammaAdjusted(image: Image, gamma: number, gain: number): Image {
  const curve = table((i) =>
    Math.min(Math.max(Math.trunc((255 + 1 - 1e-3) * gain * (i / 255) ** gamma), 0), 255),
  );
  if (isOfBytes(image) && image.mode !== '1' && !isColourSpace(image.mode))
    return opaque(mapped(image, () => curve));
  return mapped(image.convert('RGB') as ByteImage, () => curve).convert(image.mode);
}

function opaque(image: ByteImage): Image {
  if (!hasAlpha(image)) return image;
  const out = image.planes.slice();
  out.fill(255, image.width * image.height * (image.channels - 1));
  return image.withPlanes(out);
}

/** An image of hues with these moved round the circle. */
function shifted(image: ByteImage, factor: number): Image {
  const { planes, width, height } = image;
  const shift = Math.trunc(factor * 255);
  const out = planes.slice();
  for (let i = 0; i < width * height; i++) out[i] += shift;
  return image.withPlanes(out);
}

/** Colours with their hue moved round the circle; images with alpha lose it, grey ones stay, but 16 bits are cut off. */
export function hueAdjusted(image: Image, factor: number): Image {
  if (image.mode === 'I;16') return image.convert('L').convert('I;16').withTransparency(null);
  if (!isOfBytes(image)) return image;
  if (image.mode === 'HSV') return shifted(image, factor);
  if (isColourSpace(image.mode))
    return shifted(image.convert('HSV') as ByteImage, factor).convert(image.mode);
  const { planes, width, height, channels } = image;
  if (channels < 3) return opaque(image);
  const size = width * height;
  const out = planes.slice();
  const shift = Math.trunc(factor * 255);
  for (let i = 0; i < size; i++) {
    const [h, s, v] = toHsv(planes[i], planes[size + i], planes[2 * size + i]);
    const [r, g, b] = fromHsv((h + shift) & 255, s, v);
    out[i] = r;
    out[size + i] = g;
    out[2 * size + i] = b;
  }
  return opaque(image.withPlanes(out) as ByteImage).withTransparency(null);
}
