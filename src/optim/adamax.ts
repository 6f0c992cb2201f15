import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { checked } from './check_options.js';
import type { OptionsOf, ParamGroup, Params } from './optimizer.js';
import { count, mean, type Step } from './rule.js';
import { RuleOptimizer } from './rule_optimizer.js';

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
export class Adamax extends RuleOptimizer<AdamaxState, AdamaxOptions> {
  /**
   * @param params parameters, named ones, or groups of them with options of their own
   * @param lr the learning rate
   * @param betas the decay of the running mean of the gradient and of its largest magnitude
   * @param eps keeps the denominator from zero
   * @param weightDecay the L2 penalty
   * @param maximize whether to go up the gradient instead of down
   */
  constructor(...args: Arguments<typeof adamax, { params: Params<AdamaxOptions> }>) {
    super(checked(adamax.bind(args), 'eps', 'betas', 'weightDecay'), adamax);
  }

  /** @internal */
  protected override rule(
    { lr, betas: [beta1, beta2], eps }: ParamGroup<AdamaxOptions>,
    state: Partial<AdamaxState>,
  ): Step {
    const step = count(state);
    return {
      state: ['expAvg', 'expInf'],
      lines: [
        mean('expAvg', 'g', 'weight1', 1 - beta1),
        'expInf = maximum(expInf * beta2, abs(g) + eps)',
        'param = param + step * expAvg / expInf',
      ],
      numbers: { weight1: 1 - beta1, beta2, eps, step: -(lr / (1 - beta1 ** step)) },
    };
  }
}
