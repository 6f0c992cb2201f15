/** Transforms of samples that move pixels, and with them boxes, masks and points. */
import { TypeError, ValueError } from '../../../core/errors.js';
import { typeName } from '../../../core/repr.js';
import { type Arguments, signature } from '../../../core/signature/signature.js';
import type { Tensor } from '../../../core/tensor.js';
import { ops } from '../../../dispatch/registry.js';
import { tensor } from '../../../ops/from_data.js';
import { columnsOf } from '../../ops/box_columns.js';
import { BoundingBoxes } from '../../tv_tensors/bounding_boxes.js';
import { Image as TVImage } from '../../tv_tensors/tv_image.js';
import { asPlain } from '../../tv_tensors/tv_tensor.js';
import { perspectiveCoefficients } from '../geometric_maps.js';
import { Image } from '../image.js';
import { integer, randomCorners, randomDisplacement, randomMap, uniform } from '../transform_draws.js';
import { angles, checkLength } from '../warps.js';
import { type FillLike, fillFor, fillOf } from './fills.js';
import { converted } from './functional/box_conversions.js';
import { crop } from './functional/geometry_functions.js';
import { callKernel } from './functional/kernels_by_class.js';
import { affine, elastic, perspective, rotate } from './functional/warp_functions.js';
import { type Params, RandomApplyTransform, Transform } from './sample_transform.js';
import { getBoundingBoxes, hasAny, isPlain, querySize } from './samples.js';

type Numbers = readonly number[] | null;

/** A copy that is a tuple. */
const frozen = (list: Numbers): Numbers => (list === null ? null : Object.freeze([...list]));

function pointOf(center: unknown): Numbers {
  if (center !== null) checkLength(center, 'center', [2]);
  return center as Numbers;
}

const ofRotation = signature(
  "RandomRotation(float|float[] degrees, Interpolation interpolation='nearest', bool expand=False, Any center=None, Any fill=0)",
);

/** Turns samples by a random angle. */
export class RandomRotation extends Transform {
  readonly degrees: readonly number[];
  readonly interpolation: unknown;
  readonly expand: boolean;
  readonly fill: FillLike;
  readonly center: Numbers;

  /**
   * @param degrees the largest angle in either direction, or [least, largest]
   * @param interpolation how values between pixels are found; masks have none
   * @param expand whether the result is as large as what was turned
   * @param center the point [x, y] that stays; by default the middle
   * @param fill what is outside, or that by the class of what is turned
   */
  constructor(...args: Arguments<typeof ofRotation, { center: Numbers; fill: FillLike }>) {
    const given = ofRotation.bind(args);
    super(given);
    this.degrees = angles(given.degrees, 'degrees');
    this.interpolation = given.interpolation;
    this.expand = given.expand;
    this.fill = fillOf(given.fill);
    this.center = pointOf(given.center);
  }

  protected override makeParams(): Params {
    return { angle: uniform(this.degrees[0], this.degrees[1]) };
  }

  protected override transform(input: unknown, params: Params): unknown {
    const { interpolation, expand, center } = this;
    const fill = fillFor(this.fill, input);
    return callKernel(rotate, input, { ...params, interpolation, expand, center, fill });
  }
}

const ofAffine = signature(
  "RandomAffine(float|float[] degrees, Any translate=None, Any scale=None, Any shear=None, Interpolation interpolation='nearest', Any fill=0, Any center=None)",
);

/** Turns, moves, scales and shears samples at random; what is null is left. */
export class RandomAffine extends Transform {
  readonly degrees: readonly number[];
  readonly translate: Numbers;
  readonly scale: Numbers;
  readonly shear: Numbers;
  readonly interpolation: unknown;
  readonly fill: FillLike;
  readonly center: Numbers;

  /**
   * @param degrees the largest angle in either direction, or [least, largest]
   * @param translate by which shares of [width, height] samples are moved at most
   * @param scale the [least, largest] factor
   * @param shear the largest angle of the x axis, or [least, largest], or those of both axes
   * @param interpolation how values between pixels are found; masks have none
   * @param fill what is outside, or that by the class of what is moved
   * @param center the point [x, y] around which samples are turned; by default the middle
   */
  constructor(
    ...args: Arguments<
      typeof ofAffine,
      { translate: Numbers; scale: Numbers; shear: number | Numbers; fill: FillLike; center: Numbers }
    >
  ) {
    const given = ofAffine.bind(args);
    super(given);
    this.degrees = angles(given.degrees, 'degrees');
    const [translate, scale] = [given.translate as Numbers, given.scale as Numbers];
    if (translate !== null) {
      checkLength(translate, 'translate', [2]);
      if (translate.some((share) => !(share >= 0 && share <= 1)))
        throw new ValueError('translation values should be between 0 and 1');
    }
    this.translate = frozen(translate);
    if (scale !== null) {
      checkLength(scale, 'scale', [2]);
      if (scale.some((factor) => factor <= 0)) throw new ValueError('scale values should be positive');
    }
    this.scale = frozen(scale);
    this.shear = given.shear === null ? null : angles(given.shear, 'shear', [2, 4]);
    this.interpolation = given.interpolation;
    this.fill = fillOf(given.fill);
    this.center = pointOf(given.center);
  }

