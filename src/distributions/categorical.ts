import { int64 } from '../core/dtype.js';
import { ValueError } from '../core/errors.js';
import type { Shape } from '../core/layout.js';
import { numel } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { finfo } from '../core/type_info.js';
import { ops } from '../dispatch/registry.js';
import { integerInterval } from './constraints/bounds.js';
import { realVector } from './constraints/composed_constraints.js';
import { simplex } from './constraints/vectors.js';
import { Distribution, distributionClass } from './distribution.js';
import { valuesUpTo } from './enumeration.js';
import { either, lazy, logitsToProbs, ownParameter, probsToLogits } from './utils.js';

const categorical = signature(
  'Categorical(Tensor? probs=None, Tensor? logits=None, bool? validate_args=None)',
);

/** The categorical distribution: an index at the probability that stands there along the last dimension. */
export class Categorical extends Distribution {
  declare readonly probs: Tensor;
  declare readonly logits: Tensor;
  /** @internal How many categories there are. */
  declare readonly numEvents: number;

  /**
   * @param probs the probabilities, up to a factor, along the last dimension
   * @param logits their logarithms, up to a summand, instead
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof categorical>) {
    const { probs, logits, validateArgs } = categorical.bind(args, new.target.name);
    const { name, value } = either(probs, logits);
    if (value.dim() < 1) throw new ValueError(`\`${name}\` parameter must be at least one-dimensional.`);
    const param = name === 'probs' ? value.div(value.sum(-1, true)) : value.sub(value.logsumexp(-1, true));
    super(param.shape.slice(0, -1), [], validateArgs, {
      [name]: param,
      numEvents: param.shape[param.dim() - 1],
    });
  }

  override get argConstraints() {
    return { probs: simplex, logits: realVector };
  }

  override get support() {
    return integerInterval(0, this.numEvents - 1);
  }

  override get hasEnumerateSupport(): boolean {
    return true;
  }

  /** The parameter's shape. */
  get paramShape(): Shape {
    return [...this.batchShape, this.numEvents];
  }

  override get mean(): Tensor {
    return this.undefined();
  }

  override get mode(): Tensor {
    return this.probs.argmax(-1);
  }

  override get variance(): Tensor {
    return this.undefined();
  }

  /** Indices have no mean. */
  private undefined(): Tensor {
    const { dtype, device } = this.probs;
    return ops.full(this.extendedShape(), Number.NaN, { dtype, device });
  }

  override sample(sampleShape: Shape = []): Tensor {
    const rows = this.probs.reshape([-1, this.numEvents]);
    const samples = rows.multinomial(numel(sampleShape), true).t();
    return samples.reshape(this.extendedShape(sampleShape));
  }

  override logProb(value: Tensor): Tensor {
    const index = this.checked(value).to(int64).unsqueeze(-1);
    const [indices, logits] = ops.broadcastTensors(index, this.logits);
    return logits.gather(-1, indices.narrow(-1, 0, 1)).squeeze(-1);
  }

  override entropy(): Tensor {
    const logits = this.logits.clamp(finfo(this.logits.dtype).min);
    return logits.mul(this.probs).sum(-1).neg();
  }

  override enumerateSupport(expand = true): Tensor {
    const { device } = ownParameter(this);
    return valuesUpTo(this.numEvents - 1, this, { dtype: int64, device }, expand);
  }
}

lazy(Categorical, {
  probs() {
    return logitsToProbs(this.logits);
  },
  logits() {
    return probsToLogits(this.probs);
  },
});

distributionClass(Categorical);
