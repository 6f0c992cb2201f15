import { int64 } from '../../core/dtype.js';
import { ValueError } from '../../core/errors.js';
import { formatBool, formatTuple } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takesNothing } from '../../core/signature/takes.js';
import { checkTensor, type Tensor } from '../../core/tensor.js';
import { warn } from '../../core/warnings.js';
import { ops } from '../../dispatch/registry.js';
import { F } from '../functions.js';
import * as init from '../init.js';
import { ofInput } from '../inputs.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { settingText, take } from '../settings.js';
import { parameter } from './linear.js';

// ---- over the batch ------------------------------------------------------------------------------------------

const stateKeys: Readonly<Record<string, string>> = {
  runningMean: 'running_mean',
  runningVar: 'running_var',
  numBatchesTracked: 'num_batches_tracked',
};

const batchNorm = signature(
  'BatchNorm(int num_features, float eps=1e-5, float? momentum=0.1, bool affine=True, bool track_running_stats=True, Device? device=None, ScalarType? dtype=None, *, bool bias=True)',
);

type NormSettings = ReturnType<typeof batchNorm.bind>;

/** Statistics and parameters per channel, as batch and instance norms keep them. */
abstract class NormBase extends Module {
  declare numFeatures: number;
  declare eps: number;
  declare momentum: number | null;
  declare affine: boolean;
  declare trackRunningStats: boolean;
  declare weight: Parameter | null;
  declare bias: Parameter | null;
  declare runningMean: Tensor | null;
  declare runningVar: Tensor | null;
  /** How many batches the running statistics have seen. */
  declare numBatchesTracked: Tensor | null;

  protected constructor({ bias, device, dtype, ...given }: NormSettings) {
    super();
    take(this, given);
    const { numFeatures, affine, trackRunningStats } = given;
    const options = { device, dtype };
    this.registerParameter('weight', affine ? new Parameter(ops.ones([numFeatures], options)) : null);
    this.registerParameter('bias', affine && bias ? new Parameter(ops.zeros([numFeatures], options)) : null);
    const track = trackRunningStats;
    this.registerBuffer('runningMean', track ? ops.zeros([numFeatures], options) : null);
    this.registerBuffer('runningVar', track ? ops.ones([numFeatures], options) : null);
    this.registerBuffer('numBatchesTracked', track ? ops.scalarTensor(0, { dtype: int64, device }) : null);
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
    checkTensor(input, 'forward', 'input');
    if (!allowed.includes(input.ndim))
      throw new ValueError(
        `expected ${allowed.map((n) => `${n}D`).join(' or ')} input (got ${input.ndim}D input)`,
      );
  }

  override extraRepr(): string {
    return `${this.numFeatures}, eps=${settingText(this, 'eps')}, momentum=${settingText(this, 'momentum')}, affine=${formatBool(this.affine)}, bias=${formatBool(this.bias !== null)}, track_running_stats=${formatBool(this.trackRunningStats)}`;
  }
}

takesNothing(NormBase.prototype, ['resetRunningStats', 'resetParameters']);

/** Batch norms but for the numbers of dimensions that they take. */
export abstract class BatchNorm extends NormBase {
  /**
   * @param numFeatures the number of channels
   * @param eps added to the variance
   * @param momentum how fast running statistics follow the batches'; null for their plain average
   * @param affine whether channels are scaled and shifted by learnt parameters
   * @param trackRunningStats whether running statistics are kept for evaluation
   * @param bias whether channels are shifted where they are scaled
   */
  constructor(...args: Arguments<typeof batchNorm>) {
    super(batchNorm.bind(args, new.target.name));
  }

