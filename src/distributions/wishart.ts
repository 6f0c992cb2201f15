import { AssertionError, ValueError } from '../core/errors.js';
import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { takes } from '../core/signature/takes.js';
import { Tensor } from '../core/tensor.js';
import { finfo } from '../core/type_info.js';
import { warn } from '../core/warnings.js';
import { ops } from '../dispatch/registry.js';
import { holds } from '../ops/checks.js';
import { tensor } from '../ops/from_data.js';
import { choleskySolve } from '../ops/linalg/cholesky.js';
import { logAbsDet } from '../ops/linalg/determinant.js';
import { broadcastShapes } from '../ops/questions.js';
import { Chi2 } from './chi2.js';
import { GreaterThan } from './constraints/bounds.js';
import type { Constraint } from './constraints/constraint.js';
import { lowerCholesky, positiveDefinite } from './constraints/matrix_constraints.js';
import { distributionClass } from './distribution.js';
import { ExponentialFamily } from './exponential_family.js';
import { halfLogDet } from './gaussian_factors.js';
import { factorOf, givenScale } from './multivariate_normal.js';
import { define, formatted, joined, lazy, trilPositions } from './utils.js';

const wishart = signature(
  'Wishart(Value df, Tensor? covariance_matrix=None, Tensor? precision_matrix=None, Tensor? scale_tril=None, bool? validate_args=None)',
);

/** The Wishart distribution of positive-definite matrices: of sums of squares of normal vectors. */
export class Wishart extends ExponentialFamily {
  declare readonly df: Tensor;
  declare readonly covarianceMatrix: Tensor;
  declare readonly precisionMatrix: Tensor;
  declare readonly scaleTril: Tensor;
  /** @internal The factor of the covariance, with the batch dimensions that it was given with. */
  declare readonly factor: Tensor;
  /** @internal The distribution of the squared diagonal of factors. */
  declare readonly chi2: Chi2;

  /**
   * @param df the degrees of freedom, more than the size of matrices less 1
   * @param covarianceMatrix the covariance matrix, positive-definite
   * @param precisionMatrix its inverse
   * @param scaleTril its lower triangular factor, with a positive diagonal
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof wishart>) {
    const { df: givenDf, validateArgs, ...scales } = wishart.bind(args, new.target.name);
    const given = givenScale(scales);
    if (given === null)
      throw new AssertionError(
        'Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified.',
      );
    const { name, matrix } = given;
    if (matrix.dim() < 2)
      throw new ValueError(
        'scale_tril must be at least two-dimensional, with optional leading batch dimensions',
      );
    const own = matrix.shape.slice(0, -2);
    const isTensor = givenDf instanceof Tensor;
    const batchShape = isTensor ? broadcastShapes(own, givenDf.shape) : own;
    const df = isTensor
      ? givenDf.expand(batchShape)
      : tensor(Number(givenDf), { dtype: matrix.dtype, device: matrix.device });
    const eventShape = matrix.shape.slice(-2);
    const n = eventShape[1];
    if (!holds(df, (x) => x.gt(n - 1).all()))
      throw new ValueError(
        `Value of df=${formatted(givenDf)} expected to be greater than ndim - 1 = ${n - 1}.`,
      );
    if (!holds(df, (x) => x.ge(n).all()))
      warn('Low df values detected. Singular samples are highly likely to occur for ndim - 1 < df < ndim.');
    super(batchShape, eventShape, validateArgs, {
      [name]: matrix.expand(joined(batchShape, [-1, -1])),
      df,
    });
    define(this, 'factor', factorOf(name, matrix));
    // Checks its own parameters.
    this.chi2;
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return {
      covarianceMatrix: positiveDefinite,
      precisionMatrix: positiveDefinite,
      scaleTril: lowerCholesky,
      df: new GreaterThan(this.eventShape[1] - 1),
    };
  }

  override get support(): Constraint {
    return positiveDefinite;
  }

  override get hasRsample(): boolean {
    return true;
  }

  override get mean(): Tensor {
    return asMatrix(this, this.df).mul(this.covarianceMatrix);
  }

  override get mode(): Tensor {
    const factor = this.df.sub(this.eventShape[1] + 1);
    return asMatrix(this, factor.maskedFill(factor.le(0), Number.NaN)).mul(this.covarianceMatrix);
  }

  override get variance(): Tensor {
    const { covarianceMatrix: covariance } = this;
    const diagonal = covariance.diagonal(0, -2, -1);
    const products = diagonal.unsqueeze(-1).mul(diagonal.unsqueeze(-2));
    return asMatrix(this, this.df).mul(covariance.square().add(products));
  }

  /** A sample by Bartlett's decomposition. */
  private bartlett(sampleShape: Shape): Tensor {
    const n = this.eventShape[1];
    const roots = this.chi2.rsample(sampleShape).sqrt();
    const diagonal = roots.clamp(finfo(roots.dtype).eps).diagEmbed();
    const { dtype, device } = diagonal;
    const below = ops.randn(joined(sampleShape, this.batchShape, [(n * (n - 1)) / 2]), { dtype, device });
    const noise = diagonal
      .flatten(-2)
      .indexCopy(-1, trilPositions(n, -1, diagonal), below)
      .unflatten(-1, [n, n]);
    const lower = this.factor.matmul(noise);
    return lower.matmul(lower.mT);
  }

