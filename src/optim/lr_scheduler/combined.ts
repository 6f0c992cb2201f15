import { TypeError, ValueError } from '../../core/errors.js';
import { readOptions } from '../../nn/arguments.js';
import { ReduceLROnPlateau } from './plateau.js';
import { type AnyOptimizer, countUpTo, LRScheduler, type SchedulerStateDict } from './scheduler.js';

/** Schedulers of one optimizer. */
abstract class Combined extends LRScheduler {
  readonly _schedulers: readonly LRScheduler[];

  protected constructor(
    name: string,
    optimizer: AnyOptimizer,
    schedulers: readonly LRScheduler[],
    lastEpoch: number,
    purpose: string,
  ) {
    super(optimizer, lastEpoch);
    if (schedulers.length < 1)
      throw new ValueError(`${name} expects at least one scheduler${purpose}, but got no scheduler.`);
    for (const [i, scheduler] of schedulers.entries()) {
      if (scheduler instanceof ReduceLROnPlateau)
        throw new ValueError(
          `${name} does not support \`ReduceLROnPlateau\` scheduler as it requires additional kwargs to be specified when calling \`step\`, but got one at index ${i} in the given schedulers sequence.`,
        );
      if (!(scheduler instanceof LRScheduler))
        throw new TypeError(`${name} at index ${i} should have \`optimizer\` as its attribute.`);
      if (scheduler.optimizer !== optimizer)
        throw new ValueError(
          `${name} expects all schedulers to belong to the same optimizer, but got scheduler ${(scheduler as LRScheduler).constructor.name} at index ${i} has ${String(scheduler.optimizer)}, which is different from ${optimizer.constructor.name}.`,
        );
    }
    this._schedulers = schedulers;
  }

  override getLr(): number[] {
    return this.currentLrs();
  }

  override stateDict(): SchedulerStateDict {
    return { ...super.stateDict(), _schedulers: this._schedulers.map((scheduler) => scheduler.stateDict()) };
  }

  override loadStateDict(stateDict: SchedulerStateDict): void {
    const { _schedulers, ...rest } = stateDict;
    super.loadStateDict(rest);
    for (const [i, state] of (_schedulers as SchedulerStateDict[]).entries())
      this._schedulers[i].loadStateDict(state);
  }
}

/** One scheduler after the other: the next takes over at each of the `milestones`. */
export class SequentialLR extends Combined {
  readonly _milestones: readonly number[];

  constructor(
    optimizer: AnyOptimizer,
    schedulers: readonly LRScheduler[],
    milestones: readonly number[],
    lastEpoch?: number | { lastEpoch?: number },
  ) {
    const options = readOptions('SequentialLR', { lastEpoch: -1 }, [lastEpoch]);
    super('SequentialLR', optimizer, schedulers, options.lastEpoch + 1, '');
    if (milestones.length !== schedulers.length - 1)
      throw new ValueError(
        `Sequential Schedulers expects number of schedulers provided to be one more than the number of milestone points, but got number of schedulers ${schedulers.length} and the number of milestones to be equal to ${milestones.length}`,
      );
    this._milestones = milestones;
    // Every scheduler has made its first step when it was created: undo them, and repeat that of the first to run.
    for (const group of optimizer.paramGroups) group.lr = group.initialLr as number;
    undo(this);
    const first = schedulers[countUpTo(milestones, 0)];
    first.initialStep();
    this._lastLr = first.getLastLr();
  }

  override step(): void {
    this.lastEpoch++;
    const i = countUpTo(this._milestones, this.lastEpoch);
    const scheduler = this._schedulers[i];
    if (i > 0 && this._milestones[i - 1] === this.lastEpoch) scheduler.updateLr(0);
    else scheduler.step();
    this._lastLr = scheduler.getLastLr();
  }
}

function undo(scheduler: LRScheduler): void {
  if (scheduler instanceof Combined) for (const part of scheduler._schedulers) undo(part);
  else scheduler.lastEpoch--;
}

/** All of the schedulers at every step, each upon what the one before did. */
export class ChainedScheduler extends Combined {
  constructor(schedulers: readonly LRScheduler[], optimizer: AnyOptimizer | null = null) {
    super('ChainedScheduler', optimizer ?? schedulers[0]?.optimizer, schedulers, -1, ' to be chained');
    this._lastLr = this.currentLrs();
  }

  override step(): void {
    for (const scheduler of this._schedulers) scheduler.step();
    this._lastLr = this.currentLrs();
  }
}
