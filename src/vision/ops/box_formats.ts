/** Boxes from one way of writing them to another, and their areas. */
import { NotImplementedError, ValueError } from '../../core/errors.js';
import { signed } from '../../core/signature/signed.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { columnsOf } from './box_columns.js';
import { upcast } from './upcast.js';

/** Ways of writing a box: by corners, by a corner and the size, by the centre and the size; those with an angle, and by four corners. */
export type BoxFormat = 'xyxy' | 'xywh' | 'cxcywh' | 'xywhr' | 'cxcywhr' | 'xyxyxyxy';

type Conversion = (boxes: Tensor) => Tensor;

const joined = (...columns: Tensor[]) => ops.stack(columns, -1);

/** Boxes of integers stay such: what is computed for them is rounded. */
function likeGiven(boxes: Tensor, found: Tensor): Tensor {
  return boxes.isFloatingPoint() ? found : found.round().to(boxes.dtype);
}

/** The sine and the cosine of an angle in degrees. */
function turn(degrees: Tensor): [sin: Tensor, cos: Tensor] {
  const angle = degrees.mul(Math.PI).div(180);
  return [angle.sin(), angle.cos()];
}

const cornersOfCentred: Conversion = (boxes) => {
  const [cx, cy, w, h] = columnsOf(boxes, 4);
  const [halfWidth, halfHeight] = [w.mul(0.5), h.mul(0.5)];
  return joined(cx.sub(halfWidth), cy.sub(halfHeight), cx.add(halfWidth), cy.add(halfHeight));
};

const centredOfCorners: Conversion = (boxes) => {
  const [x1, y1, x2, y2] = columnsOf(boxes, 4);
  return joined(x1.add(x2).div(2), y1.add(y2).div(2), x2.sub(x1), y2.sub(y1));
};

const cornersOfSized: Conversion = (boxes) => {
  const [x, y, w, h] = columnsOf(boxes, 4);
  return joined(x, y, x.add(w), y.add(h));
};

const sizedOfCorners: Conversion = (boxes) => {
  const [x1, y1, x2, y2] = columnsOf(boxes, 4);
  return joined(x1, y1, x2.sub(x1), y2.sub(y1));
};

const turnedOfCentred: Conversion = (boxes) => {
  const [cx, cy, w, h, r] = columnsOf(boxes, 5);
  const [sin, cos] = turn(r);
  const x = cx.sub(w.div(2).mul(cos)).sub(h.div(2).mul(sin));
  const y = cy.sub(h.div(2).mul(cos)).add(w.div(2).mul(sin));
  return likeGiven(boxes, joined(x, y, w, h, r));
};

const centredOfTurned: Conversion = (boxes) => {
  const [x, y, w, h, r] = columnsOf(boxes, 5);
  const [sin, cos] = turn(r);
  const cx = x.add(w.div(2).mul(cos)).add(h.div(2).mul(sin));
  const cy = y.sub(w.div(2).mul(sin)).add(h.div(2).mul(cos));
  return likeGiven(boxes, joined(cx, cy, w, h, r));
};

const fourCornersOfTurned: Conversion = (boxes) => {
  const [x1, y1, w, h, r] = columnsOf(boxes, 5);
  const [sin, cos] = turn(r);
  const [x2, y2] = [x1.add(w.mul(cos)), y1.sub(w.mul(sin))];
  const [x3, y3] = [x2.add(h.mul(sin)), y2.add(h.mul(cos))];
  const [x4, y4] = [x1.add(h.mul(sin)), y1.add(h.mul(cos))];
  return likeGiven(boxes, joined(x1, y1, x2, y2, x3, y3, x4, y4));
};

const turnedOfFourCorners: Conversion = (boxes) => {
  const [x1, y1, x2, y2, x3, y3] = columnsOf(boxes, 8);
  const r = ops.atan2(y1.sub(y2), x2.sub(x1)).mul(180).div(Math.PI);
  const w = x2.sub(x1).pow(2).add(y1.sub(y2).pow(2)).sqrt();
  const h = x3.sub(x2).pow(2).add(y3.sub(y2).pow(2)).sqrt();
  return likeGiven(boxes, joined(x1, y1, w, h, r));
};

/** The steps from one format to another, by `from to`. */
const conversions: Readonly<Record<string, readonly Conversion[]>> = {
  'xywh xyxy': [cornersOfSized],
  'cxcywh xyxy': [cornersOfCentred],
  'xyxy xywh': [sizedOfCorners],
  'xyxy cxcywh': [centredOfCorners],
  'xywh cxcywh': [cornersOfSized, centredOfCorners],
  'cxcywh xywh': [cornersOfCentred, sizedOfCorners],
  'cxcywhr xywhr': [turnedOfCentred],
  'xywhr cxcywhr': [centredOfTurned],
  'cxcywhr xyxyxyxy': [turnedOfCentred, fourCornersOfTurned],
  'xyxyxyxy cxcywhr': [turnedOfFourCorners, centredOfTurned],
  'xywhr xyxyxyxy': [fourCornersOfTurned],
  'xyxyxyxy xywhr': [turnedOfFourCorners],
};

const formats = ['xyxy', 'xywh', 'cxcywh', 'xywhr', 'cxcywhr', 'xyxyxyxy'];

/**
 * Boxes written another way. Formats are 'xyxy' (two corners), 'xywh' (a corner, width and height), 'cxcywh' (the centre, width and
 * height), 'xywhr' and 'cxcywhr' (with an angle in degrees), and 'xyxyxyxy' (four corners).
 *
 * @param boxes the boxes [..., 4]; [..., 5] with an angle, [..., 8] of four corners
 * @param inFmt how they are written
 * @param outFmt how the result shall be
 */
export const boxConvert = signed(
  "box_convert(Tensor boxes, 'xyxy'|'xywh'|'cxcywh'|'xywhr'|'cxcywhr'|'xyxyxyxy' in_fmt, 'xyxy'|'xywh'|'cxcywh'|'xywhr'|'cxcywhr'|'xyxyxyxy' out_fmt)",
  ({ boxes, inFmt, outFmt }): Tensor => {
    if (!formats.includes(inFmt) || !formats.includes(outFmt))
      throw new ValueError(
        `Unsupported Bounding Box Conversions for given in_fmt ${inFmt} and out_fmt ${outFmt}`,
      );
    if (inFmt === outFmt) return boxes.clone();
    const steps = conversions[`${inFmt} ${outFmt}`];
    if (steps === undefined)
      throw new NotImplementedError(
        `Unsupported Bounding Box Conversions for given in_fmt ${inFmt} and out_fmt ${outFmt}`,
      );
    return steps.reduce((found, step) => step(found), boxes);
  },
);

/**
 * The areas of boxes.
 *
 * @param boxes the boxes [..., 4]
 * @param fmt how they are written: 'xyxy', 'xywh' or 'cxcywh'
 */
export const boxArea = signed(
  "box_area(Tensor boxes, 'xyxy'|'xywh'|'cxcywh' fmt='xyxy')",
  ({ boxes, fmt }): Tensor => {
    if (!['xyxy', 'xywh', 'cxcywh'].includes(fmt))
      throw new ValueError(`Unsupported Bounding Box area for given format ${fmt}`);
    const [a, b, c, d] = columnsOf(upcast(boxes), 4);
    return fmt === 'xyxy' ? c.sub(a).mul(d.sub(b)) : c.mul(d);
  },
);
