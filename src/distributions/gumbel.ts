import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { finfo } from '../core/type_info.js';
import { positive, real } from './constraints/bounds.js';
import type { Constraint } from './constraints/constraint.js';
import { distributionClass } from './distribution.js';
import { TransformedDistribution } from './transformed_distribution.js';
import { AffineTransform } from './transforms/affine.js';
import { ExpTransform } from './transforms/elementwise.js';
import { Uniform } from './uniform.js';
import { broadcastAll, eulerConstant } from './utils.js';

const gumbel = signature('Gumbel(Value loc, Value scale, bool? validate_args=None)');

/** The Gumbel distribution. */
export class Gumbel extends TransformedDistribution<Uniform> {
  declare readonly loc: Tensor;
  declare readonly scale: Tensor;

  /**
   * @param loc the location: the mode
   * @param scale the scale
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof gumbel>) {
    const { validateArgs, ...given } = gumbel.bind(args, new.target.name);
    const [loc, scale] = broadcastAll(given.loc, given.scale);
    const { tiny, eps } = finfo(loc.dtype);
    super(
      new Uniform(loc.fullLike(tiny), loc.fullLike(1 - eps), validateArgs),
      [
        new ExpTransform().inv,
        new AffineTransform(0, scale.onesLike().neg()),
        new ExpTransform().inv,
        new AffineTransform(given.loc, scale.neg()),
      ],
      validateArgs,
      { loc, scale },
    );
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { loc: real, scale: positive };
  }

  override get support(): Constraint {
    return real;
  }

  override logProb(value: Tensor): Tensor {
    const y = this.loc.sub(this.checked(value)).div(this.scale);
    return y.sub(y.exp()).sub(this.scale.log());
  }

  override get mean(): Tensor {
    return this.loc.add(this.scale.mul(eulerConstant));
  }

  override get mode(): Tensor {
    return this.loc;
  }

  override get stddev(): Tensor {
    return this.scale.mul(Math.PI / Math.sqrt(6));
  }

  override get variance(): Tensor {
    return this.stddev.pow(2);
  }

  override entropy(): Tensor {
    return this.scale.log().add(1 + eulerConstant);
  }
}

distributionClass(Gumbel);
