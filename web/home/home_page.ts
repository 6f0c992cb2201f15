/** The first page: a network that learns while one reads. */
import { failureView } from '../chapter/output_view.js';
import { decisionPicture } from '../draw/decision_picture.js';
import { element, enable } from '../page/element.js';
import { idle } from '../page/idle.js';
import { layOut, runKeys, Status } from '../page/layout.js';
import type { Failure, Output } from '../worker/messages.js';
import { Runner } from '../worker/runner.js';

type State = 'idle' | 'loading' | 'running' | 'paused';

layOut();
const program = document.querySelector<HTMLElement>('#program')!;
const original = program.textContent.trim();
const picture = decisionPicture();
const status = new Status();
const runner = new Runner(() => source.get(), {
  ready: (engine) => enter('running', `Learning (${engine}) …`),
  output: (_, output) => show(output),
  done: () => enter('idle', 'It has learned. Change the program, and run it again.'),
  failed: (_, failure) => fail(failure),
  broken: (message) => enter('idle', message),
});
const printed = element('div', { class: 'output', role: 'group', 'aria-label': 'Output' });
const button = (text: string, onclick: () => void) => element('button', { type: 'button', onclick }, text);
const runButton = button('Run', run);
const pauseButton = button('Pause', pauseOrGoOn);
const restoreButton = button('Restore', () => {
  source.set(original);
  run();
});
let state: State = 'idle';
/** The text, and with an editor the one in it. */
let source = { get: () => original, set: (_: string) => {} };

document
  .querySelector('#play')!
  .append(
    element(
      'div',
      { class: 'actions' },
      runButton,
      pauseButton,
      restoreButton,
      element('span', { class: 'keys' }, runKeys),
      status.element,
    ),
    printed,
  );
document.querySelector('#picture')!.append(picture.element);
printed.hidden = true;
restoreButton.hidden = true;
enter('idle', '');
void begin();

/** Starts by itself, unless the reader wants no movement; the editor comes when there is time. */
async function begin(): Promise<void> {
  if (!matchMedia('(prefers-reduced-motion: reduce)').matches) run();
  await idle();
  try {
    const { editor } = await import('../chapter/editor.js');
    const made = editor({
      text: original,
      label: 'The program',
      onRun: run,
      onRunAndGoOn: run,
      onChange: () => {
        restoreButton.hidden = source.get() === original;
      },
    });
    source = {
      get: () => made.state.doc.toString(),
      set: (text) => made.dispatch({ changes: { from: 0, to: made.state.doc.length, insert: text } }),
    };
    program.replaceWith(made.dom);
  } catch (error) {
    status.say(`The editor could not be loaded: ${(error as Error).message}`);
  }
}

/** Runs the program from its beginning, in a worker of its own: the one that is there may be in an endless loop. */
function run(): void {
  runner.end();
  printed.replaceChildren();
  printed.hidden = true;
  enter('loading', 'Loading the library …');
  runner.run([0]);
}

function pauseOrGoOn(): void {
  if (state === 'running') {
    runner.send({ kind: 'pause' });
    enter('paused', 'Paused.');
  } else if (state === 'paused') {
    runner.send({ kind: 'go on' });
    enter('running', 'Learning …');
  }
}

/** Shows the last picture, and the last line that was printed. */
function show(output: Output): void {
  if (output.kind === 'decisions') picture.show(output.decisions);
  else if (output.kind === 'late') fail(output.failure);
  else if (output.kind === 'text') {
    printed.replaceChildren(element('pre', {}, output.text));
    printed.hidden = false;
  }
}

function fail(failure: Failure): void {
  printed.replaceChildren(failureView(failure));
  printed.hidden = false;
  enter('idle', 'The program failed. The error is shown below it.');
}

function enter(next: State, text: string): void {
  state = next;
  enable(pauseButton, state === 'running' || state === 'paused');
  pauseButton.textContent = state === 'paused' ? 'Continue' : 'Pause';
  status.say(text);
}
