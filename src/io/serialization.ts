import type { Storage } from '../backends/backend.js';
import { cpuBackend } from '../core/backends.js';
import { cpu, Device, type DeviceLike, toDevice } from '../core/device.js';
import { type DType, dtypeByName, dtypes, uint8 } from '../core/dtype.js';
import { NotImplementedError, RuntimeError, TypeError, ValueError } from '../core/errors.js';
import { formatShape, numel, Size } from '../core/layout.js';
import { PyFloat } from '../core/scalar.js';
import { Tensor } from '../core/tensor.js';
import { readOptions } from '../nn/arguments.js';
import { Parameter } from '../nn/parameter.js';
import {
  PickledCall,
  PickledDict,
  PickledFloat,
  PickledGlobal,
  PickledReference,
  PickledTuple,
} from './pickle.js';
import { Pickler } from './pickler.js';
import { type ByteSource, openSource, type Readable } from './source.js';
import { refused, Unpickler } from './unpickler.js';
import { damaged, ZipReader } from './zip_reader.js';
import { type Sink, ZipWriter } from './zip_writer.js';

/** What `save` can write to: a path, a `file:` URL, or whatever takes chunks of bytes in order. */
export type Writable = string | URL | { write(chunk: Uint8Array): unknown } | WritableStream<Uint8Array>;

/** Where loaded tensors go, for all or by the device they were saved from (`{ 'cuda:0': 'cpu' }`). */
export type MapLocation = DeviceLike | Readonly<Record<string, DeviceLike>>;

const storageNames = new Map<string, string>([
  ['float32', 'FloatStorage'],
  ['float64', 'DoubleStorage'],
  ['float16', 'HalfStorage'],
  ['bfloat16', 'BFloat16Storage'],
  ['int64', 'LongStorage'],
  ['int32', 'IntStorage'],
  ['int16', 'ShortStorage'],
  ['int8', 'CharStorage'],
  ['uint8', 'ByteStorage'],
  ['bool', 'BoolStorage'],
]);
const storageDtypes = new Map<string, DType>(dtypes.map((d) => [`torch.${storageNames.get(d.name)}`, d]));
// A storage without a type: `_rebuild_tensor_v3` names the type of each tensor on it.
storageDtypes.set('torch.storage.UntypedStorage', uint8);
storageDtypes.set('torch.UntypedStorage', uint8);

// ---- saving ---------------------------------------------------------------------------------------------------

/**
 * Saves tensors and plain containers of them in PyTorch's file format, which Python's `torch.load` reads.
 *
 * Plain objects and Maps become dictionaries (a Map keeps keys that are not strings), arrays lists, frozen arrays
 * tuples. Tensors that share memory still do after loading. A file appears whole or not at all.
 *
 * @returns the bytes, if no target is given
 * @example
 * await torch.save(net.stateDict(), 'cifar_net.pth');
 */
export async function save(value: unknown): Promise<Uint8Array>;
export async function save(value: unknown, target: Writable): Promise<void>;
export async function save(value: unknown, target?: Writable): Promise<unknown> {
  if (target === undefined) {
    const chunks: Uint8Array[] = [];
    await writeArchive(value, 'archive', (chunk) => {
      chunks.push(chunk);
    });
    return concatenate(chunks);
  }
  if (typeof target === 'string' || target instanceof URL) {
    await saveToFile(value, target);
  } else if (typeof WritableStream !== 'undefined' && target instanceof WritableStream) {
    const writer = target.getWriter();
    await writeArchive(value, 'archive', (chunk) => writer.write(chunk));
    await writer.close();
  } else if (typeof (target as { write?: unknown })?.write === 'function') {
    const { write } = target as { write(chunk: Uint8Array): unknown };
    await writeArchive(value, 'archive', async (chunk) => {
      await write.call(target, chunk);
    });
  } else {
    throw new TypeError(
      "expected 'f' to be a path, a URL, a WritableStream or an object with a 'write' method",
    );
  }
  return undefined;
}

