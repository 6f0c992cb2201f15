import { noGradSync } from '../../autograd/modes.js';
import { RuntimeError } from '../../core/errors.js';
import { asReader } from '../../core/reading.js';
import { formatFloat } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { waiting } from '../../dispatch/twins.js';
import { tensor } from '../../ops/from_data.js';

type TensorOrIterable = Tensor | Iterable<Tensor>;

const totalNorm = signature(
  'get_total_norm(Tensor|Iterable tensors, float norm_type=2.0, bool error_if_nonfinite=False, bool? foreach=None)',
);
const clipGradNorm = signature(
  'clip_grad_norm_(Tensor|Iterable parameters, float max_norm, float norm_type=2.0, bool error_if_nonfinite=False, bool? foreach=None)',
);
const clipGradsWithNorm = signature(
  'clip_grads_with_norm_(Tensor|Iterable parameters, float max_norm, Tensor total_norm, bool? foreach=None)',
);
const clipGradValue = signature(
  'clip_grad_value_(Tensor|Iterable parameters, float clip_value, bool? foreach=None)',
);

function listOf(tensors: Tensor | Iterable<unknown>): Tensor[] {
  return tensors instanceof Tensor ? [tensors] : ([...tensors] as Tensor[]);
}

function gradients(parameters: Tensor | Iterable<unknown>): Tensor[] {
  return listOf(parameters)
    .map((p) => p.grad)
    .filter((grad) => grad !== null);
}

/**
 * The norm of all tensors together, as if they were one vector.
 *
 * @param normType the p of the norm; Infinity for the largest magnitude
 * @param errorIfNonfinite whether a norm that is nan or infinite is an error
 */
export function getTotalNorm(...args: Arguments<typeof totalNorm, { tensors: TensorOrIterable }>): Tensor {
  const { tensors, normType, errorIfNonfinite } = totalNorm.bind(args);
  const list = listOf(tensors);
  if (list.length === 0) return tensor(0);
  const norms = list.map((t) => t.norm(normType));
  return checked(ops.stack(norms).norm(normType), normType, errorIfNonfinite);
}

/** Finds the norm of gradients of which several processes have parts; null of all others. */
export type NormOfParts = (parameters: readonly Tensor[], normType: number) => Tensor | null;

let normOfParts: NormOfParts | null = null;

/** Says how, for what shards parameters. */
export function setNormOfParts(find: NormOfParts): void {
  normOfParts = find;
}

function checked(total: Tensor, normType: number, errorIfNonfinite: boolean): Tensor {
  if (errorIfNonfinite && !Number.isFinite(total.item()))
    throw new RuntimeError(
      `The total norm of order ${formatFloat(normType)} for gradients from \`parameters\` is non-finite, so it cannot be clipped. To disable this error and scale the gradients by the non-finite norm anyway, set \`errorIfNonfinite: false\``,
    );
  return total;
}

function clip(list: readonly Tensor[], maxNorm: number, total: Tensor): void {
  // Kept on the device, without asking whether there is anything to clip.
  const factor = total.add(1e-6).reciprocal().mul(maxNorm).clamp({ max: 1 });
  for (const grad of gradients(list)) grad.mul_(factor.to(grad.dtype));
}

/** Scales gradients in place by maxNorm / totalNorm where that is less than 1. */
export function clipGradsWithNorm_(
  ...args: Arguments<typeof clipGradsWithNorm, { parameters: TensorOrIterable }>
): void {
  const { parameters, maxNorm, totalNorm: total } = clipGradsWithNorm.bind(args);
  noGradSync(() => clip(listOf(parameters), maxNorm, total));
}

/**
 * Scales the gradients of parameters in place, so that their norm is at most `maxNorm`; returns the norm before.
 *
 * @param normType the p of the norm; Infinity for the largest magnitude
 * @param errorIfNonfinite whether a norm that is nan or infinite is an error
 */
export function clipGradNorm_(
  ...args: Arguments<typeof clipGradNorm, { parameters: TensorOrIterable }>
): Tensor {
  const { parameters, maxNorm, normType, errorIfNonfinite } = clipGradNorm.bind(args);
  const list = listOf(parameters);
  return noGradSync(() => {
    const total = asReader('clipGradNorm_', () => {
      const ofParts = normOfParts?.(list, normType) ?? null;
      if (ofParts !== null) return checked(ofParts, normType, errorIfNonfinite);
      return getTotalNorm(gradients(list), { normType, errorIfNonfinite });
    });
    clip(list, maxNorm, total);
    return total;
  });
}

/** `clipGradNorm_()`, on devices that must be waited for too, where an error of a norm that is not finite needs its value. */
export async function clipGradNorm_Async(
  ...args: Arguments<typeof clipGradNorm, { parameters: TensorOrIterable }>
): Promise<Tensor> {
  const { parameters, ...rest } = clipGradNorm.bind(args);
  const list = listOf(parameters);
  return waiting(gradients(list), () => clipGradNorm_({ parameters: list, ...rest }));
}

/** Limits the gradients of parameters in place to [-clipValue, clipValue]. */
export function clipGradValue_(
  ...args: Arguments<typeof clipGradValue, { parameters: TensorOrIterable }>
): void {
  const { parameters, clipValue } = clipGradValue.bind(args);
  noGradSync(() => {
    for (const grad of gradients(parameters)) grad.clamp_({ min: -clipValue, max: clipValue });
  });
}
