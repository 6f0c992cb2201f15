/** `torchvision.models.segmentation`. */
export {
  DeepLabV3,
  deeplabv3MobilenetV3Large,
  deeplabv3Resnet50,
  deeplabv3Resnet101,
} from './deeplabv3.js';
export * from './deeplabv3_weights.js';
export { FCN, fcnResnet50, fcnResnet101 } from './fcn.js';
export * from './fcn_weights.js';
export * from './lraspp.js';
export * from './lraspp_weights.js';
