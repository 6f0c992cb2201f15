/** Least squares. */
import { complex64, complex128, type DType, float32, float64, int32, int64 } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import { sameShape } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { finfo } from '../../core/type_info.js';
import { type OpFunction, op, ops } from '../../dispatch/registry.js';
import { holds } from '../checks.js';
import { emptyOn } from './eigen.js';
import { adjoint, checkInfo, checkKernel, denseCopyOf, emptyAs, stackOf } from './factorization.js';
import { householderProduct, qr } from './householder.js';
import { pseudoInverseOf } from './pinv.js';
import { svd } from './svd.js';
import { broadcastBatches, solveTriangular } from './triangular_solve.js';

const name = 'torch.linalg.lstsq';

interface Found {
  readonly solution: Tensor;
  /** Not where the driver does not tell. */
  readonly rank?: Tensor;
  readonly values?: Tensor;
}

/** By a QR factorization, for matrices of full rank. */
function byQr(a: Tensor, b: Tensor): Found {
  const [rows, columns] = a.shape.slice(-2);
  const isTall = rows >= columns;
  const [q, r] = qr(isTall ? a : adjoint(a), 'reduced');
  const zeros = r.diagonal(0, -2, -1).eq(0);
  if (zeros.numel() > 0 && !holds(zeros, (t) => t.any().logicalNot())) {
    const count = zeros.shape[zeros.ndim - 1];
    const numbers = ops.arange(1, count + 1, { device: a.device });
    // The first zero's number, or 0.
    const info = ops
      .where(zeros, numbers, count + 1)
      .amin([-1])
      .remainder(count + 1)
      .to(int32);
    checkInfo(
      name,
      info,
      (code) =>
        `The least squares solution could not be computed because the input matrix does not have full rank (error code: ${code}).`,
    );
  }
  const solution = isTall
    ? solveTriangular(r, adjoint(q).matmul(b), true, true, false)
    : q.matmul(solveTriangular(adjoint(r), b, false, true, false));
  return { solution };
}

const doubled: ReadonlyMap<DType, DType> = new Map([
  [float32, float64],
  [complex64, complex128],
]);

/**
 * By singular values, of which those count that are above `rcond` times the largest. In double where that is to be had: gradients of
 * what is left over multiply the solution's error.
 */
function bySvd(a: Tensor, b: Tensor, rcond: number): Found {
  const wide = a.storage.backend.isHost ? doubled.get(a.dtype) : undefined;
  if (wide !== undefined) {
    const { solution, rank, values } = bySvd(a.to(wide), b.to(wide), rcond);
    return { solution: solution.to(a.dtype), rank, values: values!.to(a.dtype.toReal()) };
  }
  const [u, values, vh] = svd(a, false);
  const kept = values.gt(values.narrow(-1, 0, 1).mul(rcond));
  const inverse = ops.where(kept, values.reciprocal(), 0).to(a.dtype).unsqueeze(-1);
  return {
    solution: adjoint(vh).matmul(adjoint(u).matmul(b).mul(inverse)),
    rank: kept.sum(-1),
    values,
  };
}

/** By a QR factorization with pivots, whose rows beyond the rank are left out (Golub & Van Loan, 5.5). */
function byPivotedQr(a: Tensor, b: Tensor, rcond: number): Found {
  const factors = denseCopyOf(a);
  const [rows, columns] = a.shape.slice(-2);
  const batch = a.shape.slice(0, -2);
  const least = Math.min(rows, columns);
  const tau = emptyAs([...batch, least], a);
  const pivots = emptyOn([...batch, columns], int64, a);
  const rank = emptyOn(batch, int64, a);
  a.storage.backend.kernels.pivoted_qr(
    stackOf(factors),
    stackOf(tau, 1),
    stackOf(pivots, 1),
    rank.view([-1]),
    rcond,
  );
  const q = householderProduct(factors.narrow(-1, 0, least), tau);
  const r = factors.narrow(-2, 0, least).triu();
  const turned = adjoint(q).matmul(b);
  let found: Tensor;
  if (rows >= columns && holds(rank, (t) => t.eq(columns).all()))
    found = solveTriangular(r, turned, true, true, false);
  else {
    const counts = ops.arange(least, { device: a.device }).lt(rank.unsqueeze(-1));
    // The solution of least length for rows that are independent.
    const [u, values, vh] = svd(ops.where(counts.unsqueeze(-1), r, 0), false);
    const inverse = ops.where(counts, values.reciprocal(), 0).to(a.dtype).unsqueeze(-1);
    found = adjoint(vh).matmul(adjoint(u).matmul(turned).mul(inverse));
  }
  const places = pivots.argsort(-1).unsqueeze(-1).expand(found.shape);
  return { solution: found.gather(-2, places), rank };
}

/** Where there is nothing to be solved. */
function ofNothing(a: Tensor, b: Tensor): Found {
  const [rows, columns] = a.shape.slice(-2);
  const batch = a.shape.slice(0, -2);
  const values = emptyOn([...batch, Math.min(rows, columns)], a.dtype.toReal(), a);
  return {
    solution: b.newZeros([...batch, columns, b.shape[b.ndim - 1]]),
    rank: a.newZeros(batch, { dtype: int64 }),
    values,
  };
}

const solvers: Readonly<Record<string, (a: Tensor, b: Tensor, rcond: number) => Found>> = {
  gels: byQr,
  gelsy: byPivotedQr,
  gelsd: bySvd,
  gelss: bySvd,
};

const schema =
  '_lstsq(Tensor self, Tensor b, float rcond, str driver) -> (Tensor solution, Tensor residuals, Tensor rank, Tensor singular_values)';

