/** Dual tensors at a given level: values with tangents. */
import { RuntimeError, ValueError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import type { ForwardLevel } from '../dispatch/forward_level.js';
import { withModes } from '../dispatch/mode.js';
import { checkTangent, laidOutAs } from './tangent_layout.js';

/** A view of `tensor` that carries `tangent` at this level. */
export function dualAt(level: ForwardLevel, tensor: Tensor, tangent: Tensor): Tensor {
  for (const [name, t] of [
    ['primal', tensor],
    ['tangent', tangent],
  ] as const)
    if (!t.dtype.isFloatingPoint && !t.dtype.isComplex)
      throw new ValueError(`Expected ${name} to be floating point or complex, but got: ${t.dtype}`);
  if (level.get(tensor) !== null)
    throw new RuntimeError(
      `Making a dual Tensor based on a Tensor that already has a forward gradient at the same level ${level.index} is not supported.`,
    );
  checkTangent(tensor, tangent);
  return withModes(level.below, () => {
    const dual = tensor.alias();
    level.set(dual, laidOutAs(tangent, tensor));
    return dual;
  });
}

/** The value of a dual tensor at this level, as a view, and its tangent. */
export function unpackAt(
  level: ForwardLevel,
  tensor: Tensor,
): readonly [primal: Tensor, tangent: Tensor | null] {
  const tangent = level.get(tensor);
  return withModes(level.below, () => {
    const primal = tensor.alias();
    // As a view it would have a part of what its base has.
    if (tangent !== null) primal.base = null;
    return [primal, tangent] as const;
  });
}
