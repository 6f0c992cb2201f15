/** Ensembles and distillation, while one looks on: the page's text stands in its HTML, this puts the experiment in. */

import { type Measured, type Point, type Row, rowNames } from '../../examples/mysteries/events.js';
import { Results } from '../../examples/mysteries/results.js';
import { written } from '../../examples/mysteries/statistics.js';
import type { Point as Place } from '../draw/chart.js';
import { element, enable } from '../page/element.js';
import { duration, layOut, Status } from '../page/layout.js';
import type { Reply, StudyOrder } from '../worker/messages.js';
import { Session } from '../worker/session.js';
import { featureTable } from './feature_table.js';
import { lineChart } from './line_chart.js';
import { resultTable } from './result_table.js';
import { SettingsForm } from './settings_form.js';
import { words } from './words.js';

const status = new Status();
const session = new Session(hear, (message) => fail(`${words.broken} ${message}`));
const form = new SettingsForm(() => {
  if (order !== null) start();
});
const startButton = element('button', { type: 'button', class: 'main', onclick: start }, words.start);
const pauseButton = element('button', { type: 'button', onclick: pause }, words.pause);
const bar = element('progress', { 'aria-label': words.progress, value: '0', max: '1' });
const curves = lineChart(words.curves, words.curvesBefore);
const averages = lineChart(words.averageCurve, words.averageCurve);
const features = element('div', {}, note(words.featuresBefore));
const figures = element('div', {}, note(words.resultsBefore));
const gain = element('p', { class: 'gain' });

/** What was asked for last; null at first. */
let order: StudyOrder | null = null;
let isBusy = false;
let isPaused = false;
let results = new Results();
/** Networks of the replicate that goes on. */
let measured: Measured[] = [];
let lines = new Map<string, { row: Row; points: Place[] }>();
let ensembles: Place[][] = [];
let replicate = 0;
let score = '';
let isDue = false;

function note(text: string): HTMLElement {
  return element('p', { class: 'note' }, text);
}

const section = (id: string, title: string, ...children: readonly HTMLElement[]) =>
  element('section', { 'aria-labelledby': id }, element('h3', { id }, title), ...children);

layOut();
document
  .querySelector('#experiment')!
  .append(
    element(
      'div',
      { class: 'columns' },
      section('settings', words.settings, form.element),
      element(
        'div',
        { class: 'live' },
        element(
          'div',
          { class: 'toolbar', role: 'group', 'aria-label': words.experiment },
          startButton,
          pauseButton,
          status.element,
        ),
        bar,
        section('results', words.results, figures, gain),
        section(
          'curves',
          words.curves,
          element('div', { class: 'charts' }, curves.element, averages.element),
        ),
        section('features', words.features, features),
      ),
    ),
  );
enable(pauseButton, false);

function start(): void {
  const asked = form.read();
  if (asked === null) return;
  order = asked;
  isBusy = true;
  isPaused = false;
  results = new Results();
  replicate = -1;
  ensembles = [];
  score = '';
  begin(0);
  averages.clear();
  figures.replaceChildren(note(words.resultsBefore));
  gain.replaceChildren();
  features.replaceChildren(note(order.data === 'multi-view' ? words.featuresBefore : words.noFeatures));
  bar.value = 0;
  status.say(words.loading);
  update();
  session.send({ kind: 'study', order });
}

/** Begins to show another replicate. */
function begin(number: number): void {
  replicate = number;
  measured = [];
  lines = new Map();
  ensembles[number] = [];
  curves.clear();
}

function pause(): void {
  if (!isBusy) return;
  isPaused = !isPaused;
  session.send({ kind: isPaused ? 'pause' : 'go on' });
  status.say(isPaused ? words.paused : words.replicate(replicate + 1, order!.replicates));
  update();
}

function update(): void {
  enable(pauseButton, isBusy);
  pauseButton.textContent = isPaused ? words.goOn : words.pause;
}

function fail(message: string): void {
  session.end();
  isBusy = false;
  isPaused = false;
  status.say(message);
  update();
}

