/** The LU factorization with partial pivoting, A = P L U, and its parts. */
import type { Gradient } from '../../autograd/node.js';
import { type DType, int32, int64 } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import { formatShape } from '../../core/layout.js';
import { Tensor } from '../../core/tensor.js';
import { empty } from '../../dispatch/empty.js';
import { op, ops } from '../../dispatch/registry.js';
import { liesWithin } from '../checks.js';
import { fillInto } from '../copying.js';
import {
  adjoint,
  checkInfo,
  checkKernel,
  denseCopyOf,
  emptyInfo,
  stackOf,
  triangleOf,
} from './factorization.js';
import { solveTriangular } from './triangular_solve.js';

/** Factors of matrices, packed, the swaps of their rows, and what LAPACK says of them. */
export function factorsOf(matrix: Tensor): readonly [factors: Tensor, pivots: Tensor, info: Tensor] {
  const factors = denseCopyOf(matrix);
  const { shape, storage } = factors;
  const batch = shape.slice(0, -2);
  const [rows, columns] = shape.slice(-2);
  const pivots = empty([...batch, Math.min(rows, columns)], int32, storage.backend);
  const info = emptyInfo(batch, factors);
  if (factors.numel() > 0) storage.backend.kernels.lu(stackOf(factors), stackOf(pivots, 1), stackOf(info, 0));
  return [factors, pivots, info];
}

export const permutation = op('_lu_permutation(Tensor pivots, int rows) -> Tensor', {
  doc: 'The order of rows that the swaps `pivots` lead to: row i of L U is that row of the matrix.',
  function: false,
  method: false,
  batch: 'leading',
  forward(pivots, rows) {
    checkPivots(
      pivots,
      rows,
      'pivots passed to lu_unpack must be between 1 and LU.size(-2) inclusive.Did you properly pass the result of lu_factor?',
    );
    const order = empty([...pivots.shape.slice(0, -1), rows], int64, pivots.storage.backend);
    if (order.numel() > 0)
      order.storage.backend.kernels.lu_permutation(stackOf(order, 1), stackOf(pivots, 1));
    return order;
  },
});

/** The largest number that a pivot can be. */
const MOST = 2 ** 31 - 1;

/** @throws RuntimeError where a pivot that can be read is not the number of a row */
export function checkPivots(pivots: Tensor, rows: number, low: string, high: string = low): void {
  if (pivots.numel() === 0) return;
  if (!pivots.isReadable) {
    const wrong = pivots.lt(1).to(int32).add(pivots.gt(rows).to(int32).mul(2)).view([-1]);
    const error = (_: number, which: number): Error => new RuntimeError(which === 1 ? low : high);
    pivots.storage.backend.refuseNonzero?.(wrong, low, error);
    return;
  }
  if (!liesWithin(pivots, 1, rows)) throw new RuntimeError(liesWithin(pivots, 1, MOST) ? high : low);
}

/** Rows of matrices in the given order; with `back` from it. */
export function inOrder(matrix: Tensor, order: Tensor, back = false): Tensor {
  const rows = back ? order.argsort(-1) : order;
  return matrix.takeAlongDim(rows.unsqueeze(-1), -2);
}

const permutationMatrix = op('_permutation_matrix(Tensor order, ScalarType dtype) -> Tensor', {
  doc: 'The matrix whose product with rows in the given order has them as they were.',
  function: false,
  method: false,
  batch: 'leading',
  forward(order, dtype) {
    const { shape, strides, storage, offset } = order;
    const rows = shape[shape.length - 1];
    const out = empty([...shape, rows], dtype as DType, storage.backend);
    if (out.numel() === 0) return out;
    fillInto(out, 0);
    const one = empty([], dtype as DType, storage.backend);
    fillInto(one, 1);
    const across = <T>(list: readonly T[], item: T): T[] => [...list.slice(0, -1), item, ...list.slice(-1)];
    const index = new Tensor(storage, int64, across(shape, 1), across(strides, 0), offset);
    const ones = new Tensor(
      one.storage,
      one.dtype,
      index.shape,
      index.shape.map(() => 0),
      0,
    );
    storage.backend.kernels.scatter(out, out.ndim - 2, index, ones, 'assign');
    return out;
  },
});

/** L with its ones, and U. */
function partsOf(factors: Tensor): readonly [lower: Tensor, upper: Tensor] {
  const [rows, columns] = factors.shape.slice(-2);
  const least = Math.min(rows, columns);
  const lower = triangleOf(factors, [rows, least], -1, false);
  const { storage, dtype, shape, strides } = lower;
  const step = strides[strides.length - 2] + 1;
  const diagonal = [...shape.slice(0, -2), least];
  fillInto(new Tensor(storage, dtype, diagonal, [...strides.slice(0, -2), step], 0), 1);
  return [lower, triangleOf(factors, [least, columns], 0, true)];
}

