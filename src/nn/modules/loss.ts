import { ValueError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { readOptions } from '../arguments.js';
import { functional as F } from '../functional.js';
import { Module } from '../module.js';

export type Reduction = 'none' | 'mean' | 'sum';

interface LossOptions {
  /** 'mean' (the default), 'sum', or 'none': one loss per element. */
  reduction?: Reduction;
}

abstract class Loss extends Module {
  readonly reduction: Reduction;

  protected constructor(reduction: Reduction) {
    super();
    this.reduction = reduction;
  }
}

/** A loss whose elements or classes have fixed weights: a buffer, so that they move with the module. */
abstract class WeightedLoss extends Loss {
  declare weight: Tensor | null;

  protected constructor(weight: Tensor | null, reduction: Reduction) {
    super(reduction);
    this.registerBuffer('weight', weight);
  }
}

/** The constructor of losses without settings of their own. */
abstract class PlainLoss extends Loss {
  constructor(options: LossOptions = {}) {
    super(readOptions('Loss', { reduction: 'mean' as Reduction }, [options]).reduction);
  }
}

interface ClassOptions extends LossOptions {
  /** One weight per class. */
  weight?: Tensor | null;
  /** Targets of this class do not count. Default -100. */
  ignoreIndex?: number;
}

interface CrossEntropyOptions extends ClassOptions {
  /** The share of the target's probability that is spread over all classes. Default 0. */
  labelSmoothing?: number;
}

/** The cross entropy between scores [N, C, …] and target classes [N, …], or class probabilities. */
export class CrossEntropyLoss extends WeightedLoss {
  readonly ignoreIndex: number;
  readonly labelSmoothing: number;

  constructor(weight?: Tensor | null | CrossEntropyOptions, options?: CrossEntropyOptions) {
    const defaults = { weight: null, ignoreIndex: -100, reduction: 'mean', labelSmoothing: 0 } as const;
    const given = readOptions<Required<CrossEntropyOptions>>('CrossEntropyLoss', defaults, [weight, options]);
    super(given.weight, given.reduction);
    this.ignoreIndex = given.ignoreIndex;
    this.labelSmoothing = given.labelSmoothing;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { weight, ignoreIndex, reduction, labelSmoothing } = this;
    return F.crossEntropy(input, target, { weight, ignoreIndex, reduction, labelSmoothing });
  }
}

/** The negative log-likelihood of target classes [N, …] under log-probabilities [N, C, …]. */
export class NLLLoss extends WeightedLoss {
  readonly ignoreIndex: number;

  constructor(weight?: Tensor | null | ClassOptions, options?: ClassOptions) {
    const defaults = { weight: null, ignoreIndex: -100, reduction: 'mean' } as const;
    const given = readOptions<Required<ClassOptions>>('NLLLoss', defaults, [weight, options]);
    super(given.weight, given.reduction);
    this.ignoreIndex = given.ignoreIndex;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { weight, ignoreIndex, reduction } = this;
    return F.nllLoss(input, target, { weight, ignoreIndex, reduction });
  }
}

/** The mean of squared differences. */
export class MSELoss extends PlainLoss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.mseLoss(input, target, { reduction: this.reduction });
  }
}

/** The mean of absolute differences. */
export class L1Loss extends PlainLoss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.l1Loss(input, target, { reduction: this.reduction });
  }
}

/** The logistic loss between scores and targets of 1 and -1. */
export class SoftMarginLoss extends PlainLoss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.softMarginLoss(input, target, { reduction: this.reduction });
  }
}

interface SmoothL1Options extends LossOptions {
  /** Where the square ends. Default 1. */
  beta?: number;
}

/** Squared differences below `beta`, absolute ones above. */
export class SmoothL1Loss extends Loss {
  readonly beta: number;

  constructor(options: SmoothL1Options = {}) {
    const defaults = { reduction: 'mean', beta: 1 } as const;
    const given = readOptions<Required<SmoothL1Options>>('SmoothL1Loss', defaults, [options]);
    super(given.reduction);
    this.beta = given.beta;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.smoothL1Loss(input, target, { reduction: this.reduction, beta: this.beta });
  }
}

