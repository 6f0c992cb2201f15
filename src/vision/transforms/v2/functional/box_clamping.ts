/** Boxes that are cut off at the edges of their picture, by torchvision's formulas. */
import { int64 } from '../../../../core/dtype.js';
import type { Tensor } from '../../../../core/tensor.js';
import { ops } from '../../../../dispatch/registry.js';
import { columnsOf } from '../../../ops/box_columns.js';
import type { BoundingBoxFormat, CanvasSize, ClampingMode } from '../../../tv_tensors/bounding_boxes.js';
import { isRotated } from '../../../tv_tensors/bounding_boxes.js';
import { converted, joined } from './box_conversions.js';

/** Boxes cut off at the edges of a picture; null leaves them. */
export function clamped(
  boxes: Tensor,
  format: BoundingBoxFormat,
  canvas: CanvasSize,
  mode: ClampingMode,
): Tensor {
  if (mode === null) return boxes.clone();
  if (isRotated(format)) return turnedClamped(boxes, format, canvas, mode);
  const [height, width] = canvas;
  const floats = boxes.isFloatingPoint() ? boxes : boxes.float();
  const [x1, y1, x2, y2] = columnsOf(converted(floats, format, 'XYXY'), 4);
  const inside = joined(x1.clamp(0, width), y1.clamp(0, height), x2.clamp(0, width), y2.clamp(0, height));
  return converted(inside, 'XYXY', format).to(boxes.dtype);
}

const xsOf = (corners: Tensor): Tensor => corners.view([-1, 4, 2]).select(-1, 0);
const ysOf = (corners: Tensor): Tensor => corners.view([-1, 4, 2]).select(-1, 1);
const cornersOf = (xs: Tensor, ys: Tensor): Tensor => ops.stack([xs, ys], -1).view([-1, 8]);

/** The places of coordinates such that the leftmost corner, of several the upper one, comes first. */
function orderOf(corners: Tensor): Tensor {
  const [xs, ys] = [xsOf(corners), ysOf(corners)];
  const share = (x: Tensor) => x.div(x.abs().amax(1, true));
  const first = share(ys).add(share(xs).mul(100)).argmin(1);
  const steps = corners.onesLike();
  steps.select(1, 0).copy_(first.mul(2));
  return steps.cumsum(1).remainder(8).to(int64);
}

/** The lines y = ax + b through neighbouring corners. */
function lines(corners: Tensor): [slopes: Tensor, intercepts: Tensor] {
  const [xs, ys] = [xsOf(corners), ysOf(corners)];
  const slopes = ys.roll(-1, 1).sub(ys).div(xs.roll(-1, 1).sub(xs));
  return [slopes, ys.sub(slopes.mul(xs))];
}

/** Where each line meets the one before. */
function crossings(slopes: Tensor, intercepts: Tensor): Tensor {
  const xs = intercepts
    .sub(intercepts.roll(1, 1))
    .neg()
    .div(slopes.sub(slopes.roll(1, 1)));
  return cornersOf(xs, slopes.mul(xs).add(intercepts));
}

const larger = (...candidates: Tensor[]): Tensor => ops.stack(candidates, 1).amax(1);
const smaller = (...candidates: Tensor[]): Tensor => ops.stack(candidates, 1).amin(1);

/** Intercepts such that lines meet inside the picture, at least at its left edge. */
function clampedIntercepts(
  corners: Tensor,
  original: Tensor,
  [height, width]: CanvasSize,
  mode: ClampingMode,
): Tensor {
  const [slopes, intercepts] = lines(corners);
  const [a1, a2, a3, a4] = columnsOf(slopes, 4);
  let [b1, b2, b3, b4] = columnsOf(intercepts, 4);
  const [b1m, b2m, b3m, b4m] = columnsOf(lines(original)[1], 4);
  [b1, b4] = [b2.clamp(b1, b3).clamp(0, height), b3.clamp(b2, b4).clamp(0, height)];
  const isHard = mode === 'hard';
  if (isHard) {
    // Both lines meet at the same height of the edge, and the others make the box as large as it can be.
    b1 = b1.add(b4).div(2);
    b4 = b1;
    const above = larger(
      b1.mul(a2).div(a1),
      b3.mul(a2).div(a3),
      a1.sub(a2).mul(width).add(b1),
      a3.sub(a2).mul(width).add(b3),
    );
    b2 = ops.minimum(above, b2);
    const share = a3.div(a4);
    const other = a3.div(a2);
    const below = smaller(
      share.rsub(1).mul(height).add(b4.mul(a3).div(a4)),
      other.rsub(1).mul(height).add(b2.mul(a3).div(a2)),
      a2.sub(a3).mul(width).add(b2),
      a4.sub(a3).mul(width).add(b4),
    );
    b3 = ops.maximum(below, b3);
  }
  b1 = b1.clamp(b1m, b3m);
  b4 = (isHard ? b1 : b4).clamp(b2m, b4m);
  return joined(isHard ? b4 : b1, b2.clamp(b2m, b4m), b3.clamp(b1m, b3m), b4);
}

/** Boxes whose leftmost corner comes first, cut off at the left edge. */
function clampedLeft(corners: Tensor, original: Tensor, canvas: CanvasSize, mode: ClampingMode): Tensor {
  const [slopes] = lines(corners);
  const [x1, y1, x2, y2, x3, y3, x4, y4] = columnsOf(corners, 8);
  const met = crossings(slopes, clampedIntercepts(corners, original, canvas, mode));
  const cut = joined(x1.clamp(0), y1, x2, y2, x3, y3, x4.clamp(0), y4);
  const isOutside = (x: Tensor) => x.le(0);
  const isUpright = ops.isclose(y1, y2).logicalOr(ops.isclose(y3, y4));
  const isGone = [x1, x2, x3, x4]
    .map(isOutside)
    .reduce((all, one) => all.logicalAnd(one))
    .logicalOr(ops.isclose(y1, y4))
    .logicalOr(ops.isclose(y2, y3))
    .logicalOr(isUpright.logicalAnd(ops.isclose(x1, x2)));
  const reaches = x1.lt(0).logicalAnd(met.isnan().any(-1).logicalNot());
  const chosen = (condition: Tensor, then: Tensor, otherwise: Tensor) =>
    ops.where(condition.unsqueeze(1), then, otherwise);
  return chosen(isGone, cut.zerosLike(), chosen(isUpright, cut, chosen(reaches, met, corners)));
}

/** Corners after a quarter turn of their picture, counterclockwise. */
const quarterTurned = (corners: Tensor, width: number): Tensor =>
  cornersOf(ysOf(corners), xsOf(corners).rsub(width));

function turnedClamped(
  boxes: Tensor,
  format: BoundingBoxFormat,
  canvas: CanvasSize,
  mode: ClampingMode,
): Tensor {
  let corners = converted(boxes, format, 'XYXYXYXY').reshape([-1, 8]);
  let original = corners;
  let [height, width] = canvas;
  for (let edge = 0; edge < 4; edge++) {
    const order = orderOf(corners);
    const cut = clampedLeft(corners.gather(1, order), original.gather(1, order), [height, width], mode);
    // torchvision puts corners back by the same places that it took them from.
    corners = quarterTurned(cut.gather(1, order), width);
    original = quarterTurned(original.gather(1, order).gather(1, order), width);
    [height, width] = [width, height];
  }
  return converted(corners, 'XYXYXYXY', format).reshape(boxes.shape);
}
