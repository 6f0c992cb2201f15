/** Colours multiplied by alpha, which is how PIL mixes pixels that are transparent in part. */
import type { Image } from './image.js';

function changed(image: Image, change: (value: number, alpha: number) => number): Image {
  const { planes, width, height, channels } = image;
  const size = width * height;
  const out = planes.slice();
  const alpha = planes.subarray(size * (channels - 1));
  for (let i = 0; i < size * (channels - 1); i++) out[i] = change(planes[i], alpha[i % size]);
  return image.withPlanes(out);
}

/** Whether the last channel is alpha. */
export const hasAlpha = (image: Image): boolean =>
  image.channels === 2 || (image.channels === 4 && image.mode !== 'CMYK');

/** Mixes an image's pixels, with colours multiplied by alpha if there is one. */
export function withColoursWeighted(image: Image, mix: (weighted: Image) => Image): Image {
  if (!hasAlpha(image)) return mix(image);
  const weighted = changed(image, (value, alpha) => {
    const product = value * alpha + 128;
    return ((product >> 8) + product) >> 8;
  });
  return changed(mix(weighted), (value, alpha) =>
    alpha === 0 || alpha === 255 ? value : Math.min(Math.trunc((255 * value) / alpha), 255),
  );
}
