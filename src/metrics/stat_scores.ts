/** True and false positives and negatives, from which accuracy, precision, recall and F1 are made. */
import { int64 } from '../core/dtype.js';
import { ValueError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import {
  type Average,
  checkBinary,
  checkBinaryLabels,
  checkClasses,
  checkLabels,
  checkSameShape,
  checks,
  countsOf,
  type MultidimAverage,
  normalizeLogits,
  oneHot,
  safeDivide,
  where,
} from './metric_values.js';

/** How many predictions are right and wrong, for a yes and a no. */
export interface Counts {
  readonly tp: Tensor;
  readonly fp: Tensor;
  readonly tn: Tensor;
  readonly fn: Tensor;
}

/** The kind of predictions, and how they are counted. */
export interface ScoreTask {
  readonly kind: 'binary' | 'multiclass' | 'multilabel';
  /** The number of classes or labels. */
  readonly count: number | null;
  readonly threshold: number;
  readonly topK: number;
  readonly average: Average;
  readonly multidimAverage: MultidimAverage;
  readonly ignoreIndex: number | null;
  readonly validateArgs: boolean;
  readonly zeroDivision: number;
}

/** Checks the settings. */
export function checkTask(task: ScoreTask): void {
  const { kind, count, topK, average } = task;
  if (kind === 'multiclass') {
    if (count === null && average !== 'micro')
      throw new ValueError(
        `Argument \`num_classes\` can only be \`None\` for \`average='micro'\`, but got \`average=${average ?? 'None'}\`.`,
      );
    if (count !== null) checks.count('num_classes', count);
    if (topK > (count ?? 1))
      throw new ValueError(
        `Expected argument \`top_k\` to be smaller or equal to \`num_classes\` but got ${topK} and ${count}`,
      );
  } else {
    if (kind === 'multilabel') checks.count('num_labels', count!);
    checks.threshold(task.threshold, kind === 'binary');
  }
  if (kind !== 'binary') checks.average(average);
  checks.multidim(task.multidimAverage);
  checks.zeroDivision(task.zeroDivision);
}

function checkTensors(preds: Tensor, target: Tensor, task: ScoreTask): void {
  const { kind, count, multidimAverage, ignoreIndex } = task;
  const isSamplewise = multidimAverage !== 'global';
  if (kind === 'multiclass') {
    checkClasses(preds, target, count, ignoreIndex, true);
    if (!isSamplewise) return;
    if (preds.ndim === target.ndim + 1 && preds.ndim < 3)
      throw new ValueError(
        'If `preds` have one dimension more than `target`, the shape of `preds` should be at least 3D when multidim_average is set to `samplewise`',
      );
    if (preds.ndim === target.ndim && preds.ndim < 2)
      throw new ValueError(
        'When `preds` and `target` have the same shape, the shape of `preds` should be at least 2D when multidim_average is set to `samplewise`',
      );
    return;
  }
  checkSameShape(preds, target);
  if (kind === 'multilabel') checkLabels(preds, count!);
  checkBinary(target, ignoreIndex);
  checkBinaryLabels(preds, kind === 'binary' ? '`' : '');
  const least = kind === 'binary' ? 2 : 3;
  if (isSamplewise && preds.ndim < least)
    throw new ValueError(
      `Expected input to be at least ${least}D when multidim_average is set to \`samplewise\``,
    );
}

/** Counts a batch. */
export function countScores(preds: Tensor, target: Tensor, task: ScoreTask): Counts {
  if (task.validateArgs) checkTensors(preds, target, task);
  return task.kind === 'multiclass' ? countClasses(preds, target, task) : countLabels(preds, target, task);
}

/** Counts where predictions equal the truth, by what the truth is. */
function compared(preds: Tensor, target: Tensor, dims: number[]): Counts {
  const [yes, no, same] = [target.eq(1), target.eq(0), target.eq(preds)];
  const other = same.logicalNot();
  const total = (a: Tensor, b: Tensor): Tensor => a.logicalAnd(b).sum(dims);
  return { tp: total(same, yes), fp: total(other, no), tn: total(same, no), fn: total(other, yes) };
}

function countLabels(given: Tensor, truth: Tensor, task: ScoreTask): Counts {
  const { kind, threshold, multidimAverage, ignoreIndex } = task;
  const isBinary = kind === 'binary';
  const kept = isBinary ? 1 : 2;
  const flat = (x: Tensor): Tensor => x.reshape([...x.shape.slice(0, kept), -1]);
  const preds = given.isFloatingPoint() ? normalizeLogits(given, 'sigmoid').gt(threshold) : given;
  let target = flat(truth);
  if (ignoreIndex !== null) target = target.maskedFill(target.eq(ignoreIndex), -1);
  const counts = compared(
    flat(preds).to(int64),
    target.to(int64),
    multidimAverage === 'global' ? [0, -1] : [-1],
  );
  return Object.fromEntries(
    Object.entries(counts).map(([name, x]) => [name, (x as Tensor).squeeze()]),
  ) as never;
}

function countClasses(given: Tensor, truth: Tensor, task: ScoreTask): Counts {
  const { topK, average, multidimAverage, ignoreIndex } = task;
  const count = task.count ?? 1;
  const isLabels = given.ndim !== truth.ndim + 1 || topK === 1;
  let preds = given.ndim === truth.ndim + 1 && topK === 1 ? given.argmax(1) : given;
  preds = preds.reshape([...preds.shape.slice(0, topK === 1 ? 1 : 2), -1]);
  let target = truth.reshape([truth.shape[0], -1]);
  if (multidimAverage === 'samplewise' || topK !== 1) {
    const isClass = ignoreIndex !== null && ignoreIndex >= 0 && ignoreIndex < count;
    const ignored = ignoreIndex === null ? null : target.eq(ignoreIndex);
    const width = ignored !== null && !isClass ? count + 1 : count;
    if (ignored !== null && !isClass) {
      target = target.maskedFill(ignored, count);
      if (isLabels) preds = preds.maskedFill(ignored, count);
      else preds = preds.maskedFill(ignored.unsqueeze(1), count);
    }
    let predicted = oneHot(topK > 1 ? bestOf(preds, target, topK) : preds, width);
    let actual = oneHot(target, width);
    if (width > count) {
      predicted = predicted.narrow(-1, 0, count);
      actual = actual.narrow(-1, 0, count);
    }
    if (ignored !== null) actual = actual.maskedFill(ignored.unsqueeze(-1), -1);
    return compared(predicted, actual, multidimAverage === 'global' ? [0, 1] : [1]);
  }
  preds = preds.reshape([-1]);
  target = target.reshape([-1]);
  if (ignoreIndex !== null) {
    const kept = target.ne(ignoreIndex);
    preds = where(preds, kept);
    target = where(target, kept);
  }
  if (average === 'micro') {
    const tp = preds.eq(target).sum();
    const wrong = preds.ne(target).sum();
    return {
      tp,
      fp: wrong,
      fn: wrong,
      tn: wrong
        .mul(2)
        .add(tp)
        .neg()
        .add(count * preds.numel()),
    };
  }
  const table = classTable(preds, target, count);
  const tp = table.diag();
  const [fp, fn] = [table.sum(0).sub(tp), table.sum(1).sub(tp)];
  return { tp, fp, fn, tn: table.sum().sub(fp.add(fn).add(tp)) };
}

/** The class among the best `k` that is right, if any is, else the best. */
function bestOf(preds: Tensor, target: Tensor, k: number): Tensor {
  const best = preds.topk(k, 1).indices;
  const isAmong = best.eq(target.unsqueeze(1)).any(1);
  return ops.where(isAmong, target, best.select(1, 0));
}

/** How often each class is taken for each other: rows are what is right. */
export function classTable(preds: Tensor, target: Tensor, count: number): Tensor {
  return countsOf(target.to(int64).mul(count).add(preds.to(int64)), count * count).reshape([count, count]);
}

/** The value of a metric from its counts. */
export type ScoreReduction = (counts: Counts, task: ScoreTask) => Tensor;

/** The mean over classes or labels. */
function averaged(score: Tensor, { tp, fp, fn }: Counts, task: ScoreTask, topK: number): Tensor {
  const { average, kind } = task;
  if (average === null || average === 'none') return score;
  let weights = average === 'weighted' ? tp.add(fn) : ops.onesLike(score);
  if (average !== 'weighted' && kind !== 'multilabel')
    weights = weights.maskedFill((topK === 1 ? tp.add(fp).add(fn) : tp.add(fn)).eq(0), 0);
  return safeDivide(weights.mul(score), weights.sum(-1, { keepdim: true })).sum(-1);
}

/** Counts of all classes or labels together. */
function summed({ tp, fp, tn, fn }: Counts, { multidimAverage }: ScoreTask): Counts {
  const dim = multidimAverage === 'global' ? 0 : 1;
  const sum = (x: Tensor): Tensor => (x.ndim === 0 ? x : x.sum(dim));
  return { tp: sum(tp), fp: sum(fp), tn: sum(tn), fn: sum(fn) };
}

/** Values by a formula, for one or all classes together, and the mean of several. */
function reduction(formula: (counts: Counts, task: ScoreTask) => Tensor, usesTopK = true): ScoreReduction {
  return (counts, task) => {
    if (task.kind === 'binary') return formula(counts, task);
    if (task.average === 'micro') return formula(summed(counts, task), task);
    return averaged(formula(counts, task), counts, task, usesTopK ? task.topK : 1);
  };
}

export const accuracyOf = /* @__PURE__ */ reduction(({ tp, fp, tn, fn }, { kind }) =>
  kind === 'multiclass' ? safeDivide(tp, tp.add(fn)) : safeDivide(tp.add(tn), tp.add(tn).add(fp).add(fn)),
);

export const precisionOf = /* @__PURE__ */ reduction(({ tp, fp }, { zeroDivision }) =>
  safeDivide(tp, tp.add(fp), zeroDivision),
);

export const recallOf = /* @__PURE__ */ reduction(({ tp, fn }, { zeroDivision }) =>
  safeDivide(tp, tp.add(fn), zeroDivision),
);

export const f1Of = /* @__PURE__ */ reduction(
  ({ tp, fp, fn }, { zeroDivision }) => safeDivide(tp.mul(2), tp.mul(2).add(fn).add(fp), zeroDivision),
  false,
);
