import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { takes } from '../core/signature/takes.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { interval, positive, real } from './constraints/bounds.js';
import { Distribution, distributionClass } from './distribution.js';
import { broadcastAll, standardUniform } from './utils.js';

const generalizedPareto = signature(
  'GeneralizedPareto(Value loc, Value scale, Value concentration, bool? validate_args=None)',
);

/** The generalized Pareto distribution. */
export class GeneralizedPareto extends Distribution {
  declare readonly loc: Tensor;
  declare readonly scale: Tensor;
  declare readonly concentration: Tensor;

  /**
   * @param loc the least value
   * @param scale the scale
   * @param concentration the shape: 0 makes it exponential
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof generalizedPareto>) {
    const { validateArgs, ...given } = generalizedPareto.bind(args, new.target.name);
    const [loc, scale, concentration] = broadcastAll(given.loc, given.scale, given.concentration);
    super(loc.shape, [], validateArgs, { loc, scale, concentration });
  }

  override get argConstraints() {
    return { loc: real, scale: positive, concentration: real };
  }

  override get support() {
    const { loc, scale, concentration } = this;
    const end = loc.sub(scale.div(concentration));
    return interval(loc, end.where(concentration.lt(0), Number.POSITIVE_INFINITY));
  }

  override get hasRsample(): boolean {
    return true;
  }

  override rsample(sampleShape: Shape = []): Tensor {
    return this.icdf(standardUniform(this.extendedShape(sampleShape), this.loc));
  }

  /** Where the concentration is next to 0, and a concentration that may stand below a line. */
  private get cases(): { readonly isZero: Tensor; readonly safe: Tensor } {
    const { concentration } = this;
    const isZero = concentration.isclose(concentration.zerosLike());
    return { isZero, safe: ops.where(isZero, concentration.onesLike(), concentration) };
  }

  private standardized(value: Tensor): Tensor {
    return value.sub(this.loc).div(this.scale);
  }

  override logProb(value: Tensor): Tensor {
    const z = this.standardized(this.checked(value));
    const { isZero, safe } = this.cases;
    const y = safe.reciprocal().add(z.onesLike());
    const otherwise = ops.where(y.eq(0), y, y.mul(safe.mul(z).log1p()));
    return this.scale
      .log()
      .neg()
      .sub(ops.where(isZero, z, otherwise));
  }

  /** The logarithm of the probability of a sample that is greater than a value. */
  logSurvivalFunction(value: Tensor): Tensor {
    const z = this.standardized(this.checked(value));
    const { isZero, safe } = this.cases;
    return ops.where(isZero, z.neg(), safe.mul(z).log1p().neg().div(safe));
  }

  /** The logarithm of `cdf`. */
  logCdf(value: Tensor): Tensor {
    return this.logSurvivalFunction(value).exp().neg().log1p();
  }

  override cdf(value: Tensor): Tensor {
    return this.logCdf(value).exp();
  }

  override icdf(value: Tensor): Tensor {
    const { loc, scale } = this;
    const { isZero, safe } = this.cases;
    const log = value.neg().log1p();
    const otherwise = loc.add(scale.div(safe).mul(safe.neg().mul(log).expm1()));
    return ops.where(isZero, loc.sub(scale.mul(log)), otherwise);
  }

  override get mean(): Tensor {
    const { concentration } = this;
    const valid = concentration.lt(1);
    const safe = concentration.where(valid, 0.5);
    return this.loc.add(this.scale.div(safe.rsub(1))).where(valid, Number.NaN);
  }

  override get variance(): Tensor {
    const { concentration } = this;
    const valid = concentration.lt(0.5);
    const safe = concentration.where(valid, 0.25);
    return this.scale
      .pow(2)
      .div(safe.rsub(1).pow(2).mul(safe.mul(2).rsub(1)))
      .where(valid, Number.NaN);
  }

  override entropy(): Tensor {
    return this.scale.log().add(this.concentration).add(1).broadcastTo(this.batchShape);
  }

  override get mode(): Tensor {
    return this.loc;
  }
}

distributionClass(GeneralizedPareto);
takes(GeneralizedPareto.prototype, ['log_survival_function(Value value)', 'log_cdf(Value value)']);
