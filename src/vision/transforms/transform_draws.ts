/** Random numbers for transforms, drawn from torch's generator in torchvision's order. */
import type { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { roundEven } from './geometry.js';
import { blurred } from './tensor_color.js';

/** A number from `low` to `high`. */
export const uniform = (low: number, high: number): number =>
  ops.empty([1]).uniform_(low, high).item() as number;

/** A number from 0 to 1. */
export const chance = (): number => ops.rand([1]).item() as number;

/** An integer from `low` up to before `high`. */
export const integer = (low: number, high: number): number => ops.randint(low, high, [1]).item() as number;

const f = Math.fround;

/**
 * Sides of a part with a random share of the area and a random ratio of them, the first being the longer one for ratios above 1; null
 * if ten tries give none that `fits`.
 */
export function randomSides(
  area: number,
  scale: readonly number[],
  ratio: readonly number[],
  fits: (a: number, b: number) => boolean,
): [number, number] | null {
  const [low, high] = ratio.map((r) => f(Math.log(f(r))));
  for (let i = 0; i < 10; i++) {
    const target = area * uniform(scale[0], scale[1]);
    const aspect = f(Math.exp(uniform(low, high)));
    const sides: [number, number] = [
      roundEven(Math.sqrt(target * aspect)),
      roundEven(Math.sqrt(target / aspect)),
    ];
    if (fits(...sides)) return sides;
  }
  return null;
}

/** The place of a part with a random share of the area and a random ratio of its sides. */
export function randomPlace(
  [height, width]: readonly number[],
  scale: readonly number[],
  ratio: readonly number[],
): [top: number, left: number, height: number, width: number] {
  const sides = randomSides(
    height * width,
    scale,
    ratio,
    (w, h) => w > 0 && w <= width && h > 0 && h <= height,
  );
  if (sides !== null) {
    const [w, h] = sides;
    const top = integer(0, height - h + 1);
    return [top, integer(0, width - w + 1), h, w];
  }
  // The middle, as near to the ratios as it can be.
  const own = width / height;
  const [least, most] = [Math.min(...ratio), Math.max(...ratio)];
  const w = own > most ? roundEven(height * most) : width;
  const h = own < least ? roundEven(width / least) : height;
  return [(height - h) >> 1, (width - w) >> 1, h, w];
}

/** The limits of random affine maps. */
export interface AffineLimits {
  readonly degrees: readonly number[];
  readonly translate: readonly number[] | null;
  readonly scale: readonly number[] | null;
  readonly shear: readonly number[] | null;
}

/** A random affine map for an image of a height and width. */
export function randomMap(
  { degrees, translate, scale, shear }: AffineLimits,
  [height, width]: readonly number[],
) {
  const angle = uniform(degrees[0], degrees[1]);
  const moved = (share: number, size: number) => roundEven(uniform(-share * size, share * size));
  const by: [number, number] =
    translate === null ? [0, 0] : [moved(translate[0], width), moved(translate[1], height)];
  const factor = scale === null ? 1 : uniform(scale[0], scale[1]);
  const shears: [number, number] = [0, 0];
  if (shear !== null) {
    shears[0] = uniform(shear[0], shear[1]);
    if (shear.length === 4) shears[1] = uniform(shear[2], shear[3]);
  }
  return { angle, translate: by, scale: factor, shear: shears };
}

/** The corners of an image, and random places for them. */
export function randomCorners([height, width]: readonly number[], distortion: number) {
  const dx = Math.trunc(distortion * (width >> 1));
  const dy = Math.trunc(distortion * (height >> 1));
  const left = () => integer(0, dx + 1);
  const right = () => integer(width - dx - 1, width);
  const top = () => integer(0, dy + 1);
  const bottom = () => integer(height - dy - 1, height);
  const startpoints = [
    [0, 0],
    [width - 1, 0],
    [width - 1, height - 1],
    [0, height - 1],
  ];
  const endpoints = [
    [left(), top()],
    [right(), top()],
    [right(), bottom()],
    [left(), bottom()],
  ];
  return { startpoints, endpoints };
}

/** How far pixels of an image move at random, [1, H, W, 2] in halves of it, neighbours alike. */
export function randomDisplacement(
  [height, width]: readonly number[],
  alpha: readonly number[],
  sigma: readonly number[],
): Tensor {
  const along = (direction: 0 | 1): Tensor => {
    const noise = ops.rand([1, 1, height, width]).mul(2).sub(1);
    const size = Math.trunc(8 * sigma[direction] + 1);
    const odd = size % 2 === 0 ? size + 1 : size;
    const smooth = sigma[direction] > 0 ? blurred(noise, [odd, odd], sigma) : noise;
    return smooth.mul(alpha[direction]).div(direction === 0 ? width : height);
  };
  return ops.cat([along(0), along(1)], 1).permute([0, 2, 3, 1]);
}
