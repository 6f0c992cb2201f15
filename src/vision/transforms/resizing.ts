/** Transforms that give images another size. */
import { TypeError, ValueError } from '../../core/errors.js';
import { formatBool, formatFloat, formatValue } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takes } from '../../core/signature/takes.js';
import { warn } from '../../core/warnings.js';
import { typeName } from '../../dispatch/type_name.js';
import { type ImageLike, pair } from './geometry.js';
import { fiveCrop, resize, resizedCrop, tenCrop } from './image_functions.js';
import { dimensionsOf } from './image_size.js';
import { type InterpolationLike, type InterpolationMode, interpolationOf } from './interpolation_mode.js';
import { type Portable, portable, Transform, travelsAs, tuple } from './transform.js';
import { randomPlace } from './transform_draws.js';

const ofResize = signature(
  "Resize(Any size, Interpolation interpolation='bilinear', int? max_size=None, bool? antialias=True)",
);

/** Gives images another size. */
export class Resize extends Transform<ImageLike, ImageLike> {
  readonly size: number | readonly number[];
  readonly interpolation: InterpolationMode;
  readonly maxSize: number | null;
  readonly antialias: boolean | null;

  /**
   * @param size `[height, width]`; one number is the length of the shorter side
   * @param interpolation how values between pixels are found
   * @param maxSize the length that the longer side may have, where `size` is that of the shorter one
   * @param antialias whether all that a pixel covers counts when a tensor is made smaller; for images it always does
   */
  constructor(...args: Arguments<typeof ofResize, { size: number | readonly number[] }>) {
    super();
    const { size, interpolation, maxSize, antialias } = ofResize.bind(args);
    if (!Number.isSafeInteger(size) && !Array.isArray(size))
      throw new TypeError(`Size should be int or sequence. Got <class '${typeName(size)}'>`);
    if (Array.isArray(size) && size.length !== 1 && size.length !== 2)
      throw new ValueError('If size is a sequence, it should have 1 or 2 values');
    this.size = size as number | readonly number[];
    this.interpolation = interpolationOf(interpolation as InterpolationLike);
    this.maxSize = maxSize;
    this.antialias = antialias;
  }

  forward(image: ImageLike): ImageLike {
    const { size, interpolation, maxSize, antialias } = this;
    return resize(image, { size, interpolation, maxSize, antialias });
  }

  protected override describe(): string {
    const { size, interpolation, maxSize, antialias } = this;
    const sizes = typeof size === 'number' ? size : tuple(size);
    return `(size=${sizes}, interpolation=${interpolation}, max_size=${maxSize ?? 'None'}, antialias=${formatValue(antialias)})`;
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('Resize', [this.size, this.interpolation, this.maxSize, this.antialias]);
  }
}
takes(Resize.prototype, ['forward(Any img)']);

const ofRandomResizedCrop = signature(
  "RandomResizedCrop(Any size, Any scale=[0.08,1.0], Any ratio=[0.75,1.3333333333333333], Interpolation interpolation='bilinear', bool? antialias=True)",
);

/** A random part of an image, of a random share of its area and ratio of its sides, in the given size. */
export class RandomResizedCrop extends Transform<ImageLike, ImageLike> {
  readonly size: readonly [height: number, width: number];
  readonly scale: readonly number[];
  readonly ratio: readonly number[];
  readonly interpolation: InterpolationMode;
  readonly antialias: boolean | null;

  /**
   * @param size the height and width of the result; one number for both
   * @param scale the least and the largest share of the area
   * @param ratio the least and the largest ratio of width and height
   * @param interpolation how values between pixels are found
   * @param antialias whether all that a pixel covers counts when a tensor is made smaller; for images it always does
   */
  constructor(
    ...args: Arguments<
      typeof ofRandomResizedCrop,
      { size: number | readonly number[]; scale: readonly number[]; ratio: readonly number[] }
    >
  ) {
    super();
    const { size, scale, ratio, interpolation, antialias } = ofRandomResizedCrop.bind(args);
    this.size = pair(size as number | readonly number[]);
    [this.scale, this.ratio] = ranges(scale, ratio);
    this.interpolation = interpolationOf(interpolation as InterpolationLike);
    this.antialias = antialias;
  }

