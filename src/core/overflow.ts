/** Numbers that a dtype cannot hold. */
import { sizedCppName } from './cpp_names.js';
import { Category, type DType } from './dtype.js';
import { overflowError } from './errors.js';
import { PyFloat } from './pyfloat.js';
import { type Scalar, scalarCategory, scalarValue } from './scalar.js';
import { type FloatInfo, finfo, iinfo } from './type_info.js';

const inRange = (number: number, { min, max }: FloatInfo): boolean =>
  number >= Math.min(min, 0) && number <= max;

/** Whether an element of this dtype can be made from the number: its fraction may be lost, its size may not. */
function holds(dtype: DType, value: Scalar): boolean {
  const number = scalarValue(value);
  if (dtype.category === Category.float)
    return !Number.isFinite(Number(number)) || inRange(Number(number), finfo(dtype));
  const { min, max } = iinfo(dtype);
  // A negative integer wraps where there are no negative numbers; a float does not.
  const wraps = min === 0 && !(value instanceof PyFloat) && scalarCategory(value) < Category.float;
  // Infinity and NaN are in no range. Comparing a number with a bigint is exact.
  return number >= (wraps ? -max : min) && (number <= max || number === Number(max));
}

/** @throws RuntimeError in PyTorch's words for a number that the dtype cannot hold; everything has a truth value */
export function checkHolds(dtype: DType, value: Scalar, name?: string): void {
  if (dtype.category !== Category.bool && !dtype.isComplex && !holds(dtype, value))
    throw overflowError(name ?? sizedCppName(dtype));
}