/** With as many dimensions of both, and the same batch. */
const leastSquares: OpFunction<typeof schema> = op(schema, {
  doc: 'The least squares solutions of stacks of systems.',
  function: false,
  method: false,
  batch: (a, b, rcond, driver, { has, size }) => {
    const stacked = (t: Tensor, isStacked: boolean): Tensor => (isStacked ? t : t.expand([size, ...t.shape]));
    const found = leastSquares(stacked(a, has.self), stacked(b, has.b), rcond, driver);
    // A result that nobody asked for has no stack.
    const told = (t: Tensor): Tensor => (t.ndim === 1 && t.shape[0] === 0 ? t.expand([size, 0]) : t);
    return [found[0], told(found[1]), told(found[2]), told(found[3])];
  },
  gradName: 'LinalgLstsqBackward0',
  forward(a, b, rcond, driver): readonly [Tensor, Tensor, Tensor, Tensor] {
    const [rows, columns] = a.shape.slice(-2);
    const isEmpty = a.numel() === 0 || b.numel() === 0;
    const { solution, rank, values } = isEmpty ? ofNothing(a, b) : solvers[driver](a, b, rcond);
    const none = (t: Tensor | undefined, wanted: boolean, dtype = a.dtype.toReal()): Tensor =>
      t !== undefined && wanted ? t : emptyOn([0], dtype, a);
    const hasRank = driver !== 'gels';
    const hasResiduals =
      rows > columns && driver !== 'gelsy' && (!hasRank || holds(rank!, (t) => t.eq(columns).all()));
    const residuals = hasResiduals ? squaredLengths(a.matmul(solution).sub(b)) : undefined;
    return [
      solution,
      none(residuals, hasResiduals),
      none(rank, hasRank, int64),
      none(values, driver === 'gelsd' || driver === 'gelss'),
    ];
  },
  save: ['self', 'b', 'solution'],
  holomorphic: false,
  vjp: ([bySolution, byResiduals], { self: a, b, solution: x }, needs) => {
    const found: { self?: Tensor; b?: Tensor } = {};
    const add = (to: 'self' | 'b', by: Tensor): void => {
      found[to] = found[to]?.add(by) ?? by;
    };
    if (bySolution !== null) {
      const inverse = pseudoInverseOf(a);
      // x is the pseudo-inverse times b.
      if (needs.self) add('self', inverse.gradient(bySolution.matmul(adjoint(b))));
      if (needs.b) add('b', adjoint(inverse.value).matmul(bySolution));
    }
    if (byResiduals !== null && byResiduals.numel() > 0) {
      const by = a.matmul(x).sub(b).mul(byResiduals.mul(2).unsqueeze(-2));
      if (needs.self) add('self', by.matmul(adjoint(x)));
      if (needs.b) add('b', by.neg());
    }
    return found;
  },
});

const squaredLengths = (t: Tensor): Tensor =>
  (t.isComplex() ? ops.viewAsReal(t).square().sum(-1) : t.square()).sum(-2);

function checkArguments(a: Tensor, b: Tensor): boolean {
  const fail = (text: string): never => {
    throw new RuntimeError(`${name}: ${text}`);
  };
  if (a.ndim < 2) fail('input must have at least 2 dimensions.');
  if (b.ndim < 1) fail('other must have at least 1 dimension.');
  if (a.dtype !== b.dtype)
    fail(
      `Expected input and other to have the same dtype, but got input's dtype ${a.dtype.scalarName} and other's dtype ${b.dtype.scalarName}`,
    );
  const difference = a.ndim - b.ndim;
  if (difference < 0 || difference > 1)
    fail('input.dim() must be greater or equal to other.dim() and (input.dim() - other.dim()) <= 1');
  const isVector = b.ndim === 1 || (difference === 1 && sameShape(b.shape, a.shape.slice(0, -1)));
  const at = isVector ? -1 : -2;
  if (a.shape.at(-2) !== b.shape.at(at)) fail(`input.size(-2) should match other.size(${at})`);
  return isVector;
}

op(
  "lstsq(Tensor self, Tensor b, float? rcond=None, *, 'gels'|'gelsy'|'gelsd'|'gelss'? driver=None) -> (Tensor solution, Tensor residuals, Tensor rank, Tensor singular_values)",
  {
    doc: "The solution X of least length that minimizes ‖A X - B‖ (`input` and `b`), the squares of what is left, A's rank and its singular values, these as far as the driver tells: 'gels' (for matrices of full rank), 'gelsy' (the default), 'gelsd' or 'gelss'. What is below `rcond` times the largest counts as zero; the default is the dtype's eps times the larger of the sizes.",
    module: 'linalg',
    composite(self, b, rcond, driver) {
      const isVector = checkArguments(self, b);
      const chosen = driver ?? 'gelsy';
      if (!(chosen in solvers))
        throw new RuntimeError(`${name}: parameter \`driver\` should be one of (gels, gelsy, gelsd, gelss)`);
      if (!self.isFloatingPoint() && !self.isComplex())
        throw new RuntimeError("This function doesn't handle types other than float and double");
      checkKernel('linalg_lstsq_cpu', self);
      const [rows, columns] = self.shape.slice(-2);
      const least = rcond ?? finfo(self.dtype).eps * Math.max(rows, columns);
      const matrix = isVector ? b.unsqueeze(-1) : b;
      const [a, c] = broadcastBatches(self, matrix);
      const [solution, residuals, rank, values] = leastSquares(a, c, least, chosen);
      return [isVector ? solution.squeeze(-1) : solution, residuals, rank, values.detach()] as const;
    },
  },
);