async function saveToFile(value: unknown, target: string | URL): Promise<void> {
  const { open, rename, rm } = await import('node:fs/promises');
  const { basename, dirname, join } = await import('node:path');
  const { fileURLToPath } = await import('node:url');
  const path = typeof target === 'string' ? target : fileURLToPath(target);
  // Written beside the target and renamed: a crash must not leave half a checkpoint under its name.
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}-${Date.now()}`);
  const file = await open(temporary, 'wx');
  try {
    try {
      await writeArchive(value, basename(path).replace(/\.[^.]*$/, '') || 'archive', async (chunk) => {
        await file.writeFile(chunk);
      });
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
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
  for (const [key, storage] of storages.list.entries()) await add(`data/${key}`, bytesOf(storage));
  await add('version', '3\n');
  await archive.finish();
}

/** The storages met so far. Two that lie at the same place are one: `tensor.data` shares memory under another object. */
class SavedStorages {
  readonly list: Storage[] = [];
  private readonly dtypes: DType[] = [];
  private readonly places = new Map<ArrayBufferLike, Map<number, number>>();

  /** The number of a storage in the file. */
  key(storage: Storage, dtype: DType): number {
    const memory = storage.host();
    if (memory === null) {
      throw new RuntimeError(
        `cannot save a tensor on ${storage.backend.device} directly: move it to the CPU first`,
      );
    }
    let offsets = this.places.get(memory.buffer);
    if (offsets === undefined) {
      offsets = new Map();
      this.places.set(memory.buffer, offsets);
    }
    let key = offsets.get(memory.byteOffset);
    if (key === undefined) {
      key = this.list.length;
      offsets.set(memory.byteOffset, key);
      this.list.push(storage);
      this.dtypes.push(dtype);
    } else if (this.dtypes[key] !== dtype) {
      throw new RuntimeError(
        'Cannot save multiple tensors or storages that view the same data as different types',
      );
    }
    return key;
  }
}

function takeApart(value: object, storages: SavedStorages): unknown {
  if (value instanceof Parameter) {
    return new PickledCall(new PickledGlobal('torch._utils', '_rebuild_parameter'), [
      tensorCall(value, storages),
      value.requiresGrad,
      new PickledDict(true),
    ]);
  }
  if (value instanceof Tensor) return tensorCall(value, storages);
  if (value instanceof Size) {
    return new PickledCall(new PickledGlobal('torch', 'Size'), [new PickledTuple([...value])]);
  }
  if (value instanceof PyFloat) return new PickledFloat(value.value);
  if (isDtype(value)) return new PickledGlobal('torch', value.name);
  if (value instanceof Device) {
    return new PickledCall(
      new PickledGlobal('torch', 'device'),
      value.index === null ? [value.type] : [value.type, value.index],
    );
  }
  return undefined;
}

function isDtype(value: object): value is DType {
  return (dtypes as readonly object[]).includes(value);
}

function tensorCall(tensor: Tensor, storages: SavedStorages): PickledCall {
  const { storage, dtype } = tensor;
  const reference = new PickledReference([
    'storage',
    new PickledGlobal('torch', storageNames.get(dtype.name)!),
    String(storages.key(storage, dtype)),
    String(storage.backend.device),
    Math.floor(storage.nbytes / dtype.itemsize),
  ]);
  return new PickledCall(new PickledGlobal('torch._utils', '_rebuild_tensor_v2'), [
    reference,
    tensor.offset,
    new PickledTuple(tensor.shape),
    new PickledTuple(tensor.strides),
    tensor.requiresGrad,
    new PickledDict(true),
  ]);
}

function bytesOf(storage: Storage): Uint8Array {
  const { buffer, byteOffset } = storage.host()!;
  const bytes = new Uint8Array(buffer, byteOffset, storage.nbytes);
  // Shared memory could change between the checksum and the write, and file systems refuse it.
  return buffer instanceof ArrayBuffer ? bytes : new Uint8Array(bytes);
}

function concatenate(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

// ---- loading --------------------------------------------------------------------------------------------------

export interface LoadOptions {
  /** Where tensors go. Tensors that were saved on a device which is not here need it. */
  mapLocation?: MapLocation | null;
  /** Always true: a file's code is never run. */
  weightsOnly?: boolean;
}

/**
 * Loads what PyTorch's or this package's `torch.save` wrote: tensors, parameters and plain containers. Anything else in the
 * file is refused, and no code in it is ever run.
 *
 * Dictionaries become plain objects where an object can hold their keys in order, Maps otherwise (`state.get(0)`);
 * tuples become frozen arrays. Tensors that shared memory share it again.
 */
export async function load(from: Readable, options: LoadOptions = {}): Promise<unknown> {
  const { mapLocation, weightsOnly } = readOptions<Required<LoadOptions>>(
    'load',
    { mapLocation: null, weightsOnly: true },
    [options],
  );
  if (!weightsOnly) {
    throw new NotImplementedError(
      'torch.load with weightsOnly: false would run code from the file; only weights can be loaded',
    );
  }
  const source = await openSource(from);
  try {
    return await loadArchive(source, mapLocation);
  } finally {
    await source.close();
  }
}

async function loadArchive(source: ByteSource, mapLocation: MapLocation | null): Promise<unknown> {
  await refuseOtherFormats(source);
  const archive = await ZipReader.open(source);
  const pickleName = [...archive.names()].find((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickleName === undefined) throw damaged('locating file data.pkl: file not found');
  const root = pickleName.slice(0, -'data.pkl'.length);
  if (archive.has(`${root}constants.pkl`)) {
    throw new RuntimeError(
      'Cannot use ``weights_only=True`` with TorchScript archives passed to ``torch.load``. ' +
        'Save the state_dict() of the module in Python and load that.',
    );
  }
  const order = archive.has(`${root}byteorder`)
    ? new TextDecoder().decode(await archive.read(`${root}byteorder`))
    : 'little';
  if (order !== 'little' && order !== 'big') throw new ValueError(`Unknown endianness type: ${order}`);
  const unpickler = new Unpickler(await archive.read(pickleName), isAllowed);
  const value = unpickler.load();
  const storages = new StorageLoader(archive, root, order === 'big', mapLocation);
  for (const reference of unpickler.references) await storages.load(reference);
  return new Rebuilder(storages).rebuild(value);
}

async function refuseOtherFormats(source: ByteSource): Promise<void> {
  const head = await source.read(0, Math.min(source.size, 4));
  if (head.length === 4 && head[0] === 0x50 && head[1] === 0x4b) return;
  if (head.length === 0) throw new RuntimeError(`${source.name} is empty: not a checkpoint`);
  throw new RuntimeError(
    head[0] === 0x80
      ? `${source.name} is in PyTorch's format of before 1.6; load and save it again with a newer Python PyTorch`
      : `${source.name} is not a checkpoint: it is no zip archive`,
  );
}

