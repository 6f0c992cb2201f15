/** Memory of the WebGPU device: buffers by size class, used again when their storages have ended. */
import type { Ending } from '../../core/disposed.js';
import { OutOfMemoryError } from '../../core/errors.js';
import { nextTurn } from '../../core/turns.js';
import { type Backend, type MemoryStats, Storage } from '../backend.js';
import type { Block, Gpu } from './gpu.js';

const SMALLEST = 256;
/** Bytes that unused buffers may hold for reuse. */
const POOL_LIMIT = 512 * 2 ** 20;
/**
 * Bytes of new buffers until the event loop turns. Without a turn nothing tells which are no longer used, and a loop that gives none would take
 * memory until the device, or the whole machine, has no more.
 */
const TURN_LIMIT = 4 * 2 ** 30;
/** From so many on a turn is looked for. */
const TURN_NOTICED = 64 * 2 ** 20;
/** Buffers that lay unused while so many were asked for are given back, half of them each time. */
const TRIM_PERIOD = 1 << 14;
/** Storages of this size and more are weighed. */
const LEAST_WEIGHED = 4096;

/** Sizes rounded up to an eighth of their power of two, so that near sizes share buffers. */
function roundUp(nbytes: number): number {
  if (nbytes <= SMALLEST) return SMALLEST;
  const step = 2 ** Math.max(8, Math.floor(Math.log2(nbytes)) - 3);
  return Math.ceil(nbytes / step) * step;
}

/**
 * Watched by finalization: garbage when no storage lies in the block any more. V8 does not see the device's memory and
 * would not collect in time, so this holds as many bytes that it does see, and that nobody ever touches.
 */
class Owner {
  readonly weight: ArrayBuffer | null;

  constructor(nbytes: number) {
    this.weight = nbytes < LEAST_WEIGHED ? null : new ArrayBuffer(nbytes);
  }
}

/** Unused buffers of one size. */
interface Unused {
  /** The oldest last. */
  readonly blocks: Block[];
  /** The fewest that there were since the pool was last trimmed: so many were of no use. */
  fewest: number;
}

/** Memory of the device. Its keeper is the owner of its block. */
export type WebGpuStorage = Storage<Block>;

export class Allocator {
  /** By size. */
  private readonly pool = new Map<number, Unused>();
  private untilTrim = TRIM_PERIOD;
  private aliveBytes = 0;
  private aliveCount = 0;
  private pooledBytes = 0;
  private pooledCount = 0;
  private peakBytes = 0;
  private peakCount = 0;
  /** Bytes of new buffers since the event loop is known to have turned. */
  private newBytes = 0;
  private isTurnAwaited = false;
  private readonly finalizer = new FinalizationRegistry<Block>((block) => this.put(block));

  constructor(
    private readonly backend: Backend,
    private readonly gpu: Gpu,
  ) {}

  allocate(nbytes: number): WebGpuStorage {
    const { limits } = this.gpu;
    const capacity = Math.min(roundUp(nbytes), Math.max(limits.bufferBytes, nbytes));
    if (nbytes > limits.bufferBytes)
      throw new OutOfMemoryError(
        `WebGPU out of memory: tried to allocate ${nbytes} bytes for one tensor, but the adapter binds at most ${limits.bufferBytes} bytes.`,
      );
    if (--this.untilTrim === 0) this.trim();
    const unused = this.pool.get(capacity);
    let block = unused?.blocks.pop();
    if (block !== undefined) {
      unused!.fewest = Math.min(unused!.fewest, unused!.blocks.length);
      block.users = 1;
      this.pooledBytes -= capacity;
      this.pooledCount--;
    } else {
      this.gpu.check();
      this.noteNew(capacity);
      block = this.gpu.createBlock(capacity);
    }
    // Blocks that were given back by the library have theirs still, and it is registered.
    let owner = block.spare as Owner | null;
    block.spare = null;
    if (owner === null) {
      owner = new Owner(capacity);
      this.finalizer.register(owner, block, owner);
    }
    this.aliveBytes += capacity;
    this.aliveCount++;
    this.peakBytes = Math.max(this.peakBytes, this.aliveBytes);
    this.peakCount = Math.max(this.peakCount, this.aliveCount);
    return new Storage(this.backend, nbytes, block, owner);
  }

