import { TypeError, ValueError } from '../core/errors.js';
import { Tensor } from '../core/tensor.js';
import { readOptions } from '../nn/arguments.js';
import { typeName } from '../ops/bind.js';
import { ops } from '../ops/registry.js';
import { fromNumpy } from '../ops/tensor.js';
import { Image } from './image.js';
import { type Portable, portable, Transform, travelsAs, tuple } from './transform.js';

/** What geometric transforms take: an image, or a tensor [..., H, W]. */
export type ImageLike = Image | Tensor;

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
  const out = new Uint8Array(width * height * channels);
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
  return Image.fromPlanes(out, width, height, channels);
}

const count = (n: number, at: (i: number) => number) => Int32Array.from({ length: n }, (_, i) => at(i));

/** The part of an image from (top, left). What lies outside is 0. */
export function crop(image: ImageLike, top: number, left: number, height: number, width: number): ImageLike {
  const { height: h, width: w } = sizeOf(image);
  if (image instanceof Image) {
    const within = (i: number, size: number) => (i >= 0 && i < size ? i : -1);
    return resample(
      image,
      width,
      height,
      count(width, (x) => within(left + x, w)),
      count(height, (y) => within(top + y, h)),
      [0],
    );
  }
  if (top < 0 || left < 0 || top + height > h || left + width > w) {
    const right = Math.max(left + width - w, 0);
    const bottom = Math.max(top + height - h, 0);
    const padded = pad(
      image,
      [Math.max(-left, 0), Math.max(-top, 0), right, bottom],
      0,
      'constant',
    ) as Tensor;
    return crop(padded, Math.max(top, 0), Math.max(left, 0), height, width);
  }
  return image.narrow(-2, top, height).narrow(-1, left, width);
}