/** Rebuilds tensors from the arguments of the function that the pickle names. */
const tensorFunctions = new Set([
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_tensor_v3',
  'torch._utils._rebuild_tensor',
]);
const parameterFunctions = new Set([
  'torch._utils._rebuild_parameter',
  'torch._utils._rebuild_parameter_with_state',
  'torch.nn.parameter.Parameter',
]);
const otherGlobals = new Set([
  'torch._tensor._rebuild_from_type_v2',
  'torch.Tensor',
  'torch.Size',
  'torch.device',
  '_codecs.encode',
  'builtins.bytearray',
  'builtins.set',
  'builtins.complex',
]);
/** What PyTorch loads and we cannot (yet): named, so that nobody takes such a file for hostile. */
const unsupported = new Set([
  'torch._utils._rebuild_sparse_tensor',
  'torch._utils._rebuild_qtensor',
  'torch._utils._rebuild_nested_tensor',
  'torch._utils._rebuild_meta_tensor_no_storage',
  'torch._utils._rebuild_wrapper_subclass',
  'torch._utils._rebuild_device_tensor_from_numpy',
  'torch._utils._rebuild_device_tensor_from_cpu_tensor',
  'torch.serialization._get_layout',
  'torch.ComplexFloatStorage',
  'torch.ComplexDoubleStorage',
  'torch.QInt8Storage',
  'torch.QUInt8Storage',
  'torch.QInt32Storage',
  'torch.complex64',
  'torch.complex128',
  'torch.complex32',
  'torch.uint16',
  'torch.uint32',
  'torch.uint64',
  'torch.float8_e4m3fn',
  'torch.float8_e5m2',
]);

