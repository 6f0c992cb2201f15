/** The base of metrics. */
import { noGrad } from '../autograd/modes.js';
import { deepcopy } from '../core/deepcopy.js';
import { TypeError, ValueError } from '../core/errors.js';
import { typeName } from '../core/repr.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { takesNothing } from '../core/signature/takes.js';
import { Tensor } from '../core/tensor.js';
import { warn } from '../core/warnings.js';
import { ops } from '../dispatch/registry.js';
import { Module } from '../nn/module.js';

/** A value that a metric remembers under a name: a tensor, or a list that grows. */
export type MetricState = Tensor | Tensor[];

/** How states of several batches become one. */
export type StateReduction = 'sum' | 'mean' | 'max' | 'min' | 'cat' | ((states: Tensor) => Tensor);

/** Values of a batch or of all: a tensor, or several by name. */
export type MetricValue = Tensor | Record<string, Tensor>;

const addState = signature('add_state(str name, Tensor|Any[] default, Any dist_reduce_fx=None)');

const ofCompute = signature('compute()');

type Call = (...args: unknown[]) => unknown;

/**
 * A value over any number of batches, as torchmetrics' `Metric`: `update` takes a batch in, `compute` gives the value of all so far,
 * `forward` takes a batch in and gives that batch's own value, `reset` begins anew.
 *
 * Subclasses call `addState` in their constructor, and define `update` and `compute`.
 *
 * @example
 * const accuracy = new MulticlassAccuracy(10);
 * for (const [x, y] of loader) accuracy.update(net.forward(x), y);
 * console.log(accuracy.compute().item());
 */
export abstract class Metric<V extends MetricValue = Tensor> extends Module {
  /** Whether `forward` has to update twice, since a batch's state and that of all before cannot be joined; null: it has. */
  readonly fullStateUpdate: boolean | null = null;
  /** Whether more is better; null where nobody can say. */
  readonly higherIsBetter: boolean | null = null;
  readonly #defaults = new Map<string, MetricState>();
  readonly #reductions = new Map<string, StateReduction | null>();
  readonly #states = new Map<string, MetricState>();
  #updateCount = 0;
  #computed: MetricValue | null = null;

