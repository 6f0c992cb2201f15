/** Which boxes stand for which objects, and which of them training looks at. */
import { bool, int64 } from '../../../core/dtype.js';
import { AssertionError, ValueError } from '../../../core/errors.js';
import type { Tensor } from '../../../core/tensor.js';
import { ops } from '../../../dispatch/registry.js';
import { trueAt } from '../../ops/boxes.js';

/** Stands for no object. */
export const BELOW_LOW_THRESHOLD = -1;
/** Stands for neither: the box is left out. */
export const BETWEEN_THRESHOLDS = -2;

/** Finds the object that each box overlaps with most, if that is enough. */
export class Matcher {
  constructor(
    private readonly highThreshold: number,
    private readonly lowThreshold: number,
    /** Whether the best boxes of each object stand for it, however little they overlap. */
    private readonly allowLowQualityMatches: boolean,
  ) {
    if (lowThreshold > highThreshold) throw new AssertionError('low_threshold should be <= high_threshold');
  }

  /** For each box (column) the number of its object (row), `BELOW_LOW_THRESHOLD` or `BETWEEN_THRESHOLDS`. */
  match(quality: Tensor): Tensor {
    if (quality.numel() === 0)
      throw new ValueError(
        `No ${quality.shape[0] === 0 ? 'ground-truth' : 'proposal'} boxes available for one of the images during training`,
      );
    const [values, best] = quality.max(0);
    const isLow = values.lt(this.lowThreshold);
    const isBetween = values.ge(this.lowThreshold).logicalAnd(values.lt(this.highThreshold));
    const matches = best.maskedFill(isLow, BELOW_LOW_THRESHOLD).maskedFill(isBetween, BETWEEN_THRESHOLDS);
    if (!this.allowLowQualityMatches) return matches;
    const isBest = quality.eq(quality.amax(1, true)).any(0);
    return ops.where(isBest, best, matches);
  }
}

/** A matcher by which each object has its best box, as SSD has it. */
export class SSDMatcher extends Matcher {
  constructor(threshold: number) {
    super(threshold, threshold, false);
  }

  override match(quality: Tensor): Tensor {
    const matches = super.match(quality);
    const best = quality.argmax(1);
    return matches.indexPut_([best], ops.arange(best.shape[0], { dtype: int64, device: best.device }));
  }
}

/** Chooses some boxes that stand for objects and some that do not, at random. */
export class BalancedPositiveNegativeSampler {
  constructor(
    private readonly batchSizePerImage: number,
    private readonly positiveFraction: number,
  ) {}

  /** For each image, by labels (0: none, below: left out), masks of those with objects and of those without. */
  sample(labels: readonly Tensor[]): { positive: Tensor; negative: Tensor }[] {
    return labels.map((label) => {
      const positive = trueAt(label.ge(1));
      const negative = trueAt(label.eq(0));
      const most = Math.trunc(this.batchSizePerImage * this.positiveFraction);
      const positiveCount = Math.min(positive.numel(), most);
      const negativeCount = Math.min(negative.numel(), this.batchSizePerImage - positiveCount);
      const chosen = (from: Tensor, count: number): Tensor => {
        const order = ops.randperm(from.numel(), { device: from.device }).narrow(0, 0, count);
        const mask = ops.zeros(label.shape, { dtype: bool, device: label.device });
        return mask.indexFill_(0, from.indexSelect(0, order), true);
      };
      return { positive: chosen(positive, positiveCount), negative: chosen(negative, negativeCount) };
    });
  }
}
