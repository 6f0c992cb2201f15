import '../../ops/nn/margin_loss.js';
import { TypeError, ValueError } from '../../core/errors.js';
import { typeName } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import type { Reduction } from '../../ops/nn/loss_reduction.js';
import { F } from '../functions.js';
import { ofInputAndTarget } from '../inputs.js';
import { Module } from '../module.js';
import { settingText, take } from '../settings.js';
import { PairwiseDistance } from './distance.js';
import { modern, PlainLoss, triplet, WeightedLoss } from './loss.js';

const multiMarginLoss = signature(
  "MultiMarginLoss(int p=1, float margin=1.0, Tensor? weight=None, bool? size_average=None, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean')",
);

/** The mean over classes of max(0, margin - input[target] + input[class])ᵖ, for scores [N, C] and classes [N]. */
export class MultiMarginLoss extends WeightedLoss {
  declare p: number;
  declare margin: number;

  /**
   * @param p the power, 1 or 2
   * @param margin by how much the target's score shall be ahead
   * @param weight a weight for every class
   * @param reduction 'mean', 'sum', or 'none': one loss per sample
   */
  constructor(...args: Arguments<typeof multiMarginLoss>) {
    const { weight, ...given } = multiMarginLoss.bind(args);
    super(weight);
    if (given.p !== 1 && given.p !== 2) throw new ValueError('only p == 1 and p == 2 supported');
    if (weight !== null && weight.ndim !== 1)
      throw new ValueError(
        `MultiMarginLoss: expected weight to be None or 1D tensor, got ${weight.ndim}D instead`,
      );
    take(this, modern(given));
  }

  /** Computes the loss of scores [N, C] for target classes [N], or of one row [C] and its class. */
  override forward(...args: Arguments<typeof ofInputAndTarget>): Tensor {
    const [input, target] = ofInputAndTarget.inOrder(args, this);
    const { p, margin, weight, reduction } = this;
    return F.multiMarginLoss(input, target, p, margin, weight, { reduction });
  }
}

/** The mean over classes of max(0, 1 - input[target] + input[class]), summed over the targets, which end at -1. */
export class MultiLabelMarginLoss extends PlainLoss {
  /** Computes the loss of scores [N, C] for targets [N, C], classes that end at the first -1. */
  override forward(...args: Arguments<typeof ofInputAndTarget>): Tensor {
    const [input, target] = ofInputAndTarget.inOrder(args, this);
    return F.multilabelMarginLoss(input, target, { reduction: this.reduction });
  }
}

const multiLabelSoftMarginLoss = signature(
  "MultiLabelSoftMarginLoss(Tensor? weight=None, bool? size_average=None, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean')",
);

/** The binary cross entropy of the sigmoid of every score [N, C] with targets of 0 and 1, its mean over the classes. */
export class MultiLabelSoftMarginLoss extends WeightedLoss {
  /**
   * @param weight a weight for every class
   * @param reduction 'mean', 'sum', or 'none': one loss per sample
   */
  constructor(...args: Arguments<typeof multiLabelSoftMarginLoss>) {
    const { weight, ...given } = multiLabelSoftMarginLoss.bind(args);
    super(weight);
    take(this, modern(given));
  }

  /** Computes the loss of scores [N, C] for targets [N, C] of 0 and 1. */
  override forward(...args: Arguments<typeof ofInputAndTarget>): Tensor {
    const [input, target] = ofInputAndTarget.inOrder(args, this);
    return F.multilabelSoftMarginLoss(input, target, this.weight, { reduction: this.reduction });
  }
}

/** A distance between the rows of two tensors. */
type Distance = (a: Tensor, b: Tensor) => Tensor;

const tripletMarginWithDistanceLoss = signature(
  "TripletMarginWithDistanceLoss(*, Any distance_function=None, float margin=1.0, bool swap=False, 'none'|'mean'|'sum' reduction='mean')",
);

/** max(0, d(anchor, positive) - d(anchor, negative) + margin), with any distance d. */
export class TripletMarginWithDistanceLoss extends Module {
  declare reduction: Reduction;
  declare margin: number;
  declare swap: boolean;
  declare distanceFunction: Distance | Module;

  /**
   * @param distanceFunction the distance, a function or a module; null: `PairwiseDistance`
   * @param margin by how much the positive shall be nearer
   * @param swap whether the nearer of two distances to the negative counts
   * @param reduction 'mean', 'sum', or 'none': one loss per element
   */
  constructor(
    ...args: Arguments<typeof tripletMarginWithDistanceLoss, { distanceFunction?: Distance | Module | null }>
  ) {
    super();
    const { distanceFunction, ...given } = tripletMarginWithDistanceLoss.bind(args);
    take(this, given);
    if (given.margin <= 0)
      throw new ValueError(
        `TripletMarginWithDistanceLoss: expected margin to be greater than 0, got ${settingText(this, 'margin')} instead`,
      );
    if (
      distanceFunction !== null &&
      typeof distanceFunction !== 'function' &&
      !(distanceFunction instanceof Module)
    )
      throw new TypeError(
        `TripletMarginWithDistanceLoss(): argument 'distanceFunction' must be callable, not ${typeName(distanceFunction)}`,
      );
    this.distanceFunction = (distanceFunction ?? new PairwiseDistance()) as Distance | Module;
  }

  override forward(...args: Arguments<typeof triplet>): Tensor {
    const [anchor, positive, negative] = triplet.inOrder(args, this);
    const { distanceFunction, margin, swap, reduction } = this;
    const distance: Distance =
      distanceFunction instanceof Module ? (a, b) => distanceFunction.forward(a, b) : distanceFunction;
    return F.tripletMarginWithDistanceLoss(anchor, positive, negative, {
      distanceFunction: distance,
      margin,
      swap,
      reduction,
    });
  }
}
