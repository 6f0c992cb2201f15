import { RuntimeError, TypeError, ValueError } from '../../core/errors.js';
import { formatValue } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takes } from '../../core/signature/takes.js';
import { divided, remainder } from './division.js';
import { LRScheduler, type SchedulerStateDict } from './scheduler.js';

export type Schedule = (epoch: number) => number;

const lambdaLR = signature('LambdaLR(Optimizer optimizer, Callable|Callable[] lr_lambda, int last_epoch=-1)');

abstract class FunctionScheduler extends LRScheduler {
  lrLambdas: Schedule[];

  /**
   * @param optimizer the optimizer whose learning rates are set
   * @param lrLambda a function of the epoch, or one for each parameter group
   * @param lastEpoch the last epoch of an earlier run that is continued; -1 for a new one
   */
  constructor(...args: Arguments<typeof lambdaLR, { lrLambda: Schedule | readonly Schedule[] }>) {
    const { optimizer, lrLambda, lastEpoch } = lambdaLR.bind(args, new.target.name);
    super(optimizer, lastEpoch);
    const { length } = optimizer.paramGroups;
    const lambdas = (
      typeof lrLambda === 'function' ? new Array(length).fill(lrLambda) : lrLambda
    ) as Schedule[];
    if (lambdas.length !== length)
      throw new ValueError(`Expected ${length} lr_lambdas, but got ${lambdas.length}`);
    this.lrLambdas = lambdas;
    this.start();
  }

  /** Functions are not saved, as in Python. */
  override stateDict(): SchedulerStateDict {
    return { ...super.stateDict(), lr_lambdas: this.lrLambdas.map(() => null) };
  }

  override loadStateDict(stateDict: SchedulerStateDict): void {
    const { lr_lambdas: _, ...rest } = stateDict;
    super.loadStateDict(rest);
  }
}
takes(FunctionScheduler.prototype, ['state_dict()', 'load_state_dict(Dict state_dict)']);

/** The initial learning rate times a function of the epoch. */
export class LambdaLR extends FunctionScheduler {
  override getLr(): number[] {
    return this.baseLrs.map((lr, i) => lr * this.lrLambdas[i](this.lastEpoch));
  }
}

/** The learning rate times a function of the epoch, at every epoch. */
export class MultiplicativeLR extends FunctionScheduler {
  override getLr(): number[] {
    const lrs = this.currentLrs();
    return this._isInitial ? lrs : lrs.map((lr, i) => lr * this.lrLambdas[i](this.lastEpoch));
  }
}

const stepLR = signature('StepLR(Optimizer optimizer, int step_size, float gamma=0.1, int last_epoch=-1)');

/** Times `gamma` every `stepSize` epochs. */
export class StepLR extends LRScheduler {
  readonly stepSize: number;
  readonly gamma: number;

  /**
   * @param optimizer the optimizer whose learning rates are set
   * @param stepSize how many epochs a step has
   * @param gamma what the learning rate is multiplied by
   * @param lastEpoch the last epoch of an earlier run that is continued; -1 for a new one
   */
  constructor(...args: Arguments<typeof stepLR>) {
    const { optimizer, lastEpoch, stepSize, gamma } = stepLR.bind(args);
    super(optimizer, lastEpoch);
    this.stepSize = stepSize;
    this.gamma = gamma;
    this.start();
  }

  override getLr(): number[] {
    const lrs = this.currentLrs();
    if (this.lastEpoch === 0 || remainder(this.lastEpoch, this.stepSize) !== 0) return lrs;
    return lrs.map((lr) => lr * this.gamma);
  }

  protected override closedFormLr(): number[] {
    return this.baseLrs.map((lr) => lr * this.gamma ** Math.floor(divided(this.lastEpoch, this.stepSize)));
  }
}

const multiStepLR = signature(
  'MultiStepLR(Optimizer optimizer, Iterable milestones, float gamma=0.1, int last_epoch=-1)',
);

/** Times `gamma` at each of the epochs in `milestones`. */
export class MultiStepLR extends LRScheduler {
  readonly gamma: number;
  /** How often each epoch was listed. */
  milestones: ReadonlyMap<number, number>;

