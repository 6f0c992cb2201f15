import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

const { data } = torch.utils;

describe('StackDataset', () => {
  const letters = ['a', 'b', 'c'];
  const rows = new data.TensorDataset(torch.arange(6).reshape([3, 2]));

  it('holds an item of each, in lists or by name', async () => {
    const listed = new data.StackDataset(rows, letters);
    const [[row], letter] = listed.at(1);
    expect([row.tolist(), letter, listed.length]).toEqual([[2, 3], 'b', 3]);
    const named = new data.StackDataset({ row: rows, letter: letters });
    expect(named.at(2).letter).toBe('c');
    const batches: unknown[] = [];
    for await (const batch of new data.DataLoader(named, { batchSize: 2 })) batches.push(batch);
    expect(batches).toHaveLength(2);
    expect((batches[1] as { letter: string[] }).letter).toEqual(['c']);
    const workers: unknown[] = [];
    for await (const { letter } of new data.DataLoader(named, { batchSize: 3, numWorkers: 1 }))
      workers.push(letter);
    expect(workers).toEqual([letters]);
  });

  it('asks parts for many at once where they can', () => {
    class Many extends data.Dataset<number> {
      at(): number {
        throw new Error('one by one');
      }
      get length() {
        return 3;
      }
      override getItems(indices: readonly number[]) {
        return indices.length === 3 ? [] : indices.map((i) => i * 10);
      }
    }
    const stack = new data.StackDataset(new Many(), letters);
    expect(stack.getItems([2, 0])).toEqual([
      [20, 'c'],
      [0, 'a'],
    ]);
    expect(() => stack.getItems([0, 1, 2])).toThrow(
      "Nested dataset's output size mismatch. Expected 3, got 0",
    );
  });

  it('refuses what does not go together', () => {
    expect(() => new data.StackDataset()).toThrow('At least one dataset should be passed');
    expect(() => new data.StackDataset(letters, ['a'])).toThrow('Size mismatch between datasets');
    expect(() => new data.StackDataset(letters, { letters } as never)).toThrow('but both types are given.');
  });
});

describe('DistributedSampler', () => {
  const set = Array.from({ length: 10 }, (_, i) => i);
  const shares = (options: object, epoch = 0) =>
    [0, 1, 2].map((rank) => {
      const sampler = new data.DistributedSampler(set, { numReplicas: 3, rank, ...options });
      sampler.setEpoch(epoch);
      expect([...sampler]).toHaveLength(sampler.length);
      return [...sampler];
    });

  it("gives each program PyTorch's share", () => {
    expect(shares({ shuffle: false })).toEqual([
      [0, 3, 6, 9],
      [1, 4, 7, 0],
      [2, 5, 8, 1],
    ]);
    expect(shares({ shuffle: false, dropLast: true })).toEqual([
      [0, 3, 6],
      [1, 4, 7],
      [2, 5, 8],
    ]);
    expect(shares({ seed: 3 }, 2)).toEqual([
      [1, 6, 0, 7],
      [4, 3, 2, 1],
      [9, 5, 8, 4],
    ]);
    expect([...new data.DistributedSampler([7], { numReplicas: 4, rank: 3 })]).toEqual([0]);
  });

  it('wants to know which program it is', () => {
    expect(() => new data.DistributedSampler(set)).toThrow('Requires distributed package to be available');
    expect(() => new data.DistributedSampler(set, { numReplicas: 2, rank: 2 })).toThrow(
      'Invalid rank 2, rank should be in the interval [0, 1]',
    );
  });
});

describe('defaultConvert', () => {
  it('makes tensors of arrays of numbers, and of nothing else', () => {
    const item = { x: new Float32Array([1, 2]), y: [3, 'text', new Int32Array([4])], z: null };
    const { x, y, z } = data.defaultConvert(item);
    expect([x.dtype, x.tolist(), z]).toEqual([torch.float32, [1, 2], null]);
    expect(y.slice(0, 2)).toEqual([3, 'text']);
    expect((y[2] as torch.Tensor).dtype).toBe(torch.int32);
    x.zero_();
    expect([...item.x]).toEqual([0, 0]);
  });
});
