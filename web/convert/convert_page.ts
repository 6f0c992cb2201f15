/** Python on one side, TypeScript on the other, as one writes, and what it prints. */

import { LRLanguage } from '@codemirror/language';
import { linter, type Diagnostic as Mark, setDiagnostics } from '@codemirror/lint';
import { EditorState, type Extension } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import { parser } from '@lezer/python';
import { type Conversion, convert } from 'flambeau/convert';
import { editor } from '../chapter/editor.js';
import { Outputs } from '../chapter/outputs.js';
import { fromProgram } from '../notebook/cell.js';
import { toFragment } from '../notebook/link.js';
import { draft, keepDraft } from '../page/draft.js';
import { element, enable } from '../page/element.js';
import { layOut, runKeys, Status } from '../page/layout.js';
import { askBeforeLeaving } from '../page/leaving.js';
import type { Failure } from '../worker/messages.js';
import { Runner } from '../worker/runner.js';

const draftKey = 'python';
/** It is converted when nothing was written for so many milliseconds. */
const patience = 250;

const original = document.querySelector('#python')!.textContent.trim();
const status = new Status();
const outputs = new Outputs('Output');
const findings = element('ol', { class: 'findings', 'aria-label': 'What could not be converted' });
const runner = new Runner(() => latest.code, {
  output: (_, output) => outputs.show(output),
  done: () => {
    outputs.settle();
    status.say('Done.');
  },
  failed: (_, failure) => fail(failure),
  broken: (message) => status.say(message),
  changed: enableButtons,
});
const button = (text: string, onclick: () => void) => element('button', { type: 'button', onclick }, text);
const runButton = button('Run', () => void run());
const stopButton = button('Stop', stop);
const copyButton = button('Copy', () => void copy());
const restoreButton = button('Restore', () => replace(python, original));
const notebookLink = element('a', { href: './notebook.html' }, 'Open as a notebook');

let latest: Conversion = { code: '', diagnostics: [] };
let planned: ReturnType<typeof setTimeout> | undefined;

const language: Extension = LRLanguage.define({ name: 'python', parser });
const python = editor({
  text: draft(draftKey) ?? original,
  label: 'Python',
  onRun: () => void run(),
  onRunAndGoOn: () => void run(),
  onChange: () => {
    clearTimeout(planned);
    planned = setTimeout(() => void update(), patience);
  },
  language,
  extensions: [linter(null)],
});
const typescript = editor({
  text: '',
  label: 'TypeScript',
  onRun: () => void run(),
  onRunAndGoOn: () => void run(),
  onChange: () => {},
  extensions: [EditorState.readOnly.of(true)],
});

const half = (title: string, ...children: readonly Node[]): HTMLElement => {
  const id = title.toLowerCase();
  return element(
    'section',
    { class: 'snippet', 'aria-labelledby': id },
    element('h2', { id }, title),
    ...children,
  );
};

layOut();
document
  .querySelector('#converter')!
  .replaceChildren(
    half(
      'Python',
      element('div', { class: 'source' }, python.dom),
      element('div', { class: 'actions' }, restoreButton),
      findings,
    ),
    half(
      'TypeScript',
      element('div', { class: 'source' }, typescript.dom),
      element(
        'div',
        { class: 'actions' },
        ...[runButton, stopButton, copyButton, notebookLink],
        element('span', { class: 'keys' }, runKeys),
        status.element,
      ),
      outputs.element,
    ),
  );
enableButtons();
void update();
runner.start();

/** Converts what is written, and says what could not be. */
async function update(): Promise<void> {
  const text = python.state.doc.toString();
  restoreButton.hidden = text === original;
  keepDraft(draftKey, text === original ? null : text);
  const found = await convert(text, { parser });
  // More may have been written meanwhile.
  if (text !== python.state.doc.toString()) return;
  latest = found;
  replace(typescript, found.code);
  showFindings(found);
  const errors = found.diagnostics.filter(({ severity }) => severity === 'error').length;
  enableButtons();
  status.say(errors === 0 ? '' : `${errors} place${errors === 1 ? '' : 's'} could not be converted.`);
  notebookLink.href = `./notebook.html#n=${await toFragment(fromProgram(found.code))}`;
}

function replace(view: EditorView, text: string): void {
  view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
}

function showFindings({ diagnostics }: Conversion): void {
  const { doc } = python.state;
  const placeOf = (line: number, column: number) => {
    const { from, to } = doc.line(Math.min(Math.max(line, 1), doc.lines));
    return Math.min(from + column - 1, to);
  };
  const marks = diagnostics.map(({ line, column, message, severity }): Mark => {
    const from = placeOf(line, column);
    const word = /^[\w.]+/.exec(doc.sliceString(from, from + 80))?.[0] ?? ' ';
    return { from, to: Math.min(from + word.length, doc.length), message, severity };
  });
  python.dispatch(setDiagnostics(python.state, marks));
  findings.replaceChildren(
    ...diagnostics.map(({ line, column, message, severity }) =>
      element(
        'li',
        { class: severity },
        button(`Line ${line}`, () => {
          python.dispatch({ selection: { anchor: placeOf(line, column) }, scrollIntoView: true });
          python.focus();
        }),
        ` ${message}`,
      ),
    ),
  );
  findings.hidden = diagnostics.length === 0;
}

/** Runs the TypeScript from its beginning, in a worker of its own. */
async function run(): Promise<void> {
  clearTimeout(planned);
  await update();
  if (latest.code === '' || runner.running !== null) return;
  runner.end();
  outputs.clear();
  status.say('Running …');
  runner.run([0]);
}

function stop(): void {
  runner.stop();
  runner.start();
}

function fail(failure: Failure): void {
  outputs.fail(failure);
  status.say(`${failure.name}: it is shown below the program.`);
}

function enableButtons(): void {
  const isRunning = runner.running !== null;
  enable(runButton, latest.code !== '' && !isRunning);
  enable(stopButton, isRunning);
  askBeforeLeaving(isRunning);
}

async function copy(): Promise<void> {
  try {
    await navigator.clipboard.writeText(latest.code);
    status.say('The program is copied.');
  } catch {
    typescript.dispatch({ selection: { anchor: 0, head: typescript.state.doc.length } });
    typescript.focus();
    status.say('The browser does not let pages copy; all of it is selected.');
  }
}
