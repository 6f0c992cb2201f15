/** `torchvision.transforms.v2`: transforms of whole samples, images together with their boxes, masks, points and videos. */
export { AutoAugmentPolicy } from '../augment_policies.js';
export { type InterpolationLike, InterpolationMode } from '../interpolation_mode.js';
export { CutMix, type LabelledBatch, MixUp } from './batch_mixing.js';
export type { Fill, FillLike } from './fills.js';
export * as functional from './functional/index.js';
export { type Params, type Replaced, Transform } from './sample_transform.js';
export {
  checkType,
  getBoundingBoxes,
  getKeypoints,
  hasAll,
  hasAny,
  type LabelsGetter,
  queryChw,
  querySize,
} from './samples.js';
export { AugMix, AutoAugment, RandAugment, TrivialAugmentWide } from './v2_augment.js';
export {
  ClampBoundingBoxes,
  ClampKeyPoints,
  ConvertBoundingBoxFormat,
  SanitizeBoundingBoxes,
  SanitizeKeyPoints,
  SetClampingMode,
} from './v2_boxes.js';
export {
  ColorJitter,
  Grayscale,
  RandomAdjustSharpness,
  RandomAutocontrast,
  RandomChannelPermutation,
  RandomEqualize,
  RandomGrayscale,
  RandomInvert,
  RandomPhotometricDistort,
  RandomPosterize,
  RandomSolarize,
  RGB,
} from './v2_color.js';
export { Compose, RandomApply, RandomChoice, RandomOrder, type SampleTransform } from './v2_containers.js';
export { PILToTensor, ToImage, ToPILImage, ToPureTensor, ToTensor } from './v2_conversions.js';
export {
  CenterCrop,
  FiveCrop,
  Pad,
  RandomCrop,
  RandomHorizontalFlip,
  RandomResize,
  RandomResizedCrop,
  RandomShortestSize,
  RandomVerticalFlip,
  RandomZoomOut,
  Resize,
  ScaleJitter,
  TenCrop,
} from './v2_geometry.js';
export {
  ConvertImageDtype,
  GaussianBlur,
  GaussianNoise,
  Identity,
  JPEG,
  Lambda,
  LinearTransformation,
  Normalize,
  RandomErasing,
  ToDtype,
  type TypeByClass,
  UniformTemporalSubsample,
} from './v2_values.js';
export {
  ElasticTransform,
  RandomAffine,
  RandomIoUCrop,
  RandomPerspective,
  RandomRotation,
} from './v2_warps.js';
