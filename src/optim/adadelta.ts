import { ValueError } from '../core/errors.js';
import { formatValue } from '../core/repr.js';
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

export interface AdadeltaOptions extends CommonOptions {
  /** Scales the update. Default 1. */
  lr: number;
  /** Decay of the running means. Default 0.9. */
  rho: number;
  /** Keeps the denominator from zero. Default 1e-6. */
  eps: number;
  /** L2 penalty. Default 0. */
  weightDecay: number;
  /** Kept for checkpoints shared with Python; without effect. */
  capturable: boolean;
}

interface State extends Record<string, Tensor | number> {
  step: number;
  squareAvg: Tensor;
  accDelta: Tensor;
}

const defaults: AdadeltaOptions = {
  lr: 1,
  rho: 0.9,
  eps: 1e-6,
  weightDecay: 0,
  foreach: null,
  capturable: false,
  maximize: false,
  differentiable: false,
};

/** Adadelta (Zeiler, 2012). */
export class Adadelta extends Optimizer<State, AdadeltaOptions> {
  constructor(
    params: Params<AdadeltaOptions>,
    lr?: number | Partial<AdadeltaOptions>,
    rho?: number | Partial<AdadeltaOptions>,
    eps?: number | Partial<AdadeltaOptions>,
    weightDecay?: number | Partial<AdadeltaOptions>,
    options?: Partial<AdadeltaOptions>,
  ) {
    const given = readOptions('Adadelta', defaults, [lr, rho, eps, weightDecay, options]);
    checkRange('learning rate', given.lr);
    if (!(given.rho >= 0 && given.rho <= 1))
      throw new ValueError(`Invalid rho value: ${formatValue(given.rho)}`);
    checkRange('epsilon value', given.eps);
    checkRange('weight_decay value', given.weightDecay);
    super(params, given);
  }

  protected override update(
    param: Tensor,
    grad: Tensor,
    { lr, rho, eps, weightDecay: weight_decay, maximize }: ParamGroup<AdadeltaOptions>,
    state: Partial<State>,
  ): void {
    state.step = (state.step ?? 0) + 1;
    state.squareAvg ??= param.detach().zerosLike();
    state.accDelta ??= param.detach().zerosLike();
    update(
      rule(
        gradient(maximize, weight_decay),
        'square_avg = square_avg * rho + rest * g * g',
        'delta = sqrt(acc_delta + eps) / sqrt(square_avg + eps) * g',
        'acc_delta = acc_delta * rho + rest * delta * delta',
        'param = fma(delta, -lr, param)',
      ),
      { param, grad, square_avg: state.squareAvg, acc_delta: state.accDelta },
      { lr, rho, rest: 1 - rho, eps, weight_decay },
    );
  }
}

keepsNoGradient(Adadelta);
