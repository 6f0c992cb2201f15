import { IndexError, NotImplementedError, RuntimeError, TypeError, ValueError } from '../../core/errors.js';
import { formatShape } from '../../core/layout.js';
import { PyFloat } from '../../core/pyfloat.js';
import { defineParameterType } from '../../core/signature/parameter_types.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takes } from '../../core/signature/takes.js';
import { Tensor } from '../../core/tensor.js';
import { ops } from '../../dispatch/registry.js';
import { typeName } from '../../dispatch/type_name.js';
import { fromNumpy } from '../../ops/from_data.js';
import { type ImageMode, imageModes } from '../io/image_modes.js';
import { modeOfValuesIn } from './colour_spaces.js';
import { Image, isOfBytes } from './image.js';
import { type Portable, portable, Transform, travelsAs, tuple } from './transform.js';

/** Input of geometric transforms: an image, or a tensor [..., H, W]. */
export type ImageLike = Image | Tensor;

declare module '../../core/signature/argument_types.js' {
  interface ParameterTypes {
    Picture: ImageLike;
  }
}

// Which of the two it has to be is told in torchvision's words.
defineParameterType('Picture', { convert: (value) => value });

function sizeOf(image: ImageLike): { height: number; width: number } {
  if (image instanceof Image) return image;
  if (!(image instanceof Tensor)) {
    throw new TypeError(`img should be PIL Image or Tensor. Got <class '${typeName(image)}'>`);
  }
  if (image.ndim < 2) throw new TypeError('Tensor is not a torch image.');
  return { height: image.shape[image.ndim - 2], width: image.shape[image.ndim - 1] };
}

/** An image of another size, each of its pixels taken from where `source` says; -1 stands for `fill`. */
function resample(
  image: Image,
  width: number,
  height: number,
  columns: Int32Array,
  rows: Int32Array,
  fill: readonly number[],
): Image {
  const { planes, channels } = image;
  const out = image.newValues(width * height * channels);
  let to = 0;
  for (let c = 0; c < channels; c++) {
    const filler = fill[c % fill.length];
    const plane = c * image.width * image.height;
    for (let y = 0; y < height; y++) {
      const row = plane + rows[y] * image.width;
      if (rows[y] < 0) {
        out.fill(filler, to, to + width);
        to += width;
        continue;
      }
      for (let x = 0; x < width; x++) out[to++] = columns[x] < 0 ? filler : planes[row + columns[x]];
    }
  }
  return image.withPlanes(out, width, height);
}

const count = (n: number, at: (i: number) => number) => Int32Array.from({ length: n }, (_, i) => at(i));

/** The part of an image from (top, left). What lies outside is 0. */
export function cropped(
  image: ImageLike,
  top: number,
  left: number,
  height: number,
  width: number,
): ImageLike {
  const { height: h, width: w } = sizeOf(image);
  const right = left + width;
  const bottom = top + height;
  if (image instanceof Image) {
    return cropImage(image, toPixel(left), toPixel(top), toPixel(right), toPixel(bottom));
  }
  if (![top, left, height, width].every(Number.isSafeInteger)) {
    throw new TypeError('slice indices must be integers or None or have an __index__ method');
  }
  const part = (from: number, to: number, dim: number, size: number) => {
    const at = (i: number) => Math.min(i < 0 ? Math.max(i + size, 0) : i, size);
    return (whole: Tensor) => whole.narrow(dim, at(from), Math.max(at(to) - at(from), 0));
  };
  const rows = part(Math.max(top, 0), bottom, -2, h);
  const inside = part(Math.max(left, 0), right, -1, w)(rows(image));
  if (left >= 0 && top >= 0 && right <= w && bottom <= h) return inside;
  // torchvision's own border, which makes a part that is outside altogether larger than asked for.
  const border = [
    Math.max(Math.min(0, right) - left, 0),
    Math.max(Math.min(0, bottom) - top, 0),
    Math.max(right - Math.max(w, left), 0),
    Math.max(bottom - Math.max(h, top), 0),
  ];
  return bordered(inside, border, 0, 'constant');
}

/** A tensor with a value in its part from (top, left), of a height and width; what of that is outside is left out. */
export function erased(
  image: Tensor,
  [top, left, height, width]: readonly number[],
  value: Tensor,
  inplace: boolean,
): Tensor {
  const { height: h, width: w } = sizeOf(image);
  const result = inplace ? image : image.clone();
  const part = (dim: number, from: number, length: number, size: number) => {
    const start = Math.min(from, size);
    return [dim, start, Math.max(Math.min(from + length, size) - start, 0)] as const;
  };
  result
    .narrow(...part(-2, top, height, h))
    .narrow(...part(-1, left, width, w))
    .copy_(value);
  return result;
}

