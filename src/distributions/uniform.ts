import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { greaterThan, interval, lessThan } from './constraints/bounds.js';
import { Distribution, distributionClass } from './distribution.js';
import { broadcastAll, standardUniform } from './utils.js';

const uniform = signature('Uniform(Value low, Value high, bool? validate_args=None)');

/** The uniform distribution over the half-open interval [low, high). */
export class Uniform extends Distribution {
  declare readonly low: Tensor;
  declare readonly high: Tensor;

  /**
   * @param low the lower end, included
   * @param high the upper end, excluded
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof uniform>) {
    const { validateArgs, ...given } = uniform.bind(args, new.target.name);
    const [low, high] = broadcastAll(given.low, given.high);
    super(low.shape, [], validateArgs, { low, high });
  }

  override get argConstraints() {
    return { low: lessThan(this.high), high: greaterThan(this.low) };
  }

  override get support() {
    return interval(this.low, this.high);
  }

  override get hasRsample(): boolean {
    return true;
  }

  override get mean(): Tensor {
    return this.high.add(this.low).div(2);
  }

  override get mode(): Tensor {
    return this.high.mul(Number.NaN);
  }

  override get stddev(): Tensor {
    return this.high.sub(this.low).div(Math.sqrt(12));
  }

  override get variance(): Tensor {
    return this.high.sub(this.low).pow(2).div(12);
  }

  override rsample(sampleShape: Shape = []): Tensor {
    const rand = standardUniform(this.extendedShape(sampleShape), this.low);
    return this.low.add(rand.mul(this.high.sub(this.low)));
  }

  override logProb(value: Tensor): Tensor {
    const x = this.checked(value);
    const inside = this.low.le(x).to(this.low.dtype).mul(this.high.gt(x).to(this.low.dtype));
    return inside.log().sub(this.high.sub(this.low).log());
  }

  override cdf(value: Tensor): Tensor {
    const x = this.checked(value);
    return x.sub(this.low).div(this.high.sub(this.low)).clamp(0, 1);
  }

  override icdf(value: Tensor): Tensor {
    return value.mul(this.high.sub(this.low)).add(this.low);
  }

  override entropy(): Tensor {
    return this.high.sub(this.low).log();
  }
}

distributionClass(Uniform);
