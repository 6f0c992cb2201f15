/** Transforms of samples that change their image or video in ways drawn from a list. */
import { TypeError, ValueError } from '../../../core/errors.js';
import { type Arguments, signature } from '../../../core/signature/signature.js';
import { Tensor } from '../../../core/tensor.js';
import { unflatten } from '../../../func/tree.js';
import { sampleDirichlet } from '../../../ops/distributions.js';
import { tensor } from '../../../ops/from_data.js';
import { BoundingBoxes } from '../../tv_tensors/bounding_boxes.js';
import { KeyPoints } from '../../tv_tensors/key_points.js';
import { Mask, Video } from '../../tv_tensors/tv_image.js';
import { asPlain, TVTensor } from '../../tv_tensors/tv_tensor.js';
import { AutoAugmentPolicy, type PolicyStep, policyOf } from '../augment_policies.js';
import {
  type ChangeFunctions,
  changed,
  identity,
  mixSpace,
  type Space,
  spaceOf,
  usual,
  wide,
} from '../augment_space.js';
import type { InterpolationMode } from '../interpolation_mode.js';
import { maxValue } from '../tensor_color.js';
import { chance, integer } from '../transform_draws.js';
import { type FillLike, fillFor, fillOf } from './fills.js';
import * as color from './functional/color_functions.js';
import type { Shown } from './functional/kernels_by_class.js';
import { pictureOf, valuesOf } from './functional/pictures_as_tensors.js';
import { getSize } from './functional/size_functions.js';
import { affine, rotate } from './functional/warp_functions.js';
import { partsOf, type Settings, Transform } from './sample_transform.js';
import { isShown } from './samples.js';

const functions: ChangeFunctions = { ...color, affine, rotate };

/** The base of the transforms here. */
abstract class Augmentation extends Transform {
  readonly interpolation: unknown;
  readonly fill: FillLike;

  constructor(settings: Settings) {
    super(settings);
    this.interpolation = settings.interpolation;
    this.fill = fillOf(settings.fill);
  }

  /** @internal */
  protected override applied(sample: unknown): unknown {
    const { leaves, spec } = partsOf(sample);
    const isTransformed = this.transformedParts(leaves);
    const places: number[] = [];
    for (const [i, part] of leaves.entries()) {
      if (isTransformed[i] && isShown(part)) places.push(i);
      else if (part instanceof BoundingBoxes || part instanceof Mask || part instanceof KeyPoints)
        throw new TypeError(
          `Inputs of type ${part.constructor.name} are not supported by ${this.constructor.name}()`,
        );
    }
    if (places.length === 0) throw new TypeError('Found no image in the sample.');
    if (places.length > 1)
      throw new TypeError(
        `Auto augment transformations are only properly defined for a single image or video, but found ${places.length}.`,
      );
    const image = leaves[places[0]] as Shown;
    return unflatten(spec, leaves.with(places[0], this.augmented(image, getSize(image))));
  }

  protected abstract augmented(image: Shown, size: readonly [number, number]): Shown;

  /** An image after a change; half of those that have a direction go the other way. */
  protected change(image: Shown, space: Space, name: string, step: () => number): Shown {
    const { values, isSigned } = space[name];
    let magnitude = values === null ? 0 : values[step()];
    if (values !== null && isSigned && chance() <= 0.5) magnitude = -magnitude;
    if (name === 'Solarize') magnitude *= image instanceof Tensor ? maxValue(image.dtype) : 255;
    const fill = fillFor(this.fill, image);
    return changed(functions, image, name, magnitude, this.interpolation as InterpolationMode, fill);
  }
}

/** The name of a random change. */
const anyOf = (space: Space): string => {
  const names = Object.keys(space);
  return names[integer(0, names.length)];
};

const ofAutoAugment = signature(
  "AutoAugment(str policy='imagenet', Interpolation interpolation='nearest', Any fill=None)",
);

/** One of 25 learned pairs of changes. */
export class AutoAugment extends Augmentation {
  readonly policy: AutoAugmentPolicy;
  readonly #pairs: readonly (readonly PolicyStep[])[];

  /**
   * @param policy the data set that the pairs were learned on
   * @param interpolation how values between pixels are found
   * @param fill what is outside, or that by the class of the image
   */
  constructor(...args: Arguments<typeof ofAutoAugment, { policy: AutoAugmentPolicy; fill: FillLike }>) {
    const given = ofAutoAugment.bind(args);
    const policy = given.policy as AutoAugmentPolicy;
    if (!Object.values(AutoAugmentPolicy).includes(policy))
      throw new ValueError(`The provided policy ${policy} is not recognized.`);
    super(given);
    this.policy = policy;
    this.#pairs = policyOf(policy);
  }

  protected override augmented(image: Shown, [height, width]: readonly [number, number]): Shown {
    const pair = this.#pairs[integer(0, this.#pairs.length)];
    const space = { ...spaceOf(10, usual(height, width, 1)), Invert: { values: null, isSigned: false } };
    return pair.reduce(
      (result, { name, p, step }) =>
        chance() <= Math.fround(p) ? this.change(result, space, name, () => step ?? 0) : result,
      image,
    );
  }

  protected override extraRepr(): string {
    return super
      .extraRepr()
      .replace(/policy=(\w+)/, (_, name: string) => `policy=AutoAugmentPolicy.${name.toUpperCase()}`);
  }
}

