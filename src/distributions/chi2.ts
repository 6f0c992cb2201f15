import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';
import { positive } from './constraints/bounds.js';
import type { Constraint } from './constraints/constraint.js';
import { distributionClass } from './distribution.js';
import { Gamma } from './gamma.js';

const chi2 = signature('Chi2(Value df, bool? validate_args=None)');

/** The chi-squared distribution: `Gamma(df / 2, 1 / 2)`. */
export class Chi2 extends Gamma {
  /**
   * @param df the degrees of freedom
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof chi2>) {
    const { df, validateArgs } = chi2.bind(args, new.target.name);
    super(df instanceof Tensor ? df.mul(0.5) : 0.5 * Number(df), 0.5, validateArgs);
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { df: positive };
  }

  override expand(batchShape: Shape): this {
    const { concentration, rate } = this;
    return this.expandedWith(batchShape, {
      concentration: concentration.expand(batchShape),
      rate: rate.expand(batchShape),
    });
  }

  /** The degrees of freedom. */
  get df(): Tensor {
    return this.concentration.mul(2);
  }
}

distributionClass(Chi2);
