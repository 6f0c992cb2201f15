/** Sums, means, extremes and their places: of all elements, or along axes. */
import { bool, type DType, float32, int64 } from '../../core/dtypes.js';
import { ValueError } from '../../core/errors.js';
import { tensor } from '../../ops/from_data.js';
import { axesOf, folded, leftOf, sums, type Values, valuesOf } from './array_sums.js';
import { floatOf } from './array_types.js';
import { type ArrayData, asarray } from './making_arrays.js';
import { NDArray } from './ndarray.js';

export interface AxisOptions {
  axis?: number | readonly number[] | null;
  keepdims?: boolean;
}
export interface SpreadOptions extends AxisOptions {
  /** Taken from the count. */
  ddof?: number;
}

type Reduce = (values: Values, axes: number[]) => Float64Array;

function reduced(
  own: NDArray,
  { axis, keepdims = false }: AxisOptions,
  dtype: DType,
  reduce: Reduce,
): NDArray {
  const axes = axesOf(axis, own.ndim);
  const { shape } = own;
  const data = reduce({ shape, data: valuesOf(own.tensor), isSingle: dtype === float32 }, axes);
  return new NDArray(
    tensor(data)
      .to(dtype)
      .reshape(leftOf(shape, axes, keepdims)),
  );
}

const countOf = (shape: readonly number[], axes: readonly number[]): number =>
  axes.reduce((count, axis) => count * shape[axis], 1);

const divided = (data: Float64Array, by: number, isSingle: boolean): Float64Array =>
  data.map((value) => (isSingle ? Math.fround(value / by) : value / by));

const totalType = (dtype: DType): DType => (dtype.isFloatingPoint ? dtype : int64);

export function sum(a: ArrayData, options: AxisOptions = {}): NDArray {
  const own = asarray(a);
  return reduced(own, options, totalType(own.tensor.dtype), sums);
}

export function mean(a: ArrayData, options: AxisOptions = {}): NDArray {
  const own = asarray(a);
  return reduced(own, options, floatOf(own.tensor.dtype), (values, axes) =>
    divided(sums(values, axes), countOf(values.shape, axes), values.isSingle),
  );
}

/** The mean square distance from the mean. `var` is a word of JavaScript's. */
export function variance(a: ArrayData, options: SpreadOptions = {}): NDArray {
  const given = asarray(a);
  const own = new NDArray(given.tensor.to(floatOf(given.tensor.dtype)));
  const axes = axesOf(options.axis, own.ndim);
  const distance = own.sub(mean(own, { axis: axes, keepdims: true }));
  return reduced(distance.mul(distance), options, own.tensor.dtype, (values, along) =>
    divided(
      sums(values, along),
      Math.max(countOf(values.shape, along) - (options.ddof ?? 0), 0),
      values.isSingle,
    ),
  );
}

export const std = (a: ArrayData, options: SpreadOptions = {}): NDArray =>
  new NDArray(variance(a, options).tensor.sqrt());

export function prod(a: ArrayData, options: AxisOptions = {}): NDArray {
  const own = asarray(a);
  const round = own.tensor.dtype === float32 ? Math.fround : Number;
  return reduced(own, options, totalType(own.tensor.dtype), (values, axes) =>
    folded(values, axes, 1, (all, value) => round(all * value)),
  );
}

/** @throws ValueError if there is no element */
export const max = (a: ArrayData, options: AxisOptions = {}): NDArray =>
  extreme(a, options, 'maximum', Math.max);

/** @throws ValueError if there is no element */
export const min = (a: ArrayData, options: AxisOptions = {}): NDArray =>
  extreme(a, options, 'minimum', Math.min);

function extreme(
  a: ArrayData,
  options: AxisOptions,
  name: string,
  choose: (all: number, value: number) => number,
): NDArray {
  const own = asarray(a);
  if (own.size === 0)
    throw new ValueError(`zero-size array to reduction operation ${name} which has no identity`);
  return reduced(own, options, own.tensor.dtype, (values, axes) => folded(values, axes, null, choose));
}

export const any = (a: ArrayData, options: AxisOptions = {}): NDArray =>
  reduced(asarray(a), options, bool, (values, axes) =>
    folded(values, axes, 0, (all, value) => Number(all !== 0 || value !== 0)),
  );

export const all = (a: ArrayData, options: AxisOptions = {}): NDArray =>
  reduced(asarray(a), options, bool, (values, axes) =>
    folded(values, axes, 1, (every, value) => Number(every !== 0 && value !== 0)),
  );

/** Where the largest element is: of all of them in C's order, or along an axis. */
export const argmax = (a: ArrayData, options: { axis?: number | null } = {}): NDArray =>
  placed(a, options, 'argmax');

/** Where the smallest element is. */
export const argmin = (a: ArrayData, options: { axis?: number | null } = {}): NDArray =>
  placed(a, options, 'argmin');

function placed(a: ArrayData, { axis = null }: { axis?: number | null }, by: 'argmax' | 'argmin'): NDArray {
  const { tensor: given } = asarray(a);
  const own = given.dtype === bool ? given.to(int64) : given;
  return new NDArray(axis === null ? own[by]() : own[by](axis));
}

/** Sums up to each element, of all of them in C's order if no axis is named. */
export function cumsum(a: ArrayData, { axis = null }: { axis?: number | null } = {}): NDArray {
  const own = axis === null ? asarray(a).ravel() : asarray(a);
  return new NDArray(own.tensor.to(totalType(own.tensor.dtype)).cumsum(axis ?? 0));
}

export const cumprod = (a: ArrayData, { axis = null }: { axis?: number | null } = {}): NDArray => {
  const own = axis === null ? asarray(a).ravel() : asarray(a);
  return new NDArray(own.tensor.to(totalType(own.tensor.dtype)).cumprod(axis ?? 0));
};

/** The middle of the sorted elements, or the mean of the two in the middle. */
export const median = (a: ArrayData): NDArray => quantile(a, 0.5);

/** The element at a part of the sorted ones, between two on the line through both. */
export function quantile(a: ArrayData, part: number): NDArray {
  const own = asarray(a);
  const sorted = Array.from(valuesOf(own.tensor)).sort((x, y) => x - y);
  const at = part * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  const t = at - Math.floor(at);
  const value = t >= 0.5 ? high - (high - low) * (1 - t) : low + (high - low) * t;
  return new NDArray(tensor(Float64Array.of(value)).to(floatOf(own.tensor.dtype)).reshape([]));
}

export const percentile = (a: ArrayData, percent: number): NDArray => quantile(a, percent / 100);
