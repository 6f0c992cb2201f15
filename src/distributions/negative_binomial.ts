import { noGradSync } from '../autograd/modes.js';
import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { F } from '../nn/functions.js';
import { greaterThanEq, halfOpenInterval, nonnegativeInteger, real } from './constraints/bounds.js';
import { Distribution, distributionClass } from './distribution.js';
import { Gamma } from './gamma.js';
import { binaryParameters, broadcastAll, either, float, lazy } from './utils.js';

const negativeBinomial = signature(
  'NegativeBinomial(Value total_count, Value? probs=None, Value? logits=None, bool? validate_args=None)',
);

/** The negative binomial distribution: the number of successes before a number of failures. */
export class NegativeBinomial extends Distribution {
  declare readonly totalCount: Tensor;
  declare readonly probs: Tensor;
  declare readonly logits: Tensor;
  /** The distribution of the rate of events. */
  declare private readonly gamma: Gamma;

  /**
   * @param totalCount the number of failures; it may be any positive number
   * @param probs the probability of success, in [0, 1)
   * @param logits its log-odds, instead
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof negativeBinomial>) {
    const { totalCount, probs, logits, validateArgs } = negativeBinomial.bind(args, new.target.name);
    const { name, value } = either(probs, logits);
    const [count, param] = broadcastAll(totalCount, value);
    super(param.shape, [], validateArgs, { totalCount: count.to(param.dtype), [name]: param });
  }

  override get argConstraints() {
    return {
      totalCount: greaterThanEq(0),
      probs: halfOpenInterval(float(0), float(1)),
      logits: real,
    };
  }

  override get support() {
    return nonnegativeInteger;
  }

  /** The parameter's shape. */
  get paramShape(): Shape {
    return this.batchShape;
  }

  override get mean(): Tensor {
    return this.totalCount.mul(this.logits.exp());
  }

  override get mode(): Tensor {
    return this.totalCount.sub(1).mul(this.logits.exp()).floor().clamp(0);
  }

  override get variance(): Tensor {
    return this.mean.div(this.logits.neg().sigmoid());
  }

  override sample(sampleShape: Shape = []): Tensor {
    return noGradSync(() => ops.poisson(this.gamma.sample(sampleShape)));
  }

  override logProb(value: Tensor): Tensor {
    const x = this.checked(value);
    const { totalCount, logits } = this;
    const unnormalized = totalCount.mul(F.logsigmoid(logits.neg())).add(x.mul(F.logsigmoid(logits)));
    const together = totalCount.add(x);
    const normalization = together
      .lgamma()
      .neg()
      .add(x.add(1).lgamma())
      .add(totalCount.lgamma())
      // No failure to wait for: nothing happens, for sure.
      .maskedFill(together.eq(0), 0);
    return unnormalized.sub(normalization);
  }
}

lazy(NegativeBinomial, {
  ...binaryParameters,
  gamma() {
    return new Gamma(this.totalCount, this.logits.neg().exp(), false);
  },
});

distributionClass(NegativeBinomial);
