/** Pictures as the worker takes them: squares of one size. */
import { pictureSide } from '../worker/messages.js';

/** A square picture in RGBA. */
export type Square = Uint8Array<ArrayBuffer>;

/** The middle of a picture, scaled to the size of all. */
export function squareOf(source: CanvasImageSource, width: number, height: number): Square {
  const canvas = new OffscreenCanvas(pictureSide, pictureSide);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  const side = Math.min(width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(
    source,
    (width - side) / 2,
    (height - side) / 2,
    side,
    side,
    0,
    0,
    pictureSide,
    pictureSide,
  );
  return new Uint8Array(context.getImageData(0, 0, pictureSide, pictureSide).data.buffer);
}

/** The square of a picture's file; null if the browser cannot read it. */
export async function squareOfFile(file: File): Promise<Square | null> {
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (bitmap === null) return null;
  const square = squareOf(bitmap, bitmap.width, bitmap.height);
  bitmap.close();
  return square;
}

/** Shows a square on a canvas. */
export function showSquare(canvas: HTMLCanvasElement, square: Square): void {
  [canvas.width, canvas.height] = [pictureSide, pictureSide];
  const pixels = new ImageData(new Uint8ClampedArray(square.buffer), pictureSide, pictureSide);
  canvas.getContext('2d')!.putImageData(pixels, 0, 0);
}
