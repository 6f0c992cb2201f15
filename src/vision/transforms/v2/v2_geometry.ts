/** Transforms of samples that crop, pad, mirror and resize. */
import { TypeError, ValueError } from '../../../core/errors.js';
import { formatTuple, formatValue } from '../../../core/repr.js';
import { type Arguments, signature } from '../../../core/signature/signature.js';
import { warn } from '../../../core/warnings.js';
import { ops } from '../../../dispatch/registry.js';
import { BoundingBoxes } from '../../tv_tensors/bounding_boxes.js';
import { KeyPoints } from '../../tv_tensors/key_points.js';
import { Mask } from '../../tv_tensors/tv_image.js';
import { type PaddingMode, pair } from '../geometry.js';
import { randomPlace } from '../transform_draws.js';
import { type FillLike, fillFor, fillOf } from './fills.js';
import {
  centerCrop,
  crop,
  fiveCrop,
  horizontalFlip,
  pad,
  resize,
  resizedCrop,
  tenCrop,
  verticalFlip,
} from './functional/geometry_functions.js';
import { callKernel } from './functional/kernels_by_class.js';
import { RandomApplyTransform, Transform } from './sample_transform.js';
import { hasAny, querySize } from './samples.js';

const ofHorizontalFlip = signature('RandomHorizontalFlip(float p=0.5)');

/** Mirrors samples left to right with probability p. */
export class RandomHorizontalFlip extends RandomApplyTransform {
  /** @param p the probability of it */
  constructor(...args: Arguments<typeof ofHorizontalFlip>) {
    super(ofHorizontalFlip.bind(args));
  }

  protected override transform(input: unknown): unknown {
    return callKernel(horizontalFlip, input);
  }
}

const ofVerticalFlip = signature('RandomVerticalFlip(float p=0.5)');

/** Mirrors samples top to bottom with probability p. */
export class RandomVerticalFlip extends RandomApplyTransform {
  /** @param p the probability of it */
  constructor(...args: Arguments<typeof ofVerticalFlip>) {
    super(ofVerticalFlip.bind(args));
  }

  protected override transform(input: unknown): unknown {
    return callKernel(verticalFlip, input);
  }
}

const ofResize = signature(
  "Resize(Any size, Interpolation interpolation='bilinear', int? max_size=None, bool? antialias=True)",
);

/** Gives samples another size. */
export class Resize extends Transform {
  readonly size: readonly number[] | null;
  readonly interpolation: unknown;
  readonly maxSize: number | null;
  readonly antialias: boolean | null;

  /**
   * @param size `[height, width]`; one number is the length of the shorter side; null leaves `maxSize` to say it
   * @param interpolation how values between pixels are found; masks have none
   * @param maxSize the length that the longer side may have
   * @param antialias whether all that a pixel covers counts when a tensor is made smaller; for images of bytes it always does
   */
  constructor(...args: Arguments<typeof ofResize, { size: number | readonly number[] | null }>) {
    const given = ofResize.bind(args);
    super(given);
    const { size, interpolation, maxSize, antialias } = given;
    if (size === null) {
      if (maxSize === null)
        throw new ValueError('max_size must be an integer when size is None, but got None instead.');
      this.size = null;
    } else if (Number.isSafeInteger(size)) this.size = [size as number];
    else if (Array.isArray(size) && (size.length === 1 || size.length === 2))
      this.size = [...size] as number[];
    else
      throw new ValueError(
        `size can be an integer, a sequence of one or two integers, or None, but got ${shownList(size)} instead.`,
      );
    this.interpolation = interpolation;
    this.maxSize = maxSize;
    this.antialias = antialias;
  }

  protected override transform(input: unknown): unknown {
    const { size, interpolation, maxSize, antialias } = this;
    return callKernel(resize, input, { size, interpolation, maxSize, antialias });
  }
}

const shownList = (value: unknown): string =>
  Array.isArray(value) ? `[${value.map(formatValue).join(', ')}]` : String(value);

/** Height and width: a list as it is given, else a tuple. */
export function sizePair(size: unknown, wrong?: string): readonly [number, number] {
  const sides = [...pair(size as number | readonly number[], wrong)] as [number, number];
  return Array.isArray(size) && size.length === 2 && !Object.isFrozen(size) ? sides : Object.freeze(sides);
}

