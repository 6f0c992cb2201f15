import { RuntimeError, ValueError } from '../core/errors.js';
import type { ByteSource } from './byte_source.js';
import { kindOf } from './file_kinds.js';
import { isLegacy, loadLegacy } from './legacy.js';
import { type LoadRules, pickleRules } from './load_rules.js';
import { Op, PickledCall, PickledDict, PickledTuple } from './pickle.js';
import { Rebuilder } from './rebuilder.js';
import { isIndex } from './shard_index.js';
import { loadShards } from './sharded.js';
import { openSource, type Readable } from './source.js';
import { type MapLocation, StorageLoader } from './storages.js';
import { swapBytes } from './swap.js';
import { isTar, loadTar } from './tar_checkpoint.js';
import { Unpickler } from './unpickler.js';
import { ZipReader, type ZipRules } from './zip_reader.js';

/** A storage of fewer bytes is read at once: a mapping takes whole pages. */
const leastMapped = 2 ** 16;

/** How a file is loaded, and what of it. */
export interface LoadOptions extends LoadRules {
  readonly mapLocation: MapLocation | null;
  /** Whether storages stay in the file until they are looked at. */
  readonly mmap: boolean;
}

export async function load(from: Readable, options: LoadOptions): Promise<unknown> {
  const { mapLocation, mmap } = options;
  const source = await openSource(from);
  try {
    if (mmap && source.map === undefined)
      throw new ValueError('f must be a file path in order to use the mmap argument');
    const head = await source.read(0, Math.min(source.size, 512));
    if (head.length >= 4 && head[0] === 0x50 && head[1] === 0x4b) return await loadArchive(source, options);
    const isOld = isLegacy(head);
    if (mmap && (isOld || isTar(head)))
      throw new RuntimeError(
        'mmap can only be used with files saved with `torch.save(_useNewZipfileSerialization: true)`, ' +
          'please torch.save your checkpoint with this option in order to use mmap.',
      );
    if (isOld) return await loadLegacy(source, mapLocation, options);
    if (isTar(head)) return await loadTar(source, mapLocation, options);
    if (isIndex(head)) return await loadShards(from, source, (shard) => load(shard, options));
    const isPickle = head[0] === 0x80 && head[1] >= 2 && head[1] <= 5;
    if (isPickle || (options.inert && (await mayBeOldPickle(head, source))))
      return await loadPickle(source, options);
    const kind = kindOf(head);
    throw new RuntimeError(
      head.length === 0
        ? `${source.name} is empty: not a checkpoint`
        : `${source.name} is not a checkpoint: it is ${kind ?? 'no zip archive and has no magic number'}`,
    );
  } finally {
    await source.close();
  }
}

/** Whether a file begins and ends as pickles of protocols 0 and 1 do, which do not say what they are. */
async function mayBeOldPickle(head: Uint8Array, source: ByteSource): Promise<boolean> {
  if (head.length < 2 || !'(c}])NIKJMGFLSUVX'.includes(String.fromCharCode(head[0]))) return false;
  return (await source.read(source.size - 1, 1))[0] === Op.STOP;
}

/** A pickle that `pickle.dump` wrote. */
async function loadPickle(source: ByteSource, options: LoadOptions): Promise<unknown> {
  const read = async (rules: LoadRules) => {
    const unpickler = new Unpickler(await source.read(0, source.size), pickleRules(rules));
    return { value: unpickler.load(), unpickler };
  };
  if (options.inert) {
    const { value, unpickler } = await read(options);
    const storages = new StorageLoader(options.mapLocation);
    return new Rebuilder((reference) => storages.get(reference), unpickler.budget, options).rebuild(value);
  }
  const { value } = await read({ ...options, inert: true });
  throw new RuntimeError(
    `${source.name} is not a checkpoint of torch.save but a plain pickle of ${described(value)}: load it with ` +
      '`weightsOnly: false`, which runs nothing and gives stand-ins for objects of classes that are not here',
  );
}

/** The class of what a pickle holds. */
function described(value: unknown): string {
  if (value instanceof PickledDict) return 'dict';
  if (value instanceof PickledTuple) return 'tuple';
  if (Array.isArray(value)) return 'list';
  if (!(value instanceof PickledCall)) return value === null ? 'None' : typeof value;
  const name = String(value.callable);
  return /^numpy\._?core\.(multiarray\._reconstruct|numeric\._frombuffer)$/.test(name)
    ? 'numpy.ndarray'
    : name;
}

async function loadArchive(source: ByteSource, options: LoadOptions): Promise<unknown> {
  const archive = await ZipReader.open(source, archiveRules);
  const names = [...archive.names()];
  const pickleName = names.find((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickleName === undefined) {
    const isArrays = names.length > 0 && names.every((name) => name.endsWith('.npy'));
    throw isArrays
      ? new RuntimeError(
          `${source.name} is not a checkpoint: it is an .npz file of NumPy: use torch.numpy.load`,
        )
      : damaged('locating file data.pkl: file not found');
  }
  const root = pickleName.slice(0, -'data.pkl'.length);
  const isScript = archive.has(`${root}constants.pkl`);
  if (isScript && !options.inert) {
    throw new RuntimeError(
      'Cannot use ``weightsOnly: true`` with TorchScript archives passed to ``torch.load``. ' +
        'With ``weightsOnly: false`` its stateDict() has the tensors: no code of it is run.',
    );
  }
  const order = archive.has(`${root}byteorder`)
    ? new TextDecoder().decode(await archive.read(`${root}byteorder`))
    : 'little';
  if (order !== 'little' && order !== 'big') throw new ValueError(`Unknown endianness type: ${order}`);
  const unpickler = new Unpickler(await archive.read(pickleName), pickleRules(options));
  const value = unpickler.load();
  const storages = new StorageLoader(options.mapLocation);
  // All of them are looked at before any memory is taken.
  const claims = unpickler.references.map((reference) => storages.claim(reference));
  for (const claim of claims) {
    const { key, dtype, count, nbytes } = claim;
    if (storages.has(key)) continue;
    const name = `${root}${isScript ? tensorFolder(archive, root, key) : 'data'}/${key}`;
    const size = archive.size(name);
    if (size !== nbytes) {
      throw new RuntimeError(
        `record size (${size} bytes) does not match expected size ` +
          `(${nbytes} bytes = ${count} elements * ${dtype.itemsize} bytes/element) for dtype ${dtype.scalarName}`,
      );
    }
    const isLarge = nbytes >= leastMapped;
    const mapped = options.mmap && isLarge && order === 'little' ? await archive.map(name) : null;
    if (mapped !== null && mapped.byteOffset % dtype.itemsize === 0) {
      storages.put(claim, mapped, true);
      continue;
    }
    const bytes = await archive.read(name);
    if (order === 'big') swapBytes(bytes, dtype);
    storages.put(claim, bytes);
  }
  return new Rebuilder((reference) => storages.get(reference), unpickler.budget, options).rebuild(value);
}

/** Where TorchScript's tensors are: some versions have had them in a folder of their own. */
const tensorFolder = (archive: ZipReader, root: string, key: string): string =>
  ['data', 'tensors', 'constants'].find((folder) => archive.has(`${root}${folder}/${key}`)) ?? 'data';

export const archiveRules: ZipRules = { fail: damaged, checksums: false };

function damaged(what: string): RuntimeError {
  return new RuntimeError(
    `PytorchStreamReader failed ${what}. This is an internal miniz error. If you are seeing this error, there is a ` +
      'high likelihood that your checkpoint file is corrupted. This can happen if the checkpoint was not saved ' +
      'properly, was transferred incorrectly, or the file was modified after saving.',
  );
}
