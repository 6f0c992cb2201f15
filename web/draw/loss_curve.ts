import { element, svg, uniqueId } from '../page/element.js';
import { axes, Chart, type Point, ticks } from './chart.js';

/** Lines have so many points at most. */
const mostPoints = 160;
const noSteps = 'No step has been made yet.';
/** A loss counts for the line as long as so many epochs, if nobody says otherwise. */
const usualSmoothing = 0.5;

const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

/** Losses of a training. */
export interface Run {
  readonly name: string;
  /** By which its line is known when others come and go. */
  readonly colour: number;
  readonly losses: readonly number[];
  readonly stepsPerEpoch: number;
}

export interface LossCurve {
  readonly element: HTMLElement;
  show(losses: readonly number[], stepsPerEpoch: number): void;
  /** Draws several trainings; the last is the one that goes on. @param smoothing how long a loss counts, in epochs */
  compare(runs: readonly Run[], smoothing: number): void;
  scrollIntoView(): void;
}

/** How the loss goes: a pale line of single steps, one that is smoothed, and both in a sentence. */
export function lossCurve(): LossCurve {
  const summary = uniqueId('summary');
  const text = element('p', { id: summary }, noSteps);
  const legend = element('p', { class: 'legend' });
  const chart = new Chart('Loss by epoch', summary, legend, element('figcaption', {}, text));
  const compare = (given: readonly Run[], smoothing: number) => {
    const last = given.at(-1);
    const runs = given.filter(({ losses }) => losses.length > 0);
    legend.hidden = runs.length === 0;
    text.textContent = last === undefined || last.losses.length === 0 ? noSteps : summarize(last);
    chart.show(runs.length === 0 ? null : (width, height) => draw(runs, smoothing, width, height));
    legend.replaceChildren(
      ...(runs.length === 1
        ? [swatch(`steps ${colourOf(runs[0])}`, 'steps'), swatch(colourOf(runs[0]), 'smoothed')]
        : []),
      ...(runs.length > 1 ? runs.map((run) => swatch(colourOf(run), run.name)) : []),
    );
  };
  legend.hidden = true;
  return {
    element: chart.element,
    compare,
    show: (losses, stepsPerEpoch) =>
      compare([{ name: '', colour: 0, losses, stepsPerEpoch }], usualSmoothing),
    scrollIntoView: () => chart.scrollIntoView(),
  };
}

export const colourOf = ({ colour }: Pick<Run, 'colour'>): string => `run-${colour % 6}`;

const swatch = (name: string, title: string): HTMLElement =>
  element('span', { class: 'swatch' }, element('span', { class: `colour ${name}` }), title);

function summarize({ losses, stepsPerEpoch }: Run): string {
  const recent = losses.slice(-Math.min(stepsPerEpoch, 200));
  const first = losses.slice(0, recent.length);
  const steps = `${losses.length.toLocaleString('en')} step${losses.length === 1 ? '' : 's'}`;
  return losses.length < 2
    ? `After ${steps}: loss ${losses[0].toFixed(3)}.`
    : `After ${steps}: loss ${mean(recent).toFixed(3)} (mean of the last ${recent.length}); ` +
        `it began with ${mean(first.length < losses.length ? first : [losses[0]]).toFixed(3)}.`;
}

/** Means in which a loss counts less with each step after it, so that all runs are smoothed alike over their epochs. */
function smoothed(losses: readonly number[], steps: number): number[] {
  const weight = steps > 0 ? Math.exp(-1 / steps) : 0;
  let [sum, share] = [0, 0];
  return losses.map((loss) => {
    if (!Number.isFinite(loss)) return loss;
    sum = weight * sum + (1 - weight) * loss;
    share = weight * share + (1 - weight);
    return sum / share;
  });
}

/** Values by epochs, as means over so many stretches as a line has points. */
function line(values: readonly number[], stepsPerEpoch: number): Point[] {
  const stretch = Math.ceil(values.length / mostPoints);
  const points: Point[] = [];
  for (let i = 0; i < values.length; i += stretch) {
    const part = values.slice(i, i + stretch);
    points.push([(i + part.length / 2) / stepsPerEpoch, mean(part)]);
  }
  return points;
}

function draw(runs: readonly Run[], smoothing: number, width: number, height: number): SVGElement[] {
  const last = runs.at(-1)!;
  const pale = line(last.losses, last.stepsPerEpoch);
  const lines = runs.map((run) => ({
    run,
    points: line(smoothed(run.losses, smoothing * run.stepsPerEpoch), run.stepsPerEpoch),
  }));
  const drawn = [...pale, ...lines.flatMap(({ points }) => points)];
  const finite = drawn.map(([, y]) => y).filter(Number.isFinite);
  const [low, high] = finite.length === 0 ? [0, 1] : [Math.min(...finite), Math.max(...finite)];
  const margin = 0.08 * Math.max(high - low, 0.5);
  const [least, most] = [Math.max(low - margin, Math.min(low, 0)), high + margin];
  const end = Math.max(...runs.map(({ losses, stepsPerEpoch }) => losses.length / stepsPerEpoch));
  const { elements, path } = axes(
    { title: 'epoch', from: 0, to: end, ticks: ticks(0, end, width / 100) },
    { title: 'cross entropy', from: least, to: most, ticks: ticks(least, most, 5) },
    width,
    height,
  );
  return [
    ...elements,
    svg('path', { class: `line steps ${colourOf(last)}`, d: path(pale) }),
    ...lines.map(({ run, points }) => svg('path', { class: `line ${colourOf(run)}`, d: path(points) })),
  ];
}
