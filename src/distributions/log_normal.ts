import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { positive, real } from './constraints/bounds.js';
import type { Constraint } from './constraints/constraint.js';
import { distributionClass } from './distribution.js';
import { Normal } from './normal.js';
import { TransformedDistribution } from './transformed_distribution.js';
import { ExpTransform } from './transforms/elementwise.js';

const logNormal = signature('LogNormal(Value loc, Value scale, bool? validate_args=None)');

/** The distribution of numbers whose logarithm is normal. */
export class LogNormal extends TransformedDistribution<Normal> {
  /**
   * @param loc the mean of the logarithm
   * @param scale the standard deviation of the logarithm
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof logNormal>) {
    const { loc, scale, validateArgs } = logNormal.bind(args, new.target.name);
    super(new Normal(loc, scale, validateArgs), new ExpTransform(), validateArgs);
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { loc: real, scale: positive };
  }

  override get support(): Constraint {
    return positive;
  }

  /** The mean of the logarithm. */
  get loc(): Tensor {
    return this.baseDist.loc;
  }

  /** The standard deviation of the logarithm. */
  get scale(): Tensor {
    return this.baseDist.scale;
  }

  override get mean(): Tensor {
    return this.loc.add(this.scale.pow(2).div(2)).exp();
  }

  override get mode(): Tensor {
    return this.loc.sub(this.scale.square()).exp();
  }

  override get variance(): Tensor {
    const square = this.scale.pow(2);
    return square.expm1().mul(this.loc.mul(2).add(square).exp());
  }

  override entropy(): Tensor {
    return this.baseDist.entropy().add(this.loc);
  }
}

distributionClass(LogNormal);
