import { camelCase, snakeCase } from '../../core/camel_case.js';
import { RuntimeError, TypeError, ValueError } from '../../core/errors.js';
import { libraryClass } from '../../core/object.js';
import { typeName } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takesNothing } from '../../core/signature/takes.js';
import { Optimizer } from '../optimizer.js';
import type { AnyOptimizer, SchedulerStateDict } from './scheduler.js';

const reduceLROnPlateau = signature(
  "ReduceLROnPlateau(Optimizer optimizer, 'min'|'max' mode='min', float factor=0.1, int patience=10, float threshold=1e-4, 'rel'|'abs' threshold_mode='rel', int cooldown=0, float|float[] min_lr=0, float eps=1e-8)",
);
const step = signature('step(float|Tensor metrics, int? epoch=None)');
const loadStateDict = signature('load_state_dict(Dict state_dict)');

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

  /**
   * @param optimizer the optimizer whose learning rates are set
   * @param mode whether the metric should fall or rise
   * @param factor what the learning rate is multiplied by
   * @param patience how many epochs without improvement are allowed
   * @param threshold what counts as an improvement
   * @param thresholdMode whether `threshold` is relative to the best metric or absolute
   * @param cooldown how many epochs to wait after a reduction
   * @param minLr the smallest learning rate, or one per group
   * @param eps a smaller change of the learning rate is not made
   */
  constructor(...args: Arguments<typeof reduceLROnPlateau>) {
    const { optimizer, minLr, ...given } = reduceLROnPlateau.bind(args);
    if (given.factor >= 1) throw new ValueError('Factor should be < 1.0.');
    if (!(optimizer instanceof Optimizer)) throw new TypeError(`${typeName(optimizer)} is not an Optimizer`);
    const { length } = optimizer.paramGroups;
    const minLrs = typeof minLr === 'number' ? new Array<number>(length).fill(minLr) : [...minLr];
    if (minLrs.length !== length) throw new ValueError(`expected ${length} min_lrs, got ${minLrs.length}`);
    if (given.mode !== 'min' && given.mode !== 'max')
      throw new ValueError(`mode ${String(given.mode)} is unknown!`);
    if (given.thresholdMode !== 'rel' && given.thresholdMode !== 'abs')
      throw new ValueError(`threshold mode ${String(given.thresholdMode)} is unknown!`);
    this.optimizer = optimizer;
    Object.defineProperty(this, 'optimizer', { enumerable: false });
    this.factor = given.factor;
    this.defaultMinLr = typeof minLr === 'number' ? minLr : null;
    this.minLrs = minLrs;
    this.patience = given.patience;
    this.cooldown = given.cooldown;
    this.eps = given.eps;
    this.mode = given.mode;
    this.threshold = given.threshold;
    this.thresholdMode = given.thresholdMode;
    this.best = this.modeWorse;
    this._lastLr = this.#currentLrs();
  }

  /** A value that every metric is better than. */
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
  step(...args: Arguments<typeof step>): void {
    const { metrics } = step.bind(args);
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

  /** State from which to go on later, under Python's names. */
  stateDict(): SchedulerStateDict {
    const state: SchedulerStateDict = {};
    for (const [name, value] of Object.entries(this))
      state[snakeCase(name)] = Array.isArray(value) ? [...value] : value;
    state.mode_worse = this.modeWorse;
    return state;
  }

  /** Takes over what `stateDict()` returned. */
  loadStateDict(...args: Arguments<typeof loadStateDict, { stateDict: SchedulerStateDict }>): void {
    const { stateDict } = loadStateDict.bind(args);
    for (const [name, value] of Object.entries(stateDict))
      if (name !== 'mode_worse')
        Reflect.set(this, camelCase(name), Array.isArray(value) ? [...value] : value);
  }
}

libraryClass(ReduceLROnPlateau);

takesNothing(ReduceLROnPlateau.prototype, ['stateDict', 'getLastLr']);