  /**
   * A sample that is a differentiable function of the parameters. Singular ones are drawn anew.
   *
   * @param sampleShape how many, as a shape in front of those of batches and events
   * @param maxTryCorrection how often singular samples are drawn anew; null: 10 times
   */
  override rsample(sampleShape: Shape = [], maxTryCorrection: number | null = null): Tensor {
    const sample = this.bartlett(sampleShape);
    const batchDims = this.batchShape.map((_, i) => -1 - i);
    const overBatch = (truths: Tensor): Tensor => (batchDims.length === 0 ? truths : truths.amax(batchDims));
    // PyTorch's stream: what is drawn anew at first are the samples that are valid.
    const again = overBatch(positiveDefinite.check(sample));
    if (!again.any().item()) return sample;
    warn('Singular sample detected.');
    let result = sample;
    for (let left = maxTryCorrection ?? 10; left > 0; left--) {
      const places = again.reshape([-1]).nonzero().squeeze(-1);
      const fresh = this.bartlett(places.shape);
      const rows = result.reshape(joined([-1], this.batchShape, this.eventShape));
      result = rows.indexCopy(0, places, fresh).reshape(result.shape);
      const isSingular = overBatch(positiveDefinite.check(fresh).logicalNot());
      again.view([-1]).indexCopy_(0, places, isSingular);
      if (!again.any().item()) break;
    }
    return result;
  }

  override logProb(value: Tensor): Tensor {
    const x = this.checked(value);
    const n = this.eventShape[1];
    const { df, factor } = this;
    const trace = choleskySolve(x, factor, false).diagonal(0, -2, -1).sum(-1).div(2);
    return df
      .neg()
      .mul(halfLogDet(factor).add((n * Math.LN2) / 2))
      .sub(df.div(2).mvlgamma(n))
      .add(
        df
          .sub(n + 1)
          .div(2)
          .mul(logAbsDet(x)),
      )
      .sub(trace);
  }

  override entropy(): Tensor {
    const n = this.eventShape[1];
    const { df, factor } = this;
    const half = df.div(2);
    return halfLogDet(factor)
      .add((n * Math.LN2) / 2)
      .mul(n + 1)
      .add(half.mvlgamma(n))
      .sub(
        df
          .sub(n + 1)
          .div(2)
          .mul(multivariateDigamma(half, n)),
      )
      .add(half.mul(n));
  }

  /** @internal */
  override get naturalParams(): readonly Tensor[] {
    return [this.precisionMatrix.neg().div(2), this.df.sub(this.eventShape[1] + 1).div(2)];
  }

  /** @internal */
  override logNormalizer(x: Tensor, y: Tensor): Tensor {
    const n = this.eventShape[1];
    const more = y.add((n + 1) / 2);
    return more.mul(logAbsDet(x.mul(-2)).rsub(n * Math.LN2)).add(more.mvlgamma(n));
  }

  /** @internal */
  protected override get meanCarrierMeasure(): number {
    return 0;
  }
}

/** A number for each distribution, as it multiplies matrices. */
const asMatrix = ({ batchShape }: Wishart, x: Tensor): Tensor => x.view([...batchShape, 1, 1]);

const multivariateDigamma = (x: Tensor, n: number): Tensor =>
  x
    .unsqueeze(-1)
    .sub(ops.arange(n, { dtype: x.dtype, device: x.device }).div(2))
    .digamma()
    .sum(-1);

lazy(Wishart, {
  scaleTril() {
    return this.factor.expand(joined(this.batchShape, this.eventShape));
  },
  covarianceMatrix() {
    return this.factor.matmul(this.factor.mT).expand(joined(this.batchShape, this.eventShape));
  },
  precisionMatrix() {
    const { dtype, device } = this.factor;
    const identity = ops.eye(this.eventShape[1], { dtype, device });
    return choleskySolve(identity, this.factor, false).expand(joined(this.batchShape, this.eventShape));
  },
  chi2() {
    const n = this.eventShape[1];
    const { dtype, device } = this.factor;
    const less = ops.arange(n, { dtype, device }).expand([...this.batchShape, n]);
    return new Chi2(this.df.unsqueeze(-1).sub(less));
  },
});

distributionClass(Wishart);
takes(Wishart.prototype, ['rsample(int[] sample_shape=[], int? max_try_correction=None)']);
