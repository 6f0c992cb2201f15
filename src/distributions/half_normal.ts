import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { nonnegative, positive } from './constraints/bounds.js';
import type { Constraint } from './constraints/constraint.js';
import { distributionClass } from './distribution.js';
import { Normal } from './normal.js';
import { TransformedDistribution } from './transformed_distribution.js';
import { AbsTransform } from './transforms/elementwise.js';

const halfNormal = signature('HalfNormal(Value scale, bool? validate_args=None)');

/** The distribution of absolute values of numbers from the normal distribution, around 0. */
export class HalfNormal extends TransformedDistribution<Normal> {
  /**
   * @param scale the scale of the numbers
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof halfNormal>) {
    const { scale, validateArgs } = halfNormal.bind(args, new.target.name);
    super(new Normal(0, scale, false), new AbsTransform(), validateArgs);
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
    return this.scale.mul(Math.sqrt(2 / Math.PI));
  }

  override get mode(): Tensor {
    return this.scale.zerosLike();
  }

  override get variance(): Tensor {
    return this.scale.pow(2).mul(1 - 2 / Math.PI);
  }

  override logProb(value: Tensor): Tensor {
    const x = this.checked(value);
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

distributionClass(HalfNormal);
