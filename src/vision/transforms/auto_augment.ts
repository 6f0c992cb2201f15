/** Transforms that change images in ways drawn from a list. */
import { ValueError } from '../../core/errors.js';
import { formatBool, formatFloat } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takes } from '../../core/signature/takes.js';
import { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { sampleDirichlet } from '../../ops/distributions.js';
import { tensor } from '../../ops/from_data.js';
import { AutoAugmentPolicy, type PolicyStep, policyOf } from './augment_policies.js';
import { changed, drawn, type Fill, identity, mixSpace, spaceOf, usual, wide } from './augment_space.js';
import { PILToTensor } from './color.js';
import { modeOfValuesIn } from './colour_spaces.js';
import type { ImageLike } from './geometry.js';
import * as F from './image_functions.js';
import { dimensionsOf } from './image_size.js';
import {
  type InterpolationLike,
  type InterpolationMode,
  interpolationOf,
  memberName,
} from './interpolation_mode.js';
import { toImage } from './pictures.js';
import { type Portable, portable, Transform, travelsAs, tuple } from './transform.js';
import { integer } from './transform_draws.js';

/** A tensor takes one value for each channel. */
function fillFor(image: ImageLike, fill: Fill): Fill {
  const [channels] = dimensionsOf(image);
  return image instanceof Tensor && typeof fill === 'number' ? new Array<number>(channels).fill(fill) : fill;
}

function shown(fill: Fill): string {
  return fill === null ? 'None' : typeof fill === 'number' ? String(fill) : tuple(fill);
}

/** The base of the transforms here: how pixels are found, and what is outside. */
abstract class Augmentation extends Transform<ImageLike, ImageLike> {
  readonly interpolation: InterpolationMode;

  constructor(
    interpolation: InterpolationLike,
    readonly fill: Fill,
  ) {
    super();
    this.interpolation = interpolationOf(interpolation);
  }
}

const autoAugment = signature(
  "AutoAugment('imagenet'|'cifar10'|'svhn' policy='imagenet', Interpolation interpolation='nearest', float|float[]? fill=None)",
);

/** One of 25 learned pairs of changes, for images of bytes. */
export class AutoAugment extends Augmentation {
  readonly policy: AutoAugmentPolicy;
  private readonly pairs: readonly (readonly PolicyStep[])[];

  /**
   * @param policy the data set that the pairs were learned on
   * @param interpolation how values between pixels are found
   * @param fill what is outside, one value or one for each channel
   */
  constructor(...args: Arguments<typeof autoAugment>) {
    const { policy, interpolation, fill } = autoAugment.bind(args);
    super(interpolation as InterpolationLike, fill);
    if (!Object.values(AutoAugmentPolicy).includes(policy))
      throw new ValueError(`The provided policy ${policy} is not recognized.`);
    this.policy = policy;
    this.pairs = policyOf(policy);
  }

  /** Which of so many pairs is taken, and random numbers that decide for each of its changes whether it is made, and which way. */
  static getParams(transformNum: number): [policyId: number, probs: Tensor, signs: Tensor] {
    return [integer(0, transformNum), ops.rand([2]), ops.randint(0, 2, [2])];
  }

  forward(image: ImageLike): ImageLike {
    const fill = fillFor(image, this.fill);
    const [, height, width] = dimensionsOf(image);
    const [policy, probs, directions] = AutoAugment.getParams(this.pairs.length);
    const pair = this.pairs[policy];
    const chances = probs.tolist() as number[];
    const signs = directions.tolist() as number[];
    const space = spaceOf(10, usual(height, width));
    return pair.reduce((result, { name, p, step }, i) => {
      if (chances[i] > Math.fround(p)) return result;
      const magnitude = step === null ? 0 : space[name].values![step];
      const isNegative = step !== null && space[name].isSigned && signs[i] === 0;
      return changed(F, result, name, isNegative ? -magnitude : magnitude, this.interpolation, fill);
    }, image);
  }

  protected override describe(): string {
    return `(policy=AutoAugmentPolicy.${this.policy.toUpperCase()}, fill=${shown(this.fill)})`;
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('AutoAugment', [this.policy, this.interpolation, this.fill]);
  }
}
takes(AutoAugment.prototype, ['forward(Any img)']);

const randAugment = signature(
  "RandAugment(int num_ops=2, int magnitude=9, int num_magnitude_bins=31, Interpolation interpolation='nearest', float|float[]? fill=None)",
);

/** Some random changes of the same strength, for images of bytes. */
export class RandAugment extends Augmentation {
  readonly numOps: number;
  readonly magnitude: number;
  readonly numMagnitudeBins: number;

  /**
   * @param numOps how many changes
   * @param magnitude which step of their strengths
   * @param numMagnitudeBins how many steps there are
   * @param interpolation how values between pixels are found
   * @param fill what is outside, one value or one for each channel
   */
  constructor(...args: Arguments<typeof randAugment>) {
    const { numOps, magnitude, numMagnitudeBins, interpolation, fill } = randAugment.bind(args);
    super(interpolation as InterpolationLike, fill);
    this.numOps = numOps;
    this.magnitude = magnitude;
    this.numMagnitudeBins = numMagnitudeBins;
  }

  forward(image: ImageLike): ImageLike {
    const fill = fillFor(image, this.fill);
    const [, height, width] = dimensionsOf(image);
    const space = { ...identity, ...spaceOf(this.numMagnitudeBins, usual(height, width)) };
    let result = image;
    for (let i = 0; i < this.numOps; i++) {
      const [name, magnitude] = drawn(space, () => this.magnitude);
      result = changed(F, result, name, magnitude, this.interpolation, fill);
    }
    return result;
  }

  protected override describe(): string {
    const { numOps, magnitude, numMagnitudeBins, interpolation, fill } = this;
    return (
      `(num_ops=${numOps}, magnitude=${magnitude}, num_magnitude_bins=${numMagnitudeBins}, ` +
      `interpolation=${memberName(interpolation)}, fill=${shown(fill)})`
    );
  }

  /** @internal */
  [portable](): Portable {
    const { numOps, magnitude, numMagnitudeBins, interpolation, fill } = this;
    return travelsAs('RandAugment', [numOps, magnitude, numMagnitudeBins, interpolation, fill]);
  }
}
takes(RandAugment.prototype, ['forward(Any img)']);

const trivialAugment = signature(
  "TrivialAugmentWide(int num_magnitude_bins=31, Interpolation interpolation='nearest', float|float[]? fill=None)",
);

/** One random change of a random strength, for images of bytes. */
export class TrivialAugmentWide extends Augmentation {
  readonly numMagnitudeBins: number;

  /**
   * @param numMagnitudeBins how many steps of strengths there are
   * @param interpolation how values between pixels are found
   * @param fill what is outside, one value or one for each channel
   */
  constructor(...args: Arguments<typeof trivialAugment>) {
    const { numMagnitudeBins, interpolation, fill } = trivialAugment.bind(args);
    super(interpolation as InterpolationLike, fill);
    this.numMagnitudeBins = numMagnitudeBins;
  }

  forward(image: ImageLike): ImageLike {
    const fill = fillFor(image, this.fill);
    const space = { ...identity, ...spaceOf(this.numMagnitudeBins, wide()) };
    const [name, magnitude] = drawn(space, (steps) => integer(0, steps));
    return changed(F, image, name, magnitude, this.interpolation, fill);
  }

  protected override describe(): string {
    const { numMagnitudeBins, interpolation, fill } = this;
    return `(num_magnitude_bins=${numMagnitudeBins}, interpolation=${memberName(interpolation)}, fill=${shown(fill)})`;
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('TrivialAugmentWide', [this.numMagnitudeBins, this.interpolation, this.fill]);
  }
}
takes(TrivialAugmentWide.prototype, ['forward(Any img)']);

const augMix = signature(
  "AugMix(int severity=3, int mixture_width=3, int chain_depth=-1, float alpha=1.0, bool all_ops=True, Interpolation interpolation='bilinear', float|float[]? fill=None)",
);

/** The steps of AugMix's strengths. */
const STEPS = 10;

/** Mixes an image with several that chains of random changes make of it, for images of bytes. */
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
   * @param fill what is outside, one value or one for each channel
   */
  constructor(...args: Arguments<typeof augMix>) {
    const { severity, mixtureWidth, chainDepth, alpha, allOps, interpolation, fill } = augMix.bind(args);
    super(interpolation as InterpolationLike, fill);
    if (severity < 1 || severity > STEPS)
      throw new ValueError(`The severity must be between [1, ${STEPS}]. Got ${severity} instead.`);
    this.severity = severity;
    this.mixtureWidth = mixtureWidth;
    this.chainDepth = chainDepth;
    this.alpha = alpha;
    this.allOps = allOps;
  }

  forward(original: ImageLike): ImageLike {
    const fill = fillFor(original, this.fill);
    const [, height, width] = dimensionsOf(original);
    const image = original instanceof Tensor ? original : new PILToTensor().forward(original);
    const space = mixSpace(height, width, this.allOps);
    const batch = image.view([...new Array<number>(Math.max(4 - image.ndim, 0)).fill(1), ...image.shape]);
    const [n] = batch.shape;
    const shares = (count: number) =>
      sampleDirichlet(tensor(new Array<number>(count).fill(this.alpha)).float().expand([n, count]), null);
    const shape = [n, ...new Array<number>(batch.ndim - 1).fill(1)];
    const own = shares(2);
    const weights = shares(this.mixtureWidth).mul(own.narrow(1, 1, 1));
    let mix = own.narrow(1, 0, 1).view(shape).mul(batch);
    for (let i = 0; i < this.mixtureWidth; i++) {
      let chain = batch;
      for (let depth = this.chainDepth > 0 ? this.chainDepth : integer(1, 4); depth > 0; depth--) {
        const [name, magnitude] = drawn(space, () => integer(0, this.severity));
        chain = changed(F, chain, name, magnitude, this.interpolation, fill) as Tensor;
      }
      mix = mix.add(weights.narrow(1, i, 1).reshape(shape).mul(chain));
    }
    const result = mix.view(image.shape).to(image.dtype);
    return original instanceof Tensor ? result : toImage(result, modeOfValuesIn(original));
  }

  protected override describe(): string {
    const { severity, mixtureWidth, chainDepth, alpha, allOps, interpolation, fill } = this;
    return (
      `(severity=${severity}, mixture_width=${mixtureWidth}, chain_depth=${chainDepth}, alpha=${formatFloat(alpha)}, ` +
      `all_ops=${formatBool(allOps)}, interpolation=${memberName(interpolation)}, fill=${shown(fill)})`
    );
  }

  /** @internal */
  [portable](): Portable {
    const { severity, mixtureWidth, chainDepth, alpha, allOps, interpolation, fill } = this;
    return travelsAs('AugMix', [severity, mixtureWidth, chainDepth, alpha, allOps, interpolation, fill]);
  }
}
takes(AugMix.prototype, ['forward(Any img)']);