function isAllowed(path: string): boolean {
  if (unsupported.has(path)) throw new NotImplementedError(`torch.load: ${path} is not supported yet`);
  return (
    tensorFunctions.has(path) ||
    parameterFunctions.has(path) ||
    otherGlobals.has(path) ||
    storageDtypes.has(path) ||
    dtypeOfPath(path) !== undefined
  );
}

function dtypeOfPath(path: string): DType | undefined {
  return path.startsWith('torch.') ? dtypeByName(path.slice('torch.'.length)) : undefined;
}

interface LoadedStorage {
  readonly storage: Storage;
  readonly dtype: DType;
}

class StorageLoader {
  private readonly loaded = new Map<string, LoadedStorage>();

  constructor(
    private readonly archive: ZipReader,
    private readonly root: string,
    private readonly swap: boolean,
    private readonly mapLocation: MapLocation | null,
  ) {}

  /** What `load` has loaded. */
  get(reference: PickledReference): LoadedStorage {
    return this.loaded.get(reference.id[2] as string)!;
  }

  async load(reference: PickledReference): Promise<void> {
    const [, type, key, location, count] = reference.id;
    const dtype = type instanceof PickledGlobal ? storageDtypes.get(String(type)) : undefined;
    if (
      dtype === undefined ||
      typeof key !== 'string' ||
      typeof location !== 'string' ||
      typeof count !== 'number' ||
      !isSize(count)
    ) {
      throw refused('a storage is described wrongly');
    }
    if (this.loaded.has(key)) return;
    this.checkLocation(location);
    const name = `${this.root}data/${key}`;
    const nbytes = count * dtype.itemsize;
    const size = this.archive.size(name);
    if (size !== nbytes) {
      throw new RuntimeError(
        `record size (${size} bytes) does not match expected size ` +
          `(${nbytes} bytes = ${count} elements * ${dtype.itemsize} bytes/element) for dtype ${dtype.scalarName}`,
      );
    }
    const bytes = await this.archive.read(name);
    if (this.swap) swapBytes(bytes, dtype.itemsize);
    const storage = cpuBackend().allocate(nbytes);
    const memory = storage.host()!;
    new Uint8Array(memory.buffer, memory.byteOffset, nbytes).set(bytes);
    this.loaded.set(key, { storage, dtype });
  }

  private checkLocation(location: string): void {
    const { mapLocation } = this;
    const isRecord =
      typeof mapLocation === 'object' && mapLocation !== null && !(mapLocation instanceof Device);
    const target = isRecord ? (mapLocation[location] ?? location) : (mapLocation ?? location);
    if (target === cpu || target === 'cpu') return;
    if (/^cuda(:\d+)?$/.test(String(target))) {
      throw new RuntimeError(
        'Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False. If you are ' +
          "running on a CPU-only machine, please use torch.load with mapLocation: 'cpu' to map your storages to the CPU.",
      );
    }
    if (mapLocation !== null) toDevice(target);
    throw new RuntimeError(
      `don't know how to restore data location of torch.storage.UntypedStorage (tagged with ${target})`,
    );
  }
}

/**
 * Turns stand-ins into values. Containers are made first and filled from a list of work, so that neither cycles
 * nor depth (a pickle can nest as deep as it is long) matter.
 */
