import { ValueError } from '../../core/errors.js';
import { formatValue } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { setMomentum, usesBeta1 } from './cycled_momentum.js';
import { divided } from './division.js';
import { LRScheduler, perGroup } from './scheduler.js';

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

const oneCycleLR = signature(
  "OneCycleLR(Optimizer optimizer, float|float[] max_lr, float? total_steps=None, float? epochs=None, float? steps_per_epoch=None, float pct_start=0.3, 'cos'|'linear' anneal_strategy='cos', bool cycle_momentum=True, float|float[] base_momentum=0.85, float|float[] max_momentum=0.95, float div_factor=25.0, float final_div_factor=1e4, bool three_phase=False, int last_epoch=-1)",
);

type OneCycleSettings = ReturnType<typeof oneCycleLR.bind>;

/** One rise to `maxLr` and one fall far below the start, stepped after every batch (Smith and Topin, 2019). */
export class OneCycleLR extends LRScheduler {
  readonly totalSteps: number;
  readonly cycleMomentum: boolean;
  /** Whether the momentum is the first of `betas`; only where there is one to change. */
  declare readonly useBeta1?: boolean;
  /** @internal */
  readonly _schedulePhases: readonly Phase[];
  /** @internal */
  readonly _annealFuncType: 'cos' | 'linear';

  /**
   * @param optimizer the optimizer whose learning rates are set
   * @param maxLr the largest learning rate, or one per parameter group
   * @param totalSteps the steps in the cycle; or give `epochs` and `stepsPerEpoch`
   * @param epochs the epochs in the cycle
   * @param stepsPerEpoch the steps in an epoch
   * @param pctStart the share of the cycle in which the learning rate rises
   * @param annealStrategy along a cosine or a line
   * @param cycleMomentum whether the momentum moves the other way
   * @param baseMomentum the smallest momentum
   * @param maxMomentum the largest momentum
   * @param divFactor what the initial learning rate is smaller than `maxLr` by
   * @param finalDivFactor what the last learning rate is smaller than the initial one by
   * @param threePhase whether it falls to the initial learning rate first, and then to the last
   * @param lastEpoch the last epoch of an earlier run that is continued; -1 for a new one
   */
  constructor(...args: Arguments<typeof oneCycleLR>) {
    const given = oneCycleLR.bind(args);
    const { optimizer, maxLr } = given;
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
        group.initialLr = divided(maxLrs[i], given.divFactor);
        group.maxLr = maxLrs[i];
        group.minLr = divided(group.initialLr, given.finalDivFactor);
      }
    if (given.cycleMomentum) {
      Reflect.set(this, 'useBeta1', usesBeta1(optimizer));
      const highest = perGroup('max_momentum', optimizer, given.maxMomentum);
      const lowest = perGroup('base_momentum', optimizer, given.baseMomentum);
      if (first)
        for (const [i, group] of groups.entries()) {
          setMomentum(group, highest[i], this.useBeta1);
          group.maxMomentum = highest[i];
          group.baseMomentum = lowest[i];
        }
    }
    this.start();
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
    const done = divided(step - start, phase.end_step - start);
    const anneal = (group: object, from: string, to: string): number => {
      const a = Reflect.get(group, keys[from]) as number;
      const b = Reflect.get(group, keys[to]) as number;
      if (this._annealFuncType === 'linear') return (b - a) * done + a;
      return b + ((a - b) / 2) * (Math.cos(Math.PI * done) + 1);
    };
    return this.optimizer.paramGroups.map((group) => {
      if (this.cycleMomentum)
        setMomentum(group, anneal(group, phase.start_momentum, phase.end_momentum), this.useBeta1);
      return anneal(group, phase.start_lr, phase.end_lr);
    });
  }
}

function countSteps({ totalSteps, epochs, stepsPerEpoch }: OneCycleSettings): number {
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

function phases({ pctStart, threePhase }: OneCycleSettings, totalSteps: number): Phase[] {
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
