import { noGradSync } from '../autograd/modes.js';
import { ValueError } from '../core/errors.js';
import type { Shape } from '../core/layout.js';
import { Size } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { Categorical } from './categorical.js';
import { MixtureSameFamilyConstraint } from './constraints/composed_constraints.js';
import type { Constraint } from './constraints/constraint.js';
import { Distribution, distributionClass } from './distribution.js';

const mixture = signature(
  'MixtureSameFamily(Any mixture_distribution, Any component_distribution, bool? validate_args=None)',
);

/**
 * A mixture of distributions of one family: a categorical distribution chooses among the components, which stand along the last batch
 * dimension of another distribution.
 *
 * @example
 * const { Categorical, MixtureSameFamily, Normal } = torch.distributions;
 * const weights = new Categorical(torch.ones(5));
 * new MixtureSameFamily(weights, new Normal(torch.randn(5), torch.rand(5))); // a mixture of five normal distributions
 */
export class MixtureSameFamily<D extends Distribution = Distribution> extends Distribution {
  /** Chooses the component. */
  declare readonly mixtureDistribution: Categorical;
  /** The components. */
  declare readonly componentDistribution: D;

  /**
   * @param mixtureDistribution chooses the component
   * @param componentDistribution the components, along its last batch dimension
   * @param validateArgs whether parameters and values are checked
   */
  constructor(
    ...args: Arguments<typeof mixture, { mixtureDistribution: Categorical; componentDistribution: D }>
  ) {
    const { mixtureDistribution, componentDistribution, validateArgs } = mixture.bind(args);
    if (!(mixtureDistribution instanceof Categorical))
      throw new ValueError(
        ' The Mixture distribution needs to be an  instance of torch.distributions.Categorical',
      );
    if (!(componentDistribution instanceof Distribution))
      throw new ValueError(
        'The Component distribution needs to be an instance of torch.distributions.Distribution',
      );
    const { batchShape, eventShape } = componentDistribution;
    const chosen = mixtureDistribution.batchShape;
    const components = batchShape.slice(0, -1);
    for (let i = 1; i <= Math.min(chosen.length, components.length); i++) {
      const [a, b] = [chosen[chosen.length - i], components[components.length - i]];
      if (a !== 1 && b !== 1 && a !== b)
        throw new ValueError(
          `\`mixture_distribution.batch_shape\` (${Size.create(chosen)}) is not compatible with \`component_distribution.batch_shape\`(${Size.create(components)})`,
        );
    }
    const count = batchShape[batchShape.length - 1];
    // Asked as PyTorch does, which has the mixture print its logits from then on.
    if (mixtureDistribution.logits.shape.at(-1) !== count)
      throw new ValueError(
        `\`mixture_distribution component\` (${mixtureDistribution.numEvents}) does not equal \`component_distribution.batch_shape[-1]\` (${count})`,
      );
    super(components, [...eventShape], validateArgs, { mixtureDistribution, componentDistribution });
  }

  override expand(batchShape: Shape): this {
    const { mixtureDistribution, componentDistribution } = this;
    return this.expandedWith(batchShape, {
      mixtureDistribution: mixtureDistribution.expand(batchShape),
      componentDistribution: componentDistribution.expand([...batchShape, mixtureDistribution.numEvents]),
    });
  }

  override get argConstraints() {
    return {};
  }

  override get support(): Constraint {
    return new MixtureSameFamilyConstraint(this.componentDistribution.support);
  }

  /** The dimension of the components. */
  private get componentDim(): number {
    return -1 - this.eventShape.length;
  }

  override get mean(): Tensor {
    return this.weights.mul(this.componentDistribution.mean).sum(this.componentDim);
  }

  override get variance(): Tensor {
    const { weights, componentDim } = this;
    const { mean, variance } = this.componentDistribution;
    const within = weights.mul(variance).sum(componentDim);
    const between = weights.mul(mean.sub(this.pad(this.mean)).pow(2)).sum(componentDim);
    return within.add(between);
  }

  override cdf(value: Tensor): Tensor {
    return this.componentDistribution.cdf(this.pad(value)).mul(this.mixtureDistribution.probs).sum(-1);
  }

  override logProb(value: Tensor): Tensor {
    const x = this.pad(this.checked(value));
    const weights = this.mixtureDistribution.logits.logSoftmax(-1);
    return this.componentDistribution.logProb(x).add(weights).logsumexp(-1);
  }

  override sample(sampleShape: Shape = []): Tensor {
    return noGradSync(() => {
      const dim = sampleShape.length + this.batchShape.length;
      const { eventShape } = this;
      const chosen = this.mixtureDistribution.sample(sampleShape);
      const samples = this.componentDistribution.sample(sampleShape);
      const index = chosen
        .reshape([...chosen.shape, ...new Array<number>(eventShape.length + 1).fill(1)])
        .repeat([...chosen.shape.map(() => 1), 1, ...eventShape]);
      return samples.gather(dim, index).squeeze(dim);
    });
  }

  /** A value with a dimension for the components. */
  private pad(x: Tensor): Tensor {
    return x.unsqueeze(this.componentDim);
  }

  /** The components' probabilities, with dimensions for events. */
  private get weights(): Tensor {
    const { probs, batchShape } = this.mixtureDistribution;
    const missing = batchShape.length === 1 ? 0 : this.batchShape.length - batchShape.length;
    const ones = (count: number): number[] => new Array<number>(count).fill(1);
    return probs.reshape([
      ...probs.shape.slice(0, -1),
      ...ones(missing),
      ...probs.shape.slice(-1),
      ...ones(this.eventShape.length),
    ]);
  }

  override toString(): string {
    return `MixtureSameFamily(\n  ${this.mixtureDistribution},\n  ${this.componentDistribution})`;
  }
}

distributionClass(MixtureSameFamily);
