/** Files of images as PIL opens and saves them: imported when the first is. */
import { RuntimeError, ValueError } from '../../core/errors.js';
import { host } from '../../core/host.js';
import { decodeFile, knownFormat } from './decoder.js';
import type { ImageFormat } from './image_header.js';
import { type ImageSource, readSource } from './image_source.js';
import { narrow, type Pixels } from './pixels.js';
import { withColours } from './png_decoder.js';
import { encodePngFile } from './png_encoder.js';

type BytePixels = Pixels & { readonly samples: Uint8Array };

export interface OpenedPicture {
  readonly pixels: BytePixels;
  readonly format: ImageFormat;
  readonly orientation: number;
}

/** Reads an image file. */
export async function openPicture(from: ImageSource): Promise<OpenedPicture> {
  const { bytes, name } = await readSource(from);
  const { format, frames, png, orientation } = await decodeFile(bytes, knownFormat(bytes, name));
  return { pixels: narrow(png === null ? frames[0] : withColours(png)), format, orientation };
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
 * A picture as a file.
 *
 * @param format `PNG`, `JPEG` or `WEBP`
 * @param mode the picture's, for error texts
 */
export async function encodePicture(
  pixels: BytePixels,
  format: string,
  mode: string,
  quality: number | null,
): Promise<Uint8Array> {
  const known = format.toUpperCase() === 'JPG' ? 'JPEG' : format.toUpperCase();
  if (known === 'PNG') return encodePngFile(pixels);
  if (known !== 'JPEG' && known !== 'WEBP')
    throw new ValueError(`images are saved as PNG, JPEG or WEBP, not as ${format}`);
  if (known === 'JPEG' && pixels.channels % 2 === 0)
    throw new RuntimeError(`cannot write mode ${mode} as JPEG`);
  const codec = await host().images();
  return codec.encode(pixels, known, quality ?? usualQuality[known]);
}

/** Saves a picture under a name, in the format of its extension unless another is named. */
export async function savePicture(
  pixels: BytePixels,
  name: string | URL,
  format: string | null,
  mode: string,
  quality: number | null,
): Promise<void> {
  const bytes = await encodePicture(pixels, format ?? formatOfName(name), mode, quality);
  await host().files.write(name, async (sink) => sink(bytes));
}
