import { element, uniqueId } from '../page/element.js';
import type { Snapshot } from '../worker/messages.js';
import { paint, pixelCanvas } from './canvas.js';
import {
  type Colour,
  css,
  gradient,
  infinite,
  negativeInfinite,
  notANumber,
  scaleColour,
} from './colours.js';
import { matrices, matrixName, type Range, rangeOf, short } from './values.js';

/** So many rows and columns are drawn: more would be smaller than dots of a screen. */
const mostCells = 1024;

function colourOf(value: number, { least, greatest }: Range): Colour {
  if (Number.isNaN(value)) return notANumber;
  if (value === Number.POSITIVE_INFINITY) return infinite;
  if (value === Number.NEGATIVE_INFINITY) return negativeInfinite;
  return scaleColour(greatest > least ? (value - least) / (greatest - least) : 0.5);
}

/** A matrix as colours, with a legend; of a tensor with more dimensions one matrix after the other. */
export function heatMap(snapshot: Snapshot): HTMLElement {
  const { values } = snapshot;
  const { rows, columns, count } = matrices(snapshot);
  const range = rangeOf(values);
  const [height, width] = [Math.min(rows, mostCells), Math.min(columns, mostCells)];
  const { least, greatest, nans, infinities } = range;
  const extent = Number.isNaN(least)
    ? 'no finite values'
    : `values from ${short(least)} to ${short(greatest)}`;
  const canvas = pixelCanvas(width, height, '');
  canvas.tabIndex = 0;
  let shown = 0;
  let cell = { row: 0, column: 0 };

  const readout = element('p', { class: 'readout' });
  const tell = () => {
    const { row, column } = cell;
    const indices = matrixName(snapshot, shown).replace(
      /:(, :)?\]$/,
      snapshot.shape.length > 1 ? `${row}, ${column}]` : `${column}]`,
    );
    const value = values[(shown * rows + row) * columns + column];
    // A float has no more digits than these.
    const isShort = /float(?:16|32)$/.test(snapshot.dtype);
    readout.textContent = `${indices} = ${isShort ? Number(value.toPrecision(8)) : value}`;
  };
  const draw = () => {
    const first = shown * rows * columns;
    paint(canvas, (data) => {
      for (let row = 0; row < height; row++)
        for (let column = 0; column < width; column++)
          data.set(
            [...colourOf(values[first + row * columns + column], range), 255],
            4 * (row * width + column),
          );
    });
    const which = count > 1 ? `${matrixName(snapshot, shown)} of a tensor: ` : '';
    canvas.setAttribute(
      'aria-label',
      `Heat map of ${which}${rows} by ${columns} ${extent}. Arrow keys read single values.`,
    );
  };
  const move = (row: number, column: number) => {
    cell = {
      row: Math.min(Math.max(row, 0), height - 1),
      column: Math.min(Math.max(column, 0), width - 1),
    };
    tell();
  };
  // A finger only presses.
  for (const event of ['pointermove', 'pointerdown'] as const)
    canvas.addEventListener(event, ({ offsetX, offsetY }) => {
      move(
        Math.floor((offsetY / canvas.clientHeight) * height),
        Math.floor((offsetX / canvas.clientWidth) * width),
      );
    });
  const steps: Readonly<Record<string, readonly [number, number]>> = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
  };
  canvas.addEventListener('keydown', (event) => {
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    readout.setAttribute('aria-live', 'polite');
    move(cell.row + step[0], cell.column + step[1]);
  });
  draw();

  const swatch = (colour: Colour, text: string) =>
    element(
      'span',
      { class: 'swatch' },
      element('span', { class: 'colour', style: `background: ${css(colour)}` }),
      text,
    );
  const legend = element(
    'div',
    { class: 'legend' },
    ...(greatest > least
      ? [
          element('span', {}, short(least)),
          element('span', { class: 'scale', style: `background: ${gradient}` }),
          element('span', {}, short(greatest)),
        ]
      : []),
    ...(greatest === least ? [swatch(scaleColour(0.5), short(least))] : []),
    ...(nans > 0 ? [swatch(notANumber, `NaN (${nans})`)] : []),
    ...(infinities > 0 ? [swatch(infinite, 'inf'), swatch(negativeInfinite, '-inf')] : []),
  );
  const parts: HTMLElement[] = [canvas, legend, readout];
  if (rows > height || columns > width)
    parts.push(element('p', {}, `The first ${height} rows and ${width} columns.`));
  if (count > 1) {
    const id = uniqueId('matrix');
    const name = element('span', { class: 'readout' }, matrixName(snapshot, 0));
    const slider = element('input', {
      type: 'range',
      id,
      min: '0',
      max: String(count - 1),
      value: '0',
      'aria-valuetext': matrixName(snapshot, 0),
      oninput: () => {
        shown = slider.valueAsNumber;
        name.textContent = matrixName(snapshot, shown);
        slider.setAttribute('aria-valuetext', name.textContent);
        readout.textContent = '';
        draw();
      },
    });
    parts.unshift(element('div', { class: 'row' }, element('label', { for: id }, 'Matrix'), slider, name));
  }
  return element('div', { class: 'heat-map' }, ...parts);
}
