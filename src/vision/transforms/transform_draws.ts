/** Random numbers for transforms, drawn from torch's generator in torchvision's order. */
import { ops } from '../../dispatch/registry.js';
import { cropped, type ImageLike } from './geometry.js';
import { dimensionsOf } from './image_size.js';

/** A number from `low` to `high`. */
export const uniform = (low: number, high: number): number =>
  ops.empty([1]).uniform_(low, high).item() as number;

/** A number from 0 to 1. */
export const chance = (): number => ops.rand([1]).item() as number;

/** An integer from `low` up to before `high`. */
export const integer = (low: number, high: number): number => ops.randint(low, high, [1]).item() as number;

/** To the nearest integer, halves to the even one, as Python's `round` does. */
export function roundEven(value: number): number {
  const rounded = Math.round(value);
  return (rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded) + 0;
}

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

/** A part of an image with a random share of its area and a random ratio of its sides. */
export function randomPart(image: ImageLike, scale: readonly number[], ratio: readonly number[]): ImageLike {
  const [, height, width] = dimensionsOf(image);
  const sides = randomSides(
    height * width,
    scale,
    ratio,
    (w, h) => w > 0 && w <= width && h > 0 && h <= height,
  );
  if (sides !== null) {
    const [w, h] = sides;
    const top = integer(0, height - h + 1);
    return cropped(image, top, integer(0, width - w + 1), h, w);
  }
  // The middle, as near to the ratios as it can be.
  const own = width / height;
  const [least, most] = [Math.min(...ratio), Math.max(...ratio)];
  const w = own > most ? roundEven(height * most) : width;
  const h = own < least ? roundEven(width / least) : height;
  return cropped(image, (height - h) >> 1, (width - w) >> 1, h, w);
}
