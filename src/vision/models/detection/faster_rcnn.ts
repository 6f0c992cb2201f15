/** Faster R-CNN (Ren et al., 2015), with a pyramid of features (Lin et al., 2017). */
import { AssertionError, TypeError, ValueError } from '../../../core/errors.js';
import { type Arguments, signature } from '../../../core/signature/signature.js';
import type { Tensor } from '../../../core/tensor.js';
import { typeName } from '../../../dispatch/type_name.js';
import { F } from '../../../nn/functions.js';
import * as init from '../../../nn/init.js';
import { Module } from '../../../nn/module.js';
import { ReLU } from '../../../nn/modules/activation.js';
import { Sequential } from '../../../nn/modules/container.js';
import { Conv2d } from '../../../nn/modules/conv.js';
import { Flatten } from '../../../nn/modules/flatten.js';
import { Linear } from '../../../nn/modules/linear.js';
import { BatchNorm2d } from '../../../nn/modules/normalization.js';
import { Conv2dNormActivation, FrozenBatchNorm2d } from '../../ops/blocks.js';
import type { FeatureMaps } from '../../ops/feature_pyramid.js';
import type { LayerFactory } from '../../ops/layer_factories.js';
import { MultiScaleRoIAlign } from '../../ops/multi_scale_align.js';
import { ofX, SnakeModule } from '../../ops/snake_module.js';
import { type MobileNetV3, mobilenetV3Large } from '../mobilenet_v3.js';
import type { WeightsTable } from '../model_weights.js';
import { type ResNet, resnet50 } from '../resnet.js';
import { AnchorGenerator } from './anchors.js';
import { type Circumstances, detectorBuilder } from './detection_builder.js';
import type { Detection, DetectionLosses, DetectionTarget } from './detection_types.js';
import {
  FasterRCNN_MobileNet_V3_Large_320_FPN_Weights,
  FasterRCNN_MobileNet_V3_Large_FPN_Weights,
  FasterRCNN_ResNet50_FPN_V2_Weights,
  FasterRCNN_ResNet50_FPN_Weights,
} from './detection_weights.js';
import { Detector, imageStatistics } from './detector.js';
import type { ImageList } from './image_list.js';
import { mobilePyramid, residualPyramid } from './pyramid_backbones.js';
import { GeneralizedRCNNTransform } from './rcnn_transform.js';
import { RoIHeads } from './region_heads.js';
import { RegionProposalNetwork, RPNHead } from './region_proposals.js';

const proposalOptions =
  'Any rpn_anchor_generator=None, Any rpn_head=None, int rpn_pre_nms_top_n_train=2000, int rpn_pre_nms_top_n_test=1000, int rpn_post_nms_top_n_train=2000, int rpn_post_nms_top_n_test=1000, float rpn_nms_thresh=0.7, float rpn_fg_iou_thresh=0.7, float rpn_bg_iou_thresh=0.3, int rpn_batch_size_per_image=256, float rpn_positive_fraction=0.5, float rpn_score_thresh=0.0' as const;
const boxOptions =
  'Any box_roi_pool=None, Any box_head=None, Any box_predictor=None, float box_score_thresh=0.05, float box_nms_thresh=0.5, int box_detections_per_img=100, float box_fg_iou_thresh=0.5, float box_bg_iou_thresh=0.5, int box_batch_size_per_image=512, float box_positive_fraction=0.25, float[]? bbox_reg_weights=None' as const;

/** The options of `FasterRCNN` behind the number of classes. */
export const regionOptions =
  `int|int[] min_size=800, int max_size=1333, float[]? image_mean=None, float[]? image_std=None, ${proposalOptions}, ${boxOptions}` as const;
/** Options that go by name. */
export const sizeOptions = 'int size_divisible=32, int[]? fixed_size=None' as const;

const fasterRcnn = signature(
  `FasterRCNN(Any backbone, int? num_classes=None, ${regionOptions}, *, ${sizeOptions})`,
);

