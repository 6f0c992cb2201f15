/** Lines of accuracies, in percents. */
import { type Axis, axes, Chart, type Point } from '../draw/chart.js';
import { element, svg, uniqueId } from '../page/element.js';

export interface Line {
  /** Kind of network, from which its colour follows. */
  readonly row: string;
  readonly points: readonly Point[];
  readonly isMarked?: boolean;
}

export interface LineChart {
  readonly element: HTMLElement;
  show(lines: readonly Line[], axis: Axis, legend: readonly (readonly [row: string, title: string])[]): void;
  clear(): void;
}

/** @param before says what is to come, while there are no lines */
export function lineChart(label: string, before: string): LineChart {
  const legendId = uniqueId('legend');
  const legend = element('p', { class: 'legend', id: legendId }, before);
  const chart = new Chart(label, legendId, element('figcaption', {}, legend));
  return {
    element: chart.element,
    show(lines, axis, titles) {
      legend.replaceChildren(
        ...titles.map(([row, title]) =>
          element('span', { class: 'swatch' }, element('span', { class: `colour of-${row}` }), title),
        ),
      );
      chart.show((width, height) => draw(lines, axis, width, height));
    },
    clear() {
      chart.show(null);
      legend.replaceChildren(before);
    },
  };
}

function draw(lines: readonly Line[], axis: Axis, width: number, height: number): SVGElement[] {
  const values = lines.flatMap(({ points }) => points.map(([, y]) => y)).filter(Number.isFinite);
  // The beginning of a training is of no interest where all soon are above it.
  const sorted = values.toSorted((a, b) => a - b);
  const low = sorted[Math.floor(0.1 * sorted.length)] ?? 0;
  const least = Math.max(0, 10 * Math.floor((low - 2) / 10));
  const percents = [0, 1, 2, 3, 4].map((i) => least + (i * (100 - least)) / 4);
  const { elements, x, y, path } = axes(
    axis,
    { title: '', from: least, to: 100, ticks: percents.map((value) => [value, `${value}`] as const) },
    width,
    height,
  );
  const raised = (points: readonly Point[]) =>
    points.map(([at, value]): Point => [at, Math.max(value, least)]);
  return [
    ...elements,
    ...lines.map(({ row, points }) => svg('path', { class: `line of-${row}`, d: path(raised(points)) })),
    ...lines
      .filter(({ isMarked }) => isMarked)
      .flatMap(({ row, points }) =>
        raised(points).map(([at, value]) =>
          svg('circle', { class: `of-${row}`, cx: x(at).toFixed(1), cy: y(value).toFixed(1), r: '3.5' }),
        ),
      ),
  ];
}