  constructor() {
    super();
    const { update, compute } = this as unknown as { update: Call; compute: Call };
    const define = (name: string, value: Call): void => {
      Object.defineProperty(this, name, { value, configurable: true, enumerable: false });
    };
    define('update', (...args) => {
      this.#computed = null;
      this.#updateCount++;
      return noGrad(() => update.apply(this, args));
    });
    define('compute', (...args) => {
      ofCompute.bind(args, this.constructor.name);
      if (this.#updateCount === 0)
        warn(
          `The \`\`compute\`\` method of metric ${this.constructor.name} was called before the \`\`update\`\` method which may lead to errors, as metric states have not yet been updated.`,
        );
      this.#computed ??= squeezed(compute.apply(this) as MetricValue);
      return this.#computed;
    });
  }

  /** How many batches have been taken in. */
  get updateCount(): number {
    return this.#updateCount;
  }

  /** Whether any batch has been taken in. */
  get updateCalled(): boolean {
    return this.#updateCount > 0;
  }

  /** The states by their names. */
  get metricState(): Readonly<Record<string, MetricState>> {
    return Object.fromEntries(this.#states);
  }

  /**
   * Declares what the metric remembers.
   *
   * @param name its name
   * @param default a tensor, or an empty list that tensors are added to
   * @param distReduceFx how states become one: `'sum'`, `'mean'`, `'max'`, `'min'`, `'cat'`, or a function of them stacked
   */
  addState(
    ...args: Arguments<typeof addState, { default: MetricState; distReduceFx: StateReduction | null }>
  ): void {
    const { name, default: initial, distReduceFx } = addState.bind(args);
    if (Array.isArray(initial) && initial.length > 0)
      throw new ValueError(
        'state variable must be a tensor or any empty list (where you can append tensors)',
      );
    const isKnown = ['sum', 'mean', 'max', 'min', 'cat', null, undefined].includes(distReduceFx as null);
    if (!isKnown && typeof distReduceFx !== 'function')
      throw new ValueError(
        "`dist_reduce_fx` must be callable or one of ['mean', 'sum', 'cat', 'min', 'max', None]",
      );
    this.#defaults.set(name, initial instanceof Tensor ? initial.detach().clone() : []);
    this.#reductions.set(name, (distReduceFx ?? null) as StateReduction | null);
    this.#states.set(name, initial instanceof Tensor ? initial : []);
  }

  /** A state that is a tensor. */
  protected state(name: string): Tensor {
    return this.#states.get(name) as Tensor;
  }

  /** A state that is a list, as one tensor. @throws ValueError while it is empty */
  protected joined(name: string): Tensor {
    const state = this.#states.get(name)!;
    if (state instanceof Tensor) return state;
    if (state.length === 0) throw new ValueError('No samples to concatenate');
    return ops.cat(state.map((one) => (one.ndim === 0 ? one.unsqueeze(0) : one)));
  }

  /** Adds to a state: to a tensor as numbers, to a list as an item. */
  protected add(name: string, value: Tensor | number): void {
    const state = this.#states.get(name)!;
    if (state instanceof Tensor) this.#states.set(name, state.add(value as Tensor));
    else state.push(value as Tensor);
  }

  /** Puts a tensor in the place of a state. */
  protected setState(name: string, value: Tensor): void {
    this.#states.set(name, value);
  }

  /** Takes a batch in. */
  abstract update(...args: never): void;

  /** The value of all batches since the last reset. */
  abstract compute(): V;

  /** Takes a batch in, and gives the value of this batch alone. */
  override forward(...args: unknown[]): V {
    const update = this.update.bind(this) as (...args: unknown[]) => void;
    if (this.fullStateUpdate !== false) {
      update(...args);
      const [count, all] = [this.#updateCount, this.#copyStates()];
      this.reset();
      update(...args);
      const value = this.compute();
      for (const [name, state] of all) this.#states.set(name, state);
      this.#updateCount = count;
      this.#computed = null;
      return value;
    }
    const [count, before] = [this.#updateCount, this.#copyStates()];
    this.reset();
    update(...args);
    const value = this.compute();
    this.#updateCount = count + 1;
    for (const [name, state] of before) this.#states.set(name, this.#reduced(name, state));
    this.#computed = null;
    return value;
  }

  #copyStates(): Map<string, MetricState> {
    return new Map(
      [...this.#states].map(([name, state]) => [name, state instanceof Tensor ? state : [...state]]),
    );
  }

  /** The state of all batches before and of the last. */
  #reduced(name: string, before: MetricState): MetricState {
    const now = this.#states.get(name)!;
    if (Array.isArray(before)) return [...before, ...(now as Tensor[])];
    const last = now as Tensor;
    const reduction = this.#reductions.get(name)!;
    switch (reduction) {
      case 'sum':
        return before.add(last);
      case 'mean':
        return before
          .mul(this.#updateCount - 1)
          .add(last)
          .float()
          .div(this.#updateCount);
      case 'max':
        return ops.maximum(before, last);
      case 'min':
        return ops.minimum(before, last);
      case 'cat':
        return ops.cat([before, last]);
      case null:
        return ops.stack([before, last]);
      default:
        return reduction(ops.stack([before, last]));
    }
  }

  /** Forgets all batches. */
  reset(): void {
    this.#updateCount = 0;
    this.#computed = null;
    for (const [name, initial] of this.#defaults) {
      const state = this.#states.get(name);
      this.#states.set(name, initial instanceof Tensor ? initial.clone().to((state as Tensor).device) : []);
    }
  }

  /** Moves the states, as modules move parameters. */
  override to(...args: Parameters<Module['to']>): this {
    super.to(...args);
    const device = placeOf(args);
    if (device !== null)
      for (const [name, state] of this.#states)
        this.#states.set(
          name,
          state instanceof Tensor ? state.to(device) : state.map((one) => one.to(device)),
        );
    return this;
  }

  /** A metric like this one, with a state of its own. */
  clone(): this {
    return deepcopy(this);
  }

  protected override emptyCopy(): Module {
    return Reflect.construct(Metric, [], this.constructor) as Module;
  }

  protected override copyTo(copy: this, memo: Parameters<Module['copyTo']>[1]): void {
    super.copyTo(copy, memo);
    for (const [name, state] of this.#states)
      copy.#states.set(name, state instanceof Tensor ? state.clone() : [...state]);
    for (const [name, state] of this.#defaults) copy.#defaults.set(name, state);
    for (const [name, reduction] of this.#reductions) copy.#reductions.set(name, reduction);
    copy.#updateCount = this.#updateCount;
  }
}

takesNothing(Metric.prototype, ['reset', 'clone']);

/** A tensor of one element has no dimensions. */
function squeezed(value: MetricValue): MetricValue {
  if (value instanceof Tensor) return value.numel() === 1 ? value.reshape([]) : value;
  return value;
}

/** The device among the arguments of `to`. */
function placeOf(args: readonly unknown[]): string | null {
  for (const one of args) {
    if (typeof one === 'string') return one;
    if (typeof (one as { type?: unknown } | null)?.type === 'string') return String(one);
    const { device } = (one ?? {}) as { device?: unknown };
    if (device !== undefined && device !== null) return String(device);
  }
  return null;
}

/** @throws TypeError unless it is a metric */
export function checkMetric(value: unknown): asserts value is Metric<MetricValue> {
  if (!(value instanceof Metric)) throw new TypeError(`expected a Metric, not ${typeName(value)}`);
}
