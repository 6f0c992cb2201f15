/** What a ZeroRedundancyOptimizer does with lists of parameters. */
import { noGradSync } from '../../autograd/modes.js';
import { TypeError, ValueError } from '../../core/errors.js';
import { strided } from '../../core/memory_format.js';
import { isPlainObject } from '../../core/plain.js';
import { typeName } from '../../core/repr.js';
import { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import type { Group } from './partition.js';

/** Refuses what is no list of parameters of one dtype. @throws TypeError or ValueError in PyTorch's words */
export function checkParameters(params: unknown): void {
  if (
    params instanceof Tensor ||
    typeof params !== 'object' ||
    params === null ||
    !(Symbol.iterator in params)
  )
    throw new TypeError(`\`params\` argument should be an iterable of Tensors, but got ${typeName(params)}`);
  const all = [...(params as Iterable<unknown>)];
  if (all.length === 0) throw new ValueError('ZeroRedundancyOptimizer got an empty parameter list');
  const areTensors = all.every((one) => one instanceof Tensor);
  if (!areTensors && !all.every(isPlainObject))
    throw new TypeError('`params` argument should be an iterable of Tensors or dicts');
  const tensors = areTensors ? (all as Tensor[]) : (all as Group[]).flatMap(({ params: of }) => of ?? []);
  for (const { layout, dtype } of tensors)
    if (layout !== strided || dtype !== tensors[0].dtype)
      throw new ValueError(
        `ZeroRedundancyOptimizer only supports using the same dense type for all parameters but got both ${tensors[0].dtype} and ${layout === strided ? dtype : layout}`,
      );
}

/** The numbers of parameters through all groups. */
export const numbersOf = (groups: readonly Group[]): Map<Tensor, number> =>
  new Map(groups.flatMap(({ params }) => params).map((parameter, i) => [parameter, i]));

/** Gives groups the options of others. */
export function copyOptions(from: Iterable<object>, to: Iterable<object>): void {
  const others = [...to];
  for (const [i, group] of [...from].entries())
    for (const [name, value] of Object.entries(group))
      if (name !== 'params') Reflect.set(others[i], name, value);
}

/** Lets the tensors that learn lie one after the other, in one tensor for each device. */
export function joined(list: readonly Tensor[]): Tensor[] {
  const byDevice = new Map<string, Tensor[]>();
  for (const one of list) {
    if (one.requiresGrad)
      byDevice.set(String(one.device), [...(byDevice.get(String(one.device)) ?? []), one]);
    else one.data = noGradSync(() => one.detach().clone());
  }
  return [...byDevice.values()].map((tensors) =>
    noGradSync(() => {
      const bucket = ops.cat(tensors.map((one) => one.detach().reshape([-1])));
      let offset = 0;
      for (const one of tensors) {
        one.data = bucket.narrow(0, offset, one.numel()).view(one.shape);
        offset += one.numel();
      }
      return bucket;
    }),
  );
}
