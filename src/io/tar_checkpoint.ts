/** Checkpoints of PyTorch before 0.1.10: a tar archive of storages, tensors on them, and a pickle that refers to those. */
import { RuntimeError } from '../core/errors.js';
import { Tensor } from '../core/tensor.js';
import type { ByteSource } from './byte_source.js';
import { refused } from './file_errors.js';
import { type LoadRules, pickleRules } from './load_rules.js';
import { PickledGlobal, PickledReference, PickledTuple } from './pickle.js';
import { checkView, Rebuilder } from './rebuilder.js';
import { isSize, type LoadedStorage, type MapLocation, StorageLoader } from './storages.js';
import { Unpickler } from './unpickler.js';

const block = 512;

/** Whether a file begins with the header of a tar archive. */
export function isTar(head: Uint8Array): boolean {
  return [...'ustar'].every((c, i) => head[257 + i] === c.charCodeAt(0));
}

/** The members of an archive that are files, by their names. */
async function membersOf(source: ByteSource): Promise<Map<string, ByteSource>> {
  const members = new Map<string, ByteSource>();
  for (let at = 0; at + block <= source.size; ) {
    const header = await source.read(at, block);
    if (header[0] === 0) break;
    const text = (from: number, length: number) => {
      const bytes = header.subarray(from, from + length);
      const end = bytes.indexOf(0);
      return String.fromCharCode(...bytes.subarray(0, end < 0 ? length : end)).trim();
    };
    const size = Number.parseInt(text(124, 12), 8);
    const start = at + block;
    if (!isSize(size) || start + size > source.size)
      throw new RuntimeError(`${source.name} is damaged: its archive holds more than the file`);
    if (header[156] === 0 || header[156] === 0x30) {
      const name = text(0, 100).replace(/^\.\//, '');
      members.set(name, { ...source, size, read: (offset, length) => source.read(start + offset, length) });
    }
    at = start + Math.ceil(size / block) * block;
  }
  return members;
}

/** Pickles in a row, and bytes between them. */
class Rows {
  private at = 0;

  private constructor(
    private readonly bytes: Uint8Array,
    private readonly rules: LoadRules,
  ) {}

  static async of(source: ByteSource, rules: LoadRules): Promise<Rows> {
    return new Rows(await source.read(0, source.size), rules);
  }

  pickle(): unknown {
    const unpickler = new Unpickler(this.bytes, pickleRules(this.rules), this.at);
    const value = unpickler.load();
    this.at = unpickler.position;
    return value;
  }

  /** The values of a pickled tuple of so many. */
  tuple(length: number): readonly unknown[] {
    const value = this.pickle();
    const items = value instanceof PickledTuple ? value.items : value;
    if (!Array.isArray(items) || items.length !== length)
      throw refused('a part of the archive is described wrongly');
    return items;
  }

  count(): number {
    const value = this.pickle();
    if (!isSize(value) || value > this.bytes.length)
      throw refused('a part of the archive is described wrongly');
    return value;
  }

  take(length: number): Uint8Array {
    if (!isSize(length) || this.at + length > this.bytes.length)
      throw new RuntimeError('unexpected EOF. The file might be corrupted.');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  int64(): number {
    const bytes = this.take(8);
    return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0, true));
  }
}

/** The key that a part of the archive is known by. */
const keyOf = (key: unknown): string => {
  if (typeof key !== 'string' && typeof key !== 'number' && typeof key !== 'bigint')
    throw refused('a part of the archive is described wrongly');
  return String(key);
};

export async function loadTar(
  source: ByteSource,
  mapLocation: MapLocation | null,
  rules: LoadRules,
): Promise<unknown> {
  const members = await membersOf(source);
  const [storages, tensors, pickle] = ['storages', 'tensors', 'pickle'].map((name) => members.get(name));
  if (storages === undefined || tensors === undefined || pickle === undefined)
    throw new RuntimeError(
      `${source.name} is a tar archive, but not a checkpoint: it has no ${storages === undefined ? 'storages' : tensors === undefined ? 'tensors' : 'pickle'}`,
    );
  const loaded = await loadStorages(storages, mapLocation, rules);
  const made = loadTensors(await Rows.of(tensors, rules), loaded);
  // A tensor is referred to as a storage of which there is one view.
  const unpickler = new Unpickler(await pickle.read(0, pickle.size), {
    ...pickleRules(rules),
    reference: (id) => new PickledReference([id instanceof PickledTuple ? id.items[0] : id]),
  });
  const value = unpickler.load();
  const tensorOf = ({ id: [key] }: PickledReference): Tensor => {
    const tensor = made.get(keyOf(key));
    if (tensor !== undefined) return tensor;
    const base = loaded.get(keyOf(key));
    if (base === undefined) throw refused('a tensor is not in the archive');
    const { storage, dtype, start, nbytes } = base;
    return new Tensor(storage, dtype, [Math.floor(nbytes / dtype.itemsize)], [1], start);
  };
  return new Rebuilder(noStorage, unpickler.budget, rules, tensorOf).rebuild(value);
}

const noStorage = (): never => {
  throw refused('a storage is described wrongly');
};

async function loadStorages(
  source: ByteSource,
  mapLocation: MapLocation | null,
  rules: LoadRules,
): Promise<Map<string, LoadedStorage>> {
  const loader = new StorageLoader(mapLocation);
  const rows = await Rows.of(source, rules);
  const loaded = new Map<string, LoadedStorage>();
  for (let i = rows.count(); i > 0; i--) {
    const [key, location, type] = rows.tuple(3);
    const count = rows.int64();
    const reference = new PickledReference(['storage', type, keyOf(key), location, count]);
    const claim = loader.claim(reference);
    loader.put(claim, new Uint8Array(rows.take(claim.nbytes)));
    loaded.set(claim.key, loader.get(reference));
  }
  const views = rows.pickle();
  if (!Array.isArray(views)) throw refused('a view of a storage is described wrongly');
  for (const view of views) {
    const [key, root, offset, count] = view instanceof PickledTuple ? view.items : [];
    const base = loaded.get(keyOf(root));
    if (
      base === undefined ||
      !isSize(offset) ||
      !isSize(count) ||
      (offset + count) * base.dtype.itemsize > base.nbytes
    )
      throw refused('a view of a storage is described wrongly');
    loaded.set(keyOf(key), { ...base, start: base.start + offset, nbytes: count * base.dtype.itemsize });
  }
  return loaded;
}

function loadTensors(rows: Rows, storages: ReadonlyMap<string, LoadedStorage>): Map<string, Tensor> {
  const made = new Map<string, Tensor>();
  for (let i = rows.count(); i > 0; i--) {
    const [key, storageKey, type] = rows.tuple(3);
    const base = storages.get(keyOf(storageKey));
    if (base === undefined || !(type instanceof PickledGlobal))
      throw refused('a tensor is described wrongly');
    const ndimBytes = rows.take(8);
    const ndim = new DataView(ndimBytes.buffer, ndimBytes.byteOffset).getInt32(0, true);
    if (!isSize(ndim) || ndim > 64) throw refused('a tensor is described wrongly');
    const numbers = () => Array.from({ length: ndim }, () => rows.int64());
    const [shape, strides] = [numbers(), numbers()];
    const offset = rows.int64();
    if (!isSize(offset)) throw refused('a tensor is described wrongly');
    checkView(base, base.dtype, shape, strides, offset);
    made.set(keyOf(key), new Tensor(base.storage, base.dtype, shape, strides, base.start + offset));
  }
  return made;
}
