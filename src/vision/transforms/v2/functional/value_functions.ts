/** Functions of `v2.functional` that change values, types and frames. */
import { float32, int16, int64, uint8 } from '../../../../core/dtype.js';
import { RuntimeError, TypeError, ValueError } from '../../../../core/errors.js';
import { formatSize } from '../../../../core/printing.js';
import { formatFloat, typeName } from '../../../../core/repr.js';
import { signed } from '../../../../core/signature/signed.js';
import { Tensor } from '../../../../core/tensor.js';
import { warn } from '../../../../core/warnings.js';
import { ops } from '../../../../dispatch/registry.js';
import { fromBytes, fromNumpy, rawBytes, tensor } from '../../../../ops/from_data.js';
import { Image as TVImage } from '../../../tv_tensors/tv_image.js';
import type { PictureArray } from '../../color.js';
import { erased } from '../../geometry.js';
import { Image } from '../../image.js';
import * as v1 from '../../image_functions.js';
import { blurred } from '../../tensor_color.js';
import { inFour } from './image_batches.js';
import { throughJpeg } from './jpeg_rounding.js';
import { functional } from './kernels_by_class.js';
import { pictureOf, valuesOf } from './pictures_as_tensors.js';
import { asType } from './value_scaling.js';

/** An image of bytes as a tensor of bytes. */
export const pilToTensor = v1.pilToTensor;

/** A tensor [C, H, W] or an array [H, W, C] as an image of bytes. */
export const toPilImage = v1.toPilImage;

/** An image as a tensor of floats from 0 to 1. `toImage` followed by `toDtype` with `scale` is what takes its place. */
export const toTensor = signed('to_tensor(Object inpt)', ({ inpt }): Tensor => {
  warn(
    'The function `to_tensor(...)` is deprecated and will be removed in a future release. ' +
      'Instead, please use `to_image(...)` followed by `to_dtype(..., dtype=torch.float32, scale=True)`.',
  );
  return v1.toTensor(inpt as Image);
});

/** Whether it is an array that says its shape. */
export const isArray = (value: unknown): value is PictureArray =>
  typeof value === 'object' &&
  value !== null &&
  !(value instanceof Tensor) &&
  ArrayBuffer.isView((value as PictureArray).data) &&
  Array.isArray((value as PictureArray).shape);

/** A tensor, an image of bytes or an array [H, W, C] or [H, W] as a tensor that says it is an image. */
export const toImage = signed('to_image(Object inpt)', ({ inpt }): TVImage => {
  if (inpt instanceof Image) return new TVImage(valuesOf(inpt));
  if (inpt instanceof Tensor) return new TVImage(inpt);
  if (isArray(inpt)) {
    const array = fromNumpy(inpt);
    const planes = array.ndim === 2 ? array.unsqueeze(2) : array;
    return new TVImage(planes.permute([2, 0, 1]).contiguous());
  }
  throw new TypeError(
    `Input can either be a pure Tensor, a numpy array, or a PIL image, but got <class '${typeName(inpt)}'> instead.`,
  );
});

/** A tensor less a mean, divided by a standard deviation, channel by channel. */
export const normalize = functional(
  'normalize(Any inpt, float|float[] mean, float|float[] std, bool inplace=False)',
  {
    shown: (image, { mean, std, inplace }) => {
      if (!image.isFloatingPoint())
        throw new TypeError(`Input tensor should be a float tensor. Got ${image.dtype}.`);
      if (image.ndim < 3)
        throw new ValueError(
          `Expected tensor to be a tensor image of size (..., C, H, W). Got ${formatSize(image.shape)}.`,
        );
      if ([std].flat().some((one) => one === 0))
        throw new ValueError('std evaluated to zero, leading to division by zero.');
      const perChannel = (values: number | readonly number[]) =>
        tensor([values].flat() as number[], { dtype: image.dtype, device: image.device }).view([-1, 1, 1]);
      const target = inplace ? image : image.clone();
      return target.sub_(perChannel(mean)).div_(perChannel(std));
    },
  },
);

/**
 * Blurs an image by a bell curve.
 *
 * @param kernelSize its width and height, which are odd
 * @param sigma its standard deviation, one or [horizontally, vertically]
 */
export const gaussianBlur = functional(
  'gaussian_blur(Any inpt, int|int[] kernel_size, float|float[]? sigma=None)',
  {
    shown: (image, { kernelSize, sigma }) => blurredBy(image, kernelSize, sigma),
    picture: (image, { kernelSize, sigma }) =>
      pictureOf(blurredBy(valuesOf(image), kernelSize, sigma), image.mode),
  },
);

function blurredBy(
  image: Tensor,
  kernelSize: number | readonly number[],
  sigma: number | readonly number[] | null,
): Tensor {
  const size = typeof kernelSize === 'number' ? [kernelSize, kernelSize] : kernelSize;
  if (size.length !== 2)
    throw new ValueError(`If kernel_size is a sequence its length should be 2. Got ${size.length}`);
  if (size.some((n) => n % 2 === 0 || n < 0))
    throw new ValueError(`kernel_size should have odd and positive integers. Got [${size.join(', ')}]`);
  const given = typeof sigma === 'number' ? [sigma] : (sigma ?? size.map((n) => n * 0.15 + 0.35));
  const sigmas = given.length === 1 ? [given[0], given[0]] : given;
  if (sigmas.length !== 2)
    throw new ValueError(`If sigma is a sequence, its length should be 2. Got ${sigmas.length}`);
  if (sigmas.some((s) => s <= 0))
    throw new ValueError(`sigma should have positive values. Got [${sigmas.map(formatFloat).join(', ')}]`);
  if (image.numel() === 0) return image;
  return inFour(image, (batch) => blurred(batch, size, sigmas));
}

