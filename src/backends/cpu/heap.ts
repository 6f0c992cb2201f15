/** Memory of JavaScript's heap: ArrayBuffers, which V8 counts and frees during garbage collection, even in a loop that never yields. */
import { Block, Region } from './block.js';
import type { Census } from './census.js';

export class Heap {
  constructor(
    private readonly census: Census,
    private readonly address: (buffer: ArrayBuffer) => number,
  ) {}

  /** Uninitialised memory; null where it cannot be had. */
  take(size: number): Block | null {
    const buffer = unsafeBuffer(size);
    if (buffer === null) return null;
    const region = new Region('own', size, this.address(buffer), buffer);
    return new Block(region, 0, size, this.census.groupOf(size));
  }
}

/** Uninitialised where Node can: zeroing costs as much as the work on it. Not transferable: its address is in use. */
export function unsafeBuffer(nbytes: number): ArrayBuffer | null {
  try {
    if (globalThis.Buffer === undefined) return new ArrayBuffer(nbytes);
    return globalThis.Buffer.allocUnsafeSlow(nbytes).buffer as ArrayBuffer;
  } catch {
    return null;
  }
}
