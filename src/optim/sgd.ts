import { ValueError } from '../core/errors.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { checked } from './check_options.js';
import type { OptionsOf, ParamGroup, Params } from './optimizer.js';
import type { Step } from './rule.js';
import { RuleOptimizer } from './rule_optimizer.js';

const sgd = signature(
  'SGD(Params params, float|Tensor lr=1e-3, float momentum=0, float dampening=0, float weight_decay=0, bool nesterov=False, *, bool maximize=False, bool? foreach=None, bool differentiable=False, bool? fused=None)',
);

export type SGDOptions = OptionsOf<typeof sgd>;

/** State that `SGD` keeps for a parameter between steps. */
export interface SGDState extends Record<string, Tensor | number> {
  momentumBuffer: Tensor;
}

/** Stochastic gradient descent, optionally with momentum. */
export class SGD extends RuleOptimizer<SGDState, SGDOptions> {
  /**
   * @param params parameters, named ones, or groups of them with options of their own
   * @param lr the learning rate
   * @param momentum the momentum factor
   * @param dampening the dampening of the momentum
   * @param weightDecay the L2 penalty
   * @param nesterov whether to use Nesterov's momentum
   * @param maximize whether to go up the gradient instead of down
   */
  constructor(...args: Arguments<typeof sgd, { params: Params<SGDOptions> }>) {
    const given = checked(sgd.bind(args), 'momentum', 'weightDecay');
    const { nesterov, momentum, dampening } = given.options;
    if (nesterov && (momentum <= 0 || dampening !== 0))
      throw new ValueError('Nesterov momentum requires a momentum and zero dampening');
    super(given, sgd);
  }

  /** @internal */
  protected override updateSparse(
    param: Tensor,
    given: Tensor,
    { lr, momentum, dampening, nesterov, weightDecay, maximize }: ParamGroup<SGDOptions>,
    state: Partial<SGDState>,
  ): void {
    let grad = maximize ? given.neg() : given;
    if (weightDecay !== 0) grad = grad.add(param, { alpha: weightDecay });
    if (momentum !== 0) {
      const before = state.momentumBuffer;
      state.momentumBuffer =
        before === undefined
          ? grad.detach().clone()
          : before.mul_(momentum).add_(grad, { alpha: 1 - dampening });
      grad = nesterov ? grad.add(state.momentumBuffer, { alpha: momentum }) : state.momentumBuffer;
    }
    param.add_(grad, { alpha: -lr });
  }

  /** @internal */
  protected override rule(
    { lr, momentum, dampening, nesterov }: ParamGroup<SGDOptions>,
    state: Partial<SGDState>,
    _param: Tensor,
    grad: Tensor,
  ): Step {
    const numbers = { lr, momentum, dampening };
    if (momentum === 0) return { state: [], lines: ['param = fma(g, -lr, param)'], numbers };
    // The first step has no buffer to decay: the buffer becomes the gradient.
    const isFirst = state.momentumBuffer === undefined;
    state.momentumBuffer ??= grad.emptyLike();
    return {
      state: ['momentumBuffer'],
      lines: [
        `momentumBuffer = ${isFirst ? 'g' : 'fma(g, 1 - dampening, momentum * momentumBuffer)'}`,
        `param = fma(${nesterov ? 'fma(momentumBuffer, momentum, g)' : 'momentumBuffer'}, -lr, param)`,
      ],
      numbers,
    };
  }
}
