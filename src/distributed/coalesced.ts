/** Collectives of several tensors in one: what many small ones cost is mostly the wait for each. */
import { noGradSync } from '../autograd/modes.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { signed } from '../core/signature/signed.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { checkDtypes } from './operand_checks.js';
import { groupOr, milliseconds, takesPart } from './process_group.js';
import { allReduce } from './reducing_collectives.js';

const ofAllReduceCoalesced = signature(
  "all_reduce_coalesced(Tensor[] tensors, ReduceOp op='SUM', ProcessGroup? group=None)",
);

/**
 * Reduces several tensors of one dtype over all processes of a group, in place, by one collective.
 *
 * @param tensors what this process gives, and the results
 * @param op how elements become one
 * @param group the processes; default: all
 */
export async function allReduceCoalesced(...args: Arguments<typeof ofAllReduceCoalesced>): Promise<void> {
  const { tensors, op, group: given } = ofAllReduceCoalesced.bind(args);
  checkDtypes(tensors);
  const group = groupOr(given);
  if (!takesPart(group, 'allReduceCoalesced') || tensors.length === 0) return;
  const flat = noGradSync(() => ops.cat(tensors.map((one) => one.detach().reshape(-1))));
  await allReduce(flat, op, group);
  spread(flat, tensors);
}

/** Writes the parts of a flat tensor to tensors. */
function spread(flat: Tensor, tensors: readonly Tensor[]): void {
  noGradSync(() => {
    let at = 0;
    for (const one of tensors) {
      one.copy_(flat.narrow(0, at, one.numel()).view([...one.shape]));
      at += one.numel();
    }
  });
}

/**
 * Waits for all processes of a group, and tells which have not come in time.
 *
 * @param group the processes; default: all
 * @param timeout seconds that the last may be late; default: the group's
 * @param waitAllRanks of no use here: all that are missing are named
 * @throws RuntimeError that names the ranks that have not come
 */
export const monitoredBarrier = signed(
  'monitored_barrier(ProcessGroup? group=None, float? timeout=None, bool wait_all_ranks=False)',
  async ({ group: given, timeout }): Promise<void> => {
    const group = groupOr(given);
    if (!takesPart(group, 'monitoredBarrier')) return;
    await group.communicator.monitoredBarrier(timeout === null ? group.timeout : milliseconds(timeout));
  },
);
