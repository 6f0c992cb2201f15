/**
 * Memory for the CPU engine: natively of JavaScript's heap (heap.ts), under WebAssembly of linear memory (linear.ts). Small storages are
 * carved from slabs by size: a region for each would cost more than the work on it, and a slab is so small that one survivor cannot
 * hold much. What the library knows to be dead comes back through `release` and is used again at once, which also saves touching
 * fresh pages.
 */

import type { Ending } from '../../core/disposed.js';
import { OutOfMemoryError, RuntimeError } from '../../core/errors.js';
import { type Backend, type MemoryStats, Storage } from '../backend.js';
import { Block, Region } from './block.js';
import { Census } from './census.js';
import type { Engine } from './engine.js';
import { Heap } from './heap.js';
import { Linear } from './linear_memory.js';
import type { WatchedMemory } from './watched_memory.js';

/** Memory of the CPU engine. */
export type CpuStorage = Storage<Block>;

const SMALLEST = 64;
const SLAB_BYTES = 8192;
/** Storages up to this size share slabs. */
const LARGEST_SMALL = 1024;
/** Bytes that freed storages may hold for reuse. */
const POOL_LIMIT = 256 * 2 ** 20;
/** How many of the largest pieces an error names. */
const NAMED_IN_ERROR = 3;

/** Sizes rounded up to an eighth of their power of two, so that near sizes can share pooled memory. */
function roundUp(nbytes: number): number {
  if (nbytes <= SMALLEST) return SMALLEST;
  const step = 2 ** Math.max(6, 28 - Math.clz32(Math.min(nbytes, 2 ** 31)));
  return Math.ceil(nbytes / step) * step;
}

/** Small storages are carved from one of these. */
interface Slab {
  readonly block: Block;
  used: number;
}

export class Allocator {
  private readonly slabs = new Map<number, Slab>();
  /** Blocks of ended storages by capacity. */
  private readonly pool = new Map<number, Block[]>();
  private readonly census: Census;
  private readonly heap: Heap;
  /** WebAssembly's memory; null natively. */
  readonly linear: Linear | null;
  /** Where large pieces lie natively; null elsewhere. */
  readonly watched: WatchedMemory | null;

  constructor(
    private readonly backend: Backend,
    private readonly engine: Engine,
  ) {
    const isNative = engine.kind === 'native';
    this.watched = engine.kind === 'native' ? engine.watchedMemory((block) => this.bury(block)) : null;
    this.census = new Census(!isNative, () => this.watched?.bytes ?? 0);
    this.heap = new Heap(this.census, isNative ? (buffer) => engine.address(buffer) : () => 0);
    this.linear = isNative
      ? null
      : new Linear(engine, this.census, (size) => this.retrying(() => engine.allocate(size) || null, size));
  }

  allocate(nbytes: number): CpuStorage {
    const { linear, watched, census } = this;
    if (this.engine.kind === 'native' && this.engine.sanitized) return this.exact(nbytes);
    const capacity = roundUp(nbytes);
    linear?.ask(capacity);
    if (watched !== null && capacity >= watched.least) watched.collectIfDue();
    const block =
      this.pooled(capacity) ?? this.fresh(capacity) ?? this.retrying(() => this.fresh(capacity), nbytes);
    block.users = 1;
    linear?.begin(block);
    census.begin(capacity, block.owner);
    return new Storage(this.backend, nbytes, block);
  }

  /** Memory of its own that is never reused, so that a sanitizer sees every byte too far. */
  private exact(nbytes: number): CpuStorage {
    const { region } = this.retrying(() => this.heap.take(Math.max(nbytes, 1)), nbytes);
    return new Storage(this.backend, nbytes, new Block(region, 0, 0, null));
  }

  private fresh(capacity: number): Block | null {
    const { watched } = this;
    if (watched !== null && capacity >= watched.least)
      return (watched.takeStirred() ? this.pooled(capacity) : undefined) ?? watched.take(capacity);
    const source = this.linear ?? this.heap;
    if (capacity > LARGEST_SMALL) return source.take(capacity);
    let slab = this.slabs.get(capacity);
    if (slab === undefined || slab.used + capacity > SLAB_BYTES || !isUsable(slab.block)) {
      const block = source.take(SLAB_BYTES);
      if (block === null) return null;
      slab = { block, used: 0 };
      this.slabs.set(capacity, slab);
    }
    const { used } = slab;
    slab.used += capacity;
    return new Block(slab.block.region, used, capacity, slab.block.owner);
  }

  private pooled(capacity: number): Block | undefined {
    const blocks = this.pool.get(capacity);
    if (blocks === undefined) return undefined;
    const { census } = this;
    for (;;) {
      const block = blocks.pop();
      if (block === undefined) return undefined;
      census.pooledBytes -= capacity;
      census.pooledCount--;
      if (block.memory === 'native') return this.watched!.lease(block.region);
      if (isUsable(block)) return block;
    }
  }

  /** Linear memory that the caller frees, for what the user holds. @throws OutOfMemoryError */
  stage(nbytes: number): number {
    const { engine } = this;
    if (engine.kind !== 'wasm') throw new RuntimeError('the native engine has no linear memory');
    return this.retrying(() => engine.allocate(Math.max(nbytes, SMALLEST)) || null, nbytes);
  }

