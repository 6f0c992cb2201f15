import { readFileSync } from 'node:fs';
import * as torch from 'flambeau';
import { describe, expect, expectTypeOf, it, vi } from 'vitest';

const {
  BatchSampler,
  ChainDataset,
  ConcatDataset,
  DataLoader,
  Dataset,
  defaultCollate,
  IterableDataset,
  RandomSampler,
  randomSplit,
  SequentialSampler,
  Subset,
  SubsetRandomSampler,
  TensorDataset,
  WeightedRandomSampler,
} = torch.utils.data;

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const lists = (loader: Iterable<torch.Tensor>) => Array.from(loader, (batch) => batch.tolist());

interface OrderSetting {
  readonly sampler: string;
  readonly samplerSeed: number | null;
  readonly loaderSeed: number | null;
  readonly how: 'batches' | { readonly batch_size: number | null; readonly drop_last?: boolean };
  readonly shuffle: boolean | null;
}

/** Orders that `test/files/make_orders.py` wrote of a loader. */
interface OrderRecord extends OrderSetting {
  readonly epochs: readonly unknown[];
  readonly after: number;
  readonly length: number;
}

const samplers: Readonly<
  Record<string, (data: number[], generator: torch.Generator | null) => Iterable<number> | null>
> = {
  none: () => null,
  random: (data, generator) => new RandomSampler(data, { generator }),
  replacement: (data, generator) => new RandomSampler(data, { replacement: true, numSamples: 37, generator }),
  more: (data, generator) => new RandomSampler(data, { numSamples: 17, generator }),
  fewer: (data, generator) => new RandomSampler(data, { numSamples: 3, generator }),
  rounds: (data, generator) => new RandomSampler(data, { numSamples: 14, generator }),
  subset: (_, generator) => new SubsetRandomSampler([1, 3, 5], { generator }),
  weighted: (_, generator) => new WeightedRandomSampler([0.1, 0.2, 0.3, 0.4], 9, { generator }),
  distinct: (_, generator) =>
    new WeightedRandomSampler([0.1, 0.2, 0.3, 0.4], 3, { replacement: false, generator }),
  sequential: (data) => new SequentialSampler(data),
};

function loaderOf({ sampler: name, samplerSeed, loaderSeed, how, shuffle }: OrderSetting) {
  const seeded = (seed: number | null) => (seed === null ? null : new torch.Generator().manualSeed(seed));
  const data = range(7);
  const sampler = samplers[name](data, seeded(samplerSeed));
  const generator = seeded(loaderSeed);
  if (how === 'batches') {
    return new DataLoader(data, { batchSampler: new BatchSampler(sampler!, 3, true), generator });
  }
  const { batch_size: batchSize, drop_last: dropLast } = how;
  return new DataLoader(data, { batchSize, dropLast, sampler, shuffle, generator });
}

