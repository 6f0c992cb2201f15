/** Shapes and strides. Sizes are row-major, strides in elements. */
import { IndexError, RuntimeError } from './errors.js';
import { inspect } from './inspect.js';
import type { List } from './list.js';

export type Shape = readonly number[];

/** An array, whose elements the compiler takes for present. */
const Numbers = Array as unknown as {
  new (length: number): List<number>;
  readonly [Symbol.species]: ArrayConstructor;
};

/** A tensor's sizes as PyTorch prints them: `torch.Size([3, 4])`. */
export class Size extends Numbers {
  /** @internal */
  static create(shape: Shape): Size {
    const size = new Size(shape.length);
    for (let i = 0; i < shape.length; i++) size[i] = shape[i];
    return size;
  }

  /** The number of elements. */
  numel(): number {
    return numel(this);
  }

  override toString(): string {
    return `torch.Size(${formatShape(this)})`;
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }

  // Derived arrays (map, filter, …) are plain arrays.
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

/** `[2, 3]`, the way PyTorch's error texts write sizes. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

export function numel(shape: Shape): number {
  let n = 1;
  for (let i = 0; i < shape.length; i++) n *= shape[i];
  return n;
}

/** Row-major strides. Empty dimensions count as one, as in PyTorch. */
export function contiguousStrides(shape: Shape): number[] {
  const n = shape.length;
  if (n === 1) return [1];
  const strides = new Array<number>(n);
  let step = 1;
  for (let i = n - 1; i >= 0; i--) {
    strides[i] = step;
    step *= Math.max(shape[i], 1);
  }
  return strides;
}

export function isContiguous(shape: Shape, strides: readonly number[]): boolean {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    const size = shape[i];
    if (size === 0) return true;
    if (size !== 1) {
      if (strides[i] !== step) return numel(shape) === 0;
      step *= size;
    }
  }
  return true;
}

/** Whether the elements fill a stretch of memory without gaps or overlaps, in any order of dimensions. */
export function isNonOverlappingAndDense(shape: Shape, strides: readonly number[]): boolean {
  if (isContiguous(shape, strides)) return true;
  let step = 1;
  for (const i of dimensionsByStride(shape, strides)) {
    if (shape[i] === 1) continue;
    if (strides[i] !== step) return false;
    step *= shape[i];
  }
  return true;
}

/** Dimensions from the smallest stride to the largest; ties keep the later dimension first. */
function dimensionsByStride(shape: Shape, strides: readonly number[]): number[] {
  return shape.map((_, i) => shape.length - 1 - i).sort((a, b) => strides[a] - strides[b]);
}

/** Strides of a new tensor that keeps the memory order of a dense one; row-major for any other. */
export function stridesLike(shape: Shape, strides: readonly number[]): number[] {
  if (isContiguous(shape, strides)) return contiguousStrides(shape);
  if (isNonOverlappingAndDense(shape, strides)) return [...strides];
  if (strides.some((s) => s <= 0)) return contiguousStrides(shape);
  // Not dense: the order of its strides, without the gaps.
  const result = new Array<number>(shape.length);
  let step = 1;
  for (const i of dimensionsByStride(shape, strides)) {
    result[i] = step;
    step *= Math.max(shape[i], 1);
  }
  return result;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The common shape of two that broadcast. @throws RuntimeError in PyTorch's words */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const n = Math.max(a.length, b.length);
  const result = new Array<number>(n);
  for (let i = n - 1; i >= 0; i--) {
    const ia = i - n + a.length;
    const ib = i - n + b.length;
    const x = ia < 0 ? 1 : a[ia];
    const y = ib < 0 ? 1 : b[ib];
    if (x !== y && x !== 1 && y !== 1)
      throw new RuntimeError(
        `The size of tensor a (${x}) must match the size of tensor b (${y}) at non-singleton dimension ${i}`,
      );
    result[i] = x === 1 ? y : x;
  }
  return result;
}

/** @throws RuntimeError unless what is written to has the shape of what is written */
export function checkHeld(output: Shape, shape: Shape): void {
  if (!sameShape(output, shape))
    throw new RuntimeError(
      `output with shape ${formatShape(output)} doesn't match the broadcast shape ${formatShape(shape)}`,
    );
}

