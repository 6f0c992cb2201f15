/** WebAssembly's linear memory as a cache: what leaves it, what comes back, and what happens when it is full. */
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CpuStorage } from '../src/backends/cpu/allocator.js';
import { CpuBackend } from '../src/backends/cpu/backend.js';
import type { WasmEngine } from '../src/backends/cpu/engine.js';
import { wasmEngine } from '../src/backends/cpu/wasm.js';
import { OutOfMemoryError } from '../src/core/errors.js';

const module = new WebAssembly.Module(readFileSync(new URL('../dist/flambeau.wasm', import.meta.url)));
const KIBIBYTE = 1024;
const MEBIBYTE = 2 ** 20;

/** An engine whose memory ends after so many bytes. */
function backendOf({ window, limit = Number.POSITIVE_INFINITY }: { window?: number; limit?: number }) {
  const engine = wasmEngine({ module, threads: 'these are alone', window });
  const sizes = new Map<number, number>();
  let given = 0;
  const limited: WasmEngine = Object.create(engine, {
    allocate: {
      value(nbytes: number) {
        if (given + nbytes > limit) return 0;
        const address = engine.allocate(nbytes);
        sizes.set(address, nbytes);
        given += nbytes;
        return address;
      },
    },
    free: {
      value(address: number) {
        given -= sizes.get(address)!;
        engine.free(address);
      },
    },
  });
  const backend = new CpuBackend(limited);
  return {
    backend,
    make(nbytes: number, value: number): CpuStorage {
      const storage = backend.allocate(nbytes) as CpuStorage;
      backend.upload(storage, 0, new Uint8Array(nbytes).fill(value));
      return storage;
    },
    /** Uses storages in one command, as a kernel does. */
    use(...storages: CpuStorage[]): void {
      backend.allocator.linear!.command();
      for (const { block } of storages) backend.allocator.linear!.use(block as never);
    },
    given: () => given,
  };
}

