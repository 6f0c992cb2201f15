import { ValueError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { legacyReduction } from '../../ops/nn/kernel_operands.js';
import type { Reduction } from '../../ops/nn/loss_reduction.js';
import { F } from '../functions.js';
import { ofInputAndTarget, ofInputsAndTarget } from '../inputs.js';
import { Module } from '../module.js';
import { settingText, take } from '../settings.js';

export type { Reduction };

/** The old form of `reduction`: `size_average` and `reduce`. */
interface Legacy<R extends string> {
  readonly sizeAverage: boolean | null;
  readonly reduce: boolean | null;
  readonly reduction: R;
}

/** The settings without `size_average` and `reduce`, which PyTorch replaced by `reduction`. */
export function modern<R extends string, T extends Legacy<R>>(given: T): Omit<T, 'sizeAverage' | 'reduce'> {
  const { sizeAverage, reduce, ...settings } = given;
  const reduction = legacyReduction(sizeAverage, reduce);
  return reduction === null ? settings : { ...settings, reduction };
}

/** A loss whose elements or classes have fixed weights: a buffer, so that they move with the module. */
export abstract class WeightedLoss extends Module {
  declare weight: Tensor | null;
  declare reduction: Reduction;

  protected constructor(weight: Tensor | null) {
    super();
    this.registerBuffer('weight', weight);
  }
}

const plainLoss = signature(
  "Loss(bool? size_average=None, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean')",
);

/** A loss without settings of its own. */
export abstract class PlainLoss extends Module {
  declare reduction: Reduction;

  /** @param reduction 'mean', 'sum', or 'none': one loss per element */
  constructor(...args: Arguments<typeof plainLoss>) {
    super();
    take(this, modern(plainLoss.bind(args, new.target.name)));
  }
}

const crossEntropyLoss = signature(
  "CrossEntropyLoss(Tensor? weight=None, bool? size_average=None, int ignore_index=-100, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean', float label_smoothing=0.0)",
);

/** The cross entropy between scores [N, C, …] and target classes [N, …], or class probabilities. */
export class CrossEntropyLoss extends WeightedLoss {
  declare ignoreIndex: number;
  declare labelSmoothing: number;

  /**
   * @param weight one weight per class
   * @param ignoreIndex targets of this class do not count
   * @param labelSmoothing the share of the target's probability that is spread over all classes
   * @param reduction 'mean', 'sum', or 'none': one loss per element
   */
  constructor(...args: Arguments<typeof crossEntropyLoss>) {
    const { weight, ...given } = modern(crossEntropyLoss.bind(args));
    super(weight);
    take(this, given);
  }

  override forward(...args: Arguments<typeof ofInputAndTarget>): Tensor {
    const [input, target] = ofInputAndTarget.inOrder(args, this);
    const { weight, ignoreIndex, reduction, labelSmoothing } = this;
    return F.crossEntropy(input, target, { weight, ignoreIndex, reduction, labelSmoothing });
  }
}

const nllLoss = signature(
  "NLLLoss(Tensor? weight=None, bool? size_average=None, int ignore_index=-100, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean')",
);

/** The negative log-likelihood of target classes [N, …] under log-probabilities [N, C, …]. */
export class NLLLoss extends WeightedLoss {
  declare ignoreIndex: number;

  /**
   * @param weight one weight per class
   * @param ignoreIndex targets of this class do not count
   * @param reduction 'mean', 'sum', or 'none': one loss per element
   */
  constructor(...args: Arguments<typeof nllLoss>) {
    const { weight, ...given } = modern(nllLoss.bind(args));
    super(weight);
    take(this, given);
  }

  override forward(...args: Arguments<typeof ofInputAndTarget>): Tensor {
    const [input, target] = ofInputAndTarget.inOrder(args, this);
    const { weight, ignoreIndex, reduction } = this;
    return F.nllLoss(input, target, { weight, ignoreIndex, reduction });
  }
}

/** The squares of the differences between input and target: their mean, their sum, or each by itself. */
export class MSELoss extends PlainLoss {
  override forward(...args: Arguments<typeof ofInputAndTarget>): Tensor {
    const [input, target] = ofInputAndTarget.inOrder(args, this);
    return F.mseLoss(input, target, { reduction: this.reduction });
  }
}

/** The magnitudes of the differences between input and target: their mean, their sum, or each by itself. */
export class L1Loss extends PlainLoss {
  override forward(...args: Arguments<typeof ofInputAndTarget>): Tensor {
    const [input, target] = ofInputAndTarget.inOrder(args, this);
    return F.l1Loss(input, target, { reduction: this.reduction });
  }
}

/** log(1 + exp(-target · input)), the logistic loss between scores and targets of 1 and -1. */
export class SoftMarginLoss extends PlainLoss {
  override forward(...args: Arguments<typeof ofInputAndTarget>): Tensor {
    const [input, target] = ofInputAndTarget.inOrder(args, this);
    return F.softMarginLoss(input, target, { reduction: this.reduction });
  }
}

const smoothL1Loss = signature(
  "SmoothL1Loss(bool? size_average=None, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean', float beta=1.0)",
);

/** 0.5 · d² / beta where the difference d is below `beta`, else |d| - 0.5 · beta. */
export class SmoothL1Loss extends Module {
  declare reduction: Reduction;
  declare beta: number;

  /**
   * @param beta where the square ends
   * @param reduction 'mean', 'sum', or 'none': one loss per element
   */
  constructor(...args: Arguments<typeof smoothL1Loss>) {
    super();
    take(this, modern(smoothL1Loss.bind(args)));
  }

  override forward(...args: Arguments<typeof ofInputAndTarget>): Tensor {
    const [input, target] = ofInputAndTarget.inOrder(args, this);
    return F.smoothL1Loss(input, target, { reduction: this.reduction, beta: this.beta });
  }
}

const huberLoss = signature("HuberLoss('none'|'mean'|'sum' reduction='mean', float delta=1.0)");

/** 0.5 · d² where the difference d is at most `delta`, else delta · (|d| - 0.5 · delta). */
export class HuberLoss extends Module {
  declare reduction: Reduction;
  declare delta: number;

  /**
   * @param delta where the square ends
   * @param reduction 'mean', 'sum', or 'none': one loss per element
   */
  constructor(...args: Arguments<typeof huberLoss>) {
    super();
    take(this, huberLoss.bind(args));
  }

  override forward(...args: Arguments<typeof ofInputAndTarget>): Tensor {
    const [input, target] = ofInputAndTarget.inOrder(args, this);
    return F.huberLoss(input, target, { reduction: this.reduction, delta: this.delta });
  }
}

const bceLoss = signature(
  "BCELoss(Tensor? weight=None, bool? size_average=None, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean')",
);

/** The binary cross entropy between probabilities and targets, -(target · log(input) + (1 - target) · log(1 - input)). */
export class BCELoss extends WeightedLoss {
  /**
   * @param weight a weight for every element
   * @param reduction 'mean', 'sum', or 'none': one loss per element
   */
  constructor(...args: Arguments<typeof bceLoss>) {
    const { weight, ...given } = modern(bceLoss.bind(args));
    super(weight);
    take(this, given);
  }

  override forward(...args: Arguments<typeof ofInputAndTarget>): Tensor {
    const [input, target] = ofInputAndTarget.inOrder(args, this);
    return F.binaryCrossEntropy(input, target, { weight: this.weight, reduction: this.reduction });
  }
}

const bceWithLogitsLoss = signature(
  "BCEWithLogitsLoss(Tensor? weight=None, bool? size_average=None, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean', Tensor? pos_weight=None)",
);

/** The binary cross entropy between the sigmoids of scores and targets, computed without taking the sigmoid first. */
export class BCEWithLogitsLoss extends WeightedLoss {
  declare posWeight: Tensor | null;

  /**
   * @param weight a weight for every element
   * @param posWeight how much positive targets weigh, per class
   * @param reduction 'mean', 'sum', or 'none': one loss per element
   */
  constructor(...args: Arguments<typeof bceWithLogitsLoss>) {
    const { weight, posWeight, ...given } = modern(bceWithLogitsLoss.bind(args));
    super(weight);
    take(this, given);
    this.registerBuffer('posWeight', posWeight);
  }

  protected override stateKey(property: string): string {
    return property === 'posWeight' ? 'pos_weight' : property;
  }

  override forward(...args: Arguments<typeof ofInputAndTarget>): Tensor {
    const [input, target] = ofInputAndTarget.inOrder(args, this);
    const { weight, reduction, posWeight } = this;
    return F.binaryCrossEntropyWithLogits(input, target, { weight, reduction, posWeight });
  }
}

const klDivLoss = signature(
  "KLDivLoss(bool? size_average=None, bool? reduce=None, 'none'|'mean'|'sum'|'batchmean' reduction='mean', bool log_target=False)",
);

/**
 * target · (log(target) - input), the Kullback-Leibler divergence of the distribution with log-probabilities `input`
 * from `target`.
 */
export class KLDivLoss extends Module {
  declare reduction: Reduction | 'batchmean';
  declare logTarget: boolean;

  /**
   * @param logTarget whether targets are log-probabilities, too
   * @param reduction 'mean', 'sum', 'none', or 'batchmean', which is the mathematical definition
   */
  constructor(...args: Arguments<typeof klDivLoss>) {
    super();
    take(this, modern(klDivLoss.bind(args)));
  }

  override forward(...args: Arguments<typeof ofInputAndTarget>): Tensor {
    const [input, target] = ofInputAndTarget.inOrder(args, this);
    return F.klDiv(input, target, { reduction: this.reduction, logTarget: this.logTarget });
  }
}

const hingeEmbeddingLoss = signature(
  "HingeEmbeddingLoss(float margin=1.0, bool? size_average=None, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean')",
);

/** The input where the target is 1, and what it lacks to `margin` where the target is -1. */
export class HingeEmbeddingLoss extends Module {
  declare reduction: Reduction;
  declare margin: number;

  /**
   * @param margin how far apart pairs with target -1 shall be
   * @param reduction 'mean', 'sum', or 'none': one loss per element
   */
  constructor(...args: Arguments<typeof hingeEmbeddingLoss>) {
    super();
    take(this, modern(hingeEmbeddingLoss.bind(args)));
  }

  override forward(...args: Arguments<typeof ofInputAndTarget>): Tensor {
    const [input, target] = ofInputAndTarget.inOrder(args, this);
    return F.hingeEmbeddingLoss(input, target, this.margin, { reduction: this.reduction });
  }
}

const marginRankingLoss = signature(
  "MarginRankingLoss(float margin=0.0, bool? size_average=None, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean')",
);

/**
 * max(0, -target · (input1 - input2) + margin): the first input should rank higher where the target is 1, lower where
 * it is -1.
 */
export class MarginRankingLoss extends Module {
  declare reduction: Reduction;
  declare margin: number;

  /**
   * @param margin by how much the one shall rank higher
   * @param reduction 'mean', 'sum', or 'none': one loss per element
   */
  constructor(...args: Arguments<typeof marginRankingLoss>) {
    super();
    take(this, modern(marginRankingLoss.bind(args)));
  }

  override forward(...args: Arguments<typeof ofInputsAndTarget>): Tensor {
    const [input1, input2, target] = ofInputsAndTarget.inOrder(args, this);
    return F.marginRankingLoss(input1, input2, target, this.margin, { reduction: this.reduction });
  }
}

const cosineEmbeddingLoss = signature(
  "CosineEmbeddingLoss(float margin=0.0, bool? size_average=None, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean')",
);

/**
 * 1 - cos(input1, input2) where the target is 1, else max(0, cos(input1, input2) - margin): brings pairs together or
 * keeps them apart.
 */
export class CosineEmbeddingLoss extends Module {
  declare reduction: Reduction;
  declare margin: number;

  /**
   * @param margin the cosine up to which pairs with target -1 cost nothing
   * @param reduction 'mean', 'sum', or 'none': one loss per element
   */
  constructor(...args: Arguments<typeof cosineEmbeddingLoss>) {
    super();
    take(this, modern(cosineEmbeddingLoss.bind(args)));
  }

  override forward(...args: Arguments<typeof ofInputsAndTarget>): Tensor {
    const [input1, input2, target] = ofInputsAndTarget.inOrder(args, this);
    return F.cosineEmbeddingLoss(input1, input2, target, this.margin, { reduction: this.reduction });
  }
}

const tripletMarginLoss = signature(
  "TripletMarginLoss(float margin=1.0, float p=2.0, float eps=1e-6, bool swap=False, bool? size_average=None, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean')",
);

export const triplet = signature('forward(Tensor anchor, Tensor positive, Tensor negative)');

/** max(0, d(anchor, positive) - d(anchor, negative) + margin), with d the p-norm of the difference. */
export class TripletMarginLoss extends Module {
  declare reduction: Reduction;
  declare margin: number;
  declare p: number;
  declare eps: number;
  declare swap: boolean;

  /**
   * @param margin by how much the positive shall be nearer
   * @param p the p of the distance
   * @param eps added to differences
   * @param swap whether the nearer of two distances to the negative counts
   * @param reduction 'mean', 'sum', or 'none': one loss per element
   */
  constructor(...args: Arguments<typeof tripletMarginLoss>) {
    super();
    take(this, modern(tripletMarginLoss.bind(args)));
    if (this.margin <= 0)
      throw new ValueError(
        `TripletMarginLoss: expected margin to be greater than 0, got ${settingText(this, 'margin')} instead`,
      );
  }

  override forward(...args: Arguments<typeof triplet>): Tensor {
    const [anchor, positive, negative] = triplet.inOrder(args, this);
    const { margin, p, eps, swap, reduction } = this;
    return F.tripletMarginLoss(anchor, positive, negative, margin, p, eps, swap, { reduction });
  }
}

const poissonNLLLoss = signature(
  "PoissonNLLLoss(bool log_input=True, bool full=False, bool? size_average=None, float eps=1e-8, bool? reduce=None, 'none'|'mean'|'sum' reduction='mean')",
);

const ofLogInput = signature('forward(Tensor log_input, Tensor target)');

/**
 * exp(input) - target · input (with `logInput: false`, input - target · log(input + eps)), the negative log-likelihood
 * of counts under a Poisson distribution.
 */
export class PoissonNLLLoss extends Module {
  declare reduction: Reduction;
  declare logInput: boolean;
  declare full: boolean;
  declare eps: number;

  /**
   * @param logInput whether the input is the logarithm of the rate
   * @param full whether to add the approximation of the constant term
   * @param eps keeps the logarithm finite
   * @param reduction 'mean', 'sum', or 'none': one loss per element
   */
  constructor(...args: Arguments<typeof poissonNLLLoss>) {
    super();
    take(this, modern(poissonNLLLoss.bind(args)));
  }

  override forward(...args: Arguments<typeof ofLogInput>): Tensor {
    const [input, target] = ofLogInput.inOrder(args, this);
    const { logInput, full, eps, reduction } = this;
    return F.poissonNllLoss(input, target, logInput, full, { eps, reduction });
  }
}

const gaussianNLLLoss = signature(
  "GaussianNLLLoss(*, bool full=False, float eps=1e-6, 'none'|'mean'|'sum' reduction='mean')",
);

const withVariance = signature('forward(Tensor input, Tensor target, Tensor var)');

/**
 * 0.5 · (log(var) + (input - target)² / var), the negative log-likelihood of targets under normal distributions; `var`
 * is at least `eps`.
 */
export class GaussianNLLLoss extends Module {
  declare reduction: Reduction;
  declare full: boolean;
  declare eps: number;

  /**
   * @param full whether to add the constant term
   * @param eps the least variance
   * @param reduction 'mean', 'sum', or 'none': one loss per element
   */
  constructor(...args: Arguments<typeof gaussianNLLLoss>) {
    super();
    take(this, gaussianNLLLoss.bind(args));
  }

  override forward(...args: Arguments<typeof withVariance>): Tensor {
    const [input, target, variance] = withVariance.inOrder(args, this);
    return F.gaussianNllLoss(input, target, variance, this.full, this.eps, { reduction: this.reduction });
  }
}
