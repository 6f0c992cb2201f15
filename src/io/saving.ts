import type { HostMemory, Storage } from '../backends/backend.js';
import { isComplexNumber } from '../core/complex.js';
import { Device } from '../core/device.js';
import type { DType } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import { Size } from '../core/layout.js';
import { Layout, strided } from '../core/memory_format.js';
import { PyFloat } from '../core/pyfloat.js';
import { Tensor } from '../core/tensor.js';
import { Parameter } from '../nn/parameter.js';
import type { Sink } from './bytes.js';
import {
  PickledCall,
  PickledDict,
  PickledFloat,
  PickledGlobal,
  PickledReference,
  PickledTuple,
} from './pickle.js';
import { Pickler } from './pickler.js';
import { stableBytes } from './raw_elements.js';
import { collect, type Writable, writeTo } from './sink.js';
import { isDtype, isUntyped, legacyMagic, legacyProtocol, storageClass } from './storage_types.js';
import { ZipWriter } from './zip_writer.js';

export async function save(value: unknown, target: Writable | null, zip: boolean): Promise<unknown> {
  const write = (sink: Sink, name: string | null) =>
    zip ? writeArchive(value, name || 'archive', sink) : writeLegacy(value, sink);
  if (target === null) return collect((sink) => write(sink, null));
  return writeTo(target, write);
}

async function writeArchive(value: unknown, root: string, sink: Sink): Promise<void> {
  const storages = new SavedStorages();
  const pickle = new Pickler((item) => takeApart(item, storages)).dump(value);
  const archive = new ZipWriter(sink);
  const add = (name: string, content: string | Uint8Array) =>
    archive.add(`${root}/${name}`, typeof content === 'string' ? new TextEncoder().encode(content) : content);
  await add('data.pkl', pickle);
  // Version 1: the storages come in the order of their numbers.
  await add('.format_version', '1');
  await add('.storage_alignment', String(archive.alignment));
  await add('byteorder', 'little');
  for (const [key, storage] of storages.list.entries()) await add(`data/${key}`, await bytesOf(storage));
  await add('version', '3\n');
  await archive.finish();
}

/** Five pickles: a magic number, a version, about the machine, the value, the storages' keys; then the storages. */
async function writeLegacy(value: unknown, sink: Sink): Promise<void> {
  const storages = new SavedStorages();
  const plain = (item: unknown) => new Pickler(() => undefined).dump(item);
  const system = {
    protocol_version: legacyProtocol,
    little_endian: true,
    type_sizes: { short: 2, int: 4, long: 4 },
  };
  for (const item of [legacyMagic, legacyProtocol, system]) await sink(plain(item));
  // There a reference also says whether the storage is a view of another.
  await sink(new Pickler((item) => takeApart(item, storages, [null])).dump(value));
  // Python sorts keys as strings.
  const keys = storages.list.map((_, key) => String(key)).sort();
  await sink(plain(keys));
  for (const key of keys) {
    const storage = storages.list[Number(key)];
    const count = new DataView(new ArrayBuffer(8));
    count.setBigInt64(0, BigInt(Math.floor(storage.nbytes / storages.dtypes[Number(key)].itemsize)), true);
    await sink(new Uint8Array(count.buffer));
    await sink(await bytesOf(storage));
  }
}

/** The storages met so far. Two that lie at the same place are one: `tensor.data` shares memory under another object. */
class SavedStorages {
  readonly list: Storage[] = [];
  readonly dtypes: DType[] = [];
  private readonly places = new Map<object, number>();
  private readonly offsets = new Map<ArrayBufferLike, Map<number, number>>();

  /** The number of a storage in the file. */
  key(storage: Storage, dtype: DType): number {
    const place = storage.place ?? null;
    const memory = place === null && storage.arrival === null ? storage.host() : null;
    const key =
      memory === null ? this.keyOf(this.places, place ?? storage, storage) : this.keyOnHost(storage, memory);
    if (key === this.dtypes.length) this.dtypes.push(dtype);
    else if (this.dtypes[key] !== dtype) {
      throw new RuntimeError(
        'Cannot save multiple tensors or storages that view the same data as different types',
      );
    }
    return key;
  }

