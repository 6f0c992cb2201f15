/** Images whose pixels come from elsewhere in the image, by PIL's arithmetic. */
import { ValueError } from '../../core/errors.js';
import { type ImageMode, type ImageValues, imageModes } from '../io/image_modes.js';
import { type Image, isOfBytes } from './image.js';
import { withColoursWeighted } from './image_alpha.js';
import type { InterpolationMode } from './interpolation_mode.js';

/** The number that a plane has at a point. */
type Sample = (plane: ImageValues, width: number, height: number, x: number, y: number) => number;

const clip = (i: number, size: number): number => (i < 0 ? 0 : i < size ? i : size - 1);

function linear(plane: ImageValues, width: number, height: number, x: number, y: number): number {
  const column = Math.floor(x - 0.5);
  const row = Math.floor(y - 0.5);
  const dx = x - 0.5 - column;
  const dy = y - 0.5 - row;
  const left = clip(column, width);
  const right = clip(column + 1, width);
  const across = (line: number) => {
    const at = line * width;
    return plane[at + left] + (plane[at + right] - plane[at + left]) * dx;
  };
  const above = across(clip(row, height));
  const below = row + 1 < height ? across(row + 1) : above;
  return above + (below - above) * dy;
}

/** The value at `d` between the second and the third of four. */
function spline(a: number, b: number, c: number, e: number, d: number): number {
  return b + d * (-a + c + d * (2 * (a - b) + c - e + d * (-a + b - c + e)));
}

function bicubic(plane: ImageValues, width: number, height: number, x: number, y: number): number {
  const column = Math.floor(x - 0.5);
  const row = Math.floor(y - 0.5);
  const dx = x - 0.5 - column;
  const columns = [-1, 0, 1, 2].map((i) => clip(column + i, width));
  const across = (line: number) => {
    const [a, b, c, d] = columns.map((i) => plane[line * width + i]);
    return spline(a, b, c, d, dx);
  };
  const lines = [across(clip(row - 1, height))];
  for (let i = 0; i < 3; i++) {
    const isInside = row + i >= 0 && row + i < height;
    lines.push(isInside ? across(row + i) : lines[i]);
  }
  const [a, b, c, d] = lines;
  return spline(a, b, c, d, y - 0.5 - row);
}

const nearest: Sample = (plane, width, _, x, y) => plane[Math.trunc(y) * width + Math.trunc(x)];

const samples: Partial<Record<InterpolationMode, Sample>> = {
  nearest,
  'nearest-exact': nearest,
  bilinear: linear,
  bicubic,
};
const numbers: Partial<Record<InterpolationMode, number>> = { lanczos: 1, box: 4, hamming: 5 };

/** Where the pixel in a column and row of the result comes from; pixels' middles are at halves. */
type Source = (column: number, row: number) => readonly [x: number, y: number];

function warped(
  image: Image,
  width: number,
  height: number,
  source: Source,
  mode: InterpolationMode,
  fill: readonly number[],
): Image {
  const sample = samples[image.mode === '1' ? 'nearest' : mode];
  if (sample === undefined) {
    throw new ValueError(
      `Image.Resampling.${mode.toUpperCase()} (${numbers[mode]}) cannot be used. Use Image.Resampling.NEAREST (0), ` +
        'Image.Resampling.BILINEAR (2) or Image.Resampling.BICUBIC (3)',
    );
  }
  const toValue = imageModes[isOfBytes(image) ? 'L' : (image.mode as ImageMode)].nearest;
  const warp = (from: Image) => {
    const { planes, channels } = from;
    const size = from.width * from.height;
    const out = from.newValues(channels * width * height);
    for (let c = 0; c < channels; c++) {
      const plane = planes.subarray(c * size, (c + 1) * size);
      let to = c * width * height;
      for (let row = 0; row < height; row++) {
        for (let column = 0; column < width; column++) {
          const [x, y] = source(column, row);
          const isInside = x >= 0 && x < from.width && y >= 0 && y < from.height;
          out[to++] = isInside
            ? toValue(sample(plane, from.width, from.height, x, y))
            : fill[c % fill.length];
        }
      }
    }
    return from.withPlanes(out, width, height);
  };
  return sample === nearest ? warp(image) : withColoursWeighted(image, warp);
}

/** Steps of 1/65536, in which PIL finds the nearest pixels of an affine map. */
const fixed = (value: number): number => Math.floor(value * 65536 + 0.5);

/** Running sums of a step, as PIL tabulates the positions of a map that only scales. */
function positions(length: number, first: number, step: number): Float64Array {
  let at = first + step * 0.5;
  return Float64Array.from({ length }, () => {
    const position = at;
    at += step;
    return position;
  });
}

