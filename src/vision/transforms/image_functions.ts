/** Transforms as functions: torchvision's `transforms.functional`. */
import type { DType } from '../../core/dtype.js';
import { TypeError, ValueError } from '../../core/errors.js';
import { formatShape } from '../../core/layout.js';
import { formatFloat } from '../../core/repr.js';
import { signed } from '../../core/signature/signed.js';
import { Tensor } from '../../core/tensor.js';
import { warn } from '../../core/warnings.js';
import { typeName } from '../../dispatch/type_name.js';
import { Normalize, PILToTensor, type PictureArray, ToTensor } from './color.js';
import { type Corners, inverseAffine, perspectiveCoefficients } from './geometric_maps.js';
import * as geometry from './geometry.js';
import { Image } from './image.js';
import * as onImage from './image_color.js';
import { resizedImage } from './image_resampling.js';
import { checkChannels, checkIsPlanes, dimensionsOf, resizedSize } from './image_size.js';
import { affineImage, perspectiveImage, rotatedImage } from './image_warp.js';
import { type InterpolationLike, interpolationOf } from './interpolation_mode.js';
import { toImage } from './pictures.js';
import * as onTensor from './tensor_color.js';
import {
  affineTensor,
  elasticTensor,
  expandedSize,
  type Fill,
  perspectiveTensor,
  resizedTensor,
} from './tensor_warp.js';
import { tuple } from './transform.js';

type ImageLike = geometry.ImageLike;

/** Calls one function for images, another for tensors. */
function either(img: ImageLike, image: (img: Image) => Image, tensor: (img: Tensor) => Tensor): ImageLike {
  if (img instanceof Image) return image(img);
  if (img instanceof Tensor) return tensor(img);
  throw new TypeError(`img should be PIL Image. Got <class '${typeName(img)}'>`);
}

/** Changes an image's values by a function of tensors. */
function asTensor(img: ImageLike, change: (img: Tensor) => Tensor): ImageLike {
  return either(img, (image) => toImage(change(new PILToTensor().forward(image)), image.mode), change);
}

/** The number of an image's channels, its height and its width. */
export const getDimensions = signed('get_dimensions(Picture img)', ({ img }) => dimensionsOf(img));

/** An image's width and height. */
export const getImageSize = signed('get_image_size(Picture img)', ({ img }): [number, number] => {
  const [, height, width] = dimensionsOf(img);
  return [width, height];
});

/** The number of an image's channels. */
export const getImageNumChannels = signed(
  'get_image_num_channels(Picture img)',
  ({ img }) => dimensionsOf(img)[0],
);

/** An image as a tensor of floats from 0 to 1, as `ToTensor` makes it. */
export const toTensor = signed('to_tensor(Object pic)', ({ pic }) =>
  new ToTensor().forward(pic as Image | PictureArray),
);

/** An image as a tensor of bytes. */
export const pilToTensor = signed('pil_to_tensor(Object pic)', ({ pic }) =>
  new PILToTensor().forward(pic as Image),
);

/**
 * A tensor [C, H, W] or an array [H, W, C] as an image: bytes, or floats from 0 to 1.
 *
 * @param mode how its pixels are made up, which is checked against the number of channels
 */
export const toPilImage = signed('to_pil_image(Object pic, str? mode=None)', ({ pic, mode }) =>
  toImage(pic as Tensor | PictureArray, mode),
);

/** A tensor with values of another type: floats from 0 to 1, integers from 0 to their largest value. */
export const convertImageDtype = signed(
  'convert_image_dtype(Object image, ScalarType dtype)',
  ({ image, dtype }) => onTensor.convertImageDtype(image as Tensor, dtype as DType),
);

/** A tensor less a mean, divided by a standard deviation, channel by channel. */
export const normalize = signed(
  'normalize(Object tensor, float[] mean, float[] std, bool inplace=False)',
  ({ tensor, mean, std, inplace }) => new Normalize(mean, std, inplace).forward(tensor as Tensor),
);

