import { TypeError, ValueError } from '../core/errors.js';
import { exactDigits } from './exact_digits.js';
import { OverflowError, ZeroDivisionError } from './python_errors.js';

/** Python's `%`: the remainder has the divisor's sign. */
export function mod(a: number, b: number): number {
  if (b === 0) throw new ZeroDivisionError();
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

/** Python's `/`. @throws ZeroDivisionError */
export function divided(a: number, b: number): number {
  if (b === 0) throw new ZeroDivisionError();
  return a / b;
}

/** Python's `//`. @throws ZeroDivisionError */
export const floored = (a: number, b: number): number => Math.floor(divided(a, b));

/** An int as it is. @throws OverflowError for one that JavaScript's numbers do not hold exactly, beyond 2^53 */
export function exact(value: number): number {
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    throw new OverflowError(
      `An int of about ${value} is beyond 2^53, where numbers are no longer exact: compute with floats.`,
    );
  return value;
}

/** Python's `&`, of ints that may be longer than JavaScript's 32 bits. */
export const and = (a: number, b: number): number => Number(BigInt(a) & BigInt(b));

/** Python's `|`. */
export const or = (a: number, b: number): number => Number(BigInt(a) | BigInt(b));

/** Python's `^`. */
export const xor = (a: number, b: number): number => Number(BigInt(a) ^ BigInt(b));

/** Python's `divmod`. */
export const divmod = (a: number, b: number): [quotient: number, remainder: number] => [
  Math.floor(a / b),
  mod(a, b),
];

/** Python's `round`: halves go to the even neighbour, and digits are those of the exact value. */
export function round(value: number, digits = 0): number {
  if (!Number.isFinite(value)) return value;
  if (digits < 0) {
    const unit = 10 ** -digits;
    return round(value / unit) * unit;
  }
  const text = exactDigits(Math.abs(value), digits);
  return value < 0 || Object.is(value, -0) ? -Number(text) : Number(text);
}

/** The sum of numbers, from left to right, as Python up to 3.11 has it; later ones keep what each addition loses. */
export function sum(values: Iterable<number | boolean>, start = 0): number {
  let total = start;
  for (const value of values) total += Number(value);
  return total;
}

/** Something that is added by its method, as tensors are. */
interface Addable<T> {
  add(other: T | number): T;
}

/** The sum of tensors: Python's `sum`, which begins with 0. */
export function total<T extends Addable<T>>(values: Iterable<T>, start?: T | number): T {
  let all: T | null = null;
  for (const value of values) all = all === null ? value.add(start ?? 0) : all.add(value);
  if (all === null) throw new RangeError('The sum of no tensors is the number 0.');
  return all;
}

/** @throws TypeError for a number that is not whole */
function whole(value: number): number {
  if (!Number.isInteger(value)) throw new TypeError("'float' object cannot be interpreted as an integer");
  return value;
}

/** How many ways there are to take `k` of `n`. @throws ValueError if one is negative */
export function comb(n: number, k: number): number {
  if (whole(n) < 0) throw new ValueError('n must be a non-negative integer');
  if (whole(k) < 0) throw new ValueError('k must be a non-negative integer');
  const fewer = Math.min(k, n - k);
  let found = 1;
  for (let i = 1; i <= fewer; i++) found = (found * (n - fewer + i)) / i;
  return k > n ? 0 : Math.round(found);
}

/** @throws ValueError for negative numbers */
export function factorial(n: number): number {
  if (whole(n) < 0) throw new ValueError('factorial() not defined for negative values');
  let found = 1;
  // The next one is infinite.
  for (let i = 2; i <= Math.min(n, 171); i++) found *= i;
  return found;
}

export function gcd(a: number, b: number): number {
  let [x, y] = [Math.abs(whole(a)), Math.abs(whole(b))];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** Whether two numbers differ by no more than a part of the larger one. */
export const isclose = (a: number, b: number, { relTol = 1e-9, absTol = 0 } = {}): boolean =>
  a === b || Math.abs(a - b) <= Math.max(relTol * Math.max(Math.abs(a), Math.abs(b)), absTol);
