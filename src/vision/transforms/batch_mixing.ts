/** Transforms of whole batches: `torchvision.transforms.v2`'s `MixUp` and `CutMix`. */
import { TypeError, ValueError } from '../../core/errors.js';
import { host } from '../../core/host.js';
import { formatShape } from '../../core/layout.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takes } from '../../core/signature/takes.js';
import { Tensor } from '../../core/tensor.js';
import { typeName } from '../../dispatch/bind.js';
import { F } from '../../nn/functions.js';
import { sampleDirichlet } from '../../ops/distributions.js';
import { tensor } from '../../ops/from_data.js';
import { Image } from './image.js';
import { type Portable, portable, Transform } from './transform.js';
import { integer } from './transform_draws.js';

/** Images [N, C, H, W] and their labels: [N] of numbers of classes, or [N, classes] of probabilities. */
export type LabelledBatch = readonly [images: Tensor, labels: Tensor];

/** What `MixUp` and `CutMix` share. */
abstract class BatchMixing extends Transform<LabelledBatch, LabelledBatch> {
  constructor(
    /** Both parameters of the beta distribution of an image's share. */
    readonly alpha: number,
    /** How many classes there are; labels that are probabilities say it themselves. */
    readonly numClasses: number | null,
  ) {
    super();
  }

  /** The images mixed with `rolled`, which are each the one before, and the share that is their own. */
  protected abstract mixed(images: Tensor, rolled: Tensor, share: number): [images: Tensor, share: number];

  forward(batch: LabelledBatch): LabelledBatch {
    if (!Array.isArray(batch) || batch.length !== 2)
      throw new TypeError(`a batch is [images, labels], not ${typeName(batch)}`);
    const [images, labels] = batch as LabelledBatch;
    this.check(images, labels);
    const share = sampleDirichlet(tensor([[this.alpha, this.alpha]]).float(), null);
    const [mixed, own] = this.mixed(images, images.roll(1, 0), share.select(1, 0).item() as number);
    const hot = labels.ndim === 1 ? F.oneHot(labels, this.numClasses!) : labels;
    const floats = hot.isFloatingPoint() ? hot : hot.float();
    return [
      mixed,
      floats
        .roll(1, 0)
        .mul(1 - own)
        .add(floats.mul(own)),
    ];
  }

  private check(images: unknown, labels: unknown): void {
    const name = this.constructor.name;
    if (images instanceof Image)
      throw new ValueError(`${name}() does not support PIL images, bounding boxes, keypoints and masks.`);
    if (!(labels instanceof Tensor))
      throw new ValueError(`The labels must be a tensor, but got <class '${typeName(labels)}'> instead.`);
    const { numClasses } = this;
    if (labels.ndim !== 1 && labels.ndim !== 2) {
      throw new ValueError(
        'labels should be index based with shape (batch_size,) or probability based with shape (batch_size, num_classes), ' +
          `but got a tensor of shape torch.Size(${formatShape(labels.shape)}) instead.`,
      );
    }
    if (labels.ndim === 2 && numClasses !== null && labels.shape[1] !== numClasses) {
      throw new ValueError(
        'When passing 2D labels, the number of elements in last dimension must match num_classes: ' +
          `${labels.shape[1]} != ${numClasses}. You can Leave num_classes to None.`,
      );
    }
    if (labels.ndim === 1 && numClasses === null)
      throw new ValueError('num_classes must be passed if the labels are index-based (1D)');
    if (!(images instanceof Tensor)) throw new TypeError(`images must be a tensor, not ${typeName(images)}`);
    if (images.ndim !== 4)
      throw new ValueError(
        `Expected a batched input with 4 dims, but got ${images.ndim} dimensions instead.`,
      );
    if (images.shape[0] !== labels.shape[0]) {
      throw new ValueError(
        'The batch size of the image or video does not match the batch size of the labels: ' +
          `${images.shape[0]} != ${labels.shape[0]}.`,
      );
    }
  }

  /** @internal */
  [portable](): Portable {
    const { alpha, numClasses, constructor } = this;
    const module = host().module('vision/transforms/batch_mixing.js');
    return { module, name: constructor.name, args: [{ alpha, numClasses }] };
  }
}
takes(BatchMixing.prototype, ['forward(Any batch)']);

const mixUp = signature('MixUp(*, float alpha=1.0, int? num_classes=None)');

/** Mixes each image of a batch with the one before, and their labels, by a random share. */
export class MixUp extends BatchMixing {
  /**
   * @param alpha both parameters of the beta distribution of an image's own share
   * @param numClasses how many classes there are; labels that are probabilities say it themselves
   */
  constructor(...args: Arguments<typeof mixUp>) {
    const { alpha, numClasses } = mixUp.bind(args);
    super(alpha, numClasses);
  }

  protected override mixed(images: Tensor, rolled: Tensor, share: number): [Tensor, number] {
    return [rolled.mul(1 - share).add(images.mul(share)), share];
  }
}

const cutMix = signature('CutMix(*, float alpha=1.0, int? num_classes=None)');

/** Puts a random rectangle of the image before into each image of a batch, and mixes their labels by its area. */
export class CutMix extends BatchMixing {
  /**
   * @param alpha both parameters of the beta distribution of an image's own share
   * @param numClasses how many classes there are; labels that are probabilities say it themselves
   */
  constructor(...args: Arguments<typeof cutMix>) {
    const { alpha, numClasses } = cutMix.bind(args);
    super(alpha, numClasses);
  }

  protected override mixed(images: Tensor, rolled: Tensor, share: number): [Tensor, number] {
    const [height, width] = images.shape.slice(-2);
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
    const result = images.clone();
    part(result).copy_(part(rolled));
    return [result, 1 - (w * h) / (width * height)];
  }
}
