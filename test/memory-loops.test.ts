/** Loops as people write them, which neither yield nor end anything, on WebAssembly: short forms of what bench/loops.mjs runs. */
import { describe, expect, it } from 'vitest';
import { loops, measure } from './browser/memory_loops.js';

// So little stays in linear memory that a short loop shows what a long one would do.
process.env.FLAMBEAU_WASM_WINDOW = String(2 ** 20);
const torch = await import('flambeau');

const isWasm = torch.backends.cpu.engine() === 'wasm';

describe.runIf(isWasm)('linear memory does not grow', { timeout: 300_000 }, () => {
  const steps = (name: string) => (name.startsWith('train') ? 60 : 250);

  it.each([...Object.keys(loops), 'loader'])('in the loop %s', async (name) => {
    const { figures } = await measure(torch, name, steps(name));
    expect(figures).toHaveLength(3);
    // For all loops together, which ask for half a gigabyte; memory never shrinks, and grows by 16 MiB.
    expect(figures[2]!.reservedBytes).toBeLessThan(48 * 2 ** 20);
  });
});
