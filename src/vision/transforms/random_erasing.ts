import { TypeError, ValueError } from '../../core/errors.js';
import { formatBool } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takes } from '../../core/signature/takes.js';
import { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { typeName } from '../../dispatch/type_name.js';
import { tensor } from '../../ops/from_data.js';
import { erase } from './image_functions.js';
import { ranges } from './resizing.js';
import { type Portable, portable, Transform, travelsAs, tuple } from './transform.js';
import { chance, integer, randomSides } from './transform_draws.js';

const randomErasing = signature(
  'RandomErasing(float p=0.5, Any scale=[0.02,0.33], Any ratio=[0.3,3.3], Any value=0, bool inplace=False)',
);

/** The place of a random rectangle in an image [C, H, W] and what it shows; null if none fits. */
export function randomRectangle(
  [channels, height, width]: readonly number[],
  scale: readonly number[],
  ratio: readonly number[],
  value: readonly number[] | 'random',
): [top: number, left: number, height: number, width: number, shown: Tensor] | null {
  const sides = randomSides(height * width, scale, ratio, (h, w) => h < height && w < width);
  if (sides === null) return null;
  const [h, w] = sides;
  const shown = value === 'random' ? ops.empty([channels, h, w]).normal_() : tensor(value).view([-1, 1, 1]);
  const top = integer(0, height - h + 1);
  return [top, integer(0, width - w + 1), h, w, shown];
}

/** Puts a rectangle of one value or of noise at a random place of a tensor [..., C, H, W], with probability p. */
export class RandomErasing extends Transform<Tensor, Tensor> {
  readonly p: number;
  readonly scale: readonly number[];
  readonly ratio: readonly number[];
  readonly value: number | readonly number[] | 'random';
  readonly inplace: boolean;

  /**
   * @param p the probability of it
   * @param scale the least and the largest share of the area
   * @param ratio the least and the largest ratio of height and width
   * @param value what the rectangle shows: a value, one for each channel, or noise
   * @param inplace whether the tensor itself is changed
   */
  constructor(
    ...args: Arguments<
      typeof randomErasing,
      { scale: readonly number[]; ratio: readonly number[]; value: number | readonly number[] | 'random' }
    >
  ) {
    super();
    const { p, scale, ratio, value, inplace } = randomErasing.bind(args);
    if (typeof value !== 'number' && typeof value !== 'string' && !Array.isArray(value))
      throw new TypeError('Argument value should be either a number or str or a sequence');
    if (typeof value === 'string' && value !== 'random')
      throw new ValueError("If value is str, it should be 'random'");
    [this.scale, this.ratio] = ranges(scale, ratio);
    if (this.scale[0] < 0 || this.scale[1] > 1) throw new ValueError('Scale should be between 0 and 1');
    if (p < 0 || p > 1) throw new ValueError('Random erasing probability should be between 0 and 1');
    this.p = p;
    this.value = value as number | readonly number[] | 'random';
    this.inplace = inplace;
  }

  /** The place of a random rectangle (top, left, height, width) and what it shows; the whole image if none fits. */
  static getParams(
    img: Tensor,
    scale: readonly number[],
    ratio: readonly number[],
    value: readonly number[] | 'random',
  ): [top: number, left: number, height: number, width: number, shown: Tensor] {
    const [channels, height, width] = img.shape.slice(-3);
    return randomRectangle([channels, height, width], scale, ratio, value) ?? [0, 0, height, width, img];
  }

  forward(image: Tensor): Tensor {
    if (chance() >= this.p) return image;
    if (!(image instanceof Tensor))
      throw new TypeError(`img should be Tensor Image. Got <class '${typeName(image)}'>`);
    const channels = image.shape[image.ndim - 3];
    const value = typeof this.value === 'number' ? [this.value] : this.value;
    if (value !== 'random' && value.length !== 1 && value.length !== channels) {
      throw new ValueError(
        `If value is a sequence, it should have either a single value or ${channels} (number of input channels)`,
      );
    }
    const [top, left, h, w, shown] = RandomErasing.getParams(image, this.scale, this.ratio, value);
    return erase(image, top, left, h, w, shown, this.inplace);
  }

  protected override describe(): string {
    const { p, scale, ratio, value, inplace } = this;
    const shown = typeof value === 'object' ? tuple(value) : value;
    return `(p=${p}, scale=${tuple(scale)}, ratio=${tuple(ratio)}, value=${shown}, inplace=${formatBool(inplace)})`;
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('RandomErasing', [this.p, this.scale, this.ratio, this.value, this.inplace]);
  }
}
takes(RandomErasing.prototype, ['forward(Any img)']);
