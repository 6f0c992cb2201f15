import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { positive, unitInterval } from './constraints/bounds.js';
import type { Constraint } from './constraints/constraint.js';
import { distributionClass } from './distribution.js';
import { TransformedDistribution } from './transformed_distribution.js';
import { AffineTransform } from './transforms/affine.js';
import { PowerTransform } from './transforms/elementwise.js';
import { Uniform } from './uniform.js';
import { broadcastAll, eulerConstant } from './utils.js';

const kumaraswamy = signature(
  'Kumaraswamy(Value concentration1, Value concentration0, bool? validate_args=None)',
);

/** The Kumaraswamy distribution: much like Beta, but simpler to compute. */
export class Kumaraswamy extends TransformedDistribution<Uniform> {
  declare readonly concentration1: Tensor;
  declare readonly concentration0: Tensor;

  /**
   * @param concentration1 the first concentration (alpha)
   * @param concentration0 the second concentration (beta)
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof kumaraswamy>) {
    const { validateArgs, ...given } = kumaraswamy.bind(args, new.target.name);
    const [concentration1, concentration0] = broadcastAll(given.concentration1, given.concentration0);
    super(
      new Uniform(concentration0.zerosLike(), concentration0.onesLike(), validateArgs),
      [
        new PowerTransform(concentration0.reciprocal()),
        new AffineTransform(1, -1),
        new PowerTransform(concentration1.reciprocal()),
      ],
      validateArgs,
      { concentration1, concentration0 },
    );
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { concentration1: positive, concentration0: positive };
  }

  override get support(): Constraint {
    return unitInterval;
  }

  override get mean(): Tensor {
    return this.moment(1);
  }

  override get mode(): Tensor {
    const { concentration1: a, concentration0: b } = this;
    const logMode = b.reciprocal().mul(b.neg().log1p()).sub(b.neg().mul(a).log1p());
    return logMode.maskedFill(b.lt(1).logicalOr(a.lt(1)), Number.NaN).exp();
  }

  override get variance(): Tensor {
    return this.moment(2).sub(this.mean.pow(2));
  }

  /** The mean of the n-th power. */
  private moment(n: number): Tensor {
    const { concentration1: a, concentration0: b } = this;
    const first = a.reciprocal().mul(n).add(1);
    return b.mul(first.lgamma().add(b.lgamma()).sub(first.add(b).lgamma()).exp());
  }

  override entropy(): Tensor {
    const { concentration1: a, concentration0: b } = this;
    const harmonic = b.add(1).digamma().add(eulerConstant);
    return b.reciprocal().rsub(1).add(a.reciprocal().rsub(1).mul(harmonic)).sub(a.log()).sub(b.log());
  }
}

distributionClass(Kumaraswamy);
