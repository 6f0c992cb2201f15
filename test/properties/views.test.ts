import { deepStrictEqual } from 'node:assert';
import { describe, expect, it } from 'vitest';
import * as torch from '../../src/index.js';
import { type Draw, integer, onceIn, oneOf, timeout, tryMany } from './property.js';
import { addressed, layout, numelOf, World } from './world.js';

/**
 * A view as plain numbers: its sizes and, in row-major order, where in memory each element lies. What an op does to it is said in
 * terms of coordinates, without strides.
 */
interface Model {
  readonly shape: readonly number[];
  readonly at: readonly number[];
}

/** The view of these sizes whose element at `c` is the one that `from` names in the old view. */
function rearranged(
  old: Model,
  shape: readonly number[],
  from: (c: readonly number[]) => readonly number[],
): Model {
  const at: number[] = [];
  const visit = (c: readonly number[]): void => {
    if (c.length === shape.length) {
      const source = from(c);
      at.push(old.at[source.reduce((sum, i, d) => sum * old.shape[d] + i, 0)]);
    } else for (let i = 0; i < shape[c.length]; i++) visit([...c, i]);
  };
  visit([]);
  return { shape, at };
}

const without = <T>(list: readonly T[], ...places: number[]): T[] =>
  list.filter((_, i) => !places.includes(i));
const inserted = <T>(list: readonly T[], at: number, value: T): T[] => [
  ...list.slice(0, at),
  value,
  ...list.slice(at),
];
const replaced = <T>(list: readonly T[], at: number, value: T): T[] =>
  list.map((x, i) => (i === at ? value : x));

type Step = readonly [view: torch.Tensor, model: Model];

/** Python's slice of a list of this length. */
function sliced(length: number, start: number, end: number, step: number): number[] {
  const clip = (x: number) => Math.min(Math.max(x < 0 ? x + length : x, 0), length);
  return Array.from({ length }, (_, i) => i).filter(
    (i) => i >= clip(start) && i < clip(end) && (i - clip(start)) % step === 0,
  );
}

