/** Transforms that change an image with a probability. */
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takes } from '../../core/signature/takes.js';
import type { ImageLike } from './geometry.js';
import {
  adjustSharpness,
  autocontrast,
  equalize,
  invert,
  posterize,
  rgbToGrayscale,
  solarize,
} from './image_functions.js';
import { dimensionsOf } from './image_size.js';
import { type Portable, portable, Transform, travelsAs } from './transform.js';
import { chance } from './transform_draws.js';

/** Changes an image with probability `p`. */
export abstract class RandomChange extends Transform<ImageLike, ImageLike> {
  constructor(
    /** The probability of it. */
    readonly p: number,
    /** Further arguments of the constructor, by PyTorch's names. */
    private readonly settings: Readonly<Record<string, number>> = {},
  ) {
    super();
  }

  protected abstract changed(image: ImageLike): ImageLike;

  forward(image: ImageLike): ImageLike {
    return chance() < this.p ? this.changed(image) : image;
  }

  protected override describe(): string {
    const settings = Object.entries(this.settings).map(([name, value]) => `${name}=${value},`);
    return `(${settings.join('')}p=${this.p})`;
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs(this.constructor.name, [...Object.values(this.settings), this.p]);
  }
}
takes(RandomChange.prototype, ['forward(Any img)']);

const ofGrayscale = signature('RandomGrayscale(float p=0.1)');

/** Makes images grey, with as many channels as they had. */
export class RandomGrayscale extends RandomChange {
  /** @param p the probability of it */
  constructor(...args: Arguments<typeof ofGrayscale>) {
    super(ofGrayscale.bind(args).p);
  }

  override forward(image: ImageLike): ImageLike {
    dimensionsOf(image);
    return super.forward(image);
  }

  protected override changed(image: ImageLike): ImageLike {
    return rgbToGrayscale(image, dimensionsOf(image)[0]);
  }
}
takes(RandomGrayscale.prototype, ['forward(Any img)']);

const ofInvert = signature('RandomInvert(float p=0.5)');

/** Makes negatives. */
export class RandomInvert extends RandomChange {
  /** @param p the probability of it */
  constructor(...args: Arguments<typeof ofInvert>) {
    super(ofInvert.bind(args).p);
  }

  protected override changed(image: ImageLike): ImageLike {
    return invert(image);
  }
}

const ofPosterize = signature('RandomPosterize(int bits, float p=0.5)');

/** Keeps some bits of each value. */
export class RandomPosterize extends RandomChange {
  readonly bits: number;

  /**
   * @param bits how many bits are kept
   * @param p the probability of it
   */
  constructor(...args: Arguments<typeof ofPosterize>) {
    const { bits, p } = ofPosterize.bind(args);
    super(p, { bits });
    this.bits = bits;
  }

  protected override changed(image: ImageLike): ImageLike {
    return posterize(image, this.bits);
  }
}

const ofSolarize = signature('RandomSolarize(float threshold, float p=0.5)');

/** Inverts values from a threshold on. */
export class RandomSolarize extends RandomChange {
  readonly threshold: number;

  /**
   * @param threshold the first value that is inverted
   * @param p the probability of it
   */
  constructor(...args: Arguments<typeof ofSolarize>) {
    const { threshold, p } = ofSolarize.bind(args);
    super(p, { threshold });
    this.threshold = threshold;
  }

  protected override changed(image: ImageLike): ImageLike {
    return solarize(image, this.threshold);
  }
}

const ofSharpness = signature('RandomAdjustSharpness(float sharpness_factor, float p=0.5)');

/** Makes images sharper or blurs them. */
export class RandomAdjustSharpness extends RandomChange {
  readonly sharpnessFactor: number;

  /**
   * @param sharpnessFactor how sharp: 0 is blurred, 1 as it is, 2 sharper
   * @param p the probability of it
   */
  constructor(...args: Arguments<typeof ofSharpness>) {
    const { sharpnessFactor, p } = ofSharpness.bind(args);
    super(p, { sharpness_factor: sharpnessFactor });
    this.sharpnessFactor = sharpnessFactor;
  }

  protected override changed(image: ImageLike): ImageLike {
    return adjustSharpness(image, this.sharpnessFactor);
  }
}

const ofAutocontrast = signature('RandomAutocontrast(float p=0.5)');

/** Stretches the values of each channel from black to white. */
export class RandomAutocontrast extends RandomChange {
  /** @param p the probability of it */
  constructor(...args: Arguments<typeof ofAutocontrast>) {
    super(ofAutocontrast.bind(args).p);
  }

  protected override changed(image: ImageLike): ImageLike {
    return autocontrast(image);
  }
}

const ofEqualize = signature('RandomEqualize(float p=0.5)');

/** Makes all values about equally frequent. */
export class RandomEqualize extends RandomChange {
  /** @param p the probability of it */
  constructor(...args: Arguments<typeof ofEqualize>) {
    super(ofEqualize.bind(args).p);
  }

  protected override changed(image: ImageLike): ImageLike {
    return equalize(image);
  }
}
