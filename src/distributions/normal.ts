import { noGradSync } from '../autograd/modes.js';
import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { positive, real } from './constraints/bounds.js';
import { distributionClass } from './distribution.js';
import { ExponentialFamily } from './exponential_family.js';
import { broadcastAll, standardNormal } from './utils.js';

const normal = signature('Normal(Value loc, Value scale, bool? validate_args=None)');

/**
 * The normal (Gaussian) distribution.
 *
 * @example
 * new torch.distributions.Normal(0, 1).sample([2]); // two numbers, of mean 0 and standard deviation 1
 */
export class Normal extends ExponentialFamily {
  declare readonly loc: Tensor;
  declare readonly scale: Tensor;

  /**
   * @param loc the mean
   * @param scale the standard deviation
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof normal>) {
    const { validateArgs, ...given } = normal.bind(args, new.target.name);
    const [loc, scale] = broadcastAll(given.loc, given.scale);
    super(loc.shape, [], validateArgs, { loc, scale });
  }

  override get argConstraints() {
    return { loc: real, scale: positive };
  }

  override get support() {
    return real;
  }

  override get hasRsample(): boolean {
    return true;
  }

  override get mean(): Tensor {
    return this.loc;
  }

  override get mode(): Tensor {
    return this.loc;
  }

  override get stddev(): Tensor {
    return this.scale;
  }

  override get variance(): Tensor {
    return this.stddev.pow(2);
  }

  override sample(sampleShape: Shape = []): Tensor {
    const shape = this.extendedShape(sampleShape);
    return noGradSync(() => ops.normal(this.loc.expand(shape), this.scale.expand(shape)));
  }

  override rsample(sampleShape: Shape = []): Tensor {
    const eps = standardNormal(this.extendedShape(sampleShape), this.loc);
    return this.loc.add(eps.mul(this.scale));
  }

  override logProb(value: Tensor): Tensor {
    const x = this.checked(value);
    const variance = this.scale.pow(2);
    return x
      .sub(this.loc)
      .pow(2)
      .neg()
      .div(variance.mul(2))
      .sub(this.scale.log())
      .sub(Math.log(Math.sqrt(2 * Math.PI)));
  }

  override cdf(value: Tensor): Tensor {
    const x = this.checked(value);
    return x.sub(this.loc).mul(this.scale.reciprocal()).div(Math.SQRT2).erf().add(1).mul(0.5);
  }

  override icdf(value: Tensor): Tensor {
    return this.loc.add(this.scale.mul(value.mul(2).sub(1).erfinv()).mul(Math.SQRT2));
  }

  override entropy(): Tensor {
    return this.scale.log().add(0.5 + 0.5 * Math.log(2 * Math.PI));
  }

  /** @internal */
  override get naturalParams(): readonly Tensor[] {
    return [this.loc.div(this.scale.pow(2)), this.scale.pow(2).reciprocal().mul(-0.5)];
  }

  /** @internal */
  override logNormalizer(x: Tensor, y: Tensor): Tensor {
    return x.pow(2).mul(-0.25).div(y).add(y.reciprocal().mul(-Math.PI).log().mul(0.5));
  }
}

distributionClass(Normal);
