import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { camelCase } from '../src/core/camel_case.js';
import { dtypeByName } from '../src/core/dtype.js';
import * as torch from '../src/index.js';

interface Case {
  readonly method: string;
  readonly args: number[];
  readonly dtype: string;
  readonly shape: number[];
  readonly layout: 'contiguous' | 'transposed' | 'strided';
  readonly seed: number;
  readonly values: (number | boolean)[];
  /** The next `rand` in float64: where the stream stands afterwards. */
  readonly next: number;
}

/** Numbers that PyTorch 2.13 draws on a CPU without MKL's generators. */
const golden = JSON.parse(readFileSync(new URL('golden/random.json.golden', import.meta.url), 'utf8')) as {
  readonly cases: Case[];
  readonly sequence: [string, number[]][];
  readonly draws: Record<'perm' | 'withReplacement' | 'without' | 'bernoulli' | 'bernoulliDouble', unknown>;
};

/** The last bits of logarithms and sines depend on the instruction set and on libm. */
const tolerance: Record<string, number> = { float32: 1e-6, float64: 1e-13, float16: 1e-3, bfloat16: 8e-3 };
const exact = new Set(['uniform_', 'random_', 'bernoulli_', 'geometric_']);

function empty({ shape, layout, dtype }: Case): torch.Tensor {
  const options = { dtype: dtypeByName(dtype)! };
  if (layout === 'transposed')
    return torch.zeros([...shape].reverse(), options).permute([...shape.keys()].reverse());
  if (layout === 'strided')
    return torch.zeros([...shape.slice(0, -1), shape.at(-1)! * 2], options).index('...', '::2');
  return torch.zeros(shape, options);
}

function expectClose(actual: unknown, expected: readonly (number | boolean)[], limit: number): void {
  const values = actual as number[];
  expect(values.length).toBe(expected.length);
  for (const [i, e] of expected.entries())
    expect(Math.abs(Number(values[i]) - Number(e))).toBeLessThanOrEqual(
      limit * Math.max(1, Math.abs(Number(e))),
    );
}

describe("PyTorch's random streams", () => {
  it.each(golden.cases)('$seed: $method($args) on $dtype $shape $layout', (c) => {
    torch.manualSeed(c.seed);
    const x = empty(c);
    const method = camelCase(c.method) as 'uniform_';
    (x[method] as (...args: number[]) => torch.Tensor).apply(x, c.args);
    expectClose(x.double().flatten().tolist(), c.values, exact.has(c.method) ? 0 : tolerance[c.dtype]!);
    expect(torch.rand([1], { dtype: torch.float64 }).item()).toBe(c.next);
  });

  it('keep the second half of a pair of normal variates, whatever comes in between, until reseeded', () => {
    const draw: Record<string, () => torch.Tensor> = {
      normal3: () => torch.empty(3).normal_(),
      rand2: () => torch.rand(2),
      normal20: () => torch.empty(20).normal_(),
      double1: () => torch.empty([1], { dtype: torch.float64 }).normal_(),
      again1: () => {
        torch.manualSeed(7);
        return torch.empty(1).normal_();
      },
    };
    torch.manualSeed(7);
    for (const [name, values] of golden.sequence) expectClose(draw[name]!().tolist(), values, 1e-6);
  });

  it('serve permutations, multinomial and Bernoulli draws', () => {
    const weights = torch
      .tensor([
        [1, 0, 3, 2],
        [0, 5, 0, 1],
      ])
      .float();
    torch.manualSeed(8);
    expect(torch.randperm(10).tolist()).toEqual(golden.draws.perm);
    expect(torch.multinomial(weights, 7, true).tolist()).toEqual(golden.draws.withReplacement);
    expect(torch.multinomial(weights, 2, false).tolist()).toEqual(golden.draws.without);
    const p = torch.tensor([0.1, 0.5, 0.9, 0.4]);
    expect(torch.bernoulli(p).tolist()).toEqual(golden.draws.bernoulli);
    const double = torch.tensor([0.1, 0.5, 0.9, 0.4], { dtype: torch.float64 });
    expect(torch.bernoulli(double).tolist()).toEqual(golden.draws.bernoulliDouble);
  });
});

