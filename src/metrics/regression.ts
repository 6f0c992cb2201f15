/** Errors of numbers, and R². */
import { ValueError } from '../core/errors.js';
import { formatSize } from '../core/printing.js';
import { formatValue } from '../core/repr.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';
import { warn } from '../core/warnings.js';
import { ops } from '../dispatch/registry.js';
import { Metric } from './metric.js';
import { checkSameShape } from './metric_values.js';
import { ofPredsAndTarget } from './score_metrics.js';

/** The sum of a measure over samples, and how many these are. */
export function summedError(
  preds: Tensor,
  target: Tensor,
  numOutputs: number,
  measure: (difference: Tensor) => Tensor,
): [sum: Tensor, count: number] {
  checkSameShape(preds, target);
  const flat = (x: Tensor): Tensor => (numOutputs === 1 ? x.reshape([-1]) : x);
  const difference = flat(preds).sub(flat(target));
  return [measure(difference).sum(0), difference.shape[0]];
}

export const squares = (x: Tensor): Tensor => x.mul(x);
export const magnitudes = (x: Tensor): Tensor => x.abs();

function checkOutputs(count: number): void {
  if (count < 1) throw new ValueError(`Expected num_outputs to be a positive integer but got ${count}`);
}

/** How R² of several outputs become one. */
export type Multioutput = 'raw_values' | 'uniform_average' | 'variance_weighted';

/** Sums over samples. */
export interface R2Sums {
  readonly squares: Tensor;
  readonly sum: Tensor;
  readonly residual: Tensor;
}

/** The sums that R² is made of. */
export function r2Sums(preds: Tensor, target: Tensor): R2Sums {
  checkSameShape(preds, target);
  if (preds.ndim > 2)
    throw new ValueError(
      `Expected both prediction and target to be 1D or 2D tensors, but received tensors with dimension ${formatSize(preds.shape)}`,
    );
  return {
    squares: squares(target).sum(0),
    sum: target.sum(0),
    residual: squares(target.sub(preds)).sum(0),
  };
}

function checkAdjusted(adjusted: number): void {
  if (adjusted < 0) throw new ValueError('`adjusted` parameter should be an integer larger or equal to 0.');
}

/** R² of sums. */
export function r2Of(sums: R2Sums, count: number | Tensor, adjusted: number, multioutput: string): Tensor {
  if (!(count instanceof Tensor) && count < 2)
    throw new ValueError('Needs at least two samples to calculate r2 score.');
  const total = sums.squares.sub(sums.sum.mul(sums.sum.div(count)));
  const isZero = (x: Tensor): Tensor => x.isclose(ops.zerosLike(x), { atol: 1e-4 });
  const [exact, constant] = [isZero(sums.residual), isZero(total)];
  const scores = ops.rsub(sums.residual.div(total), 1).maskedFill(constant, 0).maskedFill(exact, 1);
  let value: Tensor;
  if (multioutput === 'raw_values') value = scores;
  else if (multioutput === 'uniform_average') value = scores.mean();
  else if (multioutput === 'variance_weighted') value = total.div(total.sum()).mul(scores).sum();
  else
    throw new ValueError(
      `Argument \`multioutput\` must be either \`raw_values\`, \`uniform_average\` or \`variance_weighted\`. Received ${multioutput}.`,
    );
  checkAdjusted(adjusted);
  if (adjusted === 0) return value;
  if (count instanceof Tensor)
    return ops.rsub(
      ops
        .rsub(value, 1)
        .mul(count.sub(1))
        .div(count.sub(adjusted + 1)),
      1,
    );
  if (adjusted > count - 1) {
    warn(
      'More independent regressions than data points in adjusted r2 score. Falls back to standard r2 score.',
    );
    return value;
  }
  if (adjusted === count - 1) {
    warn('Division by zero in adjusted r2 score. Falls back to standard r2 score.');
    return value;
  }
  return ops.rsub(
    ops
      .rsub(value, 1)
      .mul(count - 1)
      .div(count - adjusted - 1),
    1,
  );
}

const ofSquares = /* @__PURE__ */ signature('SquaredErrors(bool squared=True, int num_outputs=1)');
const ofOutputs = /* @__PURE__ */ signature('AbsoluteErrors(int num_outputs=1)');
const ofR2 = /* @__PURE__ */ signature("R2(int adjusted=0, str multioutput='uniform_average')");

