/** Reads the first bytes of image files, before anything is decoded. */
import { orientationOf } from './exif.js';
import { pngSignature } from './png_filters.js';

export type ImageFormat = 'PNG' | 'JPEG' | 'GIF' | 'WEBP' | 'TIFF' | 'AVIF' | 'BMP' | 'PPM';

/** The format of a file of these bytes; null if it is none that is known here. */
export function formatOf(bytes: Uint8Array): ImageFormat | null {
  const begins = (prefix: readonly number[] | string, at = 0) =>
    [...prefix].every((one, i) => bytes[at + i] === (typeof one === 'string' ? one.charCodeAt(0) : one));
  if (begins(pngSignature)) return 'PNG';
  if (begins([255, 216, 255])) return 'JPEG';
  if (begins('GIF89a') || begins('GIF87a')) return 'GIF';
  if (begins('RIFF') && begins('WEBPVP8', 8)) return 'WEBP';
  if (begins('II*\0') || begins('MM\0*')) return 'TIFF';
  if (begins('ftypavif', 4)) return 'AVIF';
  if (begins('BM')) return 'BMP';
  if (/^P[1-6f]\s/.test(String.fromCharCode(...bytes.subarray(0, 3)))) return 'PPM';
  return null;
}

export interface ImageHeader {
  readonly width: number;
  readonly height: number;
  /** The channels that a JPEG file has. */
  readonly channels?: number;
  /** EXIF's, from 1 to 8. */
  readonly orientation: number;
  /** Where the file's EXIF data begins, if it has any. */
  readonly exif: number | null;
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** The size and orientation that a JPEG, GIF or WebP file claims; null if it ends before it says. */
export function headerOf(bytes: Uint8Array, format: ImageFormat): ImageHeader | null {
  try {
    if (format === 'JPEG') return ofJpeg(bytes);
    if (format === 'WEBP') return ofWebp(bytes);
    if (format !== 'GIF') return null;
    const view = viewOf(bytes);
    return { width: view.getUint16(6, true), height: view.getUint16(8, true), orientation: 1, exif: null };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Walks JPEG's segments (ITU-T T.81, annex B) as far as the frame's. */
function ofJpeg(bytes: Uint8Array): ImageHeader | null {
  const view = viewOf(bytes);
  let orientation = 1;
  let exif: number | null = null;
  for (let at = 2; at + 4 <= bytes.length; ) {
    if (bytes[at] !== 0xff) {
      at++;
      continue;
    }
    const marker = bytes[at + 1];
    // Fill bytes, and markers without a length.
    if (marker === 0xff || marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    const length = view.getUint16(at + 2);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)];
      return { width, height, channels: view.getUint8(at + 9), orientation, exif };
    }
    if (marker === 0xe1 && exif === null && view.getUint32(at + 4) === 0x45786966) {
      exif = at + 4;
      orientation = orientationOf(bytes.subarray(at + 10, Math.max(at + 10, at + 2 + length)));
    }
    at += 2 + length;
  }
  return null;
}

/** Reads the first chunk of a WebP file (RFC 9649), and its EXIF chunk if it has one. */
function ofWebp(bytes: Uint8Array): ImageHeader | null {
  const view = viewOf(bytes);
  const kind = bytes[15];
  const three = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
  if (kind === 0x20)
    return {
      width: view.getUint16(26, true) & 0x3fff,
      height: view.getUint16(28, true) & 0x3fff,
      orientation: 1,
      exif: null,
    };
  if (kind === 0x4c) {
    const packed = view.getUint32(21, true);
    return {
      width: (packed & 0x3fff) + 1,
      height: ((packed >>> 14) & 0x3fff) + 1,
      orientation: 1,
      exif: null,
    };
  }
  let orientation = 1;
  let exif: number | null = null;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at + 4, true);
    if (view.getUint32(at) === 0x45584946) {
      exif = at + 8;
      orientation = orientationOf(bytes.subarray(at + 8, Math.min(bytes.length, at + 8 + length)));
    }
    at += 8 + length + (length & 1);
  }
  return { width: three(24) + 1, height: three(27) + 1, orientation, exif };
}
