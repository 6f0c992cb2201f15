/** Pictures as decoders give them and encoders take them, and what they may weigh. */
import { RuntimeError } from '../../core/errors.js';
import { warn } from '../../core/warnings.js';
import type { ImageMode, ImageValues } from './image_modes.js';

/** A picture's samples, those of a pixel side by side: gray, gray and alpha, RGB, or RGBA. */
export interface Pixels<Samples extends ImageValues = Uint8Array | Uint16Array> {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly samples: Samples;
}

/** A picture in one of PIL's modes. */
export interface OpenedPixels extends Pixels<ImageValues> {
  readonly mode: ImageMode;
}

/** PIL's limit (`Image.MAX_IMAGE_PIXELS`): a quarter of a gigabyte of RGB. */
const mostPixels = Math.floor((1024 * 1024 * 1024) / 4 / 3);
/** The pixels that are decoded at all. */
export const mostDecoded = 2 * mostPixels;

/**
 * Refuses a picture whose header asks for too much memory, before any is taken: PIL's check.
 *
 * @throws RuntimeError above twice the limit; above the limit it warns
 */
export function checkSize(width: number, height: number): void {
  const pixels = Math.max(1, width) * Math.max(1, height);
  if (pixels > mostDecoded)
    throw new RuntimeError(
      `Image size (${pixels} pixels) exceeds limit of ${mostDecoded} pixels, could be decompression bomb DOS attack.`,
    );
  if (pixels > mostPixels)
    warn(
      `Image size (${pixels} pixels) exceeds limit of ${mostPixels} pixels, could be decompression bomb DOS attack.`,
    );
}

/** Refuses a picture without pixels, which PIL takes for no picture. @throws RuntimeError */
export function checkNotEmpty(width: number, height: number): void {
  if (width <= 0 || height <= 0)
    throw new RuntimeError(`cannot identify image file: it claims a size of ${width}x${height}`);
}

/** Luma by PIL's weights (ITU-R 601-2) in 16 bits of fraction. */
export function luma(red: number, green: number, blue: number): number {
  return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >>> 16;
}

/**
 * A picture with other channels. Alpha is dropped or opaque, gray is repeated.
 *
 * @param gray the luma of a colour
 */
export function withChannels(picture: Pixels, channels: number, gray = luma): Pixels {
  if (picture.channels === channels) return picture;
  const { width, height, samples: from, channels: before } = picture;
  const count = width * height;
  const isWide = from instanceof Uint16Array;
  const samples = isWide ? new Uint16Array(count * channels) : new Uint8Array(count * channels);
  const opaque = isWide ? 65535 : 255;
  const colours = channels < 3 ? 1 : 3;
  for (let i = 0, at = 0, to = 0; i < count; i++, at += before, to += channels) {
    if (before < 3) for (let c = 0; c < colours; c++) samples[to + c] = from[at];
    else if (colours === 3) for (let c = 0; c < 3; c++) samples[to + c] = from[at + c];
    else samples[to] = gray(from[at], from[at + 1], from[at + 2]);
    if (channels > colours) samples[to + colours] = before % 2 === 0 ? from[at + before - 1] : opaque;
  }
  return { width, height, channels, samples };
}

/** A picture of bytes: the high ones of wider samples. */
export function narrow(picture: Pixels): Pixels<Uint8Array> {
  const { samples } = picture;
  return {
    ...picture,
    samples: samples instanceof Uint8Array ? samples : Uint8Array.from(samples, (value) => value >> 8),
  };
}
