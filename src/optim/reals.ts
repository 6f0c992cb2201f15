/** Arithmetic of numbers and tensors of one element, by Python's rules: with a tensor the result is one, rounded to its dtype. */
import { Tensor } from '../core/tensor.js';

export type Real = number | Tensor;

export const plus = (a: Real, b: Real): Real =>
  a instanceof Tensor ? a.add(b) : b instanceof Tensor ? b.add(a) : a + b;

export const minus = (a: Real, b: Real): Real =>
  a instanceof Tensor ? a.sub(b) : b instanceof Tensor ? b.neg().add(a) : a - b;

export const times = (a: Real, b: Real): Real =>
  a instanceof Tensor ? a.mul(b) : b instanceof Tensor ? b.mul(a) : a * b;

export const over = (a: Real, b: Real): Real =>
  a instanceof Tensor ? a.div(b) : b instanceof Tensor ? b.reciprocal().mul(a) : a / b;

export const absolute = (a: Real): Real => (a instanceof Tensor ? a.abs() : Math.abs(a));

/** a < b. */
export const isBelow = (a: Real, b: Real): boolean =>
  a instanceof Tensor ? Boolean(a.lt(b).item()) : b instanceof Tensor ? Boolean(b.gt(a).item()) : a < b;

/** a ≥ b. */
export const isAtLeast = (a: Real, b: Real): boolean =>
  a instanceof Tensor ? Boolean(a.ge(b).item()) : b instanceof Tensor ? Boolean(b.le(a).item()) : a >= b;

/** Python's max(a, b): the first of equal ones. */
export const larger = (a: Real, b: Real): Real => (isBelow(a, b) ? b : a);

/** Python's min(a, b): the first of equal ones. */
export const smaller = (a: Real, b: Real): Real => (isBelow(b, a) ? b : a);

/** Its value as a number. */
export const valueOf = (a: Real): number => (a instanceof Tensor ? a.item() : a);
