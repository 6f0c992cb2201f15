import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeThreadProgram } from '../src/backends/cpu/thread_programs.js';
import { type WasmThread, wasmEngine } from '../src/backends/cpu/wasm.js';
import { define, pointwise, Tensor } from './engine.js';

const dist = new URL('../dist/', import.meta.url);
const compiled = (name: string) => new WebAssembly.Module(readFileSync(new URL(name, dist)));

describe("WebAssembly's threads", () => {
  const threads: WasmThread[] = [];
  const workers: Worker[] = [];
  const engine = wasmEngine({
    module: compiled('flambeau_threads.wasm'),
    threads: {
      count: 3,
      maySleep: true,
      start(thread) {
        threads.push(thread);
        workers.push(new Worker(nodeThreadProgram, { eval: true, workerData: thread, execArgv: [] }));
      },
    },
  });
  afterAll(() => Promise.all(workers.map((worker) => worker.terminate())));

  // The exponential of twice the sum, so that the machine needs a temporary, which lies in its thread's scratch memory.
  const program = define(engine, {
    compute: 'float32',
    inputs: 2,
    temporaries: 1,
    code: [
      ['add', 2, 0, 1],
      ['exp', 2, 2],
      ['add', 2, 2, 2],
    ],
    outputs: [2],
  });
  const add = (n: number) => {
    const [a, b, out] = [1, 2, 0].map((x) => new Tensor(engine, 'float32', [n]).fill(() => x));
    pointwise(engine, program, [n], [out], [a, b]);
    return out.values().map(Number);
  };

  it('are not started for small work', () => {
    expect(new Set(add(100)).size).toBe(1);
    expect(threads).toEqual([]);
  });

  it('are one fewer than the count, as the caller takes part', () => {
    add(1 << 18);
    expect(threads.map(({ index }) => index)).toEqual([0, 1]);
    add(1 << 18);
    expect(threads).toHaveLength(2);
  });

  it('carry out pieces', async () => {
    // Thread-local variables come first in a thread's memory: flags, and pointers to what it allocated in a piece.
    const hasScratch = ({ memory, address }: WasmThread) =>
      new Uint32Array(memory.buffer, address, 64).some((word) => word >= 2 ** 16);
    for (let i = 0; i < 2000 && !threads.every(hasScratch); i++) {
      add(1 << 18);
      await sleep(1);
    }
    expect(threads.map(hasScratch)).toEqual([true, true]);
  });

  it('can be fewer and more', () => {
    for (const n of [1, 2, 4]) {
      engine.setThreads(n);
      expect(engine.threads()).toBe(n);
      expect(new Set(add(1 << 18)).size).toBe(1);
    }
    expect(threads).toHaveLength(3);
  });

  it('are not to be had without shared memory', () => {
    const alone = wasmEngine({ module: compiled('flambeau.wasm'), threads: 'nobody shares' });
    alone.setThreads(4);
    expect(alone.threads()).toBe(1);
    expect(alone.limit).toEqual({ threads: 1, why: 'nobody shares' });
    expect(alone.memory.buffer).toBeInstanceOf(ArrayBuffer);
  });

  it.each(['at once', 'later'])('count only while they can start: %s', (when) => {
    let lose = () => {};
    const lonely = wasmEngine({
      module: compiled('flambeau_threads.wasm'),
      threads: {
        count: 3,
        maySleep: true,
        start(thread, lost) {
          if (thread.index === 0) return;
          if (when === 'at once') throw new Error('no more');
          lose = () => lost('no more');
        },
      },
    });
    const [x, out] = [1, 0].map((value) => new Tensor(lonely, 'float32', [1 << 18]).fill(() => value));
    const double = define(lonely, { compute: 'float32', inputs: 1, code: [['add', 1, 0, 0]], outputs: [1] });
    pointwise(lonely, double, [1 << 18], [out], [x]);
    lose();
    expect([lonely.threads(), lonely.limit]).toEqual([2, { threads: 2, why: 'no more' }]);
    lonely.setThreads(5);
    expect(lonely.threads()).toBe(2);
    lonely.setThreads(1);
    expect(lonely.threads()).toBe(1);
    expect(new Set(out.values().map(Number))).toEqual(new Set([2]));
  });
});

describe("a process with WebAssembly's threads", () => {
  const flambeau = JSON.stringify(fileURLToPath(new URL('index.js', dist)));
  const node = (script: string, env: Record<string, string> = {}) =>
    execFileSync(process.execPath, ['-e', script], {
      env: { ...process.env, FLAMBEAU_CPU: 'wasm', FLAMBEAU_NUM_THREADS: '3', ...env },
      timeout: 60_000,
    }).toString();
  const work = `const torch = require(${flambeau}); torch.ones(512, 512).exp().sum();`;

  it('does without where the system refuses shared memory', () => {
    const refuse = `
      const { Memory } = WebAssembly;
      WebAssembly.Memory = class extends Memory {
        constructor(descriptor) {
          if (descriptor.shared) throw new RangeError('WebAssembly.Memory(): could not allocate memory');
          super(descriptor);
        }
      };`;
    expect(node(`${refuse} ${work} console.log('done', torch.getNumThreads());`)).toBe('done 1\n');
  });

  it('ends when its work is done', () => {
    expect(node(`${work} console.log('done', torch.getNumThreads());`)).toBe('done 3\n');
  });

  it('may be ended in a worker at work', () => {
    expect(
      node(`
        const { Worker } = require('node:worker_threads');
        const worker = new Worker(${JSON.stringify(`${work} for (;;) torch.ones(512, 512).exp().sum();`)}, { eval: true });
        setTimeout(() => worker.terminate().then(() => console.log('done')), 500);`),
    ).toBe('done\n');
  });

  it('may exit while they work', () => {
    expect(
      node(
        `${work} console.log('done'); setInterval(() => torch.ones(512, 512).exp(), 0); setTimeout(() => process.exit(), 300)`,
      ),
    ).toBe('done\n');
  });
});
