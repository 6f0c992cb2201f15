/** Refusals of complex numbers, in PyTorch's words: what a row gives as `realOnly`. */
import type { DType } from '../core/dtype.js';
import { NotImplementedError, RuntimeError } from '../core/errors.js';
import { Tensor } from '../core/tensor.js';
import { notImplemented } from './promote.js';

export type Refusal = (dtype: DType) => Error;

/** PyTorch's kernel of this name has no complex form. */
export const noKernel =
  (kernel: string): Refusal =>
  (dtype) =>
    notImplemented(kernel, dtype);

export const refused =
  (text: string): Refusal =>
  () =>
    new RuntimeError(text);

export const unsupported =
  (text: string): Refusal =>
  () =>
    new NotImplementedError(text);

export const clampRefused = unsupported('clamp is not supported for complex types');

/** Throws if one of the arguments is complex. */
export function refuseComplex(refusal: Refusal, args: readonly unknown[]): void {
  for (const arg of args) {
    if (arg instanceof Tensor && arg.dtype.isComplex) throw refusal(arg.dtype);
    if (Array.isArray(arg)) refuseComplex(refusal, arg);
  }
}