interface HuberOptions extends LossOptions {
  /** Where the square ends. Default 1. */
  delta?: number;
}

/** Half the squared differences up to `delta`, linear above. */
export class HuberLoss extends Loss {
  readonly delta: number;

  constructor(reduction?: Reduction | HuberOptions, delta?: number | HuberOptions) {
    const defaults = { reduction: 'mean', delta: 1 } as const;
    const given = readOptions<Required<HuberOptions>>('HuberLoss', defaults, [reduction, delta]);
    super(given.reduction);
    this.delta = given.delta;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.huberLoss(input, target, { reduction: this.reduction, delta: this.delta });
  }
}

interface BCEOptions extends LossOptions {
  /** A weight for every element. */
  weight?: Tensor | null;
}

/** The binary cross entropy between probabilities and targets. */
export class BCELoss extends WeightedLoss {
  constructor(weight?: Tensor | null | BCEOptions, options?: BCEOptions) {
    const defaults = { weight: null, reduction: 'mean' } as const;
    const given = readOptions<Required<BCEOptions>>('BCELoss', defaults, [weight, options]);
    super(given.weight, given.reduction);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.binaryCrossEntropy(input, target, { weight: this.weight, reduction: this.reduction });
  }
}

interface BCEWithLogitsOptions extends BCEOptions {
  /** How much positive targets weigh, per class. */
  posWeight?: Tensor | null;
}

/** The binary cross entropy between scores, before the sigmoid, and targets. */
export class BCEWithLogitsLoss extends WeightedLoss {
  declare posWeight: Tensor | null;

  constructor(weight?: Tensor | null | BCEWithLogitsOptions, options?: BCEWithLogitsOptions) {
    const defaults = { weight: null, reduction: 'mean', posWeight: null } as const;
    const given = readOptions<Required<BCEWithLogitsOptions>>('BCEWithLogitsLoss', defaults, [
      weight,
      options,
    ]);
    super(given.weight, given.reduction);
    this.registerBuffer('posWeight', given.posWeight);
  }

  protected override stateKey(property: string): string {
    return property === 'posWeight' ? 'pos_weight' : property;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { weight, reduction, posWeight } = this;
    return F.binaryCrossEntropyWithLogits(input, target, { weight, reduction, posWeight });
  }
}

interface KLDivOptions {
  /** 'mean' (the default), 'sum', 'none', or 'batchmean', which is the mathematical definition. */
  reduction?: Reduction | 'batchmean';
  /** Whether targets are log-probabilities, too. Default false. */
  logTarget?: boolean;
}

/** The Kullback-Leibler divergence of log-probabilities from targets. */
export class KLDivLoss extends Module {
  readonly reduction: Reduction | 'batchmean';
  readonly logTarget: boolean;

  constructor(options: KLDivOptions = {}) {
    super();
    const defaults = { reduction: 'mean', logTarget: false } as const;
    const given = readOptions<Required<KLDivOptions>>('KLDivLoss', defaults, [options]);
    this.reduction = given.reduction;
    this.logTarget = given.logTarget;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.klDiv(input, target, { reduction: this.reduction, logTarget: this.logTarget });
  }
}

interface MarginOptions extends LossOptions {
  margin?: number;
}

/** The input where the target is 1, and what it lacks to `margin` where the target is -1. */
export class HingeEmbeddingLoss extends Loss {
  readonly margin: number;

  constructor(margin?: number | MarginOptions, options?: MarginOptions) {
    const defaults = { margin: 1, reduction: 'mean' } as const;
    const given = readOptions<Required<MarginOptions>>('HingeEmbeddingLoss', defaults, [margin, options]);
    super(given.reduction);
    this.margin = given.margin;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.hingeEmbeddingLoss(input, target, this.margin, { reduction: this.reduction });
  }
}

/** The first input should rank higher where the target is 1, lower where it is -1. */
export class MarginRankingLoss extends Loss {
  readonly margin: number;

  constructor(margin?: number | MarginOptions, options?: MarginOptions) {
    const defaults = { margin: 0, reduction: 'mean' } as const;
    const given = readOptions<Required<MarginOptions>>('MarginRankingLoss', defaults, [margin, options]);
    super(given.reduction);
    this.margin = given.margin;
  }

  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return F.marginRankingLoss(input1, input2, target, this.margin, { reduction: this.reduction });
  }
}

