/** How much boxes overlap, each of some with each of others. */
import { noGrad } from '../../autograd/modes.js';
import { ValueError } from '../../core/errors.js';
import { signed } from '../../core/signature/signed.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { columnsOf } from './box_columns.js';
import { boxArea, boxConvert } from './box_formats.js';
import { rotatedBoxIou } from './rotated_boxes.js';
import { upcast } from './upcast.js';

type StraightFormat = 'xyxy' | 'xywh' | 'cxcywh';

/** Columns of boxes [..., N, 4] as those that a matrix of pairs has in its rows. */
const inRows = (boxes: Tensor) => boxes.unsqueeze(-2);
/** As those that it has in its columns. */
const inColumns = (boxes: Tensor) => boxes.unsqueeze(-3);

/** The first corners of boxes and the second ones. */
function corners(boxes: Tensor, fmt: StraightFormat): [first: Tensor, second: Tensor] {
  const [a, b] = [boxes.narrow(-1, 0, 2), boxes.narrow(-1, 2, 2)];
  if (fmt === 'xyxy') return [a, b];
  if (fmt === 'xywh') return [a, a.add(b)];
  const half = b.div(2);
  return [a.sub(half), a.add(half)];
}

const product = (size: Tensor) => size.select(-1, 0).mul(size.select(-1, 1));

/** The areas that boxes share, and those that they cover together. */
function intersections(boxes1: Tensor, boxes2: Tensor, fmt: StraightFormat): [inter: Tensor, union: Tensor] {
  const areas = inRowsOf(boxArea(boxes1, fmt)).add(boxArea(boxes2, fmt).unsqueeze(-2));
  const [first1, second1] = corners(boxes1, fmt);
  const [first2, second2] = corners(boxes2, fmt);
  const first = ops.maximum(inRows(first1), inColumns(first2));
  const second = ops.minimum(inRows(second1), inColumns(second2));
  const inter = product(upcast(second.sub(first)).clamp({ min: 0 }));
  return [inter, areas.sub(inter)];
}

const inRowsOf = (numbers: Tensor) => numbers.unsqueeze(-1);

/** The size of the smallest boxes around pairs. */
function hulls(boxes1: Tensor, boxes2: Tensor): Tensor {
  const [first1, second1] = corners(boxes1, 'xyxy');
  const [first2, second2] = corners(boxes2, 'xyxy');
  const first = ops.minimum(inRows(first1), inColumns(first2));
  const second = ops.maximum(inRows(second1), inColumns(second2));
  return upcast(second.sub(first)).clamp({ min: 0 });
}

const straight: readonly string[] = ['xyxy', 'xywh', 'cxcywh'];
const turned: readonly string[] = ['cxcywhr', 'xywhr', 'xyxyxyxy'];

/**
 * The area that boxes share, by that which they cover together: a matrix [..., N, M]. Boxes with an angle have no gradients.
 *
 * @param boxes1 boxes [..., N, 4]
 * @param boxes2 boxes [..., M, 4]
 * @param fmt how they are written, as `boxConvert` has it
 */
export const boxIou = signed(
  "box_iou(Tensor boxes1, Tensor boxes2, 'xyxy'|'xywh'|'cxcywh'|'xywhr'|'cxcywhr'|'xyxyxyxy' fmt='xyxy')",
  ({ boxes1, boxes2, fmt }): Tensor => {
    if (straight.includes(fmt)) {
      const [inter, union] = intersections(boxes1, boxes2, fmt as StraightFormat);
      return inter.div(union);
    }
    if (!turned.includes(fmt))
      throw new ValueError(
        `Unsupported format '${fmt}'. Supported axis-aligned formats: ('xyxy', 'xywh', 'cxcywh'). Supported rotated formats: ('cxcywhr', 'xywhr', 'xyxyxyxy').`,
      );
    if (fmt === 'cxcywhr') return rotatedBoxIou(boxes1, boxes2);
    return rotatedBoxIou(boxConvert(boxes1, fmt, 'cxcywhr'), boxConvert(boxes2, fmt, 'cxcywhr'));
  },
);

/**
 * `boxIou` less the part of the box around both that neither covers (Rezatofighi et al., 2019).
 *
 * @param boxes1 boxes [..., N, 4] by their corners
 * @param boxes2 boxes [..., M, 4] by their corners
 */
export const generalizedBoxIou = signed(
  'generalized_box_iou(Tensor boxes1, Tensor boxes2)',
  ({ boxes1, boxes2 }): Tensor => {
    const [inter, union] = intersections(boxes1, boxes2, 'xyxy');
    const around = product(hulls(boxes1, boxes2));
    return inter.div(union).sub(around.sub(union).div(around));
  },
);

/** The centres of boxes. */
function centres(boxes: Tensor): Tensor {
  const [first, second] = corners(boxes, 'xyxy');
  return first.add(second).div(2);
}

const squared = (vectors: Tensor) => {
  const [x, y] = columnsOf(vectors, 2);
  return x.pow(2).add(y.pow(2));
};

function distanceIou(boxes1: Tensor, boxes2: Tensor, eps: number): [diou: Tensor, iou: Tensor] {
  const iou = boxIou(boxes1, boxes2);
  const diagonal = squared(hulls(boxes1, boxes2)).add(eps);
  const between = squared(upcast(inRows(centres(boxes1)).sub(inColumns(centres(boxes2)))));
  return [iou.sub(between.div(diagonal)), iou];
}

/**
 * `boxIou` less the distance of the centres, by the diagonal of the box around both, both squared (Zheng et al., 2019).
 *
 * @param boxes1 boxes [..., N, 4] by their corners
 * @param boxes2 boxes [..., M, 4] by their corners
 * @param eps added to what is divided by
 */
export const distanceBoxIou = signed(
  'distance_box_iou(Tensor boxes1, Tensor boxes2, float eps=1e-7)',
  ({ boxes1, boxes2, eps }): Tensor => distanceIou(upcast(boxes1), upcast(boxes2), eps)[0],
);

/** The angle of boxes' diagonals. */
function slant(boxes: Tensor): Tensor {
  const [x1, y1, x2, y2] = columnsOf(boxes, 4);
  return x2.sub(x1).div(y2.sub(y1)).atan();
}

/**
 * `distanceBoxIou` less a measure of how much the shapes differ (Zheng et al., 2019).
 *
 * @param boxes1 boxes [..., N, 4] by their corners
 * @param boxes2 boxes [..., M, 4] by their corners
 * @param eps added to what is divided by
 */
export const completeBoxIou = signed(
  'complete_box_iou(Tensor boxes1, Tensor boxes2, float eps=1e-7)',
  ({ boxes1, boxes2, eps }): Tensor => {
    const [wide1, wide2] = [upcast(boxes1), upcast(boxes2)];
    const [diou, iou] = distanceIou(wide1, wide2, eps);
    const v = shapeDifference(inRowsOf(slant(wide1)).sub(slant(wide2).unsqueeze(-2)));
    return diou.sub(shapeShare(v, iou, eps).mul(v));
  },
);

/** How much shapes differ, by the difference of the angles. */
export const shapeDifference = (angle: Tensor): Tensor => angle.pow(2).mul(4 / Math.PI ** 2);

/** The share of that which counts; gradients do not flow through it. */
export const shapeShare = (v: Tensor, iou: Tensor, eps: number): Tensor =>
  noGrad(() => v.div(iou.neg().add(1).add(v).add(eps)));