const ofCenterCrop = signature('CenterCrop(Any size)');

/** The middle part of samples in a size; what is smaller gets a border of 0. */
export class CenterCrop extends Transform {
  readonly size: readonly [height: number, width: number];

  /** @param size the height and width of the part; one number for both */
  constructor(...args: Arguments<typeof ofCenterCrop, { size: number | readonly number[] }>) {
    const given = ofCenterCrop.bind(args);
    super(given);
    this.size = sizePair(given.size);
  }

  protected override transform(input: unknown): unknown {
    return callKernel(centerCrop, input, { outputSize: this.size });
  }
}

/** A list of two numbers. @throws TypeError if it is none */
function two(value: unknown, name: string): readonly number[] {
  if (Array.isArray(value) && value.length === 2) return Object.freeze([...value]) as readonly number[];
  throw new TypeError(`${name} should be a sequence of two floats.`);
}

/** Warns of ranges that go backwards. */
export function warnOfRanges(scale: readonly number[], ratio: readonly number[]): void {
  if (scale[0] > scale[1] || ratio[0] > ratio[1]) warn('Scale and ratio should be of kind (min, max)');
}

const ofRandomResizedCrop = signature(
  "RandomResizedCrop(Any size, Any scale=[0.08,1.0], Any ratio=[0.75,1.3333333333333333], Interpolation interpolation='bilinear', bool? antialias=True)",
);

/** A random part of samples, of a random share of their area and ratio of their sides, in a size. */
export class RandomResizedCrop extends Transform {
  readonly size: readonly [height: number, width: number];
  readonly scale: readonly number[];
  readonly ratio: readonly number[];
  readonly interpolation: unknown;
  readonly antialias: boolean | null;

  /**
   * @param size the height and width of the result; one number for both
   * @param scale the least and the largest share of the area
   * @param ratio the least and the largest ratio of width and height
   * @param interpolation how values between pixels are found; masks have none
   * @param antialias whether all that a pixel covers counts when a tensor is made smaller; for images of bytes it always does
   */
  constructor(
    ...args: Arguments<
      typeof ofRandomResizedCrop,
      { size: number | readonly number[]; scale: readonly number[]; ratio: readonly number[] }
    >
  ) {
    const given = ofRandomResizedCrop.bind(args);
    super(given);
    this.size = sizePair(given.size);
    this.scale = two(given.scale, 'Scale');
    this.ratio = two(given.ratio, 'Ratio');
    warnOfRanges(this.scale, this.ratio);
    this.interpolation = given.interpolation;
    this.antialias = given.antialias;
  }

  protected override makeParams(parts: readonly unknown[]): object & Record<string, unknown> {
    const [top, left, height, width] = randomPlace(querySize(parts), this.scale, this.ratio);
    return { top, left, height, width };
  }

  protected override transform(input: unknown, params: Record<string, unknown>): unknown {
    const { size, interpolation, antialias } = this;
    return callKernel(resizedCrop, input, { ...params, size, interpolation, antialias });
  }
}

/** The base of several crops: there are none of boxes and masks. */
abstract class SeveralCrops extends Transform {
  protected override checkInputs(parts: readonly unknown[]): void {
    if (hasAny(parts, BoundingBoxes, Mask))
      throw new TypeError(`BoundingBoxes'es and Mask's are not supported by ${this.constructor.name}()`);
  }

  protected override transform(input: unknown): unknown {
    warnOfPassing(this, input);
    return this.crops(input);
  }

  protected abstract crops(input: unknown): unknown;
}

/** Warns where a part of a sample stays as it was though it says where something is. */
export function warnOfPassing(transform: object, input: unknown): void {
  if (input instanceof BoundingBoxes || input instanceof KeyPoints || input instanceof Mask)
    warn(
      `${transform.constructor.name}() is currently passing through inputs of type ` +
        `tv_tensors.${input.constructor.name}. This will likely change in the future.`,
    );
}

const ofFiveCrop = signature('FiveCrop(Any size)');

/** The four corners of an image and its middle. */
export class FiveCrop extends SeveralCrops {
  readonly size: readonly [height: number, width: number];

  /** @param size the height and width of each; one number for both */
  constructor(...args: Arguments<typeof ofFiveCrop, { size: number | readonly number[] }>) {
    const given = ofFiveCrop.bind(args);
    super(given);
    this.size = sizePair(given.size);
  }

