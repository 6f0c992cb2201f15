import { Category } from './dtype.js';
import { numberCategory } from './promotion.js';

/** A number that is Python's float even where its value is whole: `torch.pyfloat(2)` is `2.0`. */
export class PyFloat {
  constructor(readonly value: number) {}

  valueOf(): number {
    return this.value;
  }

  toString(): string {
    return Number.isInteger(this.value) ? `${this.value}.0` : String(this.value);
  }
}

/** Marks a number as Python's float: `x.mul(torch.pyfloat(2))` makes an int tensor float32, as `x * 2.0` does. */
export function pyfloat(value: number): PyFloat {
  return new PyFloat(value);
}

/** A number argument. A safe integer is Python's int, any other number its float; see `pyfloat`. */
export type Scalar = number | bigint | boolean | PyFloat;

export function isScalar(value: unknown): value is Scalar {
  const type = typeof value;
  return type === 'number' || type === 'bigint' || type === 'boolean' || value instanceof PyFloat;
}

/** What takes part in type promotion. */
export function scalarCategory(value: Scalar): Category {
  if (typeof value === 'number') return numberCategory(value);
  if (typeof value === 'bigint') return Category.int;
  return typeof value === 'boolean' ? Category.bool : Category.float;
}

/** What the kernels compute with. */
export function scalarValue(value: Scalar): number | bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  return typeof value === 'boolean' ? (value ? 1 : 0) : value.value;
}
