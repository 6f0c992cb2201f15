import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import type { GreaterThanEq } from './constraints/bounds.js';
import { greaterThanEq, positive } from './constraints/bounds.js';
import type { Constraint } from './constraints/constraint.js';
import { distributionClass } from './distribution.js';
import { Exponential } from './exponential_distribution.js';
import { TransformedDistribution } from './transformed_distribution.js';
import { AffineTransform } from './transforms/affine.js';
import { ExpTransform } from './transforms/elementwise.js';
import { broadcastAll } from './utils.js';

const pareto = signature('Pareto(Value scale, Value alpha, bool? validate_args=None)');

/** The Pareto distribution of type 1. */
export class Pareto extends TransformedDistribution<Exponential> {
  declare readonly scale: Tensor;
  declare readonly alpha: Tensor;

  /**
   * @param scale the least value
   * @param alpha the exponent of the tail
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof pareto>) {
    const { validateArgs, ...given } = pareto.bind(args, new.target.name);
    const [scale, alpha] = broadcastAll(given.scale, given.alpha);
    super(
      new Exponential(alpha, validateArgs),
      [new ExpTransform(), new AffineTransform(0, scale)],
      validateArgs,
      { scale, alpha },
    );
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { alpha: positive, scale: positive };
  }

  override get support(): GreaterThanEq {
    return greaterThanEq(this.scale);
  }

  override get mean(): Tensor {
    const a = this.alpha.clamp(1);
    return a.mul(this.scale).div(a.sub(1));
  }

  override get mode(): Tensor {
    return this.scale;
  }

  override get variance(): Tensor {
    const a = this.alpha.clamp(2);
    return this.scale
      .pow(2)
      .mul(a)
      .div(a.sub(1).pow(2).mul(a.sub(2)));
  }

  override entropy(): Tensor {
    return this.scale.div(this.alpha).log().add(this.alpha.reciprocal().add(1));
  }
}

distributionClass(Pareto);
