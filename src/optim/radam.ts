import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { checked, inOrder } from './check_options.js';
import type { OptionsOf, ParamGroup, Params } from './optimizer.js';
import { count, moments, type Step } from './rule.js';
import { RuleOptimizer } from './rule_optimizer.js';

const radam = signature(
  'RAdam(Params params, float|Tensor lr=1e-3, Betas betas=[0.9,0.999], float eps=1e-8, float weight_decay=0, bool decoupled_weight_decay=False, *, bool maximize=False, bool? foreach=None, bool capturable=False, bool differentiable=False)',
);

export type RAdamOptions = OptionsOf<typeof radam>;

/** State that `RAdam` keeps for a parameter between steps. */
export interface RAdamState extends Record<string, Tensor | number> {
  step: number;
  expAvg: Tensor;
  expAvgSq: Tensor;
}

/** RAdam: Adam whose variance is rectified (Liu et al., 2020). */
export class RAdam extends RuleOptimizer<RAdamState, RAdamOptions> {
  /**
   * @param params parameters, named ones, or groups of them with options of their own
   * @param lr the learning rate
   * @param betas the decay of the running means of the gradient and of its square
   * @param eps keeps the denominator from zero
   * @param weightDecay the L2 penalty, or with `decoupledWeightDecay` the share that is taken off
   * @param decoupledWeightDecay whether weight decay is taken off the parameter and not put into the gradient
   * @param maximize whether to go up the gradient instead of down
   */
  constructor(...args: Arguments<typeof radam, { params: Params<RAdamOptions> }>) {
    super(
      inOrder(
        checked(radam.bind(args), 'eps', 'betas', 'weightDecay'),
        'lr',
        'betas',
        'eps',
        'weightDecay',
        'maximize',
        'foreach',
        'capturable',
      ),
      radam,
    );
  }

  /** @internal */
  protected override rule(
    { lr, betas: [beta1, beta2], eps }: ParamGroup<RAdamOptions>,
    state: Partial<RAdamState>,
  ): Step {
    const step = count(state);
    const correction2 = 1 - beta2 ** step;
    // The length of the approximated simple moving average; the variance is tractable where it exceeds 5.
    const rhoInf = 2 / (1 - beta2) - 1;
    const rho = rhoInf - (2 * step * beta2 ** step) / correction2;
    const rectify = rho > 5;
    return {
      state: ['expAvg', 'expAvgSq'],
      lines: [
        ...moments(beta1),
        rectify
          ? 'param = param - expAvg / correction1 * lr * (root2 / (sqrt(expAvgSq) + eps)) * rectification'
          : 'param = param - expAvg / correction1 * lr',
      ],
      numbers: {
        weight1: 1 - beta1,
        beta2,
        weight2: 1 - beta2,
        lr,
        correction1: 1 - beta1 ** step,
        root2: correction2 ** 0.5,
        eps,
        rectification: rectify
          ? (((rho - 4) * (rho - 2) * rhoInf) / ((rhoInf - 4) * (rhoInf - 2) * rho)) ** 0.5
          : 0,
      },
    };
  }
}
