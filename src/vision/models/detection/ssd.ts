/** SSD (Liu et al., 2016). */
import { int64 } from '../../../core/dtype.js';
import { ValueError } from '../../../core/errors.js';
import { type Arguments, signature } from '../../../core/signature/signature.js';
import type { Tensor } from '../../../core/tensor.js';
import { ops } from '../../../dispatch/registry.js';
import { F } from '../../../nn/functions.js';
import * as init from '../../../nn/init.js';
import type { Module } from '../../../nn/module.js';
import { ReLU } from '../../../nn/modules/activation.js';
import { ModuleList, Sequential } from '../../../nn/modules/container.js';
import { Conv2d } from '../../../nn/modules/conv.js';
import { MaxPool2d } from '../../../nn/modules/pooling.js';
import { Parameter } from '../../../nn/parameter.js';
import { boxIou } from '../../ops/box_overlaps.js';
import { clipBoxesToImage, trueAt } from '../../ops/boxes.js';
import type { FeatureMaps } from '../../ops/feature_pyramid.js';
import { SnakeModule } from '../../ops/snake_module.js';
import { type VGG, vgg16 } from '../vgg.js';
import { SSDMatcher } from './anchor_matching.js';
import { DefaultBoxGenerator } from './anchors.js';
import { BoxCoder } from './box_coding.js';
import { detectorBuilder } from './detection_builder.js';
import type { Detection, DetectionLosses, DetectionTarget } from './detection_types.js';
import { SSD300_VGG16_Weights } from './detection_weights.js';
import { Detector, imageStatistics } from './detector.js';
import type { ImageList } from './image_list.js';
import { kept } from './level_boxes.js';
import { GeneralizedRCNNTransform } from './rcnn_transform.js';
import { boxByBox } from './region_proposals.js';

/** Draws convolutions by both their sides, and makes their biases zero. */
function initializeEvenly<M extends Module>(module: M): M {
  for (const m of module.modules())
    if (m instanceof Conv2d) {
      init.xavierUniform_(m.weight);
      if (m.bias !== null) init.constant_(m.bias, 0);
    }
  return module;
}

/** One layer for each of the features, which tells so many numbers of each box. */
export class SSDScoringHead extends SnakeModule {
  declare moduleList: ModuleList;

  constructor(
    moduleList: ModuleList,
    private readonly columns: number,
  ) {
    super();
    this.moduleList = moduleList;
  }

  override forward(x: readonly Tensor[]): Tensor {
    const found = x.map((map, i) => boxByBox(this.moduleList.at(i).forward(map) as Tensor, this.columns));
    return ops.cat(found, 1);
  }
}

class SSDClassificationHead extends SSDScoringHead {
  constructor(channels: readonly number[], anchors: readonly number[], numClasses: number) {
    const layers = channels.map((n, i) => new Conv2d(n, numClasses * anchors[i], 3, { padding: 1 }));
    super(initializeEvenly(new ModuleList<Module>(layers)), numClasses);
  }
}

class SSDRegressionHead extends SSDScoringHead {
  constructor(channels: readonly number[], anchors: readonly number[]) {
    const layers = channels.map((n, i) => new Conv2d(n, 4 * anchors[i], 3, { padding: 1 }));
    super(initializeEvenly(new ModuleList<Module>(layers)), 4);
  }
}

/** The results of SSD's heads for each box. */
interface SSDOutput {
  readonly bboxRegression: Tensor;
  readonly clsLogits: Tensor;
}

/** Scores and corrections of all boxes. */
export class SSDHead extends SnakeModule {
  declare classificationHead: Module;
  declare regressionHead: Module;

  /** @internal */
  constructor(classificationHead: Module, regressionHead: Module) {
    super();
    this.classificationHead = classificationHead;
    this.regressionHead = regressionHead;
  }

  override forward(x: readonly Tensor[]): SSDOutput {
    const bboxRegression = this.regressionHead.forward(x) as Tensor;
    return { bboxRegression, clsLogits: this.classificationHead.forward(x) as Tensor };
  }
}

/** The options of `SSD` behind the number of classes. */
export const ssdOptions =
  'float[]? image_mean=None, float[]? image_std=None, Any head=None, float score_thresh=0.01, float nms_thresh=0.45, int detections_per_img=200, float iou_thresh=0.5, int topk_candidates=400, float positive_fraction=0.25' as const;
const ssd = signature(`SSD(Any backbone, Any anchor_generator, int[] size, int num_classes, ${ssdOptions})`);

/** A backbone that says how many channels each of its features has. */
export type ScaledBackbone = Module & { readonly outChannels: readonly number[] };