  protected override makeParams(parts: readonly unknown[]): Params {
    return randomMap(this, querySize(parts));
  }

  protected override transform(input: unknown, params: Params): unknown {
    const { interpolation, center } = this;
    return callKernel(affine, input, { ...params, interpolation, center, fill: fillFor(this.fill, input) });
  }
}

const ofPerspective = signature(
  "RandomPerspective(float distortion_scale=0.5, float p=0.5, Interpolation interpolation='bilinear', Any fill=0)",
);

/** Shows samples from a random side with probability p. */
export class RandomPerspective extends RandomApplyTransform {
  readonly distortionScale: number;
  readonly interpolation: unknown;
  readonly fill: FillLike;

  /**
   * @param distortionScale how far corners move at most, as a share of half the image
   * @param p the probability of it
   * @param interpolation how values between pixels are found; masks have none
   * @param fill what is outside, or that by the class of what is shown
   */
  constructor(...args: Arguments<typeof ofPerspective, { fill: FillLike }>) {
    const given = ofPerspective.bind(args);
    super(given);
    const { distortionScale } = given;
    if (!(distortionScale >= 0 && distortionScale <= 1))
      throw new ValueError('Argument distortion_scale value should be between 0 and 1');
    this.distortionScale = distortionScale;
    this.interpolation = given.interpolation;
    this.fill = fillOf(given.fill);
  }

  protected override makeParams(parts: readonly unknown[]): Params {
    const { startpoints, endpoints } = randomCorners(querySize(parts), this.distortionScale);
    return { coefficients: perspectiveCoefficients(startpoints, endpoints) };
  }

  protected override transform(input: unknown, params: Params): unknown {
    const { interpolation } = this;
    const fill = fillFor(this.fill, input);
    return callKernel(perspective, input, {
      startpoints: null,
      endpoints: null,
      fill,
      interpolation,
      ...params,
    });
  }
}

/** Two numbers: one stands for both. */
export function pairOfFloats(value: unknown, name: string): readonly [number, number] {
  if (typeof value === 'number') return [value, value];
  if (!Array.isArray(value))
    throw new TypeError(
      `${name} should be a number or a sequence of numbers. Got <class '${typeName(value)}'>`,
    );
  if (value.length !== 1 && value.length !== 2)
    throw new ValueError(`If ${name} is a sequence its length should be 1 or 2. Got ${value.length}`);
  const wrong: unknown = value.find((one) => typeof one !== 'number');
  if (wrong !== undefined)
    throw new ValueError(`${name} should be a sequence of numbers. Got <class '${typeName(wrong)}'>`);
  return [value[0] as number, value[value.length - 1] as number];
}

const ofElastic = signature(
  "ElasticTransform(Any alpha=50.0, Any sigma=5.0, Interpolation interpolation='bilinear', Any fill=0)",
);

/** Stirs samples: moves each pixel in a random direction, neighbours alike. */
export class ElasticTransform extends Transform {
  readonly alpha: readonly [number, number];
  readonly sigma: readonly [number, number];
  readonly interpolation: unknown;
  readonly fill: FillLike;

  /**
   * @param alpha how far pixels move, one or [horizontally, vertically]
   * @param sigma how alike neighbours move
   * @param interpolation how values between pixels are found; masks have none
   * @param fill what is outside, or that by the class of what is stirred
   */
  constructor(
    ...args: Arguments<
      typeof ofElastic,
      { alpha: number | readonly number[]; sigma: number | readonly number[]; fill: FillLike }
    >
  ) {
    const given = ofElastic.bind(args);
    super(given);
    this.alpha = pairOfFloats(given.alpha, 'alpha');
    this.sigma = pairOfFloats(given.sigma, 'sigma');
    this.interpolation = given.interpolation;
    this.fill = fillOf(given.fill);
  }

  protected override makeParams(parts: readonly unknown[]): Params {
    return { displacement: randomDisplacement(querySize(parts), this.alpha, this.sigma) };
  }

  protected override transform(input: unknown, params: Params): unknown {
    const { interpolation } = this;
    return callKernel(elastic, input, { ...params, interpolation, fill: fillFor(this.fill, input) });
  }
}

const ofIoUCrop = signature(
  'RandomIoUCrop(float min_scale=0.3, float max_scale=1.0, float min_aspect_ratio=0.5, float max_aspect_ratio=2.0, float[]? sampler_options=None, int trials=40)',
);