/** The pixels from (left, top) up to (right, bottom), as PIL's `crop` has them. */
function cropImage(image: Image, left: number, top: number, right: number, bottom: number): Image {
  if (right < left) throw new ValueError("Coordinate 'right' is less than 'left'");
  if (bottom < top) throw new ValueError("Coordinate 'lower' is less than 'upper'");
  const within = (i: number, size: number) => (i >= 0 && i < size ? i : -1);
  return resample(
    image,
    right - left,
    bottom - top,
    count(right - left, (x) => within(left + x, image.width)),
    count(bottom - top, (y) => within(top + y, image.height)),
    [0],
  );
}

/** To the nearest integer, halves to the even one, as Python's `round` does. */
export function roundEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** A coordinate as PIL rounds it. */
function toPixel(value: number): number {
  return toInt(value, roundEven);
}

/** Rounds a number as Python's `int` does. */
function toInt(value: number, round = Math.trunc): number {
  if (Number.isSafeInteger(round(value))) return round(value) + 0;
  if (Number.isNaN(value)) throw new ValueError('cannot convert float NaN to integer');
  if (typeof value === 'number') throw new ValueError(`cannot convert float ${value} to integer`);
  throw new TypeError(`a size must be a number, not ${typeName(value)}`);
}

/** Mirrors an image left to right. */
export function mirrored(image: ImageLike): ImageLike {
  const { height, width } = sizeOf(image);
  if (!(image instanceof Image)) return image.flip([-1]);
  return resample(
    image,
    width,
    height,
    count(width, (x) => width - 1 - x),
    count(height, (y) => y),
    [0],
  );
}

/** Mirrors an image top to bottom. */
export function upended(image: ImageLike): ImageLike {
  const { height, width } = sizeOf(image);
  if (!(image instanceof Image)) return image.flip([-2]);
  return resample(
    image,
    width,
    height,
    count(width, (x) => x),
    count(height, (y) => height - 1 - y),
    [0],
  );
}

/** How the border is made up: a value, the outermost pixel, or the image mirrored without or with its edge. */
export type PaddingMode = 'constant' | 'edge' | 'reflect' | 'symmetric';
const paddingModes: readonly PaddingMode[] = ['constant', 'edge', 'reflect', 'symmetric'];

/** One number for all sides, two for left and right, top and bottom, or four: left, top, right, bottom. */
export type Padding = number | readonly number[];

function sides(padding: Padding): readonly number[] {
  if (typeof padding === 'number' && Number.isSafeInteger(padding))
    return [padding, padding, padding, padding];
  if (!Array.isArray(padding)) throw new TypeError('Got inappropriate padding arg');
  const list = padding as readonly number[];
  if (list.length !== 1 && list.length !== 2 && list.length !== 4) {
    throw new ValueError(
      `Padding must be an int or a 1, 2, or 4 element tuple, not a ${list.length} element tuple`,
    );
  }
  const wrong = list.findIndex((side) => !Number.isSafeInteger(side));
  if (wrong >= 0) {
    throw new TypeError(
      `bordered(): argument 'padding' must be tuple of ints, but found element of type ${typeName(list[wrong])} at pos ${wrong}`,
    );
  }
  const [left, top = left, right = left, bottom = top] = list;
  return [left, top, right, bottom];
}

/** The border's colour, a value for each channel. */
export function colour(fill: number | readonly number[], image: Image): readonly number[] {
  const { channels, mode } = image;
  const values = typeof fill === 'number' ? [fill] : fill;
  if (!Array.isArray(values)) throw new TypeError('Got inappropriate fill arg');
  if (values.length !== 1 && values.length !== channels) {
    throw new ValueError(
      `The number of elements in 'fill' does not match the number of channels of the image (${values.length} != ${channels})`,
    );
  }
  if (mode === 'F') return values;
  const whole = values.map((value) => toInt(value));
  // Wider integers wrap around.
  return isOfBytes(image) ? whole.map(mode === '1' ? imageModes[1].nearest : imageModes.L.nearest) : whole;
}

/** The position in a line of `size` that position i of the padded line shows; -1 for the fill value. */
function paddedPosition(i: number, size: number, mode: PaddingMode): number {
  if (i >= 0 && i < size) return i;
  if (mode === 'constant') return -1;
  if (mode === 'edge') return i < 0 ? 0 : size - 1;
  const period = mode === 'symmetric' ? 2 * size : Math.max(2 * size - 2, 1);
  const p = ((i % period) + period) % period;
  if (mode === 'symmetric') return p < size ? p : period - 1 - p;
  return p < size ? p : period - p;
}

