/** Systems of equations with square matrices. */

import { int32, int64 } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { empty } from '../../dispatch/empty.js';
import { type OpFunction, op, ops } from '../../dispatch/registry.js';
import {
  adjoint,
  checkFloating,
  checkInfo,
  checkKernel,
  checkMatrix,
  checkSquare,
  denseCopyOf,
  emptyAs,
  emptyInfo,
  singular,
  stackOf,
} from './factorization.js';
import { broadcastBatches, checkSystem } from './triangular_solve.js';

/** Replaces matrices by their factors L and U. */
function factorize(a: Tensor): { readonly permutation: Tensor; readonly info: Tensor } {
  const { shape, storage } = a;
  const [rows, columns] = shape.slice(-2);
  const batch = shape.slice(0, -2);
  const pivots = empty([...batch, Math.min(rows, columns)], int32, storage.backend);
  const permutation = empty([...batch, rows], int64, storage.backend);
  const info = emptyInfo(batch, a);
  if (a.numel() > 0)
    storage.backend.kernels.lu(stackOf(a), stackOf(pivots, 1), stackOf(permutation, 1), info.view([-1]));
  return { permutation, info };
}

const schema = '_solve_ex(Tensor A, Tensor B, bool left, str? check) -> (Tensor result, Tensor info)';

const solve: OpFunction<typeof schema> = op(schema, {
  doc: 'The solutions of systems of equations, and what `linalg.solve_ex` says of them; `check` names who refuses singular matrices.',
  function: false,
  method: false,
  batch: 'broadcast',
  gradName: 'LinalgSolveExBackward0',
  forward(A, B, left, check): readonly [Tensor, Tensor] {
    // X A = B is Aᵀ Xᵀ = Bᵀ.
    const turned = (t: Tensor): Tensor => (left ? t : t.mT);
    const [a, b] = broadcastBatches(turned(A), turned(B));
    const factors = denseCopyOf(turned(A));
    const { permutation, info } = factorize(factors);
    const out = emptyAs(turned(b).shape, A);
    if (out.numel() > 0) {
      const rows = permutation.expand([...a.shape.slice(0, -2), permutation.shape[permutation.ndim - 1]]);
      const x = b.takeAlongDim(rows.unsqueeze(-1), -2).contiguous();
      const { kernels } = out.storage.backend;
      const both = stackOf(factors.expand(a.shape));
      kernels.triangular_solve(stackOf(x), both, false, true, true);
      kernels.triangular_solve(stackOf(x), both, true, true, false);
      out.copy_(turned(x));
    }
    if (check !== null) checkInfo(check, info, singular);
    return [out, info];
  },
  save: ['A', 'result'],
  holomorphic: false,
  vjp: ([grad], { A, left, result, sizes }, needs): { A?: Tensor; B?: Tensor } => {
    if (grad === null) return {};
    const [byB] = solve(adjoint(A), grad, left, null);
    const byA = needs.A ? (left ? byB.matmul(adjoint(result)) : adjoint(result).matmul(byB)) : undefined;
    return { A: byA?.neg().sumToSize(A.shape), B: needs.B ? byB.sumToSize(sizes.B) : undefined };
  },
});

/** Solves for vectors, too: where B has one dimension less than A and its batch, or just one. */
function solved(a: Tensor, b: Tensor, left: boolean, check: string | null): readonly [Tensor, Tensor] {
  const name = 'linalg.solve';
  checkSquare(name, a);
  checkFloating(name, a);
  if (a.dtype !== b.dtype)
    throw new RuntimeError(
      `${name}: Expected A and B to have the same dtype, but found A of type ${a.dtype.scalarName} and B of type ${b.dtype.scalarName} instead`,
    );
  const isVector =
    b.ndim === 1 || (b.ndim === a.ndim - 1 && String(b.shape) === String(a.shape.slice(0, -1)));
  const matrix = isVector ? b.unsqueeze(-1) : b;
  checkMatrix(name, matrix, 'B');
  checkSystem(name, a, matrix, isVector || left);
  if (isVector && !left)
    throw new RuntimeError(
      `${name}: Vector broadcasting of the left hand side is not supported for left=False. In this case linalg.solve is equivalent to B / A.squeeze(-1)`,
    );
  checkKernel('lu_cpu', a);
  const [result, info] = solve(a, matrix, left, check);
  return [isVector ? result.squeeze(-1) : result, info];
}

export const linalgSolve = op('solve(Tensor A, Tensor B, *, bool left=True) -> Tensor', {
  doc: 'The solution X of A X = B, or with `left: false` of X A = B, for invertible matrices A; B may be a vector, or as many as there are matrices.',
  module: 'linalg',
  composite: (a, b, left) => solved(a, b, left, 'torch.linalg.solve')[0],
});

op(
  'solve_ex(Tensor A, Tensor B, *, bool left=True, bool check_errors=False) -> (Tensor result, Tensor info)',
  {
    doc: 'As `solve`, without an error for singular matrices: `info` is 0, or the number of the first zero on the diagonal of U.',
    module: 'linalg',
    composite: (a, b, left, checkErrors) => solved(a, b, left, checkErrors ? 'torch.linalg.solve_ex' : null),
  },
);

/** The logarithm of the absolute value of determinants. */
export const logAbsDet = op('_log_abs_det(Tensor self) -> Tensor', {
  doc: 'The logarithm of the absolute value of the determinant of square matrices.',
  function: false,
  method: false,
  batch: 'leading',
  forward(self) {
    const factors = denseCopyOf(self);
    factorize(factors);
    return factors.diagonal(0, -2, -1).abs().log().sum(-1);
  },
  save: ['self'],
  holomorphic: false,
  vjp: {
    self(grad, { self }) {
      const n = self.shape[self.ndim - 1];
      const identity = ops.eye(n, { dtype: self.dtype, device: self.device });
      const [inverse] = solve(adjoint(self), identity, true, null);
      return grad.unsqueeze(-1).unsqueeze(-1).mul(inverse);
    },
  },
});
