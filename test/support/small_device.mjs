// Trains, and keeps three times the memory that WebAssembly has here, with the engine's plainest form (see test/small-devices.test.ts).
import { readFileSync } from 'node:fs';
import * as torch from '../../dist/browser/lazy.js';
import { trainSmall } from './small_training.mjs';

let largest = 0;
{
  const memory = new WebAssembly.Memory({ initial: 0, maximum: 2 ** 16 });
  try {
    for (;;) memory.grow(2 ** 10);
  } catch {
    largest = memory.buffer.byteLength;
  }
}
const bytes = readFileSync(new URL('../../dist/flambeau.wasm', import.meta.url));
await torch.init({ wasm: new WebAssembly.Module(bytes) });
const kept = Array.from({ length: 96 }, (_, i) => torch.full([8 * 2 ** 20], i, { dtype: torch.float32 }));
const sums = [0, 50, 95].map((i) => kept[i].sum().item());
console.log(
  JSON.stringify({
    largest,
    engine: torch.backends.cpu.engine(),
    threads: torch.getNumThreads(),
    sums,
    losses: trainSmall(torch),
  }),
);
