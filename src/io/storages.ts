import type { Storage } from '../backends/backend.js';
import { backendOf } from '../core/backends.js';
import { cpu, Device, type DeviceLike, toDevice } from '../core/device.js';
import type { DType } from '../core/dtype.js';
import { RuntimeError, TypeError } from '../core/errors.js';
import { noteValue } from '../core/known_values.js';
import { track } from '../core/scope.js';
import { typeName } from '../dispatch/type_name.js';
import { refused } from './file_errors.js';
import { PickledGlobal, type PickledReference, PickledTuple } from './pickle.js';
import { storageDtype } from './storage_types.js';

/**
 * Where loaded tensors go: for all, by the device they were saved from (`{ 'cuda:0': 'cpu' }`), or by a function that is
 * asked once per storage. Its storage, returned, stays on the CPU; nothing returned, it goes where it came from.
 */
export type MapLocation =
  | DeviceLike
  | Readonly<Record<string, DeviceLike>>
  | ReadonlyMap<string, DeviceLike>
  | ((storage: Storage, location: string) => Storage | DeviceLike | null | undefined);

/** A reference's meaning: elements `start` and on of a storage. */
export interface LoadedStorage {
  readonly storage: Storage;
  readonly dtype: DType;
  readonly start: number;
  readonly nbytes: number;
}

/** A pickle's description of a storage. */
export interface StorageClaim {
  readonly key: string;
  readonly dtype: DType;
  readonly count: number;
  readonly nbytes: number;
  /** The device that the file names. */
  readonly location: string;
}

export function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The storages of a file that its pickle refers to, each loaded once. */
export class StorageLoader {
  private readonly loaded = new Map<string, LoadedStorage>();

  constructor(private readonly mapLocation: MapLocation | null) {
    if (
      typeof mapLocation !== 'string' &&
      typeof mapLocation !== 'object' &&
      typeof mapLocation !== 'function'
    )
      throw new TypeError(
        `mapLocation must be a device, devices by location or a function, not ${typeName(mapLocation)}`,
      );
  }

  /** A reference's claim, checked for sense but not yet against the file. */
  claim(reference: PickledReference): StorageClaim {
    const [, type, key, location, count] = reference.id;
    const dtype = type instanceof PickledGlobal ? storageDtype(String(type)) : undefined;
    if (dtype === undefined || typeof key !== 'string' || typeof location !== 'string' || !isSize(count)) {
      throw refused('a storage is described wrongly');
    }
    const { mapLocation } = this;
    // A function is asked when there is a storage to show it; anything else is refused before that is read.
    if (typeof mapLocation !== 'function') backendOf(this.placeOf(location)).checkDtype(dtype);
    return { key, dtype, count, nbytes: count * dtype.itemsize, location };
  }

  has(key: string): boolean {
    return this.loaded.has(key);
  }

  /**
   * @param bytes as many as the claim says
   * @param areMapped whether they are the memory of storages of the CPU; else they are copied
   */
  put({ key, dtype, nbytes, location }: StorageClaim, bytes: Uint8Array, areMapped = false): void {
    const { mapLocation } = this;
    let storage: Storage;
    if (typeof mapLocation === 'function') {
      storage = placed(bytes, dtype, cpu, areMapped);
      const answer = mapLocation(storage, location) ?? null;
      const device = answer === storage ? cpu : this.placeOf(location, answer as DeviceLike | null);
      if (device !== cpu) storage = placed(bytes, dtype, device);
    } else storage = placed(bytes, dtype, this.placeOf(location), areMapped);
    this.loaded.set(key, { storage, dtype, start: 0, nbytes });
  }

  get(reference: PickledReference): LoadedStorage {
    const loaded = this.loaded.get(reference.id[2] as string);
    if (loaded === undefined) throw refused('a storage is not in the file');
    // The same bytes may be named by storages of several types.
    const base = { ...loaded, dtype: this.claim(reference).dtype };
    const view = reference.id[5];
    if (view === undefined || view === null) return base;
    // The old format had views of storages: (key, offset, size), in elements.
    const [, start, count] = view instanceof PickledTuple ? view.items : [];
    const { itemsize } = base.dtype;
    if (!isSize(start) || !isSize(count) || (start + count) * itemsize > base.nbytes) {
      throw refused('a view of a storage is described wrongly');
    }
    return { ...base, start, nbytes: count * itemsize };
  }

  /** The device that a storage goes to. @throws RuntimeError if it is not here */
  private placeOf(location: string, mapped = this.mappedTo(location)): Device {
    const target = mapped ?? location;
    if (target === cpu || target === 'cpu') return cpu;
    if (typeof target !== 'string' && !(target instanceof Device))
      throw new TypeError(`mapLocation gave ${typeName(target)} for ${location}, which is no device`);
    const [type] = String(target).split(':');
    if (type === 'cpu' || type === 'webgpu' || type === 'meta') return toDevice(target);
    const remedy = "please use torch.load with mapLocation: 'cpu' to map your storages to the CPU.";
    throw new RuntimeError(
      accelerators.has(type)
        ? `Attempting to deserialize object on a ${type.toUpperCase()} device but torch.${type}.is_available() is False. ` +
            `If you are running on a CPU-only machine, ${remedy}`
        : `don't know how to restore data location of torch.storage.UntypedStorage (tagged with ${target}): ${remedy}`,
    );
  }

  private mappedTo(location: string): DeviceLike | null {
    const { mapLocation } = this;
    if (typeof mapLocation === 'function') return null;
    if (mapLocation === null || typeof mapLocation === 'string' || mapLocation instanceof Device)
      return mapLocation;
    if (mapLocation instanceof Map)
      return (mapLocation as ReadonlyMap<string, DeviceLike>).get(location) ?? null;
    const devices = mapLocation as Readonly<Record<string, DeviceLike>>;
    return Object.hasOwn(devices, location) ? devices[location] : null;
  }
}

/** Where PyTorch's checkpoints come from, and nothing can be put here. */
const accelerators: ReadonlySet<string> = new Set(['cuda', 'mps', 'xpu', 'hpu', 'mtia', 'xla']);

/** A storage of these bytes on a device. */
function placed(bytes: Uint8Array, dtype: DType, device: Device, areMapped = false): Storage {
  const backend = backendOf(device);
  backend.checkDtype(dtype);
  if (areMapped && device.type === 'cpu')
    return track(backend.wrap(bytes.buffer, bytes.byteOffset, bytes.length));
  const storage = track(backend.allocate(bytes.length));
  backend.upload(storage, 0, bytes);
  if (!backend.isHost && bytes.length === dtype.itemsize) noteValue(storage, bytes);
  return storage;
}
