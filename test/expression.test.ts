import { describe, expect, it } from 'vitest';
import type { ComputeType, Program } from '../src/backends/program.js';
import { derivatives } from '../src/expression/derivatives.js';
import { meanings } from '../src/expression/evaluate.js';
import { arity, isSpecial, type Operator } from '../src/expression/expression.js';
import {
  backward,
  constant,
  differentiate,
  type Expression,
  evaluate as evaluateInstructions,
  expand,
  freeNames,
  lower,
  name,
  parseExpression,
  parseStatements,
  simplify,
  substitute,
  tangent,
} from '../src/expression/index.js';
import { functions } from '../src/expression/macros.js';

/** Carries a program out for one element. */
function interpret(program: Program, inputs: readonly number[], scalars: readonly number[] = []): number[] {
  const registers = [...inputs, ...program.constants.map(Number), ...scalars];
  for (const { name: op, to, from } of program.code) {
    expect(to).toBeGreaterThanOrEqual(program.inputs + program.constants.length + program.scalars);
    const [a, b, c] = from.map((r) => registers[r]);
    registers[to] = meanings[op](a, b, c);
  }
  expect(registers.length).toBeLessThanOrEqual(
    program.inputs + program.constants.length + program.scalars + program.temporaries,
  );
  return program.outputs.map((r) => registers[r]);
}

const lowered = (
  source: string,
  inputs: string[],
  compute: ComputeType = 'float64',
  scalars: string[] = [],
) => lower([parseExpression(source)], inputs, scalars, compute);
/** The value of an expression, special functions taken apart. */
function evaluate(e: Expression, environment: Readonly<Record<string, number>> = {}): number {
  return evaluateInstructions(expand([e])[0], environment);
}
const names = (program: Program) => program.code.map((i) => i.name);
const value = (source: string, environment = {}) => evaluate(parseExpression(source), environment);

describe('parsing', () => {
  it('gives operators their precedence', () => {
    expect(value('1 + 2 * 3 - 4 / 2')).toBe(5);
    expect(value('-2 ** 2')).toBe(-4);
    expect(value('2 ** 3 ** 2')).toBe(512);
    expect(value('2 ** -1')).toBe(0.5);
    expect(value('8 / 4 / 2')).toBe(1);
    expect(value('1 < 2 && 3 >= 4 || !0')).toBe(1);
    expect(value('x > 1 ? x > 2 ? 3 : 2 : 1', { x: 2 })).toBe(2);
    expect(value('(1 == 1) != 0')).toBe(1);
    expect(value('1.5e-3 + .5 + 2.')).toBe(2.5015);
  });

  it('knows constants, functions and names for parts', () => {
    expect(value('pi + e')).toBe(Math.PI + Math.E);
    expect(value('-inf')).toBe(Number.NEGATIVE_INFINITY);
    expect(value('t = x + 1; t * t', { x: 2 })).toBe(9);
    expect(value('y = x; # doubled\n y + y', { x: 2 })).toBe(4);
    expect(value('where(x < 0, square(x), clamp(x, 1, 2))', { x: 5 })).toBe(2);
  });

  it('shares equal parts', () => {
    expect(parseExpression('exp(x) + 1')).toBe(parseExpression('t = exp(x);\n t + 1'));
    expect(parseExpression('0')).not.toBe(parseExpression('-0'));
  });

  it('reads statements in order', () => {
    const s = parseStatements('buf = momentum * buf + grad; param = param - lr * buf');
    expect([...s.keys()]).toEqual(['buf', 'param']);
    expect(freeNames(s.get('param')!).sort()).toEqual(['buf', 'grad', 'lr', 'momentum', 'param']);
    expect(evaluate(s.get('param')!, { buf: 1, grad: 2, lr: 0.5, momentum: 3, param: 10 })).toBe(7.5);
  });

  it.each([
    ['exp(x', "expected ')' but found the end at column 6 of 'exp(x'"],
    ['1 + * 2', "expected a value but found '*' at column 5 of '1 + * 2'"],
    ['foo(x)', "unknown function 'foo' at column 1 of 'foo(x)'"],
    ['1 + atan2(x)', "atan2 takes 2 operands, not 1, at column 5 of '1 + atan2(x)'"],
    ['a < b < c', "comparisons do not chain: use && or parentheses at column 7 of 'a < b < c'"],
    ['a $ b', "unexpected '$' at column 3 of 'a $ b'"],
    ['a b', "unexpected 'b' at column 3 of 'a b'"],
    ['t = 1;\nt +', "expected a value but found the end at line 2, column 4 of 't = 1;\nt +'"],
    ['pi = 3; pi', "'pi' is a constant at column 1 of 'pi = 3; pi'"],
    ['x = 1', "expected an expression but found the end at column 6 of 'x = 1'"],
  ])('refuses %j', (source, message) => {
    expect(() => parseExpression(source)).toThrow(message);
  });
});

