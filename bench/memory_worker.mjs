// One contestant of memory.mjs: trains the tutorial's network, and prints the peak of resident memory as a line of JSON. memory_worker.py is
// its twin. usage: node memory_worker.mjs WORKLOAD STEPS THREADS plain|scope
import { setImmediate } from 'node:timers/promises';
import * as torch from 'flambeau';
import { workloads } from './workloads.mjs';

const [workload, steps, threads, how] = process.argv.slice(2);
// Kilobytes, the unit of getrusage on Linux.
const peak = () => process.resourceUsage().maxRSS / 1024;

torch.setNumThreads(Number(threads));
torch.manualSeed(0);
const imported = peak();
const step = workloads[workload]();
const run = how === 'scope' ? () => torch.scope(step) : step;
let loss = Number.NaN;
let turned = performance.now();
for (let i = 0; i < Number(steps); i++) {
  // As a DataLoader does.
  if (performance.now() - turned > 16) {
    await setImmediate();
    turned = performance.now();
  }
  loss = run();
}
const { peakBytes, pooledBytes } = torch.memoryStats();
console.log(
  JSON.stringify({
    imported,
    peak: peak(),
    alive: peakBytes / 2 ** 20,
    pooled: pooledBytes / 2 ** 20,
    loss,
  }),
);