/** The parameters that are modules. */
export interface RegionModules {
  /** Makes boxes all over the image. */
  readonly rpnAnchorGenerator?: AnchorGenerator | null;
  /** Scores them. */
  readonly rpnHead?: Module | null;
  /** Looks up regions in the features. */
  readonly boxRoiPool?: MultiScaleRoIAlign | null;
  /** Makes one vector of each region. */
  readonly boxHead?: Module | null;
  /** Tells the class of a region and corrects its box. */
  readonly boxPredictor?: Module | null;
}

/** A backbone that says how many channels its features have. */
export type DetectorBackbone = Module & { readonly outChannels: number };

/** @throws ValueError in torchvision's words unless it says its channels */
export function channelsOf(backbone: unknown): number {
  const channels: unknown = Reflect.get(backbone as object, 'outChannels');
  if (typeof channels !== 'number')
    throw new ValueError(
      'backbone should contain an attribute out_channels specifying the number of output channels (assumed to be the same for all the levels)',
    );
  return channels;
}

/** @throws TypeError in torchvision's words unless it is null or of the class */
export function checkKind(
  name: string,
  value: unknown,
  Class: abstract new (...args: never) => object,
): void {
  if (value !== null && !(value instanceof Class))
    throw new TypeError(`${name} should be of type ${Class.name} or None instead of ${typeName(value)}`);
}

const anchors = () =>
  new AnchorGenerator(
    [[32], [64], [128], [256], [512]],
    Array.from({ length: 5 }, () => [0.5, 1, 2]),
  );

/** A detector in two steps: regions that may have objects, and what they are. */
export class FasterRCNN extends Detector {
  declare rpn: RegionProposalNetwork;
  declare roiHeads: RoIHeads;

