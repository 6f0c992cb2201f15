import { ValueError } from '../../core/errors.js';
import { formatValue } from '../../core/repr.js';
import { readOptions } from '../../nn/arguments.js';
import { type AnyOptimizer, LRScheduler, perGroup } from './scheduler.js';

export interface OneCycleOptions {
  /** Steps in the cycle; or give `epochs` and `stepsPerEpoch`. */
  totalSteps: number | null;
  epochs: number | null;
  stepsPerEpoch: number | null;
  /** The share of the cycle in which the learning rate rises. Default 0.3. */
  pctStart: number;
  /** `'cos'` (the default) or `'linear'`. */
  annealStrategy: 'cos' | 'linear';
  /** Let the momentum move the other way, between these two. */
  cycleMomentum: boolean;
  baseMomentum: number | readonly number[];
  maxMomentum: number | readonly number[];
  /** The initial learning rate is `maxLr / divFactor`. Default 25. */
  divFactor: number;
  /** The last one is the initial one divided by this. Default 10000. */
  finalDivFactor: number;
  /** Fall to the initial learning rate first, and then to the last. Default false. */
  threePhase: boolean;
  lastEpoch: number;
}

interface Phase {
  readonly end_step: number;
  readonly start_lr: string;
  readonly end_lr: string;
  readonly start_momentum: string;
  readonly end_momentum: string;
}

const keys: Readonly<Record<string, string>> = {
  initial_lr: 'initialLr',
  max_lr: 'maxLr',
  min_lr: 'minLr',
  max_momentum: 'maxMomentum',
  base_momentum: 'baseMomentum',
};

/** One rise to `maxLr` and one fall far below the start, stepped after every batch (Smith and Topin, 2019). */
export class OneCycleLR extends LRScheduler {
  readonly totalSteps: number;
  readonly cycleMomentum: boolean;
  readonly useBeta1: boolean = false;
  readonly _schedulePhases: readonly Phase[];
  readonly _annealFuncType: 'cos' | 'linear';

  constructor(
    optimizer: AnyOptimizer,
    maxLr: number | readonly number[],
    totalSteps?: number | null | Partial<OneCycleOptions>,
    epochs?: number | null | Partial<OneCycleOptions>,
    stepsPerEpoch?: number | null | Partial<OneCycleOptions>,
    options?: Partial<OneCycleOptions>,
  ) {
    const defaults: OneCycleOptions = {
      totalSteps: null,
      epochs: null,
      stepsPerEpoch: null,
      pctStart: 0.3,
      annealStrategy: 'cos',
      cycleMomentum: true,
      baseMomentum: 0.85,
      maxMomentum: 0.95,
      divFactor: 25,
      finalDivFactor: 1e4,
      threePhase: false,
      lastEpoch: -1,
    };
    const given = readOptions('OneCycleLR', defaults, [totalSteps, epochs, stepsPerEpoch, options]);
    super(optimizer, given.lastEpoch);
    this.totalSteps = countSteps(given);
    if (!(given.pctStart >= 0 && given.pctStart <= 1))
      throw new ValueError(
        `Expected float between 0 and 1 pct_start, but got ${formatValue(given.pctStart)}`,
      );
    if (given.annealStrategy !== 'cos' && given.annealStrategy !== 'linear')
      throw new ValueError(
        `anneal_strategy must be one of 'cos' or 'linear', instead got ${String(given.annealStrategy)}`,
      );
    this._schedulePhases = phases(given, this.totalSteps);
    this._annealFuncType = given.annealStrategy;
    this.cycleMomentum = given.cycleMomentum;
    const first = given.lastEpoch === -1;
    const groups = optimizer.paramGroups as unknown as Record<string, number>[];
    const maxLrs = perGroup('max_lr', optimizer, maxLr);
    if (first)
      for (const [i, group] of groups.entries()) {
        group.initialLr = maxLrs[i] / given.divFactor;
        group.maxLr = maxLrs[i];
        group.minLr = group.initialLr / given.finalDivFactor;
      }
    if (given.cycleMomentum) {
      if (!('momentum' in optimizer.defaults || 'betas' in optimizer.defaults))
        throw new ValueError('optimizer must support momentum or beta1 with `cycle_momentum` option enabled');
      this.useBeta1 = 'betas' in optimizer.defaults;
      const highest = perGroup('max_momentum', optimizer, given.maxMomentum);
      const lowest = perGroup('base_momentum', optimizer, given.baseMomentum);
      if (first)
        for (const [i, group] of groups.entries()) {
          this.#setMomentum(group, highest[i]);
          group.maxMomentum = highest[i];
          group.baseMomentum = lowest[i];
        }
    }
    this.start();
  }

  #setMomentum(group: object, momentum: number): void {
    if (!this.useBeta1) Reflect.set(group, 'momentum', momentum);
    else {
      const [, beta2] = Reflect.get(group, 'betas') as readonly [number, number];
      Reflect.set(group, 'betas', [momentum, beta2]);
    }
  }

  override getLr(): number[] {
    const step = this.lastEpoch;
    if (step > this.totalSteps)
      throw new ValueError(
        `Tried to step ${step} times. The specified number of total steps is ${this.totalSteps}`,
      );
    const list = this._schedulePhases;
    const found = list.findIndex((phase) => step <= phase.end_step);
    const i = found < 0 ? list.length - 1 : found;
    const phase = list[i];
    const start = i === 0 ? 0 : list[i - 1].end_step;
    const done = (step - start) / (phase.end_step - start);
    const anneal = (group: object, from: string, to: string): number => {
      const a = Reflect.get(group, keys[from]) as number;
      const b = Reflect.get(group, keys[to]) as number;
      if (this._annealFuncType === 'linear') return (b - a) * done + a;
      return b + ((a - b) / 2) * (Math.cos(Math.PI * done) + 1);
    };
    return this.optimizer.paramGroups.map((group) => {
      if (this.cycleMomentum)
        this.#setMomentum(group, anneal(group, phase.start_momentum, phase.end_momentum));
      return anneal(group, phase.start_lr, phase.end_lr);
    });
  }
}

function countSteps({ totalSteps, epochs, stepsPerEpoch }: OneCycleOptions): number {
  const check = (name: string, value: number): number => {
    if (!(Number.isInteger(value) && value > 0))
      throw new ValueError(`Expected positive integer ${name}, but got ${formatValue(value)}`);
    return value;
  };
  if (totalSteps !== null) return check('total_steps', totalSteps);
  if (epochs !== null && stepsPerEpoch !== null)
    return check('epochs', epochs) * check('steps_per_epoch', stepsPerEpoch);
  throw new ValueError('You must define either total_steps OR (epochs AND steps_per_epoch)');
}

function phases({ pctStart, threePhase }: OneCycleOptions, totalSteps: number): Phase[] {
  const rise: Phase = {
    end_step: pctStart * totalSteps - 1,
    start_lr: 'initial_lr',
    end_lr: 'max_lr',
    start_momentum: 'max_momentum',
    end_momentum: 'base_momentum',
  };
  const end_step = totalSteps - 1;
  const fall = { start_lr: 'max_lr', start_momentum: 'base_momentum', end_momentum: 'max_momentum' };
  if (!threePhase) return [rise, { ...fall, end_step, end_lr: 'min_lr' }];
  return [
    rise,
    { ...fall, end_step: 2 * pctStart * totalSteps - 2, end_lr: 'initial_lr' },
    {
      end_step,
      start_lr: 'initial_lr',
      end_lr: 'min_lr',
      start_momentum: 'max_momentum',
      end_momentum: 'max_momentum',
    },
  ];
}
