/**
 * Ops with kernels that stand for a composite, their open form. Transforms of functions, which the kernels have no rules for, and derivatives of
 * higher order meet that.
 */
import { gradientsOf } from '../autograd/backward.js';
import { enableGrad, isGradEnabled } from '../autograd/modes.js';
import type { Gradient } from '../autograd/node.js';
import { context } from '../core/context.js';
import { float32, float64 } from '../core/dtype.js';
import type { Tensor } from '../core/tensor.js';

/** Whether a function is transformed, by `vmap` or tangents: it meets the parts of what has no rule for that. */
export function isTransformed(): boolean {
  for (let stack = context().modes; stack !== null; stack = stack.below)
    if (stack.mode.isTransform || stack.mode.hasTangents) return true;
  return false;
}

/** Whether a kernel takes these in place of the open form. */
export function takesKernel(...[first, ...others]: readonly Tensor[]): boolean {
  const { dtype, device } = first;
  const { isHost, hasValues } = first.storage.backend;
  return (
    (isHost || !hasValues) &&
    (dtype === float32 || dtype === float64) &&
    first.numel() > 0 &&
    others.every((t) => t.dtype === dtype && t.device === device && t.numel() > 0) &&
    !isTransformed()
  );
}

/** Whether a gradient must have a graph of its own, or be transformed. */
export const wantsOpenForm = (): boolean => isGradEnabled() || isTransformed();

/** The gradients of the open form by those of its inputs that need one. */
export function openGradients(
  open: (...inputs: readonly Tensor[]) => Tensor,
  inputs: readonly Tensor[],
  needs: readonly boolean[],
  gradient: Tensor,
): Gradient[] {
  const createGraph = isGradEnabled();
  return enableGrad(() => {
    // Aliases, since one input may be computed from another.
    const own = inputs.map((t, i) =>
      !needs[i] ? t : t.requiresGrad ? t.viewAs(t) : t.detach().requiresGrad_(),
    );
    const wanted = own.filter((_, i) => needs[i]);
    const found = gradientsOf([open(...own)], wanted, [gradient], { createGraph });
    return needs.map((need, i) => (need ? (found.shift() ?? inputs[i].zerosLike()) : null));
  });
}
