/** Ends a training that no longer gets better. */
import { RuntimeError, ValueError } from '../core/errors.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { takes } from '../core/signature/takes.js';
import { Callback } from './callback.js';
import type { Training } from './training.js';

const earlyStopping = signature(
  "EarlyStopping(str monitor, float min_delta=0.0, int patience=3, str mode='min', bool strict=True, bool check_finite=True, float? stopping_threshold=None, float? divergence_threshold=None)",
);

/** Whether less or more is better. */
export type MonitorMode = 'min' | 'max';

/** @throws ValueError for a mode that there is not */
export function checkedMode(mode: string): MonitorMode {
  if (mode !== 'min' && mode !== 'max') throw new ValueError(`\`mode\` can be min, max, got ${mode}`);
  return mode;
}

/** Ends a training when a logged value has not got better for some epochs. */
export class EarlyStopping extends Callback {
  readonly monitor: string;
  readonly minDelta: number;
  readonly patience: number;
  readonly mode: MonitorMode;
  readonly #strict: boolean;
  readonly #checkFinite: boolean;
  readonly #stoppingThreshold: number | null;
  readonly #divergenceThreshold: number | null;
  /** How many epochs have not been better. */
  waitCount = 0;
  /** The epoch that was the last, or 0. */
  stoppedEpoch = 0;
  /** The best value so far. */
  bestScore: number;

  /**
   * @param monitor the name of the value
   * @param minDelta by how much a value must be better to count
   * @param patience so many epochs may pass that are not better
   * @param mode whether less (`'min'`) or more (`'max'`) is better
   * @param strict whether it is an error if the value is not logged
   * @param checkFinite whether a value that is not finite ends the training
   * @param stoppingThreshold a value that is good enough
   * @param divergenceThreshold a value that is so bad that there is no hope
   */
  constructor(...args: Arguments<typeof earlyStopping, { mode: MonitorMode }>) {
    super();
    const given = earlyStopping.bind(args);
    this.monitor = given.monitor;
    this.mode = checkedMode(given.mode);
    this.minDelta = given.minDelta;
    this.patience = given.patience;
    this.#strict = given.strict;
    this.#checkFinite = given.checkFinite;
    this.#stoppingThreshold = given.stoppingThreshold;
    this.#divergenceThreshold = given.divergenceThreshold;
    this.bestScore = this.mode === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  #isBetter(a: number, b: number): boolean {
    return this.mode === 'min' ? a < b : a > b;
  }

  override onTrainEpochEnd(trainer: Training): void {
    const value = trainer.callbackMetrics[this.monitor];
    if (value === undefined) {
      if (!this.#strict) return;
      throw new RuntimeError(
        `Early stopping conditioned on metric \`${this.monitor}\` which is not available. Pass in or modify your \`EarlyStopping\` callback to use any of the following: \`${Object.keys(trainer.callbackMetrics).join('`, `')}\``,
      );
    }
    if (this.#shouldStop(value)) {
      this.stoppedEpoch = trainer.currentEpoch;
      trainer.shouldStop = true;
    }
  }

  #shouldStop(value: number): boolean {
    if (this.#checkFinite && !Number.isFinite(value)) return true;
    const isPast = (threshold: number | null): boolean =>
      threshold !== null && this.#isBetter(value, threshold);
    if (isPast(this.#stoppingThreshold)) return true;
    const worst = this.#divergenceThreshold;
    if (worst !== null && this.#isBetter(-value, -worst)) return true;
    const delta = this.mode === 'min' ? -this.minDelta : this.minDelta;
    if (this.#isBetter(value - delta, this.bestScore)) {
      this.bestScore = value;
      this.waitCount = 0;
      return false;
    }
    this.waitCount++;
    return this.waitCount >= this.patience;
  }

  override stateDict(): Record<string, unknown> {
    const { waitCount, stoppedEpoch, bestScore, patience } = this;
    return { wait_count: waitCount, stopped_epoch: stoppedEpoch, best_score: String(bestScore), patience };
  }

  override loadStateDict(state: Record<string, unknown>): void {
    this.waitCount = state.wait_count as number;
    this.stoppedEpoch = state.stopped_epoch as number;
    this.bestScore = Number(state.best_score);
  }
}

takes(EarlyStopping.prototype, ['stateDict()', 'load_state_dict(Object state)']);
