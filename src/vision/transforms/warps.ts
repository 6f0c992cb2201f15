/** Transforms that move pixels: turned, sheared, seen from another side, stirred. */
import { TypeError, ValueError } from '../../core/errors.js';
import { formatBool, formatFloat } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takes } from '../../core/signature/takes.js';
import { Tensor } from '../../core/tensor.js';
import { type ImageLike, pair } from './geometry.js';
import { affine, elasticTransform, gaussianBlur, perspective, rotate } from './image_functions.js';
import { dimensionsOf } from './image_size.js';
import {
  type InterpolationLike,
  type InterpolationMode,
  interpolationOf,
  memberName,
} from './interpolation_mode.js';
import { type Portable, portable, Transform, travelsAs, tuple } from './transform.js';
import { chance, randomCorners, randomDisplacement, randomMap, uniform } from './transform_draws.js';

/** The value outside the image, one or one for each channel. */
export type FillValue = number | readonly number[];

function fillOf(fill: unknown): FillValue {
  if (fill === null) return 0;
  if (typeof fill === 'number' || Array.isArray(fill)) return fill as FillValue;
  throw new TypeError('Fill should be either a sequence or a number.');
}

/** A tensor takes one value for each channel. */
function fillFor(image: ImageLike, fill: FillValue): FillValue {
  const [channels] = dimensionsOf(image);
  return image instanceof Tensor && typeof fill === 'number' ? new Array<number>(channels).fill(fill) : fill;
}

const floatList = (values: readonly number[]): string => `[${values.map(formatFloat).join(', ')}]`;
const shown = (value: FillValue): string => (typeof value === 'number' ? String(value) : tuple(value));

/** @throws TypeError or ValueError if it is no list of such a length */
export function checkLength(value: unknown, name: string, sizes: readonly number[]): void {
  const text = `${name} should be a sequence of length ${sizes.join(' or ')}.`;
  if (!Array.isArray(value)) throw new TypeError(text);
  if (!sizes.includes(value.length)) throw new ValueError(text);
}

/** From where to where angles are drawn; one number is the limit in both directions. */
export function angles(value: unknown, name: string, sizes: readonly number[] = [2]): readonly number[] {
  if (typeof value === 'number') {
    if (value < 0) throw new ValueError(`If ${name} is a single number, it must be positive.`);
    return [-value, value];
  }
  checkLength(value, name, sizes);
  return (value as readonly number[]).map(Number);
}

const randomRotation = signature(
  "RandomRotation(float|float[] degrees, Interpolation interpolation='nearest', bool expand=False, Any center=None, Any fill=0)",
);

/** Turns images by a random angle. */
export class RandomRotation extends Transform<ImageLike, ImageLike> {
  readonly degrees: readonly number[];
  readonly interpolation: InterpolationMode;
  readonly expand: boolean;
  readonly center: readonly number[] | null;
  readonly fill: FillValue;

  /**
   * @param degrees the largest angle in either direction, or [least, largest]
   * @param interpolation how values between pixels are found
   * @param expand whether the result is as large as the turned image
   * @param center the point [x, y] that stays; by default the middle
   * @param fill what is outside, one value or one for each channel
   */
  constructor(
    ...args: Arguments<typeof randomRotation, { center: readonly number[] | null; fill: FillValue | null }>
  ) {
    super();
    const { degrees, interpolation, expand, center, fill } = randomRotation.bind(args);
    this.interpolation = interpolationOf(interpolation as InterpolationLike);
    this.degrees = angles(degrees, 'degrees');
    if (center !== null) checkLength(center, 'center', [2]);
    this.center = center as readonly number[] | null;
    this.expand = expand;
    this.fill = fillOf(fill);
  }

  /** A random angle between two. */
  static getParams(degrees: readonly number[]): number {
    return uniform(degrees[0], degrees[1]);
  }

  forward(image: ImageLike): ImageLike {
    const { degrees, interpolation, expand, center } = this;
    const fill = fillFor(image, this.fill);
    const angle = uniform(degrees[0], degrees[1]);
    return rotate(image, angle, { interpolation, expand, center, fill });
  }

  protected override describe(): string {
    const { degrees, interpolation, expand, center, fill } = this;
    const middle = center === null ? '' : `, center=${tuple(center)}`;
    return (
      `(degrees=${floatList(degrees)}, interpolation=${interpolation}, expand=${formatBool(expand)}${middle}, ` +
      `fill=${shown(fill)})`
    );
  }

  /** @internal */
  [portable](): Portable {
    const { degrees, interpolation, expand, center, fill } = this;
    return travelsAs('RandomRotation', [degrees, interpolation, expand, center, fill]);
  }
}
takes(RandomRotation.prototype, ['forward(Any img)']);

const randomAffine = signature(
  "RandomAffine(float|float[] degrees, Any translate=None, Any scale=None, Any shear=None, Interpolation interpolation='nearest', Any fill=0, Any center=None)",
);
type Numbers = readonly number[] | null;