/** The gradient by packed factors, from those by their parts. */
function packed(byLower: Gradient, byUpper: Gradient, rows: number, columns: number): Tensor {
  const lower = byLower?.tril(-1);
  const upper = byUpper?.triu();
  const like = (lower ?? upper)!;
  const zeros = (height: number, width: number): Tensor =>
    like.newZeros([...like.shape.slice(0, -2), height, width]);
  const wide = lower && columns > rows ? ops.cat([lower, zeros(rows, columns - rows)], -1) : lower;
  const tall = upper && rows > columns ? ops.cat([upper, zeros(rows - columns, columns)], -2) : upper;
  return wide === undefined ? tall! : tall === undefined ? wide : wide.add(tall);
}

/** The gradient by a matrix, from those by L and U. */
function luGradient(
  lower: Tensor,
  upper: Tensor,
  order: Tensor,
  byLower: Gradient,
  byUpper: Gradient,
): Tensor {
  const least = upper.shape[upper.ndim - 2];
  const below = lower.shape[lower.ndim - 2] - least;
  const beside = upper.shape[upper.ndim - 1] - least;
  const [top, left] = [lower.narrow(-2, 0, least), upper.narrow(-1, 0, least)];
  // The part below or beside the square follows from it and the matrix, and so has a share in its gradient.
  let strict = byLower === null ? null : adjoint(top).matmul(byLower.narrow(-2, 0, least));
  let rest = byUpper === null ? null : byUpper.narrow(-1, 0, least).matmul(adjoint(left));
  const minus = (a: Gradient, b: Tensor): Tensor => (a === null ? b.neg() : a.sub(b));
  const [byBelow, byBeside] = [
    below > 0 ? (byLower?.narrow(-2, least, below) ?? null) : null,
    beside > 0 ? (byUpper?.narrow(-1, least, beside) ?? null) : null,
  ];
  if (byBelow !== null) rest = minus(rest, adjoint(lower.narrow(-2, least, below)).matmul(byBelow));
  if (byBeside !== null) strict = minus(strict, byBeside.matmul(adjoint(upper.narrow(-1, least, beside))));
  const [a, b] = [strict?.tril(-1), rest?.triu()];
  const middle = a === undefined ? b! : b === undefined ? a : a.add(b);
  const fromRight = (x: Tensor): Tensor => solveTriangular(adjoint(left), x, false, false, false);
  const fromLeft = (x: Tensor): Tensor => solveTriangular(adjoint(top), x, true, true, true);
  let result = fromLeft(fromRight(middle));
  if (below > 0) {
    const last =
      byBelow === null ? result.newZeros([...result.shape.slice(0, -2), below, least]) : fromRight(byBelow);
    result = ops.cat([result, last], -2);
  }
  if (beside > 0) {
    const last =
      byBeside === null ? result.newZeros([...result.shape.slice(0, -1), beside]) : fromLeft(byBeside);
    result = ops.cat([result, last], -1);
  }
  return inOrder(result, order, true);
}

function checkFactors(name: string, matrix: Tensor, pivot: boolean): void {
  if (matrix.ndim < 2)
    throw new RuntimeError(
      `${name}: Expected tensor with 2 or more dimensions. Got size: ${formatShape(matrix.shape)} instead`,
    );
  checkKernel('lu_cpu', matrix);
  if (!pivot) throw new RuntimeError('linalg.lu_factor: LU without pivoting is not implemented on the CPU');
}

const unusable = (index: number): string =>
  `U[${index},${index}] is zero and using it on lu_solve would result in a division by zero. If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)`;

const factorize = op(
  '_lu_factor_ex(Tensor A, bool pivot, str? check) -> (Tensor LU, Tensor pivots, Tensor info)',
  {
    doc: 'The factors, and what `linalg.lu_factor_ex` says of them; `check` names who refuses a zero on the diagonal of U.',
    function: false,
    method: false,
    batch: 'leading',
    gradName: 'LinalgLuFactorExBackward0',
    forward(A, pivot, check): readonly [Tensor, Tensor, Tensor] {
      checkFactors('torch.lu_factor', A, pivot);
      const [factors, pivots, info] = factorsOf(A);
      if (check !== null) checkInfo(check, info, unusable, RuntimeError);
      return [factors, pivots, info];
    },
    save: ['LU', 'pivots'],
    holomorphic: false,
    vjp: ([grad], { LU, pivots }) => {
      if (grad === null) return {};
      const [rows, columns] = LU.shape.slice(-2);
      const least = Math.min(rows, columns);
      const [lower, upper] = unpacked(LU);
      const [byLower, byUpper] = [grad.narrow(-1, 0, least).tril(-1), grad.narrow(-2, 0, least).triu()];
      return { A: luGradient(lower, upper, permutation(pivots, rows), byLower, byUpper) };
    },
  },
);

