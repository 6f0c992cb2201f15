/** Accuracy, precision, recall and F1 of one batch: torchmetrics' functional forms. */
import { signed } from '../core/signature/signed.js';
import type { Tensor } from '../core/tensor.js';
import { chosenTask } from './score_metrics.js';
import {
  accuracyOf,
  checkTask,
  countScores,
  f1Of,
  precisionOf,
  recallOf,
  type ScoreReduction,
  type ScoreTask,
} from './stat_scores.js';

const standard = { count: null, topK: 1, average: null, threshold: 0.5, zeroDivision: 0 } as const;

function score(reduce: ScoreReduction, preds: Tensor, target: Tensor, task: ScoreTask): Tensor {
  if (task.validateArgs) checkTask(task);
  return reduce(countScores(preds, target, task), task);
}

/** The settings that have been given, and the standard ones. */
const settings = (given: object): ScoreTask => ({ ...standard, ...given }) as ScoreTask;

/** The share of predictions that are right, where the answer is yes or no. */
export const binaryAccuracy = /* @__PURE__ */ signed(
  "binary_accuracy(Tensor preds, Tensor target, float threshold=0.5, str multidim_average='global', int? ignore_index=None, bool validate_args=True)",
  ({ preds, target, ...given }) => score(accuracyOf, preds, target, { ...settings(given), kind: 'binary' }),
);

/** The share of predictions that are right, where the answer is a class. */
export const multiclassAccuracy = /* @__PURE__ */ signed(
  "multiclass_accuracy(Tensor preds, Tensor target, int? num_classes=None, str? average='macro', int top_k=1, str multidim_average='global', int? ignore_index=None, bool validate_args=True)",
  ({ preds, target, numClasses, ...given }) =>
    score(accuracyOf, preds, target, { ...settings(given), kind: 'multiclass', count: numClasses }),
);

/** The share of predictions that are right, where the answer is any number of labels. */
export const multilabelAccuracy = /* @__PURE__ */ signed(
  "multilabel_accuracy(Tensor preds, Tensor target, int num_labels, float threshold=0.5, str? average='macro', str multidim_average='global', int? ignore_index=None, bool validate_args=True)",
  ({ preds, target, numLabels, ...given }) =>
    score(accuracyOf, preds, target, { ...settings(given), kind: 'multilabel', count: numLabels }),
);

/** The share of predictions that are right, for the task that is named. */
export const accuracy = /* @__PURE__ */ signed(
  "accuracy(Tensor preds, Tensor target, str task, float threshold=0.5, int? num_classes=None, int? num_labels=None, str? average='micro', str multidim_average='global', int? top_k=1, int? ignore_index=None, bool validate_args=True)",
  ({ preds, target, task, threshold, numClasses, numLabels, average, topK, ...given }) =>
    score(
      accuracyOf,
      preds,
      target,
      chosenTask(task, threshold, numClasses, numLabels, average, topK, settings(given)),
    ),
);

/** The share of predictions of a class that are right, where the answer is yes or no. */
export const binaryPrecision = /* @__PURE__ */ signed(
  "binary_precision(Tensor preds, Tensor target, float threshold=0.5, str multidim_average='global', int? ignore_index=None, bool validate_args=True, float zero_division=0)",
  ({ preds, target, ...given }) => score(precisionOf, preds, target, { ...settings(given), kind: 'binary' }),
);

/** The share of predictions of a class that are right, where the answer is a class. */
export const multiclassPrecision = /* @__PURE__ */ signed(
  "multiclass_precision(Tensor preds, Tensor target, int? num_classes=None, str? average='macro', int top_k=1, str multidim_average='global', int? ignore_index=None, bool validate_args=True, float zero_division=0)",
  ({ preds, target, numClasses, ...given }) =>
    score(precisionOf, preds, target, { ...settings(given), kind: 'multiclass', count: numClasses }),
);

/** The share of predictions of a class that are right, where the answer is any number of labels. */
export const multilabelPrecision = /* @__PURE__ */ signed(
  "multilabel_precision(Tensor preds, Tensor target, int num_labels, float threshold=0.5, str? average='macro', str multidim_average='global', int? ignore_index=None, bool validate_args=True, float zero_division=0)",
  ({ preds, target, numLabels, ...given }) =>
    score(precisionOf, preds, target, { ...settings(given), kind: 'multilabel', count: numLabels }),
);

