/** Eigenvalues and eigenvectors of symmetric and Hermitian matrices. */
import { RuntimeError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { type OpFunction, op } from '../../dispatch/registry.js';
import { checkPhase, emptyOn, notConverged, withDiagonal } from './eigen.js';
import { adjoint, checkInfo, checkKernel, checkSquare, emptyInfo, stackOf } from './factorization.js';

function isUpper(uplo: string): boolean {
  if (!['L', 'U', 'l', 'u'].includes(uplo))
    throw new RuntimeError(`Expected UPLO argument to be 'L' or 'U', but got ${uplo}`);
  return uplo.toUpperCase() === 'U';
}

/** The eigenvalues, and, if wanted, the eigenvectors, laid out by columns as LAPACK does. */
function decompose(self: Tensor, uplo: string, withVectors: boolean): readonly [Tensor, Tensor | null] {
  const name = 'linalg.eigh';
  checkSquare(name, self);
  const upper = isUpper(uplo);
  checkKernel('linalg_eigh_cpu', self);
  const values = emptyOn(self.shape.slice(0, -1), self.dtype.toReal(), self);
  const vectors = withVectors ? emptyOn(self.shape, self.dtype, self) : null;
  if (self.numel() > 0) {
    const info = emptyInfo(self.shape.slice(0, -2), self);
    self.storage.backend.kernels.symmetric_eigen(
      stackOf(values, 1),
      vectors && stackOf(vectors).mT,
      stackOf(self),
      stackOf(info, 0),
      upper,
    );
    checkInfo(name, info, notConverged('eigenvalues'));
  }
  return [values, vectors?.mT ?? null];
}

const schema = "eigh(Tensor self, 'L'|'U' UPLO='L') -> (Tensor eigenvalues, Tensor eigenvectors)";

export const eigh: OpFunction<typeof schema> = op(schema, {
  doc: "The eigenvalues, ascending, and orthonormal eigenvectors, as columns, of symmetric or Hermitian matrices, of which one triangle is read: the lower, or with 'U' the upper one.",
  module: 'linalg',
  batch: 'leading',
  gradName: 'LinalgEighBackward0',
  forward: (self, uplo): readonly [Tensor, Tensor] =>
    decompose(self, uplo, true) as readonly [Tensor, Tensor],
  save: ['eigenvalues', 'eigenvectors'],
  holomorphic: false,
  vjp: ([byValues, byVectors], { eigenvalues, eigenvectors: v }) => {
    if (byVectors === null) return { self: byValues && v.mul(byValues.unsqueeze(-2)).matmul(adjoint(v)) };
    const turned = adjoint(v).matmul(byVectors);
    checkPhase('linalg_eigh_backward', turned, 'eigenvectors');
    // Hermitian, as the matrix is.
    const inner = turned.sub(adjoint(turned)).div(gapsOf(eigenvalues).mul(2));
    return { self: v.matmul(withDiagonal(inner, byValues)).matmul(adjoint(v)) };
  },
  jvp: ({ self: tangent }, { eigenvalues, eigenvectors: v }) => {
    const turned = adjoint(v).matmul(tangent!).matmul(v);
    const diagonal = turned.diagonal(0, -2, -1);
    const inner = withDiagonal(turned.div(gapsOf(eigenvalues)), null);
    return [diagonal.isComplex() ? diagonal.real : diagonal, v.matmul(inner)];
  },
});

/** The differences of eigenvalues, that of the column less that of the row, with ones on the diagonal. */
function gapsOf(values: Tensor): Tensor {
  const gaps = values.unsqueeze(-2).sub(values.unsqueeze(-1));
  return withDiagonal(gaps, values.onesLike());
}

export const eigvalsh = op("eigvalsh(Tensor self, 'L'|'U' UPLO='L') -> Tensor", {
  doc: 'The eigenvalues, ascending, of symmetric or Hermitian matrices, of which one triangle is read.',
  module: 'linalg',
  batch: 'leading',
  gradName: 'LinalgEighBackward0',
  forward: (self, uplo) => decompose(self, uplo, false)[0],
  save: ['self'],
  holomorphic: false,
  vjp: {
    self(grad, { self, UPLO }) {
      const v = eigh(self, UPLO)[1];
      return v.mul(grad.unsqueeze(-2)).matmul(adjoint(v));
    },
  },
});
