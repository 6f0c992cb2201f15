/** The orientation that cameras write into files: tag 0x0112 of EXIF 2.3, in TIFF's form. */
import type { ImageValues } from './image_modes.js';
import type { Pixels } from './pixels.js';

/**
 * The orientation (1 to 8) that EXIF data says, or 1.
 *
 * @param bytes begins with the TIFF header
 */
export function orientationOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 14) return 1;
  const order = view.getUint16(0);
  if (order !== 0x4949 && order !== 0x4d4d) return 1;
  const little = order === 0x4949;
  const start = view.getUint32(4, little);
  if (start + 2 > bytes.length) return 1;
  const count = view.getUint16(start, little);
  for (let i = 0, at = start + 2; i < count && at + 12 <= bytes.length; i++, at += 12) {
    if (view.getUint16(at, little) !== 0x0112) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

/** A picture turned and mirrored so that it stands as its orientation says. */
export function upright<Samples extends ImageValues>(
  picture: Pixels<Samples>,
  orientation: number,
): Pixels<Samples> {
  if (orientation === 1) return picture;
  const { width, height, channels, samples: from } = picture;
  const turns = orientation >= 5;
  const samples = from.slice() as Samples;
  const columns = turns ? height : width;
  const rows = turns ? width : height;
  // Whether the picture's own columns run from right to left, and its rows from the bottom up.
  const fromRight = [2, 3, 7, 8].includes(orientation);
  const fromBottom = [3, 4, 6, 7].includes(orientation);
  for (let y = 0, to = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      const column = turns ? y : x;
      const row = turns ? x : y;
      const at =
        ((fromBottom ? height - 1 - row : row) * width + (fromRight ? width - 1 - column : column)) *
        channels;
      for (let c = 0; c < channels; c++) samples[to++] = from[at + c];
    }
  return { width: columns, height: rows, channels, samples };
}
