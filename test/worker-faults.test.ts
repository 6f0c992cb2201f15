import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';
import { node } from './support/program.js';

const { DataLoader, workerDataset } = torch.utils.data;
const module = new URL('./support/faulty_set.mjs', import.meta.url);

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
      for (let i = 0; i < 2; i++) await expect(sums(loader)).rejects.toThrow(text);
      expect(await sums(await load('none'))).toEqual([2, 10, 18, 26]);
    },
    120_000,
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