/** Mirrors an image left to right. */
export function hflip(image: ImageLike): ImageLike {
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
export function vflip(image: ImageLike): ImageLike {
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
  if (typeof padding === 'number') return [padding, padding, padding, padding];
  if (padding.length === 1) return [padding[0], padding[0], padding[0], padding[0]];
  if (padding.length === 2) return [padding[0], padding[1], padding[0], padding[1]];
  if (padding.length === 4) return padding;
  throw new ValueError(
    `Padding must be an int or a 1, 2, or 4 element tuple, not a ${padding.length} element tuple`,
  );
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
export function pad(
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
  const newWidth = width + left + right;
  const newHeight = height + top + bottom;
  const columns = count(newWidth, (x) => paddedPosition(x - left, width, mode));
  const rows = count(newHeight, (y) => paddedPosition(y - top, height, mode));
  if (image instanceof Image) {
    return resample(image, newWidth, newHeight, columns, rows, typeof fill === 'number' ? [fill] : fill);
  }
  if (mode !== 'constant') {
    const index = (positions: Int32Array) => fromNumpy(BigInt64Array.from(positions, BigInt));
    return image.indexSelect(-2, index(rows)).indexSelect(-1, index(columns));
  }
  const shape = [...image.shape.slice(0, -2), newHeight, newWidth];
  const value = typeof fill === 'number' ? fill : fill[0];
  const out = ops.full(shape, value, { dtype: image.dtype });
  out.narrow(-2, top, height).narrow(-1, left, width).copy_(image);
  return out;
}

/** Mirrors an image left to right with probability p. */
export class RandomHorizontalFlip extends Transform<ImageLike, ImageLike> {
  readonly p: number;

  constructor(p?: number | { p?: number }) {
    super();
    this.p = readOptions('RandomHorizontalFlip', { p: 0.5 }, [p]).p;
  }

  forward(image: ImageLike): ImageLike {
    return ops.rand([1]).item() < this.p ? hflip(image) : image;
  }

  protected override describe(): string {
    return `(p=${this.p})`;
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('RandomHorizontalFlip', [this.p]);
  }
}

/** Mirrors an image top to bottom with probability p. */
export class RandomVerticalFlip extends Transform<ImageLike, ImageLike> {
  readonly p: number;

  constructor(p?: number | { p?: number }) {
    super();
    this.p = readOptions('RandomVerticalFlip', { p: 0.5 }, [p]).p;
  }

  forward(image: ImageLike): ImageLike {
    return ops.rand([1]).item() < this.p ? vflip(image) : image;
  }

  protected override describe(): string {
    return `(p=${this.p})`;
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('RandomVerticalFlip', [this.p]);
  }
}

/** A size as (height, width); one number stands for both. */
function pair(size: number | readonly number[]): readonly [number, number] {
  if (typeof size === 'number') return [size, size];
  if (size.length === 1) return [size[0], size[0]];
  if (size.length !== 2) throw new ValueError('Please provide only two dimensions (h, w) for size.');
  return [size[0], size[1]];
}

export interface RandomCropOptions {
  /** A border that is added first. */
  padding?: Padding | null;
  /** Whether an image that is smaller than the crop gets a border. */
  padIfNeeded?: boolean;
  fill?: number | readonly number[];
  paddingMode?: PaddingMode;
}

/** A part of the given size (height, width) from a random place. */
export class RandomCrop extends Transform<ImageLike, ImageLike> {
  readonly size: readonly [height: number, width: number];
  readonly padding: Padding | null;
  readonly padIfNeeded: boolean;
  readonly fill: number | readonly number[];
  readonly paddingMode: PaddingMode;

  constructor(
    size: number | readonly number[],
    ...rest:
      | [options?: RandomCropOptions]
      | [padding: Padding | null, options?: RandomCropOptions]
      | [padding: Padding | null, padIfNeeded: boolean, options?: RandomCropOptions]
  ) {
    super();
    const defaults: Required<RandomCropOptions> = {
      padding: null,
      padIfNeeded: false,
      fill: 0,
      paddingMode: 'constant',
    };
    const { padding, padIfNeeded, fill, paddingMode } = readOptions('RandomCrop', defaults, rest);
    this.size = pair(size);
    this.padding = padding;
    this.padIfNeeded = padIfNeeded;
    this.fill = fill;
    this.paddingMode = paddingMode;
  }

  forward(image: ImageLike): ImageLike {
    const [th, tw] = this.size;
    const border = (by: Padding) => pad(padded, by, this.fill, this.paddingMode);
    let padded = image;
    if (this.padding !== null) padded = border(this.padding);
    if (this.padIfNeeded && sizeOf(padded).width < tw) padded = border([tw - sizeOf(padded).width, 0]);
    if (this.padIfNeeded && sizeOf(padded).height < th) padded = border([0, th - sizeOf(padded).height]);
    const { height: h, width: w } = sizeOf(padded);
    if (h < th || w < tw) {
      throw new ValueError(
        `Required crop size ${tuple([th, tw])} is larger than input image size ${tuple([h, w])}`,
      );
    }
    if (w === tw && h === th) return padded;
    const top = ops.randint(0, h - th + 1, [1]).item();
    const left = ops.randint(0, w - tw + 1, [1]).item();
    return crop(padded, top, left, th, tw);
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

/** The middle part of the given size (height, width); a smaller image gets a border of 0. */
export class CenterCrop extends Transform<ImageLike, ImageLike> {
  readonly size: readonly [height: number, width: number];

  constructor(size: number | readonly number[]) {
    super();
    this.size = pair(size);
  }

  forward(image: ImageLike): ImageLike {
    const [th, tw] = this.size;
    const { height, width } = sizeOf(image);
    const short = (size: number, target: number, round: (x: number) => number) =>
      size < target ? round((target - size) / 2) : 0;
    const border = [
      short(width, tw, Math.floor),
      short(height, th, Math.floor),
      short(width, tw, Math.ceil),
      short(height, th, Math.ceil),
    ];
    const padded = border.some((n) => n > 0) ? pad(image, border, 0, 'constant') : image;
    const { height: h, width: w } = sizeOf(padded);
    return crop(padded, halfEven(h - th), halfEven(w - tw), th, tw);
  }

  protected override describe(): string {
    return `(size=${tuple(this.size)})`;
  }

  /** @internal */
  [portable](): Portable {
    return travelsAs('CenterCrop', [this.size]);
  }
}

/** Half of n, rounded as Python's `round` does. */
function halfEven(n: number): number {
  const half = n / 2;
  return Number.isInteger(half) ? half : 2 * Math.round(half / 2);
}

export interface PadOptions {
  fill?: number | readonly number[];
  paddingMode?: PaddingMode;
}

/** Adds a border. */
export class Pad extends Transform<ImageLike, ImageLike> {
  readonly fill: number | readonly number[];
  readonly paddingMode: PaddingMode;

  constructor(
    readonly padding: Padding,
    ...rest:
      | [options?: PadOptions]
      | [fill: number | readonly number[], options?: PadOptions]
      | [fill: number | readonly number[], paddingMode: PaddingMode]
  ) {
    super();
    sides(padding);
    const defaults: Required<PadOptions> = { fill: 0, paddingMode: 'constant' };
    const { fill, paddingMode } = readOptions('Pad', defaults, rest);
    this.fill = fill;
    this.paddingMode = paddingMode;
  }

  forward(image: ImageLike): ImageLike {
    return pad(image, this.padding, this.fill, this.paddingMode);
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
