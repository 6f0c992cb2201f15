/** `torchvision.transforms`. */
export type { ImageMode, ImageValues } from '../io/image_modes.js';
export type { TransparentColour } from '../io/transparent_colour.js';
export { AutoAugmentPolicy } from './augment_policies.js';
export { AugMix, AutoAugment, RandAugment, TrivialAugmentWide } from './auto_augment.js';
export {
  RandomAdjustSharpness,
  RandomAutocontrast,
  RandomEqualize,
  RandomGrayscale,
  RandomInvert,
  RandomPosterize,
  RandomSolarize,
} from './chances.js';
export { Grayscale, Normalize, PILToTensor, type PictureArray, ToTensor } from './color.js';
export { ColorJitter } from './color_jitter.js';
export { Compose, Lambda, RandomApply, RandomChoice, RandomOrder } from './compose.js';
export { ConvertImageDtype, LinearTransformation, ToPILImage } from './conversions.js';
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
export * as functional from './image_functions.js';
export { type InterpolationLike, InterpolationMode } from './interpolation_mode.js';
export {
  ImageClassification,
  ObjectDetection,
  type PresetInterpolation,
  SemanticSegmentation,
} from './presets.js';
export { RandomErasing } from './random_erasing.js';
export { FiveCrop, RandomResizedCrop, Resize, TenCrop } from './resizing.js';
export { Transform, type TransformLike } from './transform.js';
export * as v2 from './v2/index.js';
export {
  ElasticTransform,
  type FillValue,
  GaussianBlur,
  RandomAffine,
  RandomPerspective,
  RandomRotation,
} from './warps.js';