class Rebuilder {
  private readonly made = new Map<object, unknown>();
  private readonly work: (() => void)[] = [];
  private readonly tuples: unknown[][] = [];

  constructor(private readonly storages: StorageLoader) {}

  rebuild(root: unknown): unknown {
    const value = this.value(root);
    for (let next = this.work.pop(); next !== undefined; next = this.work.pop()) next();
    for (const tuple of this.tuples) Object.freeze(tuple);
    return value;
  }

  private value(from: unknown): unknown {
    if (typeof from !== 'object' || from === null) return from;
    if (this.made.has(from)) return this.made.get(from);
    if (from instanceof PickledCall) {
      const result = this.call(from);
      this.made.set(from, result);
      return result;
    }
    return this.container(from);
  }

  private container(from: object): unknown {
    const keep = <T>(target: T): T => {
      this.made.set(from, target);
      return target;
    };
    if (Array.isArray(from) || from instanceof PickledTuple) {
      const target: unknown[] = keep([]);
      if (!Array.isArray(from)) this.tuples.push(target);
      const items = Array.isArray(from) ? from : from.items;
      this.work.push(() => {
        for (const item of items) target.push(this.value(item));
      });
      return target;
    }
    if (from instanceof PickledDict) return this.dictionary(from, keep);
    if (from instanceof Set) return keep(new Set());
    if (from instanceof PickledGlobal) {
      const dtype = dtypeOfPath(String(from));
      if (dtype !== undefined) return dtype;
    }
    throw refused(
      `${from instanceof PickledReference ? 'a storage without a tensor' : String(from)} has no value here`,
    );
  }

  private dictionary(from: PickledDict, keep: <T>(target: T) => T): unknown {
    let target: object;
    if (fitsObject(from.entries.keys())) {
      const object: object = keep({});
      target = object;
      this.work.push(() => {
        for (const [key, value] of from.entries) define(object, key as string, this.value(value), true);
      });
    } else {
      const map = keep(new Map<unknown, unknown>());
      target = map;
      this.work.push(() => {
        for (const [key, value] of from.entries) map.set(this.value(key), this.value(value));
      });
    }
    const metadata = from.state?.entries.get('_metadata');
    if (metadata !== undefined) {
      this.work.push(() => define(target, '_metadata', this.value(metadata), false));
    }
    return target;
  }

  private call(call: PickledCall): unknown {
    const { callable, args } = call;
    const path = String(callable);
    if (tensorFunctions.has(path)) return this.tensor(path, args);
    if (parameterFunctions.has(path)) return this.parameter(args);
    switch (path) {
      case 'torch._tensor._rebuild_from_type_v2': {
        // (function, type, arguments, attributes): attributes have no place on our tensors.
        const [inner, type, innerArgs] = args;
        const isTensor = ['torch.Tensor', 'torch.nn.parameter.Parameter'].includes(String(type));
        if (!isTensor || !(inner instanceof PickledGlobal) || !(innerArgs instanceof PickledTuple)) break;
        if (tensorFunctions.has(String(inner))) return this.tensor(String(inner), innerArgs.items);
        if (parameterFunctions.has(String(inner))) return this.parameter(innerArgs.items);
        break;
      }
      case 'torch.Size':
        if (args[0] instanceof PickledTuple && args[0].items.every(isSize)) {
          return Size.create(args[0].items as number[]);
        }
        break;
      case 'torch.device':
        return new Device(String(args[0]), typeof args[1] === 'number' ? args[1] : null);
      case '_codecs.encode':
        if (typeof args[0] === 'string' && args[1] === 'latin1') return latin1(args[0]);
        break;
      case 'builtins.bytearray':
        if (args.length === 0) return new Uint8Array(0);
        if (args[0] instanceof PickledCall && String(args[0].callable) === '_codecs.encode') {
          const [text] = args[0].args;
          if (typeof text === 'string') return latin1(text);
        }
        break;
      case 'builtins.set': {
        const target = new Set<unknown>();
        const items = args[0] ?? [];
        if (!Array.isArray(items)) break;
        this.work.push(() => {
          for (const item of items) target.add(this.value(item));
        });
        return target;
      }
      case 'builtins.complex':
        throw new NotImplementedError('torch.load: complex numbers are not supported yet');
    }
    throw refused(`${path} was called with arguments that it does not take`);
  }

