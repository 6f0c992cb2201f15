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
import { gradient, rule } from './rule.js';

const adagrad = signature(
  'Adagrad(Params params, float|Tensor lr=1e-2, float lr_decay=0, float weight_decay=0, float initial_accumulator_value=0, float eps=1e-10, bool? foreach=None, *, bool maximize=False, bool differentiable=False, bool? fused=None)',
);

export type AdagradOptions = OptionsOf<typeof adagrad>;

/** State that `Adagrad` keeps for a parameter between steps. */
export interface AdagradState extends Record<string, Tensor | number> {
  step: number;
  sum: Tensor;
}

/** Adagrad (Duchi et al., 2011). */
export class Adagrad extends Optimizer<AdagradState, AdagradOptions> {
  /**
   * @param params parameters, named ones, or groups of them with options of their own
   * @param lr the learning rate
   * @param lrDecay how fast the learning rate decays
   * @param weightDecay the L2 penalty
   * @param initialAccumulatorValue what the sum of squares begins with
   * @param eps keeps the denominator from zero
   * @param maximize whether to go up the gradient instead of down
   */
  constructor(...args: Arguments<typeof adagrad, { params: Params<AdagradOptions> }>) {
    const { params, options } = checked(
      adagrad.bind(args),
      'lrDecay',
      'weightDecay',
      'initialAccumulatorValue',
      'eps',
    );
    super(params as Params<AdagradOptions>, options, adagrad);
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    group: ParamGroup<AdagradOptions>,
    state: Partial<AdagradState>,
  ): void {
    const { lr, lrDecay, eps, weightDecay: weight_decay, initialAccumulatorValue, maximize } = group;
    state.step = (state.step ?? 0) + 1;
    state.sum ??= param.detach().fullLike(initialAccumulatorValue);
    update(
      rule(
        gradient(maximize, weight_decay),
        'sum = sum + g * g',
        'param = param + step * g / (sqrt(sum) + eps)',
      ),
      { param, grad, sum: state.sum },
      { weight_decay, eps, step: -(lr / (1 + (state.step - 1) * lrDecay)) },
    );
  }
}

keepsNoGradient(Adagrad);