// Expected orders are what PyTorch 2.13 gives for the same calls.
describe('random order', () => {
  it("is PyTorch's for a shuffling loader, epoch after epoch", () => {
    torch.manualSeed(3);
    const loader = new DataLoader(range(10), { batchSize: 4, shuffle: true });
    expect(lists(loader)).toEqual([
      [6, 2, 0, 1],
      [8, 3, 5, 4],
      [7, 9],
    ]);
    expect(lists(loader)).toEqual([
      [3, 4, 0, 9],
      [6, 7, 1, 2],
      [5, 8],
    ]);
    expect(torch.rand(1).item()).toBe(Math.fround(0.5944212079048157));
  });

  it('takes everything from a generator that is given', () => {
    const generator = new torch.Generator().manualSeed(5);
    const loader = new DataLoader(range(10), 4, true, { generator, dropLast: true });
    expect(lists(loader)).toEqual([
      [7, 4, 8, 1],
      [2, 3, 6, 5],
    ]);
    expect(lists(loader)).toEqual([
      [2, 1, 6, 3],
      [5, 9, 4, 7],
    ]);
  });

  it("is PyTorch's for every sampler", () => {
    torch.manualSeed(3);
    expect([...new RandomSampler(range(10), { replacement: true, numSamples: 35 })]).toEqual([
      7, 8, 5, 1, 8, 6, 2, 2, 3, 9, 8, 6, 2, 5, 5, 4, 2, 5, 8, 4, 1, 8, 5, 1, 3, 1, 7, 4, 2, 1, 1, 5, 3, 3, 7,
    ]);
    expect([...new RandomSampler(range(5), false, 12)]).toEqual([1, 4, 3, 0, 2, 2, 3, 4, 1, 0, 2, 4]);
    expect([...new SubsetRandomSampler([5, 6, 7, 8, 9])]).toEqual([5, 6, 7, 9, 8]);
    const weights = [0.1, 0.9, 0.4, 0.7, 3, 0.6];
    expect([...new WeightedRandomSampler(weights, 8)]).toEqual([4, 4, 2, 4, 4, 4, 2, 4]);
    expect([...new WeightedRandomSampler(weights, 5, false)]).toEqual([4, 3, 1, 5, 0]);
    expect(randomSplit(range(10), [3, 7]).map((part) => part.indices)).toEqual([
      [3, 8, 1],
      [7, 5, 9, 6, 0, 2, 4],
    ]);
    expect(randomSplit(range(10), [0.35, 0.35, 0.3]).map((part) => part.indices)).toEqual([
      [1, 8, 5, 4],
      [7, 0, 6],
      [2, 3, 9],
    ]);
  });

  it("is PyTorch's for every sampler, batch size and source of numbers, over epochs", async () => {
    const { here } = JSON.parse(
      readFileSync(new URL('./files/loader_orders.json.golden', import.meta.url), 'utf8'),
    ) as { here: OrderRecord[] };
    expect(here.length).toBeGreaterThan(100);
    const plain = (batch: unknown) => (batch instanceof torch.Tensor ? batch.tolist() : batch);
    for (const { epochs, after, length, ...setting } of here)
      for (const waits of [false, true]) {
        torch.manualSeed(1);
        const loader = loaderOf(setting);
        const found: unknown[] = [];
        for (const _ of epochs) {
          const batches: unknown[] = [];
          if (waits) for await (const batch of loader) batches.push(plain(batch));
          else for (const batch of loader) batches.push(plain(batch));
          found.push(batches);
        }
        expect([setting, found, loader.length, torch.randint(0, 1_000_000, [1]).item()]).toEqual([
          setting,
          epochs,
          length,
          after,
        ]);
      }
  });

  it("leaves a given generator where PyTorch's does", () => {
    const generator = new torch.Generator().manualSeed(7);
    expect([...new RandomSampler(range(4), { numSamples: 8, generator })]).toEqual([3, 2, 0, 1, 2, 0, 3, 1]);
    expect(torch.rand([1], { generator }).item()).toBe(Math.fround(0.8512683510780334));
  });

  it('draws a seed for an iteration that does not shuffle, too', () => {
    torch.manualSeed(0);
    torch.empty([], { dtype: torch.int64 }).random_();
    const expected = torch.rand(3).tolist();
    torch.manualSeed(0);
    lists(new DataLoader(range(3)));
    expect(torch.rand(3).tolist()).toEqual(expected);
  });
});

describe('samplers', () => {
  it('give indices in order, in batches', () => {
    expect([...new SequentialSampler(range(3))]).toEqual([0, 1, 2]);
    const all = new BatchSampler(new SequentialSampler(range(7)), 3, false);
    expect([...all]).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
    expect(all.length).toBe(3);
    const full = new BatchSampler(new SequentialSampler(range(7)), 3, true);
    expect([...full]).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    expect(full.length).toBe(2);
  });

  it('refuse what PyTorch refuses', () => {
    expect(() => new RandomSampler([1], { numsamples: 2 } as never)).toThrow(
      "RandomSampler() got an unexpected keyword argument 'numsamples' (did you mean 'numSamples'?)",
    );
    expect(() => new RandomSampler([])).toThrow(
      'num_samples should be a positive integer value, but got num_samples=0',
    );
    expect(() => new BatchSampler([], 0, false)).toThrow(
      'batch_size should be a positive integer value, but got batch_size=0',
    );
    expect(() => new WeightedRandomSampler([1], 0)).toThrow(torch.ValueError);
    expect(() => new WeightedRandomSampler(torch.ones(2, 2), 1)).toThrow(
      'weights should be a 1d sequence but given weights have shape (2, 2)',
    );
  });
});