/** Brings pairs with target 1 to the same direction, and keeps those with target -1 apart. */
export class CosineEmbeddingLoss extends Loss {
  readonly margin: number;

  constructor(margin?: number | MarginOptions, options?: MarginOptions) {
    const defaults = { margin: 0, reduction: 'mean' } as const;
    const given = readOptions<Required<MarginOptions>>('CosineEmbeddingLoss', defaults, [margin, options]);
    super(given.reduction);
    this.margin = given.margin;
  }

  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return F.cosineEmbeddingLoss(input1, input2, target, this.margin, { reduction: this.reduction });
  }
}

interface TripletOptions extends MarginOptions {
  /** The p of the distance. Default 2. */
  p?: number;
  /** Added to differences. Default 1e-6. */
  eps?: number;
  /** Use the nearer of two distances to the negative. Default false. */
  swap?: boolean;
}

/** Brings the anchor nearer to the positive than to the negative, by at least `margin`. */
export class TripletMarginLoss extends Loss {
  readonly margin: number;
  readonly p: number;
  readonly eps: number;
  readonly swap: boolean;

  constructor(margin?: number | TripletOptions, p?: number | TripletOptions, options?: TripletOptions) {
    const defaults = { margin: 1, p: 2, eps: 1e-6, swap: false, reduction: 'mean' } as const;
    const given = readOptions<Required<TripletOptions>>('TripletMarginLoss', defaults, [margin, p, options]);
    if (given.margin <= 0)
      throw new ValueError(
        `TripletMarginLoss: expected margin to be greater than 0, got ${given.margin} instead`,
      );
    super(given.reduction);
    this.margin = given.margin;
    this.p = given.p;
    this.eps = given.eps;
    this.swap = given.swap;
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { margin, p, eps, swap, reduction } = this;
    return F.tripletMarginLoss(anchor, positive, negative, margin, p, eps, swap, { reduction });
  }
}

interface PoissonOptions extends LossOptions {
  /** Whether the input is the logarithm of the rate. Default true. */
  logInput?: boolean;
  /** Whether to add the approximation of the constant term. Default false. */
  full?: boolean;
  /** Keeps the logarithm finite. Default 1e-8. */
  eps?: number;
}

/** The negative log-likelihood of counts under a Poisson distribution. */
export class PoissonNLLLoss extends Loss {
  readonly logInput: boolean;
  readonly full: boolean;
  readonly eps: number;

  constructor(
    logInput?: boolean | PoissonOptions,
    full?: boolean | PoissonOptions,
    options?: PoissonOptions,
  ) {
    const defaults = { logInput: true, full: false, eps: 1e-8, reduction: 'mean' } as const;
    const given = readOptions<Required<PoissonOptions>>('PoissonNLLLoss', defaults, [
      logInput,
      full,
      options,
    ]);
    super(given.reduction);
    this.logInput = given.logInput;
    this.full = given.full;
    this.eps = given.eps;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    const { logInput, full, eps, reduction } = this;
    return F.poissonNllLoss(input, target, logInput, full, { eps, reduction });
  }
}

interface GaussianOptions extends LossOptions {
  /** Whether to add the constant term. Default false. */
  full?: boolean;
  /** The least variance. Default 1e-6. */
  eps?: number;
}

/** The negative log-likelihood of targets under normal distributions. */
export class GaussianNLLLoss extends Loss {
  readonly full: boolean;
  readonly eps: number;

  constructor(options: GaussianOptions = {}) {
    const defaults = { full: false, eps: 1e-6, reduction: 'mean' } as const;
    const given = readOptions<Required<GaussianOptions>>('GaussianNLLLoss', defaults, [options]);
    super(given.reduction);
    this.full = given.full;
    this.eps = given.eps;
  }

  override forward(input: Tensor, target: Tensor, variance: Tensor): Tensor {
    return F.gaussianNllLoss(input, target, variance, this.full, this.eps, { reduction: this.reduction });
  }
}
