/** Colours of tensors [..., C, H, W], by the formulas of torchvision's `v2`, which rounds otherwise than before. */
import { float32, int64, uint8 } from '../../../../core/dtype.js';
import { TypeError, ValueError } from '../../../../core/errors.js';
import { PyFloat } from '../../../../core/pyfloat.js';
import { formatFloat, formatNumber } from '../../../../core/repr.js';
import type { Tensor } from '../../../../core/tensor.js';
import { ops } from '../../../../dispatch/registry.js';
import { F } from '../../../../nn/functions.js';
import { tensor } from '../../../../ops/from_data.js';
import { computeType, equalized as equalizedBatch, fromHsv, maxValue, toHsv } from '../../tensor_color.js';
import { inFour } from './image_batches.js';
import { asType, valueBits } from './value_scaling.js';

const channelsOf = (image: Tensor): number => image.shape[image.ndim - 3];

/** @throws ValueError if it has not three channels */
function checkIsColoured(image: Tensor): void {
  const channels = channelsOf(image);
  if (channels === 3) return;
  throw new ValueError(
    channels > 3
      ? 'too many values to unpack (expected 3)'
      : `not enough values to unpack (expected 3, got ${channels})`,
  );
}

/** Grey by the weights of ITU-R 601-2, in floats. */
function luma(image: Tensor): Tensor {
  checkIsColoured(image);
  const [r, g, b] = image.unbind(-3);
  return r.mul(0.2989).add(g, { alpha: 0.587 }).add(b, { alpha: 0.114 }).unsqueeze(-3);
}

/** An image in grey, in one channel or three that are alike. */
export function grey(image: Tensor, channels: number): Tensor {
  if (channels !== 1 && channels !== 3)
    throw new ValueError(`num_output_channels must be 1 or 3, got ${channels}.`);
  return greyOf(image, channels);
}

function greyOf(image: Tensor, channels: 1 | 3): Tensor {
  const shape = [...image.shape];
  shape[image.ndim - 3] = 3;
  if (channelsOf(image) === 1) return channels === 1 ? image.clone() : image.expand(shape).clone();
  const plane = luma(image).to(image.dtype);
  return channels === 1 ? plane : plane.expand(image.shape);
}

/** An image with colours, three channels that are alike if it had one. */
export const coloured = (image: Tensor): Tensor => (channelsOf(image) >= 3 ? image : greyOf(image, 3));

function checkFactor(name: string, factor: number): void {
  if (factor < 0) throw new ValueError(`${name} (${formatFloat(factor)}) is not non-negative.`);
}

function checkChannels(image: Tensor): number {
  const channels = channelsOf(image);
  if (channels === 1 || channels === 3) return channels;
  throw new TypeError(`Input image tensor permitted channel values are 1 or 3, but found ${channels}`);
}

/** A number that is a float though it may be whole, so that integers become floats. */
const float = (x: number) => new PyFloat(x) as never;

/** `ratio` of the first and the rest of the second. */
function blended(image: Tensor, other: Tensor, ratio: number): Tensor {
  const mixed = image.mul(float(ratio)).add(other, { alpha: float(1 - ratio) });
  return mixed.clamp(0, maxValue(image.dtype)).to(image.dtype);
}

/** Grey as colours are mixed with it: integers stay whole, as floats. */
function greyToMix(image: Tensor): Tensor {
  return image.isFloatingPoint() ? luma(image) : luma(image).floor();
}

export function brightened(image: Tensor, factor: number): Tensor {
  checkFactor('brightness_factor', factor);
  checkChannels(image);
  return image.mul(float(factor)).clamp(0, maxValue(image.dtype)).to(image.dtype);
}

export function saturated(image: Tensor, factor: number): Tensor {
  checkFactor('saturation_factor', factor);
  return checkChannels(image) === 1 ? image : blended(image, greyToMix(image), factor);
}

export function contrasted(image: Tensor, factor: number): Tensor {
  checkFactor('contrast_factor', factor);
  const grey = checkChannels(image) === 3 ? greyToMix(image) : image.to(computeType(image));
  return blended(image, grey.mean([-3, -2, -1], true), factor);
}

