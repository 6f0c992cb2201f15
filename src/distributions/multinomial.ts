import { noGradSync } from '../autograd/modes.js';
import { int64 } from '../core/dtype.js';
import { NotImplementedError } from '../core/errors.js';
import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { Binomial } from './binomial.js';
import { Categorical } from './categorical.js';
import { realVector } from './constraints/composed_constraints.js';
import type { Constraint } from './constraints/constraint.js';
import { multinomial, simplex } from './constraints/vectors.js';
import { Distribution, distributionClass } from './distribution.js';
import { broadcastAll } from './utils.js';

const multinomialSignature = signature(
  'Multinomial(Any total_count=1, Tensor? probs=None, Tensor? logits=None, bool? validate_args=None)',
);

/** The multinomial distribution: how often each category was drawn. */
export class Multinomial extends Distribution {
  /** The number of draws. */
  declare readonly totalCount: number;
  /** The distribution of one draw. */
  declare protected readonly categorical: Categorical;

  /**
   * @param totalCount the number of draws
   * @param probs the probabilities, up to a factor, along the last dimension
   * @param logits their logarithms, up to a summand, instead
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof multinomialSignature, { totalCount: number }>) {
    const { totalCount, probs, logits, validateArgs } = multinomialSignature.bind(args, new.target.name);
    if (!Number.isSafeInteger(totalCount))
      throw new NotImplementedError('inhomogeneous total_count is not supported');
    const categorical = new Categorical(probs, logits);
    super(categorical.batchShape, [categorical.numEvents], validateArgs, { totalCount, categorical });
  }

  override expand(batchShape: Shape): this {
    return this.expandedWith(batchShape, { categorical: this.categorical.expand(batchShape) });
  }

  override get argConstraints() {
    return { probs: simplex, logits: realVector };
  }

  override get support(): Constraint {
    return multinomial(this.totalCount);
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

  override get mean(): Tensor {
    return this.probs.mul(this.totalCount);
  }

  override get variance(): Tensor {
    return this.probs.mul(this.totalCount).mul(this.probs.rsub(1));
  }

  override sample(sampleShape: Shape = []): Tensor {
    return noGradSync(() => {
      const draws = this.categorical.sample([this.totalCount, ...sampleShape]).movedim(0, -1);
      const { device } = draws;
      const counts = ops.zeros(this.extendedShape(sampleShape), { dtype: int64, device });
      return counts.scatterAdd_(-1, draws, draws.onesLike()).to(this.probs.dtype);
    });
  }

  override entropy(): Tensor {
    const n = this.totalCount;
    const binomial = new Binomial(n, this.probs);
    const counts = binomial.enumerateSupport(false).narrow(0, 1, n);
    const weighted = binomial.logProb(counts).exp().mul(counts.add(1).lgamma()).sum([0, -1]);
    const { dtype, device } = this.probs;
    const factorial = ops.full([], n + 1, { dtype, device }).lgamma();
    return this.categorical.entropy().mul(n).sub(factorial).add(weighted);
  }

  override logProb(value: Tensor): Tensor {
    const [given, x] = broadcastAll(this.logits, this.checked(value));
    // Events that cannot happen and have not cost nothing.
    const logits = given.maskedFill(x.eq(0).logicalAnd(given.eq(Number.NEGATIVE_INFINITY)), 0);
    const factorials = x.add(1).lgamma().sum(-1);
    return x.sum(-1).add(1).lgamma().sub(factorials).add(logits.mul(x).sum(-1));
  }
}

distributionClass(Multinomial);