/** Turns, moves, scales and shears images at random; what is null is left. */
export class RandomAffine extends Transform<ImageLike, ImageLike> {
  readonly degrees: readonly number[];
  readonly translate: Numbers;
  readonly scale: Numbers;
  readonly shear: Numbers;
  readonly interpolation: InterpolationMode;
  readonly fill: FillValue;
  readonly center: Numbers;

  /**
   * @param degrees the largest angle in either direction, or [least, largest]
   * @param translate by which shares of [width, height] images are moved at most
   * @param scale the [least, largest] factor
   * @param shear the largest angle of the x axis, or [least, largest], or those of both axes
   * @param interpolation how values between pixels are found
   * @param fill what is outside, one value or one for each channel
   * @param center the point [x, y] around which images are turned; by default the middle
   */
  constructor(
    ...args: Arguments<
      typeof randomAffine,
      { translate: Numbers; scale: Numbers; shear: number | Numbers; fill: FillValue | null; center: Numbers }
    >
  ) {
    super();
    const given = randomAffine.bind(args);
    this.interpolation = interpolationOf(given.interpolation as InterpolationLike);
    this.degrees = angles(given.degrees, 'degrees');
    const [translate, scale] = [given.translate as Numbers, given.scale as Numbers];
    if (translate !== null) {
      checkLength(translate, 'translate', [2]);
      if (translate.some((share) => !(share >= 0 && share <= 1)))
        throw new ValueError('translation values should be between 0 and 1');
    }
    if (scale !== null) {
      checkLength(scale, 'scale', [2]);
      if (scale.some((factor) => factor <= 0)) throw new ValueError('scale values should be positive');
    }
    this.translate = translate;
    this.scale = scale;
    this.shear = given.shear === null ? null : angles(given.shear, 'shear', [2, 4]);
    this.fill = fillOf(given.fill);
    if (given.center !== null) checkLength(given.center, 'center', [2]);
    this.center = given.center as Numbers;
  }

  /** A random map of an image of a size [width, height]: an angle, a move, a factor and angles of the axes. */
  static getParams(
    degrees: readonly number[],
    translate: Numbers,
    scaleRanges: Numbers,
    shears: Numbers,
    [width, height]: readonly number[],
  ): [angle: number, translate: [number, number], scale: number, shear: [number, number]] {
    const limits = { degrees, translate, scale: scaleRanges, shear: shears };
    const { angle, translate: by, scale, shear } = randomMap(limits, [height, width]);
    return [angle, by, scale, shear];
  }

  forward(image: ImageLike): ImageLike {
    const { degrees, translate, scale, shear, interpolation, center } = this;
    const fill = fillFor(image, this.fill);
    const [, height, width] = dimensionsOf(image);
    const map = randomMap({ degrees, translate, scale, shear }, [height, width]);
    return affine(image, map.angle, map.translate, map.scale, map.shear, { interpolation, fill, center });
  }

  protected override describe(): string {
    const { degrees, translate, scale, shear, interpolation, fill, center } = this;
    const parts = [`degrees=${floatList(degrees)}`];
    if (translate !== null) parts.push(`translate=${tuple(translate)}`);
    if (scale !== null) parts.push(`scale=${tuple(scale)}`);
    if (shear !== null) parts.push(`shear=${floatList(shear)}`);
    if (interpolation !== 'nearest') parts.push(`interpolation=${interpolation}`);
    if (fill !== 0) parts.push(`fill=${shown(fill)}`);
    if (center !== null) parts.push(`center=${tuple(center)}`);
    return `(${parts.join(', ')})`;
  }

  /** @internal */
  [portable](): Portable {
    const { degrees, translate, scale, shear, interpolation, fill, center } = this;
    return travelsAs('RandomAffine', [degrees, translate, scale, shear, interpolation, fill, center]);
  }
}
takes(RandomAffine.prototype, ['forward(Any img)']);

const randomPerspective = signature(
  "RandomPerspective(float distortion_scale=0.5, float p=0.5, Interpolation interpolation='bilinear', Any fill=0)",
);

/** Shows images from a random side with probability p. */
export class RandomPerspective extends Transform<ImageLike, ImageLike> {
  readonly distortionScale: number;
  readonly p: number;
  readonly interpolation: InterpolationMode;
  readonly fill: FillValue;

  /**
   * @param distortionScale how far corners move at most, as a share of half the image
   * @param p the probability of it
   * @param interpolation how values between pixels are found
   * @param fill what is outside, one value or one for each channel
   */
  constructor(...args: Arguments<typeof randomPerspective, { fill: FillValue | null }>) {
    super();
    const { distortionScale, p, interpolation, fill } = randomPerspective.bind(args);
    this.distortionScale = distortionScale;
    this.p = p;
    this.interpolation = interpolationOf(interpolation as InterpolationLike);
    this.fill = fillOf(fill);
  }

  /** The corners of an image, and random places for them. */
  static getParams(
    width: number,
    height: number,
    distortionScale: number,
  ): [startpoints: number[][], endpoints: number[][]] {
    const { startpoints, endpoints } = randomCorners([height, width], distortionScale);
    return [startpoints, endpoints];
  }

