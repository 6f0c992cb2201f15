/** Runs patterns: what `rearrange`, `reduce` and `repeat` have in common. */
import { TypeError } from '../core/errors.js';
import { numel, sameShape } from '../core/layout.js';
import { formatValue } from '../core/repr.js';
import type { Tensor } from '../core/tensor.js';
import { EinopsError } from './einops_error.js';
import {
  AnonymousAxis,
  type Axis,
  type Expression,
  ellipsis,
  formatAxes,
  parseExpression,
  sidesOf,
  whyNoName,
} from './pattern.js';

/** Lengths of axes by name, where a tensor's shape does not tell them. */
export type AxesLengths = Readonly<Record<string, number>>;

/** Takes the dimensions `dims` out of a tensor. */
export type Reducer = (tensor: Tensor, dims: readonly number[]) => Tensor;

/** Reduces by one dimension after the other, the last one first. */
const oneByOne =
  (reduce: (tensor: Tensor, dim: number) => Tensor): Reducer =>
  (tensor, dims) =>
    [...dims].sort((a, b) => b - a).reduce(reduce, tensor);

/** Reductions by name. */
const reducers = {
  min: (x, dim) => x.amin({ dim }),
  max: (x, dim) => x.amax({ dim }),
  sum: (x, dim) => x.sum({ dim }),
  mean: (x, dim) => x.mean({ dim }),
  prod: oneByOne((x, dim) => x.prod({ dim })),
  any: oneByOne((x, dim) => x.any({ dim })),
  all: oneByOne((x, dim) => x.all({ dim })),
} satisfies Record<string, Reducer>;

export type Reduction = keyof typeof reducers;

/** The work beside taking dimensions apart and joining them. */
export type Operation = 'rearrange' | 'repeat' | Reduction | Reducer;

const isReduction = (name: unknown): name is Reduction =>
  typeof name === 'string' && Object.hasOwn(reducers, name);

interface Sides {
  readonly left: Expression;
  readonly right: Expression;
}

const parsed = new Map<string, Sides>();

/** The sides of a pattern, those of the last few hundred kept. */
function sides(pattern: string): Sides {
  let found = parsed.get(pattern);
  if (found === undefined) {
    const [left, right] = sidesOf(pattern);
    found = { left: parseExpression(left), right: parseExpression(right) };
    if (parsed.size >= 256) parsed.delete(parsed.keys().next().value!);
    parsed.set(pattern, found);
  }
  return found;
}

const difference = (a: Iterable<Axis>, b: ReadonlySet<Axis>): Axis[] => [...a].filter((axis) => !b.has(axis));

function refuse(axes: readonly Axis[], what: string): void {
  if (axes.length > 0) throw new EinopsError(`${what}: ${formatAxes(axes)}`);
}

/** Checks all that does not depend on a tensor. @throws EinopsError in einops' words */
export function checkPattern(pattern: string, operation: Operation, lengths: AxesLengths): Sides {
  const both = sides(pattern);
  const { left, right } = both;
  if (!left.axes.has(ellipsis) && right.axes.has(ellipsis))
    throw new EinopsError(`Ellipsis found in right side, but not left side of a pattern ${pattern}`);
  if (left.dimensions.some(({ axes, isComposed }) => isComposed && axes.includes(ellipsis)))
    throw new EinopsError(`Ellipsis inside parenthesis in the left side is not allowed: ${pattern}`);
  if (operation === 'rearrange') {
    if ([...left.axes, ...right.axes].some((axis) => axis instanceof AnonymousAxis))
      throw new EinopsError(
        'Non-unitary anonymous axes are not supported in rearrange (exception is length 1)',
      );
    const single = [...difference(left.axes, right.axes), ...difference(right.axes, left.axes)];
    refuse(single, 'Identifiers only on one side of expression (should be on both)');
  } else if (operation === 'repeat') {
    refuse(difference(left.axes, right.axes), 'Unexpected identifiers on the left side of repeat');
    const named = [...right.axes].filter((axis) => typeof axis === 'string' && !Object.hasOwn(lengths, axis));
    refuse(difference(named, left.axes), 'Specify sizes for new axes in repeat');
  } else if (typeof operation === 'function' || isReduction(operation)) {
    const name = typeof operation === 'function' ? operation.name : operation;
    refuse(difference(right.axes, left.axes), `Unexpected identifiers on the right side of reduce ${name}`);
  } else {
    const known = Object.keys(reducers)
      .map((name) => `'${name}'`)
      .join(', ');
    throw new EinopsError(`Unknown reduction ${String(operation)}. Expect one of (${known}).`);
  }
  for (const [name, length] of Object.entries(lengths)) {
    if (whyNoName(name) !== null) throw new EinopsError(`Invalid name for an axis: ${name}`);
    if (!left.axes.has(name) && !right.axes.has(name))
      throw new EinopsError(`Axis ${name} is not used in transform`);
    if (!Number.isSafeInteger(length) || length < 0)
      throw new TypeError(`the length of axis ${name} must be a whole number, not ${formatValue(length)}`);
  }
  return both;
}

