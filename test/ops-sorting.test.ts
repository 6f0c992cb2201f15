import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';

const { tensor } = torch;

describe('sorting', () => {
  it('gives results names, in a list that is like any other', () => {
    const found = tensor([2.5, 1]).sort();
    expect(Array.isArray(found)).toBe(true);
    expect([...found]).toEqual([found.values, found.indices]);
    expect(found.map((t) => t.dtype.name)).toEqual(['float32', 'int64']);
    expect(Object.keys(found)).toEqual(['0', '1']);
    expect(found.slice().values).toBe(Array.prototype.values);
  });

  it('is stable, with NaN last and -0 equal to 0', () => {
    const { values, indices } = tensor([0, NaN, -1, -0, 0, Number.NEGATIVE_INFINITY, NaN]).sort();
    expect(values.tolist()).toEqual([Number.NEGATIVE_INFINITY, -1, 0, -0, 0, NaN, NaN]);
    expect(indices.tolist()).toEqual([5, 2, 0, 3, 4, 1, 6]);
    const down = tensor([0, NaN, -1, -0, 0, NaN]).sort({ descending: true });
    expect(down.indices.tolist()).toEqual([1, 5, 0, 3, 4, 2]);
  });

  it.each([10, 100, 1000, 100000])('agrees with JavaScript on %i numbers', (n) => {
    const numbers = Array.from(
      { length: n },
      (_, i) => Math.fround(Math.sin(i * 12.9898) * 43758.5453) % 1000,
    );
    const ordered = Float32Array.from(numbers).sort();
    expect(tensor(numbers).sort()[0].toArray()).toEqual(ordered);
    expect(tensor(numbers).to(torch.float64).sort()[0].to(torch.float32).toArray()).toEqual(ordered);
    const whole = Int32Array.from(numbers).sort();
    for (const dtype of [torch.int32, torch.int16, torch.int64])
      expect(tensor(numbers).to(dtype).sort()[0].int().toArray()).toEqual(whole);
  });

  it('sorts along any dimension of any layout', () => {
    const t = tensor([
      [3, 1, 2],
      [0, 5, 4],
    ]);
    expect(t.t().sort(0)[0].tolist()).toEqual([
      [1, 0],
      [2, 4],
      [3, 5],
    ]);
    expect(t.argsort(0, true).tolist()).toEqual([
      [0, 1, 1],
      [1, 0, 0],
    ]);
    expect(t.msort().tolist()).toEqual([
      [0, 1, 2],
      [3, 5, 4],
    ]);
  });

  it('finds the largest, the middle and the most frequent', () => {
    const many = torch.arange(10000).mul(7919).remainder(10007);
    expect(many.topk(3)[0].tolist()).toEqual(many.sort(0, true)[0].index(':3').tolist());
    expect(many.topk(4000, 0, false)[0].tolist()).toEqual(many.sort()[0].index(':4000').tolist());
    expect(tensor([1, NaN, 3]).topk(2)[0].tolist()).toEqual([NaN, 3]);
    expect(many.kthvalue(5000)[0].item()).toBe(many.sort()[0].index(4999).item());
    expect(tensor([1, NaN, 2]).median().item()).toBeNaN();
    expect(tensor([1, NaN, 2]).nanmedian(0)).toMatchObject({ length: 2 });
    expect(tensor([1, NaN, 2]).nanmedian().item()).toBe(1);
    expect(tensor([4, 1, 3, 2]).median().item()).toBe(2);
    expect(torch.zeros(0).median().item()).toBeNaN();
    const { values, indices } = tensor([[2, 3, 1, 3, 1, 0, 2, 2]]).mode();
    expect([values.tolist(), indices.tolist()]).toEqual([[2], [7]]);
  });

  it('names the same of several equal elements as PyTorch', () => {
    const t = torch.arange(40).mul(7).remainder(5);
    expect(t.topk(3)[1].tolist()).toEqual([27, 7, 32]);
    expect(t.topk(12, 0, false)[1].tolist()).toEqual([10, 20, 25, 15, 30, 35, 0, 5, 38, 13, 3, 18]);
    expect(t.repeat([10]).topk(4)[1].tolist()).toEqual([12, 7, 17, 2]);
    expect(t.kthvalue(20)[1].item()).toBe(11);
    expect(t.median(0)[1].item()).toBe(16);
    expect(t.mode()[1].item()).toBe(0);
  });

  it('finds what is distinct', () => {
    const t = tensor([
      [3, 1],
      [2, 1],
      [3, 1],
    ]);
    expect(t.unique().tolist()).toEqual([1, 2, 3]);
    const [rows, inverse, counts] = t.unique({ dim: 0, returnInverse: true, returnCounts: true });
    expect(rows.tolist()).toEqual([
      [2, 1],
      [3, 1],
    ]);
    expect([inverse.tolist(), counts.tolist()]).toEqual([
      [1, 0, 1],
      [1, 2],
    ]);
    const [values, lengths] = tensor([1, 1, 2, 2, 1]).uniqueConsecutive({ returnCounts: true });
    expect([values.tolist(), lengths.tolist()]).toEqual([
      [1, 2, 1],
      [2, 2, 1],
    ]);
    expect(torch.zeros(0).unique().shape).toEqual([0]);
  });

  it('finds where values belong in sorted sequences', () => {
    expect(torch.searchsorted(tensor([1, 2, 3]), 2.5).item()).toBe(2);
    expect(torch.searchsorted(tensor([1, 2, 2, 3]), tensor([2, 9]), { side: 'right' }).tolist()).toEqual([
      3, 4,
    ]);
    expect(torch.bucketize(tensor([NaN, 0]), tensor([1, 2])).tolist()).toEqual([2, 0]);
  });

  it.each([
    [() => tensor([1, 2]).topk(3), torch.RuntimeError, 'selected index k out of range'],
    [() => tensor([true]).topk(1), torch.RuntimeError, 'topk does not support bool dtypes on CPU'],
    [
      () => tensor([1]).kthvalue(0),
      torch.RuntimeError,
      'kthvalue(): selected number k out of range for dimension 0',
    ],
    [
      () => torch.zeros(0, 3).median(0),
      torch.IndexError,
      'median(): Expected reduction dim 0 to have non-zero size.',
    ],
    [
      () => tensor([1]).sort(5),
      torch.IndexError,
      'Dimension out of range (expected to be in range of [-1, 0], but got 5)',
    ],
    [
      () => torch.searchsorted(tensor([1, 2]), tensor([1]), { side: 'left', right: true }),
      torch.RuntimeError,
      "torch.searchsorted(): side and right can't be set to opposites, got side of left while right was True",
    ],
    [
      () => tensor([1, 2]).logcumsumexp(0),
      torch.NotImplementedError,
      `"logcumsumexp_out_cpu" not implemented for 'Long'`,
    ],
    [() => tensor(3).diff(), torch.RuntimeError, 'diff expects input to be at least one-dimensional'],
  ])('%s fails in the words of PyTorch', (run, type, message) => {
    expect(run).toThrow(type);
    expect(run).toThrow(message);
  });
});

