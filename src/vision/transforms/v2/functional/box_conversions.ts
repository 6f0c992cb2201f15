/** Boxes [N, K] from one format to another, by torchvision's formulas. */
import { float32, float64 } from '../../../../core/dtype.js';
import { ValueError } from '../../../../core/errors.js';
import type { Tensor } from '../../../../core/tensor.js';
import { ops } from '../../../../dispatch/registry.js';
import { columnsOf } from '../../../ops/box_columns.js';
import { type BoundingBoxFormat, isRotated } from '../../../tv_tensors/bounding_boxes.js';

/** Columns of boxes, or of points, as a tensor. */
export const joined = (...columns: Tensor[]): Tensor => ops.stack(columns, -1);

/** Half of it; of integers the whole part. */
const halved = (x: Tensor): Tensor => (x.isFloatingPoint() ? x.div(2) : x.div(2, { roundingMode: 'floor' }));

/** `change` in floats, then of the type that boxes have. */
function inFloats(boxes: Tensor, change: (boxes: Tensor) => Tensor): Tensor {
  return boxes.isFloatingPoint() ? change(boxes) : change(boxes.float()).to(boxes.dtype);
}

function cornerSizeToCorners(boxes: Tensor): Tensor {
  const [x, y, w, h] = columnsOf(boxes, 4);
  return joined(x, y, w.add(x), h.add(y));
}

function cornersToCornerSize(boxes: Tensor): Tensor {
  const [x1, y1, x2, y2] = columnsOf(boxes, 4);
  return joined(x1, y1, x2.sub(x1), y2.sub(y1));
}

function cornerSizeToMiddle(boxes: Tensor): Tensor {
  const [x, y, w, h] = columnsOf(boxes, 4);
  return joined(x.add(halved(w)), y.add(halved(h)), w, h);
}

function middleToCorners(boxes: Tensor): Tensor {
  return inFloats(boxes, (floats) => {
    const [cx, cy, w, h] = columnsOf(floats, 4);
    const [x, y] = [cx.sub(w.div(2)), cy.sub(h.div(2))];
    return joined(x, y, w.add(x), h.add(y));
  });
}

function middleToCornerSize(boxes: Tensor): Tensor {
  if (!boxes.isFloatingPoint()) return cornersToCornerSize(middleToCorners(boxes));
  const [cx, cy, w, h] = columnsOf(boxes, 4);
  return joined(cx.sub(w.div(2)), cy.sub(h.div(2)), w, h);
}

function cornersToMiddle(boxes: Tensor): Tensor {
  const [x1, y1, x2, y2] = columnsOf(boxes, 4);
  const [w, h] = [x2.sub(x1), y2.sub(y1)];
  return joined(halved(x1.mul(2).add(w)), halved(y1.mul(2).add(h)), w, h);
}

/** The cosine and sine of angles in degrees. */
function turns(degrees: Tensor): [cos: Tensor, sin: Tensor] {
  const radians = degrees.mul(Math.PI).div(180);
  return [radians.cos(), radians.sin()];
}

/** Turned boxes by their corner (`sign` -1) or their middle (1), from the other. */
function shifted(boxes: Tensor, sign: 1 | -1): Tensor {
  const [x, y, w, h, r] = columnsOf(boxes, 5);
  const [hw, hh] = [w.div(2).abs(), h.div(2).abs()];
  const [cos, sin] = turns(r);
  return sign < 0
    ? joined(x.sub(hw.mul(cos)).sub(hh.mul(sin)), y.add(hw.mul(sin)).sub(hh.mul(cos)), w, h, r)
    : joined(x.add(hw.mul(cos)).add(hh.mul(sin)), y.sub(hw.mul(sin)).add(hh.mul(cos)), w, h, r);
}

function turnedToCorners(boxes: Tensor): Tensor {
  const [x, y, w, h, r] = columnsOf(boxes, 5);
  const [cos, sin] = turns(r);
  const [wc, ws, hc, hs] = [w.mul(cos), w.mul(sin), h.mul(cos), h.mul(sin)];
  return joined(...[x, y, x.add(wc), y.sub(ws), x.add(wc.add(hs)), y.sub(ws.sub(hc)), x.add(hs), y.add(hc)]);
}

/** `change` in single or double precision. */
export function inFullPrecision(boxes: Tensor, change: (boxes: Tensor) => Tensor): Tensor {
  const { dtype } = boxes;
  return dtype === float32 || dtype === float64 ? change(boxes) : change(boxes.to(float32)).to(dtype);
}

function cornersToTurned(boxes: Tensor): Tensor {
  return inFullPrecision(boxes, (floats) => {
    const [x1, y1, x2, y2, x3, y3] = columnsOf(floats, 8);
    const angle = ops.atan2(y1.sub(y2), x2.sub(x1)).div(Math.PI).mul(180);
    const length = (dx: Tensor, dy: Tensor) => dx.pow(2).add(dy.pow(2)).sqrt();
    return joined(x1, y1, length(x2.sub(x1), y2.sub(y1)), length(x3.sub(x2), y3.sub(y2)), angle);
  });
}

type Change = (boxes: Tensor) => Tensor;
const same: Change = (boxes) => boxes;

/** To corners, or for turned boxes to the corner, the size and the angle. */
const toBase: Readonly<Record<BoundingBoxFormat, Change>> = {
  XYXY: same,
  XYWH: cornerSizeToCorners,
  CXCYWH: middleToCorners,
  XYWHR: same,
  CXCYWHR: (boxes) => shifted(boxes, -1),
  XYXYXYXY: cornersToTurned,
};

const fromBase: Readonly<Record<BoundingBoxFormat, Change>> = {
  XYXY: same,
  XYWH: cornersToCornerSize,
  CXCYWH: cornersToMiddle,
  XYWHR: same,
  CXCYWHR: (boxes) => shifted(boxes, 1),
  XYXYXYXY: turnedToCorners,
};

/** Boxes in another format; those of the same are the same tensor. */
export function converted(boxes: Tensor, from: BoundingBoxFormat, to: BoundingBoxFormat): Tensor {
  if (from === to) return boxes;
  if (isRotated(from) !== isRotated(to))
    throw new ValueError('Cannot convert between rotated and unrotated bounding boxes.');
  if (from === 'XYWH' && to === 'CXCYWH') return cornerSizeToMiddle(boxes);
  if (from === 'CXCYWH' && to === 'XYWH') return middleToCornerSize(boxes);
  return fromBase[to](toBase[from](boxes));
}

/** The format in which boxes are moved: their corners. */
export const cornersFormat = (format: BoundingBoxFormat): 'XYXY' | 'XYXYXYXY' =>
  isRotated(format) ? 'XYXYXYXY' : 'XYXY';