/** A detector in one step, of which the features of each size find boxes of theirs. */
export class SSD extends Detector {
  declare anchorGenerator: DefaultBoxGenerator;
  declare head: SSDHead;
  readonly scoreThresh: number;
  readonly nmsThresh: number;
  readonly detectionsPerImg: number;
  readonly topkCandidates: number;
  private readonly negatives: number;
  private readonly matcher: SSDMatcher;
  private readonly boxCoder = new BoxCoder([10, 10, 5, 5]);

  /**
   * @param backbone finds features; it says by `outChannels` how many channels each of them has
   * @param anchorGenerator makes boxes all over the image
   * @param size the width and height of all images, whatever they had
   * @param numClasses how many classes there are, with the background
   * @param imageMean what is subtracted from each channel
   * @param imageStd what each channel is divided by
   * @param head tells the classes of boxes and corrects them
   * @param scoreThresh how sure a detection must be
   * @param nmsThresh how much detections of a class may overlap
   * @param detectionsPerImg how many detections an image has at most
   * @param iouThresh how much a box and an object overlap to belong together
   * @param topkCandidates how many boxes of each class are looked at
   * @param positiveFraction the part of boxes with an object of those that training looks at
   */
  constructor(
    ...args: Arguments<
      typeof ssd,
      { backbone: ScaledBackbone; anchorGenerator: DefaultBoxGenerator; head?: SSDHead | null }
    >
  ) {
    super();
    const given = ssd.bind(args);
    const { size } = given;
    const backbone = given.backbone as ScaledBackbone;
    this.backbone = backbone;
    this.anchorGenerator = given.anchorGenerator as DefaultBoxGenerator;
    this.head = (given.head as SSDHead | null) ?? this.headOf(backbone.outChannels, given.numClasses);
    this.transform = new GeneralizedRCNNTransform({
      minSize: Math.min(...size),
      maxSize: Math.max(...size),
      imageMean: given.imageMean ?? imageStatistics.mean,
      imageStd: given.imageStd ?? imageStatistics.std,
      sizeDivisible: 1,
      fixedSize: size,
    });
    this.matcher = new SSDMatcher(given.iouThresh);
    this.scoreThresh = given.scoreThresh;
    this.nmsThresh = given.nmsThresh;
    this.detectionsPerImg = given.detectionsPerImg;
    this.topkCandidates = given.topkCandidates;
    this.negatives = (1 - given.positiveFraction) / given.positiveFraction;
  }

  private headOf(channels: readonly number[], numClasses: number): SSDHead {
    const anchors = this.anchorGenerator.numAnchorsPerLocation();
    if (channels.length !== anchors.length)
      throw new ValueError(
        `The length of the output channels from the backbone (${channels.length}) do not match the length of the anchor generator aspect ratios (${anchors.length})`,
      );
    return new SSDHead(
      new SSDClassificationHead(channels, anchors, numClasses),
      new SSDRegressionHead(channels, anchors),
    );
  }

  protected override lossesOf(
    images: ImageList,
    features: FeatureMaps,
    targets: readonly DetectionTarget[],
  ): DetectionLosses {
    const maps = Object.values(features);
    const { bboxRegression, clsLogits } = this.head.forward(maps);
    const anchors = this.anchorGenerator.forward(images, maps);
    let count = 0;
    const each = targets.map(({ boxes, labels }, i) => {
      const some = anchors[i];
      const matches =
        boxes.numel() === 0
          ? ops.full([some.shape[0]], -1, { dtype: int64, device: some.device })
          : this.matcher.match(boxIou(boxes, some));
      const foreground = trueAt(matches.ge(0));
      const match = matches.indexSelect(0, foreground);
      count += match.numel();
      const goals = this.boxCoder.encodeSingle(boxes.indexSelect(0, match), some.indexSelect(0, foreground));
      const found = bboxRegression.select(0, i).indexSelect(0, foreground);
      const label = ops.zeros([some.shape[0]], { dtype: labels.dtype, device: labels.device });
      return {
        box: F.smoothL1Loss(found, goals, { reduction: 'sum' }),
        label: label.indexCopy_(0, foreground, labels.indexSelect(0, match)),
      };
    });
    const labels = ops.stack(each.map(({ label }) => label));
    const classes = clsLogits.shape.at(-1)!;
    const loss = F.crossEntropy(clsLogits.view([-1, classes]), labels.flatten(), {
      reduction: 'none',
    }).view(labels.shape);
    // Of the boxes without an object the hardest ones count, so many for each with one.
    const isForeground = labels.gt(0);
    const wanted = isForeground.sum(1, true).mul(this.negatives);
    const order = loss.detach().maskedFill(isForeground, Number.NEGATIVE_INFINITY).argsort(1, true);
    const isHard = order.argsort(1).lt(wanted);
    const total = (mask: Tensor) => loss.maskedSelect(mask).sum();
    const number = Math.max(1, count);
    return {
      bboxRegression: each
        .map(({ box }) => box)
        .reduce((a, b) => a.add(b))
        .div(number),
      classification: total(isForeground).add(total(isHard)).div(number),
    };
  }

