import type { LabelledImages } from '../../examples/blitz/place.js';
import { paint } from '../look/canvas.js';
import { element } from '../page/element.js';
import type { Prediction } from '../worker/messages.js';

const side = 32;
const area = side * side;

export interface PredictionList {
  readonly element: HTMLElement;
  show(predictions: readonly Prediction[]): void;
}

/** Test images, each with what the network takes it for and, where it is wrong, what it is. */
export function predictionList({ data, targets, classes }: LabelledImages): PredictionList {
  const items = [...targets].map((label, n) => {
    const canvas = element('canvas', { role: 'img', 'aria-label': `Test image: ${classes[label]}` });
    canvas.width = side;
    canvas.height = side;
    paint(canvas, (pixels) => {
      for (let i = 0; i < area; i++) {
        for (let c = 0; c < 3; c++) pixels[4 * i + c] = data[(3 * n + c) * area + i];
        pixels[4 * i + 3] = 255;
      }
    });
    const text = element('span', {});
    return { label, text, item: element('li', {}, canvas, text) };
  });
  return {
    element: element('ul', { class: 'predictions' }, ...items.map(({ item }) => item)),
    show(predictions) {
      for (const [i, { guess, probability }] of predictions.entries()) {
        const { label, text, item } = items[i];
        const sure = probability === null ? [] : [`${Math.round(100 * probability)} % sure`];
        const isRight = guess === label;
        item.className = isRight ? 'right' : 'wrong';
        text.replaceChildren(
          element('b', {}, `${isRight ? '✓' : '✗'} ${classes[guess]}`),
          ...[...sure, ...(isRight ? [] : [`is: ${classes[label]}`])].map((line) =>
            element('small', {}, line),
          ),
        );
      }
    },
  };
}
