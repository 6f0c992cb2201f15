/** Colours of tensors [..., C, H, W], by torchvision's formulas. */
import { type DType, float32, float64, int8, int16, int32, int64, uint8, uint16 } from '../../core/dtype.js';
import { RuntimeError, TypeError, ValueError } from '../../core/errors.js';
import { PyFloat } from '../../core/pyfloat.js';
import { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { F } from '../../nn/functions.js';
import { tensor } from '../../ops/from_data.js';
import { checkChannels, checkIsImage, checkIsPlanes, dimensionsOf } from './image_size.js';

/** The value of white. */
export function maxValue(dtype: DType): number {
  if (dtype === uint8) return 255;
  if (dtype === int8) return 127;
  if (dtype === int16) return 32767;
  if (dtype === uint16) return 65535;
  if (dtype === int32) return 2147483647;
  return dtype === int64 ? 2 ** 63 : 1;
}

/** The type that images are computed in. */
export const computeType = (image: Tensor): DType => (image.isFloatingPoint() ? image.dtype : float32);
const times = (x: Tensor, factor: number): Tensor => x.mul(new PyFloat(factor) as never);

/** The image with values of another type between black and white. */
export function convertImageDtype(image: Tensor, dtype: DType): Tensor {
  if (!(image instanceof Tensor)) throw new TypeError('Input img should be Tensor Image');
  if (image.dtype === dtype) return image;
  const toFloat = ops.empty([0], { dtype }).isFloatingPoint();
  if (image.isFloatingPoint()) {
    if (toFloat) return image.to(dtype);
    const isSingle = image.dtype === float32;
    if ((isSingle && (dtype === int32 || dtype === int64)) || (image.dtype === float64 && dtype === int64)) {
      throw new RuntimeError(`The cast from ${image.dtype} to ${dtype} cannot be performed safely.`);
    }
    return times(image, maxValue(dtype) + 1 - 1e-3).to(dtype);
  }
  const [from, to] = [maxValue(image.dtype), maxValue(dtype)];
  if (toFloat) return image.to(dtype).div(from);
  const ratio = (a: number, b: number) => Math.floor((a + 1) / (b + 1));
  if (from > to) return image.div(ratio(from, to), { roundingMode: 'floor' }).to(dtype);
  // A number beyond 2⁵³ would be a float.
  return image.to(dtype).mul(BigInt(ratio(to, from)));
}

/** Grey by the weights of ITU-R 601-2. */
export function greyOf(image: Tensor): Tensor {
  checkIsPlanes(image);
  checkChannels(image);
  if (image.shape[image.ndim - 3] === 1) return image.clone();
  const [r, g, b] = image.unbind(-3);
  return r.mul(0.2989).add(g.mul(0.587)).add(b.mul(0.114)).to(image.dtype).unsqueeze(-3);
}

/** An image in grey, in one channel or three that are alike. */
export function grey(image: Tensor, channels: number): Tensor {
  const plane = greyOf(image);
  // torchvision's, which leaves one channel as one.
  return channels === 1 ? plane : plane.expand(image.shape);
}

/** `ratio` of the first and the rest of the second. */
function blended(image: Tensor, other: Tensor, ratio: number): Tensor {
  const mixed = times(image, ratio).add(times(other, 1 - ratio));
  return mixed.clamp(0, maxValue(image.dtype)).to(image.dtype);
}

function checkFactor(name: string, factor: number): void {
  if (factor < 0) throw new ValueError(`${name} (${new PyFloat(factor)}) is not non-negative.`);
}

export function brightened(image: Tensor, factor: number): Tensor {
  checkFactor('brightness_factor', factor);
  checkIsImage(image);
  checkChannels(image);
  return blended(image, image.zerosLike(), factor);
}

export function contrasted(image: Tensor, factor: number): Tensor {
  checkFactor('contrast_factor', factor);
  checkIsImage(image);
  checkChannels(image, '[3, 1]');
  const grey = dimensionsOf(image)[0] === 3 ? greyOf(image) : image;
  return blended(image, grey.to(computeType(image)).mean([-3, -2, -1], true), factor);
}

export function saturated(image: Tensor, factor: number): Tensor {
  checkFactor('saturation_factor', factor);
  checkIsImage(image);
  checkChannels(image);
  return dimensionsOf(image)[0] === 1 ? image : blended(image, greyOf(image), factor);
}

export function gammaAdjusted(image: Tensor, gamma: number, gain: number): Tensor {
  checkChannels(image);
  if (gamma < 0) throw new ValueError('Gamma should be a non-negative real number');
  const floats = image.isFloatingPoint() ? image : convertImageDtype(image, float32);
  return convertImageDtype(times(floats.pow(gamma), gain).clamp(0, 1), image.dtype);
}

export function hueAdjusted(image: Tensor, factor: number): Tensor {
  checkIsImage(image);
  checkChannels(image);
  if (dimensionsOf(image)[0] === 1) return image;
  const [h, s, v] = toHsv(convertImageDtype(image, float32));
  return convertImageDtype(fromHsv(h.add(factor).remainder(1), s, v), image.dtype);
}

/** Hue, saturation and value of colours from 0 to 1. */
export function toHsv(image: Tensor): [hue: Tensor, saturation: Tensor, value: Tensor] {
  const [r, g, b] = image.unbind(-3);
  const max = image.amax(-3);
  const min = image.amin(-3);
  const isGrey = max.eq(min);
  const range = max.sub(min);
  const ones = max.onesLike();
  const saturation = range.div(ops.where(isGrey, ones, max));
  const divisor = ops.where(isGrey, ones, range);
  const [rc, gc, bc] = [r, g, b].map((colour) => max.sub(colour).div(divisor));
  const isRed = max.eq(r);
  const isGreen = max.eq(g);
  const red = isRed.mul(bc.sub(gc));
  const green = isGreen.logicalAnd(isRed.logicalNot()).mul(rc.add(2).sub(bc));
  const blue = isGreen.logicalOr(isRed).logicalNot().mul(gc.add(4).sub(rc));
  const hue = red.add(green).add(blue).div(6).add(1).fmod(1);
  return [hue, saturation, max];
}

/** The colours of hues, saturations and values. */
export function fromHsv(h: Tensor, s: Tensor, v: Tensor): Tensor {
  const turn = h.mul(6);
  const whole = turn.floor();
  const rest = turn.sub(whole);
  const sector = whole.to(int32).remainder(6);
  const p = v.mul(s.rsub(1)).clamp(0, 1);
  const q = v.mul(s.mul(rest).rsub(1)).clamp(0, 1);
  const t = v.mul(s.mul(rest.rsub(1)).rsub(1)).clamp(0, 1);
  const chosen = (choices: readonly Tensor[]) =>
    choices.reduceRight((others, choice, i) => ops.where(sector.eq(i), choice, others));
  return ops.stack(
    [
      [v, q, p, p, t, v],
      [t, v, v, q, p, p],
      [p, p, t, v, v, q],
    ].map(chosen),
    -3,
  );
}

export function inverted(image: Tensor): Tensor {
  checkIsPlanes(image);
  checkChannels(image);
  return image.rsub(image.dtype === int64 ? 2n ** 63n - 1n : maxValue(image.dtype));
}

function checkIsBytes(image: Tensor): void {
  if (image.dtype !== uint8)
    throw new TypeError(`Only torch.uint8 image tensors are supported, but found ${image.dtype}`);
}

export function posterized(image: Tensor, bits: number): Tensor {
  checkIsPlanes(image);
  checkIsBytes(image);
  checkChannels(image);
  return image.bitwiseAnd(256 - 2 ** (8 - bits));
}

export function solarized(image: Tensor, threshold: number): Tensor {
  checkIsPlanes(image);
  checkChannels(image);
  if (threshold > maxValue(image.dtype)) throw new TypeError('Threshold should be less than bound of img.');
  return ops.where(image.ge(threshold), inverted(image), image);
}

export function sharpened(image: Tensor, factor: number): Tensor {
  checkFactor('sharpness_factor', factor);
  checkIsImage(image);
  checkChannels(image);
  const [channels, height, width] = dimensionsOf(image);
  if (width <= 2 || height <= 2) return image;
  const dtype = computeType(image);
  const kernel = ops.ones([3, 3], { dtype });
  kernel.select(0, 1).select(0, 1).fill_(5);
  const smoothed = convolved(image, kernel.div(kernel.sum()), channels);
  const inner = image.clone();
  inner
    .narrow(-2, 1, height - 2)
    .narrow(-1, 1, width - 2)
    .copy_(smoothed);
  return blended(image, inner, factor);
}

/** Each channel under the same kernel, in floats, rounded back. */
function convolved(image: Tensor, kernel: Tensor, channels: number, border: number[] | null = null): Tensor {
  return inBatch(image, kernel.dtype, (batch) => {
    const bordered = border === null ? batch : F.pad(batch, border, 'reflect');
    return F.conv2d(bordered, kernel.expand([channels, 1, ...kernel.shape]), { groups: channels });
  });
}

/** Changes an image as floats with a batch dimension. The result has neither, and integers are rounded. */
export function inBatch(image: Tensor, dtype: DType, change: (batch: Tensor) => Tensor): Tensor {
  const result = change((image.ndim < 4 ? image.unsqueeze(0) : image).to(dtype));
  const unbatched = image.ndim < 4 ? result.squeeze(0) : result;
  if (image.dtype === dtype) return unbatched;
  return (image.isFloatingPoint() ? unbatched : unbatched.round()).to(image.dtype);
}

export function autocontrasted(image: Tensor): Tensor {
  checkIsPlanes(image);
  checkChannels(image);
  const bound = maxValue(image.dtype);
  const dtype = computeType(image);
  const low = image.amin([-2, -1], true).to(dtype);
  const high = image.amax([-2, -1], true).to(dtype);
  // PyTorch divides a number by a tensor so.
  const scale = high.sub(low).reciprocal().mul(bound);
  const isUsable = scale.isfinite();
  const from = ops.where(isUsable, low, low.zerosLike());
  const by = ops.where(isUsable, scale, scale.onesLike());
  return image.sub(from).mul(by).clamp(0, bound).to(image.dtype);
}

export function equalized(image: Tensor): Tensor {
  checkIsImage(image);
  if (image.ndim < 3 || image.ndim > 4)
    throw new TypeError(`Input image tensor should have 3 or 4 dimensions, but found ${image.ndim}`);
  checkIsBytes(image);
  checkChannels(image);
  const planes = image.reshape([-1, ...image.shape.slice(-2)]);
  return ops.stack(planes.unbind(0).map(equalizedPlane)).view(image.shape);
}

function equalizedPlane(plane: Tensor): Tensor {
  const counts = ops.bincount(plane.reshape([-1]), null, 256).tolist() as number[];
  const last = counts.findLastIndex((n) => n > 0);
  const step = Math.floor(counts.reduce((sum, n, i) => (i === last ? sum : sum + n), 0) / 255);
  if (step === 0) return plane;
  let sum = step >> 1;
  const table = counts.map((n) => {
    const value = Math.min(Math.floor(sum / step), 255);
    sum += n;
    return value;
  });
  const lookup = tensor(table, { dtype: uint8, device: plane.device });
  return lookup.indexSelect(0, plane.to(int64).reshape([-1])).view(plane.shape);
}

/** The bell curve at `size` points around its middle, with the sum 1. */
function bell(size: number, sigma: number, dtype: DType): Tensor {
  const half = (size - 1) * 0.5;
  const density = ops.linspace(-half, half, size, { dtype }).div(sigma).pow(2).mul(-0.5).exp();
  return density.div(density.sum());
}

/** An image blurred by a kernel of that width and height. */
export function blurred(image: Tensor, size: readonly number[], sigma: readonly number[]): Tensor {
  checkIsImage(image);
  const dtype = computeType(image);
  const kernel = bell(size[1], sigma[1], dtype)
    .unsqueeze(1)
    .mm(bell(size[0], sigma[0], dtype).unsqueeze(0))
    .to(image.device);
  const [x, y] = size.map((n) => n >> 1);
  return convolved(image, kernel, dimensionsOf(image)[0], [x, x, y, y]);
}