describe('simplification', () => {
  const simple = (source: string) => String(simplify(parseExpression(source)));

  it('keeps every IEEE value', () => {
    expect(simple('x * 0')).toBe('mul(x, 0)');
    expect(simple('x + 0')).toBe('add(x, 0)');
    expect(simple('x - 0')).toBe('x');
    expect(simple('x + -0')).toBe('x');
    expect(simple('1 * x / 1')).toBe('x');
    expect(simple('- -x')).toBe('x');
    expect(simple('a - -b')).toBe('add(a, b)');
    expect(simple('sqrt(4) * x')).toBe('mul(2, x)');
    expect(simple('1 < 2 ? x : y')).toBe('x');
    expect(simple('!c ? x : y')).toBe('select(c, y, x)');
    expect(simple('erf(0.5)')).toBe('erf(0.5)');
  });

  it('leaves integers beyond 2^53 to the engine', () => {
    expect(simple('9007199254740991 * 2')).toBe('mul(9007199254740991, 2)');
  });
});

/** Points at which an instruction and its derivative are smooth. */
const points: Partial<Record<Operator, number[][]>> = {
  acosh: [[1.5], [3]],
  asin: [[-0.5], [0.7]],
  acos: [[-0.5], [0.7]],
  atanh: [[-0.5], [0.7]],
  erfinv: [[-0.5], [0.7]],
  log1p: [[-0.5], [0.7]],
  lgamma: [[0.3], [4.2], [-1.4]],
  digamma: [[0.3], [4.2], [-1.4], [12]],
};
const positive = new Set(['sqrt', 'rsqrt', 'log', 'log2', 'log10', 'pow', 'reciprocal']);

