import { camelCase } from '../../core/camel_case.js';
import { RuntimeError, TypeError, ValueError } from '../../core/errors.js';
import { typeName } from '../../core/repr.js';
import type { Tensor } from '../../core/tensor.js';
import { readOptions } from '../../nn/arguments.js';
import { Optimizer, snakeCase } from '../optimizer.js';
import type { AnyOptimizer, SchedulerStateDict } from './scheduler.js';

export interface PlateauOptions {
  /** Whether the metric should fall (`'min'`, the default) or rise (`'max'`). */
  mode: 'min' | 'max';
  /** What the learning rate is multiplied by. Default 0.1. */
  factor: number;
  /** How many epochs without improvement are allowed. Default 10. */
  patience: number;
  /** What counts as an improvement. Default 0.0001. */
  threshold: number;
  /** Whether `threshold` is relative to the best metric (`'rel'`, the default) or absolute (`'abs'`). */
  thresholdMode: 'rel' | 'abs';
  /** How many epochs to wait after a reduction. Default 0. */
  cooldown: number;
  /** The smallest learning rate, or one per group. Default 0. */
  minLr: number | readonly number[];
  /** A smaller change of the learning rate is not made. Default 1e-8. */
  eps: number;
}

/** Reduces the learning rate when a metric has stopped improving. `step(metric)` after every epoch. */
export class ReduceLROnPlateau {
  readonly optimizer: AnyOptimizer;
  factor: number;
  defaultMinLr: number | null;
  minLrs: number[];
  patience: number;
  cooldown: number;
  eps: number;
  lastEpoch = 0;
  /** @internal */
  _lastLr: number[];
  mode: 'min' | 'max';
  threshold: number;
  thresholdMode: 'rel' | 'abs';
  /** The best metric so far. */
  best: number;
  cooldownCounter = 0;
  numBadEpochs = 0;

  constructor(
    optimizer: AnyOptimizer,
    mode?: 'min' | 'max' | Partial<PlateauOptions>,
    factor?: number | Partial<PlateauOptions>,
    patience?: number | Partial<PlateauOptions>,
    options?: Partial<PlateauOptions>,
  ) {
    const defaults: PlateauOptions = {
      mode: 'min',
      factor: 0.1,
      patience: 10,
      threshold: 1e-4,
      thresholdMode: 'rel',
      cooldown: 0,
      minLr: 0,
      eps: 1e-8,
    };
    const given = readOptions('ReduceLROnPlateau', defaults, [mode, factor, patience, options]);
    if (given.factor >= 1) throw new ValueError('Factor should be < 1.0.');
    if (!(optimizer instanceof Optimizer)) throw new TypeError(`${typeName(optimizer)} is not an Optimizer`);
    const { length } = optimizer.paramGroups;
    if (typeof given.minLr !== 'number' && given.minLr.length !== length)
      throw new ValueError(`expected ${length} min_lrs, got ${given.minLr.length}`);
    if (given.mode !== 'min' && given.mode !== 'max')
      throw new ValueError(`mode ${String(given.mode)} is unknown!`);
    if (given.thresholdMode !== 'rel' && given.thresholdMode !== 'abs')
      throw new ValueError(`threshold mode ${String(given.thresholdMode)} is unknown!`);
    this.optimizer = optimizer;
    Object.defineProperty(this, 'optimizer', { enumerable: false });
    this.factor = given.factor;
    this.defaultMinLr = typeof given.minLr === 'number' ? given.minLr : null;
    this.minLrs =
      typeof given.minLr === 'number' ? new Array<number>(length).fill(given.minLr) : [...given.minLr];
    this.patience = given.patience;
    this.cooldown = given.cooldown;
    this.eps = given.eps;
    this.mode = given.mode;
    this.threshold = given.threshold;
    this.thresholdMode = given.thresholdMode;
    this.best = this.modeWorse;
    this._lastLr = this.#currentLrs();
  }

  /** What every metric is better than. */
  get modeWorse(): number {
    return this.mode === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  /** Whether the learning rate was reduced so recently that bad epochs do not count. */
  get inCooldown(): boolean {
    return this.cooldownCounter > 0;
  }

  #currentLrs(): number[] {
    return this.optimizer.paramGroups.map((group) => group.lr);
  }

  /** The learning rates set last, one per group. */
  getLastLr(): number[] {
    return this._lastLr;
  }

  /** Takes note of an epoch's metric. */
  step(metrics: number | Tensor): void {
    const current = typeof metrics === 'number' ? metrics : metrics.item();
    this.lastEpoch++;
    if (this.#isBetter(current)) {
      this.best = current;
      this.numBadEpochs = 0;
    } else this.numBadEpochs++;
    if (this.inCooldown) {
      this.cooldownCounter--;
      this.numBadEpochs = 0;
    }
    if (this.numBadEpochs > this.patience) {
      this.#reduce();
      this.cooldownCounter = this.cooldown;
      this.numBadEpochs = 0;
    }
    this._lastLr = this.#currentLrs();
  }

  #reduce(): void {
    const groups = this.optimizer.paramGroups;
    if (groups.length !== this.minLrs.length) {
      if (this.defaultMinLr === null)
        throw new RuntimeError(
          `The number of param groups in the \`optimizer\` (${groups.length}) differs from when \`ReduceLROnPlateau\` was initialized (${this.minLrs.length}), usually due to a new param group being added to the optimizer. Please modify the \`min_lrs\` field to match the length of the \`optimizer\` param groups.`,
        );
      this.minLrs = new Array<number>(groups.length).fill(this.defaultMinLr);
    }
    for (const [i, group] of groups.entries()) {
      const lr = Math.max(group.lr * this.factor, this.minLrs[i]);
      if (group.lr - lr > this.eps) group.lr = lr;
    }
  }

  #isBetter(metric: number): boolean {
    const { best, threshold } = this;
    if (this.mode === 'min')
      return metric < (this.thresholdMode === 'rel' ? best * (1 - threshold) : best - threshold);
    return metric > (this.thresholdMode === 'rel' ? best * (threshold + 1) : best + threshold);
  }

  /** What is needed to go on later, under Python's names. */
  stateDict(): SchedulerStateDict {
    const state: SchedulerStateDict = {};
    for (const [name, value] of Object.entries(this))
      state[snakeCase(name)] = Array.isArray(value) ? [...value] : value;
    state.mode_worse = this.modeWorse;
    return state;
  }

  /** Takes over what `stateDict()` returned. */
  loadStateDict(stateDict: SchedulerStateDict): void {
    for (const [name, value] of Object.entries(stateDict))
      if (name !== 'mode_worse')
        Reflect.set(this, camelCase(name), Array.isArray(value) ? [...value] : value);
  }
}