  /**
   * @param backbone finds features; it says by `outChannels` how many channels they have
   * @param numClasses how many classes there are, with the background; null if there is a `boxPredictor`
   * @param minSize the size of images' shorter side; in training one of these, at random
   * @param maxSize the most that the longer side may have
   * @param imageMean what is subtracted from each channel
   * @param imageStd what each channel is divided by
   * @param rpnAnchorGenerator makes boxes all over the image
   * @param rpnHead scores them
   * @param rpnPreNmsTopNTrain how many of them are looked at, in training
   * @param rpnPreNmsTopNTest how many of them are looked at, else
   * @param rpnPostNmsTopNTrain how many are proposed, in training
   * @param rpnPostNmsTopNTest how many are proposed, else
   * @param rpnNmsThresh how much proposals may overlap
   * @param rpnFgIouThresh how much a box and an object overlap to belong together
   * @param rpnBgIouThresh below what they do not
   * @param rpnBatchSizePerImage how many boxes of an image a step is trained by
   * @param rpnPositiveFraction the part of those with an object
   * @param rpnScoreThresh how sure a proposal must be
   * @param boxRoiPool looks up regions in the features
   * @param boxHead makes one vector of each region
   * @param boxPredictor tells the class of a region and corrects its box
   * @param boxScoreThresh how sure a detection must be
   * @param boxNmsThresh how much detections of a class may overlap
   * @param boxDetectionsPerImg how many detections an image has at most
   * @param boxFgIouThresh how much a region and an object overlap to belong together
   * @param boxBgIouThresh below what they do not
   * @param boxBatchSizePerImage how many regions of an image a step is trained by
   * @param boxPositiveFraction the part of those with an object
   * @param bboxRegWeights what corrections of boxes are multiplied by
   * @param sizeDivisible what heights and widths are multiples of
   * @param fixedSize the width and height of all images, whatever they had
   */
  constructor(...args: Arguments<typeof fasterRcnn, { backbone: DetectorBackbone } & RegionModules>) {
    super();
    const given = fasterRcnn.bind(args, new.target.name);
    const { numClasses } = given;
    const backbone = given.backbone as DetectorBackbone;
    const channels = channelsOf(backbone);
    checkKind('rpn_anchor_generator', given.rpnAnchorGenerator, AnchorGenerator);
    checkKind('box_roi_pool', given.boxRoiPool, MultiScaleRoIAlign);
    if (numClasses !== null && given.boxPredictor !== null)
      throw new ValueError('num_classes should be None when box_predictor is specified');
    if (numClasses === null && given.boxPredictor === null)
      throw new ValueError('num_classes should not be None when box_predictor is not specified');

    const anchorGenerator = (given.rpnAnchorGenerator ?? anchors()) as AnchorGenerator;
    const head = (given.rpnHead ??
      new RPNHead(channels, anchorGenerator.numAnchorsPerLocation()[0])) as Module;
    const pool = (given.boxRoiPool ??
      new MultiScaleRoIAlign(['0', '1', '2', '3'], 7, 2)) as MultiScaleRoIAlign;
    const boxHead = (given.boxHead ?? new TwoMLPHead(channels * pool.outputSize[0] ** 2, 1024)) as Module;
    const boxPredictor = (given.boxPredictor ?? new FastRCNNPredictor(1024, numClasses!)) as Module;
    this.transform = new GeneralizedRCNNTransform({
      minSize: given.minSize,
      maxSize: given.maxSize,
      imageMean: given.imageMean ?? imageStatistics.mean,
      imageStd: given.imageStd ?? imageStatistics.std,
      sizeDivisible: given.sizeDivisible,
      fixedSize: given.fixedSize,
    });
    this.backbone = backbone;
    this.rpn = new RegionProposalNetwork({
      anchorGenerator,
      head,
      fgIouThresh: given.rpnFgIouThresh,
      bgIouThresh: given.rpnBgIouThresh,
      batchSizePerImage: given.rpnBatchSizePerImage,
      positiveFraction: given.rpnPositiveFraction,
      preNmsTopN: { training: given.rpnPreNmsTopNTrain, testing: given.rpnPreNmsTopNTest },
      postNmsTopN: { training: given.rpnPostNmsTopNTrain, testing: given.rpnPostNmsTopNTest },
      nmsThresh: given.rpnNmsThresh,
      scoreThresh: given.rpnScoreThresh,
    });
    this.roiHeads = new RoIHeads({
      boxRoiPool: pool,
      boxHead,
      boxPredictor,
      fgIouThresh: given.boxFgIouThresh,
      bgIouThresh: given.boxBgIouThresh,
      batchSizePerImage: given.boxBatchSizePerImage,
      positiveFraction: given.boxPositiveFraction,
      bboxRegWeights: given.bboxRegWeights,
      scoreThresh: given.boxScoreThresh,
      nmsThresh: given.boxNmsThresh,
      detectionsPerImg: given.boxDetectionsPerImg,
    });
  }

  protected override lossesOf(
    images: ImageList,
    features: FeatureMaps,
    targets: readonly DetectionTarget[],
  ): DetectionLosses {
    const [proposals, ofProposals] = this.rpn.forward(images, features, targets);
    const [, ofRegions] = this.roiHeads.forward(features, proposals, images.imageSizes, targets);
    return { ...ofRegions, ...ofProposals };
  }

  protected override detectionsOf(images: ImageList, features: FeatureMaps): Detection[] {
    const [proposals] = this.rpn.forward(images, features, null);
    return this.roiHeads.forward(features, proposals, images.imageSizes, null)[0];
  }
}

const twoMlp = signature('TwoMLPHead(int in_channels, int representation_size)');

/** Two products with rectifiers, on all that a region has. */
export class TwoMLPHead extends Module {
  declare fc6: Linear;
  declare fc7: Linear;

  /**
   * @param inChannels the size of a region
   * @param representationSize the size of the result
   */
  constructor(...args: Arguments<typeof twoMlp>) {
    super();
    const { inChannels, representationSize } = twoMlp.bind(args);
    this.fc6 = new Linear(inChannels, representationSize);
    this.fc7 = new Linear(representationSize, representationSize);
  }

