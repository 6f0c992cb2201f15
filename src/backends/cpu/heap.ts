/**
 * Memory of JavaScript's heap: ArrayBuffers, which V8 counts and frees during garbage collection, even in a loop that never yields.
 *
 * Small pieces are carved from slabs by size class: a buffer for each would cost more than the work on it, and a slab is so small
 * that one survivor cannot hold much.
 */
import type { Census, Owner } from './census.js';

export const SLAB_BYTES = 8192;
/** Pieces up to this size share slabs. */
export const LARGEST_SMALL = 1024;

/** Where a piece lies. */
export interface Place {
  readonly buffer: ArrayBuffer;
  readonly byteOffset: number;
  /** For the native engine; 0 for WebAssembly, which cannot see it. */
  readonly address: number;
  readonly owner: Owner;
}

interface Slab {
  readonly place: Place;
  used: number;
}

export class Heap {
  private readonly slabs = new Map<number, Slab>();

  constructor(
    private readonly census: Census,
    private readonly address: (buffer: ArrayBuffer) => number,
  ) {}

  /** Uninitialised memory; null where it cannot be had. */
  take(capacity: number): Place | null {
    if (capacity > LARGEST_SMALL) return this.fresh(capacity);
    let slab = this.slabs.get(capacity);
    if (slab === undefined || slab.used + capacity > SLAB_BYTES) {
      const place = this.fresh(SLAB_BYTES);
      if (place === null) return null;
      slab = { place, used: 0 };
      this.slabs.set(capacity, slab);
    }
    const { used } = slab;
    slab.used += capacity;
    const { buffer, byteOffset, address, owner } = slab.place;
    return { buffer, byteOffset: byteOffset + used, address: address === 0 ? 0 : address + used, owner };
  }

  /** A buffer of its own. */
  fresh(size: number): Place | null {
    const buffer = unsafeBuffer(size);
    if (buffer === null) return null;
    return { buffer, byteOffset: 0, address: this.address(buffer), owner: this.census.groupOf(size) };
  }
}

/** Uninitialised where Node can: zeroing costs as much as the work on it. Not transferable: its address is in use. */
function unsafeBuffer(nbytes: number): ArrayBuffer | null {
  try {
    if (typeof Buffer === 'undefined') return new ArrayBuffer(nbytes);
    return Buffer.allocUnsafeSlow(nbytes).buffer as ArrayBuffer;
  } catch {
    return null;
  }
}