  /**
   * Where memory cannot be had, what the pool keeps is given up for it, and then linear memory is cleared of what is not in use
   * this moment. @throws OutOfMemoryError which names the bytes that were asked for
   */
  private retrying<T>(allocate: () => T | null, asked: number): T {
    let found = allocate();
    if (found === null && this.census.pooledBytes > 0) {
      this.emptyPool();
      found = allocate();
    }
    if (found === null && this.watched !== null) {
      this.watched.reclaimAll();
      this.emptyPool();
      found = allocate();
    }
    if (found === null && this.linear !== null) {
      this.linear.clear();
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
    const block = storage.end(how);
    if (block !== null) this.leave(block);
  }

  /** A storage no longer lies in a block. */
  private leave(block: Block): void {
    const { capacity } = block;
    if (--block.users > 0 || capacity === 0) return;
    const { census } = this;
    census.end(capacity, block.owner);
    if (block.memory === 'away') {
      this.linear!.endAway(block);
      return;
    }
    if (block.memory === 'native') this.watched!.end(block);
    this.keep(block);
  }

  /** The collector has taken everything that lay in a block. */
  private bury(block: Block): void {
    this.census.end(block.capacity, null);
    this.keep(block);
  }

  /** Keeps a block for reuse that nothing lies in, unless there are too many. */
  private keep(block: Block): void {
    const { census } = this;
    const { capacity } = block;
    if (census.pooledBytes + capacity > POOL_LIMIT && this.discard(block)) return;
    let list = this.pool.get(capacity);
    if (list === undefined) {
      list = [];
      this.pool.set(capacity, list);
    }
    list.push(block);
    census.pooledBytes += capacity;
    census.pooledCount++;
  }

  /** Gives a block back that nothing lies in, if that can be: native buffers go by themselves. */
  private discard(block: Block): boolean {
    if (block.memory === 'native') this.watched!.discard(block);
    return this.linear === null || this.linear.discard(block);
  }

  private emptyPool(): void {
    const { census } = this;
    for (const [capacity, blocks] of this.pool) {
      const kept = blocks.filter((block) => !this.discard(block));
      census.pooledBytes -= (blocks.length - kept.length) * capacity;
      census.pooledCount -= blocks.length - kept.length;
      if (kept.length > 0) this.pool.set(capacity, kept);
      else this.pool.delete(capacity);
    }
  }

  wrap(buffer: ArrayBufferLike, byteOffset: number, nbytes: number): CpuStorage {
    if ((buffer as { resizable?: boolean }).resizable || (buffer as { growable?: boolean }).growable)
      throw new RuntimeError(
        'a resizable ArrayBuffer cannot back a tensor: its memory could vanish under it',
      );
    return new Storage(this.backend, nbytes, this.shown(buffer, byteOffset));
  }

  private shown(buffer: ArrayBufferLike, byteOffset: number): Block {
    const { engine } = this;
    // An empty buffer is nowhere, but 0 would say that an operand is absent.
    const address = engine.kind === 'native' ? engine.address(new Uint8Array(buffer)) || SMALLEST : 0;
    return new Block(new Region('shown', 0, address, buffer), byteOffset, 0, null);
  }

  show(storage: CpuStorage): void {
    const { block } = storage;
    if (block.users > 1)
      throw new RuntimeError('memory that is shared through `data` cannot be shown; clone it first');
    const buffer = new ArrayBuffer(storage.nbytes);
    const { buffer: from, byteOffset } = storage.host()!;
    new Uint8Array(buffer).set(new Uint8Array(from, byteOffset, storage.nbytes));
    storage.move(this.shown(buffer, 0));
    this.leave(block);
  }

  memoryStats(): MemoryStats {
    const { engine, census } = this;
    const held = census.look();
    return census.stats(engine.kind === 'wasm' ? engine.memory.buffer.byteLength : held);
  }

  resetPeakMemoryStats(): void {
    this.census.resetPeak();
  }

  /** Says what holds the memory, and what can be done about it. */
  explain(): string {
    const { aliveBytes, aliveCount, reservedBytes } = this.memoryStats();
    const largest = this.linear === null ? [] : this.linear.largest(NAMED_IN_ERROR).map(mebibytes);
    const named = largest.length > 0 ? ` (the largest: ${largest.join(', ')})` : '';
    return (
      `Of ${mebibytes(reservedBytes)}, ${mebibytes(aliveBytes)} are held by ${aliveCount} storages${named}; nothing is ` +
      'pooled any more. Tensors that nothing refers to give their memory back by themselves: so these may be a list of losses or ' +
      'outputs, whose graphs are kept with them (keep loss.item() or detach() instead), or batches that are too large. Memory comes back ' +
      'at once where tensors are made in torch.scope(() => …), declared with using, or given dispose(). torch.memoryStats() has ' +
      'these figures.'
    );
  }
}

/** Whether a block of the pool or of a slab still has its memory: a region may have left, or have been given back. */
function isUsable({ memory }: Block): boolean {
  return memory === 'own' || memory === 'wasm';
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