  protected override detectionsOf(images: ImageList, features: FeatureMaps): Detection[] {
    const maps = Object.values(features);
    const { bboxRegression, clsLogits } = this.head.forward(maps);
    const anchors = this.anchorGenerator.forward(images, maps);
    const scores = F.softmax(clsLogits, -1);
    const classes = scores.shape[2];
    return images.imageSizes.map((size, i) => {
      const boxes = clipBoxesToImage(
        this.boxCoder.decodeSingle(bboxRegression.select(0, i), anchors[i]),
        size,
      );
      const found = Array.from({ length: classes - 1 }, (_, k) => {
        const score = scores.select(0, i).select(1, k + 1);
        const sure = trueAt(score.gt(this.scoreThresh));
        const most = Math.min(this.topkCandidates, sure.shape[0]);
        const [best, at] = score.indexSelect(0, sure).topk(most);
        const labels = ops.full([most], k + 1, { dtype: int64, device: score.device });
        return { boxes: boxes.indexSelect(0, sure.indexSelect(0, at)), scores: best, labels };
      });
      return kept(found, this);
    });
  }
}

class SSDFeatureExtractorVGG extends SnakeModule {
  declare scaleWeight: Parameter;
  declare features: Sequential;
  declare extra: ModuleList<Sequential>;
  readonly outChannels = [512, 1024, 512, 256, 256, 256];

  constructor(backbone: readonly Module[]) {
    super();
    const pools = backbone.flatMap((layer, i) => (layer instanceof MaxPool2d ? [i] : []));
    (backbone[pools[2]] as MaxPool2d).ceilMode = true;
    this.scaleWeight = new Parameter(ops.ones([512]).mul(20));
    this.features = new Sequential(...backbone.slice(0, pools[3]));
    const relu = () => new ReLU({ inplace: true });
    const block = (inputs: number, inner: number, outputs: number, options: object) =>
      new Sequential(new Conv2d(inputs, inner, 1), relu(), new Conv2d(inner, outputs, 3, options), relu());
    const strided = { padding: 1, stride: 2 };
    const extra = initializeEvenly(
      new ModuleList([
        block(1024, 256, 512, strided),
        block(512, 128, 256, strided),
        block(256, 128, 256, {}),
        block(256, 128, 256, {}),
      ]),
    );
    const fc = initializeEvenly(
      new Sequential(
        new MaxPool2d(3, { stride: 1, padding: 1, ceilMode: false }),
        new Conv2d(512, 1024, 3, { padding: 6, dilation: 6 }),
        relu(),
        new Conv2d(1024, 1024, 1),
        relu(),
      ),
    );
    extra.insert(0, new Sequential(...backbone.slice(pools[3], -1), fc));
    this.extra = extra;
  }

  override forward(given: Tensor): FeatureMaps {
    let x = this.features.forward(given) as Tensor;
    const maps = [this.scaleWeight.view([1, -1, 1, 1]).mul(F.normalize(x))];
    for (const block of this.extra) {
      x = block.forward(x);
      maps.push(x);
    }
    return Object.fromEntries(maps.map((map, i) => [String(i), map]));
  }
}

/** SSD of images of 300 pixels, on VGG-16. */
export const ssd300Vgg16 = /* @__PURE__ */ detectorBuilder({
  name: 'ssd300_vgg16',
  weights: SSD300_VGG16_Weights,
  backbone: vgg16,
  backboneWeights: 'IMAGENET1K_FEATURES',
  stages: [5, 4],
  options: ssdOptions,
  features: ({ weights, progress }) => vgg16({ weights, progress }),
  make: (vgg: VGG, numClasses, options, { trainableLayers }) => {
    const layers = vgg.features.children();
    const stages = [0, ...layers.flatMap((layer, i) => (layer instanceof MaxPool2d ? [i] : [])).slice(0, -1)];
    const first = trainableLayers === 0 ? layers.length : stages[stages.length - trainableLayers];
    for (const layer of layers.slice(0, first))
      for (const parameter of layer.parameters()) parameter.requiresGrad_(false);
    const anchorGenerator = new DefaultBoxGenerator([[2], [2, 3], [2, 3], [2, 3], [2], [2]], {
      scales: [0.07, 0.15, 0.33, 0.51, 0.69, 0.87, 1.05],
      steps: [8, 16, 32, 64, 100, 300],
    });
    return new SSD(new SSDFeatureExtractorVGG(layers), anchorGenerator, [300, 300], numClasses, {
      ...options,
      imageMean: options.imageMean ?? [0.48235, 0.45882, 0.40784],
      imageStd: options.imageStd ?? [1 / 255, 1 / 255, 1 / 255],
    } as never);
  },
});
