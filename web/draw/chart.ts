/** What drawings of lines have in common: a frame that is as wide as its place, and axes. */
import { element, svg } from '../page/element.js';

export type Point = readonly [x: number, y: number];

export interface Axis {
  readonly title: string;
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly (readonly [value: number, text: string])[];
}

/** The axes' lines and texts, and where numbers lie between them. */
export interface Axes {
  readonly elements: readonly SVGElement[];
  x(value: number): number;
  y(value: number): number;
  /** A line through points; what is no number is left out. */
  path(points: readonly Point[]): string;
}

/** A figure whose drawing is made anew when its place has another width. */
export class Chart {
  readonly element: HTMLElement;
  private readonly drawing: SVGSVGElement;
  private draw: ((width: number, height: number) => readonly SVGElement[]) | null = null;

  /**
   * @param summary the id of what says it in words
   * @param below stands below the drawing
   */
  constructor(label: string, summary: string, ...below: readonly HTMLElement[]) {
    this.drawing = svg('svg', { role: 'img', 'aria-label': label, 'aria-describedby': summary });
    this.element = element('figure', { class: 'curve' }, this.drawing, ...below);
    new ResizeObserver(() => this.redraw()).observe(this.element);
  }

  /** Shows what `draw` makes for a width and a height; null: nothing. */
  show(draw: ((width: number, height: number) => readonly SVGElement[]) | null): void {
    this.draw = draw;
    if (draw === null) this.drawing.replaceChildren();
    else this.redraw();
  }

  /** Scrolls as little as it takes to see the drawing. */
  scrollIntoView(): void {
    this.drawing.scrollIntoView({ block: 'nearest' });
  }

  private redraw(): void {
    if (this.draw === null) return;
    // As wide as its place, so that letters keep their size; no higher than leaves room for it on a phone that is held crosswise.
    const width = Math.max(this.element.clientWidth, 240);
    const height = Math.round(Math.max(200, Math.min(0.45 * width, 0.5 * innerHeight)));
    this.drawing.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.drawing.replaceChildren(...this.draw(width, height));
  }
}

export function axes(across: Axis, up: Axis, width: number, height: number): Axes {
  const [left, right, top, bottom] = [up.title === '' ? 46 : 60, width - 24, 12, height - 46];
  const place =
    ({ from, to }: Axis, start: number, end: number) =>
    (value: number) =>
      start + ((value - from) / Math.max(to - from, 1e-9)) * (end - start);
  const [x, y] = [place(across, left, right), place(up, bottom, top)];
  const text = (at: Point, content: string, anchor: string) =>
    svg('text', { x: String(at[0]), y: String(at[1]), 'text-anchor': anchor }, content);
  const upright = `translate(14 ${(top + bottom) / 2}) rotate(-90)`;
  return {
    elements: [
      ...up.ticks.flatMap(([value, content]) => [
        svg('path', { class: 'grid', d: `M${left} ${y(value)}H${right}` }),
        text([left - 7, y(value) + 5], content, 'end'),
      ]),
      ...across.ticks.map(([value, content]) => text([x(value), bottom + 19], content, 'middle')),
      text([(left + right) / 2, height - 6], across.title, 'middle'),
      svg('text', { transform: upright, 'text-anchor': 'middle' }, up.title),
      svg('path', { class: 'axis', d: `M${left} ${top}V${bottom}H${right}` }),
    ],
    x,
    y,
    path: (points) =>
      points
        .filter(([, value]) => Number.isFinite(value))
        .map(([at, value], i) => `${i === 0 ? 'M' : 'L'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`)
        .join(''),
  };
}

/** Round numbers that divide what lies between two numbers into about `count` parts. */
export function ticks(from: number, to: number, count: number): [value: number, text: string][] {
  const rough = (to - from) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const found: [number, string][] = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + 1e-9 * step; i++) {
    const value = Number((i * step).toPrecision(12));
    found.push([value, String(value)]);
  }
  return found;
}
