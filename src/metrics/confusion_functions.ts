/** Confusion matrices of one batch. */
import { signed } from '../core/signature/signed.js';
import { countOf, tableOnce } from './confusion_matrix.js';
import { checkedTask } from './score_metrics.js';

/** The table of yes and no: rows are the truth. */
export const binaryConfusionMatrix = /* @__PURE__ */ signed(
  'binary_confusion_matrix(Tensor preds, Tensor target, float threshold=0.5, str? normalize=None, int? ignore_index=None, bool validate_args=True)',
  ({ preds, target, ...given }) => tableOnce(preds, target, { ...given, kind: 'binary', count: 2 }),
);

/** The table of classes: rows are the truth. */
export const multiclassConfusionMatrix = /* @__PURE__ */ signed(
  'multiclass_confusion_matrix(Tensor preds, Tensor target, int num_classes, str? normalize=None, int? ignore_index=None, bool validate_args=True)',
  ({ preds, target, numClasses, ...given }) =>
    tableOnce(preds, target, { ...given, kind: 'multiclass', count: numClasses, threshold: 0.5 }),
);

/** The tables of yes and no of each label [L, 2, 2]. */
export const multilabelConfusionMatrix = /* @__PURE__ */ signed(
  'multilabel_confusion_matrix(Tensor preds, Tensor target, int num_labels, float threshold=0.5, str? normalize=None, int? ignore_index=None, bool validate_args=True)',
  ({ preds, target, numLabels, ...given }) =>
    tableOnce(preds, target, { ...given, kind: 'multilabel', count: numLabels }),
);

/** The table for the task that is named. */
export const confusionMatrix = /* @__PURE__ */ signed(
  'confusion_matrix(Tensor preds, Tensor target, str task, float threshold=0.5, int? num_classes=None, int? num_labels=None, str? normalize=None, int? ignore_index=None, bool validate_args=True)',
  ({ preds, target, task, numClasses, numLabels, ...given }) => {
    const kind = checkedTask(task);
    return tableOnce(preds, target, { ...given, kind, count: countOf(kind, numClasses, numLabels) });
  },
);
