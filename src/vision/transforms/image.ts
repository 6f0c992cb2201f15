import { TypeError, ValueError } from '../../core/errors.js';
import { host } from '../../core/host.js';
import { libraryClass } from '../../core/object.js';
import { typeName } from '../../dispatch/bind.js';
import { type Portable, portable } from '../../utils/data/portable.js';

/**
 * An 8-bit image, what a data set gives where there is no transform. It stands where torchvision has PIL's images.
 * Treat it as immutable.
 */
export class Image {
  private interleaved: Uint8Array | null = null;

  /**
   * @param planes the channels one after the other, each `height` rows of `width` values; the way tensors hold
   *   images, and many data sets' files, too
   */
  private constructor(
    readonly planes: Uint8Array,
    readonly width: number,
    readonly height: number,
    readonly channels: number,
  ) {
    if (
      ![width, height, channels].every((size) => Number.isSafeInteger(size) && size >= 0) ||
      channels === 0
    ) {
      throw new ValueError(
        `an image's width and height must be integers >= 0, and its channels >= 1, got ${width}x${height} with ${channels}`,
      );
    }
    if (planes.length !== width * height * channels) {
      throw new ValueError(
        `an image of ${width}x${height} with ${channels} channels needs ${width * height * channels} values, got ${planes.length}`,
      );
    }
  }

  /** An image of planes: rows, columns within channels. */
  static fromPlanes(
    planes: Uint8Array | Uint8ClampedArray,
    width: number,
    height: number,
    channels = 3,
  ): Image {
    return new Image(bytes(planes), width, height, channels);
  }

  /** An image of interleaved values, as canvases and most files hold them. */
  static fromInterleaved(
    data: Uint8Array | Uint8ClampedArray,
    width: number,
    height: number,
    channels = 3,
  ): Image {
    const values = bytes(data);
    const planes = new Uint8Array(values.length);
    const size = width * height;
    for (let c = 0; c < channels; c++) {
      for (let i = 0, from = c; i < size; i++, from += channels) planes[c * size + i] = values[from];
    }
    return new Image(planes, width, height, channels);
  }

  /** The values row by row, the channels of a pixel side by side. */
  get data(): Uint8Array {
    if (this.interleaved === null) {
      const { planes, channels } = this;
      const size = this.width * this.height;
      const data = new Uint8Array(planes.length);
      for (let c = 0; c < channels; c++) {
        for (let i = 0, to = c; i < size; i++, to += channels) data[to] = planes[c * size + i];
      }
      this.interleaved = data;
    }
    return this.interleaved;
  }

  /** `[width, height]`, in PIL's order. */
  get size(): readonly [width: number, height: number] {
    return [this.width, this.height];
  }

  /** PIL's name for how pixels are made up. */
  get mode(): string {
    return { 1: 'L', 2: 'LA', 3: 'RGB', 4: 'RGBA' }[this.channels] ?? `${this.channels} channels`;
  }

  toString(): string {
    return `<Image mode=${this.mode} size=${this.width}x${this.height}>`;
  }

  /** @internal */
  [portable](): Portable {
    return {
      module: host().module('vision/transforms/image.js'),
      name: 'imageFromPlanes',
      args: [this.planes, this.width, this.height, this.channels],
    };
  }
}

libraryClass(Image, { shown: ['width', 'height', 'channels'] });

function bytes(values: Uint8Array | Uint8ClampedArray): Uint8Array {
  if (values instanceof Uint8Array) return values;
  // Canvases give this.
  if ((values as unknown) instanceof Uint8ClampedArray)
    return new Uint8Array(values.buffer, values.byteOffset, values.length);
  throw new TypeError(`an image's values are a Uint8Array or Uint8ClampedArray, but got ${typeName(values)}`);
}

/** @internal */
export const imageFromPlanes = Image.fromPlanes;
