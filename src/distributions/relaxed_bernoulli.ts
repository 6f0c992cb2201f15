import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { real, unitInterval } from './constraints/bounds.js';
import type { Constraint } from './constraints/constraint.js';
import { Distribution, distributionClass } from './distribution.js';
import { TransformedDistribution } from './transformed_distribution.js';
import { SigmoidTransform } from './transforms/elementwise.js';
import { binaryParameters, broadcastAll, clampProbs, either, lazy, standardUniform } from './utils.js';

const logitRelaxed = signature(
  'LogitRelaxedBernoulli(Tensor temperature, Value? probs=None, Value? logits=None, bool? validate_args=None)',
);

/** The distribution of the log-odds of a relaxed Bernoulli number. */
export class LogitRelaxedBernoulli extends Distribution {
  declare readonly temperature: Tensor;
  declare readonly probs: Tensor;
  declare readonly logits: Tensor;

  /**
   * @param temperature how much is relaxed: near 0 samples are near 0 or 1
   * @param probs the probability of 1
   * @param logits its log-odds, instead
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof logitRelaxed>) {
    const { temperature, probs, logits, validateArgs } = logitRelaxed.bind(args, new.target.name);
    const { name, value } = either(probs, logits);
    const [param] = broadcastAll(value);
    super(param.shape, [], validateArgs, { temperature, [name]: param });
  }

  override get argConstraints() {
    return { probs: unitInterval, logits: real };
  }

  override get support() {
    return real;
  }

  /** The parameter's shape. */
  get paramShape(): Shape {
    return this.batchShape;
  }

  override rsample(sampleShape: Shape = []): Tensor {
    const shape = this.extendedShape(sampleShape);
    const probs = clampProbs(this.probs.expand(shape));
    const uniforms = clampProbs(standardUniform(shape, probs));
    return uniforms
      .log()
      .sub(uniforms.neg().log1p())
      .add(probs.log())
      .sub(probs.neg().log1p())
      .div(this.temperature);
  }

  override logProb(value: Tensor): Tensor {
    const [logits, x] = broadcastAll(this.logits, this.checked(value));
    const difference = logits.sub(x.mul(this.temperature));
    return this.temperature.log().add(difference).sub(difference.exp().log1p().mul(2));
  }
}

lazy(LogitRelaxedBernoulli, binaryParameters);

const relaxedBernoulli = signature(
  'RelaxedBernoulli(Tensor temperature, Value? probs=None, Value? logits=None, bool? validate_args=None)',
);

/** A relaxed Bernoulli number: between 0 and 1, so that gradients pass its samples (Maddison et al., 2017). */
export class RelaxedBernoulli extends TransformedDistribution<LogitRelaxedBernoulli> {
  /**
   * @param temperature how much is relaxed: near 0 samples are near 0 or 1
   * @param probs the probability of 1
   * @param logits its log-odds, instead
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof relaxedBernoulli>) {
    const { temperature, probs, logits, validateArgs } = relaxedBernoulli.bind(args, new.target.name);
    super(new LogitRelaxedBernoulli(temperature, probs, logits), new SigmoidTransform(), validateArgs);
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { probs: unitInterval, logits: real };
  }

  override get support(): Constraint {
    return unitInterval;
  }

  override get hasRsample(): boolean {
    return true;
  }

  /** How much is relaxed. */
  get temperature(): Tensor {
    return this.baseDist.temperature;
  }

  /** The probability of 1. */
  get probs(): Tensor {
    return this.baseDist.probs;
  }

  /** The log-odds of 1. */
  get logits(): Tensor {
    return this.baseDist.logits;
  }
}

distributionClass(LogitRelaxedBernoulli);
distributionClass(RelaxedBernoulli);
