import { grad } from '../autograd/grad.js';
import { enableGrad } from '../autograd/modes.js';
import { NotImplementedError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { Distribution, distributionClass } from './distribution.js';

/**
 * The base of distributions whose density is exp(⟨t(x), θ⟩ - F(θ) + k(x)), with natural parameters θ, the sufficient statistic t,
 * the log-normalizer F and the carrier measure k. Entropy and divergence follow from F by differentiation.
 */
export abstract class ExponentialFamily extends Distribution {
  /** @internal The natural parameters. */
  get naturalParams(): readonly Tensor[] {
    throw new NotImplementedError(`${this.constructor.name} does not implement naturalParams`);
  }

  /** @internal F of natural parameters. */
  logNormalizer(..._naturalParams: readonly Tensor[]): Tensor {
    throw new NotImplementedError(`${this.constructor.name} does not implement logNormalizer`);
  }

  /** @internal The mean of the carrier measure. */
  protected get meanCarrierMeasure(): number {
    throw new NotImplementedError(`${this.constructor.name} does not implement meanCarrierMeasure`);
  }

  /** Computed as the Bregman divergence of the log-normalizer. */
  override entropy(): Tensor {
    const { normalizer, params, gradients } = normalizerOf(this);
    let result = normalizer.sub(this.meanCarrierMeasure);
    for (const [i, param] of params.entries())
      result = result.sub(
        param
          .mul(gradients[i])
          .reshape([...this.batchShape, -1])
          .sum(-1),
      );
    return result;
  }
}

distributionClass(ExponentialFamily);

/** A family's log-normalizer at its natural parameters, and its derivatives there. */
export function normalizerOf(family: ExponentialFamily): {
  readonly normalizer: Tensor;
  readonly params: readonly Tensor[];
  readonly gradients: readonly Tensor[];
} {
  return enableGrad(() => {
    const params = family.naturalParams.map((param) => param.detach().requiresGrad_());
    const normalizer = family.logNormalizer(...params);
    const gradients = grad(normalizer.sum(), params, null, { createGraph: true });
    return { normalizer, params, gradients };
  });
}
