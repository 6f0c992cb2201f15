/** How PyTorch's samplers and loaders draw from generators. */
import { float64, int64 } from '../../core/dtype.js';
import type { Generator } from '../../core/generator.js';
import { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { asTensor, type TensorData } from '../../ops/from_data.js';
import { iterated } from './sized.js';

/** A seed for a private generator, or for the workers of an iteration: 63 random bits. */
export function drawSeed(generator: Generator | null): bigint {
  return ops.empty([], { dtype: int64, device: 'cpu' }).random_({ generator }).itemBigint();
}

/** 0 … n - 1 in random order. */
export function drawPermutation(n: number, generator: Generator | null): number[] {
  return ops.randperm(n, { generator, device: 'cpu' }).tolist() as number[];
}

/** Integers from 0 to n - 1. */
export function drawIntegers(n: number, count: number, generator: Generator | null): number[] {
  return ops.randint(n, [count], { dtype: int64, generator, device: 'cpu' }).tolist() as number[];
}

/** Indices with probabilities in proportion to `weights`. */
export function drawWeighted(
  weights: Tensor,
  count: number,
  replacement: boolean,
  generator: Generator | null,
): number[] {
  return ops.multinomial(weights, count, replacement, { generator }).tolist() as number[];
}

/** Numbers as a float64 tensor. */
export function weightsTensor(weights: Iterable<number> | Tensor): Tensor {
  const isOther = typeof weights === 'object' && !(weights instanceof Tensor) && !ArrayBuffer.isView(weights);
  return asTensor((isOther ? [...iterated(weights)] : weights) as TensorData, { dtype: float64 });
}
