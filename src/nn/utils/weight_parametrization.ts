import type { Tensor } from '../../core/tensor.js';
import { Module } from '../module.js';

/** The length of each part of a tensor along a dimension, whose other sizes become 1; of all of it for -1. */
export function normExceptDim(tensor: Tensor, dim: number): Tensor {
  if (dim === -1) return tensor.norm();
  const others = tensor.shape.map((_, d) => d).filter((d) => d !== dim);
  return others.length === 0 ? tensor.abs() : tensor.norm(2, others, true);
}

/** Directions times lengths. */
export const weightOf = (direction: Tensor, length: Tensor, dim: number): Tensor =>
  direction.mul(length.div(normExceptDim(direction, dim)));

class _WeightNorm extends Module {
  constructor(readonly dim: number) {
    super();
  }

  override forward(length: Tensor, direction: Tensor): Tensor {
    return weightOf(direction, length, this.dim);
  }

  rightInverse(weight: Tensor): readonly Tensor[] {
    return [normExceptDim(weight, this.dim), weight];
  }
}

export { _WeightNorm as WeightNorm };
