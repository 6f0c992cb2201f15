/**
 * Memory for the CPU engine: natively of JavaScript's heap (heap.ts), under WebAssembly of linear memory (linear.ts). What the library knows
 * to be dead comes back through `release` and is used again at once, which also saves touching fresh pages.
 */
import { OutOfMemoryError, RuntimeError } from '../../core/errors.js';
import type { Ending, MemoryStats } from '../backend.js';
import type { CpuBackend } from './backend.js';
import { Census } from './census.js';
import type { Engine } from './engine.js';
import { Heap } from './heap.js';
import { Linear, LinearBlock } from './linear.js';
import { Block, CpuStorage } from './storage.js';

const SMALLEST = 64;
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

export class Allocator {
  /** Blocks of ended storages by capacity. */
  private readonly pool = new Map<number, Block[]>();
  private readonly census: Census;
  private readonly heap: Heap;
  /** WebAssembly's memory; null natively. */
  readonly linear: Linear | null;

  constructor(
    private readonly backend: CpuBackend,
    private readonly engine: Engine,
  ) {
    const isNative = engine.kind === 'native';
    this.census = new Census(!isNative);
    this.heap = new Heap(this.census, isNative ? (buffer) => engine.address(buffer) : () => 0);
    this.linear = isNative ? null : new Linear(engine, this.heap, this.census, this);
  }

  allocate(nbytes: number): CpuStorage {
    const { linear, census } = this;
    if (this.engine.kind === 'native' && this.engine.sanitized) return this.exact(nbytes);
    const capacity = roundUp(nbytes);
    linear?.ask(capacity);
    const block = this.pooled(capacity) ?? this.retrying(() => this.fresh(capacity), nbytes);
    block.users = 1;
    if (block instanceof LinearBlock) linear!.begin(block);
    census.begin(capacity, block.owner);
    return new CpuStorage(this.backend, nbytes, block);
  }

  /** Memory of its own that is never reused, so that a sanitizer sees every byte too far. */
  private exact(nbytes: number): CpuStorage {
    const { address, buffer } = this.retrying(() => this.heap.fresh(Math.max(nbytes, 1)), nbytes);
    return new CpuStorage(this.backend, nbytes, new Block('own', 0, address, buffer, 0, null));
  }

  private fresh(capacity: number): Block | null {
    if (this.linear !== null) return this.linear.fresh(capacity);
    const place = this.heap.take(capacity);
    if (place === null) return null;
    return new Block('own', capacity, place.address, place.buffer, place.byteOffset, place.owner);
  }

  private pooled(capacity: number): Block | undefined {
    const block = this.pool.get(capacity)?.pop();
    if (block !== undefined) {
      this.census.pooledBytes -= capacity;
      this.census.pooledCount--;
    }
    return block;
  }

  /** A piece of linear memory for a block that comes back there. @throws OutOfMemoryError */
  find(capacity: number): Block {
    return this.pooled(capacity) ?? this.retrying(() => this.linear!.fresh(capacity), capacity);
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
    this.leave(storage.end(how));
  }

  /** A storage no longer lies in a block. */
  private leave(block: Block): void {
    const { capacity } = block;
    if (--block.users > 0 || capacity === 0) return;
    this.census.end(capacity, block.owner);
    // A buffer outside of linear memory is the garbage collector's.
    if (block.memory !== 'away') this.spare(block);
  }

  /** Keeps a block that nothing lies in. */
  spare(block: Block): void {
    const { capacity } = block;
    const { census } = this;
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
    const held = census.look();
    return census.stats(engine.kind === 'wasm' ? engine.memory.buffer.byteLength : held);
  }

  resetPeakMemoryStats(): void {
    this.census.resetPeak();
  }

  /** What holds the memory, and what can be done about it. */
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

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