  forward(image: ImageLike): ImageLike {
    const { interpolation } = this;
    const fill = fillFor(image, this.fill);
    const [, height, width] = dimensionsOf(image);
    if (chance() >= this.p) return image;
    const { startpoints, endpoints } = randomCorners([height, width], this.distortionScale);
    return perspective(image, startpoints, endpoints, { interpolation, fill });
  }

  protected override describe(): string {
    return `(p=${this.p})`;
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('RandomPerspective', [this.distortionScale, this.p, this.interpolation, this.fill]);
  }
}
takes(RandomPerspective.prototype, ['forward(Any img)']);

const elastic = signature(
  "ElasticTransform(float|float[] alpha=50.0, float|float[] sigma=5.0, Interpolation interpolation='bilinear', float|float[] fill=0)",
);

function two(value: number | readonly number[], name: string): readonly number[] {
  const list = typeof value === 'number' ? [value, value] : value;
  if (list.length === 2) return list;
  throw new ValueError(`If ${name} is a sequence its length should be 2. Got ${list.length}`);
}

/** Stirs images: moves each pixel in a random direction, neighbours alike. */
export class ElasticTransform extends Transform<ImageLike, ImageLike> {
  readonly alpha: readonly number[];
  readonly sigma: readonly number[];
  readonly interpolation: InterpolationMode;
  readonly fill: readonly number[];

  /**
   * @param alpha how far pixels move, one or [horizontally, vertically]
   * @param sigma how alike neighbours move
   * @param interpolation how values between pixels are found
   * @param fill what is outside, one value or one for each channel
   */
  constructor(...args: Arguments<typeof elastic>) {
    super();
    const { alpha, sigma, interpolation, fill } = elastic.bind(args);
    this.alpha = two(alpha, 'alpha');
    this.sigma = two(sigma, 'sigma');
    this.interpolation = interpolationOf(interpolation as InterpolationLike);
    this.fill = typeof fill === 'number' ? [fill] : fill;
  }

  /** How far pixels of an image of a size [height, width] move at random, in halves of it. */
  static getParams(alpha: readonly number[], sigma: readonly number[], size: readonly number[]): Tensor {
    return randomDisplacement(size, alpha, sigma);
  }

  forward(image: ImageLike): ImageLike {
    const [, height, width] = dimensionsOf(image);
    const displacement = randomDisplacement([height, width], this.alpha, this.sigma);
    return elasticTransform(image, displacement, this.interpolation, this.fill);
  }

  protected override describe(): string {
    const { alpha, sigma, interpolation, fill } = this;
    return `(alpha=${floatList(alpha)}, sigma=${floatList(sigma)}, interpolation=${memberName(interpolation)}, fill=${floatList(fill)})`;
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('ElasticTransform', [this.alpha, this.sigma, this.interpolation, this.fill]);
  }
}
takes(ElasticTransform.prototype, ['forward(Any tensor)']);

const gaussian = signature('GaussianBlur(Any kernel_size, float|float[] sigma=[0.1,2.0])');

/** Blurs images by a bell curve of random width. */
export class GaussianBlur extends Transform<ImageLike, ImageLike> {
  readonly kernelSize: readonly [width: number, height: number];
  readonly sigma: readonly number[];

  /**
   * @param kernelSize the kernel's width and height, which are odd; one number for both
   * @param sigma the curve's standard deviation, or [least, largest]
   */
  constructor(...args: Arguments<typeof gaussian, { kernelSize: number | readonly number[] }>) {
    super();
    const { kernelSize, sigma } = gaussian.bind(args);
    this.kernelSize = pair(
      kernelSize as number | readonly number[],
      'Kernel size should be a tuple/list of two integers',
    );
    if (this.kernelSize.some((size) => size <= 0 || size % 2 === 0))
      throw new ValueError('Kernel size value should be an odd and positive number.');
    if (typeof sigma === 'number') {
      if (sigma <= 0) throw new ValueError('If sigma is a single number, it must be positive.');
      this.sigma = [sigma, sigma];
      return;
    }
    if (sigma.length !== 2)
      throw new ValueError('sigma should be a single number or a list/tuple with length 2.');
    if (!(sigma[0] > 0 && sigma[0] <= sigma[1]))
      throw new ValueError('sigma values should be positive and of the form (min, max).');
    this.sigma = sigma;
  }

  /** A random standard deviation. */
  static getParams(sigmaMin: number, sigmaMax: number): number {
    return uniform(sigmaMin, sigmaMax);
  }

  forward(image: ImageLike): ImageLike {
    const sigma = uniform(this.sigma[0], this.sigma[1]);
    return gaussianBlur(image, this.kernelSize, [sigma, sigma]);
  }

  protected override describe(): string {
    return `(kernel_size=${tuple(this.kernelSize)}, sigma=${tuple(this.sigma.map(formatFloat))})`;
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('GaussianBlur', [this.kernelSize, this.sigma]);
  }
}
takes(GaussianBlur.prototype, ['forward(Any img)']);
