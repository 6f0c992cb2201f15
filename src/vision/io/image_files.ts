/** Files of images as PIL opens and saves them: imported when the first is. */
import { NotImplementedError, RuntimeError, ValueError } from '../../core/errors.js';
import { host } from '../../core/host.js';
import { isColourSpace } from '../transforms/colour_spaces.js';
import { decodeFile, knownFormat, modeDecoders } from './decoder.js';
import type { ImageFormat } from './image_header.js';
import { type ImageMode, type ImageValues, isImageMode, modeOfValues } from './image_modes.js';
import { type ImageSource, readSource } from './image_source.js';
import { narrow, type Pixels, withChannels } from './pixels.js';
import { type Png, transparentColour, withColours } from './png_decoder.js';
import { encodePngFile } from './png_encoder.js';
import { asColours, asLevel, type TransparentColour } from './transparent_colour.js';

export interface OpenedPicture {
  readonly pixels: Pixels<ImageValues>;
  readonly mode: ImageMode;
  readonly format: ImageFormat;
  readonly orientation: number;
  readonly transparency: TransparentColour | null;
}

/** An image as far as files of it need to know. */
interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly mode: string;
  readonly data: ImageValues | Uint8ClampedArray;
  readonly transparency: TransparentColour | null;
  convert(mode: ImageMode): Picture;
}

/** Reads an image file. */
export async function openPicture(from: ImageSource): Promise<OpenedPicture> {
  const { bytes, name } = await readSource(from);
  const format = knownFormat(bytes, name);
  const decode = modeDecoders[format];
  if (decode !== undefined) {
    const pixels = await decode(bytes);
    return { pixels, mode: pixels.mode, format, orientation: 1, transparency: null };
  }
  const { frames, png, orientation } = await decodeFile(bytes, format);
  const transparency = png === null ? null : transparentColour(png);
  return { ...(png === null ? ofBytes(frames[0]) : ofPng(png)), format, orientation, transparency };
}

const ofBytes = (picture: Pixels): Pick<OpenedPicture, 'pixels' | 'mode'> => {
  const pixels = narrow(picture);
  return { pixels, mode: modeOfValues(pixels.samples, pixels.channels)! };
};

/** The mode that PIL opens a PNG file in, but for colours in place of a palette's numbers. */
function ofPng(png: Png): Pick<OpenedPicture, 'pixels' | 'mode'> {
  const picture = withColours(png);
  if (png.palette !== null || png.channels > 2) return ofBytes(picture);
  // PIL has no gray with alpha of 16 bits.
  if (png.channels === 2) return ofBytes(png.depth === 16 ? withChannels(picture, 4) : picture);
  if (png.depth === 16) return { pixels: picture, mode: 'I;16' };
  return { pixels: picture, mode: png.depth === 1 ? '1' : 'L' };
}

type SavedFormat = 'PNG' | 'JPEG' | 'WEBP';

const byExtension: Readonly<Record<string, SavedFormat>> = {
  '.png': 'PNG',
  '.jpg': 'JPEG',
  '.jpeg': 'JPEG',
  '.jfif': 'JPEG',
  '.jpe': 'JPEG',
  '.webp': 'WEBP',
};

/** The format that PIL saves under a name with this extension. */
export function formatOfName(name: string | URL): SavedFormat {
  const extension = /\.[^./\\]*$/.exec(String(name))?.[0].toLowerCase() ?? '';
  const format = byExtension[extension];
  if (format === undefined) throw new ValueError(`unknown file extension: ${extension}`);
  return format;
}

/** PIL's qualities where none is asked for. */
const usualQuality = { JPEG: 75, WEBP: 80 };

/**
 * An image as a file.
 *
 * @param format `PNG`, `JPEG` or `WEBP`
 */
export async function encodePicture(
  image: Picture,
  format: string,
  quality: number | null,
): Promise<Uint8Array> {
  const known = format.toUpperCase() === 'JPG' ? 'JPEG' : format.toUpperCase();
  if (known !== 'PNG' && known !== 'JPEG' && known !== 'WEBP')
    throw new ValueError(`images are saved as PNG, JPEG or WEBP, not as ${format}`);
  const mode = writtenMode(image, known);
  if (mode === null) throw new RuntimeError(`cannot write mode ${image.mode} as ${known}`);
  const { width, height, channels, data, transparency } = image.convert(mode);
  const pixels = { width, height, channels, samples: data as Uint8Array };
  if (known === 'PNG') {
    const hasAlpha = channels % 2 === 0;
    const colour =
      transparency === null || hasAlpha
        ? null
        : channels === 3
          ? asColours(transparency)
          : [asLevel(transparency)];
    return encodePngFile(pixels, undefined, mode === '1' ? 1 : undefined, colour);
  }
  const codec = await host().images();
  return codec.encode(pixels, known, quality ?? usualQuality[known]);
}

/** The mode in which PIL writes an image; null if it does not. */
function writtenMode({ mode, transparency }: Picture, format: SavedFormat): ImageMode | null {
  if (!isImageMode(mode)) return null;
  if (format === 'PNG') return mode === 'I' ? 'I;16' : mode === 'F' || isColourSpace(mode) ? null : mode;
  const isPlain = mode === 'L' || mode === 'RGB';
  if (mode === 'CMYK' && format === 'JPEG')
    throw new NotImplementedError("images of mode CMYK are written by convert('RGB') alone");
  if (format === 'JPEG') return isPlain ? mode : mode === '1' ? 'L' : mode === 'YCbCr' ? 'RGB' : null;
  if (mode !== 'RGB' && transparency !== null) return 'RGBA';
  return isPlain || mode === 'LA' || mode === 'RGBA' ? mode : 'RGB';
}

/** Saves an image under a name, in the format of its extension unless another is named. */
export async function savePicture(
  image: Picture,
  name: string | URL,
  format: string | null,
  quality: number | null,
): Promise<void> {
  const bytes = await encodePicture(image, format ?? formatOfName(name), quality);
  await host().files.write(name, async (sink) => sink(bytes));
}
