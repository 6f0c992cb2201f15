/** The gradient of a normalisation as ordinary ops, so that every order of derivative exists. */

import type { Tensor } from '../../core/tensor.js';

/**
 * The gradient of (x - mean) * rstd by x, where mean and variance are taken over `dims`, with ordinary ops; and x so
 * normalised.
 */
export function normalisedGradient(
  input: Tensor,
  grad: Tensor,
  dims: readonly number[],
  eps: number,
): { normalised: Tensor; gradient: Tensor } {
  const centred = input.sub(input.mean(dims, true));
  const rstd = centred.square().mean(dims, true).add(eps).rsqrt();
  const normalised = centred.mul(rstd);
  const gradient = rstd.mul(
    grad.sub(grad.mean(dims, true)).sub(normalised.mul(grad.mul(normalised).mean(dims, true))),
  );
  return { normalised, gradient };
}