  /**
   * @param optimizer the optimizer whose learning rates are set
   * @param milestones the epochs at which the learning rate changes
   * @param gamma what it is multiplied by
   * @param lastEpoch the last epoch of an earlier run that is continued; -1 for a new one
   */
  constructor(...args: Arguments<typeof multiStepLR, { milestones: Iterable<number> }>) {
    const { optimizer, milestones, gamma, lastEpoch } = multiStepLR.bind(args);
    super(optimizer, lastEpoch);
    const counts = new Map<number, number>();
    for (const epoch of milestones as Iterable<number>) {
      if (!Number.isSafeInteger(epoch))
        throw new TypeError(`MultiStepLR(): milestones must be ints, but one is ${formatValue(epoch)}`);
      counts.set(epoch, (counts.get(epoch) ?? 0) + 1);
    }
    this.milestones = counts;
    this.gamma = gamma;
    this.start();
  }

  override getLr(): number[] {
    const times = this.milestones.get(this.lastEpoch);
    const lrs = this.currentLrs();
    return times === undefined ? lrs : lrs.map((lr) => lr * this.gamma ** times);
  }

  protected override closedFormLr(): number[] {
    let times = 0;
    for (const [epoch, count] of this.milestones) if (epoch <= this.lastEpoch) times += count;
    return this.baseLrs.map((lr) => lr * this.gamma ** times);
  }

  /** Takes over what `stateDict()` returned; what has gone through JSON names its milestones by strings. */
  override loadStateDict(...args: Parameters<LRScheduler['loadStateDict']>): void {
    super.loadStateDict(...args);
    const milestones: unknown = this.milestones;
    const entries = milestones instanceof Map ? [...milestones] : Object.entries(milestones as object);
    this.milestones = new Map(entries.map(([epoch, count]) => [Number(epoch), count]));
  }
}

const constantLR = signature(
  'ConstantLR(Optimizer optimizer, float factor=0.3333333333333333, int total_iters=5, int last_epoch=-1)',
);

/** Times `factor` for the first `totalIters` epochs. */
export class ConstantLR extends LRScheduler {
  readonly factor: number;
  readonly totalIters: number;

  /**
   * @param optimizer the optimizer whose learning rates are set
   * @param factor what the learning rate is multiplied by
   * @param totalIters for how many epochs
   * @param lastEpoch the last epoch of an earlier run that is continued; -1 for a new one
   */
  constructor(...args: Arguments<typeof constantLR>) {
    const { optimizer, lastEpoch, factor, totalIters } = constantLR.bind(args);
    if (factor > 1 || factor < 0)
      throw new ValueError('Constant multiplicative factor expected to be between 0 and 1.');
    super(optimizer, lastEpoch);
    this.factor = factor;
    this.totalIters = totalIters;
    this.start();
  }

  override getLr(): number[] {
    const lrs = this.currentLrs();
    if (this.lastEpoch === 0) return lrs.map((lr) => lr * this.factor);
    return this.lastEpoch === this.totalIters ? lrs.map((lr) => lr * divided(1, this.factor)) : lrs;
  }

  protected override closedFormLr(): number[] {
    const factor = this.lastEpoch >= this.totalIters ? this.factor + (1 - this.factor) : this.factor;
    return this.baseLrs.map((lr) => lr * factor);
  }
}

const linearLR = signature(
  'LinearLR(Optimizer optimizer, float start_factor=0.3333333333333333, float end_factor=1.0, int total_iters=5, int last_epoch=-1)',
);

/** From `startFactor` to `endFactor` times the initial learning rate, in `totalIters` equal steps. */
export class LinearLR extends LRScheduler {
  readonly startFactor: number;
  readonly endFactor: number;
  readonly totalIters: number;

