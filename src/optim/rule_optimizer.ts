import type { Signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { update } from '../dispatch/fused_update.js';
import type { Checked } from './check_options.js';
import {
  keepsNoGradient,
  Optimizer,
  type ParameterState,
  type ParamGroup,
  type Params,
} from './optimizer.js';
import { asRate } from './rate.js';
import { gradient, type Step } from './rule.js';

interface RuleOptions {
  lr: number;
  weightDecay?: number;
  maximize: boolean;
  decoupledWeightDecay?: boolean;
}

/** An optimizer whose update is a rule: `param`, `grad` and tensors of the state by their names, and numbers. */
export abstract class RuleOptimizer<
  State extends ParameterState,
  Options extends RuleOptions,
> extends Optimizer<State, Options> {
  protected constructor({ params, options }: Checked<Options>, signature: Signature<string>) {
    super(params as Params<Options>, options, signature);
  }

  /** @internal Says what is to be done; it may begin the state itself. */
  protected abstract rule(
    group: ParamGroup<Options>,
    state: Partial<State>,
    param: Tensor,
    grad: Tensor,
  ): Step;

  protected override update(
    param: Tensor,
    grad: Tensor,
    group: ParamGroup<Options>,
    state: Partial<State>,
  ): void {
    const { state: names, lines, numbers } = this.rule(group, state, param, grad);
    const { lr, weightDecay = 0, maximize, decoupledWeightDecay } = group;
    const kept: Record<string, Tensor | number | undefined> = state;
    const tensors: Record<string, Tensor> = { param, grad };
    for (const name of names)
      if (name !== false) {
        kept[name] ??= param.detach().zerosLike();
        tensors[name] = kept[name] as Tensor;
      }
    numbers.weightDecay = weightDecay;
    const decays = weightDecay !== 0 && decoupledWeightDecay;
    if (decays) numbers.keep = asRate(group, 1 - asRate(group, lr * asRate(group, weightDecay)));
    let rule = gradient(maximize, decays ? 0 : weightDecay);
    if (decays) rule += 'param = param * keep;';
    for (const line of lines) if (line !== false) rule += `${line};`;
    update(rule, tensors, numbers);
  }
}

keepsNoGradient(RuleOptimizer);
