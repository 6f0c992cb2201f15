import { deepStrictEqual } from 'node:assert';
import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import { type Draw, integer, onceIn, oneOf, timeout, tryMany } from './property.js';
import { addressed, dtypes, numelOf, World } from './world.js';

const letters = 'buhsilHBfd';
const names = [
  'bool',
  'uint8',
  'int8',
  'int16',
  'int32',
  'int64',
  'float16',
  'bfloat16',
  'float32',
  'float64',
];
/** PyTorch's `promote_types`, by rows and columns in this order. */
const table = [
  'buhsilHBfd',
  'uussilHBfd',
  'hshsilHBfd',
  'ssssilHBfd',
  'iiiiilHBfd',
  'llllllHBfd',
  'HHHHHHHffd',
  'BBBBBBfBfd',
  'fffffffffd',
  'dddddddddd',
];
const together = (a: string, b: string): string =>
  names[letters.indexOf(table[names.indexOf(a)][names.indexOf(b)])];
const category = (name: string): number => (name === 'bool' ? 0 : names.indexOf(name) < 6 ? 1 : 2);

/** An operand: a dtype with dimensions, one without, or a number. */
interface Operand {
  readonly value: torch.Tensor | torch.Scalar;
  readonly dtype: string;
  readonly rank: 'dimensioned' | 'zero' | 'number';
  readonly shape: readonly number[];
  /** By coordinates, broadcast. */
  at(c: readonly number[]): number;
}

function operand(draw: Draw, world: World, shape: readonly number[]): Operand {
  if (onceIn(draw, 4)) {
    const [value, dtype] = oneOf<readonly [torch.Scalar, string]>(draw, [
      [2, 'int64'],
      [-1, 'int64'],
      [0.5, 'float32'],
      [true, 'bool'],
      [torch.pyfloat(2), 'float32'],
    ]);
    return { value, dtype, rank: 'number', shape: [], at: () => Number(value) };
  }
  const dtype = oneOf(draw, dtypes);
  const sizes = onceIn(draw, 5)
    ? []
    : shape.slice(integer(draw, 0, shape.length)).map((n) => (onceIn(draw, 3) ? 1 : n));
  // Small enough to be exact in any dtype, and not negative: uint8 and bool hold them all.
  const value = world.tensor(draw, sizes, dtype, () => integer(draw, 0, dtype === torch.bool ? 1 : 7));
  const values = [value.tolist()].flat(10).map(Number);
  return {
    value,
    dtype: dtype.name,
    rank: sizes.length === 0 ? 'zero' : 'dimensioned',
    shape: sizes,
    at(c) {
      const own = c.slice(c.length - sizes.length);
      return values[own.reduce((sum, i, d) => sum * sizes[d] + (sizes[d] === 1 ? 0 : i), 0)];
    },
  };
}

/** The dtype that operands promote to: a rank below counts only where its category is higher. */
function promoted(operands: readonly Operand[]): string {
  let result: string | null = null;
  for (const rank of ['dimensioned', 'zero', 'number'] as const) {
    const own = operands.filter((o) => o.rank === rank).map((o) => o.dtype);
    if (own.length === 0) continue;
    const common = own.reduce(together);
    if (result === null) result = common;
    else if (category(common) > category(result)) result = together(result, common);
  }
  return result!;
}

/** Sizes that broadcast, or null. */
function broadcast(a: readonly number[], b: readonly number[]): number[] | null {
  const result: number[] = [];
  for (let i = 1; i <= Math.max(a.length, b.length); i++) {
    const [x, y] = [a.at(-i) ?? 1, b.at(-i) ?? 1];
    if (x !== y && x !== 1 && y !== 1) return null;
    result.unshift(x === 1 ? y : x);
  }
  return result;
}

function* coordinates(shape: readonly number[]): Generator<number[]> {
  for (let i = 0; i < numelOf(shape); i++) {
    const c: number[] = [];
    let rest = i;
    for (const n of shape.toReversed()) {
      c.unshift(rest % n);
      rest = Math.floor(rest / n);
    }
    yield c;
  }
}

const operators = {
  add: (a: number, b: number) => a + b,
  mul: (a: number, b: number) => a * b,
  maximum: (a: number, b: number) => Math.max(a, b),
  eq: (a: number, b: number) => Number(a === b),
  lt: (a: number, b: number) => Number(a < b),
};

/** The value that a dtype makes of one that is exact in float64. */
function stored(value: number, dtype: string): number {
  if (dtype === 'bool') return Number(value !== 0);
  if (category(dtype) === 2) return value;
  // Integers have no -0.
  return dtype === 'uint8' ? value & 255 : value + 0;
}

describe('two operands', () => {
  it(
    'broadcast and promote by the rules, or are refused',
    () => {
      tryMany(800, (draw) => {
        const world = new World();
        const shape = Array.from({ length: integer(draw, 0, 3) }, () =>
          integer(draw, onceIn(draw, 8) ? 0 : 1, 3),
        );
        const other = onceIn(draw, 6) ? shape.map((n) => n + 1) : shape;
        const a = operand(draw, world, shape);
        const b = operand(draw, world, other);
        if (a.rank === 'number') return;
        const name = oneOf(draw, Object.keys(operators) as (keyof typeof operators)[]);
        const second =
          name === 'maximum' && !(b.value instanceof torch.Tensor) ? torch.tensor(b.value) : b.value;
        world.remember();
        const expected = broadcast(a.shape, b.shape);
        let result: torch.Tensor;
        try {
          const method = (a.value as torch.Tensor)[name] as (
            other: torch.Tensor | torch.Scalar,
          ) => torch.Tensor;
          result = method.call(a.value, second);
        } catch (error) {
          expect(error).toBeInstanceOf(torch.RuntimeError);
          expect((error as Error).message).toMatch(
            /^The size of tensor a \(\d+\) must match the size of tensor b/,
          );
          expect(expected).toBeNull();
          return;
        }
        world.checkUnchanged();
        deepStrictEqual([...result.shape], expected);
        const common = promoted([a, second === b.value ? b : { ...b, rank: 'zero' }]);
        const dtype = name === 'eq' || name === 'lt' ? 'bool' : common;
        expect(result.dtype.name).toBe(dtype);
        const values = [result.tolist()].flat(10).map(Number);
        // The number in the common dtype counts: uint8's -1 is 255.
        const model = [...coordinates(expected!)].map((c) =>
          stored(operators[name](stored(a.at(c), common), stored(b.at(c), common)), dtype),
        );
        deepStrictEqual(values, model);
      });
    },
    timeout,
  );
});

