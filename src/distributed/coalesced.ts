/** Collectives of several tensors in one, by PyTorch's names. */
import { noGradSync } from '../autograd/modes.js';
import { RuntimeError, TypeError, ValueError } from '../core/errors.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { signed } from '../core/signature/signed.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { Recording } from './coalescing.js';
import { allGatherIntoTensor } from './moving_collectives.js';
import { checkDtypes } from './operand_checks.js';
import { groupOr, milliseconds, takesPart } from './process_group.js';
import { allReduce } from './reducing_collectives.js';
import { done, following, type Work } from './work.js';

const ofManager = signature(
  'coalescing_manager(Callable fn, ProcessGroup? group=None, Device? device=None, bool async_ops=False)',
);

/**
 * Joins the collectives that a function calls: those of one dtype become one. PyTorch has it as `_coalescing_manager`. They are all of one kind: `allReduce`,
 * `allGatherIntoTensor` or `reduceScatterTensor`, with one op; others begin at once, as without it.
 *
 * @param fn calls the collectives, and does not wait for them
 * @param group the processes; default: all
 * @param device of no use here
 * @param asyncOps whether only those that wait for it are told of a failure
 * @returns a work that ends when all have
 *
 * @example
 * await dist.coalescingManager(() => {
 *   for (const p of net.parameters()) dist.allReduce(p.grad);
 * });
 */
export function coalescingManager(...args: Arguments<typeof ofManager, { fn: () => unknown }>): Work {
  const { fn, group: given, asyncOps } = ofManager.bind(args);
  const group = groupOr(given);
  if (!takesPart(group, 'coalescingManager')) return done();
  if (group.recording !== null)
    throw new ValueError('ProcessGroup has non-empty op list at the start of coalescing');
  const recording = new Recording();
  group.recording = recording;
  try {
    fn();
  } catch (error) {
    recording.drop(error as Error);
    throw error;
  } finally {
    group.recording = null;
  }
  return following(recording.begin(group), asyncOps);
}

const ofAllReduceCoalesced = signature(
  "all_reduce_coalesced(Tensor[] tensors, ReduceOp op='SUM', ProcessGroup? group=None, bool async_op=False)",
);

/**
 * Reduces several tensors of one dtype over all processes of a group, in place, by one collective.
 *
 * @param tensors what this process gives, and the results
 * @param op how elements become one
 * @param group the processes; default: all
 * @param asyncOp whether only those that wait for it are told of a failure
 */
export function allReduceCoalesced(...args: Arguments<typeof ofAllReduceCoalesced>): Work {
  const { tensors, op, group: given, asyncOp } = ofAllReduceCoalesced.bind(args);
  checkDtypes(tensors);
  const group = groupOr(given);
  if (!takesPart(group, 'allReduceCoalesced')) return done();
  return coalescingManager(() => tensors.map((one) => allReduce(one, op, group)), group, null, asyncOp);
}

const ofAllGatherCoalesced = signature(
  'all_gather_coalesced(Any output_tensor_lists, Tensor[] input_tensor_list, ProcessGroup? group=None, bool async_op=False)',
);

/**
 * Gives all processes of a group several tensors of each, by one collective.
 *
 * @param outputTensorLists where they are put: for each process a list like `inputTensorList`
 * @param inputTensorList what this process gives, of one dtype and of the same sizes everywhere
 * @param group the processes; default: all
 * @param asyncOp whether only those that wait for it are told of a failure
 */
export function allGatherCoalesced(
  ...args: Arguments<typeof ofAllGatherCoalesced, { outputTensorLists: readonly (readonly Tensor[])[] }>
): Work {
  const { outputTensorLists, inputTensorList, group: given, asyncOp } = ofAllGatherCoalesced.bind(args);
  const group = groupOr(given);
  if (!takesPart(group, 'allGatherCoalesced')) return done();
  checkDtypes(inputTensorList);
  if (!Array.isArray(outputTensorLists))
    throw new TypeError('Invalid function argument: outputTensorLists should be a list');
  const lists = outputTensorLists as Tensor[][];
  if (lists.length !== group.size())
    throw new RuntimeError(
      `allGatherCoalesced: invalid output tensor list size, must be world size (expected length ${group.size()}, got ${lists.length})`,
    );
  for (const list of lists) {
    checkDtypes([...inputTensorList, ...list]);
    if (list.length !== inputTensorList.length)
      throw new RuntimeError(
        `allGatherCoalesced: invalid output tensor list size (expected length ${inputTensorList.length}, got ${list.length})`,
      );
  }
  const wholes = inputTensorList.map((one) =>
    ops.empty([lists.length, ...one.shape], { dtype: one.dtype, device: one.device }),
  );
  const work = coalescingManager(
    () => wholes.map((whole, i) => allGatherIntoTensor(whole, inputTensorList[i], group)),
    group,
    null,
    true,
  );
  return following([work], asyncOp, () => {
    for (const [rank, list] of lists.entries())
      for (const [i, one] of list.entries()) noGradSync(() => one.copy_(wholes[i].select(0, rank)));
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
