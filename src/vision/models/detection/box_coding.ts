/** Boxes as what has to be added to others to get them, and back. */
import { float32 } from '../../../core/dtype.js';
import type { Tensor } from '../../../core/tensor.js';
import { ops } from '../../../dispatch/registry.js';
import { tensor } from '../../../ops/from_data.js';

/** The centres and sizes of boxes [N, 4], each [N]. */
function measured(boxes: Tensor): [cx: Tensor, cy: Tensor, width: Tensor, height: Tensor] {
  const [x1, y1, x2, y2] = boxes.unbind(1);
  const [width, height] = [x2.sub(x1), y2.sub(y1)];
  return [x1.add(width.mul(0.5)), y1.add(height.mul(0.5)), width, height];
}

/** Sizes grow by no more than this, as a logarithm. */
const LARGEST_GROWTH = Math.log(1000 / 16);

/** Offsets of centres in sizes of the other box, and logarithms of how sizes grow (Girshick et al., 2014). */
export class BoxCoder {
  constructor(private readonly weights: readonly number[]) {}

  /** For each image the codes of its boxes. */
  encode(referenceBoxes: readonly Tensor[], proposals: readonly Tensor[]): Tensor[] {
    const codes = this.encodeSingle(ops.cat([...referenceBoxes]), ops.cat([...proposals]));
    return [
      ...codes.split(
        referenceBoxes.map(({ shape }) => shape[0]),
        0,
      ),
    ];
  }

  /** The codes that lead from proposals [N, 4] to boxes [N, 4]. */
  encodeSingle(referenceBoxes: Tensor, proposals: Tensor): Tensor {
    const [wx, wy, ww, wh] = this.weights;
    const [cx, cy, width, height] = measured(proposals);
    const [toX, toY, toWidth, toHeight] = measured(referenceBoxes);
    const codes = [
      toX.sub(cx).mul(wx).div(width),
      toY.sub(cy).mul(wy).div(height),
      toWidth.div(width).log().mul(ww),
      toHeight.div(height).log().mul(wh),
    ];
    return ops.stack(codes, 1);
  }

  /** Boxes [N, classes, 4] from codes and for each image the boxes that they start from. */
  decode(codes: Tensor, boxes: readonly Tensor[]): Tensor {
    const all = ops.cat([...boxes]);
    const count = all.shape[0];
    if (count === 0) return this.decodeSingle(codes, all);
    return this.decodeSingle(codes.reshape([count, -1]), all).reshape([count, -1, 4]);
  }

  /** Boxes [N, classes · 4] from codes [N, classes · 4] and boxes [N, 4]. */
  decodeSingle(codes: Tensor, boxes: Tensor): Tensor {
    const [cx, cy, width, height] = measured(boxes.to(codes.dtype)).map((x) => x.unsqueeze(1));
    const [dx, dy, dw, dh] = this.weights.map((weight, i) => codes.slice(1, i, null, 4).div(weight));
    const [x, y] = [dx.mul(width).add(cx), dy.mul(height).add(cy)];
    const half = (growth: Tensor, size: Tensor) =>
      growth.clamp({ max: LARGEST_GROWTH }).exp().mul(size).mul(0.5);
    const [w, h] = [half(dw, width), half(dh, height)];
    return ops.stack([x.sub(w), y.sub(h), x.add(w), y.add(h)], 2).flatten(1);
  }
}

/** Distances of the sides from a centre, in sizes of the box that has it (Tian et al., 2019). */
export class BoxLinearCoder {
  /** The distances from the centres of some boxes to the sides of others. */
  encode(referenceBoxes: Tensor, proposals: Tensor): Tensor {
    const [cx, cy] = centre(referenceBoxes);
    const [x1, y1, x2, y2] = proposals.unbind(-1);
    const sides = ops.stack([cx.sub(x1), cy.sub(y1), x2.sub(cx), y2.sub(cy)], -1);
    return sides.div(size(referenceBoxes));
  }

  decode(codes: Tensor, given: Tensor): Tensor {
    const boxes = given.to(codes.dtype);
    const [cx, cy] = centre(boxes);
    const [left, top, right, bottom] = codes.mul(size(boxes)).unbind(-1);
    return ops.stack([cx.sub(left), cy.sub(top), cx.add(right), cy.add(bottom)], -1);
  }
}

function centre(boxes: Tensor): [Tensor, Tensor] {
  const [x1, y1, x2, y2] = boxes.unbind(-1);
  return [x1.add(x2).mul(0.5), y1.add(y2).mul(0.5)];
}

function size(boxes: Tensor): Tensor {
  const [x1, y1, x2, y2] = boxes.unbind(-1);
  const [width, height] = [x2.sub(x1), y2.sub(y1)];
  return ops.stack([width, height, width, height], -1);
}

/** Coordinates of an image of one size in one of another. Pairs are heights and widths. */
export function resizeBoxes(boxes: Tensor, from: readonly number[], to: readonly number[]): Tensor {
  const [height, width] = ratios(from, to);
  return boxes.mul(tensor([width, height, width, height], { dtype: float32, device: boxes.device }));
}

/** As `resizeBoxes`, of places [..., 3] that end with whether they are seen. */
export function resizeKeypoints(keypoints: Tensor, from: readonly number[], to: readonly number[]): Tensor {
  const [height, width] = ratios(from, to);
  return keypoints.mul(tensor([width, height, 1], { dtype: float32, device: keypoints.device }));
}

const ratios = (from: readonly number[], to: readonly number[]) => to.map((n, i) => n / from[i]);
