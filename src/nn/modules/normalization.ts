import { int64 } from '../../core/dtype.js';
import { ValueError } from '../../core/errors.js';
import { formatBool, formatNumber, formatTuple } from '../../core/repr.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../ops/registry.js';
import { readOptions } from '../arguments.js';
import { functional as F } from '../functional.js';
import * as init from '../init.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { type FactoryOptions, parameter } from './linear.js';

// ---- over the batch ------------------------------------------------------------------------------------------

export interface BatchNormOptions extends FactoryOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** How fast running statistics follow the batches'; null for their plain average. Default 0.1. */
  momentum?: number | null;
  /** Whether channels are scaled and shifted by learnt parameters. Default true. */
  affine?: boolean;
  /** Whether running statistics are kept for evaluation. Default true. */
  trackRunningStats?: boolean;
  /** Whether channels are shifted where they are scaled. Default true. */
  bias?: boolean;
}

const stateKeys: Readonly<Record<string, string>> = {
  runningMean: 'running_mean',
  runningVar: 'running_var',
  numBatchesTracked: 'num_batches_tracked',
};

/** Statistics and parameters per channel, as batch and instance norms keep them. */
abstract class NormBase extends Module {
  readonly eps: number;
  readonly momentum: number | null;
  readonly affine: boolean;
  readonly trackRunningStats: boolean;
  weight: Parameter | null;
  bias: Parameter | null;
  declare runningMean: Tensor | null;
  declare runningVar: Tensor | null;
  /** How many batches the running statistics have seen. */
  declare numBatchesTracked: Tensor | null;

  constructor(
    readonly numFeatures: number,
    given: Required<BatchNormOptions>,
  ) {
    super();
    const { device, dtype } = given;
    this.eps = given.eps;
    this.momentum = given.momentum;
    this.affine = given.affine;
    this.trackRunningStats = given.trackRunningStats;
    const options = { device: device ?? null, dtype: dtype ?? null };
    this.weight = given.affine ? new Parameter(ops.ones([numFeatures], options)) : null;
    this.bias = given.affine && given.bias ? new Parameter(ops.zeros([numFeatures], options)) : null;
    const track = given.trackRunningStats;
    this.registerBuffer('runningMean', track ? ops.zeros([numFeatures], options) : null);
    this.registerBuffer('runningVar', track ? ops.ones([numFeatures], options) : null);
    this.registerBuffer('numBatchesTracked', track ? ops.scalarTensor(0, { dtype: int64 }) : null);
  }

  protected override stateKey(property: string): string {
    return stateKeys[property] ?? property;
  }

  /** Forgets the running statistics. */
  resetRunningStats(): void {
    this.runningMean?.zero_();
    this.runningVar?.fill_(1);
    this.numBatchesTracked?.zero_();
  }

  resetParameters(): void {
    this.resetRunningStats();
    if (this.weight !== null) init.ones_(this.weight);
    if (this.bias !== null) init.zeros_(this.bias);
  }

  /** Checkpoints from before PyTorch 0.4.1 have no count of batches. */
  protected override upgradeStateDict(stateDict: Record<string, unknown>, prefix: string): void {
    const key = `${prefix}num_batches_tracked`;
    if (this.numBatchesTracked !== null && !(key in stateDict)) stateDict[key] = this.numBatchesTracked;
  }

  /** @throws ValueError unless the input has one of these numbers of dimensions */
  protected checkDim(input: Tensor, ...allowed: number[]): void {
    if (!allowed.includes(input.ndim))
      throw new ValueError(
        `expected ${allowed.map((n) => `${n}D`).join(' or ')} input (got ${input.ndim}D input)`,
      );
  }

  override extraRepr(): string {
    return `${this.numFeatures}, eps=${formatNumber(this.eps)}, momentum=${this.momentum === null ? 'None' : formatNumber(this.momentum)}, affine=${formatBool(this.affine)}, bias=${formatBool(this.bias !== null)}, track_running_stats=${formatBool(this.trackRunningStats)}`;
  }
}

abstract class BatchNorm extends NormBase {
  constructor(
    numFeatures: number,
    eps?: number | BatchNormOptions,
    momentum?: number | null | BatchNormOptions,
    affine?: boolean | BatchNormOptions,
    trackRunningStats?: boolean | BatchNormOptions,
    options?: BatchNormOptions,
  ) {
    super(numFeatures, normOptions('BatchNorm', true, [eps, momentum, affine, trackRunningStats, options]));
  }

  protected abstract check(input: Tensor): void;

