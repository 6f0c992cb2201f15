/**
 * Large pieces of memory outside of JavaScript's heap, natively. V8 frees an ArrayBuffer when it pleases, late and a page at a time, so that each
 * result lies in fresh pages, which cost more than the arithmetic on them. These pieces are watched by weak references instead: when
 * enough has been handed out, V8 is asked to collect its young objects, and what has died is used again while caches still hold it.
 */
import { Block, Region } from './block.js';
import { type Collector, findCollector } from './collector.js';

const MEBIBYTE = 2 ** 20;
/** Pieces from this size on are watched: below, a weak reference costs as much as it saves. */
const LEAST_WATCHED = 32 * 2 ** 10;
/** Least bytes handed out between two collections that are asked for. */
const LEAST_YOUNG = 16 * MEBIBYTE;
/** The most. */
const LARGEST_YOUNG = 1024 * MEBIBYTE;
/** Collections take at most one part in so many of the time. */
const SHARE_OF_TIME = 6;
/** Milliseconds that a collection may take without more ado. */
const LEAST_COST = 0.1;
/** A collection that finds less than one part in so many of the bytes was too early. */
const WORTHWHILE = 4;

/** Memory outside of JavaScript's heap, and weak references that tell at once what the collector has taken. */
export interface NativeMemory {
  /** For tests: whether all memory is watched and every request for some collects what is dead, which is overwritten. */
  readonly isStrict: boolean;
  /** Address of uninitialised memory, 64-byte aligned; 0 when it cannot be had. The collector is told how much there is. */
  allocate(nbytes: number): number;
  /** Gives memory of `allocate` back. */
  free(address: number, nbytes: number): void;
  /** A buffer over such memory, which is to be detached before that is freed. */
  show(address: number, nbytes: number): ArrayBuffer;
  detach(buffer: ArrayBuffer): void;
  /** A number for an object, which is not kept alive. */
  watch(object: object): number;
  unwatch(number: number): void;
  /** Orders the first `count` numbers so that those of living objects come first; returns how many those are. */
  alive(numbers: Int32Array, count: number): number;
}

/** A piece of memory that is used by one block after the other. */
class WatchedRegion extends Region {
  /** The number of the block in use; -1 if none is. */
  watch = -1;
  /** The place of that number among those in use. */
  position = 0;
  /** Which collection was the last before the block began. */
  since = 0;

  constructor(size: number, address: number) {
    super('native', size, address, null);
  }
}

export class WatchedMemory {
  /** Bytes that have been set aside. */
  bytes = 0;
  /** Least size of what is watched. */
  readonly least: number;
  /** Found when it is needed. */
  private collector: Collector | null | undefined;
  /** Regions in use by the numbers of their blocks. */
  private readonly regions: WatchedRegion[] = [];
  /** The numbers in use, the first `count` of them. */
  private numbers = new Int32Array(64);
  private count = 0;
  /** How many collections have been seen. */
  private collections = 0;
  /** Bytes handed out since, as far as they are not known to be dead. */
  private young = 0;
  private threshold = LEAST_YOUNG;
  /** When a collection that was asked for ended, and how long they take, in milliseconds. */
  private ended = 0;
  private cost = 0;
  /** The number of an object that dies in any collection; -1 before there is one. */
  private readonly sentinel = Int32Array.of(-1);
  /** Runs when the event loop turns after a collection. */
  private readonly finalizer = new FinalizationRegistry<null>(() => {
    this.takeBack();
  });

  /** @param dead is given the blocks whose memory nobody uses any more */
  constructor(
    private readonly memory: NativeMemory,
    private readonly dead: (block: Block) => void,
  ) {
    this.least = memory.isStrict ? 0 : LEAST_WATCHED;
    this.setSentinel();
  }

  /** Fresh memory; null where it cannot be had. */
  take(size: number): Block | null {
    const address = this.memory.allocate(size);
    if (address === 0) return null;
    this.bytes += size;
    return this.lease(new WatchedRegion(size, address));
  }

