/** Eigenvalues and eigenvectors of square matrices. */
import type { Gradient } from '../../autograd/node.js';
import { Category } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { type OpFunction, op } from '../../dispatch/registry.js';
import { holds } from '../checks.js';
import { checkPhase, emptyOn, notConverged, withDiagonal } from './eigen.js';
import { adjoint, checkInfo, checkKernel, checkSquare, emptyInfo, stackOf } from './factorization.js';
import { linalgSolve } from './solve.js';

function decompose(name: string, self: Tensor, withVectors: boolean): readonly [Tensor, Tensor | null] {
  if (self.dtype.category < Category.float)
    throw new RuntimeError(`Unknown Complex ScalarType for ${self.dtype.scalarName}`);
  checkSquare(name, self);
  if (self.numel() > 0 && !holds(self, (values) => values.isfinite().all()))
    throw new RuntimeError(`torch.${name}: input tensor should not contain infs or NaNs.`);
  checkKernel('linalg_eig_out_cpu', self);
  const dtype = self.dtype.toComplex();
  const values = emptyOn(self.shape.slice(0, -1), dtype, self);
  const vectors = withVectors ? emptyOn(self.shape, dtype, self) : null;
  if (self.numel() > 0) {
    const info = emptyInfo(self.shape.slice(0, -2), self);
    self.storage.backend.kernels.general_eigen(
      stackOf(values, 1),
      vectors && stackOf(vectors).mT,
      stackOf(self),
      stackOf(info, 0),
    );
    checkInfo(name, info, notConverged('eigenvalues'));
  }
  return [values, vectors?.mT ?? null];
}

/** The gradient by a matrix from those by its eigenvalues and eigenvectors of length 1. */
function gradient(self: Tensor, values: Tensor, v: Tensor, byValues: Gradient, byVectors: Gradient): Tensor {
  const dual = adjoint(v);
  let inner: Tensor;
  if (byVectors === null) inner = byValues!.unsqueeze(-1).mul(dual);
  else {
    const turned = dual.matmul(byVectors);
    checkPhase('linalg_eig_backward', turned, 'eigenvectors');
    // Without what changes the lengths.
    const lengths = turned.diagonal(0, -2, -1).real.unsqueeze(-2);
    const tangential = turned.sub(dual.matmul(v).mul(lengths));
    inner = withDiagonal(tangential.div(gapsOf(values).conj()), byValues).matmul(dual);
  }
  const found = linalgSolve(dual, inner, true);
  return self.isComplex() ? found : found.real;
}

function gapsOf(values: Tensor): Tensor {
  const gaps = values.unsqueeze(-2).sub(values.unsqueeze(-1));
  return withDiagonal(gaps, values.onesLike());
}

const schema = 'eig(Tensor self) -> (Tensor eigenvalues, Tensor eigenvectors)';

export const eig: OpFunction<typeof schema> = op(schema, {
  doc: 'The eigenvalues, in no order, and eigenvectors of length 1, as columns, of square matrices; both are complex.',
  module: 'linalg',
  batch: 'leading',
  gradName: 'LinalgEigBackward0',
  forward: (self): readonly [Tensor, Tensor] =>
    decompose('linalg.eig', self, true) as readonly [Tensor, Tensor],
  save: ['self', 'eigenvalues', 'eigenvectors'],
  holomorphic: false,
  vjp: ([byValues, byVectors], { self, eigenvalues, eigenvectors }) =>
    byValues === null && byVectors === null
      ? {}
      : { self: gradient(self, eigenvalues, eigenvectors, byValues, byVectors) },
  jvp: ({ self: tangent }, { eigenvalues, eigenvectors: v }) => {
    const turned = linalgSolve(v, tangent!.to(v.dtype).matmul(v), true);
    const change = v.matmul(withDiagonal(turned.div(gapsOf(eigenvalues)), null));
    const lengths = adjoint(v).matmul(change).diagonal(0, -2, -1).real.unsqueeze(-2);
    return [turned.diagonal(0, -2, -1), change.sub(v.mul(lengths))];
  },
});

op('eigvals(Tensor self) -> Tensor', {
  doc: 'The eigenvalues of square matrices, complex and in no order.',
  module: 'linalg',
  batch: 'leading',
  gradName: 'LinalgEigBackward0',
  forward: (self) => decompose('linalg.eigvals', self, false)[0],
  save: ['self'],
  holomorphic: false,
  vjp: {
    self(grad, { self }) {
      const [values, vectors] = eig(self);
      return gradient(self, values, vectors, grad, null);
    },
  },
});
