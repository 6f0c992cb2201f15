/**
 * WebAssembly's linear memory, kept as a cache of memory that the garbage collector owns.
 *
 * JavaScript tells nobody in time that an object is garbage: finalizers wait until the event loop turns, and weak references hold
 * what they refer to until then. But the buffers that garbage holds are freed at once. So nothing waits here to be told: what
 * has not been used while so many bytes were asked for is copied to a buffer of its own, which its storage alone refers to. If
 * the storage is garbage, the buffer dies with it in the next collection, also in a loop that never yields; if it is used once
 * more, its contents come back first. Most of what a program makes and forgets ends earlier, by what the library knows to be dead.
 */
import type { Census } from './census.js';
import type { WasmEngine } from './engine.js';
import { type Heap, LARGEST_SMALL, SLAB_BYTES } from './heap.js';
import { Block } from './storage.js';

/** Least bytes that are asked for before what was not used meanwhile has to leave. */
const LEAST_WINDOW = 32 * 2 ** 20;
/** The most; what is used once in more than that gains nothing by staying. */
const LARGEST_WINDOW = 512 * 2 ** 20;
/** After leaving blocks of so many windows without one that came back the window shrinks. */
const WINDOWS_A_DECAY = 8;
/** A block stays while fewer times its own size are asked for: ops on a few large tensors shall not move them. */
const SIZES_KEPT = 4;
/** Bytes that may lie outside; what V8 counts, which Node alone can tell. */
const AWAY_LIMIT = typeof Buffer === 'undefined' ? Number.POSITIVE_INFINITY : 2 ** 32;

/** A block of linear memory, or one that has left it and comes back when it is used. */
export class LinearBlock extends Block {
  /** What `asked` was when it was last used. */
  used = 0;
  /** What `asked` was when it took its place in the queue; -1 while it has none. */
  queued = -1;
}

/** Where pieces that nothing lies in wait. */
interface Pool {
  spare(piece: Block): void;
  /** @throws OutOfMemoryError */
  find(capacity: number): Block;
}

interface Slab {
  readonly address: number;
  used: number;
}

export class Linear {
  private readonly slabs = new Map<number, Slab>();
  /** Every block in linear memory, those that waited longest first; before `head` it has been read. */
  private queue: LinearBlock[] = [];
  private head = 0;
  /** A clock: the bytes that have been asked for, and a tick for every command. */
  private asked = 0;
  private window: number;
  /** Bytes that have left since the window last changed. */
  private left = 0;

  constructor(
    private readonly engine: WasmEngine,
    private readonly heap: Heap,
    private readonly census: Census,
    private readonly pool: Pool,
  ) {
    this.window = engine.window ?? LEAST_WINDOW;
  }

  /** Fresh memory; null where it cannot be had. */
  fresh(capacity: number): LinearBlock | null {
    let address: number;
    if (capacity > LARGEST_SMALL) address = this.engine.allocate(capacity);
    else {
      let slab = this.slabs.get(capacity);
      if (slab === undefined || slab.used + capacity > SLAB_BYTES) {
        slab = { address: this.engine.allocate(SLAB_BYTES), used: 0 };
        if (slab.address === 0) return null;
        this.slabs.set(capacity, slab);
      }
      address = slab.address + slab.used;
      slab.used += capacity;
    }
    return address === 0 ? null : new LinearBlock('wasm', capacity, address, null, 0, null);
  }

  /** Gives memory back to the engine; pieces of slabs are kept, since no slab is ever given back. */
  discard({ address, capacity }: Block): boolean {
    if (capacity <= LARGEST_SMALL) return false;
    this.engine.free(address);
    return true;
  }

