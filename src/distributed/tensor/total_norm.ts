/** The norm of tensors of which processes have parts. */
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { tensor } from '../../ops/from_data.js';
import type { ProcessGroup } from '../process_group.js';
import { ReduceOp } from '../reduce_op.js';
import { summed } from './exchanges.js';

/** Tensors of which the processes of some groups have the other parts; of no groups: whole ones. */
export interface Parts {
  readonly groups: readonly ProcessGroup[];
  readonly tensors: Tensor[];
}

/** The norm of all together. */
export function normOf(all: readonly Parts[], p: number): Tensor {
  const norms: Tensor[] = [];
  for (const { groups, tensors } of all) {
    const own = tensors.filter((part) => part.numel() > 0).map((part) => part.norm(p));
    const local = own.length === 0 ? tensor(0) : ops.stack(own).norm(p);
    if (groups.length === 0) norms.push(local);
    else if (p === Number.POSITIVE_INFINITY)
      norms.push(groups.reduce((most, group) => summed(most, group, ReduceOp.MAX), local));
    else norms.push(groups.reduce((sum, group) => summed(sum, group), local.pow(p)).pow(1 / p));
  }
  return ops.stack(norms).norm(p);
}
