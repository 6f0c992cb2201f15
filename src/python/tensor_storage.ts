import { ValueError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';

/** The numbers in a tensor's memory, as `tensor.storage()` has them. @throws ValueError if the memory holds more than the tensor */
export function storage(tensor: Tensor): number[] {
  if (tensor.storage.nbytes !== tensor.numel() * tensor.dtype.itemsize)
    throw new ValueError('storage() of a part of a tensor is not here: clone it first.');
  return tensor.contiguous().flatten().tolist() as number[];
}