/** A dense view of the memory with sizes in some order of dimensions, or one with gaps. */
function viewOf(draw: Draw, memory: torch.Tensor, shape: readonly number[]): torch.Tensor {
  const order = shape.map((_, d) => d).reverse();
  if (onceIn(draw, 3)) order.reverse();
  const strides = new Array<number>(shape.length);
  let step = onceIn(draw, 3) ? 2 : 1;
  for (const d of order) {
    strides[d] = step;
    step *= shape[d];
  }
  return memory.asStrided(shape, strides, integer(draw, 0, 12));
}

describe('in-place ops on memory that is also read', () => {
  it(
    'are refused where PyTorch refuses them, and else read before they write',
    () => {
      tryMany(800, (draw) => {
        const memory = torch.arange(64);
        const shape = Array.from({ length: integer(draw, 1, 2) }, () => integer(draw, 1, 4));
        const out = viewOf(draw, memory, shape);
        const input = onceIn(draw, 4) ? out : viewOf(draw, memory, shape);
        const [to, from] = [out, input].map((v) => addressed(v.shape, v.strides, v.offset));
        const isDense = (at: readonly number[]) => Math.max(...at) - Math.min(...at) === at.length - 1;
        const isSame = String(to) === String(from);
        const crosses = Math.min(...to) <= Math.max(...from) && Math.min(...from) <= Math.max(...to);
        // PyTorch compares the strides themselves, those of dimensions of size 1 too.
        const isEqual = isSame && String(out.strides) === String(input.strides);
        const isRefused = isDense(to) && isDense(from) && crosses && !isEqual;
        const expected = Array.from(memory.toArray() as BigInt64Array, Number);
        const name = oneOf(draw, ['add_', 'copy_', 'mul_'] as const);
        const combine = {
          add_: (a: number, b: number) => a + b,
          copy_: (_: number, b: number) => b,
          mul_: (a: number, b: number) => a * b,
        }[name];
        const values = from.map((p) => p);
        for (const [i, p] of to.entries()) expected[p] = combine(p, values[i]);
        const { version } = memory.storage;
        let refused = false;
        try {
          (out[name] as (other: torch.Tensor) => torch.Tensor).call(out, input);
        } catch (error) {
          refused = true;
          expect((error as Error).message).toMatch(
            /^unsupported operation: some elements of the input tensor/,
          );
          expect(memory.storage.version).toBe(version);
          deepStrictEqual(memory.tolist(), torch.arange(64).tolist());
        }
        expect(refused).toBe(isRefused);
        // Gaps that overlap in part: PyTorch goes on in an order that depends on its vectors.
        const isPlain = isSame || !to.some((p) => from.includes(p));
        const after = memory.tolist() as number[];
        if (!refused && isPlain) deepStrictEqual(after, expected);
        if (!refused) for (let p = 0; p < 64; p++) if (!to.includes(p)) expect(after[p]).toBe(p);
      });
    },
    timeout,
  );

  it(
    'never take an index from what they write',
    () => {
      tryMany(300, (draw) => {
        // One memory, seen by two tensors that may not know of each other.
        const array = BigInt64Array.from({ length: 12 }, () => BigInt(integer(draw, 0, 3)));
        const self = torch.fromNumpy(array).asStrided([4], [integer(draw, 1, 2)], integer(draw, 0, 4));
        const kind = oneOf(draw, ['same', 'data', 'wrapped']);
        const base = kind === 'same' ? self : kind === 'data' ? self.data : torch.fromNumpy(array);
        const index = base.asStrided([4], [integer(draw, 1, 2)], integer(draw, 0, 4));
        const before = index.tolist() as number[];
        const values = torch.tensor([1000, 2 ** 40, -7, 5]);
        const call = oneOf<() => unknown>(draw, [
          () => self.scatter_(0, index, values),
          () => self.scatter_(0, index, 2 ** 40),
          () => self.indexCopy_(0, index, values),
          () => self.indexAdd_(0, index, values),
          () => self.indexFill_(0, index, -1000),
          () => self.put_(index, values),
          () => self.indexPut_([index], values),
          () => self.scatterReduce_(0, index, values, 'amax'),
          () => self.indexPut_([index], values, true),
        ]);
        const own = new Set(addressed(self.shape, self.strides, self.offset));
        const copy = array.slice();
        try {
          call();
        } catch (error) {
          expect((error as Error).message).toMatch(
            /^unsupported operation: some elements of the input tensor/,
          );
          deepStrictEqual([...array], [...copy]);
          return;
        }
        // The values lie where the index said before anything was written.
        const places = before.map((i) => self.offset + i * self.strides[0]);
        for (const [p, value] of array.entries())
          if (value !== copy[p]) expect(own.has(p) && places.includes(p)).toBe(true);
      });
    },
    timeout,
  );
});
