import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { Chi2 } from './chi2.js';
import { positive, real } from './constraints/bounds.js';
import { Distribution, distributionClass } from './distribution.js';
import { broadcastAll, standardNormal } from './utils.js';

const studentT = signature('StudentT(Value df, Value loc=0.0, Value scale=1.0, bool? validate_args=None)');

/** Student's t-distribution. */
export class StudentT extends Distribution {
  declare readonly df: Tensor;
  declare readonly loc: Tensor;
  declare readonly scale: Tensor;
  declare private readonly chi2: Chi2;

  /**
   * @param df the degrees of freedom
   * @param loc the mean, where there is one
   * @param scale the scale
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof studentT>) {
    const { validateArgs, ...given } = studentT.bind(args, new.target.name);
    const [df, loc, scale] = broadcastAll(given.df, given.loc, given.scale);
    super(df.shape, [], validateArgs, { df, loc, scale, chi2: new Chi2(df) });
  }

  override expand(batchShape: Shape): this {
    return this.expandedWith(batchShape, { chi2: this.chi2.expand(batchShape) });
  }

  override get argConstraints() {
    return { df: positive, loc: real, scale: positive };
  }

  override get support() {
    return real;
  }

  override get hasRsample(): boolean {
    return true;
  }

  override get mean(): Tensor {
    return this.loc.maskedFill(this.df.le(1), Number.NaN);
  }

  override get mode(): Tensor {
    return this.loc;
  }

  override get variance(): Tensor {
    const { df, scale } = this;
    const finite = scale.pow(2).mul(df).div(df.sub(2));
    return finite.where(df.gt(2), Number.POSITIVE_INFINITY).maskedFill(df.le(1), Number.NaN);
  }

  override rsample(sampleShape: Shape = []): Tensor {
    const x = standardNormal(this.extendedShape(sampleShape), this.df);
    const z = this.chi2.rsample(sampleShape);
    return this.loc.add(this.scale.mul(x.mul(z.div(this.df).rsqrt())));
  }

  override logProb(value: Tensor): Tensor {
    const { df, loc, scale } = this;
    const y = this.checked(value).sub(loc).div(scale);
    const normalizer = scale
      .log()
      .add(df.log().mul(0.5))
      .add(0.5 * Math.log(Math.PI))
      .add(df.mul(0.5).lgamma())
      .sub(df.add(1).mul(0.5).lgamma());
    return df.add(1).mul(-0.5).mul(y.pow(2).div(df).log1p()).sub(normalizer);
  }

  override entropy(): Tensor {
    const { df, scale } = this;
    const half = df.mul(0.5);
    const more = df.add(1).mul(0.5);
    // lgamma(0.5) is log(π) / 2.
    const logBeta = half
      .lgamma()
      .add(Math.log(Math.PI) / 2)
      .sub(more.lgamma());
    return scale
      .log()
      .add(more.mul(more.digamma().sub(half.digamma())))
      .add(df.log().mul(0.5))
      .add(logBeta);
  }
}

distributionClass(StudentT);