describe('generators', () => {
  it('go back to a state, and are copied with theirs', () => {
    const g = new torch.Generator().manualSeed(4);
    torch.rand(3, { generator: g });
    const state = g.getState();
    const copy = g.cloneState();
    const next = torch.rand(3, { generator: g }).tolist();
    expect(torch.rand(3, { generator: copy }).tolist()).toEqual(next);
    expect(copy.initialSeed()).toBe(4n);
    g.setState(state);
    expect(torch.rand(3, { generator: g }).tolist()).toEqual(next);
    expect([state.dtype, state.ndim]).toEqual([torch.uint8, 1]);
    torch.setRngState(state);
    expect(torch.rand(3).tolist()).toEqual(next);
  });

  it('are seeded by chance on demand', () => {
    const g = new torch.Generator();
    const [first, second] = [g.seed(), g.seed()];
    expect(first).not.toBe(second);
    expect(g.initialSeed()).toBe(second);
  });

  it('refuse what is no state, and stay where they are', () => {
    const g = new torch.Generator().manualSeed(1);
    expect(() => g.setState(torch.zeros(3))).toThrow('RNG state must be a torch.ByteTensor');
    expect(() => g.setState(torch.zeros(3, { dtype: torch.uint8 }))).toThrow(
      /^Expected a CPUGeneratorImplState of size \d+ but found the input RNG state size to be 3$/,
    );
    expect(() => g.setState(1 as unknown as torch.Tensor)).toThrow(
      'expected a torch.ByteTensor, but got int',
    );
    const fresh = new torch.Generator().manualSeed(1);
    expect(torch.rand(2, { generator: g }).tolist()).toEqual(torch.rand(2, { generator: fresh }).tolist());
  });

  it('are for one type of device', () => {
    expect(String(new torch.Generator().device)).toBe('cpu');
    const g = new torch.Generator({ device: 'webgpu' });
    expect(String(g.device)).toBe('webgpu');
    for (const draw of [
      () => torch.rand(2, { generator: g }),
      () => torch.zeros(2).normal_(0, 1, { generator: g }),
      () => torch.randperm(3, { generator: g }),
      () => torch.multinomial(torch.ones(3), 2, { generator: g }),
    ])
      expect(draw).toThrow("Expected a 'cpu' device type for generator but found 'webgpu'");
    expect(() => new torch.Generator('tpu')).toThrow('device type at start of device string: tpu');
  });
});

describe('bounds and slopes', () => {
  it.each([
    [torch.float32, 0, Number.POSITIVE_INFINITY, 'to is out of bounds for float'],
    [torch.float64, Number.NaN, 1, 'from is out of bounds for double'],
    [torch.float16, -1e38, 3, 'from is out of bounds for c10::Half'],
    [torch.int64, 0, 1, '"check_uniform_bounds" not implemented for \'Long\''],
    [
      torch.float32,
      -1e38,
      3e38,
      'uniform_ expects to-from <= std::numeric_limits<Float>::max(), but found to=3e+38 and from=-1e+38 which result in to-from to exceed the limit',
    ],
  ])('uniform_ refuses what %s does not hold', (dtype, from, to, message) => {
    expect(() => torch.zeros(3, { dtype }).uniform_(from, to)).toThrow(message);
  });

  it('rrelu keeps the dtype and its precision where nothing is drawn', () => {
    const values = (dtype: typeof torch.float64) =>
      torch.nn.functional.rrelu(torch.tensor([-0.3, 2], { dtype }));
    expect(values(torch.float64).tolist()).toEqual([-0.06874999999999999, 2]);
    expect(values(torch.float16).tolist()).toEqual([-0.06878662109375, 2]);
  });

  it('geometric_ has no truth values', () => {
    expect(() => torch.zeros(3, { dtype: torch.bool }).geometric_(0.5)).toThrow(
      '"geometric_cpu" not implemented for \'Bool\'',
    );
  });
});

