/** RetinaNet (Lin et al., 2017). */
import { int64 } from '../../../core/dtype.js';
import { type Arguments, signature } from '../../../core/signature/signature.js';
import type { Tensor } from '../../../core/tensor.js';
import { ops } from '../../../dispatch/registry.js';
import { F } from '../../../nn/functions.js';
import * as init from '../../../nn/init.js';
import type { Module } from '../../../nn/module.js';
import { Sequential } from '../../../nn/modules/container.js';
import { Conv2d } from '../../../nn/modules/conv.js';
import { GroupNorm } from '../../../nn/modules/normalization.js';
import { Conv2dNormActivation } from '../../ops/blocks.js';
import { generalizedBoxIouLoss, sigmoidFocalLoss } from '../../ops/box_losses.js';
import { boxIou } from '../../ops/box_overlaps.js';
import { trueAt } from '../../ops/boxes.js';
import { type FeatureMaps, LastLevelP6P7, renameKeys } from '../../ops/feature_pyramid.js';
import type { LayerFactory } from '../../ops/layer_factories.js';
import { SnakeModule } from '../../ops/snake_module.js';
import { type ResNet, resnet50 } from '../resnet.js';
import { BETWEEN_THRESHOLDS, Matcher } from './anchor_matching.js';
import { AnchorGenerator } from './anchors.js';
import { BoxCoder } from './box_coding.js';
import { detectorBuilder } from './detection_builder.js';
import type { Detection, DetectionLosses, DetectionTarget } from './detection_types.js';
import { RetinaNet_ResNet50_FPN_V2_Weights, RetinaNet_ResNet50_FPN_Weights } from './detection_weights.js';
import { Detector, imageStatistics } from './detector.js';
import {
  channelsOf,
  checkKind,
  type DetectorBackbone,
  frozenResnet,
  plainResnet,
  sizeOptions,
} from './faster_rcnn.js';
import type { ImageList } from './image_list.js';
import { chosenBoxes, type Level } from './level_boxes.js';
import { residualPyramid } from './pyramid_backbones.js';
import { GeneralizedRCNNTransform } from './rcnn_transform.js';
import { boxByBox } from './region_proposals.js';

const anchors = () =>
  new AnchorGenerator(
    [32, 64, 128, 256, 512].map((x) => [x, Math.trunc(x * 2 ** (1 / 3)), Math.trunc(x * 2 ** (2 / 3))]),
    Array.from({ length: 5 }, () => [0.5, 1, 2]),
  );

/** Four convolutions of features, and one that tells something of the boxes of each pixel. */
abstract class RetinaNetBranch extends SnakeModule {
  declare conv: Sequential;

  protected layers(inChannels: number, normLayer: LayerFactory | null): Sequential {
    const layer = () => new Conv2dNormActivation(inChannels, inChannels, { normLayer });
    return new Sequential(...Array.from({ length: 4 }, layer));
  }

  /** Older checkpoints have the convolutions and rectifiers side by side. */
  protected override upgradeStateDict(stateDict: Record<string, unknown>, prefix: string): void {
    for (let i = 0; i < 4; i++) renameKeys(stateDict, `${prefix}conv.${2 * i}.`, `${prefix}conv.${i}.0.`);
  }
}

/** Draws convolutions from a narrow normal distribution, and makes their biases zero. */
export function initializeNarrow(module: Module): void {
  for (const m of module.modules())
    if (m instanceof Conv2d) {
      init.normal_(m.weight, 0, 0.01);
      if (m.bias !== null) init.constant_(m.bias, 0);
    }
}

/** The bias with which scores begin as those of what is rare. */
export const rareBias = -Math.log((1 - 0.01) / 0.01);

class RetinaNetClassificationHead extends RetinaNetBranch {
  declare clsLogits: Conv2d;

  constructor(
    inChannels: number,
    numAnchors: number,
    private readonly numClasses: number,
    normLayer: LayerFactory | null,
  ) {
    super();
    this.conv = this.layers(inChannels, normLayer);
    initializeNarrow(this.conv);
    this.clsLogits = new Conv2d(inChannels, numAnchors * numClasses, 3, { stride: 1, padding: 1 });
    init.normal_(this.clsLogits.weight, 0, 0.01);
    init.constant_(this.clsLogits.bias!, rareBias);
  }

  override forward(x: readonly Tensor[]): Tensor {
    const found = x.map((map) => boxByBox(this.clsLogits.forward(this.conv.forward(map)), this.numClasses));
    return ops.cat(found, 1);
  }
}

class RetinaNetRegressionHead extends RetinaNetBranch {
  declare bboxReg: Conv2d;

  constructor(inChannels: number, numAnchors: number, normLayer: LayerFactory | null) {
    super();
    this.conv = this.layers(inChannels, normLayer);
    this.bboxReg = new Conv2d(inChannels, numAnchors * 4, 3, { stride: 1, padding: 1 });
    init.normal_(this.bboxReg.weight, 0, 0.01);
    init.zeros_(this.bboxReg.bias!);
    initializeNarrow(this.conv);
  }