  protected override crops(input: unknown): unknown {
    return callKernel(fiveCrop, input, { size: this.size });
  }
}

const ofTenCrop = signature('TenCrop(Any size, bool vertical_flip=False)');

/** The four corners of an image and its middle, and those of the mirrored image. */
export class TenCrop extends SeveralCrops {
  readonly size: readonly [height: number, width: number];
  readonly verticalFlip: boolean;

  /**
   * @param size the height and width of each; one number for both
   * @param verticalFlip whether the image is mirrored top to bottom
   */
  constructor(...args: Arguments<typeof ofTenCrop, { size: number | readonly number[] }>) {
    const given = ofTenCrop.bind(args);
    super(given);
    this.size = sizePair(given.size);
    this.verticalFlip = given.verticalFlip;
  }

  protected override crops(input: unknown): unknown {
    return callKernel(tenCrop, input, { size: this.size, verticalFlip: this.verticalFlip });
  }
}

function checkPadding(padding: unknown): number | readonly number[] {
  const isList =
    Array.isArray(padding) && [1, 2, 4].includes(padding.length) && padding.every(Number.isSafeInteger);
  if (isList || Number.isSafeInteger(padding)) return padding as number | readonly number[];
  throw new ValueError(
    `Padding must be an int or a 1, 2, or 4 element of tuple or list, got ${shownList(padding)}.`,
  );
}

function checkPaddingMode(mode: string): PaddingMode {
  if (['constant', 'edge', 'reflect', 'symmetric'].includes(mode)) return mode as PaddingMode;
  throw new ValueError('Padding mode should be either constant, edge, reflect or symmetric');
}

const ofPad = signature("Pad(Any padding, Any fill=0, str padding_mode='constant')");

/** Adds a border. */
export class Pad extends Transform {
  readonly padding: number | readonly number[];
  readonly fill: FillLike;
  readonly paddingMode: PaddingMode;

  /**
   * @param padding the border's width: one for all sides, or [left and right, top and bottom], or one each
   * @param fill its value, or values by the class of what gets it
   * @param paddingMode what it shows
   */
  constructor(
    ...args: Arguments<
      typeof ofPad,
      { padding: number | readonly number[]; fill: FillLike; paddingMode: PaddingMode }
    >
  ) {
    const given = ofPad.bind(args);
    super(given);
    this.padding = checkPadding(given.padding);
    const mode = checkPaddingMode(given.paddingMode);
    this.fill = fillOf(given.fill);
    this.paddingMode = mode;
  }

  protected override transform(input: unknown): unknown {
    const { padding, paddingMode } = this;
    return callKernel(pad, input, { padding, fill: fillFor(this.fill, input), paddingMode });
  }
}

const ofZoomOut = signature('RandomZoomOut(Any fill=0, Any side_range=[1.0,4.0], float p=0.5)');

/** Puts samples at a random place of a larger canvas with probability p. */
export class RandomZoomOut extends RandomApplyTransform<{ padding: readonly number[] }> {
  readonly fill: FillLike;
  readonly sideRange: readonly number[];

  /**
   * @param fill the canvas's value, or values by the class of what is put on it
   * @param sideRange how many times larger the canvas is, at least and at most
   * @param p the probability of it
   */
  constructor(...args: Arguments<typeof ofZoomOut, { fill: FillLike; sideRange: readonly number[] }>) {
    const given = ofZoomOut.bind(args);
    super(given);
    this.fill = fillOf(given.fill);
    const range: unknown = given.sideRange;
    if (!Array.isArray(range)) throw new TypeError('side_range should be a sequence of length 2.');
    if (range.length !== 2) throw new ValueError('side_range should be a sequence of length 2.');
    this.sideRange = Object.freeze([...range]) as readonly number[];
    if (range[0] < 1 || range[0] > range[1])
      throw new ValueError(`Invalid side range provided ${formatValue(range)}.`);
  }

  protected override makeParams(parts: readonly unknown[]): { padding: readonly number[] } {
    const [height, width] = querySize(parts);
    const [least, most] = this.sideRange;
    const factor = ops
      .rand([1])
      .mul(most - least)
      .add(least);
    const canvas = [width, height].map((size) => Math.trunc(factor.mul(size).item() as number));
    const shares = ops.rand([2]);
    const [left, top] = [width, height].map((size, i) =>
      Math.trunc(
        shares
          .select(0, i)
          .mul(canvas[i] - size)
          .item() as number,
      ),
    );
    return { padding: [left, top, canvas[0] - (left + width), canvas[1] - (top + height)] };
  }

