import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { update } from '../dispatch/fused_update.js';
import {
  checked,
  checkTensorBetas,
  keepsNoGradient,
  Optimizer,
  type OptionsOf,
  type ParamGroup,
  type Params,
} from './optimizer.js';
import { gradient, mean, rule } from './rule.js';

const adam = signature(
  'Adam(Params params, float|Tensor lr=1e-3, Betas betas=[0.9,0.999], float eps=1e-8, float weight_decay=0, bool amsgrad=False, *, bool maximize=False, bool? foreach=None, bool capturable=False, bool differentiable=False, bool? fused=None, bool decoupled_weight_decay=False)',
);

/** Two numbers, or two tensors of one element. */
export type NumbersOrTensors = readonly [number, number] | readonly [Tensor, Tensor];

export type AdamOptions = OptionsOf<typeof adam>;

/** State that `Adam` keeps for a parameter between steps. */
export interface AdamState extends Record<string, Tensor | number> {
  step: number;
  expAvg: Tensor;
  expAvgSq: Tensor;
  maxExpAvgSq: Tensor;
}

/** Adam (Kingma and Ba, 2015). */
export class Adam extends Optimizer<AdamState, AdamOptions> {
  /**
   * @param params parameters, named ones, or groups of them with options of their own
   * @param lr the learning rate
   * @param betas the decay of the running means of the gradient and of its square
   * @param eps keeps the denominator from zero
   * @param weightDecay the L2 penalty, or with `decoupledWeightDecay` the share that is taken off
   * @param amsgrad whether to use the largest mean square so far (On the Convergence of Adam and Beyond, Reddi et al. 2018)
   * @param decoupledWeightDecay whether weight decay is taken off the parameter and not put into the gradient, as AdamW does
   * @param maximize whether to go up the gradient instead of down
   */
  constructor(...args: Arguments<typeof adam, { params: Params<AdamOptions>; betas: NumbersOrTensors }>) {
    const { params, options } = checked(adam.bind(args), 'eps', 'betas', 'weightDecay');
    checkTensorBetas(options);
    super(params as Params<AdamOptions>, options, adam);
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    group: ParamGroup<AdamOptions>,
    state: Partial<AdamState>,
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

const adamW = signature(
  'AdamW(Params params, float|Tensor lr=1e-3, Betas betas=[0.9,0.999], float eps=1e-8, float weight_decay=0.01, bool amsgrad=False, *, bool maximize=False, bool? foreach=None, bool capturable=False, bool differentiable=False, bool? fused=None)',
);

/** AdamW: Adam with decoupled weight decay (Loshchilov and Hutter, 2019). */
export class AdamW extends Adam {
  /**
   * @param params parameters, named ones, or groups of them with options of their own
   * @param lr the learning rate
   * @param betas the decay of the running means of the gradient and of its square
   * @param eps keeps the denominator from zero
   * @param weightDecay the share of a parameter that is taken off
   * @param amsgrad whether to use the largest mean square so far (On the Convergence of Adam and Beyond, Reddi et al. 2018)
   * @param maximize whether to go up the gradient instead of down
   */
  constructor(...args: Arguments<typeof adamW, { params: Params<AdamOptions>; betas: NumbersOrTensors }>) {
    super({ ...adamW.bind(args), decoupledWeightDecay: true } as { params: Params<AdamOptions> });
  }
}

keepsNoGradient(Adam);