/** The part of an image from (top, left). What lies outside is 0. */
export const crop = signed('crop(Picture img, int top, int left, int height, int width)', (given) =>
  geometry.cropped(given.img, given.top, given.left, given.height, given.width),
);

/** An image with left and right exchanged. */
export const hflip = signed('hflip(Picture img)', ({ img }) => geometry.mirrored(img));

/** An image with top and bottom exchanged. */
export const vflip = signed('vflip(Picture img)', ({ img }) => geometry.upended(img));

/**
 * An image with a border.
 *
 * @param padding its width: one number, `[horizontal, vertical]`, or `[left, top, right, bottom]`
 */
export const pad = signed(
  "pad(Picture img, int|int[] padding, float|float[] fill=0, str padding_mode='constant')",
  ({ img, padding, fill, paddingMode }) =>
    geometry.bordered(img, padding, fill, paddingMode as geometry.PaddingMode),
);

/**
 * An image of another size.
 *
 * @param size `[height, width]`; one number is the length of the shorter side
 * @param interpolation how values between pixels are found
 * @param maxSize the length that the longer side may have, where `size` is that of the shorter one
 * @param antialias whether all that a pixel covers counts when a tensor is made smaller; for images it always does
 */
export const resize = signed(
  "resize(Picture img, int|int[] size, Interpolation interpolation='bilinear', int? max_size=None, bool? antialias=True)",
  ({ img, size, interpolation, maxSize, antialias }): ImageLike => {
    const mode = interpolationOf(interpolation as InterpolationLike);
    const sizes = typeof size === 'number' ? [size] : size;
    if (sizes.length !== 1 && sizes.length !== 2) {
      throw new ValueError(
        `Size must be an int or a 1 or 2 element tuple/list, not a ${sizes.length} element tuple/list`,
      );
    }
    if (maxSize !== null && sizes.length !== 1) {
      throw new ValueError(
        'max_size should only be passed if size specifies the length of the smaller edge, ' +
          'i.e. size should be an int or a sequence of length 1 in torchscript mode.',
      );
    }
    const [, height, width] = dimensionsOf(img);
    const [h, w] = resizedSize([height, width], sizes, maxSize);
    if (h === height && w === width) return img;
    if (img instanceof Tensor) return resizedTensor(img, [h, w], mode, antialias ?? false);
    if (antialias === false)
      warn('Anti-alias option is always applied for PIL Image input. Argument antialias is ignored.');
    return resizedImage(img, w, h, mode);
  },
);

const sizeOfCrop = (size: number | readonly number[]): readonly [number, number] => geometry.pair(size);

/** The middle part of a size (height, width); a smaller image gets a border of 0. */
export const centerCrop = signed(
  'center_crop(Picture img, int|int[] output_size)',
  ({ img, outputSize }): ImageLike => geometry.centered(img, sizeOfCrop(outputSize)),
);

/** The part of an image from (top, left), in another size. */
export const resizedCrop = signed(
  "resized_crop(Picture img, int top, int left, int height, int width, int|int[] size, Interpolation interpolation='bilinear', bool? antialias=True)",
  ({ img, top, left, height, width, size, interpolation, antialias }): ImageLike =>
    resize(geometry.cropped(img, top, left, height, width), { size, interpolation, antialias }),
);

/** The four corners of an image and its middle, each of a size (height, width). */
export const fiveCrop = signed(
  'five_crop(Picture img, int|int[] size)',
  ({ img, size }): [ImageLike, ImageLike, ImageLike, ImageLike, ImageLike] => {
    const sides = sizeOfCrop(size);
    const [h, w] = sides;
    const [, height, width] = dimensionsOf(img);
    if (w > width || h > height) {
      const shown = Object.isFrozen(sides) ? tuple(sides) : `[${sides.join(', ')}]`;
      throw new ValueError(
        `Requested crop size ${shown} is bigger than input size ${tuple([height, width])}`,
      );
    }
    const from = (top: number, left: number) => geometry.cropped(img, top, left, h, w);
    const [bottom, right] = [height - h, width - w];
    return [from(0, 0), from(0, right), from(bottom, 0), from(bottom, right), geometry.centered(img, [h, w])];
  },
);

