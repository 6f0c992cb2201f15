/** Which class is taken for which. */
import { int64 } from '../core/dtype.js';
import { ValueError } from '../core/errors.js';
import { formatValue } from '../core/repr.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { warn } from '../core/warnings.js';
import { ops } from '../dispatch/registry.js';
import { Metric } from './metric.js';
import {
  checkBinary,
  checkBinaryLabels,
  checkClasses,
  checkLabels,
  checkSameShape,
  checks,
  countsOf,
  normalizeLogits,
  where,
} from './metric_values.js';
import { type ClassificationTask, checkedTask, needed, ofPredsAndTarget } from './score_metrics.js';
import { classTable } from './stat_scores.js';

/** By what a matrix is divided: the sum of its row, of its column, or of all. */
export type ConfusionNormalization = 'true' | 'pred' | 'all' | 'none' | null;

export interface TableSettings {
  readonly kind: ClassificationTask;
  readonly count: number;
  readonly threshold: number;
  readonly ignoreIndex: number | null;
  readonly normalize: string | null;
  readonly validateArgs: boolean;
}

function checkSettings({ kind, count, threshold, normalize }: TableSettings): void {
  if (kind === 'multiclass') checks.count('num_classes', count);
  if (kind === 'multilabel') checks.count('num_labels', count);
  if (kind !== 'multiclass') checks.threshold(threshold, kind === 'binary');
  const allowed = ['true', 'pred', 'all', 'none', null];
  if (!allowed.includes(normalize))
    throw new ValueError(
      `Expected argument \`normalize\` to be one of ${formatValue(allowed)}, but got ${normalize}.`,
    );
}

/** The table of a batch: rows are the truth, columns what is predicted; for labels one of yes and no each. */
function tableOf(given: Tensor, truth: Tensor, settings: TableSettings): Tensor {
  const { kind, count, threshold, ignoreIndex, validateArgs } = settings;
  if (validateArgs) {
    if (kind === 'multiclass') checkClasses(given, truth, count, ignoreIndex, false);
    else {
      checkSameShape(given, truth);
      if (kind === 'multilabel') checkLabels(given, count);
      checkBinary(truth, ignoreIndex);
      checkBinaryLabels(given);
    }
  }
  let [preds, target] = [given, truth];
  if (kind === 'multiclass') {
    if (preds.ndim === target.ndim + 1) preds = preds.argmax(1);
  } else if (kind === 'multilabel') {
    [preds, target] = [preds, target].map((x) => x.movedim(1, -1).reshape([-1, count]));
    if (preds.isFloatingPoint()) preds = normalizeLogits(preds, 'sigmoid').gt(threshold);
    const places = ops.arange(count, { device: preds.device }).mul(4);
    const at = target.to(int64).mul(2).add(preds.to(int64)).add(places).reshape([-1]);
    const kept = ignoreIndex === null ? at : where(at, target.ne(ignoreIndex).reshape([-1]));
    return countsOf(kept, 4 * count).reshape([count, 2, 2]);
  }
  preds = preds.reshape([-1]);
  target = target.reshape([-1]);
  if (ignoreIndex !== null) {
    const kept = target.ne(ignoreIndex);
    [preds, target] = [where(preds, kept), where(target, kept)];
  }
  if (kind === 'multiclass') return classTable(preds, target, count);
  if (preds.isFloatingPoint()) preds = normalizeLogits(preds, 'sigmoid').gt(threshold);
  return classTable(preds, target, 2);
}

function normalized(table: Tensor, { normalize }: TableSettings): Tensor {
  if (normalize === null || normalize === 'none') return table;
  const dims = normalize === 'true' ? [-1] : normalize === 'pred' ? [-2] : [-2, -1];
  const counts = table.float();
  const shares = counts.div(counts.sum(dims, { keepdim: true }));
  if (!shares.storage.backend.isHost) return shares.nanToNum(0);
  const missing = shares.isnan().sum().item();
  if (missing > 0) warn(`${missing} NaN values found in confusion matrix have been replaced with zeros.`);
  return shares.nanToNum(0);
}

/** The table of one batch. */
export function tableOnce(preds: Tensor, target: Tensor, settings: TableSettings): Tensor {
  if (settings.validateArgs) checkSettings(settings);
  return normalized(tableOf(preds, target, settings), settings);
}

