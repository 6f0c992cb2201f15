/** Transforms to triangular matrices. */
import { ValueError } from '../../core/errors.js';
import type { Shape } from '../../core/layout.js';
import type { Tensor } from '../../core/tensor.js';
import { finfo } from '../../core/type_info.js';
import { ops } from '../../dispatch/registry.js';
import { F } from '../../nn/functions.js';
import { cholesky } from '../../ops/linalg/cholesky.js';
import { real } from '../constraints/bounds.js';
import { IndependentConstraint, realVector } from '../constraints/composed_constraints.js';
import type { Constraint } from '../constraints/constraint.js';
import { corrCholesky, lowerCholesky, positiveDefinite } from '../constraints/matrix_constraints.js';
import { trilMatrixToVec, vecToTrilMatrix } from '../utils.js';
import { Transform, transformClass } from './base_transform.js';

/**
 * From vectors of length D * (D - 1) / 2 to Cholesky factors of D-dimensional matrices of correlation: lower triangular matrices with a
 * positive diagonal and rows of length 1. Each row is made of signed shares of what is left of its length.
 */
export class CorrCholeskyTransform extends Transform {
  override get domain(): Constraint {
    return realVector;
  }

  override get codomain(): Constraint {
    return corrCholesky;
  }

  override get bijective(): boolean {
    return true;
  }

  override _call(x: Tensor): Tensor {
    const { eps } = finfo(x.dtype);
    const r = vecToTrilMatrix(x.tanh().clamp(-1 + eps, 1 - eps), -1);
    const left = r.square().rsub(1).sqrt().cumprod(-1);
    const size = r.shape[r.dim() - 1];
    const { dtype, device } = r;
    return r.add(ops.eye(size, { dtype, device })).mul(shifted(left));
  }

  override _inverse(y: Tensor): Tensor {
    const left = shifted(y.mul(y).cumsum(-1).rsub(1));
    const t = trilMatrixToVec(y, -1).div(trilMatrixToVec(left, -1).sqrt());
    return t.log1p().sub(t.neg().log1p()).div(2);
  }

  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    const left = trilMatrixToVec(y.mul(y).cumsum(-1).rsub(1), -2);
    const ofSticks = left.log().sum(-1).mul(0.5);
    const ofTanh = x
      .add(F.softplus(x.mul(-2)))
      .sub(Math.log(2))
      .sum(-1)
      .mul(-2);
    return ofSticks.add(ofTanh);
  }

  override forwardShape(shape: Shape): Shape {
    if (shape.length < 1) throw new ValueError('Too few dimensions on input');
    const n = shape[shape.length - 1];
    const d = Math.round(Math.sqrt(0.25 + 2 * n) + 0.5);
    if ((d * (d - 1)) / 2 !== n) throw new ValueError('Input is not a flattened lower-diagonal number');
    return [...shape.slice(0, -1), d, d];
  }

  override inverseShape(shape: Shape): Shape {
    if (shape.length < 2) throw new ValueError('Too few dimensions on input');
    const [rows, d] = shape.slice(-2);
    if (rows !== d) throw new ValueError('Input is not square');
    return [...shape.slice(0, -2), (d * (d - 1)) / 2];
  }
}

/** The columns moved by one to the right, after a column of ones. */
function shifted(matrix: Tensor): Tensor {
  const columns = matrix.shape[matrix.dim() - 1];
  return F.pad(matrix.narrow(-1, 0, columns - 1), [1, 0], { value: 1 });
}

const realMatrix = new IndependentConstraint(real, 2);

/** From matrices to lower triangular ones with a positive diagonal: that of exponentials. */
export class LowerCholeskyTransform extends Transform {
  override get domain(): Constraint {
    return realMatrix;
  }

  override get codomain(): Constraint {
    return lowerCholesky;
  }

  override equals(other: unknown): boolean {
    return other instanceof LowerCholeskyTransform;
  }

  override _call(x: Tensor): Tensor {
    return x.tril(-1).add(x.diagonal(0, -2, -1).exp().diagEmbed());
  }

  override _inverse(y: Tensor): Tensor {
    return y.tril(-1).add(y.diagonal(0, -2, -1).log().diagEmbed());
  }
}

/** From matrices to positive-definite ones: L Lᵀ for those of `LowerCholeskyTransform`. */
export class PositiveDefiniteTransform extends Transform {
  override get domain(): Constraint {
    return realMatrix;
  }

  override get codomain(): Constraint {
    return positiveDefinite;
  }

  override equals(other: unknown): boolean {
    return other instanceof PositiveDefiniteTransform;
  }

  override _call(x: Tensor): Tensor {
    const lower = new LowerCholeskyTransform()._call(x);
    return lower.matmul(lower.mT);
  }

  override _inverse(y: Tensor): Tensor {
    return new LowerCholeskyTransform()._inverse(cholesky(y, false));
  }
}

for (const one of [CorrCholeskyTransform, LowerCholeskyTransform, PositiveDefiniteTransform])
  transformClass(one);
