/** Means, sums, greatest and least of values. */
import { getDefaultDtype } from '../core/defaults.js';
import { int32 } from '../core/dtype.js';
import { RuntimeError, ValueError } from '../core/errors.js';
import { formatValue } from '../core/repr.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';
import { warn } from '../core/warnings.js';
import { ops } from '../dispatch/registry.js';
import { tensor } from '../ops/from_data.js';
import { Metric, type StateReduction } from './metric.js';

/** How values that are no numbers are treated; a number takes their place. */
export type NanStrategy = 'error' | 'warn' | 'ignore' | 'disable' | number;

const ofNan = /* @__PURE__ */ signature("Aggregator(str|float nan_strategy='warn')");
const ofValue = /* @__PURE__ */ signature('update(Tensor|float value)');
const ofWeighted = /* @__PURE__ */ signature('update(Tensor|float value, Tensor|float? weight=None)');

type NanArguments = Arguments<typeof ofNan, { nanStrategy: NanStrategy }>;

/** A metric of the values that it is given. */
export abstract class Aggregator extends Metric {
  readonly nanStrategy: NanStrategy;

  constructor(args: NanArguments, owner: string, name: string, initial: number, reduction: StateReduction) {
    super();
    const { nanStrategy } = ofNan.bind(args, owner);
    const allowed = ['error', 'warn', 'ignore', 'disable'];
    if (typeof nanStrategy === 'string' && !allowed.includes(nanStrategy))
      throw new ValueError(
        `Arg \`nan_strategy\` should either be a float or one of ${formatValue(allowed)} but got ${nanStrategy}.`,
      );
    this.nanStrategy = nanStrategy as NanStrategy;
    this.addState(name, ops.full([], initial, { dtype: getDefaultDtype() }), reduction);
  }

  protected override emptyCopy(): Aggregator {
    return Reflect.construct(Aggregator, [['warn'], '', 'none', 0, 'sum'], this.constructor) as Aggregator;
  }

  /**
   * Values and their weights without what is no number. On a device that must be waited for these stay, as values that count for nothing, and are
   * not warned of.
   *
   * @param neutral what counts for nothing
   */
  protected numbersOf(
    given: Tensor | number,
    weight: Tensor | number | null,
    neutral: number,
  ): [values: Tensor, weights: Tensor] {
    const dtype = getDefaultDtype();
    const asTensor = (x: Tensor | number): Tensor =>
      x instanceof Tensor ? x.detach() : tensor(x, { dtype });
    let values = asTensor(given).to(dtype);
    let weights = weight === null ? ops.onesLike(values) : asTensor(weight).to(dtype).expand(values.shape);
    const { nanStrategy } = this;
    if (nanStrategy === 'disable') return [values, ops.onesLike(values)];
    const nans = values.isnan().logicalOr(weights.isnan());
    if (typeof nanStrategy === 'number')
      return [values.maskedFill(nans, nanStrategy), weights.maskedFill(nans, 1)];
    const { backend } = nans.storage;
    const refused = () => new RuntimeError('Encountered `nan` values in tensor');
    if (!backend.isHost) {
      if (nanStrategy === 'error')
        backend.refuseNonzero?.(nans.any().to(int32).reshape([1]), 'nan in a metric', refused);
      return [values.maskedFill(nans, neutral), weights.maskedFill(nans, 0)];
    }
    if (nans.any().item() !== 0) {
      if (nanStrategy === 'error') throw refused();
      if (nanStrategy === 'warn') warn('Encountered `nan` values in tensor. Will be removed.');
      const kept = nans.logicalNot();
      [values, weights] = [values.maskedSelect(kept), weights.maskedSelect(kept)];
    }
    return [values, weights];
  }
}

/** The mean of values, which may have weights. */
export class MeanMetric extends Aggregator {
  override readonly fullStateUpdate = false;

  /** @param nanStrategy what is done about values that are no numbers */
  constructor(...args: NanArguments) {
    super(args, 'MeanMetric', 'meanValue', 0, 'sum');
    this.addState('weight', ops.zeros([], { dtype: getDefaultDtype() }), 'sum');
  }

  /** Takes values in. @param weight how much they count */
  override update(...args: Arguments<typeof ofWeighted>): void {
    const { value, weight } = ofWeighted.bind(args);
    const [values, weights] = this.numbersOf(value, weight, 0);
    if (values.numel() === 0) return;
    this.add('meanValue', values.mul(weights).sum());
    this.add('weight', weights.sum());
  }

  /** The mean of all values since the last reset. */
  override compute(): Tensor {
    return this.state('meanValue').div(this.state('weight'));
  }
}

/** The sum of values. */
export class SumMetric extends Aggregator {
  override readonly fullStateUpdate = false;

  /** @param nanStrategy what is done about values that are no numbers */
  constructor(...args: NanArguments) {
    super(args, 'SumMetric', 'sumValue', 0, 'sum');
  }

  /** Takes values in. */
  override update(...args: Arguments<typeof ofValue>): void {
    const [values] = this.numbersOf(ofValue.bind(args).value, null, 0);
    if (values.numel() > 0) this.add('sumValue', values.sum());
  }

  /** The sum of all values since the last reset. */
  override compute(): Tensor {
    return this.state('sumValue');
  }
}

/** The greatest of values. */
export class MaxMetric extends Aggregator {
  override readonly fullStateUpdate = true;

  /** @param nanStrategy what is done about values that are no numbers */
  constructor(...args: NanArguments) {
    super(args, 'MaxMetric', 'maxValue', Number.NEGATIVE_INFINITY, 'max');
  }

  /** Takes values in. */
  override update(...args: Arguments<typeof ofValue>): void {
    const [values] = this.numbersOf(ofValue.bind(args).value, null, Number.NEGATIVE_INFINITY);
    if (values.numel() > 0) this.setState('maxValue', ops.maximum(this.state('maxValue'), values.max()));
  }

  /** The greatest of all values since the last reset. */
  override compute(): Tensor {
    return this.state('maxValue');
  }
}

/** The least of values. */
export class MinMetric extends Aggregator {
  override readonly fullStateUpdate = true;

  /** @param nanStrategy what is done about values that are no numbers */
  constructor(...args: NanArguments) {
    super(args, 'MinMetric', 'minValue', Number.POSITIVE_INFINITY, 'min');
  }

  /** Takes values in. */
  override update(...args: Arguments<typeof ofValue>): void {
    const [values] = this.numbersOf(ofValue.bind(args).value, null, Number.POSITIVE_INFINITY);
    if (values.numel() > 0) this.setState('minValue', ops.minimum(this.state('minValue'), values.min()));
  }

  /** The least of all values since the last reset. */
  override compute(): Tensor {
    return this.state('minValue');
  }
}
