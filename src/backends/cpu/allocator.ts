/**
 * Memory for the CPU engine.
 *
 * Small storages are carved from slabs by size class: an ArrayBuffer for each would cost more than the work on it, and a
 * slab is so small that one survivor cannot hold much. Large ones have a buffer of their own, which V8 counts and frees
 * during garbage collection, even in a loop that never yields. What the library knows to be dead comes back through
 * `release` and is used again at once, which also saves touching fresh pages.
 *
 * Under WebAssembly the same happens inside linear memory, where only finalizers free, and those run when the loop yields.
 */
import { OutOfMemoryError, RuntimeError } from '../../core/errors.js';
import type { CpuBackend } from './backend.js';
import type { Engine } from './engine.js';
import { CpuStorage } from './storage.js';

const SLAB_BYTES = 8192;
const SMALLEST = 64;
/** Storages up to this size share slabs. */
const LARGEST_SMALL = 1024;
/** Bytes that freed storages may hold for reuse. */
const POOL_LIMIT = 256 * 2 ** 20;

interface Slab {
  readonly buffer: ArrayBufferLike | null;
  /** Of the slab's first aligned byte. */
  readonly address: number;
  readonly byteOffset: number;
  readonly owner: object | null;
  used: number;
}

/** Sizes rounded up to an eighth of their power of two, so that near sizes can share pooled memory. */
function roundUp(nbytes: number): number {
  if (nbytes <= SMALLEST) return SMALLEST;
  const step = 2 ** Math.max(6, 28 - Math.clz32(Math.min(nbytes, 2 ** 31)));
  return Math.ceil(nbytes / step) * step;
}

export class Allocator {
  private readonly slabs = new Map<number, Slab>();
  /** Freed storages by capacity. */
  private readonly pool = new Map<number, CpuStorage[]>();
  private pooledBytes = 0;
  private readonly finalizer: FinalizationRegistry<number> | null;

  constructor(
    private readonly backend: CpuBackend,
    private readonly engine: Engine,
  ) {
    this.finalizer =
      engine.kind === 'wasm' ? new FinalizationRegistry((address) => engine.free(address)) : null;
  }

  allocate(nbytes: number): CpuStorage {
    const capacity = roundUp(nbytes);
    const freed = this.pool.get(capacity)?.pop();
    if (freed !== undefined) {
      this.pooledBytes -= capacity;
      const { address, buffer, byteOffset, owner, memory } = freed;
      return new CpuStorage(this.backend, nbytes, capacity, memory, address, buffer, byteOffset, owner);
    }
    if (capacity <= LARGEST_SMALL) return this.carve(nbytes, capacity);
    const { buffer, address, byteOffset, owner } = this.fresh(capacity, nbytes);
    const memory = buffer === null ? 'wasm' : 'own';
    return new CpuStorage(this.backend, nbytes, capacity, memory, address, buffer, byteOffset, owner);
  }

  private carve(nbytes: number, capacity: number): CpuStorage {
    let slab = this.slabs.get(capacity);
    if (slab === undefined || slab.used + capacity > SLAB_BYTES) {
      slab = { ...this.fresh(SLAB_BYTES), used: 0 };
      this.slabs.set(capacity, slab);
    }
    const { used } = slab;
    slab.used += capacity;
    return new CpuStorage(
      this.backend,
      nbytes,
      capacity,
      slab.buffer === null ? 'wasm' : 'own',
      slab.address + used,
      slab.buffer,
      slab.byteOffset + used,
      slab.owner,
    );
  }

  /** Uninitialised memory of its own; an error names the bytes that were asked for. */
  private fresh(nbytes: number, asked = nbytes): Omit<Slab, 'used'> {
    if (this.engine.kind === 'wasm') {
      const address = this.linear(nbytes, asked);
      const owner = { address };
      this.finalizer!.register(owner, address, owner);
      return { buffer: null, address, byteOffset: 0, owner };
    }
    const buffer = unsafeBuffer(nbytes, asked);
    return { buffer, address: this.engine.address(buffer), byteOffset: 0, owner: null };
  }

  /** Linear memory that the caller frees. */
  linear(nbytes: number, asked = nbytes): number {
    if (this.engine.kind !== 'wasm') throw new RuntimeError('the native engine has no linear memory');
    const address = this.engine.allocate(Math.max(nbytes, SMALLEST));
    if (address === 0) throw outOfMemory(asked);
    return address;
  }

  release(storage: CpuStorage): void {
    const { capacity } = storage;
    if (capacity === 0 || storage.memory === 'shown' || storage.pinned) return;
    if (this.pooledBytes + capacity > POOL_LIMIT) {
      this.discard(storage);
      return;
    }
    let list = this.pool.get(capacity);
    if (list === undefined) {
      list = [];
      this.pool.set(capacity, list);
    }
    list.push(storage);
    this.pooledBytes += capacity;
  }

  private discard(storage: CpuStorage): void {
    if (this.engine.kind === 'wasm' && storage.capacity > LARGEST_SMALL && storage.owner !== null) {
      this.finalizer!.unregister(storage.owner);
      this.engine.free(storage.address);
      storage.owner = null;
    }
  }

  wrap(buffer: ArrayBufferLike, byteOffset: number, nbytes: number): CpuStorage {
    if ((buffer as { resizable?: boolean }).resizable || (buffer as { growable?: boolean }).growable)
      throw new RuntimeError(
        'a resizable ArrayBuffer cannot back a tensor: its memory could vanish under it',
      );
    const address =
      this.engine.kind === 'native' ? this.engine.address(new Uint8Array(buffer)) + byteOffset : 0;
    return new CpuStorage(this.backend, nbytes, 0, 'shown', address, buffer, byteOffset, null);
  }

  show(storage: CpuStorage): void {
    if (storage.pinned)
      throw new RuntimeError('memory that is shared through `data` cannot be shown; clone it first');
    const buffer = new ArrayBuffer(storage.nbytes);
    const { buffer: from, byteOffset } = storage.host();
    new Uint8Array(buffer).set(new Uint8Array(from, byteOffset, storage.nbytes));
    storage.buffer = buffer;
    storage.byteOffset = 0;
    storage.owner = null;
    storage.memory = 'shown';
    storage.address = this.engine.kind === 'native' ? this.engine.address(buffer) : 0;
  }
}

/** Uninitialised where Node can: zeroing costs as much as the work on it. Not transferable: its address is in use. */
function unsafeBuffer(nbytes: number, asked: number): ArrayBuffer {
  try {
    if (typeof Buffer === 'undefined') return new ArrayBuffer(nbytes);
    return Buffer.allocUnsafeSlow(nbytes).buffer as ArrayBuffer;
  } catch {
    throw outOfMemory(asked);
  }
}

function outOfMemory(nbytes: number): OutOfMemoryError {
  return new OutOfMemoryError(
    `[enforce fail at alloc_cpu] . DefaultCPUAllocator: can't allocate memory: you tried to allocate ${nbytes} bytes.`,
  );
}