  /**
   * @param optimizer the optimizer whose learning rates are set
   * @param startFactor what the learning rate is multiplied by at first
   * @param endFactor and at the end
   * @param totalIters how many epochs lie between
   * @param lastEpoch the last epoch of an earlier run that is continued; -1 for a new one
   */
  constructor(...args: Arguments<typeof linearLR>) {
    const { optimizer, lastEpoch, startFactor, endFactor, totalIters } = linearLR.bind(args);
    if (startFactor > 1 || startFactor <= 0)
      throw new ValueError(
        'Starting multiplicative factor expected to be greater than 0 and less or equal to 1.',
      );
    if (endFactor > 1 || endFactor < 0)
      throw new ValueError('Ending multiplicative factor expected to be between 0 and 1.');
    super(optimizer, lastEpoch);
    this.startFactor = startFactor;
    this.endFactor = endFactor;
    this.totalIters = totalIters;
    this.start();
  }

  override getLr(): number[] {
    const lrs = this.currentLrs();
    const { startFactor, lastEpoch, totalIters } = this;
    if (lastEpoch === 0) return lrs.map((lr) => lr * startFactor);
    if (this._isInitial || lastEpoch > totalIters) return lrs;
    const rise = this.endFactor - startFactor;
    return lrs.map((lr) => lr * (1 + divided(rise, totalIters * startFactor + (lastEpoch - 1) * rise)));
  }

  protected override closedFormLr(): number[] {
    const { startFactor, endFactor, lastEpoch, totalIters } = this;
    const factor =
      startFactor + divided((endFactor - startFactor) * Math.min(totalIters, lastEpoch), totalIters);
    return this.baseLrs.map((lr) => lr * factor);
  }
}

const exponentialLR = signature('ExponentialLR(Optimizer optimizer, float gamma, int last_epoch=-1)');

/** Times `gamma` every epoch. */
export class ExponentialLR extends LRScheduler {
  readonly gamma: number;

  /**
   * @param optimizer the optimizer whose learning rates are set
   * @param gamma what the learning rate is multiplied by every epoch
   * @param lastEpoch the last epoch of an earlier run that is continued; -1 for a new one
   */
  constructor(...args: Arguments<typeof exponentialLR>) {
    const { optimizer, lastEpoch, gamma } = exponentialLR.bind(args);
    super(optimizer, lastEpoch);
    this.gamma = gamma;
    this.start();
  }

  override getLr(): number[] {
    const lrs = this.currentLrs();
    return this._isInitial ? lrs : lrs.map((lr) => lr * this.gamma);
  }

  protected override closedFormLr(): number[] {
    return this.baseLrs.map((lr) => lr * this.gamma ** this.lastEpoch);
  }
}

const polynomialLR = signature(
  'PolynomialLR(Optimizer optimizer, int total_iters=5, float power=1.0, int last_epoch=-1)',
);

/** Down to 0 in `totalIters` epochs along a polynomial. */
export class PolynomialLR extends LRScheduler {
  readonly totalIters: number;
  readonly power: number;

  /**
   * @param optimizer the optimizer whose learning rates are set
   * @param totalIters the number of epochs until it is 0
   * @param power the power of the polynomial
   * @param lastEpoch the last epoch of an earlier run that is continued; -1 for a new one
   */
  constructor(...args: Arguments<typeof polynomialLR>) {
    const { optimizer, lastEpoch, totalIters, power } = polynomialLR.bind(args);
    super(optimizer, lastEpoch);
    this.totalIters = totalIters;
    this.power = power;
    this.start();
  }

  override getLr(): number[] {
    const lrs = this.currentLrs();
    const { lastEpoch, totalIters, power } = this;
    if (this._isInitial || lastEpoch > totalIters) return lrs;
    const factor = divided(1 - divided(lastEpoch, totalIters), 1 - divided(lastEpoch - 1, totalIters));
    if (factor === 0 && power < 0)
      throw new RuntimeError('ZeroDivisionError: 0.0 cannot be raised to a negative power');
    return lrs.map((lr) => lr * factor ** power);
  }

  protected override closedFormLr(): number[] {
    const { lastEpoch, totalIters, power } = this;
    return this.baseLrs.map((lr) => lr * (1 - divided(Math.min(totalIters, lastEpoch), totalIters)) ** power);
  }
}
