// Prints a host's abilities as a line of JSON, where there are processes.
import * as torch from 'flambeau';
import { abilities } from './abilities.mjs';

const found = await abilities(torch);

// Two gigabytes of results that nothing refers to. On WebAssembly Bun's collector, which waits for the event loop, lets them grow.
const million = torch.ones(2 ** 20);
for (let i = 0; i < 500; i++) million.add(i);
const isFlat = found.engine === 'wasm' || process.memoryUsage().rss < 1.2e9;

console.log(JSON.stringify({ ...found, isFlat }));
