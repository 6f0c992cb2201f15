/** The formulas of divergences that PyTorch has. */
import { NotImplementedError, ValueError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { F } from '../nn/functions.js';
import { holds } from '../ops/checks.js';
import { Bernoulli } from './bernoulli.js';
import { Beta } from './beta.js';
import { Binomial } from './binomial.js';
import { Categorical } from './categorical.js';
import { Cauchy } from './cauchy.js';
import { ContinuousBernoulli } from './continuous_bernoulli.js';
import { Dirichlet } from './dirichlet.js';
import type { Distribution } from './distribution.js';
import { Exponential } from './exponential_distribution.js';
import { ExponentialFamily, normalizerOf } from './exponential_family.js';
import { Gamma } from './gamma.js';
import { halfLogDet, mahalanobis, solvedBy, squaredNorm } from './gaussian_factors.js';
import { Geometric } from './geometric.js';
import { Gumbel } from './gumbel.js';
import { HalfNormal } from './half_normal.js';
import { Independent } from './independent.js';
import { Laplace } from './laplace.js';
import {
  LowRankMultivariateNormal,
  lowRankLogDet,
  lowRankMahalanobis,
  scaledFactor,
} from './low_rank_multivariate_normal.js';
import { MultivariateNormal } from './multivariate_normal.js';
import { Normal } from './normal.js';
import { OneHotCategorical } from './one_hot_categorical.js';
import { Pareto } from './pareto.js';
import { Poisson } from './poisson.js';
import { TransformedDistribution } from './transformed_distribution.js';
import { sameTransforms } from './transforms/composed_transforms.js';
import { Uniform } from './uniform.js';
import { eulerConstant, sumRightmost } from './utils.js';

/** A class of distributions, by what its objects are. */
export interface DistributionClass<D extends Distribution = Distribution> {
  readonly prototype: D;
}

/** A formula for the divergence of two distributions. */
export type Divergence<P extends Distribution = Distribution, Q extends Distribution = Distribution> = (
  p: P,
  q: Q,
) => Tensor;

type Pair = readonly [DistributionClass, DistributionClass, Divergence];

const pair = <P extends Distribution, Q extends Distribution>(
  p: DistributionClass<P>,
  q: DistributionClass<Q>,
  divergence: Divergence<P, Q>,
): Pair => [p, q, divergence as Divergence as never];

const { POSITIVE_INFINITY: inf } = Number;

/** Half the logarithm. */
const halfLog = (x: Tensor): Tensor => x.log().mul(0.5);

const xLogX = (x: Tensor): Tensor => x.xlogy(x);

/** Pairs whose divergence is infinite, since p has values where q has none. */
function infinite<P extends Distribution>(
  p: DistributionClass<P>,
  like: (p: P) => Tensor,
  ...others: readonly DistributionClass[]
): readonly Pair[] {
  return others.map((q) => pair(p, q, (one) => like(one as P).fullLike(inf)));
}

/** The logarithm of the factor in a gamma distribution's density, negative. */
const gammaNormalizer = ({ concentration, rate }: Gamma): Tensor =>
  concentration.lgamma().sub(concentration.mul(rate.log()));

function categoricals(p: Categorical, q: Categorical): Tensor {
  return p.probs
    .mul(p.logits.sub(q.logits))
    .maskedFill(q.probs.eq(0), inf)
    .maskedFill(p.probs.eq(0), 0)
    .sum(-1);
}

function normals(p: Normal, q: Normal): Tensor {
  const ratio = p.scale.div(q.scale).pow(2);
  const distance = p.loc.sub(q.loc).div(q.scale).pow(2);
  return ratio.add(distance).sub(1).sub(ratio.log()).mul(0.5);
}

/** Of one family, as the Bregman divergence of its log-normalizer. */
function families(p: ExponentialFamily, q: ExponentialFamily): Tensor {
  if (p.constructor !== q.constructor)
    throw new NotImplementedError(
      'The cross KL-divergence between different exponential families cannot be computed using Bregman divergences',
    );
  const { normalizer, params, gradients } = normalizerOf(p);
  const own = q.naturalParams;
  return params.reduce(
    (sum, param, i) => sum.sub(sumRightmost(own[i].sub(param).mul(gradients[i]), q.eventShape.length)),
    q.logNormalizer(...own).sub(normalizer),
  );
}

/**
 * All pairs.
 *
 * @param divergenceOf finds the divergence of any two distributions, for those made of others
 */
export function pairs(divergenceOf: Divergence): readonly Pair[] {
  return [
    ...ofOneClass(divergenceOf),
    pair(Bernoulli, Poisson, (p, q) => p.entropy().neg().sub(p.probs.mul(q.rate.log()).sub(q.rate))),
    ...ofBeta,
    ...ofContinuousBernoulli,
    ...ofExponential,
    ...ofGamma,
    ...ofGumbel,
    ...ofLaplace,
    ...ofMultivariateNormal,
    ...ofNormal,
    ...ofPareto,
    ...infinite(Poisson, (p) => p.rate, Bernoulli, Binomial),
    ...ofUniform,
  ];
}

/** The mean of the squared distances from q's mean, less that between the means: the trace of q's precision and p's covariance. */
type Spread<P, Q> = (p: P, q: Q) => Tensor;

/** Divergences of normal distributions of vectors, by logarithms of determinants, distances and spreads. */
function vectors<P extends Distribution & { loc: Tensor }, Q extends Distribution & { loc: Tensor }>(
  P: DistributionClass<P>,
  Q: DistributionClass<Q>,
  logDet: readonly [(p: P) => Tensor, (q: Q) => Tensor],
  distance: (q: Q, x: Tensor) => Tensor,
  spread: Spread<P, Q>,
  kind: string,
): Pair {
  return pair(P, Q, (p, q) => {
    if (String(p.eventShape) !== String(q.eventShape))
      throw new ValueError(
        `KL-divergence between two ${kind} with                          different event shapes cannot be computed`,
      );
    return logDet[1](q)
      .sub(logDet[0](p))
      .add(spread(p, q))
      .add(distance(q, q.loc.sub(p.loc)))
      .sub(p.eventShape[0])
      .mul(0.5);
  });
}

const logDetOf = ({ factor }: MultivariateNormal): Tensor => halfLogDet(factor).mul(2);
const distanceOf = ({ factor }: MultivariateNormal, x: Tensor): Tensor => mahalanobis(factor, x);

/** The spread by q's precision D⁻¹ - Aᵀ A, of p's covariance F Fᵀ. */
function lowRankSpread(q: LowRankMultivariateNormal, factor: Tensor): Tensor {
  const a = solvedBy(q.capacitanceTril, scaledFactor(q));
  return squaredNorm(factor.mul(q.diagonal.rsqrt().unsqueeze(-1))).sub(squaredNorm(a.matmul(factor)));
}

const Low = LowRankMultivariateNormal;

const ofMultivariateNormal: readonly Pair[] = [
  vectors(
    MultivariateNormal,
    MultivariateNormal,
    [logDetOf, logDetOf],
    distanceOf,
    (p, q) => squaredNorm(solvedBy(q.factor, p.factor)),
    'Multivariate Normals',
  ),
  vectors(
    MultivariateNormal,
    Low,
    [logDetOf, lowRankLogDet],
    lowRankMahalanobis,
    (p, q) => lowRankSpread(q, p.factor),
    '(Low Rank) Multivariate Normals',
  ),
  vectors(
    Low,
    MultivariateNormal,
    [lowRankLogDet, logDetOf],
    distanceOf,
    (p, q) =>
      squaredNorm(solvedBy(q.factor, p.factor)).add(
        squaredNorm(solvedBy(q.factor, p.diagonal.sqrt().diagEmbed())),
      ),
    '(Low Rank) Multivariate Normals',
  ),
  vectors(
    Low,
    Low,
    [lowRankLogDet, lowRankLogDet],
    lowRankMahalanobis,
    (p, q) => lowRankSpread(q, p.factor).add(lowRankSpread(q, p.diagonal.sqrt().diagEmbed())),
    'Low Rank Multivariate Normals',
  ),
];

const ofOneClass = (divergenceOf: Divergence): readonly Pair[] => [
  pair(Bernoulli, Bernoulli, (p, q) => {
    const ones = p.probs
      .mul(F.softplus(q.logits.neg()).sub(F.softplus(p.logits.neg())))
      .maskedFill(q.probs.eq(0), inf)
      .maskedFill(p.probs.eq(0), 0);
    const zeros = p.probs
      .rsub(1)
      .mul(F.softplus(q.logits).sub(F.softplus(p.logits)))
      .maskedFill(q.probs.eq(1), inf)
      .maskedFill(p.probs.eq(1), 0);
    return ones.add(zeros);
  }),
  pair(Beta, Beta, (p, q) => {
    const sumP = p.concentration1.add(p.concentration0);
    const sumQ = q.concentration1.add(q.concentration0);
    const t1 = q.concentration1.lgamma().add(q.concentration0.lgamma()).add(sumP.lgamma());
    const t2 = p.concentration1.lgamma().add(p.concentration0.lgamma()).add(sumQ.lgamma());
    const t3 = p.concentration1.sub(q.concentration1).mul(p.concentration1.digamma());
    const t4 = p.concentration0.sub(q.concentration0).mul(p.concentration0.digamma());
    const t5 = sumQ.sub(sumP).mul(sumP.digamma());
    return t1.sub(t2).add(t3).add(t4).add(t5);
  }),
  pair(Binomial, Binomial, (p, q) => {
    if (!holds(p.totalCount, (count) => count.ge(q.totalCount).all()))
      throw new NotImplementedError(
        'KL between Binomials where q.total_count > p.total_count is not implemented',
      );
    const one = p.probs.mul(p.logits.sub(q.logits)).add(p.probs.neg().log1p()).sub(q.probs.neg().log1p());
    return p.totalCount.mul(one).maskedFill(p.totalCount.gt(q.totalCount), inf);
  }),
  pair(Categorical, Categorical, categoricals),
  pair(Cauchy, Cauchy, (p, q) => {
    const t1 = p.scale.add(q.scale).pow(2).add(p.loc.sub(q.loc).pow(2)).log();
    return t1.sub(p.scale.mul(4).mul(q.scale).log());
  }),
  pair(ContinuousBernoulli, ContinuousBernoulli, (p, q) => {
    const t1 = p.mean.mul(p.logits.sub(q.logits));
    const t2 = p.logNorm.add(p.probs.neg().log1p());
    const t3 = q.logNorm.neg().sub(q.probs.neg().log1p());
    return t1.add(t2).add(t3);
  }),
  pair(Dirichlet, Dirichlet, (p, q) => {
    const sumP = p.concentration.sum(-1);
    const sumQ = q.concentration.sum(-1);
    const t1 = sumP.lgamma().sub(sumQ.lgamma());
    const t2 = p.concentration.lgamma().sub(q.concentration.lgamma()).sum(-1);
    const t3 = p.concentration.sub(q.concentration);
    const t4 = p.concentration.digamma().sub(sumP.digamma().unsqueeze(-1));
    return t1.sub(t2).add(t3.mul(t4).sum(-1));
  }),
  pair(Exponential, Exponential, (p, q) => {
    const ratio = q.rate.div(p.rate);
    return ratio.log().neg().add(ratio).sub(1);
  }),
  pair(ExponentialFamily as DistributionClass<ExponentialFamily>, ExponentialFamily, families),
  pair(Gamma, Gamma, (p, q) => {
    const t1 = q.concentration.mul(p.rate.div(q.rate).log());
    const t2 = q.concentration.lgamma().sub(p.concentration.lgamma());
    const t3 = p.concentration.sub(q.concentration).mul(p.concentration.digamma());
    const t4 = q.rate.sub(p.rate).mul(p.concentration.div(p.rate));
    return t1.add(t2).add(t3).add(t4);
  }),
  pair(Geometric, Geometric, (p, q) =>
    p.entropy().neg().sub(q.probs.neg().log1p().div(p.probs)).sub(q.logits),
  ),
  pair(Gumbel, Gumbel, (p, q) => {
    const ratio = p.scale.div(q.scale);
    const [locQ, locP] = [q.loc.div(q.scale), p.loc.div(q.scale)];
    const t1 = ratio.log().neg().sub(locQ).add(locP);
    const t2 = ratio.mul(eulerConstant);
    const t3 = locQ.add(ratio.add(1).lgamma()).sub(locP).exp();
    return t1
      .add(t2)
      .add(t3)
      .sub(1 + eulerConstant);
  }),
  pair(HalfNormal, HalfNormal, (p, q) => normals(p.baseDist, q.baseDist)),
  pair(Independent, Independent, (p, q) => {
    if (p.reinterpretedBatchNdims !== q.reinterpretedBatchNdims)
      throw new NotImplementedError('KL between Independents of different reinterpreted_batch_ndims');
    return sumRightmost(divergenceOf(p.baseDist, q.baseDist), p.reinterpretedBatchNdims);
  }),
  pair(Laplace, Laplace, (p, q) => {
    const ratio = p.scale.div(q.scale);
    const distance = p.loc.sub(q.loc).abs();
    const t3 = ratio.mul(distance.neg().div(p.scale).exp());
    return ratio.log().neg().add(distance.div(q.scale)).add(t3).sub(1);
  }),
  pair(Normal, Normal, normals),
  pair(OneHotCategorical, OneHotCategorical, (p, q) => categoricals(p.categorical, q.categorical)),
  pair(Pareto, Pareto, (p, q) => {
    const ratio = q.alpha.div(p.alpha);
    const t1 = q.alpha.mul(p.scale.div(q.scale).log());
    return t1.sub(ratio.log()).add(ratio).sub(1).maskedFill(p.scale.lt(q.scale), inf);
  }),
  pair(Poisson, Poisson, (p, q) => p.rate.mul(p.rate.log().sub(q.rate.log())).sub(p.rate.sub(q.rate))),
  pair(TransformedDistribution, TransformedDistribution, (p, q) => {
    if (!sameTransforms(p.transforms, q.transforms))
      throw new NotImplementedError('KL between TransformedDistributions of different transforms');
    if (p.eventShape.join() !== q.eventShape.join())
      throw new NotImplementedError('KL between TransformedDistributions of different event shapes');
    return divergenceOf(p.baseDist, q.baseDist);
  }),
  pair(Uniform, Uniform, (p, q) => {
    const result = q.high.sub(q.low).div(p.high.sub(p.low)).log();
    return result.maskedFill(q.low.gt(p.low).logicalOr(q.high.lt(p.high)), inf);
  }),
];

const ofBeta: readonly Pair[] = [
  pair(Beta, ContinuousBernoulli, (p, q) =>
    p.entropy().neg().sub(p.mean.mul(q.logits)).sub(q.probs.neg().log1p()).sub(q.logNorm),
  ),
  ...infinite(Beta, (p) => p.concentration1, Pareto),
  pair(Beta, Exponential, (p, q) => p.entropy().neg().sub(q.rate.log()).add(q.rate.mul(p.mean))),
  pair(Beta, Gamma, (p, q) => {
    const sum = p.concentration1.add(p.concentration0);
    const t3 = q.concentration.sub(1).mul(p.concentration1.digamma().sub(sum.digamma()));
    const t4 = q.rate.mul(p.concentration1).div(sum);
    return p.entropy().neg().add(gammaNormalizer(q)).sub(t3).add(t4);
  }),
  pair(Beta, Normal, (p, q) => {
    const { mean } = p;
    const variance = q.scale.pow(2);
    const t2 = halfLog(variance.mul(2).mul(Math.PI));
    const sum = p.concentration1.add(p.concentration0).add(1);
    const t3 = mean.mul(mean.rsub(1)).div(sum).add(mean.pow(2)).mul(0.5);
    const t5 = q.loc.pow(2).mul(0.5);
    return p
      .entropy()
      .neg()
      .add(t2)
      .add(t3.sub(q.loc.mul(mean)).add(t5).div(variance));
  }),
  pair(Beta, Uniform, (p, q) =>
    p
      .entropy()
      .neg()
      .add(q.high.sub(q.low).log())
      .maskedFill(q.low.gt(0).logicalOr(q.high.lt(1)), inf),
  ),
];

const ofContinuousBernoulli: readonly Pair[] = [
  ...infinite(ContinuousBernoulli, (p) => p.probs, Pareto),
  pair(ContinuousBernoulli, Exponential, (p, q) =>
    p.entropy().neg().sub(q.rate.log()).add(q.rate.mul(p.mean)),
  ),
  pair(ContinuousBernoulli, Normal, (p, q) => {
    const t2 = q.loc
      .div(q.scale)
      .square()
      .add(Math.log(2 * Math.PI))
      .mul(0.5)
      .add(q.scale.log());
    const t3 = p.variance.add(p.mean.square()).sub(q.loc.mul(2).mul(p.mean)).div(q.scale.square().mul(2));
    return p.entropy().neg().add(t2).add(t3);
  }),
  pair(ContinuousBernoulli, Uniform, (p, q) =>
    p
      .entropy()
      .neg()
      .add(q.high.sub(q.low).log())
      .maskedFill(q.low.ge(0).logicalOr(q.high.le(1)), inf),
  ),
];

const ofExponential: readonly Pair[] = [
  ...infinite(Exponential, (p) => p.rate, Beta, ContinuousBernoulli, Pareto, Uniform),
  pair(Exponential, Gamma, (p, q) => {
    const ratio = q.rate.div(p.rate);
    return q.concentration
      .neg()
      .mul(ratio.log())
      .add(ratio)
      .add(q.concentration.lgamma())
      .add(q.concentration.mul(eulerConstant))
      .sub(1 + eulerConstant);
  }),
  pair(Exponential, Gumbel, (p, q) => {
    const product = p.rate.mul(q.scale);
    const ratio = q.loc.div(q.scale);
    const t2 = ratio.exp().mul(product).div(product.add(1));
    return product.log().sub(1).sub(ratio).add(t2).add(product.reciprocal());
  }),
  pair(Exponential, Normal, (p, q) => {
    const variance = q.scale.pow(2);
    const square = p.rate.pow(2);
    const t1 = halfLog(square.mul(variance).mul(2).mul(Math.PI));
    const t4 = q.loc.pow(2).mul(0.5);
    return t1.sub(1).add(square.reciprocal().sub(q.loc.div(p.rate)).add(t4).div(variance));
  }),
];

const ofGamma: readonly Pair[] = [
  ...infinite(Gamma, (p) => p.concentration, Beta, ContinuousBernoulli, Pareto, Uniform),
  pair(Gamma, Exponential, (p, q) =>
    p.entropy().neg().sub(q.rate.log()).add(q.rate.mul(p.concentration).div(p.rate)),
  ),
  pair(Gamma, Gumbel, (p, q) => {
    const { concentration } = p;
    const product = p.rate.mul(q.scale);
    const ratio = q.loc.div(q.scale);
    const t1 = concentration
      .sub(1)
      .mul(concentration.digamma())
      .sub(concentration.lgamma())
      .sub(concentration);
    const t2 = product.log().add(concentration.div(product));
    const t3 = ratio.exp().mul(product.reciprocal().add(1).pow(concentration.neg())).sub(ratio);
    return t1.add(t2).add(t3);
  }),
  pair(Gamma, Normal, (p, q) => {
    const { concentration } = p;
    const variance = q.scale.pow(2);
    const square = p.rate.pow(2);
    const t1 = halfLog(square.mul(variance).mul(2).mul(Math.PI))
      .sub(concentration)
      .sub(concentration.lgamma());
    const t2 = concentration.pow(2).add(concentration).mul(0.5).div(square);
    const t3 = q.loc.mul(concentration).div(p.rate);
    const t4 = q.loc.pow(2).mul(0.5);
    return t1.add(concentration.sub(1).mul(concentration.digamma())).add(t2.sub(t3).add(t4).div(variance));
  }),
];

const ofGumbel: readonly Pair[] = [
  ...infinite(Gumbel, (p) => p.loc, Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform),
  pair(Gumbel, Normal, (p, q) => {
    const ratio = p.scale.div(q.scale);
    const t1 = ratio.div(Math.sqrt(2 * Math.PI)).log();
    const t2 = ratio
      .mul(Math.PI * 0.5)
      .pow(2)
      .div(3);
    const t3 = p.mean.sub(q.loc).div(q.scale).pow(2).mul(0.5);
    return t1
      .neg()
      .add(t2)
      .add(t3)
      .sub(eulerConstant + 1);
  }),
];

const ofLaplace: readonly Pair[] = [
  ...infinite(Laplace, (p) => p.loc, Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform),
  pair(Laplace, Normal, (p, q) => {
    const variance = q.scale.pow(2);
    const ratio = p.scale.pow(2).div(variance);
    const t1 = halfLog(ratio.mul(2).div(Math.PI));
    const t2 = p.loc.pow(2).mul(0.5).sub(p.loc.mul(q.loc)).add(q.loc.pow(2).mul(0.5));
    return t1.neg().add(ratio).add(t2.div(variance)).sub(1);
  }),
];

const ofNormal: readonly Pair[] = [
  ...infinite(Normal, (p) => p.loc, Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform),
  pair(Normal, Gumbel, (p, q) => {
    const mean = p.loc.div(q.scale);
    const variance = p.scale.div(q.scale).pow(2);
    const loc = q.loc.div(q.scale);
    const t3 = mean.neg().add(variance.mul(0.5)).add(loc).exp();
    return halfLog(variance)
      .neg()
      .add(mean.sub(loc))
      .add(t3)
      .sub(0.5 * (1 + Math.log(2 * Math.PI)));
  }),
  pair(Normal, Laplace, (p, q) => {
    const distance = p.loc.sub(q.loc);
    const ratio = distance.div(p.scale);
    const t2 = p.scale.mul(Math.sqrt(2 / Math.PI)).mul(ratio.pow(2).mul(-0.5).exp());
    const t3 = distance.mul(ratio.mul(Math.SQRT1_2).erf());
    return p.scale
      .div(q.scale)
      .log()
      .neg()
      .add(t2.add(t3).div(q.scale))
      .sub(0.5 * (1 + Math.log(0.5 * Math.PI)));
  }),
];

const ofPareto: readonly Pair[] = [
  ...infinite(Pareto, (p) => p.scale, Beta, ContinuousBernoulli, Uniform),
  pair(Pareto, Exponential, (p, q) => {
    const product = p.scale.mul(q.rate);
    const t3 = p.alpha.mul(product).div(p.alpha.sub(1));
    return p.alpha.div(product).log().sub(p.alpha.reciprocal()).add(t3).sub(1).maskedFill(p.alpha.le(1), inf);
  }),
  pair(Pareto, Gamma, (p, q) => {
    const common = p.scale.log().add(p.alpha.reciprocal());
    const t3 = q.concentration.rsub(1).mul(common);
    const t4 = q.rate.mul(p.alpha).mul(p.scale).div(p.alpha.sub(1));
    return p.alpha
      .log()
      .sub(common)
      .add(gammaNormalizer(q))
      .add(t3)
      .add(t4)
      .sub(1)
      .maskedFill(p.alpha.le(1), inf);
  }),
  pair(Pareto, Normal, (p, q) => {
    const common = p.scale.div(p.alpha.sub(1));
    const t1 = q.scale
      .mul(Math.sqrt(2 * Math.PI))
      .mul(p.alpha)
      .div(p.scale)
      .log();
    const t3 = p.alpha.mul(common.pow(2)).div(p.alpha.sub(2));
    const t4 = p.alpha.mul(common).sub(q.loc).pow(2);
    return t1
      .sub(p.alpha.reciprocal())
      .add(t3.add(t4).div(q.scale.pow(2).mul(2)))
      .sub(1)
      .maskedFill(p.alpha.le(2), inf);
  }),
];

const ofUniform: readonly Pair[] = [
  pair(Uniform, Beta, (p, q) => {
    const { concentration1, concentration0 } = q;
    const width = p.high.sub(p.low);
    const t2 = concentration1
      .sub(1)
      .mul(xLogX(p.high).sub(xLogX(p.low)).sub(width))
      .div(width);
    const t3 = concentration0
      .sub(1)
      .mul(
        xLogX(p.high.rsub(1))
          .sub(xLogX(p.low.rsub(1)))
          .add(width),
      )
      .div(width);
    const t4 = concentration1
      .lgamma()
      .add(concentration0.lgamma())
      .sub(concentration1.add(concentration0).lgamma());
    return t3
      .add(t4)
      .sub(width.log())
      .sub(t2)
      .maskedFill(p.high.gt(1).logicalOr(p.low.lt(0)), inf);
  }),
  pair(Uniform, ContinuousBernoulli, (p, q) => {
    const result = p.entropy().neg().sub(p.mean.mul(q.logits)).sub(q.probs.neg().log1p()).sub(q.logNorm);
    return result.maskedFill(p.high.ge(1).logicalOr(p.low.le(0)), inf);
  }),
  pair(Uniform, Exponential, (p, q) => {
    const t1 = q.rate.mul(p.high.add(p.low)).div(2);
    return t1.sub(p.high.sub(p.low).mul(q.rate).log()).maskedFill(p.low.lt(0), inf);
  }),
  pair(Uniform, Gamma, (p, q) => {
    const width = p.high.sub(p.low);
    const t3 = q.concentration
      .rsub(1)
      .mul(xLogX(p.high).sub(xLogX(p.low)).sub(width))
      .div(width);
    const t4 = q.rate.mul(p.high.add(p.low)).div(2);
    return width.log().neg().add(gammaNormalizer(q)).add(t3).add(t4).maskedFill(p.low.lt(0), inf);
  }),
  pair(Uniform, Gumbel, (p, q) => {
    const common = q.scale.div(p.high.sub(p.low));
    const high = p.high.sub(q.loc).div(q.scale);
    const low = p.low.sub(q.loc).div(q.scale);
    const t1 = common.log().add(high.add(low).mul(0.5));
    return t1.sub(common.mul(high.neg().exp().sub(low.neg().exp())));
  }),
  pair(Uniform, Normal, (p, q) => {
    const width = p.high.sub(p.low);
    const t1 = q.scale
      .mul(Math.sqrt(2 * Math.PI))
      .div(width)
      .log();
    const t2 = width.pow(2).div(12);
    const t3 = p.high.add(p.low).sub(q.loc.mul(2)).div(2).pow(2);
    return t1.add(t2.add(t3).mul(0.5).div(q.scale.pow(2)));
  }),
  pair(Uniform, Pareto, (p, q) => {
    const width = p.high.sub(p.low);
    const t1 = q.alpha.mul(q.scale.pow(q.alpha)).mul(width).log();
    const t2 = xLogX(p.high).sub(xLogX(p.low)).sub(width).div(width);
    return t2.mul(q.alpha.add(1)).sub(t1).maskedFill(p.low.lt(q.scale), inf);
  }),
];
