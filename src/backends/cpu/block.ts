import type { Block as DeviceBlock } from '../backend.js';
import type { Owner } from './census.js';

/** Where a region's bytes are. */
export type Memory =
  /** In a buffer of JavaScript's heap. */
  | 'own'
  /** In memory of the native engine's, outside of JavaScript's heap. */
  | 'native'
  /** In a buffer that the user holds too. */
  | 'shown'
  /** In WebAssembly's linear memory. */
  | 'wasm'
  /** In JavaScript's heap until it is used again, in linear memory. */
  | 'away'
  /** Nowhere any more. */
  | 'none';

/** Memory that comes and goes as a whole: what one large storage lies in, or a slab that many small ones share. */
export class Region {
  constructor(
    public memory: Memory,
    readonly size: number,
    /** Byte address for the engine; 0 for what it cannot see (shown memory under WebAssembly, which is staged). */
    public address: number,
    /** The bytes, except in linear memory. Also keeps the memory alive. */
    public buffer: ArrayBufferLike | null,
  ) {}
}

/** A piece of a region: what storages are made of, and what the pool keeps. */
export class Block implements DeviceBlock {
  /** How many storages lie in it. It is reused when all have ended. */
  users = 1;

  constructor(
    readonly region: Region,
    readonly offset: number,
    /** Bytes set aside; what the pool files it under. 0 for memory of the user's. */
    readonly capacity: number,
    /** The object that finalization watches; null for memory of the user's. */
    readonly owner: Owner | null,
  ) {}

  get memory(): Memory {
    return this.region.memory;
  }

  /** Blocks move; memory of the user's is told by its buffer. */
  get place(): this | null {
    return this.region.memory === 'shown' ? null : this;
  }

  get address(): number {
    const { address } = this.region;
    return address === 0 ? 0 : address + this.offset;
  }
}
