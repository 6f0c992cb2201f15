import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { checked } from './check_options.js';
import type { OptionsOf, ParamGroup, Params } from './optimizer.js';
import { count, moments, type Step } from './rule.js';
import { RuleOptimizer } from './rule_optimizer.js';

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
export class NAdam extends RuleOptimizer<NAdamState, NAdamOptions> {
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
    super(checked(nadam.bind(args), 'eps', 'betas', 'weightDecay', 'momentumDecay'), nadam);
  }

  /** @internal */
  protected override rule(
    { lr, betas: [beta1, beta2], eps, momentumDecay }: ParamGroup<NAdamOptions>,
    state: Partial<NAdamState>,
  ): Step {
    const step = count(state);
    const momentumAt = (step: number): number => beta1 * (1 - 0.5 * 0.96 ** (step * momentumDecay));
    const mu = momentumAt(step);
    const next = momentumAt(step + 1);
    // PyTorch keeps the product in float32, and multiplies it there.
    state.muProduct = Math.fround((state.muProduct ?? 1) * Math.fround(mu));
    return {
      state: ['expAvg', 'expAvgSq'],
      lines: [
        ...moments(beta1),
        'denom = sqrt(expAvgSq / correction2) + eps',
        'param = param + step * g / denom',
        'param = param + stepNext * expAvg / denom',
      ],
      numbers: {
        weight1: 1 - beta1,
        beta2,
        weight2: 1 - beta2,
        correction2: 1 - beta2 ** step,
        eps,
        step: (-lr * (1 - mu)) / (1 - state.muProduct),
        stepNext: (-lr * next) / (1 - state.muProduct * next),
      },
    };
  }
}