/** The crops of `fiveCrop`, and those of the mirrored image. */
export const tenCrop = signed(
  'ten_crop(Picture img, int|int[] size, bool vertical_flip=False)',
  ({ img, size, verticalFlip }): ImageLike[] => [
    ...fiveCrop(img, size),
    ...fiveCrop(verticalFlip ? geometry.upended(img) : geometry.mirrored(img), size),
  ],
);

/** An image brighter or darker: 0 is black, 1 as it is, 2 twice as bright. */
export const adjustBrightness = signed(
  'adjust_brightness(Picture img, float brightness_factor)',
  ({ img, brightnessFactor: by }) =>
    either(
      img,
      (image) => onImage.brightened(image, by),
      (image) => onTensor.brightened(image, by),
    ),
);

/** An image with more or less contrast: 0 is grey, 1 as it is. */
export const adjustContrast = signed(
  'adjust_contrast(Picture img, float contrast_factor)',
  ({ img, contrastFactor: by }) =>
    either(
      img,
      (image) => onImage.contrasted(image, by),
      (image) => onTensor.contrasted(image, by),
    ),
);

/** An image with more or less colour: 0 is black and white, 1 as it is. */
export const adjustSaturation = signed(
  'adjust_saturation(Picture img, float saturation_factor)',
  ({ img, saturationFactor: by }) =>
    either(
      img,
      (image) => onImage.saturated(image, by),
      (image) => onTensor.saturated(image, by),
    ),
);

/** An image with its hues moved round the circle: by -0.5 to 0.5 of it. */
export const adjustHue = signed('adjust_hue(Picture img, float hue_factor)', ({ img, hueFactor: by }) => {
  if (!(by >= -0.5 && by <= 0.5))
    throw new ValueError(`hue_factor (${formatFloat(by)}) is not in [-0.5, 0.5].`);
  return either(
    img,
    (image) => onImage.hueAdjusted(image, by),
    (image) => onTensor.hueAdjusted(image, by),
  );
});

/** An image whose values, from 0 to 1, are raised to a power and multiplied by `gain`. */
export const adjustGamma = signed(
  'adjust_gamma(Picture img, float gamma, float gain=1)',
  ({ img, gamma, gain }) => {
    if (img instanceof Tensor) checkChannels(img);
    if (gamma < 0) throw new ValueError('Gamma should be a non-negative real number');
    return either(
      img,
      (image) => onImage.gammaAdjusted(image, gamma, gain),
      (image) => onTensor.gammaAdjusted(image, gamma, gain),
    );
  },
);

/** An image sharper or blurred: 0 is blurred, 1 as it is, 2 sharper. */
export const adjustSharpness = signed(
  'adjust_sharpness(Picture img, float sharpness_factor)',
  ({ img, sharpnessFactor: by }) =>
    either(
      img,
      (image) => onImage.sharpened(image, by),
      (image) => onTensor.sharpened(image, by),
    ),
);

/** A negative. */
export const invert = signed('invert(Picture img)', ({ img }) =>
  either(img, onImage.inverted, onTensor.inverted),
);

/** An image with that many bits of each value kept. */
export const posterize = signed('posterize(Picture img, int bits)', ({ img, bits }) => {
  if (bits < 0 || bits > 8) throw new ValueError(`The number if bits should be between 0 and 8. Got ${bits}`);
  return either(
    img,
    (image) => onImage.posterized(image, bits),
    (image) => onTensor.posterized(image, bits),
  );
});

/** An image whose values from `threshold` on are inverted. */
export const solarize = signed('solarize(Picture img, float threshold)', ({ img, threshold }) =>
  either(
    img,
    (image) => onImage.solarized(image, threshold),
    (image) => onTensor.solarized(image, threshold),
  ),
);

/** An image whose darkest value is black and whose brightest is white, channel by channel. */
export const autocontrast = signed('autocontrast(Picture img)', ({ img }) =>
  either(img, onImage.autocontrasted, onTensor.autocontrasted),
);

