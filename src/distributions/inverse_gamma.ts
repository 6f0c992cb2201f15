import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { positive } from './constraints/bounds.js';
import type { Constraint } from './constraints/constraint.js';
import { distributionClass } from './distribution.js';
import { Gamma } from './gamma.js';
import { TransformedDistribution } from './transformed_distribution.js';
import { PowerTransform } from './transforms/elementwise.js';

const inverseGamma = signature('InverseGamma(Value concentration, Value rate, bool? validate_args=None)');

/** The distribution of reciprocals of gamma numbers. */
export class InverseGamma extends TransformedDistribution<Gamma> {
  /**
   * @param concentration the shape (alpha)
   * @param rate the scale: the rate of the gamma distribution (beta)
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof inverseGamma>) {
    const { concentration, rate, validateArgs } = inverseGamma.bind(args, new.target.name);
    const base = new Gamma(concentration, rate, validateArgs);
    super(base, new PowerTransform(base.rate.newOnes([]).neg()), validateArgs);
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { concentration: positive, rate: positive };
  }

  override get support(): Constraint {
    return positive;
  }

  override get hasRsample(): boolean {
    return true;
  }

  /** The shape. */
  get concentration(): Tensor {
    return this.baseDist.concentration;
  }

  /** The rate of the gamma distribution. */
  get rate(): Tensor {
    return this.baseDist.rate;
  }

  override get mean(): Tensor {
    const { concentration, rate } = this;
    return rate.div(concentration.sub(1)).where(concentration.gt(1), Number.POSITIVE_INFINITY);
  }

  override get mode(): Tensor {
    return this.rate.div(this.concentration.add(1));
  }

  override get variance(): Tensor {
    const { concentration, rate } = this;
    const finite = rate.square().div(concentration.sub(1).square().mul(concentration.sub(2)));
    return finite.where(concentration.gt(2), Number.POSITIVE_INFINITY);
  }

  override entropy(): Tensor {
    const { concentration, rate } = this;
    return concentration
      .add(rate.log())
      .add(concentration.lgamma())
      .sub(concentration.add(1).mul(concentration.digamma()));
  }
}

distributionClass(InverseGamma);