  override forward(...args: Arguments<typeof ofX>): Tensor {
    const [x] = ofX.inOrder(args, this);
    return F.relu(this.fc7.forward(F.relu(this.fc6.forward(x.flatten(1)))));
  }
}

const convHead = signature(
  'FastRCNNConvFCHead(int[] input_size, int[] conv_layers, int[] fc_layers, Layer? norm_layer=None)',
);

/** Convolutions and products, on regions. */
export class FastRCNNConvFCHead extends Sequential {
  /**
   * @param inputSize the channels, the height and the width of a region
   * @param convLayers the channels of convolutions
   * @param fcLayers the sizes of products
   * @param normLayer makes the normalization behind convolutions; null for none
   */
  constructor(...args: Arguments<typeof convHead>) {
    const { inputSize, convLayers, fcLayers, normLayer } = convHead.bind(args);
    const [inChannels, height, width] = inputSize;
    const layers: Module[] = [];
    let channels = inChannels;
    for (const next of convLayers) {
      layers.push(new Conv2dNormActivation(channels, next, { normLayer }));
      channels = next;
    }
    layers.push(new Flatten());
    let size = channels * height * width;
    for (const next of fcLayers) {
      layers.push(new Linear(size, next), new ReLU({ inplace: true }));
      size = next;
    }
    super(...layers);
    initializeConvolutions(this);
  }
}

/** Draws convolutions by their outputs, and makes their biases zero. */
export function initializeConvolutions(module: Module): void {
  for (const m of module.modules())
    if (m instanceof Conv2d) {
      init.kaimingNormal_(m.weight, { mode: 'fan_out', nonlinearity: 'relu' });
      if (m.bias !== null) init.zeros_(m.bias);
    }
}

const predictor = signature('FastRCNNPredictor(int in_channels, int num_classes)');

/** The scores of classes, and for each class a correction of the box. */
export class FastRCNNPredictor extends SnakeModule {
  declare clsScore: Linear;
  declare bboxPred: Linear;

  /**
   * @param inChannels the size of what a region has
   * @param numClasses how many classes there are, with the background
   */
  constructor(...args: Arguments<typeof predictor>) {
    super();
    const { inChannels, numClasses } = predictor.bind(args);
    this.clsScore = new Linear(inChannels, numClasses);
    this.bboxPred = new Linear(inChannels, numClasses * 4);
  }

  override forward(...args: Arguments<typeof ofX>): [scores: Tensor, corrections: Tensor] {
    const [x] = ofX.inOrder(args, this);
    if (x.ndim === 4 && (x.shape[2] !== 1 || x.shape[3] !== 1))
      throw new AssertionError(
        `x has the wrong shape, expecting the last two dimensions to be [1,1] instead of [${x.shape[2]}, ${x.shape[3]}]`,
      );
    const flat = x.flatten(1);
    return [this.clsScore.forward(flat), this.bboxPred.forward(flat)];
  }
}

/** Normalizations of features with weights stay as they are. */
export const normalizationOf = ({ isTrained }: Circumstances): LayerFactory =>
  isTrained ? FrozenBatchNorm2d : BatchNorm2d;

/** ResNet-50 with normalizations that stay as they are, if it has weights. */
export const frozenResnet = (given: Circumstances) =>
  resnet50({ weights: given.weights, progress: given.progress, normLayer: normalizationOf(given) });

/** ResNet-50 as second versions of detectors have it. */
export const plainResnet = ({ weights, progress }: Circumstances) => resnet50({ weights, progress });

/** A network's heads in the second version of R-CNNs. */
export function secondHeads(channels: number) {
  const rpnAnchorGenerator = anchors();
  const rpnHead = new RPNHead(channels, rpnAnchorGenerator.numAnchorsPerLocation()[0], { convDepth: 2 });
  const boxHead = new FastRCNNConvFCHead([channels, 7, 7], [256, 256, 256, 256], [1024], {
    normLayer: BatchNorm2d,
  });
  return { rpnAnchorGenerator, rpnHead, boxHead };
}

