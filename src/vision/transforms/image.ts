import { IndexError, KeyError, TypeError, ValueError } from '../../core/errors.js';
import { host } from '../../core/host.js';
import { type DisplayForms, jupyterDisplay } from '../../core/jupyter.js';
import { libraryClass } from '../../core/object.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takesNothing } from '../../core/signature/takes.js';
import { typeName } from '../../dispatch/type_name.js';
import { type Portable, portable } from '../../utils/data/portable.js';
import { upright } from '../io/exif.js';
// The types of the parameters below.
import '../io/image_source.js';
import {
  type ImageMode,
  type ImageValues,
  imageModes,
  isImageMode,
  modeOfValues,
} from '../io/image_modes.js';
import type { ImageSource } from '../io/image_source.js';
import type { Pixels } from '../io/pixels.js';
import { convertedColour, type TransparentColour } from '../io/transparent_colour.js';
import { converted } from './image_conversions.js';

const opening = signature('open(ImageSource source)');
const saving = signature('save(Path path, str? format=None, *, int? quality=None)');
const encoding = signature("toBytes(str format='PNG', *, int? quality=None)");
const converting = signature('convert(str mode)');
const asking = signature('getpixel(int[] xy)');
const merging = signature('merge(str mode, Any bands)');

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

/** An image whose values are bytes. */
export type ByteImage = Image & { readonly planes: Uint8Array; readonly data: Uint8Array };

/**
 * An image, what a data set gives where there is no transform. It stands where torchvision has PIL's images.
 * Treat it as immutable.
 */
export class Image {
  private interleaved: ImageValues | null = null;
  /** PIL's name for how pixels are made up. */
  readonly mode: string;

  /**
   * @param planes the channels one after the other, each `height` rows of `width` values; the way tensors hold
   *   images, and many data sets' files, too
   */
  private constructor(
    readonly planes: ImageValues,
    readonly width: number,
    readonly height: number,
    layout: number | string,
    /** How the picture is to be turned, by the file that it was in (EXIF's 1 to 8): 1 for not at all. */
    readonly orientation = 1,
    /** The colour that is transparent by the PNG file that the picture was in, or null: PIL's `info['transparency']`. */
    readonly transparency: TransparentColour | null = null,
  ) {
    const { mode, channels } = layoutOf(planes, layout);
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
    this.mode = mode;
    this.channels = channels;
  }

  /** How many values a pixel has. */
  readonly channels: number;

  /**
   * An image of planes: rows, columns within channels.
   *
   * @param planes the values, of the type that the mode has: bytes, 16 bits without sign (`I;16`), 32 bits with sign (`I`), or floats (`F`)
   * @param width how many columns there are
   * @param height how many rows there are
   * @param layout the mode, or the number of channels, which together with the values' type says it
   */
  static fromPlanes(
    planes: ImageValues | Uint8ClampedArray,
    width: number,
    height: number,
    layout: number | ImageMode = 3,
  ): Image {
    return new Image(valuesOf(planes, layout), width, height, layout);
  }

  /**
   * An image of interleaved values, as canvases and most files hold them.
   *
   * @param data the values, of the type that the mode has
   * @param width how many columns there are
   * @param height how many rows there are
   * @param layout the mode, or the number of channels
   */
  static fromInterleaved(
    data: ImageValues | Uint8ClampedArray,
    width: number,
    height: number,
    layout: number | ImageMode = 3,
  ): Image {
    const values = valuesOf(data, layout);
    const { channels } = layoutOf(values, layout);
    return new Image(planesOf(values, width * height, channels), width, height, layout);
  }

