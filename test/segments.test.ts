import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';

const { tensor, segmentReduce } = torch;

describe('segmentReduce', () => {
  const x = tensor([
    [1, 2],
    [3, NaN],
    [5, 6],
    [7, 8],
  ]);
  const lengths = tensor([2, 0, 2]);

  it('reduces segments of these lengths; one without elements has the identity', () => {
    const [none, least, most] = [NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
    const expected = {
      sum: [4, NaN, 0, 0, 12, 14],
      mean: [2, NaN, none, none, 6, 7],
      max: [3, NaN, least, least, 7, 8],
      min: [1, NaN, most, most, 5, 6],
      prod: [3, NaN, 1, 1, 35, 48],
    } as const;
    for (const [reduce, values] of Object.entries(expected))
      for (const bounds of [{ lengths }, { offsets: tensor([0, 2, 2, 4]) }])
        expect(
          segmentReduce(x, reduce as 'sum', bounds)
            .reshape([-1])
            .tolist(),
        ).toEqual(values);
  });

  it('starts from an initial value', () => {
    const means = segmentReduce(x, 'mean', { lengths, initial: 3 });
    expect(means.reshape([-1]).tolist()).toEqual([3.5, NaN, 3, 3, 7.5, 8.5]);
    expect(segmentReduce(x, 'max', { lengths, initial: 6 }).select(1, 0).tolist()).toEqual([6, 6, 7]);
  });

  it('takes bounds for each row, any layout and half types', () => {
    const rows = tensor([
      [2, 3, 0],
      [1, 1, 3],
    ]);
    const data = torch.arange(10).reshape([5, 2]).t().to(torch.float16);
    const sums = segmentReduce(data, 'sum', { lengths: rows, axis: 1 });
    expect(sums.tolist()).toEqual([
      [2, 18, 0],
      [1, 3, 21],
    ]);
    expect(sums.dtype).toBe(torch.float16);
  });

  it('shares gradients as PyTorch does', () => {
    const y = tensor([
      [1, 2],
      [1, 0],
      [5, 6],
      [5, 8],
    ]);
    const grad = torch.arange(6).reshape([3, 2]).add(1).float();
    const by = (reduce: 'max' | 'prod', initial: number | null) => {
      const leaf = y.float().requiresGrad_();
      segmentReduce(leaf, reduce, { lengths, initial }).backward(grad);
      return leaf.grad!.reshape([-1]).tolist();
    };
    expect(by('max', null)).toEqual([0.5, 2, 0.5, 0, 2.5, 0, 2.5, 6]);
    expect(by('prod', 2)).toEqual([2, 0, 2, 8, 50, 96, 50, 72]);
  });

  it('reads nothing outside the data, whatever the offsets', () => {
    const wild = tensor([-5, 1, 9, 3]);
    expect(segmentReduce(torch.ones(4), 'sum', { offsets: wild }).tolist()).toEqual([1, 3, 0]);
  });

  it("refuses in PyTorch's words", () => {
    const fails = (fn: () => unknown) => expect(fn);
    fails(() => segmentReduce(x, 'sum')).toThrow(
      'segment_reduce(): Either lengths or offsets must be defined.',
    );
    fails(() => segmentReduce(x, 'sum', { lengths: tensor([5, -1]) })).toThrow(
      'lengths contains negative value!',
    );
    fails(() => segmentReduce(x, 'sum', { lengths: tensor([1, 1]) })).toThrow(
      'segment_reduce(): Expected all rows of lengths along axis to sum to data.size(lengths.dim()-1) when !unsafe.',
    );
    fails(() => segmentReduce(x, 'sum', { lengths, axis: 1 })).toThrow(
      'segment_reduce(): Expected axis to be the last dimension of lengths but got 1.',
    );
    fails(() => segmentReduce(x.long(), 'sum', { lengths })).toThrow(
      '"_segment_reduce_cpu" not implemented for \'Long\'',
    );
    fails(() => segmentReduce(x, 'foo' as 'sum', { lengths })).toThrow(
      'reduce argument must be either sum, prod, mean, amax or amin, got foo',
    );
  });
});