function nearestSource(matrix: readonly number[], width: number, height: number): Source {
  const [a, b, c, d, e, f] = matrix;
  if (b === 0 && d === 0) {
    const columns = positions(width, c, a);
    const rows = positions(height, f, e);
    return (column, row) => [columns[column], rows[row]];
  }
  const [x, xx, xy] = [fixed(c + a * 0.5 + b * 0.5), fixed(a), fixed(b)];
  const [y, yx, yy] = [fixed(f + d * 0.5 + e * 0.5), fixed(d), fixed(e)];
  return (column, row) => [
    Math.floor((x + column * xx + row * xy) / 65536),
    Math.floor((y + column * yx + row * yy) / 65536),
  ];
}

/** The image under an affine map, of which the first two rows say where a pixel comes from. */
export function affineImage(
  image: Image,
  matrix: readonly number[],
  mode: InterpolationMode,
  fill: readonly number[],
  [width, height]: readonly [number, number] = image.size,
): Image {
  const [a, b, c, d, e, f] = matrix;
  const isNearest = mode === 'nearest' || mode === 'nearest-exact' || image.mode === '1';
  const source: Source =
    isNearest && image.mode !== 'I;16'
      ? nearestSource(matrix, width, height)
      : (column, row) => {
          const x = column + 0.5;
          const y = row + 0.5;
          return [a * x + b * y + c, d * x + e * y + f];
        };
  return warped(image, width, height, source, mode, fill);
}

/** The image under a perspective map, of which the eight coefficients say where a pixel comes from. */
export function perspectiveImage(
  image: Image,
  coefficients: readonly number[],
  mode: InterpolationMode,
  fill: readonly number[],
): Image {
  const [a, b, c, d, e, f, g, h] = coefficients;
  const source: Source = (column, row) => {
    const x = column + 0.5;
    const y = row + 0.5;
    const depth = g * x + h * y + 1;
    return [(a * x + b * y + c) / depth, (d * x + e * y + f) / depth];
  };
  return warped(image, image.width, image.height, source, mode, fill);
}

/** An image turned by a quarter, a half or three quarters, counterclockwise. */
function turned(image: Image, quarters: number): Image {
  const { planes, width: w, height: h, channels } = image;
  const [width, height] = quarters === 2 ? [w, h] : [h, w];
  const out = image.newValues(planes.length);
  let to = 0;
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [column, row] =
          quarters === 1 ? [w - 1 - y, x] : quarters === 2 ? [w - 1 - x, h - 1 - y] : [y, h - 1 - x];
        out[to++] = planes[(c * h + row) * w + column];
      }
    }
  }
  return image.withPlanes(out, width, height);
}

const round15 = (x: number): number => Number(x.toFixed(15)) + 0;

/** An image turned counterclockwise by an angle in degrees. */
export function rotatedImage(
  image: Image,
  degrees: number,
  mode: InterpolationMode,
  expand: boolean,
  center: readonly number[] | null,
  fill: readonly number[],
): Image {
  const { width: w, height: h } = image;
  const angle = ((degrees % 360) + 360) % 360;
  if (center === null) {
    if (angle === 0) return image;
    if (angle === 180) return turned(image, 2);
    if ((angle === 90 || angle === 270) && (expand || w === h)) return turned(image, angle / 90);
  }
  const [cx, cy] = center ?? [w / 2, h / 2];
  const radians = -angle * (Math.PI / 180);
  const cos = round15(Math.cos(radians));
  const sin = round15(Math.sin(radians));
  const [a, b, d, e] = [cos, sin, round15(-Math.sin(radians)), cos];
  let c = a * -cx + b * -cy + cx;
  let f = d * -cx + e * -cy + cy;
  let size: readonly [number, number] = [w, h];
  if (expand) {
    const corners = [
      [0, 0],
      [w, 0],
      [w, h],
      [0, h],
    ];
    const xs = corners.map(([x, y]) => a * x + b * y + c);
    const ys = corners.map(([x, y]) => d * x + e * y + f);
    size = [
      Math.ceil(Math.max(...xs)) - Math.floor(Math.min(...xs)),
      Math.ceil(Math.max(...ys)) - Math.floor(Math.min(...ys)),
    ];
    const [x, y] = [-(size[0] - w) / 2, -(size[1] - h) / 2];
    [c, f] = [a * x + b * y + c, d * x + e * y + f];
  }
  return affineImage(image, [a, b, c, d, e, f], mode, fill, size);
}