op(
  'lu_factor_ex(Tensor A, *, bool pivot=True, bool check_errors=False) -> (Tensor LU, Tensor pivots, Tensor info)',
  {
    doc: 'As `lu_factor`, without an error for singular matrices: `info` is 0, or the number of the first zero on the diagonal of U.',
    module: 'linalg',
    composite: (a, pivot, checkErrors) =>
      factorize(a, pivot, checkErrors ? 'torch.linalg.lu_factor_ex' : null),
  },
);

op('lu_factor(Tensor A, *, bool pivot=True) -> (Tensor LU, Tensor pivots)', {
  doc: 'The factors of A = P L U, packed: U on and above the diagonal, L below it; `pivots` are the rows, counted from 1, with which each row was swapped in turn.',
  module: 'linalg',
  composite(a, pivot): readonly [Tensor, Tensor] {
    const [factors, pivots] = factorize(a, pivot, 'torch.linalg.lu_factor');
    return [factors, pivots];
  },
});

op('lu(Tensor self|A, bool pivot=True, bool get_infos=False) -> Tensor[]', {
  doc: 'As `linalg.lu_factor_ex`, by its older name: the packed factors and pivots, with `get_infos` also `info`.',
  composite(self, pivot, getInfos) {
    const [factors, pivots, info] = factorize(self, pivot, null);
    return getInfos ? [factors, pivots, info] : [factors, pivots];
  },
});

const factors = op('_lu(Tensor A) -> (Tensor L, Tensor U, Tensor pivots)', {
  doc: 'The factors of A = P L U, and the swaps that make up P.',
  function: false,
  method: false,
  batch: 'leading',
  gradName: 'LinalgLuBackward0',
  forward(A): readonly [Tensor, Tensor, Tensor] {
    checkKernel('lu_cpu', A);
    const [both, pivots] = factorsOf(A);
    return [...partsOf(both), pivots];
  },
  save: ['L', 'U', 'pivots'],
  holomorphic: false,
  vjp: ([byLower, byUpper], { L, U, pivots }) =>
    byLower === null && byUpper === null
      ? {}
      : { A: luGradient(L, U, permutation(pivots, L.shape[L.ndim - 2]), byLower, byUpper) },
});

op('lu(Tensor A, *, bool pivot=True) -> (Tensor P, Tensor L, Tensor U)', {
  doc: 'The factors of A = P L U: a permutation P, L with ones on its diagonal and zeros above, an upper triangular U.',
  module: 'linalg',
  composite(a, pivot): readonly [Tensor, Tensor, Tensor] {
    checkFactors('linalg.lu', a, pivot);
    const [lower, upper, pivots] = factors(a);
    return [permutationMatrix(permutation(pivots, a.shape[a.ndim - 2]), a.dtype), lower, upper];
  },
});

const unpacked = op('_lu_data(Tensor LU_data) -> (Tensor L, Tensor U)', {
  doc: 'L with its ones, and U, of packed factors.',
  function: false,
  method: false,
  batch: 'leading',
  gradName: 'LuUnpackBackward0',
  forward: (data): readonly [Tensor, Tensor] => partsOf(data),
  vjp: ([byLower, byUpper], { sizes }) => {
    if (byLower === null && byUpper === null) return {};
    const [rows, columns] = sizes.LU_data.slice(-2);
    return { LU_data: packed(byLower, byUpper, rows, columns) };
  },
});

op(
  'lu_unpack(Tensor LU_data, Tensor LU_pivots, bool unpack_data=True, bool unpack_pivots=True) -> (Tensor P, Tensor L, Tensor U)',
  {
    doc: 'P, L and U of what `linalg.lu_factor` gives; what is not asked for is empty.',
    method: false,
    composite(data, pivots, unpackData, unpackPivots): readonly [Tensor, Tensor, Tensor] {
      if (data.ndim < 2)
        throw new RuntimeError(
          `torch.lu_unpack: Expected tensor with 2 or more dimensions. Got size: ${formatShape(data.shape)} instead`,
        );
      if (unpackPivots && pivots.dtype !== int32)
        throw new RuntimeError(
          'torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.\nNote: this function is intended to be used with the output produced by torch.linalg.lu_factor',
        );
      const rows = data.shape[data.ndim - 2];
      const [lower, upper] = unpackData ? unpacked(data) : [data.newEmpty([0]), data.newEmpty([0])];
      if (!unpackPivots) return [data.newEmpty([0]), lower, upper];
      const order = permutation(pivots, rows);
      const all = order.expand([...data.shape.slice(0, -2), rows]);
      return [permutationMatrix(all, data.dtype), lower, upper];
    },
  },
);
