/** Transforms of samples that change the colours of their images and videos. */
import { type Arguments, signature } from '../../../core/signature/signature.js';
import { ops } from '../../../dispatch/registry.js';
import { type FactorRange, factorRange } from '../color_jitter.js';
import { chance, uniform } from '../transform_draws.js';
import * as F from './functional/color_functions.js';
import { callKernel } from './functional/kernels_by_class.js';
import { type Params, RandomApplyTransform, type Settings, Transform } from './sample_transform.js';
import { queryChw } from './samples.js';

const ofGrayscale = signature('Grayscale(int num_output_channels=1)');

/** Grey by the weights of ITU-R 601-2, in one channel or three that are alike. */
export class Grayscale extends Transform {
  readonly numOutputChannels: number;

  /** @param numOutputChannels 1, or 3 that are alike */
  constructor(...args: Arguments<typeof ofGrayscale>) {
    const given = ofGrayscale.bind(args);
    super(given);
    this.numOutputChannels = given.numOutputChannels;
  }

  protected override transform(input: unknown): unknown {
    return callKernel(F.rgbToGrayscale, input, { numOutputChannels: this.numOutputChannels });
  }
}

const ofRandomGrayscale = signature('RandomGrayscale(float p=0.1)');

/** Makes images grey with probability p, with as many channels as they had. */
export class RandomGrayscale extends RandomApplyTransform {
  /** @param p the probability of it */
  constructor(...args: Arguments<typeof ofRandomGrayscale>) {
    super(ofRandomGrayscale.bind(args));
  }

  protected override makeParams(parts: readonly unknown[]): Params {
    return { numOutputChannels: queryChw(parts)[0] };
  }

  protected override transform(input: unknown, params: Params): unknown {
    return callKernel(F.rgbToGrayscale, input, params);
  }
}

const ofRgb = signature('RGB()');

/** Gives images colours: grey ones get three channels that are alike. */
export class RGB extends Transform {
  constructor(...args: Arguments<typeof ofRgb>) {
    super(ofRgb.bind(args));
  }

  protected override transform(input: unknown): unknown {
    return callKernel(F.grayscaleToRgb, input);
  }
}

const ofColorJitter = signature(
  'ColorJitter(float|float[]? brightness=None, float|float[]? contrast=None, float|float[]? saturation=None, float|float[]? hue=None)',
);

/** A random factor of a range. */
const factorOf = (range: FactorRange): number | null => (range === null ? null : uniform(range[0], range[1]));

/** Changes brightness, contrast, saturation and hue by random factors, in a random order. */
export class ColorJitter extends Transform {
  readonly brightness: FactorRange;
  readonly contrast: FactorRange;
  readonly saturation: FactorRange;
  readonly hue: FactorRange;

  /**
   * @param brightness how far the factor may be from 1, or [least, largest]
   * @param contrast the same for the contrast
   * @param saturation the same for the saturation
   * @param hue how far the hue may be moved, at most 0.5, or [least, largest]
   */
  constructor(...args: Arguments<typeof ofColorJitter>) {
    const given = ofColorJitter.bind(args);
    super(given);
    this.brightness = jitterRange(given.brightness, 'brightness');
    this.contrast = jitterRange(given.contrast, 'contrast');
    this.saturation = jitterRange(given.saturation, 'saturation');
    this.hue = jitterRange(given.hue, 'hue');
  }

  protected override makeParams(): Params {
    const order = ops.randperm(4).tolist() as number[];
    const ranges = [this.brightness, this.contrast, this.saturation, this.hue];
    return { order, factors: ranges.map(factorOf) };
  }

  protected override transform(input: unknown, params: Params): unknown {
    const { order, factors } = params as { order: number[]; factors: (number | null)[] };
    return order.reduce((output, i) => changedBy(i, output, factors[i]), input);
  }
}

function jitterRange(value: number | readonly number[] | null, name: string): FactorRange {
  if (value === null) return null;
  const range = factorRange(value, name, true);
  return range === null ? null : (Object.freeze([...range]) as unknown as FactorRange);
}

/** Changes brightness (0), contrast (1), saturation (2) or hue (3); null leaves them. */
function changedBy(which: number, input: unknown, factor: number | null): unknown {
  if (factor === null) return input;
  switch (which) {
    case 0:
      return callKernel(F.adjustBrightness, input, { brightnessFactor: factor });
    case 1:
      return callKernel(F.adjustContrast, input, { contrastFactor: factor });
    case 2:
      return callKernel(F.adjustSaturation, input, { saturationFactor: factor });
    default:
      return callKernel(F.adjustHue, input, { hueFactor: factor });
  }
}

const ofPermutation = signature('RandomChannelPermutation()');

/** Puts channels in a random order. */
export class RandomChannelPermutation extends Transform {
  constructor(...args: Arguments<typeof ofPermutation>) {
    super(ofPermutation.bind(args));
  }

  protected override makeParams(parts: readonly unknown[]): Params {
    return { permutation: ops.randperm(queryChw(parts)[0]).tolist() };
  }

  protected override transform(input: unknown, params: Params): unknown {
    return callKernel(F.permuteChannels, input, params);
  }
}

