/** Kernels of functions of `v2.functional`, by their own names: for plain tensors that show pictures, videos or masks, or hold boxes or points. */
import { signed } from '../../../../core/signature/signed.js';
import type { BoundingBoxes } from '../../../tv_tensors/bounding_boxes.js';
import type { KeyPoints } from '../../../tv_tensors/key_points.js';
import {
  adjustBrightness,
  adjustContrast,
  adjustGamma,
  adjustHue,
  adjustSaturation,
  adjustSharpness,
  autocontrast,
  equalize,
  grayscaleToRgb,
  invert,
  permuteChannels,
  posterize,
  rgbToGrayscale,
  solarize,
} from './color_functions.js';
import {
  centerCrop,
  crop,
  fiveCrop,
  horizontalFlip,
  pad,
  resize,
  resizedCrop,
  tenCrop,
  verticalFlip,
} from './geometry_functions.js';
import {
  boxesKernel,
  boxesKernelAs,
  imageKernel,
  maskKernel,
  maskKernelAs,
  placedBoxesKernel,
  placedBoxesKernelAs,
  placedPointsKernel,
  placedPointsKernelAs,
  pointsKernel,
  videoKernel,
} from './kernel_functions.js';
import { getDimensions, getNumChannels, getNumFrames, getSize } from './size_functions.js';
import {
  erase,
  gaussianBlur,
  gaussianNoise,
  jpeg,
  normalize,
  toDtype,
  uniformTemporalSubsample,
} from './value_functions.js';
import { affine, elastic, perspective, rotate } from './warp_functions.js';

