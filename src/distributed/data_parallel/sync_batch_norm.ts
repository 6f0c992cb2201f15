import { Function as AutogradFunction, type FunctionContext } from '../../autograd/function.js';
import { float32 } from '../../core/dtype.js';
import { RuntimeError, ValueError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { ofInput } from '../../nn/inputs.js';
import type { Module } from '../../nn/module.js';
import { BatchNorm } from '../../nn/modules/normalization.js';
import { groupOr, group as groups, type ProcessGroup } from '../process_group.js';
import { allReduce } from '../reducing_collectives.js';

const syncBatchNorm = signature(
  'SyncBatchNorm(int num_features, float eps=1e-5, float? momentum=0.1, bool affine=True, bool track_running_stats=True, ProcessGroup? process_group=None, Device? device=None, ScalarType? dtype=None, *, bool bias=True)',
);
const convert = signature('convert_sync_batchnorm(Any module, ProcessGroup? process_group=None)');

/** A sum over all processes, there when this returns. */
function total(tensor: Tensor, group: ProcessGroup): Tensor {
  const work = allReduce(tensor, { group, asyncOp: true });
  if (!work.blocks)
    throw new RuntimeError(
      'SyncBatchNorm needs statistics of all processes within a forward pass, and this backend or device cannot be waited for without the event loop',
    );
  work.waitSync();
  return tensor;
}

/** A value for each channel, beside an input. */
const perChannel = (values: Tensor, input: Tensor): Tensor =>
  values.reshape([1, -1, ...input.shape.slice(2).map(() => 1)]);
const channelSums = (input: Tensor): Tensor => input.sum(input.shape.map((_, d) => d).filter((d) => d !== 1));
/** Halves are added up in single precision. */
const wide = (input: Tensor): Tensor => (input.dtype.itemsize < 4 ? input.to(float32) : input);

interface Statistics {
  readonly mean: Tensor;
  readonly invstd: Tensor;
  readonly count: number;
}

/** (x - mean) / √(variance + eps) · weight + bias, of all processes' inputs. */
class Normalize extends AutogradFunction {
  static override forward(
    ctx: FunctionContext,
    input: Tensor,
    weight: Tensor | null,
    bias: Tensor | null,
    { mean, invstd, count }: Statistics,
    group: ProcessGroup,
  ): Tensor {
    ctx.saveForBackward(input, weight, mean, invstd);
    Object.assign(ctx, { count, group });
    let result = wide(input).sub(perChannel(mean, input)).mul(perChannel(invstd, input));
    if (weight !== null) result = result.mul(perChannel(weight, input));
    if (bias !== null) result = result.add(perChannel(bias, input));
    return result.to(input.dtype);
  }

  static override backward(ctx: FunctionContext, grad: Tensor): (Tensor | null)[] {
    const [input, weight, mean, invstd] = ctx.savedTensors as [Tensor, Tensor | null, Tensor, Tensor];
    const { count, group } = ctx as unknown as { count: number; group: ProcessGroup };
    const given = wide(grad);
    const centred = wide(input).sub(perChannel(mean, input));
    const [sum, product] = [channelSums(given), channelSums(given.mul(centred))];
    const whole = total(ops.cat([sum, product]), group).div(count);
    const channels = mean.numel();
    const [meanGrad, meanProduct] = [whole.narrow(0, 0, channels), whole.narrow(0, channels, channels)];
    const scale = weight === null ? invstd : invstd.mul(weight);
    const gradInput = given
      .sub(perChannel(meanGrad, input))
      .sub(centred.mul(perChannel(meanProduct.mul(invstd).mul(invstd), input)))
      .mul(perChannel(scale, input))
      .to(input.dtype);
    // Those of the parameters are reduced with all other gradients.
    const gradWeight = weight === null ? null : product.mul(invstd).to(weight.dtype);
    return [gradInput, gradWeight, weight === null ? null : sum.to(weight.dtype), null, null];
  }
}

/**
 * Batch normalisation over the batches of all processes. In evaluation, and in a process that is alone, it is that of `BatchNorm2d` and its kin.
 *
 * @example
 * const net = dist.SyncBatchNorm.convertSyncBatchnorm(model);
 * const ddp = new dist.DistributedDataParallel(net);
 */
export class SyncBatchNorm extends BatchNorm {
  readonly processGroup: ProcessGroup | null;

  /**
   * @param numFeatures the number of channels
   * @param eps added to the variance
   * @param momentum how fast running statistics follow the batches'; null for their plain average
   * @param affine whether channels are scaled and shifted by learnt parameters
   * @param trackRunningStats whether running statistics are kept for evaluation
   * @param processGroup the processes; default: all
   * @param device default: the default device
   * @param dtype default: the default dtype
   * @param bias whether channels are shifted where they are scaled
   */
  constructor(...args: Arguments<typeof syncBatchNorm>) {
    const { processGroup, ...settings } = syncBatchNorm.bind(args);
    super(settings);
    this.processGroup = processGroup;
  }

  protected override check(input: Tensor): void {
    if (input.ndim < 2) throw new ValueError(`expected at least 2D input (got ${input.ndim}D input)`);
    if (input.shape[1] === 0)
      throw new ValueError('SyncBatchNorm number of input channels should be non-zero');
  }

  override forward(...args: Arguments<typeof ofInput>): Tensor {
    const [input] = ofInput.inOrder(args, this);
    this.check(input);
    const group = groups.WORLD === null ? null : groupOr(this.processGroup);
    if (!this.training || group === null || group.size() < 2) return super.forward(input);
    const statistics = this.#statistics(input, group);
    return Normalize.apply(input, this.weight, this.bias, statistics, group);
  }

  /** Mean and variance of all processes' inputs; running ones follow. */
  #statistics(input: Tensor, group: ProcessGroup): Statistics {
    const x = wide(input.detach());
    const channels = x.shape[1];
    const mine = x.numel() / channels;
    // Two sums, so that a large mean does not swallow a small variance.
    const counted = total(ops.cat([channelSums(x), x.newFull([1], mine)]), group);
    const count = counted.select(0, channels).item() as number;
    const mean = counted.narrow(0, 0, channels).div(count);
    const squares = total(channelSums(x.sub(perChannel(mean, x)).square()), group);
    const variance = squares.div(count);
    this.#follow(mean, squares.div(Math.max(count - 1, 1)));
    return { mean, invstd: variance.add(this.eps).rsqrt(), count };
  }

  #follow(mean: Tensor, variance: Tensor): void {
    const { runningMean, runningVar, numBatchesTracked } = this;
    if (!this.trackRunningStats || numBatchesTracked === null) return;
    numBatchesTracked.add_(1);
    const share = this.momentum ?? 1 / (numBatchesTracked.item() as number);
    runningMean?.lerp_(mean.to(runningMean.dtype), share);
    runningVar?.lerp_(variance.to(runningVar.dtype), share);
  }

  /**
   * Puts this in the place of all batch norms in a module.
   *
   * @param module the module, or itself a batch norm
   * @param processGroup the processes; default: all
   * @returns the module
   */
  static convertSyncBatchnorm<M extends Module>(
    ...args: Arguments<typeof convert, { module: M }>
  ): M | SyncBatchNorm {
    const { module, processGroup } = convert.bind(args) as { module: M; processGroup: ProcessGroup | null };
    if (module instanceof BatchNorm && !(module instanceof SyncBatchNorm)) return taken(module, processGroup);
    for (const [name, child] of module.namedChildren()) {
      const converted = SyncBatchNorm.convertSyncBatchnorm(child, processGroup);
      if (converted !== child) module.setSubmodule(name, converted);
    }
    return module;
  }
}

function taken(module: BatchNorm, processGroup: ProcessGroup | null): SyncBatchNorm {
  const { numFeatures, eps, momentum, affine, trackRunningStats } = module;
  const result = new SyncBatchNorm(numFeatures, { eps, momentum, affine, trackRunningStats, processGroup });
  if (affine) {
    result.weight = module.weight;
    result.bias = module.bias;
  }
  result.runningMean = module.runningMean;
  result.runningVar = module.runningVar;
  result.numBatchesTracked = module.numBatchesTracked;
  result.training = module.training;
  return result;
}