const ofDistortion = signature(
  'RandomPhotometricDistort(float[] brightness=[0.875,1.125], float[] contrast=[0.5,1.5], float[] saturation=[0.5,1.5], float[] hue=[-0.05,0.05], float p=0.5)',
);

/** Changes brightness, contrast, saturation, hue and the order of channels, each with probability p, as SSD was trained. */
export class RandomPhotometricDistort extends Transform {
  readonly brightness: readonly number[];
  readonly contrast: readonly number[];
  readonly hue: readonly number[];
  readonly saturation: readonly number[];
  readonly p: number;

  /**
   * @param brightness the least and the largest factor of the brightness
   * @param contrast the same for the contrast
   * @param saturation the same for the saturation
   * @param hue the same for the hue
   * @param p the probability of each change
   */
  constructor(...args: Arguments<typeof ofDistortion>) {
    const given = ofDistortion.bind(args);
    super(given);
    this.brightness = Object.freeze([...given.brightness]);
    this.contrast = Object.freeze([...given.contrast]);
    this.hue = Object.freeze([...given.hue]);
    this.saturation = Object.freeze([...given.saturation]);
    this.p = given.p;
  }

  protected override makeParams(parts: readonly unknown[]): Params {
    const [channels] = queryChw(parts);
    const factors = [this.brightness, this.contrast, this.saturation, this.hue].map(([least, most]) =>
      chance() < this.p ? uniform(least, most) : null,
    );
    const contrastBefore = chance() < 0.5;
    const permutation = chance() < this.p ? ops.randperm(channels).tolist() : null;
    return { factors, contrastBefore, permutation };
  }

  protected override transform(input: unknown, params: Params): unknown {
    const { factors, contrastBefore } = params as { factors: (number | null)[]; contrastBefore: boolean };
    const order = contrastBefore ? [0, 1, 2, 3] : [0, 2, 3, 1];
    const output = order.reduce((image, i) => changedBy(i, image, factors[i]), input);
    const { permutation } = params;
    return permutation === null ? output : callKernel(F.permuteChannels, output, { permutation });
  }
}

/** Changes colours with probability `p`, by one of the functions. */
abstract class RandomColor extends RandomApplyTransform {
  readonly #functional: (...args: never[]) => unknown;
  readonly #options: Readonly<Record<string, unknown>>;

  constructor(settings: Settings & { readonly p: number }, functional: (...args: never[]) => unknown) {
    super(settings);
    this.#functional = functional;
    this.#options = Object.fromEntries(Object.entries(settings).filter(([name]) => name !== 'p'));
    Object.assign(this, this.#options);
  }

  protected override transform(input: unknown): unknown {
    return callKernel(this.#functional, input, this.#options);
  }
}

const ofEqualize = signature('RandomEqualize(float p=0.5)');

/** Makes all values about equally frequent, with probability p. */
export class RandomEqualize extends RandomColor {
  /** @param p the probability of it */
  constructor(...args: Arguments<typeof ofEqualize>) {
    super(ofEqualize.bind(args), F.equalize);
  }
}

const ofInvert = signature('RandomInvert(float p=0.5)');

/** Makes negatives, with probability p. */
export class RandomInvert extends RandomColor {
  /** @param p the probability of it */
  constructor(...args: Arguments<typeof ofInvert>) {
    super(ofInvert.bind(args), F.invert);
  }
}

const ofAutocontrast = signature('RandomAutocontrast(float p=0.5)');

/** Stretches the values of each channel from black to white, with probability p. */
export class RandomAutocontrast extends RandomColor {
  /** @param p the probability of it */
  constructor(...args: Arguments<typeof ofAutocontrast>) {
    super(ofAutocontrast.bind(args), F.autocontrast);
  }
}

const ofPosterize = signature('RandomPosterize(int bits, float p=0.5)');

/** Keeps some bits of each value, with probability p. */
export class RandomPosterize extends RandomColor {
  declare readonly bits: number;

  /**
   * @param bits how many bits are kept
   * @param p the probability of it
   */
  constructor(...args: Arguments<typeof ofPosterize>) {
    super(ofPosterize.bind(args), F.posterize);
  }
}

const ofSolarize = signature('RandomSolarize(float threshold, float p=0.5)');

/** Inverts values from a threshold on, with probability p. */
export class RandomSolarize extends RandomColor {
  declare readonly threshold: number;

  /**
   * @param threshold the first value that is inverted
   * @param p the probability of it
   */
  constructor(...args: Arguments<typeof ofSolarize>) {
    super(ofSolarize.bind(args), F.solarize);
  }
}

const ofSharpness = signature('RandomAdjustSharpness(float sharpness_factor, float p=0.5)');

/** Makes images sharper or blurs them, with probability p. */
export class RandomAdjustSharpness extends RandomColor {
  declare readonly sharpnessFactor: number;

  /**
   * @param sharpnessFactor how sharp: 0 is blurred, 1 as it is, 2 sharper
   * @param p the probability of it
   */
  constructor(...args: Arguments<typeof ofSharpness>) {
    super(ofSharpness.bind(args), F.adjustSharpness);
  }
}