/** An image in which all values are about equally frequent, channel by channel. */
export const equalize = signed('equalize(Picture img)', ({ img }) =>
  either(img, onImage.equalized, onTensor.equalized),
);

const grey = (img: ImageLike, channels: number): ImageLike => {
  if (img instanceof Tensor) {
    checkIsPlanes(img);
    checkChannels(img);
  }
  if (channels !== 1 && channels !== 3) throw new ValueError('num_output_channels should be either 1 or 3');
  return either(
    img,
    (image) => onImage.grey(image, channels),
    (image) => onTensor.grey(image, channels),
  );
};

/** An image in grey, with one channel or three that are alike. */
export const rgbToGrayscale = signed(
  'rgb_to_grayscale(Picture img, int num_output_channels=1)',
  ({ img, numOutputChannels }) => grey(img, numOutputChannels),
);

/** An image (no tensor) in grey, with one channel or three that are alike. */
export const toGrayscale = signed(
  'to_grayscale(Object img, int num_output_channels=1)',
  ({ img, numOutputChannels }) => {
    if (!(img instanceof Image)) throw new TypeError('Input should be PIL Image');
    return grey(img, numOutputChannels) as Image;
  },
);

/**
 * An image turned counterclockwise.
 *
 * @param angle by how many degrees
 * @param interpolation how values between pixels are found
 * @param expand whether the result is as large as the turned image
 * @param center the point [x, y] that stays; by default the middle
 * @param fill what is outside, one value or one for each channel
 */
export const rotate = signed(
  "rotate(Picture img, float angle, Interpolation interpolation='nearest', bool expand=False, float[]? center=None, float|float[]? fill=None)",
  ({ img, angle, interpolation, expand, center, fill }) => {
    const mode = interpolationOf(interpolation as InterpolationLike);
    return either(
      img,
      (image) => rotatedImage(image, angle, mode, expand, center, colourOf(image, fill)),
      (image) => {
        const matrix = inverseAffine(fromMiddle(image, center), -angle, [0, 0], 1, [0, 0]);
        return affineTensor(image, matrix, mode, fill, expand ? expandedSize : null);
      },
    );
  },
);

const colourOf = (image: Image, fill: Fill): readonly number[] => geometry.colour(fill ?? 0, image);

/** A point counted from the middle of an image. */
function fromMiddle(image: Tensor, center: readonly number[] | null): readonly number[] {
  const [, height, width] = dimensionsOf(image);
  return center === null ? [0, 0] : [center[0] - width * 0.5, center[1] - height * 0.5];
}

/**
 * An image turned, moved, scaled and sheared; its middle (or `center`) stays before it is moved.
 *
 * @param angle by how many degrees, clockwise
 * @param translate by how many pixels, [horizontally, vertically]
 * @param scale by which factor
 * @param shear by how many degrees: of the x axis, or [of x, of y]
 * @param interpolation how values between pixels are found
 * @param fill what is outside, one value or one for each channel
 * @param center the point [x, y] around which it is turned; by default the middle
 */
export const affine = signed(
  "affine(Picture img, float angle, int[] translate, float scale, float|float[] shear, Interpolation interpolation='nearest', float|float[]? fill=None, float[]? center=None)",
  ({ img, angle, translate, scale, shear, interpolation, fill, center }) => {
    const mode = interpolationOf(interpolation as InterpolationLike);
    if (translate.length !== 2) throw new ValueError('Argument translate should be a sequence of length 2');
    if (scale <= 0) throw new ValueError('Argument scale should be positive');
    const given = typeof shear === 'number' ? [shear, 0] : shear;
    const shears = given.length === 1 ? [given[0], given[0]] : given;
    if (shears.length !== 2) {
      throw new ValueError(
        `Shear should be a sequence containing two values. Got [${shears.map(formatFloat).join(', ')}]`,
      );
    }
    const mapAt = (point: readonly number[]) => inverseAffine(point, angle, translate, scale, shears);
    return either(
      img,
      (image) =>
        affineImage(
          image,
          mapAt(center ?? [image.width * 0.5, image.height * 0.5]),
          mode,
          colourOf(image, fill),
        ),
      (image) => affineTensor(image, mapAt(fromMiddle(image, center)), mode, fill),
    );
  },
);

