/** Common parts of eigenvalue and singular value decompositions. */
import type { Gradient } from '../../autograd/node.js';
import { bool, type DType } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import type { Shape } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { empty } from '../../dispatch/empty.js';
import { ops } from '../../dispatch/registry.js';
import { holds } from '../checks.js';

/** A new tensor on the same device. */
export const emptyOn = (shape: Shape, dtype: DType, { storage }: Tensor): Tensor =>
  empty([...shape], dtype, storage.backend);

export const notConverged =
  (what: string) =>
  (code: number): string =>
    `The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated ${what} (error code: ${code}).`;

/** Matrices with other numbers on the diagonal: zeros where there are none. */
export function withDiagonal(matrix: Tensor, diagonal: Gradient): Tensor {
  const n = matrix.shape[matrix.ndim - 1];
  const isDiagonal = ops.eye(n, { dtype: bool, device: matrix.device });
  return ops.where(isDiagonal, diagonal === null ? 0 : diagonal.to(matrix.dtype).unsqueeze(-1), matrix);
}

/**
 * Refuses what depends on the phase of vectors, which nothing determines.
 *
 * @param products the products of vectors and their gradients
 * @throws RuntimeError
 */
export function checkPhase(name: string, products: Tensor, vectors: string): void {
  if (!products.isComplex() || products.numel() === 0) return;
  const phases = products.diagonal(0, -2, -1).imag.detach();
  if (holds(phases, (values) => values.abs().le(1e-2).all())) return;
  throw new RuntimeError(
    `${name}: The ${vectors} in the complex case are specified up to multiplication by e^{i phi}. The specified loss function depends on this quantity, so it is ill-defined.`,
  );
}
