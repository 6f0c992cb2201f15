/** The area under the curve of true by false positives. */
import { int64 } from '../core/dtype.js';
import { RuntimeError, ValueError } from '../core/errors.js';
import { formatNumber } from '../core/repr.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';
import { warn } from '../core/warnings.js';
import { ops } from '../dispatch/registry.js';
import { tensor } from '../ops/from_data.js';
import { Metric } from './metric.js';
import {
  averages,
  checkBinary,
  checkClasses,
  checkLabels,
  checkSameShape,
  checks,
  countsOf,
  normalizeLogits,
  oneHot,
  safeDivide,
  where,
} from './metric_values.js';
import { type ClassificationTask, checkedTask, needed, ofPredsAndTarget } from './score_metrics.js';

/** Where the curve is looked at: so many places, these, or (null) at every prediction. */
export type Thresholds = number | readonly number[] | Tensor | null;

export interface AreaSettings {
  readonly kind: ClassificationTask;
  readonly count: number;
  readonly average: string | null;
  readonly maxFpr: number | null;
  readonly thresholds: Thresholds;
  readonly ignoreIndex: number | null;
  readonly validateArgs: boolean;
}

function checkSettings({ kind, count, average, maxFpr, thresholds }: AreaSettings): void {
  if (kind === 'multiclass') checks.count('num_classes', count);
  if (kind === 'multilabel') checks.count('num_labels', count);
  if (typeof thresholds === 'number' && thresholds < 2)
    throw new ValueError(
      `If argument \`thresholds\` is an integer, expected it to be larger than 1, but got ${thresholds}`,
    );
  if (Array.isArray(thresholds) && !thresholds.every((value: number) => value >= 0 && value <= 1))
    throw new ValueError(
      `If argument \`thresholds\` is a list, expected all elements to be floats in the [0,1] range, but got [${thresholds.map(formatNumber).join(', ')}]`,
    );
  if (thresholds instanceof Tensor && thresholds.ndim !== 1)
    throw new ValueError('If argument `thresholds` is an tensor, expected the tensor to be 1d');
  if (maxFpr !== null && !(maxFpr > 0 && maxFpr <= 1))
    throw new ValueError(
      `Arguments \`max_fpr\` should be a float in range (0, 1], but got: ${formatNumber(maxFpr)}`,
    );
  if (kind !== 'binary') checks.average(average, kind === 'multilabel' ? averages : averages.slice(1), '');
}

function checkTensors(preds: Tensor, target: Tensor, { kind, count, ignoreIndex }: AreaSettings): void {
  if (kind === 'multiclass') {
    if (preds.ndim !== target.ndim + 1)
      throw new ValueError(
        `Expected \`preds\` to have one more dimension than \`target\` but got ${preds.ndim} and ${target.ndim}`,
      );
    checkInt(target);
    checkClasses(preds, target, count, ignoreIndex, false);
    return;
  }
  checkSameShape(preds, target);
  checkInt(target);
  if (!preds.isFloatingPoint())
    throw new ValueError(
      `Expected argument \`preds\` to be an floating tensor with probability/logit scores, but got tensor with dtype ${preds.dtype}`,
    );
  if (kind === 'multilabel') checkLabels(preds, count);
  checkBinary(target, ignoreIndex);
}

function checkInt(target: Tensor): void {
  if (target.isFloatingPoint())
    throw new ValueError(
      `Expected argument \`target\` to be an int or long tensor with ground truth labels but got tensor with dtype ${target.dtype}`,
    );
}

function placesOf(thresholds: Thresholds, like: Tensor): Tensor | null {
  if (thresholds === null || thresholds instanceof Tensor) return thresholds;
  const { device } = like;
  return typeof thresholds === 'number'
    ? ops.linspace(0, 1, thresholds, { device })
    : tensor([...thresholds], { dtype: like.dtype, device });
}

/** Predictions [N] or [N, L], and what is true of them. */
type Scores = readonly [preds: Tensor, target: Tensor];

