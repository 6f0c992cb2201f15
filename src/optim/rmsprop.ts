import type { Tensor } from '../core/tensor.js';
import { readOptions } from '../nn/arguments.js';
import { update } from '../ops/fused.js';
import {
  type CommonOptions,
  checkRange,
  keepsNoGradient,
  Optimizer,
  type ParamGroup,
  type Params,
} from './optimizer.js';
import { gradient, mean, rule } from './rule.js';

export interface RMSpropOptions extends CommonOptions {
  /** Learning rate. Default 0.01. */
  lr: number;
  /** Decay of the running mean of squares. Default 0.99. */
  alpha: number;
  /** Keeps the denominator from zero. Default 1e-8. */
  eps: number;
  /** L2 penalty. Default 0. */
  weightDecay: number;
  /** Momentum factor. Default 0. */
  momentum: number;
  /** Divide by an estimate of the variance instead of the mean square. Default false. */
  centered: boolean;
  /** Kept for checkpoints shared with Python; without effect. */
  capturable: boolean;
}

interface State extends Record<string, Tensor | number> {
  step: number;
  squareAvg: Tensor;
  momentumBuffer: Tensor;
  gradAvg: Tensor;
}

const defaults: RMSpropOptions = {
  lr: 1e-2,
  alpha: 0.99,
  eps: 1e-8,
  weightDecay: 0,
  momentum: 0,
  centered: false,
  capturable: false,
  foreach: null,
  maximize: false,
  differentiable: false,
};

/** RMSprop (Hinton's lecture 6e; centered: Graves, 2013). */
export class RMSprop extends Optimizer<State, RMSpropOptions> {
  constructor(
    params: Params<RMSpropOptions>,
    lr?: number | Partial<RMSpropOptions>,
    alpha?: number | Partial<RMSpropOptions>,
    eps?: number | Partial<RMSpropOptions>,
    weightDecay?: number | Partial<RMSpropOptions>,
    momentum?: number | Partial<RMSpropOptions>,
    centered?: boolean | Partial<RMSpropOptions>,
    options?: Partial<RMSpropOptions>,
  ) {
    const given = readOptions('RMSprop', defaults, [
      lr,
      alpha,
      eps,
      weightDecay,
      momentum,
      centered,
      options,
    ]);
    checkRange('learning rate', given.lr);
    checkRange('epsilon value', given.eps);
    checkRange('momentum value', given.momentum);
    checkRange('weight_decay value', given.weightDecay);
    checkRange('alpha value', given.alpha);
    super(params, given);
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    { lr, alpha, eps, weightDecay: weight_decay, momentum, centered, maximize }: ParamGroup<RMSpropOptions>,
    state: Partial<State>,
  ): void {
    state.step = (state.step ?? 0) + 1;
    state.squareAvg ??= param.detach().zerosLike();
    if (momentum > 0) state.momentumBuffer ??= param.detach().zerosLike();
    if (centered) state.gradAvg ??= param.detach().zerosLike();
    update(
      rule(
        gradient(maximize, weight_decay),
        'square_avg = square_avg * alpha + rest * g * g',
        centered && mean('grad_avg', 'g', 'rest', 1 - alpha),
        `avg = sqrt(${centered ? 'square_avg - grad_avg * grad_avg' : 'square_avg'}) + eps`,
        momentum > 0 && 'buf = buf * momentum + g / avg',
        momentum > 0 ? 'param = fma(buf, -lr, param)' : 'param = param + -lr * g / avg',
      ),
      {
        param,
        grad,
        square_avg: state.squareAvg,
        ...(momentum > 0 && { buf: state.momentumBuffer! }),
        ...(centered && { grad_avg: state.gradAvg! }),
      },
      { lr, alpha, rest: 1 - alpha, eps, weight_decay, momentum },
    );
  }
}

keepsNoGradient(RMSprop);
