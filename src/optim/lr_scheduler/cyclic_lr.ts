import { ValueError } from '../../core/errors.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takesNothing } from '../../core/signature/takes.js';
import { setMomentum, usesBeta1 } from './cycled_momentum.js';
import { LRScheduler, perGroup, type SchedulerStateDict } from './scheduler.js';

const cyclicLR = signature(
  "CyclicLR(Optimizer optimizer, float|float[] base_lr, float|float[] max_lr, int step_size_up=2000, int? step_size_down=None, 'triangular'|'triangular2'|'exp_range' mode='triangular', float gamma=1.0, Callable? scale_fn=None, 'cycle'|'iterations' scale_mode='cycle', bool cycle_momentum=True, float|float[] base_momentum=0.8, float|float[] max_momentum=0.9, int last_epoch=-1)",
);

/** By how much the height of a cycle is scaled: of its number, from 1, or of the steps so far. */
type Scale = (x: number) => number;

/** The scales of the modes, and what they count. */
const modes: Readonly<
  Record<string, { readonly counts: 'cycle' | 'iterations'; readonly scale: (gamma: number) => Scale }>
> = {
  triangular: { counts: 'cycle', scale: () => () => 1 },
  triangular2: { counts: 'cycle', scale: () => (x) => 1 / 2 ** (x - 1) },
  exp_range: { counts: 'iterations', scale: (gamma) => (x) => gamma ** x },
};

/** Rises from `baseLr` to `maxLr` and falls back along lines, again and again, stepped after every batch (Smith, 2017). */
export class CyclicLR extends LRScheduler {
  readonly maxLrs: readonly number[];
  readonly totalSize: number;
  readonly stepRatio: number;
  readonly mode: string;
  readonly gamma: number;
  readonly scaleMode: 'cycle' | 'iterations';
  readonly cycleMomentum: boolean;
  /** Whether the momentum is the first of `betas`; only where there is one to change. */
  declare readonly useBeta1?: boolean;
  declare readonly baseMomentums?: readonly number[];
  declare readonly maxMomentums?: readonly number[];
  readonly #scale: Scale;

  /**
   * @param optimizer the optimizer whose learning rates are set
   * @param baseLr the smallest learning rate, or one per parameter group
   * @param maxLr the largest learning rate, or one per parameter group
   * @param stepSizeUp the steps in which it rises
   * @param stepSizeDown the steps in which it falls; null: as many
   * @param mode 'triangular': all cycles alike; 'triangular2': each half as high as the one before; 'exp_range': lower by `gamma` with
   *   every step
   * @param gamma the factor of 'exp_range'
   * @param scaleFn takes the place of the mode: the height of a cycle times its result
   * @param scaleMode whether `scaleFn` is given the number of the cycle, from 1, or of steps
   * @param cycleMomentum whether the momentum moves the other way
   * @param baseMomentum the smallest momentum, or one per parameter group
   * @param maxMomentum the largest momentum, or one per parameter group
   * @param lastEpoch the last step of an earlier run that is continued; -1 for a new one
   */
  constructor(...args: Arguments<typeof cyclicLR, { scaleFn?: Scale | null }>) {
    const given = cyclicLR.bind(args);
    const { optimizer, mode, gamma, scaleFn, cycleMomentum } = given;
    super(optimizer, given.lastEpoch);
    const isFirst = given.lastEpoch === -1;
    const { paramGroups } = optimizer;
    const baseLrs = perGroup('base_lr', optimizer, given.baseLr);
    if (isFirst) this.assign(baseLrs);
    this.maxLrs = perGroup('max_lr', optimizer, given.maxLr);
    this.totalSize = given.stepSizeUp + (given.stepSizeDown ?? given.stepSizeUp);
    this.stepRatio = given.stepSizeUp / this.totalSize;
    if (!Object.hasOwn(modes, mode) && scaleFn === null)
      throw new ValueError('mode is invalid and scale_fn is None');
    this.mode = mode;
    this.gamma = gamma;
    this.scaleMode = scaleFn === null ? modes[mode].counts : given.scaleMode;
    this.#scale = (scaleFn as Scale | null) ?? modes[mode].scale(gamma);
    this.cycleMomentum = cycleMomentum;
    if (cycleMomentum) {
      const useBeta1 = usesBeta1(optimizer);
      const baseMomentums = perGroup('base_momentum', optimizer, given.baseMomentum);
      const maxMomentums = perGroup('max_momentum', optimizer, given.maxMomentum);
      Object.assign(this, { useBeta1, baseMomentums, maxMomentums });
      if (isFirst)
        for (const [i, group] of paramGroups.entries()) {
          setMomentum(group, maxMomentums[i], useBeta1);
          Object.assign(group, { maxMomentum: maxMomentums[i], baseMomentum: baseMomentums[i] });
        }
    }
    this.start();
    this.baseLrs = baseLrs;
  }

  override getLr(): number[] {
    const { lastEpoch, totalSize, stepRatio, scaleMode } = this;
    const cycle = Math.floor(1 + lastEpoch / totalSize);
    const x = 1 + lastEpoch / totalSize - cycle;
    const height = x <= stepRatio ? x / stepRatio : (x - 1) / (stepRatio - 1);
    const scale = this.#scale(scaleMode === 'cycle' ? cycle : lastEpoch);
    if (this.cycleMomentum)
      for (const [i, group] of this.optimizer.paramGroups.entries()) {
        const [least, most] = [this.baseMomentums![i], this.maxMomentums![i]];
        setMomentum(group, most - (most - least) * height * scale, this.useBeta1);
      }
    return this.baseLrs.map((base, i) => base + (this.maxLrs[i] - base) * height * scale);
  }

  /** State from which to go on later, under Python's names. A `scaleFn` is left out: the next scheduler is given it again. */
  override stateDict(): SchedulerStateDict {
    return { ...super.stateDict(), _scale_fn_custom: null };
  }

  override loadStateDict(...args: Parameters<LRScheduler['loadStateDict']>): void {
    super.loadStateDict(...args);
    Reflect.deleteProperty(this, '_scaleFnCustom');
  }
}

takesNothing(CyclicLR.prototype, ['stateDict']);
