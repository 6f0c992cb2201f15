import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { camelCase } from '../src/core/camel_case.js';
import { allOps, functionsOf } from '../src/dispatch/registry.js';
import type { PointwiseRow } from '../src/dispatch/row.js';
import { parseSchema } from '../src/dispatch/schema.js';
import { differentiate, freeNames, parseExpression } from '../src/expression/index.js';
import * as torch from '../src/index.js';

type Value = number | boolean | 'nan' | 'inf' | '-inf' | '-0';

interface Golden {
  readonly float32: Value[][];
  readonly int64: Value[][];
  readonly bool: Value[][];
  readonly cases: {
    readonly fn: string;
    readonly dtype: 'float32' | 'int64' | 'bool';
    readonly result?: string;
    readonly values?: Value[];
    readonly error?: string;
    readonly message?: string;
  }[];
}

const numberOf = (v: Value): number =>
  Number(
    v === 'nan'
      ? Number.NaN
      : String(v).replace('inf', 'Infinity').replace('true', '1').replace('false', '0'),
  );

/** Results of PyTorch 2.13 for a few values of each dtype, special ones among them. */
const golden = JSON.parse(
  readFileSync(new URL('golden/pointwise.json.golden', import.meta.url), 'utf8'),
) as Golden;

function functionAt(path: string): (...args: unknown[]) => torch.Tensor {
  const parts = path.split('.');
  const last = camelCase(parts.pop()!);
  return functionsOf(parts.join('.'))[last] as (...args: unknown[]) => torch.Tensor;
}

/** The functions whose first two operands are tensors. */
const isBinary = (path: string): boolean => {
  const [module, last] = [path.split('.').slice(0, -1).join('.'), path.split('.').at(-1)!];
  return (
    module === '' &&
    allOps().some(
      (o) =>
        o.schema.name === last &&
        o.schema.parameters[1]?.type.startsWith('Tensor') &&
        o.schema.required === 2,
    )
  );
};

const dtypes = { float32: torch.float32, int64: torch.int64, bool: torch.bool };

describe('PyTorch', () => {
  it.each(golden.cases.map((c) => [c.fn, c.dtype, c] as const))('agrees on %s of %s', (fn, name, c) => {
    const dtype = dtypes[name];
    const operands = golden[name]
      .slice(0, isBinary(fn) ? 2 : 1)
      .map((list) => torch.tensor(list.map(numberOf), { dtype }));
    if (c.message !== undefined) {
      expect(() => functionAt(fn)(...operands)).toThrow(c.message);
      return;
    }
    const result = functionAt(fn)(...operands);
    expect(String(result.dtype)).toBe(`torch.${c.result}`);
    const got = [...result.toArray()].map(Number);
    for (const [i, expected] of c.values!.map(numberOf).entries()) {
      if (Number.isFinite(expected))
        expect(Math.abs(got[i] - expected)).toBeLessThanOrEqual(
          (c.result === 'float32' ? 1e-7 : 0) + 2e-6 * Math.abs(expected),
        );
      else expect(got[i]).toBe(expected);
    }
  });
});

describe('gradients', () => {
  it('uses PyTorch’s conventions where there is no derivative', () => {
    const slope = (f: (x: torch.Tensor) => torch.Tensor, x: number): number => {
      const t = torch.tensor([x], { dtype: torch.float64 }).requiresGrad_();
      f(t).sum().backward();
      return t.grad!.item();
    };
    expect(slope((x) => x.relu(), 0)).toBe(0);
    expect(slope((x) => x.abs(), 0)).toBe(0);
    expect(slope((x) => x.clamp(-1, 1), 1)).toBe(1);
    expect(slope((x) => x.clamp(-1, 1), Number.NaN)).toBe(0);
    expect(slope((x) => x.maximum(torch.zeros([1], { dtype: torch.float64 })), 0)).toBe(0.5);
    expect(slope((x) => x.floor(), 1.5)).toBe(0);
    expect(slope((x) => x.pow(0), 0)).toBe(0);
    expect(slope((x) => x.pow(2), 3)).toBe(6);
    expect(slope((x) => torch.where(x.gt(0), x.log(), 0), 0)).toBeNaN();
    expect(slope((x) => x.fmod(2), 5)).toBe(1);
  });

  it('refuses where PyTorch does', () => {
    const x = torch.tensor([1.5]).requiresGrad_();
    expect(() => x.floorDivide(2).sum().backward()).toThrow(
      'derivative for aten::floor_divide is not implemented',
    );
  });
});

describe('rows', () => {
  it('mention their own parameters only', () => {
    for (const o of allOps()) {
      const row = o.row as PointwiseRow;
      if (typeof row.pointwise !== 'string' || row.pointwise === '') continue;
      const names = parseSchema(o.schema.source).parameters.map((p) => p.name);
      const e = parseExpression(row.pointwise);
      expect(names, o.schema.source).toEqual(expect.arrayContaining(freeNames(e)));
      for (const [by, text] of Object.entries(row.derivative || {})) {
        expect(names).toContain(by);
        if (typeof text === 'string')
          expect([...names, 'grad', 'result'], o.schema.source).toEqual(
            expect.arrayContaining(freeNames(parseExpression(text))),
          );
      }
      const given: Readonly<Record<string, unknown>> = row.derivative || {};
      for (const name of names) if (given[name] !== false) differentiate(e, name);
    }
  });
});