  override forward(input: Tensor): Tensor {
    this.check(input);
    const { runningMean, runningVar, weight, bias, eps } = this;
    let { momentum } = this;
    if (this.training && this.trackRunningStats && this.numBatchesTracked !== null) {
      this.numBatchesTracked.add_(1);
      // Without a momentum the running statistics are the average over all batches.
      if (momentum === null && !this.numBatchesTracked.isReadable) return this.averaging(input);
      momentum ??= 1 / this.numBatchesTracked.item();
    }
    const training = this.training || (runningMean === null && runningVar === null);
    const kept = !this.training || this.trackRunningStats;
    return F.batchNorm(
      input,
      kept ? runningMean : null,
      kept ? runningVar : null,
      weight,
      bias,
      training,
      momentum ?? 0,
      eps,
    );
  }

  /** Where the number of batches cannot be read: the batch's own statistics first, then their share in the average. */
  private averaging(input: Tensor): Tensor {
    const { runningMean, runningVar, weight, bias, eps } = this;
    const [mean, variance] = [runningMean!.zerosLike(), runningVar!.zerosLike()];
    const result = F.batchNorm(input, mean, variance, weight, bias, true, 1, eps);
    const share = this.numBatchesTracked!.to(mean.dtype).reciprocal();
    runningMean!.lerp_(mean, share);
    runningVar!.lerp_(variance, share);
    return result;
  }
}

function normOptions(name: string, by: boolean, args: readonly unknown[]): Required<BatchNormOptions> {
  const defaults = {
    eps: 1e-5,
    momentum: 0.1 as number | null,
    affine: by,
    trackRunningStats: by,
    device: null,
    dtype: null,
    bias: true,
  };
  return readOptions<Required<BatchNormOptions>>(name, defaults, args);
}

/** Batch normalisation of [N, C] or [N, C, L] inputs. */
export class BatchNorm1d extends BatchNorm {
  protected override check(input: Tensor): void {
    this.checkDim(input, 2, 3);
  }
}

/** Batch normalisation of [N, C, H, W] inputs. */
export class BatchNorm2d extends BatchNorm {
  protected override check(input: Tensor): void {
    this.checkDim(input, 4);
  }
}

/** Batch normalisation of [N, C, D, H, W] inputs. */
export class BatchNorm3d extends BatchNorm {
  protected override check(input: Tensor): void {
    this.checkDim(input, 5);
  }
}

/** Normalisation of every channel of every sample on its own. */
abstract class InstanceNorm extends NormBase {
  constructor(
    numFeatures: number,
    eps?: number | BatchNormOptions,
    momentum?: number | BatchNormOptions,
    affine?: boolean | BatchNormOptions,
    trackRunningStats?: boolean | BatchNormOptions,
    options?: BatchNormOptions,
  ) {
    super(
      numFeatures,
      normOptions('InstanceNorm', false, [eps, momentum, affine, trackRunningStats, options]),
    );
  }

  /** How many dimensions a sample without batch has. */
  protected abstract readonly unbatched: number;

  override forward(input: Tensor): Tensor {
    this.checkDim(input, this.unbatched, this.unbatched + 1);
    const single = input.ndim === this.unbatched;
    const { runningMean, runningVar, weight, bias, momentum, eps } = this;
    const useInputStats = this.training || !this.trackRunningStats;
    const x = single ? input.unsqueeze(0) : input;
    const y = F.instanceNorm(x, runningMean, runningVar, weight, bias, useInputStats, momentum ?? 0, eps);
    return single ? y.squeeze(0) : y;
  }
}

export class InstanceNorm1d extends InstanceNorm {
  protected get unbatched(): number {
    return 2;
  }
}

export class InstanceNorm2d extends InstanceNorm {
  protected get unbatched(): number {
    return 3;
  }
}

export class InstanceNorm3d extends InstanceNorm {
  protected get unbatched(): number {
    return 4;
  }
}

// ---- over layers and groups ------------------------------------------------------------------------------------

export interface LayerNormOptions extends FactoryOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** Whether elements are scaled and shifted by learnt parameters. Default true. */
  elementwiseAffine?: boolean;
  /** Whether they are shifted, too. Default true. */
  bias?: boolean;
}

/** Normalisation over the last dimensions. */
export class LayerNorm extends Module {
  readonly normalizedShape: readonly number[];
  readonly eps: number;
  readonly elementwiseAffine: boolean;
  weight: Parameter | null;
  bias: Parameter | null;

