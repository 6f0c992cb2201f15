/**
 * A line search for a step that meets Wolfe's strong conditions (J. Nocedal and S. Wright, Numerical Optimization, 2006, algorithms 3.5
 * and 3.6), by cubic interpolation.
 */
import type { Tensor } from '../core/tensor.js';

/** A step along the direction, with the function's value and slope there. */
export interface Point {
  /** How far along the direction. */
  readonly t: number;
  readonly loss: number;
  readonly grad: Tensor;
  /** The derivative along the direction. */
  readonly slope: number;
}

/** The minimum of the cubic through two points with these slopes, within bounds. */
function interpolated(
  a: Point,
  b: Point,
  [least, most]: readonly [number, number] = a.t <= b.t ? [a.t, b.t] : [b.t, a.t],
): number {
  const d1 = a.slope + b.slope - (3 * (a.loss - b.loss)) / (a.t - b.t);
  const square = d1 * d1 - a.slope * b.slope;
  if (!(square >= 0)) return (least + most) / 2;
  const d2 = Math.sqrt(square);
  const [low, high] = a.t <= b.t ? [a, b] : [b, a];
  const found = high.t - (high.t - low.t) * ((high.slope + d2 - d1) / (high.slope - low.slope + 2 * d2));
  return Math.min(Math.max(found, least), most);
}

const DECREASE = 1e-4;
const CURVATURE = 0.9;

interface Search {
  /** The point to start from, at 0. */
  readonly start: Point;
  /** The first step to try. */
  readonly t: number;
  /** The largest element of the direction. */
  readonly largest: number;
  readonly toleranceChange: number;
  /** How many points may be tried beside the first. */
  readonly most: number;
}

/** The point found, and how many were tried. */
export interface Found {
  readonly point: Point;
  readonly evaluations: number;
}

/** Searches along a direction. @param evaluate what is known at a step */
export function strongWolfe(
  { start, t, largest, toleranceChange, most }: Search,
  evaluate: (t: number) => Point,
): Found {
  const rises = (point: Point): boolean => point.loss > start.loss + DECREASE * point.t * start.slope;
  const isFlat = (point: Point): boolean => Math.abs(point.slope) <= -CURVATURE * start.slope;
  let point = evaluate(t);
  let evaluations = 1;
  let previous = start;
  let tried = 0;
  let bracket: [Point, Point] | null = null;
  for (; tried < most; tried++) {
    if (rises(point) || (tried > 1 && point.loss >= previous.loss)) {
      bracket = [previous, point];
      break;
    }
    if (isFlat(point)) return { point, evaluations };
    if (point.slope >= 0) {
      bracket = [previous, point];
      break;
    }
    const next = interpolated(previous, point, [point.t + 0.01 * (point.t - previous.t), point.t * 10]);
    previous = point;
    point = evaluate(next);
    evaluations++;
  }
  const ends = bracket ?? [start, point];
  let [low, high] = ends[0].loss <= ends[1].loss ? [0, 1] : [1, 0];
  let isStuck = false;
  for (; tried < most; tried++) {
    const [from, to] = [Math.min(ends[0].t, ends[1].t), Math.max(ends[0].t, ends[1].t)];
    if (Math.abs(ends[1].t - ends[0].t) * largest < toleranceChange) break;
    let next = interpolated(ends[0], ends[1]);
    // A step too near to an end, for the second time, is moved away from it.
    const margin = 0.1 * (to - from);
    if (Math.min(to - next, next - from) < margin) {
      if (isStuck || next >= to || next <= from) {
        next = Math.abs(next - to) < Math.abs(next - from) ? to - margin : from + margin;
        isStuck = false;
      } else isStuck = true;
    } else isStuck = false;
    point = evaluate(next);
    evaluations++;
    if (rises(point) || point.loss >= ends[low].loss) {
      ends[high] = point;
      [low, high] = ends[0].loss <= ends[1].loss ? [0, 1] : [1, 0];
      continue;
    }
    const isDone = isFlat(point);
    if (!isDone && point.slope * (ends[high].t - ends[low].t) >= 0) ends[high] = ends[low];
    ends[low] = point;
    if (isDone) break;
  }
  return { point: ends[low], evaluations };
}
