/** The host's decoders and encoders, for formats that are not written here. */
import type { ImageFormat } from './image_header.js';
import type { OpenedPixels, Pixels } from './pixels.js';

/** The formats that are written. */
export type WrittenFormat = 'JPEG' | 'WEBP';

export interface ImageCodec {
  /** Decodes the frames of a file, in 8 bits: gray, gray and alpha, RGB or RGBA. The first alone unless `all` are asked for. */
  decode(bytes: Uint8Array, format: ImageFormat, all: boolean): Promise<Pixels[]>;
  /** Decodes the first picture of a TIFF file, turned as the file says, in PIL's mode. */
  decodeTiff(bytes: Uint8Array): Promise<OpenedPixels>;
  encode(picture: Pixels<Uint8Array>, format: WrittenFormat, quality: number): Promise<Uint8Array>;
  /** Packs bytes in zlib's format, by a level from 0 to 9 where the host knows levels. */
  deflate(bytes: Uint8Array, level: number): Promise<Uint8Array>;
}

declare module '../../core/host.js' {
  interface Host {
    images(): Promise<ImageCodec>;
  }
}
