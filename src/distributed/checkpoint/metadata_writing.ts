/** `.metadata` as PyTorch writes it: a pickle of dataclasses. */
import type { DType } from '../../core/dtype.js';
import { PickledCall, PickledDict, PickledGlobal, PickledTuple } from '../../io/pickle.js';
import { Pickler } from '../../io/pickler.js';
import type { Metadata, Place, StoredTensor } from './metadata.js';

const module = 'torch.distributed.checkpoint.metadata';

const dict = (entries: Iterable<readonly [unknown, unknown]>): PickledDict => {
  const made = new PickledDict(false);
  for (const [key, value] of entries) made.entries.set(key, value);
  return made;
};

/** An object of a class, with its attributes. */
function instance(
  path: readonly [module: string, name: string],
  state?: PickledDict | PickledTuple,
): PickledCall {
  const made = new PickledCall(new PickledGlobal(...path), [], null, true);
  made.state = state;
  return made;
}

const dataclass = (name: string, attributes: Readonly<Record<string, unknown>>): PickledCall =>
  instance([module, name], dict(Object.entries(attributes)));

const size = (sizes: readonly number[]): PickledCall =>
  new PickledCall(new PickledGlobal('torch', 'Size'), [new PickledTuple([...sizes])]);

/** dtype, layout, whether it requires a gradient, order in memory, whether it is pinned. */
const properties = (dtype: DType): PickledCall =>
  instance(
    [module, 'TensorProperties'],
    new PickledTuple([
      new PickledGlobal('torch', dtype.name),
      new PickledCall(new PickledGlobal('torch.serialization', '_get_layout'), ['torch.strided']),
      false,
      new PickledCall(new PickledGlobal(module, '_MEM_FORMAT_ENCODING'), [0]),
      false,
    ]),
  );

const tensorMetadata = ({ dtype, size: whole, chunks }: StoredTensor): PickledCall =>
  dataclass('TensorStorageMetadata', {
    properties: properties(dtype),
    size: size(whole),
    chunks: chunks.map(({ offsets, sizes }) =>
      dataclass('ChunkStorageMetadata', { offsets: size(offsets), sizes: size(sizes) }),
    ),
  });

const storageInfo = ({ file, offset, length }: Place): PickledCall =>
  instance(
    ['torch.distributed.checkpoint.filesystem', '_StorageInfo'],
    dict(Object.entries({ relative_path: file, offset, length })),
  );

/** The bytes of the file. @param folder the checkpoint's name, which is only told */
export function metadataBytes({ items, paths }: Metadata, folder: string): Uint8Array {
  const kinds: [string, PickledCall][] = [];
  const places: [PickledCall, PickledCall][] = [];
  for (const [fqn, item] of items) {
    if (item.kind === 'value') {
      kinds.push([fqn, instance([module, 'BytesStorageMetadata'])]);
      places.push([dataclass('MetadataIndex', { fqn, index: null }), storageInfo(item.place)]);
      continue;
    }
    kinds.push([fqn, tensorMetadata(item)]);
    for (const [index, { offsets, place }] of item.chunks.entries())
      places.push([dataclass('MetadataIndex', { fqn, index, offset: size(offsets) }), storageInfo(place)]);
  }
  const tuples = [...paths].map(([key, path]) => [key, new PickledTuple([...path])] as const);
  const metadata = dataclass('Metadata', {
    state_dict_metadata: dict(kinds),
    planner_data: dict(tuples),
    storage_data: dict(places),
    storage_meta: dataclass('StorageMeta', {
      checkpoint_id: folder,
      save_id: crypto.randomUUID(),
      load_id: null,
      modules: [],
    }),
    version: '1.0.0',
  });
  return new Pickler(() => undefined).dump(metadata);
}
