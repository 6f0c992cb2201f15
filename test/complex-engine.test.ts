/** Complex numbers as the engine takes them: of every size, wherever they lie, against sums and products of their parts in JavaScript. */
import { describe, expect, it } from 'vitest';
import { kernelTable } from '../src/backends/kernel_table.js';
import * as torch from '../src/index.js';

type Pair = readonly [re: number, im: number];

const { Complex } = torch;
const add = (a: Pair, b: Pair): Pair => [a[0] + b[0], a[1] + b[1]];
const multiply = ([x, y]: Pair, [u, v]: Pair): Pair => [x * u - y * v, x * v + y * u];

const pairs = (z: torch.Tensor): Pair[] => {
  const flat = [...z.resolveConj().contiguous().to(torch.complex128).reshape(-1).toArray()].map(Number);
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);
};

/** Numbers near the unit circle, so that products of many neither vanish nor overflow. */
function numbers(shape: number[], dtype: torch.DType): torch.Tensor {
  const angles = torch.rand(shape, { dtype: torch.float64 }).mul(7);
  const sizes = torch.rand(shape, { dtype: torch.float64 }).mul(0.02).add(0.99);
  return torch.polar(sizes, angles).to(dtype);
}

function expectClose(got: torch.Tensor, expected: readonly Pair[], tolerance: number): void {
  const found = pairs(got);
  expect(found.length).toBe(expected.length);
  const wrong = expected.flatMap(([re, im], i) => {
    const off = Math.hypot(found[i][0] - re, found[i][1] - im);
    return off <= tolerance * Math.max(1, Math.hypot(re, im)) ? [] : [[i, found[i], [re, im]]];
  });
  expect(wrong).toEqual([]);
}

const dtypes = [
  [torch.complex32, 4e-3],
  [torch.complex64, 1e-6],
  [torch.complex128, 1e-14],
] as const;

