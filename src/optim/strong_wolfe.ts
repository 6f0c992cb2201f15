/**
 * A line search for a step that meets Wolfe's strong conditions (J. Nocedal and S. Wright, Numerical Optimization, 2006, algorithms 3.5
 * and 3.6), by cubic interpolation.
 *
 * Slopes are tensors, and so is whatever is computed with them: numbers beside them are rounded to their dtype, as in PyTorch, whose
 * searches a difference in the last bit would leave.
 */
import type { Tensor } from '../core/tensor.js';
import {
  absolute,
  isAtLeast,
  isBelow,
  larger,
  minus,
  over,
  plus,
  type Real,
  smaller,
  times,
} from './reals.js';

/** A step along the direction, with the function's value and slope there. */
export interface Point {
  /** How far along the direction. */
  readonly t: Real;
  readonly loss: number;
  readonly grad: Tensor;
  /** The derivative along the direction. */
  readonly slope: Tensor;
}

/** The minimum of the cubic through two points with these slopes, within bounds. */
function interpolated(
  a: Point,
  b: Point,
  [least, most]: readonly [Real, Real] = isAtLeast(b.t, a.t) ? [a.t, b.t] : [b.t, a.t],
): Real {
  const d1 = minus(plus(a.slope, b.slope), over(3 * (a.loss - b.loss), minus(a.t, b.t))) as Tensor;
  const square = d1.mul(d1).sub(a.slope.mul(b.slope));
  if (!isAtLeast(square, 0)) return over(plus(least, most), 2);
  const d2 = square.sqrt();
  const [low, high] = isAtLeast(b.t, a.t) ? [a, b] : [b, a];
  const share = high.slope
    .add(d2)
    .sub(d1)
    .div(high.slope.sub(low.slope).add(d2.mul(2)));
  return smaller(larger(minus(high.t, times(minus(high.t, low.t), share)), least), most);
}

const DECREASE = 1e-4;
const CURVATURE = 0.9;

interface Search {
  /** The point to start from, at 0. */
  readonly start: Point;
  /** The first step to try. */
  readonly t: Real;
  /** The largest element of the direction. */
  readonly largest: Tensor;
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
  evaluate: (t: Real) => Point,
): Found {
  const rises = (point: Point): boolean =>
    isBelow(plus(start.loss, times(times(DECREASE, point.t), start.slope)), point.loss);
  const isFlat = (point: Point): boolean => isAtLeast(times(-CURVATURE, start.slope), point.slope.abs());
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
    if (isAtLeast(point.slope, 0)) {
      bracket = [previous, point];
      break;
    }
    const least = plus(point.t, times(0.01, minus(point.t, previous.t)));
    const next = interpolated(previous, point, [least, times(point.t, 10)]);
    previous = point;
    point = evaluate(next);
    evaluations++;
  }
  const ends = bracket ?? [start, point];
  let [low, high] = ends[0].loss <= ends[1].loss ? [0, 1] : [1, 0];
  let isStuck = false;
  for (; tried < most; tried++) {
    const [from, to] = [smaller(ends[0].t, ends[1].t), larger(ends[0].t, ends[1].t)];
    if (isBelow(times(absolute(minus(ends[1].t, ends[0].t)), largest), toleranceChange)) break;
    let next = interpolated(ends[0], ends[1]);
    // A step too near to an end, for the second time, is moved away from it.
    const margin = times(0.1, minus(to, from));
    if (isBelow(smaller(minus(to, next), minus(next, from)), margin)) {
      if (isStuck || isAtLeast(next, to) || isAtLeast(from, next)) {
        const isNearTo = isBelow(absolute(minus(next, to)), absolute(minus(next, from)));
        next = isNearTo ? minus(to, margin) : plus(from, margin);
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
    if (!isDone && isAtLeast(times(point.slope, minus(ends[high].t, ends[low].t)), 0)) ends[high] = ends[low];
    ends[low] = point;
    if (isDone) break;
  }
  return { point: ends[low], evaluations };
}
