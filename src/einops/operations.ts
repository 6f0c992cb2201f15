/** `rearrange`, `reduce`, `repeat`, `einsum` and `parseShape`. */
import { NotImplementedError, RuntimeError, TypeError, ValueError } from '../core/errors.js';
import { formatSize } from '../core/printing.js';
import { formatValue } from '../core/repr.js';
import { signature } from '../core/signature/signature.js';
import { Tensor } from '../core/tensor.js';
import { ops } from '../dispatch/registry.js';
import { bindAxes } from './bind_axes.js';
import { EinopsError } from './einops_error.js';
import { AnonymousAxis, type Axis, ellipsis, letters, parseExpression, sidesOf } from './pattern.js';
import { type AxesLengths, type Operation, type Reducer, type Reduction, transform } from './run_pattern.js';

/** A tensor, or several of one shape, which become the first dimension. */
export type TensorOrList = Tensor | readonly Tensor[];

function run(given: unknown, pattern: string, operation: Operation, lengths: AxesLengths): Tensor {
  const isList = Array.isArray(given);
  if (isList && given.length === 0)
    throw new TypeError("Rearrange/Reduce/Repeat can't be applied to an empty list");
  const tensor = isList ? ops.stack(given as Tensor[]) : given;
  if (!(tensor instanceof Tensor))
    throw new TypeError(`einops works on tensors and lists of them, not on ${formatValue(tensor)}`);
  try {
    return transform(tensor, pattern, operation, lengths);
  } catch (error) {
    if (!(error instanceof EinopsError)) throw error;
    const name = typeof operation === 'function' ? operation.name : operation;
    const input = isList ? 'Input is list. ' : `Input tensor shape: ${formatSize(tensor.shape)}. `;
    const info = Object.entries(lengths).map(([axis, length]) => `'${axis}': ${formatValue(length)}`);
    throw new EinopsError(
      ` Error while processing ${name}-reduction pattern "${pattern}".\n ${input}Additional info: {${info.join(', ')}}.\n ${error.message}`,
    );
  }
}

const rearrangeSignature = signature('rearrange(Any tensor, str pattern)');

/**
 * The tensor with its dimensions in another order, taken apart or joined, as the pattern says: `'b c (h 2) -> b (c h) 2'`.
 *
 * @param tensor a tensor, or a list of tensors of one shape, which become the first dimension
 * @param pattern the dimensions before and after `->`
 * @param axesLengths lengths of axes that the shape does not tell
 * @throws EinopsError if the pattern is wrong or the tensor does not fit it
 * @example
 * rearrange(images, 'b (h p1) (w p2) c -> b (h w) (p1 p2 c)', { p1: 16, p2: 16 });
 */
export function rearrange(tensor: TensorOrList, pattern: string, axesLengths?: AxesLengths): Tensor;
export function rearrange(
  given: { tensor: TensorOrList; pattern: string } & Readonly<Record<string, unknown>>,
): Tensor;
export function rearrange(...args: unknown[]): Tensor {
  const { given, lengths } = bindAxes(rearrangeSignature, args);
  return run(given.tensor, given.pattern, 'rearrange', lengths);
}

const reduceSignature = signature('reduce(Any tensor, str pattern, Any reduction)');

/**
 * Rearranges, and reduces by the axes that stand on the left side alone: `reduce(x, 'b c h w -> b c', 'mean')`.
 *
 * @param tensor a tensor, or a list of tensors of one shape
 * @param pattern the dimensions before and after `->`
 * @param reduction 'min', 'max', 'sum', 'mean', 'prod', 'any', 'all', or a function of a tensor and dimensions
 * @param axesLengths lengths of axes that the shape does not tell
 * @throws EinopsError if the pattern is wrong or the tensor does not fit it
 * @example
 * // Max-pooling by 2 × 2.
 * reduce(images, 'b c (h 2) (w 2) -> b c h w', 'max');
 */
export function reduce(
  tensor: TensorOrList,
  pattern: string,
  reduction: Reduction | Reducer,
  axesLengths?: AxesLengths,
): Tensor;
export function reduce(
  given: { tensor: TensorOrList; pattern: string; reduction: Reduction | Reducer } & Readonly<
    Record<string, unknown>
  >,
): Tensor;
export function reduce(...args: unknown[]): Tensor {
  const { given, lengths } = bindAxes(reduceSignature, args);
  return run(given.tensor, given.pattern, given.reduction as Reduction | Reducer, lengths);
}

const repeatSignature = signature('repeat(Any tensor, str pattern)');

/**
 * Rearranges, and repeats the elements along the axes that stand on the right side alone.
 *
 * @param tensor a tensor, or a list of tensors of one shape
 * @param pattern the dimensions before and after `->`
 * @param axesLengths lengths of new axes, and of those that the shape does not tell
 * @throws EinopsError if the pattern is wrong or the tensor does not fit it
 * @example
 * repeat(image, 'h w -> (h 2) (w 2) c', { c: 3 });
 */
