/** Tensors [..., C, H, W] whose pixels come from elsewhere in the image. */
import { type DType, float32, float64, uint8 } from '../../core/dtype.js';
import { TypeError, ValueError } from '../../core/errors.js';
import { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { F } from '../../nn/functions.js';
import { tensor } from '../../ops/from_data.js';
import { checkIsImage, dimensionsOf } from './image_size.js';
import type { InterpolationMode } from './interpolation_mode.js';
import { inBatch } from './tensor_color.js';

/** The value of what is outside: null leaves it black. */
export type Fill = number | readonly number[] | null;

const computeType = (image: Tensor): DType => (image.isFloatingPoint() ? image.dtype : float32);

const smooth: readonly InterpolationMode[] = ['bilinear', 'bicubic', 'lanczos'];

function interpolated(batch: Tensor, size: readonly number[], mode: InterpolationMode, antialias: boolean) {
  const options = smooth.includes(mode) ? { alignCorners: false, antialias } : {};
  return F.interpolate(batch, { size, mode: mode as 'bilinear', ...options });
}

/** An image [..., C, H, W] of another size. */
export function resizedTensor(
  image: Tensor,
  size: readonly number[],
  mode: InterpolationMode,
  antialias: boolean,
): Tensor {
  checkIsImage(image);
  return inBatch(image, image.dtype === float64 ? float64 : float32, (batch) => {
    const result = interpolated(batch, size, mode, antialias && mode !== 'lanczos');
    return mode === 'bicubic' && image.dtype === uint8 ? result.clamp(0, 255) : result;
  });
}

/** The same by `v2`, which leaves bytes what they are on the way. */
export function resizedBatch(
  images: Tensor,
  size: readonly number[],
  mode: InterpolationMode,
  antialias: boolean,
): Tensor {
  return images.dtype === uint8
    ? interpolated(images, size, mode, antialias)
    : inBatch(images, images.dtype === float64 ? float64 : float32, (batch) =>
        interpolated(batch, size, mode, antialias),
      );
}

function check(image: Tensor, mode: InterpolationMode, fill: Fill): void {
  if (!(image instanceof Tensor)) throw new TypeError('Input img should be Tensor');
  checkIsImage(image);
  const [channels] = dimensionsOf(image);
  if (Array.isArray(fill) && fill.length > 1 && fill.length !== channels) {
    throw new ValueError(
      "The number of elements in 'fill' cannot broadcast to match the number of channels of the image " +
        `(${fill.length} != ${channels})`,
    );
  }
  if (mode !== 'nearest' && mode !== 'bilinear')
    throw new ValueError(`Interpolation mode '${mode}' is unsupported with Tensor input`);
}

/** The image at the points of a grid [1, H, W, 2]. */
export function sampled(image: Tensor, grid: Tensor, mode: InterpolationMode, fill: Fill): Tensor {
  return inBatch(image, grid.dtype, (batch) => {
    const [n, , h, w] = batch.shape;
    const points = n > 1 ? grid.expand([n, ...grid.shape.slice(1)]) : grid;
    const options = { mode: mode as 'bilinear', paddingMode: 'zeros', alignCorners: false } as const;
    if (fill === null) return F.gridSample(batch, points, options);
    // A channel of ones tells what is inside.
    const marked = ops.cat([batch, ops.ones([n, 1, h, w], { dtype: batch.dtype, device: batch.device })], 1);
    const moved = F.gridSample(marked, points, options);
    const mask = moved.narrow(1, -1, 1);
    const inside = moved.narrow(1, 0, moved.shape[1] - 1);
    const colours = tensor(typeof fill === 'number' ? [fill] : fill, {
      dtype: batch.dtype,
      device: batch.device,
    }).view([1, -1, 1, 1]);
    if (mode === 'nearest') return ops.where(mask.lt(0.5), colours, inside);
    return inside.mul(mask).add(mask.rsub(1).mul(colours));
  });
}

/** The points [1, H·W, 3] of an image: x, y and 1, counted from `left` and `top`. */
function points(width: number, height: number, left: number, top: number, dtype: DType): Tensor {
  const xs = ops
    .linspace(left, left + width - 1, width)
    .to(dtype)
    .view([1, width])
    .expand([height, width]);
  const ys = ops
    .linspace(top, top + height - 1, height)
    .to(dtype)
    .view([height, 1])
    .expand([height, width]);
  return ops.stack([xs, ys, xs.onesLike()], -1).view([1, height * width, 3]);
}

/** An affine map in halves of the image's size from its middle. */
function affineGrid(
  matrix: readonly number[],
  [width, height]: readonly [number, number],
  [newWidth, newHeight]: readonly [number, number],
  dtype: DType,
): Tensor {
  const theta = tensor(matrix, { dtype }).view([1, 2, 3]);
  const scaled = theta.transpose(1, 2).div(tensor([0.5 * width, 0.5 * height], { dtype }));
  const at = points(newWidth, newHeight, -newWidth * 0.5 + 0.5, -newHeight * 0.5 + 0.5, dtype);
  return at.bmm(scaled).view([1, newHeight, newWidth, 2]);
}

/** The image under an affine map, of which the first two rows say where a pixel comes from, counted from the middle. */
export function affineTensor(
  image: Tensor,
  matrix: readonly number[],
  mode: InterpolationMode,
  fill: Fill,
  sizeOf: typeof expandedSize | null = null,
): Tensor {
  check(image, mode, fill);
  const [, height, width] = dimensionsOf(image);
  const size = sizeOf?.(matrix, width, height) ?? ([width, height] as const);
  const grid = affineGrid(matrix, [width, height], size, computeType(image));
  return sampled(image, grid.to(image.device), mode, fill);
}

const tenThousandths = (x: number): number => Math.fround(x / Math.fround(1e-4));

/** `expandedSize` by `v2`, which multiplies where it divided before. */
export const expandedSizeOfV2: typeof expandedSize = (matrix, width, height) =>
  expandedSize(matrix, width, height, (x) => Math.fround(x * 1e4));

/** The width and height that have room for the whole turned image. */
export function expandedSize(
  matrix: readonly number[],
  width: number,
  height: number,
  steps = tenThousandths,
): [number, number] {
  const f = Math.fround;
  const corners = [
    [-0.5 * width, -0.5 * height],
    [-0.5 * width, 0.5 * height],
    [0.5 * width, 0.5 * height],
    [0.5 * width, -0.5 * height],
  ];
  const side = ([a, b, c]: readonly number[], size: number): number => {
    const places = corners.map(([x, y]) => f(f(f(x * f(a)) + f(y * f(b))) + f(c)));
    // Ten thousandths do not count, so that rounding makes no image wider.
    const cut = (x: number) => f(Math.trunc(steps(f(x + size * 0.5))) * f(1e-4));
    return Math.ceil(cut(Math.max(...places))) - Math.floor(cut(Math.min(...places)));
  };
  return [side(matrix.slice(0, 3), width), side(matrix.slice(3, 6), height)];
}

/** The image under a perspective map, of which eight coefficients say where a pixel comes from. */
export function perspectiveTensor(
  image: Tensor,
  coefficients: readonly number[],
  mode: InterpolationMode,
  fill: Fill,
): Tensor {
  check(image, mode, fill);
  const [, height, width] = dimensionsOf(image);
  const dtype = computeType(image);
  const [a, b, c, d, e, f, g, h] = coefficients;
  const above = tensor([a, b, c, d, e, f], { dtype }).view([1, 2, 3]);
  const below = tensor([g, h, 1, g, h, 1], { dtype }).view([1, 2, 3]);
  const at = points(width, height, 0.5, 0.5, dtype);
  const scaled = above.transpose(1, 2).div(tensor([0.5 * width, 0.5 * height], { dtype }));
  const grid = at
    .bmm(scaled)
    .div(at.bmm(below.transpose(1, 2)))
    .sub(1);
  return sampled(image, grid.view([1, height, width, 2]).to(image.device), mode, fill);
}

/** Where pixels are, [1, H, W, 2] in halves of the image from its middle. */
export function identityGrid(height: number, width: number, dtype: DType): Tensor {
  const line = (size: number) => ops.linspace((-size + 1) / size, (size - 1) / size, size, { dtype });
  const ys = line(height).view([height, 1]).expand([height, width]);
  const xs = line(width).view([1, width]).expand([height, width]);
  return ops.stack([xs, ys], -1).unsqueeze(0);
}

/** The image with each pixel taken from a displaced place; `displacement` is [1, H, W, 2], in halves of the size. */
export function elasticTensor(
  image: Tensor,
  displacement: Tensor,
  mode: InterpolationMode,
  fill: Fill,
): Tensor {
  const [, height, width] = dimensionsOf(image);
  const grid = identityGrid(height, width, float32).to(image.device);
  return sampled(image, grid.add(displacement.to(image.device)), mode, fill);
}
