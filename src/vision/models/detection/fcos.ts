/** FCOS (Tian et al., 2019). */
import { int64 } from '../../../core/dtype.js';
import { ValueError } from '../../../core/errors.js';
import { type Arguments, signature } from '../../../core/signature/signature.js';
import type { Tensor } from '../../../core/tensor.js';
import { ops } from '../../../dispatch/registry.js';
import { F } from '../../../nn/functions.js';
import * as init from '../../../nn/init.js';
import type { Module } from '../../../nn/module.js';
import { ReLU } from '../../../nn/modules/activation.js';
import { Sequential } from '../../../nn/modules/container.js';
import { Conv2d } from '../../../nn/modules/conv.js';
import { GroupNorm } from '../../../nn/modules/normalization.js';
import { tensor } from '../../../ops/from_data.js';
import { generalizedBoxIouLoss, sigmoidFocalLoss } from '../../ops/box_losses.js';
import { trueAt } from '../../ops/boxes.js';
import { type FeatureMaps, LastLevelP6P7 } from '../../ops/feature_pyramid.js';
import { SnakeModule } from '../../ops/snake_module.js';
import { type ResNet, resnet50 } from '../resnet.js';
import { AnchorGenerator } from './anchors.js';
import { BoxLinearCoder } from './box_coding.js';
import { detectorBuilder } from './detection_builder.js';
import type { Detection, DetectionLosses, DetectionTarget } from './detection_types.js';
import { FCOS_ResNet50_FPN_Weights } from './detection_weights.js';
import { Detector, imageStatistics } from './detector.js';
import { channelsOf, checkKind, type DetectorBackbone, frozenResnet, sizeOptions } from './faster_rcnn.js';
import type { ImageList } from './image_list.js';
import { chosenBoxes, type Level } from './level_boxes.js';
import { residualPyramid } from './pyramid_backbones.js';
import { GeneralizedRCNNTransform } from './rcnn_transform.js';
import { boxByBox } from './region_proposals.js';
import { initializeNarrow, type OneStepModules, rareBias } from './retinanet.js';

/** Four convolutions with normalizations. */
function branch(channels: number): Sequential {
  const layers = Array.from({ length: 4 }, () => [
    new Conv2d(channels, channels, 3, { stride: 1, padding: 1 }),
    new GroupNorm(32, channels),
    new ReLU(),
  ]);
  return new Sequential(...layers.flat());
}

const narrow = (inputs: number, outputs: number): Conv2d =>
  new Conv2d(inputs, outputs, 3, { stride: 1, padding: 1 });

class FCOSClassificationHead extends SnakeModule {
  declare conv: Sequential;
  declare clsLogits: Conv2d;

  constructor(
    inChannels: number,
    numAnchors: number,
    private readonly numClasses: number,
  ) {
    super();
    this.conv = branch(inChannels);
    initializeNarrow(this.conv);
    this.clsLogits = narrow(inChannels, numAnchors * numClasses);
    init.normal_(this.clsLogits.weight, 0, 0.01);
    init.constant_(this.clsLogits.bias!, rareBias);
  }

  override forward(x: readonly Tensor[]): Tensor {
    const found = x.map((map) => boxByBox(this.clsLogits.forward(this.conv.forward(map)), this.numClasses));
    return ops.cat(found, 1);
  }
}

class FCOSRegressionHead extends SnakeModule {
  declare conv: Sequential;
  declare bboxReg: Conv2d;
  declare bboxCtrness: Conv2d;

  constructor(inChannels: number, numAnchors: number) {
    super();
    this.conv = branch(inChannels);
    this.bboxReg = narrow(inChannels, numAnchors * 4);
    this.bboxCtrness = narrow(inChannels, numAnchors);
    for (const layer of [this.bboxReg, this.bboxCtrness]) initializeNarrow(layer);
    initializeNarrow(this.conv);
  }

  override forward(x: readonly Tensor[]): [sides: Tensor, centerness: Tensor] {
    const inner = x.map((map) => this.conv.forward(map) as Tensor);
    return [
      ops.cat(
        inner.map((map) => boxByBox(F.relu(this.bboxReg.forward(map)), 4)),
        1,
      ),
      ops.cat(
        inner.map((map) => boxByBox(this.bboxCtrness.forward(map), 1)),
        1,
      ),
    ];
  }
}

/** The head's results for each box: scores, distances of the sides, and whether it is in the middle of an object. */
interface FCOSOutput {
  readonly clsLogits: Tensor;
  readonly bboxRegression: Tensor;
  readonly bboxCtrness: Tensor;
}

/** Scores, sides and centres of all boxes. */
export class FCOSHead extends SnakeModule {
  declare classificationHead: Module;
  declare regressionHead: FCOSRegressionHead;
  private readonly boxCoder = new BoxLinearCoder();

