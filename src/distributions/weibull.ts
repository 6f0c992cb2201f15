import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { positive } from './constraints/bounds.js';
import type { Constraint } from './constraints/constraint.js';
import { distributionClass } from './distribution.js';
import { Exponential } from './exponential_distribution.js';
import { TransformedDistribution } from './transformed_distribution.js';
import { AffineTransform } from './transforms/affine.js';
import type { Transform } from './transforms/base_transform.js';
import { PowerTransform } from './transforms/elementwise.js';
import { broadcastAll, eulerConstant } from './utils.js';

const weibull = signature('Weibull(Value scale, Value concentration, bool? validate_args=None)');

/** The Weibull distribution. */
export class Weibull extends TransformedDistribution<Exponential> {
  declare readonly scale: Tensor;
  declare readonly concentration: Tensor;

  /**
   * @param scale the scale (lambda)
   * @param concentration the shape (k)
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof weibull>) {
    const { validateArgs, ...given } = weibull.bind(args, new.target.name);
    const [scale, concentration] = broadcastAll(given.scale, given.concentration);
    super(new Exponential(scale.onesLike(), validateArgs), stretched(scale, concentration), validateArgs, {
      scale,
      concentration,
    });
  }

  override expand(batchShape: Shape): this {
    const transforms = stretched(this.scale.expand(batchShape), this.concentration.expand(batchShape));
    return this.expandedWith(batchShape, { baseDist: this.baseDist.expand(batchShape), transforms });
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { scale: positive, concentration: positive };
  }

  override get support(): Constraint {
    return positive;
  }

  override get mean(): Tensor {
    return this.scale.mul(this.logMoment(1).exp());
  }

  override get mode(): Tensor {
    const { scale, concentration } = this;
    return scale.mul(concentration.sub(1).div(concentration).pow(concentration.reciprocal()));
  }

  override get variance(): Tensor {
    return this.scale.pow(2).mul(this.logMoment(2).exp().sub(this.logMoment(1).mul(2).exp()));
  }

  /** The logarithm of the mean of the n-th power, for scale 1. */
  private logMoment(n: number): Tensor {
    return this.concentration.reciprocal().mul(n).add(1).lgamma();
  }

  override entropy(): Tensor {
    const inverse = this.concentration.reciprocal();
    return inverse.rsub(1).mul(eulerConstant).add(this.scale.mul(inverse).log()).add(1);
  }
}

function stretched(scale: Tensor, concentration: Tensor): Transform[] {
  return [new PowerTransform(concentration.reciprocal()), new AffineTransform(0, scale)];
}

distributionClass(Weibull);