describe('arguments', () => {
  const x = torch.tensor([1.5, -2.5]);
  const i = torch.tensor([3, -4]);
  const b = torch.tensor([true, false]);

  it.each([
    [() => b.sub(b), 'with two bool tensors is not supported'],
    [() => b.sub(1), 'with a bool tensor is not supported'],
    [() => b.neg(), 'Negation, the `-` operator, on a bool tensor is not supported.'],
    [
      () => i.add(i, { alpha: 1.5 }),
      'For integral input tensors, argument alpha must not be a floating point number.',
    ],
    [() => x.add(x, { alpha: true }), 'Boolean alpha only supported for Boolean results.'],
    // @ts-expect-error no such mode
    [() => torch.div(i, 2, { roundingMode: 'foo' }), "found 'foo'"],
    [() => i.pow(-1), 'Integers to negative integer powers are not allowed.'],
    [() => x.clamp(), "At least one of 'min' or 'max' must not be None"],
    [() => x.lerp(x.double(), 0.5), 'expected dtype float for `end` but got dtype double'],
    [() => i.addcdiv(i, i), 'Integer division with addcdiv is no longer supported'],
    [() => x.bitwiseAnd(x), `"bitwise_and_cpu" not implemented for 'Float'`],
    [() => x.isclose(i), 'Float did not match Long'],
    [() => x.heaviside(i), 'heaviside is not yet implemented for tensors with different dtypes.'],
    [
      () => torch.where(i, x, x),
      'where expected condition to be a boolean tensor, but got a tensor with dtype Long',
    ],
    [() => i.round({ decimals: 1 }), `"round_cpu" not implemented for 'Long'`],
    [() => i.sqrt_(), "result type Float can't be cast to the desired output type Long"],
    [() => i.div(0, { roundingMode: 'floor' }), 'ZeroDivisionError'],
    [
      () =>
        torch
          .ones([3, 2000])
          .long()
          .remainder(torch.tensor([[1], [2], [0]])),
      'ZeroDivisionError',
    ],
    [
      () =>
        torch
          .ones([2, 3])
          .long()
          .fmod(
            torch
              .tensor([
                [1, 2],
                [3, 0],
                [5, 6],
              ])
              .t(),
          ),
      'ZeroDivisionError',
    ],
    [
      () => x.reshape([...Array<number>(64).fill(1), 2]).exp(),
      'only tensors with up to 64 dims are supported',
    ],
  ])('are refused in PyTorch’s words (%#)', (f, message) => {
    expect(f).toThrow(message);
  });

  it('promote as PyTorch', () => {
    expect(i.add(x).dtype).toBe(torch.float32);
    expect(i.add(2.5).dtype).toBe(torch.float32);
    expect(i.mul(2).dtype).toBe(torch.int64);
    expect(i.div(2).dtype).toBe(torch.float32);
    expect(b.add(1).dtype).toBe(torch.int64);
    expect(x.double().add(x).dtype).toBe(torch.float64);
    expect(x.add(torch.tensor(1, { dtype: torch.float64 })).dtype).toBe(torch.float32);
    expect(torch.where(b, 1, 2).dtype).toBe(torch.int64);
    expect(torch.where(b, i, 2.5).dtype).toBe(torch.float32);
    expect(i.floatPower(2).dtype).toBe(torch.float64);
    expect(torch.pow(2, i).tolist()).toEqual([8, 0]);
    expect(torch.bitwiseNot(b).tolist()).toEqual([false, true]);
    expect(i.clampMin(1.5).tolist()).toEqual([3, 1.5]);
  });
});

describe('operands that are broadcast in short rows', () => {
  // Longer than a block of the engine, so that blocks begin and end within rows and repetitions.
  it.each([
    [
      [7, 1, 5],
      [1, 300, 5],
    ],
    [
      [300, 3, 1, 5],
      [3, 4, 1],
    ],
    [
      [1, 1, 2, 3],
      [900, 2, 2, 1],
    ],
    [[2000, 1], [3]],
  ])('count as their copies: %j and %j', (first, second) => {
    for (const dtype of [torch.float32, torch.float64, torch.int64, torch.uint8]) {
      const numbered = (shape: number[]) =>
        torch
          .arange(shape.reduce((a, b) => a * b))
          .reshape(shape)
          .remainder(101)
          .to(dtype);
      const [a, b] = [numbered(first), numbered(second)];
      const [wholeA, wholeB] = torch.broadcastTensors([a, b]).map((t) => t.contiguous());
      expect(torch.equal(a.sub(b), wholeA.sub(wholeB))).toBe(true);
      // Read across, neither's rows lie as the result's do.
      const [across, down] = [a, b].map((t) => t.expand(wholeA.shape).transpose(-1, -2));
      expect(torch.equal(across.sub(down), wholeA.sub(wholeB).transpose(-1, -2))).toBe(true);
    }
  });
});