function hear(reply: Reply): void {
  switch (reply.kind) {
    case 'study':
      if (isSame(reply.order)) take(reply.event);
      break;
    case 'studied':
      if (!isSame(reply.order)) return;
      isBusy = false;
      bar.value = 1;
      show();
      status.say(`${words.finished} (${duration(reply.seconds)})`);
      update();
      break;
    case 'broken off':
      fail(`${reply.failure.name}: ${reply.failure.message}`);
  }
}

/** Whether something is told of what was asked for last. */
const isSame = (told: StudyOrder) => JSON.stringify(told) === JSON.stringify(order);

function take(event: Point | Measured): void {
  if (event.replicate !== replicate) begin(event.replicate);
  const { row, network, scores } = event;
  if (scores !== null) score = Object.keys(scores)[0];
  if (event.kind === 'measured') {
    results.add(event);
    measured.push(event);
    if (row === 'ensemble') ensembles[replicate].push([network + 1, event.scores[score]]);
  }
  if (row !== 'ensemble' && scores !== null) {
    const key = `${row} ${network}`;
    const line = lines.get(key) ?? { row, points: [] };
    lines.set(key, line);
    line.points.push([event.kind === 'point' ? event.done : 1, scores[score]]);
  }
  const { replicates, networks, data } = order!;
  const done = event.kind === 'point' ? event.done : 1;
  bar.value = (replicate + share(row, network, done, networks, data === 'digits')) / replicates;
  const title = row === 'single' ? words.single : words.rowTitle(row, networks);
  const number = row === 'joint' ? '' : ` (${network + 1})`;
  if (!isPaused) status.say(`${words.replicate(replicate + 1, replicates)}: ${title}${number}`);
  if (isDue) return;
  isDue = true;
  // Once for all that comes at once.
  requestAnimationFrame(show);
}

/** How much of a replicate is done, where networks that are trained as one take as long as they would alone. */
function share(row: Row, network: number, done: number, networks: number, isTuned: boolean): number {
  const parts: readonly (readonly [Row, number])[] = [
    ['single', networks],
    ['distilled', 3],
    ['self-distilled', 3],
    ['control', 3],
    ['untuned', isTuned ? 3 : 0],
    ['joint', networks],
  ];
  const at = parts.findIndex(([name]) => name === (row === 'ensemble' ? 'single' : row));
  const before = parts.slice(0, at).reduce((sum, [, count]) => sum + count, 0);
  const all = parts.reduce((sum, [, count]) => sum + count, 0);
  return (before + (row === 'joint' ? done * networks : network + done)) / all;
}

function show(): void {
  isDue = false;
  if (order === null) return;
  const { networks, data } = order;
  const drawn = [...lines.values()];
  const rows = rowNames.filter((row) => drawn.some((line) => line.row === row));
  if (drawn.length > 0)
    curves.show(
      drawn,
      {
        title: words.training,
        from: 0,
        to: 1,
        ticks: [0, 0.25, 0.5, 0.75, 1].map((x) => [x, `${100 * x} %`] as const),
      },
      rows.map((row) => [row, words.rowTitle(row, networks)] as const),
    );
  if (ensembles.some((points) => points.length > 0)) {
    const every = Math.ceil(networks / 10);
    const sizes = Array.from({ length: networks }, (_, i) => i + 1).filter((n) => n % every === 0 || n === 1);
    averages.show(
      ensembles.map((points) => ({ row: 'ensemble', points, isMarked: true })),
      { title: words.ensembleSize, from: 1, to: networks, ticks: sizes.map((n) => [n, String(n)] as const) },
      [['ensemble', words.averageCurve]],
    );
  }
  if (measured.length === 0) return;
  figures.replaceChildren(resultTable(results, networks, replicatesIn()));
  const known = new Map(results.rows().map((row) => [row.row, row.gain]));
  const [ensemble, distilled] = [known.get('ensemble'), known.get('distilled')];
  if (ensemble && distilled && ensemble.mean > 0) {
    const kept = Math.round((100 * distilled.mean) / ensemble.mean);
    gain.textContent = words.gainSentence(written(ensemble, 1), `${String(kept).replace('-', '−')} %`);
  }
  if (data === 'multi-view') features.replaceChildren(featureTable(measured, networks));
}

/** Of how many replicates there are figures. */
const replicatesIn = () => replicate + 1;
