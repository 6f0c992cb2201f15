/** Systems of equations and determinants by the factors of A = P L U, of which nobody sees those of small matrices. */
import { int32 } from '../../core/dtype.js';
import { numel } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { empty } from '../../dispatch/empty.js';
import { ops } from '../../dispatch/registry.js';
import { emptyAs, identityLike, stackOf } from './factorization.js';
import { factorsOf } from './lu.js';
import { solveFactored } from './lu_solve.js';
import { broadcastBatches } from './triangular_solve.js';

/** A kernel of their own takes matrices of up to so many rows. */
const MOST_ROWS = 16;

const isSmall = ({ shape, storage }: Tensor): boolean =>
  storage.backend.isHost && shape[shape.length - 1] <= MOST_ROWS;

/** X of A X = B (`left`: else of X A = B), or without B the inverse, and `info` of A. */
export function solveSystems(a: Tensor, b: Tensor | null, left: boolean): readonly [Tensor, Tensor] {
  const [matrices, right] = b === null ? [a, null] : broadcastBatches(a, b);
  const { shape } = right ?? a;
  const batch = a.shape.slice(0, -2);
  const count = numel(shape);
  // A matrix for many sides is factored once.
  if (count === 0 || !isSmall(a) || numel(batch) !== numel(shape.slice(0, -2))) {
    const [factors, pivots, info] = factorsOf(a);
    return [solveFactored(factors, pivots, b ?? identityLike(a), left, false), info];
  }
  const [out, info] = [emptyAs(shape, a), empty(batch, int32, a.storage.backend)];
  a.storage.backend.kernels.small_lu(
    stackOf(out),
    null,
    stackOf(info, 0),
    stackOf(matrices),
    right && stackOf(right),
    left,
  );
  return [out, info];
}

/** Numbers whose product is the determinant: the diagonal of U, negative for each row that was swapped. */
export function luDiagonal(a: Tensor): Tensor {
  if (isSmall(a)) {
    const out = emptyAs(a.shape.slice(0, -1), a);
    if (out.numel() > 0)
      out.storage.backend.kernels.small_lu(null, stackOf(out, 1), null, stackOf(a), null, true);
    return out;
  }
  const [factors, pivots] = factorsOf(a);
  const n = pivots.shape[pivots.ndim - 1];
  const inPlace = pivots.eq(ops.arange(1, n + 1, { dtype: int32, device: pivots.device }));
  const diagonal = factors.diagonal(0, -2, -1);
  return ops.where(inPlace, diagonal, diagonal.neg());
}