function scoresOf(given: Tensor, truth: Tensor, settings: AreaSettings): Scores {
  const { kind, count, ignoreIndex, validateArgs, thresholds } = settings;
  if (validateArgs) checkTensors(given, truth, settings);
  const columns = (x: Tensor): Tensor => x.transpose(0, 1).reshape([count, -1]).t();
  if (kind === 'multilabel') {
    // Of labels each has its own that are not counted.
    const preds = normalizeLogits(columns(given), 'sigmoid');
    const target = columns(truth);
    return ignoreIndex !== null && thresholds !== null
      ? [preds, target.maskedFill(target.eq(ignoreIndex), -1)]
      : [preds, target];
  }
  let preds = kind === 'multiclass' ? columns(given) : given.reshape([-1]);
  let target = truth.reshape([-1]);
  if (ignoreIndex !== null) {
    const kept = target.ne(ignoreIndex);
    preds = kind === 'multiclass' ? preds.index(kept) : where(preds, kept);
    target = where(target, kept);
  }
  return [normalizeLogits(preds, kind === 'multiclass' ? 'softmax' : 'sigmoid'), target];
}

/** Tables of yes and no at each threshold: [T, 2, 2], or [T, C, 2, 2] for classes and labels. */
function tablesOf([preds, target]: Scores, places: Tensor, { kind, count }: AreaSettings): Tensor {
  const length = places.shape[0];
  const isYes = preds.unsqueeze(-1).ge(places).to(int64);
  if (kind === 'binary') {
    const at = isYes
      .add(target.to(int64).mul(2).unsqueeze(-1))
      .add(ops.arange(length, { device: preds.device }).mul(4));
    return countsOf(at, 4 * length).reshape([length, 2, 2]);
  }
  const truth = kind === 'multiclass' ? oneHot(target, count) : target.to(int64);
  const at = isYes
    .add(truth.mul(2).unsqueeze(-1))
    .add(ops.arange(count, { device: preds.device }).mul(4).unsqueeze(-1))
    .add(ops.arange(length, { device: preds.device }).mul(4 * count))
    .reshape([-1]);
  const isKept = truth.ge(0).unsqueeze(-1).expandAs(isYes).reshape([-1]);
  const places1d = kind === 'multilabel' ? where(at, isKept) : at;
  return countsOf(places1d, 4 * count * length).reshape([length, count, 2, 2]);
}

/** False and true positives, as shares. */
type Curve = readonly [fpr: Tensor, tpr: Tensor];

/** The curve at every prediction. */
function fullCurve(preds: Tensor, target: Tensor, label = 1): Curve {
  if (!preds.storage.backend.isHost)
    throw new RuntimeError(
      `a curve at every prediction depends on values that must be waited for on ${preds.device}: give \`thresholds\`, or compute it on the CPU`,
    );
  const order = preds.argsort({ dim: -1, descending: true });
  const sorted = preds.gather(0, order);
  const isYes = target.gather(0, order).eq(label).to(int64);
  const count = sorted.shape[0];
  const changes = sorted
    .narrow(0, 1, count - 1)
    .ne(sorted.narrow(0, 0, count - 1))
    .nonzero()
    .reshape([-1]);
  const ends = ops.cat([changes, tensor([count - 1], { dtype: int64, device: preds.device })]);
  const tps = isYes.cumsum(0).gather(0, ends);
  const fps = ends.add(1).sub(tps);
  const share = (counts: Tensor, what: string, other: string): Tensor => {
    const all = ops.cat([ops.zeros([1], { dtype: counts.dtype, device: counts.device }), counts]);
    const most = all.select(0, -1);
    if (most.item() > 0) return all.div(most);
    warn(
      `No ${what} samples in targets, ${other} positive value should be meaningless. Returning zero tensor in ${other} positive score`,
    );
    return all.float().zero_();
  };
  return [share(fps, 'negative', 'false'), share(tps, 'positive', 'true')];
}

/** The curves at thresholds; the last dimension is theirs. */
function curvesAt(tables: Tensor): Curve {
  const cell = (truth: number, guess: number): Tensor => tables.select(-2, truth).select(-1, guess);
  const share = (yes: Tensor, no: Tensor): Tensor => safeDivide(yes, yes.add(no)).flip([0]).movedim(0, -1);
  return [share(cell(0, 1), cell(0, 0)), share(cell(1, 1), cell(1, 0))];
}

const area = ([fpr, tpr]: Curve): Tensor => ops.trapezoid(tpr, fpr);

/** The area up to a share of false positives, from 0.5 for chance to 1 (McClish). */
function partialArea([fpr, tpr]: Curve, maxFpr: number): Tensor {
  const most = tensor([maxFpr], { dtype: fpr.dtype, device: fpr.device });
  const stop = fpr.le(most).sum().item();
  const weight = most.sub(fpr.select(0, stop - 1)).div(fpr.select(0, stop).sub(fpr.select(0, stop - 1)));
  const [from, to] = [tpr.narrow(0, stop - 1, 1), tpr.narrow(0, stop, 1)];
  const cut: Curve = [
    ops.cat([fpr.narrow(0, 0, stop), most]),
    ops.cat([tpr.narrow(0, 0, stop), ops.lerp(from, to, weight)]),
  ];
  const least = 0.5 * maxFpr ** 2;
  return area(cut)
    .sub(least)
    .div(maxFpr - least)
    .add(1)
    .mul(0.5);
}

