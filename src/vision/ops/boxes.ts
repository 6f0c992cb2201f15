/** Chooses and cuts boxes of an image, and finds them around masks. */
import { bool, float32, float64, int64 } from '../../core/dtype.js';
import { denseCopy } from '../../core/elements.js';
import { notImplementedFor, RuntimeError, ValueError } from '../../core/errors.js';
import { signed } from '../../core/signature/signed.js';
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { tensor } from '../../ops/from_data.js';

function checkCandidates(boxes: Tensor, scores: Tensor): void {
  if (boxes.ndim !== 2) throw new RuntimeError(`boxes should be a 2d tensor, got ${boxes.ndim}D`);
  if (boxes.shape[1] !== 4)
    throw new RuntimeError(`boxes should have 4 elements in dimension 1, got ${boxes.shape[1]}`);
  if (scores.ndim !== 1) throw new RuntimeError(`scores should be a 1d tensor, got ${scores.ndim}D`);
  if (boxes.shape[0] !== scores.shape[0])
    throw new RuntimeError(
      `boxes and scores should have same number of elements in dimension 0, got ${boxes.shape[0]} and ${scores.shape[0]}`,
    );
  if (boxes.dtype !== scores.dtype) throw new RuntimeError('dets should have the same type as scores');
  if (boxes.dtype !== float32 && boxes.dtype !== float64)
    throw notImplementedFor('nms_kernel', boxes.dtype.scalarName);
}

/**
 * The positions in a list, best first, of boxes that overlap with no better one. Everything is rounded as the boxes' dtype is, so
 * that what is near the threshold falls as in torchvision.
 */
function survivors(boxes: Tensor, order: Tensor, threshold: number): number[] {
  const sorted = denseCopy(boxes.detach().indexSelect(0, order)) as Float32Array | Float64Array;
  const near: (x: number) => number = boxes.dtype === float32 ? Math.fround : (x) => x;
  const count = sorted.length / 4;
  const column = (k: number) => sorted.filter((_, i) => i % 4 === k);
  const [x1, y1, x2, y2] = [0, 1, 2, 3].map(column);
  const areas = x1.map((_, i) => near(near(x2[i] - x1[i]) * near(y2[i] - y1[i])));
  const isGone = new Uint8Array(count);
  const kept: number[] = [];
  for (let i = 0; i < count; i++) {
    if (isGone[i]) continue;
    kept.push(i);
    const [left, top, right, bottom, area] = [x1[i], y1[i], x2[i], y2[i], areas[i]];
    for (let j = i + 1; j < count; j++) {
      if (isGone[j]) continue;
      // Most pairs share nothing.
      const isApart = x1[j] >= right || y1[j] >= bottom || x2[j] <= left || y2[j] <= top;
      if (isApart && threshold >= 0) continue;
      const width = Math.max(near(Math.min(right, x2[j]) - Math.max(left, x1[j])), 0);
      const height = Math.max(near(Math.min(bottom, y2[j]) - Math.max(top, y1[j])), 0);
      const inter = near(width * height);
      if (near(inter / near(near(area + areas[j]) - inter)) > threshold) isGone[j] = 1;
    }
  }
  return kept;
}

/**
 * The indices of boxes that overlap with no better one by more than a threshold, best first: non-maximum suppression. Its boxes are
 * read, so that they must be on a device that need not be waited for.
 *
 * @param boxes boxes [N, 4] by their corners
 * @param scores how good each one is
 * @param iouThreshold how much they may overlap, as `boxIou` measures it
 */
export const nms = signed(
  'nms(Tensor boxes, Tensor scores, float iou_threshold)',
  ({ boxes, scores, iouThreshold }): Tensor => {
    checkCandidates(boxes, scores);
    const order = scores.detach().argsort({ descending: true, stable: true });
    return order.indexSelect(0, positions(survivors(boxes, order, iouThreshold), boxes));
  },
);

const positions = (list: readonly number[], like: Tensor) =>
  tensor(list, { dtype: int64, device: like.device });

