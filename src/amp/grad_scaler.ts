/** `torch.amp.GradScaler`: losses scaled so that small gradients do not vanish in half precision. */
import { noGradSync } from '../autograd/modes.js';
import { toDevice } from '../core/device.js';
import { float16, float32 } from '../core/dtype.js';
import { AssertionError, RuntimeError, ValueError } from '../core/errors.js';
import { libraryClass } from '../core/object.js';
import { asRecord } from '../core/plain.js';
import { asReader, reading } from '../core/reading.js';
import { keep } from '../core/scope.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { takesNothing } from '../core/signature/takes.js';
import { Tensor } from '../core/tensor.js';
import { warn } from '../core/warnings.js';
import { scalarTensor } from '../ops/creation.js';
import type { AnyOptimizer } from '../optim/lr_scheduler/scheduler.js';

/** Tensors in nested lists. */
type ScalerOutputs = Tensor | readonly ScalerOutputs[];

/** Stages of an optimizer's gradients since the last update. */
interface OptimizerProgress {
  readonly stage: 'unscaled' | 'stepped';
  /** By device: whether all gradients are finite, a tensor until it has been read. */
  readonly finite: (Tensor | boolean)[];
}

/** The scaler's state in the layout of Python's `state_dict()`, with its names. Empty where scaling is off. */
export interface GradScalerStateDict {
  scale: number;
  growth_factor: number;
  backoff_factor: number;
  growth_interval: number;
  _growth_tracker: number;
}

const settings = signature(
  "GradScaler(str device='cuda', float init_scale=65536.0, float growth_factor=2.0, float backoff_factor=0.5, int growth_interval=2000, bool enabled=True)",
);
const scale = signature('scale(Any outputs)');
const unscale = signature('unscale_(Any optimizer)');
const step = signature('step(Any optimizer, Any closure=None)');
const update = signature('update(float|Tensor? new_scale=None)');
const setFactor = signature('set_factor(float new_factor)');
const setInterval = signature('set_growth_interval(int new_interval)');
const loadStateDict = signature('load_state_dict(Object state_dict)');

/**
 * Scales losses before the backward pass and gradients back after it, and skips the steps whose gradients are infinite or NaN. The factor
 * adapts: it grows after `growthInterval` good steps in a row, and falls after a bad one.
 *
 * Where the device must be waited for, await `stepAsync` instead of `step`, and `updateAsync` where no step came before.
 *
 * @example
 * const scaler = new torch.amp.GradScaler('cpu');
 * for (const [x, y] of batches) {
 *   optimizer.zeroGrad();
 *   const loss = torch.autocast('cpu', { dtype: torch.float16 }, () => criterion.forward(net.forward(x), y));
 *   scaler.scale(loss).backward();
 *   scaler.step(optimizer);
 *   scaler.update();
 * }
 */
export class GradScaler {
  private readonly device: string;
  private readonly enabled: boolean;
  private factor: number;
  private growthFactor: number;
  private backoffFactor: number;
  private growthInterval: number;
  /** How many good steps there were since the factor has changed. */
  private growthTracker = 0;
  /** Whether anything has been scaled. */
  private started = false;
  private progress = new Map<AnyOptimizer, OptimizerProgress>();

  /**
   * @param device the type of device: `'cpu'`, `'webgpu'`; with the default there is nothing to scale, since CUDA is not there
   * @param initScale the factor at first
   * @param growthFactor what the factor is multiplied by after `growthInterval` good steps
   * @param backoffFactor what it is multiplied by after a bad one
   * @param growthInterval how many good steps in a row make it grow
   * @param enabled false: `step` steps, and everything else does nothing
   */
  constructor(...args: Arguments<typeof settings>) {
    const { device, initScale, growthFactor, backoffFactor, growthInterval, enabled } = settings.bind(args);
    this.device = device;
    if (device === 'cuda' && enabled)
      warn('torch.cuda.amp.GradScaler is enabled, but CUDA is not available.  Disabling.');
    this.enabled = enabled && device !== 'cuda';
    if (this.enabled) {
      if (growthFactor <= 1) throw new AssertionError('The growth factor must be > 1.0.');
      if (backoffFactor >= 1) throw new AssertionError('The backoff factor must be < 1.0.');
    }
    this.factor = initScale;
    this.growthFactor = growthFactor;
    this.backoffFactor = backoffFactor;
    this.growthInterval = growthInterval;
  }

