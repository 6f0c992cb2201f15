import { int32 } from '../../core/dtype.js';
import { ValueError } from '../../core/errors.js';
import { Generator } from '../../core/generator.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takesNothing } from '../../core/signature/takes.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import type { ProcessGroup } from '../process_group.js';
import type { GradBucket } from './grad_bucket.js';

const powerSgdState = signature(
  'PowerSGDState(ProcessGroup? process_group, int matrix_approximation_rank=1, int start_power_sgd_iter=1000, float min_compression_rate=2, bool use_error_feedback=True, bool warm_start=True, float orthogonalization_epsilon=0, int random_seed=0, int compression_stats_logging_frequency=10000, bool batch_tensors_with_same_shape=False)',
);

/** What is kept between iterations of a bucket: the product P · Qᵀ that stands for its gradients. */
interface Factors {
  p: Tensor;
  q: Tensor;
}

/**
 * The settings of PowerSGD (Vogels et al. 2019) and what it keeps from one iteration to the next. Gradients are sent as products of two narrow
 * matrices; what is lost so is added to the next ones.
 */
export class PowerSGDState {
  readonly processGroup: ProcessGroup | null;
  readonly matrixApproximationRank: number;
  readonly startPowerSgdIter: number;
  readonly minCompressionRate: number;
  readonly useErrorFeedback: boolean;
  readonly warmStart: boolean;
  readonly orthogonalizationEpsilon: number;
  readonly batchTensorsWithSameShape: boolean;
  /** Iterations so far. */
  iter = 0;
  totalNumelBeforeCompression = 0;
  totalNumelAfterCompression = 0;
  /** @internal What was lost, by the number of the bucket. */
  readonly errors = new Map<number, Tensor>();
  /** @internal */
  readonly factors = new Map<number, Factors>();
  readonly #seeds: Generator;

  /**
   * @param processGroup the processes; null: all
   * @param matrixApproximationRank how many columns the matrices have: with more, less is lost and more sent
   * @param startPowerSgdIter from which iteration on gradients are compressed
   * @param minCompressionRate tensors that do not shrink by this factor are sent as they are
   * @param useErrorFeedback whether what is lost is added to the next gradients
   * @param warmStart whether an iteration begins with the matrices of the last one
   * @param orthogonalizationEpsilon added to the norms of columns, for gradients that may be zero
   * @param randomSeed of the first matrices
   * @param compressionStatsLoggingFrequency of no use: see `compressionStats()`
   * @param batchTensorsWithSameShape whether tensors of one shape are multiplied at once
   */
  constructor(...args: Arguments<typeof powerSgdState>) {
    const given = powerSgdState.bind(args);
    this.processGroup = given.processGroup;
    this.matrixApproximationRank = given.matrixApproximationRank;
    this.startPowerSgdIter = given.startPowerSgdIter;
    this.minCompressionRate = given.minCompressionRate;
    this.useErrorFeedback = given.useErrorFeedback;
    this.warmStart = given.warmStart;
    this.orthogonalizationEpsilon = given.orthogonalizationEpsilon;
    this.batchTensorsWithSameShape = given.batchTensorsWithSameShape;
    if ((given.useErrorFeedback || given.warmStart) && given.startPowerSgdIter <= 1)
      throw new ValueError(
        'Expect `startPowerSgdIter` > 1 if `useErrorFeedback` or `warmStart` is enabled, because PowerSGD can only be applied after the first two iterations in DDP.',
      );
    this.#seeds = new Generator().manualSeed(given.randomSeed);
  }

  /** @internal The stream of new matrices, the same on all processes. Its seed is that of NumPy's `randint(1_000_000_000)`: 30 bits of a word each time. */
  drawStream(): Generator {
    const word = ops.empty([1], { dtype: int32 });
    for (;;) {
      word.random_({ generator: this.#seeds });
      const seed = word.item() & (2 ** 30 - 1);
      if (seed < 1e9) return new Generator().manualSeed(seed);
    }
  }

  /** @internal Counts iterations, by their last buckets. */
  count(bucket: GradBucket): void {
    if (bucket.isLast()) this.iter++;
  }

  /** How much gradients have shrunk, and their elements before and after. */
  compressionStats(): [rate: number, before: number, after: number] {
    const { totalNumelBeforeCompression: before, totalNumelAfterCompression: after } = this;
    return [after > 0 ? before / after : 0, before, after];
  }
}

takesNothing(PowerSGDState.prototype, ['compressionStats']);
