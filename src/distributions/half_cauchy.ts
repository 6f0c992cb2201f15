import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { Cauchy } from './cauchy.js';
import { nonnegative, positive } from './constraints/bounds.js';
import type { Constraint } from './constraints/constraint.js';
import { distributionClass } from './distribution.js';
import { TransformedDistribution } from './transformed_distribution.js';
import { AbsTransform } from './transforms/elementwise.js';

const halfCauchy = signature('HalfCauchy(Value scale, bool? validate_args=None)');

/** The distribution of absolute values of numbers from the Cauchy distribution, around 0. */
export class HalfCauchy extends TransformedDistribution<Cauchy> {
  /**
   * @param scale the scale of the numbers
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof halfCauchy>) {
    const { scale, validateArgs } = halfCauchy.bind(args, new.target.name);
    super(new Cauchy(0, scale, false), new AbsTransform(), validateArgs);
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { scale: positive };
  }

  override get support(): Constraint {
    return nonnegative;
  }

  override get hasRsample(): boolean {
    return true;
  }

  /** The scale of the numbers. */
  get scale(): Tensor {
    return this.baseDist.scale;
  }

  override get mean(): Tensor {
    return this.scale.fullLike(Number.POSITIVE_INFINITY);
  }

  override get mode(): Tensor {
    return this.scale.zerosLike();
  }

  override get variance(): Tensor {
    return this.baseDist.variance;
  }

  override logProb(value: Tensor): Tensor {
    const x = this.checked(value).to(this.scale);
    return this.baseDist.logProb(x).add(Math.LN2).where(x.ge(0), Number.NEGATIVE_INFINITY);
  }

  override cdf(value: Tensor): Tensor {
    return this.baseDist.cdf(this.checked(value)).mul(2).sub(1);
  }

  override icdf(value: Tensor): Tensor {
    return this.baseDist.icdf(value.add(1).div(2));
  }

  override entropy(): Tensor {
    return this.baseDist.entropy().sub(Math.LN2);
  }
}

distributionClass(HalfCauchy);
