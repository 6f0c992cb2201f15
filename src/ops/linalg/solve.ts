/** Systems of equations with square matrices. */

import { RuntimeError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { type OpFunction, op } from '../../dispatch/registry.js';
import { padStack } from '../../dispatch/stacks.js';
import {
  adjoint,
  checkFloating,
  checkInfo,
  checkKernel,
  checkMatrix,
  checkSquare,
  singular,
} from './factorization.js';
import { solveSystems } from './systems.js';
import { checkSystem } from './triangular_solve.js';

const schema = '_solve_ex(Tensor A, Tensor B, bool left, str? check) -> (Tensor result, Tensor info)';

export const solve: OpFunction<typeof schema> = op(schema, {
  doc: 'The solutions of systems of equations, and what `linalg.solve_ex` says of them; `check` names who refuses singular matrices.',
  function: false,
  method: false,
  batch: (a, b, left, check, { has, size }) => {
    const ndim = Math.max(a.ndim - Number(has.A), b.ndim - Number(has.B));
    const [result, info] = solve(padStack(a, has.A, ndim), padStack(b, has.B, ndim), left, check);
    return [result, has.A ? info : info.expand([size, ...info.shape])];
  },
  gradName: 'LinalgSolveExBackward0',
  forward(A, B, left, check): readonly [Tensor, Tensor] {
    checkKernel('lu_cpu', A);
    const [result, info] = solveSystems(A, B, left);
    if (check !== null) checkInfo(check, info, singular);
    return [result, info];
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
