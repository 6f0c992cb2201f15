import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { update } from '../dispatch/fused_update.js';
import {
  checked,
  keepsNoGradient,
  Optimizer,
  type OptionsOf,
  type ParamGroup,
  type Params,
} from './optimizer.js';
import { gradient, mean, rule } from './rule.js';

const nadam = signature(
  'NAdam(Params params, float|Tensor lr=2e-3, Betas betas=[0.9,0.999], float eps=1e-8, float weight_decay=0, float momentum_decay=4e-3, bool decoupled_weight_decay=False, *, bool maximize=False, bool? foreach=None, bool capturable=False, bool differentiable=False)',
);

export type NAdamOptions = OptionsOf<typeof nadam>;

/** State that `NAdam` keeps for a parameter between steps. */
export interface NAdamState extends Record<string, Tensor | number> {
  step: number;
  muProduct: number;
  expAvg: Tensor;
  expAvgSq: Tensor;
}

/** NAdam: Adam with Nesterov's momentum (Dozat, 2016). */
export class NAdam extends Optimizer<NAdamState, NAdamOptions> {
  /**
   * @param params parameters, named ones, or groups of them with options of their own
   * @param lr the learning rate
   * @param betas the decay of the running means of the gradient and of its square
   * @param eps keeps the denominator from zero
   * @param weightDecay the L2 penalty, or with `decoupledWeightDecay` the share that is taken off
   * @param momentumDecay how fast the momentum rises
   * @param decoupledWeightDecay whether weight decay is taken off the parameter and not put into the gradient
   * @param maximize whether to go up the gradient instead of down
   */
  constructor(...args: Arguments<typeof nadam, { params: Params<NAdamOptions> }>) {
    const { params, options } = checked(nadam.bind(args), 'eps', 'betas', 'weightDecay', 'momentumDecay');
    super(params as Params<NAdamOptions>, options, nadam);
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    group: ParamGroup<NAdamOptions>,
    state: Partial<NAdamState>,
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
    // PyTorch keeps the product in float32, and multiplies it there.
    state.muProduct = Math.fround(state.muProduct * Math.fround(mu));
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
