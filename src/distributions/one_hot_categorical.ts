import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { F } from '../nn/functions.js';
import { Categorical } from './categorical.js';
import { realVector } from './constraints/composed_constraints.js';
import type { Constraint } from './constraints/constraint.js';
import { oneHot, simplex } from './constraints/vectors.js';
import { Distribution, distributionClass } from './distribution.js';
import { ownParameter } from './utils.js';

const oneHotCategorical = signature(
  'OneHotCategorical(Tensor? probs=None, Tensor? logits=None, bool? validate_args=None)',
);

/** The categorical distribution of vectors with a one at the category and zeros elsewhere. */
export class OneHotCategorical extends Distribution {
  /** @internal The distribution of the ones' positions. */
  declare readonly categorical: Categorical;

  /**
   * @param probs the probabilities, up to a factor, along the last dimension
   * @param logits their logarithms, up to a summand, instead
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof oneHotCategorical>) {
    const { probs, logits, validateArgs } = oneHotCategorical.bind(args, new.target.name);
    const categorical = new Categorical(probs, logits);
    super(categorical.batchShape, [categorical.numEvents], validateArgs, { categorical });
  }

  override expand(batchShape: Shape): this {
    return this.expandedWith(batchShape, { categorical: this.categorical.expand(batchShape) });
  }

  override get argConstraints() {
    return { probs: simplex, logits: realVector };
  }

  override get support(): Constraint {
    return oneHot;
  }

  override get hasEnumerateSupport(): boolean {
    return true;
  }

  /** The probabilities. */
  get probs(): Tensor {
    return this.categorical.probs;
  }

  /** Their logarithms. */
  get logits(): Tensor {
    return this.categorical.logits;
  }

  /** The parameter's shape. */
  get paramShape(): Shape {
    return this.categorical.paramShape;
  }

  override get mean(): Tensor {
    return this.probs;
  }

  override get mode(): Tensor {
    const { probs } = this;
    return F.oneHot(probs.argmax(-1), this.categorical.numEvents).to(probs);
  }

  override get variance(): Tensor {
    return this.probs.mul(this.probs.rsub(1));
  }

  override sample(sampleShape: Shape = []): Tensor {
    const indices = this.categorical.sample(sampleShape);
    return F.oneHot(indices, this.categorical.numEvents).to(this.probs);
  }

  override logProb(value: Tensor): Tensor {
    return this.categorical.logProb(this.checked(value).argmax(-1));
  }

  override entropy(): Tensor {
    return this.categorical.entropy();
  }

  override enumerateSupport(expand = true): Tensor {
    const { dtype, device } = ownParameter(this.categorical);
    const n = this.categorical.numEvents;
    const values = ops.eye(n, { dtype, device }).reshape([n, ...this.batchShape.map(() => 1), n]);
    return expand ? values.expand([n, ...this.batchShape, n]) : values;
  }
}

/** As `OneHotCategorical`, with samples that gradients pass as if they were the probabilities (Bengio et al., 2013). */
export class OneHotCategoricalStraightThrough extends OneHotCategorical {
  override get hasRsample(): boolean {
    return true;
  }

  override rsample(sampleShape: Shape = []): Tensor {
    const samples = this.sample(sampleShape);
    const { probs } = this.categorical;
    return samples.add(probs.sub(probs.detach()));
  }
}

distributionClass(OneHotCategorical);
distributionClass(OneHotCategoricalStraightThrough);
