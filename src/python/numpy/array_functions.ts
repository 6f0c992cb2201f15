/** Functions of each element. Of whole numbers they compute in float64. */
import { bool, float64, int64 } from '../../core/dtypes.js';
import type { PyFloat } from '../../core/pyfloat.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { floatOf } from './array_types.js';
import { type ArrayData, asarray } from './making_arrays.js';
import { NDArray, type Operand } from './ndarray.js';

type Unary = (a: ArrayData) => NDArray;

const real =
  (compute: (a: Tensor) => Tensor): Unary =>
  (a) => {
    const { tensor } = asarray(a);
    return new NDArray(compute(tensor.to(floatOf(tensor.dtype))));
  };

export const exp = real((a) => a.exp());
export const expm1 = real((a) => a.expm1());
export const log = real((a) => a.log());
export const log2 = real((a) => a.log2());
export const log10 = real((a) => a.log10());
export const log1p = real((a) => a.log1p());
export const sqrt = real((a) => a.sqrt());
export const sin = real((a) => a.sin());
export const cos = real((a) => a.cos());
export const tan = real((a) => a.tan());
export const arcsin = real((a) => a.asin());
export const arccos = real((a) => a.acos());
export const arctan = real((a) => a.atan());
export const sinh = real((a) => a.sinh());
export const cosh = real((a) => a.cosh());
export const tanh = real((a) => a.tanh());
export const deg2rad = real((a) => a.mul(Math.PI / 180));
export const rad2deg = real((a) => a.mul(180 / Math.PI));

export const isnan = real((a) => a.isnan());
export const isinf = real((a) => a.isinf());
export const isfinite = real((a) => a.isfinite());

const same =
  (compute: (a: Tensor) => Tensor): Unary =>
  (a) =>
    new NDArray(compute(asarray(a).tensor));
const whole =
  (compute: (a: Tensor) => Tensor): Unary =>
  (a) => {
    const { tensor } = asarray(a);
    return new NDArray(tensor.dtype.isFloatingPoint ? compute(tensor) : tensor.clone());
  };

export const abs = same((a) => (a.dtype === bool ? a : a.abs()));
export const square = same((a) => a.mul(a));
export const negative = same((a) => a.neg());
export const sign = same((a) => a.sign());
export const floor = whole((a) => a.floor());
export const ceil = whole((a) => a.ceil());
export const trunc = whole((a) => a.trunc());
export const rint = real((a) => a.round());
export const logicalNot = same((a) => a.logicalNot());

export function reciprocal(a: ArrayData): NDArray {
  const own = asarray(a);
  return new NDArray(
    own.tensor.to(own.tensor.dtype.isFloatingPoint ? own.tensor.dtype : float64).reciprocal(),
  );
}

/** Rounded to digits behind the point; halves go to what is even. */
export function round(a: ArrayData, digits = 0): NDArray {
  const own = asarray(a);
  if (!own.tensor.dtype.isFloatingPoint) return own.copy();
  if (digits === 0) return new NDArray(own.tensor.round());
  const scale = ops.full([], 10 ** Math.abs(digits), { dtype: own.tensor.dtype });
  return new NDArray(
    digits > 0 ? own.tensor.mul(scale).round().div(scale) : own.tensor.div(scale).round().mul(scale),
  );
}

/** No less than `low` and no more than `high`; null is no bound. */
export function clip(a: ArrayData, low: number | PyFloat | null, high: number | PyFloat | null): NDArray {
  let own = asarray(a);
  if (low !== null) own = maximum(own, low);
  return high === null ? own : minimum(own, high);
}

type Pair = (a: ArrayData, b: ArrayData, options?: { out?: NDArray }) => NDArray;

/** What combines two: lists are arrays, numbers stay numbers, which take the type of the other side. */
const pair =
  (compute: (a: NDArray, b: Operand) => NDArray): Pair =>
  (a, b, options) => {
    const right = typeof b === 'object' && !(Array.isArray(b) || 'dtype' in b) ? (b as PyFloat) : b;
    const isNumber =
      typeof right === 'number' || typeof right === 'boolean' || !('length' in right || 'dtype' in right);
    const result = compute(asarray(a), isNumber ? (right as Operand) : asarray(right as ArrayData));
    return options?.out === undefined ? result : options.out.into(result);
  };

export const add = pair((a, b) => a.add(b));
export const subtract = pair((a, b) => a.sub(b));
export const multiply = pair((a, b) => a.mul(b));
export const divide = pair((a, b) => a.div(b));
export const floorDivide = pair((a, b) => a.floorDivide(b));
export const power = pair((a, b) => a.pow(b));
export const mod = pair((a, b) => a.remainder(b));
export const equal = pair((a, b) => a.eq(b));
export const notEqual = pair((a, b) => a.ne(b));
export const less = pair((a, b) => a.lt(b));
export const lessEqual = pair((a, b) => a.le(b));
export const greater = pair((a, b) => a.gt(b));
export const greaterEqual = pair((a, b) => a.ge(b));
export const maximum = pair((a, b) => {
  const [x, y] = together(a, b);
  return new NDArray(x.maximum(y));
});
export const minimum = pair((a, b) => {
  const [x, y] = together(a, b);
  return new NDArray(x.minimum(y));
});
export const logicalAnd = pair((a, b) => new NDArray(together(a, b)[0].logicalAnd(together(a, b)[1])));
export const logicalOr = pair((a, b) => new NDArray(together(a, b)[0].logicalOr(together(a, b)[1])));
export const arctan2 = pair((a, b) => {
  const [x, y] = together(a, b);
  return new NDArray(x.to(floatOf(x.dtype)).atan2(y.to(floatOf(y.dtype))));
});
export const hypot = pair((a, b) => {
  const [x, y] = together(a, b);
  return new NDArray(x.to(floatOf(x.dtype)).hypot(y.to(floatOf(y.dtype))));
});

/** Both sides in one type and of one shape. */
function together(a: NDArray, b: Operand): [Tensor, Tensor] {
  const dtype = a.tensor.dtype === bool && !(b instanceof NDArray) ? int64 : a.mul(b).tensor.dtype;
  const right = b instanceof NDArray ? b.tensor.to(dtype) : ops.full([], Number(b), { dtype });
  const [x, y] = ops.broadcastTensors([a.tensor.to(dtype), right]);
  return [x, y];
}
