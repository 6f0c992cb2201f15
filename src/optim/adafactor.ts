import { RuntimeError, ValueError } from '../core/errors.js';
import { formatFloat } from '../core/repr.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { finfo } from '../core/type_info.js';
import { rateOf } from './check_options.js';
import { Optimizer, type OptionsOf, type ParamGroup, type Params } from './optimizer.js';
import { asRate } from './rate.js';
import { count } from './rule.js';

const adafactor = signature(
  'Adafactor(Params params, float|Tensor lr=1e-2, float beta2_decay=-0.8, float?[2] eps=[null,1e-3], float d=1.0, float weight_decay=0.0, *, bool? foreach=None, bool maximize=False)',
);

export type AdafactorOptions = OptionsOf<typeof adafactor>;

/** State that `Adafactor` keeps for a parameter between steps: of matrices the variances of rows and columns. */
export interface AdafactorState extends Record<string, Tensor | number> {
  step: number;
  rowVar: Tensor;
  colVar: Tensor;
  variance: Tensor;
}

/** @throws ValueError in PyTorch's words unless an option is in its range */
function check(name: string, value: number, isRight: boolean, range: string): void {
  if (!isRight) throw new ValueError(`${name} should be ${range} but is: ${formatFloat(value)}`);
}

/** The root of the mean of the squares, as a tensor of no dimensions: that of the device need not be waited for. */
const rootMeanSquare = (t: Tensor): Tensor => {
  const norm = t.norm();
  return (norm.storage.backend.hasFloat64 ? norm.double() : norm).div(Math.sqrt(t.numel()));
};

/** Adafactor (Shazeer and Stern, 2018): variances of matrices are kept by rows and columns, in little memory. */
export class Adafactor extends Optimizer<AdafactorState, AdafactorOptions> {
  /**
   * @param params parameters, named ones, or groups of them with options of their own
   * @param lr the greatest size of a step, relative to the parameter
   * @param beta2Decay the power of the step by which the newest gradient counts
   * @param eps keep the squares and the parameter's size from zero; null for the dtype's smallest difference
   * @param d the size above which updates are shortened
   * @param weightDecay how fast values decay
   * @param maximize whether to go up the gradient instead of down
   */
  constructor(...args: Arguments<typeof adafactor, { params: Params<AdafactorOptions> }>) {
    const { params, ...options } = adafactor.bind(args);
    const { lr, beta2Decay, eps, d, weightDecay } = options;
    const rate = rateOf(lr);
    check('Learning rate', rate, rate >= 0, '>= 0');
    check('beta2_decay', beta2Decay, beta2Decay <= 0, '<= 0');
    for (const [i, value] of eps.entries())
      if (value !== null) check(`epsilon${i + 1}`, value, value >= 0, '>= 0');
    check('Clipping threshold d', d, d >= 1, '>= 1');
    check('weight_decay', weightDecay, weightDecay >= 0, '>= 0');
    super(params as Params<AdafactorOptions>, options as AdafactorOptions, adafactor);
  }

  protected override update(
    parameter: Tensor,
    given: Tensor,
    group: ParamGroup<AdafactorOptions>,
    state: Partial<AdafactorState>,
  ): void {
    if (parameter.isComplex()) throw new RuntimeError('Adafactor does not support complex parameters');
    const { lr, beta2Decay, d, weightDecay, maximize } = group;
    const [eps1, eps2] = group.eps as readonly [number | null, number];
    const tiny = eps1 ?? finfo(parameter.dtype).eps;
    const grad = maximize ? given.neg() : given;
    const step = count(state);
    const share = step ** beta2Decay;
    const alpha = rootMeanSquare(parameter)
      .clamp({ min: eps2 })
      .mul(Math.min(lr, 1 / Math.sqrt(step)));
    if (weightDecay !== 0) parameter.mul_(asRate(group, 1 - asRate(group, lr * asRate(group, weightDecay))));
    const estimate = this.variance(grad, share, tiny, state);
    const change = estimate
      .clamp({ min: tiny * tiny })
      .rsqrt()
      .mul(grad);
    const scale = alpha.div(rootMeanSquare(change).div(d).clamp({ min: 1 }));
    parameter.sub_(change.mul(scale.to(change.dtype)));
  }

  /** The running estimate of the gradient's squares: of matrices from those of rows and columns. */
  private variance(grad: Tensor, share: number, tiny: number, state: Partial<AdafactorState>): Tensor {
    if (grad.ndim < 2) {
      state.variance ??= grad.zerosLike();
      return state.variance.lerp_(grad.square(), share).clone();
    }
    const meanAlong = (dim: number): Tensor =>
      grad
        .norm({ dim: [dim], keepdim: true })
        .square()
        .div(grad.shape.at(dim)!);
    const [rows, columns] = [meanAlong(-1), meanAlong(-2)];
    state.rowVar = (state.rowVar ?? rows.zerosLike()).lerp_(rows, share);
    state.colVar = (state.colVar ?? columns.zerosLike()).lerp_(columns, share);
    const { rowVar, colVar } = state;
    return rowVar.matmul(colVar).div(rowVar.mean(-2, true).clamp({ min: tiny }));
  }
}
