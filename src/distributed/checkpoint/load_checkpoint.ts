import { noGradSync } from '../../autograd/modes.js';
import { RuntimeError, ValueError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { Tensor } from '../../core/tensor.js';
import { safeMakers } from '../../io/safe_globals.js';
import { CheckpointFolder } from './checkpoint_folder.js';
import { together } from './exchange.js';
import {
  type Chunk,
  intersection,
  type Metadata,
  type Place,
  type StoredTensor,
  volume,
} from './metadata.js';
import { readMetadata } from './metadata_reading.js';
import { DefaultLoadPlanner } from './planners.js';
import { peersOf } from './save_checkpoint.js';
import { isSharded, shard } from './sharded_value.js';
import { entriesOf, type StateEntry } from './state_entries.js';
import { checkState, type StateDict, unfold } from './stateful.js';

const ofLoad = signature(
  'load(Object state_dict, *, Any checkpoint_id=None, FileSystemReader? storage_reader=None, DefaultLoadPlanner? planner=None, ProcessGroup? process_group=None, bool no_dist=False)',
);

/**
 * Loads a checkpoint that `save` of this package or of PyTorch's `torch.distributed.checkpoint` has written, by however many processes: each reads what it
 * has a part in. All processes call it. Tensors are changed in place; other values are replaced in the state, and objects get theirs by `loadStateDict()`.
 *
 * Everything is looked up before the first tensor is changed: names, sizes, and whether the files are there as long as they must be.
 *
 * @param stateDict what is to be loaded: names with tensors, values, more such, and objects with a `stateDict()` and a `loadStateDict()`
 * @param checkpointId the folder
 * @param storageReader the folder, in the place of `checkpointId`
 * @param planner what is looked for
 * @param processGroup the processes; default: all, or this one if there are no others
 * @param noDist whether this process is alone in it
 * @throws CheckpointException on all processes
 *
 * @example
 * const state = { model, optimizer, step: 0 };
 * await distributed.checkpoint.load(state, { checkpointId: 'checkpoints/last' });
 * state.step; // as it was saved
 */
export async function load(
  ...args: Arguments<typeof ofLoad, { stateDict: StateDict; checkpointId: string | URL }>
): Promise<void> {
  const { stateDict, checkpointId, storageReader, planner, processGroup, noDist } = ofLoad.bind(args);
  const { flattenStateDict, allowPartialLoad } = planner ?? new DefaultLoadPlanner();
  const folder = storageReader?.folder ?? CheckpointFolder.named(checkpointId);
  const peers = peersOf(processGroup, noDist);
  if (peers !== null && !peers.isMember) return;
  let reads: Read[] = [];
  let finish = (): void => {};
  await together('load', peers, async () => {
    const state = unfold(checkState(stateDict));
    finish = state.finish;
    const metadata = readMetadata(await folder.metadata());
    reads = entriesOf(state.plain, flattenStateDict).flatMap((entry) =>
      readsOf(entry, metadata, allowPartialLoad),
    );
    await checkFiles(folder, reads);
  });
  await together('load', peers, async () => {
    for (const read of reads) await read.run(folder);
    finish();
  });
}

/** Something that is read. */
interface Read {
  readonly place: Place;
  run(folder: CheckpointFolder): Promise<void>;
}

async function valueAt(folder: CheckpointFolder, { file, offset, length }: Place): Promise<unknown> {
  const io = await import('../../io/files.js');
  const bytes = await folder.read(file, offset, length);
  try {
    return await io.load(bytes, {
      mapLocation: 'cpu',
      inert: false,
      mmap: false,
      toDense: false,
      makers: safeMakers(),
    });
  } catch (error) {
    throw new RuntimeError(
      `${file} of the checkpoint ${folder.path} is damaged: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}

/** What must be read for an entry. */
function readsOf(entry: StateEntry, metadata: Metadata, isPartial: boolean): Read[] {
  const { key, value } = entry;
  const stored = metadata.items.get(key);
  if (stored === undefined) {
    if (isPartial) return [];
    throw new RuntimeError(`Missing key in checkpoint state_dict: ${key}.`);
  }
  const isTensor = value instanceof Tensor || isSharded(value);
  if (stored.kind === 'value') {
    if (isTensor) throw new ValueError(`${key} is a tensor, and none in the checkpoint`);
    const { place } = stored;
    return [{ place, run: async (folder) => entry.put(await valueAt(folder, place)) }];
  }
  if (!isTensor) {
    if (value !== null && value !== undefined)
      throw new ValueError(`${key} is a tensor in the checkpoint, and here ${typeof value}`);
    throw new ValueError(
      `${key} is a tensor in the checkpoint: there must be one here that it is loaded into`,
    );
  }
  return tensorReads(key, value, stored);
}

function tensorReads(key: string, value: unknown, stored: StoredTensor): Read[] {
  const sizes = value instanceof Tensor ? [...value.shape] : [];
  const part = isSharded(value)
    ? value[shard]()
    : { size: sizes, offsets: sizes.map(() => 0), local: value as Tensor };
  const { size, offsets, local } = part;
  if (String(size) !== String(stored.size))
    throw new ValueError(
      `Size mismatch between saved [${stored.size.join(', ')}] and current: [${size.join(', ')}] for ${key}`,
    );
  const mine: Chunk = { offsets, sizes: local.shape };
  const reads: Read[] = [];
  let covered = 0;
  for (const chunk of stored.chunks) {
    const common = intersection(chunk, mine);
    if (common === null) continue;
    covered += volume(common);
    reads.push({
      place: chunk.place,
      async run(folder) {
        const from = await valueAt(folder, chunk.place);
        if (!(from instanceof Tensor) || String(from.shape) !== String(chunk.sizes))
          throw new RuntimeError(
            `${chunk.place.file} of the checkpoint ${folder.path} is damaged: it has not the part of ${key} that .metadata says`,
          );
        noGradSync(() => narrowed(local.detach(), mine, common).copy_(narrowed(from, chunk, common)));
      },
    });
  }
  if (covered !== volume(mine))
    throw new ValueError(`the parts of ${key} in the checkpoint do not make it whole`);
  return reads;
}

/** The part of a tensor that is a box, of which the tensor itself is another. */
function narrowed(tensor: Tensor, own: Chunk, box: Chunk): Tensor {
  return box.offsets.reduce(
    (view, offset, d) => view.narrow(d, offset - own.offsets[d], box.sizes[d]),
    tensor,
  );
}

/** Refuses files that are missing or too short. */
async function checkFiles(folder: CheckpointFolder, reads: readonly Read[]): Promise<void> {
  const ends = new Map<string, number>();
  for (const { place } of reads)
    ends.set(place.file, Math.max(ends.get(place.file) ?? 0, place.offset + place.length));
  for (const [name, end] of ends) {
    const size = await folder.sizeOf(name);
    if (size === null) throw new RuntimeError(`the checkpoint ${folder.path} lacks its file ${name}`);
    if (size < end)
      throw new RuntimeError(
        `${name} of the checkpoint ${folder.path} was cut short: it has ${size} bytes instead of ${end}`,
      );
  }
}