interface IoUCrop {
  readonly place: Readonly<Record<'top' | 'left' | 'height' | 'width', number>>;
  /** Which boxes have their middle in it. */
  readonly isInside: Tensor;
}

/**
 * Crops detection samples at random so that some box overlaps with the part by at least a random share. Boxes outside become empty:
 * `SanitizeBoundingBoxes` takes them out.
 */
export class RandomIoUCrop extends Transform<{ readonly crop: IoUCrop | null }> {
  readonly minScale: number;
  readonly maxScale: number;
  readonly minAspectRatio: number;
  readonly maxAspectRatio: number;
  readonly options: readonly number[];
  readonly trials: number;

  /**
   * @param minScale the least share of the sides
   * @param maxScale the largest share of the sides
   * @param minAspectRatio the least ratio of width and height
   * @param maxAspectRatio the largest ratio of width and height
   * @param samplerOptions the shares that one is drawn of; 1 or more leaves samples as they are
   * @param trials how often a part is drawn before another share is
   */
  constructor(...args: Arguments<typeof ofIoUCrop>) {
    const given = ofIoUCrop.bind(args);
    super(given);
    this.minScale = given.minScale;
    this.maxScale = given.maxScale;
    this.minAspectRatio = given.minAspectRatio;
    this.maxAspectRatio = given.maxAspectRatio;
    this.options = given.samplerOptions ?? [0, 0.1, 0.3, 0.5, 0.7, 0.9, 1];
    this.trials = given.trials;
  }

  protected override checkInputs(parts: readonly unknown[]): void {
    if (hasAny(parts, BoundingBoxes) && hasAny(parts, Image, TVImage, isPlain)) return;
    throw new TypeError(
      `${this.constructor.name}() requires input sample to contain tensor or PIL images ` +
        'and bounding boxes. Sample can also contain masks.',
    );
  }

  protected override makeParams(parts: readonly unknown[]): { crop: IoUCrop | null } {
    const [height, width] = querySize(parts);
    const boxes = getBoundingBoxes(parts);
    const corners = converted(asPlain(boxes), boxes.format, 'XYXY');
    const [x1, y1, x2, y2] = columnsOf(corners, 4);
    const cx = x1.add(x2).mul(0.5);
    const cy = y1.add(y2).mul(0.5);
    for (;;) {
      const least = this.options[integer(0, this.options.length)];
      if (least >= 1) return { crop: null };
      for (let trial = 0; trial < this.trials; trial++) {
        const shares = ops
          .rand([2])
          .mul(this.maxScale - this.minScale)
          .add(this.minScale);
        const part = (i: number, size: number, of: Tensor) =>
          Math.trunc(of.select(0, i).mul(size).item() as number);
        const [w, h] = [part(0, width, shares), part(1, height, shares)];
        const ratio = w / h;
        if (!(this.minAspectRatio <= ratio && ratio <= this.maxAspectRatio)) continue;
        const places = ops.rand([2]);
        const [left, top] = [part(0, width - w, places), part(1, height - h, places)];
        if (w === 0 || h === 0) continue;
        const [right, bottom] = [left + w, top + h];
        const isInside = cx
          .gt(left)
          .logicalAnd(cx.lt(right))
          .logicalAnd(cy.gt(top))
          .logicalAnd(cy.lt(bottom));
        if (!isInside.any().item()) continue;
        const overlaps = overlap(corners, [left, top, right, bottom]);
        const most = ops.where(isInside, overlaps, -1).max().item() as number;
        if (most < least) continue;
        return { crop: { place: { top, left, height: h, width: w }, isInside } };
      }
    }
  }

  protected override transform(input: unknown, { crop: part }: { readonly crop: IoUCrop | null }): unknown {
    if (part === null) return input;
    const output: unknown = callKernel(crop, input, part.place);
    if (!(output instanceof BoundingBoxes)) return output;
    return output.wrap(asPlain(output).mul(part.isInside.unsqueeze(1)));
  }
}

/** The shares that boxes [N, 4] have of what they and a rectangle cover. */
function overlap(boxes: Tensor, rectangle: readonly number[]): Tensor {
  const other = tensor(rectangle, { dtype: boxes.dtype, device: boxes.device });
  const [x1, y1, x2, y2] = columnsOf(boxes, 4);
  const [left, top, right, bottom] = other.unbind(0);
  const side = (from: Tensor, to: Tensor) => to.sub(from).clamp(0);
  const both = side(ops.maximum(x1, left), ops.minimum(x2, right)).mul(
    side(ops.maximum(y1, top), ops.minimum(y2, bottom)),
  );
  const areas = x2
    .sub(x1)
    .mul(y2.sub(y1))
    .add(right.sub(left).mul(bottom.sub(top)));
  return both.div(areas.sub(both));
}
