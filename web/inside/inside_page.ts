/** Looking inside a network: the page's text and programs stand in its HTML, this runs the programs and shows what they draw. */
import { Outputs } from '../chapter/outputs.js';
import type { Cell } from '../notebook/cell.js';
import { toFragment } from '../notebook/link.js';
import { element, enable } from '../page/element.js';
import { layOut, nextPage, Status } from '../page/layout.js';
import type { Output, Snapshot } from '../worker/messages.js';
import { Runner } from '../worker/runner.js';
import { drawingIn, withDrawing } from './dots.js';
import { Pad } from './pad.js';

/** A part of the page with a program. */
interface Part {
  readonly title: string;
  readonly pre: HTMLElement;
  readonly outputs: Outputs;
  readonly link: HTMLAnchorElement;
  /** Parts whose variables it uses. */
  readonly needs: readonly number[];
}

/** A stroke may be one of several. */
const patience = 300;

const button = (text: string, onclick: () => void) => element('button', { type: 'button', onclick }, text);
const main = layOut();
const status = new Status();
const pauseButton = button('Pause', pauseOrGoOn);
const sections = [...document.querySelectorAll<HTMLElement>('section[data-needs]')];
const parts = sections.map(partOf);
const drawn = sections.findIndex(({ id }) => id === 'digit');
/** What is made anew when the drawing is another. */
const ofDrawing = parts.flatMap(({ needs }, i) => (i === drawn || needs.includes(drawn) ? [i] : []));
const ran = new Set<number>();
const runner = new Runner((i) => parts[i].pre.textContent!.trim(), {
  began: (i) => {
    parts[i].outputs.clear();
    status.say(`${parts[i].title} …`);
  },
  output: (i, output) => show(i, output),
  done: (i) => {
    ran.add(i);
    parts[i].outputs.settle();
    if (runner.waiting.length === 0)
      status.say('All pictures are there. Draw a digit of your own, or open a program and change it.');
  },
  failed: (i, failure) => {
    parts[i].outputs.fail(failure);
    status.say(`${parts[i].title}: the program failed. Its error is shown below it.`);
  },
  broken: (message) => status.say(message),
  changed: () => enable(pauseButton, runner.running !== null),
});
const pad = new Pad(() => draw(pad.dots));
let isPaused = false;
let planned: ReturnType<typeof setTimeout> | undefined;
/** Digits that the reader can take instead of drawing one. */
let samples: Snapshot | null = null;
let nextSample = 0;

document
  .querySelector('#toolbar')!
  .append(
    element(
      'div',
      { class: 'toolbar', role: 'group', 'aria-label': 'The programs of this page' },
      button('Run all anew', runAll),
      pauseButton,
      status.element,
    ),
  );
document.querySelector('#pad')!.append(
  pad.element,
  element(
    'div',
    { class: 'actions' },
    button('Clear', () => {
      pad.dots = new Float32Array(pad.dots.length);
    }),
    button('Another test digit', takeSample),
  ),
);
pad.dots = drawingIn(parts[drawn].pre.textContent!);
main.append(nextPage());
enable(pauseButton, false);
for (const i of parts.keys()) void link(i);
if (matchMedia('(prefers-reduced-motion: reduce)').matches)
  status.say('Nothing moves by itself, as your device asks for. Press “Run all anew”.');
else runWhatIsSeen();

function partOf(section: HTMLElement, i: number): Part {
  const title = section.querySelector('h2')!.textContent!;
  const pre = section.querySelector('pre')!;
  const outputs = new Outputs(`Pictures: ${title}`);
  const link = element('a', { href: './notebook.html' }, 'Open in the notebook');
  const places = section.dataset.needs!.split(' ').filter((id) => id !== '');
  const run = element(
    'button',
    { type: 'button', 'aria-label': `Run: ${title}`, onclick: () => runPart(i) },
    'Run',
  );
  section.querySelector('.program')!.append(element('div', { class: 'actions' }, run, link));
  section.querySelector('.pictures')!.append(outputs.element);
  return { title, pre, outputs, link, needs: places.map((id) => sections.findIndex((one) => one.id === id)) };
}

function runAll(): void {
  runner.end();
  ran.clear();
  isPaused = false;
  pauseButton.textContent = 'Pause';
  status.say('Loading the library …');
  runner.run([...parts.keys()]);
}

/** Runs the first program, and each of the others when a reader comes to it. */
function runWhatIsSeen(): void {
  status.say('Loading the library …');
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) {
        const i = sections.indexOf(target as HTMLElement);
        if (!isIntersecting) continue;
        observer.unobserve(target);
        if (!ran.has(i)) runPart(i);
      }
    },
    { rootMargin: '25% 0px' },
  );
  runPart(0);
  for (const section of sections.slice(1)) observer.observe(section);
}

/** Runs a program, and before it those that it needs. */
function runPart(i: number): void {
  goOn();
  runner.run([...parts[i].needs.filter((other) => !ran.has(other)), i]);
}

function pauseOrGoOn(): void {
  if (isPaused) goOn();
  else if (runner.running !== null) {
    isPaused = true;
    runner.send({ kind: 'pause' });
    status.say('Paused.');
    pauseButton.textContent = 'Continue';
  }
}

function goOn(): void {
  if (!isPaused) return;
  isPaused = false;
  runner.send({ kind: 'go on' });
  status.say('Going on …');
  pauseButton.textContent = 'Pause';
}

function show(i: number, output: Output): void {
  if (output.kind === 'tensor' && output.title === 'Test digits') samples = output.snapshot;
  parts[i].outputs.show(output);
}

function takeSample(): void {
  if (samples === null) {
    status.say('The digits come with the first program.');
    return;
  }
  const { values } = samples;
  const { length } = pad.dots;
  const first = (nextSample++ * length) % values.length;
  pad.dots = Float32Array.from(values.subarray(first, first + length));
  draw(pad.dots);
}

/** Puts a drawing into its program, and runs all that looks at it. */
function draw(dots: Float32Array): void {
  const { pre } = parts[drawn];
  pre.textContent = withDrawing(pre.textContent!, dots);
  clearTimeout(planned);
  planned = setTimeout(() => {
    for (const i of ofDrawing) void link(i);
    for (const i of ofDrawing) runPart(i);
  }, patience);
}

/** Lets a part's link hold its program, and those that it needs. */
async function link(i: number): Promise<void> {
  const cells = [...parts[i].needs, i].flatMap((one): Cell[] => [
    { kind: 'note', text: parts[one].title },
    { kind: 'code', text: parts[one].pre.textContent!.trim() },
  ]);
  parts[i].link.href = `./notebook.html#n=${await toFragment(cells)}`;
}