const ofRandAugment = signature(
  "RandAugment(int num_ops=2, int magnitude=9, int num_magnitude_bins=31, Interpolation interpolation='nearest', Any fill=None)",
);

/** Some random changes of the same strength. */
export class RandAugment extends Augmentation {
  readonly numOps: number;
  readonly magnitude: number;
  readonly numMagnitudeBins: number;

  /**
   * @param numOps how many changes
   * @param magnitude which step of their strengths
   * @param numMagnitudeBins how many steps there are
   * @param interpolation how values between pixels are found
   * @param fill what is outside, or that by the class of the image
   */
  constructor(...args: Arguments<typeof ofRandAugment, { fill: FillLike }>) {
    const given = ofRandAugment.bind(args);
    super(given);
    if (given.numOps < 0)
      throw new ValueError(`num_ops should be a non-negative integer, but got ${given.numOps} instead.`);
    this.numOps = given.numOps;
    this.magnitude = given.magnitude;
    this.numMagnitudeBins = given.numMagnitudeBins;
  }

  protected override augmented(image: Shown, [height, width]: readonly [number, number]): Shown {
    const space = { ...identity, ...spaceOf(this.numMagnitudeBins, usual(height, width, 1)) };
    let result = image;
    for (let i = 0; i < this.numOps; i++)
      result = this.change(result, space, anyOf(space), () => this.magnitude);
    return result;
  }
}

const ofTrivialAugment = signature(
  "TrivialAugmentWide(int num_magnitude_bins=31, Interpolation interpolation='nearest', Any fill=None)",
);

/** One random change of a random strength. */
export class TrivialAugmentWide extends Augmentation {
  readonly numMagnitudeBins: number;

  /**
   * @param numMagnitudeBins how many steps of strengths there are
   * @param interpolation how values between pixels are found
   * @param fill what is outside, or that by the class of the image
   */
  constructor(...args: Arguments<typeof ofTrivialAugment, { fill: FillLike }>) {
    const given = ofTrivialAugment.bind(args);
    super(given);
    this.numMagnitudeBins = given.numMagnitudeBins;
  }

  protected override augmented(image: Shown): Shown {
    const space = { ...identity, ...spaceOf(this.numMagnitudeBins, wide(1)) };
    return this.change(image, space, anyOf(space), () => integer(0, this.numMagnitudeBins));
  }
}

const ofAugMix = signature(
  "AugMix(int severity=3, int mixture_width=3, int chain_depth=-1, float alpha=1.0, bool all_ops=True, Interpolation interpolation='bilinear', Any fill=None)",
);

/** The steps of AugMix's strengths. */
const STEPS = 10;

/** Mixes an image with several that chains of random changes make of it. */
export class AugMix extends Augmentation {
  readonly severity: number;
  readonly mixtureWidth: number;
  readonly chainDepth: number;
  readonly alpha: number;
  readonly allOps: boolean;

  /**
   * @param severity how strong changes are at most, from 1 to 10
   * @param mixtureWidth how many chains there are
   * @param chainDepth how long they are; -1 draws it, up to 3
   * @param alpha the parameter of the distributions of the shares
   * @param allOps whether brightness, colour, contrast and sharpness change too
   * @param interpolation how values between pixels are found
   * @param fill what is outside, or that by the class of the image
   */
  constructor(...args: Arguments<typeof ofAugMix, { fill: FillLike }>) {
    const given = ofAugMix.bind(args);
    super(given);
    const { severity } = given;
    if (severity < 1 || severity > STEPS)
      throw new ValueError(`The severity must be between [1, ${STEPS}]. Got ${severity} instead.`);
    this.severity = severity;
    this.mixtureWidth = given.mixtureWidth;
    this.chainDepth = given.chainDepth;
    this.alpha = given.alpha;
    this.allOps = given.allOps;
  }

  protected override augmented(original: Shown, [height, width]: readonly [number, number]): Shown {
    const image = original instanceof Tensor ? asPlain(original) : valuesOf(original);
    const space = mixSpace(height, width, this.allOps, 1);
    const dims = original instanceof Video ? 5 : 4;
    const batch = image.reshape([
      ...new Array<number>(Math.max(dims - image.ndim, 0)).fill(1),
      ...image.shape,
    ]);
    const n = batch.shape[0];
    const shares = (count: number) =>
      sampleDirichlet(tensor(new Array<number>(count).fill(this.alpha)).float().expand([n, count]), null);
    const shape = [n, ...new Array<number>(batch.ndim - 1).fill(1)];
    const own = shares(2);
    const weights = shares(this.mixtureWidth).mul(own.narrow(1, 1, 1));
    let mix = own.narrow(1, 0, 1).reshape(shape).mul(batch);
    for (let i = 0; i < this.mixtureWidth; i++) {
      let chain: Shown = batch;
      for (let depth = this.chainDepth > 0 ? this.chainDepth : integer(1, 4); depth > 0; depth--)
        chain = this.change(chain, space, anyOf(space), () => integer(0, this.severity));
      mix = mix.add(
        weights
          .narrow(1, i, 1)
          .reshape(shape)
          .mul(chain as Tensor),
      );
    }
    const result = mix.reshape(image.shape).to(image.dtype);
    if (original instanceof TVTensor) return original.wrap(result);
    return original instanceof Tensor ? result : pictureOf(result, null);
  }
}