  constructor(
    normalizedShape: number | readonly number[],
    eps?: number | LayerNormOptions,
    elementwiseAffine?: boolean | LayerNormOptions,
    bias?: boolean | LayerNormOptions,
    options?: LayerNormOptions,
  ) {
    super();
    const defaults = { eps: 1e-5, elementwiseAffine: true, bias: true, device: null, dtype: null };
    const given = readOptions<Required<LayerNormOptions>>('LayerNorm', defaults, [
      eps,
      elementwiseAffine,
      bias,
      options,
    ]);
    this.normalizedShape = typeof normalizedShape === 'number' ? [normalizedShape] : [...normalizedShape];
    this.eps = given.eps;
    this.elementwiseAffine = given.elementwiseAffine;
    this.weight = given.elementwiseAffine ? parameter(this.normalizedShape, given) : null;
    this.bias = given.elementwiseAffine && given.bias ? parameter(this.normalizedShape, given) : null;
    this.resetParameters();
  }

  resetParameters(): void {
    if (this.weight !== null) init.ones_(this.weight);
    if (this.bias !== null) init.zeros_(this.bias);
  }

  override forward(input: Tensor): Tensor {
    return F.layerNorm(input, this.normalizedShape, this.weight, this.bias, this.eps);
  }

  override extraRepr(): string {
    return `${formatTuple(this.normalizedShape)}, eps=${formatNumber(this.eps)}, elementwise_affine=${formatBool(this.elementwiseAffine)}, bias=${formatBool(this.bias !== null)}`;
  }
}

export interface RMSNormOptions extends FactoryOptions {
  /** Added to the mean square. Default: the dtype's smallest step from 1. */
  eps?: number | null;
  /** Whether elements are scaled by learnt parameters. Default true. */
  elementwiseAffine?: boolean;
}

/** Division by the root of the mean square over the last dimensions. */
export class RMSNorm extends Module {
  readonly normalizedShape: readonly number[];
  readonly eps: number | null;
  readonly elementwiseAffine: boolean;
  weight: Parameter | null;

  constructor(
    normalizedShape: number | readonly number[],
    eps?: number | null | RMSNormOptions,
    elementwiseAffine?: boolean | RMSNormOptions,
    options?: RMSNormOptions,
  ) {
    super();
    const defaults = { eps: null, elementwiseAffine: true, device: null, dtype: null };
    const given = readOptions<Required<RMSNormOptions>>('RMSNorm', defaults, [
      eps,
      elementwiseAffine,
      options,
    ]);
    this.normalizedShape = typeof normalizedShape === 'number' ? [normalizedShape] : [...normalizedShape];
    this.eps = given.eps;
    this.elementwiseAffine = given.elementwiseAffine;
    this.weight = given.elementwiseAffine ? parameter(this.normalizedShape, given) : null;
    this.resetParameters();
  }

  resetParameters(): void {
    if (this.weight !== null) init.ones_(this.weight);
  }

  override forward(input: Tensor): Tensor {
    return F.rmsNorm(input, this.normalizedShape, this.weight, this.eps);
  }

  override extraRepr(): string {
    return `${formatTuple(this.normalizedShape)}, eps=${this.eps === null ? 'None' : formatNumber(this.eps)}, elementwise_affine=${formatBool(this.elementwiseAffine)}`;
  }
}

export interface GroupNormOptions extends FactoryOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** Whether channels are scaled and shifted by learnt parameters. Default true. */
  affine?: boolean;
  /** Whether channels are shifted where they are scaled. Default true. */
  bias?: boolean;
}

/** Normalisation over groups of channels. */
export class GroupNorm extends Module {
  readonly eps: number;
  readonly affine: boolean;
  weight: Parameter | null;
  bias: Parameter | null;

  constructor(
    readonly numGroups: number,
    readonly numChannels: number,
    eps?: number | GroupNormOptions,
    affine?: boolean | GroupNormOptions,
    options?: GroupNormOptions,
  ) {
    super();
    if (numChannels % numGroups !== 0)
      throw new ValueError(`num_channels (${numChannels}) must be divisible by num_groups (${numGroups})`);
    const defaults = { eps: 1e-5, affine: true, device: null, dtype: null, bias: true };
    const given = readOptions<Required<GroupNormOptions>>('GroupNorm', defaults, [eps, affine, options]);
    this.eps = given.eps;
    this.affine = given.affine;
    this.weight = given.affine ? parameter([numChannels], given) : null;
    this.bias = given.affine && given.bias ? parameter([numChannels], given) : null;
    this.resetParameters();
  }

  resetParameters(): void {
    if (this.weight !== null) init.ones_(this.weight);
    if (this.bias !== null) init.zeros_(this.bias);
  }

  override forward(input: Tensor): Tensor {
    return F.groupNorm(input, this.numGroups, this.weight, this.bias, this.eps);
  }

  override extraRepr(): string {
    return `${this.numGroups}, ${this.numChannels}, eps=${formatNumber(this.eps)}, affine=${formatBool(this.affine)}, bias=${formatBool(this.bias !== null)}`;
  }
}
