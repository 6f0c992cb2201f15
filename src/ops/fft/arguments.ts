/** Arguments of transforms, as their functions take them: norms by name, sizes that pad or cut, dimensions. */
import { getDefaultDtype } from '../../core/defaults.js';
import { IndexError, RuntimeError } from '../../core/errors.js';
import { wrapDim } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { checkNotHalf, Normalization } from './transforms.js';

/** @throws RuntimeError for a name that there is not */
export function normalizationOf(norm: string | null, forward: boolean): number {
  const { none, byRoot, byNumber } = Normalization;
  switch (norm) {
    case null:
    case 'backward':
      return forward ? none : byNumber;
    case 'forward':
      return forward ? byNumber : none;
    case 'ortho':
      return byRoot;
    default:
      throw new RuntimeError(`Invalid normalization mode: "${norm}"`);
  }
}

/** A tensor in a dtype that transforms have; integers become numbers of the default dtype. */
export function promoted(input: Tensor, toComplex = false): Tensor {
  const { dtype } = input;
  if (dtype.isComplex) return input;
  const real = dtype.isFloatingPoint ? dtype : getDefaultDtype();
  checkNotHalf(real);
  return input.to(toComplex ? real.toComplex() : real);
}

export function checkPoints(n: number): void {
  if (n < 1) throw new RuntimeError(`Invalid number of data points (${n}) specified`);
}

/** As wrapDim, for tensors that must have dimensions. */
export function dimOf(dim: number, ndim: number): number {
  if (ndim === 0) throw new IndexError(`Dimension specified as ${dim} but tensor has no dimensions`);
  return wrapDim(dim, ndim);
}

/** Sizes and dimensions of a transform along several: those given, the last ones, or all. */
export function sizesAndDims(
  input: Tensor,
  s: readonly number[] | null,
  dim: readonly number[] | null,
): { sizes: number[]; dims: number[] } {
  const { ndim, shape } = input;
  let dims = dim?.map((d) => dimOf(d, ndim));
  if (dims !== undefined && new Set(dims).size < dims.length)
    throw new RuntimeError('FFT dims must be unique');
  if (s !== null) {
    if (dims !== undefined && dims.length !== s.length)
      throw new RuntimeError('When given, dim and shape arguments must have the same length');
    if (s.length > ndim)
      throw new RuntimeError(
        `Got shape with ${s.length} values but input tensor only has ${ndim} dimensions.`,
      );
    dims ??= s.map((_, i) => ndim - s.length + i);
  }
  dims ??= shape.map((_, d) => d);
  const sizes = dims.map((d, i) => (s === null || s[i] === -1 ? shape[d] : s[i]));
  for (const size of sizes) checkPoints(size);
  return { sizes, dims };
}
