import type { Tensor } from '../core/tensor.js';
import { readOptions } from '../nn/arguments.js';
import { update } from '../ops/fused.js';
import {
  type CommonOptions,
  checkRange,
  keepsNoGradient,
  Optimizer,
  type ParamGroup,
  type Params,
} from './optimizer.js';
import { gradient, rule } from './rule.js';

export interface AdagradOptions extends CommonOptions {
  /** Learning rate. Default 0.01. */
  lr: number;
  /** How fast the learning rate decays. Default 0. */
  lrDecay: number;
  /** L2 penalty. Default 0. */
  weightDecay: number;
  /** What the sum of squares begins with. Default 0. */
  initialAccumulatorValue: number;
  /** Keeps the denominator from zero. Default 1e-10. */
  eps: number;
  /** Kept for checkpoints shared with Python; without effect. */
  fused: boolean | null;
}

interface State extends Record<string, Tensor | number> {
  step: number;
  sum: Tensor;
}

const defaults: AdagradOptions = {
  lr: 1e-2,
  lrDecay: 0,
  weightDecay: 0,
  initialAccumulatorValue: 0,
  eps: 1e-10,
  foreach: null,
  maximize: false,
  differentiable: false,
  fused: null,
};

/** Adagrad (Duchi et al., 2011). */
export class Adagrad extends Optimizer<State, AdagradOptions> {
  constructor(
    params: Params<AdagradOptions>,
    lr?: number | Partial<AdagradOptions>,
    lrDecay?: number | Partial<AdagradOptions>,
    weightDecay?: number | Partial<AdagradOptions>,
    initialAccumulatorValue?: number | Partial<AdagradOptions>,
    eps?: number | Partial<AdagradOptions>,
    options?: Partial<AdagradOptions>,
  ) {
    const given = readOptions('Adagrad', defaults, [
      lr,
      lrDecay,
      weightDecay,
      initialAccumulatorValue,
      eps,
      options,
    ]);
    checkRange('learning rate', given.lr);
    checkRange('lr_decay value', given.lrDecay);
    checkRange('weight_decay value', given.weightDecay);
    checkRange('initial_accumulator_value value', given.initialAccumulatorValue);
    checkRange('epsilon value', given.eps);
    super(params, given);
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    group: ParamGroup<AdagradOptions>,
    state: Partial<State>,
  ): void {
    const { lr, lrDecay, eps, weightDecay: weight_decay, initialAccumulatorValue, maximize } = group;
    state.step = (state.step ?? 0) + 1;
    state.sum ??= param.detach().fullLike(initialAccumulatorValue);
    update(
      rule(
        gradient(maximize, weight_decay),
        'sum = sum + g * g',
        'param = param + step * g / (sqrt(sum) + eps)',
      ),
      { param, grad, sum: state.sum },
      { weight_decay, eps, step: -(lr / (1 + (state.step - 1) * lrDecay)) },
    );
  }
}

keepsNoGradient(Adagrad);
