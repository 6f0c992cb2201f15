import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { checked } from './check_options.js';
import type { OptionsOf, ParamGroup, Params } from './optimizer.js';
import { count, type Step } from './rule.js';
import { RuleOptimizer } from './rule_optimizer.js';

const asgd = signature(
  'ASGD(Params params, float|Tensor lr=1e-2, float lambd=1e-4, float alpha=0.75, float t0=1000000.0, float weight_decay=0, bool? foreach=None, bool maximize=False, bool differentiable=False, bool capturable=False)',
);

export type ASGDOptions = OptionsOf<typeof asgd>;

/** State that `ASGD` keeps for a parameter between steps. */
export interface ASGDState extends Record<string, Tensor | number> {
  step: number;
  /** The learning rate of the next step. */
  eta: number;
  /** The share that the next value has in the average. */
  mu: number;
  /** The average of the values so far, from step `t0` on. */
  ax: Tensor;
}

/** Averaged stochastic gradient descent (Polyak and Juditsky, 1992). */
export class ASGD extends RuleOptimizer<ASGDState, ASGDOptions> {
  /**
   * @param params parameters, named ones, or groups of them with options of their own
   * @param lr the learning rate
   * @param lambd how fast values decay
   * @param alpha the power by which the learning rate decays
   * @param t0 the step at which averaging begins
   * @param weightDecay the L2 penalty
   * @param maximize whether to go up the gradient instead of down
   */
  constructor(...args: Arguments<typeof asgd, { params: Params<ASGDOptions> }>) {
    super(checked(asgd.bind(args), 'weightDecay'), asgd);
  }

  /** @internal */
  protected override rule(
    { lr, lambd, alpha, t0 }: ParamGroup<ASGDOptions>,
    state: Partial<ASGDState>,
  ): Step {
    const step = count(state);
    // Python keeps both in float32.
    const { eta = Math.fround(lr), mu = 1 } = state;
    state.eta = Math.fround(lr / (1 + lambd * lr * step) ** alpha);
    state.mu = Math.fround(1 / Math.max(1, step - t0));
    return {
      state: ['ax'],
      lines: [
        'param = param * kept',
        'param = param + step * g',
        mu === 1 ? 'ax = param' : 'ax = ax + (param - ax) * mu',
      ],
      numbers: { kept: 1 - lambd * eta, step: -eta, ...(mu === 1 ? {} : { mu }) },
    };
  }
}
