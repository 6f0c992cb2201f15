/** `torchvision.transforms.v2.functional`. */
export {
  clampBoundingBoxes,
  clampKeypoints,
  convertBoundingBoxFormat,
  sanitizeBoundingBoxes,
  sanitizeKeypoints,
} from './box_functions.js';
export * from './color_functions.js';
export {
  centerCrop,
  crop,
  fiveCrop,
  hflip,
  horizontalFlip,
  pad,
  resize,
  resizedCrop,
  tenCrop,
  verticalFlip,
  vflip,
} from './geometry_functions.js';
export type { AskingFunction, KeepingFunction, Kernel, Shown } from './kernels_by_class.js';
export * from './named_kernels.js';
export { registerKernel, type TVTensorClass } from './registering.js';
export {
  getDimensions,
  getImageNumChannels,
  getImageSize,
  getNumChannels,
  getNumFrames,
  getSize,
  isPureTensor,
} from './size_functions.js';
export {
  convertImageDtype,
  erase,
  gaussianBlur,
  gaussianNoise,
  jpeg,
  normalize,
  pilToTensor,
  toDtype,
  toImage,
  toPilImage,
  toTensor,
  uniformTemporalSubsample,
} from './value_functions.js';
export { affine, elastic, elasticTransform, perspective, rotate } from './warp_functions.js';
