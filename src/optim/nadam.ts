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

export interface NAdamOptions extends CommonOptions {
  /** Learning rate. Default 0.002. */
  lr: number;
  /** Decay of the running means of the gradient and of its square. Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Keeps the denominator from zero. Default 1e-8. */
  eps: number;
  /** L2 penalty, or with `decoupledWeightDecay` the share that is taken off. Default 0. */
  weightDecay: number;
  /** How fast the momentum rises. Default 0.004. */
  momentumDecay: number;
  /** Take weight decay off the parameter and not into the gradient. Default false. */
  decoupledWeightDecay: boolean;
  /** Kept for checkpoints shared with Python; without effect. */
  capturable: boolean;
}

interface State extends Record<string, Tensor | number> {
  step: number;
  muProduct: number;
  expAvg: Tensor;
  expAvgSq: Tensor;
}

const defaults: NAdamOptions = {
  lr: 2e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  momentumDecay: 4e-3,
  decoupledWeightDecay: false,
  maximize: false,
  foreach: null,
  capturable: false,
  differentiable: false,
};

/** NAdam: Adam with Nesterov's momentum (Dozat, 2016). */
export class NAdam extends Optimizer<State, NAdamOptions> {
  constructor(
    params: Params<NAdamOptions>,
    lr?: number | Partial<NAdamOptions>,
    betas?: readonly [number, number] | Partial<NAdamOptions>,
    eps?: number | Partial<NAdamOptions>,
    weightDecay?: number | Partial<NAdamOptions>,
    momentumDecay?: number | Partial<NAdamOptions>,
    decoupledWeightDecay?: boolean | Partial<NAdamOptions>,
    options?: Partial<NAdamOptions>,
  ) {
    const given = readOptions('NAdam', defaults, [
      lr,
      betas,
      eps,
      weightDecay,
      momentumDecay,
      decoupledWeightDecay,
      options,
    ]);
    checkRange('learning rate', given.lr);
    checkRange('epsilon value', given.eps);
    checkBetas(given.betas);
    checkRange('weight_decay value', given.weightDecay);
    checkRange('momentum_decay value', given.momentumDecay);
    super(params, given);
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    group: ParamGroup<NAdamOptions>,
    state: Partial<State>,
  ): void {
    const {
      lr,
      betas,
      eps,
      weightDecay: weight_decay,
      momentumDecay,
      decoupledWeightDecay,
      maximize,
    } = group;
    const [beta1, beta2] = betas;
    state.step = (state.step ?? 0) + 1;
    state.muProduct ??= 1;
    state.expAvg ??= param.detach().zerosLike();
    state.expAvgSq ??= param.detach().zerosLike();
    const momentumAt = (step: number): number => beta1 * (1 - 0.5 * 0.96 ** (step * momentumDecay));
    const mu = momentumAt(state.step);
    const next = momentumAt(state.step + 1);
    // PyTorch keeps the product in float32.
    state.muProduct = Math.fround(state.muProduct * mu);
    const decay = weight_decay !== 0 && decoupledWeightDecay;
    update(
      rule(
        gradient(maximize, decay ? 0 : weight_decay),
        decay && 'param = param * keep',
        mean('exp_avg', 'g', 'weight1', 1 - beta1),
        'exp_avg_sq = exp_avg_sq * beta2 + weight2 * g * g',
        'denom = sqrt(exp_avg_sq / correction2) + eps',
        'param = param + step * g / denom',
        'param = param + step_next * exp_avg / denom',
      ),
      { param, grad, exp_avg: state.expAvg, exp_avg_sq: state.expAvgSq },
      {
        weight_decay,
        keep: 1 - lr * weight_decay,
        weight1: 1 - beta1,
        beta2,
        weight2: 1 - beta2,
        correction2: 1 - beta2 ** state.step,
        eps,
        step: (-lr * (1 - mu)) / (1 - state.muProduct),
        step_next: (-lr * next) / (1 - state.muProduct * next),
      },
    );
  }
}

keepsNoGradient(NAdam);
