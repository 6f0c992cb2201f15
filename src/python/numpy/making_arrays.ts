import { bool, type DType, float64, int64 } from '../../core/dtypes.js';
import { PyFloat } from '../../core/pyfloat.js';
import { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { tensor } from '../../ops/from_data.js';
import { type DTypeName, dtypeOf } from './array_types.js';
import { NDArray } from './ndarray.js';

/** Numbers in nested lists; arrays and tensors may stand among them. */
export type ArrayData = number | boolean | PyFloat | NDArray | Tensor | readonly ArrayData[];
export interface DTypeOptions {
  dtype?: DTypeName | null;
}
type Shape = number | readonly number[];

const sizes = (shape: Shape): number[] => [shape].flat() as number[];
const typeOr = (options: DTypeOptions | undefined, other: DType): DType =>
  options?.dtype ? dtypeOf(options.dtype) : other;

/** A new array: of whole numbers int64, of others float64. */
export function array(data: ArrayData, options?: DTypeOptions): NDArray {
  const own = stacked(data);
  const wanted = options?.dtype ? dtypeOf(options.dtype) : own.dtype;
  return new NDArray(own.to(wanted, { copy: true }));
}

/** The data as an array, without a copy where they are one of that type. */
export function asarray(data: ArrayData, options?: DTypeOptions): NDArray {
  if (!(data instanceof NDArray)) return array(data, options);
  return options?.dtype ? new NDArray(data.tensor.to(dtypeOf(options.dtype))) : data;
}

/** A number of Python's in a variable that holds numbers of NumPy's, too. */
export const scalar = (value: number | boolean | PyFloat): NDArray => new NDArray(stacked(value), true);

function stacked(data: ArrayData): Tensor {
  if (data instanceof NDArray) return data.tensor;
  if (data instanceof Tensor) return data.detach();
  if (data instanceof PyFloat) return tensor(Number(data), { dtype: float64 });
  if (typeof data === 'number') return tensor(data, { dtype: Number.isSafeInteger(data) ? int64 : float64 });
  if (typeof data === 'boolean') return tensor(data);
  if (data.length === 0) return ops.zeros([0], { dtype: float64 });
  if (data.some((item) => typeof item === 'object')) {
    const items = data.map(stacked);
    const dtype = items.map((item) => item.dtype).reduce((a, b) => (a.category >= b.category ? a : b));
    return ops.stack(items.map((item) => item.to(dtype)));
  }
  const flat = data as readonly (number | boolean)[];
  if (flat.every((item) => typeof item === 'boolean')) return tensor(flat, { dtype: bool });
  return tensor(flat.map(Number), {
    dtype: flat.every((item) => Number.isSafeInteger(Number(item))) ? int64 : float64,
  });
}

export const zeros = (shape: Shape, options?: DTypeOptions): NDArray =>
  new NDArray(ops.zeros(sizes(shape), { dtype: typeOr(options, float64) }));
export const ones = (shape: Shape, options?: DTypeOptions): NDArray =>
  new NDArray(ops.ones(sizes(shape), { dtype: typeOr(options, float64) }));
export const empty = zeros;
export const full = (shape: Shape, value: number | boolean | PyFloat, options?: DTypeOptions): NDArray =>
  new NDArray(
    ops.full(sizes(shape), typeof value === 'boolean' ? value : Number(value), {
      dtype: typeOr(options, stacked(value).dtype),
    }),
  );
export const zerosLike = (like: NDArray, options?: DTypeOptions): NDArray =>
  new NDArray(ops.zerosLike(like.tensor, { dtype: typeOr(options, like.tensor.dtype) }));
export const onesLike = (like: NDArray, options?: DTypeOptions): NDArray =>
  new NDArray(ops.onesLike(like.tensor, { dtype: typeOr(options, like.tensor.dtype) }));
export const emptyLike = zerosLike;
export const fullLike = (like: NDArray, value: number, options?: DTypeOptions): NDArray =>
  new NDArray(ops.fullLike(like.tensor, value, { dtype: typeOr(options, like.tensor.dtype) }));
export const eye = (rows: number, columns: number = rows, options?: DTypeOptions): NDArray =>
  new NDArray(ops.eye(rows, columns, { dtype: typeOr(options, float64) }));

type Bound = number | PyFloat;

/** `arange(stop)`, `arange(start, stop, step)`. */
export function arange(...args: readonly (Bound | DTypeOptions)[]): NDArray {
  const last = args.at(-1);
  const options = typeof last === 'object' && !(last instanceof PyFloat) ? last : undefined;
  const bounds = args.slice(0, options === undefined ? args.length : -1) as Bound[];
  const [start, stop, step = 1] = (bounds.length === 1 ? [0, bounds[0]] : bounds).map(Number);
  const isFloat = bounds.some((one) => one instanceof PyFloat || !Number.isInteger(one));
  const count = Math.max(0, Math.ceil((stop - start) / step));
  // NumPy's steps are the distance of the first two.
  const delta = start + step - start;
  const values = Float64Array.from({ length: count }, (_, i) => start + i * delta);
  return new NDArray(tensor(values).to(typeOr(options, isFloat ? float64 : int64)));
}

/** `num` numbers of one distance, both ends among them unless `endpoint` is false. */
export function linspace(
  start: Bound,
  stop: Bound,
  num = 50,
  { endpoint = true, dtype }: DTypeOptions & { endpoint?: boolean } = {},
): NDArray {
  const [from, to] = [Number(start), Number(stop)];
  const parts = endpoint ? num - 1 : num;
  const step = (to - from) / parts;
  const values = Float64Array.from(
    { length: num },
    (_, i) => (step === 0 ? (i / parts) * (to - from) : i * step) + from,
  );
  if (endpoint && num > 1) values[num - 1] = to;
  return new NDArray(tensor(values).to(typeOr({ dtype }, float64)));
}

export const logspace = (start: Bound, stop: Bound, num = 50): NDArray =>
  new NDArray(linspace(10, 10, num).pow(linspace(start, stop, num)).tensor);

/** Grids of coordinates: the first varies along columns, or along rows where `indexing` is `'ij'`. */
export function meshgrid(...lists: readonly (NDArray | { indexing?: 'xy' | 'ij' })[]): NDArray[] {
  const arrays = lists.flatMap((one) => (one instanceof NDArray ? [one.tensor] : []));
  const options = lists.find((one) => !(one instanceof NDArray)) as { indexing?: 'xy' | 'ij' } | undefined;
  return ops.meshgrid(arrays, { indexing: options?.indexing ?? 'xy' }).map((own) => new NDArray(own));
}

export const diag = (of: NDArray, k = 0): NDArray => new NDArray(of.tensor.diag(k));
export const tril = (of: NDArray, k = 0): NDArray => new NDArray(of.tensor.tril(k));
export const triu = (of: NDArray, k = 0): NDArray => new NDArray(of.tensor.triu(k));