  /** A block over a region that nobody uses, watched from now on. It is a new object, since old ones outlive collections. */
  lease(region: Region): Block {
    const watched = region as WatchedRegion;
    const block = new Block(watched, 0, watched.size, null);
    const number = this.memory.watch(block);
    if (this.count === this.numbers.length) {
      const larger = new Int32Array(2 * this.count);
      larger.set(this.numbers);
      this.numbers = larger;
    }
    watched.watch = number;
    watched.position = this.count;
    watched.since = this.collections;
    this.numbers[this.count++] = number;
    this.regions[number] = watched;
    this.young += watched.size;
    return block;
  }

  /** Ends the watch over a block that is known to be dead. */
  end({ region }: Block): void {
    const watched = region as WatchedRegion;
    const { watch, position, since } = watched;
    if (watch < 0) return;
    this.memory.unwatch(watch);
    const last = this.numbers[--this.count];
    this.numbers[position] = last;
    this.regions[last].position = position;
    watched.watch = -1;
    if (since === this.collections) this.young -= watched.size;
  }

  /** Gives the memory of a block back that nothing lies in. */
  discard({ region }: Block): void {
    const { memory } = this;
    if (region.memory === 'none') return;
    if (region.buffer !== null) memory.detach(region.buffer as ArrayBuffer);
    memory.free(region.address, region.size);
    this.bytes -= region.size;
    region.memory = 'none';
    region.address = 0;
    region.buffer = null;
  }

  /** The bytes of a region as JavaScript sees them. */
  show(region: Region): ArrayBufferLike {
    region.buffer ??= this.memory.show(region.address, region.size);
    return region.buffer;
  }

  /** Lets V8 collect its young objects where so much has been handed out that it is worth its time. */
  collectIfDue(): void {
    const { young } = this;
    const { isStrict } = this.memory;
    if (young < this.threshold && !isStrict) return;
    const begin = performance.now();
    if (begin - this.ended < SHARE_OF_TIME * this.cost && !isStrict) return;
    if (this.collector === undefined) this.collector = findCollector();
    if (this.collector === null) return;
    this.collector('minor');
    const found = this.takeBack();
    this.ended = performance.now();
    // Others may have kept the processor busy: a single long one says little.
    this.cost = Math.min(this.ended - begin, 2 * this.cost + LEAST_COST);
    this.threshold =
      found * WORTHWHILE < young
        ? Math.min(2 * this.threshold, LARGEST_YOUNG)
        : Math.max(this.threshold / 2, LEAST_YOUNG);
  }

  /** Takes back what V8 has collected by itself. Returns whether there was any. */
  takeStirred(): boolean {
    return this.memory.alive(this.sentinel, 1) === 0 && this.takeBack() > 0;
  }

  /** Collects everything there is, for whom memory is out. */
  reclaimAll(): void {
    findCollector()?.('major');
    this.takeBack();
  }

  private setSentinel(): void {
    const [last] = this.sentinel;
    if (last >= 0) this.memory.unwatch(last);
    const sentinel = {};
    this.sentinel[0] = this.memory.watch(sentinel);
    this.finalizer.register(sentinel, null);
  }

  /** Hands back what has died. Returns how many bytes that are. */
  private takeBack(): number {
    const { numbers, regions, memory, count } = this;
    const alive = memory.alive(numbers, count);
    let found = 0;
    this.count = alive;
    for (let i = 0; i < alive; i++) regions[numbers[i]].position = i;
    for (let i = alive; i < count; i++) {
      const region = regions[numbers[i]];
      memory.unwatch(region.watch);
      region.watch = -1;
      found += region.size;
      if (memory.isStrict) new Uint8Array(this.show(region)).fill(0xff);
      this.dead(new Block(region, 0, region.size, null));
    }
    this.collections++;
    this.young = 0;
    this.setSentinel();
    return found;
  }
}
