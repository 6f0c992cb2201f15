/** Curves over steps, as SVG. */
import { TypeError, ValueError } from '../core/errors.js';
import { formatValue } from '../core/repr.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { type Axis, linearAxis, logAxis, tickText } from './axis.js';

/** Values of steps 0, 1, 2, …; or steps and their values. */
export type Curve = ArrayLike<number> | readonly (readonly [step: number, value: number])[];
/** Curves by their names. */
export type Curves = Readonly<Record<string, Curve>>;

type Point = readonly [x: number, y: number];

const ofChart = /* @__PURE__ */ signature(
  'line_chart(Object curves, *, str? title=None, str? x_label=None, str? y_label=None, bool log_scale=False, float smoothing=0, int width=640, int height=400)',
);
const ofSmoothing = /* @__PURE__ */ signature('smoothed(float[] values, float weight)');

/** Colours that most people tell apart (Okabe and Ito, "Color Universal Design", 2008). */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];
const margin = { top: 16, right: 16, bottom: 34, left: 58 };
const titleHeight = 22;
const labelHeight = 18;
const legendHeight = 20;

/**
 * Values with each a mean of those before, which count less and less: TensorBoard's smoothing. What is no number stays, and counts for nothing.
 *
 * @param values the values
 * @param weight how much the past counts, from 0 to below 1
 */
export function smoothed(...args: Arguments<typeof ofSmoothing, { values: ArrayLike<number> }>): number[] {
  const { values, weight } = ofSmoothing.bind(args);
  if (!(weight >= 0 && weight < 1))
    throw new ValueError(`smoothing must be in [0, 1), got ${formatValue(weight)}`);
  let mean = 0;
  let share = 0;
  return Array.from(values as ArrayLike<number>, (value) => {
    if (!Number.isFinite(value)) return value;
    mean = mean * weight + (1 - weight) * value;
    share = share * weight + (1 - weight);
    return mean / share;
  });
}

/**
 * A chart of curves, such as losses, as the text of an SVG file. A curve is broken where a value is no number, and on a logarithmic scale where none
 * can stand.
 *
 * @param curves values by the curves' names
 * @param title stands above
 * @param xLabel names the steps
 * @param yLabel names the values
 * @param logScale whether equal ratios of values are equally far apart
 * @param smoothing how much the past counts; the curve itself stays behind, pale
 * @param width the picture's width
 * @param height its height
 *
 * @example
 * writeFileSync('loss.svg', lineChart({ train: losses, validation: [[0, 2.3], [100, 1.1]] }, { logScale: true, smoothing: 0.6 }));
 */
