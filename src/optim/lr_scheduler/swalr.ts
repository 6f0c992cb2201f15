import { ValueError } from '../../core/errors.js';
import { formatValue } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { LRScheduler, perGroup } from './scheduler.js';

const swalr = signature(
  "SWALR(Optimizer optimizer, float|float[] swa_lr, float anneal_epochs=10, str anneal_strategy='cos', int last_epoch=-1)",
);

const annealings: Readonly<Record<string, (t: number) => number>> = {
  cos: (t) => (1 - Math.cos(Math.PI * t)) / 2,
  linear: (t) => t,
};

/**
 * From the learning rates that the optimizer has to `swaLr` in `annealEpochs` epochs, where they stay: for averaging weights
 * (`AveragedModel`) at the end of training.
 */
export class SWALR extends LRScheduler {
  readonly annealEpochs: number;
  /** @internal Under the name that it has in Python's state dict. */
  _annealStrategy: string;

  /**
   * @param optimizer the optimizer whose learning rates are set
   * @param swaLr the learning rate to go to: one, or one per group
   * @param annealEpochs the number of epochs to go there
   * @param annealStrategy `'cos'` or `'linear'`
   * @param lastEpoch the last epoch of an earlier run that is continued; -1 for a new one
   */
  constructor(
    ...args: Arguments<typeof swalr, { swaLr: number | readonly number[]; annealStrategy: 'cos' | 'linear' }>
  ) {
    const { optimizer, swaLr, annealEpochs, annealStrategy, lastEpoch } = swalr.bind(args);
    super(optimizer, lastEpoch);
    const rates = perGroup('swa_lr', optimizer, swaLr);
    for (const [i, group] of optimizer.paramGroups.entries()) group.swaLr = rates[i];
    if (!Object.hasOwn(annealings, annealStrategy))
      throw new ValueError(`anneal_strategy must be one of 'cos' or 'linear', instead got ${annealStrategy}`);
    if (!Number.isInteger(annealEpochs) || annealEpochs < 0)
      throw new ValueError(`anneal_epochs must be equal or greater than 0, got ${formatValue(annealEpochs)}`);
    this._annealStrategy = annealStrategy;
    this.annealEpochs = annealEpochs;
    this.start();
  }

  override getLr(): number[] {
    const { annealEpochs } = this;
    const anneal = annealings[this._annealStrategy];
    const step = annealEpochs === 0 ? Math.max(1, this._stepCount - 1) : this._stepCount - 1;
    const at = (n: number): number => anneal(Math.max(0, Math.min(1, n / Math.max(1, annealEpochs))));
    const before = at(step - 1);
    const now = at(step);
    return this.optimizer.paramGroups.map(({ swaLr = 0 }, i) => {
      const lr = this.currentLrs()[i];
      const first = before === 1 ? swaLr : (lr - before * swaLr) / (1 - before);
      return swaLr * now + first * (1 - now);
    });
  }
}
