/** `torchvision.ops`. */
export {
  Conv2dNormActivation,
  Conv3dNormActivation,
  FrozenBatchNorm2d,
  MLP,
  Permute,
  SqueezeExcitation,
  StochasticDepth,
} from './blocks.js';
export { type BoxFormat, boxArea, boxConvert } from './box_formats.js';
export {
  completeBoxIouLoss,
  distanceBoxIouLoss,
  generalizedBoxIouLoss,
  sigmoidFocalLoss,
} from './box_losses.js';
export { boxIou, completeBoxIou, distanceBoxIou, generalizedBoxIou } from './box_overlaps.js';
export { batchedNms, clipBoxesToImage, masksToBoxes, nms, removeSmallBoxes } from './boxes.js';
export { deformConv2d } from './deform_conv.js';
export { DeformConv2d } from './deform_conv_module.js';
export { dropBlock2d, dropBlock3d } from './drop_block.js';
export { DropBlock2d, DropBlock3d } from './drop_block_modules.js';
export {
  ExtraFPNBlock,
  type FeatureMaps,
  FeaturePyramidNetwork,
  LastLevelMaxPool,
  LastLevelP6P7,
} from './feature_pyramid.js';
export type { LayerFactory } from './layer_factories.js';
export { type ImageSize, MultiScaleRoIAlign } from './multi_scale_align.js';
export { type PooledSize, psRoiAlign, roiAlign } from './region_align.js';
export { PSRoIAlign, PSRoIPool, RoIAlign, RoIPool } from './region_modules.js';
export { psRoiPool, roiPool } from './region_pool.js';
export { stochasticDepth } from './stochastic_depth.js';