export function sharpened(image: Tensor, factor: number): Tensor {
  const [channels, height, width] = image.shape.slice(-3);
  if (channels !== 1 && channels !== 3)
    throw new TypeError(`Input image tensor can have 1 or 3 channels, but found ${channels}`);
  checkFactor('sharpness_factor', factor);
  if (image.numel() === 0 || height <= 2 || width <= 2) return image;
  const dtype = computeType(image);
  const [a, b] = [1 / 13, 5 / 13];
  const kernel = tensor([a, a, a, a, b, a, a, a, a], { dtype, device: image.device })
    .view([1, 1, 3, 3])
    .expand([channels, 1, 3, 3]);
  return inFour(image, (batch) => {
    const output = batch.to(dtype).clone();
    const smooth = F.conv2d(output, kernel, { groups: channels });
    const inner = output.narrow(-2, 1, height - 2).narrow(-1, 1, width - 2);
    inner.add_((image.isFloatingPoint() ? smooth : smooth.round()).sub(inner), { alpha: float(1 - factor) });
    return output.clamp(0, maxValue(image.dtype)).to(image.dtype);
  });
}

export function hueAdjusted(image: Tensor, factor: number): Tensor {
  if (!(factor >= -0.5 && factor <= 0.5))
    throw new ValueError(`hue_factor (${formatFloat(factor)}) is not in [-0.5, 0.5].`);
  if (checkChannels(image) === 1 || image.numel() === 0) return image;
  const [h, s, v] = toHsv(asType(image, float32, true));
  return asType(fromHsv(h.add(factor).remainder(1), s, v), image.dtype, true);
}

export function gammaAdjusted(image: Tensor, gamma: number, gain: number): Tensor {
  if (gamma < 0) throw new ValueError('Gamma should be a non-negative real number');
  let output = (image.isFloatingPoint() ? image : asType(image, float32, true)).pow(gamma);
  if (gain !== 1) output = output.mul(gain).clamp(0, 1);
  return asType(output, image.dtype, true);
}

export function posterized(image: Tensor, bits: number): Tensor {
  if (!Number.isSafeInteger(bits) || bits < 0 || bits > 8)
    throw new TypeError(`bits must be a positive integer in the range [0, 8], got ${bits} instead.`);
  const levels = 2 ** bits;
  if (image.isFloatingPoint())
    return image
      .mul(levels)
      .floor()
      .clamp(0, levels - 1)
      .mul(1 / levels);
  const all = valueBits(image.dtype);
  if (bits >= all) return image;
  return image.bitwiseAnd(
    tensor((levels - 1) * 2 ** (all - bits), { dtype: image.dtype, device: image.device }),
  );
}

export function solarized(image: Tensor, threshold: number): Tensor {
  if (threshold > maxValue(image.dtype))
    throw new TypeError(
      `Threshold should be less or equal the maximum value of the dtype, but got ${formatNumber(threshold)}`,
    );
  return ops.where(image.ge(threshold), inverted(image), image);
}

export function autocontrasted(image: Tensor): Tensor {
  checkChannels(image);
  if (image.numel() === 0) return image;
  const bound = maxValue(image.dtype);
  const floats = image.to(computeType(image));
  const low = floats.amin([-2, -1], true);
  const high = floats.amax([-2, -1], true);
  const isFlat = low.eq(high);
  const scale = ops.where(isFlat, 1, high.sub(low).mul(1 / bound)).to(floats.dtype);
  const from = ops.where(isFlat, 0, low).to(floats.dtype);
  return floats.sub(from).div(scale).clamp(0, bound).to(image.dtype);
}

export function equalized(image: Tensor): Tensor {
  if (image.numel() === 0) return image;
  const planes = asType(image, uint8, true).reshape([-1, 1, ...image.shape.slice(-2)]);
  return asType(equalizedBatch(planes).view(image.shape), image.dtype, true);
}

export function inverted(image: Tensor): Tensor {
  if (image.isFloatingPoint()) return image.rsub(1);
  if (image.dtype === uint8) return image.bitwiseNot();
  const all = BigInt(2) ** BigInt(valueBits(image.dtype)) - BigInt(1);
  return image.bitwiseXor(tensor(all, { dtype: int64, device: image.device }).to(image.dtype));
}

export function permuted(image: Tensor, permutation: readonly number[]): Tensor {
  const channels = channelsOf(image);
  if (permutation.length !== channels)
    throw new ValueError(
      `Length of permutation does not match number of channels: ${permutation.length} != ${channels}`,
    );
  return image.indexSelect(-3, tensor(permutation, { dtype: int64, device: image.device }));
}
