/** Losses of boxes, each against one. */
import { ValueError } from '../../core/errors.js';
import { signed } from '../../core/signature/signed.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { F } from '../../nn/functions.js';
import { columnsOf } from './box_columns.js';
import { shapeDifference, shapeShare } from './box_overlaps.js';
import { upcastNonFloat } from './upcast.js';

/** How the losses of all become one. */
type Reduction = 'none' | 'mean' | 'sum';

/** @param ofNone whether the mean of nothing is zero */
function reduced(loss: Tensor, reduction: Reduction, ofNone = true): Tensor {
  if (reduction === 'none') return loss;
  if (reduction === 'mean') return ofNone && loss.numel() === 0 ? loss.sum().mul(0) : loss.mean();
  if (reduction === 'sum') return loss.sum();
  throw new ValueError(
    `Invalid Value for arg 'reduction': '${String(reduction)} \n Supported reduction modes: 'none', 'mean', 'sum'`,
  );
}

/** Pairs of boxes by their coordinates. */
function paired(boxes1: Tensor, boxes2: Tensor) {
  const [x1, y1, x2, y2] = columnsOf(boxes1, 4);
  const [x3, y3, x4, y4] = columnsOf(boxes2, 4);
  const [left, top, right, bottom] = [
    ops.maximum(x1, x3),
    ops.maximum(y1, y3),
    ops.minimum(x2, x4),
    ops.minimum(y2, y4),
  ];
  // Where they share nothing the product is no part of the result, nor of the gradients.
  const meet = bottom.gt(top).logicalAnd(right.gt(left));
  const inter = ops.where(meet, right.sub(left).mul(bottom.sub(top)), 0);
  const union = x2
    .sub(x1)
    .mul(y2.sub(y1))
    .add(x4.sub(x3).mul(y4.sub(y3)))
    .sub(inter);
  const width = ops.maximum(x2, x4).sub(ops.minimum(x1, x3));
  const height = ops.maximum(y2, y4).sub(ops.minimum(y1, y3));
  const between = x2
    .add(x1)
    .div(2)
    .sub(x3.add(x4).div(2))
    .pow(2)
    .add(y2.add(y1).div(2).sub(y3.add(y4).div(2)).pow(2));
  const angle = x4
    .sub(x3)
    .div(y4.sub(y3))
    .atan()
    .sub(x2.sub(x1).div(y2.sub(y1)).atan());
  return { inter, union, width, height, between, angle };
}

/**
 * One less `generalizedBoxIou` of each box with its own.
 *
 * @param boxes1 boxes [N, 4] by their corners
 * @param boxes2 boxes [N, 4] by their corners
 * @param reduction 'none', 'mean' or 'sum'
 * @param eps added to what is divided by
 */
export const generalizedBoxIouLoss = signed(
  "generalized_box_iou_loss(Tensor boxes1, Tensor boxes2, 'none'|'mean'|'sum' reduction='none', float eps=1e-7)",
  ({ boxes1, boxes2, reduction, eps }): Tensor => {
    const { inter, union, width, height } = paired(upcastNonFloat(boxes1), upcastNonFloat(boxes2));
    const around = width.mul(height);
    const giou = inter.div(union.add(eps)).sub(around.sub(union).div(around.add(eps)));
    return reduced(giou.neg().add(1), reduction);
  },
);

function distanceLoss(
  { inter, union, width, height, between }: ReturnType<typeof paired>,
  eps: number,
): [loss: Tensor, iou: Tensor] {
  const iou = inter.div(union.add(eps));
  const diagonal = width.pow(2).add(height.pow(2)).add(eps);
  return [iou.neg().add(1).add(between.div(diagonal)), iou];
}

/**
 * One less `distanceBoxIou` of each box with its own.
 *
 * @param boxes1 boxes [N, 4] by their corners
 * @param boxes2 boxes [N, 4] by their corners
 * @param reduction 'none', 'mean' or 'sum'
 * @param eps added to what is divided by
 */
export const distanceBoxIouLoss = signed(
  "distance_box_iou_loss(Tensor boxes1, Tensor boxes2, 'none'|'mean'|'sum' reduction='none', float eps=1e-7)",
  ({ boxes1, boxes2, reduction, eps }): Tensor => {
    const [loss] = distanceLoss(paired(upcastNonFloat(boxes1), upcastNonFloat(boxes2)), eps);
    return reduced(loss, reduction);
  },
);

/**
 * One less `completeBoxIou` of each box with its own.
 *
 * @param boxes1 boxes [N, 4] by their corners
 * @param boxes2 boxes [N, 4] by their corners
 * @param reduction 'none', 'mean' or 'sum'
 * @param eps added to what is divided by
 */
export const completeBoxIouLoss = signed(
  "complete_box_iou_loss(Tensor boxes1, Tensor boxes2, 'none'|'mean'|'sum' reduction='none', float eps=1e-7)",
  ({ boxes1, boxes2, reduction, eps }): Tensor => {
    const pairs = paired(upcastNonFloat(boxes1), upcastNonFloat(boxes2));
    const [loss, iou] = distanceLoss(pairs, 1e-7);
    const v = shapeDifference(pairs.angle);
    return reduced(loss.add(shapeShare(v, iou, eps).mul(v)), reduction);
  },
);

/**
 * Binary cross entropy in which what is easy counts less (Lin et al., 2017).
 *
 * @param inputs scores before the sigmoid
 * @param targets 1 for what is of the class, 0 for what is not
 * @param alpha the weight of what is of the class, from 0 to 1; -1: all weigh alike
 * @param gamma how much less easy examples count
 * @param reduction 'none', 'mean' or 'sum'
 */
export const sigmoidFocalLoss = signed(
  "sigmoid_focal_loss(Tensor inputs, Tensor targets, float alpha=0.25, float gamma=2, 'none'|'mean'|'sum' reduction='none')",
  ({ inputs, targets, alpha, gamma, reduction }): Tensor => {
    if (!(alpha >= 0 && alpha <= 1) && alpha !== -1)
      throw new ValueError(
        `Invalid alpha value: ${alpha}. alpha must be in the range [0,1] or -1 for ignore.`,
      );
    const others = targets.neg().add(1);
    const p = inputs.sigmoid();
    const entropy = F.binaryCrossEntropyWithLogits(inputs, targets, { reduction: 'none' });
    const right = p.mul(targets).add(p.neg().add(1).mul(others));
    let loss = entropy.mul(right.neg().add(1).pow(gamma));
    if (alpha >= 0) loss = loss.mul(targets.mul(alpha).add(others.mul(1 - alpha)));
    return reduced(loss, reduction, false);
  },
);
