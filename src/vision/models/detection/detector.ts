/** The base of detectors: images and targets are checked and made ready. */
import { AssertionError } from '../../../core/errors.js';
import { formatShape } from '../../../core/layout.js';
import { formatFloat } from '../../../core/repr.js';
import { type Arguments, signature } from '../../../core/signature/signature.js';
import { Tensor } from '../../../core/tensor.js';
import { typeName } from '../../../dispatch/type_name.js';
import type { Module } from '../../../nn/module.js';
import type { FeatureMaps } from '../../ops/feature_pyramid.js';
import type { ImageSize } from '../../ops/multi_scale_align.js';
import { SnakeModule } from '../../ops/snake_module.js';
import type { Detection, DetectionLosses, DetectionTarget } from './detection_types.js';
import type { ImageList } from './image_list.js';
import type { GeneralizedRCNNTransform } from './rcnn_transform.js';

const ofImages = signature('forward(Tensor[] images, Any targets=None)');

/** Finds objects in images: in training it gives losses, else for each image what was found. */
export abstract class Detector extends SnakeModule {
  declare transform: GeneralizedRCNNTransform;
  declare backbone: Module;

  /** The losses of images that were made ready. @internal */
  protected abstract lossesOf(
    images: ImageList,
    features: FeatureMaps,
    targets: readonly DetectionTarget[],
  ): DetectionLosses;

  /** The objects in images that were made ready. @internal */
  protected abstract detectionsOf(images: ImageList, features: FeatureMaps): Detection[];

  /** Images [C, H, W] of values from 0 to 1, and in training what is in them. */
  override forward(
    ...args: Arguments<typeof ofImages, { targets?: readonly DetectionTarget[] | null }>
  ): DetectionLosses | Detection[] {
    const given = ofImages.bind(args, `${this.constructor.name}.forward`);
    const targets = given.targets as readonly DetectionTarget[] | null;
    if (this.training) checkTargets(targets);
    const sizes: ImageSize[] = given.images.map((image) => image.shape.slice(-2));
    const [images, resized] = this.transform.forward(given.images, targets);
    if (resized !== null) checkBoxes(resized);
    const found = this.backbone.forward(images.tensors) as Tensor | FeatureMaps;
    const features = found instanceof Tensor ? { 0: found } : found;
    if (this.training) return this.lossesOf(images, features, resized!);
    return this.transform.restored(this.detectionsOf(images, features), images.imageSizes, sizes);
  }
}

/** @throws AssertionError in torchvision's words unless every image has boxes */
function checkTargets(targets: readonly DetectionTarget[] | null): void {
  if (targets === null) throw new AssertionError('targets should not be none when in training mode');
  for (const { boxes } of targets) {
    if (!(boxes instanceof Tensor))
      throw new AssertionError(`Expected target boxes to be of type Tensor, got ${typeName(boxes)}.`);
    if (boxes.ndim !== 2 || boxes.shape[1] !== 4)
      throw new AssertionError(
        `Expected target boxes to be a tensor of shape [N, 4], got torch.Size(${formatShape(boxes.shape)}).`,
      );
  }
}

/** @throws AssertionError in torchvision's words for a box without size */
function checkBoxes(targets: readonly DetectionTarget[]): void {
  for (const [i, { boxes }] of targets.entries()) {
    const isFlat = boxes
      .narrow(1, 2, 2)
      .le(boxes.narrow(1, 0, 2))
      .any(1);
    if (!isFlat.any().item()) continue;
    const first = boxes.select(0, isFlat.long().argmax().item() as number).tolist() as number[];
    throw new AssertionError(
      `All bounding boxes should have positive height and width. Found invalid box [${first.map(formatFloat).join(', ')}] for target at index ${i}.`,
    );
  }
}

/** The mean and the deviation of colours that backbones were trained with. */
export const imageStatistics = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} as const;
