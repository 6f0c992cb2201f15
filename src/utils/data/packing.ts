/**
 * How things travel to worker threads. Structured cloning copies data but knows neither classes nor closures, so an
 * object travels as the name of what makes it and the arguments to make it with.
 */
import { cpuBackend } from '../../core/backends.js';
import { dtypeByName } from '../../core/dtype.js';
import { RuntimeError, TypeError } from '../../core/errors.js';
import { contiguousStrides } from '../../core/layout.js';
import { isPlainObject } from '../../core/plain.js';
import { Tensor } from '../../core/tensor.js';
import { make, type Portable, portable, registered, transferable } from './portable.js';

interface Travels {
  [portable](): Portable;
}

/** Marks what stands for something that cannot be cloned. */
const mark = '$flambeau';

interface PackedTensor {
  [mark]: 'tensor';
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: ArrayBuffer | SharedArrayBuffer;
}

interface PackedObject {
  [mark]: 'object';
  readonly module: string;
  readonly name: string;
  readonly args: readonly unknown[];
}

export interface Packed {
  readonly value: unknown;
  /** Buffers that are handed over rather than copied. */
  readonly transfer: ArrayBuffer[];
}

/**
 * Prepares a value for another thread.
 * @param share copies tensors to shared memory, for several threads; otherwise to buffers that are handed over
 */
export function pack(value: unknown, share: boolean): Packed {
  const transfer: ArrayBuffer[] = [];
  const seen = new Map<object, unknown>();
  const visit = (item: unknown): unknown => {
    if (typeof item === 'function') {
      throw new TypeError(
        `a function (${item.name || 'anonymous'}) cannot travel to a worker thread: make the data set there, with ` +
          "torch.utils.data.workerDataset(new URL('./set.js', import.meta.url), 'exportName', ...args)",
      );
    }
    if (typeof item !== 'object' || item === null) return item;
    const before = seen.get(item);
    if (before !== undefined) return before;
    const packed = visitObject(item);
    seen.set(item, packed);
    return packed;
  };
  const visitObject = (item: object): unknown => {
    if (item instanceof Tensor) {
      const packed = packTensor(item, share);
      if (packed.bytes instanceof ArrayBuffer) transfer.push(packed.bytes);
      return packed;
    }
    const made = registered.get(item) ?? (item as Partial<Travels>)[portable]?.();
    if (made !== undefined) {
      return { [mark]: 'object', module: made.module, name: made.name, args: made.args.map(visit) };
    }
    if (Array.isArray(item)) return item.map(visit);
    if (item instanceof Map) return new Map([...item].map(([key, entry]) => [visit(key), visit(entry)]));
    if (isPlainObject(item)) {
      return Object.fromEntries(Object.entries(item).map(([key, entry]) => [key, visit(entry)]));
    }
    if (isCloneable(item)) return item;
    throw new TypeError(
      `a ${item.constructor.name} cannot travel to a worker thread: make the data set there, with ` +
        "torch.utils.data.workerDataset(new URL('./set.js', import.meta.url), 'exportName', ...args)",
    );
  };
  return { value: visit(value), transfer };
}

function isCloneable(item: object): boolean {
  return (
    ArrayBuffer.isView(item) ||
    item instanceof ArrayBuffer ||
    (typeof SharedArrayBuffer !== 'undefined' && item instanceof SharedArrayBuffer) ||
    item instanceof Date ||
    item instanceof RegExp ||
    item instanceof Set ||
    item instanceof Blob ||
    item instanceof Error
  );
}

function packTensor(tensor: Tensor, share: boolean): PackedTensor {
  const { dtype, shape } = tensor;
  const { nbytes } = tensor;
  const dense = tensor.isContiguous() ? tensor : tensor.contiguous();
  const memory = dense.storage.host();
  if (memory === null) throw new RuntimeError(`a tensor on ${tensor.device} cannot travel to another thread`);
  const start = memory.byteOffset + dense.offset * dtype.itemsize;
  let bytes: ArrayBuffer | SharedArrayBuffer;
  if (!share && transferable.has(memory.buffer) && start === 0 && memory.buffer.byteLength === nbytes) {
    bytes = memory.buffer as ArrayBuffer;
  } else {
    bytes = share ? new SharedArrayBuffer(nbytes) : new ArrayBuffer(nbytes);
    new Uint8Array(bytes).set(new Uint8Array(memory.buffer, start, nbytes));
  }
  return { [mark]: 'tensor', dtype: dtype.name, shape: [...shape], bytes };
}

/** Makes what another thread packed. */
export async function unpack(value: unknown): Promise<unknown> {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    // Long lists of numbers are common (a Subset's indices), and need no promise each.
    return value.some((item) => typeof item === 'object') ? Promise.all(value.map(unpack)) : value;
  }
  if (value instanceof Map) {
    const entries = [...value].map(async ([key, entry]) => [await unpack(key), await unpack(entry)] as const);
    return new Map(await Promise.all(entries));
  }
  const kind = (value as Partial<PackedTensor | PackedObject>)[mark];
  if (kind === 'tensor') return unpackTensor(value as PackedTensor);
  if (kind === 'object') {
    const { module, name, args } = value as PackedObject;
    return make(module, name, (await unpack(args)) as unknown[]);
  }
  if (!isPlainObject(value)) return value;
  const entries = Object.entries(value).map(async ([key, entry]) => [key, await unpack(entry)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

function unpackTensor({ dtype, shape, bytes }: PackedTensor): Tensor {
  const storage = cpuBackend().wrap(bytes, 0, bytes.byteLength);
  return new Tensor(storage, dtypeByName(dtype)!, shape, contiguousStrides(shape), 0);
}