  /** The outputs times the factor: a tensor, or tensors in nested lists. */
  scale<T extends ScalerOutputs>(...args: [outputs: T] | [options: { outputs: T }]): T {
    const { outputs } = scale.bind(args);
    if (!this.enabled) return outputs as T;
    const scaled = (value: unknown): ScalerOutputs => {
      if (value instanceof Tensor) {
        this.started = true;
        return value.mul(scalarTensor(this.factor, float32).to(value.device));
      }
      if (!Array.isArray(value)) throw new ValueError('outputs must be a Tensor or an iterable of Tensors');
      return value.map(scaled);
    };
    return scaled(outputs) as T;
  }

  /** Divides an optimizer's gradients by the factor, in place, and looks whether they are finite. `step` does that unless it has been done. */
  unscale_(...args: Arguments<typeof unscale, { optimizer: AnyOptimizer }>): void {
    const optimizer = unscale.bind(args).optimizer as AnyOptimizer;
    if (!this.enabled) return;
    this.checkStarted('unscale_');
    const stage = this.progress.get(optimizer)?.stage;
    if (stage === 'unscaled')
      throw new RuntimeError('unscale_() has already been called on this optimizer since the last update().');
    if (stage === 'stepped') throw new RuntimeError('unscale_() is being called after step().');
    const finite = noGradSync(() => [...this.unscaled(optimizer).values()]);
    keep(this);
    this.progress.set(optimizer, { stage: 'unscaled', finite });
  }

  /** Scales gradients back; by device: whether all are finite. */
  private unscaled({ paramGroups }: AnyOptimizer): Map<unknown, Tensor> {
    const inverse = Math.fround(1 / this.factor);
    const finite = new Map<unknown, Tensor>();
    for (const { params } of paramGroups)
      for (const { autograd } of params) {
        const grad = autograd?.grad ?? null;
        if (grad === null) continue;
        if (grad.dtype === float16) throw new ValueError('Attempting to unscale FP16 gradients.');
        const own = grad.isfinite().all();
        const others = finite.get(grad.device);
        finite.set(grad.device, others === undefined ? own : others.logicalAnd(own));
        if (inverse !== 1) grad.mul_(inverse);
      }
    return finite;
  }

  /**
   * Scales gradients back unless that has been done, and steps the optimizer if they are finite.
   *
   * @returns what the optimizer's `step()` does; null where the step is skipped
   * @throws RuntimeError for a closure, which cannot be called with scaling on
   */
  step(
    ...args: Arguments<typeof step, { optimizer: AnyOptimizer; closure: (() => unknown) | null }>
  ): unknown {
    return asReader('step', () => this.stepped(args));
  }

  /** `step` where the device must be waited for. */
  stepAsync(
    ...args: Arguments<typeof step, { optimizer: AnyOptimizer; closure: (() => unknown) | null }>
  ): Promise<unknown> {
    const { optimizer } = step.bind(args);
    return this.read(optimizer as AnyOptimizer).then(() => this.stepped(args));
  }

  private stepped(args: readonly unknown[]): unknown {
    const { optimizer, closure } = step.bind(args) as {
      optimizer: AnyOptimizer;
      closure: (() => unknown) | null;
    };
    if (!this.enabled) return closure === null ? optimizer.step() : optimizer.step(closure);
    if (closure !== null)
      throw new RuntimeError('Closure use is not currently supported if GradScaler is enabled.');
    this.prepare(optimizer);
    const { finite } = this.progress.get(optimizer)!;
    const isFinite = this.readNow(finite);
    const result: unknown = isFinite ? optimizer.step() : null;
    this.progress.set(optimizer, { stage: 'stepped', finite });
    return result;
  }

  /** Sees to it that an optimizer's gradients are scaled back before a step. */
  private prepare(optimizer: AnyOptimizer): void {
    this.checkStarted('step');
    const stage = this.progress.get(optimizer)?.stage;
    if (stage === 'stepped')
      throw new RuntimeError('step() has already been called since the last update().');
    if (stage === undefined) this.unscale_(optimizer);
    if (this.progress.get(optimizer)!.finite.length === 0)
      throw new AssertionError('No inf checks were recorded for this optimizer.');
  }

  private readNow(finite: (Tensor | boolean)[]): boolean {
    for (const [i, one] of finite.entries()) if (one instanceof Tensor) finite[i] = one.item() !== 0;
    return finite.every((one) => one);
  }

  private async read(optimizer: AnyOptimizer): Promise<void> {
    if (!this.enabled) return;
    this.prepare(optimizer);
    await readAll(this.progress.get(optimizer)!.finite);
  }

  /**
   * Adapts the factor to what has been found since the last call. Call it once at the end of each iteration.
   *
   * @param newScale sets the factor instead
   */
  update(...args: Arguments<typeof update>): void {
    const { newScale } = update.bind(args);
    if (!this.enabled) return;
    this.checkStarted('update');
    if (newScale === null) this.adapt();
    else this.factor = Math.fround(newScale instanceof Tensor ? this.valueOf(newScale) : newScale);
    this.progress = new Map();
  }