  protected override transform(input: unknown, { padding }: { padding: readonly number[] }): unknown {
    return callKernel(pad, input, { padding, fill: fillFor(this.fill, input) });
  }
}

const ofRandomCrop = signature(
  "RandomCrop(Any size, Any padding=None, bool pad_if_needed=False, Any fill=0, str padding_mode='constant')",
);

interface CropParams {
  readonly needsCrop: boolean;
  readonly place: Readonly<Record<'top' | 'left' | 'height' | 'width', number>>;
  readonly padding: readonly number[];
}

/** A part of samples in a size from a random place. */
export class RandomCrop extends Transform<CropParams> {
  readonly size: readonly [height: number, width: number];
  /** Left, right, top and bottom. */
  readonly padding: readonly number[] | null;
  readonly padIfNeeded: boolean;
  readonly fill: FillLike;
  readonly paddingMode: PaddingMode;

  /**
   * @param size the height and width of the part; one number for both
   * @param padding a border that is added first
   * @param padIfNeeded whether what is smaller than the part gets a border
   * @param fill the border's value, or values by the class of what gets it
   * @param paddingMode what the border shows
   */
  constructor(
    ...args: Arguments<
      typeof ofRandomCrop,
      {
        size: number | readonly number[];
        padding: number | readonly number[] | null;
        fill: FillLike;
        paddingMode: PaddingMode;
      }
    >
  ) {
    const given = ofRandomCrop.bind(args);
    super(given);
    const { size, padding, padIfNeeded, fill, paddingMode } = given;
    this.size = sizePair(size);
    if (padding !== null) checkPadding(padding);
    const isPadded = padIfNeeded || padding !== null;
    const mode = isPadded ? checkPaddingMode(paddingMode) : (paddingMode as PaddingMode);
    const [left, top = left, right = left, bottom = top] = [padding ?? 0].flat() as number[];
    this.padding = padding === null || padding === 0 ? null : [left, right, top, bottom];
    this.padIfNeeded = padIfNeeded;
    this.fill = fillOf(fill);
    this.paddingMode = mode;
  }

  protected override makeParams(parts: readonly unknown[]): CropParams {
    let [height, width] = querySize(parts);
    let [left, right, top, bottom] = this.padding ?? [0, 0, 0, 0];
    height += top + bottom;
    width += left + right;
    const [h, w] = this.size;
    const missing = (size: number, wanted: number) => (this.padIfNeeded && size < wanted ? wanted - size : 0);
    const [below, beside] = [missing(height, h), missing(width, w)];
    [top, bottom, height] = [top + below, bottom + below, height + 2 * below];
    [left, right, width] = [left + beside, right + beside, width + 2 * beside];
    if (height < h || width < w) {
      const padded = this.padding === null ? '' : 'padded ';
      throw new ValueError(
        `Required crop size ${formatTuple([h, w])} is larger than ${padded}input image size ${formatTuple([height, width])}.`,
      );
    }
    const from = (size: number, part: number) =>
      size > part ? (ops.randint(0, size - part + 1, []).item() as number) : 0;
    const needsCrop = height > h || width > w;
    const place = { top: from(height, h), left: from(width, w), height: h, width: w };
    return { needsCrop, place, padding: [left, top, right, bottom] };
  }

  protected override transform(input: unknown, { needsCrop, place, padding }: CropParams): unknown {
    const { paddingMode } = this;
    const needsPad = padding.some((side) => side !== 0);
    const padded = needsPad
      ? callKernel(pad, input, { padding, fill: fillFor(this.fill, input), paddingMode })
      : input;
    return needsCrop ? callKernel(crop, padded, place) : padded;
  }
}

const ofScaleJitter = signature(
  "ScaleJitter(int[] target_size, float[] scale_range=[0.1,2.0], Interpolation interpolation='bilinear', bool? antialias=True)",
);

interface SizeParams {
  readonly size: readonly number[];
}

/** Resizes samples to a size times a random factor, with their ratio. */
export class ScaleJitter extends Transform<SizeParams> {
  readonly targetSize: readonly number[];
  readonly scaleRange: readonly number[];
  readonly interpolation: unknown;
  readonly antialias: boolean | null;

