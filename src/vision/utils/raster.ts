/** Draws on pictures as PIL's `ImageDraw` does, to the pixel. */
import type { Pixels } from '../io/pixels.js';
import type { Rgb } from './color_names.js';

/** A picture of bytes in RGB, that is drawn on. */
export type Canvas = Pixels<Uint8Array>;

/** A colour laid on another: cover from 0 to 255. */
function blended(before: number, colour: number, cover: number): number {
  const sum = before * (255 - cover) + colour * cover + 128;
  return ((sum >> 8) + sum) >> 8;
}

/** Colours the pixels of a row from one column to another, both included, as far as they are in the picture. */
export function fillRow(canvas: Canvas, from: number, y: number, to: number, colour: Rgb, cover = 255): void {
  const { width, height, samples } = canvas;
  if (y < 0 || y >= height) return;
  const last = Math.min(to, width - 1);
  for (let x = Math.max(from, 0); x <= last; x++)
    for (let c = 0, at = 3 * (y * width + x); c < 3; c++)
      samples[at + c] = blended(samples[at + c], colour[c], cover);
}

/** Colours a column from one row towards another, which is left out: downwards or upwards. */
function column(canvas: Canvas, x: number, from: number, to: number, colour: Rgb): void {
  const step = to < from ? -1 : 1;
  for (let y = from; y !== to; y += step) fillRow(canvas, x, y, x, colour);
}

export type Box = readonly [left: number, top: number, right: number, bottom: number];

/** Fills a rectangle, edges included. */
export function fillRectangle(
  canvas: Canvas,
  [left, top, right, bottom]: Box,
  colour: Rgb,
  cover: number,
): void {
  for (let y = Math.max(top, 0); y <= Math.min(bottom, canvas.height - 1); y++)
    fillRow(canvas, left, y, right, colour, cover);
}

/** Draws the outline of a rectangle, of a width that goes inwards. */
export function outlineRectangle(canvas: Canvas, box: Box, colour: Rgb, width: number): void {
  const [left, top, right, bottom] = box;
  for (let i = 0; i < width; i++) {
    fillRow(canvas, left, top + i, right, colour);
    fillRow(canvas, left, bottom - i, right, colour);
    column(canvas, right - i, top + width, bottom - width + 1, colour);
    column(canvas, left + i, top + width, bottom - width + 1, colour);
  }
}

/**
 * Fills the ellipse in a box, edges included. Its boundary is followed in a quarter by the points nearest to the curve
 * (after Bresenham), in half pixels.
 */
export function fillEllipse(canvas: Canvas, [left, top, right, bottom]: Box, colour: Rgb): void {
  const [a, b] = [right - left, bottom - top];
  if (a < 0 || b < 0 || a + b === 0) return;
  const distance = (x: number, y: number) => Math.abs(a * a * y * y + b * b * x * x - a * a * b * b);
  let [x, y] = [a, b % 2];
  while (true) {
    const [width, height] = [x, y];
    let ended = false;
    // The outermost point of a row is the first that is met.
    while (y <= height && !ended) {
      if (x === a % 2 && y === b) {
        ended = true;
        break;
      }
      let next: [number, number] = [x, y + 2];
      if (x > 1)
        for (const other of [
          [x - 2, y + 2],
          [x - 2, y],
        ] as [number, number][])
          if (distance(...other) < distance(...next)) next = other;
      [x, y] = next;
    }
    for (const side of height > 0 ? [height, -height] : [0])
      fillRow(canvas, left + (a - width) / 2, top + (side + b) / 2, left + (width + a) / 2, colour);
    if (ended) return;
  }
}
