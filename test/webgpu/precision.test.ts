/** The promise of docs/precision.md on WebGPU: what was further off than PyTorch, at places where it was. */
import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import { hasAdapter } from './device.js';

type Unary = (x: torch.Tensor) => torch.Tensor;
type Binary = (x: torch.Tensor, y: torch.Tensor) => torch.Tensor;

/** The distance of neighbours around a float32. */
const ulp = (x: number): number => 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(x)))) - 23);

/** The largest distance of what the GPU computes from float64's, in units in the last place. NaN counts as far as it can be where it is none. */
async function largestError(f: Binary, x: readonly number[], y = x): Promise<number> {
  const [a, b] = [torch.tensor(x), torch.tensor(y)];
  const found = (await f(a.to('webgpu'), b.to('webgpu')).tolistAsync()) as number[];
  const expected = f(a.double(), b.double()).tolist() as number[];
  return found.reduce((most, value, i) => {
    const e = expected[i]!;
    if (Object.is(value, Math.fround(e)) || (Number.isNaN(value) && Number.isNaN(e))) return most;
    const error = Math.abs(value - e) / ulp(e);
    return Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(most, error);
  }, 0);
}

const slope =
  (f: Unary): Unary =>
  (x) => {
    const at = x.detach().requiresGrad_();
    return torch.autograd.grad(f(at).sum(), at)[0]!;
  };

/** So many numbers from one to another, none of them round. */
const between = (from: number, to: number, count = 3000): number[] =>
  Array.from({ length: count }, (_, i) => from + ((to - from) * (i + Math.SQRT1_2)) / count);

describe.skipIf(!hasAdapter)('on a GPU', () => {
  const functions: [string, Unary, number[], number][] = [
    ['erfc', torch.erfc, between(0.25, 9), 1.5],
    ['acos', torch.acos, between(-1, 1), 1.5],
    ['sin', torch.sin, between(-30, 30), 1.5],
    ['log1p', torch.log1p, between(-0.9, 30), 1.2],
    ['log10', torch.log10, between(0.01, 30), 1],
    ['digamma around its root', torch.digamma, between(1.46, 1.4633), 2],
    ['digamma', torch.digamma, [...between(0.01, 40), 1.5, 2, 2.5, 10, 1e5, 1e30], 2],
    ["lgamma's derivative", slope(torch.lgamma), between(1, 3), 2],
    ["log2's derivative", slope(torch.log2), [1.2e-38, 1.5e-38, 0.7, 3e37], 2],
    ["log10's derivative", slope(torch.log10), [1.2e-38, 1.5e-38, 0.7, 3e37], 2],
    ['mish', torch.nn.functional.mish, between(-90, -40), 3],
    ['i0e', torch.special.i0e, between(0, 1), 2.5],
    ['i0e far out', torch.special.i0e, between(1, 60), 4],
    ['i1e', torch.special.i1e, between(-60, 60), 4.5],
    ['modified_bessel_k0', torch.special.modifiedBesselK0, [1.2e-38, ...between(0.01, 60)], 6.5],
    ['modified_bessel_k1', torch.special.modifiedBesselK1, between(0.01, 60), 6],
  ];
  it.each(functions)('%s is as near to the truth as PyTorch', async (_, f, at, limit) => {
    expect(await largestError((x) => f(x), at)).toBeLessThan(limit);
  });

  it('digamma finds the sign beside its roots below zero', async () => {
    const at = [-0.5041, -0.504, -1.5735, -1.5734, -2.6108, -2.6107];
    const [found, expected] = [
      (await torch.digamma(torch.tensor(at).to('webgpu')).tolistAsync()) as number[],
      torch.digamma(torch.tensor(at).double()).tolist() as number[],
    ];
    for (const [i, e] of expected.entries()) expect(Math.abs(found[i]! - e)).toBeLessThan(1e-6);
  });

  it('sums of exponentials keep parts that are denormal', async () => {
    const small = [2e-38, -5e-38, 3e-35, 1.2e-38];
    expect(await largestError(torch.logaddexp, small, [-87.5, -88, -90, -88])).toBeLessThan(4);
    expect(await largestError(torch.logaddexp2, small, [-126.5, -127, -130, -127])).toBeLessThan(4);
    expect(await largestError(torch.logaddexp, [1e-30, 0.5, -3], [-70, -41, -45])).toBeLessThan(1);
  });

  it('logaddexp2 is exact to some units beside its zeros', async () => {
    const f = torch.logaddexp2;
    const big = between(-1, 0).map(Math.fround);
    const other = (x: number, off: number) => Math.fround(Math.log2(-Math.expm1(x * Math.LN2)) * off);
    // So near a zero that PyTorch is thousands of units off, and very far below one, where one power is nearly 1.
    expect(
      await largestError(
        f,
        big,
        big.map((x) => other(x, 1.001)),
      ),
    ).toBeLessThan(100);
    expect(
      await largestError(
        f,
        big,
        big.map((x) => other(x, 1.1)),
      ),
    ).toBeLessThan(4);
    expect(await largestError(f, [-1e-8, -1e-12, -1e-20].map(Math.fround), [-27, -40, -67.5])).toBeLessThan(
      4,
    );
    const usual = between(-3, 3);
    expect(await largestError(f, usual, usual.toReversed())).toBeLessThan(4);
    expect(
      await largestError(
        f,
        usual,
        usual.map((x) => x * 30),
      ),
    ).toBeLessThan(4);
  });

  it('zeta adds up terms that are denormal', async () => {
    const s = [8.929204940795898, 38, 25, 12, 6.25];
    const q = [23438.92578125, 9.25, 20, 900, 7.000999927520752];
    expect(await largestError(torch.special.zeta, s, q)).toBeLessThan(6);
    expect(await largestError(torch.special.zeta, [453.98388671875, 60], [8.929204940795898, 50])).toBe(0);
  });

  it('zeta makes up for what rounding takes from the bases of its powers', async () => {
    const s = [1.5010000467300415, 3.500999927520752, 3.0843334197998047, 4.917666435241699, 12, 40];
    const q = [4.667666435241699, 6.917666435241699, 4.750999927520752, 2.6676666736602783, 3.1, 7.3];
    expect(await largestError(torch.special.zeta, s, q)).toBeLessThan(2);
  });

  it('nothing times zero is NaN where NaN or infinity is', async () => {
    const { softshrink } = torch.nn.functional;
    expect(await softshrink(torch.tensor([Number.NaN, -0.25, 0.25, 3]).to('webgpu')).tolistAsync()).toEqual([
      Number.NaN,
      -0,
      0,
      2.5,
    ]);
  });
});

