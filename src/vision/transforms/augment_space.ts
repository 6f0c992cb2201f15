/** The changes that augmentations draw from, and how strong they can be. */
import { int32 } from '../../core/dtype.js';
import { ops } from '../../dispatch/registry.js';
import type { ImageLike } from './geometry.js';
import type { InterpolationMode } from './interpolation_mode.js';
import { integer } from './transform_draws.js';

/** The value outside images: one, or one for each channel; null is black. */
export type Fill = number | readonly number[] | null;

/** How strong a change can be, step by step; null where it has no strength. A signed one goes in both directions. */
export interface Magnitudes {
  readonly values: readonly number[] | null;
  readonly isSigned: boolean;
}
/** Changes by their names. */
export type Space = Readonly<Record<string, Magnitudes>>;

/** The limits of magnitudes, by what differs between the transforms here. */
export interface Limits {
  readonly shear: number;
  readonly translate: readonly [x: number, y: number];
  readonly rotate: number;
  readonly color: number;
  readonly posterize: readonly [most: number, span: number];
  /** The value from which on nothing is inverted. */
  readonly solarize: number;
}

/** The changes with magnitudes in so many steps. */
export function spaceOf(
  bins: number,
  { shear, translate, rotate, color, posterize, solarize }: Limits,
): Record<string, Magnitudes> {
  const line = (from: number, to: number) => ops.linspace(from, to, bins).tolist() as number[];
  const signed = (limit: number): Magnitudes => ({ values: line(0, limit), isSigned: true });
  const alone: Magnitudes = { values: null, isSigned: false };
  const [most, span] = posterize;
  const bits = ops
    .arange(bins)
    .div((bins - 1) / span)
    .round()
    .to(int32)
    .rsub(most)
    .tolist() as number[];
  return {
    ShearX: signed(shear),
    ShearY: signed(shear),
    TranslateX: signed(translate[0]),
    TranslateY: signed(translate[1]),
    Rotate: signed(rotate),
    Brightness: signed(color),
    Color: signed(color),
    Contrast: signed(color),
    Sharpness: signed(color),
    Posterize: { values: bits, isSigned: false },
    Solarize: { values: line(solarize, 0), isSigned: false },
    AutoContrast: alone,
    Equalize: alone,
  };
}

/** No change. */
export const identity: Space = { Identity: { values: null, isSigned: false } };

/** The limits of AutoAugment and RandAugment. */
export const usual = (height: number, width: number, solarize = 255): Limits => ({
  shear: 0.3,
  translate: [(150 / 331) * width, (150 / 331) * height],
  rotate: 30,
  color: 0.9,
  posterize: [8, 4],
  solarize,
});

/** The limits of TrivialAugment. */
export const wide = (solarize = 255): Limits => ({
  shear: 0.99,
  translate: [32, 32],
  rotate: 135,
  color: 0.99,
  posterize: [8, 6],
  solarize,
});

/** The changes of AugMix, with or without those of colours. */
export function mixSpace(height: number, width: number, allOps: boolean, solarize = 255): Space {
  const { Brightness, Color, Contrast, Sharpness, ...rest } = spaceOf(10, {
    shear: 0.3,
    translate: [width / 3, height / 3],
    rotate: 30,
    color: 0.9,
    posterize: [4, 4],
    solarize,
  });
  return allOps ? { ...rest, Brightness, Color, Contrast, Sharpness } : rest;
}

const degrees = (slope: number): number => Math.atan(slope) * (180 / Math.PI);

/** The functions that change images. */
export interface ChangeFunctions {
  affine(
    image: ImageLike,
    angle: number,
    translate: readonly number[],
    scale: number,
    shear: readonly number[],
    options: object,
  ): ImageLike;
  rotate(image: ImageLike, angle: number, options: object): ImageLike;
  adjustBrightness(image: ImageLike, factor: number): ImageLike;
  adjustSaturation(image: ImageLike, factor: number): ImageLike;
  adjustContrast(image: ImageLike, factor: number): ImageLike;
  adjustSharpness(image: ImageLike, factor: number): ImageLike;
  posterize(image: ImageLike, bits: number): ImageLike;
  solarize(image: ImageLike, threshold: number): ImageLike;
  autocontrast(image: ImageLike): ImageLike;
  equalize(image: ImageLike): ImageLike;
  invert(image: ImageLike): ImageLike;
}

/** An image after one change. */
export function changed(
  F: ChangeFunctions,
  image: ImageLike,
  name: string,
  by: number,
  interpolation: InterpolationMode,
  fill: Fill,
): ImageLike {
  const moved = (translate: readonly number[], shear: readonly number[], center: readonly number[] | null) =>
    F.affine(image, 0, translate, 1, shear, { interpolation, fill, center });
  switch (name) {
    case 'ShearX':
      return moved([0, 0], [degrees(by), 0], [0, 0]);
    case 'ShearY':
      return moved([0, 0], [0, degrees(by)], [0, 0]);
    case 'TranslateX':
      return moved([Math.trunc(by), 0], [0, 0], null);
    case 'TranslateY':
      return moved([0, Math.trunc(by)], [0, 0], null);
    case 'Rotate':
      return F.rotate(image, by, { interpolation, fill });
    case 'Brightness':
      return F.adjustBrightness(image, 1 + by);
    case 'Color':
      return F.adjustSaturation(image, 1 + by);
    case 'Contrast':
      return F.adjustContrast(image, 1 + by);
    case 'Sharpness':
      return F.adjustSharpness(image, 1 + by);
    case 'Posterize':
      return F.posterize(image, Math.trunc(by));
    case 'Solarize':
      return F.solarize(image, by);
    case 'AutoContrast':
      return F.autocontrast(image);
    case 'Equalize':
      return F.equalize(image);
    case 'Invert':
      return F.invert(image);
    default:
      return image;
  }
}

/** One of the changes, at random: its name, and the magnitude of the step that `step` draws. */
export function drawn(space: Space, step: (steps: number) => number): [name: string, magnitude: number] {
  const names = Object.keys(space);
  const name = names[integer(0, names.length)];
  const { values, isSigned } = space[name];
  const magnitude = values === null ? 0 : values[step(values.length)];
  return [name, isSigned && integer(0, 2) === 1 ? -magnitude : magnitude];
}
