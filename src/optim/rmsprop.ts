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

const rmsprop = signature(
  'RMSprop(Params params, float|Tensor lr=1e-2, float alpha=0.99, float eps=1e-8, float weight_decay=0, float momentum=0, bool centered=False, bool capturable=False, bool? foreach=None, bool maximize=False, bool differentiable=False)',
);

export type RMSpropOptions = OptionsOf<typeof rmsprop>;

/** State that `RMSprop` keeps for a parameter between steps. */
export interface RMSpropState extends Record<string, Tensor | number> {
  step: number;
  squareAvg: Tensor;
  momentumBuffer: Tensor;
  gradAvg: Tensor;
}

/** RMSprop (Hinton's lecture 6e; centered: Graves, 2013). */
export class RMSprop extends Optimizer<RMSpropState, RMSpropOptions> {
  /**
   * @param params parameters, named ones, or groups of them with options of their own
   * @param lr the learning rate
   * @param alpha the decay of the running mean of squares
   * @param eps keeps the denominator from zero
   * @param weightDecay the L2 penalty
   * @param momentum the momentum factor
   * @param centered whether to divide by an estimate of the variance instead of the mean square
   * @param maximize whether to go up the gradient instead of down
   */
  constructor(...args: Arguments<typeof rmsprop, { params: Params<RMSpropOptions> }>) {
    const { params, options } = checked(rmsprop.bind(args), 'eps', 'momentum', 'weightDecay', 'alpha');
    super(params as Params<RMSpropOptions>, options, rmsprop);
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    { lr, alpha, eps, weightDecay: weight_decay, momentum, centered, maximize }: ParamGroup<RMSpropOptions>,
    state: Partial<RMSpropState>,
  ): void {
    state.step = (state.step ?? 0) + 1;
    state.squareAvg ??= param.detach().zerosLike();
    if (momentum > 0) state.momentumBuffer ??= param.detach().zerosLike();
    if (centered) state.gradAvg ??= param.detach().zerosLike();
    update(
      rule(
        gradient(maximize, weight_decay),
        'square_avg = square_avg * alpha + rest * g * g',
        centered && mean('grad_avg', 'g', 'rest', 1 - alpha),
        `avg = sqrt(${centered ? 'square_avg - grad_avg * grad_avg' : 'square_avg'}) + eps`,
        momentum > 0 && 'buf = buf * momentum + g / avg',
        momentum > 0 ? 'param = fma(buf, -lr, param)' : 'param = param + -lr * g / avg',
      ),
      {
        param,
        grad,
        square_avg: state.squareAvg,
        ...(momentum > 0 && { buf: state.momentumBuffer! }),
        ...(centered && { grad_avg: state.gradAvg! }),
      },
      { lr, alpha, rest: 1 - alpha, eps, weight_decay, momentum },
    );
  }
}

keepsNoGradient(RMSprop);