/** Where a mask is true. */
export const trueAt = (mask: Tensor): Tensor => mask.nonzero().squeeze(1);

/** As many numbers as torchvision moves apart, class by class, rather than take classes one after another. */
const FEW = 4000;

/**
 * `nms` in which only boxes of the same group stand in each other's way.
 *
 * @param boxes boxes [N, 4] by their corners
 * @param scores how good each one is
 * @param idxs the group of each one, such as its class
 * @param iouThreshold how much those of a group may overlap
 */
export const batchedNms = signed(
  'batched_nms(Tensor boxes, Tensor scores, Tensor idxs, float iou_threshold)',
  ({ boxes, scores, idxs, iouThreshold }): Tensor => {
    if (boxes.numel() <= FEW) {
      if (boxes.numel() === 0) return ops.empty([0], { dtype: int64, device: boxes.device });
      // Groups are laid beside each other, so that they do not meet.
      const offsets = idxs.to(boxes.dtype).mul(boxes.max().add(1));
      return nms(boxes.add(offsets.unsqueeze(1)), scores, iouThreshold);
    }
    const isKept = ops.zeros(scores.shape, { dtype: bool, device: scores.device });
    for (const group of ops.unique(idxs).unbind(0)) {
      const members = trueAt(idxs.eq(group));
      const kept = nms(boxes.indexSelect(0, members), scores.indexSelect(0, members), iouThreshold);
      isKept.indexFill_(0, members.indexSelect(0, kept), true);
    }
    const found = trueAt(isKept);
    return found.indexSelect(0, scores.detach().indexSelect(0, found).argsort({ descending: true }));
  },
);

/**
 * The indices of boxes whose sides are not shorter than that.
 *
 * @param boxes boxes [N, 4] by their corners
 * @param minSize the least size of a side
 */
export const removeSmallBoxes = signed(
  'remove_small_boxes(Tensor boxes, float min_size)',
  ({ boxes, minSize }): Tensor => {
    const sizes = boxes.narrow(-1, 2, 2).sub(boxes.narrow(-1, 0, 2));
    return trueAt(sizes.ge(minSize).all(-1));
  },
);

/**
 * Boxes cut at the borders of an image.
 *
 * @param boxes boxes [..., 4] by their corners
 * @param size the height and width of the image
 */
export const clipBoxesToImage = signed(
  'clip_boxes_to_image(Tensor boxes, int[] size)',
  ({ boxes, size }): Tensor => {
    const [height, width] = size;
    const xs = boxes.slice(-1, 0, null, 2).clamp(0, width);
    const ys = boxes.slice(-1, 1, null, 2).clamp(0, height);
    return ops.stack([xs, ys], boxes.ndim).reshape(boxes.shape);
  },
);

/**
 * The boxes around masks, by the first and last row and column that has something; zeros for masks that have nothing.
 *
 * @param masks masks [N, H, W]
 */
export const masksToBoxes = signed('masks_to_boxes(Tensor masks)', ({ masks }): Tensor => {
  if (masks.numel() === 0) return ops.zeros([0, 4], { device: masks.device });
  if (masks.ndim !== 3)
    throw new ValueError(
      `${masks.ndim < 3 ? 'not enough' : 'too many'} values to unpack (expected 3${masks.ndim < 3 ? `, got ${masks.ndim}` : ''})`,
    );
  const [, height, width] = masks.shape;
  const isThere = masks.ne(0);
  const ends = (lines: Tensor, last: number): [first: Tensor, last: Tensor] => [
    lines.argmax(1),
    lines.flip([1]).argmax(1).neg().add(last),
  ];
  const rows = isThere.any(2);
  const [y1, y2] = ends(rows.float(), height - 1);
  const [x1, x2] = ends(isThere.any(1).float(), width - 1);
  const boxes = ops.stack([x1, y1, x2, y2], 1).float();
  return boxes.maskedFill(rows.any(1).logicalNot().unsqueeze(1), 0);
});
