/** Overlaps of boxes that are turned. */
import { float32, float64 } from '../../core/dtype.js';
import { denseCopy } from '../../core/elements.js';
import { notImplementedFor, RuntimeError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import { tensor } from '../../ops/from_data.js';

type Point = readonly [x: number, y: number];

function check(boxes: Tensor, name: string): void {
  if (boxes.ndim !== 2) throw new RuntimeError(`${name} should be a 2d tensor, got ${boxes.ndim}D`);
  if (boxes.shape[1] !== 5)
    throw new RuntimeError(`${name} should have 5 elements in dimension 1, got ${boxes.shape[1]}`);
}

/** Areas below this count as nothing. */
const NOTHING = 1e-14;

/** The matrix of `boxIou` of boxes [N, 5] and [M, 5], by centre, size and angle in degrees. */
export function rotatedBoxIou(boxes1: Tensor, boxes2: Tensor): Tensor {
  check(boxes1, 'boxes1');
  check(boxes2, 'boxes2');
  const { dtype } = boxes1;
  if (boxes2.dtype !== dtype) throw new RuntimeError('boxes1 and boxes2 must have the same dtype');
  if (dtype !== float32 && dtype !== float64)
    throw notImplementedFor('box_iou_rotated_cpu', dtype.scalarName);
  const [some, others] = [boxes1, boxes2].map(rowsOf);
  const found = some.flatMap((a) => others.map((b) => overlap(a, b)));
  return tensor(found, { dtype, device: boxes1.device }).view([some.length, others.length]);
}

function rowsOf(boxes: Tensor): number[][] {
  const numbers = Array.from(denseCopy(boxes.detach()), Number);
  return Array.from({ length: boxes.shape[0] }, (_, i) => numbers.slice(5 * i, 5 * i + 5));
}

function overlap(a: readonly number[], b: readonly number[]): number {
  const [areaA, areaB] = [a[2] * a[3], b[2] * b[3]];
  if (areaA < NOTHING || areaB < NOTHING) return 0;
  // Around their middle, where differences of large numbers lose nothing.
  const middle: Point = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const inter = Math.abs(areaOf(clipped(cornersOf(a, middle), cornersOf(b, middle))));
  return inter / (areaA + areaB - inter);
}

function cornersOf([cx, cy, w, h, r]: readonly number[], [mx, my]: Point): Point[] {
  const angle = (r * Math.PI) / 180;
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const at = (u: number, v: number): Point => [
    cx - mx + (u * w * cos + v * h * sin) / 2,
    cy - my + (v * h * cos - u * w * sin) / 2,
  ];
  return [at(-1, -1), at(1, -1), at(1, 1), at(-1, 1)];
}

/** Twice the area to the left of a line that a point makes with it. */
const side = ([ax, ay]: Point, [bx, by]: Point, [x, y]: Point): number =>
  (bx - ax) * (y - ay) - (by - ay) * (x - ax);

/** The part of a polygon within a convex one (Sutherland and Hodgman, 1974). */
function clipped(polygon: readonly Point[], within: readonly Point[]): Point[] {
  let points = [...polygon];
  for (const [i, from] of within.entries()) {
    const to = within[(i + 1) % within.length];
    const before = points;
    points = [];
    for (const [k, p] of before.entries()) {
      const q = before[(k + 1) % before.length];
      const [sideP, sideQ] = [side(from, to, p), side(from, to, q)];
      if (sideP >= 0) points.push(p);
      if (sideP >= 0 !== sideQ >= 0) {
        const t = sideP / (sideP - sideQ);
        points.push([p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])]);
      }
    }
  }
  return points;
}

function areaOf(points: readonly Point[]): number {
  let twice = 0;
  for (const [i, [x, y]] of points.entries()) {
    const [nextX, nextY] = points[(i + 1) % points.length];
    twice += x * nextY - nextX * y;
  }
  return twice / 2;
}
