/** Numbers that a dtype cannot hold. */
import { Category, type DType } from './dtype.js';
import { RuntimeError } from './errors.js';
import { PyFloat, type Scalar, scalarCategory, scalarValue } from './scalar.js';
import { finfo, iinfo } from './type_info.js';

/** C++'s names of the types in PyTorch's error texts. */
const cppNames: Readonly<Record<string, string>> = {
  uint8: 'uint8_t',
  int8: 'int8_t',
  int16: 'int16_t',
  int32: 'int',
  int64: 'int64_t',
  float16: 'c10::Half',
  bfloat16: 'c10::BFloat16',
  float32: 'float',
  float64: 'double',
};

/** Whether an element of this dtype can be made from the number: its fraction may be lost, its size may not. */
function holds(dtype: DType, value: Scalar): boolean {
  const number = scalarValue(value);
  if (dtype.category === Category.float)
    return !Number.isFinite(Number(number)) || Math.abs(Number(number)) <= finfo(dtype).max;
  const { min, max } = iinfo(dtype);
  // A negative integer wraps where there are no negative numbers; a float does not.
  const wraps = min === 0 && !(value instanceof PyFloat) && scalarCategory(value) < Category.float;
  // Infinity and NaN are in no range. Comparing a number with a bigint is exact.
  return number >= (wraps ? -max : min) && (number <= max || number === Number(max));
}

/** @throws RuntimeError in PyTorch's words for a number that the dtype cannot hold; everything has a truth value */
export function checkHolds(dtype: DType, value: Scalar, name = cppNames[dtype.name]): void {
  if (dtype.category !== Category.bool && !dtype.isComplex && !holds(dtype, value))
    throw new RuntimeError(`value cannot be converted to type ${name} without overflow`);
}