  /** The place of a random part: top, left, height and width. */
  static getParams(
    img: ImageLike,
    scale: readonly number[],
    ratio: readonly number[],
  ): [top: number, left: number, height: number, width: number] {
    const [, height, width] = dimensionsOf(img);
    return randomPlace([height, width], scale, ratio);
  }

  forward(image: ImageLike): ImageLike {
    const { size, interpolation, antialias } = this;
    const [top, left, height, width] = RandomResizedCrop.getParams(image, this.scale, this.ratio);
    return resizedCrop(image, top, left, height, width, size, { interpolation, antialias });
  }

  protected override describe(): string {
    const { size, scale, ratio, interpolation, antialias } = this;
    const rounded = (values: readonly number[]) =>
      tuple(values.map((value) => formatFloat(Number(value.toFixed(4)))));
    return (
      `(size=${tuple(size)}, scale=${rounded(scale)}, ratio=${rounded(ratio)}, ` +
      `interpolation=${interpolation}, antialias=${formatValue(antialias)})`
    );
  }

  /** @internal */
  [portable](): Portable {
    const { size, scale, ratio, interpolation, antialias } = this;
    return travelsAs('RandomResizedCrop', [size, scale, ratio, interpolation, antialias]);
  }
}
takes(RandomResizedCrop.prototype, ['forward(Any img)']);

/** The ranges of areas and of ratios, as they were given. */
export function ranges(scale: unknown, ratio: unknown): [readonly number[], readonly number[]] {
  if (!Array.isArray(scale)) throw new TypeError('Scale should be a sequence');
  if (!Array.isArray(ratio)) throw new TypeError('Ratio should be a sequence');
  if (scale[0] > scale[1] || ratio[0] > ratio[1]) warn('Scale and ratio should be of kind (min, max)');
  return [scale, ratio];
}

const ofFiveCrop = signature('FiveCrop(Any size)');

/** The four corners of an image and its middle. */
export class FiveCrop extends Transform<ImageLike, ImageLike[]> {
  readonly size: readonly [height: number, width: number];

  /** @param size the height and width of each; one number for both */
  constructor(...args: Arguments<typeof ofFiveCrop, { size: number | readonly number[] }>) {
    super();
    this.size = pair(ofFiveCrop.bind(args).size as number | readonly number[]);
  }

  forward(image: ImageLike): ImageLike[] {
    return fiveCrop(image, this.size);
  }

  protected override describe(): string {
    return `(size=${tuple(this.size)})`;
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('FiveCrop', [this.size]);
  }
}
takes(FiveCrop.prototype, ['forward(Any img)']);

const ofTenCrop = signature('TenCrop(Any size, bool vertical_flip=False)');

/** The four corners of an image and its middle, and those of the mirrored image. */
export class TenCrop extends Transform<ImageLike, ImageLike[]> {
  readonly size: readonly [height: number, width: number];
  readonly verticalFlip: boolean;

  /**
   * @param size the height and width of each; one number for both
   * @param verticalFlip whether the image is mirrored top to bottom
   */
  constructor(...args: Arguments<typeof ofTenCrop, { size: number | readonly number[] }>) {
    super();
    const { size, verticalFlip } = ofTenCrop.bind(args);
    this.size = pair(size as number | readonly number[]);
    this.verticalFlip = verticalFlip;
  }

  forward(image: ImageLike): ImageLike[] {
    return tenCrop(image, this.size, this.verticalFlip);
  }

  protected override describe(): string {
    return `(size=${tuple(this.size)}, vertical_flip=${formatBool(this.verticalFlip)})`;
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('TenCrop', [this.size, this.verticalFlip]);
  }
}
takes(TenCrop.prototype, ['forward(Any img)']);
