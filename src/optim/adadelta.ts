import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { checked, inOrder } from './check_options.js';
import type { OptionsOf, ParamGroup, Params } from './optimizer.js';
import { count, type Step } from './rule.js';
import { RuleOptimizer } from './rule_optimizer.js';

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
export class Adadelta extends RuleOptimizer<AdadeltaState, AdadeltaOptions> {
  /**
   * @param params parameters, named ones, or groups of them with options of their own
   * @param lr scales the update
   * @param rho the decay of the running means
   * @param eps keeps the denominator from zero
   * @param weightDecay the L2 penalty
   * @param maximize whether to go up the gradient instead of down
   */
  constructor(...args: Arguments<typeof adadelta, { params: Params<AdadeltaOptions> }>) {
    super(
      inOrder(
        checked(adadelta.bind(args), 'rho', 'eps', 'weightDecay'),
        'lr',
        'rho',
        'eps',
        'weightDecay',
        'maximize',
        'capturable',
        'foreach',
      ),
      adadelta,
    );
  }

  /** @internal */
  protected override rule(
    { lr, rho, eps }: ParamGroup<AdadeltaOptions>,
    state: Partial<AdadeltaState>,
  ): Step {
    count(state);
    return {
      state: ['squareAvg', 'accDelta'],
      lines: [
        'squareAvg = squareAvg * rho + rest * g * g',
        'delta = sqrt(accDelta + eps) / sqrt(squareAvg + eps) * g',
        'accDelta = accDelta * rho + rest * delta * delta',
        'param = fma(delta, -lr, param)',
      ],
      numbers: { lr, rho, rest: 1 - rho, eps },
    };
  }
}