/** View ops, each with its meaning. Arguments that do not fit are the business of other tests. */
const steps: Readonly<Record<string, (draw: Draw, t: torch.Tensor, m: Model) => Step | null>> = {
  slice(draw, t, m) {
    if (m.shape.length === 0) return null;
    const d = integer(draw, 0, m.shape.length - 1);
    const [start, end, step] = [integer(draw, -6, 6), integer(draw, -6, 6), integer(draw, 1, 3)];
    const kept = sliced(m.shape[d], start, end, step);
    return [
      t.slice(d - (onceIn(draw, 2) ? m.shape.length : 0), start, end, step),
      rearranged(m, replaced(m.shape, d, kept.length), (c) => replaced(c, d, kept[c[d]])),
    ];
  },
  index(draw, t, m) {
    const parts = m.shape.map((length): [torch.Index, readonly number[] | number] => {
      const [start, end, step] = [integer(draw, -5, 5), integer(draw, -5, 5), integer(draw, 1, 2)];
      if (length > 0 && onceIn(draw, 3)) {
        const i = integer(draw, -length, length - 1);
        return [i, (i + length) % length];
      }
      return [`${start}:${end}:${step}`, sliced(length, start, end, step)];
    });
    const kept = parts.flatMap(([, k]) => (typeof k === 'number' ? [] : [k]));
    return [
      t.index(...parts.map(([i]) => i)),
      rearranged(
        m,
        kept.map((k) => k.length),
        (c) => {
          const rest = [...c];
          return parts.map(([, k]) => (typeof k === 'number' ? k : k[rest.shift()!]));
        },
      ),
    ];
  },
  select(draw, t, m) {
    const d = m.shape.findIndex((n) => n > 0);
    if (d < 0) return null;
    const i = integer(draw, -m.shape[d], m.shape[d] - 1);
    const at = (i + m.shape[d]) % m.shape[d];
    return [t.select(d, i), rearranged(m, without(m.shape, d), (c) => inserted(c, d, at))];
  },
  narrow(draw, t, m) {
    if (m.shape.length === 0) return null;
    const d = integer(draw, 0, m.shape.length - 1);
    const start = integer(draw, 0, m.shape[d]);
    const length = integer(draw, 0, m.shape[d] - start);
    return [
      t.narrow(d, start, length),
      rearranged(m, replaced(m.shape, d, length), (c) => replaced(c, d, c[d] + start)),
    ];
  },
  permute(draw, t, m) {
    const order = m.shape.map((_, d) => d);
    for (let i = order.length - 1; i > 0; i--) {
      const j = integer(draw, 0, i);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return [
      t.permute(order),
      rearranged(
        m,
        order.map((d) => m.shape[d]),
        (c) => m.shape.map((_, d) => c[order.indexOf(d)]),
      ),
    ];
  },
  unsqueeze(draw, t, m) {
    if (m.shape.length > 5) return null;
    const d = integer(draw, 0, m.shape.length);
    return [t.unsqueeze(d), rearranged(m, inserted(m.shape, d, 1), (c) => without(c, d))];
  },
  squeeze(_, t, m) {
    const ones = m.shape.flatMap((n, d) => (n === 1 ? [d] : []));
    return [
      t.squeeze(),
      rearranged(m, without(m.shape, ...ones), (c) => {
        const rest = [...c];
        return m.shape.map((n) => (n === 1 ? 0 : rest.shift()!));
      }),
    ];
  },
  expand(draw, t, m) {
    if (m.shape.length > 4) return null;
    const shape = m.shape.map((n) => (n === 1 ? integer(draw, 0, 3) : n));
    const lead = onceIn(draw, 3) ? [integer(draw, 1, 2)] : [];
    return [
      t.expand([...lead, ...shape]),
      rearranged(m, [...lead, ...shape], (c) =>
        c.slice(lead.length).map((i, d) => (m.shape[d] === 1 ? 0 : i)),
      ),
    ];
  },
  diagonal(draw, t, m) {
    if (m.shape.length < 2) return null;
    const a = integer(draw, 0, m.shape.length - 1);
    const b = (a + integer(draw, 1, m.shape.length - 1)) % m.shape.length;
    const offset = integer(draw, -3, 3);
    const [down, right] = [Math.max(-offset, 0), Math.max(offset, 0)];
    const length = Math.max(0, Math.min(m.shape[a] - down, m.shape[b] - right));
    return [
      t.diagonal(offset, a, b),
      rearranged(m, [...without(m.shape, a, b), length], (c) => {
        const rest = c.slice(0, -1);
        const i = c[c.length - 1];
        return m.shape.map((_, d) => (d === a ? i + down : d === b ? i + right : rest.shift()!));
      }),
    ];
  },
  unfold(draw, t, m) {
    if (m.shape.length === 0 || m.shape.length > 4) return null;
    const d = integer(draw, 0, m.shape.length - 1);
    const size = integer(draw, 0, m.shape[d]);
    const step = integer(draw, 1, 3);
    const count = Math.floor((m.shape[d] - size) / step) + 1;
    return [
      t.unfold(d, size, step),
      rearranged(m, [...replaced(m.shape, d, count), size], (c) =>
        replaced(c.slice(0, -1), d, c[d] * step + c[c.length - 1]),
      ),
    ];
  },
  reshape(draw, t, m) {
    // Row-major order is what reshaping keeps, so the model keeps its list.
    const shape: number[] = [];
    let rest = m.at.length;
    if (rest === 0) return null;
    for (const divisor of [4, 3, 2, 1, 2]) {
      if (rest % divisor !== 0 || !onceIn(draw, 2)) continue;
      shape.push(divisor);
      rest /= divisor;
    }
    shape.push(rest);
    let view: torch.Tensor;
    try {
      view = t.view(shape);
    } catch (error) {
      if (error instanceof torch.RuntimeError && error.message.startsWith('view size is not compatible'))
        return null;
      throw error;
    }
    return [view, { shape, at: m.at }];
  },
  unflatten(_, t, m) {
    const d = m.shape.indexOf(4);
    if (d < 0) return null;
    return [
      t.unflatten(d, [2, -1]),
      { shape: [...m.shape.slice(0, d), 2, 2, ...m.shape.slice(d + 1)], at: m.at },
    ];
  },
};

/** A chain of views over memory in which every element holds its own position. */
function chain(draw: Draw): { world: World; memory: torch.Tensor; view: torch.Tensor; model: Model } {
  const shape = Array.from({ length: integer(draw, 0, 4) }, () => integer(draw, onceIn(draw, 8) ? 0 : 1, 4));
  const { strides, offset, length } = layout(draw, shape);
  const world = new World();
  let next = 0;
  const memory = world.memory(torch.int32, length, () => next++);
  world.tensors.push(memory);
  let view = memory.asStrided(shape, strides, offset);
  let model: Model = { shape, at: addressed(shape, strides, offset) };
  for (let n = integer(draw, 0, 5); n > 0; n--) {
    const name = oneOf(draw, Object.keys(steps));
    const made = steps[name](draw, view, model);
    if (made === null || made[1].at.length > 4000) continue;
    [view, model] = made;
  }
  return { world, memory, view, model };
}

describe('a chain of views', () => {
  it(
    'addresses what its meaning says, and nothing outside of its storage',
    () => {
      tryMany(600, (draw) => {
        const { memory, view, model } = chain(draw);
        deepStrictEqual([...view.shape], [...model.shape]);
        deepStrictEqual(addressed(view.shape, view.strides, view.offset), [...model.at]);
        for (const p of model.at)
          if (!(p >= 0 && p < memory.numel())) throw new Error(`position ${p} lies outside`);
        // The readers agree: kernels, nested lists and typed arrays.
        deepStrictEqual(Array.from(view.toArray() as Int32Array), [...model.at]);
        deepStrictEqual(Array.from(view.clone().toArray() as Int32Array), [...model.at]);
        deepStrictEqual([view.tolist()].flat(10), [...model.at]);
      });
    },
    timeout,
  );

  it(
    'is written where it is read, and nowhere else',
    () => {
      tryMany(600, (draw) => {
        const { world, memory, view, model } = chain(draw);
        const expected = Array.from(memory.toArray() as Int32Array);
        world.remember();
        const isRepeated = new Set(model.at).size !== model.at.length;
        const values = Array.from({ length: numelOf(model.shape) }, (_, i) => 1000 + i);
        try {
          const kind = oneOf(draw, ['fill', 'zero', 'copy', 'add', 'mul', 'masked']);
          if (kind === 'fill') view.fill_(7);
          else if (kind === 'zero') view.zero_();
          else if (kind === 'copy')
            view.copy_(torch.tensor(values, { dtype: torch.int64 }).view(model.shape));
          else if (kind === 'add') view.add_(5);
          else if (kind === 'mul') view.mul_(3);
          else view.maskedFill_(view.remainder(2).eq(0), -1);
          for (const [i, p] of model.at.entries()) {
            if (kind === 'fill') expected[p] = 7;
            if (kind === 'zero') expected[p] = 0;
            if (kind === 'copy') expected[p] = values[i];
            if (kind === 'add') expected[p] += 5;
            if (kind === 'mul') expected[p] *= 3;
            if (kind === 'masked' && expected[p] % 2 === 0) expected[p] = -1;
          }
        } catch (error) {
          expect(error).toBeInstanceOf(torch.RuntimeError);
          expect((error as Error).message).toMatch(
            /refer to a single memory location|refers to a single memory location/,
          );
          expect(isRepeated).toBe(true);
          world.checkUnchanged();
          return;
        }
        // Where elements overlap without a stride of 0 PyTorch goes ahead, in an order that it does not promise.
        if (!isRepeated) deepStrictEqual(Array.from(memory.toArray() as Int32Array), expected);
        world.checkUnchanged([memory]);
      });
    },
    timeout,
  );
});

describe('asStrided', () => {
  it(
    'makes a view that fits into its storage, or none',
    () => {
      tryMany(1000, (draw) => {
        const length = integer(draw, 0, 12);
        const memory = torch.arange(length);
        const ndim = integer(draw, 0, 3);
        const any = (low: number, high: number) =>
          onceIn(draw, 12) ? oneOf(draw, [-1, 2 ** 31, 2 ** 52, 2 ** 53 - 1]) : integer(draw, low, high);
        const size = Array.from({ length: ndim }, () => any(0, 4));
        const stride = Array.from({ length: onceIn(draw, 20) ? ndim + 1 : ndim }, () => any(0, 4));
        const offset = onceIn(draw, 2) ? any(0, 6) : null;
        const isEmpty = size.includes(0);
        const isSane =
          size.length === stride.length && [...size, ...stride, offset ?? 0].every((x) => x >= 0);
        const last = size.reduce((sum, n, d) => sum + (n - 1) * stride[d], offset ?? 0);
        const fits = isSane && (isEmpty || last < length);
        let view: torch.Tensor | null = null;
        try {
          view = memory.asStrided(size, stride, offset);
        } catch (error) {
          expect(error).toBeInstanceOf(torch.RuntimeError);
        }
        expect(view !== null).toBe(fits);
        if (view !== null && !isEmpty && numelOf(size) < 1000)
          deepStrictEqual([view.tolist()].flat(3), addressed(size, stride, offset ?? 0));
      });
    },
    timeout,
  );
});
