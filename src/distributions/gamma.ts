import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { standardGamma } from '../ops/distributions.js';
import { nonnegative, positive } from './constraints/bounds.js';
import type { Constraint } from './constraints/constraint.js';
import { distributionClass } from './distribution.js';
import { ExponentialFamily } from './exponential_family.js';
import { broadcastAll, tensorLike, tiny } from './utils.js';

const gamma = signature('Gamma(Value concentration, Value rate, bool? validate_args=None)');

/** The gamma distribution. */
export class Gamma extends ExponentialFamily {
  declare readonly concentration: Tensor;
  declare readonly rate: Tensor;

  /**
   * @param concentration the shape (alpha)
   * @param rate 1 / the scale (beta)
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof gamma>) {
    const { validateArgs, ...given } = gamma.bind(args, new.target.name);
    const [concentration, rate] = broadcastAll(given.concentration, given.rate);
    super(concentration.shape, [], validateArgs, { concentration, rate });
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { concentration: positive, rate: positive };
  }

  override get support(): Constraint {
    return nonnegative;
  }

  override get hasRsample(): boolean {
    return true;
  }

  override get mean(): Tensor {
    return this.concentration.div(this.rate);
  }

  override get mode(): Tensor {
    return this.concentration.sub(1).div(this.rate).clamp(0);
  }

  override get variance(): Tensor {
    return this.concentration.div(this.rate.pow(2));
  }

  override rsample(sampleShape: Shape = []): Tensor {
    const shape = this.extendedShape(sampleShape);
    const value = standardGamma(this.concentration.expand(shape), null).div(this.rate.expand(shape));
    // Gradients do not see it.
    value.data.clamp_(tiny(value.dtype));
    return value;
  }

  override logProb(value: Tensor): Tensor {
    const { concentration, rate } = this;
    const x = this.checked(tensorLike(value, rate));
    return concentration
      .xlogy(rate)
      .add(concentration.sub(1).xlogy(x))
      .sub(rate.mul(x))
      .sub(concentration.lgamma());
  }

  override cdf(value: Tensor): Tensor {
    const x = this.checked(value);
    return this.concentration.igamma(this.rate.mul(x));
  }

  override entropy(): Tensor {
    const { concentration, rate } = this;
    return concentration
      .sub(rate.log())
      .add(concentration.lgamma())
      .add(concentration.rsub(1).mul(concentration.digamma()));
  }

  /** @internal */
  override get naturalParams(): readonly Tensor[] {
    return [this.concentration.sub(1), this.rate.neg()];
  }

  /** @internal */
  override logNormalizer(x: Tensor, y: Tensor): Tensor {
    return x.add(1).lgamma().add(x.add(1).mul(y.reciprocal().neg().log()));
  }
}

distributionClass(Gamma);
