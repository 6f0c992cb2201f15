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
import type { Ending, MemoryStats } from '../backend.js';
import type { CpuBackend } from './backend.js';
import { Census, Owner, type Tally } from './census.js';
import type { Engine } from './engine.js';
import { Block, CpuStorage } from './storage.js';

const SLAB_BYTES = 8192;
const SMALLEST = 64;
/** Storages up to this size share slabs. */
const LARGEST_SMALL = 1024;
/** Bytes that freed storages may hold for reuse. */
const POOL_LIMIT = 256 * 2 ** 20;
/** So many bytes of linear memory are set aside between two weights. */
const WEIGHT_BYTES = 4 * 2 ** 20;
/** How many of the largest pieces an error names. */
const NAMED_IN_ERROR = 3;

/** Small storages are carved from one of these. */
interface Slab {
  readonly block: Block;
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
  /** Blocks of ended storages by capacity. */
  private readonly pool = new Map<number, Block[]>();
  private readonly census = new Census();
  /** What linear memory has been given out: each is freed when nothing in it is in use. */
  private readonly linearBlocks = new Set<Tally>();
  private readonly finalizer: FinalizationRegistry<Tally> | null;
  /** Bytes set aside since the last weight was given out. */
  private unweighed = 0;

  constructor(
    private readonly backend: CpuBackend,
    private readonly engine: Engine,
  ) {
    this.finalizer =
      engine.kind === 'wasm'
        ? new FinalizationRegistry((tally) => {
            this.census.collected(tally);
            this.free(tally);
          })
        : null;
  }

  allocate(nbytes: number): CpuStorage {
    if (this.engine.kind === 'native' && this.engine.sanitized) return this.exact(nbytes);
    const capacity = roundUp(nbytes);
    let block = this.pool.get(capacity)?.pop();
    if (block !== undefined) {
      block.users = 1;
      this.census.pooledBytes -= capacity;
      this.census.pooledCount--;
    } else block = capacity <= LARGEST_SMALL ? this.carve(capacity, nbytes) : this.fresh(capacity, nbytes);
    this.census.begin(capacity, block.owner);
    return new CpuStorage(this.backend, nbytes, block);
  }

  /** Memory of its own that is never reused, so that a sanitizer sees every byte too far. */
  private exact(nbytes: number): CpuStorage {
    const { address, buffer } = this.fresh(Math.max(nbytes, 1), nbytes);
    return new CpuStorage(this.backend, nbytes, new Block('own', 0, address, buffer, 0, null));
  }

  private carve(capacity: number, asked: number): Block {
    let slab = this.slabs.get(capacity);
    if (slab === undefined || slab.used + capacity > SLAB_BYTES) {
      slab = { block: this.fresh(SLAB_BYTES, asked), used: 0 };
      this.slabs.set(capacity, slab);
    }
    const { used } = slab;
    slab.used += capacity;
    const { memory, address, buffer, byteOffset, owner } = slab.block;
    return new Block(memory, capacity, address + used, buffer, byteOffset + used, owner);
  }

  /** Uninitialised memory of its own; an error names the bytes that were asked for. */
  private fresh(size: number, asked: number): Block {
    if (this.engine.kind === 'wasm') {
      const address = this.linear(size, asked);
      const tally: Tally = { bytes: 0, count: 0, address, size };
      const owner = new Owner(tally);
      this.finalizer!.register(owner, tally, owner);
      this.linearBlocks.add(tally);
      this.unweighed += size;
      if (this.unweighed >= WEIGHT_BYTES) {
        owner.weight = untouched(this.unweighed);
        this.unweighed = 0;
      }
      return new Block('wasm', size, address, null, 0, owner);
    }
    const buffer = this.retrying(() => unsafeBuffer(size), asked);
    return new Block('own', size, this.engine.address(buffer), buffer, 0, this.census.groupOf(size));
  }

  /** Linear memory that the caller frees. */
  linear(size: number, asked = size): number {
    const { engine } = this;
    if (engine.kind !== 'wasm') throw new RuntimeError('the native engine has no linear memory');
    return this.retrying(() => engine.allocate(Math.max(size, SMALLEST)) || null, asked);
  }

  /** Where memory cannot be had, what the pool keeps is given up for it. @throws OutOfMemoryError */
  private retrying<T>(allocate: () => T | null, asked: number): T {
    let found = allocate();
    if (found === null && this.census.pooledBytes > 0) {
      this.emptyPool();
      found = allocate();
    }
    if (found === null)
      throw new OutOfMemoryError(
        `[enforce fail at alloc_cpu] . DefaultCPUAllocator: can't allocate memory: you tried to allocate ${asked} bytes. ${this.explain()}`,
      );
    return found;
  }

  release(storage: CpuStorage, how: Ending): void {
    if (storage.ended !== null) return;
    this.leave(storage.end(how));
  }

