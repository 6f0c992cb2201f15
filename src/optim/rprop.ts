import { complexNumber } from '../core/complex.js';
import { ValueError } from '../core/errors.js';
import { formatFloat } from '../core/repr.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { checked, inOrder } from './check_options.js';
import type { OptionsOf, ParamGroup, Params } from './optimizer.js';
import { count, type Step } from './rule.js';
import { RuleOptimizer } from './rule_optimizer.js';

const rprop = signature(
  'Rprop(Params params, float|Tensor lr=1e-2, Betas etas=[0.5,1.2], Betas step_sizes=[1e-6,50], *, bool capturable=False, bool? foreach=None, bool maximize=False, bool differentiable=False)',
);

export type RpropOptions = OptionsOf<typeof rprop>;

/** State that `Rprop` keeps for a parameter between steps. */
export interface RpropState extends Record<string, Tensor | number> {
  step: number;
  prev: Tensor;
  stepSize: Tensor;
}

/** Resilient backpropagation (Riedmiller and Braun, 1993): only the signs of gradients count. */
export class Rprop extends RuleOptimizer<RpropState, RpropOptions> {
  /**
   * @param params parameters, named ones, or groups of them with options of their own
   * @param lr the size of the first step
   * @param etas the factors by which steps shrink when a gradient's sign changes, and grow when it stays
   * @param stepSizes the least and the greatest step
   * @param maximize whether to go up the gradient instead of down
   */
  constructor(...args: Arguments<typeof rprop, { params: Params<RpropOptions> }>) {
    const given = checked(rprop.bind(args));
    const [minus, plus] = given.options.etas;
    if (!(minus > 0 && minus < 1 && plus > 1))
      throw new ValueError(`Invalid eta values: ${formatFloat(minus)}, ${formatFloat(plus)}`);
    super(inOrder(given, 'lr', 'etas', 'stepSizes', 'foreach', 'maximize', 'differentiable'), rprop);
  }

  /** @internal */
  protected override rule(
    { lr, etas: [minus, plus], stepSizes: [least, most] }: ParamGroup<RpropOptions>,
    state: Partial<RpropState>,
    param: Tensor,
  ): Step {
    count(state);
    state.prev ??= param.detach().zerosLike();
    state.stepSize ??= param.detach().fullLike(param.isComplex() ? complexNumber(lr, lr) : lr);
    return {
      state: ['prev', 'stepSize'],
      lines: [
        'd = g * prev',
        'factor = d > 0 ? plus : d < 0 ? minus : d == 0 ? 1 : d',
        'stepSize = clamp(stepSize * factor, least, most)',
        // After a change of sign the step is left out, so that the next one counts as the first.
        'prev = d < 0 ? 0 : g',
        'param = param - sign(prev) * stepSize',
      ],
      numbers: { plus, minus, least, most },
    };
  }
}