/** The share of predictions of a class that are right, for the task that is named. */
export const precision = /* @__PURE__ */ signed(
  "precision(Tensor preds, Tensor target, str task, float threshold=0.5, int? num_classes=None, int? num_labels=None, str? average='micro', str multidim_average='global', int? top_k=1, int? ignore_index=None, bool validate_args=True, float zero_division=0)",
  ({ preds, target, task, threshold, numClasses, numLabels, average, topK, ...given }) =>
    score(
      precisionOf,
      preds,
      target,
      chosenTask(task, threshold, numClasses, numLabels, average, topK, settings(given)),
    ),
);

/** The share of a class that is found, where the answer is yes or no. */
export const binaryRecall = /* @__PURE__ */ signed(
  "binary_recall(Tensor preds, Tensor target, float threshold=0.5, str multidim_average='global', int? ignore_index=None, bool validate_args=True, float zero_division=0)",
  ({ preds, target, ...given }) => score(recallOf, preds, target, { ...settings(given), kind: 'binary' }),
);

/** The share of a class that is found, where the answer is a class. */
export const multiclassRecall = /* @__PURE__ */ signed(
  "multiclass_recall(Tensor preds, Tensor target, int? num_classes=None, str? average='macro', int top_k=1, str multidim_average='global', int? ignore_index=None, bool validate_args=True, float zero_division=0)",
  ({ preds, target, numClasses, ...given }) =>
    score(recallOf, preds, target, { ...settings(given), kind: 'multiclass', count: numClasses }),
);

/** The share of a class that is found, where the answer is any number of labels. */
export const multilabelRecall = /* @__PURE__ */ signed(
  "multilabel_recall(Tensor preds, Tensor target, int num_labels, float threshold=0.5, str? average='macro', str multidim_average='global', int? ignore_index=None, bool validate_args=True, float zero_division=0)",
  ({ preds, target, numLabels, ...given }) =>
    score(recallOf, preds, target, { ...settings(given), kind: 'multilabel', count: numLabels }),
);

/** The share of a class that is found, for the task that is named. */
export const recall = /* @__PURE__ */ signed(
  "recall(Tensor preds, Tensor target, str task, float threshold=0.5, int? num_classes=None, int? num_labels=None, str? average='micro', str multidim_average='global', int? top_k=1, int? ignore_index=None, bool validate_args=True, float zero_division=0)",
  ({ preds, target, task, threshold, numClasses, numLabels, average, topK, ...given }) =>
    score(
      recallOf,
      preds,
      target,
      chosenTask(task, threshold, numClasses, numLabels, average, topK, settings(given)),
    ),
);

/** The harmonic mean of precision and recall, where the answer is yes or no. */
export const binaryF1Score = /* @__PURE__ */ signed(
  "binary_f1_score(Tensor preds, Tensor target, float threshold=0.5, str multidim_average='global', int? ignore_index=None, bool validate_args=True, float zero_division=0)",
  ({ preds, target, ...given }) => score(f1Of, preds, target, { ...settings(given), kind: 'binary' }),
);

/** The harmonic mean of precision and recall, where the answer is a class. */
export const multiclassF1Score = /* @__PURE__ */ signed(
  "multiclass_f1_score(Tensor preds, Tensor target, int? num_classes=None, str? average='macro', int top_k=1, str multidim_average='global', int? ignore_index=None, bool validate_args=True, float zero_division=0)",
  ({ preds, target, numClasses, ...given }) =>
    score(f1Of, preds, target, { ...settings(given), kind: 'multiclass', count: numClasses }),
);

/** The harmonic mean of precision and recall, where the answer is any number of labels. */
export const multilabelF1Score = /* @__PURE__ */ signed(
  "multilabel_f1_score(Tensor preds, Tensor target, int num_labels, float threshold=0.5, str? average='macro', str multidim_average='global', int? ignore_index=None, bool validate_args=True, float zero_division=0)",
  ({ preds, target, numLabels, ...given }) =>
    score(f1Of, preds, target, { ...settings(given), kind: 'multilabel', count: numLabels }),
);

/** The harmonic mean of precision and recall, for the task that is named. */
export const f1Score = /* @__PURE__ */ signed(
  "f1_score(Tensor preds, Tensor target, str task, float threshold=0.5, int? num_classes=None, int? num_labels=None, str? average='micro', str multidim_average='global', int? top_k=1, int? ignore_index=None, bool validate_args=True, float zero_division=0)",
  ({ preds, target, task, threshold, numClasses, numLabels, average, topK, ...given }) =>
    score(
      f1Of,
      preds,
      target,
      chosenTask(task, threshold, numClasses, numLabels, average, topK, settings(given)),
    ),
);