/** How many classes or labels a task has. @throws ValueError if nobody says */
export function countOf(
  kind: ClassificationTask,
  numClasses: number | null,
  numLabels: number | null,
): number {
  if (kind === 'binary') return 2;
  return kind === 'multiclass'
    ? needed('num_classes', numClasses, kind)
    : needed('num_labels', numLabels, kind);
}

const binary = /* @__PURE__ */ signature(
  'BinaryTable(float threshold=0.5, int? ignore_index=None, str? normalize=None, bool validate_args=True)',
);
const multiclass = /* @__PURE__ */ signature(
  'MulticlassTable(int num_classes, int? ignore_index=None, str? normalize=None, bool validate_args=True)',
);
const multilabel = /* @__PURE__ */ signature(
  'MultilabelTable(int num_labels, float threshold=0.5, int? ignore_index=None, str? normalize=None, bool validate_args=True)',
);
const anyTask = /* @__PURE__ */ signature(
  'Table(str task, float threshold=0.5, int? num_classes=None, int? num_labels=None, str? normalize=None, int? ignore_index=None, bool validate_args=True)',
);

interface TableWords {
  normalize: ConfusionNormalization;
}

/** A table of what is taken for what. */
export abstract class ConfusionMetric extends Metric {
  override readonly fullStateUpdate = false;
  readonly #settings: TableSettings;

  constructor(settings: TableSettings) {
    super();
    if (settings.validateArgs) checkSettings(settings);
    this.#settings = settings;
    const { kind, count } = settings;
    const sizes = kind === 'multilabel' ? [count, 2, 2] : [count, count];
    this.addState('confmat', ops.zeros(sizes, { dtype: int64 }), 'sum');
  }

  protected override emptyCopy(): ConfusionMetric {
    return Reflect.construct(ConfusionMetric, [this.#settings], this.constructor) as ConfusionMetric;
  }

  /** Takes a batch in. @param preds labels, probabilities or logits @param target the truth */
  override update(...args: Arguments<typeof ofPredsAndTarget>): void {
    const { preds, target } = ofPredsAndTarget.bind(args);
    this.add('confmat', tableOf(preds, target, this.#settings));
  }

  /** The table of all batches since the last reset. */
  override compute(): Tensor {
    return normalized(this.state('confmat'), this.#settings);
  }
}

/** The table of yes and no: rows are the truth. */
export class BinaryConfusionMatrix extends ConfusionMetric {
  /**
   * @param threshold from where on a probability means yes
   * @param ignoreIndex the truth that is not counted
   * @param normalize by what counts are divided
   * @param validateArgs whether inputs are checked, which reads them
   */
  constructor(...args: Arguments<typeof binary, TableWords>) {
    super({ ...binary.bind(args, 'BinaryConfusionMatrix'), kind: 'binary', count: 2 });
  }
}

/** The table of classes: rows are the truth. */
export class MulticlassConfusionMatrix extends ConfusionMetric {
  /**
   * @param numClasses how many classes there are
   * @param ignoreIndex the class that is not counted
   * @param normalize by what counts are divided
   * @param validateArgs whether inputs are checked, which reads them
   */
  constructor(...args: Arguments<typeof multiclass, TableWords>) {
    const { numClasses, ...given } = multiclass.bind(args, 'MulticlassConfusionMatrix');
    super({ ...given, kind: 'multiclass', count: numClasses, threshold: 0.5 });
  }
}

/** The tables of yes and no of each label. */
export class MultilabelConfusionMatrix extends ConfusionMetric {
  /**
   * @param numLabels how many labels there are
   * @param threshold from where on a probability means yes
   * @param ignoreIndex the truth that is not counted
   * @param normalize by what counts are divided
   * @param validateArgs whether inputs are checked, which reads them
   */
  constructor(...args: Arguments<typeof multilabel, TableWords>) {
    const { numLabels, ...given } = multilabel.bind(args, 'MultilabelConfusionMatrix');
    super({ ...given, kind: 'multilabel', count: numLabels });
  }
}

/** The table for the task that is named. */
export class ConfusionMatrix extends ConfusionMetric {
  /**
   * @param task `'binary'`, `'multiclass'` or `'multilabel'`
   * @param numClasses how many classes there are
   * @param numLabels how many labels there are
   * @param normalize by what counts are divided
   */
  constructor(...args: Arguments<typeof anyTask, TableWords & { task: ClassificationTask }>) {
    const { task, numClasses, numLabels, ...given } = anyTask.bind(args, 'ConfusionMatrix');
    const kind = checkedTask(task);
    super({ ...given, kind, count: countOf(kind, numClasses, numLabels) });
  }
}
