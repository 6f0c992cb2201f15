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

export interface AdamOptions extends CommonOptions {
  /** Learning rate. Default 0.001. */
  lr: number;
  /** Decay of the running means of the gradient and of its square. Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Keeps the denominator from zero. Default 1e-8. */
  eps: number;
  /** L2 penalty, or with `decoupledWeightDecay` the share that is taken off. Default 0; in AdamW 0.01. */
  weightDecay: number;
  /** Use the largest mean square so far (On the Convergence of Adam and Beyond, Reddi et al. 2018). Default false. */
  amsgrad: boolean;
  /** Kept for checkpoints shared with Python; without effect. */
  capturable: boolean;
  /** Kept for checkpoints shared with Python; without effect. */
  fused: boolean | null;
  /** Take weight decay off the parameter and not into the gradient, as AdamW does. Default false. */
  decoupledWeightDecay: boolean;
}

interface State extends Record<string, Tensor | number> {
  step: number;
  expAvg: Tensor;
  expAvgSq: Tensor;
  maxExpAvgSq: Tensor;
}

const defaults: AdamOptions = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  amsgrad: false,
  maximize: false,
  foreach: null,
  capturable: false,
  differentiable: false,
  fused: null,
  decoupledWeightDecay: false,
};

/** Adam (Kingma and Ba, 2015). */
export class Adam extends Optimizer<State, AdamOptions> {
  constructor(
    params: Params<AdamOptions>,
    lr?: number | Partial<AdamOptions>,
    betas?: readonly [number, number] | Partial<AdamOptions>,
    eps?: number | Partial<AdamOptions>,
    weightDecay?: number | Partial<AdamOptions>,
    amsgrad?: boolean | Partial<AdamOptions>,
    options?: Partial<AdamOptions>,
  ) {
    super(params, check(readOptions('Adam', defaults, [lr, betas, eps, weightDecay, amsgrad, options])));
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    group: ParamGroup<AdamOptions>,
    state: Partial<State>,
  ): void {
    const { lr, betas, eps, weightDecay: weight_decay, amsgrad, maximize, decoupledWeightDecay } = group;
    const [beta1, beta2] = betas;
    state.step = (state.step ?? 0) + 1;
    state.expAvg ??= param.detach().zerosLike();
    state.expAvgSq ??= param.detach().zerosLike();
    if (amsgrad) state.maxExpAvgSq ??= param.detach().zerosLike();
    const decay = weight_decay !== 0 && decoupledWeightDecay;
    update(
      rule(
        gradient(maximize, decay ? 0 : weight_decay),
        decay && 'param = param * keep',
        mean('exp_avg', 'g', 'weight1', 1 - beta1),
        'exp_avg_sq = exp_avg_sq * beta2 + weight2 * g * g',
        amsgrad && 'max_exp_avg_sq = maximum(max_exp_avg_sq, exp_avg_sq)',
        `denom = sqrt(${amsgrad ? 'max_exp_avg_sq' : 'exp_avg_sq'}) / correction2 + eps`,
        'param = param + step * exp_avg / denom',
      ),
      {
        param,
        grad,
        exp_avg: state.expAvg,
        exp_avg_sq: state.expAvgSq,
        ...(amsgrad && { max_exp_avg_sq: state.maxExpAvgSq! }),
      },
      {
        weight_decay,
        keep: 1 - lr * weight_decay,
        weight1: 1 - beta1,
        beta2,
        weight2: 1 - beta2,
        correction2: (1 - beta2 ** state.step) ** 0.5,
        eps,
        step: -(lr / (1 - beta1 ** state.step)),
      },
    );
  }
}

/** AdamW: Adam with decoupled weight decay (Loshchilov and Hutter, 2019). */
export class AdamW extends Adam {
  constructor(
    params: Params<AdamOptions>,
    lr?: number | Partial<AdamOptions>,
    betas?: readonly [number, number] | Partial<AdamOptions>,
    eps?: number | Partial<AdamOptions>,
    weightDecay?: number | Partial<AdamOptions>,
    amsgrad?: boolean | Partial<AdamOptions>,
    options?: Partial<AdamOptions>,
  ) {
    const own = { ...defaults, weightDecay: 0.01, decoupledWeightDecay: true };
    super(params, readOptions('AdamW', own, [lr, betas, eps, weightDecay, amsgrad, options]));
  }
}

function check(options: AdamOptions): AdamOptions {
  checkRange('learning rate', options.lr);
  checkRange('epsilon value', options.eps);
  checkBetas(options.betas);
  checkRange('weight_decay value', options.weightDecay);
  return options;
}

keepsNoGradient(Adam);
