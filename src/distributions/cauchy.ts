import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { positive, real } from './constraints/bounds.js';
import { Distribution, distributionClass } from './distribution.js';
import { blank, broadcastAll } from './utils.js';

const cauchy = signature('Cauchy(Value loc, Value scale, bool? validate_args=None)');

/** The Cauchy (Lorentz) distribution: that of the ratio of two normal numbers of mean 0. */
export class Cauchy extends Distribution {
  declare readonly loc: Tensor;
  declare readonly scale: Tensor;

  /**
   * @param loc the median, which is the mode
   * @param scale half the width at half the maximum
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof cauchy>) {
    const { validateArgs, ...given } = cauchy.bind(args, new.target.name);
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
    return this.full(Number.NaN);
  }

  override get mode(): Tensor {
    return this.loc;
  }

  override get variance(): Tensor {
    return this.full(Number.POSITIVE_INFINITY);
  }

  private full(value: number): Tensor {
    const { dtype, device } = this.loc;
    return ops.full(this.extendedShape(), value, { dtype, device });
  }

  override rsample(sampleShape: Shape = []): Tensor {
    const eps = blank(this.extendedShape(sampleShape), this.loc).cauchy_();
    return this.loc.add(eps.mul(this.scale));
  }

  override logProb(value: Tensor): Tensor {
    const x = this.checked(value);
    const distance = x.sub(this.loc).div(this.scale);
    return this.scale.log().rsub(-Math.log(Math.PI)).sub(distance.pow(2).log1p());
  }

  override cdf(value: Tensor): Tensor {
    const x = this.checked(value);
    return x.sub(this.loc).div(this.scale).atan().div(Math.PI).add(0.5);
  }

  override icdf(value: Tensor): Tensor {
    return value.sub(0.5).mul(Math.PI).tan().mul(this.scale).add(this.loc);
  }

  override entropy(): Tensor {
    return this.scale.log().add(Math.log(4 * Math.PI));
  }
}

distributionClass(Cauchy);