describe.skipIf(!hasAdapter)('sums and products of many numbers on a GPU', () => {
  /** Rows of equal numbers, of such as hardly differ, and of numbers between 0 and 1. */
  const rows = (n: number): torch.Tensor => {
    torch.manualSeed(3);
    return torch.stack([torch.full([n], 0.1), torch.rand(n).div(100).add(1), torch.rand(n)]);
  };
  const functions: [string, Unary, number][] = [
    ['sum', (x) => x.sum(1), 1],
    ['sum of columns', (x) => x.t().contiguous().sum(0), 1],
    ['mean', (x) => x.mean(1), 2],
    ['prod', (x) => x.prod(1), 2],
    ['cumsum', (x) => x.cumsum(1).select(1, -1), 2],
    ['logcumsumexp', (x) => x.logcumsumexp(1).select(1, -1), 3],
    ['var', (x) => x.var(1), 3],
    ['std', (x) => x.std(1), 3],
    ['rms_norm', (x) => torch.nn.functional.rmsNorm(x, [x.shape[1]!], null, 1e-6).select(1, 0), 3],
  ];
  const lengths = [2, 50, 1000, 20_000];
  it.each(functions)('%s is rounded a few times at most, whatever the length', async (_, f, limit) => {
    for (const n of lengths) {
      const x = rows(n);
      const found = (await f(x.to('webgpu')).tolistAsync()) as number[];
      const expected = f(x.double()).tolist() as number[];
      for (const [i, e] of expected.entries())
        if (Math.abs(e) > 2 ** -126 && Number.isFinite(Math.fround(e)))
          expect(Math.abs(found[i]! - e) / ulp(e), `${n}`).toBeLessThan(limit);
    }
  });

  it('has a variance of zero where all are equal, and no distance from the mean', async () => {
    const x = torch.full([2, 3000], 0.1).to('webgpu');
    expect(await x.var(1).tolistAsync()).toEqual([0, 0]);
    expect(await x.std(0, { correction: 0 }).max().itemAsync()).toBe(0);
    expect(await torch.nn.functional.layerNorm(x, [3000]).abs().max().itemAsync()).toBe(0);
  });

  it('knows infinite sums and products', async () => {
    const x = torch.tensor([
      [1, Number.POSITIVE_INFINITY, 2],
      [3e38, 3e38, 3e38],
      [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 0],
    ]);
    const there = x.to('webgpu');
    for (const f of [(t) => t.sum(1), (t) => t.prod(1)] satisfies Unary[])
      expect(await f(there).tolistAsync()).toEqual(f(x).tolist());
    for (const f of [(t) => t.cumsum(1), (t) => t.cumprod(1), (t) => t.logcumsumexp(1)] satisfies Unary[])
      expect(await f(there).tolistAsync()).toEqual(f(x).tolist());
  });
});
