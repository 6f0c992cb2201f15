import { type Arguments, signature } from '../core/signature/signature.js';
import type { Module } from '../nn/module.js';
import { BatchNorm1d, BatchNorm2d, BatchNorm3d } from '../nn/modules/normalization.js';

const replaceSignature = signature('replace_all_batch_norm_modules_(Any root)');

/**
 * Takes the running statistics from every batch normalization in a module, which then uses each batch's own: a function in a
 * `vmap` cannot change what it shares.
 *
 * @param root the module, which is changed
 * @returns the module
 * @example
 * const net = torch.func.replaceAllBatchNormModules_(new nn.Sequential(new nn.Linear(2, 3), new nn.BatchNorm1d(3)));
 */
export function replaceAllBatchNormModules_<M extends Module>(
  ...args: Arguments<typeof replaceSignature, { root: M }>
): M {
  const root = replaceSignature.bind(args).root as M;
  for (const module of root.modules()) {
    const isNorm = [BatchNorm1d, BatchNorm2d, BatchNorm3d].some((Class) => module instanceof Class);
    if (!isNorm) continue;
    const norm = module as BatchNorm1d;
    if (!norm.trackRunningStats) continue;
    norm.runningMean = null;
    norm.runningVar = null;
    norm.numBatchesTracked = null;
    norm.trackRunningStats = false;
  }
  return root;
}
