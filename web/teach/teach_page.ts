/** A network that learns to tell a visitor's own pictures apart. */
import { lossCurve } from '../draw/loss_curve.js';
import { Camera } from '../page/camera.js';
import { downloadLink } from '../page/download.js';
import { element, enable, uniqueId } from '../page/element.js';
import { duration, layOut, Status } from '../page/layout.js';
import { askBeforeLeaving } from '../page/leaving.js';
import { type Square, showSquare, squareOfFile } from '../page/square.js';
import type { Reply, TeachingOrder } from '../worker/messages.js';
import { Session } from '../worker/session.js';
import { ClassBox } from './class_box.js';
import { classesOf } from './folder.js';
import { likelihoods } from './likelihoods.js';

/** So many pictures a class needs. */
const leastPictures = 2;
/** A worker that does not stop by itself in so many seconds is ended. */
const patience = 20;

const status = new Status();
const camera = new Camera();
const session = new Session(hear, (message) => fail(`The library could not be started: ${message}`));
const classList = element('div', { class: 'taught-classes' });
const folderInput = fileField('A folder of folders', { webkitdirectory: true, multiple: true }, takeFolder);
const weightsInput = fileField('Weights', { accept: '.pth,.pt' }, () => {});
const tryInput = fileField('A picture', { accept: 'image/*' }, ([file]) => void tryFile(file));
const epochsInput = numberField('Epochs', '12', '1');
const seedInput = numberField('Seed', '0', '0');
const cameraButton = button('Use the camera', () => void switchCamera());
const addButton = button('Add a class', () => void addClass(`class ${boxes.length + 1}`));
const startButton = button('Teach', start, 'main');
const stopButton = button('Stop', stop);
const weightsButton = button('Save the network', () => session.send({ kind: 'weights' }));
const bar = element('progress', { 'aria-label': 'Progress of the training', value: '0', max: '1' });
const speed = element('p', { class: 'speed' });
const accuracyLine = element('p', {});
const curve = lossCurve();
const shown = element('canvas', {
  class: 'tried',
  role: 'img',
  'aria-label': 'The picture that is looked at',
});
const answer = element(
  'div',
  {},
  note('Once it has learned: choose a picture, or hold something before the camera.'),
);
const links = element('p', {});

let boxes: ClassBox[] = [];
let isBusy = false;
let isTaught = false;
let isUnsaved = false;
let isLooking = false;
let classes: readonly string[] = [];
let losses: number[] = [];
let stepsPerEpoch = 1;
let epochs = 1;
let ending: ReturnType<typeof setTimeout> | undefined;

layOut().append(
  element('h1', {}, 'Teach it'),
  element(
    'p',
    {},
    'Show a network two kinds of things or more, by a folder of pictures or by your camera. A ResNet-18 learns in this page to tell them apart; no picture leaves your machine.',
  ),
  element(
    'div',
    { class: 'columns' },
    section(
      'Pictures',
      folderInput.element,
      note('Each folder in it is a class, named after the folder.'),
      element('div', { class: 'actions' }, addButton, cameraButton),
      camera.element,
      classList,
      element(
        'details',
        {},
        element('summary', {}, 'How it learns'),
        element('div', { class: 'fields' }, epochsInput.element, seedInput.element),
        weightsInput.element,
        note(
          'Weights that know pictures already make much of few: torchvision’s resnet18-f37072fd.pth, or a network that was saved here. Without, it begins from scratch.',
        ),
      ),
    ),
    element(
      'div',
      { class: 'live' },
      element(
        'div',
        { class: 'toolbar', role: 'group', 'aria-label': 'The training' },
        startButton,
        stopButton,
        weightsButton,
        status.element,
      ),
      links,
      section('Loss', bar, speed, accuracyLine, curve.element),
      section('Try it', tryInput.element, shown, answer),
    ),
  ),
);
addClass('class 1');
addClass('class 2');
shown.hidden = true;
update();

function button(text: string, onclick: () => void, kind = ''): HTMLButtonElement {
  const made = element('button', {
    type: 'button',
    ...(kind !== '' && { class: kind }),
    onclick: () => {
      if (made.getAttribute('aria-disabled') !== 'true') onclick();
    },
  });
  made.textContent = text;
  return made;
}

function fileField(
  label: string,
  attributes: Record<string, string | boolean>,
  take: (files: File[]) => void,
) {
  const id = uniqueId('files');
  const input = element('input', {
    id,
    type: 'file',
    ...attributes,
    onchange: () => take([...(input.files ?? [])]),
  });
  return { input, element: element('div', { class: 'field' }, element('label', { for: id }, label), input) };
}

function numberField(label: string, value: string, min: string) {
  const id = uniqueId('field');
  const input = element('input', { id, type: 'number', min, step: '1', required: true, value });
  return { input, element: element('div', { class: 'field' }, element('label', { for: id }, label), input) };
}

function note(text: string): HTMLElement {
  return element('p', { class: 'note' }, text);
}

function section(title: string, ...children: readonly HTMLElement[]): HTMLElement {
  const id = title.toLowerCase().replaceAll(' ', '-');
  return element('section', { 'aria-labelledby': id }, element('h2', { id }, title), ...children);
}

function addClass(name: string): ClassBox {
  const box = new ClassBox(name, camera, update, removeClass);
  boxes.push(box);
  classList.append(box.element);
  update();
  return box;
}

function removeClass(box: ClassBox): void {
  boxes = boxes.filter((other) => other !== box);
  box.element.remove();
  addButton.focus();
  update();
}

