import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { unitInterval } from '../constraints/bounds.js';
import type { Constraint } from '../constraints/constraint.js';
import type { Distribution } from '../distribution.js';
import { Transform, transformClass } from './base_transform.js';

const cumulative = signature('CumulativeDistributionTransform(Any distribution, int cache_size=0)');

/** The cumulative distribution function of a distribution, which makes its samples uniform: what copulas are made of. */
export class CumulativeDistributionTransform extends Transform {
  readonly distribution: Distribution;

  /**
   * @param distribution the distribution
   * @param cacheSize 1: the last result is kept with its input
   */
  constructor(...args: Arguments<typeof cumulative, { distribution: Distribution }>) {
    const { distribution, cacheSize } = cumulative.bind(args);
    super(cacheSize);
    this.distribution = distribution as Distribution;
  }

  override get domain(): Constraint {
    return this.distribution.support;
  }

  override get codomain(): Constraint {
    return unitInterval;
  }

  override get bijective(): boolean {
    return true;
  }

  override get sign(): number {
    return 1;
  }

  protected override copy(cacheSize: number): Transform {
    return new CumulativeDistributionTransform(this.distribution, cacheSize);
  }

  override _call(x: Tensor): Tensor {
    return this.distribution.cdf(x);
  }

  override _inverse(y: Tensor): Tensor {
    return this.distribution.icdf(y);
  }

  override logAbsDetJacobian(x: Tensor, _y: Tensor): Tensor {
    return this.distribution.logProb(x);
  }
}

transformClass(CumulativeDistributionTransform);