  override forward(x: readonly Tensor[]): Tensor {
    return ops.cat(
      x.map((map) => boxByBox(this.bboxReg.forward(this.conv.forward(map)), 4)),
      1,
    );
  }
}

/** The results of RetinaNet's heads: scores [N, boxes, classes] and corrections [N, boxes, 4]. */
interface RetinaNetOutput {
  readonly clsLogits: Tensor;
  readonly bboxRegression: Tensor;
}

/** Scores and corrections of all boxes. */
export class RetinaNetHead extends SnakeModule {
  declare classificationHead: Module;
  declare regressionHead: Module;
  private readonly boxCoder = new BoxCoder([1, 1, 1, 1]);

  /** @internal */
  constructor(
    inChannels: number,
    numAnchors: number,
    numClasses: number,
    normLayer: LayerFactory | null = null,
    private readonly loss: 'l1' | 'giou' = 'l1',
  ) {
    super();
    this.classificationHead = new RetinaNetClassificationHead(inChannels, numAnchors, numClasses, normLayer);
    this.regressionHead = new RetinaNetRegressionHead(inChannels, numAnchors, normLayer);
  }

  override forward(x: readonly Tensor[]): RetinaNetOutput {
    return {
      clsLogits: this.classificationHead.forward(x) as Tensor,
      bboxRegression: this.regressionHead.forward(x) as Tensor,
    };
  }

  /** @internal */
  losses(
    targets: readonly DetectionTarget[],
    output: RetinaNetOutput,
    anchors: readonly Tensor[],
    matches: readonly Tensor[],
  ): DetectionLosses {
    const each = targets.map(({ boxes, labels }, i) => {
      const foreground = trueAt(matches[i].ge(0));
      const count = Math.max(1, foreground.numel());
      const match = matches[i].indexSelect(0, foreground);
      const scores = output.clsLogits.select(0, i);
      const classes = scores.shape[1];
      const goals = ops.zerosLike(scores.detach()).view([-1]);
      goals.indexFill_(0, foreground.mul(classes).add(labels.indexSelect(0, match)), 1);
      const valid = trueAt(matches[i].ne(BETWEEN_THRESHOLDS));
      const at = (x: Tensor) => x.view([-1, classes]).indexSelect(0, valid);
      const classification = sigmoidFocalLoss(at(scores.contiguous()), at(goals), { reduction: 'sum' });
      const found = output.bboxRegression.select(0, i).indexSelect(0, foreground);
      const wanted = boxes.indexSelect(0, match);
      const box = this.boxLoss(found, wanted, anchors[i].indexSelect(0, foreground));
      return { classification: classification.div(count), bboxRegression: box.div(count) };
    });
    const mean = (name: 'classification' | 'bboxRegression') =>
      each
        .map((one) => one[name])
        .reduce((a, b) => a.add(b))
        .div(Math.max(1, targets.length));
    return { classification: mean('classification'), bboxRegression: mean('bboxRegression') };
  }

  private boxLoss(corrections: Tensor, boxes: Tensor, anchors: Tensor): Tensor {
    const { boxCoder } = this;
    if (this.loss === 'l1')
      return F.l1Loss(corrections, boxCoder.encodeSingle(boxes, anchors), { reduction: 'sum' });
    return generalizedBoxIouLoss(boxCoder.decodeSingle(corrections, anchors), boxes, { reduction: 'sum' });
  }
}

const retinaOptions =
  `int|int[] min_size=800, int max_size=1333, float[]? image_mean=None, float[]? image_std=None, Any anchor_generator=None, Any head=None, float score_thresh=0.05, float nms_thresh=0.5, int detections_per_img=300, float fg_iou_thresh=0.5, float bg_iou_thresh=0.4, int topk_candidates=1000` as const;
const retinaNet = signature(`RetinaNet(Any backbone, int num_classes, ${retinaOptions}, *, ${sizeOptions})`);

/** Parameters of detectors in one step that are modules. */
export interface OneStepModules<Head extends Module> {
  /** Makes boxes all over the image. */
  readonly anchorGenerator?: AnchorGenerator | null;
  /** Tells their classes and corrects them. */
  readonly head?: Head | null;
}

/** A detector in one step, trained by the focal loss. */
export class RetinaNet extends Detector {
  declare anchorGenerator: AnchorGenerator;
  declare head: RetinaNetHead;
  readonly scoreThresh: number;
  readonly nmsThresh: number;
  readonly detectionsPerImg: number;
  readonly topkCandidates: number;
  private readonly matcher: Matcher;
  private readonly boxCoder = new BoxCoder([1, 1, 1, 1]);

