/** Areas of one batch. */
import { signed } from '../core/signature/signed.js';
import { areaOnce, kindOf, plainArea } from './auroc.js';

/** The area for answers of yes or no. */
export const binaryAuroc = /* @__PURE__ */ signed(
  'binary_auroc(Tensor preds, Tensor target, float? max_fpr=None, int|float[]|Tensor? thresholds=None, int? ignore_index=None, bool validate_args=True)',
  ({ preds, target, ...given }) => areaOnce(preds, target, { ...plainArea, ...given, kind: 'binary' }),
);

/** The area for classes, each against all others. */
export const multiclassAuroc = /* @__PURE__ */ signed(
  "multiclass_auroc(Tensor preds, Tensor target, int num_classes, str? average='macro', int|float[]|Tensor? thresholds=None, int? ignore_index=None, bool validate_args=True)",
  ({ preds, target, numClasses, ...given }) =>
    areaOnce(preds, target, { ...plainArea, ...given, kind: 'multiclass', count: numClasses }),
);

/** The area for labels. */
export const multilabelAuroc = /* @__PURE__ */ signed(
  "multilabel_auroc(Tensor preds, Tensor target, int num_labels, str? average='macro', int|float[]|Tensor? thresholds=None, int? ignore_index=None, bool validate_args=True)",
  ({ preds, target, numLabels, ...given }) =>
    areaOnce(preds, target, { ...plainArea, ...given, kind: 'multilabel', count: numLabels }),
);

/** The area for the task that is named. */
export const auroc = /* @__PURE__ */ signed(
  "auroc(Tensor preds, Tensor target, str task, int|float[]|Tensor? thresholds=None, int? num_classes=None, int? num_labels=None, str? average='macro', float? max_fpr=None, int? ignore_index=None, bool validate_args=True)",
  ({ preds, target, task, numClasses, numLabels, ...given }) =>
    areaOnce(preds, target, { ...given, ...kindOf(task, numClasses, numLabels) }),
);
