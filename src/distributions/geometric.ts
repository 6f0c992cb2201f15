import { noGradSync } from '../autograd/modes.js';
import { ValueError } from '../core/errors.js';
import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { F } from '../nn/functions.js';
import { holds } from '../ops/checks.js';
import { nonnegativeInteger, real, unitInterval } from './constraints/bounds.js';
import { Distribution, described, distributionClass } from './distribution.js';
import { binaryParameters, blank, broadcastAll, either, lazy, tiny } from './utils.js';

const geometric = signature('Geometric(Value? probs=None, Value? logits=None, bool? validate_args=None)');

/** The geometric distribution: the number of failures before the first success. */
export class Geometric extends Distribution {
  declare readonly probs: Tensor;
  declare readonly logits: Tensor;

  /**
   * @param probs the probability of success, in (0, 1]
   * @param logits its log-odds, instead
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof geometric>) {
    const { validateArgs, ...given } = geometric.bind(args, new.target.name);
    const { name, value } = either(given.probs, given.logits);
    const [param] = broadcastAll(value);
    super(param.shape, [], validateArgs, { [name]: param });
    if (this.validateArgs && name === 'probs') this.checkPositive();
  }

  /** A success that never comes makes numbers without bounds. */
  private checkPositive(): void {
    const { probs } = this;
    if (holds(probs, (x) => x.gt(0).all())) return;
    const invalid = probs.detach().maskedSelect(probs.gt(0).logicalNot());
    throw new ValueError(
      `Expected parameter probs (${described(probs)}) of distribution ${this} to be positive but found invalid values:\n${invalid}`,
    );
  }

  override get argConstraints() {
    return { probs: unitInterval, logits: real };
  }

  override get support() {
    return nonnegativeInteger;
  }

  override get mean(): Tensor {
    return this.probs.reciprocal().sub(1);
  }

  override get mode(): Tensor {
    return this.probs.zerosLike();
  }

  override get variance(): Tensor {
    return this.probs.reciprocal().sub(1).div(this.probs);
  }

  override sample(sampleShape: Shape = []): Tensor {
    return noGradSync(() => {
      const u = blank(this.extendedShape(sampleShape), this.probs).uniform_(tiny(this.probs.dtype), 1);
      return u.log().div(this.probs.neg().log1p()).floor();
    });
  }

  override logProb(value: Tensor): Tensor {
    const [x, given] = broadcastAll(this.checked(value), this.probs);
    const probs = given.maskedFill(given.eq(1).logicalAnd(x.eq(0)), 0);
    return x.mul(probs.neg().log1p()).add(this.probs.log());
  }

  override entropy(): Tensor {
    return F.binaryCrossEntropyWithLogits(this.logits, this.probs, { reduction: 'none' }).div(this.probs);
  }
}

lazy(Geometric, binaryParameters);

distributionClass(Geometric);
