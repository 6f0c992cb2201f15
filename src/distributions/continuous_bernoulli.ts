import { noGradSync } from '../autograd/modes.js';
import { ValueError } from '../core/errors.js';
import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { F } from '../nn/functions.js';
import { holds } from '../ops/checks.js';
import { real, unitInterval } from './constraints/bounds.js';
import { distributionClass } from './distribution.js';
import { ExponentialFamily } from './exponential_family.js';
import {
  broadcastAll,
  clampProbs,
  either,
  lazy,
  logitsToProbs,
  probsToLogits,
  standardUniform,
} from './utils.js';

const continuousBernoulli = signature(
  'ContinuousBernoulli(Value? probs=None, Value? logits=None, float[] lims=[0.499,0.501], bool? validate_args=None)',
);

/** The continuous Bernoulli distribution: a number between 0 and 1 (Loaiza-Ganem and Cunningham, 2019). */
export class ContinuousBernoulli extends ExponentialFamily {
  declare readonly probs: Tensor;
  declare readonly logits: Tensor;
  /** Between these probabilities a Taylor series stands for formulas that have a hole at 0.5. */
  declare private readonly lims: readonly number[];

  /**
   * @param probs the parameter that is the probability of 1 in a Bernoulli distribution, in (0, 1)
   * @param logits its log-odds, instead
   * @param lims the probabilities around 0.5 between which a Taylor series is used
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof continuousBernoulli>) {
    const { probs, logits, lims, validateArgs } = continuousBernoulli.bind(args, new.target.name);
    const { name, value } = either(probs, logits);
    const [param] = broadcastAll(value);
    if (name === 'probs' && validateArgs !== null && !holds(param, (x) => unitInterval.check(x).all()))
      throw new ValueError('The parameter probs has invalid values');
    const own = name === 'probs' ? clampProbs(param) : param;
    super(param.shape, [], validateArgs, { [name]: own, lims });
  }

  override get argConstraints() {
    return { probs: unitInterval, logits: real };
  }

  override get support() {
    return unitInterval;
  }

  override get hasRsample(): boolean {
    return true;
  }

  /** The parameter's shape. */
  get paramShape(): Shape {
    return this.batchShape;
  }

  /** Whether a number is so far from the hole that the formulas hold. */
  private outside(x: Tensor, offset = 0): Tensor {
    const [low, high] = this.lims;
    return x.le(low - offset).logicalOr(x.gt(high - offset));
  }

  /** The probabilities, away from the hole. */
  private get cutProbs(): Tensor {
    return this.probs.where(this.outside(this.probs), this.lims[0]);
  }

  /** A formula of probabilities away from the hole, and a series where they are near it. */
  private either(formula: (probs: Tensor) => Tensor, series: Tensor): Tensor {
    return ops.where(this.outside(this.probs), formula(this.cutProbs), series);
  }

  /** @internal The logarithm of the factor that makes the density's integral 1. */
  get logNorm(): Tensor {
    const x = this.probs.sub(0.5).pow(2);
    return this.either(
      (probs) => {
        const isLow = probs.le(0.5);
        const low = probs.where(isLow, 0);
        const high = probs.where(probs.ge(0.5), 1);
        return probs
          .neg()
          .log1p()
          .sub(probs.log())
          .abs()
          .log()
          .sub(ops.where(isLow, low.mul(-2).log1p(), high.mul(2).sub(1).log()));
      },
      x
        .mul(104 / 45)
        .add(4 / 3)
        .mul(x)
        .add(Math.LN2),
    );
  }

  override get mean(): Tensor {
    const x = this.probs.sub(0.5);
    return this.either(
      (probs) => probs.div(probs.mul(2).sub(1)).add(probs.neg().log1p().sub(probs.log()).reciprocal()),
      x
        .pow(2)
        .mul(16 / 45)
        .add(1 / 3)
        .mul(x)
        .add(0.5),
    );
  }

  override get variance(): Tensor {
    const x = this.probs.sub(0.5).pow(2);
    return this.either(
      (probs) =>
        probs
          .mul(probs.sub(1))
          .div(probs.mul(2).rsub(1).pow(2))
          .add(probs.neg().log1p().sub(probs.log()).pow(2).reciprocal()),
      x
        .mul(128 / 945)
        .rsub(1 / 15)
        .mul(x)
        .rsub(1 / 12),
    );
  }

  override sample(sampleShape: Shape = []): Tensor {
    return noGradSync(() => this.rsample(sampleShape));
  }

  override rsample(sampleShape: Shape = []): Tensor {
    return this.icdf(standardUniform(this.extendedShape(sampleShape), this.probs));
  }

  override logProb(value: Tensor): Tensor {
    const [logits, x] = broadcastAll(this.logits, this.checked(value));
    return F.binaryCrossEntropyWithLogits(logits, x, { reduction: 'none' }).neg().add(this.logNorm);
  }

  override cdf(value: Tensor): Tensor {
    const x = this.checked(value);
    const between = this.either(
      (probs) =>
        probs
          .pow(x)
          .mul(probs.rsub(1).pow(x.rsub(1)))
          .add(probs)
          .sub(1)
          .div(probs.mul(2).sub(1)),
      x,
    );
    return between.where(x.lt(1), 1).where(x.gt(0), 0);
  }

  override icdf(value: Tensor): Tensor {
    return this.either((probs) => {
      const log = probs.neg().log1p();
      return value.mul(probs.mul(2).sub(1)).sub(probs).log1p().sub(log).div(probs.log().sub(log));
    }, value);
  }

  override entropy(): Tensor {
    const log0 = this.probs.neg().log1p();
    const log1 = this.probs.log();
    return this.mean.mul(log0.sub(log1)).sub(this.logNorm).sub(log0);
  }

  /** @internal */
  override get naturalParams(): readonly Tensor[] {
    return [this.logits];
  }

  /** @internal */
  override logNormalizer(x: Tensor): Tensor {
    const outside = this.outside(x, 0.5);
    const cut = x.where(outside, this.lims[0] - 0.5);
    const series = x.mul(0.5).add(x.pow(2).div(24)).sub(x.pow(4).div(2880));
    return ops.where(outside, cut.expm1().abs().log().sub(cut.abs().log()), series);
  }

  protected override get meanCarrierMeasure(): number {
    return 0;
  }
}

lazy(ContinuousBernoulli, {
  probs() {
    return clampProbs(logitsToProbs(this.logits, true));
  },
  logits() {
    return probsToLogits(this.probs, true);
  },
});

distributionClass(ContinuousBernoulli);