  /**
   * Opens an image file: PNG, and what the platform decodes (JPEG, WebP, GIF's first frame; in Node by the package `sharp`,
   * with TIFF and AVIF). A palette's colours stand in place of their numbers, and of colours of 16 bits the upper 8 are kept; `io.decodeImage` has them all.
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
    const { pixels, mode, orientation, transparency } = await openPicture(source);
    return Image.fromPixels(pixels, mode, orientation).withTransparency(transparency);
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

  /**
   * An image of channels that are images of mode `L` each, as `split` gives them.
   *
   * @param mode that of the result
   * @param bands its channels
   *
   * @example
   * const [y, cb, cr] = image.convert('YCbCr').split();
   * const again = torchvision.Image.merge('YCbCr', [y, cb, cr]).convert('RGB');
   */
  static merge(...args: Arguments<typeof merging, { bands: readonly Image[] }>): Image {
    const { mode, bands } = merging.bind(args, 'Image.merge') as { mode: string; bands: readonly Image[] };
    if (!Array.isArray(bands) || !bands.every((band) => band instanceof Image))
      throw new TypeError(`bands must be a list of images, but got ${typeName(bands)}`);
    if (!isImageMode(mode)) throw new KeyError(`'${mode}'`);
    const { channels } = imageModes[mode];
    if (bands.length !== channels) throw new ValueError('wrong number of bands');
    const [{ width, height }] = bands;
    if (bands.some((band) => band.mode !== (channels === 1 ? mode : 'L')))
      throw new ValueError('mode mismatch');
    if (bands.some((band) => band.width !== width || band.height !== height))
      throw new ValueError('size mismatch');
    const planes = bands[0].newValues(channels * width * height);
    for (const [c, band] of bands.entries()) planes.set(band.planes as Uint8Array, c * width * height);
    return new Image(planes, width, height, mode);
  }

  /** @internal An image of channels that lie side by side. */
  static fromPixels(pixels: Pixels<ImageValues>, layout: number | string, orientation = 1): Image {
    const { width, height, channels, samples } = pixels;
    return new Image(planesOf(samples, width * height, channels), width, height, layout, orientation);
  }

  /** @internal An image that comes from another thread. */
  static restored(
    planes: ImageValues,
    width: number,
    height: number,
    mode: string,
    orientation: number,
    transparency: TransparentColour | null,
  ): Image {
    return new Image(planes, width, height, mode, orientation, transparency);
  }

  /** @internal An image of the same mode with other values, of which there may be more or fewer. */
  withPlanes(planes: ImageValues, width = this.width, height = this.height): Image {
    return new Image(planes, width, height, this.mode, 1, this.transparency);
  }

  /** @internal The same pixels with another transparent colour. */
  withTransparency(colour: TransparentColour | null): Image {
    if (colour === this.transparency) return this;
    return new Image(this.planes, this.width, this.height, this.mode, this.orientation, colour);
  }

  /** @internal So many values of the type that the image has. */
  newValues(length: number): ImageValues {
    return new (this.planes.constructor as Uint8ArrayConstructor)(length);
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
    await savePicture(this, path, format, quality);
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
    return encodePicture(this, format, quality);
  }

  /** @internal Its forms in notebooks. */
  async [jupyterDisplay](): Promise<DisplayForms> {
    const letters = Array.from(await this.toBytes('PNG'), (byte) => String.fromCharCode(byte));
    return { 'text/plain': String(this), 'image/png': btoa(letters.join('')) };
  }

  /**
   * The image in another mode, as PIL converts: alpha is dropped, or opaque but for `transparency`, gray is the luma of ITU-R 601-2, values beyond the mode's
   * range are its ends, and black and white are mixed by Floyd and Steinberg's rule.
   *
   * @param mode `1`, `L`, `LA`, `RGB`, `RGBA`, `YCbCr`, `HSV`, `CMYK`, `I;16`, `I` or `F`
   */
  convert(...args: Arguments<typeof converting>): Image {
    const { mode } = converting.bind(args, 'Image.convert');
    if (mode === this.mode) return this;
    if (!isImageMode(mode) || !isImageMode(this.mode))
      throw new ValueError(`conversion from ${this.mode} to ${mode} not supported`);
    const { width, height, transparency } = this;
    const planes = converted({ planes: this.planes, mode: this.mode, width, height, transparency }, mode);
    const colour = convertedColour(transparency, this.mode, mode);
    return new Image(planes, width, height, mode, this.orientation, colour);
  }

  /** The names of the channels: `R`, `G` and `B`. */
  getbands(): readonly string[] {
    const { mode, channels } = this;
    return isImageMode(mode) ? imageModes[mode].bands : Array.from({ length: channels }, (_, c) => String(c));
  }

  /** The channels as images of one each, which `merge` puts together. */
  split(): Image[] {
    const { width, height, channels, planes } = this;
    if (channels === 1) return [this];
    const size = width * height;
    return Array.from({ length: channels }, (_, c) =>
      Image.fromPlanes(planes.slice(c * size, (c + 1) * size), width, height, 1),
    );
  }

