import { type Complex, isComplexNumber } from './complex.js';
import { Category } from './dtype.js';
import { overflowError } from './errors.js';
import { isMadeBy } from './object.js';
import { numberCategory } from './promotion.js';
import { PyFloat } from './pyfloat.js';
import { accepting, defineParameterType } from './signature/parameter_types.js';

/** A number argument. A safe integer is Python's int, any other number its float; see `pyfloat` and `Complex`. */
export type Scalar = number | bigint | boolean | PyFloat | Complex;

export function isScalar(value: unknown): value is Scalar {
  const type = typeof value;
  return (
    type === 'number' ||
    type === 'bigint' ||
    type === 'boolean' ||
    isMadeBy(value, PyFloat.prototype) ||
    isComplexNumber(value)
  );
}

declare module './signature/argument_types.js' {
  interface ParameterTypes {
    Scalar: Scalar;
  }
}
defineParameterType('Scalar', accepting(isScalar, 'Number'));

/** The category with which a number takes part in type promotion. */
export function scalarCategory(value: Scalar): Category {
  if (typeof value === 'number') return numberCategory(value);
  if (typeof value === 'bigint') return Category.int;
  if (typeof value === 'boolean') return Category.bool;
  return isComplexNumber(value) ? Category.complex : Category.float;
}

/** Gives the number that kernels compute with. @throws RuntimeError for a complex number that is not real */
export function scalarValue(value: Scalar): number | bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (isComplexNumber(value)) {
    if (value.im !== 0) throw overflowError('float');
    return value.re;
  }
  return typeof value === 'boolean' ? (value ? 1 : 0) : value.value;
}

/** A number's real and imaginary part. */
export function scalarParts(value: Scalar): readonly [re: number, im: number] {
  return isComplexNumber(value) ? [value.re, value.im] : [Number(scalarValue(value)), 0];
}
