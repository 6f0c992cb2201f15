import { TypeError, ValueError } from '../../core/errors.js';
import { host } from '../../core/host.js';
import { libraryClass } from '../../core/object.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takesNothing } from '../../core/signature/takes.js';
import { typeName } from '../../dispatch/type_name.js';
import { type Portable, portable } from '../../utils/data/portable.js';
import { upright } from '../io/exif.js';
// The types of the parameters below.
import '../io/image_source.js';
import type { ImageSource } from '../io/image_source.js';
import { type Pixels, withChannels } from '../io/pixels.js';

const opening = signature('open(ImageSource source)');
const saving = signature('save(Path path, str? format=None, *, int? quality=None)');
const encoding = signature("toBytes(str format='PNG', *, int? quality=None)");
const converting = signature('convert(str mode)');

/** The channels of PIL's modes of bytes. */
const channelsOf: Readonly<Record<string, number>> = { L: 1, LA: 2, RGB: 3, RGBA: 4 };

/** A canvas, of whatever maker, as far as its pixels are asked for. */
export interface CanvasLike {
  readonly width: number;
  readonly height: number;
  getContext(kind: '2d'): unknown;
}

/** The pixels of a canvas: RGBA, row by row. */
export interface ImageDataLike {
  readonly data: Uint8Array | Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

/** An `ImageData`, named without the types of browsers. */
export interface CanvasPixels {
  readonly data: ReturnType<typeof Uint8ClampedArray.of>;
  readonly width: number;
  readonly height: number;
  readonly colorSpace: 'srgb';
}

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
    /** How the picture is to be turned, by the file that it was in (EXIF's 1 to 8): 1 for not at all. */
    readonly orientation = 1,
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
    return new Image(planesOf(bytes(data), width * height, channels), width, height, channels);
  }

  /**
   * Opens an image file: PNG, and what the platform decodes (JPEG, WebP, GIF's first frame; in Node by the package `sharp`,
   * with TIFF and AVIF). A palette's colours stand in place of their numbers, and of 16 bits the upper 8 are kept; `io.decodeImage` has them all.
   *
   * @param source its path or URL, its bytes, or a Blob, such as a File
   * @throws RuntimeError if it is damaged, of no known format, or of more pixels than PIL takes
   *
   * @example
   * const image = (await torchvision.Image.open('cat.jpg')).convert('RGB');
   */
  static async open(...args: Arguments<typeof opening, { source: ImageSource }>): Promise<Image> {
    const { source } = opening.bind(args, 'Image.open');
    const { openPicture } = await import('../io/image_files.js');
    const { pixels, orientation } = await openPicture(source);
    return ofPixels(pixels, orientation);
  }

  /** An image of the pixels of a canvas, as `getImageData` gives them: RGBA. */
  static fromImageData({ data, width, height }: ImageDataLike): Image {
    return Image.fromInterleaved(data, width, height, 4);
  }

  /** An image of what is on a canvas: RGBA. */
  static fromCanvas(canvas: CanvasLike): Image {
    const context = canvas.getContext('2d') as {
      getImageData(x: number, y: number, width: number, height: number): ImageDataLike;
    } | null;
    if (context === null) throw new ValueError('the canvas has no context of two dimensions');
    return Image.fromImageData(context.getImageData(0, 0, canvas.width, canvas.height));
  }

  /** @internal An image of channels that lie side by side. */
  static fromPixels(pixels: Pixels & { readonly samples: Uint8Array }, orientation = 1): Image {
    const { width, height, channels, samples } = pixels;
    return new Image(planesOf(samples, width * height, channels), width, height, channels, orientation);
  }

  /**
   * Writes the image to a file.
   *
   * @param path its path
   * @param format `PNG`, `JPEG` or `WEBP`; by default the name's extension says it
   * @param quality from 1 to 100; by default 75 for JPEG, 80 for WebP
   */
  async save(...args: Arguments<typeof saving>): Promise<void> {
    const { path, format, quality } = saving.bind(args, 'Image.save');
    const { savePicture } = await import('../io/image_files.js');
    await savePicture(this.pixels, path, format, this.mode, quality);
  }

  /**
   * The image as the contents of a file.
   *
   * @param format `PNG`, `JPEG` or `WEBP`
   * @param quality from 1 to 100; by default 75 for JPEG, 80 for WebP
   */
  async toBytes(...args: Arguments<typeof encoding>): Promise<Uint8Array> {
    const { format, quality } = encoding.bind(args, 'Image.toBytes');
    const { encodePicture } = await import('../io/image_files.js');
    return encodePicture(this.pixels, format, this.mode, quality);
  }

  /**
   * The image in another mode, as PIL converts: alpha is dropped or opaque, gray is the luma of ITU-R 601-2.
   *
   * @param mode `L`, `LA`, `RGB` or `RGBA`
   */
  convert(...args: Arguments<typeof converting>): Image {
    const { mode } = converting.bind(args, 'Image.convert');
    const channels = channelsOf[mode];
    if (channels === undefined || this.channels > 4)
      throw new ValueError(`conversion from ${this.mode} to ${mode} not supported`);
    if (channels === this.channels) return this;
    return ofPixels(withChannels(this.pixels, channels), this.orientation);
  }

  /** The image turned as the file that it was in says: PIL's `ImageOps.exif_transpose`. */
  exifTranspose(): Image {
    return this.orientation === 1 ? this : ofPixels(upright(this.pixels, this.orientation));
  }

  /** The image for a canvas (`putImageData`); outside of browsers an object of the same form. */
  toImageData(): CanvasPixels {
    const { width, height } = this;
    const data = new Uint8ClampedArray(this.convert('RGBA').data);
    if (typeof ImageData !== 'undefined') return new ImageData(data, width, height) as CanvasPixels;
    return { data, width, height, colorSpace: 'srgb' };
  }

  private get pixels(): Pixels & { readonly samples: Uint8Array } {
    return { width: this.width, height: this.height, channels: this.channels, samples: this.data };
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

takesNothing(Image.prototype, ['exifTranspose', 'toImageData']);

/** What is of bytes stays so. */
const ofPixels = (pixels: Pixels, orientation = 1) =>
  Image.fromPixels(pixels as Pixels & { readonly samples: Uint8Array }, orientation);

/** Channels one after the other, of those side by side. */
function planesOf(values: Uint8Array, size: number, channels: number): Uint8Array {
  const planes = new Uint8Array(values.length);
  for (let c = 0; c < channels; c++) {
    for (let i = 0, from = c; i < size; i++, from += channels) planes[c * size + i] = values[from];
  }
  return planes;
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
