import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const { DataLoader, TensorDataset, workerDataset, workerFunction } = torch.utils.data;
const module = new URL('./support/worker_set.mjs', import.meta.url);

/** Orders that `test/files/make_orders.py` wrote of a loader with workers. */
interface OrderRecord {
  readonly loaderSeed: number | null;
  readonly leave: boolean;
  readonly options: Readonly<Record<string, unknown>>;
  readonly epochs: readonly unknown[];
  readonly after: number;
}

async function lists(loader: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const batch of loader) all.push((batch as torch.Tensor).tolist());
  return all;
}

describe('workers', { timeout: 180_000 }, () => {
  it('give the batches that loading here gives, in order', async () => {
    const set = await workerDataset<torch.utils.data.MapDataset<object>>(module, 'Mixed', 11);
    const flat = async (numWorkers: number) => {
      torch.manualSeed(1);
      const all: unknown[] = [];
      for await (const batch of new DataLoader(set, { batchSize: 2, shuffle: true, numWorkers })) {
        const { x, y, half, name } = batch as Record<string, torch.Tensor>;
        all.push([x.tolist(), y.tolist(), y.dtype.name, half.tolist(), half.dtype.name, name]);
      }
      return all;
    };
    expect(await flat(2)).toEqual(await flat(0));
    const slow = await workerDataset<number[]>(module, 'Slow');
    expect(await lists(new DataLoader(slow, { batchSize: 2, numWorkers: 2 }))).toEqual(
      [0, 2, 4, 6, 8, 10].map((i) => [i, i + 1]),
    );
  });

  it("are seeded as PyTorch's", async () => {
    const set = await workerDataset<number[]>(module, 'Random');
    torch.manualSeed(3);
    expect(await lists(new DataLoader(set, { batchSize: 2, numWorkers: 2 }))).toEqual([
      [0.2876076102256775, 0.686290979385376],
      [0.7470175623893738, 0.8290408253669739],
      [0.6020464301109314, 0.6949343085289001],
    ]);
  });

  it("draw what PyTorch's draw, whether they live on or not, and whether an epoch is left or not", async () => {
    const { workers } = JSON.parse(
      readFileSync(new URL('./files/loader_orders.json.golden', import.meta.url), 'utf8'),
    ) as { workers: OrderRecord[] };
    expect(workers).toHaveLength(7);
    const set = await workerDataset<[number, number][]>(module, 'Draws');
    for (const { loaderSeed, leave, options, epochs, after } of workers) {
      torch.manualSeed(3);
      const named = Object.entries(options).map(([name, value]) => [
        name.replace(/_(.)/g, (_, c: string) => c.toUpperCase()),
        value,
      ]);
      const generator = loaderSeed === null ? null : new torch.Generator().manualSeed(loaderSeed);
      const loader = new DataLoader(set, { generator, ...Object.fromEntries(named) });
      const found: unknown[] = [];
      for (const _ of epochs) {
        const batches: unknown[] = [];
        found.push(batches);
        for await (const [i, x] of loader as AsyncIterable<torch.Tensor[]>) {
          batches.push([i.tolist(), x.tolist()]);
          if (leave && found.length === 1) break;
        }
      }
      expect([options, found, torch.randint(0, 1_000_000, [1]).item()]).toEqual([options, epochs, after]);
    }
  });

  it('give tensors without elements that can be computed with', async () => {
    const set = await workerDataset<{ boxes: torch.Tensor }[]>(module, 'Boxes');
    for (const numWorkers of [0, 2])
      for await (const { boxes } of new DataLoader(set, { batchSize: 2, numWorkers })) {
        expect(boxes.shape).toEqual([2, 0, 4]);
        expect(boxes.sum().item()).toBe(0);
        expect(boxes.matmul(torch.ones(4, 1)).shape).toEqual([2, 0, 1]);
      }
  });

  it('share built-in data sets, and their transforms', async () => {
    const set = new TensorDataset(torch.arange(10).view([5, 2]), torch.rand(5));
    const [first] = torch.utils.data.randomSplit(set, [4, 1]);
    for await (const [x, y] of new DataLoader(first, { batchSize: 4, numWorkers: 1 })) {
      expect(x.tolist()).toEqual(first.indices.map((i) => [2 * i, 2 * i + 1]));
      expect(y.tolist()).toEqual(first.indices.map((i) => set.tensors[1].index(i).item()));
    }
  });

  it('leave the kind of a number field to the first batch of all', async () => {
    const set = await workerDataset<number[]>(module, 'Halves');
    const kinds: string[] = [];
    // The first worker sees 0, 1, 2, 3 only, the second 0.5, 1.5 and so on.
    await expect(async () => {
      for await (const batch of new DataLoader(set, { numWorkers: 2 }))
        kinds.push((batch as torch.Tensor).dtype.name);
    }).rejects.toThrow('were whole in the first batch and so are int64, but now one is 0.5');
    expect(kinds).toEqual(['int64']);
  });

  it('say which item failed, and where', async () => {
    const set = await workerDataset<number[]>(module, 'Mixed', 8, 5);
    const got: number[] = [];
    const run = async () => {
      for await (const { y } of new DataLoader(set, {
        batchSize: 2,
        numWorkers: 2,
      }) as AsyncIterable<never>) {
        got.push((y as torch.Tensor).index(0).item());
      }
    };
    const error = await run().then(
      () => null,
      (e: unknown) => e as Error,
    );
    expect(error).toBeInstanceOf(torch.ValueError);
    expect(error!.message).toMatch(
      /^Caught ValueError in DataLoader worker process 0: cannot read it \(at item 5\)\nOriginal ValueError: /,
    );
    expect(error!.message).toContain('worker_set.mjs');
    expect(got).toEqual([0, 2]);
  });

  it('that die or hang end the iteration with an error', async () => {
    const dies = await workerDataset<number[]>(module, 'Exits');
    await expect(lists(new DataLoader(dies, { batchSize: 2, numWorkers: 2 }))).rejects.toThrow(
      /DataLoader worker \(pid\(s\) \d+\) exited unexpectedly: exit code 3/,
    );
    const hangs = await workerDataset<number[]>(module, 'Hangs');
    await expect(lists(new DataLoader(hangs, { numWorkers: 1, timeout: 0.2 }))).rejects.toThrow(
      'DataLoader timed out after 0.2 seconds',
    );
  });

  it('take shares of a stream', async () => {
    const stream = await workerDataset<torch.utils.data.IterableDataset<number>>(module, 'Stream', 11);
    const loader = new DataLoader(stream, { batchSize: 2, numWorkers: 3, persistentWorkers: true });
    const expected = [[0, 3], [1, 4], [2, 5], [6, 9], [7, 10], [8]];
    expect(await lists(loader)).toEqual(expected);
    expect(await lists(loader)).toEqual(expected);
  });

  it('run an init function, and know who they are', async () => {
    const set = await workerDataset<unknown[]>(module, 'Remembers');
    const workerInitFn = workerFunction(module, 'remember');
    const got: unknown[] = [];
    for await (const batch of new DataLoader(set, { numWorkers: 2, workerInitFn })) {
      got.push((batch as torch.Tensor[]).map((t) => t.item()));
    }
    expect(got).toEqual([
      [0, 0, 1],
      [1, 1, 1],
      [0, 0, 1],
      [1, 1, 1],
    ]);
    expect(torch.utils.data.getWorkerInfo()).toBeNull();
  });

  it("leave a collate function of the user's to this thread", async () => {
    const set = await workerDataset<{ y: number }[]>(module, 'Mixed', 5);
    const seen: number[][] = [];
    const collateFn = (items: { y: number }[]) => items.map((item) => item.y);
    for await (const batch of new DataLoader(set, { batchSize: 2, numWorkers: 1, collateFn }))
      seen.push(batch);
    expect(seen).toEqual([[0, 1], [2, 3], [4]]);
  });

  it('can be left early, and used again', async () => {
    const set = await workerDataset<number[]>(module, 'Slow');
    const loader = new DataLoader(set, { batchSize: 4, numWorkers: 2, persistentWorkers: true });
    for await (const batch of loader) {
      expect((batch as unknown as torch.Tensor).tolist()).toEqual([0, 1, 2, 3]);
      break;
    }
    expect(await lists(loader)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9, 10, 11],
    ]);
  });

  it('refuse what cannot travel, and say what to do', async () => {
    const closure = { length: 2, at: (i: number) => i };
    await expect(lists(new DataLoader(closure, { numWorkers: 1 }))).rejects.toThrow(
      /a function \(at\) cannot travel to a worker thread: make the data set there, with torch\.utils\.data\.workerDataset/,
    );
    await expect(workerDataset(module, 'missing')).rejects.toThrow(
      /exports no 'missing'; it exports .*Mixed/,
    );
    await expect(workerDataset(module, 'fails')).rejects.toThrow('no such data');
    expect(await workerDataset(module, 'ready')).toEqual([1, 2, 3]);
  });

  it('do not keep a process alive that has nothing else to do', () => {
    const code = `
      import * as torch from 'flambeau';
      const set = await torch.utils.data.workerDataset(new URL(${JSON.stringify(module.href)}), 'Slow');
      const loader = new torch.utils.data.DataLoader(set, { numWorkers: 2, persistentWorkers: true });
      const { value } = await loader[Symbol.asyncIterator]().next();
      console.log(String(value));`;
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
      cwd: new URL('..', import.meta.url),
      timeout: 60_000,
    });
    expect(String(out)).toBe('tensor([0])\n');
  });
});
