/** Computations with factors of covariance matrices, for stacks of them. */
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { cholesky } from '../ops/linalg/cholesky.js';
import { solveTriangular } from '../ops/linalg/triangular_solve.js';

/** log(2 pi) */
export const logTwoPi = Math.log(2 * Math.PI);

/** Products of matrices and vectors, whose batches broadcast. */
export const productOf = (matrix: Tensor, vector: Tensor): Tensor =>
  matrix.matmul(vector.unsqueeze(-1)).squeeze(-1);

/** L⁻¹ b for lower triangular L. */
export const solvedBy = (lower: Tensor, b: Tensor): Tensor => solveTriangular(lower, b, false, true, false);

/** Squared Mahalanobis distances xᵀ (L Lᵀ)⁻¹ x. */
export function mahalanobis(lower: Tensor, x: Tensor): Tensor {
  const n = x.shape[x.dim() - 1];
  // All vectors of one matrix are columns of one system.
  if (lower.dim() === 2)
    return solvedBy(lower, x.reshape([-1, n]).t())
      .square()
      .sum(0)
      .reshape(x.shape.slice(0, -1));
  return solvedBy(lower, x.unsqueeze(-1)).square().sum([-2, -1]);
}

/** The trace of X Xᵀ. */
export const squaredNorm = (x: Tensor): Tensor => x.square().sum([-2, -1]);

/** The sum of the logarithms of a diagonal: half the logarithm of the determinant of L Lᵀ. */
export const halfLogDet = (lower: Tensor): Tensor => lower.diagonal(0, -2, -1).log().sum(-1);

/** The lower triangular L with L Lᵀ = P⁻¹. */
export function precisionToScaleTril(precision: Tensor): Tensor {
  const factor = cholesky(precision.flip([-2, -1]), false);
  const inverse = factor.flip([-2, -1]).mT;
  const { dtype, device, shape } = precision;
  return solvedBy(inverse, ops.eye(shape[shape.length - 1], { dtype, device }));
}
