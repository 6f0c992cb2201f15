/** Functions that make models of segmentation on the features of a classification model. */
import { signature } from '../../../core/signature/signature.js';
import type { Module } from '../../../nn/module.js';
import { builderOf, checkExpected, fill, register } from '../builder.js';
import type { WeightsEnum, WeightsTable } from '../model_weights.js';

/** Options of models of segmentation. */
export interface SegmentationOptions {
  /** Weights of the whole model. */
  readonly weights?: WeightsEnum | string | null;
  /** Whether a bar shows how far downloads are. Default: true. */
  readonly progress?: boolean;
  /** How many classes there are. Default: those of the weights, or 21. */
  readonly numClasses?: number | null;
  /** Whether there is a classifier on inner features, too. */
  readonly auxLoss?: boolean | null;
  /** Weights of the features; unless it is null, they are loaded. */
  readonly weightsBackbone?: WeightsEnum | string | null;
}

/** Makes models of segmentation of one kind. It gives a promise unless nothing has to be loaded. */
export interface SegmentationBuilder<M extends Module> {
  (options: SegmentationOptions & { weights?: null; weightsBackbone: null }): M;
  (options?: SegmentationOptions): Promise<M>;
}

interface Recipe<B extends Module, M extends Module> {
  readonly name: string;
  readonly weights: WeightsTable;
  /** The builder of the features. */
  readonly backbone: object;
  /** Whether published weights have a classifier on inner features. Default: true. */
  readonly hasAux?: boolean;
  /** Makes the features with weights or without. */
  features(weights: WeightsEnum | null, progress: boolean): B | Promise<B>;
  make(features: B, numClasses: number, auxLoss: boolean): M;
}

/** A function that makes models by this recipe. */
/* @__NO_SIDE_EFFECTS__ */
export function segmentationBuilder<B extends Module, M extends Module>({
  name,
  weights: table,
  backbone,
  hasAux = true,
  features,
  make,
}: Recipe<B, M>): SegmentationBuilder<M> {
  const ofModel = signature(
    `${name}(*, Any weights=None, bool progress=True, int? num_classes=None, bool? aux_loss=None, Any weights_backbone='IMAGENET1K_V1')`,
  );
  const build = (...args: readonly unknown[]): M | Promise<M> => {
    const { weights, progress, weightsBackbone, ...given } = ofModel.bind(args);
    const chosen = table.verify(weights);
    const inner = builderOf(backbone)!.weights.verify(weightsBackbone);
    if (chosen === null) {
      const { numClasses, auxLoss } = given;
      const whole = (found: B): M => make(found, numClasses ?? 21, auxLoss ?? false);
      const found = features(inner, progress);
      return found instanceof Promise ? found.then(whole) : whole(found);
    }
    const numClasses = chosen.meta.categories!.length;
    if (given.numClasses !== null) checkExpected('num_classes', given.numClasses, numClasses);
    if (given.auxLoss !== null) checkExpected('aux_loss', given.auxLoss, hasAux);
    const model = make(features(null, progress) as B, numClasses, hasAux);
    return fill(model, chosen, progress).then(() => model);
  };
  return register(build, { name, weights: table }) as SegmentationBuilder<M>;
}