/** The mean of the squared errors, or its root. */
export class MeanSquaredError extends Metric {
  override readonly fullStateUpdate = false;
  override readonly higherIsBetter = false;
  readonly squared: boolean;
  readonly numOutputs: number;

  /**
   * @param squared false: its root
   * @param numOutputs how many numbers a sample has, which get a value each
   */
  constructor(...args: Arguments<typeof ofSquares>) {
    super();
    const { squared, numOutputs } = ofSquares.bind(args, 'MeanSquaredError');
    checkOutputs(numOutputs);
    this.squared = squared;
    this.numOutputs = numOutputs;
    this.addState('sumSquaredError', ops.zeros([numOutputs]), 'sum');
    this.addState('total', ops.zeros([]), 'sum');
  }

  /** Takes a batch in. */
  override update(...args: Arguments<typeof ofPredsAndTarget>): void {
    const { preds, target } = ofPredsAndTarget.bind(args);
    const [sum, count] = summedError(preds, target, this.numOutputs, squares);
    this.add('sumSquaredError', sum);
    this.add('total', count);
  }

  /** The value of all batches since the last reset. */
  override compute(): Tensor {
    const mean = this.state('sumSquaredError').div(this.state('total'));
    return this.squared ? mean : mean.sqrt();
  }
}

/** The mean of the errors' sizes. */
export class MeanAbsoluteError extends Metric {
  override readonly fullStateUpdate = false;
  override readonly higherIsBetter = false;
  readonly numOutputs: number;

  /** @param numOutputs how many numbers a sample has, which get a value each */
  constructor(...args: Arguments<typeof ofOutputs>) {
    super();
    const { numOutputs } = ofOutputs.bind(args, 'MeanAbsoluteError');
    checkOutputs(numOutputs);
    this.numOutputs = numOutputs;
    this.addState('sumAbsError', ops.zeros([numOutputs]), 'sum');
    this.addState('total', ops.zeros([]), 'sum');
  }

  /** Takes a batch in. */
  override update(...args: Arguments<typeof ofPredsAndTarget>): void {
    const { preds, target } = ofPredsAndTarget.bind(args);
    const [sum, count] = summedError(preds, target, this.numOutputs, magnitudes);
    this.add('sumAbsError', sum);
    this.add('total', count);
  }

  /** The value of all batches since the last reset. */
  override compute(): Tensor {
    return this.state('sumAbsError').div(this.state('total'));
  }
}

/** R²: which part of the variance is told. */
export class R2Score extends Metric {
  override readonly fullStateUpdate = false;
  override readonly higherIsBetter = true;
  readonly adjusted: number;
  readonly multioutput: Multioutput;

  /**
   * @param adjusted how many inputs the prediction was made of, for the adjusted R²
   * @param multioutput how values of several outputs become one
   */
  constructor(...args: Arguments<typeof ofR2, { multioutput: Multioutput }>) {
    super();
    const { adjusted, multioutput } = ofR2.bind(args, 'R2Score');
    checkAdjusted(adjusted);
    const allowed = ['raw_values', 'uniform_average', 'variance_weighted'];
    if (!allowed.includes(multioutput))
      throw new ValueError(
        `Invalid input to argument \`multioutput\`. Choose one of the following: ${formatValue(allowed)}`,
      );
    this.adjusted = adjusted;
    this.multioutput = multioutput as Multioutput;
    for (const name of ['sumSquaredError', 'sumError', 'residual', 'total'])
      this.addState(name, ops.zeros([]), 'sum');
  }

  /** Takes a batch in. */
  override update(...args: Arguments<typeof ofPredsAndTarget>): void {
    const { preds, target } = ofPredsAndTarget.bind(args);
    const sums = r2Sums(preds, target);
    this.add('sumSquaredError', sums.squares);
    this.add('sumError', sums.sum);
    this.add('residual', sums.residual);
    this.add('total', target.shape[0]);
  }

  /** The value of all batches since the last reset. */
  override compute(): Tensor {
    const sums = {
      squares: this.state('sumSquaredError'),
      sum: this.state('sumError'),
      residual: this.state('residual'),
    };
    const total = this.state('total');
    // Where it must be waited for nothing depends on it but the values.
    return r2Of(sums, total.storage.backend.isHost ? total.item() : total, this.adjusted, this.multioutput);
  }
}