/** Adds a border. */
export function bordered(
  image: ImageLike,
  padding: Padding,
  fill: number | readonly number[],
  mode: PaddingMode,
): ImageLike {
  if (!paddingModes.includes(mode)) {
    throw new ValueError('Padding mode should be either constant, edge, reflect or symmetric');
  }
  const { height, width } = sizeOf(image);
  const [left, top, right, bottom] = sides(padding);
  const cropsFirst = mode === 'symmetric' || (image instanceof Image && mode !== 'constant');
  if (cropsFirst && Math.min(left, top, right, bottom) < 0) {
    const inner = [left, top, right, bottom].map((side) => Math.max(-side, 0));
    const part = cropped(
      image,
      inner[1],
      inner[0],
      height - inner[1] - inner[3],
      width - inner[0] - inner[2],
    );
    return bordered(
      part,
      [left, top, right, bottom].map((side) => Math.max(side, 0)),
      fill,
      mode,
    );
  }
  const newWidth = width + left + right;
  const newHeight = height + top + bottom;
  const isImage = image instanceof Image;
  if (newWidth < 0 || newHeight < 0) {
    if (isImage) throw new ValueError('Width and height must be >= 0');
    throw new RuntimeError(
      mode === 'constant'
        ? 'narrow(): length must be non-negative.'
        : `input (H: ${height}, W: ${width}) is too small. Calculated output H: ${newHeight} W: ${newWidth}`,
    );
  }
  if (!isImage && typeof fill !== 'number') throw new TypeError('Got inappropriate fill arg');
  if (!isImage && mode === 'symmetric') checkSymmetry(image, [left, top, right, bottom]);
  else if (!isImage && mode !== 'constant' && image.ndim > 4)
    throw new NotImplementedError(
      `Padding size 4 is not supported for ${image.ndim}D input tensor.\nSupported combinations for non-constant padding:\n  - 2D or 3D input: padding size = 2 (pads last dimension)\n  - 3D or 4D input: padding size = 4 (pads last 2 dimensions)\n  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)`,
    );
  if (!isImage && mode === 'reflect') {
    checkReflection(image, left, right, 3);
    checkReflection(image, top, bottom, 2);
  }
  const empty = [
    [height, newHeight],
    [width, newWidth],
  ].findIndex(([before, after]) => before === 0 && after > 0);
  if (mode !== 'constant' && empty >= 0)
    throw new ValueError(`can't extend empty axis ${empty} using modes other than 'constant' or 'empty'`);
  const columns = count(newWidth, (x) => paddedPosition(x - left, width, mode));
  const rows = count(newHeight, (y) => paddedPosition(y - top, height, mode));
  if (isImage) {
    const result = resample(image, newWidth, newHeight, columns, rows, colour(fill, image));
    if (mode === 'constant') return result.withTransparency(null);
    return Image.fromPlanes(result.planes, newWidth, newHeight, modeOfValuesIn(image) as ImageMode);
  }
  if (mode !== 'constant') {
    const index = (positions: Int32Array) => fromNumpy(BigInt64Array.from(positions, BigInt));
    return image.indexSelect(-2, index(rows)).indexSelect(-1, index(columns));
  }
  const shape = [...image.shape.slice(0, -2), newHeight, newWidth];
  const out = ops.full(shape, new PyFloat(fill as number), { dtype: image.dtype });
  const kept = (whole: Tensor, dim: number, before: number, size: number) =>
    whole.narrow(dim, Math.max(before, 0), size);
  const h = height + Math.min(top, 0) + Math.min(bottom, 0);
  const w = width + Math.min(left, 0) + Math.min(right, 0);
  kept(kept(out, -2, top, h), -1, left, w).copy_(kept(kept(image, -2, -top, h), -1, -left, w));
  return out;
}

/** @throws IndexError for a border that is wider than the tensor */
function checkSymmetry(image: Tensor, [left, top, right, bottom]: readonly number[]): void {
  if (image.ndim !== 3 && image.ndim !== 4)
    throw new RuntimeError('Symmetric padding of N-D tensors are not supported yet');
  const [height, width] = image.shape.slice(-2);
  const sides = [
    [top, bottom, height],
    [left, right, width],
  ];
  for (const [dim, [before, after, size]] of sides.entries()) {
    if (before <= size && after <= size) continue;
    const index = before > size ? before - 1 : -(size + 1);
    throw new IndexError(`index ${index} is out of bounds for dimension ${dim} with size ${size}`);
  }
}

