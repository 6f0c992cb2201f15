import { noGradSync } from '../../autograd/modes.js';
import { deepcopy } from '../../core/deepcopy.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { Tensor } from '../../core/tensor.js';
import { makeGroup, makeGroupSync } from '../made_groups.js';
import type { ProcessGroup } from '../process_group.js';
import { peersOf, saveEntries, writerOf } from './save_checkpoint.js';
import { isSharded, type ShardedValue, shard } from './sharded_value.js';
import { entriesOf, type StateEntry } from './state_entries.js';
import { checkState, type StateDict, unfold } from './stateful.js';

const ofAsyncSave = signature(
  'async_save(Object state_dict, *, Any checkpoint_id=None, FileSystemWriter? storage_writer=None, DefaultSavePlanner? planner=None, ProcessGroup? process_group=None, bool no_dist=False)',
);

/** Groups by which saves tell each other how far they are, while others' collectives go on: by the groups whose processes they have. */
const ownGroups = new WeakMap<ProcessGroup, ProcessGroup | Promise<ProcessGroup>>();
/** The saves that go on: the next one of the same processes begins when they have ended. */
const underWay = new WeakMap<object, Promise<void>>();
const alone = {};

/**
 * Saves a state as `save` does, of which it takes a copy first: when it returns, the promise, training may go on and change everything. All processes call it,
 * and wait for it before they end.
 *
 * @param stateDict names with tensors, values, more such, and objects with a `stateDict()` and a `loadStateDict()`
 * @param checkpointId the folder, which all processes see
 * @param storageWriter the folder, in the place of `checkpointId`
 * @param planner how it is shared out what is written
 * @param processGroup the processes; default: all, or this one if there are no others
 * @param noDist whether this process is alone in it
 * @throws CheckpointException on all processes
 *
 * @example
 * const saved = distributed.checkpoint.asyncSave({ model, optimizer }, { checkpointId: 'checkpoints/last' });
 * // … the next steps …
 * await saved;
 */
export async function asyncSave(
  ...args: Arguments<typeof ofAsyncSave, { stateDict: StateDict; checkpointId: string | URL }>
): Promise<void> {
  const { stateDict, checkpointId, storageWriter, planner, processGroup, noDist } = ofAsyncSave.bind(args);
  const writer = writerOf(checkpointId, storageWriter);
  const peers = peersOf(processGroup, noDist);
  if (peers !== null && !peers.isMember) return;
  const collect = copied(stateDict, planner?.flattenStateDict ?? true);
  const group = peers === null ? null : ownGroupOf(peers);
  const key = peers ?? alone;
  const saved = (underWay.get(key) ?? Promise.resolve()).then(async () =>
    saveEntries(collect, writer, planner, await group),
  );
  underWay.set(
    key,
    saved.catch(() => {}),
  );
  return saved;
}

/** A copy of a state as it is now; an error is that of all ranks, later. */
function copied(stateDict: unknown, isFlat: boolean): () => StateEntry[] {
  try {
    const entries = entriesOf(unfold(checkState(stateDict)).plain, isFlat);
    const copies = entries.map((entry) => ({ ...entry, value: copyOf(entry.value) }));
    return () => copies;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

function copyOf(value: unknown): unknown {
  if (value instanceof Tensor) return noGradSync(() => value.detach().clone());
  if (!isSharded(value)) return deepcopy(value);
  const { size, offsets, local } = value[shard]();
  const part = { size, offsets, local: noGradSync(() => local.detach().clone()) };
  return { [shard]: () => part } satisfies ShardedValue;
}

function ownGroupOf(peers: ProcessGroup): ProcessGroup | Promise<ProcessGroup> {
  const known = ownGroups.get(peers);
  if (known !== undefined && (known instanceof Promise || known.isAlive)) return known;
  const members = peers.ranks.map((_, rank) => rank);
  // Made before anything else begins, where that can be: other collectives of these processes must not come between.
  const made =
    peers.communicator.splitSync === undefined
      ? makeGroup(peers, { members, name: `${peers.groupName}:save`, desc: 'save', limit: peers.timeout })
      : makeGroupSync(peers, members, 'save');
  ownGroups.set(peers, made);
  return made;
}