describe('derivatives', () => {
  const table = (Object.keys(derivatives) as Operator[]).filter((op) => !isSpecial(op));

  it.each(table)('%s agrees with finite differences', (op) => {
    const operands = ['x', 'y', 'z'].slice(0, arity(op));
    const e = parseExpression(`${op}(${operands.join(', ')})`);
    const places = points[op] ?? [
      [0.6, 1.7, -0.4],
      [1.3, 0.45, 2.1],
      ...(positive.has(op)
        ? []
        : [
            [-1.2, 0.7, 0.3],
            [0.8, -1.9, 1],
          ]),
    ];
    for (const place of places) {
      const at = Object.fromEntries(operands.map((n, i) => [n, place[i]]));
      for (const n of operands) {
        const derivative = differentiate(e, n)!;
        const h = 1e-5;
        const numeric =
          (evaluate(e, { ...at, [n]: at[n] + h }) - evaluate(e, { ...at, [n]: at[n] - h })) / (2 * h);
        if (op === 'nextafter') expect(evaluate(derivative, at)).toBe(0);
        else expect(evaluate(derivative, at)).toBeCloseTo(numeric, 6);
      }
    }
  });

  it.each([
    ...Object.entries(functions)
      .filter(([f]) => !['isinf', 'isfinite', 'logical_xor'].includes(f))
      .map(([f, [operands]]) => `${f}(${operands.join(', ')})`),
    'trigamma(x)',
    'zeta(2.6, x)',
    'zeta(4, -x)',
    'bessel_i(0, x)',
    'bessel_i(1, x)',
    'bessel_ie(2, x)',
    'bessel_ie(3, -x)',
    'spherical_bessel(1, x)',
    'spherical_bessel(3, -x)',
  ])('%s agrees with finite differences', (source) => {
    const e = parseExpression(source);
    const operands = freeNames(e);
    for (const place of [
      [0.6, 0.2, 1.7, 0.4],
      [1.3, 0.45, 2.1, 0.3],
      [7.3, 2.9, 0.1, 0.7],
    ]) {
      const at = Object.fromEntries(operands.map((n, i) => [n, place[i]]));
      for (const n of operands) {
        const derivative = differentiate(e, n);
        if (!derivative) continue;
        const numeric =
          (evaluate(e, { ...at, [n]: at[n] + 1e-5 }) - evaluate(e, { ...at, [n]: at[n] - 1e-5 })) / 2e-5;
        const expected = evaluate(derivative, at);
        expect(expected / Math.max(1, Math.abs(numeric))).toBeCloseTo(
          numeric / Math.max(1, Math.abs(numeric)),
          6,
        );
      }
    }
  });

  it('has none for what has no derivative', () => {
    for (const op of ['eq', 'lt', 'logical_and', 'isnan', 'bit_and'])
      expect(differentiate(parseExpression(op === 'isnan' ? 'isnan(x)' : `${op}(x, y)`), 'x')).toBeNull();
    expect(differentiate(parseExpression('y * 2'), 'x')).toBeNull();
    expect(differentiate(parseExpression('floor(x) + y'), 'x')).toBe(constant(0));
    expect(differentiate(parseExpression('x > 0 ? 1 : 2'), 'x')).toBeNull();
  });

  it('shares ties and masks infinite slopes', () => {
    const at = (source: string, x: number, y = 0) =>
      evaluate(differentiate(parseExpression(source), 'x')!, { x, y });
    expect(at('maximum(x, y)', 1, 1)).toBe(0.5);
    expect(at('minimum(x, y)', 1, 1)).toBe(0.5);
    expect(at('fmax(x, y)', 1, 1)).toBe(1);
    expect(at('fmax(x, y)', 1, Number.NaN)).toBe(1);
    expect(at('abs(x)', 0)).toBe(0);
    expect(at('x ** y', 0, 0)).toBe(0);
    expect(at('y ** x', 2, 0)).toBe(0);
    expect(at('x > 0 ? log(x) : 0', 0)).toBe(0);
    expect(at('relu(x)', 0)).toBe(0);
    expect(at('relu(x)', Number.NaN)).toBe(1);
  });

  it('uses the result where the forward pass has it', () => {
    expect(String(backward(parseExpression('exp(self)'), 'self'))).toBe('mul(grad, result)');
    expect(freeNames(backward(parseExpression('1 / (1 + exp(-self))'), 'self')!)).toContain('result');
    expect(String(backward(parseExpression('self * other'), 'self'))).toBe('mul(grad, other)');
    expect(String(backward(parseExpression('self'), 'self'))).toBe('grad');
  });

  it('gives forward tangents', () => {
    const t = tangent(parseExpression('x * y'), { x: name('dx'), y: name('dy') })!;
    expect(evaluate(t, { x: 2, y: 3, dx: 10, dy: 100 })).toBe(230);
  });

  it('can be taken again and again', () => {
    let e = parseExpression('x ** 4');
    for (let i = 0; i < 3; i++) e = differentiate(e, 'x')!;
    expect(evaluate(e, { x: 2 })).toBe(48);
    const third = differentiate(differentiate(parseExpression('tanh(x)'), 'x')!, 'x')!;
    expect(evaluate(third, { x: 0.4 })).toBeCloseTo(-2 * Math.tanh(0.4) * (1 - Math.tanh(0.4) ** 2), 12);
  });

  it('substitutes all names at once', () => {
    const swapped = substitute(parseExpression('x - y'), { x: name('y'), y: name('x') });
    expect(evaluate(swapped, { x: 1, y: 5 })).toBe(4);
  });
});

