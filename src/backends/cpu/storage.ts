import type { Device } from '../../core/device.js';
import { endedError } from '../../core/disposed.js';
import { RuntimeError } from '../../core/errors.js';
import type { Backend, Ending, HostMemory, Storage } from '../backend.js';
import { StorageRecord } from '../storage_record.js';
import { Block, Region } from './block.js';

/** Stands in the place of an ended storage's memory, which others may have by then. */
const none = new Block(new Region('none', 0, 0, null), 0, 0, null);

/** The engine's backend, as its storages know it. */
export interface CpuMemory extends Backend {
  /** WebAssembly's memory. */
  linearMemory(): ArrayBufferLike;
  /** Moves a storage to a buffer that the user may hold. */
  show(storage: CpuStorage): void;
}

/** Memory of the CPU engine. */
export class CpuStorage extends StorageRecord implements Storage {
  arrival: Promise<void> | null = null;
  /** The device that its contents are on their way from. */
  private source: Device | null = null;

  constructor(
    readonly backend: CpuMemory,
    readonly nbytes: number,
    public block: Block,
  ) {
    super();
  }

  host(): HostMemory {
    const { region, offset } = this.block;
    const { memory } = region;
    if (memory === 'wasm')
      return { buffer: this.backend.linearMemory(), byteOffset: region.address + offset, moves: true };
    if (memory === 'away') return { buffer: region.buffer!, byteOffset: offset, moves: true };
    if (memory !== 'own') this.check();
    return { buffer: region.buffer!, byteOffset: offset };
  }

  /** Blocks move; memory of the user's is told by its buffer. */
  get place(): Block | null {
    const { block } = this;
    return block.memory === 'shown' || block.memory === 'none' ? null : block;
  }

  expose(): HostMemory {
    this.check();
    if (this.block.memory !== 'shown') this.backend.show(this);
    return this.host();
  }

  alias(): Storage {
    this.check();
    this.block.users++;
    return new CpuStorage(this.backend, this.nbytes, this.block);
  }

  /** Memory whose contents come later: until then it has none. */
  static arriving(backend: CpuMemory, nbytes: number, source: Device, contents: Promise<Block>): CpuStorage {
    const storage = new CpuStorage(backend, nbytes, none);
    storage.source = source;
    storage.arrival = contents.then((block) => {
      if (storage.ended === null) storage.block = block;
      storage.source = null;
      storage.arrival = null;
    });
    // Who waits for it is told; nobody has to wait.
    storage.arrival.catch(() => {});
    return storage;
  }

  /** Takes the memory away for good and returns it. */
  end(how: Ending): Block {
    const { block } = this;
    this.ended = how;
    this.block = none;
    return block;
  }

  /**
   * Refuses memory that is gone: an ended storage's, or that of a transferred buffer, which has no bytes left and whose old
   * address belongs to somebody else.
   */
  check(): void {
    if (this.ended !== null) throw endedError('the operation', this.ended);
    if (this.source !== null)
      throw new RuntimeError(
        `the tensor is still on its way from ${this.source}: await its ready() before it is used`,
      );
    const { region, offset } = this.block;
    if (region.memory === 'shown' && region.buffer!.byteLength < offset + this.nbytes)
      throw new RuntimeError(
        `the ArrayBuffer under this tensor was transferred or detached: ${this.nbytes} bytes expected at offset ${offset}, the buffer has ${region.buffer!.byteLength}`,
      );
  }
}
