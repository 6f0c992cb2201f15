/**
 * WebAssembly's linear memory, which the garbage collector does not see.
 *
 * Finalizers tell what it takes, but they wait until the event loop turns. For a loop that never lets it turn, linear memory is a
 * cache of memory that the collector does see: what has not been used while so many bytes were asked for is copied to a buffer of its
 * own, which its storages alone refer to. If they are garbage, the buffer dies with them in the next collection; if one is used once
 * more, the contents come back first. Most of what a program makes and forgets ends earlier, by what the library knows to be dead.
 */
import { nextTurn } from '../../core/turns.js';
import { Block, Region } from './block.js';
import { type Census, Owner, type Tally } from './census.js';
import type { WasmEngine } from './engine.js';
import { unsafeBuffer } from './heap.js';

const MEBIBYTE = 2 ** 20;
/** Least bytes that are asked for before what was not used meanwhile has to leave. */
const LEAST_WINDOW = 32 * MEBIBYTE;
/** The most; what is used once in more than that gains nothing by staying. */
const LARGEST_WINDOW = 512 * MEBIBYTE;
/** After leaving regions of so many windows without one that came back the window shrinks. */
const WINDOWS_A_DECAY = 8;
/** A region stays while fewer times its own size are asked for: ops on a few large tensors shall not move them. */
const SIZES_KEPT = 4;
/** Bytes that may be in use before anything leaves. */
const SPACE = 64 * MEBIBYTE;
/** Bytes that may be in use while the event loop turns, which gives back what the collector takes. */
const SPACE_WITH_TURNS = 512 * MEBIBYTE;
/** Milliseconds after which a loop counts as one that never yields. */
const PATIENCE = 500;
/** Bytes that may lie outside; what V8 counts, which Node alone can tell. */
const AWAY_LIMIT = globalThis.Buffer === undefined ? Number.POSITIVE_INFINITY : 2 ** 32;
/** So many bytes are set aside between two weights. */
const WEIGHT_BYTES = 4 * MEBIBYTE;

/** A region of linear memory, or one that has left it and comes back when it is used. */
class LinearRegion extends Region {
  /** The time, by `asked`, when it was last used. */
  used = 0;
  /** The time, by `asked`, when it took its place among those that wait. */
  queued = 0;
  /** The owner of its bytes outside, while it is away. */
  refuge: Owner | null = null;

  constructor(
    size: number,
    address: number,
    /** The bytes and blocks of it that are in use. */
    readonly tally: Tally,
  ) {
    super('wasm', size, address, null);
  }
}

export class Linear {
  /** Every region in linear memory, those that waited longest first. */
  private readonly regions = new Set<LinearRegion>();
  /** The sum of their sizes. */
  private bytes = 0;
  /** A clock: the bytes that have been asked for, and a tick for every command. */
  private asked = 0;
  private window: number;
  /** Bytes that have left since the window last changed. */
  private left = 0;
  /** True while regions have to leave: those weigh enough with the collector. */
  private tight = false;
  /** When a turn of the event loop was asked for that has not come yet; null otherwise. */
  private waiting: number | null = null;
  /** Bytes set aside since the last weight was given out. */
  private unweighed = 0;
  /** Told by the region itself which has left: it is the collector's then. */
  private readonly finalizer = new FinalizationRegistry<LinearRegion>((region) => {
    this.census.collected(region.tally);
    this.free(region);
  });

  constructor(
    private readonly engine: WasmEngine,
    private readonly census: Census,
    /** The address of so many bytes. @throws OutOfMemoryError */
    private readonly room: (size: number) => number,
  ) {
    this.window = engine.window ?? LEAST_WINDOW;
  }

  /** Fresh memory; null where it cannot be had. */
  take(size: number): Block | null {
    const address = this.engine.allocate(size);
    if (address === 0) return null;
    const owner = new Owner({ bytes: 0, count: 0 });
    this.unweighed += size;
    if (this.unweighed >= WEIGHT_BYTES) {
      if (!this.tight) owner.weight = untouched(this.unweighed);
      this.unweighed = 0;
    }
    const region = new LinearRegion(size, address, owner.tally);
    this.settle(region, owner);
    return new Block(region, 0, size, owner);
  }

  /** A region is in linear memory from now on. */
  private settle(region: LinearRegion, owner: Owner): void {
    region.used = this.asked;
    region.queued = this.asked;
    this.regions.add(region);
    this.bytes += region.size;
    this.finalizer.register(owner, region, region);
  }

  /** Gives a region's memory back, for good or because it leaves. */
  private free(region: LinearRegion): void {
    this.engine.free(region.address);
    this.finalizer.unregister(region);
    this.regions.delete(region);
    this.bytes -= region.size;
    region.memory = 'none';
    region.address = 0;
  }

