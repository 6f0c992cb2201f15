import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { nonnegative, positive } from './constraints/bounds.js';
import { distributionClass } from './distribution.js';
import { ExponentialFamily } from './exponential_family.js';
import { blank, broadcastAll } from './utils.js';

const exponential = signature('Exponential(Value rate, bool? validate_args=None)');

/** The exponential distribution. */
export class Exponential extends ExponentialFamily {
  declare readonly rate: Tensor;

  /**
   * @param rate 1 / the mean
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof exponential>) {
    const { validateArgs, ...given } = exponential.bind(args, new.target.name);
    const [rate] = broadcastAll(given.rate);
    super(rate.shape, [], validateArgs, { rate });
  }

  override get argConstraints() {
    return { rate: positive };
  }

  override get support() {
    return nonnegative;
  }

  override get hasRsample(): boolean {
    return true;
  }

  override get mean(): Tensor {
    return this.rate.reciprocal();
  }

  override get mode(): Tensor {
    return this.rate.zerosLike();
  }

  override get stddev(): Tensor {
    return this.rate.reciprocal();
  }

  override get variance(): Tensor {
    return this.rate.pow(-2);
  }

  override rsample(sampleShape: Shape = []): Tensor {
    return blank(this.extendedShape(sampleShape), this.rate).exponential_().div(this.rate);
  }

  override logProb(value: Tensor): Tensor {
    const x = this.checked(value);
    return this.rate.log().sub(this.rate.mul(x));
  }

  override cdf(value: Tensor): Tensor {
    const x = this.checked(value);
    return this.rate.neg().mul(x).exp().rsub(1);
  }

  override icdf(value: Tensor): Tensor {
    return value.neg().log1p().neg().div(this.rate);
  }

  override entropy(): Tensor {
    return this.rate.log().rsub(1);
  }

  /** @internal */
  override get naturalParams(): readonly Tensor[] {
    return [this.rate.neg()];
  }

  /** @internal */
  override logNormalizer(x: Tensor): Tensor {
    return x.neg().log().neg();
  }

  protected override get meanCarrierMeasure(): number {
    return 0;
  }
}

distributionClass(Exponential);