describe('data sets', () => {
  it('TensorDataset gives rows', () => {
    const set = new TensorDataset(torch.arange(6).view([3, 2]), torch.tensor([7, 8, 9]));
    expect(set.length).toBe(3);
    expect(set.at(1).map((t) => t.tolist())).toEqual([[2, 3], 8]);
    expect(() => set.at(3)).toThrow(torch.IndexError);
    expect(() => new TensorDataset(torch.ones(2), torch.ones(3))).toThrow('Size mismatch between tensors');
  });

  it('ConcatDataset and Subset find their items', () => {
    const set = new ConcatDataset([range(3), range(2)]);
    expect(set.length).toBe(5);
    expect([0, 2, 3, 4, -1].map((i) => set.at(i))).toEqual([0, 2, 0, 1, 1]);
    expect(() => set.at(-6)).toThrow('absolute value of index should not exceed dataset length');
    expect(() => new ConcatDataset([])).toThrow('datasets should not be an empty iterable');
    const part = new Subset(set, [4, 0]);
    expect([part.length, part.at(0), part.at(1)]).toEqual([2, 1, 0]);
    expect(() => part.at(2)).toThrow(torch.IndexError);
  });

  it('Subset uses a quicker way of the data set it belongs to', () => {
    const getItems = vi.fn((indices: readonly number[]) => indices.map((i) => i * 10));
    const set = { length: 4, at: (i: number) => i, getItems };
    expect(lists(new DataLoader(new Subset(set, [3, 1, 0]), { batchSize: 2 }))).toEqual([[30, 10], [0]]);
    expect(getItems).toHaveBeenCalledTimes(2);
  });

  it('are split by fractions only if these sum up to 1', () => {
    expect(() => randomSplit(range(10), [3, 6])).toThrow(
      'Sum of input lengths does not equal the length of the input dataset!',
    );
    expect(() => randomSplit(range(10), [1.5, -0.5])).toThrow('Fraction at index 0 is not between 0 and 1');
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect(randomSplit(range(1), [0.5, 0.5]).map((part) => part.length)).toEqual([1, 0]);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('Length of split at index 1 is 0'));
    warn.mockRestore();
  });
});

