/** Questions about values that are no ops. */
import type { DType } from '../core/dtype.js';
import type { Scalar } from '../core/scalar.js';
import { Tensor } from '../core/tensor.js';
import { commonDtype } from './promote.js';

/** Whether a value is a tensor. */
export function isTensor(value: unknown): value is Tensor {
  return value instanceof Tensor;
}

/** Whether a tensor's dtype is a floating-point one. */
export function isFloatingPoint(input: Tensor): boolean {
  return input.isFloatingPoint();
}

/** Whether a tensor's dtype is a complex one. */
export function isComplex(input: Tensor): boolean {
  return input.isComplex();
}

/** The number of elements. */
export function numel(input: Tensor): number {
  return input.numel();
}

/** The dtype that arithmetic on these operands gives. */
export function resultType(a: Tensor | Scalar, b: Tensor | Scalar): DType {
  return commonDtype([a, b]);
}
