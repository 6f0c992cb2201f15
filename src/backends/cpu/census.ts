/**
 * Counts the memory in use, for `torch.memoryStats()`.
 *
 * Storages that end explicitly are counted at once. Of those that the garbage collector takes, only finalizers tell, and those run when
 * the loop yields. A registration costs 200 bytes until then, so that in a loop that never yields one for each storage would
 * itself be a leak. Nothing but these figures depends on them: what lies in JavaScript's heap is therefore registered by
 * groups, and groups grow as long as no finalizer runs; and V8's own count of ArrayBuffers bounds what can be alive.
 */
import type { MemoryStats } from '../backend.js';

/** Counts what is alive of memory that the garbage collector takes as a whole. */
export interface Tally {
  bytes: number;
  count: number;
}

/** Stands for the memory of a tally: it is garbage once nothing in there is in use. */
export class Owner {
  /** For the garbage collector, which counts ArrayBuffers and nothing else. */
  weight: ArrayBuffer | null = null;

  constructor(readonly tally: Tally) {}
}

/** A group is closed when it has so many blocks or bytes, times its factor. */
const GROUP_BLOCKS = 64;
const GROUP_BYTES = 2 ** 20;
/** After so many groups without a finalizer, groups get larger. */
const PENDING_GROUPS = 512;
/** So many fresh bytes are set aside between two looks at V8's count. */
const BYTES_A_LOOK = 64 * 2 ** 20;

/** Bytes that this thread's ArrayBuffers hold, garbage included, but WebAssembly's memory is not; Infinity where nobody tells. */
function arrayBufferBytes(): number {
  // By `globalThis`, since bundlers put something of theirs in the place of `process`.
  return globalThis.process?.memoryUsage?.().arrayBuffers ?? Number.POSITIVE_INFINITY;
}

export class Census {
  aliveBytes = 0;
  aliveCount = 0;
  pooledBytes = 0;
  pooledCount = 0;
  /** Bytes that have left linear memory and are not known to be dead. */
  awayBytes = 0;
  private peakBytes = 0;
  private peakCount = 0;
  private group: Owner | null = null;
  private groupBlocks = 0;
  private groupBytes = 0;
  private factor = 1;
  private pending = 0;
  private freshBytes = 0;
  /** Bytes that V8 was seen to have collected, and for which no finalizer has run yet. */
  private collectedAhead = 0;
  private readonly finalizer = new FinalizationRegistry<Tally>((tally) => {
    this.factor = 1;
    this.pending = 0;
    const known = Math.min(tally.bytes, this.collectedAhead);
    this.collectedAhead -= known;
    this.aliveBytes += known;
    if (this.isLinear) this.awayBytes -= tally.bytes - known;
    this.collected(tally);
  });

  /**
   * @param isLinear whether only what has left linear memory lies in JavaScript's heap
   * @param outside gives the bytes that are counted here and lie outside of that heap
   */
  constructor(
    private readonly isLinear: boolean,
    private readonly outside: () => number,
  ) {}

  /** A storage begins. */
  begin(bytes: number, owner: Owner | null): void {
    this.aliveBytes += bytes;
    this.aliveCount++;
    if (this.aliveBytes > this.peakBytes) this.peakBytes = this.aliveBytes;
    if (this.aliveCount > this.peakCount) this.peakCount = this.aliveCount;
    if (owner !== null) add(owner, bytes, 1);
  }

  /** A storage ends. */
  end(bytes: number, owner: Owner | null): void {
    this.aliveBytes -= bytes;
    this.aliveCount--;
    if (owner !== null) add(owner, -bytes, -1);
  }

  /** Counts what is in use of a region that leaves linear memory. */
  goAway({ bytes, count }: Tally, refuge: Owner): void {
    add(refuge, bytes, count);
    this.awayBytes += bytes;
  }

  /** It is there again, or nowhere any more. */
  comeBack({ bytes, count }: Tally, refuge: Owner): void {
    add(refuge, -bytes, -count);
    this.awayBytes -= bytes;
  }

  /** The garbage collector has taken everything in a tally. */
  collected({ bytes, count }: Tally): void {
    this.aliveBytes -= bytes;
    this.aliveCount -= count;
  }

  /** The group that a fresh block of JavaScript's heap belongs to. */
  groupOf(bytes: number): Owner {
    this.freshBytes += bytes;
    if (this.freshBytes > BYTES_A_LOOK) this.look();
    const { group } = this;
    if (
      group !== null &&
      this.groupBlocks < GROUP_BLOCKS * this.factor &&
      this.groupBytes + bytes <= GROUP_BYTES * this.factor
    ) {
      this.groupBlocks++;
      this.groupBytes += bytes;
      return group;
    }
    const tally: Tally = { bytes: 0, count: 0 };
    const next = new Owner(tally);
    this.finalizer.register(next, tally);
    if (++this.pending > PENDING_GROUPS) {
      this.factor *= 2;
      this.pending = 0;
    }
    this.group = next;
    this.groupBlocks = 1;
    this.groupBytes = bytes;
    return next;
  }

  /** Brings the count down to what V8 holds, since more cannot be alive. Returns it. */
  look(): number {
    this.freshBytes = 0;
    const held = arrayBufferBytes() + this.outside();
    const excess = (this.isLinear ? this.awayBytes : this.aliveBytes + this.pooledBytes) - held;
    if (excess > 0) {
      this.aliveBytes -= excess;
      if (this.isLinear) this.awayBytes -= excess;
      this.collectedAhead += excess;
    }
    return held;
  }

  stats(reservedBytes: number): MemoryStats {
    const { aliveBytes, aliveCount, pooledBytes, pooledCount, peakBytes, peakCount } = this;
    return { aliveBytes, aliveCount, pooledBytes, pooledCount, peakBytes, peakCount, reservedBytes };
  }

  resetPeak(): void {
    this.peakBytes = this.aliveBytes;
    this.peakCount = this.aliveCount;
  }
}

function add({ tally }: Owner, bytes: number, count: number): void {
  tally.bytes += bytes;
  tally.count += count;
}
