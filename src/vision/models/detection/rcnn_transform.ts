/** Images made ready for detectors, and what was found brought back to the images. */
import { TypeError, ValueError } from '../../../core/errors.js';
import { formatShape } from '../../../core/layout.js';
import { formatFloat, formatTuple } from '../../../core/repr.js';
import type { Tensor } from '../../../core/tensor.js';
import { ops } from '../../../dispatch/registry.js';
import { F } from '../../../nn/functions.js';
import { Module } from '../../../nn/module.js';
import { tensor } from '../../../ops/from_data.js';
import { resizeBoxes, resizeKeypoints } from './box_coding.js';
import type { Detection, DetectionTarget } from './detection_types.js';
import { ImageList } from './image_list.js';
import { pasteMasks } from './mask_pasting.js';

/** The settings of a `GeneralizedRCNNTransform`. */
export interface RCNNTransformSettings {
  /** The size of the shorter side; in training one of these, at random. */
  readonly minSize: number | readonly number[];
  /** The most that the longer side may have. */
  readonly maxSize: number;
  readonly imageMean: readonly number[];
  readonly imageStd: readonly number[];
  /** The number that heights and widths are multiples of. */
  readonly sizeDivisible?: number;
  /** The width and height of all images, whatever they had. */
  readonly fixedSize?: readonly number[] | null;
}

/** Normalizes images, resizes them and what belongs to them, and makes one tensor of them. */
export class GeneralizedRCNNTransform extends Module {
  readonly minSize: readonly number[];
  readonly maxSize: number;
  readonly imageMean: readonly number[];
  readonly imageStd: readonly number[];
  readonly sizeDivisible: number;
  readonly fixedSize: readonly number[] | null;

  /** @internal */
  constructor(settings: RCNNTransformSettings) {
    super();
    const { minSize } = settings;
    this.minSize = typeof minSize === 'number' ? [minSize] : minSize;
    this.maxSize = settings.maxSize;
    this.imageMean = settings.imageMean;
    this.imageStd = settings.imageStd;
    this.sizeDivisible = settings.sizeDivisible ?? 32;
    this.fixedSize = settings.fixedSize ?? null;
  }

  override forward(
    images: readonly Tensor[],
    targets: readonly DetectionTarget[] | null,
  ): [images: ImageList, targets: readonly DetectionTarget[] | null] {
    const resized = images.map((image, i) => {
      if (image.ndim !== 3)
        throw new ValueError(
          `images is expected to be a list of 3d tensors of shape [C, H, W], got torch.Size(${formatShape(image.shape)})`,
        );
      return this.resized(this.normalized(image), targets?.[i] ?? null);
    });
    const sizes = resized.map(([image]) => image.shape.slice(-2));
    const batch = this.batched(resized.map(([image]) => image));
    return [new ImageList(batch, sizes), targets === null ? null : resized.map(([, target]) => target!)];
  }

  private normalized(image: Tensor): Tensor {
    if (!image.isFloatingPoint())
      throw new TypeError(
        `Expected input images to be of floating type (in range [0, 1]), but found type ${image.dtype} instead`,
      );
    const { dtype, device } = image;
    const perChannel = (values: readonly number[]) => tensor([...values], { dtype, device }).view([-1, 1, 1]);
    return image.sub(perChannel(this.imageMean)).div(perChannel(this.imageStd));
  }

  private resized(image: Tensor, target: DetectionTarget | null): [Tensor, DetectionTarget | null] {
    const from = image.shape.slice(-2);
    const shorter = this.training ? this.drawn() : this.minSize[this.minSize.length - 1];
    const how =
      this.fixedSize === null
        ? {
            scaleFactor: Math.min(shorter / Math.min(...from), this.maxSize / Math.max(...from)),
            recomputeScaleFactor: true,
          }
        : { size: [this.fixedSize[1], this.fixedSize[0]] };
    const batch = image.unsqueeze(0);
    const found = F.interpolate(batch, { ...how, mode: 'bilinear', alignCorners: false }).squeeze(0);
    if (target === null) return [found, null];
    const to = found.shape.slice(-2);
    const { masks, keypoints } = target;
    return [
      found,
      {
        ...target,
        boxes: resizeBoxes(target.boxes, from, to),
        ...(masks !== undefined && {
          masks: F.interpolate(masks.unsqueeze(1).float(), { ...how, mode: 'nearest' })
            .squeeze(1)
            .byte(),
        }),
        ...(keypoints !== undefined && { keypoints: resizeKeypoints(keypoints, from, to) }),
      },
    ];
  }

  /** One of the sizes, at random. */
  private drawn(): number {
    const { minSize } = this;
    return minSize[
      Math.trunc(ops.empty([1], { device: 'cpu' }).uniform_(0, minSize.length).item() as number)
    ];
  }

  /** One tensor of images, with zeros to their right and below. */
  private batched(images: readonly Tensor[]): Tensor {
    const largest = (dim: number) => Math.max(...images.map(({ shape }) => shape[dim]));
    const up = (size: number) => Math.ceil(size / this.sizeDivisible) * this.sizeDivisible;
    const [channels, height, width] = [largest(0), up(largest(1)), up(largest(2))];
    const padded = images.map((image) => {
      const [c, h, w] = image.shape;
      return F.pad(image, [0, width - w, 0, height - h, 0, channels - c]);
    });
    return ops.stack(padded);
  }

  /** @internal What was found, in the images as they were given. */
  restored(
    found: readonly Detection[],
    sizes: readonly (readonly number[])[],
    originals: readonly (readonly number[])[],
  ): Detection[] {
    return found.map((one, i) => {
      const boxes = resizeBoxes(one.boxes, sizes[i], originals[i]);
      const { masks, keypoints } = one;
      return {
        ...one,
        boxes,
        ...(masks !== undefined && { masks: pasteMasks(masks, boxes, originals[i]) }),
        ...(keypoints !== undefined && { keypoints: resizeKeypoints(keypoints, sizes[i], originals[i]) }),
      };
    });
  }

  override toString(): string {
    const list = (values: readonly number[]) => `[${values.map(formatFloat).join(', ')}]`;
    return [
      'GeneralizedRCNNTransform(',
      `    Normalize(mean=${list(this.imageMean)}, std=${list(this.imageStd)})`,
      `    Resize(min_size=${formatTuple(this.minSize)}, max_size=${this.maxSize}, mode='bilinear')`,
      ')',
    ].join('\n');
  }
}