describe('scans', () => {
  it('give the powers of a vector’s elements', () => {
    expect(torch.vander(tensor([1, 2, 3])).tolist()).toEqual([
      [1, 1, 1],
      [4, 2, 1],
      [9, 3, 1],
    ]);
    expect(torch.vander(tensor([1.5, 2]), { N: 3, increasing: true }).tolist()).toEqual([
      [1, 1.5, 2.25],
      [1, 2, 4],
    ]);
    const none = torch.vander(tensor([1, 2], { dtype: torch.int8 }), 0);
    expect([none.shape, none.dtype]).toEqual([[2, 0], torch.int64]);
    expect(() => torch.vander(tensor([1, 2]), -1)).toThrow('N must be non-negative.');
    expect(() => torch.vander(torch.ones(2, 2))).toThrow('x must be a one-dimensional tensor.');
  });

  it('accumulate as PyTorch does', () => {
    // float32 sums are carried in float64.
    expect(torch.full([1000], 0.1).cumsum(0).index(-1).item()).toBe(Math.fround(Math.fround(0.1) * 1000));
    expect(tensor([true, true]).cumsum(0).dtype).toBe(torch.int64);
    expect(tensor([1, 2], { dtype: torch.int32 }).cumsum_(0).dtype).toBe(torch.int32);
    expect(tensor([1, 2]).cumprod(0, { dtype: torch.float32 }).tolist()).toEqual([1, 2]);
    const { values, indices } = tensor([1, 3, 3, NaN, 5]).cummax(0);
    expect([values.tolist(), indices.tolist()]).toEqual([
      [1, 3, 3, NaN, NaN],
      [0, 1, 2, 3, 3],
    ]);
    expect(torch.ones(3, 300).cumsum(1).sum(0).tolist()).toEqual(
      torch.ones(300, 3).cumsum(0).sum(1).tolist(),
    );
    expect(torch.trapezoid(tensor([1, 2, 4]), tensor([0, 1, 3])).item()).toBe(7.5);
  });
});

describe('gradients', () => {
  const leaf = (...shape: number[]) => {
    const n = shape.reduce((a, b) => a * b, 1);
    return torch.arange(n, { dtype: torch.float64 }).mul(2.3).sin().add(1.5).reshape(shape).requiresGrad_();
  };
  const zeros = tensor([
    [1, 0, 1, 1],
    [0, 1, 0, 1],
    [1, 1, 1, 0],
  ]);
  const cases: Record<string, (a: torch.Tensor) => torch.Tensor> = {
    sort: (a) => a.sort(1, true)[0],
    msort: (a) => a.msort(),
    topk: (a) => a.topk(2, 0)[0],
    kthvalue: (a) => a.kthvalue(2)[0],
    kthvalue_keepdim: (a) => a.kthvalue(2, 0, true)[0],
    median: (a) => a.median(),
    median_dim: (a) => a.median(0)[0],
    nanmedian: (a) => a.nanmedian(),
    nanmedian_dim: (a) => a.nanmedian(1, true)[0],
    mode: (a) => a.mode(1)[0],
    quantile: (a) => a.quantile(0.3, 1),
    cumsum: (a) => a.cumsum(0),
    cumsum_in_place: (a) => a.clone().cumsum_(1),
    cumprod: (a) => a.cumprod(1),
    cumprod_of_zeros: (a) => a.mul(zeros).cumprod(1),
    cummax: (a) => a.cummax(1)[0],
    cummin: (a) => a.cummin(0)[0],
    logcumsumexp: (a) => a.logcumsumexp(1),
    diff: (a) => a.diff(2, 1, a.index(':', ':1')),
    trapezoid: (a) => torch.trapezoid(a, a.index(1)),
    cumulative_trapezoid: (a) => torch.cumulativeTrapezoid(a, { dx: 2, dim: 0 }),
  };

  it.each(Object.entries(cases))('of %s', (_, f) => {
    expect(torch.autograd.gradcheck(f, [leaf(3, 4)])).toBe(true);
    expect(torch.autograd.gradgradcheck(f, [leaf(3, 4)])).toBe(true);
  });

  it('of a median are shared by what is equal to it', () => {
    const t = tensor([1, 2, 2, 2, 3], { dtype: torch.float64 }).requiresGrad_();
    t.median().backward();
    expect(t.grad!.mul(3).tolist()).toEqual([0, 1, 1, 1, 0]);
  });
});
