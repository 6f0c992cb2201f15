import { RuntimeError } from '../core/errors.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { checked, checkTensorBetas } from './check_options.js';
import type { OptionsOf, ParamGroup, Params } from './optimizer.js';
import { count, moments, type Step } from './rule.js';
import { RuleOptimizer } from './rule_optimizer.js';

const adam = signature(
  'Adam(Params params, float|Tensor lr=1e-3, Betas betas=[0.9,0.999], float eps=1e-8, float weight_decay=0, bool amsgrad=False, *, bool maximize=False, bool? foreach=None, bool capturable=False, bool differentiable=False, bool? fused=None, bool decoupled_weight_decay=False)',
);

/** Two numbers, or two tensors of one element. */
export type NumbersOrTensors = readonly [number, number] | readonly [Tensor, Tensor];

export type AdamOptions = OptionsOf<typeof adam>;

/** State that `Adam` keeps for a parameter between steps. */
export interface AdamState extends Record<string, Tensor | number> {
  step: number;
  expAvg: Tensor;
  expAvgSq: Tensor;
  maxExpAvgSq: Tensor;
}

/** Adam (Kingma and Ba, 2015). */
export class Adam extends RuleOptimizer<AdamState, AdamOptions> {
  /**
   * @param params parameters, named ones, or groups of them with options of their own
   * @param lr the learning rate
   * @param betas the decay of the running means of the gradient and of its square
   * @param eps keeps the denominator from zero
   * @param weightDecay the L2 penalty, or with `decoupledWeightDecay` the share that is taken off
   * @param amsgrad whether to use the largest mean square so far (On the Convergence of Adam and Beyond, Reddi et al. 2018)
   * @param decoupledWeightDecay whether weight decay is taken off the parameter and not put into the gradient, as AdamW does
   * @param maximize whether to go up the gradient instead of down
   */
  constructor(...args: Arguments<typeof adam, { params: Params<AdamOptions>; betas: NumbersOrTensors }>) {
    const given = checked(adam.bind(args), 'eps', 'betas', 'weightDecay');
    checkTensorBetas(given.options);
    super(given, adam);
  }

  /** @internal */
  protected override updateSparse(): never {
    throw new RuntimeError('Adam does not support sparse gradients, please consider SparseAdam instead');
  }

  /** @internal */
  protected override rule(
    { lr, betas: [beta1, beta2], eps, amsgrad }: ParamGroup<AdamOptions>,
    state: Partial<AdamState>,
  ): Step {
    const step = count(state);
    return {
      state: ['expAvg', 'expAvgSq', amsgrad && 'maxExpAvgSq'],
      lines: [
        ...moments(beta1),
        amsgrad && 'maxExpAvgSq = maximum(maxExpAvgSq, expAvgSq)',
        `denom = sqrt(${amsgrad ? 'maxExpAvgSq' : 'expAvgSq'}) / correction2 + eps`,
        'param = param + step * expAvg / denom',
      ],
      numbers: {
        weight1: 1 - beta1,
        beta2,
        weight2: 1 - beta2,
        correction2: (1 - beta2 ** step) ** 0.5,
        eps,
        step: -(lr / (1 - beta1 ** step)),
      },
    };
  }
}

const adamW = signature(
  'AdamW(Params params, float|Tensor lr=1e-3, Betas betas=[0.9,0.999], float eps=1e-8, float weight_decay=0.01, bool amsgrad=False, *, bool maximize=False, bool? foreach=None, bool capturable=False, bool differentiable=False, bool? fused=None)',
);

/** AdamW: Adam with decoupled weight decay (Loshchilov and Hutter, 2019). */
export class AdamW extends Adam {
  /**
   * @param params parameters, named ones, or groups of them with options of their own
   * @param lr the learning rate
   * @param betas the decay of the running means of the gradient and of its square
   * @param eps keeps the denominator from zero
   * @param weightDecay the share of a parameter that is taken off
   * @param amsgrad whether to use the largest mean square so far (On the Convergence of Adam and Beyond, Reddi et al. 2018)
   * @param maximize whether to go up the gradient instead of down
   */
  constructor(...args: Arguments<typeof adamW, { params: Params<AdamOptions>; betas: NumbersOrTensors }>) {
    super({ ...adamW.bind(args), decoupledWeightDecay: true } as { params: Params<AdamOptions> });
  }
}
