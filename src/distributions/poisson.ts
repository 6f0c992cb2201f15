import { noGradSync } from '../autograd/modes.js';
import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { nonnegative, nonnegativeInteger } from './constraints/bounds.js';
import { distributionClass } from './distribution.js';
import { ExponentialFamily } from './exponential_family.js';
import { broadcastAll } from './utils.js';

const poisson = signature('Poisson(Value rate, bool? validate_args=None)');

/** The Poisson distribution: a number of events. */
export class Poisson extends ExponentialFamily {
  declare readonly rate: Tensor;

  /**
   * @param rate the mean number of events
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof poisson>) {
    const { validateArgs, ...given } = poisson.bind(args, new.target.name);
    const [rate] = broadcastAll(given.rate);
    super(rate.shape, [], validateArgs, { rate });
  }

  override get argConstraints() {
    return { rate: nonnegative };
  }

  override get support() {
    return nonnegativeInteger;
  }

  override get mean(): Tensor {
    return this.rate;
  }

  override get mode(): Tensor {
    return this.rate.floor();
  }

  override get variance(): Tensor {
    return this.rate;
  }

  override sample(sampleShape: Shape = []): Tensor {
    const shape = this.extendedShape(sampleShape);
    return noGradSync(() => ops.poisson(this.rate.expand(shape)));
  }

  override logProb(value: Tensor): Tensor {
    const [rate, x] = broadcastAll(this.rate, this.checked(value));
    return x.xlogy(rate).sub(rate).sub(x.add(1).lgamma());
  }

  /** @internal */
  override get naturalParams(): readonly Tensor[] {
    return [this.rate.log()];
  }

  /** @internal */
  override logNormalizer(x: Tensor): Tensor {
    return x.exp();
  }
}

distributionClass(Poisson);
