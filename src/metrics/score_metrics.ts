/** Accuracy, precision, recall and F1 over batches. */
import { int64 } from '../core/dtype.js';
import { ValueError } from '../core/errors.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { Metric } from './metric.js';
import type { Average, MultidimAverage } from './metric_values.js';
import {
  accuracyOf,
  type Counts,
  checkTask,
  countScores,
  f1Of,
  precisionOf,
  recallOf,
  type ScoreReduction,
  type ScoreTask,
} from './stat_scores.js';

export const ofPredsAndTarget = /* @__PURE__ */ signature('update(Tensor preds, Tensor target)');
const binary = /* @__PURE__ */ signature(
  "BinaryStatScores(float threshold=0.5, str multidim_average='global', int? ignore_index=None, bool validate_args=True, float zero_division=0)",
);
const multiclass = /* @__PURE__ */ signature(
  "MulticlassStatScores(int? num_classes=None, int top_k=1, str? average='macro', str multidim_average='global', int? ignore_index=None, bool validate_args=True, float zero_division=0)",
);
const multilabel = /* @__PURE__ */ signature(
  "MultilabelStatScores(int num_labels, float threshold=0.5, str? average='macro', str multidim_average='global', int? ignore_index=None, bool validate_args=True, float zero_division=0)",
);
const anyTask = /* @__PURE__ */ signature(
  "Score(str task, float threshold=0.5, int? num_classes=None, int? num_labels=None, str? average='micro', str multidim_average='global', int? top_k=1, int? ignore_index=None, bool validate_args=True, float zero_division=0)",
);

/** Types of settings that are words. */
interface ScoreWords {
  average: Average;
  multidimAverage: MultidimAverage;
}

/** The task that is predicted. */
export type ClassificationTask = 'binary' | 'multiclass' | 'multilabel';

/** A metric that is made of true and false positives and negatives. */
export abstract class ScoreMetric extends Metric {
  override readonly fullStateUpdate = false;
  override readonly higherIsBetter = true;
  readonly #task: ScoreTask;
  readonly #reduce: ScoreReduction;

  constructor(task: ScoreTask, reduce: ScoreReduction) {
    super();
    if (task.validateArgs) checkTask(task);
    this.#task = task;
    this.#reduce = reduce;
    const { kind, count, average, topK, multidimAverage } = task;
    const isOne = kind === 'binary' || (average === 'micro' && topK === 1 && kind === 'multiclass');
    for (const name of countNames) {
      const initial =
        multidimAverage === 'samplewise' ? [] : ops.zeros([isOne ? 1 : (count ?? 1)], { dtype: int64 });
      this.addState(name, initial, multidimAverage === 'samplewise' ? 'cat' : 'sum');
    }
  }

