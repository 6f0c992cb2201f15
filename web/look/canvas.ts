import { element } from '../page/element.js';

/** A canvas of so many dots, each shown as a square of a size that a person can see and that fits its place. */
export function pixelCanvas(width: number, height: number, label: string): HTMLCanvasElement {
  const canvas = element('canvas', { role: 'img', 'aria-label': label, class: 'pixels' });
  canvas.width = width;
  canvas.height = height;
  const dot = Math.max(1, Math.min(28, Math.floor(320 / Math.max(width, height))));
  canvas.style.width = `${width * dot}px`;
  return canvas;
}

/** Fills a canvas by what `colour` puts for every dot into red, green, blue and opacity. */
export function paint(canvas: HTMLCanvasElement, put: (data: Uint8ClampedArray) => void): void {
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(canvas.width, canvas.height);
  put(image.data);
  context.putImageData(image, 0, 0);
}