  private tensor(path: string, args: readonly unknown[]): Tensor {
    const [reference, offset, size, stride, requiresGrad] = args;
    if (
      !(reference instanceof PickledReference) ||
      typeof offset !== 'number' ||
      !isSize(offset) ||
      !(size instanceof PickledTuple && size.items.every(Number.isSafeInteger)) ||
      !(stride instanceof PickledTuple && stride.items.every(Number.isSafeInteger))
    ) {
      throw refused('a tensor is described wrongly');
    }
    const { storage, dtype: storageDtype } = this.storages.get(reference);
    const dtype = path.endsWith('_v3') ? dtypeOfPath(String(args[6])) : storageDtype;
    if (dtype === undefined) throw refused('a tensor is described wrongly');
    const shape = size.items as number[];
    const strides = stride.items as number[];
    checkView(storage, dtype, shape, strides, offset);
    const tensor = new Tensor(storage, dtype, shape, strides, offset);
    if (requiresGrad === true) tensor.requiresGrad = true;
    return tensor;
  }

  private parameter(args: readonly unknown[]): Parameter {
    const [data, requiresGrad] = args;
    // Only a tensor's own description: parameters within parameters would make the depth of calls the file's choice.
    if (!(data instanceof PickledCall) || !tensorFunctions.has(String(data.callable))) {
      throw refused('a parameter is described wrongly');
    }
    const tensor = this.value(data);
    return new Parameter(tensor as Tensor, requiresGrad !== false);
  }
}

function checkView(storage: Storage, dtype: DType, shape: number[], strides: number[], offset: number): void {
  if (shape.length !== strides.length) {
    throw new RuntimeError(`unequal size length (${shape.length}) and stride length (${strides.length})`);
  }
  if (!shape.every(isSize)) {
    throw new RuntimeError(
      `Trying to create tensor with negative dimension ${Math.min(...shape)}: ${formatShape(shape)}`,
    );
  }
  if (!strides.every(isSize)) {
    throw new RuntimeError(
      `Storage size calculation overflowed with sizes=${formatShape(shape)} and strides=${formatShape(strides)}`,
    );
  }
  let last = offset;
  for (const [i, size] of shape.entries()) last += (size - 1) * strides[i];
  const needed = numel(shape) === 0 ? 0 : (last + 1) * dtype.itemsize;
  if (needed > storage.nbytes) {
    throw new RuntimeError(
      `setStorage: sizes ${formatShape(shape)}, strides ${formatShape(strides)}, storage offset ${offset}, and ` +
        `itemsize ${dtype.itemsize} requiring a storage size of ${needed} are out of bounds for storage of size ${storage.nbytes}`,
    );
  }
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/**
 * Whether a plain object keeps these keys as they are. Keys that look like array indices come first and in order
 * in every object, so `{ '1': …, '0': … }` would change places.
 */
function fitsObject(keys: Iterable<unknown>): boolean {
  let last = -1;
  let names = false;
  for (const key of keys) {
    if (typeof key !== 'string') return false;
    const index = Number(key);
    const isIndex = String(index) === key && Number.isInteger(index) && index >= 0 && index < 2 ** 32 - 1;
    if (!isIndex) names = true;
    else if (names || index < last) return false;
    else last = index;
  }
  return true;
}

/** Assignment, without the meaning that `__proto__` has in one. */
function define(target: object, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(target, key, { value, enumerable, writable: true, configurable: true });
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

function swapBytes(bytes: Uint8Array, itemsize: number): void {
  if (itemsize === 1) return;
  for (let i = 0; i + itemsize <= bytes.length; i += itemsize) bytes.subarray(i, i + itemsize).reverse();
}