  protected abstract check(input: Tensor): void;

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
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

/**
 * Batch normalisation of a [N, C] or [N, C, L] input: (x - mean) / √(variance + eps) · weight + bias for each channel.
 * In training the statistics are the batch's, in evaluation the running ones.
 */
export class BatchNorm1d extends BatchNorm {
  protected override check(input: Tensor): void {
    this.checkDim(input, 2, 3);
  }
}

/**
 * Batch normalisation of a [N, C, H, W] input: (x - mean) / √(variance + eps) · weight + bias for each channel. In
 * training the statistics are the batch's, in evaluation the running ones.
 */
export class BatchNorm2d extends BatchNorm {
  protected override check(input: Tensor): void {
    this.checkDim(input, 4);
  }
}

/**
 * Batch normalisation of a [N, C, D, H, W] input: (x - mean) / √(variance + eps) · weight + bias for each channel. In
 * training the statistics are the batch's, in evaluation the running ones.
 */
export class BatchNorm3d extends BatchNorm {
  protected override check(input: Tensor): void {
    this.checkDim(input, 5);
  }
}

const instanceNorm = signature(
  'InstanceNorm(int num_features, float eps=1e-5, float? momentum=0.1, bool affine=False, bool track_running_stats=False, Device? device=None, ScalarType? dtype=None, *, bool bias=True)',
);

/** Normalisation of every channel of every sample on its own. */
abstract class InstanceNorm extends NormBase {
  /**
   * @param numFeatures the number of channels
   * @param eps added to the variance
   * @param momentum how fast running statistics follow the batches'; null for their plain average
   * @param affine whether channels are scaled and shifted by learnt parameters
   * @param trackRunningStats whether running statistics are kept for evaluation
   * @param bias whether channels are shifted where they are scaled
   */
  constructor(...args: Arguments<typeof instanceNorm>) {
    super(instanceNorm.bind(args, new.target.name));
  }

  /** How many dimensions a sample without batch has. */
  protected abstract readonly unbatched: number;

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    this.checkDim(input, this.unbatched, this.unbatched + 1);
    this.checkChannels(input);
    const single = input.ndim === this.unbatched;
    const { runningMean, runningVar, weight, bias, momentum, eps } = this;
    const useInputStats = this.training || !this.trackRunningStats;
    const x = single ? input.unsqueeze(0) : input;
    const y = F.instanceNorm(x, runningMean, runningVar, weight, bias, useInputStats, momentum ?? 0, eps);
    return single ? y.squeeze(0) : y;
  }

  private checkChannels(input: Tensor): void {
    const dim = input.ndim - this.unbatched;
    const found = input.shape[dim];
    if (found === this.numFeatures) return;
    if (this.affine)
      throw new ValueError(
        `expected input's size at dim=${dim} to match num_features (${this.numFeatures}), but got: ${found}.`,
      );
    warn(
      `input's size at dim=${dim} does not match num_features. You can silence this warning by not passing in num_features, which is not used because affine=False`,
    );
  }
}

/**
 * Normalisation of every channel of every sample of a [N, C, L] or [C, L] input on its own: (x - mean) / √(variance +
 * eps) · weight + bias.
 */
export class InstanceNorm1d extends InstanceNorm {
  protected get unbatched(): number {
    return 2;
  }
}

/**
 * Normalisation of every channel of every sample of a [N, C, H, W] or [C, H, W] input on its own: (x - mean) /
 * √(variance + eps) · weight + bias.
 */
export class InstanceNorm2d extends InstanceNorm {
  protected get unbatched(): number {
    return 3;
  }
}

/**
 * Normalisation of every channel of every sample of a [N, C, D, H, W] or [C, D, H, W] input on its own: (x - mean) /
 * √(variance + eps) · weight + bias.
 */
export class InstanceNorm3d extends InstanceNorm {
  protected get unbatched(): number {
    return 4;
  }
}

// ---- over layers and groups ------------------------------------------------------------------------------------

const layerNorm = signature(
  'LayerNorm(int[1] normalized_shape, float eps=1e-5, bool elementwise_affine=True, bool bias=True, Device? device=None, ScalarType? dtype=None)',
);

/**
 * (x - mean) / √(variance + eps) · weight + bias, with the statistics of each sample over its last dimensions, which
 * are `normalizedShape`.
 */
export class LayerNorm extends Module {
  declare normalizedShape: readonly number[];
  declare eps: number;
  declare elementwiseAffine: boolean;
  declare weight: Parameter | null;
  declare bias: Parameter | null;

  /**
   * @param normalizedShape the sizes of the last dimensions, over which is normalised
   * @param eps added to the variance
   * @param elementwiseAffine whether elements are scaled and shifted by learnt parameters
   * @param bias whether they are shifted, too
   */
  constructor(...args: Arguments<typeof layerNorm>) {
    super();
    const { bias, device, dtype, ...given } = layerNorm.bind(args);
    take(this, given);
    const { normalizedShape, elementwiseAffine } = given;
    this.registerParameter(
      'weight',
      elementwiseAffine ? parameter(normalizedShape, { device, dtype }) : null,
    );
    this.registerParameter(
      'bias',
      elementwiseAffine && bias ? parameter(normalizedShape, { device, dtype }) : null,
    );
    this.resetParameters();
  }

