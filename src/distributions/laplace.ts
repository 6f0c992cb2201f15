import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { finfo } from '../core/type_info.js';
import { positive, real } from './constraints/bounds.js';
import { Distribution, distributionClass } from './distribution.js';
import { blank, broadcastAll } from './utils.js';

const laplace = signature('Laplace(Value loc, Value scale, bool? validate_args=None)');

/** The Laplace distribution. */
export class Laplace extends Distribution {
  declare readonly loc: Tensor;
  declare readonly scale: Tensor;

  /**
   * @param loc the mean
   * @param scale the scale
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof laplace>) {
    const { validateArgs, ...given } = laplace.bind(args, new.target.name);
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

  override get variance(): Tensor {
    return this.scale.pow(2).mul(2);
  }

  override get stddev(): Tensor {
    return this.scale.mul(Math.SQRT2);
  }

  override rsample(sampleShape: Shape = []): Tensor {
    const { eps } = finfo(this.loc.dtype);
    const u = blank(this.extendedShape(sampleShape), this.loc).uniform_(eps - 1, 1);
    return this.loc.sub(this.scale.mul(u.sign()).mul(u.abs().neg().log1p()));
  }

  override logProb(value: Tensor): Tensor {
    const x = this.checked(value);
    return this.scale.mul(2).log().neg().sub(x.sub(this.loc).abs().div(this.scale));
  }

  override cdf(value: Tensor): Tensor {
    const x = this.checked(value).sub(this.loc);
    return x.sign().mul(0.5).mul(x.abs().neg().div(this.scale).expm1()).rsub(0.5);
  }

  override icdf(value: Tensor): Tensor {
    const term = value.sub(0.5);
    return this.loc.sub(this.scale.mul(term.sign()).mul(term.abs().mul(-2).log1p()));
  }

  override entropy(): Tensor {
    return this.scale.mul(2).log().add(1);
  }
}

distributionClass(Laplace);