  /** @internal */
  constructor(inChannels: number, numAnchors: number, numClasses: number) {
    super();
    this.classificationHead = new FCOSClassificationHead(inChannels, numAnchors, numClasses);
    this.regressionHead = new FCOSRegressionHead(inChannels, numAnchors);
  }

  override forward(x: readonly Tensor[]): FCOSOutput {
    const clsLogits = this.classificationHead.forward(x) as Tensor;
    const [bboxRegression, bboxCtrness] = this.regressionHead.forward(x);
    return { clsLogits, bboxRegression, bboxCtrness };
  }

  /** @internal */
  losses(
    targets: readonly DetectionTarget[],
    { clsLogits, bboxRegression, bboxCtrness }: FCOSOutput,
    anchors: readonly Tensor[],
    matches: readonly Tensor[],
  ): DetectionLosses {
    const assigned = targets.map(({ boxes, labels }, i) => {
      const match = matches[i].clamp({ min: 0 });
      if (labels.shape[0] === 0)
        return { label: ops.fullLike(match, -1), box: boxes.newZeros([match.shape[0], 4]) };
      const label = labels.indexSelect(0, match).maskedFill(matches[i].lt(0), -1);
      return { label, box: boxes.indexSelect(0, match) };
    });
    const label = ops.cat(assigned.map((one) => one.label));
    const box = ops.cat(assigned.map((one) => one.box));
    const foreground = trueAt(label.ge(0));
    const count = Math.max(1, foreground.numel());
    const classes = clsLogits.shape[2];
    const goals = ops.zerosLike(clsLogits.detach()).view([-1]);
    goals.indexFill_(0, foreground.mul(classes).add(label.indexSelect(0, foreground)), 1);
    const at = (x: Tensor) => x.indexSelect(0, foreground);

    const all = ops.cat([...anchors]);
    const found = this.boxCoder.decode(bboxRegression.view([-1, 4]), all);
    const sides = at(this.boxCoder.encode(all, box));
    const evenness = (dims: number[]) => {
      const two = sides.indexSelect(1, tensor(dims, { device: sides.device }));
      return two.amin(1).div(two.amax(1));
    };
    const centerness = evenness([0, 2])
      .mul(evenness([1, 3]))
      .sqrt();
    const sum = { reduction: 'sum' } as const;
    return {
      classification: sigmoidFocalLoss(clsLogits, goals.view(clsLogits.shape), sum).div(count),
      bboxRegression: generalizedBoxIouLoss(at(found), at(box), sum).div(count),
      bboxCtrness: F.binaryCrossEntropyWithLogits(at(bboxCtrness.view([-1])), centerness, sum).div(count),
    };
  }
}

const fcosOptions =
  'int|int[] min_size=800, int max_size=1333, float[]? image_mean=None, float[]? image_std=None, Any anchor_generator=None, Any head=None, float center_sampling_radius=1.5, float score_thresh=0.2, float nms_thresh=0.6, int detections_per_img=100, int topk_candidates=1000' as const;
const fcos = signature(`FCOS(Any backbone, int num_classes, ${fcosOptions}, *, ${sizeOptions})`);

/** A detector in one step, of which each pixel of the features tells the box that it is in. */
export class FCOS extends Detector {
  declare anchorGenerator: AnchorGenerator;
  declare head: FCOSHead;
  readonly centerSamplingRadius: number;
  readonly scoreThresh: number;
  readonly nmsThresh: number;
  readonly detectionsPerImg: number;
  readonly topkCandidates: number;
  private readonly boxCoder = new BoxLinearCoder();

  /**
   * @param backbone finds features; it says by `outChannels` how many channels they have
   * @param numClasses how many classes there are
   * @param minSize the size of images' shorter side; in training one of these, at random
   * @param maxSize the most that the longer side may have
   * @param imageMean what is subtracted from each channel
   * @param imageStd what each channel is divided by
   * @param anchorGenerator makes one box for each pixel of the features
   * @param head tells their classes, sides and centres
   * @param centerSamplingRadius how far from the middle of an object its pixels are, in pixels of the features
   * @param scoreThresh how sure a detection must be
   * @param nmsThresh how much detections of a class may overlap
   * @param detectionsPerImg how many detections an image has at most
   * @param topkCandidates how many boxes of each of the features are looked at
   * @param sizeDivisible what heights and widths are multiples of
   * @param fixedSize the width and height of all images, whatever they had
   */
  constructor(...args: Arguments<typeof fcos, { backbone: DetectorBackbone } & OneStepModules<FCOSHead>>) {
    super();
    const given = fcos.bind(args);
    const channels = channelsOf(given.backbone);
    this.backbone = given.backbone as Module;
    checkKind('anchor_generator', given.anchorGenerator, AnchorGenerator);
    this.anchorGenerator = (given.anchorGenerator ??
      new AnchorGenerator(
        [[8], [16], [32], [64], [128]],
        Array.from({ length: 5 }, () => [1]),
      )) as AnchorGenerator;
    const [perPixel] = this.anchorGenerator.numAnchorsPerLocation();
    if (perPixel !== 1)
      throw new ValueError(
        `anchor_generator.num_anchors_per_location()[0] should be 1 instead of ${perPixel}`,
      );
    this.head = (given.head ?? new FCOSHead(channels, perPixel, given.numClasses)) as FCOSHead;
    this.transform = new GeneralizedRCNNTransform({
      ...given,
      imageMean: given.imageMean ?? imageStatistics.mean,
      imageStd: given.imageStd ?? imageStatistics.std,
    });
    this.centerSamplingRadius = given.centerSamplingRadius;
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
    const anchors = this.anchorGenerator.forward(images, maps);
    const counts = maps.map(({ shape }) => shape[2] * shape[3]);
    const matches = anchors.map((some, i) => this.matched(some, targets[i].boxes, counts));
    return this.head.losses(targets, output, anchors, matches);
  }

