import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { positive, real } from './constraints/bounds.js';
import type { Constraint } from './constraints/constraint.js';
import { simplex } from './constraints/vectors.js';
import { type Distribution, distributionClass } from './distribution.js';
import type { Independent } from './independent.js';
import { Normal } from './normal.js';
import { TransformedDistribution } from './transformed_distribution.js';
import { StickBreakingTransform } from './transforms/simplex.js';

const logisticNormal = signature('LogisticNormal(Value loc, Value scale, bool? validate_args=None)');

/** The distribution of probabilities that `StickBreakingTransform` makes of normal numbers. */
export class LogisticNormal extends TransformedDistribution<Independent<Normal>> {
  /**
   * @param loc the mean of the normal numbers
   * @param scale their standard deviation
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof logisticNormal>) {
    const { loc, scale, validateArgs } = logisticNormal.bind(args, new.target.name);
    const normal = new Normal(loc, scale, validateArgs);
    const base = normal.batchShape.length === 0 ? normal.expand([1]) : normal;
    // The base class makes one event of its last dimension.
    super(base as Distribution as Independent<Normal>, new StickBreakingTransform(), validateArgs);
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { loc: real, scale: positive };
  }

  override get support(): Constraint {
    return simplex;
  }

  /** The mean of the normal numbers. */
  get loc(): Tensor {
    return this.baseDist.baseDist.loc;
  }

  /** The standard deviation of the normal numbers. */
  get scale(): Tensor {
    return this.baseDist.baseDist.scale;
  }
}

distributionClass(LogisticNormal);
