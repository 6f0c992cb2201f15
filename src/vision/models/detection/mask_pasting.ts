import { int64 } from '../../../core/dtype.js';
import type { Tensor } from '../../../core/tensor.js';
import { ops } from '../../../dispatch/registry.js';
import { F } from '../../../nn/functions.js';

/** Masks [N, 1, H, W] of an image from those of boxes [N, 1, M, M]. */
export function pasteMasks(masks: Tensor, boxes: Tensor, size: readonly number[]): Tensor {
  const [height, width] = size;
  const side = masks.shape.at(-1)!;
  // A border of zeros, so that masks end softly.
  const padded = F.pad(masks, [1, 1, 1, 1]);
  const grown = grownBoxes(boxes, (side + 2) / side)
    .to(int64)
    .tolist() as unknown as number[][];
  if (grown.length === 0) return masks.newZeros([0, 1, height, width]);
  const pasted = grown.map(([x1, y1, x2, y2], i) => {
    const [w, h] = [Math.max(x2 - x1 + 1, 1), Math.max(y2 - y1 + 1, 1)];
    const mask = padded.narrow(0, i, 1);
    const found = F.interpolate(mask, { size: [h, w], mode: 'bilinear', alignCorners: false });
    const [left, right] = [Math.max(x1, 0), Math.min(x2 + 1, width)];
    const [top, bottom] = [Math.max(y1, 0), Math.min(y2 + 1, height)];
    if (right <= left || bottom <= top) return masks.newZeros([1, height, width]);
    const seen = found
      .narrow(2, top - y1, bottom - top)
      .narrow(3, left - x1, right - left)
      .squeeze(0);
    return F.pad(seen, [left, width - right, top, height - bottom]);
  });
  return ops.stack(pasted);
}

/** Boxes so many times as large around their centres. */
function grownBoxes(boxes: Tensor, scale: number): Tensor {
  const [x1, y1, x2, y2] = boxes.unbind(1);
  const half = (from: Tensor, to: Tensor) => to.sub(from).mul(0.5).mul(scale);
  const middle = (from: Tensor, to: Tensor) => to.add(from).mul(0.5);
  const [w, h, cx, cy] = [half(x1, x2), half(y1, y2), middle(x1, x2), middle(y1, y2)];
  return ops.stack([cx.sub(w), cy.sub(h), cx.add(w), cy.add(h)], 1);
}