  /** A storage no longer lies in a block. */
  private leave(block: Block): void {
    const { capacity } = block;
    if (--block.users > 0 || capacity === 0) return;
    const { census } = this;
    census.end(capacity, block.owner);
    if (census.pooledBytes + capacity > POOL_LIMIT) {
      this.discard(block);
      return;
    }
    let list = this.pool.get(capacity);
    if (list === undefined) {
      list = [];
      this.pool.set(capacity, list);
    }
    list.push(block);
    census.pooledBytes += capacity;
    census.pooledCount++;
  }

  /** Gives a block back that nothing lies in. Pieces of a slab go with their slab, and native buffers by themselves. */
  private discard({ owner, capacity }: Block): void {
    if (this.finalizer === null || capacity <= LARGEST_SMALL) return;
    this.finalizer.unregister(owner!);
    this.free(owner!.tally);
  }

  private free(tally: Tally): void {
    if (this.engine.kind !== 'wasm') return;
    this.linearBlocks.delete(tally);
    this.engine.free(tally.address);
  }

  private emptyPool(): void {
    for (const blocks of this.pool.values()) for (const block of blocks) this.discard(block);
    this.pool.clear();
    this.census.pooledBytes = 0;
    this.census.pooledCount = 0;
  }

  wrap(buffer: ArrayBufferLike, byteOffset: number, nbytes: number): CpuStorage {
    if ((buffer as { resizable?: boolean }).resizable || (buffer as { growable?: boolean }).growable)
      throw new RuntimeError(
        'a resizable ArrayBuffer cannot back a tensor: its memory could vanish under it',
      );
    const block = new Block('shown', 0, this.addressOf(buffer, byteOffset), buffer, byteOffset, null);
    return new CpuStorage(this.backend, nbytes, block);
  }

  /** Where memory of the user's is for the native engine. An empty buffer is nowhere, but 0 would say that an operand is absent. */
  private addressOf(buffer: ArrayBufferLike, byteOffset: number): number {
    const { engine } = this;
    if (engine.kind !== 'native') return 0;
    return (engine.address(new Uint8Array(buffer)) || SMALLEST) + byteOffset;
  }

  show(storage: CpuStorage): void {
    const { block } = storage;
    if (block.users > 1)
      throw new RuntimeError('memory that is shared through `data` cannot be shown; clone it first');
    const buffer = new ArrayBuffer(storage.nbytes);
    const { buffer: from, byteOffset } = storage.host();
    new Uint8Array(buffer).set(new Uint8Array(from, byteOffset, storage.nbytes));
    storage.block = new Block('shown', 0, this.addressOf(buffer, 0), buffer, 0, null);
    this.leave(block);
  }

  memoryStats(): MemoryStats {
    const { engine, census } = this;
    return census.stats(engine.kind === 'wasm' ? engine.memory.buffer.byteLength : census.look());
  }

  resetPeakMemoryStats(): void {
    this.census.resetPeak();
  }

  /** What holds the memory, and what can be done about it. */
  explain(): string {
    const { aliveBytes, aliveCount, reservedBytes } = this.memoryStats();
    const largest = [...this.linearBlocks]
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.size - a.size)
      .slice(0, NAMED_IN_ERROR)
      .map(({ size }) => mebibytes(size));
    const named = largest.length > 0 ? ` (the largest: ${largest.join(', ')})` : '';
    return (
      `Of ${mebibytes(reservedBytes)}, ${mebibytes(aliveBytes)} are held by ${aliveCount} storages${named}; nothing is ` +
      'pooled any more. Memory of tensors that are no longer used comes back when the event loop turns (await something), and ' +
      'at once where they are made in torch.scope(() => …), declared with using, or given dispose(). torch.memoryStats() ' +
      'has these figures.'
    );
  }
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

/**
 * A buffer that nobody writes to: it costs addresses, not memory. JavaScript engines do not see what lies in linear memory and would
 * collect once in gigabytes, but they count ArrayBuffers. In Node only resizable ones are not zeroed by hand; Chromium does not count these,
 * and takes others from fresh pages.
 */
function untouched(nbytes: number): ArrayBuffer | null {
  if (typeof Buffer === 'undefined') return plainBuffer(nbytes);
  if (!('resizable' in ArrayBuffer.prototype)) return null;
  const Resizable = ArrayBuffer as new (length: number, options: { maxByteLength: number }) => ArrayBuffer;
  return new Resizable(nbytes, { maxByteLength: nbytes });
}

function plainBuffer(nbytes: number): ArrayBuffer | null {
  try {
    return new ArrayBuffer(nbytes);
  } catch {
    return null;
  }
}

/** Uninitialised where Node can: zeroing costs as much as the work on it. Not transferable: its address is in use. */
function unsafeBuffer(nbytes: number): ArrayBuffer | null {
  if (typeof Buffer === 'undefined') return plainBuffer(nbytes);
  try {
    return Buffer.allocUnsafeSlow(nbytes).buffer as ArrayBuffer;
  } catch {
    return null;
  }
}