  /**
   * @param backbone finds features; it says by `outChannels` how many channels they have
   * @param numClasses how many classes there are
   * @param minSize the size of images' shorter side; in training one of these, at random
   * @param maxSize the most that the longer side may have
   * @param imageMean what is subtracted from each channel
   * @param imageStd what each channel is divided by
   * @param anchorGenerator makes boxes all over the image
   * @param head tells their classes and corrects them
   * @param scoreThresh how sure a detection must be
   * @param nmsThresh how much detections of a class may overlap
   * @param detectionsPerImg how many detections an image has at most
   * @param fgIouThresh how much a box and an object overlap to belong together
   * @param bgIouThresh below what they do not
   * @param topkCandidates how many boxes of each of the features are looked at
   * @param sizeDivisible what heights and widths are multiples of
   * @param fixedSize the width and height of all images, whatever they had
   */
  constructor(
    ...args: Arguments<typeof retinaNet, { backbone: DetectorBackbone } & OneStepModules<RetinaNetHead>>
  ) {
    super();
    const given = retinaNet.bind(args);
    const channels = channelsOf(given.backbone);
    this.backbone = given.backbone as Module;
    checkKind('anchor_generator', given.anchorGenerator, AnchorGenerator);
    this.anchorGenerator = (given.anchorGenerator ?? anchors()) as AnchorGenerator;
    this.head = (given.head ??
      new RetinaNetHead(
        channels,
        this.anchorGenerator.numAnchorsPerLocation()[0],
        given.numClasses,
      )) as RetinaNetHead;
    this.matcher = new Matcher(given.fgIouThresh, given.bgIouThresh, true);
    this.transform = new GeneralizedRCNNTransform({
      ...given,
      imageMean: given.imageMean ?? imageStatistics.mean,
      imageStd: given.imageStd ?? imageStatistics.std,
    });
    this.scoreThresh = given.scoreThresh;
    this.nmsThresh = given.nmsThresh;
    this.detectionsPerImg = given.detectionsPerImg;
    this.topkCandidates = given.topkCandidates;
  }

  protected override lossesOf(
    images: ImageList,
    features: FeatureMaps,
    targets: readonly DetectionTarget[],
  ): DetectionLosses {
    const maps = Object.values(features);
    const output = this.head.forward(maps);
    const boxes = this.anchorGenerator.forward(images, maps);
    const matches = boxes.map((some, i) => {
      if (targets[i].boxes.numel() === 0)
        return ops.full([some.shape[0]], -1, { dtype: int64, device: some.device });
      return this.matcher.match(boxIou(targets[i].boxes, some));
    });
    return this.head.losses(targets, output, boxes, matches);
  }

  protected override detectionsOf(images: ImageList, features: FeatureMaps): Detection[] {
    const maps = Object.values(features);
    const { clsLogits, bboxRegression } = this.head.forward(maps);
    const boxes = this.anchorGenerator.forward(images, maps);
    const perPixel = this.anchorGenerator.numAnchorsPerLocation();
    const counts = maps.map(({ shape }, i) => shape[2] * shape[3] * perPixel[i]);
    return images.imageSizes.map((size, i) => {
      const corrections = bboxRegression.select(0, i).split(counts, 0);
      const anchorsOf = boxes[i].split(counts, 0);
      const levels: Level[] = clsLogits
        .select(0, i)
        .split(counts, 0)
        .map((logits, k) => ({
          scores: logits.sigmoid(),
          decode: (at) =>
            this.boxCoder.decodeSingle(corrections[k].indexSelect(0, at), anchorsOf[k].indexSelect(0, at)),
        }));
      return chosenBoxes(levels, size, this);
    });
  }
}

const builderOptions = `${retinaOptions}, ${sizeOptions}` as const;

/** RetinaNet on ResNet-50. */
export const retinanetResnet50Fpn = /* @__PURE__ */ detectorBuilder({
  name: 'retinanet_resnet50_fpn',
  weights: RetinaNet_ResNet50_FPN_Weights,
  backbone: resnet50,
  backboneWeights: 'IMAGENET1K_V1',
  stages: [5, 3],
  options: builderOptions,
  withoutEps: true,
  features: frozenResnet,
  make: (resnet: ResNet, numClasses, options, { trainableLayers }) => {
    const extraBlocks = new LastLevelP6P7(256, 256);
    const backbone = residualPyramid(resnet, { trainableLayers, returnedLayers: [2, 3, 4], extraBlocks });
    return new RetinaNet(backbone, { ...options, numClasses } as never);
  },
});

/** RetinaNet on ResNet-50, second version. */
export const retinanetResnet50FpnV2 = /* @__PURE__ */ detectorBuilder({
  name: 'retinanet_resnet50_fpn_v2',
  weights: RetinaNet_ResNet50_FPN_V2_Weights,
  backbone: resnet50,
  backboneWeights: null,
  stages: [5, 3],
  options: builderOptions,
  features: plainResnet,
  make: (resnet: ResNet, numClasses, options, { trainableLayers }) => {
    const extraBlocks = new LastLevelP6P7(2048, 256);
    const backbone = residualPyramid(resnet, { trainableLayers, returnedLayers: [2, 3, 4], extraBlocks });
    const anchorGenerator = anchors();
    const norm = (channels: number) => new GroupNorm(32, channels);
    const head = new RetinaNetHead(256, anchorGenerator.numAnchorsPerLocation()[0], numClasses, norm, 'giou');
    return new RetinaNet(backbone, { ...options, anchorGenerator, head, numClasses } as never);
  },
});
