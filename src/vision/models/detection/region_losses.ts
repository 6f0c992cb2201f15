/** The losses of R-CNNs' heads, and the meaning of their results. */
import { float32, int64 } from '../../../core/dtype.js';
import { ValueError } from '../../../core/errors.js';
import type { Tensor } from '../../../core/tensor.js';
import { ops } from '../../../dispatch/registry.js';
import { F } from '../../../nn/functions.js';
import { trueAt } from '../../ops/boxes.js';
import { roiAlign } from '../../ops/region_align.js';

/** The losses of classes, and of the corrections of boxes that have one. */
export function fastRCNNLoss(
  logits: Tensor,
  corrections: Tensor,
  labels: readonly Tensor[],
  goals: readonly Tensor[],
): [classes: Tensor, boxes: Tensor] {
  const label = ops.cat([...labels]);
  const positive = trueAt(label.gt(0));
  const own = label.indexSelect(0, positive);
  const perClass = corrections.reshape([label.shape[0], -1, 4]);
  const at = positive.mul(perClass.shape[1]).add(own);
  const found = perClass.flatten(0, 1).indexSelect(0, at);
  const wanted = ops.cat([...goals]).indexSelect(0, positive);
  const box = F.smoothL1Loss(found, wanted, { beta: 1 / 9, reduction: 'sum' });
  return [F.crossEntropy(logits, label), box.div(label.numel())];
}

/** For each of the masks [N, classes, M, M] that of its class: [N, M, M]. */
function ofOwnClass(masks: Tensor, labels: Tensor): Tensor {
  const [count, classes] = masks.shape;
  const at = ops.arange(count, { device: labels.device }).mul(classes).add(labels);
  return masks.flatten(0, 1).indexSelect(0, at);
}

/** For each image its masks [N, 1, M, M]. */
export function maskRCNNInference(logits: Tensor, labels: readonly Tensor[]): Tensor[] {
  const masks = ofOwnClass(logits.sigmoid(), ops.cat([...labels])).unsqueeze(1);
  return [
    ...masks.split(
      labels.map(({ shape }) => shape[0]),
      0,
    ),
  ];
}

/** The loss of masks, by what regions see of the true ones. */
export function maskRCNNLoss(
  logits: Tensor,
  proposals: readonly Tensor[],
  masks: readonly Tensor[],
  labels: readonly Tensor[],
  matches: readonly Tensor[],
): Tensor {
  const side = logits.shape.at(-1)!;
  const own = matches.map((match, i) => labels[i].indexSelect(0, match));
  const goals = matches.map((match, i) => {
    const rois = ops.cat([match.unsqueeze(1).to(proposals[i].dtype), proposals[i]], 1);
    return roiAlign(masks[i].unsqueeze(1).to(rois.dtype), rois, [side, side], 1).squeeze(1);
  });
  const goal = ops.cat(goals);
  if (goal.numel() === 0) return logits.sum().mul(0);
  return F.binaryCrossEntropyWithLogits(ofOwnClass(logits, ops.cat(own)), goal);
}

/** Where the places [N, K, 3] are in grids over regions, as numbers of cells, and whether they are there and seen. */
function cellsOf(keypoints: Tensor, rois: Tensor, side: number): [cells: Tensor, valid: Tensor] {
  const [x1, y1, x2, y2] = rois.unbind(1).map((edge) => edge.unsqueeze(1));
  const along = (dim: number, from: Tensor, to: Tensor): Tensor => {
    const at = keypoints.select(-1, dim);
    const cell = at.sub(from).mul(to.sub(from).reciprocal().mul(side)).floor().long();
    return cell.maskedFill(at.eq(to), side - 1);
  };
  const [x, y] = [along(0, x1, x2), along(1, y1, y2)];
  const inside = (cell: Tensor) => cell.ge(0).logicalAnd(cell.lt(side));
  const valid = inside(x).logicalAnd(inside(y)).logicalAnd(keypoints.select(-1, 2).gt(0));
  return [y.mul(side).add(x).mul(valid), valid];
}

/** The loss of places, as classes of the cells of a grid. */
export function keypointRCNNLoss(
  logits: Tensor,
  proposals: readonly Tensor[],
  keypoints: readonly Tensor[],
  matches: readonly Tensor[],
): Tensor {
  const [count, kinds, height, width] = logits.shape;
  if (height !== width)
    throw new ValueError(
      `keypoint_logits height and width (last two elements of shape) should be equal. Instead got H = ${height} and W = ${width}`,
    );
  const found = matches.map((match, i) => cellsOf(keypoints[i].indexSelect(0, match), proposals[i], height));
  const goals = ops.cat(found.map(([cells]) => cells.flatten()));
  const valid = trueAt(ops.cat(found.map(([, isValid]) => isValid.flatten())));
  if (goals.numel() === 0 || valid.numel() === 0) return logits.sum().mul(0);
  const rows = logits.view([count * kinds, height * width]);
  return F.crossEntropy(rows.indexSelect(0, valid), goals.indexSelect(0, valid));
}

/** For each image the most likely places [N, K, 3], and how likely they are [N, K]. */
export function keypointRCNNInference(
  maps: Tensor,
  boxes: readonly Tensor[],
): { keypoints: Tensor; keypointsScores: Tensor }[] {
  const perImage = maps.split(
    boxes.map(({ shape }) => shape[0]),
    0,
  );
  return perImage.map((some, i) => placesOf(some, boxes[i]));
}

function placesOf(maps: Tensor, rois: Tensor): { keypoints: Tensor; keypointsScores: Tensor } {
  const [count, kinds] = maps.shape;
  const [x1, y1, x2, y2] = rois.unbind(1);
  const [widths, heights] = [x2.sub(x1).clamp({ min: 1 }), y2.sub(y1).clamp({ min: 1 })];
  const sizes = ops.stack([heights, widths], 1).ceil().to(int64).tolist() as unknown as number[][];
  const found = sizes.map(([height, width], i) => {
    const options = { size: [height, width], mode: 'bicubic', alignCorners: false } as const;
    const map = F.interpolate(maps.select(0, i).unsqueeze(1), options).reshape([kinds, -1]);
    const at = map.argmax(1);
    const y = at.div(width, { roundingMode: 'floor' });
    const x = at.sub(y.mul(width));
    const place = (cell: Tensor, size: Tensor, cells: number, from: Tensor) =>
      cell.float().add(0.5).mul(size.select(0, i).div(cells)).add(from.select(0, i));
    const [px, py] = [place(x, widths, width, x1), place(y, heights, height, y1)];
    return {
      keypoints: ops.stack([px, py, ops.onesLike(px)], 1),
      scores: map.gather(1, at.unsqueeze(1)).squeeze(1),
    };
  });
  if (count === 0) {
    const like = { dtype: float32, device: maps.device };
    return { keypoints: ops.zeros([0, kinds, 3], like), keypointsScores: ops.zeros([0, kinds], like) };
  }
  return {
    keypoints: ops.stack(found.map(({ keypoints }) => keypoints)),
    keypointsScores: ops.stack(found.map(({ scores }) => scores)),
  };
}
