/** Several metrics as one. */

import { deepcopy } from '../core/deepcopy.js';
import { KeyError, ValueError } from '../core/errors.js';
import { isPlainObject } from '../core/plain.js';
import { formatValue } from '../core/repr.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { takesNothing } from '../core/signature/takes.js';
import type { Tensor } from '../core/tensor.js';
import { Module } from '../nn/module.js';
import { Metric, type MetricValue } from './metric.js';

type AnyMetric = Metric<MetricValue>;

/** Metrics, or several by name. */
export type Metrics =
  | AnyMetric
  | MetricCollection
  | readonly (AnyMetric | MetricCollection)[]
  | Readonly<Record<string, AnyMetric | MetricCollection>>;

const ofMetrics = /* @__PURE__ */ signature(
  'MetricCollection(Object metrics, Any *additional_metrics, str? prefix=None, str? postfix=None)',
);

/**
 * Metrics that are updated and computed together; values are an object by their names: those given, or their classes'.
 *
 * @example
 * const metrics = new MetricCollection([new MulticlassAccuracy(10), new MulticlassF1Score(10)]);
 * metrics.update(preds, target);
 * metrics.compute(); // { MulticlassAccuracy: tensor(…), MulticlassF1Score: tensor(…) }
 */
export class MetricCollection extends Module {
  readonly prefix: string | null;
  readonly postfix: string | null;
  readonly #names: string[] = [];

  /**
   * @param metrics a metric, a list, or an object by names, which are sorted
   * @param additionalMetrics further ones
   * @param prefix stands before names of values
   * @param postfix stands behind them
   */
  constructor(metrics: Metrics, ...additionalMetrics: AnyMetric[]);
  constructor(
    metrics: Metrics,
    ...rest: [...additionalMetrics: AnyMetric[], options: { prefix?: string | null; postfix?: string | null }]
  );
  constructor(given: { metrics: Metrics; prefix?: string | null; postfix?: string | null });
  constructor(...args: unknown[]) {
    super();
    const { metrics, additionalMetrics, prefix, postfix } = ofMetrics.bind(args);
    this.prefix = prefix;
    this.postfix = postfix;
    const listed = Array.isArray(metrics)
      ? metrics
      : metrics instanceof Metric || metrics instanceof MetricCollection
        ? [metrics]
        : null;
    if (listed !== null) {
      for (const metric of [...(listed as unknown[]), ...additionalMetrics]) this.#addListed(metric);
      return;
    }
    if (!isPlainObject(metrics))
      throw new ValueError(
        `Unknown input to MetricCollection. Expected, \`Metric\`, \`MetricCollection\` or \`dict\`/\`sequence\` of the previous, but got ${formatValue(metrics)}`,
      );
    if (additionalMetrics.length > 0)
      throw new ValueError(
        `You have passes extra arguments ${formatValue([...additionalMetrics])} which are not compatible with first passed dictionary ${formatValue(metrics)} so they will be ignored.`,
      );
    for (const name of Object.keys(metrics).sort()) {
      const metric = metrics[name];
      if (metric instanceof Metric) this.#put(name, metric);
      else if (metric instanceof MetricCollection)
        for (const [inner, one] of metric.items()) this.#put(`${name}_${inner}`, one);
      else
        throw new ValueError(
          `Value ${formatValue(metric)} belonging to key ${name} is not an instance of \`torchmetrics.Metric\` or \`torchmetrics.MetricCollection\``,
        );
    }
  }

  #addListed(metric: unknown): void {
    if (metric instanceof Metric) {
      const { name } = metric.constructor;
      if (this.#names.includes(name)) throw new ValueError(`Encountered two metrics both named ${name}`);
      this.#put(name, metric);
    } else if (metric instanceof MetricCollection)
      for (const [name, one] of metric.items()) this.#put(name, one);
    else
      throw new ValueError(
        `Input ${formatValue(metric)} to \`MetricCollection\` is not a instance of \`torchmetrics.Metric\` or \`torchmetrics.MetricCollection\``,
      );
  }

  #put(name: string, metric: AnyMetric): void {
    this.#names.push(name);
    this.addModule(name, metric);
  }

  #shown(name: string): string {
    return `${this.prefix ?? ''}${name}${this.postfix ?? ''}`;
  }

  /** The names of the values. */
  keys(): string[] {
    return this.#names.map((name) => this.#shown(name));
  }

  /** The metrics. */
  values(): AnyMetric[] {
    return this.#names.map((name) => this.getSubmodule(name) as AnyMetric);
  }

  /** Names and metrics. */
  items(): [name: string, metric: AnyMetric][] {
    return this.#names.map((name) => [this.#shown(name), this.getSubmodule(name) as AnyMetric]);
  }

  /** How many metrics there are. */
  get length(): number {
    return this.#names.length;
  }

  /** The metric of a name. @throws KeyError if there is none */
  get(key: string): AnyMetric {
    const found = this.items().find(([name]) => name === key);
    if (found === undefined) throw new KeyError(key);
    return found[1];
  }

  /** Takes a batch in. */
  update(...args: unknown[]): void {
    for (const metric of this.values()) (metric.update as (...args: unknown[]) => void)(...args);
  }

  /** The values of all batches since the last reset, by name. */
  compute(): Record<string, Tensor> {
    return this.#collect((metric) => metric.compute());
  }

  /** Takes a batch in, and gives the values of this batch alone. */
  override forward(...args: unknown[]): Record<string, Tensor> {
    return this.#collect((metric) => metric.forward(...args));
  }

  #collect(valueOf: (metric: AnyMetric) => MetricValue): Record<string, Tensor> {
    const values: Record<string, Tensor> = {};
    for (const [name, metric] of this.items()) {
      const value = valueOf(metric);
      if (isPlainObject(value))
        for (const [inner, one] of Object.entries(value)) values[this.#shown(inner)] = one;
      else values[name] = value as Tensor;
    }
    return values;
  }

  /** Forgets all batches. */
  reset(): void {
    for (const metric of this.values()) metric.reset();
  }

  /**
   * A collection like this one, with states of its own.
   *
   * @param prefix stands before names of values, in place of the one before
   * @param postfix stands behind them
   */
  clone(...args: Arguments<typeof ofClone>): MetricCollection {
    const { prefix, postfix } = ofClone.bind(args);
    const metrics = this.#names.map((name) => [name, deepcopy(this.getSubmodule(name))]);
    const copy = new MetricCollection([], {
      prefix: prefix || this.prefix,
      postfix: postfix || this.postfix,
    });
    for (const [name, metric] of metrics) copy.#put(name as string, metric as AnyMetric);
    return copy;
  }
}

const ofClone = /* @__PURE__ */ signature('clone(str? prefix=None, str? postfix=None)');
takesNothing(MetricCollection.prototype, ['keys', 'values', 'items', 'compute', 'reset']);