function binaryArea(curve: Curve, maxFpr: number | null): Tensor {
  const isWhole =
    maxFpr === null || maxFpr === 1 || curve[0].sum().item() === 0 || curve[1].sum().item() === 0;
  return isWhole ? area(curve) : partialArea(curve, maxFpr);
}

/** The predictions so far, or their tables at thresholds. */
type Collected = { readonly scores: Scores } | { readonly tables: Tensor };

function auc(collected: Collected, { kind, count, average, maxFpr, ignoreIndex }: AreaSettings): Tensor {
  if ('tables' in collected) {
    const { tables } = collected;
    if (kind === 'binary') return binaryArea(curvesAt(tables), maxFpr);
    if (average === 'micro') return area(curvesAt(tables.sum(1)));
    const positives = tables.select(0, 0).select(-2, 1).sum(-1);
    return reduced(area(curvesAt(tables)), average, positives);
  }
  const [preds, target] = collected.scores;
  const counted = (chances: Tensor, truth: Tensor): Curve => {
    if (ignoreIndex === null || kind !== 'multilabel') return fullCurve(chances, truth);
    const kept = truth.ne(ignoreIndex);
    return fullCurve(where(chances, kept), where(truth, kept));
  };
  if (kind === 'binary') return binaryArea(fullCurve(preds, target), maxFpr);
  if (average === 'micro') return area(counted(preds.reshape([-1]), target.reshape([-1])));
  const column = (x: Tensor, i: number): Tensor => x.select(1, i);
  const areas = Array.from({ length: count }, (_, i) =>
    area(
      kind === 'multiclass'
        ? fullCurve(column(preds, i), target, i)
        : counted(column(preds, i), column(target, i)),
    ),
  );
  const positives = kind === 'multiclass' ? countsOf(target, count) : target.eq(1).sum(0);
  return reduced(ops.stack(areas), average, positives);
}

function reduced(areas: Tensor, average: string | null, positives: Tensor): Tensor {
  if (average === null || average === 'none') return areas;
  const isNan = areas.isnan();
  if (areas.storage.backend.isHost && isNan.any().item() !== 0)
    warn(
      `Average precision score for one or more classes was \`nan\`. Ignoring these classes in ${average}-average`,
    );
  const kept = areas.maskedFill(isNan, 0);
  if (average === 'macro') return kept.sum().div(isNan.logicalNot().sum());
  const weights = positives.maskedFill(isNan, 0).to(areas.dtype);
  return kept.mul(safeDivide(weights, weights.sum())).sum();
}

/** The area of one batch. */
export function areaOnce(preds: Tensor, target: Tensor, settings: AreaSettings): Tensor {
  if (settings.validateArgs) checkSettings(settings);
  const scores = scoresOf(preds, target, settings);
  const places = placesOf(settings.thresholds, scores[0]);
  return auc(places === null ? { scores } : { tables: tablesOf(scores, places, settings) }, settings);
}

/** Settings that a task has not. */
export const plainArea = { count: 2, average: null, maxFpr: null } as const;

/** A task and the number of its classes or labels. @throws ValueError if nobody says */
export function kindOf(
  task: string,
  numClasses: number | null,
  numLabels: number | null,
): Pick<AreaSettings, 'kind' | 'count'> {
  const kind = checkedTask(task);
  if (kind === 'binary') return { kind, count: 2 };
  return kind === 'multiclass'
    ? { kind, count: needed('num_classes', numClasses, kind) }
    : { kind, count: needed('num_labels', numLabels, kind) };
}

const binary = /* @__PURE__ */ signature(
  'BinaryAUROC(float? max_fpr=None, int|float[]|Tensor? thresholds=None, int? ignore_index=None, bool validate_args=True)',
);
const multiclass = /* @__PURE__ */ signature(
  "MulticlassAUROC(int num_classes, str? average='macro', int|float[]|Tensor? thresholds=None, int? ignore_index=None, bool validate_args=True)",
);
const multilabel = /* @__PURE__ */ signature(
  "MultilabelAUROC(int num_labels, str? average='macro', int|float[]|Tensor? thresholds=None, int? ignore_index=None, bool validate_args=True)",
);
const anyTask = /* @__PURE__ */ signature(
  "AUROC(str task, int|float[]|Tensor? thresholds=None, int? num_classes=None, int? num_labels=None, str? average='macro', float? max_fpr=None, int? ignore_index=None, bool validate_args=True)",
);