/** The options of builders of R-CNNs. */
export const builderOptions = `${regionOptions}, ${sizeOptions}` as const;

/** Faster R-CNN on ResNet-50. */
export const fasterrcnnResnet50Fpn = /* @__PURE__ */ detectorBuilder({
  name: 'fasterrcnn_resnet50_fpn',
  weights: FasterRCNN_ResNet50_FPN_Weights,
  backbone: resnet50,
  backboneWeights: 'IMAGENET1K_V1',
  stages: [5, 3],
  options: builderOptions,
  withoutEps: true,
  features: frozenResnet,
  make: (resnet: ResNet, numClasses, options, { trainableLayers }) =>
    new FasterRCNN(residualPyramid(resnet, { trainableLayers }), { ...options, numClasses } as never),
});

/** Faster R-CNN on ResNet-50, second version. */
export const fasterrcnnResnet50FpnV2 = /* @__PURE__ */ detectorBuilder({
  name: 'fasterrcnn_resnet50_fpn_v2',
  weights: FasterRCNN_ResNet50_FPN_V2_Weights,
  backbone: resnet50,
  backboneWeights: null,
  stages: [5, 3],
  options: builderOptions,
  features: plainResnet,
  make: (resnet: ResNet, numClasses, options, { trainableLayers }) => {
    const backbone = residualPyramid(resnet, { trainableLayers, normLayer: BatchNorm2d });
    return new FasterRCNN(backbone, { ...options, ...secondHeads(256), numClasses } as never);
  },
});

const onMobilenet = <const S extends typeof builderOptions>(
  name: string,
  weights: WeightsTable,
  options: S,
) =>
  detectorBuilder({
    name,
    weights,
    backbone: mobilenetV3Large,
    backboneWeights: 'IMAGENET1K_V1',
    stages: [6, 3],
    options,
    features: (given) =>
      mobilenetV3Large({
        weights: given.weights,
        progress: given.progress,
        normLayer: normalizationOf(given),
      }),
    make: (mobilenet: MobileNetV3, numClasses, given, { trainableLayers }) => {
      const ratios = Array.from({ length: 3 }, () => [0.5, 1, 2]);
      const sizes = ratios.map(() => [32, 64, 128, 256, 512]);
      return new FasterRCNN(mobilePyramid(mobilenet, trainableLayers), {
        ...given,
        rpnAnchorGenerator: new AnchorGenerator(sizes, ratios),
        numClasses,
      } as never);
    },
  });

/** The options with other defaults. */
const changed = (defaults: Readonly<Record<string, number>>) =>
  Object.entries(defaults).reduce<string>(
    (options, [name, value]) => options.replace(new RegExp(`\\b${name}=[^,]*`), `${name}=${value}`),
    builderOptions,
  ) as typeof builderOptions;

/** Faster R-CNN on MobileNet v3. */
export const fasterrcnnMobilenetV3LargeFpn = /* @__PURE__ */ onMobilenet(
  'fasterrcnn_mobilenet_v3_large_fpn',
  FasterRCNN_MobileNet_V3_Large_FPN_Weights,
  /* @__PURE__ */ changed({ rpn_score_thresh: 0.05 }),
);

/** Faster R-CNN on MobileNet v3, for images of 320 pixels. */
export const fasterrcnnMobilenetV3Large320Fpn = /* @__PURE__ */ onMobilenet(
  'fasterrcnn_mobilenet_v3_large_320_fpn',
  FasterRCNN_MobileNet_V3_Large_320_FPN_Weights,
  /* @__PURE__ */ changed({
    min_size: 320,
    max_size: 640,
    rpn_pre_nms_top_n_test: 150,
    rpn_post_nms_top_n_test: 150,
    rpn_score_thresh: 0.05,
  }),
);
