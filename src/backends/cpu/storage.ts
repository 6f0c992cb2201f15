import { RuntimeError } from '../../core/errors.js';
import { type HostMemory, nextStorageSerial, type Storage } from '../backend.js';
import type { CpuBackend } from './backend.js';

/** Where a storage's bytes are. */
export type Memory =
  /** In a slab that many small storages share, or in a buffer of its own. */
  | 'own'
  /** In a buffer that the user holds too. */
  | 'shown'
  /** In WebAssembly's linear memory. */
  | 'wasm';

/** Memory of the CPU engine. */
export class CpuStorage implements Storage {
  version = 0;
  readonly serial = nextStorageSerial();
  /** Whether something else refers to the memory, too: then it is not reused before the garbage collector has it. */
  pinned = false;

  constructor(
    readonly backend: CpuBackend,
    readonly nbytes: number,
    /** Bytes really set aside; what a pool files it under. */
    readonly capacity: number,
    public memory: Memory,
    /** Byte address for the engine; 0 for what is staged (shown memory under WebAssembly). */
    public address: number,
    /** The bytes, except in linear memory. Also keeps the memory alive. */
    public buffer: ArrayBufferLike | null,
    public byteOffset: number,
    /** Linear memory's owner: what finalization watches. */
    public owner: object | null,
  ) {}

  host(): HostMemory {
    if (this.memory === 'wasm') {
      return { buffer: this.backend.linearMemory(), byteOffset: this.address, moves: true };
    }
    if (this.memory === 'shown') this.checkAttached();
    return { buffer: this.buffer!, byteOffset: this.byteOffset };
  }

  expose(): HostMemory {
    if (this.memory !== 'shown') this.backend.show(this);
    return this.host();
  }

  alias(): Storage {
    if (this.memory === 'own' || this.memory === 'wasm') this.pinned = true;
    return new CpuStorage(
      this.backend,
      this.nbytes,
      0,
      this.memory,
      this.address,
      this.buffer,
      this.byteOffset,
      this.owner,
    );
  }

  /** A transferred buffer has no bytes left, and its old address belongs to somebody else. */
  checkAttached(): void {
    if (this.buffer!.byteLength < this.byteOffset + this.nbytes)
      throw new RuntimeError(
        `the ArrayBuffer under this tensor was transferred or detached: ${this.nbytes} bytes expected at offset ${this.byteOffset}, the buffer has ${this.buffer!.byteLength}`,
      );
  }
}
