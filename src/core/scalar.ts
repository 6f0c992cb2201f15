import { Category } from './dtype.js';
import { overflowError } from './errors.js';
import { inspect } from './inspect.js';
import type { Complex } from './namespace.js';
import { libraryClass } from './object.js';
import { numberCategory } from './promotion.js';
import { formatFloat } from './repr.js';

export type { Complex };

/** A number that is Python's float even where its value is whole: `torch.pyfloat(2)` is `2.0`. */
export class PyFloat {
  constructor(readonly value: number) {}

  valueOf(): number {
    return this.value;
  }

  toJSON(): number {
    return this.value;
  }

  toString(): string {
    return Number.isInteger(this.value) ? `${this.value}.0` : String(this.value);
  }
}

libraryClass(PyFloat);

/** `torch.pyfloat` for bodies, unchecked. */
export function pyfloat(value: number): PyFloat {
  return new PyFloat(value);
}

class ComplexNumber implements Complex {
  constructor(
    readonly re: number,
    readonly im: number,
  ) {}

  toString(): string {
    const part = (x: number): string => formatFloat(x).replace(/\.0$/, '');
    if (this.re === 0 && !Object.is(this.re, -0)) return `${part(this.im)}j`;
    const im = part(this.im);
    return `(${part(this.re)}${im.startsWith('-') ? '' : '+'}${im}j)`;
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }
}

/** `torch.Complex` for bodies, unchecked. */
export function complexNumber(re: number, im = 0): Complex {
  return new ComplexNumber(re, im);
}

/** The prototype that `instanceof torch.Complex` looks for. */
export const complexPrototype: Complex = ComplexNumber.prototype;

/** Asks for the prototype: `instanceof` would search a tensor's whole chain, which takes longer than to add it to another. */
function isMadeBy(value: unknown, prototype: object): boolean {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === prototype;
}

export function isComplexNumber(value: unknown): value is Complex {
  return isMadeBy(value, ComplexNumber.prototype);
}

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
