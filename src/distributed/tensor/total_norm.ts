/** The norm of tensors of which processes have parts. */
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { tensor } from '../../ops/from_data.js';
import type { ProcessGroup } from '../process_group.js';
import { ReduceOp } from '../reduce_op.js';
import { summed } from './exchanges.js';

/** The norm of all together. @param groups the parts by the processes that have the others; what every process has whole under null */
export function normOf(groups: ReadonlyMap<ProcessGroup | null, readonly Tensor[]>, p: number): Tensor {
  const norms: Tensor[] = [];
  for (const [group, parts] of groups) {
    const own = parts.filter((part) => part.numel() > 0).map((part) => part.norm(p));
    const local = own.length === 0 ? tensor(0) : ops.stack(own).norm(p);
    if (group === null) norms.push(local);
    else if (p === Number.POSITIVE_INFINITY) norms.push(summed(local, group, ReduceOp.MAX));
    else norms.push(summed(local.pow(p), group).pow(1 / p));
  }
  return ops.stack(norms).norm(p);
}
