import { RuntimeError } from '../core/errors.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { layoutRules } from '../dispatch/layouts.js';
import { checked, inOrder } from './check_options.js';
import type { OptionsOf, ParamGroup, Params } from './optimizer.js';
import { count, type Step } from './rule.js';
import { RuleOptimizer } from './rule_optimizer.js';

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
export class Adagrad extends RuleOptimizer<AdagradState, AdagradOptions> {
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
    super(
      inOrder(
        checked(adagrad.bind(args), 'lrDecay', 'weightDecay', 'initialAccumulatorValue', 'eps'),
        'lr',
        'lrDecay',
        'eps',
        'weightDecay',
      ),
      adagrad,
    );
  }

  /** @internal */
  protected override updateSparse(
    param: Tensor,
    given: Tensor,
    { lr, lrDecay, eps, initialAccumulatorValue, weightDecay, maximize }: ParamGroup<AdagradOptions>,
    state: Partial<AdagradState>,
  ): void {
    if (weightDecay !== 0)
      throw new RuntimeError('weight_decay option is not compatible with sparse gradients');
    const step = count(state);
    state.sum ??= param.detach().fullLike(initialAccumulatorValue);
    const grad = (maximize ? given.neg() : given).coalesce();
    state.sum.add_(grad.pow(2));
    const deviations = state.sum.sparseMask(grad)._values().sqrt().add(eps);
    const rows = grad._values().div(deviations);
    param.add_(layoutRules!.make(grad._indices(), rows, grad.shape), {
      alpha: -lr / (1 + (step - 1) * lrDecay),
    });
  }

  /** @internal */
  protected override rule(
    { lr, lrDecay, eps, initialAccumulatorValue }: ParamGroup<AdagradOptions>,
    state: Partial<AdagradState>,
    param: Tensor,
  ): Step {
    const step = count(state);
    state.sum ??= param.detach().fullLike(initialAccumulatorValue);
    return {
      state: ['sum'],
      lines: ['sum = sum + g * g', 'param = param + step * g / (sqrt(sum) + eps)'],
      numbers: { eps, step: -(lr / (1 + (step - 1) * lrDecay)) },
    };
  }
}
