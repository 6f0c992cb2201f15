/** Functions of `v2.functional` that change colours. */
import { ValueError } from '../../../../core/errors.js';
import * as v1 from '../../image_functions.js';
import * as onTensor from './color_kernels.js';
import { functional } from './kernels_by_class.js';
import { pictureOf, valuesOf } from './pictures_as_tensors.js';

/** An image in grey, with one channel or three that are alike. */
export const rgbToGrayscale = functional('rgb_to_grayscale(Any inpt, int num_output_channels=1)', {
  still: (image, { numOutputChannels }) => onTensor.grey(image, numOutputChannels),
  picture: (image, { numOutputChannels: channels }) => {
    if (channels !== 1 && channels !== 3)
      throw new ValueError(`num_output_channels must be 1 or 3, got ${channels}.`);
    return v1.toGrayscale(image, channels);
  },
});

/** An image in grey, with one channel or three that are alike. */
export const toGrayscale = rgbToGrayscale;

/** An image in colours: a grey one gets three channels that are alike. */
export const grayscaleToRgb = functional('grayscale_to_rgb(Any inpt)', {
  still: onTensor.coloured,
  picture: (image) => image.convert('RGB'),
});

/** An image brighter or darker: 0 is black, 1 as it is, 2 twice as bright. */
export const adjustBrightness = functional('adjust_brightness(Any inpt, float brightness_factor)', {
  shown: (image, { brightnessFactor }) => onTensor.brightened(image, brightnessFactor),
  picture: (image, { brightnessFactor }) => v1.adjustBrightness(image, brightnessFactor),
});

/** An image with more or less colour: 0 is black and white, 1 as it is. */
export const adjustSaturation = functional('adjust_saturation(Any inpt, float saturation_factor)', {
  shown: (image, { saturationFactor }) => onTensor.saturated(image, saturationFactor),
  picture: (image, { saturationFactor }) => v1.adjustSaturation(image, saturationFactor),
});

/** An image with more or less contrast: 0 is grey, 1 as it is. */
export const adjustContrast = functional('adjust_contrast(Any inpt, float contrast_factor)', {
  shown: (image, { contrastFactor }) => onTensor.contrasted(image, contrastFactor),
  picture: (image, { contrastFactor }) => v1.adjustContrast(image, contrastFactor),
});

/** An image sharper or blurred: 0 is blurred, 1 as it is, 2 sharper. */
export const adjustSharpness = functional('adjust_sharpness(Any inpt, float sharpness_factor)', {
  shown: (image, { sharpnessFactor }) => onTensor.sharpened(image, sharpnessFactor),
  picture: (image, { sharpnessFactor }) => v1.adjustSharpness(image, sharpnessFactor),
});

/** An image with its hues moved round the circle: by -0.5 to 0.5 of it. */
export const adjustHue = functional('adjust_hue(Any inpt, float hue_factor)', {
  shown: (image, { hueFactor }) => onTensor.hueAdjusted(image, hueFactor),
  picture: (image, { hueFactor }) => v1.adjustHue(image, hueFactor),
});

/** An image whose values, from 0 to 1, are raised to a power and multiplied by `gain`. */
export const adjustGamma = functional('adjust_gamma(Any inpt, float gamma, float gain=1)', {
  shown: (image, { gamma, gain }) => onTensor.gammaAdjusted(image, gamma, gain),
  picture: (image, { gamma, gain }) => v1.adjustGamma(image, gamma, gain),
});

/** An image with that many bits of each value kept. */
export const posterize = functional('posterize(Any inpt, int bits)', {
  shown: (image, { bits }) => onTensor.posterized(image, bits),
  picture: (image, { bits }) => v1.posterize(image, bits),
});

/** An image whose values from `threshold` on are inverted. */
export const solarize = functional('solarize(Any inpt, float threshold)', {
  shown: (image, { threshold }) => onTensor.solarized(image, threshold),
  picture: (image, { threshold }) => v1.solarize(image, threshold),
});

/** An image whose darkest value is black and whose brightest is white, channel by channel. */
export const autocontrast = functional('autocontrast(Any inpt)', {
  shown: onTensor.autocontrasted,
  picture: (image) => v1.autocontrast(image),
});

/** An image in which all values are about equally frequent, channel by channel. */
export const equalize = functional('equalize(Any inpt)', {
  shown: onTensor.equalized,
  picture: (image) => v1.equalize(image),
});

/** A negative. */
export const invert = functional('invert(Any inpt)', {
  shown: onTensor.inverted,
  picture: (image) => v1.invert(image),
});

/** An image with its channels in another order. */
export const permuteChannels = functional('permute_channels(Any inpt, int[] permutation)', {
  shown: (image, { permutation }) => onTensor.permuted(image, permutation),
  picture: (image, { permutation }) => pictureOf(onTensor.permuted(valuesOf(image), permutation), null),
});
