import { ValueError } from '../core/errors.js';
import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { cholesky, choleskyInverse } from '../ops/linalg/cholesky.js';
import { broadcastShapes } from '../ops/questions.js';
import { realVector } from './constraints/composed_constraints.js';
import type { Constraint } from './constraints/constraint.js';
import { lowerCholesky, positiveDefinite } from './constraints/matrix_constraints.js';
import { Distribution, distributionClass } from './distribution.js';
import { halfLogDet, logTwoPi, mahalanobis, precisionToScaleTril, productOf } from './gaussian_factors.js';
import { define, joined, lazy, standardNormal } from './utils.js';

const multivariateNormal = signature(
  'MultivariateNormal(Tensor loc, Tensor? covariance_matrix=None, Tensor? precision_matrix=None, Tensor? scale_tril=None, bool? validate_args=None)',
);

/** The matrices by which normal distributions of several dimensions are given: one of the three. */
export interface Scales {
  readonly covarianceMatrix: Tensor | null;
  readonly precisionMatrix: Tensor | null;
  readonly scaleTril: Tensor | null;
}

/** The name of the matrix that is given; null unless it is exactly one. */
export function givenScale(scales: Scales): { readonly name: keyof Scales; readonly matrix: Tensor } | null {
  const names = (['scaleTril', 'covarianceMatrix', 'precisionMatrix'] as const).filter(
    (name) => scales[name] !== null,
  );
  return names.length === 1 ? { name: names[0], matrix: scales[names[0]]! } : null;
}

/** The lower triangular factor of the covariance. */
export function factorOf(name: keyof Scales, matrix: Tensor): Tensor {
  if (name === 'scaleTril') return matrix;
  return name === 'covarianceMatrix' ? cholesky(matrix, false) : precisionToScaleTril(matrix);
}

/** The normal distribution of vectors, given by a mean and a covariance matrix, its inverse or its Cholesky factor. */
export class MultivariateNormal extends Distribution {
  declare readonly loc: Tensor;
  declare readonly covarianceMatrix: Tensor;
  declare readonly precisionMatrix: Tensor;
  declare readonly scaleTril: Tensor;
  /** @internal The factor of the covariance, with the batch dimensions that it was given with. */
  declare readonly factor: Tensor;

  /**
   * @param loc the mean
   * @param covarianceMatrix the covariance matrix, positive-definite
   * @param precisionMatrix its inverse
   * @param scaleTril its lower triangular factor, with a positive diagonal
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof multivariateNormal>) {
    const { loc, validateArgs, ...scales } = multivariateNormal.bind(args, new.target.name);
    if (loc.dim() < 1) throw new ValueError('loc must be at least one-dimensional.');
    const given = givenScale(scales);
    if (given === null)
      throw new ValueError(
        'Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified.',
      );
    const { name, matrix } = given;
    if (matrix.dim() < 2)
      throw new ValueError(
        `${texts[name]} must be at least two-dimensional, with optional leading batch dimensions`,
      );
    const batchShape = broadcastShapes(matrix.shape.slice(0, -2), loc.shape.slice(0, -1));
    const whole = loc.expand(joined(batchShape, [-1]));
    super(batchShape, whole.shape.slice(-1), validateArgs, {
      loc: whole,
      [name]: matrix.expand(joined(batchShape, [-1, -1])),
    });
    define(this, 'factor', factorOf(name, matrix));
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return {
      loc: realVector,
      covarianceMatrix: positiveDefinite,
      precisionMatrix: positiveDefinite,
      scaleTril: lowerCholesky,
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

  override get variance(): Tensor {
    return this.factor.square().sum(-1).expand(this.extendedShape());
  }

  override rsample(sampleShape: Shape = []): Tensor {
    const noise = standardNormal(this.extendedShape(sampleShape), this.loc);
    return this.loc.add(productOf(this.factor, noise));
  }

  override logProb(value: Tensor): Tensor {
    const distance = mahalanobis(this.factor, this.checked(value).sub(this.loc));
    return distance
      .add(this.eventShape[0] * logTwoPi)
      .mul(-0.5)
      .sub(halfLogDet(this.factor));
  }

  override entropy(): Tensor {
    const entropy = halfLogDet(this.factor).add(0.5 * this.eventShape[0] * (1 + logTwoPi));
    return this.batchShape.length === 0 ? entropy : entropy.expand(this.batchShape);
  }
}

const texts = {
  scaleTril: 'scale_tril matrix',
  covarianceMatrix: 'covariance_matrix',
  precisionMatrix: 'precision_matrix',
};

const matrixShape = ({ batchShape, eventShape }: Distribution): Shape =>
  joined(batchShape, eventShape, eventShape);

lazy(MultivariateNormal, {
  scaleTril() {
    return this.factor.expand(matrixShape(this));
  },
  covarianceMatrix() {
    return this.factor.matmul(this.factor.mT).expand(matrixShape(this));
  },
  precisionMatrix() {
    return choleskyInverse(this.factor, false).expand(matrixShape(this));
  },
});

distributionClass(MultivariateNormal);