export const adjustBrightnessImage = imageKernel(adjustBrightness);
export const adjustBrightnessVideo = videoKernel(adjustBrightness);
export const adjustContrastImage = imageKernel(adjustContrast);
export const adjustContrastVideo = videoKernel(adjustContrast);
export const adjustGammaImage = imageKernel(adjustGamma);
export const adjustGammaVideo = videoKernel(adjustGamma);
export const adjustHueImage = imageKernel(adjustHue);
export const adjustHueVideo = videoKernel(adjustHue);
export const adjustSaturationImage = imageKernel(adjustSaturation);
export const adjustSaturationVideo = videoKernel(adjustSaturation);
export const adjustSharpnessImage = imageKernel(adjustSharpness);
export const adjustSharpnessVideo = videoKernel(adjustSharpness);
export const affineBoundingBoxes = boxesKernel(affine);
export const affineImage = imageKernel(affine);
export const affineKeypoints = placedPointsKernel(affine);
export const affineMask = maskKernel(affine);
export const affineVideo = videoKernel(affine);
export const autocontrastImage = imageKernel(autocontrast);
export const autocontrastVideo = videoKernel(autocontrast);
export const centerCropBoundingBoxes = placedBoxesKernel(centerCrop);
export const centerCropImage = imageKernel(centerCrop);
export const centerCropKeypoints = placedPointsKernel(centerCrop);
export const centerCropMask = maskKernel(centerCrop);
export const centerCropVideo = videoKernel(centerCrop);
export const cropBoundingBoxes = placedBoxesKernelAs(
  "crop_bounding_boxes(Tensor bounding_boxes, str format, int top, int left, int height, int width, str? clamping_mode='soft')",
  crop,
);
export const cropImage = imageKernel(crop);
export const cropKeypoints = placedPointsKernelAs(
  'crop_keypoints(Tensor keypoints, int top, int left, int height, int width)',
  crop,
);
export const cropMask = maskKernel(crop);
export const cropVideo = videoKernel(crop);
export const elasticBoundingBoxes = boxesKernel(elastic);
export const elasticImage = imageKernel(elastic);
export const elasticKeypoints = pointsKernel(elastic);
export const elasticMask = maskKernel(elastic);
export const elasticVideo = videoKernel(elastic);
export const equalizeImage = imageKernel(equalize);
export const equalizeVideo = videoKernel(equalize);
export const eraseImage = imageKernel(erase);
export const eraseVideo = videoKernel(erase);
export const fiveCropImage = imageKernel(fiveCrop);
export const fiveCropVideo = videoKernel(fiveCrop);
export const gaussianBlurImage = imageKernel(gaussianBlur);
export const gaussianBlurVideo = videoKernel(gaussianBlur);
export const gaussianNoiseImage = imageKernel(gaussianNoise);
export const gaussianNoiseVideo = videoKernel(gaussianNoise);
export const getDimensionsImage = imageKernel(getDimensions);
export const getDimensionsVideo = videoKernel(getDimensions);
export const getNumChannelsImage = imageKernel(getNumChannels);
export const getNumChannelsVideo = videoKernel(getNumChannels);
export const getNumFramesVideo = videoKernel(getNumFrames);
export const getSizeImage = imageKernel(getSize);
export const getSizeMask = maskKernel(getSize);
export const getSizeVideo = videoKernel(getSize);
export const grayscaleToRgbImage = imageKernel(grayscaleToRgb);
export const horizontalFlipBoundingBoxes = boxesKernelAs(
  'horizontal_flip_bounding_boxes(Tensor bounding_boxes, str format, int[] canvas_size)',
  horizontalFlip,
);
export const horizontalFlipImage = imageKernel(horizontalFlip);
export const horizontalFlipKeypoints = pointsKernel(horizontalFlip);
export const horizontalFlipMask = maskKernel(horizontalFlip);
export const horizontalFlipVideo = videoKernel(horizontalFlip);
export const invertImage = imageKernel(invert);
export const invertVideo = videoKernel(invert);
export const jpegImage = imageKernel(jpeg);
export const jpegVideo = videoKernel(jpeg);
export const normalizeImage = imageKernel(normalize);
export const normalizeVideo = videoKernel(normalize);
export const padBoundingBoxes = placedBoxesKernel(pad);
export const padImage = imageKernel(pad);
export const padKeypoints = placedPointsKernel(pad);
export const padMask = maskKernel(pad);
export const padVideo = videoKernel(pad);
export const permuteChannelsImage = imageKernel(permuteChannels);
export const permuteChannelsVideo = videoKernel(permuteChannels);
export const perspectiveBoundingBoxes = boxesKernel(perspective);
export const perspectiveImage = imageKernel(perspective);
export const perspectiveKeypoints = pointsKernel(perspective);
export const perspectiveMask = maskKernel(perspective);
export const perspectiveVideo = videoKernel(perspective);
export const posterizeImage = imageKernel(posterize);
export const posterizeVideo = videoKernel(posterize);
export const resizeBoundingBoxes = placedBoxesKernelAs(
  "resize_bounding_boxes(Tensor bounding_boxes, int[] canvas_size, int|int[]? size, int? max_size=None, str format='XYXY', str? clamping_mode='soft')",
  resize,
);
export const resizeImage = imageKernel(resize);
export const resizeKeypoints = placedPointsKernelAs(
  'resize_keypoints(Tensor keypoints, int|int[]? size, int[] canvas_size, int? max_size=None)',
  resize,
);
export const resizeMask = maskKernelAs(
  "resize_mask(Tensor mask, int|int[]? size, Interpolation interpolation='bilinear', int? max_size=None)",
  resize,
);
export const resizeVideo = videoKernel(resize);
export const resizedCropBoundingBoxes = placedBoxesKernelAs(
  "resized_crop_bounding_boxes(Tensor bounding_boxes, str format, int top, int left, int height, int width, int|int[] size, str? clamping_mode='soft')",
  resizedCrop,
);
export const resizedCropImage = imageKernel(resizedCrop);
export const resizedCropKeypoints = placedPointsKernelAs(
  'resized_crop_keypoints(Tensor keypoints, int top, int left, int height, int width, int|int[] size)',
  resizedCrop,
);
export const resizedCropMask = maskKernel(resizedCrop);
export const resizedCropVideo = videoKernel(resizedCrop);
export const rgbToGrayscaleImage = imageKernel(rgbToGrayscale);
export const rotateBoundingBoxes = placedBoxesKernel(rotate);
export const rotateImage = imageKernel(rotate);
export const rotateKeypoints = placedPointsKernel(rotate);
export const rotateMask = maskKernel(rotate);
export const rotateVideo = videoKernel(rotate);
export const solarizeImage = imageKernel(solarize);
export const solarizeVideo = videoKernel(solarize);
export const tenCropImage = imageKernel(tenCrop);
export const tenCropVideo = videoKernel(tenCrop);
export const toDtypeImage = imageKernel(toDtype);
export const toDtypeVideo = videoKernel(toDtype);
export const uniformTemporalSubsampleVideo = videoKernel(uniformTemporalSubsample);
export const verticalFlipBoundingBoxes = boxesKernelAs(
  'vertical_flip_bounding_boxes(Tensor bounding_boxes, str format, int[] canvas_size)',
  verticalFlip,
);
export const verticalFlipImage = imageKernel(verticalFlip);
export const verticalFlipKeypoints = pointsKernel(verticalFlip);
export const verticalFlipMask = maskKernel(verticalFlip);
export const verticalFlipVideo = videoKernel(verticalFlip);

export const getSizeBoundingBoxes = signed('get_size_bounding_boxes(Any bounding_box)', ({ boundingBox }) => [
  ...(boundingBox as BoundingBoxes).canvasSize,
]);
export const getSizeKeypoints = signed('get_size_keypoints(Any keypoints)', ({ keypoints }) => [
  ...(keypoints as KeyPoints).canvasSize,
]);
