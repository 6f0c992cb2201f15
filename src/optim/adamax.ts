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

const adamax = signature(
  'Adamax(Params params, float|Tensor lr=2e-3, Betas betas=[0.9,0.999], float eps=1e-8, float weight_decay=0, bool? foreach=None, *, bool maximize=False, bool differentiable=False, bool capturable=False)',
);

export type AdamaxOptions = OptionsOf<typeof adamax>;

/** State that `Adamax` keeps for a parameter between steps. */
export interface AdamaxState extends Record<string, Tensor | number> {
  step: number;
  expAvg: Tensor;
  expInf: Tensor;
}

/** Adamax: Adam with the infinity norm (Kingma and Ba, 2015). */
export class Adamax extends Optimizer<AdamaxState, AdamaxOptions> {
  /**
   * @param params parameters, named ones, or groups of them with options of their own
   * @param lr the learning rate
   * @param betas the decay of the running mean of the gradient and of its largest magnitude
   * @param eps keeps the denominator from zero
   * @param weightDecay the L2 penalty
   * @param maximize whether to go up the gradient instead of down
   */
  constructor(...args: Arguments<typeof adamax, { params: Params<AdamaxOptions> }>) {
    const { params, options } = checked(adamax.bind(args), 'eps', 'betas', 'weightDecay');
    super(params as Params<AdamaxOptions>, options, adamax);
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    { lr, betas: [beta1, beta2], eps, weightDecay: weight_decay, maximize }: ParamGroup<AdamaxOptions>,
    state: Partial<AdamaxState>,
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
