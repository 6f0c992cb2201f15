/** Loops over several views at once, with as few dimensions as they need. */
import type { StridedView } from '../backend.js';

/** Strides of a view broadcast to `shape`. */
export function stridesIn(view: StridedView, shape: readonly number[]): number[] {
  const lead = shape.length - view.shape.length;
  return shape.map((n, d) =>
    d < lead || (view.shape[d - lead] === 1 && n !== 1) ? 0 : view.strides[d - lead],
  );
}

export interface Loop {
  readonly sizes: readonly number[];
  /** By view, then by dimension. */
  readonly strides: readonly (readonly number[])[];
}

/** Dimensions of size 1 left out, and neighbours joined that all views run through as one. */
export function joined(sizes: readonly number[], strides: readonly (readonly number[])[]): Loop {
  const kept: number[] = [];
  const steps: number[][] = strides.map(() => []);
  for (let d = 0; d < sizes.length; d++) {
    if (sizes[d] === 1) continue;
    const last = kept.length - 1;
    if (last >= 0 && strides.every((s, k) => steps[k][last] === s[d] * sizes[d])) {
      kept[last] *= sizes[d];
      for (const [k, s] of strides.entries()) steps[k][last] = s[d];
    } else {
      kept.push(sizes[d]);
      for (const [k, s] of strides.entries()) steps[k].push(s[d]);
    }
  }
  return { sizes: kept, strides: steps };
}

/** The dimensions in the order in which the first view lies in memory. */
export function inMemoryOrder({ sizes, strides }: Loop): Loop {
  const order = sizes
    .map((_, d) => d)
    .sort((a, b) => Math.abs(strides[0][b]) - Math.abs(strides[0][a]) || a - b);
  return { sizes: order.map((d) => sizes[d]), strides: strides.map((s) => order.map((d) => s[d])) };
}

export function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}

/**
 * Statements that turn a row-major number into element positions.
 *
 * @param index an expression of the number; it must be below the product of the sizes
 * @param names variables to add to, one per view
 * @param sizes expressions of the sizes
 * @param strides expressions of the strides, by view
 */
export function positions(
  index: string,
  names: readonly string[],
  sizes: readonly string[],
  strides: readonly (readonly string[])[],
): string {
  const lines = [`var rest = ${index};`];
  for (let d = sizes.length - 1; d >= 0; d--) {
    lines.push(d > 0 ? `let c${d} = rest % ${sizes[d]}; rest /= ${sizes[d]};` : `let c0 = rest;`);
    for (const [k, name] of names.entries()) lines.push(`${name} += c${d} * ${strides[k][d]};`);
  }
  return `{ ${lines.join(' ')} }`;
}