describe('what PyTorch 2.13 draws from seed 0', () => {
  const weights = torch.tensor([
    [0.1, 0.2, 0.7],
    [0.5, 0.3, 0.2],
  ]);
  const cases: [string, () => torch.Tensor, number[]][] = [
    ['multinomial of a transposed tensor', () => torch.multinomial(weights.t(), 2), [1, 0, 1, 0, 0, 1]],
    ['one draw of it', () => torch.multinomial(weights.t(), 1), [1, 1, 0]],
    [
      'integers beyond what float32 counts, whose end moves inwards',
      () => torch.randint(0, 2 ** 31, [3], { dtype: torch.float32 }),
      [382722848, 1858664704, 710291712],
    ],
    [
      'one more than it counts',
      () => torch.randint(0, 2 ** 24 + 1, [3], { dtype: torch.float32 }),
      [8325664, 12888472, 1484222],
    ],
  ];
  it.each(cases)('%s', (_, draw, values) => {
    torch.manualSeed(0);
    expect(draw().flatten().tolist()).toEqual(values);
  });
});

describe('what no dtype or distribution has is refused', () => {
  const of = (dtype: torch.DType) => torch.empty([3], { dtype });
  const cases: [() => unknown, string][] = [
    [() => torch.randint(0, 3, [3], { dtype: torch.bool }), 'to - 1 is out of bounds for bool'],
    [() => torch.randint(-1, 1, [3], { dtype: torch.bool }), 'from is out of bounds for bool'],
    [() => torch.randint(0, 257, [3], { dtype: torch.uint8 }), 'to - 1 is out of bounds for unsigned char'],
    [() => torch.randint(-129, 5, [3], { dtype: torch.int8 }), 'from is out of bounds for signed char'],
    [() => of(torch.int16).random_(0, 100_000), 'to - 1 is out of bounds for short int'],
    [() => of(torch.float16).random_(0, 100_000), 'to - 1 is out of bounds for c10::Half'],
    [() => torch.randperm(2, { dtype: torch.bool }), '"randperm" not implemented for \'Bool\''],
    [() => torch.randperm(3000, { dtype: torch.float16 }), 'n cannot be greater than 2049 for Half type.'],
    [
      () => torch.multinomial(torch.ones(2, 0), 1, true),
      'aminmax(): cannot compute aminmax over an empty dimension',
    ],
    [() => of(torch.int64).exponential_(), 'dtype must be a floating point but you specified Long'],
    [() => of(torch.int64).cauchy_(), 'dtype must be a floating point but you specified long int'],
    [() => of(torch.float32).exponential_(Number.NaN), 'but found lambda=nan'],
  ];
  it.each(cases)('%s', (draw, message) => {
    expect(draw).toThrow(message);
  });

  it('no rows have no draws', () => {
    expect(torch.multinomial(torch.ones(0, 3), 1, true).shape).toEqual([0, 1]);
  });
});

describe('poisson', () => {
  const drawn = (rates: torch.Tensor) => {
    torch.manualSeed(3);
    return [torch.poisson(rates).tolist(), torch.rand(1).item()];
  };

  it("draws PyTorch's numbers, small rates and large, in the order of memory", () => {
    const rates = torch.tensor([0, 0.5, 3, 9.99, 10, 25, 1000, 1e6], { dtype: torch.float32 });
    expect(drawn(rates)).toEqual([[0, 0, 2, 11, 5, 36, 1015, 997709], 0.4301472306251526]);
    const halves = torch.tensor([2, 20], { dtype: torch.float16 });
    expect(drawn(halves)).toEqual([[0, 17], 0.7718658447265625]);
    const columns = torch.tensor([1, 50, 7, 300, 20, 0.5], { dtype: torch.float64 }).reshape(3, 2).t();
    expect(drawn(columns)[0]).toEqual([
      [0, 7, 24],
      [52, 292, 0],
    ]);
  });

  it('refuses rates below zero and integers', () => {
    const refused = 'invalid Poisson rate, expected rate to be non-negative';
    for (const rate of [-1, NaN]) expect(() => torch.poisson(torch.ones(1).mul(rate))).toThrow(refused);
    const whole = torch.ones(1, { dtype: torch.int64 });
    expect(() => torch.poisson(whole)).toThrow(`"poisson_cpu" not implemented for 'Long'`);
  });

  it('has gradients of zero', () => {
    const rates = torch.ones(2).requiresGrad_();
    torch.poisson(rates).sum().backward();
    expect(rates.grad!.tolist()).toEqual([0, 0]);
  });
});
