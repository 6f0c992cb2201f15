/** One class of a visitor's: its name and its pictures. */

import type { Camera } from '../page/camera.js';
import { element, enable, uniqueId } from '../page/element.js';
import { type Square, showSquare, squareOfFile } from '../page/square.js';
import type { TaughtClass } from '../worker/messages.js';

/** While the button is held the camera gives a picture so often, in milliseconds. */
const recordEvery = 150;
/** So many pictures of a class are shown. */
const mostShown = 24;

export class ClassBox {
  readonly element: HTMLElement;
  private readonly nameInput: HTMLInputElement;
  private readonly recordButton: HTMLButtonElement;
  private readonly count = element('p', { class: 'note' });
  private readonly thumbnails = element('ul', { class: 'thumbnails' });
  private squares: Square[] = [];
  private recording: ReturnType<typeof setInterval> | undefined;

  /**
   * @param changed told whenever pictures or the name change
   * @param remove told when the class is to go
   */
  constructor(
    name: string,
    private readonly camera: Camera,
    private readonly changed: () => void,
    remove: (box: ClassBox) => void,
  ) {
    const nameId = uniqueId('class');
    const filesId = uniqueId('pictures');
    this.nameInput = element('input', {
      id: nameId,
      type: 'text',
      required: true,
      value: name,
      oninput: changed,
    });
    const files = element('input', {
      id: filesId,
      type: 'file',
      accept: 'image/*',
      multiple: true,
      onchange: () => {
        void this.addFiles([...(files.files ?? [])]);
        files.value = '';
      },
    });
    this.recordButton = element(
      'button',
      {
        type: 'button',
        onpointerdown: () => this.record(),
        onpointerup: () => this.pause(),
        onpointerleave: () => this.pause(),
        onkeydown: (event) => {
          if ((event as KeyboardEvent).key === ' ') this.record();
        },
        onkeyup: () => this.pause(),
        onblur: () => this.pause(),
      },
      'Hold to record',
    );
    this.element = element(
      'fieldset',
      { class: 'taught-class' },
      element('legend', { class: 'unseen' }, 'Class'),
      element('div', { class: 'field' }, element('label', { for: nameId }, 'Name'), this.nameInput),
      element('div', { class: 'field' }, element('label', { for: filesId }, 'Add pictures'), files),
      element(
        'div',
        { class: 'actions' },
        this.recordButton,
        element('button', { type: 'button', onclick: () => this.clear() }, 'Clear'),
        element('button', { type: 'button', onclick: () => remove(this) }, 'Remove the class'),
      ),
      this.count,
      this.thumbnails,
    );
    this.cameraChanged();
    this.show();
  }

  get name(): string {
    return this.nameInput.value.trim();
  }

  get size(): number {
    return this.squares.length;
  }

  /** The button to record works while the camera is on. */
  cameraChanged(): void {
    enable(this.recordButton, this.camera.isOn);
    if (!this.camera.isOn) this.pause();
  }

  /** Takes the files that are pictures; gives how many are none. */
  async addFiles(files: readonly File[]): Promise<number> {
    let refused = 0;
    for (const file of files) {
      const square = await squareOfFile(file);
      if (square === null) refused++;
      else this.add(square);
    }
    this.show();
    this.changed();
    return refused;
  }

  taught(): TaughtClass {
    const bytes = this.squares.reduce((sum, square) => sum + square.length, 0);
    const pictures = new Uint8Array(bytes);
    let at = 0;
    for (const square of this.squares) {
      pictures.set(square, at);
      at += square.length;
    }
    return { name: this.name, pictures };
  }

  private record(): void {
    if (!this.camera.isOn || this.recording !== undefined) return;
    this.grab();
    this.recording = setInterval(() => this.grab(), recordEvery);
  }

  private pause(): void {
    if (this.recording === undefined) return;
    clearInterval(this.recording);
    this.recording = undefined;
    this.changed();
  }

  private grab(): void {
    const square = this.camera.grab();
    if (square === null) return;
    this.add(square);
    this.show();
  }

  private clear(): void {
    this.squares = [];
    this.thumbnails.replaceChildren();
    this.show();
    this.changed();
  }

  private add(square: Square): void {
    this.squares.push(square);
    if (this.squares.length > mostShown) return;
    const canvas = element('canvas', { role: 'img', 'aria-label': `Picture ${this.squares.length}` });
    showSquare(canvas, square);
    this.thumbnails.append(element('li', {}, canvas));
  }

  private show(): void {
    const { size } = this;
    const more = size > mostShown ? `, the first ${mostShown} are shown` : '';
    this.count.textContent = `${size} picture${size === 1 ? '' : 's'}${more}`;
  }
}
