import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';

type Float = 'float32' | 'float64';
type Name = 'exp' | 'lgamma' | 'digamma' | 'erf' | 'erfc' | 'erfinv';

const arrays = { float32: Float32Array, float64: Float64Array };

function apply(name: string, dtype: Float, x: readonly number[]): number[] {
  const op = (torch as unknown as Record<string, (t: torch.Tensor) => torch.Tensor>)[name]!;
  return op(torch.tensor(arrays[dtype].from(x))).tolist() as number[];
}

/** The distance of two numbers of a dtype, in the units of the expected one's last place. */
function ulps(actual: number, expected: number, dtype: Float): number {
  if (Object.is(actual, expected) || (Number.isNaN(actual) && Number.isNaN(expected))) return 0;
  const [digits, least] = dtype === 'float32' ? [23, -126] : [52, -1022];
  if (!Number.isFinite(expected) || !Number.isFinite(actual)) return Number.POSITIVE_INFINITY;
  const exponent = Math.max(least, expected === 0 ? least : Math.floor(Math.log2(Math.abs(expected))));
  return Math.abs(actual - expected) / 2 ** (exponent - digits);
}

function worst(actual: readonly number[], expected: readonly number[], dtype: Float): number {
  return Math.max(...actual.map((a, i) => ulps(a, expected[i]!, dtype)));
}

describe('elementary functions', () => {
  /** Points, and JavaScript's own function, which is good to one unit of float64's last place. */
  const functions: [string, (x: number) => number, number[]][] = [
    ['exp', Math.exp, [-87, -10, -1, -1e-8, 1e-8, 0.5, 1, 20, 88]],
    ['expm1', Math.expm1, [-30, -1, -1e-10, 1e-10, 0.3, 1, 50]],
    ['log', Math.log, [1e-30, 0.1, 0.9999, 1.0001, 2, 10, 1e30]],
    ['log2', Math.log2, [1e-30, 0.1, 0.9999, 1.0001, 2, 10, 1e30]],
    ['log10', Math.log10, [1e-30, 0.1, 0.9999, 1.0001, 2, 1000, 1e30]],
    ['log1p', Math.log1p, [-0.999, -0.1, -1e-12, 1e-12, 0.5, 1e20]],
    ['sin', Math.sin, [-1e4, -3, -1e-5, 1e-5, 0.5, 1.5, 3, 100, 31415]],
    ['cos', Math.cos, [-1e4, -3, -1e-5, 1e-5, 0.5, 1.5, 3, 100, 31415]],
    ['tan', Math.tan, [-1e4, -3, -1e-5, 1e-5, 0.5, 1.5, 3, 100, 31415]],
    ['asin', Math.asin, [-1, -0.7, -1e-5, 0.3, 0.501, 0.9999]],
    ['acos', Math.acos, [-1, -0.7, -1e-5, 0.3, 0.501, 0.9999]],
    ['atan', Math.atan, [-1e10, -2, -0.5, 1e-5, 0.3, 1, 3, 100]],
    ['sinh', Math.sinh, [-80, -1, -1e-5, 1e-5, 0.3, 2, 80]],
    ['cosh', Math.cosh, [-80, -1, -1e-5, 1e-5, 0.3, 2, 80]],
    ['tanh', Math.tanh, [-80, -1, -1e-5, 1e-5, 0.3, 2, 9]],
    ['asinh', Math.asinh, [-1e20, -1, -1e-5, 1e-5, 0.3, 2, 1e10]],
    ['acosh', Math.acosh, [1, 1.001, 1.5, 10, 1e10]],
    ['atanh', Math.atanh, [-0.999, -0.5, -1e-5, 1e-5, 0.3, 0.9]],
  ];
  const cases = functions.flatMap(([name, f, x]) =>
    (['float32', 'float64'] as const).map((dtype) => ({ name, f, x, dtype })),
  );

  it.each(cases)('$name is good to 4 units of the last place on $dtype', ({ name, f, x, dtype }) => {
    const points = [...arrays[dtype].from(x)];
    expect(worst(apply(name, dtype, points), points.map(f), dtype)).toBeLessThanOrEqual(4);
  });

  const { POSITIVE_INFINITY: inf, NaN: nan } = Number;
  it.each(['float32', 'float64'] as const)('have the limits of C on %s', (dtype) => {
    const edges = [0, -0, inf, -inf, nan];
    expect(apply('exp', dtype, edges)).toEqual([1, 1, inf, 0, nan]);
    expect(apply('expm1', dtype, edges)).toEqual([0, -0, inf, -1, nan]);
    expect(apply('log', dtype, edges)).toEqual([-inf, -inf, inf, nan, nan]);
    expect(apply('log1p', dtype, [0, -0, inf, -1, -2, nan])).toEqual([0, -0, inf, -inf, nan, nan]);
    expect(apply('sin', dtype, edges)).toEqual([0, -0, nan, nan, nan]);
    expect(apply('cos', dtype, edges)).toEqual([1, 1, nan, nan, nan]);
    expect(apply('tanh', dtype, edges)).toEqual([0, -0, 1, -1, nan]);
    expect(apply('sinh', dtype, edges)).toEqual([0, -0, inf, -inf, nan]);
    expect(apply('cosh', dtype, edges)).toEqual([1, 1, inf, inf, nan]);
    expect(apply('atanh', dtype, [0, -0, 1, -1, 2, nan])).toEqual([0, -0, inf, -inf, nan, nan]);
    expect(apply('erf', dtype, edges)).toEqual([0, -0, 1, -1, nan]);
    expect(apply('lgamma', dtype, [0, 1, 2, -1, inf, nan])).toEqual([inf, 0, 0, inf, inf, nan]);
    expect(apply('digamma', dtype, [0, -0, -1, inf, nan])).toEqual([-inf, inf, nan, inf, nan]);
    expect(apply('sigmoid', dtype, edges)).toEqual([0.5, 0.5, 1, 0, nan]);
  });

  it.each(['float32', 'float64'] as const)('reduce arguments of any size on %s', (dtype) => {
    const points = [...arrays[dtype].from([1e5, 1e8, -1e20, 3e38, 0.5])];
    expect(worst(apply('sin', dtype, points), points.map(Math.sin), dtype)).toBeLessThanOrEqual(2);
    expect(worst(apply('cos', dtype, points), points.map(Math.cos), dtype)).toBeLessThanOrEqual(2);
    expect(worst(apply('tan', dtype, points), points.map(Math.tan), dtype)).toBeLessThanOrEqual(4);
  });

  it('raise floats to powers as C does', () => {
    const pow = (x: number, y: number) =>
      torch
        .tensor(Float32Array.of(x))
        .pow(torch.tensor(Float32Array.of(y)))
        .item();
    expect([
      pow(-2, 3),
      pow(-2, 2),
      pow(-8, 1 / 3),
      pow(0, -1),
      pow(-0, -3),
      pow(nan, 0),
      pow(1, nan),
    ]).toEqual([-8, 4, nan, inf, -inf, 1, 1]);
    expect([pow(-1, inf), pow(-inf, 3), pow(-inf, -3), pow(2, 1000), pow(2, -149)]).toEqual([
      1,
      -inf,
      -0,
      inf,
      2 ** -149,
    ]);
  });
});

