/** Systems of equations with matrices that are factored. */
import { int32 } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import { formatShape, sameShape } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { type OpFunction, op } from '../../dispatch/registry.js';
import { expandStack, ndimOf, padStack } from '../../dispatch/stacks.js';
import { copyInto } from '../copying.js';
import {
  adjoint as adjointOf,
  checkFloating,
  checkKernel,
  checkMatrix,
  checkSquare,
  emptyAs,
  identityLike,
  stackOf,
} from './factorization.js';
import { checkPivots, inOrder, permutation } from './lu.js';
import { broadcastBatches, checkSystem } from './triangular_solve.js';

/** X of A X = B (`left`: else of X A = B; `adjoint`: with Aᴴ), given the factors and swaps of A. */
export function solveFactored(
  factors: Tensor,
  pivots: Tensor,
  b: Tensor,
  left: boolean,
  adjoint: boolean,
): Tensor {
  const [all, from] = broadcastBatches(factors, b);
  const out = emptyAs(from.shape, factors);
  if (out.numel() === 0) return out;
  copyInto(out, from);
  const swaps = pivots.expand(all.shape.slice(0, -1));
  out.storage.backend.kernels.lu_solve(stackOf(out), stackOf(all), stackOf(swaps, 1), left, adjoint);
  return out;
}

type Member = readonly [tensor: Tensor, isStacked: boolean];

/** Factors, swaps and right-hand sides of a stack of systems, as they broadcast. */
export function stackedSystem(
  [factors, hasFactors]: Member,
  [pivots, hasPivots]: Member,
  [b, hasB]: Member,
  size: number,
): [Tensor, Tensor, Tensor] {
  const isFactored = hasFactors || hasPivots;
  const ndim = Math.max(ndimOf(factors, hasFactors), ndimOf(b, hasB));
  const all = isFactored ? expandStack(factors, hasFactors, size) : factors;
  const swaps = isFactored ? expandStack(pivots, hasPivots, size) : pivots;
  return [padStack(all, isFactored, ndim), padStack(swaps, isFactored, ndim - 1), padStack(b, hasB, ndim)];
}

function check(factors: Tensor, pivots: Tensor, b: Tensor, left: boolean): void {
  const name = 'linalg.lu_solve';
  const fail = (text: string): never => {
    throw new RuntimeError(`${name}: ${text}`);
  };
  checkFloating(`torch.${name}`, factors);
  if (factors.dtype !== b.dtype)
    fail(
      `Expected LU and B to have the same dtype, but found LU of type ${factors.dtype.scalarName} and B of type ${b.dtype.scalarName} instead`,
    );
  if (pivots.dtype !== int32) fail('pivots should be a Tensor of scalar type torch.int32');
  checkSquare(`torch.${name}`, factors);
  checkMatrix(name, b, 'B');
  checkSystem(name, factors, b, left);
  const n = factors.shape[factors.ndim - 1];
  if (pivots.shape[pivots.ndim - 1] !== n)
    fail('Number of pivots per batch should be same as the dimension of the matrix');
  if (!sameShape(factors.shape.slice(0, -1), pivots.shape))
    fail(
      `Expected LU.shape[:-1] and pivots.shape to be the same, but got pivots with shape ${formatShape(pivots.shape)} instead`,
    );
}

const wrongPivots = (bound: string): string =>
  `Pivots given to lu_solve must all be ${bound}. Did you properly pass the result of lu_factor?`;

const schema = '_lu_solve(Tensor LU, Tensor pivots, Tensor B, bool left, bool adjoint) -> Tensor';

/** `linalg.lu_solve` of what was checked. */
export const luSolve: OpFunction<typeof schema> = op(schema, {
  doc: 'The solutions of systems of equations whose matrices are factored.',
  function: false,
  method: false,
  batch: (factors, pivots, b, left, adjoint, { has, size }) => {
    const system = stackedSystem([factors, has.LU], [pivots, has.pivots], [b, has.B], size);
    return luSolve(...system, left, adjoint);
  },
  gradName: 'LinalgLuSolveBackward0',
  forward(factors, pivots, b, left, adjoint) {
    checkKernel('linalg.lu_solve_cpu', factors);
    // Here the values are there to be looked at, also in a vmap.
    checkPivots(
      pivots,
      factors.shape[factors.ndim - 1],
      wrongPivots('greater or equal to 1'),
      wrongPivots('smaller or equal to LU.size(-2)'),
    );
    return solveFactored(factors, pivots, b, left, adjoint);
  },
  save: ['LU', 'pivots', 'result'],
  holomorphic: false,
  vjp: (
    [grad],
    { LU, pivots, left, adjoint, result, sizes },
    needs,
  ): { LU?: Tensor; pivots?: Tensor; B?: Tensor } => {
    if (grad === null) return {};
    const byB = luSolve(LU, pivots, grad, left, !adjoint);
    const B = needs.B ? byB.sumToSize(sizes.B) : undefined;
    if (!needs.LU) return { B };
    // By the matrix, or its adjoint; then by its factors, of which the other one is constant.
    const bySystem = left ? byB.matmul(adjointOf(result)) : adjointOf(result).matmul(byB);
    const byMatrix = (adjoint ? adjointOf(bySystem) : bySystem).neg().sumToSize(LU.shape);
    const byProduct = inOrder(byMatrix, permutation(pivots, LU.shape[LU.ndim - 1]));
    const lower = LU.tril(-1).add(identityLike(LU));
    const byLower = byProduct.matmul(adjointOf(LU.triu())).tril(-1);
    return { LU: byLower.add(adjointOf(lower).matmul(byProduct).triu()), B };
  },
});

op('lu_solve(Tensor LU, Tensor pivots, Tensor B, *, bool left=True, bool adjoint=False) -> Tensor', {
  doc: 'The solution X of A X = B, or with `left: false` of X A = B, given what `lu_factor` makes of square matrices A; with `adjoint` Aᴴ takes the place of A.',
  module: 'linalg',
  composite(factors, pivots, b, left, adjoint) {
    check(factors, pivots, b, left);
    return luSolve(factors, pivots, b, left, adjoint);
  },
});

op('lu_solve(Tensor self|b, Tensor LU_data, Tensor LU_pivots) -> Tensor', {
  doc: 'As `linalg.lu_solve`, by its older name.',
  composite(self, factors, pivots) {
    check(factors, pivots, self, true);
    return luSolve(factors, pivots, self, true, false);
  },
});
