import { type Arguments, signature } from '../../../core/signature/signature.js';
import type { Tensor } from '../../../core/tensor.js';
import { F } from '../../../nn/functions.js';
import type { Module } from '../../../nn/module.js';
import { ofX, SnakeModule } from '../../ops/snake_module.js';

/** Results of models of segmentation: classes' scores of every pixel, and those on inner features. */
export type SegmentationOutput = { readonly out: Tensor; readonly aux?: Tensor };

const model = signature('SegmentationModel(Any backbone, Any classifier, Any aux_classifier=None)');

/** Features of an image, a classifier of their places, and results of the image's size. */
export abstract class SegmentationModel extends SnakeModule {
  declare backbone: Module;
  declare classifier: Module;
  declare auxClassifier: Module | null;

  /**
   * @param backbone finds features: `out`, and `aux` for the second classifier
   * @param classifier classifies places
   * @param auxClassifier does so on inner features; null: there is none
   */
  constructor(
    ...args: Arguments<typeof model, { backbone: Module; classifier: Module; auxClassifier?: Module | null }>
  ) {
    super();
    const { backbone, classifier, auxClassifier } = model.bind(args, new.target.name);
    this.backbone = backbone as Module;
    this.classifier = classifier as Module;
    this.auxClassifier = auxClassifier as Module | null;
  }

  override forward(...args: Arguments<typeof ofX>): SegmentationOutput {
    const [x] = ofX.inOrder(args, this);
    const features = this.backbone.forward(x) as Readonly<Record<string, Tensor>>;
    const scores = (by: Module, on: Tensor): Tensor => sized(by.forward(on) as Tensor, x);
    const out = scores(this.classifier, features.out);
    return this.auxClassifier === null ? { out } : { out, aux: scores(this.auxClassifier, features.aux) };
  }
}

/** A tensor of images with the height and width of others. */
export function sized(x: Tensor, like: Tensor): Tensor {
  const size = like.shape.slice(-2);
  return F.interpolate(x, { size, mode: 'bilinear', alignCorners: false });
}
