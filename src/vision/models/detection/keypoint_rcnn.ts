/** Keypoint R-CNN (He et al., 2017). */
import { ValueError } from '../../../core/errors.js';
import { type Arguments, signature } from '../../../core/signature/signature.js';
import type { Tensor } from '../../../core/tensor.js';
import { F } from '../../../nn/functions.js';
import * as init from '../../../nn/init.js';
import type { Module } from '../../../nn/module.js';
import { ReLU } from '../../../nn/modules/activation.js';
import { Sequential } from '../../../nn/modules/container.js';
import { Conv2d, ConvTranspose2d } from '../../../nn/modules/conv.js';
import { MultiScaleRoIAlign } from '../../ops/multi_scale_align.js';
import { ofX, SnakeModule } from '../../ops/snake_module.js';
import { checkExpected } from '../builder.js';
import { type ResNet, resnet50 } from '../resnet.js';
import { detectorBuilder } from './detection_builder.js';
import { KeypointRCNN_ResNet50_FPN_Weights } from './detection_weights.js';
import {
  builderOptions,
  channelsOf,
  checkKind,
  type DetectorBackbone,
  FasterRCNN,
  frozenResnet,
  initializeConvolutions,
  type RegionModules,
  regionOptions,
  sizeOptions,
} from './faster_rcnn.js';
import { residualPyramid } from './pyramid_backbones.js';

/** In training images have one of several sizes. */
const resized = <const S extends string>(options: S) =>
  options.replace('min_size=800', 'min_size=[640,672,704,736,768,800]') as S;

const keypointModules =
  'Any keypoint_roi_pool=None, Any keypoint_head=None, Any keypoint_predictor=None, int? num_keypoints=None' as const;
/** All but the first two by name, since the compiler would not get to the end of all mixtures; they may also stand in their places. */
const byName =
  `KeypointRCNN(Any backbone, int? num_classes=None, *, ${regionOptions}, ${keypointModules}, ${sizeOptions})` as const;
const keypointRcnn = signature(
  resized(
    `KeypointRCNN(Any backbone, int? num_classes=None, ${regionOptions}, ${keypointModules}, *, ${sizeOptions})`,
  ) as string as typeof byName,
);

/** Parameters of `KeypointRCNN` that are modules. */
export interface KeypointModules extends RegionModules {
  /** Looks up regions in the features. */
  readonly keypointRoiPool?: MultiScaleRoIAlign | null;
  /** Makes features of regions. */
  readonly keypointHead?: Module | null;
  /** Makes maps of places of them. */
  readonly keypointPredictor?: Module | null;
}

/** `FasterRCNN` with places on each object, such as a person's joints. */
export class KeypointRCNN extends FasterRCNN {
  /**
   * @param backbone finds features; it says by `outChannels` how many channels they have
   * @param numClasses how many classes there are, with the background; null if there is a `boxPredictor`
   * @param minSize the size of images' shorter side; in training one of these, at random
   * @param maxSize the most that the longer side may have
   * @param imageMean what is subtracted from each channel
   * @param imageStd what each channel is divided by
   * @param keypointRoiPool looks up regions in the features for their places
   * @param keypointHead makes features of regions
   * @param keypointPredictor makes maps of places of them
   * @param numKeypoints how many places an object has; null: 17
   */
  constructor(...args: Arguments<typeof keypointRcnn, { backbone: DetectorBackbone } & KeypointModules>) {
    const { keypointRoiPool, keypointHead, keypointPredictor, numKeypoints, ...given } =
      keypointRcnn.bind(args);
    checkKind('keypoint_roi_pool', keypointRoiPool, MultiScaleRoIAlign);
    if (numKeypoints !== null && keypointPredictor !== null)
      throw new ValueError('num_keypoints should be None when keypoint_predictor is specified');
    const channels = channelsOf(given.backbone);
    const pool = (keypointRoiPool ??
      new MultiScaleRoIAlign(['0', '1', '2', '3'], 14, 2)) as MultiScaleRoIAlign;
    const layers = new Array<number>(8).fill(512);
    const head = (keypointHead ?? new KeypointRCNNHeads(channels, layers)) as Module;
    const predictor = (keypointPredictor ?? new KeypointRCNNPredictor(512, numKeypoints ?? 17)) as Module;
    super(given as never);
    this.roiHeads.keypointRoiPool = pool;
    this.roiHeads.keypointHead = head;
    this.roiHeads.keypointPredictor = predictor;
  }
}

const heads = signature('KeypointRCNNHeads(int in_channels, int[] layers)');

/** Convolutions of regions. */
export class KeypointRCNNHeads extends Sequential {
  /**
   * @param inChannels the channels of the features
   * @param layers the channels of the convolutions
   */
  constructor(...args: Arguments<typeof heads>) {
    const { inChannels, layers } = heads.bind(args);
    super(
      ...layers.flatMap((outputs, i) => [
        new Conv2d(i === 0 ? inChannels : layers[i - 1], outputs, 3, { stride: 1, padding: 1 }),
        new ReLU({ inplace: true }),
      ]),
    );
    initializeConvolutions(this);
  }
}

const predictorOf = signature('KeypointRCNNPredictor(int in_channels, int num_keypoints)');

/** Maps of places, four times as large as the features of regions. */
export class KeypointRCNNPredictor extends SnakeModule {
  declare kpsScoreLowres: ConvTranspose2d;

  /**
   * @param inChannels the channels of the features
   * @param numKeypoints how many places an object has
   */
  constructor(...args: Arguments<typeof predictorOf>) {
    super();
    const { inChannels, numKeypoints } = predictorOf.bind(args);
    this.kpsScoreLowres = new ConvTranspose2d(inChannels, numKeypoints, 4, { stride: 2, padding: 1 });
    init.kaimingNormal_(this.kpsScoreLowres.weight, { mode: 'fan_out', nonlinearity: 'relu' });
    init.constant_(this.kpsScoreLowres.bias!, 0);
  }

  override forward(...args: Arguments<typeof ofX>): Tensor {
    const [x] = ofX.inOrder(args, this);
    const maps = this.kpsScoreLowres.forward(x);
    return F.interpolate(maps, {
      scaleFactor: 2,
      mode: 'bilinear',
      alignCorners: false,
      recomputeScaleFactor: false,
    });
  }
}

/** Keypoint R-CNN on ResNet-50. */
export const keypointrcnnResnet50Fpn = /* @__PURE__ */ detectorBuilder({
  name: 'keypointrcnn_resnet50_fpn',
  weights: KeypointRCNN_ResNet50_FPN_Weights,
  backbone: resnet50,
  backboneWeights: 'IMAGENET1K_V1',
  stages: [5, 3],
  classes: 2,
  options: /* @__PURE__ */ resized(`${builderOptions}, ${keypointModules}`),
  withoutEps: true,
  features: frozenResnet,
  pretrained: (options, weights) => {
    const published = (weights.meta.keypointNames as readonly string[]).length;
    if (options.numKeypoints !== null) checkExpected('num_keypoints', options.numKeypoints, published);
    options.numKeypoints = published;
  },
  make: (resnet: ResNet, numClasses, given, { trainableLayers }) =>
    new KeypointRCNN(residualPyramid(resnet, { trainableLayers }), { ...given, numClasses } as never),
});