  private keyOnHost(storage: Storage, { buffer, byteOffset }: HostMemory): number {
    let offsets = this.offsets.get(buffer);
    if (offsets === undefined) {
      offsets = new Map();
      this.offsets.set(buffer, offsets);
    }
    return this.keyOf(offsets, byteOffset, storage);
  }

  private keyOf<K>(known: Map<K, number>, place: K, storage: Storage): number {
    let key = known.get(place);
    if (key === undefined) {
      key = this.list.push(storage) - 1;
      known.set(place, key);
    }
    return key;
  }
}

/** All bytes of a storage, wherever it lies. */
async function bytesOf(storage: Storage): Promise<Uint8Array> {
  await storage.arrival;
  return storage.host() === null
    ? storage.backend.download(storage, 0, storage.nbytes)
    : stableBytes(storage, 0, storage.nbytes);
}

function takeApart(value: object, storages: SavedStorages, more: readonly unknown[] = []): unknown {
  if (value instanceof Parameter) {
    return new PickledCall(new PickledGlobal('torch._utils', '_rebuild_parameter'), [
      tensorCall(value, storages, more),
      value.requiresGrad,
      new PickledDict(true),
    ]);
  }
  if (value instanceof Tensor) return tensorCall(value, storages, more);
  if (value instanceof Size) return sizeCall(value);
  if (value instanceof PyFloat) return new PickledFloat(value.value);
  if (isComplexNumber(value)) {
    const parts = [new PickledFloat(value.re), new PickledFloat(value.im)];
    return new PickledCall(new PickledGlobal('__builtin__', 'complex'), parts);
  }
  if (value instanceof Layout) return layoutCall(value);
  if (isDtype(value)) return new PickledGlobal('torch', value.name);
  if (value instanceof Device) {
    return new PickledCall(
      new PickledGlobal('torch', 'device'),
      value.index === null ? [value.type] : [value.type, value.index],
    );
  }
  return undefined;
}

const sizeCall = (size: readonly number[]) =>
  new PickledCall(new PickledGlobal('torch', 'Size'), [new PickledTuple([...size])]);

const layoutCall = (layout: Layout) =>
  new PickledCall(new PickledGlobal('torch.serialization', '_get_layout'), [String(layout)]);

function sparseCall(tensor: Tensor, storages: SavedStorages, more: readonly unknown[]): PickledCall {
  const parts = tensor.parts.map((part) => tensorCall(part.detach(), storages, more));
  const order = tensor.isSparse ? [tensor.isCoalesced()] : [];
  return new PickledCall(new PickledGlobal('torch._utils', '_rebuild_sparse_tensor'), [
    layoutCall(tensor.layout),
    new PickledTuple([...parts, sizeCall(tensor.shape), ...order]),
  ]);
}

function tensorCall(tensor: Tensor, storages: SavedStorages, more: readonly unknown[]): PickledCall {
  if (tensor.layout !== strided) return sparseCall(tensor, storages, more);
  const { storage, dtype } = tensor;
  if (!storage.backend.hasValues)
    return new PickledCall(new PickledGlobal('torch._utils', '_rebuild_meta_tensor_no_storage'), [
      new PickledGlobal('torch', String(dtype).replace('torch.', '')),
      new PickledTuple(tensor.shape),
      new PickledTuple(tensor.strides),
      tensor.requiresGrad,
    ]);
  const reference = new PickledReference([
    'storage',
    new PickledGlobal(...storageClass(dtype)),
    String(storages.key(storage, dtype)),
    // No other reader knows the device of a browser: what it holds is saved as the CPU's.
    'cpu',
    isUntyped(dtype) ? storage.nbytes : Math.floor(storage.nbytes / dtype.itemsize),
    ...more,
  ]);
  const rebuild = isUntyped(dtype) ? '_rebuild_tensor_v3' : '_rebuild_tensor_v2';
  return new PickledCall(new PickledGlobal('torch._utils', rebuild), [
    reference,
    tensor.offset,
    new PickledTuple(tensor.shape),
    new PickledTuple(tensor.strides),
    tensor.requiresGrad,
    new PickledDict(true),
    ...(isUntyped(dtype) ? [new PickledGlobal('torch', dtype.name)] : []),
  ]);
}