export function repeat(tensor: TensorOrList, pattern: string, axesLengths?: AxesLengths): Tensor;
export function repeat(
  given: { tensor: TensorOrList; pattern: string } & Readonly<Record<string, unknown>>,
): Tensor;
export function repeat(...args: unknown[]): Tensor {
  const { given, lengths } = bindAxes(repeatSignature, args);
  return run(given.tensor, given.pattern, 'repeat', lengths);
}

function nameOf(axes: readonly Axis[]): string {
  if (axes.length === 0) throw new NotImplementedError('Singleton () axes are not yet supported in einsum.');
  if (axes.length > 1) throw new NotImplementedError('Shape rearrangement is not yet supported in einsum.');
  if (axes[0] instanceof AnonymousAxis)
    throw new NotImplementedError('Anonymous axes are not yet supported in einsum.');
  return axes[0];
}

/** The equation of `torch.einsum`, whose names are letters, for a pattern of words. */
function equationOf(pattern: string): string {
  if (!pattern.includes('->')) throw new ValueError("Einsum pattern must contain '->'.");
  const [left, right] = sidesOf(pattern);
  const known = new Map<string, string>();
  const options = { takesUnderscore: true, takesDuplicates: true };
  const operands = left.split(',').map((operand) =>
    parseExpression(operand, options).dimensions.map(({ axes }) => {
      const name = nameOf(axes);
      if (name === ellipsis) return '...';
      if (!known.has(name)) {
        if (known.size === letters.length) throw new RuntimeError('Too many axes in einsum.');
        known.set(name, letters[known.size]);
      }
      return known.get(name);
    }),
  );
  const result = parseExpression(right, { takesUnderscore: true }).dimensions.map(({ axes }) => {
    const name = nameOf(axes);
    if (name === ellipsis) return '...';
    if (!known.has(name)) throw new EinopsError(`Unknown axis ${name} on right side of einsum ${pattern}.`);
    return known.get(name);
  });
  return `${operands.map((names) => names.join('')).join(',')}->${result.join('')}`;
}

/**
 * `torch.einsum` with words for axes: `einsum(queries, keys, 'batch i d, batch j d -> batch i j')`.
 *
 * @param tensorsAndPattern the operands, and the pattern last
 * @throws EinopsError if the pattern is wrong
 */
export function einsum(...tensorsAndPattern: readonly [...tensors: Tensor[], pattern: string]): Tensor {
  const pattern = tensorsAndPattern.at(-1);
  const tensors = tensorsAndPattern.slice(0, -1);
  if (tensorsAndPattern.length <= 1)
    throw new ValueError(
      '`einops.einsum` takes at minimum two arguments: the tensors (at least one), followed by the pattern.',
    );
  if (typeof pattern !== 'string')
    throw new ValueError(
      'The last argument passed to `einops.einsum` must be a string, representing the einsum pattern.',
    );
  return ops.einsum(equationOf(pattern), tensors as Tensor[]);
}

const parseShapeSignature = signature('parse_shape(Tensor x, str pattern)');

/**
 * The lengths of a tensor's axes by name; `_` skips one.
 *
 * @param x the tensor
 * @param pattern names of its dimensions
 * @throws RuntimeError if the tensor has other dimensions
 * @example
 * parseShape(images, 'batch _ h w'); // { batch: 2, h: 5, w: 7 }
 */
export function parseShape(x: Tensor, pattern: string): Record<string, number>;
export function parseShape(given: { x: Tensor; pattern: string }): Record<string, number>;
export function parseShape(...args: unknown[]): Record<string, number> {
  const { x, pattern } = parseShapeSignature.bind(args as never);
  const { dimensions, axes } = parseExpression(pattern, { takesUnderscore: true });
  const shown = `${pattern} ${formatSize(x.shape)}`;
  if (dimensions.some((dimension) => dimension.axes.length > 1))
    throw new RuntimeError(`Can't parse shape with composite axes: ${shown}`);
  const hasEllipsis = axes.has(ellipsis);
  const others = x.ndim - dimensions.length;
  if (hasEllipsis && others < -1)
    throw new RuntimeError(`Can't parse shape with this number of dimensions: ${shown}`);
  if (!hasEllipsis && others !== 0)
    throw new RuntimeError(`Can't parse shape with different number of dimensions: ${shown}`);
  const spelled = dimensions.flatMap((dimension) =>
    dimension.axes[0] === ellipsis ? new Array<readonly Axis[]>(others + 1).fill(['_']) : [dimension.axes],
  );
  const found: Record<string, number> = {};
  for (const [i, [axis]] of spelled.entries()) {
    if (axis === undefined) {
      if (x.shape[i] !== 1) throw new RuntimeError(`Length of axis is not 1: ${shown}`);
    } else if (axis instanceof AnonymousAxis) {
      if (axis.length !== x.shape[i])
        throw new RuntimeError(`Length of anonymous axis does not match: ${shown}`);
    } else if (axis !== '_') found[axis] = x.shape[i];
  }
  return found;
}
