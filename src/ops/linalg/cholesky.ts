/** The Cholesky factorization, and what is computed with it. */
import { int32 } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { type OpFunction, op, ops } from '../../dispatch/registry.js';
import {
  adjoint,
  checkFloating,
  checkInfo,
  checkKernel,
  checkSquare,
  emptyAs,
  emptyInfo,
  notPositive,
  stackOf,
  zeroPivot,
} from './factorization.js';
import { checkOperands, solveTriangular } from './triangular_solve.js';

const factorize = op('_cholesky_ex(Tensor self, bool upper, str? check) -> (Tensor L, Tensor info)', {
  doc: 'The Cholesky factors, and what `linalg.cholesky_ex` says of them; `check` names who refuses matrices that are not positive-definite.',
  function: false,
  method: false,
  batch: 'leading',
  gradName: (args) => (args[2] === 'cholesky' ? 'CholeskyBackward0' : 'LinalgCholeskyExBackward0'),
  forward(self, upper, check): readonly [Tensor, Tensor] {
    // The older function looks at neither what is empty nor at integers.
    const isOlder = check === 'cholesky';
    const name = isOlder ? check : 'linalg.cholesky';
    if (self.numel() > 0 || !isOlder) checkSquare(name, self);
    if (!isOlder) checkFloating(name, self);
    checkKernel('cholesky_cpu', self);
    const factor = emptyAs(self.shape, self);
    const info = emptyInfo(self.shape.slice(0, -2), self);
    if (factor.numel() > 0) {
      // The factor of the transpose, which is the conjugate, is the transpose of the upper one.
      const turned = (stack: Tensor): Tensor => (upper ? stack.mT : stack);
      factor.storage.backend.kernels.cholesky(
        turned(stackOf(factor)),
        stackOf(info, 0),
        turned(stackOf(self)),
      );
    }
    if (check !== null) checkInfo(check, info, notPositive);
    return [factor, info];
  },
  save: ['L'],
  holomorphic: false,
  vjp: ([grad], { L, upper }) => {
    if (grad === null) return {};
    const [factor, by] = upper ? [adjoint(L), adjoint(grad)] : [L, grad];
    const phi = adjoint(factor).matmul(by).tril();
    const symmetric = phi.add(adjoint(phi.tril(-1))).mul(0.5);
    const half = solveTriangular(adjoint(factor), symmetric, true, true, false);
    return { self: solveTriangular(factor, half, false, false, false) };
  },
});

export const cholesky = op('cholesky(Tensor self, *, bool upper=False) -> Tensor', {
  doc: 'The lower triangular L with A = L Lᴴ, for matrices A that are Hermitian (symmetric) and positive-definite; with `upper` Lᴴ.',
  module: 'linalg',
  composite: (self, upper) => factorize(self, upper, 'linalg.cholesky')[0],
});

export const choleskyEx = op(
  'cholesky_ex(Tensor self, *, bool upper=False, bool check_errors=False) -> (Tensor L, Tensor info)',
  {
    doc: 'As `cholesky`, without an error for matrices that are not positive-definite: `info` is 0, or the order of their first leading minor that is not.',
    module: 'linalg',
    composite: (self, upper, checkErrors) =>
      factorize(self, upper, checkErrors ? 'linalg.cholesky_ex' : null),
  },
);

op('cholesky(Tensor self, bool upper=False) -> Tensor', {
  doc: 'As `linalg.cholesky`, by its older name.',
  composite: (self, upper) => factorize(self, upper, 'cholesky')[0],
});

const solveSchema = 'cholesky_solve(Tensor self|B, Tensor input2|L, bool upper=False) -> Tensor';

export const choleskySolve: OpFunction<typeof solveSchema> = op(solveSchema, {
  doc: 'The solution X of A X = B, given the Cholesky factor L of A (`upper`: its adjoint).',
  batch: 'broadcast',
  forward(self, factor, upper) {
    checkSolve(self, factor);
    const other = adjoint(factor);
    const half = solveTriangular(upper ? other : factor, self, false, true, false);
    return solveTriangular(upper ? factor : other, half, true, true, false);
  },
  save: ['input2', 'result'],
  holomorphic: false,
  vjp: ([grad], { input2: factor, upper, result, sizes }, needs): { self?: Tensor; input2?: Tensor } => {
    if (grad === null) return {};
    const byB = choleskySolve(grad, factor, upper);
    const self = needs.self ? byB.sumToSize(sizes.self) : undefined;
    if (!needs.input2) return { self };
    return { self, input2: byFactor(byB.matmul(adjoint(result)), factor, upper).sumToSize(factor.shape) };
  },
});

/** The gradient by a factor, from that by the matrix, in which its signs are turned. */
function byFactor(byMatrix: Tensor, factor: Tensor, upper: boolean): Tensor {
  const both = byMatrix.add(adjoint(byMatrix)).neg();
  return upper ? factor.matmul(both) : both.matmul(factor);
}

function checkSolve(self: Tensor, factor: Tensor): void {
  for (const [name, { ndim }] of [
    ['b', self],
    ['u', factor],
  ] as const)
    if (ndim < 2)
      throw new RuntimeError(`${name} should have at least 2 dimensions, but has ${ndim} dimensions instead`);
  checkOperands('cholesky_solve', self, factor);
  checkKernel('cholesky_solve_cpu', self);
}

export const choleskyInverse = op('cholesky_inverse(Tensor self|L, bool upper=False) -> Tensor', {
  doc: 'The inverse of A, given its Cholesky factor L (`upper`: its adjoint).',
  batch: 'leading',
  forward(self, upper) {
    checkSquare('cholesky_inverse', self);
    checkKernel('cholesky_inverse_out_cpu', self);
    checkDiagonal(self);
    const n = self.shape[self.ndim - 1];
    const identity = ops.eye(n, { dtype: self.dtype, device: self.device });
    const half = solveTriangular(self, identity, upper, true, false);
    return upper ? half.matmul(adjoint(half)) : adjoint(half).matmul(half);
  },
  save: ['self', 'result'],
  holomorphic: false,
  vjp: {
    self: (grad, { self, upper, result }) => byFactor(result.matmul(grad).matmul(result), self, upper),
  },
});

/** @throws LinAlgError where a factor has a zero on its diagonal */
function checkDiagonal(factor: Tensor): void {
  if (!factor.isReadable || factor.numel() === 0) return;
  const zeros = factor.diagonal(0, -2, -1).eq(0);
  if (!zeros.any().item()) return;
  const info = zeros.any(-1).to(int32).mul(zeros.to(int32).argmax(-1).add(1)).to(int32);
  checkInfo('cholesky_inverse', info, zeroPivot);
}
