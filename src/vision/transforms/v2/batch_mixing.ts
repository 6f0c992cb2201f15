/** Transforms of whole batches: `MixUp` and `CutMix`. */
import { ValueError } from '../../../core/errors.js';
import { formatSize } from '../../../core/printing.js';
import { typeName } from '../../../core/repr.js';
import { type Arguments, signature } from '../../../core/signature/signature.js';
import { Tensor } from '../../../core/tensor.js';
import { unflatten } from '../../../func/tree.js';
import { F } from '../../../nn/functions.js';
import { sampleDirichlet } from '../../../ops/distributions.js';
import { tensor } from '../../../ops/from_data.js';
import { BoundingBoxes } from '../../tv_tensors/bounding_boxes.js';
import { KeyPoints } from '../../tv_tensors/key_points.js';
import { Mask, Image as TVImage, Video } from '../../tv_tensors/tv_image.js';
import { asPlain, TVTensor } from '../../tv_tensors/tv_tensor.js';
import { Image } from '../image.js';
import { integer } from '../transform_draws.js';
import { partsOf, type Settings, Transform } from './sample_transform.js';
import { hasAny, isPlain, type LabelsGetter, labelsFinder, querySize } from './samples.js';

/** Images [N, C, H, W] or videos and their labels: [N] of numbers of classes, or [N, classes] of probabilities. */
export type LabelledBatch = readonly [images: Tensor, labels: Tensor];

/** How a batch is mixed: the share of each that is its own, and what images are mixed to. */
interface Mixture {
  readonly share: number;
  readonly images: (images: Tensor) => Tensor;
}

/** The base of `MixUp` and `CutMix`. */
abstract class BatchMixing extends Transform {
  /** Both parameters of the beta distribution of an image's share. */
  readonly alpha: number;
  /** How many classes there are; labels that are probabilities say it themselves. */
  readonly numClasses: number | null;
  readonly #find: (sample: unknown) => unknown;

  constructor(settings: Settings & { readonly alpha: number; readonly numClasses: number | null }) {
    super(settings);
    this.alpha = settings.alpha;
    this.numClasses = settings.numClasses;
    this.#find = labelsFinder(settings.labelsGetter);
  }

  /** How to mix, with `share` of each image its own if that can be; `parts` are what is mixed. */
  protected abstract mixture(share: number, parts: readonly unknown[]): Mixture;

  /** @internal */
  protected override applied(sample: unknown): unknown {
    const { leaves, spec } = partsOf(sample);
    const isTransformed = this.transformedParts(leaves);
    if (hasAny(leaves, Image, BoundingBoxes, Mask, KeyPoints))
      throw new ValueError(
        `${this.constructor.name}() does not support PIL images, bounding boxes, keypoints and masks.`,
      );
    const labels = this.checkedLabels(this.#find(sample));
    const drawn = sampleDirichlet(tensor([[this.alpha, this.alpha]]).float(), null);
    const { share, images } = this.mixture(
      drawn.select(1, 0).item() as number,
      leaves.filter((_, i) => isTransformed[i]),
    );
    const changed = leaves.map((part, i) => {
      if (part === labels) return this.mixedLabels(labels, share);
      const isMixed = isTransformed[i] && (isPlain(part) || part instanceof TVImage || part instanceof Video);
      if (!isMixed) return part;
      this.checkBatch(part, labels.shape[0]);
      const mixed = images(asPlain(part));
      return part instanceof TVTensor ? part.wrap(mixed) : mixed;
    });
    return unflatten(spec, changed);
  }

  private mixedLabels(labels: Tensor, share: number): Tensor {
    const hot = labels.ndim === 1 ? F.oneHot(labels, this.numClasses!) : labels;
    const shares = hot.isFloatingPoint() ? hot : hot.float();
    return shares
      .roll(1, 0)
      .mul(1 - share)
      .add(shares.mul(share));
  }

  private checkBatch(images: Tensor, size: number): void {
    const dims = images instanceof Video ? 5 : 4;
    if (images.ndim !== dims)
      throw new ValueError(
        `Expected a batched input with ${dims} dims, but got ${images.ndim} dimensions instead.`,
      );
    if (images.shape[0] !== size)
      throw new ValueError(
        'The batch size of the image or video does not match the batch size of the labels: ' +
          `${images.shape[0]} != ${size}.`,
      );
  }

  private checkedLabels(labels: unknown): Tensor {
    if (!(labels instanceof Tensor))
      throw new ValueError(`The labels must be a tensor, but got <class '${typeName(labels)}'> instead.`);
    const { numClasses } = this;
    if (labels.ndim !== 1 && labels.ndim !== 2)
      throw new ValueError(
        'labels should be index based with shape (batch_size,) or probability based with shape (batch_size, num_classes), ' +
          `but got a tensor of shape ${formatSize(labels.shape)} instead.`,
      );
    if (labels.ndim === 2 && numClasses !== null && labels.shape[1] !== numClasses)
      throw new ValueError(
        'When passing 2D labels, the number of elements in last dimension must match num_classes: ' +
          `${labels.shape[1]} != ${numClasses}. You can Leave num_classes to None.`,
      );
    if (labels.ndim === 1 && numClasses === null)
      throw new ValueError('num_classes must be passed if the labels are index-based (1D)');
    return labels;
  }
}

const mixUp = signature("MixUp(*, float alpha=1.0, int? num_classes=None, Any labels_getter='default')");

/** Mixes each image of a batch with the one before, and their labels, by a random share. */
export class MixUp extends BatchMixing {
  /**
   * @param alpha both parameters of the beta distribution of an image's own share
   * @param numClasses how many classes there are; labels that are probabilities say it themselves
   * @param labelsGetter what finds the labels
   */
  constructor(...args: Arguments<typeof mixUp, { labelsGetter: LabelsGetter }>) {
    super(mixUp.bind(args));
  }

  protected override mixture(share: number): Mixture {
    const images = (batch: Tensor) =>
      batch
        .roll(1, 0)
        .mul(1 - share)
        .add(batch.mul(share));
    return { share, images };
  }
}

const cutMix = signature("CutMix(*, float alpha=1.0, int? num_classes=None, Any labels_getter='default')");

/** Puts a random rectangle of the image before into each image of a batch, and mixes their labels by its area. */
export class CutMix extends BatchMixing {
  /**
   * @param alpha both parameters of the beta distribution of an image's own share
   * @param numClasses how many classes there are; labels that are probabilities say it themselves
   * @param labelsGetter what finds the labels
   */
  constructor(...args: Arguments<typeof cutMix, { labelsGetter: LabelsGetter }>) {
    super(cutMix.bind(args));
  }

  protected override mixture(share: number, parts: readonly unknown[]): Mixture {
    const [height, width] = querySize(parts);
    const x = integer(0, width);
    const y = integer(0, height);
    const half = 0.5 * Math.sqrt(1 - share);
    const side = (middle: number, size: number): [from: number, length: number] => {
      const reach = Math.trunc(half * size);
      const from = Math.max(middle - reach, 0);
      return [from, Math.min(middle + reach, size) - from];
    };
    const [left, w] = side(x, width);
    const [top, h] = side(y, height);
    const part = (whole: Tensor) => whole.narrow(-2, top, h).narrow(-1, left, w);
    const images = (batch: Tensor) => {
      const result = batch.clone();
      part(result).copy_(part(batch.roll(1, 0)));
      return result;
    };
    return { share: 1 - (w * h) / (width * height), images };
  }
}
