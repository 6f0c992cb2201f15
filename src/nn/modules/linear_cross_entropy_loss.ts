import '../../ops/nn/linear_cross_entropy.js';
import { RuntimeError } from '../../core/errors.js';
import { formatBool, formatTuple, formatValue } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { LinearCrossEntropyOptions } from '../../ops/nn/linear_cross_entropy_options.js';
import { F } from '../functions.js';
import { ofInputAndTarget } from '../inputs.js';
import { settingText, take } from '../settings.js';
import { Linear } from './linear.js';
import { WeightedLoss } from './loss.js';

export { LinearCrossEntropyOptions };

const linearCrossEntropyLoss = signature(
  "LinearCrossEntropyLoss(int in_features, int num_classes, *, int[] out_features=[], bool bias=False, Device? device=None, ScalarType? dtype=None, 'none'|'mean'|'sum' reduction='mean', Tensor? weight=None, int? ignore_index=None, float label_smoothing=0.0, LinearCrossEntropyOptions? options=None)",
);

/**
 * The cross entropy between the scores that a linear layer of its own gives inputs [N, inFeatures] and target classes [N, …outFeatures], or
 * probabilities of classes [N, numClasses, …outFeatures]. With `options` the scores of all rows are never in memory together.
 */
export class LinearCrossEntropyLoss extends WeightedLoss {
  declare numClasses: number;
  declare outFeatures: readonly number[];
  declare ignoreIndex: number | null;
  declare labelSmoothing: number;
  declare options: LinearCrossEntropyOptions | null;
  linear: Linear;

  /**
   * @param inFeatures the size of an input
   * @param numClasses how many classes there are
   * @param outFeatures sizes of the dimensions of targets behind the first
   * @param bias whether something is added to the scores
   * @param weight one weight per class
   * @param ignoreIndex targets of this class do not count; null: -100, where targets are classes
   * @param labelSmoothing the share of the target's probability that is spread over all classes
   * @param options how to go through the rows in pieces; null: all at once
   * @param reduction 'mean', 'sum', or 'none': one loss per element
   */
  constructor(...args: Arguments<typeof linearCrossEntropyLoss>) {
    const bound = linearCrossEntropyLoss.bind(args);
    const { inFeatures, numClasses, bias, device, dtype, weight, ...given } = bound;
    if (weight !== null && (weight.ndim !== 1 || weight.shape[0] !== numClasses))
      throw new RuntimeError(
        `expected weight shape to be ${formatTuple([numClasses])}, got ${formatTuple(weight.shape)}`,
      );
    if (given.labelSmoothing < 0 || given.labelSmoothing > 1)
      throw new RuntimeError(
        `expected label_smoothing to be in range [0, 1], got ${formatValue(given.labelSmoothing)}`,
      );
    super(weight);
    take(this, { numClasses, ...given });
    const features = given.outFeatures.reduce((a, b) => a * b, numClasses);
    this.linear = new Linear(inFeatures, features, { bias, device, dtype });
  }

  /** Computes the loss of inputs [N, inFeatures], or of one, for target classes [N, …outFeatures] or probabilities of classes. */
  override forward(...args: Arguments<typeof ofInputAndTarget>): Tensor {
    const [input, target] = ofInputAndTarget.inOrder(args, this);
    const { linear, weight, reduction, ignoreIndex, labelSmoothing, options } = this;
    const sizes = [this.numClasses, ...this.outFeatures];
    return F.linearCrossEntropy(input, linear.weight.reshape([...sizes, linear.inFeatures]), target, {
      linearBias: linear.bias?.reshape(sizes) ?? null,
      weight,
      reduction,
      ignoreIndex,
      labelSmoothing,
      options,
    });
  }

  override extraRepr(): string {
    const { linear, numClasses, outFeatures, reduction, ignoreIndex, options } = this;
    return `in_features=${linear.inFeatures}, num_classes=${numClasses}, out_features=${formatTuple(outFeatures)}, bias=${formatBool(linear.bias !== null)}, reduction=${reduction}, ignore_index=${formatValue(ignoreIndex)}, label_smoothing=${settingText(this, 'labelSmoothing')}, options=${formatValue(options)}`;
  }
}