export function lineChart(...args: Arguments<typeof ofChart, { curves: Curves }>): string {
  const { curves, title, xLabel, yLabel, logScale, smoothing, width, height } = ofChart.bind(args);
  const drawn = Object.entries(curves as Curves).map(([name, curve]) => {
    const points = pointsOf(name, curve);
    const smooth = smoothed(
      points.map(([, y]) => y),
      smoothing,
    );
    return { name, points, smooth: points.map(([x], i): Point => [x, smooth[i]]) };
  });
  const isShown = ([x, y]: Point) => Number.isFinite(x) && Number.isFinite(y) && (!logScale || y > 0);
  const shown = drawn.flatMap(({ points }) => points.filter(isShown));
  if (shown.length === 0)
    throw new ValueError('there is nothing to draw: no curve has a value that can be shown');
  const [left, right] = [margin.left + (yLabel === null ? 0 : labelHeight), width - margin.right];
  const top = margin.top + (title === null ? 0 : titleHeight) + legendHeight;
  const bottom = height - margin.bottom - (xLabel === null ? 0 : labelHeight);
  if (right - left < 40 || bottom - top < 40)
    throw new ValueError(`a chart of ${width} × ${height} has no room for its curves`);

  const [lows, highs] = [0, 1].map((d) => extremes(shown.map((point) => point[d]))) as [Point, Point];
  const xAxis = linearAxis(...lows);
  const yAxis = (logScale ? logAxis : linearAxis)(...highs);
  const atX = (x: number) => round(left + xAxis.place(x) * (right - left));
  const atY = (y: number) => round(bottom - yAxis.place(y) * (bottom - top));
  const path = (points: readonly Point[], colour: string, opacity: number): string =>
    `<path d="${pathOf(points, isShown, atX, atY)}" fill="none" stroke="${colour}" stroke-width="1.5" stroke-linejoin="round" stroke-linecap="round" opacity="${opacity}"/>`;
  const parts = [...grid(xAxis, yAxis, atX, atY, { left, right, top, bottom })];
  let legend = left;
  for (const [i, { name, points, smooth }] of drawn.entries()) {
    const colour = colours[i % colours.length];
    if (smoothing > 0) parts.push(path(points, colour, 0.25));
    parts.push(path(smooth, colour, 1));
    const y = top - 10;
    parts.push(
      `<path d="M${legend} ${y - 4}h16" stroke="${colour}" stroke-width="3"/>`,
      text(legend + 21, y, name, 'start'),
    );
    legend += 40 + 7 * name.length;
  }
  if (title !== null)
    parts.push(text((left + right) / 2, margin.top + 6, title, 'middle', ' font-size="15"'));
  if (xLabel !== null) parts.push(text((left + right) / 2, height - 10, xLabel, 'middle'));
  if (yLabel !== null) {
    const middle = (top + bottom) / 2;
    parts.push(text(14, middle, yLabel, 'middle', ` transform="rotate(-90 14 ${middle})"`));
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" role="img">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

/** @throws TypeError unless a curve is of numbers, or of pairs of them */
function pointsOf(name: string, curve: unknown): Point[] {
  const list =
    Array.isArray(curve) || ArrayBuffer.isView(curve) ? Array.from(curve as ArrayLike<unknown>) : null;
  const points = list?.map((item, i) => (Array.isArray(item) && item.length === 2 ? item : [i, item]));
  if (points === undefined || points.flat().some((x) => typeof x !== 'number'))
    throw new TypeError(`curve '${name}' must be a list of numbers or of pairs of a step and a value`);
  return points as unknown as Point[];
}

function extremes(values: readonly number[]): Point {
  let [low, high] = [values[0], values[0]];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

const round = (x: number): number => Math.round(x * 100) / 100;

function pathOf(
  points: readonly Point[],
  isShown: (point: Point) => boolean,
  atX: (x: number) => number,
  atY: (y: number) => number,
): string {
  let isOn = false;
  let path = '';
  for (const point of points) {
    if (isShown(point)) path += `${isOn ? 'L' : 'M'}${atX(point[0])} ${atY(point[1])}`;
    // A value by itself is a dot.
    if (isShown(point) && !isOn) path += 'h0';
    isOn = isShown(point);
  }
  return path;
}

const escaped = (value: string): string =>
  value.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign]!);

const text = (x: number, y: number, value: string, anchor: string, more = ''): string =>
  `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="#333333"${more}>${escaped(value)}</text>`;

interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Lines at the ticks, and their numbers. */
function* grid(
  xAxis: Axis,
  yAxis: Axis,
  atX: (x: number) => number,
  atY: (y: number) => number,
  { left, right, top, bottom }: Frame,
): Iterable<string> {
  const line = (d: string) => `<path d="${d}" stroke="#dddddd"/>`;
  for (const tick of yAxis.ticks) {
    yield line(`M${left} ${atY(tick)}H${right}`);
    yield text(left - 6, atY(tick) + 4, tickText(tick), 'end');
  }
  for (const tick of xAxis.ticks) {
    yield line(`M${atX(tick)} ${top}V${bottom}`);
    yield text(atX(tick), bottom + 16, tickText(tick), 'middle');
  }
}