/** @throws RuntimeError as `reflection_pad2d` does for a border as wide as the tensor */
function checkReflection(image: Tensor, before: number, after: number, dim: 2 | 3): void {
  if (Math.max(before, after) < image.shape[image.ndim + dim - 4]) return;
  const shape = image.ndim < 4 ? [1, ...image.shape] : image.shape;
  throw new RuntimeError(
    `Argument #${dim === 3 ? 4 : 6}: Padding size should be less than the corresponding input dimension, but got: ` +
      `padding (${before}, ${after}) at dimension ${dim} of input ${formatShape(shape)}`,
  );
}

const randomHorizontalFlip = signature('RandomHorizontalFlip(float p=0.5)');

/** Mirrors an image left to right with probability p. */
export class RandomHorizontalFlip extends Transform<ImageLike, ImageLike> {
  readonly p: number;

  /** @param p the probability of it */
  constructor(...args: Arguments<typeof randomHorizontalFlip>) {
    super();
    this.p = randomHorizontalFlip.bind(args).p;
  }

  forward(image: ImageLike): ImageLike {
    return ops.rand([1]).item() < this.p ? mirrored(image) : image;
  }

  protected override describe(): string {
    return `(p=${this.p})`;
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('RandomHorizontalFlip', [this.p]);
  }
}
takes(RandomHorizontalFlip.prototype, ['forward(Any img)']);

const randomVerticalFlip = signature('RandomVerticalFlip(float p=0.5)');

/** Mirrors an image top to bottom with probability p. */
export class RandomVerticalFlip extends Transform<ImageLike, ImageLike> {
  readonly p: number;

  /** @param p the probability of it */
  constructor(...args: Arguments<typeof randomVerticalFlip>) {
    super();
    this.p = randomVerticalFlip.bind(args).p;
  }

  forward(image: ImageLike): ImageLike {
    return ops.rand([1]).item() < this.p ? upended(image) : image;
  }

  protected override describe(): string {
    return `(p=${this.p})`;
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('RandomVerticalFlip', [this.p]);
  }
}
takes(RandomVerticalFlip.prototype, ['forward(Any img)']);

/** A size as (height, width); one number stands for both. */
export function pair(
  size: number | readonly number[],
  wrongLength = 'Please provide only two dimensions (h, w) for size.',
): readonly [number, number] {
  // A size that is made here is a tuple.
  if (typeof size === 'number') return Object.freeze([toInt(size), toInt(size)] as const);
  if (!Array.isArray(size)) throw new TypeError(`object of type '${typeName(size)}' has no len()`);
  const list = size as readonly number[];
  const wrong = list.find((side) => !Number.isSafeInteger(side));
  if (wrong !== undefined) {
    throw new TypeError(
      `'${typeName(wrong)}' object cannot be interpreted as an integer (a size is ${wrong})`,
    );
  }
  if (list.length !== 1 && list.length !== 2) {
    throw new ValueError(wrongLength);
  }
  if (list.length === 1) return Object.freeze([list[0], list[0]] as const);
  return Object.isFrozen(list) ? (list as readonly [number, number]) : [list[0], list[1]];
}

const randomCrop = signature(
  "RandomCrop(Any size, Any padding=None, bool pad_if_needed=False, Any fill=0, 'constant'|'edge'|'reflect'|'symmetric' padding_mode='constant')",
);

/** A part of the given size (height, width) from a random place. */
export class RandomCrop extends Transform<ImageLike, ImageLike> {
  readonly size: readonly [height: number, width: number];
  readonly padding: Padding | null;
  readonly padIfNeeded: boolean;
  readonly fill: number | readonly number[];
  readonly paddingMode: PaddingMode;

  /**
   * @param size the height and width of the part; one number for both
   * @param padding a border that is added first
   * @param padIfNeeded whether an image that is smaller than the crop gets a border
   * @param fill the border's colour, where it has one
   * @param paddingMode what the border shows
   */
  constructor(
    ...args: Arguments<
      typeof randomCrop,
      { size: number | readonly number[]; padding: Padding | null; fill: number | readonly number[] }
    >
  ) {
    super();
    const { size, padding, padIfNeeded, fill, paddingMode } = randomCrop.bind(args);
    this.size = pair(size as number | readonly number[]);
    this.padding = padding as Padding | null;
    if (this.padding !== null) sides(this.padding);
    this.padIfNeeded = padIfNeeded;
    this.fill = fill as number | readonly number[];
    this.paddingMode = paddingMode;
  }

