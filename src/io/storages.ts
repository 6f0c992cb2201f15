import type { Storage } from '../backends/backend.js';
import { cpuBackend } from '../core/backends.js';
import { cpu, Device, type DeviceLike, toDevice } from '../core/device.js';
import type { DType } from '../core/dtype.js';
import { RuntimeError } from '../core/errors.js';
import { track } from '../core/scope.js';
import { PickledGlobal, type PickledReference, PickledTuple } from './pickle.js';
import { storageDtype } from './storage_types.js';
import { refused } from './unpickler.js';

/** Where loaded tensors go, for all or by the device they were saved from (`{ 'cuda:0': 'cpu' }`). */
export type MapLocation = DeviceLike | Readonly<Record<string, DeviceLike>>;

/** What a reference means: elements `start` and on of a storage. */
export interface LoadedStorage {
  readonly storage: Storage;
  readonly dtype: DType;
  readonly start: number;
  readonly nbytes: number;
}

/** What a pickle says of a storage. */
export interface StorageClaim {
  readonly key: string;
  readonly dtype: DType;
  readonly count: number;
  readonly nbytes: number;
}

export function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The storages of a file that its pickle refers to, each loaded once. */
export class StorageLoader {
  private readonly loaded = new Map<string, LoadedStorage>();

  constructor(private readonly mapLocation: MapLocation | null) {}

  /** What a reference claims, checked for sense but not yet against the file. */
  claim(reference: PickledReference): StorageClaim {
    const [, type, key, location, count] = reference.id;
    const dtype = type instanceof PickledGlobal ? storageDtype(String(type)) : undefined;
    if (dtype === undefined || typeof key !== 'string' || typeof location !== 'string' || !isSize(count)) {
      throw refused('a storage is described wrongly');
    }
    this.checkLocation(location);
    return { key, dtype, count, nbytes: count * dtype.itemsize };
  }

  has(key: string): boolean {
    return this.loaded.has(key);
  }

  /** @param bytes as many as the claim says */
  put({ key, dtype, nbytes }: StorageClaim, bytes: Uint8Array): void {
    const storage = track(cpuBackend().allocate(nbytes));
    const memory = storage.host()!;
    new Uint8Array(memory.buffer, memory.byteOffset, nbytes).set(bytes);
    this.loaded.set(key, { storage, dtype, start: 0, nbytes });
  }

  get(reference: PickledReference): LoadedStorage {
    const base = this.loaded.get(reference.id[2] as string);
    if (base === undefined) throw refused('a storage is not in the file');
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

  private checkLocation(location: string): void {
    const { mapLocation } = this;
    const isRecord =
      typeof mapLocation === 'object' && mapLocation !== null && !(mapLocation instanceof Device);
    const mapped = isRecord
      ? Object.hasOwn(mapLocation, location)
        ? mapLocation[location]
        : null
      : mapLocation;
    const target = mapped ?? location;
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