  /**
   * The value of a pixel, or its values where it has several.
   *
   * @param xy its column and row; those below 0 count from the right and from the bottom
   * @throws IndexError outside of the image
   */
  getpixel(...args: Arguments<typeof asking>): number | readonly number[] {
    const { xy } = asking.bind(args, 'Image.getpixel');
    const { width, height, channels, planes } = this;
    const [x, y] = [xy[0] < 0 ? xy[0] + width : xy[0], xy[1] < 0 ? xy[1] + height : xy[1]];
    if (xy.length !== 2 || !(x >= 0 && x < width && y >= 0 && y < height))
      throw new IndexError('image index out of range');
    const values = Array.from({ length: channels }, (_, c) => planes[(c * height + y) * width + x]);
    return channels === 1 ? values[0] : Object.freeze(values);
  }

  /** The image turned as the file that it was in says: PIL's `ImageOps.exif_transpose`. */
  exifTranspose(): Image {
    return this.orientation === 1
      ? this
      : Image.fromPixels(upright(this.pixels, this.orientation), this.mode).withTransparency(
          this.transparency,
        );
  }

  /** The image for a canvas (`putImageData`); outside of browsers an object of the same form. */
  toImageData(): CanvasPixels {
    const { width, height } = this;
    const data = new Uint8ClampedArray(this.convert('RGBA').data);
    if (typeof ImageData !== 'undefined') return new ImageData(data, width, height) as CanvasPixels;
    return { data, width, height, colorSpace: 'srgb' };
  }

  private get pixels(): Pixels<ImageValues> {
    return { width: this.width, height: this.height, channels: this.channels, samples: this.data };
  }

  /** The values row by row, the channels of a pixel side by side. */
  get data(): ImageValues {
    if (this.interleaved === null) {
      const { planes, channels } = this;
      const size = this.width * this.height;
      const data = this.newValues(planes.length);
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

  toString(): string {
    return `<Image mode=${this.mode} size=${this.width}x${this.height}>`;
  }

  /** @internal */
  [portable](): Portable {
    return {
      module: host().module('vision/transforms/image.js'),
      name: 'restoredImage',
      args: [this.planes, this.width, this.height, this.mode, this.orientation, this.transparency],
    };
  }
}

takesNothing(Image.prototype, ['exifTranspose', 'getbands', 'split', 'toImageData']);

/** Whether an image's values are bytes. */
export const isOfBytes = (image: Image): image is ByteImage => image.planes instanceof Uint8Array;

/** An image's mode and the number of its channels, of either. Bytes of more channels than any mode has are a mode of their own. */
function layoutOf(values: ImageValues, layout: number | string): { mode: string; channels: number } {
  if (typeof layout === 'number') {
    const mode = modeOfValues(values, layout) ?? `${layout} channels`;
    return { mode, channels: layout };
  }
  if (isImageMode(layout)) return { mode: layout, channels: imageModes[layout].channels };
  const channels = Number(/^(\d+) channels$/.exec(layout)?.[1]);
  if (Number.isNaN(channels)) throw new ValueError('unrecognized image mode');
  return { mode: layout, channels };
}

/** Channels one after the other, of those side by side. */
function planesOf(values: ImageValues, size: number, channels: number): ImageValues {
  const planes = new (values.constructor as Uint8ArrayConstructor)(values.length);
  for (let c = 0; c < channels; c++) {
    for (let i = 0, from = c; i < size; i++, from += channels) planes[c * size + i] = values[from];
  }
  return planes;
}

libraryClass(Image, { shown: ['width', 'height', 'mode'] });

/** Values of the type that a mode has; those of `1` are black or white. */
function valuesOf(given: ImageValues | Uint8ClampedArray, layout: number | string): ImageValues {
  // Canvases give this.
  const isClamped = (given as unknown) instanceof Uint8ClampedArray;
  const values = isClamped
    ? new Uint8Array(given.buffer, given.byteOffset, given.length)
    : (given as ImageValues);
  const type = typeof layout === 'number' || !isImageMode(layout) ? null : imageModes[layout].values;
  if (type === null ? !isKnown(values, layout) : !(values instanceof type)) {
    const wanted =
      type === null
        ? 'a Uint8Array, Uint8ClampedArray or, of one channel, a Uint16Array, Int32Array or Float32Array'
        : `of type ${type.name}`;
    throw new TypeError(`an image's values are ${wanted}, but got ${typeName(given)}`);
  }
  return layout === '1' ? Uint8Array.from(values, imageModes[1].nearest) : values;
}

const isKnown = (values: unknown, layout: number | string): boolean =>
  values instanceof Uint8Array || modeOfValues(values, Number(layout)) !== null;

/** @internal */
export const restoredImage = Image.restored;
