/** The promise of docs/precision.md in float32, for functions and sums that were worse: within two units in the last place, on this engine. */
import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

type Unary = (x: torch.Tensor) => torch.Tensor;

/** The distance of neighbours around a float32. */
const ulp = (x: number): number => 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(x)))) - 23);

/** Every 20,011th float of these exponents, of both signs. */
function floatsBetween(least: number, most: number): Float32Array {
  const [from, to] = new Uint32Array(Float32Array.of(least, most).buffer);
  const patterns = Uint32Array.from(
    { length: Math.floor((to - from) / 20_011) },
    (_, i) => from + i * 20_011,
  );
  return Float32Array.from([...new Float32Array(patterns.buffer)].flatMap((x) => [x, -x]));
}

/** The largest error of float32 results, in units in the last place of what float64 gives, and where. */
function largestError(f: Unary, at: Float32Array): { error: number; x: number } {
  const found = f(torch.tensor(at)).tolist() as number[];
  const expected = f(torch.tensor(at, { dtype: torch.float64 })).tolist() as number[];
  let largest = { error: 0, x: 0 };
  for (const [i, e] of expected.entries()) {
    if (Math.fround(e) === found[i] || Number.isNaN(e)) continue;
    const error = Math.abs(found[i] - e) / ulp(e);
    if (!(error <= largest.error)) largest = { error, x: at[i] };
  }
  return largest;
}

const slope =
  (f: Unary): Unary =>
  (x) => {
    const at = x.requiresGrad_();
    return torch.autograd.grad(f(at).sum(), at)[0]!;
  };

describe('functions are within two units in the last place of float32', () => {
  /** Up to which size, and the limit where it is PyTorch's. */
  const functions: [string, Unary, number, number?][] = [
    ['erfc', torch.erfc, 12],
    ['asin', torch.asin, 1],
    ['acos', torch.acos, 1],
    ['atan', torch.atan, 1e6],
    ['tan', torch.tan, 32_000],
    ['sin', torch.sin, 32_000],
    ['cos', torch.cos, 32_000],
    ['tanh', torch.tanh, 12],
    ['sinh', torch.sinh, 88],
    ['cosh', torch.cosh, 88],
    ['expm1', torch.expm1, 88],
    ['selu', torch.selu, 88],
    ["logsigmoid's derivative", slope(torch.nn.functional.logsigmoid), 100, 2.2],
    ["tan's derivative", slope(torch.tan), 32_000],
    ["softplus's derivative", slope((x) => torch.nn.functional.softplus(x)), 100, 2.2],
  ];
  it.each(functions)('%s', (_, f, most, limit = 2) => {
    const { error, x } = largestError(f, floatsBetween(2 ** -14, most));
    expect(error, `at ${x}`).toBeLessThanOrEqual(limit);
  });

  it('the angle of a point, denormal ones too', () => {
    const y = torch.tensor([2 ** -149, 2 ** -149, 0, 1e38, 3.4e38, 0.50001]);
    const x = torch.tensor([0, 2 ** -149, 2 ** -149, -1e-38, 3.4e38, 1]);
    const expected = torch.atan2(y.double(), x.double()).float();
    expect(torch.atan2(y, x).sub(expected).abs().max().item()).toBeLessThan(1.3e-7);
  });

  it('logaddexp2 where its result is near zero', () => {
    const [a, b] = [torch.tensor([-1.9989999532699585]), torch.tensor([-0.4156666696071625])];
    const exact = torch.logaddexp2(a.double(), b.double()).item() as number;
    expect(torch.logaddexp2(a, b).item()).toBe(Math.fround(exact));
  });

  it("erfcx's derivative far out", () => {
    // -1/(√π x²) (1 - 3/(2x²) + …)
    const at = torch.tensor([60, 1e4, 1e9], { dtype: torch.float64, requiresGrad: true });
    torch.special.erfcx(at).sum().backward();
    const scaled = at.grad!.mul(at.detach().square()).mul(-Math.sqrt(Math.PI)).tolist() as number[];
    const expected = [60, 1e4, 1e9].map((x) => 1 - 1.5 / x ** 2 + 3.75 / x ** 4 - 13.125 / x ** 6);
    for (const [i, e] of expected.entries()) expect(Math.abs(scaled[i] / e - 1)).toBeLessThan(1e-11);
  });
});

describe('sums of equal numbers, whose roundings do not even out', () => {
  const lengths = [10, 1000, 30_000];

  it.each(lengths)('are within three units of %i, along rows and columns', (n) => {
    const exact = n * Math.fround(0.1);
    const rows = torch.full([3, n], 0.1);
    const sums = [
      rows.sum(1),
      rows.t().contiguous().sum(0),
      rows.nansum(1),
      torch.linalg.vectorNorm(rows, 1, 1),
    ];
    for (const sum of sums) {
      const errors = (sum.tolist() as number[]).map((x) => Math.abs(x - exact) / ulp(exact));
      expect(Math.max(...errors)).toBeLessThanOrEqual(3);
    }
  });

  it('and products are rounded once', () => {
    const factors = torch.linspace(0.99, 1.01, 5000);
    expect(factors.prod().item()).toBe(Math.fround(factors.double().prod().item() as number));
  });
});

it('sums whose last values fill no vector are as exact as others', () => {
  torch.manualSeed(0);
  const x = torch.rand(200, 1007).add(0.5);
  // Short ones are PyTorch's to the bit, which adds the lanes of a vector one after another.
  for (const [n, most] of [
    [10, 3],
    [15, 3],
    [1000, 2],
    [1007, 2],
  ]) {
    const rows = x.index(':', `:${n}`).contiguous();
    const exact = rows.double().sum(1).tolist() as number[];
    const found = rows.sum(1).tolist() as number[];
    expect(Math.max(...exact.map((e, i) => Math.abs(found[i] - e) / ulp(e)))).toBeLessThan(most);
  }
});
