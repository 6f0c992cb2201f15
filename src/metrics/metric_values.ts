/** Steps that metrics share. */
import { int32, int64 } from '../core/dtype.js';
import { RuntimeError, ValueError } from '../core/errors.js';
import { formatSize } from '../core/printing.js';
import { formatNumber, formatValue } from '../core/repr.js';
import type { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';

/** How values of classes or labels become one. */
export type Average = 'micro' | 'macro' | 'weighted' | 'none' | null;

/** Whether samples count together or give a value each. */
export type MultidimAverage = 'global' | 'samplewise';

const float = (x: Tensor): Tensor => (x.isFloatingPoint() ? x : x.float());

/** A quotient, with a number of its own where the divisor is 0. */
export function safeDivide(numerator: Tensor, denominator: Tensor, zeroDivision = 0): Tensor {
  const [num, denom] = [float(numerator), float(denominator)];
  return ops.where(
    denom.ne(0),
    num.div(denom),
    ops.full([], zeroDivision, { dtype: num.dtype, device: num.device }),
  );
}

/** Probabilities: of what are none the sigmoid or softmax. */
export function normalizeLogits(x: Tensor, by: 'sigmoid' | 'softmax'): Tensor {
  const normalized = (): Tensor => (by === 'sigmoid' ? x.sigmoid() : x.softmax(1));
  const outside = x.lt(0).logicalOr(x.gt(1)).any();
  // A device that must be waited for is not asked.
  if (!x.storage.backend.isHost) return ops.where(outside, normalized(), x);
  return outside.item() === 0 ? x : normalized();
}

export function checkSameShape(preds: Tensor, target: Tensor): void {
  if (formatSize(preds.shape) !== formatSize(target.shape))
    throw new RuntimeError(
      `Predictions and targets are expected to have the same shape, but got ${formatSize(preds.shape)} and ${formatSize(target.shape)}.`,
    );
}

/** How often each number occurs below a length. */
export function countsOf(x: Tensor, length: number): Tensor {
  const place = x.reshape([-1]).to(int64);
  return ops.zeros([length], { dtype: int64, device: x.device }).scatterAdd(0, place, ops.onesLike(place));
}

/** 1 at the place of each class, 0 elsewhere, in a new last dimension. */
export function oneHot(classes: Tensor, count: number): Tensor {
  return classes
    .unsqueeze(-1)
    .eq(ops.arange(count, { device: classes.device }))
    .to(int64);
}

/**
 * Refuses a tensor if any element is wrong: at once, or on a device that must be waited for when something is read from it next.
 *
 * @param isWrong tells which elements are
 * @param name names the tensor
 * @param expected says what was expected
 */
function refuseWrong(x: Tensor, isWrong: (x: Tensor) => Tensor, name: string, expected: string): void {
  const error = (values: string) =>
    new RuntimeError(`Detected the following values in \`${name}\`: ${values} but expected only ${expected}`);
  const { backend } = x.storage;
  if (backend.isHost) {
    const values = x.unique() as Tensor;
    if (isWrong(values).any().item() !== 0) throw error(String(values));
  } else
    backend.refuseNonzero?.(isWrong(x).any().to(int32).reshape([1]), `${name}: ${expected}`, () =>
      error('others'),
    );
}

/** Checks that the elements are 0, 1 or what is ignored. */
export function checkBinary(target: Tensor, ignoreIndex: number | null): void {
  const isWrong = (x: Tensor): Tensor => {
    const wrong = x.ne(0).logicalAnd(x.ne(1));
    return ignoreIndex === null ? wrong : wrong.logicalAnd(x.ne(ignoreIndex));
  };
  const allowed = ignoreIndex === null ? '[0, 1]' : `[${ignoreIndex}]`;
  refuseWrong(target, isWrong, 'target', `the following values ${allowed}.`);
}

/** Checks that predictions which are labels are 0 or 1. */
export function checkBinaryLabels(preds: Tensor, quote = ''): void {
  if (preds.isFloatingPoint()) return;
  const isWrong = (x: Tensor): Tensor => x.ne(0).logicalAnd(x.ne(1));
  refuseWrong(
    preds,
    isWrong,
    'preds',
    `the following values [0,1] since ${quote}preds${quote} is a label tensor.`,
  );
}

/** Checks the shapes of predictions and classes, and that there are no more of these than said. */
export function checkClasses(
  preds: Tensor,
  target: Tensor,
  numClasses: number | null,
  ignoreIndex: number | null,
  tellsValues: boolean,
): void {
  const shapes = [preds.shape.slice(2), target.shape.slice(1)].map((sizes) => sizes.join());
  if (preds.ndim === target.ndim + 1) {
    if (!preds.isFloatingPoint())
      throw new ValueError(
        'If `preds` have one dimension more than `target`, `preds` should be a float tensor.',
      );
    if (numClasses !== null && preds.shape[1] !== numClasses)
      throw new ValueError(
        'If `preds` have one dimension more than `target`, `preds.shape[1]` should be equal to number of classes.',
      );
    if (shapes[0] !== shapes[1])
      throw new ValueError(
        'If `preds` have one dimension more than `target`, the shape of `preds` should be (N, C, ...), and the shape of `target` should be (N, ...).',
      );
  } else if (preds.ndim === target.ndim) {
    if (preds.shape.join() !== target.shape.join())
      throw new ValueError(
        `The \`preds\` and \`target\` should have the same shape, got \`preds\` with shape=${formatSize(preds.shape)} and \`target\` with shape=${formatSize(target.shape)}.`,
      );
  } else
    throw new ValueError(
      'Either `preds` and `target` both should have the (same) shape (N, ...), or `target` should be (N, ...) and `preds` should be (N, C, ...).',
    );
  // Elsewhere classes beyond the last are refused where they are counted.
  if (numClasses === null || preds.isFloatingPoint() || !preds.storage.backend.isHost) return;
  const most = ignoreIndex === null ? numClasses : numClasses + 1;
  for (const [x, name] of [
    [target, 'target'],
    [preds, 'preds'],
  ] as const) {
    const values = x.unique() as Tensor;
    const found = values.numel();
    if (found > most)
      throw new RuntimeError(
        `Detected more unique values in \`${name}\` than expected. Expected only ${most} but found ${found} in \`${tellsValues ? name : 'target'}\`.${tellsValues ? ` Found values: ${values}.` : ''}`,
      );
  }
}

/** Checks the number of labels of predictions [N, L, …]. */
export function checkLabels(preds: Tensor, numLabels: number): void {
  if (preds.shape[1] !== numLabels)
    throw new ValueError(
      `Expected both \`target.shape[1]\` and \`preds.shape[1]\` to be equal to the number of labels but got ${preds.shape[1]} and expected ${numLabels}`,
    );
}

/** Checks settings one by one, in torchmetrics' words. */
export const checks = {
  threshold(threshold: number, hasRange = true): void {
    if (!(threshold >= 0 && threshold <= 1))
      throw new ValueError(
        `Expected argument \`threshold\` to be a float${hasRange ? ' in the [0,1] range' : ''}, but got ${formatNumber(threshold)}.`,
      );
  },
  multidim(given: string): void {
    const allowed = ['global', 'samplewise'];
    if (!allowed.includes(given))
      throw new ValueError(
        `Expected argument \`multidim_average\` to be one of ${formatValue(allowed)}, but got ${given}`,
      );
  },
  average(given: string | null, allowed: readonly (string | null)[] = averages, comma = ','): void {
    if (!allowed.includes(given))
      throw new ValueError(
        `Expected argument \`average\` to be one of ${formatValue(allowed)}${comma} but got ${given}`,
      );
  },
  count(name: 'num_classes' | 'num_labels', count: number): void {
    if (count < 2)
      throw new ValueError(`Expected argument \`${name}\` to be an integer larger than 1, but got ${count}`);
  },
  zeroDivision(given: number): void {
    if (given !== 0 && given !== 1)
      throw new ValueError(
        `Expected argument \`zero_division\` to be 0 or 1, but got ${formatNumber(given)}.`,
      );
  },
} as const;

export const averages: readonly (string | null)[] = ['micro', 'macro', 'weighted', 'none', null];

/** The elements where a mask holds. */
export const where = (x: Tensor, mask: Tensor): Tensor => x.maskedSelect(mask);
