import { ValueError } from '../core/errors.js';
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
import { gradient, rule } from './rule.js';

const sgd = signature(
  'SGD(Params params, float|Tensor lr=1e-3, float momentum=0, float dampening=0, float weight_decay=0, bool nesterov=False, *, bool maximize=False, bool? foreach=None, bool differentiable=False, bool? fused=None)',
);

export type SGDOptions = OptionsOf<typeof sgd>;

/** State that `SGD` keeps for a parameter between steps. */
export interface SGDState extends Record<string, Tensor | number> {
  momentumBuffer: Tensor;
}

/** Stochastic gradient descent, optionally with momentum. */
export class SGD extends Optimizer<SGDState, SGDOptions> {
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
    const { params, options } = checked(sgd.bind(args), 'momentum', 'weightDecay');
    if (options.nesterov && (options.momentum <= 0 || options.dampening !== 0))
      throw new ValueError('Nesterov momentum requires a momentum and zero dampening');
    super(params as Params<SGDOptions>, options, sgd);
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    { lr, momentum, dampening, weightDecay: weight_decay, nesterov, maximize }: ParamGroup<SGDOptions>,
    state: Partial<SGDState>,
  ): void {
    if (momentum === 0) {
      update(
        rule(gradient(maximize, weight_decay), 'param = fma(g, -lr, param)'),
        { param, grad },
        { lr, weight_decay },
      );
      return;
    }
    // The first step has no buffer to decay: the buffer becomes the gradient.
    const isFirst = state.momentumBuffer === undefined;
    state.momentumBuffer ??= grad.emptyLike();
    update(
      rule(
        gradient(maximize, weight_decay),
        isFirst ? 'buf = g' : 'buf = fma(g, 1 - dampening, momentum * buf)',
        nesterov ? 'param = fma(fma(buf, momentum, g), -lr, param)' : 'param = fma(buf, -lr, param)',
      ),
      { param, grad, buf: state.momentumBuffer },
      { lr, momentum, dampening, weight_decay },
    );
  }
}

keepsNoGradient(SGD);
