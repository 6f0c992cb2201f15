import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { positive } from './constraints/bounds.js';
import { Distribution, distributionClass } from './distribution.js';
import { Gamma } from './gamma.js';
import { broadcastAll, tiny } from './utils.js';

const fisherSnedecor = signature('FisherSnedecor(Value df1, Value df2, bool? validate_args=None)');

/** The F-distribution: that of the ratio of two chi-squared numbers, each by its degrees of freedom. */
export class FisherSnedecor extends Distribution {
  declare readonly df1: Tensor;
  declare readonly df2: Tensor;
  declare private readonly numerator: Gamma;
  declare private readonly denominator: Gamma;

  /**
   * @param df1 the degrees of freedom above the line
   * @param df2 the degrees of freedom below the line
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof fisherSnedecor>) {
    const { validateArgs, ...given } = fisherSnedecor.bind(args, new.target.name);
    const [df1, df2] = broadcastAll(given.df1, given.df2);
    super(df1.shape, [], validateArgs, {
      df1,
      df2,
      numerator: new Gamma(df1.mul(0.5), df1),
      denominator: new Gamma(df2.mul(0.5), df2),
    });
  }

  override expand(batchShape: Shape): this {
    return this.expandedWith(batchShape, {
      numerator: this.numerator.expand(batchShape),
      denominator: this.denominator.expand(batchShape),
    });
  }

  override get argConstraints() {
    return { df1: positive, df2: positive };
  }

  override get support() {
    return positive;
  }

  override get hasRsample(): boolean {
    return true;
  }

  override get mean(): Tensor {
    const df2 = this.df2.maskedFill(this.df2.le(2), Number.NaN);
    return df2.div(df2.sub(2));
  }

  override get mode(): Tensor {
    const { df1, df2 } = this;
    const mode = df1.sub(2).div(df1).mul(df2).div(df2.add(2));
    return mode.maskedFill(df1.le(2), Number.NaN);
  }

  override get variance(): Tensor {
    const { df1 } = this;
    const df2 = this.df2.maskedFill(this.df2.le(4), Number.NaN);
    return df2
      .pow(2)
      .mul(2)
      .mul(df1.add(df2).sub(2))
      .div(df1.mul(df2.sub(2).pow(2)).mul(df2.sub(4)));
  }

  override rsample(sampleShape: Shape = []): Tensor {
    const x1 = this.numerator.rsample(sampleShape);
    const least = tiny(x1.dtype);
    const x2 = this.denominator.rsample(sampleShape).clamp(least);
    return x1.div(x2).clamp(least);
  }

  override logProb(value: Tensor): Tensor {
    const x = this.checked(value);
    const [half1, half2] = [this.df1.mul(0.5), this.df2.mul(0.5)];
    const ratio = this.df1.div(this.df2);
    const together = half1.add(half2);
    const normalizer = together.lgamma().sub(half1.lgamma()).sub(half2.lgamma());
    return normalizer
      .add(half1.mul(ratio.log()).add(half1.sub(1).mul(x.log())))
      .sub(together.mul(ratio.mul(x).log1p()));
  }
}

distributionClass(FisherSnedecor);
