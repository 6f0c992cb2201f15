/** Constraints to matrices: what the last two dimensions hold, together. */
import { bool } from '../../core/dtype.js';
import type { Tensor } from '../../core/tensor.js';
import { finfo } from '../../core/type_info.js';
import { ops } from '../../dispatch/registry.js';
import { holds } from '../../ops/checks.js';
import { choleskyEx } from '../../ops/linalg/cholesky.js';
import { eigvalsh } from '../../ops/linalg/eigh.js';
import { Constraint, checks } from './constraint.js';

abstract class OfMatrices extends Constraint {
  override get eventDim(): number {
    return 2;
  }
}

const allOfMatrix = (truths: Tensor): Tensor => truths.flatten(-2).all(-1);

/** Square matrices with nothing above the diagonal. */
export class LowerTriangular extends OfMatrices {
  override check(value: Tensor): Tensor {
    return allOfMatrix(value.tril().eq(value));
  }
}

/** Square matrices with nothing above the diagonal and positive numbers on it. */
export class LowerCholesky extends OfMatrices {
  override check(value: Tensor): Tensor {
    return allOfMatrix(value.tril().eq(value)).logicalAnd(value.diagonal(0, -2, -1).gt(0).all(-1));
  }
}

/** As of `LowerCholesky`, and rows of length 1: factors of matrices of correlation. */
export class CorrCholesky extends LowerCholesky {
  override check(value: Tensor): Tensor {
    // Rounding in the norm grows with the number of summands.
    const tolerance = finfo(value.dtype).eps * value.shape[value.dim() - 1] * 10;
    const norms = value.detach().square().sum(-1).sqrt();
    return super.check(value).logicalAnd(norms.sub(1).abs().le(tolerance).all(-1));
  }
}

/** Matrices with as many rows as columns. */
export class Square extends OfMatrices {
  override check(value: Tensor): Tensor {
    const [rows, columns] = value.shape.slice(-2);
    return ops.full(value.shape.slice(0, -2), rows === columns, { dtype: bool, device: value.device });
  }
}

/** Square matrices that are their transpose. */
export class Symmetric extends Square {
  override check(value: Tensor): Tensor {
    const [rows, columns] = value.shape.slice(-2);
    if (rows !== columns) return super.check(value);
    return value.isclose(value.mT, { atol: 1e-6 }).all(-2).all(-1);
  }
}

/** Symmetric matrices all of whose eigenvalues are positive. */
export class PositiveDefinite extends Symmetric {
  override check(value: Tensor): Tensor {
    const isSymmetric = super.check(value);
    if (!holds(isSymmetric, (truths) => truths.all())) return isSymmetric;
    return choleskyEx(value, false, false)[1].eq(0);
  }
}

/** Symmetric matrices none of whose eigenvalues is negative. */
export class PositiveSemidefinite extends Symmetric {
  override check(value: Tensor): Tensor {
    const isSymmetric = super.check(value);
    if (!holds(isSymmetric, (truths) => truths.all())) return isSymmetric;
    return eigvalsh(value, 'L').ge(0).all(-1);
  }
}

for (const one of [
  LowerTriangular,
  LowerCholesky,
  CorrCholesky,
  Square,
  Symmetric,
  PositiveDefinite,
  PositiveSemidefinite,
])
  checks(one);

export const lowerTriangular = new LowerTriangular();
export const lowerCholesky = new LowerCholesky();
export const corrCholesky = new CorrCholesky();
export const square = new Square();
export const symmetric = new Symmetric();
export const positiveDefinite = new PositiveDefinite();
export const positiveSemidefinite = new PositiveSemidefinite();
