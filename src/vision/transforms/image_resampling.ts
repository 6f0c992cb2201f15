/** Images of another size as PIL computes them: in its order, with its coefficients of 22 binary digits. */
import { ValueError } from '../../core/errors.js';
import { type ImageValues, imageModes } from '../io/image_modes.js';
import { type Image, isOfBytes } from './image.js';
import { withColoursWeighted } from './image_alpha.js';
import type { InterpolationMode } from './interpolation_mode.js';

/** How much the pixels around a point count, by their distance, and up to which distance. */
interface Filter {
  readonly support: number;
  readonly weight: (distance: number) => number;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Catmull and Rom's spline. */
function cubic(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
}

const filters: Readonly<Record<Exclude<InterpolationMode, 'nearest' | 'nearest-exact'>, Filter>> = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(1 - Math.abs(x), 0) },
  hamming: {
    support: 1,
    weight: (x) =>
      Math.abs(x) >= 1
        ? 0
        : sinc(Math.abs(x)) * (Math.fround(0.54) + Math.fround(0.46) * Math.cos(Math.PI * x)),
  },
  bicubic: { support: 2, weight: cubic },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** Binary digits behind the point of the coefficients for bytes. */
const DIGITS = 22;

/** For each pixel of a line of the new size: the first of the pixels that it is made of, and how much they count. */
interface Line {
  readonly from: Int32Array;
  readonly weights: readonly Float64Array[];
}

function lineOf(size: number, newSize: number, filter: Filter): Line {
  const scale = size / newSize;
  const stretch = Math.max(scale, 1);
  const support = filter.support * stretch;
  const from = new Int32Array(newSize);
  const weights = Array.from({ length: newSize }, (_, i) => {
    const center = (i + 0.5) * scale;
    const first = Math.max(Math.trunc(center - support + 0.5), 0);
    const end = Math.min(Math.trunc(center + support + 0.5), size);
    from[i] = first;
    const shares = Float64Array.from({ length: end - first }, (_, j) =>
      filter.weight((j + first - center + 0.5) * (1 / stretch)),
    );
    const sum = shares.reduce((a, b) => a + b, 0);
    return sum === 0 ? shares : shares.map((share) => share / sum);
  });
  return { from, weights };
}

/** To the nearest integer, halves away from 0. */
const rounded = (number: number): number => Math.trunc(number < 0 ? number - 0.5 : number + 0.5);

/** Sums neighbours of a place, by how much they count. */
type Sum = (planes: ImageValues, start: number, step: number, weights: ArrayLike<number>) => number;

/** With coefficients of so many binary digits. */
const sumOfBytes: Sum = (planes, start, step, weights) => {
  let sum = 1 << (DIGITS - 1);
  for (let j = 0, at = start; j < weights.length; j++, at += step) sum += planes[at] * weights[j];
  return sum >> DIGITS;
};

const sumOfReals: Sum = (planes, start, step, weights) => {
  let sum = 0;
  for (let j = 0, at = start; j < weights.length; j++, at += step) sum += planes[at] * weights[j];
  return sum;
};

const sums: Readonly<Record<string, Sum>> = {
  F: sumOfReals,
  I: (...places) => imageModes.I.nearest(rounded(sumOfReals(...places))),
  'I;16': (...places) => imageModes['I;16'].nearest(rounded(sumOfReals(...places))),
};

/**
 * The image with its lines in one direction of another size.
 *
 * @param step how far neighbours of such a line are apart
 * @param apart how far neighbouring lines are apart
 */
function alongLines(
  image: Image,
  plane: number,
  lines: { count: number; apart: number; newApart: number; step: number; newStep: number },
  { from, weights }: Line,
  newPlane: number,
): ImageValues {
  const { planes, channels } = image;
  const isBytes = isOfBytes(image);
  const sum = isBytes ? sumOfBytes : sums[image.mode];
  const counts = isBytes
    ? weights.map((list) => Int32Array.from(list, (weight) => rounded(weight * 2 ** DIGITS)))
    : weights;
  const out = isBytes ? new Uint8ClampedArray(channels * newPlane) : image.newValues(channels * newPlane);
  for (let c = 0; c < channels; c++) {
    for (let line = 0; line < lines.count; line++) {
      const source = c * plane + line * lines.apart;
      let to = c * newPlane + line * lines.newApart;
      for (let i = 0; i < from.length; i++, to += lines.newStep)
        out[to] = sum(planes, source + from[i] * lines.step, lines.step, counts[i]);
    }
  }
  return out instanceof Uint8ClampedArray ? new Uint8Array(out.buffer) : out;
}

function stretched(image: Image, newWidth: number, filter: Filter): Image {
  const { width, height } = image;
  const out = alongLines(
    image,
    width * height,
    { count: height, apart: width, newApart: newWidth, step: 1, newStep: 1 },
    lineOf(width, newWidth, filter),
    newWidth * height,
  );
  return image.withPlanes(out, newWidth, height);
}

function heightened(image: Image, newHeight: number, filter: Filter): Image {
  const { width, height } = image;
  const out = alongLines(
    image,
    width * height,
    { count: width, apart: 1, newApart: 1, step: width, newStep: width },
    lineOf(height, newHeight, filter),
    width * newHeight,
  );
  return image.withPlanes(out, width, newHeight);
}

/** Positions in a line of which a line of the new size consists. PIL adds up its steps, so their rounding counts; but not for 16 bits. */
function nearest(size: number, newSize: number, addsUp: boolean): Int32Array {
  const step = size / newSize;
  let at = step * 0.5;
  return Int32Array.from({ length: newSize }, (_, i) => {
    const position = Math.min(Math.trunc(addsUp ? at : (i + 0.5) * step), size - 1);
    at += step;
    return position;
  });
}

function nearestResized(image: Image, newWidth: number, newHeight: number): Image {
  const { planes, width, height, channels } = image;
  const addsUp = image.mode !== 'I;16';
  const columns = nearest(width, newWidth, addsUp);
  const rows = nearest(height, newHeight, addsUp);
  const out = image.newValues(channels * newWidth * newHeight);
  let to = 0;
  for (let c = 0; c < channels; c++) {
    for (const row of rows) {
      const from = (c * height + row) * width;
      for (let x = 0; x < newWidth; x++) out[to++] = planes[from + columns[x]];
    }
  }
  return image.withPlanes(out, newWidth, newHeight);
}

/** An image of another size. */
export function resizedImage(image: Image, width: number, height: number, mode: InterpolationMode): Image {
  if (width < 1 || height < 1) throw new ValueError('height and width must be > 0');
  if (image.width === width && image.height === height) return image;
  if (mode === 'nearest' || mode === 'nearest-exact' || image.mode === '1')
    return nearestResized(image, width, height);
  const filter = filters[mode];
  const across = (from: Image) => (from.width === width ? from : stretched(from, width, filter));
  const down = (from: Image) => (from.height === height ? from : heightened(from, height, filter));
  // PIL begins with the rows where that is very much less work.
  const isTall = image.height > 100 * image.width && height < image.height;
  return withColoursWeighted(image, (from) => (isTall ? across(down(from)) : down(across(from))));
}