  protected override emptyCopy(): ScoreMetric {
    const task = { ...this.#task, validateArgs: false };
    return Reflect.construct(ScoreMetric, [task, this.#reduce], this.constructor) as ScoreMetric;
  }

  /** Takes a batch in. @param preds labels, probabilities or logits @param target the truth */
  override update(...args: Arguments<typeof ofPredsAndTarget>): void {
    const { preds, target } = ofPredsAndTarget.bind(args);
    const counts = countScores(preds, target, this.#task);
    for (const name of countNames) this.add(name, counts[name]);
  }

  /** The value of all batches since the last reset. */
  override compute(): Tensor {
    const counts = Object.fromEntries(countNames.map((name) => [name, this.joined(name)]));
    return this.#reduce(counts as unknown as Counts, this.#task);
  }
}

const countNames = ['tp', 'fp', 'tn', 'fn'] as const;

type BinaryArguments = Arguments<typeof binary, ScoreWords>;
type MulticlassArguments = Arguments<typeof multiclass, ScoreWords>;
type MultilabelArguments = Arguments<typeof multilabel, ScoreWords>;
type TaskArguments = Arguments<typeof anyTask, ScoreWords & { task: ClassificationTask }>;

const one = { count: null, topK: 1, average: null, threshold: 0.5 } as const;

/** Settings that a caller gives, as a task. */
export function binaryTask(args: BinaryArguments, owner: string): ScoreTask {
  return { ...one, ...(binary.bind(args, owner) as unknown as ScoreTask), kind: 'binary' };
}

export function multiclassTask(args: MulticlassArguments, owner: string): ScoreTask {
  const given = multiclass.bind(args, owner);
  return { ...one, ...(given as unknown as ScoreTask), kind: 'multiclass', count: given.numClasses };
}

export function multilabelTask(args: MultilabelArguments, owner: string): ScoreTask {
  const given = multilabel.bind(args, owner);
  return { ...one, ...(given as unknown as ScoreTask), kind: 'multilabel', count: given.numLabels };
}

/** The task that is chosen by name, without the settings of other tasks. */
export function taskOf(args: TaskArguments, owner: string): ScoreTask {
  const { task, threshold, numClasses, numLabels, average, topK, ...shared } = anyTask.bind(args, owner);
  return chosenTask(task, threshold, numClasses, numLabels, average, topK, shared as unknown as ScoreTask);
}

/** @throws ValueError in torchmetrics' words for what the task lacks */
export function chosenTask(
  task: string,
  threshold: number,
  numClasses: number | null,
  numLabels: number | null,
  average: string | null,
  topK: number | null,
  shared: Pick<ScoreTask, 'multidimAverage' | 'ignoreIndex' | 'validateArgs' | 'zeroDivision'>,
): ScoreTask {
  const kind = checkedTask(task);
  const rest = { ...one, ...shared, kind };
  if (kind === 'binary') return { ...rest, threshold };
  const mean = average as Average;
  if (kind === 'multilabel')
    return { ...rest, threshold, average: mean, count: needed('num_labels', numLabels, kind) };
  return {
    ...rest,
    average: mean,
    count: needed('num_classes', numClasses, kind),
    topK: needed('top_k', topK, kind),
  };
}

/** @throws ValueError for a setting that a task cannot do without */
export function needed(name: string, value: number | null, task: string): number {
  if (value === null)
    throw new ValueError(
      `Optional arg \`${name}\` must be type \`int\` when task is ClassificationTask.${task.toUpperCase()}. Got <class 'NoneType'>`,
    );
  return value;
}

/** @throws ValueError for a task that there is not */
export function checkedTask(task: string): ClassificationTask {
  const name = task.toLowerCase().replaceAll('-', '_');
  if (name !== 'binary' && name !== 'multiclass' && name !== 'multilabel')
    throw new ValueError(
      `Invalid Classification: expected one of ['BINARY', 'MULTICLASS', 'MULTILABEL'], but got ${task}.`,
    );
  return name;
}

/** The share of predictions that are right, where the answer is yes or no. */
export class BinaryAccuracy extends ScoreMetric {
  /**
   * @param threshold from where on a probability means yes
   * @param multidimAverage `'samplewise'`: a value for each sample
   * @param ignoreIndex the truth that is not counted
   * @param validateArgs whether inputs are checked, which reads them
   * @param zeroDivision the value where there is nothing to divide by
   */
  constructor(...args: BinaryArguments) {
    super(binaryTask(args, 'BinaryAccuracy'), accuracyOf);
  }
}

/** The share of predictions that are right, where the answer is a class. */
export class MulticlassAccuracy extends ScoreMetric {
  /**
   * @param numClasses how many classes there are
   * @param topK among how many of the most likely classes the right one may be
   * @param average how values of classes become one
   * @param multidimAverage `'samplewise'`: a value for each sample
   * @param ignoreIndex the class that is not counted
   * @param validateArgs whether inputs are checked, which reads them
   * @param zeroDivision the value where there is nothing to divide by
   */
  constructor(...args: MulticlassArguments) {
    super(multiclassTask(args, 'MulticlassAccuracy'), accuracyOf);
  }
}

/** The share of predictions that are right, where the answer is any number of labels. */
export class MultilabelAccuracy extends ScoreMetric {
  /**
   * @param numLabels how many labels there are
   * @param threshold from where on a probability means yes
   * @param average how values of labels become one
   * @param multidimAverage `'samplewise'`: a value for each sample
   * @param ignoreIndex the truth that is not counted
   * @param validateArgs whether inputs are checked, which reads them
   * @param zeroDivision the value where there is nothing to divide by
   */
  constructor(...args: MultilabelArguments) {
    super(multilabelTask(args, 'MultilabelAccuracy'), accuracyOf);
  }
}

/** The share of predictions that are right, for the task that is named. */
export class Accuracy extends ScoreMetric {
  /**
   * @param task `'binary'`, `'multiclass'` or `'multilabel'`
   * @param numClasses how many classes there are
   * @param numLabels how many labels there are
   * @param average how values of classes or labels become one
   */
  constructor(...args: TaskArguments) {
    super(taskOf(args, 'Accuracy'), accuracyOf);
  }
}

/** The share of predictions of a class that are right, where the answer is yes or no. */
export class BinaryPrecision extends ScoreMetric {
  /**
   * @param threshold from where on a probability means yes
   * @param multidimAverage `'samplewise'`: a value for each sample
   * @param ignoreIndex the truth that is not counted
   * @param validateArgs whether inputs are checked, which reads them
   * @param zeroDivision the value where there is nothing to divide by
   */
  constructor(...args: BinaryArguments) {
    super(binaryTask(args, 'BinaryPrecision'), precisionOf);
  }
}

/** The share of predictions of a class that are right, where the answer is a class. */
export class MulticlassPrecision extends ScoreMetric {
  /**
   * @param numClasses how many classes there are
   * @param topK among how many of the most likely classes the right one may be
   * @param average how values of classes become one
   * @param multidimAverage `'samplewise'`: a value for each sample
   * @param ignoreIndex the class that is not counted
   * @param validateArgs whether inputs are checked, which reads them
   * @param zeroDivision the value where there is nothing to divide by
   */
  constructor(...args: MulticlassArguments) {
    super(multiclassTask(args, 'MulticlassPrecision'), precisionOf);
  }
}

/** The share of predictions of a class that are right, where the answer is any number of labels. */
export class MultilabelPrecision extends ScoreMetric {
  /**
   * @param numLabels how many labels there are
   * @param threshold from where on a probability means yes
   * @param average how values of labels become one
   * @param multidimAverage `'samplewise'`: a value for each sample
   * @param ignoreIndex the truth that is not counted
   * @param validateArgs whether inputs are checked, which reads them
   * @param zeroDivision the value where there is nothing to divide by
   */
  constructor(...args: MultilabelArguments) {
    super(multilabelTask(args, 'MultilabelPrecision'), precisionOf);
  }
}

/** The share of predictions of a class that are right, for the task that is named. */
export class Precision extends ScoreMetric {
  /**
   * @param task `'binary'`, `'multiclass'` or `'multilabel'`
   * @param numClasses how many classes there are
   * @param numLabels how many labels there are
   * @param average how values of classes or labels become one
   */
  constructor(...args: TaskArguments) {
    super(taskOf(args, 'Precision'), precisionOf);
  }
}

/** The share of a class that is found, where the answer is yes or no. */
export class BinaryRecall extends ScoreMetric {
  /**
   * @param threshold from where on a probability means yes
   * @param multidimAverage `'samplewise'`: a value for each sample
   * @param ignoreIndex the truth that is not counted
   * @param validateArgs whether inputs are checked, which reads them
   * @param zeroDivision the value where there is nothing to divide by
   */
  constructor(...args: BinaryArguments) {
    super(binaryTask(args, 'BinaryRecall'), recallOf);
  }
}

/** The share of a class that is found, where the answer is a class. */
export class MulticlassRecall extends ScoreMetric {
  /**
   * @param numClasses how many classes there are
   * @param topK among how many of the most likely classes the right one may be
   * @param average how values of classes become one
   * @param multidimAverage `'samplewise'`: a value for each sample
   * @param ignoreIndex the class that is not counted
   * @param validateArgs whether inputs are checked, which reads them
   * @param zeroDivision the value where there is nothing to divide by
   */
  constructor(...args: MulticlassArguments) {
    super(multiclassTask(args, 'MulticlassRecall'), recallOf);
  }
}

/** The share of a class that is found, where the answer is any number of labels. */
export class MultilabelRecall extends ScoreMetric {
  /**
   * @param numLabels how many labels there are
   * @param threshold from where on a probability means yes
   * @param average how values of labels become one
   * @param multidimAverage `'samplewise'`: a value for each sample
   * @param ignoreIndex the truth that is not counted
   * @param validateArgs whether inputs are checked, which reads them
   * @param zeroDivision the value where there is nothing to divide by
   */
  constructor(...args: MultilabelArguments) {
    super(multilabelTask(args, 'MultilabelRecall'), recallOf);
  }
}

/** The share of a class that is found, for the task that is named. */
export class Recall extends ScoreMetric {
  /**
   * @param task `'binary'`, `'multiclass'` or `'multilabel'`
   * @param numClasses how many classes there are
   * @param numLabels how many labels there are
   * @param average how values of classes or labels become one
   */
  constructor(...args: TaskArguments) {
    super(taskOf(args, 'Recall'), recallOf);
  }
}

/** The harmonic mean of precision and recall, where the answer is yes or no. */
export class BinaryF1Score extends ScoreMetric {
  /**
   * @param threshold from where on a probability means yes
   * @param multidimAverage `'samplewise'`: a value for each sample
   * @param ignoreIndex the truth that is not counted
   * @param validateArgs whether inputs are checked, which reads them
   * @param zeroDivision the value where there is nothing to divide by
   */
  constructor(...args: BinaryArguments) {
    super(binaryTask(args, 'BinaryF1Score'), f1Of);
  }
}

/** The harmonic mean of precision and recall, where the answer is a class. */
export class MulticlassF1Score extends ScoreMetric {
  /**
   * @param numClasses how many classes there are
   * @param topK among how many of the most likely classes the right one may be
   * @param average how values of classes become one
   * @param multidimAverage `'samplewise'`: a value for each sample
   * @param ignoreIndex the class that is not counted
   * @param validateArgs whether inputs are checked, which reads them
   * @param zeroDivision the value where there is nothing to divide by
   */
  constructor(...args: MulticlassArguments) {
    super(multiclassTask(args, 'MulticlassF1Score'), f1Of);
  }
}

/** The harmonic mean of precision and recall, where the answer is any number of labels. */
export class MultilabelF1Score extends ScoreMetric {
  /**
   * @param numLabels how many labels there are
   * @param threshold from where on a probability means yes
   * @param average how values of labels become one
   * @param multidimAverage `'samplewise'`: a value for each sample
   * @param ignoreIndex the truth that is not counted
   * @param validateArgs whether inputs are checked, which reads them
   * @param zeroDivision the value where there is nothing to divide by
   */
  constructor(...args: MultilabelArguments) {
    super(multilabelTask(args, 'MultilabelF1Score'), f1Of);
  }
}

/** The harmonic mean of precision and recall, for the task that is named. */
export class F1Score extends ScoreMetric {
  /**
   * @param task `'binary'`, `'multiclass'` or `'multilabel'`
   * @param numClasses how many classes there are
   * @param numLabels how many labels there are
   * @param average how values of classes or labels become one
   */
  constructor(...args: TaskArguments) {
    super(taskOf(args, 'F1Score'), f1Of);
  }
}
