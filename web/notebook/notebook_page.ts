/** A notebook: cells of TypeScript that share a worker's variables. */
import { editor } from '../chapter/editor.js';
import { downloadLink } from '../page/download.js';
import { element, enable } from '../page/element.js';
import { duration, layOut, runKeys, Status } from '../page/layout.js';
import { askBeforeLeaving } from '../page/leaving.js';
import { Runner } from '../worker/runner.js';
import { CameraPanel } from './camera_panel.js';
import { type Cell, fromProgram, parse, serialize, toProgram } from './cell.js';
import { CellList } from './cell_list.js';
import { firstLook, gallery } from './gallery.js';
import { fromFragment, toFragment } from './link.js';

const storageKey = 'flambeau notebook';
const linkMark = '#n=';
/** Some programs cut addresses that are longer. */
const longLink = 8000;

const status = new Status();
const runner = new Runner((cell) => list.view(cell)?.text, {
  ready: (engine) => {
    if (status.text === '') status.say(`Ready (${engine}).`);
  },
  began: (cell) => {
    const view = list.view(cell)!;
    view.outputs.clear();
    view.state = 'running';
  },
  output: (cell, output) => list.view(cell)?.outputs.show(output),
  done: (cell, seconds) => {
    list.view(cell)?.done(seconds);
    const { planned } = runner;
    if (runner.waiting.length === 0)
      status.say(`${planned} cell${planned === 1 ? ' is' : 's are'} done, in ${duration(runner.seconds)}.`);
  },
  failed: (cell, failure, dropped) => {
    list.view(cell)?.fail(failure);
    for (const other of dropped) resetState(other);
    status.say(`A cell failed: ${failure.name}. The error is shown below it.`);
  },
  broken: (message) => {
    forget();
    status.say(message);
  },
  changed: update,
});
const camera = new CameraPanel(
  (picture) => void addFile(picture),
  (message) => status.say(message),
);
const place = element('div', { class: 'cells' });
const links = element('p', { class: 'links' });
const button = (text: string, onclick: () => void) => element('button', { type: 'button', onclick }, text);
const runAllButton = button('Run all', runAll);
const stopButton = button('Stop', stop);
const undoButton = button('Undo', () => list.undo());
const list = new CellList(place, editor, {
  run: (cell) => run([cell]),
  runAndGoOn: (cell) => {
    run([cell]);
    list.focusAfter(cell);
  },
  changed,
});
const choice = element(
  'select',
  { 'aria-label': 'Open an example' },
  element('option', { value: '' }, 'Open an example …'),
  ...Object.entries(gallery).map(([group, notebooks]) =>
    element(
      'optgroup',
      { label: group },
      ...Object.keys(notebooks).map((name) => element('option', { value: name }, name)),
    ),
  ),
);
choice.addEventListener('change', () => {
  const { value } = choice;
  choice.value = '';
  void openExample(value);
});

/** What the visitor has added, for every worker that is started. */
const files = new Map<string, Uint8Array<ArrayBuffer>>();

layOut().append(
  element('h1', {}, 'Notebook'),
  element(
    'p',
    { class: 'hint' },
    'Cells of TypeScript that share their variables, with the library as ',
    element('code', {}, 'torch'),
    ' and files of your own in ',
    element('code', {}, 'files'),
    `. ${runKeys} runs a cell, Shift+Enter goes on to the next. It stays in this browser; a link holds all of it.`,
  ),
  element(
    'div',
    { class: 'toolbar', role: 'group', 'aria-label': 'The notebook' },
    ...[runAllButton, stopButton, button('Start over', startOver), undoButton],
    status.element,
  ),
  element(
    'div',
    { class: 'actions', role: 'group', 'aria-label': 'Open and keep' },
    ...[
      choice,
      filePicker('Open a notebook', '.json,.ts,.js', openFile),
      filePicker('Add files', '', addFile),
      camera.button,
    ],
    ...[button('Copy a link', () => void share()), button('Download', download)],
  ),
  camera.element,
  links,
  place,
  element(
    'div',
    { class: 'actions' },
    button('Add code', () => list.add({ kind: 'code', text: '' })),
    button('Add a note', () => list.add({ kind: 'note', text: '' })),
  ),
);
void begin();
addEventListener('hashchange', () => void openLink());

async function begin(): Promise<void> {
  if (!(await openLink())) open(kept() ?? firstLook(), '');
  startWorker();
  update();
}

/** Opens what the address holds. @returns whether it holds something */
async function openLink(): Promise<boolean> {
  if (!location.hash.startsWith(linkMark)) return false;
  try {
    open(await fromFragment(location.hash.slice(linkMark.length)), 'The notebook of the link is open.');
    return true;
  } catch (error) {
    status.say((error as Error).message);
    return false;
  }
}

