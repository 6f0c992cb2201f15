/** From one layout of a tensor on a mesh to another, with gradients. */
import { ValueError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import type { DeviceMesh } from '../device_mesh.js';
import { ReduceOp } from '../reduce_op.js';
import { boxOf, type CutStep, cut, cutsOf } from './cuts.js';
import { Cut, Gather, Scatter, Sum, summed } from './exchanges.js';
import { type Placement, reductionOf } from './placements.js';

const isSame = (a: CutStep, b: CutStep | undefined): boolean => a.meshDim === b?.meshDim && a.dim === b.dim;

/**
 * What a process has of a tensor that shall lie otherwise: parts are put together as far as they are not cut alike, terms are added up, and the result is cut.
 *
 * @param shape the whole's sizes
 */
export function redistributed(
  part: Tensor,
  mesh: DeviceMesh,
  shape: readonly number[],
  from: readonly Placement[],
  to: readonly Placement[],
): Tensor {
  const groups = mesh.getAllGroups();
  for (const [i, placement] of to.entries())
    if (placement.isPartial() && String(from[i]) !== String(placement))
      throw new ValueError(
        `redistribute from ${from[i]} to ${placement} is not supported: nothing has terms of its own`,
      );
  const [before, after] = [cutsOf(mesh, from), cutsOf(mesh, to)];
  let kept = 0;
  while (kept < before.length && isSame(before[kept], after[kept])) kept++;
  const { before: sizes } = boxOf(shape, before);
  const together = new Set<number>();
  let local = part;
  for (let i = before.length - 1; i >= kept; i--) {
    const { dim, group, meshDim } = before[i];
    local = Gather.apply(local, dim, sizes[i][dim], group);
    together.add(meshDim);
  }
  for (const [i, placement] of from.entries())
    if (placement.isPartial() && to[i].isReplicate()) {
      const op = reductionOf(placement);
      local = op === ReduceOp.SUM ? Sum.apply(local, groups[i]) : summed(local, groups[i], op);
    }
  for (const { dim, group, meshDim } of after.slice(kept)) {
    const placement = from[meshDim];
    if (placement.isPartial()) {
      const op = reductionOf(placement);
      local =
        op === ReduceOp.SUM ? Scatter.apply(local, dim, group) : cut(summed(local, group, op), dim, group);
    } else local = together.has(meshDim) ? cut(local, dim, group) : Cut.apply(local, dim, group);
  }
  return local;
}
