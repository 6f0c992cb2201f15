/// <reference lib="esnext.disposable" preserve="true" />
/** `flambeau/metrics`: values over batches, as torchmetrics has them (Detlefsen et al., "TorchMetrics", JOSS 2022). */
export { MaxMetric, MeanMetric, MinMetric, type NanStrategy, SumMetric } from './aggregation.js';
export { AUROC, BinaryAUROC, MulticlassAUROC, MultilabelAUROC, type Thresholds } from './auroc.js';
export {
  BinaryConfusionMatrix,
  ConfusionMatrix,
  type ConfusionNormalization,
  MulticlassConfusionMatrix,
  MultilabelConfusionMatrix,
} from './confusion_matrix.js';
export { Metric, type MetricState, type MetricValue, type StateReduction } from './metric.js';
export { MetricCollection, type Metrics } from './metric_collection.js';
export * as functional from './metric_functions.js';
export type { Average, MultidimAverage } from './metric_values.js';
export { MeanAbsoluteError, MeanSquaredError, type Multioutput, R2Score } from './regression.js';
export {
  Accuracy,
  BinaryAccuracy,
  BinaryF1Score,
  BinaryPrecision,
  BinaryRecall,
  type ClassificationTask,
  F1Score,
  MulticlassAccuracy,
  MulticlassF1Score,
  MulticlassPrecision,
  MulticlassRecall,
  MultilabelAccuracy,
  MultilabelF1Score,
  MultilabelPrecision,
  MultilabelRecall,
  Precision,
  Recall,
} from './score_metrics.js';
export type * from './types.js';