  resetParameters(): void {
    if (this.weight !== null) init.ones_(this.weight);
    if (this.bias !== null) init.zeros_(this.bias);
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.layerNorm(input, this.normalizedShape, this.weight, this.bias, this.eps);
  }

  override extraRepr(): string {
    return `${formatTuple(this.normalizedShape)}, eps=${settingText(this, 'eps')}, elementwise_affine=${formatBool(this.elementwiseAffine)}, bias=${formatBool(this.bias !== null)}`;
  }
}

takesNothing(LayerNorm.prototype, ['resetParameters']);

const rmsNorm = signature(
  'RMSNorm(int[1] normalized_shape, float? eps=None, bool elementwise_affine=True, Device? device=None, ScalarType? dtype=None)',
);

const ofX = signature('forward(Tensor x)');

/** x / √(mean(x²) + eps) · weight, with the mean over the last dimensions, which are `normalizedShape`. */
export class RMSNorm extends Module {
  declare normalizedShape: readonly number[];
  declare eps: number | null;
  declare elementwiseAffine: boolean;
  declare weight: Parameter | null;

  /**
   * @param normalizedShape the sizes of the last dimensions, over which is normalised
   * @param eps added to the mean square; null: the dtype's smallest step from 1
   * @param elementwiseAffine whether elements are scaled by learnt parameters
   */
  constructor(...args: Arguments<typeof rmsNorm>) {
    super();
    const { device, dtype, ...given } = rmsNorm.bind(args);
    take(this, given);
    const { normalizedShape, elementwiseAffine } = given;
    this.registerParameter(
      'weight',
      elementwiseAffine ? parameter(normalizedShape, { device, dtype }) : null,
    );
    this.resetParameters();
  }

  resetParameters(): void {
    if (this.weight !== null) init.ones_(this.weight);
  }

  override forward(...args: Arguments<typeof ofX>): Tensor {
    const [input] = ofX.inOrder(args, this);
    return F.rmsNorm(input, this.normalizedShape, this.weight, this.eps);
  }

  override extraRepr(): string {
    return `${formatTuple(this.normalizedShape)}, eps=${settingText(this, 'eps')}, elementwise_affine=${formatBool(this.elementwiseAffine)}`;
  }
}

takesNothing(RMSNorm.prototype, ['resetParameters']);

const groupNorm = signature(
  'GroupNorm(int num_groups, int num_channels, float eps=1e-5, bool affine=True, Device? device=None, ScalarType? dtype=None, *, bool bias=True)',
);

/**
 * (x - mean) / √(variance + eps) · weight + bias, with the statistics of each sample over each of `numGroups` groups
 * of channels of a [N, C, …] input.
 */
export class GroupNorm extends Module {
  declare numGroups: number;
  declare numChannels: number;
  declare eps: number;
  declare affine: boolean;
  declare weight: Parameter | null;
  declare bias: Parameter | null;

  /**
   * @param numGroups into how many groups the channels are divided
   * @param numChannels the number of channels
   * @param eps added to the variance
   * @param affine whether channels are scaled and shifted by learnt parameters
   * @param bias whether channels are shifted where they are scaled
   */
  constructor(...args: Arguments<typeof groupNorm>) {
    super();
    const { bias, device, dtype, ...given } = groupNorm.bind(args);
    const { numGroups, numChannels, affine } = given;
    if (numGroups <= 0) throw new ValueError(`num_groups (${numGroups}) must be positive`);
    if (numChannels % numGroups !== 0)
      throw new ValueError(`num_channels (${numChannels}) must be divisible by num_groups (${numGroups})`);
    take(this, given);
    this.registerParameter('weight', affine ? parameter([numChannels], { device, dtype }) : null);
    this.registerParameter('bias', affine && bias ? parameter([numChannels], { device, dtype }) : null);
    this.resetParameters();
  }

  resetParameters(): void {
    if (this.weight !== null) init.ones_(this.weight);
    if (this.bias !== null) init.zeros_(this.bias);
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    return F.groupNorm(input, this.numGroups, this.weight, this.bias, this.eps);
  }

  override extraRepr(): string {
    return `${this.numGroups}, ${this.numChannels}, eps=${settingText(this, 'eps')}, affine=${formatBool(this.affine)}, bias=${formatBool(this.bias !== null)}`;
  }
}

takesNothing(GroupNorm.prototype, ['resetParameters']);
