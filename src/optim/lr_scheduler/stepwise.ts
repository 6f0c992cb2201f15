import { ValueError } from '../../core/errors.js';
import { readOptions } from '../../nn/arguments.js';
import { type AnyOptimizer, LRScheduler, type SchedulerStateDict } from './scheduler.js';

type Lambda = (epoch: number) => number;

abstract class FunctionScheduler extends LRScheduler {
  lrLambdas: Lambda[];

  constructor(optimizer: AnyOptimizer, lrLambda: Lambda | readonly Lambda[], lastEpoch?: number | LastEpoch) {
    super(optimizer, readOptions('LambdaLR', { lastEpoch: -1 }, [lastEpoch]).lastEpoch);
    const { length } = optimizer.paramGroups;
    if (typeof lrLambda === 'function') this.lrLambdas = new Array<Lambda>(length).fill(lrLambda);
    else {
      if (lrLambda.length !== length)
        throw new ValueError(`Expected ${length} lr_lambdas, but got ${lrLambda.length}`);
      this.lrLambdas = [...lrLambda];
    }
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

interface LastEpoch {
  /** The last epoch of an earlier run that is continued; -1 for a new one. */
  lastEpoch?: number;
}

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

/** Times `gamma` every `stepSize` epochs. */
export class StepLR extends LRScheduler {
  readonly gamma: number;

  constructor(
    optimizer: AnyOptimizer,
    readonly stepSize: number,
    gamma?: number | ({ gamma?: number } & LastEpoch),
    lastEpoch?: number | LastEpoch,
  ) {
    const options = readOptions('StepLR', { gamma: 0.1, lastEpoch: -1 }, [gamma, lastEpoch]);
    super(optimizer, options.lastEpoch);
    this.gamma = options.gamma;
    this.start();
  }

  override getLr(): number[] {
    const lrs = this.currentLrs();
    if (this.lastEpoch === 0 || this.lastEpoch % this.stepSize !== 0) return lrs;
    return lrs.map((lr) => lr * this.gamma);
  }

  protected override closedFormLr(): number[] {
    return this.baseLrs.map((lr) => lr * this.gamma ** Math.floor(this.lastEpoch / this.stepSize));
  }
}

/** Times `gamma` at each of the epochs in `milestones`. */
export class MultiStepLR extends LRScheduler {
  readonly gamma: number;
  /** How often each epoch was listed. */
  readonly milestones: Readonly<Record<string, number>>;

  constructor(
    optimizer: AnyOptimizer,
    milestones: Iterable<number>,
    gamma?: number | ({ gamma?: number } & LastEpoch),
    lastEpoch?: number | LastEpoch,
  ) {
    const options = readOptions('MultiStepLR', { gamma: 0.1, lastEpoch: -1 }, [gamma, lastEpoch]);
    super(optimizer, options.lastEpoch);
    const counts: Record<string, number> = {};
    for (const epoch of milestones) counts[epoch] = (counts[epoch] ?? 0) + 1;
    this.milestones = counts;
    this.gamma = options.gamma;
    this.start();
  }

  override getLr(): number[] {
    const times = this.milestones[this.lastEpoch];
    const lrs = this.currentLrs();
    return times === undefined ? lrs : lrs.map((lr) => lr * this.gamma ** times);
  }

  protected override closedFormLr(): number[] {
    let times = 0;
    for (const [epoch, count] of Object.entries(this.milestones))
      if (Number(epoch) <= this.lastEpoch) times += count;
    return this.baseLrs.map((lr) => lr * this.gamma ** times);
  }
}

/** Times `factor` for the first `totalIters` epochs. */
export class ConstantLR extends LRScheduler {
  readonly factor: number;
  readonly totalIters: number;

  constructor(
    optimizer: AnyOptimizer,
    factor?: number | ({ factor?: number; totalIters?: number } & LastEpoch),
    totalIters?: number | ({ totalIters?: number } & LastEpoch),
    lastEpoch?: number | LastEpoch,
  ) {
    const defaults = { factor: 1 / 3, totalIters: 5, lastEpoch: -1 };
    const options = readOptions('ConstantLR', defaults, [factor, totalIters, lastEpoch]);
    if (options.factor > 1 || options.factor < 0)
      throw new ValueError('Constant multiplicative factor expected to be between 0 and 1.');
    super(optimizer, options.lastEpoch);
    this.factor = options.factor;
    this.totalIters = options.totalIters;
    this.start();
  }

  override getLr(): number[] {
    const lrs = this.currentLrs();
    if (this.lastEpoch === 0) return lrs.map((lr) => lr * this.factor);
    return this.lastEpoch === this.totalIters ? lrs.map((lr) => lr * (1 / this.factor)) : lrs;
  }

  protected override closedFormLr(): number[] {
    const factor = this.lastEpoch >= this.totalIters ? this.factor + (1 - this.factor) : this.factor;
    return this.baseLrs.map((lr) => lr * factor);
  }
}

/** From `startFactor` to `endFactor` times the initial learning rate, in `totalIters` equal steps. */
export class LinearLR extends LRScheduler {
  readonly startFactor: number;
  readonly endFactor: number;
  readonly totalIters: number;

  constructor(
    optimizer: AnyOptimizer,
    startFactor?: number | ({ startFactor?: number; endFactor?: number; totalIters?: number } & LastEpoch),
    endFactor?: number | ({ endFactor?: number; totalIters?: number } & LastEpoch),
    totalIters?: number | ({ totalIters?: number } & LastEpoch),
    lastEpoch?: number | LastEpoch,
  ) {
    const defaults = { startFactor: 1 / 3, endFactor: 1, totalIters: 5, lastEpoch: -1 };
    const options = readOptions('LinearLR', defaults, [startFactor, endFactor, totalIters, lastEpoch]);
    if (options.startFactor > 1 || options.startFactor <= 0)
      throw new ValueError(
        'Starting multiplicative factor expected to be greater than 0 and less or equal to 1.',
      );
    if (options.endFactor > 1 || options.endFactor < 0)
      throw new ValueError('Ending multiplicative factor expected to be between 0 and 1.');
    super(optimizer, options.lastEpoch);
    this.startFactor = options.startFactor;
    this.endFactor = options.endFactor;
    this.totalIters = options.totalIters;
    this.start();
  }

  override getLr(): number[] {
    const lrs = this.currentLrs();
    const { startFactor, lastEpoch, totalIters } = this;
    if (lastEpoch === 0) return lrs.map((lr) => lr * startFactor);
    if (this._isInitial || lastEpoch > totalIters) return lrs;
    const rise = this.endFactor - startFactor;
    return lrs.map((lr) => lr * (1 + rise / (totalIters * startFactor + (lastEpoch - 1) * rise)));
  }

  protected override closedFormLr(): number[] {
    const { startFactor, endFactor, lastEpoch, totalIters } = this;
    const factor = startFactor + ((endFactor - startFactor) * Math.min(totalIters, lastEpoch)) / totalIters;
    return this.baseLrs.map((lr) => lr * factor);
  }
}

/** Times `gamma` every epoch. */
export class ExponentialLR extends LRScheduler {
  constructor(
    optimizer: AnyOptimizer,
    readonly gamma: number,
    lastEpoch?: number | LastEpoch,
  ) {
    super(optimizer, readOptions('ExponentialLR', { lastEpoch: -1 }, [lastEpoch]).lastEpoch);
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

/** Down to 0 in `totalIters` epochs along a polynomial. */
export class PolynomialLR extends LRScheduler {
  readonly totalIters: number;
  readonly power: number;

  constructor(
    optimizer: AnyOptimizer,
    totalIters?: number | ({ totalIters?: number; power?: number } & LastEpoch),
    power?: number | ({ power?: number } & LastEpoch),
    lastEpoch?: number | LastEpoch,
  ) {
    const defaults = { totalIters: 5, power: 1, lastEpoch: -1 };
    const options = readOptions('PolynomialLR', defaults, [totalIters, power, lastEpoch]);
    super(optimizer, options.lastEpoch);
    this.totalIters = options.totalIters;
    this.power = options.power;
    this.start();
  }

  override getLr(): number[] {
    const lrs = this.currentLrs();
    const { lastEpoch, totalIters, power } = this;
    if (this._isInitial || lastEpoch > totalIters) return lrs;
    const factor = ((1 - lastEpoch / totalIters) / (1 - (lastEpoch - 1) / totalIters)) ** power;
    return lrs.map((lr) => lr * factor);
  }

  protected override closedFormLr(): number[] {
    const { lastEpoch, totalIters, power } = this;
    return this.baseLrs.map((lr) => lr * (1 - Math.min(totalIters, lastEpoch) / totalIters) ** power);
  }
}
