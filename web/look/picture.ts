import { element } from '../page/element.js';
import type { Snapshot } from '../worker/messages.js';
import { paint, pixelCanvas } from './canvas.js';
import { notANumber } from './colours.js';
import { asImages, rangeOf, short } from './values.js';

const mostImages = 64;

/** A tensor as one image, or as many: bytes as they are, numbers from 0 to 1 as light, all others stretched to that. */
export function picture(snapshot: Snapshot): HTMLElement {
  const { values, dtype } = snapshot;
  const { count, channels, height, width } = asImages(snapshot)!;
  const { least, greatest } = rangeOf(values);
  const isBytes = dtype === 'uint8';
  const isStretched = !isBytes && (least < 0 || greatest > 1);
  const [from, to] = isBytes ? [0, 255] : isStretched ? [least, greatest] : [0, 1];
  const light = (value: number) => (to > from ? ((value - from) / (to - from)) * 255 : 128);

  const area = height * width;
  const shown = Math.min(count, mostImages);
  const canvases = Array.from({ length: shown }, (_, n) => {
    const name = count > 1 ? `Image ${n + 1} of ${count}` : 'Image';
    const canvas = pixelCanvas(width, height, `${name}, ${height} by ${width}`);
    if (count > 1) canvas.style.width = `${width * Math.max(1, Math.floor(96 / Math.max(width, height)))}px`;
    paint(canvas, (data) => {
      for (let i = 0; i < area; i++) {
        const channel = (c: number) => values[(n * channels + c) * area + i];
        const seen = channels === 1 ? [0, 0, 0] : [0, 1, 2];
        const isNumber = seen.every((c) => !Number.isNaN(channel(c)));
        for (const [k, c] of seen.entries()) data[4 * i + k] = isNumber ? light(channel(c)) : notANumber[k];
        data[4 * i + 3] = channels === 4 ? light(channel(3)) : 255;
      }
    });
    return canvas;
  });
  const notes: string[] = [];
  if (isStretched) notes.push(`${short(least)} is black, ${short(greatest)} is white.`);
  if (shown < count) notes.push(`The first ${shown} of ${count} images.`);
  return element(
    'div',
    { class: 'picture' },
    element('div', { class: 'images' }, ...canvases),
    ...(notes.length > 0 ? [element('p', {}, notes.join(' '))] : []),
  );
}