describe('lengths and items', () => {
  class Endless {
    at(i: number) {
      return i;
    }
  }
  class Sized extends Endless {
    constructor(readonly length: never) {
      super();
    }
  }
  const sized = (length: unknown) => new Sized(length as never);
  const endless = new Endless() as never;
  const noLength = "object of type 'Endless' has no len()";

  it.each<[string, () => unknown]>([
    ['an iteration', () => lists(new DataLoader(endless, { batchSize: 2 }))],
    ['the length of a loader', () => new DataLoader(endless, { batchSize: 2 }).length],
    ['shuffling', () => new DataLoader(endless, { shuffle: true })],
    ['ConcatDataset', () => new ConcatDataset([sized(2), endless])],
    ['randomSplit', () => randomSplit(endless, [1, 2])],
    ['SequentialSampler', () => [...new SequentialSampler(endless)]],
    ['RandomSampler', () => new RandomSampler(endless)],
  ])("are asked for in Python's words by %s", (_, call) => {
    expect(call).toThrow(noLength);
    expect(call).toThrow(torch.TypeError);
  });

  it('are no more needed than in PyTorch', () => {
    expect(lists(new DataLoader<number>(endless, { sampler: [1, 2] }))).toEqual([[1], [2]]);
    expect(new Subset<number>(endless, [4, 2]).at(1)).toBe(2);
    const draws = new RandomSampler(sized(3), { numSamples: 2 });
    expect([...draws]).toHaveLength(2);
  });

  it.each([
    [Number.NaN, "'float' object cannot be interpreted as an integer"],
    [2.5, "'float' object cannot be interpreted as an integer"],
    [Number.POSITIVE_INFINITY, "'float' object cannot be interpreted as an integer"],
    ['3', "'str' object cannot be interpreted as an integer"],
    [null, "'NoneType' object cannot be interpreted as an integer"],
    [-1, '__len__() should return >= 0'],
    [() => 3, 'its length is a method; make it a getter, get length() { … }'],
  ])('that are %s are refused', (length, text) => {
    expect(() => lists(new DataLoader(sized(length)))).toThrow(text);
    expect(() => new DataLoader(sized(length), { shuffle: true })).toThrow(text);
    expect(() => new ConcatDataset([sized(length)])).toThrow(text);
    expect(() => randomSplit(sized(length), [1])).toThrow(text);
  });

  it('that cannot be had are said to be', async () => {
    const refuse = (dataset: unknown, text: string) =>
      expect(() => lists(new DataLoader(dataset as never))).toThrow(text);
    refuse({ length: 3 }, "'dict' object is not subscriptable: a data set needs at(index)");
    refuse(5, "object of type 'int' has no len()");
    refuse(null, "object of type 'NoneType' has no len()");
    refuse(range(3).values(), 'an iterator can be gone through only once');
    refuse(new Map([[0, 1]]), 'a Map is no data set: give the list of its values');
    expect(() => new Subset([1, 2], [0]).at(0.5)).toThrow(
      'list indices must be integers or slices, not float',
    );
    expect(() => new Subset([1, 2], [0]).at(1)).toThrow('list index out of range');
    expect(() => randomSplit(range(5), [2.5, 2.5])).toThrow(
      "'float' object cannot be interpreted as an integer",
    );
    const sampled = (sampler: unknown) => lists(new DataLoader([1, 2, 3], { sampler: sampler as number[] }));
    expect(() => sampled([0.5])).toThrow('list indices must be integers or slices, not float');
    expect(() => sampled([Number.NaN])).toThrow('list indices must be integers or slices, not float');
    expect(() => sampled(5)).toThrow("'int' object is not iterable");
    expect(sampled([-1, 0])).toEqual([[3], [1]]);
    expect(sampled(torch.tensor([2, 0]))).toEqual([[3], [1]]);
    expect(() => [...new WeightedRandomSampler(5 as never, 2)]).toThrow(
      'weights should be a 1d sequence but given weights have shape ()',
    );
    expect(() => new TensorDataset([1, 2] as never)).toThrow('TensorDataset takes tensors, but got list');
  });

  it('may be the rows of a tensor', () => {
    const rows = torch.arange(6).view([3, 2]);
    expect(lists(new DataLoader<torch.Tensor>(rows as never, { batchSize: 2 }))).toEqual([
      [
        [0, 1],
        [2, 3],
      ],
      [[4, 5]],
    ]);
    expect(new Subset<torch.Tensor>(rows as never, [2]).at(0).tolist()).toEqual([4, 5]);
  });
});

