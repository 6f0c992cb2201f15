/** The dimensions that layer norm and RMS norm work on: the last ones, whose sizes are given as `normalized_shape`. */

import { RuntimeError } from '../../core/errors.js';
import { formatShape, type Shape, sameShape } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';

/** Dimensions from `start` on. */
export function dimsFrom(start: number, ndim: number): number[] {
  return Array.from({ length: ndim - start }, (_, i) => start + i);
}

export function sumOver(tensor: Tensor, dims: readonly number[]): Tensor {
  return dims.length === 0 ? tensor : tensor.sum(dims);
}

/** @throws RuntimeError in PyTorch's words unless a tensor ends in this shape, and its weight and bias have it */
export function checkNormalizedShape(
  input: Tensor,
  shape: Shape,
  separator: string,
  [weight, bias]: readonly (Tensor | null)[],
): void {
  if (shape.length < 1)
    throw new RuntimeError(
      'Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got normalized_shape = []',
    );
  for (const [name, t] of [
    ['weight', weight],
    ['bias', bias],
  ] as const)
    if (t !== null && !sameShape(t.shape, shape))
      throw new RuntimeError(
        `Expected ${name} to be of same shape as normalized_shape, but got ${name} of shape ${formatShape(t.shape)} and normalized_shape = ${formatShape(shape)}`,
      );
  const start = input.ndim - shape.length;
  if (start < 0 || !sameShape(input.shape.slice(start), shape))
    throw new RuntimeError(
      `Given normalized_shape=${formatShape(shape)}, expected input with shape [*${separator}${shape.join(', ')}], but got input of size${formatShape(input.shape)}`,
    );
}
