import { noGradSync } from '../autograd/modes.js';
import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { F } from '../nn/functions.js';
import { boolean, real, unitInterval } from './constraints/bounds.js';
import { distributionClass } from './distribution.js';
import { valuesUpTo } from './enumeration.js';
import { ExponentialFamily } from './exponential_family.js';
import { binaryParameters, broadcastAll, either, lazy, ownParameter } from './utils.js';

const bernoulli = signature('Bernoulli(Value? probs=None, Value? logits=None, bool? validate_args=None)');

/** The Bernoulli distribution: 1 at a probability, else 0. */
export class Bernoulli extends ExponentialFamily {
  declare readonly probs: Tensor;
  declare readonly logits: Tensor;

  /**
   * @param probs the probability of 1
   * @param logits its log-odds, instead
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof bernoulli>) {
    const { probs, logits, validateArgs } = bernoulli.bind(args, new.target.name);
    const { name, value } = either(probs, logits);
    const [param] = broadcastAll(value);
    super(param.shape, [], validateArgs, { [name]: param });
  }

  override get argConstraints() {
    return { probs: unitInterval, logits: real };
  }

  override get support() {
    return boolean;
  }

  override get hasEnumerateSupport(): boolean {
    return true;
  }

  /** The parameter's shape. */
  get paramShape(): Shape {
    return this.batchShape;
  }

  override get mean(): Tensor {
    return this.probs;
  }

  override get mode(): Tensor {
    const { probs } = this;
    return probs.ge(0.5).to(probs).maskedFill(probs.eq(0.5), Number.NaN);
  }

  override get variance(): Tensor {
    return this.probs.mul(this.probs.rsub(1));
  }

  override sample(sampleShape: Shape = []): Tensor {
    const shape = this.extendedShape(sampleShape);
    return noGradSync(() => this.probs.expand(shape).bernoulli());
  }

  override logProb(value: Tensor): Tensor {
    const [logits, x] = broadcastAll(this.logits, this.checked(value));
    return F.binaryCrossEntropyWithLogits(logits, x, { reduction: 'none' }).neg();
  }

  override entropy(): Tensor {
    return F.binaryCrossEntropyWithLogits(this.logits, this.probs, { reduction: 'none' });
  }

  override enumerateSupport(expand = true): Tensor {
    return valuesUpTo(1, this, ownParameter(this), expand);
  }

  /** @internal */
  override get naturalParams(): readonly Tensor[] {
    return [this.probs.logit()];
  }

  /** @internal */
  override logNormalizer(x: Tensor): Tensor {
    return x.exp().log1p();
  }

  protected override get meanCarrierMeasure(): number {
    return 0;
  }
}

lazy(Bernoulli, binaryParameters);

distributionClass(Bernoulli);
