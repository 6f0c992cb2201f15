import { element, svg, uniqueId } from '../page/element.js';

const edge = { left: 60, right: 20, top: 12, bottom: 48 };
/** The line of single steps is drawn by means over so many stretches at most. */
const mostPoints = 160;

const noSteps = 'No step has been made yet.';

const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

/** Round numbers that divide what lies between two numbers into about `count` parts. */
function ticks(from: number, to: number, count: number): number[] {
  const rough = (to - from) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const found: number[] = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + 1e-9 * step; i++)
    found.push(Number((i * step).toPrecision(12)));
  return found;
}

export interface LossCurve {
  readonly element: HTMLElement;
  show(losses: readonly number[], stepsPerEpoch: number): void;
  /** Scrolls as little as it takes to see the drawing. */
  scrollIntoView(): void;
}

/** How the loss goes: a line of means over short stretches, the means of epochs, and both in a sentence. */
export function lossCurve(): LossCurve {
  const summary = uniqueId('summary');
  const drawing = svg('svg', {
    role: 'img',
    'aria-label': 'Loss by epoch',
    'aria-describedby': summary,
  });
  const text = element('p', { id: summary }, noSteps);
  const legend = element(
    'p',
    { class: 'legend', hidden: true },
    element('span', { class: 'swatch' }, element('span', { class: 'colour steps' }), 'steps'),
    element('span', { class: 'swatch' }, element('span', { class: 'colour epochs' }), 'mean of an epoch'),
  );
  const figure = element('figure', { class: 'curve' }, drawing, legend, element('figcaption', {}, text));
  let shown: { losses: readonly number[]; stepsPerEpoch: number } | null = null;
  const redraw = () => {
    if (shown === null) return;
    // As wide as its place, so that letters keep their size; no higher than leaves room for it on a phone that is held crosswise.
    const width = Math.max(figure.clientWidth, 280);
    const height = Math.round(Math.max(220, Math.min(0.45 * width, 0.5 * innerHeight)));
    drawing.setAttribute('viewBox', `0 0 ${width} ${height}`);
    drawing.replaceChildren(...draw(shown.losses, shown.stepsPerEpoch, width, height));
  };
  new ResizeObserver(redraw).observe(figure);
  return {
    element: figure,
    show(losses, stepsPerEpoch) {
      const isEmpty = losses.length === 0;
      shown = isEmpty ? null : { losses, stepsPerEpoch };
      legend.hidden = isEmpty;
      text.textContent = isEmpty ? noSteps : summarize(losses, stepsPerEpoch);
      if (isEmpty) drawing.replaceChildren();
      else redraw();
    },
    scrollIntoView: () => drawing.scrollIntoView({ block: 'nearest' }),
  };
}

function summarize(losses: readonly number[], stepsPerEpoch: number): string {
  const recent = losses.slice(-Math.min(stepsPerEpoch, 200));
  const first = losses.slice(0, recent.length);
  const steps = `${losses.length.toLocaleString('en')} step${losses.length === 1 ? '' : 's'}`;
  return losses.length < 2
    ? `After ${steps}: loss ${losses[0].toFixed(3)}.`
    : `After ${steps}: loss ${mean(recent).toFixed(3)} (mean of the last ${recent.length}); ` +
        `it began with ${mean(first.length < losses.length ? first : [losses[0]]).toFixed(3)}.`;
}

function draw(losses: readonly number[], stepsPerEpoch: number, width: number, height: number): SVGElement[] {
  const stretch = Math.ceil(losses.length / mostPoints);
  const points: [number, number][] = [];
  for (let i = 0; i < losses.length; i += stretch) {
    const part = losses.slice(i, i + stretch);
    points.push([(i + part.length / 2) / stepsPerEpoch, mean(part)]);
  }
  const epochs: [number, number][] = [];
  for (let i = 0; i + stepsPerEpoch <= losses.length; i += stepsPerEpoch)
    epochs.push([i / stepsPerEpoch + 0.5, mean(losses.slice(i, i + stepsPerEpoch))]);

  const finite = points.map(([, y]) => y).filter(Number.isFinite);
  const [low, high] = finite.length === 0 ? [0, 1] : [Math.min(...finite), Math.max(...finite)];
  const margin = 0.08 * Math.max(high - low, 0.5);
  const [least, most] = [Math.max(low - margin, Math.min(low, 0)), high + margin];
  const lastX = losses.length / stepsPerEpoch;
  const x = (value: number) => edge.left + (value / lastX) * (width - edge.left - edge.right);
  const y = (value: number) =>
    height - edge.bottom - ((value - least) / (most - least)) * (height - edge.top - edge.bottom);
  const path = (line: readonly [number, number][]) =>
    line
      .filter(([, value]) => Number.isFinite(value))
      .map(([at, value], i) => `${i === 0 ? 'M' : 'L'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`)
      .join('');
  const label = (at: readonly [number, number], text: string, anchor: string) =>
    svg('text', { x: String(at[0]), y: String(at[1]), 'text-anchor': anchor }, text);

  const [left, right, bottom] = [edge.left, width - edge.right, height - edge.bottom];
  return [
    ...ticks(least, most, 5).flatMap((value) => [
      svg('path', { class: 'grid', d: `M${left} ${y(value)}H${right}` }),
      label([left - 8, y(value) + 5], String(value), 'end'),
    ]),
    ...ticks(0, lastX, width / 100).map((value) => label([x(value), bottom + 20], String(value), 'middle')),
    label([(left + right) / 2, height - 6], 'epoch', 'middle'),
    svg(
      'text',
      {
        transform: `translate(14 ${(edge.top + bottom) / 2}) rotate(-90)`,
        'text-anchor': 'middle',
      },
      'cross entropy',
    ),
    svg('path', { class: 'axis', d: `M${left} ${edge.top}V${bottom}H${right}` }),
    svg('path', { class: 'line steps', d: path(points) }),
    svg('path', { class: 'line epochs', d: path(epochs) }),
    ...epochs
      .filter(([, value]) => Number.isFinite(value))
      .map(([at, value]) =>
        svg('circle', { class: 'epochs', cx: String(x(at)), cy: String(y(value)), r: '4' }),
      ),
  ];
}
