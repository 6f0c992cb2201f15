/** `torchvision.transforms`. */
export { Grayscale, Normalize, PILToTensor, type PictureArray, ToTensor } from './color.js';
export { Compose, Lambda, RandomApply } from './compose.js';
export {
  CenterCrop,
  type ImageLike,
  Pad,
  type Padding,
  type PaddingMode,
  RandomCrop,
  RandomHorizontalFlip,
  RandomVerticalFlip,
} from './geometry.js';
export { type CanvasLike, type CanvasPixels, Image, type ImageDataLike } from './image.js';
export { crop, hflip, pad, vflip } from './image_functions.js';
export { Transform, type TransformLike } from './transform.js';
