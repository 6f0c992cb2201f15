/** `torch.transforms`: torchvision's transforms of those names. */
export { Grayscale, Normalize, PILToTensor, type PictureArray, ToTensor } from './color.js';
export { Compose, Lambda, RandomApply } from './container.js';
export {
  CenterCrop,
  crop,
  hflip,
  type ImageLike,
  Pad,
  type Padding,
  type PaddingMode,
  pad,
  RandomCrop,
  RandomHorizontalFlip,
  RandomVerticalFlip,
  vflip,
} from './geometry.js';
export { Image } from './image.js';
export { Transform, type TransformLike } from './transform.js';