async function takeFolder(files: File[]): Promise<void> {
  const found = classesOf(files);
  if (found.size === 0) {
    status.say('No pictures were found in folders of this folder.');
    return;
  }
  for (const box of boxes.filter(({ size }) => size === 0)) removeClass(box);
  let refused = 0;
  for (const [name, pictures] of found) {
    const box = boxes.find((other) => other.name === name) ?? addClass(name);
    status.say(`Reading ${name} …`);
    refused += await box.addFiles(pictures);
  }
  const total = boxes.reduce((sum, { size }) => sum + size, 0);
  const damaged = refused === 0 ? '' : ` ${refused} files are no pictures that this browser reads.`;
  status.say(`${total} pictures of ${boxes.length} classes.${damaged}`);
}

async function switchCamera(): Promise<void> {
  if (camera.isOn) camera.stop();
  else
    try {
      await camera.start();
    } catch (error) {
      status.say((error as Error).message);
    }
  cameraButton.textContent = camera.isOn ? 'Switch the camera off' : 'Use the camera';
  for (const box of boxes) box.cameraChanged();
  look();
}

/** What hinders the training; null if nothing does. */
function hindrance(): string | null {
  if (boxes.length < 2) return 'Two classes are needed at least.';
  const names = boxes.map(({ name }) => name);
  if (names.includes('')) return 'Every class needs a name.';
  if (new Set(names).size < names.length) return 'Two classes have the same name.';
  const poor = boxes.find(({ size }) => size < leastPictures);
  return poor === undefined ? null : `“${poor.name}” needs ${leastPictures} pictures at least.`;
}

function start(): void {
  const problem = hindrance();
  if (problem !== null) {
    status.say(problem);
    return;
  }
  if (!epochsInput.input.reportValidity() || !seedInput.input.reportValidity()) return;
  const order: TeachingOrder = {
    classes: boxes.map((box) => box.taught()),
    epochs: epochsInput.input.valueAsNumber,
    seed: seedInput.input.valueAsNumber,
    weights: weightsInput.input.files?.[0] ?? null,
  };
  [isBusy, isTaught, isUnsaved, losses, epochs] = [true, false, false, [], order.epochs];
  classes = order.classes.map(({ name }) => name);
  bar.value = 0;
  speed.textContent = '';
  accuracyLine.textContent = '';
  links.replaceChildren();
  curve.show(losses, 1);
  status.say('Loading the library …');
  session.send({ kind: 'teach', order });
  update();
}

function stop(): void {
  status.say('Stopping after this step …');
  session.send({ kind: 'stop' });
  clearTimeout(ending);
  ending = setTimeout(() => fail('Stopped. The network is gone: it did not answer.'), 1000 * patience);
}

/** Ends the worker. */
function fail(message: string): void {
  session.end();
  clearTimeout(ending);
  [isBusy, isTaught, isUnsaved, isLooking] = [false, false, false, false];
  speed.textContent = '';
  status.say(message);
  update();
}

function update(): void {
  enable(startButton, !isBusy);
  enable(stopButton, isBusy);
  enable(weightsButton, isTaught);
  tryInput.input.disabled = !isTaught;
  askBeforeLeaving(isBusy || isUnsaved);
}

async function tryFile(file: File | undefined): Promise<void> {
  if (file === undefined) return;
  const square = await squareOfFile(file);
  if (square === null) answer.replaceChildren(note('This is no picture that the browser can read.'));
  else recognize(square);
}

function recognize(square: Square): void {
  shown.hidden = false;
  showSquare(shown, square);
  session.send({ kind: 'recognize', picture: square });
}

/** Asks about what the camera sees, again and again. */
function look(): void {
  if (isLooking || !isTaught || isBusy) return;
  const square = camera.grab();
  if (square === null) {
    if (camera.isOn) setTimeout(look, 100);
    return;
  }
  isLooking = true;
  recognize(square);
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;

function hear(reply: Reply): void {
  switch (reply.kind) {
    case 'teaching': {
      const [train, validation] = reply.counts;
      stepsPerEpoch = reply.stepsPerEpoch;
      status.say(`Learning from ${train} pictures; ${validation} others validate it.`);
      break;
    }
    case 'losses': {
      losses.push(...reply.losses);
      const total = stepsPerEpoch * epochs;
      bar.value = losses.length / total;
      speed.textContent = `Step ${losses.length} of ${total}, ${duration((total - losses.length) * reply.secondsPerStep)} left`;
      curve.show(losses, stepsPerEpoch);
      break;
    }
    case 'epoch':
      accuracyLine.textContent = `After epoch ${reply.epoch}: ${percent(reply.accuracy)} of the validation’s pictures are recognized.`;
      break;
    case 'taught':
      clearTimeout(ending);
      [isBusy, isTaught, isUnsaved] = [false, true, true];
      speed.textContent = `${losses.length.toLocaleString('en')} steps.`;
      status.say(
        reply.wasStopped
          ? 'Stopped. It can be tried as it is.'
          : `Finished: at best ${percent(reply.best)} of the validation’s pictures were recognized, and that network is kept.`,
      );
      update();
      look();
      break;
    case 'recognized':
      answer.replaceChildren(likelihoods(classes, reply.probabilities));
      isLooking = false;
      if (camera.isOn) setTimeout(look, 100);
      break;
    case 'weights':
      links.replaceChildren(downloadLink('taught.pt', reply.bytes));
      links.querySelector('a')!.click();
      isUnsaved = false;
      update();
      break;
    case 'broken off':
      fail(`${reply.failure.name}: ${reply.failure.message}`);
  }
}
