import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const { DataLoader, workerDataset } = torch.utils.data;
const module = new URL('./support/faulty_set.mjs', import.meta.url);
const root = new URL('..', import.meta.url);

/** How often a fault is repeated, since what depends on timing shows now and then; FLAMBEAU_FAULT_RUNS says otherwise. */
const TIMES = Number(process.env.FLAMBEAU_FAULT_RUNS ?? 2);
const timeout = 60_000 + TIMES * 60_000;

async function sums(loader: AsyncIterable<unknown>): Promise<number[]> {
  const all: number[] = [];
  for await (const batch of loader) all.push((batch as torch.Tensor).sum().item());
  return all;
}

const load = async (fault: string, options: object = {}) => {
  const set = await workerDataset<torch.utils.data.MapDataset<torch.Tensor>>(module, 'Faulty', fault);
  return new DataLoader(set, { batchSize: 2, numWorkers: 2, ...options });
};

const exited = (why: string) =>
  new RegExp(`^DataLoader worker \\(pid\\(s\\) \\d+\\) exited unexpectedly: ${why}`);

describe("a loader's worker thread", () => {
  it.each([
    ['exits with 0', exited('exit code 0')],
    ['exits with 9', exited('exit code 9')],
    ['closes its port', exited('exit code 0')],
    ['throws outside of the item', exited('thrown on the side')],
    ['rejects outside of the item', exited('rejected on the side')],
    ['exits at work', exited('exit code 4')],
    ['throws what is no error', /null/],
  ])(
    'that %s is reported, never waited for, and the next pass has workers again',
    async (fault, text) => {
      const loader = await load(fault, { persistentWorkers: true });
      // The second time the loader starts workers anew, and they meet the same fault.
      for (let i = 0; i < TIMES; i++) await expect(sums(loader)).rejects.toThrow(text);
      expect(await sums(await load('none'))).toEqual([2, 10, 18, 26]);
    },
    timeout,
  );

  it('that runs out of memory is reported', async () => {
    // A heap of 64 MB: the worker's ends soon, and the main thread has enough.
    const script = `
      import * as torch from 'flambeau';
      const set = await torch.utils.data.workerDataset(new URL(${JSON.stringify(module.href)}), 'Faulty', 'runs out of memory');
      try {
        for await (const batch of new torch.utils.data.DataLoader(set, { numWorkers: 1 })) batch.sum();
        console.log('no error');
      } catch (error) {
        console.log(error.name, error.message.replace(/\\d+/, 'N'));
      }
      console.log(torch.ones(3).sum().item());`;
    const { stdout } = await node(script, ['--max-old-space-size=64']);
    expect(stdout).toBe(
      'RuntimeError DataLoader worker (pid(s) N) exited unexpectedly: Worker terminated due to reaching memory limit: JS heap out of memory\n3\n',
    );
  });
});

const run = promisify(execFile);

/** Runs a program in a process of its own; one that hangs is killed, and then this rejects. */
function node(script: string, args: readonly string[] = []): Promise<{ stdout: string; stderr: string }> {
  return run(process.execPath, [...args, '--input-type=module', '-e', script], {
    cwd: root,
    timeout: 50_000,
  });
}

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
    timeout,
  );
});
