/** Checks and texts that several pointwise rows share; the refusals are in PyTorch's words. */
import { bool, Category } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import { type Scalar, scalarCategory } from '../../core/scalar.js';
import { Tensor } from '../../core/tensor.js';

/** Category of an operand or scalar argument. */
export function categoryOf(value: unknown): Category {
  return value instanceof Tensor ? value.dtype.category : scalarCategory(value as Scalar);
}

/** A number in the expression language. */
export function literal(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  const text = Math.abs(value) === Infinity ? 'inf' : String(Math.abs(value));
  return value < 0 || Object.is(value, -0) ? `(-${text})` : text;
}

/** `alpha` of add and sub: no float for integers, bool only for bools. */
export function checkAlpha(self: unknown, other: unknown, alpha: unknown): void {
  if (alpha === 1) return;
  const category = Math.max(categoryOf(self), categoryOf(other));
  if (categoryOf(alpha) === Category.bool && category !== Category.bool)
    throw new RuntimeError('Boolean alpha only supported for Boolean results.');
  if (categoryOf(alpha) >= Category.float && category < Category.float)
    throw new RuntimeError('For integral input tensors, argument alpha must not be a floating point number.');
  if (categoryOf(alpha) === Category.complex && category !== Category.complex)
    throw new RuntimeError('For non-complex input tensors, argument alpha must not be a complex number.');
}

/** Subtraction knows no bools. */
export function checkSubtraction(self: unknown, other: unknown): void {
  const [a, b] = [isBool(self), isBool(other)];
  if (a && b)
    throw new RuntimeError(
      'Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead. (write a.logicalXor(b))',
    );
  if (a || b)
    throw new RuntimeError(
      'Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead. (write x.logicalNot())',
    );
}

const isBool = (value: unknown): boolean => typeof value === 'boolean' || isBoolTensor(value);

export function isBoolTensor(value: unknown): boolean {
  return value instanceof Tensor && value.dtype === bool;
}

/** Of an overload whose first operand is a number: there is nothing to have a method. */
export const scalarFirst = { method: false, inplace: false } as const;
