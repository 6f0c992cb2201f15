import { noGradSync } from '../../autograd/modes.js';
import { RuntimeError, ValueError } from '../../core/errors.js';
import { isContiguous } from '../../core/layout.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { GroupMember } from '../process_group.js';
import { CheckpointFolder } from './checkpoint_folder.js';
import { type Peers, rankIn, together } from './exchange.js';
import { FileSystemWriter } from './file_system_storage.js';
import type { Place } from './metadata.js';
import type { DefaultSavePlanner } from './planners.js';
import { checkPlans, itemsOf, localTensor, metadataOf, shareOut, type WriteItem } from './save_plan.js';
import { entriesOf, type StateEntry } from './state_entries.js';
import { checkState, type StateDict, unfold } from './stateful.js';

const ofSave = signature(
  'save(Object state_dict, *, Any checkpoint_id=None, FileSystemWriter? storage_writer=None, DefaultSavePlanner? planner=None, ProcessGroup? process_group=None, bool no_dist=False)',
);

/** The folder that is written to. */
export const writerOf = (checkpointId: unknown, writer: FileSystemWriter | null): FileSystemWriter =>
  writer ?? new FileSystemWriter(CheckpointFolder.named(checkpointId).path);

/** Who takes part. */
export const peersOf = (group: Peers, isAlone: boolean): Peers =>
  isAlone ? null : (group ?? GroupMember.WORLD);

/**
 * Saves a state from all processes, each of which writes its part of it to a file of its own: `torch.distributed.checkpoint.save`, in PyTorch's format.
 * All processes call it. Sharded tensors (`DTensor`) are written by those that have the parts, what all have is shared out among them.
 *
 * A checkpoint is whole or not there: it appears with its `.metadata`, which is written last, when all else is on the disk. One that is in the folder
 * stays whole until then. Where a process fails, all do, and what they have written is removed.
 *
 * @param stateDict names with tensors, values, more such, and objects with a `stateDict()` and a `loadStateDict()`; nothing else that is named so is asked
 * @param checkpointId the folder, which all processes see; it is made where it is not there
 * @param storageWriter the folder, in the place of `checkpointId`, and whether it may have a checkpoint already
 * @param planner how it is shared out what is written
 * @param processGroup the processes; default: all, or this one if there are no others
 * @param noDist whether this process is alone in it
 * @throws CheckpointException on all processes
 *
 * @example
 * await distributed.checkpoint.save({ model, optimizer, step: 100 }, { checkpointId: 'checkpoints/last' });
 */
export async function save(
  ...args: Arguments<typeof ofSave, { stateDict: StateDict; checkpointId: string | URL }>
): Promise<void> {
  const { stateDict, checkpointId, storageWriter, planner, processGroup, noDist } = ofSave.bind(args);
  const writer = writerOf(checkpointId, storageWriter);
  const peers = peersOf(processGroup, noDist);
  if (peers !== null && !peers.isMember) return;
  const collect = (): StateEntry[] =>
    entriesOf(unfold(checkState(stateDict)).plain, planner?.flattenStateDict ?? true);
  await saveEntries(collect, writer, planner, peers);
}

/** Saves the parts of a state, which this process finds by `collect`. */
export async function saveEntries(
  collect: () => StateEntry[],
  { folder, overwrite }: FileSystemWriter,
  planner: DefaultSavePlanner | null,
  peers: Peers,
): Promise<void> {
  const rank = rankIn(peers);
  let entries: StateEntry[] = [];
  const plans = await together('save', peers, () => {
    entries = collect();
    return itemsOf(entries);
  });
  const shares = shareOut(plans, planner?.dedupSaveToLowestRank ?? false);
  const [number] = await together('save', peers, async () => {
    checkPlans(shares);
    if (!overwrite && (await folder.isThere()))
      throw new RuntimeError('Checkpoint already exists and overwrite=false.');
    return rank === 0 ? folder.prepare() : 0;
  });
  const nameOf = (one: number): string => `__${one}_${number}.distcp`;
  let isWritten = false;
  try {
    const places = await together('save', peers, async () => {
      const own = await writeItems(folder, nameOf(rank), shares[rank], entries);
      isWritten = true;
      return own;
    });
    await together('save', peers, async () => {
      if (rank !== 0) return;
      const files = new Set(shares.map((_, one) => nameOf(one)));
      const { metadataBytes } = await import('./metadata_writing.js');
      await folder.publish(metadataBytes(metadataOf(shares, places), folder.path), files);
    });
  } catch (error) {
    if (isWritten) await folder.remove(nameOf(rank)).catch(() => {});
    throw error;
  }
}

async function writeItems(
  folder: CheckpointFolder,
  name: string,
  items: readonly WriteItem[],
  entries: readonly StateEntry[],
): Promise<Place[]> {
  const { save: write } = await import('../../io/files.js');
  const byKey = new Map(entries.map((entry) => [entry.key, entry]));
  const places: Place[] = [];
  let offset = 0;
  await folder.write(name, async (file) => {
    for (const { key } of items) {
      const entry = byKey.get(key);
      if (entry === undefined) throw new ValueError(`${key} has gone while it was saved`);
      const start = offset;
      const sink = {
        async write(chunk: Uint8Array): Promise<void> {
          await file.writeFile(chunk);
          offset += chunk.length;
        },
      };
      const tensor = localTensor(entry);
      await write(tensor === null ? entry.value : alone(tensor), sink, true);
      places.push({ file: name, offset: start, length: offset - start });
    }
  });
  return places;
}

/** A tensor that has its memory for itself, so that no more than it is written. */
function alone(tensor: Tensor): Tensor {
  const own = tensor.detach();
  const isAlone = isContiguous(own.shape, own.strides) && own.storage.nbytes === own.nbytes;
  return isAlone ? own : noGradSync(() => own.contiguous().clone());
}
