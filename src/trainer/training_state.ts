/** The state of a training beside its module: chance, and how far the data have been read. */
import { defaultGenerator, Generator } from '../core/generator.js';
import type { Tensor } from '../core/tensor.js';

/** States of generators. */
export type Chance = readonly Tensor[];

/** The generators that draw while a loader is iterated: torch's own first. */
export function generatorsOf(loader: unknown): Generator[] {
  const { generator, sampler } = (loader ?? {}) as { generator?: unknown; sampler?: { generator?: unknown } };
  const own = [generator, sampler?.generator].filter((one) => one instanceof Generator) as Generator[];
  return [...new Set([defaultGenerator, ...own])];
}

export const chanceOf = (generators: readonly Generator[]): Chance => generators.map((one) => one.getState());

export function setChance(generators: readonly Generator[], chance: Chance): void {
  for (const [i, generator] of generators.entries())
    if (chance[i] !== undefined) generator.setState(chance[i]);
}

/** The number of batches: of a loader, or of it a share or number; null where nobody knows. */
export function batchesOf(loader: unknown, limit: number | null): number | null {
  const { length } = loader as { length?: unknown };
  const all = typeof length === 'number' ? length : null;
  if (limit === null) return all;
  if (Number.isInteger(limit)) return all === null ? limit : Math.min(all, limit);
  return all === null ? null : Math.trunc(all * limit);
}

/** Tells a loader's sampler which epoch begins, if it asks: that of a `DistributedSampler` draws by it. */
export function startEpoch(loader: unknown, epoch: number): void {
  const { sampler } = (loader ?? {}) as { sampler?: { setEpoch?(epoch: number): void } };
  sampler?.setEpoch?.(epoch);
}
