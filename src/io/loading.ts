import { NotImplementedError, RuntimeError, ValueError } from '../core/errors.js';
import type { ByteSource } from './byte_source.js';
import { isLegacy, loadLegacy } from './legacy.js';
import { isAllowed, Rebuilder } from './rebuilder.js';
import { openSource, type Readable } from './source.js';
import { type MapLocation, StorageLoader } from './storages.js';
import { swapBytes } from './swap.js';
import { Unpickler } from './unpickler.js';
import { ZipReader, type ZipRules } from './zip_reader.js';

export async function load(
  from: Readable,
  mapLocation: MapLocation | null,
  weightsOnly: boolean,
): Promise<unknown> {
  if (!weightsOnly) {
    throw new NotImplementedError(
      'torch.load with weightsOnly: false would run code from the file; only weights can be loaded',
    );
  }
  const source = await openSource(from);
  try {
    const head = await source.read(0, Math.min(source.size, 16));
    if (head.length >= 2 && head[0] === 0x50 && head[1] === 0x4b)
      return await loadArchive(source, mapLocation);
    if (isLegacy(head)) return await loadLegacy(source, mapLocation);
    throw new RuntimeError(
      head.length === 0
        ? `${source.name} is empty: not a checkpoint`
        : `${source.name} is not a checkpoint: it is no zip archive and has no magic number`,
    );
  } finally {
    await source.close();
  }
}

async function loadArchive(source: ByteSource, mapLocation: MapLocation | null): Promise<unknown> {
  const archive = await ZipReader.open(source, archiveRules);
  const pickleName = [...archive.names()].find((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickleName === undefined) throw damaged('locating file data.pkl: file not found');
  const root = pickleName.slice(0, -'data.pkl'.length);
  if (archive.has(`${root}constants.pkl`)) {
    throw new RuntimeError(
      'Cannot use ``weightsOnly: true`` with TorchScript archives passed to ``torch.load``. ' +
        'Save the state_dict() of the module in Python and load that.',
    );
  }
  const order = archive.has(`${root}byteorder`)
    ? new TextDecoder().decode(await archive.read(`${root}byteorder`))
    : 'little';
  if (order !== 'little' && order !== 'big') throw new ValueError(`Unknown endianness type: ${order}`);
  const unpickler = new Unpickler(await archive.read(pickleName), isAllowed);
  const value = unpickler.load();
  const storages = new StorageLoader(mapLocation);
  // All of them are looked at before any memory is taken.
  const claims = unpickler.references.map((reference) => storages.claim(reference));
  for (const claim of claims) {
    const { key, dtype, count, nbytes } = claim;
    if (storages.has(key)) continue;
    const name = `${root}data/${key}`;
    const size = archive.size(name);
    if (size !== nbytes) {
      throw new RuntimeError(
        `record size (${size} bytes) does not match expected size ` +
          `(${nbytes} bytes = ${count} elements * ${dtype.itemsize} bytes/element) for dtype ${dtype.scalarName}`,
      );
    }
    const bytes = await archive.read(name);
    if (order === 'big') swapBytes(bytes, dtype);
    storages.put(claim, bytes);
  }
  return new Rebuilder((reference) => storages.get(reference), unpickler.budget).rebuild(value);
}

export const archiveRules: ZipRules = { fail: damaged, checksums: false };

function damaged(what: string): RuntimeError {
  return new RuntimeError(
    `PytorchStreamReader failed ${what}. This is an internal miniz error. If you are seeing this error, there is a ` +
      'high likelihood that your checkpoint file is corrupted. This can happen if the checkpoint was not saved ' +
      'properly, was transferred incorrectly, or the file was modified after saving.',
  );
}
