import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { checked, inOrder } from './check_options.js';
import type { OptionsOf, ParamGroup, Params } from './optimizer.js';
import { count, mean, type Step } from './rule.js';
import { RuleOptimizer } from './rule_optimizer.js';

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
export class RMSprop extends RuleOptimizer<RMSpropState, RMSpropOptions> {
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
    super(
      inOrder(
        checked(rmsprop.bind(args), 'eps', 'momentum', 'weightDecay', 'alpha'),
        'lr',
        'momentum',
        'alpha',
        'eps',
        'centered',
      ),
      rmsprop,
    );
  }

  /** @internal */
  protected override rule(
    { lr, alpha, eps, momentum, centered }: ParamGroup<RMSpropOptions>,
    state: Partial<RMSpropState>,
  ): Step {
    count(state);
    const moves = momentum > 0;
    return {
      state: ['squareAvg', moves && 'momentumBuffer', centered && 'gradAvg'],
      lines: [
        'squareAvg = squareAvg * alpha + rest * g * g',
        centered && mean('gradAvg', 'g', 'rest', 1 - alpha),
        `avg = sqrt(${centered ? 'squareAvg - gradAvg * gradAvg' : 'squareAvg'}) + eps`,
        moves && 'momentumBuffer = momentumBuffer * momentum + g / avg',
        moves ? 'param = fma(momentumBuffer, -lr, param)' : 'param = param + -lr * g / avg',
      ],
      numbers: { lr, alpha, rest: 1 - alpha, eps, momentum },
    };
  }
}