/**
 * An image seen from another side.
 *
 * @param startpoints four corners [x, y] of the image: top left, top right, bottom right, bottom left
 * @param endpoints where those are in the result
 * @param interpolation how values between pixels are found
 * @param fill what is outside, one value or one for each channel
 */
export const perspective = signed(
  "perspective(Picture img, Any startpoints, Any endpoints, Interpolation interpolation='bilinear', float|float[]? fill=None)",
  ({ img, startpoints, endpoints, interpolation, fill }) => {
    const coefficients = perspectiveCoefficients(startpoints as Corners, endpoints as Corners);
    const mode = interpolationOf(interpolation as InterpolationLike);
    return either(
      img,
      (image) => perspectiveImage(image, coefficients, mode, colourOf(image, fill)),
      (image) => perspectiveTensor(image, coefficients, mode, fill),
    );
  },
);

/**
 * An image whose pixels come from displaced places.
 *
 * @param displacement from how far away, [1, H, W, 2] in halves of the image's width and height
 * @param interpolation how values between pixels are found
 * @param fill what is outside, one value or one for each channel
 */
export const elasticTransform = signed(
  "elastic_transform(Picture img, Tensor displacement, Interpolation interpolation='bilinear', float|float[]? fill=None)",
  ({ img, displacement, interpolation, fill }) => {
    if (!(displacement instanceof Tensor)) throw new TypeError('Argument displacement should be a Tensor');
    const mode = interpolationOf(interpolation as InterpolationLike);
    const [, height, width] = dimensionsOf(img);
    const shape = [1, height, width, 2];
    if (displacement.shape.length !== 4 || displacement.shape.some((size, i) => size !== shape[i])) {
      throw new ValueError(
        `Argument displacement shape should be torch.Size(${formatShape(shape)}), but given torch.Size(${formatShape(displacement.shape)})`,
      );
    }
    return asTensor(img, (image) => elasticTensor(image, displacement, mode, fill));
  },
);

/**
 * An image blurred by a bell curve.
 *
 * @param kernelSize its width and height, which are odd
 * @param sigma its standard deviation, one or [horizontally, vertically]
 */
export const gaussianBlur = signed(
  'gaussian_blur(Picture img, int|int[] kernel_size, float|float[]? sigma=None)',
  ({ img, kernelSize, sigma }) => {
    const size = typeof kernelSize === 'number' ? [kernelSize, kernelSize] : kernelSize;
    if (size.length !== 2)
      throw new ValueError(`If kernel_size is a sequence its length should be 2. Got ${size.length}`);
    if (size.some((n) => n % 2 === 0 || n < 0)) {
      throw new ValueError(`kernel_size should have odd and positive integers. Got [${size.join(', ')}]`);
    }
    const given = typeof sigma === 'number' ? [sigma] : (sigma ?? size.map((n) => n * 0.15 + 0.35));
    const sigmas = given.length === 1 ? [given[0], given[0]] : given;
    if (sigmas.length !== 2)
      throw new ValueError(`If sigma is a sequence, its length should be 2. Got ${sigmas.length}`);
    if (sigmas.some((s) => s <= 0)) {
      throw new ValueError(`sigma should have positive values. Got [${sigmas.map(formatFloat).join(', ')}]`);
    }
    return asTensor(img, (image) => onTensor.blurred(image, size, sigmas));
  },
);

/** A tensor whose part from (i, j), h high and w wide, has the value v. */
export const erase = signed(
  'erase(Object img, int i, int j, int h, int w, Tensor v, bool inplace=False)',
  ({ img, i, j, h, w, v, inplace }) => {
    if (!(img instanceof Tensor))
      throw new TypeError(`img should be Tensor Image. Got <class '${typeName(img)}'>`);
    return geometry.erased(img, [i, j, h, w], v as Tensor, inplace);
  },
);
