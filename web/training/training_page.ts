/** A classifier of photographs, trained while one looks on. */
import source from '../../examples/blitz/classifier.ts?raw';
import { readPreamble, readSections } from '../../examples/blitz/sections.js';
import { lossCurve } from '../draw/loss_curve.js';
import { type PredictionList, predictionList } from '../draw/predictions.js';
import { downloadLink } from '../page/download.js';
import { draft, keepDraft } from '../page/draft.js';
import { element, enable } from '../page/element.js';
import { duration, layOut, Status } from '../page/layout.js';
import { askBeforeLeaving } from '../page/leaving.js';
import type { Reply } from '../worker/messages.js';
import { Session } from '../worker/session.js';
import { accuracyTable } from './accuracy_table.js';
import { type Settings, TrainingForm } from './form.js';
import { Runs } from './runs.js';

/** The chapter's source up to the optimizer. */
const chapter = [
  readPreamble(source),
  ...readSections(source)
    .slice(0, 3)
    .map(({ code }) => code),
];

/** Screen readers are told how it goes so often, in seconds. */
const tellEvery = 10;
/** A worker that does not stop by itself in so many seconds is ended. */
const patience = 5;

const form = new TrainingForm(start);
const status = new Status();
const session = new Session(hear, (message) => fail(`The library could not be started: ${message}`));
const stopButton = element('button', { type: 'button', onclick: stop }, 'Stop');
const pauseButton = element('button', { type: 'button', onclick: pauseOrGoOn }, 'Pause');
const weightsButton = element('button', { type: 'button', onclick: askForWeights }, 'Save the weights');
const bar = element('progress', { 'aria-label': 'Progress of the training', value: '0', max: '1' });
const speed = element('p', { class: 'speed' });
const curve = lossCurve();
const runs = new Runs(draw);
const smoothing = element('input', {
  ...{ id: 'smoothing', type: 'range', min: '0', max: '3', step: '0.25' },
  value: draft('training: smoothing') ?? '0.5',
  oninput: () => {
    keepDraft('training: smoothing', smoothing.value);
    draw();
  },
});
const smoothed = element('span', { class: 'note', 'aria-hidden': 'true' });
const images = element(
  'div',
  {},
  note('Sixteen test images, and what the network takes them for, once it trains.'),
);
const results = element(
  'div',
  {},
  note('How often it is right about images that it has never seen: after the training.'),
);
const links = element('p', {});

let isBusy = false;
/** Whether there is a network that nobody has saved. */
let isUnsaved = false;
let isPaused = false;
let losses: number[] = [];
let epochs = 1;
let classes: readonly string[] = [];
let predictions: PredictionList | null = null;
let told = 0;
let scrolledTo = 0;
let ending: ReturnType<typeof setTimeout> | undefined;

const rate = (perSecond: number) =>
  perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond).toLocaleString('en');

function note(text: string): HTMLElement {
  return element('p', { class: 'note' }, text);
}

const section = (title: string, ...children: readonly HTMLElement[]) => {
  const id = title.toLowerCase().replaceAll(' ', '-');
  return element('section', { 'aria-labelledby': id }, element('h2', { id }, title), ...children);
};

const live = element(
  'div',
  { class: 'live' },
  element(
    'div',
    { class: 'toolbar', role: 'group', 'aria-label': 'The training' },
    form.startButton,
    pauseButton,
    stopButton,
    weightsButton,
    status.element,
  ),
  links,
  section(
    'Loss',
    bar,
    speed,
    curve.element,
    element(
      'div',
      { class: 'row' },
      element('label', { for: 'smoothing' }, 'Smoothing'),
      smoothing,
      smoothed,
    ),
    runs.element,
  ),
  section('Predictions', images),
  section('Test', results),
);

layOut().append(
  element('h1', {}, 'Live training'),
  element(
    'p',
    {},
    'A network learns to tell ten kinds of photographs apart, in this page: a deeper one, or that of the chapter ',
    element('a', { href: './classifier.html' }, 'Classifier'),
    ', which makes the same steps as in Python.',
  ),
  element(
    'p',
    {},
    'Train it with one setting and then with another: the runs are drawn together. The address has the settings.',
  ),
  element('div', { class: 'columns' }, section('Settings', form.element), live),
);
enable(stopButton, false);
enable(pauseButton, false);
enable(weightsButton, false);
void form.lookForGpu();
draw();

function start(): void {
  if (isBusy) return;
  const order = form.read();
  if (order === null) return;
  isBusy = true;
  isUnsaved = false;
  isPaused = false;
  runs.begin(order);
  losses = runs.current!.losses;
  epochs = order.epochs;
  told = performance.now();
  draw();
  links.replaceChildren();
  bar.value = 0;
  speed.textContent = '';
  results.replaceChildren(note('The test follows the training.'));
  status.say('Loading library and images …');
  update();
  void send(order);
  // Where the curve would be below the screen, since the settings stand above it.
  if (curve.element.getBoundingClientRect().bottom > innerHeight) live.scrollIntoView();
  scrolledTo = scrollY;
}

