import { KeyError, TypeError, ValueError } from '../../core/errors.js';
import { typeName } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takes, takesNothing } from '../../core/signature/takes.js';
import { ReduceLROnPlateau } from './plateau.js';
import { type AnyOptimizer, countUpTo, LRScheduler, type SchedulerStateDict } from './scheduler.js';

function listOf(name: string, schedulers: unknown): readonly LRScheduler[] {
  if (!Array.isArray(schedulers))
    throw new TypeError(
      `${name}(): argument 'schedulers' must be list of schedulers, not ${typeName(schedulers)}`,
    );
  return schedulers as LRScheduler[];
}

/** Schedulers of one optimizer. */
abstract class CombinedScheduler extends LRScheduler {
  /** @internal */
  readonly _schedulers: readonly LRScheduler[];

  protected constructor(
    name: string,
    optimizer: AnyOptimizer,
    schedulers: readonly LRScheduler[],
    lastEpoch: number,
    purpose: string,
  ) {
    if (schedulers.length < 1)
      throw new ValueError(`${name} expects at least one scheduler${purpose}, but got no scheduler.`);
    super(optimizer, lastEpoch);
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
    if (!Array.isArray(_schedulers)) throw new KeyError("'_schedulers'");
    super.loadStateDict(rest);
    for (const [i, state] of (_schedulers as SchedulerStateDict[]).entries())
      this._schedulers[i].loadStateDict(state);
  }
}
takes(CombinedScheduler.prototype, ['state_dict()', 'load_state_dict(Dict state_dict)']);

const sequentialLR = signature(
  'SequentialLR(Optimizer optimizer, Any schedulers, int[] milestones, int last_epoch=-1)',
);

/** One scheduler after the other: the next takes over at each of the `milestones`. */
export class SequentialLR extends CombinedScheduler {
  /** @internal */
  readonly _milestones: readonly number[];

  /**
   * @param optimizer the optimizer whose learning rates are set
   * @param schedulers schedulers of this optimizer, in the order in which they take over
   * @param milestones the epochs at which the next one takes over
   * @param lastEpoch the last epoch of an earlier run that is continued; -1 for a new one
   */
  constructor(...args: Arguments<typeof sequentialLR, { schedulers: readonly LRScheduler[] }>) {
    const { optimizer, milestones, lastEpoch, ...given } = sequentialLR.bind(args);
    const schedulers = listOf('SequentialLR', given.schedulers);
    super('SequentialLR', optimizer, schedulers, lastEpoch + 1, '');
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

takesNothing(SequentialLR.prototype, ['step']);

function undo(scheduler: LRScheduler): void {
  if (scheduler instanceof CombinedScheduler) for (const part of scheduler._schedulers) undo(part);
  else scheduler.lastEpoch--;
}

const chainedScheduler = signature('ChainedScheduler(Any schedulers, Optimizer? optimizer=None)');

/** All of the schedulers at every step, each upon what the one before did. */
export class ChainedScheduler extends CombinedScheduler {
  /**
   * @param schedulers schedulers of one optimizer
   * @param optimizer that optimizer; default: the first scheduler's
   */
  constructor(...args: Arguments<typeof chainedScheduler, { schedulers: readonly LRScheduler[] }>) {
    const given = chainedScheduler.bind(args);
    const schedulers = listOf('ChainedScheduler', given.schedulers);
    const optimizer = given.optimizer ?? schedulers[0]?.optimizer;
    super('ChainedScheduler', optimizer, schedulers, -1, ' to be chained');
    this._lastLr = this.currentLrs();
  }

  override step(): void {
    for (const scheduler of this._schedulers) scheduler.step();
    this._lastLr = this.currentLrs();
  }
}
takesNothing(ChainedScheduler.prototype, ['step']);
