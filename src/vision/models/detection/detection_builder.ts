/** Functions that make detectors on the features of a classification model. */
import type { Arguments, Bound, Signed } from '../../../core/signature/argument_types.js';
import { Signature } from '../../../core/signature/signature.js';
import type { Module } from '../../../nn/module.js';
import { FrozenBatchNorm2d } from '../../ops/blocks.js';
import { builderOf, checkExpected, fill, register } from '../builder.js';
import type { WeightsEnum, WeightsTable } from '../model_weights.js';
import { trainableLayersOf } from './pyramid_backbones.js';

/** Options of detectors, beside those of their class. */
export interface DetectorOptions {
  /** Weights of the whole model. */
  readonly weights?: WeightsEnum | string | null;
  /** Whether a bar shows how far downloads are. Default: true. */
  readonly progress?: boolean;
  /** How many classes there are. Default: those of the weights, or 91; for persons' places 2. */
  readonly numClasses?: number | null;
  /** Weights of the features; unless it is null, they are loaded. */
  readonly weightsBackbone?: WeightsEnum | string | null;
  /** How many stages of the features are trained, if they have weights. */
  readonly trainableBackboneLayers?: number | null;
}

/** Makes detectors of one kind. It gives a promise unless nothing has to be loaded. */
export interface DetectorBuilder<M extends Module, Options extends object> {
  (options: Options & DetectorOptions & { weights?: null; weightsBackbone: null }): M;
  (options?: Options & DetectorOptions): Promise<M>;
}

/** As `DetectorBuilder`, of those whose features are not loaded unless asked for. */
export interface PlainDetectorBuilder<M extends Module, Options extends object> {
  (options?: Options & DetectorOptions & { weights?: null; weightsBackbone?: null }): M;
  (options: Options & DetectorOptions): M | Promise<M>;
}

type OptionsOf<S extends string> = Exclude<Arguments<Signed<`model(*, ${S})`>>[0], undefined>;

/** The settings that features are made by. */
export interface Circumstances {
  /** Whether they have weights, their own or those of the whole model. */
  readonly isTrained: boolean;
  readonly weights: WeightsEnum | null;
  readonly progress: boolean;
  readonly trainableLayers: number;
}

/** A recipe of detectors. */
export interface DetectorRecipe<S extends string, B, M extends Module> {
  /** The name in Python. */
  readonly name: string;
  readonly weights: WeightsTable;
  /** The builder of the features. */
  readonly backbone: object;
  /** The weights of the features unless others are given. */
  readonly backboneWeights: string | null;
  /** How many stages the features have, and how many of them are trained. */
  readonly stages: readonly [most: number, usual: number];
  /** How many classes there are without weights. Default: 91. */
  readonly classes?: number;
  /** Options of the class in PyTorch's notation. */
  readonly options: S;
  /** Makes the features with weights or without. */
  features(given: Circumstances, options: Bound<`model(*, ${S})`>): B | Promise<B>;
  make(features: B, numClasses: number, options: Bound<`model(*, ${S})`>, given: Circumstances): M;
  /** Sets what weights ask of the options. */
  pretrained?(options: Record<string, unknown>, weights: WeightsEnum): void;
  /** Whether published weights were found with normalizations that add nothing to variances. */
  readonly withoutEps?: boolean;
}

/** A function that makes detectors by this recipe. */
/* @__NO_SIDE_EFFECTS__ */
export function detectorBuilder<const S extends string, B, M extends Module>(
  recipe: DetectorRecipe<S, B, M> & { readonly backboneWeights: string },
): DetectorBuilder<M, OptionsOf<S>>;
export function detectorBuilder<const S extends string, B, M extends Module>(
  recipe: DetectorRecipe<S, B, M>,
): PlainDetectorBuilder<M, OptionsOf<S>>;
export function detectorBuilder<const S extends string, B, M extends Module>(
  recipe: DetectorRecipe<S, B, M>,
): DetectorBuilder<M, OptionsOf<S>> | PlainDetectorBuilder<M, OptionsOf<S>> {
  const { name, weights: table, backboneWeights, options } = recipe;
  const ofBackbone = backboneWeights === null ? 'None' : `'${backboneWeights}'`;
  const signature = new Signature(
    `${name}(*, Any weights=None, bool progress=True, int? num_classes=None, Any weights_backbone=${ofBackbone}, int? trainable_backbone_layers=None, ${options})`,
  );
  const build = (...args: readonly unknown[]): M | Promise<M> => {
    const { weights, progress, numClasses, weightsBackbone, trainableBackboneLayers, ...rest } =
      signature.bind(args) as unknown as Required<DetectorOptions> & Record<string, unknown>;
    const chosen = table.verify(weights);
    const inner = builderOf(recipe.backbone)!.weights.verify(weightsBackbone);
    const given: Circumstances = {
      isTrained: chosen !== null || inner !== null,
      weights: chosen === null ? inner : null,
      progress,
      trainableLayers: trainableLayersOf(
        chosen !== null || inner !== null,
        trainableBackboneLayers,
        ...recipe.stages,
      ),
    };
    let classes = numClasses ?? recipe.classes ?? 91;
    if (chosen !== null) {
      const published = chosen.meta.categories!.length;
      if (numClasses !== null) checkExpected('num_classes', numClasses, published);
      classes = published;
      recipe.pretrained?.(rest, chosen);
    }
    const bound = rest as Bound<`model(*, ${S})`>;
    const whole = (features: B): M => recipe.make(features, classes, bound, given);
    const features = recipe.features(given, bound);
    const model = features instanceof Promise ? features.then(whole) : whole(features);
    if (chosen === null) return model;
    return Promise.resolve(model).then(async (made) => {
      await fill(made, chosen, progress);
      if (recipe.withoutEps && chosen.name === 'COCO_V1')
        for (const m of made.modules()) if (m instanceof FrozenBatchNorm2d) m.eps = 0;
      return made;
    });
  };
  return register(build, { name, weights: table }) as unknown as DetectorBuilder<M, OptionsOf<S>>;
}
