import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { Categorical } from './categorical.js';
import { realVector } from './constraints/composed_constraints.js';
import type { Constraint } from './constraints/constraint.js';
import { simplex } from './constraints/vectors.js';
import { Distribution, distributionClass } from './distribution.js';
import { TransformedDistribution } from './transformed_distribution.js';
import { ExpTransform } from './transforms/elementwise.js';
import { broadcastAll, clampProbs, standardUniform } from './utils.js';

const expRelaxed = signature(
  'ExpRelaxedCategorical(Tensor temperature, Tensor? probs=None, Tensor? logits=None, bool? validate_args=None)',
);

/** The distribution of the logarithms of relaxed one-hot vectors. */
export class ExpRelaxedCategorical extends Distribution {
  declare readonly temperature: Tensor;
  /** @internal The distribution of the ones' positions. */
  declare readonly categorical: Categorical;

  /**
   * @param temperature how much is relaxed: near 0 samples are near the corners
   * @param probs the probabilities, up to a factor, along the last dimension
   * @param logits their logarithms, up to a summand, instead
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof expRelaxed>) {
    const { temperature, probs, logits, validateArgs } = expRelaxed.bind(args, new.target.name);
    const categorical = new Categorical(probs, logits);
    super(categorical.batchShape, [categorical.numEvents], validateArgs, { temperature, categorical });
  }

  override expand(batchShape: Shape): this {
    return this.expandedWith(batchShape, { categorical: this.categorical.expand(batchShape) });
  }

  override get argConstraints() {
    return { probs: simplex, logits: realVector };
  }

  override get support() {
    return realVector;
  }

  override get hasRsample(): boolean {
    return true;
  }

  /** The parameter's shape. */
  get paramShape(): Shape {
    return this.categorical.paramShape;
  }

  /** The probabilities. */
  get probs(): Tensor {
    return this.categorical.probs;
  }

  /** Their logarithms. */
  get logits(): Tensor {
    return this.categorical.logits;
  }

  override rsample(sampleShape: Shape = []): Tensor {
    const uniforms = clampProbs(standardUniform(this.extendedShape(sampleShape), this.logits));
    const gumbels = uniforms.log().neg().log().neg();
    const scores = this.logits.add(gumbels).div(this.temperature);
    return scores.sub(scores.logsumexp(-1, true));
  }

  override logProb(value: Tensor): Tensor {
    const [logits, x] = broadcastAll(this.logits, this.checked(value));
    const { temperature } = this;
    const k = this.categorical.numEvents;
    const logScale = temperature
      .fullLike(k)
      .lgamma()
      .sub(temperature.log().mul(1 - k));
    const score = logits.sub(x.mul(temperature));
    return score.sub(score.logsumexp(-1, true)).sum(-1).add(logScale);
  }
}

const relaxedOneHot = signature(
  'RelaxedOneHotCategorical(Tensor temperature, Tensor? probs=None, Tensor? logits=None, bool? validate_args=None)',
);

/** A relaxed one-hot vector: probabilities near a corner, so that gradients pass its samples (Maddison et al., 2017). */
export class RelaxedOneHotCategorical extends TransformedDistribution<ExpRelaxedCategorical> {
  /**
   * @param temperature how much is relaxed: near 0 samples are near the corners
   * @param probs the probabilities, up to a factor, along the last dimension
   * @param logits their logarithms, up to a summand, instead
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof relaxedOneHot>) {
    const { temperature, probs, logits, validateArgs } = relaxedOneHot.bind(args, new.target.name);
    const base = new ExpRelaxedCategorical(temperature, probs, logits, validateArgs);
    super(base, new ExpTransform(), validateArgs);
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { probs: simplex, logits: realVector };
  }

  override get support(): Constraint {
    return simplex;
  }

  /** How much is relaxed. */
  get temperature(): Tensor {
    return this.baseDist.temperature;
  }

  /** The probabilities. */
  get probs(): Tensor {
    return this.baseDist.probs;
  }

  /** Their logarithms. */
  get logits(): Tensor {
    return this.baseDist.logits;
  }
}

distributionClass(ExpRelaxedCategorical);
distributionClass(RelaxedOneHotCategorical);
