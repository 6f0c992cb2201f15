/** `.metadata` of PyTorch's or this package's checkpoints. Nothing in it is run, and nothing of it is believed before it is checked. */
import { KeyError } from '../../core/errors.js';
import { UnpicklingError } from '../../io/file_errors.js';
import { PickledCall, PickledDict, PickledGlobal, PickledTuple } from '../../io/pickle.js';
import { dtypeOfPath } from '../../io/storage_types.js';
import { Unpickler } from '../../io/unpickler.js';
import type { Chunk, Metadata, Place, Stored, StoredChunk } from './metadata.js';

const wrong = (what: string): UnpicklingError =>
  new UnpicklingError(`the checkpoint's .metadata is damaged: ${what}`);

/** The attributes of an object of a class, by their names. */
function attributes(value: unknown, name: string): ReadonlyMap<unknown, unknown> {
  if (!(value instanceof PickledCall) || !String(value.callable).endsWith(`.${name}`))
    throw wrong(`there is no ${name}`);
  if (value.state === undefined) return new Map();
  if (!(value.state instanceof PickledDict)) throw wrong(`${name} is described wrongly`);
  return value.state.entries;
}

function entriesOf(value: unknown, what: string): ReadonlyMap<unknown, unknown> {
  if (!(value instanceof PickledDict)) throw wrong(`${what} is no dict`);
  return value.entries;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function sizes(value: unknown): readonly number[] {
  const items =
    value instanceof PickledCall && String(value.callable) === 'torch.Size' ? value.args[0] : null;
  if (!(items instanceof PickledTuple) || !items.items.every(isCount))
    throw wrong('a size is described wrongly');
  return items.items as number[];
}

function placeOf(value: unknown): Place {
  const info = attributes(value, '_StorageInfo');
  const [file, offset, length] = ['relative_path', 'offset', 'length'].map((name) => info.get(name));
  // A name with a folder in it would lead out of the checkpoint.
  const isName = typeof file === 'string' && /^[^/\\\0]+$/.test(file) && file !== '.' && file !== '..';
  if (!isName) throw wrong(`${JSON.stringify(file) ?? 'nothing'} is no name of a file of a checkpoint`);
  if (!isCount(offset) || !isCount(length)) throw wrong('a place is described wrongly');
  const transforms = info.get('transform_descriptors') ?? [];
  if (!Array.isArray(transforms) || transforms.length > 0)
    throw wrong(`its parts are transformed (${String(transforms)}), which cannot be undone here`);
  return { file, offset, length };
}

/** Places by the item's name and the box's offsets. */
function placesOf(value: unknown): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const [index, info] of entriesOf(value, 'storage_data')) {
    const own = attributes(index, 'MetadataIndex');
    const [fqn, offset] = [own.get('fqn'), own.get('offset') ?? null];
    if (typeof fqn !== 'string') throw wrong('an index is described wrongly');
    places.set(placeKey(fqn, offset === null ? null : sizes(offset)), placeOf(info));
  }
  return places;
}

const placeKey = (fqn: string, offsets: readonly number[] | null): string => JSON.stringify([fqn, offsets]);

function chunkOf(value: unknown, size: readonly number[]): Chunk {
  const own = attributes(value, 'ChunkStorageMetadata');
  const chunk = { offsets: sizes(own.get('offsets')), sizes: sizes(own.get('sizes')) };
  const fits =
    chunk.offsets.length === size.length &&
    chunk.sizes.length === size.length &&
    size.every((n, i) => chunk.offsets[i] + chunk.sizes[i] <= n);
  if (!fits) throw wrong('a part lies outside of its tensor');
  return chunk;
}

function storedOf(fqn: string, value: unknown, places: ReadonlyMap<string, Place>): Stored {
  const found = (offsets: readonly number[] | null): Place => {
    const place = places.get(placeKey(fqn, offsets)) ?? places.get(placeKey(fqn, null));
    if (place === undefined) throw wrong(`nothing says where ${fqn} lies`);
    return place;
  };
  if (value instanceof PickledCall && String(value.callable).endsWith('.BytesStorageMetadata'))
    return { kind: 'value', place: found(null) };
  const own = attributes(value, 'TensorStorageMetadata');
  const properties = own.get('properties');
  const state = properties instanceof PickledCall ? properties.state : null;
  const name =
    state instanceof PickledTuple && state.items[0] instanceof PickledGlobal ? String(state.items[0]) : '';
  const dtype = dtypeOfPath(name);
  if (dtype === undefined) throw wrong(`${fqn} has a dtype that is not here: ${name}`);
  const size = sizes(own.get('size'));
  const chunks = own.get('chunks');
  if (!Array.isArray(chunks)) throw wrong(`the parts of ${fqn} are no list`);
  const stored: StoredChunk[] = chunks.map((one) => {
    const chunk = chunkOf(one, size);
    return { ...chunk, place: found(chunk.offsets) };
  });
  return { kind: 'tensor', dtype, size, chunks: stored };
}

function pathOf(key: string, value: unknown): readonly (string | number)[] {
  if (!(value instanceof PickledTuple)) throw wrong(`the path of ${key} is no tuple`);
  const isPath = value.items.every((one) => typeof one === 'string' || isCount(one));
  if (!isPath || value.items.length === 0) throw wrong(`the path of ${key} is described wrongly`);
  return value.items as (string | number)[];
}

/** What a `.metadata` file says. @throws UnpicklingError where it makes no sense */
export function readMetadata(bytes: Uint8Array): Metadata {
  let root: unknown;
  try {
    root = new Unpickler(bytes, { allowed: () => true, inert: true }).load();
  } catch (error) {
    if (
      error instanceof UnpicklingError ||
      error instanceof KeyError ||
      error instanceof globalThis.TypeError
    )
      throw wrong(error.message);
    throw error;
  }
  const own = attributes(root, 'Metadata');
  const places = placesOf(own.get('storage_data'));
  const items = new Map<string, Stored>();
  for (const [key, value] of entriesOf(own.get('state_dict_metadata'), 'state_dict_metadata')) {
    if (typeof key !== 'string') throw wrong('a key is no string');
    items.set(key, storedOf(key, value, places));
  }
  const paths = new Map<string, readonly (string | number)[]>();
  const told = own.get('planner_data') ?? null;
  for (const [key, value] of told === null ? [] : entriesOf(told, 'planner_data'))
    paths.set(String(key), pathOf(String(key), value));
  return { items, paths };
}