/** The dimensions of an expression as lists of axes, with as many for the ellipsis as a tensor has there. */
function spelledOut({ dimensions }: Expression, ellipsisCount: number): Axis[][] {
  const inner = Array.from({ length: ellipsisCount }, (_, i) => `${ellipsis}${i}`);
  return dimensions.flatMap(({ axes, isComposed }) => {
    if (!isComposed && axes[0] === ellipsis) return inner.map((axis) => [axis]);
    return [axes.flatMap((axis) => (axis === ellipsis ? inner : [axis]))];
  });
}

/** How many dimensions the ellipsis stands for. @throws EinopsError if the tensor has too few dimensions, or too many */
function countOfEllipsis({ dimensions, axes }: Expression, ndim: number): number {
  if (axes.has(ellipsis)) {
    const others = dimensions.length - 1;
    if (ndim >= others) return ndim - others;
    throw new EinopsError(`Wrong shape: expected >=${others} dims. Received ${ndim}-dim tensor.`);
  }
  if (ndim === dimensions.length) return 0;
  throw new EinopsError(`Wrong shape: expected ${dimensions.length} dims. Received ${ndim}-dim tensor.`);
}

/** The lengths of all axes. @throws EinopsError where the shape does not fit, or does not tell */
function lengthsOf(
  left: readonly (readonly Axis[])[],
  right: readonly (readonly Axis[])[],
  shape: readonly number[],
  given: AxesLengths,
): Map<Axis, number> {
  const lengths = new Map<Axis, number>();
  for (const axis of [...left, ...right].flat()) {
    if (axis instanceof AnonymousAxis) lengths.set(axis, axis.length);
    else if (Object.hasOwn(given, axis)) lengths.set(axis, given[axis]);
  }
  for (const [i, axes] of left.entries()) {
    const unknown = axes.filter((axis) => !lengths.has(axis));
    if (unknown.length > 1) throw new EinopsError(`Could not infer sizes for ${formatAxes(unknown)}`);
    const known = numel(axes.map((axis) => lengths.get(axis) ?? 1));
    if (unknown.length === 0) {
      if (shape[i] !== known) throw new EinopsError(`Shape mismatch, ${shape[i]} != ${known}`);
    } else if (known === 0 || shape[i] % known !== 0)
      throw new EinopsError(`Shape mismatch, can't divide axis of length ${shape[i]} in chunks of ${known}`);
    else lengths.set(unknown[0], shape[i] / known);
  }
  return lengths;
}

/** Runs a pattern on a tensor. */
export function transform(tensor: Tensor, pattern: string, operation: Operation, given: AxesLengths): Tensor {
  const sides = checkPattern(pattern, operation, given);
  const count = countOfEllipsis(sides.left, tensor.ndim);
  const [left, right] = [spelledOut(sides.left, count), spelledOut(sides.right, count)];
  const lengths = lengthsOf(left, right, tensor.shape, given);
  const sizes = (axes: readonly Axis[]): number[] => axes.map((axis) => lengths.get(axis)!);
  const [from, to] = [left.flat(), right.flat()];
  // Axes that stay come first, in their new order; those that are reduced follow.
  const kept = to.filter((axis) => from.includes(axis));
  const order = [...kept, ...from.filter((axis) => !to.includes(axis))].map((axis) => from.indexOf(axis));
  let result = shaped(tensor, sizes(from));
  if (order.some((at, i) => at !== i)) result = result.permute(order);
  const reduced = order.map((_, i) => i).slice(kept.length);
  if (reduced.length > 0) {
    const reducer = typeof operation === 'function' ? operation : reducers[operation as Reduction];
    result = reducer(result, reduced);
  }
  for (const [i, axis] of to.entries()) if (!from.includes(axis)) result = result.unsqueeze(i);
  if (to.length > kept.length) result = result.expand(sizes(to));
  return shaped(
    result,
    right.map((axes) => numel(sizes(axes))),
  );
}

function shaped(tensor: Tensor, shape: readonly number[]): Tensor {
  return sameShape(tensor.shape, shape) ? tensor : tensor.reshape(shape);
}
