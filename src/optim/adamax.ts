import type { Tensor } from '../core/tensor.js';
import { readOptions } from '../nn/arguments.js';
import { update } from '../ops/fused.js';
import {
  type CommonOptions,
  checkBetas,
  checkRange,
  keepsNoGradient,
  Optimizer,
  type ParamGroup,
  type Params,
} from './optimizer.js';
import { gradient, mean, rule } from './rule.js';

export interface AdamaxOptions extends CommonOptions {
  /** Learning rate. Default 0.002. */
  lr: number;
  /** Decay of the running mean of the gradient and of its largest magnitude. Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Keeps the denominator from zero. Default 1e-8. */
  eps: number;
  /** L2 penalty. Default 0. */
  weightDecay: number;
  /** Kept for checkpoints shared with Python; without effect. */
  capturable: boolean;
}

interface State extends Record<string, Tensor | number> {
  step: number;
  expAvg: Tensor;
  expInf: Tensor;
}

const defaults: AdamaxOptions = {
  lr: 2e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  foreach: null,
  maximize: false,
  differentiable: false,
  capturable: false,
};

/** Adamax: Adam with the infinity norm (Kingma and Ba, 2015). */
export class Adamax extends Optimizer<State, AdamaxOptions> {
  constructor(
    params: Params<AdamaxOptions>,
    lr?: number | Partial<AdamaxOptions>,
    betas?: readonly [number, number] | Partial<AdamaxOptions>,
    eps?: number | Partial<AdamaxOptions>,
    weightDecay?: number | Partial<AdamaxOptions>,
    options?: Partial<AdamaxOptions>,
  ) {
    const given = readOptions('Adamax', defaults, [lr, betas, eps, weightDecay, options]);
    checkRange('learning rate', given.lr);
    checkRange('epsilon value', given.eps);
    checkBetas(given.betas);
    checkRange('weight_decay value', given.weightDecay);
    super(params, given);
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    { lr, betas: [beta1, beta2], eps, weightDecay: weight_decay, maximize }: ParamGroup<AdamaxOptions>,
    state: Partial<State>,
  ): void {
    state.step = (state.step ?? 0) + 1;
    state.expAvg ??= param.detach().zerosLike();
    state.expInf ??= param.detach().zerosLike();
    update(
      rule(
        gradient(maximize, weight_decay),
        mean('exp_avg', 'g', 'weight1', 1 - beta1),
        'exp_inf = maximum(exp_inf * beta2, abs(g) + eps)',
        'param = param + step * exp_avg / exp_inf',
      ),
      { param, grad, exp_avg: state.expAvg, exp_inf: state.expInf },
      { weight_decay, weight1: 1 - beta1, beta2, eps, step: -(lr / (1 - beta1 ** state.step)) },
    );
  }
}

keepsNoGradient(Adamax);
