/** Mask R-CNN (He et al., 2017). */
import { ValueError } from '../../../core/errors.js';
import { type Arguments, signature } from '../../../core/signature/signature.js';
import * as init from '../../../nn/init.js';
import type { Module } from '../../../nn/module.js';
import { ReLU } from '../../../nn/modules/activation.js';
import { Sequential } from '../../../nn/modules/container.js';
import { Conv2d, ConvTranspose2d } from '../../../nn/modules/conv.js';
import { BatchNorm2d } from '../../../nn/modules/normalization.js';
import { Conv2dNormActivation } from '../../ops/blocks.js';
import { renameKeys } from '../../ops/feature_pyramid.js';
import { MultiScaleRoIAlign } from '../../ops/multi_scale_align.js';
import { type ResNet, resnet50 } from '../resnet.js';
import { detectorBuilder } from './detection_builder.js';
import { MaskRCNN_ResNet50_FPN_V2_Weights, MaskRCNN_ResNet50_FPN_Weights } from './detection_weights.js';
import {
  builderOptions,
  channelsOf,
  checkKind,
  type DetectorBackbone,
  FasterRCNN,
  frozenResnet,
  initializeConvolutions,
  plainResnet,
  type RegionModules,
  regionOptions,
  secondHeads,
  sizeOptions,
} from './faster_rcnn.js';
import { residualPyramid } from './pyramid_backbones.js';

const maskModules = 'Any mask_roi_pool=None, Any mask_head=None, Any mask_predictor=None' as const;
/** All but the first two by name, since the compiler would not get to the end of all mixtures; they may also stand in their places. */
const byName =
  `MaskRCNN(Any backbone, int? num_classes=None, *, ${regionOptions}, ${maskModules}, ${sizeOptions})` as const;
const maskRcnn = signature(
  `MaskRCNN(Any backbone, int? num_classes=None, ${regionOptions}, ${maskModules}, *, ${sizeOptions})` as string as typeof byName,
);

/** Parameters of `MaskRCNN` that are modules. */
export interface MaskModules extends RegionModules {
  /** Looks up regions in the features. */
  readonly maskRoiPool?: MultiScaleRoIAlign | null;
  /** Makes features of regions. */
  readonly maskHead?: Module | null;
  /** Makes masks of them. */
  readonly maskPredictor?: Module | null;
}

/** `FasterRCNN` with a mask of each object. */
export class MaskRCNN extends FasterRCNN {
  /**
   * @param backbone finds features; it says by `outChannels` how many channels they have
   * @param numClasses how many classes there are, with the background; null if there are predictors
   * @param minSize the size of images' shorter side; in training one of these, at random
   * @param maxSize the most that the longer side may have
   * @param imageMean what is subtracted from each channel
   * @param imageStd what each channel is divided by
   * @param maskRoiPool looks up regions in the features for their masks
   * @param maskHead makes features of regions
   * @param maskPredictor makes masks of them
   */
  constructor(...args: Arguments<typeof maskRcnn, { backbone: DetectorBackbone } & MaskModules>) {
    const { maskRoiPool, maskHead, maskPredictor, ...given } = maskRcnn.bind(args);
    checkKind('mask_roi_pool', maskRoiPool, MultiScaleRoIAlign);
    if (given.numClasses !== null && maskPredictor !== null)
      throw new ValueError('num_classes should be None when mask_predictor is specified');
    const channels = channelsOf(given.backbone);
    const pool = (maskRoiPool ?? new MultiScaleRoIAlign(['0', '1', '2', '3'], 14, 2)) as MultiScaleRoIAlign;
    const head = (maskHead ?? new MaskRCNNHeads(channels, [256, 256, 256, 256], 1)) as Module;
    const predictor = (maskPredictor ?? new MaskRCNNPredictor(256, 256, given.numClasses!)) as Module;
    super(given as never);
    this.roiHeads.maskRoiPool = pool;
    this.roiHeads.maskHead = head;
    this.roiHeads.maskPredictor = predictor;
  }
}

const heads = signature('MaskRCNNHeads(int in_channels, int[] layers, int dilation, Layer? norm_layer=None)');

/** Convolutions of regions. */
export class MaskRCNNHeads extends Sequential {
  /**
   * @param inChannels the channels of the features
   * @param layers the channels of the convolutions
   * @param dilation the spacing of the kernels' elements
   * @param normLayer makes the normalization; null for none
   */
  constructor(...args: Arguments<typeof heads>) {
    const { inChannels, layers, dilation, normLayer } = heads.bind(args);
    const options = { kernelSize: 3, stride: 1, padding: dilation, dilation, normLayer };
    super(
      ...layers.map(
        (outputs, i) => new Conv2dNormActivation(i === 0 ? inChannels : layers[i - 1], outputs, options),
      ),
    );
    initializeConvolutions(this);
  }

  /** Older checkpoints have the convolutions by names of their own. */
  protected override upgradeStateDict(stateDict: Record<string, unknown>, prefix: string): void {
    for (let i = 0; i < this.length; i++)
      renameKeys(stateDict, `${prefix}mask_fcn${i + 1}.`, `${prefix}${i}.0.`);
  }
}

const predictorOf = signature('MaskRCNNPredictor(int in_channels, int dim_reduced, int num_classes)');

/** Masks of regions, twice as large as their features, one for each class. */
export class MaskRCNNPredictor extends Sequential {
  /**
   * @param inChannels the channels of the features
   * @param dimReduced the channels within
   * @param numClasses how many classes there are, with the background
   */
  constructor(...args: Arguments<typeof predictorOf>) {
    const { inChannels, dimReduced, numClasses } = predictorOf.bind(args);
    super({
      conv5_mask: new ConvTranspose2d(inChannels, dimReduced, 2, 2, 0),
      relu: new ReLU({ inplace: true }),
      mask_fcn_logits: new Conv2d(dimReduced, numClasses, 1, 1, 0),
    });
    for (const [name, parameter] of this.namedParameters())
      if (name.includes('weight')) init.kaimingNormal_(parameter, { mode: 'fan_out', nonlinearity: 'relu' });
  }
}

const options = `${builderOptions}, ${maskModules}` as const;

/** Mask R-CNN on ResNet-50. */
export const maskrcnnResnet50Fpn = /* @__PURE__ */ detectorBuilder({
  name: 'maskrcnn_resnet50_fpn',
  weights: MaskRCNN_ResNet50_FPN_Weights,
  backbone: resnet50,
  backboneWeights: 'IMAGENET1K_V1',
  stages: [5, 3],
  options,
  withoutEps: true,
  features: frozenResnet,
  make: (resnet: ResNet, numClasses, given, { trainableLayers }) =>
    new MaskRCNN(residualPyramid(resnet, { trainableLayers }), { ...given, numClasses } as never),
});

/** Mask R-CNN on ResNet-50, second version. */
export const maskrcnnResnet50FpnV2 = /* @__PURE__ */ detectorBuilder({
  name: 'maskrcnn_resnet50_fpn_v2',
  weights: MaskRCNN_ResNet50_FPN_V2_Weights,
  backbone: resnet50,
  backboneWeights: null,
  stages: [5, 3],
  options,
  features: plainResnet,
  make: (resnet: ResNet, numClasses, given, { trainableLayers }) => {
    const backbone = residualPyramid(resnet, { trainableLayers, normLayer: BatchNorm2d });
    const heads = secondHeads(256);
    const maskHead = new MaskRCNNHeads(256, [256, 256, 256, 256], 1, { normLayer: BatchNorm2d });
    return new MaskRCNN(backbone, { ...given, ...heads, maskHead, numClasses } as never);
  },
});
