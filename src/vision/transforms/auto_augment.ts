/** Transforms that change images in ways drawn from a list. */
import { int32 } from '../../core/dtype.js';
import { ValueError } from '../../core/errors.js';
import { formatBool, formatFloat } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takes } from '../../core/signature/takes.js';
import { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { sampleDirichlet } from '../../ops/distributions.js';
import { tensor } from '../../ops/from_data.js';
import { AutoAugmentPolicy, type PolicyStep, policyOf } from './augment_policies.js';
import { PILToTensor } from './color.js';
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

/** The value outside images: one, or one for each channel; null is black. */
type Fill = number | readonly number[] | null;

/** How strong a change can be, step by step; null where it has no strength. A signed one goes in both directions. */
interface Magnitudes {
  readonly values: readonly number[] | null;
  readonly isSigned: boolean;
}
type Space = Readonly<Record<string, Magnitudes>>;

/** The limits of magnitudes, by what differs between the transforms here. */
interface Limits {
  readonly shear: number;
  readonly translate: readonly [x: number, y: number];
  readonly rotate: number;
  readonly color: number;
  readonly posterize: readonly [most: number, span: number];
}

function spaceOf(
  bins: number,
  { shear, translate, rotate, color, posterize }: Limits,
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
    Solarize: { values: line(255, 0), isSigned: false },
    AutoContrast: alone,
    Equalize: alone,
  };
}

const identity: Space = { Identity: { values: null, isSigned: false } };

/** The limits of AutoAugment and RandAugment. */
const usual = (height: number, width: number): Limits => ({
  shear: 0.3,
  translate: [(150 / 331) * width, (150 / 331) * height],
  rotate: 30,
  color: 0.9,
  posterize: [8, 4],
});

const degrees = (slope: number): number => Math.atan(slope) * (180 / Math.PI);

function changed(
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
function drawn(space: Space, step: (steps: number) => number): [name: string, magnitude: number] {
  const names = Object.keys(space);
  const name = names[integer(0, names.length)];
  const { values, isSigned } = space[name];
  const magnitude = values === null ? 0 : values[step(values.length)];
  return [name, isSigned && integer(0, 2) === 1 ? -magnitude : magnitude];
}

/** A tensor takes one value for each channel. */
function fillFor(image: ImageLike, fill: Fill): Fill {
  const [channels] = dimensionsOf(image);
  return image instanceof Tensor && typeof fill === 'number' ? new Array<number>(channels).fill(fill) : fill;
}

function shown(fill: Fill): string {
  return fill === null ? 'None' : typeof fill === 'number' ? String(fill) : tuple(fill);
}

/** What the transforms here share: how pixels are found, and what is outside. */
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

  forward(image: ImageLike): ImageLike {
    const fill = fillFor(image, this.fill);
    const [, height, width] = dimensionsOf(image);
    const pair = this.pairs[integer(0, this.pairs.length)];
    const chances = ops.rand([2]).tolist() as number[];
    const signs = ops.randint(0, 2, [2]).tolist() as number[];
    const space = spaceOf(10, usual(height, width));
    return pair.reduce((result, { name, p, step }, i) => {
      if (chances[i] > Math.fround(p)) return result;
      const magnitude = step === null ? 0 : space[name].values![step];
      const isNegative = step !== null && space[name].isSigned && signs[i] === 0;
      return changed(result, name, isNegative ? -magnitude : magnitude, this.interpolation, fill);
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
      result = changed(result, name, magnitude, this.interpolation, fill);
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
    const limits: Limits = { shear: 0.99, translate: [32, 32], rotate: 135, color: 0.99, posterize: [8, 6] };
    const space = { ...identity, ...spaceOf(this.numMagnitudeBins, limits) };
    const [name, magnitude] = drawn(space, (steps) => integer(0, steps));
    return changed(image, name, magnitude, this.interpolation, fill);
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

  private space(height: number, width: number): Space {
    const limits: Limits = {
      shear: 0.3,
      translate: [width / 3, height / 3],
      rotate: 30,
      color: 0.9,
      posterize: [4, 4],
    };
    const { Brightness, Color, Contrast, Sharpness, ...rest } = spaceOf(STEPS, limits);
    return this.allOps ? { ...rest, Brightness, Color, Contrast, Sharpness } : rest;
  }

  forward(original: ImageLike): ImageLike {
    const fill = fillFor(original, this.fill);
    const [, height, width] = dimensionsOf(original);
    const image = original instanceof Tensor ? original : new PILToTensor().forward(original);
    const space = this.space(height, width);
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
        chain = changed(chain, name, magnitude, this.interpolation, fill) as Tensor;
      }
      mix = mix.add(weights.narrow(1, i, 1).reshape(shape).mul(chain));
    }
    const result = mix.view(image.shape).to(image.dtype);
    return original instanceof Tensor ? result : toImage(result, original.mode);
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