  /** For each anchor the smallest object in whose middle it is, of those that fit the size of its features; -1: none. */
  private matched(anchors: Tensor, boxes: Tensor, counts: readonly number[]): Tensor {
    const count = anchors.shape[0];
    if (boxes.numel() === 0) return ops.full([count], -1, { dtype: int64, device: anchors.device });
    const middle = (some: Tensor) =>
      some
        .narrow(1, 0, 2)
        .add(some.narrow(1, 2, 2))
        .div(2);
    const size = anchors.select(1, 2).sub(anchors.select(1, 0)).unsqueeze(1);
    const centres = middle(anchors);
    const off = centres.unsqueeze(1).sub(middle(boxes).unsqueeze(0)).abs().amax(2);
    const [x, y] = centres.unsqueeze(2).unbind(1);
    const [x0, y0, x1, y1] = boxes.unsqueeze(0).unbind(2);
    const sides = ops.stack([x.sub(x0), y.sub(y0), x1.sub(x), y1.sub(y)], 2);
    // The first features have no least size, the last ones no largest.
    const place = ops.arange(count, { device: anchors.device }).unsqueeze(1);
    const least = size.mul(4).maskedFill(place.lt(counts[0]), 0);
    const most = size
      .mul(8)
      .maskedFill(place.ge(count - counts[counts.length - 1]), Number.POSITIVE_INFINITY);
    const longest = sides.amax(2);
    const fits = off
      .lt(size.mul(this.centerSamplingRadius))
      .logicalAnd(sides.amin(2).gt(0))
      .logicalAnd(longest.gt(least))
      .logicalAnd(longest.lt(most));
    const [left, top, right, bottom] = boxes.unbind(1);
    const area = right.sub(left).mul(bottom.sub(top));
    const [value, match] = fits.float().mul(area.neg().add(1e8).unsqueeze(0)).max(1);
    return match.maskedFill(value.lt(1e-5), -1);
  }

  protected override detectionsOf(images: ImageList, features: FeatureMaps): Detection[] {
    const maps = Object.values(features);
    const output = this.head.forward(maps);
    const anchors = this.anchorGenerator.forward(images, maps);
    const counts = maps.map(({ shape }) => shape[2] * shape[3]);
    return images.imageSizes.map((size, i) => {
      const of = (x: Tensor) => x.select(0, i).split(counts, 0);
      const [sides, centerness] = [of(output.bboxRegression), of(output.bboxCtrness)];
      const anchorsOf = anchors[i].split(counts, 0);
      const levels: Level[] = of(output.clsLogits).map((logits, k) => ({
        scores: logits.sigmoid().mul(centerness[k].sigmoid()).sqrt(),
        decode: (at) => this.boxCoder.decode(sides[k].indexSelect(0, at), anchorsOf[k].indexSelect(0, at)),
      }));
      return chosenBoxes(levels, size, this);
    });
  }
}

/** FCOS on ResNet-50. */
export const fcosResnet50Fpn = /* @__PURE__ */ detectorBuilder({
  name: 'fcos_resnet50_fpn',
  weights: FCOS_ResNet50_FPN_Weights,
  backbone: resnet50,
  backboneWeights: 'IMAGENET1K_V1',
  stages: [5, 3],
  options: `${fcosOptions}, ${sizeOptions}`,
  features: frozenResnet,
  make: (resnet: ResNet, numClasses, options, { trainableLayers }) => {
    const extraBlocks = new LastLevelP6P7(256, 256);
    const backbone = residualPyramid(resnet, { trainableLayers, returnedLayers: [2, 3, 4], extraBlocks });
    return new FCOS(backbone, { ...options, numClasses } as never);
  },
});
