/** Gives mutants of one format to its reader. In a process of its own: it may crash, or have to be killed. */

import { openSync, writeSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { allocated } from './allocations.mjs';

// Imported after the allocations are counted.
const { checkValue, known } = await import('./check.mjs');
const { faulty, formats, makeInput } = await import('./formats.mjs');
const { name, seed, from, to, stall, positionFile } = JSON.parse(process.argv[2]);
const format = await { ...formats, ...faulty }[name]();

// Warnings of what readers leave out tell nothing here.
console.warn = () => {};

/** The slowest seed's time sets what a mutant may take: that many times as long for as many bytes. */
const patience = 100;
/** Stand-ins, closures and promises: bytes of objects for a file without any, and for each of its bytes. */
const heapBound = (file) => 2 ** 22 + 1024 * file.length;

/** What the time of reading a file goes by: its bytes, if the format says nothing else. `memory` is what was asked for on the way. */
const work = (file, value, memory) => format.work?.(file, value, memory) ?? file.length;

/** Milliseconds of the processor's that this process has had: what other processes do does not count. */
function used() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function attempt(file, index) {
  const before = allocated();
  const start = used();
  try {
    const value = await format.read(file, index);
    return { value, error: null, time: used() - start, memory: allocated() - before };
  } catch (error) {
    return { value: null, error, time: used() - start, memory: allocated() - before };
  }
}

/** The least of several runs: what the collector of garbage does meanwhile can only add to it. */
async function quickest(file, index, runs) {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) least = Math.min(least, (await attempt(file, index)).time);
  return least;
}

async function seedTime() {
  const files = format.wrap === undefined ? format.seeds : [];
  for (let i = 0; files.length < 4; i++) files.push(await makeInput(name, format, seed, -1 - i));
  const times = [];
  for (const file of files) {
    const { memory } = await attempt(file, -1);
    times.push([await quickest(file, -1, 20), work(file, undefined, memory)]);
  }
  return { time: Math.max(...times.map(([t]) => t)), size: Math.max(...times.map(([, n]) => n)) };
}

const slowest = await seedTime();
const position = openSync(positionFile, 'w');
const written = new Uint8Array(8);
const place = new Int32Array(new SharedArrayBuffer(4)).fill(-1);
new Worker(new URL('watchdog.mjs', import.meta.url), { workerData: { place, stall, positionFile } }).unref();
const result = { inputs: 0, loaded: 0, refused: {}, failures: [], memory: 0, heap: 0, time: 0 };

for (let index = from; index < to; index++) {
  Atomics.store(place, 0, index);
  new DataView(written.buffer).setFloat64(0, index);
  writeSync(position, written, 0, 8, 0);
  const file = await makeInput(name, format, seed, index);
  const fail = (kind, detail) => result.failures.push({ format: name, index, kind, detail: String(detail) });
  const heapBefore = getHeapStatistics().used_heap_size;
  const { value, error, time, memory } = await attempt(file, index);
  const heap = getHeapStatistics().used_heap_size - heapBefore;
  result.inputs++;
  const bound = format.bound(file, value);
  if (memory > bound) fail('memory', `${memory} bytes asked for by a file of ${file.length}`);
  if (heap > heapBound(file)) fail('memory', `${heap} bytes of objects for a file of ${file.length}`);
  const limit = patience * slowest.time * Math.max(1, work(file, value, memory) / slowest.size);
  if (time > limit) {
    const again = await quickest(file, index, 5);
    if (again > limit) fail('slow', `${again} ms, ${again / slowest.time} times as long as a good file`);
  }
  result.memory = Math.max(result.memory, memory / bound);
  result.heap = Math.max(result.heap, heap / heapBound(file));
  if (error === null) {
    result.loaded++;
    try {
      checkValue(value);
    } catch (wrong) {
      fail('wrong', wrong);
    }
  } else if (known.some((Class) => error instanceof Class)) {
    result.refused[error.name] = (result.refused[error.name] ?? 0) + 1;
  } else {
    fail('error', error?.stack ?? error);
  }
}
result.rss = process.resourceUsage().maxRSS / 1024;
process.send(result, () => process.exit());
