/** Arrays of parts of others: joined, sorted, chosen and found. */
import { bool, float64, int64 } from '../../core/dtypes.js';
import { ValueError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { tensor } from '../../ops/from_data.js';
import { valuesOf } from './array_sums.js';
import { promoted } from './array_types.js';
import { type ArrayData, asarray } from './making_arrays.js';
import { NDArray } from './ndarray.js';

interface Axis {
  axis?: number;
}

function alike(arrays: Iterable<ArrayData>): NDArray[] {
  const own = [...arrays].map((one) => asarray(one));
  if (own.length === 0) throw new ValueError('need at least one array to concatenate');
  const dtype = own.map((one) => one.tensor.dtype).reduce(promoted);
  return own.map((one) => new NDArray(one.tensor.to(dtype)));
}

/** Joins arrays along an axis that they have; `null` joins all of their elements. */
export function concatenate(
  arrays: Iterable<ArrayData>,
  { axis = 0 }: { axis?: number | null } = {},
): NDArray {
  const own = alike(arrays).map((one) => (axis === null ? one.ravel() : one));
  return new NDArray(
    ops.cat(
      own.map((one) => one.tensor),
      axis ?? 0,
    ),
  );
}

/** Joins arrays along a new axis. */
export const stack = (arrays: Iterable<ArrayData>, { axis = 0 }: Axis = {}): NDArray =>
  new NDArray(
    ops.stack(
      alike(arrays).map((one) => one.tensor),
      axis,
    ),
  );

export const vstack = (arrays: Iterable<ArrayData>): NDArray =>
  new NDArray(ops.vstack(alike(arrays).map((one) => one.tensor)));
export const hstack = (arrays: Iterable<ArrayData>): NDArray =>
  new NDArray(ops.hstack(alike(arrays).map((one) => one.tensor)));
export const columnStack = (arrays: Iterable<ArrayData>): NDArray =>
  new NDArray(ops.columnStack(alike(arrays).map((one) => one.tensor)));

export const expandDims = (a: ArrayData, axis: number): NDArray =>
  new NDArray(asarray(a).tensor.unsqueeze(axis));
export const squeeze = (a: ArrayData, axis?: number): NDArray => asarray(a).squeeze(axis);
export const reshape = (a: ArrayData, shape: number | readonly number[]): NDArray =>
  asarray(a).reshape(shape);
export const transpose = (a: ArrayData, axes: readonly number[] = []): NDArray => asarray(a).transpose(axes);
export const ravel = (a: ArrayData): NDArray => asarray(a).ravel();
export const moveaxis = (a: ArrayData, from: number, to: number): NDArray =>
  new NDArray(asarray(a).tensor.movedim(from, to));
export const flip = (a: ArrayData, { axis }: Axis = {}): NDArray => {
  const own = asarray(a);
  return new NDArray(own.tensor.flip(axis === undefined ? own.shape.map((_, i) => i) : [axis]));
};
export const roll = (a: ArrayData, shift: number, { axis }: Axis = {}): NDArray => {
  const own = asarray(a);
  return new NDArray(axis === undefined ? own.tensor.roll(shift) : own.tensor.roll(shift, axis));
};
export const tile = (a: ArrayData, repeats: number | readonly number[]): NDArray =>
  new NDArray(asarray(a).tensor.tile([repeats].flat() as number[]));
export const repeat = (a: ArrayData, count: number, { axis }: Axis = {}): NDArray => {
  const own = asarray(a);
  return new NDArray(
    axis === undefined
      ? own.tensor.repeatInterleave(count)
      : own.tensor.repeatInterleave(count, { dim: axis }),
  );
};
/** Differences of neighbours along the last axis. */
export const diff = (a: ArrayData): NDArray => new NDArray(asarray(a).tensor.diff());
/** Parts of one size along an axis. @throws ValueError if the sizes do not fit */
export function split(a: ArrayData, parts: number, { axis = 0 }: Axis = {}): NDArray[] {
  const own = asarray(a);
  if (own.shape.at(axis)! % parts !== 0)
    throw new ValueError('array split does not result in an equal division');
  return own.tensor.tensorSplit(parts, axis).map((one) => new NDArray(one));
}

export const sort = (a: ArrayData, { axis = -1 }: Axis = {}): NDArray =>
  new NDArray(asarray(a).tensor.sort({ dim: axis, stable: true })[0]);
export const argsort = (a: ArrayData, { axis = -1 }: Axis = {}): NDArray =>
  new NDArray(asarray(a).tensor.argsort({ dim: axis, stable: true }));

/** `where(condition, a, b)`: elements of one or the other. */
export function where(condition: ArrayData, a: ArrayData, b: ArrayData): NDArray {
  const { tensor: test } = asarray(condition);
  // A number of Python's takes the other's type.
  const [x, y] = typeof a === 'number' && b instanceof NDArray ? [b.mul(0).add(a), b] : [asarray(a), b];
  const other = typeof y === 'number' ? x.mul(0).add(y) : asarray(y);
  const dtype = promoted(x.tensor.dtype, other.tensor.dtype);
  return new NDArray(ops.where(test.to(bool), x.tensor.to(dtype), other.tensor.to(dtype)));
}

/** For each axis the places of elements that are not 0: `np.where(condition)`. */
export const nonzero = (a: ArrayData): NDArray[] =>
  asarray(a)
    .tensor.nonzero()
    .unbind(1)
    .map((one) => new NDArray(one));
/** The places of elements that are not 0, one in a row. */
export const argwhere = (a: ArrayData): NDArray => new NDArray(asarray(a).tensor.nonzero());

/** The elements in order, each once. */
export const unique = (a: ArrayData): NDArray => new NDArray(ops.unique(asarray(a).tensor));
/** The same, with how often each is there. */
export const uniqueCounts = (a: ArrayData): [NDArray, NDArray] => {
  const [values, counts] = ops.unique(asarray(a).tensor, { returnCounts: true }) as readonly Tensor[];
  return [new NDArray(values), new NDArray(counts)];
};
export const bincount = (a: ArrayData): NDArray => new NDArray(asarray(a).tensor.bincount());
/** Where values would be put into a sorted array. */
export const searchsorted = (
  a: NDArray,
  values: ArrayData,
  { side = 'left' }: { side?: 'left' | 'right' } = {},
): NDArray =>
  new NDArray(ops.searchsorted(a.tensor.to(float64), asarray(values).tensor.to(float64), { side }));
export const take = (a: ArrayData, places: ArrayData): NDArray => {
  const { tensor: at } = asarray(places);
  const own = asarray(a).tensor.flatten();
  return new NDArray(own.index(at.to(int64)));
};

/** Whether all elements are equal. */
export function arrayEqual(a: ArrayData, b: ArrayData): boolean {
  const [x, y] = [asarray(a), asarray(b)];
  return (
    String(x.shape) === String(y.shape) &&
    x
      .eq(y)
      .flat()
      .every((one) => one !== 0)
  );
}

interface Tolerances {
  rtol?: number;
  atol?: number;
}

/** Where `|a − b| ≤ atol + rtol·|b|`. */
export function isclose(a: ArrayData, b: ArrayData, { rtol = 1e-5, atol = 1e-8 }: Tolerances = {}): NDArray {
  const [x, y] = ops.broadcastTensors([asarray(a).tensor.to(float64), asarray(b).tensor.to(float64)]);
  const [p, q] = [valuesOf(x), valuesOf(y)];
  const found = Array.from(p, (value, i) =>
    Number.isFinite(value) && Number.isFinite(q[i])
      ? Math.abs(value - q[i]) <= atol + rtol * Math.abs(q[i])
      : value === q[i],
  );
  return new NDArray(tensor(found, { dtype: bool }).reshape(x.shape));
}

export const allclose = (a: ArrayData, b: ArrayData, options: Tolerances = {}): boolean =>
  isclose(a, b, options)
    .flat()
    .every((one) => one !== 0);