  /** Somebody asks for so many bytes: what has not been used for long leaves. */
  ask(capacity: number): void {
    this.asked += capacity;
    const { window, asked } = this;
    for (const end = this.queue.length; this.head < end; ) {
      const block = this.queue[this.head];
      if (isHere(block)) {
        if (asked - block.queued < window) break;
        this.head++;
        const rest = window === 0 ? 0 : Math.max(window, SIZES_KEPT * block.capacity);
        if (asked - block.used >= rest && this.leave(block)) continue;
        block.queued = asked;
        this.queue.push(block);
      } else {
        // It is in the pool, or no more.
        this.head++;
        block.queued = -1;
      }
    }
    if (this.head > 1024 && this.head * 2 > this.queue.length) {
      this.queue = this.queue.slice(this.head);
      this.head = 0;
    }
  }

  /** A block begins. */
  begin(block: LinearBlock): void {
    block.used = this.asked;
    if (block.queued >= 0) return;
    block.queued = this.asked;
    this.queue.push(block);
  }

  /** A command begins: what it uses is told from what others have used. */
  command(): void {
    this.asked++;
  }

  /** Notes that a block is used, and brings it back if it has left. @throws OutOfMemoryError where there is no room for it */
  use(block: LinearBlock): void {
    if (block.memory !== 'wasm') this.comeBack(block);
    block.used = this.asked;
  }

  /** The sizes of the largest blocks. */
  largest(count: number): number[] {
    const sizes: number[] = [];
    for (let i = this.head; i < this.queue.length; i++)
      if (isHere(this.queue[i])) sizes.push(this.queue[i].capacity);
    return sizes.sort((a, b) => b - a).slice(0, count);
  }

  /** Makes room where there is none: everything leaves that the current command does not use. */
  clear(): void {
    const blocks = this.queue.slice(this.head);
    this.queue = [];
    this.head = 0;
    this.window = this.engine.window ?? LEAST_WINDOW;
    for (const block of blocks) {
      if (isHere(block)) {
        if (block.used === this.asked || !this.leave(block)) this.queue.push(block);
      } else block.queued = -1;
    }
  }

  /** Copies a block out of linear memory. */
  private leave(block: LinearBlock): boolean {
    const { capacity, address } = block;
    if (this.census.awayBytes > AWAY_LIMIT || this.window === Number.POSITIVE_INFINITY) return false;
    const place = this.heap.take(capacity);
    if (place === null) return false;
    new Uint8Array(place.buffer, place.byteOffset, capacity).set(
      new Uint8Array(this.engine.memory.buffer, address, capacity),
    );
    const piece = new LinearBlock('wasm', capacity, address, null, 0, null);
    piece.users = 0;
    block.memory = 'away';
    block.address = 0;
    block.buffer = place.buffer;
    block.byteOffset = place.byteOffset;
    block.owner = place.owner;
    block.queued = -1;
    this.census.goAway(capacity, place.owner);
    this.pool.spare(piece);
    this.left += capacity;
    if (this.left > WINDOWS_A_DECAY * this.window && this.engine.window === null) {
      this.window = Math.max(LEAST_WINDOW, this.window / 2);
      this.left = 0;
    }
    return true;
  }

  private comeBack(block: LinearBlock): void {
    const { capacity, buffer, byteOffset, owner } = block;
    const piece = this.pool.find(capacity);
    const { address } = piece;
    new Uint8Array(this.engine.memory.buffer, address, capacity).set(
      new Uint8Array(buffer!, byteOffset, capacity),
    );
    // The piece may stand in the queue; it is no block any more.
    piece.memory = 'none';
    block.memory = 'wasm';
    block.address = address;
    block.buffer = null;
    block.byteOffset = 0;
    block.owner = null;
    block.queued = this.asked;
    this.queue.push(block);
    this.census.comeBack(capacity, owner!);
    // Had the window been so large it would have stayed.
    const distance = 1.25 * (this.asked - block.used);
    if (distance > this.window && distance <= LARGEST_WINDOW && this.engine.window === null) {
      this.window = distance;
      this.left = 0;
    }
  }
}

/** Whether a storage lies in a block of linear memory. */
function isHere({ memory, users }: Block): boolean {
  return memory === 'wasm' && users > 0;
}
