/** Conversions between modes of images as PIL makes them. */

import { type ImageMode, type ImageValues, imageModes } from '../io/image_modes.js';
import { luma } from '../io/pixels.js';
import {
  asColours,
  asLevel,
  becomesAlpha,
  makeTransparent,
  type TransparentColour,
} from '../io/transparent_colour.js';
import { intoSpace, isColourSpace, outOfSpace } from './colour_spaces.js';

/** Planes of a mode. */
interface Picture {
  readonly planes: ImageValues;
  readonly mode: ImageMode;
  readonly width: number;
  readonly height: number;
  /** The colour that becomes transparent where alpha is added. */
  readonly transparency?: TransparentColour | null;
}

const hasColours = (mode: ImageMode) => imageModes[mode].base === 'RGB';

/** The planes of a picture in another mode. */
export function converted(picture: Picture, to: ImageMode): ImageValues {
  const { planes, mode, width, height } = picture;
  const size = width * height;
  if (mode === to) return planes;
  if (isColourSpace(mode)) {
    // The first is luma already.
    if (mode === 'YCbCr' && to === 'L') return planes.slice(0, size);
    if (mode === 'YCbCr' && to === 'LA')
      return withChannels({ planes: planes.slice(0, size), mode: 'L', width, height }, to);
    return converted({ planes: outOfSpace(planes, size, mode), mode: 'RGB', width, height }, to);
  }
  if (isColourSpace(to)) {
    const isGrey = !hasColours(mode);
    const from = isGrey ? converted({ planes, mode, width, height }, 'L') : planes;
    return intoSpace(from, size, to, isGrey);
  }
  if (to === '1') return dithered(picture);
  if (imageModes[to].channels > 1) return withChannels(picture, to);
  const values = new imageModes[to].values(size);
  const { nearest } = imageModes[to];
  if (hasColours(mode)) {
    const [red, green, blue] = [0, size, 2 * size];
    for (let i = 0; i < size; i++) {
      const [r, g, b] = [planes[red + i], planes[green + i], planes[blue + i]];
      values[i] = to === 'F' ? (299 * r + 587 * g + 114 * b) / 1000 : luma(r, g, b);
    }
    return values;
  }
  // PIL goes from floats to all but integers by way of bytes.
  const between = mode === 'F' && to === 'I;16' ? imageModes.L.nearest : nearest;
  for (let i = 0; i < size; i++) values[i] = between(planes[i]);
  return values;
}

/** Channels of bytes: grey is repeated, or the luma of colours; alpha stays, or is opaque but for the transparent colour. */
function withChannels(
  { planes, mode, width, height, transparency = null }: Picture,
  to: ImageMode,
): Uint8Array {
  const { channels } = imageModes[to];
  const size = width * height;
  const out = new Uint8Array(channels * size);
  const colours = channels < 3 ? 1 : 3;
  const before = imageModes[mode].channels;
  if (hasColours(mode) && colours === 3) out.set(planes.subarray(0, 3 * size));
  else {
    const grey = converted({ planes, mode, width, height }, 'L').subarray(0, size);
    for (let c = 0; c < colours; c++) out.set(grey, c * size);
  }
  if (channels === colours) return out;
  const alpha = out.subarray(colours * size);
  if (before % 2 === 0) alpha.set(planes.subarray((before - 1) * size));
  else alpha.fill(255);
  if (transparency === null || !becomesAlpha(mode, to)) return out;
  if (hasColours(mode)) makeTransparent(planes as Uint8Array, asColours(transparency), alpha);
  else makeTransparent(out, [asLevel(transparency)], alpha);
  // PIL has the red of transparent colours for their gray.
  if (hasColours(mode) && colours === 1)
    for (let i = 0; i < size; i++) if (alpha[i] === 0) out[i] = planes[i];
  return out;
}

/** Black and white by Floyd and Steinberg's rule, in PIL's integers. */
function dithered(picture: Picture): Uint8Array {
  const { planes, mode, width, height } = picture;
  const size = width * height;
  const isColour = hasColours(mode);
  const grey = isColour ? planes : converted(picture, 'L');
  const out = new Uint8Array(size);
  // Errors that the line above has left to the pixels below, in sixteenths.
  const left = new Int32Array(width + 1);
  for (let y = 0, at = 0; y < height; y++) {
    let right = 0;
    let below = 0;
    let beforeBelow = 0;
    for (let x = 0; x < width; x++, at++) {
      const light = isColour
        ? Math.trunc((299 * grey[at] + 587 * grey[size + at] + 114 * grey[2 * size + at]) / 1000)
        : grey[at];
      const value = imageModes.L.nearest(light + Math.trunc((right + left[x + 1]) / 16));
      out[at] = value > 128 ? 255 : 0;
      const error = value - out[at];
      left[x] = 3 * error + beforeBelow;
      beforeBelow = 5 * error + below;
      below = error;
      right = 7 * error;
    }
    left[width] = beforeBelow;
  }
  return out;
}
