import { Function, type FunctionContext } from '../autograd/function.js';
import { ValueError } from '../core/errors.js';
import type { Shape } from '../core/layout.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { F } from '../nn/functions.js';
import { dirichletGrad, sampleDirichlet } from '../ops/distributions.js';
import { positive } from './constraints/bounds.js';
import { IndependentConstraint } from './constraints/composed_constraints.js';
import { simplex } from './constraints/vectors.js';
import { distributionClass } from './distribution.js';
import { ExponentialFamily } from './exponential_family.js';

const dirichletSignature = signature('Dirichlet(Tensor concentration, bool? validate_args=None)');

/** Samples of Dirichlet distributions, whose gradient is that of beta samples. */
class _Dirichlet extends Function {
  static override forward(context: FunctionContext, concentration: Tensor): Tensor {
    const x = sampleDirichlet(concentration, null);
    context.saveForBackward(x, concentration);
    return x;
  }

  static override backward(context: FunctionContext, grad: Tensor): Tensor {
    const [x, concentration] = context.savedTensors;
    const total = concentration.sum(-1, true).expandAs(concentration);
    return dirichletGrad(x, concentration, total).mul(grad.sub(x.mul(grad).sum(-1, true)));
  }
}

/** The Dirichlet distribution: of probabilities along the last dimension. */
export class Dirichlet extends ExponentialFamily {
  declare readonly concentration: Tensor;

  /**
   * @param concentration the concentrations (alpha), along the last dimension
   * @param validateArgs whether parameters and values are checked
   */
  constructor(...args: Arguments<typeof dirichletSignature>) {
    const { concentration, validateArgs } = dirichletSignature.bind(args, new.target.name);
    if (concentration.dim() < 1)
      throw new ValueError('`concentration` parameter must be at least one-dimensional.');
    const { shape } = concentration;
    super(shape.slice(0, -1), shape.slice(-1), validateArgs, { concentration });
  }

  override get argConstraints() {
    return { concentration: new IndependentConstraint(positive, 1) };
  }

  override get support() {
    return simplex;
  }

  override get hasRsample(): boolean {
    return true;
  }

  override rsample(sampleShape: Shape = []): Tensor {
    return _Dirichlet.apply(this.concentration.expand(this.extendedShape(sampleShape))) as Tensor;
  }

  override logProb(value: Tensor): Tensor {
    const x = this.checked(value);
    const { concentration } = this;
    return concentration
      .sub(1)
      .xlogy(x)
      .sum(-1)
      .add(concentration.sum(-1).lgamma())
      .sub(concentration.lgamma().sum(-1));
  }

  override get mean(): Tensor {
    return this.concentration.div(this.concentration.sum(-1, true));
  }

  override get mode(): Tensor {
    const { concentration } = this;
    const less = concentration.sub(1).clamp(0);
    const mode = less.div(less.sum(-1, true));
    // Where all are below 1 the density is greatest in the corners.
    const corner = F.oneHot(mode.argmax(-1), concentration.shape[concentration.dim() - 1]).to(mode);
    return ops.where(concentration.lt(1).all(-1, true), corner, mode);
  }

  override get variance(): Tensor {
    const { concentration } = this;
    const total = concentration.sum(-1, true);
    return concentration.mul(total.sub(concentration)).div(total.pow(2).mul(total.add(1)));
  }

  override entropy(): Tensor {
    const { concentration } = this;
    const total = concentration.sum(-1);
    return concentration
      .lgamma()
      .sum(-1)
      .sub(total.lgamma())
      .sub(total.rsub(concentration.shape[concentration.dim() - 1]).mul(total.digamma()))
      .sub(concentration.sub(1).mul(concentration.digamma()).sum(-1));
  }

  /** @internal */
  override get naturalParams(): readonly Tensor[] {
    return [this.concentration];
  }

  /** @internal */
  override logNormalizer(x: Tensor): Tensor {
    return x.lgamma().sum(-1).sub(x.sum(-1).lgamma());
  }
}

distributionClass(Dirichlet);