  /** @throws OutOfMemoryError in a loop that keeps the event loop from turning */
  private noteNew(capacity: number): void {
    if (this.newBytes + capacity > TURN_LIMIT && this.aliveBytes > TURN_LIMIT / 2)
      throw new OutOfMemoryError(
        `WebGPU out of memory: ${Math.round(this.newBytes / 2 ** 20)} MiB of buffers were made since the event loop last turned, and only when it turns is memory of tensors that are no longer used given back. Await something of the device in every step, as in await loss.itemAsync() or await torch.webgpu.synchronize(), or make a step's tensors in torch.scope(() => …). torch.webgpu.memoryAllocated() tells what tensors hold.`,
      );
    this.newBytes += capacity;
    if (this.isTurnAwaited || this.newBytes < TURN_NOTICED) return;
    this.isTurnAwaited = true;
    void nextTurn().then(() => {
      this.isTurnAwaited = false;
      this.newBytes = 0;
    });
  }

  release(storage: WebGpuStorage, how: Ending): void {
    if (storage.ended !== null) return;
    const { keeper } = storage;
    const block = storage.end(how)!;
    if (--block.users > 0) return;
    block.spare = keeper;
    this.put(block);
  }

  /** A block that nothing lies in any more. */
  private put(block: Block): void {
    const { capacity } = block;
    this.aliveBytes -= capacity;
    this.aliveCount--;
    if (block.failure !== null || this.pooledBytes + capacity > POOL_LIMIT) {
      this.destroy([block]);
      return;
    }
    let unused = this.pool.get(capacity);
    if (unused === undefined) {
      unused = { blocks: [], fewest: 0 };
      this.pool.set(capacity, unused);
    }
    const { blocks } = unused;
    // The oldest is used first: then loops meet the same buffers again and again, whose bind groups are known.
    let at = blocks.length;
    while (at > 0 && blocks[at - 1].id < block.id) at--;
    blocks.splice(at, 0, block);
    this.pooledBytes += capacity;
    this.pooledCount++;
  }

  private destroy(blocks: readonly Block[]): void {
    for (const { spare } of blocks) if (spare !== null) this.finalizer.unregister(spare);
    this.gpu.destroy(blocks);
  }

  /**
   * Gives back what was of no use for a period. Collections of garbage come at all distances, and without this the largest of them would
   * decide for good how much is kept.
   */
  private trim(): void {
    this.untilTrim = TRIM_PERIOD;
    for (const [capacity, unused] of this.pool) {
      const idle = unused.blocks.splice(0, Math.ceil(unused.fewest / 2));
      this.destroy(idle);
      this.pooledBytes -= idle.length * capacity;
      this.pooledCount -= idle.length;
      unused.fewest = unused.blocks.length;
      if (unused.fewest === 0) this.pool.delete(capacity);
    }
  }

  /** Gives pooled buffers back to the device. */
  empty(): void {
    this.destroy([...this.pool.values()].flatMap(({ blocks }) => blocks));
    this.pool.clear();
    this.pooledBytes = 0;
    this.pooledCount = 0;
  }

  stats(): MemoryStats {
    const { aliveBytes, aliveCount, pooledBytes, pooledCount, peakBytes, peakCount } = this;
    const reservedBytes = aliveBytes + pooledBytes;
    return { aliveBytes, aliveCount, pooledBytes, pooledCount, peakBytes, peakCount, reservedBytes };
  }

  resetPeak(): void {
    this.peakBytes = this.aliveBytes;
    this.peakCount = this.aliveCount;
  }
}
