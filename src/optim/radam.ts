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

export interface RAdamOptions extends CommonOptions {
  /** Learning rate. Default 0.001. */
  lr: number;
  /** Decay of the running means of the gradient and of its square. Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Keeps the denominator from zero. Default 1e-8. */
  eps: number;
  /** L2 penalty, or with `decoupledWeightDecay` the share that is taken off. Default 0. */
  weightDecay: number;
  /** Take weight decay off the parameter and not into the gradient. Default false. */
  decoupledWeightDecay: boolean;
  /** Kept for checkpoints shared with Python; without effect. */
  capturable: boolean;
}

interface State extends Record<string, Tensor | number> {
  step: number;
  expAvg: Tensor;
  expAvgSq: Tensor;
}

const defaults: RAdamOptions = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  decoupledWeightDecay: false,
  maximize: false,
  foreach: null,
  capturable: false,
  differentiable: false,
};

/** RAdam: Adam whose variance is rectified (Liu et al., 2020). */
export class RAdam extends Optimizer<State, RAdamOptions> {
  constructor(
    params: Params<RAdamOptions>,
    lr?: number | Partial<RAdamOptions>,
    betas?: readonly [number, number] | Partial<RAdamOptions>,
    eps?: number | Partial<RAdamOptions>,
    weightDecay?: number | Partial<RAdamOptions>,
    decoupledWeightDecay?: boolean | Partial<RAdamOptions>,
    options?: Partial<RAdamOptions>,
  ) {
    const given = readOptions('RAdam', defaults, [
      lr,
      betas,
      eps,
      weightDecay,
      decoupledWeightDecay,
      options,
    ]);
    checkRange('learning rate', given.lr);
    checkRange('epsilon value', given.eps);
    checkBetas(given.betas);
    checkRange('weight_decay value', given.weightDecay);
    super(params, given);
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    group: ParamGroup<RAdamOptions>,
    state: Partial<State>,
  ): void {
    const { lr, betas, eps, weightDecay: weight_decay, decoupledWeightDecay, maximize } = group;
    const [beta1, beta2] = betas;
    state.step = (state.step ?? 0) + 1;
    const { step } = state;
    state.expAvg ??= param.detach().zerosLike();
    state.expAvgSq ??= param.detach().zerosLike();
    const decay = weight_decay !== 0 && decoupledWeightDecay;
    const correction2 = 1 - beta2 ** step;
    // The length of the approximated simple moving average; the variance is tractable where it exceeds 5.
    const rhoInf = 2 / (1 - beta2) - 1;
    const rho = rhoInf - (2 * step * beta2 ** step) / correction2;
    const rectify = rho > 5;
    update(
      rule(
        gradient(maximize, decay ? 0 : weight_decay),
        decay && 'param = param * keep',
        mean('exp_avg', 'g', 'weight1', 1 - beta1),
        'exp_avg_sq = exp_avg_sq * beta2 + weight2 * g * g',
        rectify
          ? 'param = param - exp_avg / correction1 * lr * (root2 / (sqrt(exp_avg_sq) + eps)) * rectification'
          : 'param = param - exp_avg / correction1 * lr',
      ),
      { param, grad, exp_avg: state.expAvg, exp_avg_sq: state.expAvgSq },
      {
        lr,
        weight_decay,
        keep: 1 - lr * weight_decay,
        weight1: 1 - beta1,
        beta2,
        weight2: 1 - beta2,
        correction1: 1 - beta1 ** step,
        root2: correction2 ** 0.5,
        eps,
        rectification: rectify
          ? (((rho - 4) * (rho - 2) * rhoInf) / ((rhoInf - 4) * (rhoInf - 2) * rho)) ** 0.5
          : 0,
      },
    );
  }
}

keepsNoGradient(RAdam);
