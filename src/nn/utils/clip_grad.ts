import { noGradSync } from '../../autograd/modes.js';
import { RuntimeError } from '../../core/errors.js';
import { asReader } from '../../core/reading.js';
import { formatFloat } from '../../core/repr.js';
import { Tensor } from '../../core/tensor.js';
import { ops } from '../../ops/registry.js';
import { tensor } from '../../ops/tensor.js';
import { waiting } from '../../ops/twins.js';
import { readOptions } from '../arguments.js';

export interface NormOptions {
  /** The p of the norm; Infinity for the largest magnitude. Default 2. */
  normType?: number;
  /** Whether a norm that is nan or infinite is an error. Default false. */
  errorIfNonfinite?: boolean;
}

function gradients(parameters: Tensor | Iterable<Tensor>): Tensor[] {
  const list = parameters instanceof Tensor ? [parameters] : [...parameters];
  return list.map((p) => p.grad).filter((grad) => grad !== null);
}

/** The norm of all tensors together, as if they were one vector. */
export function getTotalNorm(
  tensors: Tensor | Iterable<Tensor>,
  normType?: number | NormOptions,
  errorIfNonfinite?: boolean | NormOptions,
): Tensor {
  const defaults = { normType: 2, errorIfNonfinite: false };
  const given = readOptions('get_total_norm', defaults, [normType, errorIfNonfinite]);
  const list = tensors instanceof Tensor ? [tensors] : [...tensors];
  if (list.length === 0) return tensor(0);
  const norms = list.map((t) => t.norm(given.normType));
  const total = ops.stack(norms).norm(given.normType);
  if (given.errorIfNonfinite && !Number.isFinite(total.item()))
    throw new RuntimeError(
      `The total norm of order ${formatFloat(given.normType)} for gradients from \`parameters\` is non-finite, so it cannot be clipped. To disable this error and scale the gradients by the non-finite norm anyway, set \`errorIfNonfinite: false\``,
    );
  return total;
}

/** Scales gradients in place by maxNorm / totalNorm where that is less than 1. */
export function clipGradsWithNorm_(
  parameters: Tensor | Iterable<Tensor>,
  maxNorm: number,
  totalNorm: Tensor,
): void {
  noGradSync(() => {
    // Kept on the device, without asking whether there is anything to clip.
    const factor = totalNorm.add(1e-6).reciprocal().mul(maxNorm).clamp({ max: 1 });
    for (const grad of gradients(parameters)) grad.mul_(factor.to(grad.dtype));
  });
}

/** Scales the gradients of parameters in place, so that their norm is at most `maxNorm`; returns the norm before. */
export function clipGradNorm_(
  parameters: Tensor | Iterable<Tensor>,
  maxNorm: number,
  normType?: number | NormOptions,
  errorIfNonfinite?: boolean | NormOptions,
): Tensor {
  const defaults = { normType: 2, errorIfNonfinite: false };
  const given = readOptions('clip_grad_norm_', defaults, [normType, errorIfNonfinite]);
  const list = parameters instanceof Tensor ? [parameters] : [...parameters];
  return noGradSync(() => {
    const total = asReader('clipGradNorm_', () => getTotalNorm(gradients(list), given));
    clipGradsWithNorm_(list, maxNorm, total);
    return total;
  });
}

/** `clipGradNorm_()`, on devices that must be waited for too, where an error of a norm that is not finite needs its value. */
export function clipGradNorm_Async(
  parameters: Tensor | Iterable<Tensor>,
  ...rest: [maxNorm: number, normType?: number | NormOptions, errorIfNonfinite?: boolean | NormOptions]
): Promise<Tensor> {
  const list = parameters instanceof Tensor ? [parameters] : [...parameters];
  return waiting(gradients(list), () => clipGradNorm_(list, ...rest));
}

/** Limits the gradients of parameters in place to [-clipValue, clipValue]. */
export function clipGradValue_(parameters: Tensor | Iterable<Tensor>, clipValue: number): void {
  noGradSync(() => {
    for (const grad of gradients(parameters)) grad.clamp_({ min: -clipValue, max: clipValue });
  });
}