describe('lowering', () => {
  const sources = [
    'x * y + z',
    '(x + y) * (y + z) / (x * x + 1) - exp(-square(x - y))',
    'x > y ? sin(x) * cos(y) : tanh(z) ** 2 + x ** 3',
    '0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x ** 3)))',
    'trigamma(abs(x) + 1) + logaddexp(x, y) + xlogy(x, abs(y))',
    'x',
    '3',
  ];
  it.each(sources)('computes %s', (source) => {
    const e = parseExpression(source);
    const program = lower([e], ['x', 'y', 'z'], [], 'float64');
    for (const [x, y, z] of [
      [1, 2, 3],
      [-0.4, 1.9, 0.3],
      [5.5, -2, 8],
    ])
      expect(interpret(program, [x, y, z])[0]).toBeCloseTo(evaluate(e, { x, y, z }), 12);
  });

  it('numbers inputs, constants, scalars, temporaries', () => {
    const program = lowered('alpha * x + 2 * beta', ['x'], 'float32', ['alpha', 'beta']);
    expect(program).toMatchObject({
      inputs: 1,
      constants: [2],
      scalars: 2,
      temporaries: 1,
      compute: 'float32',
    });
    expect(interpret(program, [10], [3, 4])).toEqual([38]);
  });

  it('fuses, reduces strength, shares and reuses', () => {
    expect(names(lowered('x * y + z', ['x', 'y', 'z']))).toEqual(['fma']);
    expect(names(lowered('t = x * y; t + t * z', ['x', 'y', 'z']))).toEqual(['mul', 'fma']);
    expect(names(lowered('x ** 2', ['x']))).toEqual(['mul']);
    expect(names(lowered('x ** 0.5', ['x']))).toEqual(['sqrt']);
    expect(names(lowered('1 / x', ['x']))).toEqual(['reciprocal']);
    expect(names(lowered('x / 3', ['x']))).toEqual(['div']);
    expect(names(lowered('exp(x) * exp(x)', ['x']))).toEqual(['exp', 'mul']);
    const chain = Array.from({ length: 30 }, (_, i) => `sin(x + ${i})`).join(' * ');
    expect(lowered(chain, ['x']).temporaries).toBe(2);
  });

  it('computes several results', () => {
    const s = parseStatements('buf = momentum * buf + grad; param = param - lr * buf');
    const program = lower(
      [s.get('buf')!, s.get('param')!],
      ['param', 'buf', 'grad'],
      ['momentum', 'lr'],
      'float32',
    );
    expect(interpret(program, [10, 1, 2], [3, 0.5])).toEqual([5, 7.5]);
    expect(program.temporaries).toBe(2);
  });

  it('adapts to integers', () => {
    expect(lowered('isnan(x)', ['x'], 'int64')).toMatchObject({ constants: [0], code: [] });
    expect(lowered('isfinite(x)', ['x'], 'int64')).toMatchObject({ constants: [1], code: [] });
    expect(lowered('floor(x)', ['x'], 'int64')).toMatchObject({ outputs: [0], code: [] });
    expect(names(lowered('x ** 2 + bit_and(x, 3)', ['x'], 'int64'))).toEqual(['bit_and', 'fma']);
  });

  it('refuses what the compute type lacks', () => {
    expect(() => lowered('x / 2', ['x'], 'int64')).toThrow('div is not defined in int64');
    expect(() => lowered('bit_and(x, 1)', ['x'], 'float32')).toThrow('bit_and is not defined in float32');
    expect(() => lowered('x + 0.5', ['x'], 'int64')).toThrow('0.5 is not an integer');
    expect(() => lowered('x + y', ['x'])).toThrow("'y' is neither a tensor nor a scalar");
  });
});