describe('defaultCollate', () => {
  it('stacks tensors of any layout, and lets gradients flow', () => {
    const rows = torch.arange(6).view([2, 3]);
    expect(defaultCollate([rows.t(), rows.t()]).tolist()).toEqual([
      [
        [0, 3],
        [1, 4],
        [2, 5],
      ],
      [
        [0, 3],
        [1, 4],
        [2, 5],
      ],
    ]);
    const leaf = torch.ones(2, { requiresGrad: true });
    defaultCollate([leaf, leaf]).sum().backward();
    expect(leaf.grad!.tolist()).toEqual([2, 2]);
    expect(() => defaultCollate([torch.ones(2), torch.ones(3)])).toThrow(
      'stack expects each tensor to be equal size, but got [2] at entry 0 and [3] at entry 1',
    );
  });

  it('turns numbers into tensors: int64 if all are whole, else float64', () => {
    const types = (batch: readonly unknown[]) => {
      const { dtype } = defaultCollate(batch) as torch.Tensor;
      return dtype;
    };
    expect(types([1, 2])).toBe(torch.int64);
    expect(types([1, 2.5])).toBe(torch.float64);
    expect(types([torch.pyfloat(1), torch.pyfloat(2)])).toBe(torch.float64);
    expect(types([true, false])).toBe(torch.bool);
    expect(types([1n, 2n ** 62n])).toBe(torch.int64);
    expect(types([-0, 1])).toBe(torch.float64);
    expect(types([Float32Array.of(1, 2), Float32Array.of(3, 4)])).toBe(torch.float32);
    expect((defaultCollate([1n, 2n ** 62n]) as torch.Tensor).toArray()).toEqual(
      BigInt64Array.of(1n, 2n ** 62n),
    );
  });

  it('goes through tuples and objects', () => {
    const batch = defaultCollate([
      { a: 1, b: ['x', torch.zeros(1)] as const },
      { a: 2, b: ['y', torch.ones(1)] as const },
    ]);
    expect(batch.a.tolist()).toEqual([1, 2]);
    expect(batch.b[0]).toEqual(['x', 'y']);
    expect(batch.b[1].tolist()).toEqual([[0], [1]]);
    expectTypeOf(batch.a).toEqualTypeOf<torch.Tensor>();
    expectTypeOf(batch.b[0]).toEqualTypeOf<string[]>();
  });

  it("refuses in PyTorch's words", () => {
    expect(() => defaultCollate([null, null])).toThrow(
      "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found <class 'NoneType'>",
    );
    expect(() => defaultCollate([[1, 2], [1]])).toThrow(
      'each element in list of batch should be of equal size',
    );
    expect(() => defaultCollate([{ a: 1 }, { b: 2 }])).toThrow(torch.KeyError);
  });
});

