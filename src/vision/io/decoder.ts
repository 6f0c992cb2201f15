/** Decodes image files of any format that is known here. */
import { RuntimeError } from '../../core/errors.js';
import { host } from '../../core/host.js';
import { decodeBmp } from './bmp_decoder.js';
import { formatOf, headerOf, type ImageFormat } from './image_header.js';
import { decodeNetpbm } from './netpbm_decoder.js';
import { checkSize, type OpenedPixels, type Pixels } from './pixels.js';
import { decodePngFile, type Png } from './png_decoder.js';

export interface Decoded {
  readonly format: ImageFormat;
  readonly frames: readonly Pixels[];
  /** The contents of a PNG file; null for other formats. */
  readonly png: Png | null;
  /** EXIF's, from 1 to 8. */
  readonly orientation: number;
}

/**
 * Decodes an image file. What its header claims is checked before anything is allocated.
 *
 * @param format that of the file, which `formatOf` tells
 * @param all whether to decode all frames of one that moves
 * @throws RuntimeError if it is damaged or too large
 */
export async function decodeFile(bytes: Uint8Array, format: ImageFormat, all = false): Promise<Decoded> {
  if (format === 'PNG') {
    const png = await decodePngFile(bytes);
    return { format, frames: [png], png, orientation: png.orientation };
  }
  const header = headerOf(bytes, format);
  if (header !== null) checkSize(header.width, header.height);
  else if (format !== 'AVIF') throw new RuntimeError('image file is truncated');
  const codec = await host().images();
  return {
    format,
    frames: await codec.decode(bytes, format, all),
    png: null,
    orientation: header?.orientation ?? 1,
  };
}

/** The decoders of formats whose pictures have modes that say more than their channels do. */
export const modeDecoders: Partial<Record<ImageFormat, (bytes: Uint8Array) => Promise<OpenedPixels>>> = {
  BMP: async (bytes) => decodeBmp(bytes),
  PPM: async (bytes) => decodeNetpbm(bytes),
  TIFF: async (bytes) => (await host().images()).decodeTiff(bytes),
};

/** The format of a file of these bytes. @throws RuntimeError with PIL's words if it is none that is known here */
export function knownFormat(bytes: Uint8Array, name: string): ImageFormat {
  const format = formatOf(bytes);
  if (format === null) throw new RuntimeError(`cannot identify image file '${name}'`);
  return format;
}
