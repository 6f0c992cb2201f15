import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { positive, unitInterval } from './constraints/bounds.js';
import type { Constraint } from './constraints/constraint.js';
import { Dirichlet } from './dirichlet.js';
import { distributionClass } from './distribution.js';
import { ExponentialFamily } from './exponential_family.js';
import { broadcastAll } from './utils.js';

const beta = signature('Beta(Value concentration1, Value concentration0, bool? validate_args=None)');

/** The beta distribution: a number between 0 and 1. */
export class Beta extends ExponentialFamily {
  /** The distribution of a number and what is missing to 1. */
  declare protected readonly dirichlet: Dirichlet;

  /**
   * @param concentration1 the first concentration (alpha)
   * @param concentration0 the second concentration (beta)
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof beta>) {
    const { validateArgs, ...given } = beta.bind(args, new.target.name);
    const both = ops.stack(broadcastAll(given.concentration1, given.concentration0), -1);
    const dirichlet = new Dirichlet(both, validateArgs);
    super(dirichlet.batchShape, [], validateArgs, { dirichlet });
  }

  override expand(batchShape: Shape): this {
    return this.expandedWith(batchShape, { dirichlet: this.dirichlet.expand(batchShape) });
  }

  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { concentration1: positive, concentration0: positive };
  }

  override get support() {
    return unitInterval;
  }

  override get hasRsample(): boolean {
    return true;
  }

  /** The first concentration. */
  get concentration1(): Tensor {
    return this.dirichlet.concentration.select(-1, 0);
  }

  /** The second concentration. */
  get concentration0(): Tensor {
    return this.dirichlet.concentration.select(-1, 1);
  }

  override get mean(): Tensor {
    return this.concentration1.div(this.concentration1.add(this.concentration0));
  }

  override get mode(): Tensor {
    return this.dirichlet.mode.select(-1, 0);
  }

  override get variance(): Tensor {
    const { concentration1, concentration0 } = this;
    const total = concentration1.add(concentration0);
    return concentration1.mul(concentration0).div(total.pow(2).mul(total.add(1)));
  }

  override rsample(sampleShape: Shape = []): Tensor {
    return this.dirichlet.rsample(sampleShape).select(-1, 0);
  }

  override logProb(value: Tensor): Tensor {
    const x = this.checked(value);
    return this.dirichlet.logProb(ops.stack([x, x.rsub(1)], -1));
  }

  override entropy(): Tensor {
    return this.dirichlet.entropy();
  }

  /** @internal */
  override get naturalParams(): readonly Tensor[] {
    return [this.concentration1, this.concentration0];
  }

  /** @internal */
  override logNormalizer(x: Tensor, y: Tensor): Tensor {
    return x.lgamma().add(y.lgamma()).sub(x.add(y).lgamma());
  }
}

distributionClass(Beta);