/** Keeps the event loop for so long that it counts as a loop that never yields. */
function neverYield(backend: CpuBackend): void {
  const start = performance.now();
  while (performance.now() - start < 600) backend.release(backend.allocate(64), 'engine');
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const isHere = (storage: CpuStorage) => storage.block.memory === 'wasm';

function expectBytes(storage: CpuStorage, value: number): void {
  const { buffer, byteOffset } = storage.host()!;
  const bytes = Buffer.from(buffer, byteOffset, storage.nbytes);
  expect(bytes.equals(Buffer.alloc(storage.nbytes, value))).toBe(true);
}

describe('what lies in linear memory', () => {
  it('leaves when so many bytes have been asked for since it was used', () => {
    const { make } = backendOf({ window: 8 * KIBIBYTE });
    const all = Array.from({ length: 16 }, (_, i) => make(2 * KIBIBYTE, i));
    expect(all.map(isHere)).toEqual([...Array(12).fill(false), ...Array(4).fill(true)]);
    for (const [i, storage] of all.entries()) expectBytes(storage, i);
  });

  it('stays while it is used', () => {
    const { make, use } = backendOf({ window: 8 * KIBIBYTE });
    const used = make(2 * KIBIBYTE, 1);
    const unused = make(2 * KIBIBYTE, 2);
    for (let i = 0; i < 100; i++) {
      use(used);
      make(2 * KIBIBYTE, 3);
    }
    expect([isHere(used), isHere(unused)]).toEqual([true, false]);
  });

  it('comes back when it is used again, with what was written to it outside', () => {
    const { backend, make, use } = backendOf({ window: 0 });
    const storage = make(3000, 1);
    make(64, 0);
    expect(isHere(storage)).toBe(false);
    backend.upload(storage, 0, new Uint8Array(1000).fill(7));
    use(storage);
    expect(isHere(storage)).toBe(true);
    const { buffer, byteOffset } = storage.host()!;
    const bytes = new Uint8Array(buffer, byteOffset, 3000);
    expect([bytes[0], bytes[999], bytes[1000], bytes[2999]]).toEqual([7, 7, 1, 1]);
  });

  it('takes along every storage that shares it', () => {
    const { make, use } = backendOf({ window: 0 });
    const storage = make(5000, 1);
    const alias = storage.alias() as CpuStorage;
    make(64, 0);
    use(alias);
    new Uint8Array(alias.host()!.buffer, alias.host()!.byteOffset, 5000).fill(2);
    expectBytes(storage, 2);
  });

  it('leaves and comes back with what shares its slab', () => {
    const { make, use } = backendOf({ window: 8 * KIBIBYTE });
    const small = Array.from({ length: 8 }, (_, i) => make(KIBIBYTE, i));
    make(16 * KIBIBYTE, 0);
    make(16 * KIBIBYTE, 0);
    expect(small.map(isHere)).toEqual(Array(8).fill(false));
    use(small[3]);
    expect(small.map(isHere)).toEqual(Array(8).fill(true));
    for (const [i, storage] of small.entries()) expectBytes(storage, i);
  });

  it('is not taken from a command that uses it, however little there is', () => {
    const { make, use } = backendOf({ limit: MEBIBYTE });
    const all = Array.from({ length: 40 }, (_, i) => make(100 * KIBIBYTE, i));
    for (let i = 0; i + 4 < 40; i += 3) {
      use(...all.slice(i, i + 4));
      expect(all.slice(i, i + 4).every(isHere)).toBe(true);
    }
    for (const [i, storage] of all.entries()) expectBytes(storage, i);
    expect(() => use(...all)).toThrow(OutOfMemoryError);
    // Nothing is lost by that.
    for (const [i, storage] of all.entries()) expectBytes(storage, i);
  });

  it('grows with what comes back soon, and no more comes and goes', () => {
    const { backend, make, use } = backendOf({});
    const size = MEBIBYTE;
    // More than may be in use before anything leaves.
    const all = Array.from({ length: 96 }, (_, i) => make(size, i));
    neverYield(backend);
    const round = () => {
      let back = 0;
      for (const storage of all) {
        if (!isHere(storage)) back++;
        use(storage);
        backend.release(make(size, 0), 'engine');
      }
      return back;
    };
    expect(round()).toBeGreaterThan(16);
    round();
    expect([round(), round(), round()]).toEqual([0, 0, 0]);
    for (const [i, storage] of all.entries()) expectBytes(storage, i);
  });

  it('is bounded in a loop that never yields, large and small', () => {
    const { backend, given } = backendOf({});
    let most = 0;
    for (let i = 0; i < 80; i++) backend.allocate(MEBIBYTE);
    neverYield(backend);
    for (let i = 0; i < 600; i++) {
      most = Math.max(most, given());
      backend.allocate(300 * KIBIBYTE);
      for (let k = 0; k < 20; k++) backend.allocate(100 * k);
    }
    // 180 MiB have been asked for.
    expect(most).toBeLessThan(140 * MEBIBYTE);
    expect(given()).toBeLessThan(80 * MEBIBYTE);
    expect(backend.memoryStats().aliveCount).toBeGreaterThan(0);
  });

  it('is given back where the event loop turns, and nothing leaves', async () => {
    const { backend, make, given } = backendOf({});
    const kept = make(MEBIBYTE, 7);
    for (let i = 0; i < 100; i++) backend.allocate(MEBIBYTE);
    for (let i = 0; i < 2000; i++) backend.allocate(1000);
    expect(given()).toBeGreaterThan(100 * MEBIBYTE);
    await expect
      .poll(
        () => {
          collect();
          return given();
        },
        { timeout: 20_000 },
      )
      .toBeLessThan(4 * MEBIBYTE);
    expect(isHere(kept)).toBe(true);
    expectBytes(kept, 7);
    // Blocks in the last slab are counted while more is carved from it.
    expect(backend.memoryStats().aliveBytes).toBeLessThan(MEBIBYTE + 16 * KIBIBYTE);
  });

  describe('weighs with the collector', () => {
    afterEach(() => void vi.unstubAllGlobals());

    /** The sizes of the buffers that nobody touches, as they are made; `limit` is the most that there can be. */
    function weights(limit = Number.POSITIVE_INFINITY): number[] {
      const sizes: number[] = [];
      class Watched extends ArrayBuffer {
        constructor(length: number, options?: { maxByteLength?: number }) {
          if (options?.maxByteLength !== undefined) {
            if (length > limit) throw new RangeError('Array buffer allocation failed');
            sizes.push(length);
          }
          // TypeScript's library of that year knows no resizable buffers.
          super(...([length, options] as unknown as [number]));
        }
      }
      vi.stubGlobal('ArrayBuffer', Watched);
      return sizes;
    }

    it('as much as was set aside, some megabytes at a time', () => {
      const sizes = weights();
      const { backend } = backendOf({});
      for (let i = 0; i < 20; i++) backend.allocate(MEBIBYTE);
      expect(sizes).toEqual(Array(5).fill(4 * MEBIBYTE));
    });

    it('not with all that a loop has set aside which never yielded', async () => {
      const sizes = weights();
      const { backend, make, use } = backendOf({});
      // More than may be in use before anything leaves.
      const all = Array.from({ length: 80 }, (_, i) => make(MEBIBYTE, i));
      neverYield(backend);
      const before = sizes.length;
      for (let i = 0; i < 100; i++) {
        use(...all);
        backend.allocate(MEBIBYTE);
      }
      expect(sizes).toHaveLength(before);
      await new Promise((resolve) => setTimeout(resolve, 20));
      for (let i = 0; i < 8; i++) backend.allocate(MEBIBYTE);
      expect(sizes.length).toBeGreaterThan(before);
      expect(Math.max(...sizes)).toBe(4 * MEBIBYTE);
    });

    it('nothing where such a buffer cannot be had', () => {
      const sizes = weights(8 * MEBIBYTE);
      const { make } = backendOf({});
      expectBytes(make(16 * MEBIBYTE, 3), 3);
      expect(sizes).toEqual([]);
    });
  });

  it('leaves nothing behind when it ends outside', () => {
    const { backend, make } = backendOf({ window: 0 });
    const [a, b] = [make(3000, 1), make(3000, 2)];
    expect([isHere(a), isHere(b)]).toEqual([false, true]);
    backend.release(a, 'dispose');
    backend.release(b, 'dispose');
    expect(backend.memoryStats()).toMatchObject({ aliveBytes: 0, aliveCount: 0 });
    expect(() => a.host()).toThrow('disposed');
  });
});
