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

const adadelta = signature(
  'Adadelta(Params params, float|Tensor lr=1.0, float rho=0.9, float eps=1e-6, float weight_decay=0, bool? foreach=None, *, bool capturable=False, bool maximize=False, bool differentiable=False)',
);

export type AdadeltaOptions = OptionsOf<typeof adadelta>;

/** State that `Adadelta` keeps for a parameter between steps. */
export interface AdadeltaState extends Record<string, Tensor | number> {
  step: number;
  squareAvg: Tensor;
  accDelta: Tensor;
}

/** Adadelta (Zeiler, 2012). */
export class Adadelta extends Optimizer<AdadeltaState, AdadeltaOptions> {
  /**
   * @param params parameters, named ones, or groups of them with options of their own
   * @param lr scales the update
   * @param rho the decay of the running means
   * @param eps keeps the denominator from zero
   * @param weightDecay the L2 penalty
   * @param maximize whether to go up the gradient instead of down
   */
  constructor(...args: Arguments<typeof adadelta, { params: Params<AdadeltaOptions> }>) {
    const { params, options } = checked(adadelta.bind(args), 'rho', 'eps', 'weightDecay');
    super(params as Params<AdadeltaOptions>, options, adadelta);
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    { lr, rho, eps, weightDecay: weight_decay, maximize }: ParamGroup<AdadeltaOptions>,
    state: Partial<AdadeltaState>,
  ): void {
    state.step = (state.step ?? 0) + 1;
    state.squareAvg ??= param.detach().zerosLike();
    state.accDelta ??= param.detach().zerosLike();
    update(
      rule(
        gradient(maximize, weight_decay),
        'square_avg = square_avg * rho + rest * g * g',
        'delta = sqrt(acc_delta + eps) / sqrt(square_avg + eps) * g',
        'acc_delta = acc_delta * rho + rest * delta * delta',
        'param = fma(delta, -lr, param)',
      ),
      { param, grad, square_avg: state.squareAvg, acc_delta: state.accDelta },
      { lr, rho, rest: 1 - rho, eps, weight_decay },
    );
  }
}

keepsNoGradient(Adadelta);
