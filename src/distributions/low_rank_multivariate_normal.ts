import { RuntimeError, ValueError } from '../core/errors.js';
import { type Shape, Size } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { cholesky } from '../ops/linalg/cholesky.js';
import { positive, real } from './constraints/bounds.js';
import { IndependentConstraint, realVector } from './constraints/composed_constraints.js';
import type { Constraint } from './constraints/constraint.js';
import { Distribution, distributionClass } from './distribution.js';
import { halfLogDet, logTwoPi, mahalanobis, productOf, solvedBy } from './gaussian_factors.js';
import { define, joined, lazy, standardNormal } from './utils.js';

const lowRank = signature(
  'LowRankMultivariateNormal(Tensor loc, Tensor cov_factor, Tensor cov_diag, bool? validate_args=None)',
);

/** The normal distribution of vectors whose covariance matrix is W Wᵀ plus a diagonal one, for W with few columns. */
export class LowRankMultivariateNormal extends Distribution {
  declare readonly loc: Tensor;
  declare readonly covFactor: Tensor;
  declare readonly covDiag: Tensor;
  declare readonly scaleTril: Tensor;
  declare readonly covarianceMatrix: Tensor;
  declare readonly precisionMatrix: Tensor;
  /** @internal W, with the batch dimensions that it was given with. */
  declare readonly factor: Tensor;
  /** @internal The diagonal D, likewise. */
  declare readonly diagonal: Tensor;
  /** @internal The Cholesky factor of I + Wᵀ D⁻¹ W. */
  declare readonly capacitanceTril: Tensor;

  /**
   * @param loc the mean
   * @param covFactor the factor W of the covariance, of the shape `batchShape + eventShape + [rank]`
   * @param covDiag its diagonal part
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof lowRank>) {
    const given = lowRank.bind(args, new.target.name);
    const { covFactor: factor, covDiag: diagonal } = given;
    if (given.loc.dim() < 1) throw new ValueError('loc must be at least one-dimensional.');
    const eventShape = given.loc.shape.slice(-1);
    if (factor.dim() < 2)
      throw new ValueError(
        'cov_factor must be at least two-dimensional, with optional leading batch dimensions',
      );
    if (factor.shape[factor.dim() - 2] !== eventShape[0])
      throw new ValueError(`cov_factor must be a batch of matrices with shape ${eventShape[0]} x m`);
    if (diagonal.shape.at(-1) !== eventShape[0])
      throw new ValueError(`cov_diag must be a batch of vectors with shape ${Size.create(eventShape)}`);
    const [loc, covFactor, covDiag] = together(given.loc, factor, diagonal);
    const capacitanceTril = capacitance(factor, diagonal);
    super(loc.shape.slice(0, -1), eventShape, given.validateArgs, { loc, covFactor, covDiag });
    define(this, 'factor', factor);
    define(this, 'diagonal', diagonal);
    define(this, 'capacitanceTril', capacitanceTril);
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return {
      loc: realVector,
      covFactor: new IndependentConstraint(real, 2),
      covDiag: new IndependentConstraint(positive, 1),
    };
  }

  override get support(): Constraint {
    return realVector;
  }

  override get hasRsample(): boolean {
    return true;
  }

  override get mean(): Tensor {
    return this.loc;
  }

  override get mode(): Tensor {
    return this.loc;
  }

  override rsample(sampleShape: Shape = []): Tensor {
    const shape = this.extendedShape(sampleShape);
    const ofFactor = standardNormal(joined(shape.slice(0, -1), this.covFactor.shape.slice(-1)), this.loc);
    const ofDiagonal = standardNormal(shape, this.loc);
    return this.loc.add(productOf(this.factor, ofFactor)).add(this.diagonal.sqrt().mul(ofDiagonal));
  }

  override logProb(value: Tensor): Tensor {
    const distance = lowRankMahalanobis(this, this.checked(value).sub(this.loc));
    return lowRankLogDet(this)
      .add(this.eventShape[0] * logTwoPi)
      .add(distance)
      .mul(-0.5);
  }

  override entropy(): Tensor {
    const entropy = lowRankLogDet(this)
      .add(this.eventShape[0] * (1 + logTwoPi))
      .mul(0.5);
    return this.batchShape.length === 0 ? entropy : entropy.expand(this.batchShape);
  }
}

/** The parameters in the batch's shape. */
function together(loc: Tensor, factor: Tensor, diagonal: Tensor): readonly [Tensor, Tensor, Tensor] {
  try {
    const [a, b, c] = ops.broadcastTensors([loc.unsqueeze(-1), factor, diagonal.unsqueeze(-1)]);
    return [a.select(-1, 0), b, c.select(-1, 0)];
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    const [a, b, c] = [loc, factor, diagonal].map(({ shape }) => Size.create(shape));
    throw new ValueError(`Incompatible batch shapes: loc ${a}, cov_factor ${b}, cov_diag ${c}`);
  }
}

function plusIdentity(matrix: Tensor): Tensor {
  const { shape, dtype, device } = matrix;
  return matrix.add(ops.eye(shape[shape.length - 1], { dtype, device }));
}

function capacitance(factor: Tensor, diagonal: Tensor): Tensor {
  return cholesky(plusIdentity(factor.mT.div(diagonal.unsqueeze(-2)).matmul(factor)), false);
}

/** Wᵀ D⁻¹ */
export const scaledFactor = (normal: LowRankMultivariateNormal): Tensor =>
  normal.factor.mT.div(normal.diagonal.unsqueeze(-2));

/** The logarithm of the covariance's determinant. */
export const lowRankLogDet = (normal: LowRankMultivariateNormal): Tensor =>
  halfLogDet(normal.capacitanceTril).mul(2).add(normal.diagonal.log().sum(-1));

/** Squared Mahalanobis distances, by Woodbury's identity. */
export function lowRankMahalanobis(normal: LowRankMultivariateNormal, x: Tensor): Tensor {
  const first = x.square().div(normal.diagonal).sum(-1);
  return first.sub(mahalanobis(normal.capacitanceTril, productOf(scaledFactor(normal), x)));
}

const matrixShape = ({ batchShape, eventShape }: Distribution): Shape =>
  joined(batchShape, eventShape, eventShape);

lazy(LowRankMultivariateNormal, {
  variance() {
    return this.factor.square().sum(-1).add(this.diagonal).expand(joined(this.batchShape, this.eventShape));
  },
  scaleTril() {
    // All eigenvalues of I + D^-1/2 W Wᵀ D^-1/2 are at least 1.
    const root = this.diagonal.sqrt().unsqueeze(-1);
    const scaled = this.factor.div(root);
    const lower = cholesky(plusIdentity(scaled.matmul(scaled.mT)), false);
    return root.mul(lower).expand(matrixShape(this));
  },
  covarianceMatrix() {
    return this.factor.matmul(this.factor.mT).add(this.diagonal.diagEmbed()).expand(matrixShape(this));
  },
  precisionMatrix() {
    const a = solvedBy(this.capacitanceTril, scaledFactor(this));
    return this.diagonal.reciprocal().diagEmbed().sub(a.mT.matmul(a)).expand(matrixShape(this));
  },
});

distributionClass(LowRankMultivariateNormal);
