/** Batches of channels: [N, C, …]. */

import { ValueError } from '../../core/errors.js';
import { numel, type Shape } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';

/** [N, C, everything else]: how the kernels see a batch. */
export function planes(tensor: Tensor): Tensor {
  return tensor.view([tensor.shape[0], tensor.shape[1], numel(tensor.shape.slice(2))]);
}

/** A vector of the channels, to broadcast over tensors of so many dimensions. */
export function perChannel(tensor: Tensor, ndim: number): Tensor {
  return tensor.reshape([1, -1, ...new Array<number>(ndim - 2).fill(1)]);
}

/** @throws ValueError where there is but one value to take statistics of */
export function checkMoreThanOne(shape: Shape, from: number, text: string): void {
  if (shape[0] * numel(shape.slice(from)) === 1)
    throw new ValueError(`Expected more than 1 value per channel when training, got input size ${text}`);
}