function startWorker(): void {
  runner.start();
  for (const [name, bytes] of files) runner.send({ kind: 'file', name, bytes });
}

function open(cells: readonly Cell[], message: string): void {
  forget();
  list.replace(cells);
  startWorker();
  if (message !== '') status.say(message);
}

async function openExample(name: string): Promise<void> {
  const make = Object.values(gallery).find((notebooks) => Object.hasOwn(notebooks, name))?.[name];
  if (make === undefined) return;
  try {
    open(await make(), `“${name}” is open. Undo brings back what was there.`);
  } catch (error) {
    status.say(`“${name}” could not be loaded: ${(error as Error).message}`);
  }
}

/** What was there when the browser was here last, or null. */
function kept(): Cell[] | null {
  try {
    const text = localStorage.getItem(storageKey);
    return text === null ? null : parse(text);
  } catch {
    return null;
  }
}

function changed(): void {
  enable(undoButton, list.canUndo);
  try {
    localStorage.setItem(storageKey, serialize(list.cells));
  } catch {
    // It is a convenience.
  }
}

function run(cells: readonly number[]): void {
  for (const cell of runner.run(cells)) list.view(cell)!.state = 'waiting';
}

function runAll(): void {
  startOver();
  run(list.code);
}

/** Ends the worker: nothing else stops a loop that does not end. */
function stop(): void {
  const { running } = runner;
  if (running === null) return;
  runner.stop();
  for (const cell of list.code) if (cell !== running) resetState(cell);
  startWorker();
  status.say('Stopped. All variables are gone: run the cells again from the first one on.');
}

function startOver(): void {
  forget();
  for (const cell of list.code) list.view(cell)!.outputs.clear();
  startWorker();
  status.say('Started over: no cell has run.');
  update();
}

function forget(): void {
  runner.end();
  for (const cell of list.code) resetState(cell);
}

function resetState(cell: number): void {
  const view = list.view(cell);
  if (view !== undefined) view.state = 'idle';
}

function update(): void {
  enable(stopButton, runner.running !== null);
  enable(undoButton, list.canUndo);
  askBeforeLeaving(runner.running !== null);
}

function filePicker(label: string, accept: string, take: (file: File) => Promise<void>): HTMLElement {
  const input = element('input', { type: 'file', accept, multiple: accept === '', 'aria-label': label });
  input.hidden = true;
  input.addEventListener('change', async () => {
    for (const file of input.files ?? [])
      try {
        await take(file);
      } catch (error) {
        status.say(`${file.name}: ${(error as Error).message}`);
      }
    input.value = '';
  });
  return element(
    'span',
    {},
    input,
    button(`${label} …`, () => input.click()),
  );
}

async function openFile(file: File): Promise<void> {
  const text = await file.text();
  open(file.name.endsWith('.json') ? parse(text) : fromProgram(text), `${file.name} is open.`);
}

/** Gives a file to the worker, and says by a cell how it is found. */
async function addFile(file: File): Promise<void> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  files.set(file.name, bytes);
  runner.send({ kind: 'file', name: file.name, bytes });
  const name = `files[${JSON.stringify(file.name)}]`;
  const reader = /\.(pt|pth|bin)$/.test(file.name)
    ? `await torch.load(${name})`
    : file.name.endsWith('.safetensors')
      ? `await torch.safetensors.load(${name})`
      : /\.(npy|npz)$/.test(file.name)
        ? `await torch.numpy.load(${name})`
        : file.name.endsWith('.csv')
          ? `torch.numpy.loadtxt(new TextDecoder().decode(${name}).split('\\n'), { delimiter: ',', skiprows: 1 })`
          : /\.(png|jpe?g|webp|gif)$/i.test(file.name)
            ? `await torchvision.io.decodeImage(${name})`
            : name;
  list.add({ kind: 'code', text: reader });
  status.say(`${file.name} is there as ${name}, as long as this page is.`);
}

async function share(): Promise<void> {
  const url = new URL(`${linkMark}${await toFragment(list.cells)}`, location.href).href;
  history.replaceState(null, '', url);
  const { length } = url;
  const long = length > longLink ? ` It has ${length} letters, which some programs cut off.` : '';
  try {
    await navigator.clipboard.writeText(url);
    status.say(`The link is copied.${long}`);
  } catch {
    status.say(`The address of this page is the link now.${long}`);
  }
}

function download(): void {
  const encoder = new TextEncoder();
  links.replaceChildren(
    downloadLink('notebook.json', encoder.encode(serialize(list.cells))),
    ' ',
    downloadLink('notebook.ts', encoder.encode(toProgram(list.cells))),
  );
  status.say('Two files can be kept: the notebook, and its program.');
}