describe('DataLoader', () => {
  class Squares extends Dataset<[torch.Tensor, number]> {
    override at(i: number): [torch.Tensor, number] {
      return [torch.full([2], i * i), i];
    }
    override get length() {
      return 5;
    }
  }

  it('gives batches of an ordinary data set', async () => {
    const loader = new DataLoader(new Squares(), { batchSize: 2 });
    expect(loader.length).toBe(3);
    const batches: [torch.Tensor, torch.Tensor][] = [...loader];
    expect(batches.map(([x, y]) => [x.tolist(), y.tolist()])).toEqual([
      [
        [
          [0, 0],
          [1, 1],
        ],
        [0, 1],
      ],
      [
        [
          [4, 4],
          [9, 9],
        ],
        [2, 3],
      ],
      [[[16, 16]], [4]],
    ]);
    let n = 0;
    for await (const [, labels] of loader) expect(labels.tolist()).toEqual(batches[n++][1].tolist());
    expect(n).toBe(3);
  });

  it('gives single items without a batch size, and what collateFn makes', () => {
    expect([...new DataLoader(range(3), { batchSize: null })]).toEqual([0, 1, 2]);
    expect([...new DataLoader(range(3), { batchSize: 2, collateFn: (items) => items.length })]).toEqual([
      2, 1,
    ]);
    expect(lists(new DataLoader(range(5), { sampler: [4, 2] }))).toEqual([[4], [2]]);
    expect(lists(new DataLoader(range(5), { batchSampler: [[4, 2], [1]] }))).toEqual([[4, 2], [1]]);
  });

  it('decides int or float once for a field', () => {
    const floats = new DataLoader([0.5, 1, 2], { batchSize: 1 });
    expect([...floats].every((batch) => batch.dtype === torch.float64)).toBe(true);
    const ints = [...new DataLoader([1, 2], { batchSize: 1 })];
    expect(ints.every((batch) => batch.dtype === torch.int64)).toBe(true);
    expect(() => [...new DataLoader([{ y: 1 }, { y: 2.5 }], { batchSize: 1 })]).toThrow(
      /the field item\.y were whole in the first batch and so are int64, but now one is 2\.5: .*pyfloat/,
    );
  });

  it('names the item that fails, in an error of its class', () => {
    class Broken extends Squares {
      override at(i: number): [torch.Tensor, number] {
        if (i === 3) throw new torch.ValueError('cannot read it');
        return super.at(i);
      }
    }
    const run = () => [...new DataLoader(new Broken(), { batchSize: 2 })];
    expect(run).toThrow(torch.ValueError);
    expect(run).toThrow('cannot read it (at item 3)');
    expect(() => [...new DataLoader([1, undefined], { batchSize: 2 })]).toThrow('the data set has no item 1');
  });

  it('waits for items that are promises', async () => {
    const set = { length: 3, at: async (i: number) => i * 2 };
    const got: unknown[] = [];
    for await (const batch of new DataLoader(set, { batchSize: 2 }))
      got.push((batch as torch.Tensor).tolist());
    expect(got).toEqual([[0, 2], [4]]);
    expect(() => [...new DataLoader(set)]).toThrow("iterate the DataLoader with 'for await'");
  });

  it('reads streams', async () => {
    class Count extends IterableDataset<number> {
      override *[Symbol.iterator]() {
        yield* range(5);
      }
    }
    class Later extends IterableDataset<number> {
      override async *[Symbol.asyncIterator]() {
        yield* [5, 6];
      }
    }
    const stream = new Count();
    expect(lists(new DataLoader(stream, { batchSize: 2 }) as Iterable<torch.Tensor>)).toEqual([
      [0, 1],
      [2, 3],
      [4],
    ]);
    expect(lists(new DataLoader(stream, { batchSize: 2, dropLast: true }) as Iterable<torch.Tensor>)).toEqual(
      [
        [0, 1],
        [2, 3],
      ],
    );
    expect(() => new DataLoader(stream).length).toThrow("object of type 'Count' has no len()");
    const chain = new ChainDataset<number>([stream, new Later()]);
    const got: unknown[] = [];
    for await (const batch of new DataLoader(chain, { batchSize: 4 }))
      got.push((batch as torch.Tensor).tolist());
    expect(got).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6],
    ]);
  });

  it("refuses combinations in PyTorch's words", () => {
    const make = (options: object) => () => new DataLoader(range(3), options);
    expect(make({ numWorkers: -1 })).toThrow('num_workers option should be non-negative');
    expect(make({ timeout: -1 })).toThrow('timeout option should be non-negative');
    expect(make({ prefetchFactor: 2 })).toThrow(
      'prefetch_factor option could only be specified in multiprocessing.',
    );
    expect(make({ persistentWorkers: true })).toThrow('persistent_workers option needs num_workers > 0');
    expect(make({ sampler: [1], shuffle: true })).toThrow(
      'sampler option is mutually exclusive with shuffle',
    );
    expect(make({ batchSampler: [[1]], batchSize: 2 })).toThrow('batch_sampler option is mutually exclusive');
    expect(make({ batchSize: null, dropLast: true })).toThrow(
      'batch_size=None option disables auto-batching',
    );
    expect(make({ batchsize: 2 })).toThrow(
      "unexpected keyword argument 'batchsize' (did you mean 'batchSize'?)",
    );
    class Count extends IterableDataset<number> {}
    expect(() => new DataLoader(new Count(), { shuffle: true })).toThrow(
      'DataLoader with IterableDataset: expected unspecified shuffle option, but got shuffle=True',
    );
    expect(() => [...new DataLoader(range(3), { numWorkers: 1 })]).toThrow("iterated with 'for await'");
  });
});
