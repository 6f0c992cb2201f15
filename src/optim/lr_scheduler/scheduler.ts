import { noGradSync } from '../../autograd/modes.js';
import { camelCase, snakeCase } from '../../core/camel_case.js';
import { KeyError, RuntimeError, TypeError, ValueError } from '../../core/errors.js';
import { libraryClass } from '../../core/object.js';
import { formatValue, typeName } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takesNothing } from '../../core/signature/takes.js';
import { Tensor } from '../../core/tensor.js';
import { warn } from '../../core/warnings.js';
import { Optimizer } from '../optimizer.js';

const loadStateDict = signature('load_state_dict(Dict state_dict)');

/** An optimizer whose learning rates a scheduler sets. */
export type AnyOptimizer = Optimizer;

/** A scheduler's settings and position, under Python's names. */
export type SchedulerStateDict = Record<string, unknown>;

/** The base class of learning-rate schedulers. A subclass says what the learning rates are at `lastEpoch`. */
export abstract class LRScheduler {
  /** The learning rates at the start, one per group. */
  baseLrs: number[] = [];
  /** How often `step()` was called since. */
  lastEpoch: number;
  /** @internal */
  _stepCount = 0;
  /** @internal */
  _isInitial = false;
  /** @internal Kept for checkpoints shared with Python. */
  _getLrCalledWithinStep = false;
  /** @internal */
  _lastLr: number[] = [];

  protected constructor(
    readonly optimizer: AnyOptimizer,
    lastEpoch = -1,
  ) {
    if (!(optimizer instanceof Optimizer)) throw new TypeError(`${typeName(optimizer)} is not an Optimizer`);
    this.lastEpoch = lastEpoch;
    // Python's dictionaries list the settings of the subclass first; the optimizer itself is no state.
    Object.defineProperty(this, 'optimizer', { enumerable: false });
  }

  /** Begins the schedule. A subclass's constructor calls it once its settings are in place. */
  protected start(): void {
    const groups = this.optimizer.paramGroups;
    if (this.lastEpoch === -1) for (const group of groups) group.initialLr ??= numberOf(group.lr);
    else
      for (const [i, group] of groups.entries())
        if (group.initialLr === undefined)
          throw new KeyError(
            `param 'initial_lr' is not specified in param_groups[${i}] when resuming scheduler with last_epoch >= 0.\n` +
              'This typically happens when:\n' +
              "1. You're trying to resume training from a checkpoint but haven't properly loaded the optimizer state\n" +
              "2. You're using last_epoch >= 0 for a fresh training run (not recommended)",
          );
    this.baseLrs = groups.map((group) => numberOf(group.initialLr));
    this.initialStep();
  }

  /** @internal Sets the learning rates of the first epoch. */
  initialStep(): void {
    this._stepCount = 0;
    this._isInitial = true;
    try {
      this.step();
    } finally {
      this._isInitial = false;
    }
  }

  /** The learning rates of the present epoch, one per group; called by `step()`. */
  abstract getLr(): number[];

  /** The learning rates set last, one per group. */
  getLastLr(): number[] {
    return this._lastLr;
  }

  /** The learning rates that the optimizer has now. */
  protected currentLrs(): number[] {
    return this.optimizer.paramGroups.map((group) => numberOf(group.lr));
  }

  /** Goes to the next epoch: call it after `optimizer.step()`. */
  step(): void {
    if (this.baseLrs.length === 0)
      throw new RuntimeError(
        `${this.constructor.name} has not begun: call this.start() at the end of its constructor`,
      );
    if (this._stepCount === 1 && !this.optimizer.stepCalled)
      warn(
        'Detected call of `lr_scheduler.step()` before `optimizer.step()`. In PyTorch 1.1.0 and later, you should call them in the opposite order: `optimizer.step()` before `lr_scheduler.step()`.  Failure to do this will result in PyTorch skipping the first value of the learning rate schedule. See more details at https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate',
      );
    this._stepCount++;
    this.updateLr();
  }

  /** @internal Sets the learning rates of the next epoch, or of `epoch`. */
  updateLr(epoch?: number): void {
    let values: number[];
    if (epoch === undefined) {
      this.lastEpoch++;
      values = this.getLr();
    } else {
      this.lastEpoch = epoch;
      values = this.closedFormLr() ?? this.getLr();
    }
    this.assign(values);
  }

  /** The learning rates of an epoch that was not reached step by step, where there is a formula for them. */
  protected closedFormLr(): number[] | null {
    return null;
  }

  protected assign(values: readonly number[]): void {
    const groups = this.optimizer.paramGroups;
    if (!Array.isArray(values) || values.length !== groups.length)
      throw new ValueError(
        `getLr() gives one learning rate per parameter group, of which there are ${groups.length}, but got ${formatValue(values)}`,
      );
    for (const [i, group] of groups.entries()) {
      const lr: unknown = group.lr;
      if (lr instanceof Tensor) noGradSync(() => lr.fill_(values[i]));
      else group.lr = values[i];
    }
    this._lastLr = this.currentLrs();
  }

  /** State from which to go on later, under Python's names. */
  stateDict(): SchedulerStateDict {
    const state: SchedulerStateDict = {};
    for (const [name, value] of Object.entries(this))
      if (typeof value !== 'function') state[snakeCase(name)] = Array.isArray(value) ? [...value] : value;
    return state;
  }

  /** Takes over what `stateDict()` returned. */
  loadStateDict(...args: Arguments<typeof loadStateDict, { stateDict: SchedulerStateDict }>): void {
    const { stateDict } = loadStateDict.bind(args);
    for (const [name, value] of Object.entries(stateDict))
      Reflect.set(this, camelCase(name), Array.isArray(value) ? [...value] : value);
  }
}

libraryClass(LRScheduler);

takesNothing(LRScheduler.prototype, ['step', 'stateDict', 'getLastLr']);

/** A learning rate, which may be a tensor of one element. */
function numberOf(lr: unknown): number {
  return lr instanceof Tensor ? lr.item() : (lr as number);
}

/** One value per group: a list as it is, a number for all of them. */
export function perGroup(name: string, optimizer: AnyOptimizer, value: number | readonly number[]): number[] {
  const { length } = optimizer.paramGroups;
  if (typeof value === 'number') return new Array<number>(length).fill(value);
  if (value.length !== length)
    throw new ValueError(
      `${name} must have the same length as optimizer.param_groups. ${name} has ${value.length} values, param_groups has ${length}.`,
    );
  return [...value];
}

/** How many entries of a sorted list are at most `value`. */
export function countUpTo(sorted: readonly number[], value: number): number {
  const i = sorted.findIndex((entry) => entry > value);
  return i < 0 ? sorted.length : i;
}