describe.each(dtypes)('%s', (dtype, tolerance) => {
  torch.manualSeed(0);

  it.each([0, 1, 2, 3, 7, 8, 31, 32, 33, 100, 1025])('%i elements are summed and multiplied', (n) => {
    const z = numbers([n], dtype);
    const all = pairs(z);
    expectClose(z.sum(), [all.reduce(add, [0, 0])], 8 * tolerance);
    expectClose(z.prod(), [all.reduce(multiply, [1, 0])], 60 * tolerance);
    expectClose(
      z.mul(z),
      all.map((a) => multiply(a, a)),
      tolerance,
    );
    expectClose(
      z.conj(),
      all.map(([re, im]) => [re, -im]),
      0,
    );
  });

  it.each([
    [[5, 70], 0],
    [[5, 70], 1],
    [[70, 5, 3], 1],
    [[3, 700], 0],
    [[2, 3, 1100], 1],
    [[1100, 3], 0],
  ])('%j along %i', (shape, dim) => {
    const whole = numbers(shape, dtype);
    for (const z of [whole, whole.transpose(0, -1).contiguous().transpose(0, -1)]) {
      const lines = whole.movedim(dim, -1).contiguous();
      const n = lines.shape.at(-1)!;
      const all = pairs(lines);
      const starts = Array.from({ length: all.length / n }, (_, i) => all.slice(i * n, (i + 1) * n));
      expectClose(
        z.sum(dim),
        starts.map((line) => line.reduce(add, [0, 0])),
        8 * tolerance,
      );
      expectClose(
        z.prod(dim),
        starts.map((line) => line.reduce(multiply, [1, 0])),
        200 * tolerance,
      );
      const running = (join: (a: Pair, b: Pair) => Pair) =>
        starts.flatMap((line) => line.map((_, i) => line.slice(0, i + 1).reduce(join)));
      if (all.length > 400) continue;
      expectClose(z.cumsum(dim).movedim(dim, -1), running(add), 20 * tolerance);
      expectClose(z.cumprod(dim).movedim(dim, -1), running(multiply), 200 * tolerance);
    }
  });

  it('operands lie anywhere, repeat and have other dtypes', () => {
    const a = numbers([6, 40], dtype);
    const column = numbers([6, 1], dtype);
    const real = torch.rand(40, 6).t();
    const at = (z: torch.Tensor): Pair[] => pairs(z.expand(6, 40));
    const product = (x: torch.Tensor, y: torch.Tensor): Pair[] => {
      const [p, q] = [at(x), at(y)];
      return p.map((z, i) => multiply(z, q[i]));
    };
    const b = numbers([40, 6], dtype).t();
    expectClose(a.mul(b), product(a, b), tolerance);
    expectClose(a.index(':', '::2').mul(b.index(':', '::2')), pairs(a.mul(b).index(':', '::2')), 0);
    expectClose(column.mul(a), product(column, a), tolerance);
    expectClose(a.mul(real.to(torch.float16)), product(a, real.to(torch.float16)), tolerance);
    expectClose(
      a.mul(torch.tensor([3, -2, 0, 5]).repeat(10)),
      product(a, torch.tensor([3, -2, 0, 5]).repeat(10)),
      tolerance,
    );
    expectClose(a.mul(Complex(2, -3)), product(a, torch.tensor(Complex(2, -3))), tolerance);
    expectClose(
      a.add(2),
      at(a).map((z) => add(z, [2, 0])),
      tolerance,
    );
    expectClose(
      a.sub(b, { alpha: Complex(0, 2) }),
      at(a).map((z, i) => add(z, multiply([-0, -2], at(b)[i]))),
      3 * tolerance,
    );
    expectClose(
      a.addcmul(b, column),
      product(b, column).map((z, i) => add(z, at(a)[i])),
      3 * tolerance,
    );
    const changed = a.clone();
    changed.mul_(b.conj()).neg_();
    expectClose(
      changed,
      product(a, b.conj()).map(([re, im]) => [-re, -im]),
      tolerance,
    );
  });

  it('elements are moved and converted', () => {
    const z = numbers([9, 37], dtype);
    const all = pairs(z);
    const transposed = z.t().contiguous();
    expect(pairs(transposed)).toEqual(
      Array.from({ length: 333 }, (_, i) => all[(i % 9) * 37 + Math.floor(i / 9)]),
    );
    expect(pairs(z.to(torch.complex128))).toEqual(all);
    expect([...z.imag.contiguous().to(torch.float64).toArray()]).toEqual(all.map(([, im]) => im));
    expect(pairs(torch.ones(3).to(dtype))).toEqual([
      [1, 0],
      [1, 0],
      [1, 0],
    ]);
    expect(pairs(torch.tensor([true, false]).to(dtype))).toEqual([
      [1, 0],
      [0, 0],
    ]);
    const zeros = torch.tensor([Complex(0, 0), Complex(0, 1), Complex(1, 0)]).to(dtype);
    expect(zeros.to(torch.bool).tolist()).toEqual([false, true, true]);
    expect(pairs(torch.full([2], Complex(1, -2), { dtype }))).toEqual([
      [1, -2],
      [1, -2],
    ]);
  });

  it('and found by indices', () => {
    const z = numbers([5, 4], dtype);
    const rows = z.tolist() as torch.Complex[][];
    const index = torch.tensor([3, 0, 3]);
    expect(z.indexSelect(0, index).tolist()).toEqual([rows[3], rows[0], rows[3]]);
    expect(z.indexSelect(1, index).tolist()).toEqual(rows.map((r) => [r[3], r[0], r[3]]));
    expect(z.index(index).tolist()).toEqual([rows[3], rows[0], rows[3]]);
    expect(z.gather(1, torch.tensor([[2], [0], [1], [3], [2]])).tolist()).toEqual(
      [2, 0, 1, 3, 2].map((j, i) => [rows[i][j]]),
    );
    const zero = Complex(0, 0);
    expect(z.triu(1).tolist()).toEqual(rows.map((r, i) => r.map((x, j) => (j > i ? x : zero))));
    expect(z.t().tril().tolist()).toEqual(
      (z.t().tolist() as torch.Complex[][]).map((r, i) => r.map((x, j) => (j <= i ? x : zero))),
    );
    const put = z.clone();
    put.indexPut_([index.index('0:2')], z.index('0:2'));
    expect(put.tolist()).toEqual([rows[1], rows[1], rows[2], rows[0], rows[4]]);
    const ones = torch.ones(3, 4, { dtype });
    const plus = (by: number): Pair[] =>
      pairs(z).map((x, i) => add(x, [i < 4 ? by : Math.floor(i / 4) === 3 ? 2 * by : 0, 0]));
    expectClose(z.indexAdd(0, index, ones), plus(1), 2 * tolerance);
    expectClose(z.indexAdd(0, index, ones, { alpha: 0.5 }), plus(0.5), 2 * tolerance);
    const added = z.clone();
    added.indexPut_([index], ones, { accumulate: true });
    expectClose(added, plus(1), 2 * tolerance);
    const twice = torch.full([1, 4], Complex(0, 2), { dtype });
    const turned = pairs(z).map((x, i): Pair => (i < 4 ? multiply(x, [0, 2]) : x));
    expectClose(
      z.scatterReduce(0, torch.zeros(1, 4, { dtype: torch.int64 }), twice, 'prod'),
      turned,
      2 * tolerance,
    );
  });
});

it('long sums keep their digits', () => {
  const n = 300_000;
  const z = torch.full([n], Complex(0.1, -0.3), { dtype: torch.complex64 });
  const { re, im } = z.sum().itemComplex();
  expect(re / (n * Math.fround(0.1))).toBeCloseTo(1, 5);
  expect(im / (n * -Math.fround(0.3))).toBeCloseTo(1, 5);
  expectClose(
    z.reshape(3, -1).sum(1),
    [1, 2, 3].map(() => [10000 * 0.1 * 10, -30000]),
    5e-6,
  );
  expectClose(
    z.reshape(-1, 3).sum(0),
    [1, 2, 3].map(() => [10000, -30000]),
    5e-6,
  );
});

describe('a device that does not take complex numbers', () => {
  const runs: unknown[][] = [];
  const kernels = kernelTable(
    (kernel, args) => runs.push([kernel.name, ...args]),
    () => false,
  );
  const [out, z] = [torch.zeros(3, { dtype: torch.complex64 }), torch.ones(3, { dtype: torch.complex64 })];

  it('runs linear kernels once on each part', () => {
    kernels.scan(out, null, z, 0, 'sum');
    expect(
      runs.map(([name, to]) => [name, (to as torch.Tensor).dtype, (to as { offset: number }).offset]),
    ).toEqual([
      ['scan', torch.float32, 0],
      ['scan', torch.float32, 1],
    ]);
  });

  it('refuses those of complex numbers alone', () => {
    expect(() => kernels.scan(out, null, z, 0, 'product')).toThrow(
      '"scan_cpu" not implemented for \'ComplexFloat\'',
    );
  });
});
