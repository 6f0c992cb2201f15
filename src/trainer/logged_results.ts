/** Values that are logged in steps, and their means over an epoch. */
import { Tensor } from '../core/tensor.js';
import type { LoggedValue } from './lightning_module.js';

/** A mean that grows. */
interface Mean {
  sum: Tensor | number;
  count: number;
}

const plus = (a: Tensor | number, b: Tensor | number): Tensor | number => {
  if (a instanceof Tensor) return a.add(b);
  return b instanceof Tensor ? b.add(a) : a + b;
};

const read = async (value: Tensor | number): Promise<number> =>
  typeof value === 'number' ? value : value.itemAsync();

/** The size of a batch: of the first tensor that is found in it. */
export function sizeOf(batch: unknown): number {
  const found = firstTensor(batch);
  return found === null || found.ndim === 0 ? 1 : found.shape[0];
}

function firstTensor(batch: unknown): Tensor | null {
  if (batch instanceof Tensor) return batch;
  if (typeof batch !== 'object' || batch === null) return null;
  for (const item of Object.values(batch)) {
    const found = firstTensor(item);
    if (found !== null) return found;
  }
  return null;
}

export class LoggedResults {
  readonly #isTraining: boolean;
  #means = new Map<string, Mean>();
  /** Names whose values are shown, and those that loggers do not get. */
  readonly shown = new Set<string>();
  readonly #hidden = new Set<string>();
  #last = new Map<string, Tensor | number>();
  /** The size of the batch that is looked at. */
  batchSize = 1;

  constructor(isTraining: boolean) {
    this.#isTraining = isTraining;
  }

  add({ name, value: given, progBar, logger, onStep, onEpoch, batchSize }: LoggedValue): void {
    const byStep = onStep ?? this.#isTraining;
    const byEpoch = onEpoch ?? !this.#isTraining;
    const value = given instanceof Tensor ? given.detach().reshape([]) : given;
    const isBoth = byStep && byEpoch;
    const [stepName, epochName] = isBoth ? [`${name}_step`, `${name}_epoch`] : [name, name];
    for (const own of [stepName, epochName]) {
      if (progBar) this.shown.add(own);
      if (!logger) this.#hidden.add(own);
    }
    if (byStep) this.#last.set(stepName, value);
    if (!byEpoch) return;
    const weight = batchSize ?? this.batchSize;
    const weighted = typeof value === 'number' ? value * weight : value.float().mul(weight);
    const mean = this.#means.get(epochName);
    if (mean === undefined) this.#means.set(epochName, { sum: weighted, count: weight });
    else {
      mean.sum = plus(mean.sum, weighted);
      mean.count += weight;
    }
  }

  /** The values of the last step. */
  async steps(): Promise<Record<string, number>> {
    const values: Record<string, number> = {};
    for (const [name, value] of this.#last) values[name] = await read(value);
    return values;
  }

  /** The means over the epoch. */
  async epoch(): Promise<Record<string, number>> {
    const values: Record<string, number> = {};
    for (const [name, { sum, count }] of this.#means) values[name] = (await read(sum)) / count;
    return values;
  }

  /** Those of the values that loggers get. */
  forLoggers(values: Readonly<Record<string, number>>): Record<string, number> {
    return Object.fromEntries(Object.entries(values).filter(([name]) => !this.#hidden.has(name)));
  }

  /** The part that a checkpoint in the middle of an epoch keeps. */
  stateDict(): Record<string, Mean> {
    return Object.fromEntries([...this.#means].map(([name, mean]) => [name, { ...mean }]));
  }

  loadStateDict(state: Readonly<Record<string, Mean>>): void {
    this.#means = new Map(Object.entries(state).map(([name, mean]) => [name, { ...mean }]));
  }
}