  /** Gives the memory of a block back that nothing lies in; pieces of slabs go with their slab. */
  discard({ region, capacity }: Block): boolean {
    if (capacity < region.size) return false;
    if (region.memory === 'wasm') this.free(region as LinearRegion);
    return true;
  }

  /** Somebody asks for so many bytes: what has not been used for long leaves, if it has to. */
  ask(capacity: number): void {
    this.asked += capacity;
    this.tight = this.isTight();
    if (!this.tight) return;
    const { window, asked } = this;
    for (const region of this.regions) {
      if (asked - region.queued < window) break;
      const rest = window === 0 ? 0 : Math.max(window, SIZES_KEPT * region.size);
      if (asked - region.used >= rest && this.leave(region)) continue;
      region.queued = asked;
      this.regions.delete(region);
      this.regions.add(region);
    }
  }

  /** Whether finalizers do not come, or there is too much for them. */
  private isTight(): boolean {
    if (this.engine.window !== null) return true;
    const inUse = this.bytes - this.census.pooledBytes;
    if (inUse <= SPACE) return false;
    if (inUse > SPACE_WITH_TURNS) return true;
    if (this.waiting === null) {
      this.waiting = performance.now();
      nextTurn().then(() => {
        this.waiting = null;
      });
    }
    return performance.now() - this.waiting > PATIENCE;
  }

  /** A block begins. */
  begin({ region }: Block): void {
    (region as LinearRegion).used = this.asked;
  }

  /** A command begins: what it uses is told from what others have used. */
  command(): void {
    this.asked++;
  }

  /** Notes that a block is used, and brings it back if it has left. @throws OutOfMemoryError where there is no room for it */
  use(block: Block): void {
    const region = block.region as LinearRegion;
    if (region.memory === 'away') this.comeBack(region, block.owner!);
    region.used = this.asked;
  }

  /** A block ends that lay outside, where nobody can use it again. */
  endAway({ region, capacity }: Block): void {
    this.census.comeBack({ bytes: capacity, count: 1 }, (region as LinearRegion).refuge!);
  }

  /** The sizes of the largest regions in use. */
  largest(count: number): number[] {
    const used = [...this.regions].filter(({ tally }) => tally.count > 0);
    return used
      .map(({ size }) => size)
      .sort((a, b) => b - a)
      .slice(0, count);
  }

  /** Makes room where there is none: everything leaves that the current command does not use. */
  clear(): void {
    this.window = this.engine.window ?? LEAST_WINDOW;
    for (const region of [...this.regions]) if (region.used !== this.asked) this.leave(region);
  }

  /** Copies a region out of linear memory; nothing is lost of one that nothing lies in. */
  private leave(region: LinearRegion): boolean {
    const { size, tally } = region;
    if (tally.count > 0) {
      if (this.census.awayBytes > AWAY_LIMIT || this.window === Number.POSITIVE_INFINITY) return false;
      const buffer = unsafeBuffer(size);
      if (buffer === null) return false;
      new Uint8Array(buffer).set(new Uint8Array(this.engine.memory.buffer, region.address, size));
      this.free(region);
      region.memory = 'away';
      region.buffer = buffer;
      region.refuge = this.census.groupOf(size);
      this.census.goAway(tally, region.refuge);
    } else this.free(region);
    this.left += size;
    if (this.left > WINDOWS_A_DECAY * this.window && this.engine.window === null) {
      this.window = Math.max(LEAST_WINDOW, this.window / 2);
      this.left = 0;
    }
    return true;
  }

  private comeBack(region: LinearRegion, owner: Owner): void {
    const { size, buffer, refuge, used } = region;
    const address = this.room(size);
    new Uint8Array(this.engine.memory.buffer, address, size).set(new Uint8Array(buffer!));
    region.memory = 'wasm';
    region.address = address;
    region.buffer = null;
    region.refuge = null;
    this.settle(region, owner);
    this.census.comeBack(region.tally, refuge!);
    // Had the window been so large it would have stayed.
    const distance = 1.25 * (this.asked - used);
    if (distance > this.window && distance <= LARGEST_WINDOW && this.engine.window === null) {
      this.window = distance;
      this.left = 0;
    }
  }
}

/**
 * A buffer that nobody writes to: it costs addresses, not memory. JavaScript engines would collect once in gigabytes of linear memory,
 * but they count ArrayBuffers. In Node only resizable ones are not zeroed by hand; Chromium does not count these, and takes others
 * from fresh pages.
 */
function untouched(nbytes: number): ArrayBuffer | null {
  if (globalThis.Buffer === undefined) return unsafeBuffer(nbytes);
  if (!('resizable' in ArrayBuffer.prototype)) return null;
  const Resizable = ArrayBuffer as new (length: number, options: { maxByteLength: number }) => ArrayBuffer;
  try {
    return new Resizable(nbytes, { maxByteLength: nbytes });
  } catch {
    // Without it the collector runs later.
    return null;
  }
}
