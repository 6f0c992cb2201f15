/** Sums and what is made of them, in NumPy's order of additions: pairs of halves along what is contiguous, one after the other otherwise. */
import { denseCopy } from '../../core/elements.js';

/** Values of an array in C's order. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: Float64Array;
  /** Whether each result is rounded to float32. */
  readonly isSingle: boolean;
}

/** The numbers of a tensor as doubles. */
export function valuesOf(view: Parameters<typeof denseCopy>[0]): Float64Array {
  const own = denseCopy(view);
  return own instanceof Float64Array ? own : Float64Array.from(own as ArrayLike<number | bigint>, Number);
}

const plain = (value: number): number => value;

/** The sum of `count` numbers by halves, eight at a time in blocks of 128. */
function pairs(data: Float64Array, from: number, count: number, round: (value: number) => number): number {
  if (count < 8) {
    let sum = -0;
    for (let i = 0; i < count; i++) sum = round(sum + data[from + i]);
    return sum;
  }
  if (count <= 128) {
    const r = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => data[from + i]);
    let i = 8;
    for (; i < count - (count % 8); i += 8)
      for (let j = 0; j < 8; j++) r[j] = round(r[j] + data[from + i + j]);
    const [a, b, c, d] = [0, 2, 4, 6].map((j) => round(r[j] + r[j + 1]));
    let sum = round(round(a + b) + round(c + d));
    for (; i < count; i++) sum = round(sum + data[from + i]);
    return sum;
  }
  const half = Math.floor(count / 2) - (Math.floor(count / 2) % 8);
  return round(pairs(data, from, half, round) + pairs(data, from + half, count - half, round));
}

/** Axes from 0 on; all of them where none is named. @throws RangeError for one that there is not */
export function axesOf(axis: number | readonly number[] | null | undefined, rank: number): number[] {
  const list =
    axis === null || axis === undefined ? Array.from({ length: rank }, (_, i) => i) : [axis].flat();
  return list.map((one) => {
    if (!(one >= -rank && one < rank))
      throw new RangeError(`axis ${one} is out of bounds for array of dimension ${rank}`);
    return one < 0 ? one + rank : one;
  });
}

/** The sizes that are left. */
export const leftOf = (shape: readonly number[], axes: readonly number[], keeps: boolean): number[] =>
  shape.flatMap((size, i) => (!axes.includes(i) ? [size] : keeps ? [1] : []));

/** For each result the places of what goes into it, in order. */
export function groups(shape: readonly number[], axes: readonly number[]): Int32Array {
  const kept = shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const targets = new Int32Array(shape.reduce((a, b) => a * b, 1));
  const strides = new Array<number>(shape.length).fill(0);
  let stride = 1;
  for (const i of kept.toReversed()) {
    strides[i] = stride;
    stride *= shape[i];
  }
  const index = new Array<number>(shape.length).fill(0);
  let target = 0;
  for (let place = 0; place < targets.length; place++) {
    targets[place] = target;
    for (let d = shape.length - 1; d >= 0; d--) {
      target += strides[d];
      if (++index[d] < shape[d]) break;
      target -= shape[d] * strides[d];
      index[d] = 0;
    }
  }
  return targets;
}

/** Sums along axes. */
export function sums({ shape, data, isSingle }: Values, axes: readonly number[]): Float64Array {
  const round = isSingle ? Math.fround : plain;
  const count = shape.flatMap((size, i) => (axes.includes(i) ? [] : [size])).reduce((a, b) => a * b, 1);
  const found = new Float64Array(count);
  // The last axes, as many as are summed together, are one run.
  let run = 1;
  for (let i = shape.length - 1; i >= 0 && axes.includes(i); i--) run *= shape[i];
  const targets = groups(shape, axes);
  for (let at = 0; at < data.length; at += run) {
    const target = targets[at];
    found[target] = round(found[target] + (run === 1 ? data[at] : pairs(data, at, run, round)));
  }
  return found;
}

/** Combines what goes into each result, one after the other. */
export function folded(
  { shape, data }: Values,
  axes: readonly number[],
  start: number | null,
  combine: (all: number, value: number) => number,
): Float64Array {
  const targets = groups(shape, axes);
  const count = leftOf(shape, axes, false).reduce((a, b) => a * b, 1);
  const found = new Float64Array(count).fill(start ?? 0);
  const isBegun = new Uint8Array(count);
  for (let at = 0; at < data.length; at++) {
    const target = targets[at];
    found[target] = start === null && isBegun[target] === 0 ? data[at] : combine(found[target], data[at]);
    isBegun[target] = 1;
  }
  return found;
}