  /** `update` where the device must be waited for: gradients have been scaled back and no step has been made, or the scale is a tensor. */
  async updateAsync(...args: Arguments<typeof update>): Promise<void> {
    const { newScale } = update.bind(args);
    for (const { finite } of this.progress.values()) await readAll(finite);
    if (!(newScale instanceof Tensor)) this.update(newScale);
    else await reading(() => this.update(newScale), [newScale]);
  }

  private valueOf(scale: Tensor): number {
    if (scale.device.type !== toDevice(this.device).type || scale.numel() !== 1 || scale.requiresGrad)
      throw new AssertionError(
        'new_scale should be a float or a 1-element torch.cuda.FloatTensor or torch.FloatTensor with requires_grad=False.',
      );
    return asReader('update', () => scale.item());
  }

  private adapt(): void {
    const found = [...this.progress.values()].map(({ finite }) => finite);
    if (found.every((finite) => finite.length === 0))
      throw new AssertionError('No inf checks were recorded prior to update.');
    if (!asReader('update', () => found.map((finite) => this.readNow(finite)).every((one) => one))) {
      this.factor = Math.fround(this.factor * this.backoffFactor);
      this.growthTracker = 0;
    } else if (++this.growthTracker === this.growthInterval) {
      const grown = Math.fround(this.factor * this.growthFactor);
      if (Number.isFinite(grown)) this.factor = grown;
      this.growthTracker = 0;
    }
  }

  private checkStarted(name: string): void {
    if (!this.started)
      throw new AssertionError(
        `Attempted ${name} but _scale is None.  This may indicate your script did not use scaler.scale(loss or outputs) earlier in the iteration.`,
      );
  }

  /** The factor; 1 where scaling is off. */
  getScale(): number {
    return this.enabled ? this.factor : 1;
  }

  /** The number that the factor is multiplied by after `growthInterval` good steps. */
  getGrowthFactor(): number {
    return this.growthFactor;
  }

  /** Sets what the factor grows by. */
  setGrowthFactor(...args: Arguments<typeof setFactor>): void {
    this.growthFactor = setFactor.bind(args, 'set_growth_factor').newFactor;
  }

  /** The number that the factor is multiplied by after a bad step. */
  getBackoffFactor(): number {
    return this.backoffFactor;
  }

  /** Sets what the factor falls by. */
  setBackoffFactor(...args: Arguments<typeof setFactor>): void {
    this.backoffFactor = setFactor.bind(args, 'set_backoff_factor').newFactor;
  }

  /** How many good steps in a row make the factor grow. */
  getGrowthInterval(): number {
    return this.growthInterval;
  }

  /** Sets how many good steps in a row make the factor grow. */
  setGrowthInterval(...args: Arguments<typeof setInterval>): void {
    this.growthInterval = setInterval.bind(args).newInterval;
  }

  /** Whether scaling is on. */
  isEnabled(): boolean {
    return this.enabled;
  }

  /** The state as Python lays it out; empty where scaling is off. */
  stateDict(): GradScalerStateDict | Record<string, never> {
    if (!this.enabled) return {};
    return {
      scale: this.factor,
      growth_factor: this.growthFactor,
      backoff_factor: this.backoffFactor,
      growth_interval: this.growthInterval,
      _growth_tracker: this.growthTracker,
    };
  }

  /** Takes over what `stateDict()` returned, here or in Python. */
  loadStateDict(
    ...args: Arguments<typeof loadStateDict, { stateDict: GradScalerStateDict | Record<string, never> }>
  ): void {
    const state = asRecord(loadStateDict.bind(args).stateDict as Record<string, unknown>);
    if (!this.enabled) return;
    if (Object.keys(state).length === 0)
      throw new RuntimeError(
        'The source state dict is empty, possibly because it was saved from a disabled instance of GradScaler.',
      );
    const given = state as unknown as GradScalerStateDict;
    this.factor = given.scale;
    this.growthFactor = given.growth_factor;
    this.backoffFactor = given.backoff_factor;
    this.growthInterval = given.growth_interval;
    this.growthTracker = given._growth_tracker;
  }
}

/** Reads what has been found, waiting for the device. */
async function readAll(finite: (Tensor | boolean)[]): Promise<void> {
  for (const [i, one] of finite.entries())
    if (one instanceof Tensor) finite[i] = (await one.itemAsync()) !== 0;
}

takesNothing(GradScaler.prototype, [
  'getScale',
  'getGrowthFactor',
  'getBackoffFactor',
  'getGrowthInterval',
  'isEnabled',
  'stateDict',
]);
libraryClass(GradScaler, { shown: [] });
