import { TypeError, ValueError } from '../../core/errors.js';
import { formatFloat, formatValue } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takes } from '../../core/signature/takes.js';
import { ops } from '../../dispatch/registry.js';
import type { ImageLike } from './geometry.js';
import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation } from './image_functions.js';
import { type Portable, portable, Transform, travelsAs, tuple } from './transform.js';
import { uniform } from './transform_draws.js';

/** From where to where a factor is drawn; null leaves images as they are. */
export type FactorRange = readonly [low: number, high: number] | null;

const shown = (values: readonly number[]): string => values.map(formatFloat).join(', ');

/** The range that is meant; `isSecond` for the texts of `v2`. */
export function factorRange(value: unknown, name: string, isSecond = false): FactorRange {
  const isHue = name === 'hue';
  const center = isHue ? 0 : 1;
  let range: [number, number];
  if (typeof value === 'number') {
    if (value < 0) throw new ValueError(`If ${name} is a single number, it must be non negative.`);
    range = [center - value, center + value];
    if (!isHue) range[0] = Math.max(range[0], 0);
  } else if (Array.isArray(value) && value.length === 2) range = [Number(value[0]), Number(value[1])];
  else if (isSecond)
    throw new TypeError(
      `${name}=${formatValue(value)} should be a single number or a sequence with length 2.`,
    );
  else throw new TypeError(`${name} should be a single number or a list/tuple with length 2.`);
  const [low, high] = isHue ? [-0.5, 0.5] : [0, Infinity];
  if (!(low <= range[0] && range[0] <= range[1] && range[1] <= high)) {
    const bounds = isHue ? '(-0.5, 0.5)' : '(0, inf)';
    const and = isSecond ? ' and increasing' : '';
    throw new ValueError(`${name} values should be between ${bounds}${and}, but got [${shown(range)}].`);
  }
  return range[0] === center && range[1] === center ? null : range;
}

const colorJitter = signature(
  'ColorJitter(float|float[] brightness=0, float|float[] contrast=0, float|float[] saturation=0, float|float[] hue=0)',
);

/** Changes brightness, contrast, saturation and hue by random factors, in a random order. */
export class ColorJitter extends Transform<ImageLike, ImageLike> {
  readonly brightness: FactorRange;
  readonly contrast: FactorRange;
  readonly saturation: FactorRange;
  readonly hue: FactorRange;

  /**
   * @param brightness how far the factor may be from 1, or [least, largest]
   * @param contrast the same for the contrast
   * @param saturation the same for the saturation
   * @param hue how far the hue may be moved, at most 0.5, or [least, largest]
   */
  constructor(...args: Arguments<typeof colorJitter>) {
    super();
    const { brightness, contrast, saturation, hue } = colorJitter.bind(args);
    this.brightness = factorRange(brightness, 'brightness');
    this.contrast = factorRange(contrast, 'contrast');
    this.saturation = factorRange(saturation, 'saturation');
    this.hue = factorRange(hue, 'hue');
  }

  /** An order of the four changes, and a random factor for each that is to be made. */
  static getParams(
    brightness: FactorRange,
    contrast: FactorRange,
    saturation: FactorRange,
    hue: FactorRange,
  ): [
    order: number[],
    brightness: number | null,
    contrast: number | null,
    saturation: number | null,
    hue: number | null,
  ] {
    const order = ops.randperm(4).tolist() as number[];
    const factor = (range: FactorRange) => (range === null ? null : uniform(range[0], range[1]));
    return [order, factor(brightness), factor(contrast), factor(saturation), factor(hue)];
  }

  forward(image: ImageLike): ImageLike {
    const [order, ...factors] = ColorJitter.getParams(
      this.brightness,
      this.contrast,
      this.saturation,
      this.hue,
    );
    const changes: readonly ((image: ImageLike, factor: number) => ImageLike)[] = [
      (img, factor) => adjustBrightness(img, factor),
      (img, factor) => adjustContrast(img, factor),
      (img, factor) => adjustSaturation(img, factor),
      (img, factor) => adjustHue(img, factor),
    ];
    let result = image;
    for (const i of order) {
      const factor = factors[i];
      if (factor !== null) result = changes[i](result, factor);
    }
    return result;
  }

  protected override describe(): string {
    const settings = Object.entries({
      brightness: this.brightness,
      contrast: this.contrast,
      saturation: this.saturation,
      hue: this.hue,
    });
    const texts = settings.map(
      ([name, range]) => `${name}=${range === null ? 'None' : tuple(range.map(formatFloat))}`,
    );
    return `(${texts.join(', ')})`;
  }

  /** @internal */
  [portable](): Portable {
    const { brightness, contrast, saturation, hue } = this;
    return travelsAs('ColorJitter', [brightness ?? 0, contrast ?? 0, saturation ?? 0, hue ?? 0]);
  }
}
takes(ColorJitter.prototype, ['forward(Any img)']);
