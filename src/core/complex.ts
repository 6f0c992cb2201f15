/** Complex numbers as values of JavaScript's. */
import { inspect } from './inspect.js';
import { isMadeBy } from './object.js';
import { formatFloat } from './repr.js';
import { type Arguments, signature } from './signature/signature.js';

/** A complex number: what `itemComplex()` and `tolist()` give, and an argument wherever a number is one. */
export interface Complex {
  /** The real part. */
  readonly re: number;
  /** The imaginary part. */
  readonly im: number;
  /** As Python prints it: `(1+2j)`. */
  toString(): string;
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

export function isComplexNumber(value: unknown): value is Complex {
  return isMadeBy(value, ComplexNumber.prototype);
}

const complexSignature = signature('Complex(float re, float im=0)');

/**
 * A complex number.
 *
 * @example
 * torch.tensor([1, 2]).mul(torch.Complex(0, 1)); // tensor([0.+1.j, 0.+2.j])
 */
export function Complex(...args: Arguments<typeof complexSignature>): Complex {
  const { re, im } = complexSignature.bind(args);
  return complexNumber(re, im);
}
// So that `instanceof torch.Complex` holds of what the function makes.
Complex.prototype = ComplexNumber.prototype;