/** An area over batches. Without thresholds all predictions are kept. */
export abstract class AreaMetric extends Metric {
  override readonly fullStateUpdate = false;
  override readonly higherIsBetter = true;
  readonly #settings: AreaSettings;
  #places: Tensor | null = null;

  constructor(settings: AreaSettings) {
    super();
    if (settings.validateArgs) checkSettings(settings);
    this.#settings = settings;
    const { thresholds, kind, count } = settings;
    if (thresholds === null) {
      this.addState('preds', [], 'cat');
      this.addState('target', [], 'cat');
    } else {
      this.#places = placesOf(thresholds, ops.zeros([0]))!;
      const [length] = this.#places.shape;
      const sizes = kind === 'binary' ? [length, 2, 2] : [length, count, 2, 2];
      this.addState('confmat', ops.zeros(sizes, { dtype: int64 }), 'sum');
    }
  }

  protected override emptyCopy(): AreaMetric {
    return Reflect.construct(AreaMetric, [this.#settings], this.constructor) as AreaMetric;
  }

  /** Takes a batch in. @param preds probabilities or logits @param target the truth */
  override update(...args: Arguments<typeof ofPredsAndTarget>): void {
    const { preds, target } = ofPredsAndTarget.bind(args);
    const scores = scoresOf(preds, target, this.#settings);
    if (this.#places === null) {
      this.add('preds', scores[0]);
      this.add('target', scores[1]);
    } else this.add('confmat', tablesOf(scores, this.#places.to(preds.device), this.#settings));
  }

  /** The area of all batches since the last reset. */
  override compute(): Tensor {
    const collected: Collected =
      this.#places === null
        ? { scores: [this.joined('preds'), this.joined('target')] }
        : { tables: this.state('confmat') };
    return auc(collected, this.#settings);
  }
}

interface AreaWords {
  average: 'macro' | 'weighted' | 'none' | null;
  thresholds: Thresholds;
}

/** The area for answers of yes or no. */
export class BinaryAUROC extends AreaMetric {
  /**
   * @param maxFpr up to which share of false positives
   * @param thresholds where the curve is looked at, which keeps memory constant
   * @param ignoreIndex the truth that is not counted
   * @param validateArgs whether inputs are checked, which reads them
   */
  constructor(...args: Arguments<typeof binary, AreaWords>) {
    super({ ...plainArea, ...binary.bind(args), kind: 'binary' });
  }
}

/** The area for classes, each against all others. */
export class MulticlassAUROC extends AreaMetric {
  /**
   * @param numClasses how many classes there are
   * @param average how areas of classes become one
   * @param thresholds where the curve is looked at, which keeps memory constant
   * @param ignoreIndex the class that is not counted
   * @param validateArgs whether inputs are checked, which reads them
   */
  constructor(...args: Arguments<typeof multiclass, AreaWords>) {
    const { numClasses, ...given } = multiclass.bind(args);
    super({ ...plainArea, ...given, kind: 'multiclass', count: numClasses });
  }
}

/** The area for labels. */
export class MultilabelAUROC extends AreaMetric {
  /**
   * @param numLabels how many labels there are
   * @param average how areas of labels become one
   * @param thresholds where the curve is looked at, which keeps memory constant
   * @param ignoreIndex the truth that is not counted
   * @param validateArgs whether inputs are checked, which reads them
   */
  constructor(
    ...args: Arguments<typeof multilabel, { average: AreaWords['average'] | 'micro'; thresholds: Thresholds }>
  ) {
    const { numLabels, ...given } = multilabel.bind(args);
    super({ ...plainArea, ...given, kind: 'multilabel', count: numLabels });
  }
}

/** The area for the task that is named. */
export class AUROC extends AreaMetric {
  /**
   * @param task `'binary'`, `'multiclass'` or `'multilabel'`
   * @param thresholds where the curve is looked at
   * @param numClasses how many classes there are
   * @param numLabels how many labels there are
   * @param average how areas become one
   */
  constructor(...args: Arguments<typeof anyTask, AreaWords & { task: ClassificationTask }>) {
    const { task, numClasses, numLabels, ...given } = anyTask.bind(args);
    super({ ...given, ...kindOf(task, numClasses, numLabels) });
  }
}
