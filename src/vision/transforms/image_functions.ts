/** Transforms as functions: torchvision's `transforms.functional`. */
import { signed } from '../../core/signature/signed.js';
import * as geometry from './geometry.js';

/** The part of an image from (top, left). What lies outside is 0. */
export const crop = signed('crop(Picture img, int top, int left, int height, int width)', (given) =>
  geometry.cropped(given.img, given.top, given.left, given.height, given.width),
);

/** An image with left and right exchanged. */
export const hflip = signed('hflip(Picture img)', ({ img }) => geometry.mirrored(img));

/** An image with top and bottom exchanged. */
export const vflip = signed('vflip(Picture img)', ({ img }) => geometry.upended(img));

/**
 * An image with a border.
 *
 * @param padding its width: one number, `[horizontal, vertical]`, or `[left, top, right, bottom]`
 */
export const pad = signed(
  "pad(Picture img, int|int[] padding, float|float[] fill=0, str padding_mode='constant')",
  ({ img, padding, fill, paddingMode }) =>
    geometry.bordered(img, padding, fill, paddingMode as geometry.PaddingMode),
);
