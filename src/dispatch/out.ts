/** Tensors given as `out`: what is computed is copied into them. */
import { context } from '../core/context.js';
import { NotImplementedError, RuntimeError, TypeError } from '../core/errors.js';
import { sameShape } from '../core/layout.js';
import { canCast } from '../core/promotion.js';
import { standsForSeveral } from '../core/stand_ins.js';
import { Tensor } from '../core/tensor.js';
import { levelsOf } from './forward_level.js';
import { checkNoInternalOverlap } from './overlap.js';
import { typeName } from './type_name.js';

/** Refuses what cannot be written to, and calls that take no part in transformations. @throws in PyTorch's words */
export function checkTargets(
  name: string,
  args: readonly unknown[],
  targets: readonly unknown[],
): readonly Tensor[] {
  const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;
  for (const target of targets)
    if (!isTensor(target))
      throw new TypeError(`${name}(): argument 'out' must be Tensor, not ${typeName(target)}`);
  const tensors = [...args, ...targets].filter(isTensor);
  if (context().grad && tensors.some((t) => t.requiresGrad))
    throw new RuntimeError(
      `${name}(): functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad.`,
    );
  if (levelsOf(tensors).length > 0)
    throw new NotImplementedError(
      `Trying to use forward AD with ${name}_out that does not support it because it is an out= function`,
    );
  if (tensors.some(standsForSeveral))
    throw new RuntimeError(
      `Batching rule not implemented for aten::${name}.out; the fallback path doesn't work on out= or view ops.`,
    );
  return targets.filter(isTensor);
}

/** Writes results into their targets; everything that can be refused is refused before anything is written. */
export function writeResults(name: string, results: readonly Tensor[], targets: readonly Tensor[]): void {
  if (results.length !== targets.length)
    throw new TypeError(`${name}(): expected ${results.length} out tensors, got ${targets.length}`);
  for (const [i, target] of targets.entries()) {
    if (!canCast(results[i].dtype, target.dtype))
      throw new RuntimeError(
        `result type ${results[i].dtype.scalarName} can't be cast to the desired output type ${target.dtype.scalarName}`,
      );
    if (sameShape(target.shape, results[i].shape)) checkNoInternalOverlap(target);
  }
  for (const [i, target] of targets.entries()) {
    const result = results[i].storage === target.storage ? results[i].clone() : results[i];
    if (!sameShape(target.shape, result.shape)) target.resize_(result.shape);
    target.copy_(result);
  }
}