/**
 * Adds noise to an image.
 *
 * @param mean the noise's mean, where white is 1
 * @param sigma its standard deviation
 * @param clip whether values stay between black and white
 */
export const gaussianNoise = functional(
  'gaussian_noise(Any inpt, float mean=0.0, float sigma=0.1, bool clip=True)',
  {
    shown: (image, { mean, sigma, clip }) => {
      if (sigma < 0) throw new ValueError(`sigma shouldn't be negative. Got ${formatFloat(sigma)}`);
      if (image.isFloatingPoint()) {
        const noisy = image.add(ops.randnLike(image).mul(sigma).add(mean));
        return clip ? noisy.clamp(0, 1) : noisy;
      }
      if (image.dtype !== uint8)
        throw new ValueError(
          `Input tensor is expected to be in uint8 or float dtype, got dtype=${image.dtype}`,
        );
      const noise = ops
        .randnLike(image, { dtype: float32 })
        .mul(sigma * 255)
        .add(mean * 255)
        .to(int16);
      const noisy = image.add(noise);
      return (clip ? noisy.clamp(0, 255) : noisy).to(uint8);
    },
    picture: () => {
      throw new ValueError('Gaussian Noise is not implemented for PIL images.');
    },
  },
);

/**
 * Values of another type.
 *
 * @param inpt what has the values
 * @param dtype the type, by default `torch.float32`
 * @param scale whether black and white stay what they are; for images and videos only
 */
export const toDtype = functional('to_dtype(Any inpt, ScalarType? dtype=None, bool scale=False)', {
  shown: (image, { dtype, scale }) => asType(image, dtype ?? float32, scale),
  mask: (mask, { dtype }) => mask.to(dtype ?? float32),
  boxes: (boxes, { dtype }) => boxes.to(dtype ?? float32),
  points: (points, { dtype }) => points.to(dtype ?? float32),
});

/** An image with values of another type between black and white: `toDtype` with `scale`. */
export const convertImageDtype = signed(
  'convert_image_dtype(Tensor image, ScalarType? dtype=None)',
  ({ image, dtype }) => asType(image as Tensor, dtype ?? float32, true),
);

/** A tensor whose part from (i, j), h high and w wide, has the value v. */
export const erase = functional('erase(Any inpt, int i, int j, int h, int w, Tensor v, bool inplace=False)', {
  shown: (image, { i, j, h, w, v, inplace }) => erased(image, [i, j, h, w], v as Tensor, inplace),
  picture: (image, { i, j, h, w, v }) =>
    pictureOf(erased(valuesOf(image), [i, j, h, w], v as Tensor, true), image.mode),
});

function compressed(image: Tensor, quality: number): Tensor {
  if (quality < 1 || quality > 100)
    throw new ValueError('Image quality should be a positive number between 1 and 100');
  if (image.device.type !== 'cpu') throw new RuntimeError('Input tensor should be on CPU');
  if (image.dtype !== uint8) throw new RuntimeError('Input tensor dtype should be uint8');
  if (image.ndim < 3) throw new RuntimeError('Input data should be a 3-dimensional tensor');
  const [channels, height, width] = image.shape.slice(-3);
  if (channels !== 1 && channels !== 3)
    throw new RuntimeError(`The number of channels should be 1 or 3, got: ${channels}`);
  if (image.numel() === 0) {
    if (image.shape.slice(0, -3).includes(0)) return image.clone();
    throw new RuntimeError('Empty JPEG image (DNL not supported)');
  }
  const values = rawBytes(image.contiguous()).slice();
  const size = channels * height * width;
  for (let at = 0; at < values.length; at += size)
    values.set(throughJpeg(values.subarray(at, at + size), width, height, quality), at);
  return fromBytes(values, uint8, [...image.shape]);
}

/**
 * Compresses an image by JPEG and decompresses it: bytes of one channel or three.
 *
 * @param quality from 1 to 100
 */
export const jpeg = functional('jpeg(Any inpt, int quality)', {
  shown: (image, { quality }) => compressed(image, quality),
  picture: (image, { quality }) => {
    if (!['1', 'L', 'RGB'].includes(image.mode))
      throw new RuntimeError(`cannot write mode ${image.mode} as JPEG`);
    const levels = image.mode === '1' ? image.convert('L') : image;
    return pictureOf(compressed(valuesOf(levels), quality), levels.mode);
  },
});

/** So many frames of a video, at even distances. */
export const uniformTemporalSubsample = functional('uniform_temporal_subsample(Any inpt, int num_samples)', {
  moving: (video, { numSamples }) => {
    const last = video.shape[video.ndim - 4] - 1;
    const frames = ops.linspace(0, last, numSamples).to(int64).to(video.device);
    return video.indexSelect(-4, frames);
  },
});
