import { ValueError } from '../core/errors.js';
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
import { gradient, rule } from './rule.js';

export interface SGDOptions extends CommonOptions {
  /** Learning rate. Default 0.001. */
  lr: number;
  /** Momentum factor. Default 0. */
  momentum: number;
  /** Dampening of the momentum. Default 0. */
  dampening: number;
  /** L2 penalty. Default 0. */
  weightDecay: number;
  /** Use Nesterov's momentum. Default false. */
  nesterov: boolean;
  /** Kept for checkpoints shared with Python; without effect. */
  fused: boolean | null;
}

interface State extends Record<string, Tensor | number> {
  momentumBuffer: Tensor;
}

const defaults: SGDOptions = {
  lr: 1e-3,
  momentum: 0,
  dampening: 0,
  weightDecay: 0,
  nesterov: false,
  maximize: false,
  foreach: null,
  differentiable: false,
  fused: null,
};

/** Stochastic gradient descent, optionally with momentum. */
export class SGD extends Optimizer<State, SGDOptions> {
  constructor(
    params: Params<SGDOptions>,
    lr?: number | Partial<SGDOptions>,
    momentum?: number | Partial<SGDOptions>,
    dampening?: number | Partial<SGDOptions>,
    weightDecay?: number | Partial<SGDOptions>,
    nesterov?: boolean | Partial<SGDOptions>,
    options?: Partial<SGDOptions>,
  ) {
    const given = readOptions('SGD', defaults, [lr, momentum, dampening, weightDecay, nesterov, options]);
    checkRange('learning rate', given.lr);
    checkRange('momentum value', given.momentum);
    checkRange('weight_decay value', given.weightDecay);
    if (given.nesterov && (given.momentum <= 0 || given.dampening !== 0))
      throw new ValueError('Nesterov momentum requires a momentum and zero dampening');
    super(params, given);
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    { lr, momentum, dampening, weightDecay: weight_decay, nesterov, maximize }: ParamGroup<SGDOptions>,
    state: Partial<State>,
  ): void {
    if (momentum === 0) {
      update(
        rule(gradient(maximize, weight_decay), 'param = fma(g, -lr, param)'),
        { param, grad },
        { lr, weight_decay },
      );
      return;
    }
    // The first step has no buffer to decay: the buffer becomes the gradient.
    const isFirst = state.momentumBuffer === undefined;
    state.momentumBuffer ??= grad.emptyLike();
    update(
      rule(
        gradient(maximize, weight_decay),
        isFirst ? 'buf = g' : 'buf = fma(g, 1 - dampening, momentum * buf)',
        nesterov ? 'param = fma(fma(buf, momentum, g), -lr, param)' : 'param = fma(buf, -lr, param)',
      ),
      { param, grad, buf: state.momentumBuffer },
      { lr, momentum, dampening, weight_decay },
    );
  }
}

keepsNoGradient(SGD);
