import { NotImplementedError, ValueError } from '../core/errors.js';
import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { IndependentConstraint } from './constraints/composed_constraints.js';
import type { Constraint } from './constraints/constraint.js';
import { Distribution, distributionClass } from './distribution.js';
import { joined, sumRightmost } from './utils.js';

const independentSignature = signature(
  'Independent(Any base_distribution, int reinterpreted_batch_ndims, bool? validate_args=None)',
);

/**
 * Another distribution of which the last batch dimensions are dimensions of the event: its `logProb` is summed over them.
 *
 * @example
 * const normal = new torch.distributions.Normal(torch.zeros(3), torch.ones(3)); // three numbers
 * new torch.distributions.Independent(normal, 1); // one vector
 */
export class Independent<D extends Distribution = Distribution> extends Distribution {
  declare readonly baseDist: D;
  declare readonly reinterpretedBatchNdims: number;

  /**
   * @param baseDistribution the distribution
   * @param reinterpretedBatchNdims how many batch dimensions become dimensions of the event
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof independentSignature, { baseDistribution: D }>) {
    const { baseDistribution, reinterpretedBatchNdims, validateArgs } = independentSignature.bind(args);
    const baseDist = baseDistribution as D;
    const { batchShape, eventShape } = baseDist;
    if (reinterpretedBatchNdims > batchShape.length)
      throw new ValueError(
        `Expected reinterpreted_batch_ndims <= len(base_distribution.batch_shape), actual ${reinterpretedBatchNdims} vs ${batchShape.length}`,
      );
    const shape = joined(batchShape, eventShape);
    const cut = batchShape.length - reinterpretedBatchNdims;
    super(shape.slice(0, cut), shape.slice(cut), validateArgs, { baseDist, reinterpretedBatchNdims });
  }

  override expand(batchShape: Shape): this {
    const more = this.eventShape.slice(0, this.reinterpretedBatchNdims);
    return this.expandedWith(batchShape, { baseDist: this.baseDist.expand(joined(batchShape, more)) });
  }

  override get argConstraints() {
    return {};
  }

  override get support(): Constraint {
    const { support } = this.baseDist;
    return this.reinterpretedBatchNdims === 0
      ? support
      : new IndependentConstraint(support, this.reinterpretedBatchNdims);
  }

  override get hasRsample(): boolean {
    return this.baseDist.hasRsample;
  }

  override get hasEnumerateSupport(): boolean {
    return this.reinterpretedBatchNdims === 0 && this.baseDist.hasEnumerateSupport;
  }

  override get mean(): Tensor {
    return this.baseDist.mean;
  }

  override get mode(): Tensor {
    return this.baseDist.mode;
  }

  override get variance(): Tensor {
    return this.baseDist.variance;
  }

  override sample(sampleShape: Shape = []): Tensor {
    return this.baseDist.sample(sampleShape);
  }

  override rsample(sampleShape: Shape = []): Tensor {
    return this.baseDist.rsample(sampleShape);
  }

  override logProb(value: Tensor): Tensor {
    return sumRightmost(this.baseDist.logProb(value), this.reinterpretedBatchNdims);
  }

  override entropy(): Tensor {
    return sumRightmost(this.baseDist.entropy(), this.reinterpretedBatchNdims);
  }

  override enumerateSupport(expand = true): Tensor {
    if (this.reinterpretedBatchNdims > 0)
      throw new NotImplementedError('Enumeration over cartesian product is not implemented');
    return this.baseDist.enumerateSupport(expand);
  }

  override toString(): string {
    return `${this.constructor.name}(${this.baseDist}, ${this.reinterpretedBatchNdims})`;
  }
}

distributionClass(Independent);