/** Strides under which a view of `shape` is read as `target`: 0 along every broadcast dimension. */
export function broadcastStrides(shape: Shape, strides: readonly number[], target: Shape): readonly number[] {
  if (sameShape(shape, target)) return strides;
  const lead = target.length - shape.length;
  const result = new Array<number>(target.length);
  for (let i = 0; i < target.length; i++) {
    const j = i - lead;
    result[i] = j < 0 || (shape[j] === 1 && target[i] !== 1) ? 0 : strides[j];
  }
  return result;
}

/** A dimension counted from either end, made non-negative. A 0-d tensor has the dimensions -1 and 0. */
export function wrapDim(dim: number, ndim: number): number {
  const n = ndim === 0 ? 1 : ndim;
  if (dim < -n || dim >= n)
    throw new IndexError(
      `Dimension out of range (expected to be in range of [${-n}, ${n - 1}], but got ${dim})`,
    );
  return dim < 0 ? dim + n : dim;
}

/** Several dimensions, made non-negative; a repeated one is refused. An empty list or null stands for all. */
export function wrapDims(dims: readonly number[] | null | undefined, ndim: number): number[] {
  if (dims === null || dims === undefined || dims.length === 0) {
    const all: number[] = [];
    for (let i = 0; i < ndim; i++) all.push(i);
    return all;
  }
  const seen = new Set<number>();
  return dims.map((d) => {
    const dim = wrapDim(d, ndim);
    if (seen.has(dim)) throw new RuntimeError(`dim ${dim} appears multiple times in the list of dims`);
    seen.add(dim);
    return dim;
  });
}

/**
 * Strides under which memory of (shape, strides) can be seen with `target` sizes, or null where only a copy can.
 * Neighbouring dimensions that lie contiguously are one run, and a run can be cut at will.
 */
export function viewStrides(shape: Shape, strides: readonly number[], target: Shape): number[] | null {
  const count = numel(shape);
  if (count === 0) return sameShape(shape, target) ? [...strides] : contiguousStrides(target);
  const result = new Array<number>(target.length);
  let t = target.length - 1;
  let base = shape.length > 0 ? strides[shape.length - 1] : 1;
  let run = 1;
  let cut = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    run *= shape[d];
    const endsRun = d === 0 || (shape[d - 1] !== 1 && strides[d - 1] !== run * base);
    if (!endsRun) continue;
    while (t >= 0 && (cut < run || target[t] === 1)) {
      result[t] = cut * base;
      cut *= target[t];
      t--;
    }
    if (cut !== run) return null;
    if (d > 0) {
      base = strides[d - 1];
      run = 1;
      cut = 1;
    }
  }
  // Only sizes of 1 can be left (a 0-d source).
  for (; t >= 0; t--) {
    if (target[t] !== 1) return null;
    result[t] = cut * base;
  }
  return result;
}

/** Replaces a -1 in `shape` by what the number of elements leaves for it. */
export function inferSize(shape: Shape, count: number): number[] {
  let product = 1;
  let hole = -1;
  for (let i = 0; i < shape.length; i++) {
    if (shape[i] === -1) {
      if (hole >= 0) throw new RuntimeError('only one dimension can be inferred');
      hole = i;
    } else if (shape[i] < 0)
      throw new RuntimeError(
        `invalid shape dimension ${shape[i]} at index ${i} of shape ${formatShape(shape)}`,
      );
    else product *= shape[i];
  }
  const fits = hole < 0 ? product === count : product > 0 ? count % product === 0 : count === 0;
  if (!fits) throw new RuntimeError(`shape '${formatShape(shape)}' is invalid for input of size ${count}`);
  const result = [...shape];
  if (hole >= 0) {
    if (product === 0)
      throw new RuntimeError(
        `cannot reshape tensor of 0 elements into shape ${formatShape(shape)} because the unspecified dimension size -1 can be any value and is ambiguous`,
      );
    result[hole] = count / product;
  }
  return result;
}