  /**
   * @param targetSize the size at a factor of 1
   * @param scaleRange the least and the largest factor
   * @param interpolation how values between pixels are found; masks have none
   * @param antialias whether all that a pixel covers counts when a tensor is made smaller; for images of bytes it always does
   */
  constructor(...args: Arguments<typeof ofScaleJitter>) {
    const given = ofScaleJitter.bind(args);
    super(given);
    this.targetSize = Object.freeze([...given.targetSize]);
    this.scaleRange = Object.freeze([...given.scaleRange]);
    this.interpolation = given.interpolation;
    this.antialias = given.antialias;
  }

  protected override makeParams(parts: readonly unknown[]): SizeParams {
    const [height, width] = querySize(parts);
    const [least, most] = this.scaleRange;
    const scale = ops
      .rand([1])
      .mul(most - least)
      .add(least);
    const factor = scale.mul(Math.min(this.targetSize[1] / height, this.targetSize[0] / width));
    const times = (size: number) => Math.trunc(factor.mul(size).item() as number);
    return { size: [times(height), times(width)] };
  }

  protected override transform(input: unknown, { size }: SizeParams): unknown {
    return resizedTo(this, input, size);
  }
}

function resizedTo(
  { interpolation, antialias }: { interpolation: unknown; antialias: boolean | null },
  input: unknown,
  size: readonly number[],
): unknown {
  return callKernel(resize, input, { size, interpolation, antialias });
}

const ofShortestSize = signature(
  "RandomShortestSize(int|int[] min_size, int? max_size=None, Interpolation interpolation='bilinear', bool? antialias=True)",
);

/** Resizes samples so that their shorter side has one of several lengths. */
export class RandomShortestSize extends Transform<SizeParams> {
  readonly minSize: readonly number[];
  readonly maxSize: number | null;
  readonly interpolation: unknown;
  readonly antialias: boolean | null;

  /**
   * @param minSize the lengths of the shorter side
   * @param maxSize the length that the longer side may have
   * @param interpolation how values between pixels are found; masks have none
   * @param antialias whether all that a pixel covers counts when a tensor is made smaller; for images of bytes it always does
   */
  constructor(...args: Arguments<typeof ofShortestSize>) {
    const given = ofShortestSize.bind(args);
    super(given);
    this.minSize = typeof given.minSize === 'number' ? [given.minSize] : [...given.minSize];
    this.maxSize = given.maxSize;
    this.interpolation = given.interpolation;
    this.antialias = given.antialias;
  }

  protected override makeParams(parts: readonly unknown[]): SizeParams {
    const [height, width] = querySize(parts);
    const chosen = this.minSize[ops.randint(0, this.minSize.length, []).item() as number];
    let factor = chosen / Math.min(height, width);
    if (this.maxSize !== null) factor = Math.min(factor, this.maxSize / Math.max(height, width));
    return { size: [Math.trunc(height * factor), Math.trunc(width * factor)] };
  }

  protected override transform(input: unknown, { size }: SizeParams): unknown {
    return resizedTo(this, input, size);
  }
}

const ofRandomResize = signature(
  "RandomResize(int min_size, int max_size, Interpolation interpolation='bilinear', bool? antialias=True)",
);

/** Resizes samples so that their shorter side has a random length. */
export class RandomResize extends Transform<SizeParams> {
  readonly minSize: number;
  readonly maxSize: number;
  readonly interpolation: unknown;
  readonly antialias: boolean | null;

  /**
   * @param minSize the least length
   * @param maxSize the length that is just too much
   * @param interpolation how values between pixels are found; masks have none
   * @param antialias whether all that a pixel covers counts when a tensor is made smaller; for images of bytes it always does
   */
  constructor(...args: Arguments<typeof ofRandomResize>) {
    const given = ofRandomResize.bind(args);
    super(given);
    this.minSize = given.minSize;
    this.maxSize = given.maxSize;
    this.interpolation = given.interpolation;
    this.antialias = given.antialias;
  }

  protected override makeParams(): SizeParams {
    return { size: [ops.randint(this.minSize, this.maxSize, []).item() as number] };
  }

  protected override transform(input: unknown, { size }: SizeParams): unknown {
    return resizedTo(this, input, size);
  }
}
