import { describe, expect, it } from 'vitest';
import { node, root } from './support/program.js';

/** How often each program runs: what depends on timing shows now and then, so more runs find more. */
const TIMES = Number(process.env.FLAMBEAU_FAULT_RUNS ?? 1);

/** Work that keeps the engine's threads busy, in a worker's or the main thread's program. */
const work = `
  import * as torch from ${JSON.stringify(new URL('dist/index.js', root).href)};
  import { Worker, parentPort } from 'node:worker_threads';
  const work = (n) => {
    const x = torch.ones(300_000);
    for (let i = 0; i < n; i++) if (x.mul(2).add(1).sum().item() !== 900_000) throw new Error('wrong');
  };
  const start = (code) => new Worker(new URL('data:text/javascript,' + encodeURIComponent(code)));
  const ended = (worker) => new Promise((resolve) => worker.once('exit', resolve));`;

const worker = (code: string) => JSON.stringify(`${work}${code}`);

/** Programs, what they print, and their exit codes. */
const programs: Readonly<Record<string, readonly [script: string, stdout: string, code: number]>> = {
  'in the main thread': [`work(3); console.log('done');`, 'done\n', 0],
  'in workers only, many at once': [
    `const workers = Array.from({ length: 4 }, () => start(${worker('work(3);')}));
     console.log(...(await Promise.all(workers.map(ended))));`,
    '0 0 0 0\n',
    0,
  ],
  'in workers one after another, and the main thread between': [
    `for (let i = 0; i < 4; i++) { console.log(await ended(start(${worker('work(2);')}))); work(1); }`,
    '0\n0\n0\n0\n',
    0,
  ],
  'in workers that leave at work': [
    `console.log(await ended(start(${worker('setTimeout(() => process.exit(5), 100); setInterval(() => work(2));')}))); work(2);`,
    '5\n',
    0,
  ],
  'in workers that are ended at work': [
    `const workers = Array.from({ length: 3 }, () => start(${worker('parentPort.postMessage(0); for (;;) work(1);')}));
     await Promise.all(workers.map((w) => new Promise((resolve) => w.once('message', resolve))));
     console.log(...(await Promise.all(workers.map((w) => w.terminate())))); work(2);`,
    '1 1 1\n',
    0,
  ],
  'in workers while the main thread exits': [
    `const w = start(${worker('parentPort.postMessage(0); for (;;) work(1);')});
     await new Promise((resolve) => w.once('message', resolve));
     work(1); console.log('leaving'); process.exit(7);`,
    'leaving\n',
    7,
  ],
  'by a main thread that throws while a worker works': [
    `const w = start(${worker('parentPort.postMessage(0); for (;;) work(1);')});
     await new Promise((resolve) => w.once('message', resolve));
     console.log('throwing'); throw new Error('the fault');`,
    'throwing\n',
    1,
  ],
  'while another worker is started and ended': [
    `const ends = []; for (let i = 0; i < 6; i++) { const w = start(${worker('work(20);')}); setTimeout(() => w.terminate(), 60 * i); ends.push(ended(w)); work(1); }
     await Promise.all(ends); console.log('done');`,
    'done\n',
    0,
  ],
};

describe('the engine', () => {
  it.each(Object.entries(programs))(
    'used %s neither crashes nor hangs',
    async (_, [script, stdout, code]) => {
      for (let i = 0; i < TIMES; i++) {
        const result = await node(`${work}\n${script}`).then(
          ({ stdout }) => ({ stdout, code: 0 as unknown }),
          (error: { stdout: string; code: unknown; signal: unknown }) => ({
            stdout: error.stdout,
            code: error.code ?? error.signal,
          }),
        );
        expect(result).toEqual({ stdout, code });
      }
    },
    60_000 * (1 + TIMES),
  );
});