  /** The place of a part in a size: top, left, height and width. */
  static getParams(
    img: ImageLike,
    [th, tw]: readonly number[],
  ): [top: number, left: number, height: number, width: number] {
    const { height: h, width: w } = sizeOf(img);
    if (h < th || w < tw) {
      throw new ValueError(
        `Required crop size ${tuple([th, tw])} is larger than input image size ${tuple([h, w])}`,
      );
    }
    if (w === tw && h === th) return [0, 0, h, w];
    const top = ops.randint(0, h - th + 1, [1]).item() as number;
    return [top, ops.randint(0, w - tw + 1, [1]).item() as number, th, tw];
  }

  forward(image: ImageLike): ImageLike {
    const [th, tw] = this.size;
    const border = (by: Padding) => bordered(padded, by, this.fill, this.paddingMode);
    let padded = image;
    if (this.padding !== null) padded = border(this.padding);
    if (this.padIfNeeded && sizeOf(padded).width < tw) padded = border([tw - sizeOf(padded).width, 0]);
    if (this.padIfNeeded && sizeOf(padded).height < th) padded = border([0, th - sizeOf(padded).height]);
    const [top, left, height, width] = RandomCrop.getParams(padded, this.size);
    return cropped(padded, top, left, height, width);
  }

  protected override describe(): string {
    const padding =
      this.padding === null ? 'None' : typeof this.padding === 'number' ? this.padding : tuple(this.padding);
    return `(size=${tuple(this.size)}, padding=${padding})`;
  }

  /** @internal */
  [portable](): Portable {
    const { padding, padIfNeeded, fill, paddingMode } = this;
    return travelsAs('RandomCrop', [this.size, { padding, padIfNeeded, fill, paddingMode }]);
  }
}
takes(RandomCrop.prototype, ['forward(Any img)']);

/** The middle part of the given size; a smaller image gets a border of 0. */
export function centered(image: ImageLike, [th, tw]: readonly [number, number]): ImageLike {
  const { height, width } = sizeOf(image);
  const short = (size: number, target: number, round: (x: number) => number) =>
    size < target ? round((target - size) / 2) : 0;
  const border = [
    short(width, tw, Math.floor),
    short(height, th, Math.floor),
    short(width, tw, Math.ceil),
    short(height, th, Math.ceil),
  ];
  const padded = border.some((n) => n > 0) ? bordered(image, border, 0, 'constant') : image;
  const { height: h, width: w } = sizeOf(padded);
  return cropped(padded, roundEven((h - th) / 2), roundEven((w - tw) / 2), th, tw);
}

const centerCrop = signature('CenterCrop(Any size)');

/** The middle part of the given size (height, width); a smaller image gets a border of 0. */
export class CenterCrop extends Transform<ImageLike, ImageLike> {
  readonly size: readonly [height: number, width: number];

  /** @param size the height and width of the part; one number for both */
  constructor(...args: Arguments<typeof centerCrop, { size: number | readonly number[] }>) {
    super();
    this.size = pair(centerCrop.bind(args).size as number | readonly number[]);
  }

  forward(image: ImageLike): ImageLike {
    return centered(image, this.size);
  }

  protected override describe(): string {
    return `(size=${tuple(this.size)})`;
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('CenterCrop', [this.size]);
  }
}
takes(CenterCrop.prototype, ['forward(Any img)']);

const padSignature = signature(
  "Pad(Any padding, Any fill=0, 'constant'|'edge'|'reflect'|'symmetric' padding_mode='constant')",
);

/** Adds a border. */
export class Pad extends Transform<ImageLike, ImageLike> {
  readonly padding: Padding;
  readonly fill: number | readonly number[];
  readonly paddingMode: PaddingMode;

  /**
   * @param padding the border's width: one for all sides, or [left and right, top and bottom], or one each
   * @param fill the border's colour, where it has one
   * @param paddingMode what the border shows
   */
  constructor(
    ...args: Arguments<typeof padSignature, { padding: Padding; fill: number | readonly number[] }>
  ) {
    super();
    const { padding, fill, paddingMode } = padSignature.bind(args);
    this.padding = padding as Padding;
    sides(this.padding);
    this.fill = fill as number | readonly number[];
    this.paddingMode = paddingMode;
  }

  forward(image: ImageLike): ImageLike {
    return bordered(image, this.padding, this.fill, this.paddingMode);
  }

  protected override describe(): string {
    const { padding, fill, paddingMode } = this;
    const shown = (value: number | readonly number[]) => (typeof value === 'number' ? value : tuple(value));
    return `(padding=${shown(padding)}, fill=${shown(fill)}, padding_mode=${paddingMode})`;
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('Pad', [this.padding, this.fill, this.paddingMode]);
  }
}
takes(Pad.prototype, ['forward(Any img)']);
