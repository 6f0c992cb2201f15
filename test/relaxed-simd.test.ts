import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { wasmFile } from '../src/backends/cpu/engine_source.js';
import { hasRelaxedSimd } from '../src/backends/cpu/relaxed_simd.js';
import { packageFile } from '../src/core/package_files.js';

describe('relaxed SIMD', () => {
  const bytes = (name: string) => readFileSync(packageFile(name));

  it('is there where the engine that needs it can be compiled', () => {
    expect(hasRelaxedSimd()).toBe(WebAssembly.validate(bytes('flambeau_relaxed.wasm')));
  });

  it('chooses the file of the engine', () => {
    const relaxed = hasRelaxedSimd() ? '_relaxed' : '';
    expect([wasmFile(false), wasmFile(true)]).toEqual([
      `flambeau${relaxed}.wasm`,
      `flambeau${relaxed}_threads.wasm`,
    ]);
  });

  it('is in those files alone whose names say so', () => {
    const relaxedMadd = Buffer.from([0xfd, 0x85, 0x02]);
    for (const name of ['flambeau.wasm', 'flambeau_threads.wasm'])
      expect(bytes(name).includes(relaxedMadd), name).toBe(false);
    for (const name of ['flambeau_relaxed.wasm', 'flambeau_relaxed_threads.wasm'])
      expect(bytes(name).includes(relaxedMadd), name).toBe(true);
  });
});
