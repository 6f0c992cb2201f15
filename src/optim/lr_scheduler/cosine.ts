import { ValueError } from '../../core/errors.js';
import { formatNumber, typeName } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { divided, remainder } from './division.js';
import { LRScheduler } from './scheduler.js';

const cosineAnnealingLR = signature(
  'CosineAnnealingLR(Optimizer optimizer, int T_max, float eta_min=0.0, int last_epoch=-1)',
);

/** Half a cosine from the initial learning rate to `etaMin` in `T_max` epochs (SGDR without restarts). */
export class CosineAnnealingLR extends LRScheduler {
  readonly T_max: number;
  readonly etaMin: number;

  /**
   * @param optimizer the optimizer whose learning rates are set
   * @param T_max the number of epochs in half a cosine
   * @param etaMin the smallest learning rate
   * @param lastEpoch the last epoch of an earlier run that is continued; -1 for a new one
   */
  constructor(...args: Arguments<typeof cosineAnnealingLR>) {
    const { optimizer, lastEpoch, T_max, etaMin } = cosineAnnealingLR.bind(args);
    super(optimizer, lastEpoch);
    this.T_max = T_max;
    this.etaMin = etaMin;
    this.start();
  }

  /** Each learning rate follows from the one before, so that changes made by others persist. */
  override getLr(): number[] {
    const { lastEpoch, T_max, etaMin, baseLrs } = this;
    const lrs = this.currentLrs();
    if (this._isInitial) return lrs;
    if (this._stepCount === 1 && lastEpoch > 0)
      return baseLrs.map(
        (lr) => etaMin + ((lr - etaMin) * (1 + Math.cos(divided(lastEpoch * Math.PI, T_max)))) / 2,
      );
    // Past the minimum of a period the recursion would divide by zero.
    if (remainder(lastEpoch - 1 - T_max, 2 * T_max) === 0)
      return lrs.map((lr, i) => lr + ((baseLrs[i] - etaMin) * (1 - Math.cos(Math.PI / T_max))) / 2);
    const now = 1 + Math.cos((Math.PI * lastEpoch) / T_max);
    const before = 1 + Math.cos((Math.PI * (lastEpoch - 1)) / T_max);
    return lrs.map((lr) => (now / before) * (lr - etaMin) + etaMin);
  }

  protected override closedFormLr(): number[] {
    const factor = 1 + Math.cos(divided(Math.PI * this.lastEpoch, this.T_max));
    return this.baseLrs.map((lr) => this.etaMin + ((lr - this.etaMin) * factor) / 2);
  }
}

const step = signature('step(float? epoch=None)');

const cosineAnnealingWarmRestarts = signature(
  'CosineAnnealingWarmRestarts(Optimizer optimizer, float T_0, float T_mult=1, float|Any eta_min=0.0, int last_epoch=-1)',
);

/** Cosine annealing that starts again after `T_0` epochs, then after `T_mult` times as many, … (SGDR, 2017). */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  readonly T_0: number;
  readonly T_mult: number;
  readonly etaMin: number;
  T_i: number;
  T_cur: number;

  /**
   * @param optimizer the optimizer whose learning rates are set
   * @param T_0 the epochs until the first restart
   * @param T_mult how many times longer each period is than the one before
   * @param etaMin the smallest learning rate
   * @param lastEpoch the last epoch of an earlier run that is continued; -1 for a new one
   */
  constructor(...args: Arguments<typeof cosineAnnealingWarmRestarts, { etaMin: number }>) {
    const { optimizer, T_0, T_mult, etaMin, lastEpoch } = cosineAnnealingWarmRestarts.bind(args);
    if (!(Number.isInteger(T_0) && T_0 > 0))
      throw new ValueError(`Expected positive integer T_0, but got ${formatNumber(T_0)}`);
    if (!(Number.isInteger(T_mult) && T_mult >= 1))
      throw new ValueError(`Expected integer T_mult >= 1, but got ${formatNumber(T_mult)}`);
    if (typeof etaMin !== 'number')
      throw new ValueError(
        `Expected float or int eta_min, but got ${String(etaMin)} of type <class '${typeName(etaMin)}'>`,
      );
    super(optimizer, lastEpoch);
    this.T_0 = T_0;
    this.T_i = T_0;
    this.T_mult = T_mult;
    this.etaMin = etaMin;
    this.T_cur = lastEpoch;
    this.start();
  }

  override getLr(): number[] {
    const factor = 1 + Math.cos((Math.PI * this.T_cur) / this.T_i);
    return this.baseLrs.map((lr) => this.etaMin + ((lr - this.etaMin) * factor) / 2);
  }

  /** Goes to the next epoch, or to `epoch`, which may be a fraction: `step(epoch + i / batches)` after every batch. */
  override step(...args: Arguments<typeof step>): void {
    const { epoch } = step.bind(args);
    const target = epoch ?? (this.lastEpoch < 0 ? 0 : undefined);
    if (target === undefined) {
      this.T_cur++;
      if (this.T_cur >= this.T_i) {
        this.T_cur %= this.T_i;
        this.T_i *= this.T_mult;
      }
      this.lastEpoch++;
    } else {
      this.#jump(target);
      this.lastEpoch = Math.floor(target);
    }
    this.assign(this.getLr());
  }

  #jump(epoch: number): void {
    const { T_0, T_mult } = this;
    if (epoch < 0) throw new ValueError(`Expected non-negative epoch, but got ${formatNumber(epoch)}`);
    if (epoch < T_0) {
      this.T_i = T_0;
      this.T_cur = epoch;
    } else if (T_mult === 1) this.T_cur = epoch % T_0;
    else {
      const periods = Math.trunc(Math.log((epoch / T_0) * (T_mult - 1) + 1) / Math.log(T_mult));
      this.T_cur = epoch - (T_0 * (T_mult ** periods - 1)) / (T_mult - 1);
      this.T_i = T_0 * T_mult ** periods;
    }
  }
}
