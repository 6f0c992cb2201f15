/** `torchvision.tv_tensors`: tensors that say what they are in a sample, so that `transforms.v2` knows what to do with them. */
export {
  BoundingBoxes,
  BoundingBoxFormat,
  type CanvasSize,
  type ClampingMode,
  type FormatLike,
} from './bounding_boxes.js';
export { KeyPoints } from './key_points.js';
export { type ReturnTypeSetting, setReturnType } from './return_type.js';
export { Image, Mask, type ShownData, Video } from './tv_image.js';
export { TVTensor } from './tv_tensor.js';
export { isRotatedBoundingFormat, wrap } from './wrapping.js';
