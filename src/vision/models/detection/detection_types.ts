import type { Tensor } from '../../../core/tensor.js';

/** The objects in an image, for training. */
export interface DetectionTarget {
  /** Boxes [N, 4] by their corners. */
  readonly boxes: Tensor;
  /** The class of each one, from 1 on; 0 is the background. FCOS and RetinaNet have none and begin with 0. */
  readonly labels: Tensor;
  /** Masks [N, H, W] of zeros and ones, for Mask R-CNN. */
  readonly masks?: Tensor;
  /** Places [N, K, 3]: x, y, and whether it is seen, for Keypoint R-CNN. */
  readonly keypoints?: Tensor;
}

/** The objects that were found in an image, the best first. */
export interface Detection {
  /** Boxes [N, 4] by their corners. */
  readonly boxes: Tensor;
  /** The class of each one. */
  readonly labels: Tensor;
  /** How sure each one is, from 0 to 1. */
  readonly scores: Tensor;
  /** How sure each pixel belongs to it, [N, 1, H, W]: Mask R-CNN's. */
  readonly masks?: Tensor;
  /** Places [N, K, 3]: x, y, and 1. Keypoint R-CNN's. */
  readonly keypoints?: Tensor;
  /** How sure each place is, [N, K]. */
  readonly keypointsScores?: Tensor;
}

/** The losses of a training step by name; their sum is what is minimized. */
export type DetectionLosses = Readonly<Record<string, Tensor>>;
