/** Numbers as pointwise programs take them. */
import { bfloat16, bool, Category, type DType, float16 } from '../core/dtype.js';
import { overflowError } from '../core/errors.js';
import { checkHolds } from '../core/overflow.js';
import { type Scalar, scalarValue } from '../core/scalar.js';
import { roundedTo } from '../core/small_floats.js';
import type { PointwiseRow } from './row.js';
import type { Parameter } from './schema.js';

/** A number as one of its kind enters a program. */
export type Conversion = (value: Scalar) => number | bigint;

/** The half precisions. */
export const isHalf = (dtype: DType): boolean => dtype === float16 || dtype === bfloat16;

/** How a number in a tensor's place becomes an element of the dtype that is computed in. */
export function operandConversion(
  common: DType,
  category: Category,
  { name }: Parameter,
  row: PointwiseRow,
): Conversion {
  const { exact = false, checked, checkedIn = 'i' } = row;
  const kind = common.category === Category.int ? 'i' : isHalf(common) ? 'h' : 'f';
  const convert: Conversion =
    category === Category.complex ? () => 0 : (value) => asElement(scalarValue(value), common, exact);
  return checked?.includes(name) && checkedIn.includes(kind) ? checkedFirst(common, convert) : convert;
}

/** How a parameter that is no operand is given to a program of a dtype. */
export function parameterConversion(common: DType, category: Category, { type }: Parameter): Conversion {
  const isNumber = type === 'Scalar';
  const value: Conversion = category === Category.complex ? () => 0 : scalarValue;
  if (common.category >= Category.float) return value;
  if (!isNumber) return (given) => toInteger(value(given));
  const convert: Conversion = (given) => asElement(value(given), common, true);
  return common.category === Category.int ? checkedFirst(common, convert) : convert;
}

/** Refuses numbers that the dtype cannot hold. */
const checkedFirst =
  (common: DType, convert: Conversion): Conversion =>
  (value) => {
    checkHolds(common, value);
    return convert(value);
  };

/** A number as an element of a dtype: integers wrap, and half precisions round unless the kernel takes numbers as they are. */
function asElement(value: number | bigint, dtype: DType, exact: boolean): number | bigint {
  if (dtype.category === Category.float) {
    if (exact || typeof value === 'bigint') return value;
    return roundedTo(dtype, value);
  }
  if (dtype === bool) return value === 0 || value === 0n ? 0 : 1;
  const whole = toInteger(value);
  if (dtype.itemsize === 8) return whole;
  const bits = 8 * dtype.itemsize;
  return Number(dtype.isSigned ? BigInt.asIntN(bits, BigInt(whole)) : BigInt.asUintN(bits, BigInt(whole)));
}

/** A number as integer kernels take it: its fraction dropped. */
function toInteger(value: number | bigint): number | bigint {
  if (typeof value === 'bigint' || Number.isInteger(value)) return value;
  if (!Number.isFinite(value)) throw overflowError('int64_t');
  return Math.trunc(value);
}