const numeric = new URL('../../shared/numeric/', import.meta.url);
const present = existsSync(numeric);

describe.skipIf(!present)("NumPy's tables (skipped where ../shared is absent)", () => {
  const names: Record<string, string> = {
    arcsin: 'asin',
    arccos: 'acos',
    arctan: 'atan',
    arcsinh: 'asinh',
    arccosh: 'acosh',
    arctanh: 'atanh',
  };
  const folder = new URL('umath/', numeric);
  const tables = present
    ? readdirSync(folder)
        .map((file) => /set-(\w+)\.csv$/.exec(file)?.[1])
        .filter((name): name is string => name !== undefined && name !== 'cbrt')
    : [];

  const read = (hex: string, dtype: Float): number =>
    dtype === 'float32'
      ? new Float32Array(Uint32Array.of(Number(hex)).buffer)[0]!
      : new Float64Array(BigUint64Array.of(BigInt(hex)).buffer)[0]!;

  it.each(tables)('%s', (table) => {
    const rows = readFileSync(new URL(`umath-validation-set-${table}.csv`, folder), 'utf8').split('\n');
    for (const dtype of ['float32', 'float64'] as const) {
      const of = rows.map((row) => row.trim().split(',')).filter(([type]) => type === `np.${dtype}`);
      const results = apply(
        names[table] ?? table,
        dtype,
        of.map(([, input]) => read(input!, dtype)),
      );
      // The limit for float64 is the libm's that NumPy calls there; ours is 2.
      const far = of.filter(([, , output, limit], i) => {
        const expected = read(output!, dtype);
        return ulps(results[i]!, expected, dtype) > Math.max(Number(limit), 2);
      });
      expect(far).toEqual([]);
    }
  });
});

describe.skipIf(!present)("Boost's tables (skipped where ../shared is absent)", () => {
  /** Function, table, column of the value, limit in units of float64's last place. */
  const tables: [Name, string, number, number][] = [
    ['erf', 'erf_data_ipp/erf_data', 1, 2],
    ['erf', 'erf_small_data_ipp/erf_small_data', 1, 2],
    ['erfc', 'erf_data_ipp/erf_data', 2, 6],
    ['erfc', 'erf_large_data_ipp/erf_large_data', 2, 6],
    ['erfinv', 'erf_inv_data_ipp/erf_inv_data', 1, 4],
    ['lgamma', 'test_gamma_data_ipp/factorials', 2, 6],
    ['lgamma', 'test_gamma_data_ipp/near_1', 2, 6],
    ['lgamma', 'test_gamma_data_ipp/near_2', 2, 6],
    ['lgamma', 'test_gamma_data_ipp/near_m10', 2, 6],
    ['lgamma', 'test_gamma_data_ipp/near_m55', 2, 6],
    ['digamma', 'digamma_data_ipp/digamma_data', 1, 4],
    ['digamma', 'digamma_small_data_ipp/digamma_small_data', 1, 8],
  ];
  it.each(tables)('%s: %s', (name, table, column, limit) => {
    const rows = readFileSync(new URL(`special/boost/${table}.txt`, numeric), 'utf8')
      .trim()
      .split('\n')
      .map((row) => row.split(/\s+/).map(Number));
    const results = apply(
      name,
      'float64',
      rows.map((row) => row[0]!),
    );
    const normal = rows
      .map((row, i) => [row[column]!, results[i]!] as const)
      .filter(([e]) => Math.abs(e) > 1e-300);
    expect(normal.length).toBeGreaterThan(0);
    expect(
      worst(
        normal.map(([, r]) => r),
        normal.map(([e]) => e),
        'float64',
      ),
    ).toBeLessThanOrEqual(limit);
  });
});