async function send({ network, ...order }: Settings): Promise<void> {
  const worker = session.start();
  try {
    const { compile } = await import('../snippets/compile.js');
    const compiled = network === 'chapter' ? chapter.map(compile) : null;
    // It may have been stopped meanwhile.
    if (session.worker === worker) session.send({ kind: 'train', order: { ...order, chapter: compiled } });
  } catch (error) {
    if (session.worker === worker) fail((error as Error).message);
  }
}

function stop(): void {
  if (!isBusy) return;
  isPaused = false;
  update();
  status.say('Stopping after this step …');
  session.send({ kind: 'stop' });
  clearTimeout(ending);
  ending = setTimeout(() => fail('Stopped. The network is gone: it did not answer.'), 1000 * patience);
}

function pauseOrGoOn(): void {
  if (!isBusy) return;
  isPaused = !isPaused;
  session.send({ kind: isPaused ? 'pause' : 'go on' });
  status.say(isPaused ? 'Paused.' : 'Going on …');
  update();
}

/** Draws all runs that are kept. */
function draw(): void {
  const epochs = smoothing.valueAsNumber;
  const text = epochs === 0 ? 'none' : `over ${epochs} epoch${epochs === 1 ? '' : 's'}`;
  smoothed.textContent = text;
  smoothing.setAttribute('aria-valuetext', text);
  curve.compare(runs.lines, epochs);
}

function askForWeights(): void {
  if (weightsButton.getAttribute('aria-disabled') === 'true') return;
  session.send({ kind: 'weights' });
}

/** Ends the worker. */
function fail(message: string): void {
  session.end();
  isBusy = false;
  isUnsaved = false;
  isPaused = false;
  if (runs.current?.accuracy === null) runs.end(null);
  losses = [];
  draw();
  speed.textContent = '';
  clearTimeout(ending);
  status.say(message);
  update();
}

function update(): void {
  form.isFixed = isBusy;
  enable(form.startButton, !isBusy);
  enable(stopButton, isBusy);
  enable(pauseButton, isBusy);
  pauseButton.textContent = isPaused ? 'Continue' : 'Pause';
  enable(weightsButton, !isBusy && losses.length > 0);
  askBeforeLeaving(isBusy || isUnsaved);
}

function hear(reply: Reply): void {
  switch (reply.kind) {
    case 'training':
      runs.current!.stepsPerEpoch = reply.stepsPerEpoch;
      classes = reply.images.classes;
      predictions = predictionList(reply.images);
      images.replaceChildren(predictions.element);
      status.say(`Training on ${reply.device}.`);
      break;
    case 'losses': {
      losses.push(...reply.losses);
      const { stepsPerEpoch } = runs.current!;
      const total = stepsPerEpoch * epochs;
      bar.value = losses.length / total;
      const left = (total - losses.length) * reply.secondsPerStep;
      speed.textContent =
        `Epoch ${Math.min(epochs, Math.floor((losses.length - 1) / stepsPerEpoch) + 1)} of ${epochs}, ` +
        `${rate(1 / reply.secondsPerStep)} steps a second, ${duration(left)} left`;
      draw();
      // Now it has its height. Who has scrolled meanwhile looks at something else.
      if (losses.length === reply.losses.length && scrollY === scrolledTo) curve.scrollIntoView();
      if (performance.now() - told > 1000 * tellEvery) {
        told = performance.now();
        status.say(`Step ${losses.length} of ${total}, loss ${losses.at(-1)!.toFixed(2)}.`);
      }
      break;
    }
    case 'guesses':
      predictions?.show(reply.predictions);
      break;
    case 'testing':
      clearTimeout(ending);
      status.say('Testing …');
      break;
    case 'trained': {
      isBusy = false;
      isUnsaved = true;
      const { table, sentence, accuracy } = accuracyTable(classes, reply.test);
      runs.end(accuracy);
      draw();
      results.replaceChildren(table);
      speed.textContent = `${losses.length.toLocaleString('en')} steps.`;
      status.say(`${reply.wasStopped ? 'Stopped' : 'Finished'}. ${sentence}`);
      update();
      break;
    }
    case 'weights':
      // The link stays, for browsers that do not save what nobody pressed.
      links.replaceChildren(downloadLink('cifar_net.pt', reply.bytes));
      links.querySelector('a')!.click();
      isUnsaved = false;
      update();
      break;
    case 'broken off':
      fail(`${reply.failure.name}: ${reply.failure.message}`);
  }
}
