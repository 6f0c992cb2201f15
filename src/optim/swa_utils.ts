/** `torch.optim.swaUtils`: averages of a network's weights over training. */
import { noGrad, noGradSync } from '../autograd/modes.js';
import { deepcopy } from '../core/deepcopy.js';
import type { Device } from '../core/device.js';
import { int64 } from '../core/dtype.js';
import { AssertionError, ValueError } from '../core/errors.js';
import { withKnownValue } from '../core/known_values.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { signed } from '../core/signature/signed.js';
import { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { Module } from '../nn/module.js';
import { BatchNorm1d, BatchNorm2d, BatchNorm3d } from '../nn/modules/normalization.js';

export { SWALR } from './lr_scheduler/swalr.js';

/** Gives the average that follows from the one so far, the present value, and how many the average is of. */
export type AverageFunction = (averaged: Tensor, current: Tensor, numAveraged: Tensor) => Tensor;
/** Changes all averages of one dtype and device in place. */
export type MultiAverageFunction = (
  averaged: readonly Tensor[],
  current: readonly Tensor[],
  numAveraged: Tensor,
) => void;

function checkDecay(decay: number): number {
  if (decay < 0 || decay > 1)
    throw new ValueError(`Invalid decay value ${decay} provided. Please provide a value in [0,1] range.`);
  return decay;
}

/** The function of an exponential moving average: each step keeps `decay` of it. @param decay between 0 and 1 */
export const getEmaAvgFn = signed('get_ema_avg_fn(float decay=0.999)', ({ decay }): AverageFunction => {
  checkDecay(decay);
  return (averaged, current) => noGradSync(() => averaged.mul(decay).add(current.mul(1 - decay)));
});

/** The function of an exponential moving average, for all parameters at once. @param decay between 0 and 1 */
export const getEmaMultiAvgFn = signed(
  'get_ema_multi_avg_fn(float decay=0.999)',
  ({ decay }): MultiAverageFunction => {
    checkDecay(decay);
    return (averaged, current) =>
      noGradSync(() => {
        for (const [i, average] of averaged.entries())
          if (average.isFloatingPoint() || average.isComplex()) average.lerp_(current[i], 1 - decay);
          else average.copy_(average.mul(decay).add(current[i].mul(1 - decay)));
      });
  },
);

/** The function of the mean of all. */
export const getSwaAvgFn = signed(
  'get_swa_avg_fn()',
  (): AverageFunction => (averaged, current, numAveraged) =>
    noGradSync(() => averaged.add(current.sub(averaged).div(numAveraged.add(1)))),
);

/** The function of the mean of all, for all parameters at once. */
export const getSwaMultiAvgFn = signed(
  'get_swa_multi_avg_fn()',
  (): MultiAverageFunction => (averaged, current, numAveraged) =>
    noGradSync(() => {
      // The weight is one of float32, whatever the averages are.
      const weight = Math.fround(1 / (countOf(numAveraged) + 1));
      for (const [i, average] of averaged.entries())
        if (average.isFloatingPoint() || average.isComplex()) average.lerp_(current[i], weight);
        else average.addcdiv_(current[i].sub(average), numAveraged.add(1));
    }),
);

const countOf = (numAveraged: Tensor): number => withKnownValue(numAveraged).item();

const averagedModel = signature(
  'AveragedModel(Any model, Device? device=None, Callable? avg_fn=None, Callable? multi_avg_fn=None, bool use_buffers=False)',
);
const updateParameters = signature('update_parameters(Any model)');
const updateBnSignature = signature('update_bn(Any loader, Any model, Device? device=None)');

/**
 * A copy of a network whose parameters are averages: the mean of all those that `updateParameters` was called with, or what `avgFn`
 * says.
 *
 * @example
 * const average = new torch.optim.swaUtils.AveragedModel(net, { multiAvgFn: torch.optim.swaUtils.getEmaMultiAvgFn(0.999) });
 * for (const [x, y] of batches) {
 *   train(x, y);
 *   average.updateParameters(net);
 * }
 */
export class AveragedModel<M extends Module = Module> extends Module {
  module: M;
  /** How many parameters the average is of. */
  declare nAveraged: Tensor;
  avgFn: AverageFunction | null;
  multiAvgFn: MultiAverageFunction | null;
  useBuffers: boolean;

  /**
   * @param model the network, of which a copy is made
   * @param device where the copy is; default: where the network is
   * @param avgFn the average of one parameter; default: the mean
   * @param multiAvgFn the average of all parameters of one dtype and device, in place; instead of `avgFn`
   * @param useBuffers whether buffers are averaged, too; they are copied otherwise
   */
  constructor(
    ...args: Arguments<
      typeof averagedModel,
      { model: M; avgFn: AverageFunction | null; multiAvgFn: MultiAverageFunction | null }
    >
  ) {
    super();
    const { model, device, avgFn, multiAvgFn, useBuffers } = averagedModel.bind(args);
    if (avgFn !== null && multiAvgFn !== null)
      throw new AssertionError('Only one of avg_fn and multi_avg_fn should be provided');
    this.module = deepcopy(model) as M;
    if (device !== null) this.module.to(device);
    this.registerBuffer('nAveraged', ops.scalarTensor(0, { dtype: int64, device }));
    this.avgFn = avgFn as AverageFunction | null;
    this.multiAvgFn = multiAvgFn as MultiAverageFunction | null;
    this.useBuffers = useBuffers;
  }

  protected override stateKey(property: string): string {
    return property === 'nAveraged' ? 'n_averaged' : property;
  }

  override forward(...inputs: Parameters<M['forward']>): ReturnType<M['forward']> {
    return this.module.forward(...(inputs as unknown[])) as ReturnType<M['forward']>;
  }

  /** Takes the parameters that a network has now into the average. @param model the network */
  updateParameters(...args: Arguments<typeof updateParameters, { model: Module }>): void {
    const model = updateParameters.bind(args).model as Module;
    const { module, useBuffers } = this;
    const all = (of: Module): Tensor[] =>
      useBuffers ? [...of.parameters(), ...of.buffers()] : of.parameters();
    noGradSync(() => {
      const source = all(model);
      const averaged = all(module)
        .slice(0, source.length)
        .map((tensor) => tensor.detach());
      const current = averaged.map(({ device }, i) => source[i].detach().to(device));
      if (countOf(this.nAveraged) === 0)
        for (const [i, average] of averaged.entries()) average.copy_(current[i]);
      else if (this.avgFn === null) this.averageAll(averaged, current);
      else
        for (const [i, average] of averaged.entries())
          average.copy_(this.avgFn(average, current[i], this.nAveraged.to(average.device)));
      if (!useBuffers) {
        const buffers = model.buffers();
        for (const [i, buffer] of module.buffers().entries()) buffer.copy_(buffers[i].detach());
      }
      this.nAveraged.add_(1);
    });
  }

  private averageAll(averaged: readonly Tensor[], current: readonly Tensor[]): void {
    const average = this.multiAvgFn ?? getSwaMultiAvgFn();
    const groups = new Map<string, number[]>();
    for (const [i, { device, dtype }] of averaged.entries()) {
      const key = `${device} ${dtype}`;
      groups.set(key, [...(groups.get(key) ?? []), i]);
    }
    for (const indices of groups.values()) {
      const { device } = averaged[indices[0]];
      average(
        indices.map((i) => averaged[i]),
        indices.map((i) => current[i]),
        this.nAveraged.to(device),
      );
    }
  }
}

/**
 * Computes the running statistics of a network's batch norms anew, by one pass over data in training mode: those of an average are
 * not the average of those.
 *
 * @param loader gives inputs, or lists of which the first is the input
 * @param model the network
 * @param device where to move the inputs; default: nowhere
 *
 * @example
 * await torch.optim.swaUtils.updateBn(loader, average);
 */
export async function updateBn(
  ...args: Arguments<
    typeof updateBnSignature,
    { loader: Iterable<unknown> | AsyncIterable<unknown>; model: Module }
  >
): Promise<void> {
  const { loader, model, device } = updateBnSignature.bind(args) as {
    loader: Iterable<unknown> | AsyncIterable<unknown>;
    model: Module;
    device: Device | null;
  };
  const norms = model
    .modules()
    .filter(
      (module) =>
        module instanceof BatchNorm1d || module instanceof BatchNorm2d || module instanceof BatchNorm3d,
    );
  if (norms.length === 0) return;
  await noGrad(async () => {
    const momenta = norms.map(({ momentum }) => momentum);
    const { training } = model;
    model.train();
    for (const norm of norms) {
      norm.resetRunningStats();
      norm.momentum = null;
    }
    for await (const batch of loader) {
      const input: unknown = Array.isArray(batch) ? batch[0] : batch;
      model.forward(device !== null && input instanceof Tensor ? input.to(device) : input);
    }
    for (const [i, norm] of norms.entries()) norm.momentum = momenta[i];
    model.train(training);
  });
}
