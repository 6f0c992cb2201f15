/** Images of another size as PIL computes them: in its order, with its coefficients of 22 binary digits. */
import { ValueError } from '../../core/errors.js';
import { Image } from './image.js';
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

/** Binary digits of the coefficients behind the point. */
const DIGITS = 22;

/** For each pixel of a line of the new size: the first of the pixels that it is made of, and their coefficients. */
interface Line {
  readonly from: Int32Array;
  readonly coefficients: readonly Int32Array[];
}

function lineOf(size: number, newSize: number, filter: Filter): Line {
  const scale = size / newSize;
  const stretch = Math.max(scale, 1);
  const support = filter.support * stretch;
  const from = new Int32Array(newSize);
  const coefficients = Array.from({ length: newSize }, (_, i) => {
    const center = (i + 0.5) * scale;
    const first = Math.max(Math.trunc(center - support + 0.5), 0);
    const end = Math.min(Math.trunc(center + support + 0.5), size);
    from[i] = first;
    const weights = Array.from({ length: end - first }, (_, j) =>
      filter.weight((j + first - center + 0.5) * (1 / stretch)),
    );
    const sum = weights.reduce((a, b) => a + b, 0);
    return Int32Array.from(weights, (weight) => {
      const share = (sum === 0 ? weight : weight / sum) * 2 ** DIGITS;
      return Math.trunc(share < 0 ? share - 0.5 : share + 0.5);
    });
  });
  return { from, coefficients };
}

/**
 * The image with its lines in one direction of another size.
 *
 * @param step how far neighbours of such a line are apart
 * @param apart how far neighbouring lines are apart
 */
function alongLines(
  planes: Uint8Array,
  plane: number,
  lines: { count: number; apart: number; newApart: number; step: number; newStep: number },
  { from, coefficients }: Line,
  newPlane: number,
): Uint8Array {
  const channels = planes.length / plane;
  const out = new Uint8ClampedArray(channels * newPlane);
  for (let c = 0; c < channels; c++) {
    for (let line = 0; line < lines.count; line++) {
      const source = c * plane + line * lines.apart;
      let to = c * newPlane + line * lines.newApart;
      for (let i = 0; i < from.length; i++, to += lines.newStep) {
        const weights = coefficients[i];
        let sum = 1 << (DIGITS - 1);
        for (let j = 0, at = source + from[i] * lines.step; j < weights.length; j++, at += lines.step)
          sum += planes[at] * weights[j];
        out[to] = sum >> DIGITS;
      }
    }
  }
  return new Uint8Array(out.buffer);
}

function stretched({ planes, width, height, channels }: Image, newWidth: number, filter: Filter): Image {
  const out = alongLines(
    planes,
    width * height,
    { count: height, apart: width, newApart: newWidth, step: 1, newStep: 1 },
    lineOf(width, newWidth, filter),
    newWidth * height,
  );
  return Image.fromPlanes(out, newWidth, height, channels);
}

function heightened({ planes, width, height, channels }: Image, newHeight: number, filter: Filter): Image {
  const out = alongLines(
    planes,
    width * height,
    { count: width, apart: 1, newApart: 1, step: width, newStep: width },
    lineOf(height, newHeight, filter),
    width * newHeight,
  );
  return Image.fromPlanes(out, width, newHeight, channels);
}

/** Positions in a line of which a line of the new size consists. PIL adds up its steps, so their rounding counts. */
function nearest(size: number, newSize: number): Int32Array {
  const step = size / newSize;
  let at = step * 0.5;
  return Int32Array.from({ length: newSize }, () => {
    const position = Math.min(Math.trunc(at), size - 1);
    at += step;
    return position;
  });
}

function nearestResized(
  { planes, width, height, channels }: Image,
  newWidth: number,
  newHeight: number,
): Image {
  const columns = nearest(width, newWidth);
  const rows = nearest(height, newHeight);
  const out = new Uint8Array(channels * newWidth * newHeight);
  let to = 0;
  for (let c = 0; c < channels; c++) {
    for (const row of rows) {
      const from = (c * height + row) * width;
      for (let x = 0; x < newWidth; x++) out[to++] = planes[from + columns[x]];
    }
  }
  return Image.fromPlanes(out, newWidth, newHeight, channels);
}

/** An image of another size. */
export function resizedImage(image: Image, width: number, height: number, mode: InterpolationMode): Image {
  if (width < 1 || height < 1) throw new ValueError('height and width must be > 0');
  if (image.width === width && image.height === height) return image;
  if (mode === 'nearest' || mode === 'nearest-exact') return nearestResized(image, width, height);
  const filter = filters[mode];
  const across = (from: Image) => (from.width === width ? from : stretched(from, width, filter));
  const down = (from: Image) => (from.height === height ? from : heightened(from, height, filter));
  // PIL begins with the rows where that is very much less work.
  const isTall = image.height > 100 * image.width && height < image.height;
  return withColoursWeighted(image, (from) => (isTall ? across(down(from)) : down(across(from))));
}
