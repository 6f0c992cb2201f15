import { noGradSync } from '../autograd/modes.js';
import { NotImplementedError } from '../core/errors.js';
import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { binomial } from '../ops/distributions.js';
import { integerInterval, nonnegativeInteger, real, unitInterval } from './constraints/bounds.js';
import { Distribution, distributionClass } from './distribution.js';
import { valuesUpTo } from './enumeration.js';
import { binaryParameters, broadcastAll, either, lazy, ownParameter } from './utils.js';

const binomialSignature = signature(
  'Binomial(int|Tensor total_count=1, Value? probs=None, Value? logits=None, bool? validate_args=None)',
);

/** The binomial distribution: the number of successes among independent trials. */
export class Binomial extends Distribution {
  declare readonly totalCount: Tensor;
  declare readonly probs: Tensor;
  declare readonly logits: Tensor;

  /**
   * @param totalCount the number of trials
   * @param probs the probability of success
   * @param logits its log-odds, instead
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof binomialSignature>) {
    const { totalCount, probs, logits, validateArgs } = binomialSignature.bind(args, new.target.name);
    const { name, value } = either(probs, logits);
    const [count, param] = broadcastAll(totalCount, value);
    super(param.shape, [], validateArgs, { totalCount: count.to(param.dtype), [name]: param });
  }

  override get argConstraints() {
    return { totalCount: nonnegativeInteger, probs: unitInterval, logits: real };
  }

  override get support() {
    return integerInterval(0, this.totalCount);
  }

  override get hasEnumerateSupport(): boolean {
    return true;
  }

  /** The parameter's shape. */
  get paramShape(): Shape {
    return this.batchShape;
  }

  override get mean(): Tensor {
    return this.totalCount.mul(this.probs);
  }

  override get mode(): Tensor {
    return this.totalCount.add(1).mul(this.probs).floor().minimum(this.totalCount);
  }

  override get variance(): Tensor {
    return this.totalCount.mul(this.probs).mul(this.probs.rsub(1));
  }

  override sample(sampleShape: Shape = []): Tensor {
    const shape = this.extendedShape(sampleShape);
    return noGradSync(() => binomial(this.totalCount.expand(shape), this.probs.expand(shape), null));
  }

  override logProb(value: Tensor): Tensor {
    const x = this.checked(value);
    const { totalCount, logits } = this;
    // log(1 + exp(logits)) = max(logits, 0) + log(1 + exp(-|logits|)), with a gradient at 0.
    const positivePart = logits.clamp(0).add(logits).sub(logits.clampMax(0)).div(2);
    const normalizer = totalCount
      .mul(positivePart)
      .add(totalCount.mul(logits.abs().neg().exp().log1p()))
      .sub(totalCount.add(1).lgamma());
    return x.mul(logits).sub(x.add(1).lgamma()).sub(totalCount.sub(x).add(1).lgamma()).sub(normalizer);
  }

  override entropy(): Tensor {
    this.commonCount('entropy');
    const logProb = this.logProb(this.enumerateSupport(false));
    return logProb.exp().mul(logProb).sum(0).neg();
  }

  override enumerateSupport(expand = true): Tensor {
    return valuesUpTo(this.commonCount('enumerate_support'), this, ownParameter(this), expand);
  }

  /** The number of trials, which must be that of all batches. */
  private commonCount(name: string): number {
    const most = this.totalCount.max().item();
    if (this.totalCount.min().item() !== Math.trunc(most))
      throw new NotImplementedError(`Inhomogeneous total count not supported by \`${name}\`.`);
    return most;
  }
}

lazy(Binomial, binaryParameters);

distributionClass(Binomial);
