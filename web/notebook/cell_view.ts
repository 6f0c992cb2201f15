import type { Extension } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import type { editor } from '../chapter/editor.js';
import { Outputs } from '../chapter/outputs.js';
import { element, enable } from '../page/element.js';
import { duration } from '../page/layout.js';
import type { Failure } from '../worker/messages.js';
import type { Cell } from './cell.js';
import { checkAgain } from './hints.js';

export interface CellCommands {
  run(): void;
  runAndGoOn(): void;
  move(by: -1 | 1): void;
  remove(): void;
  addBelow(kind: Cell['kind']): void;
  changed(): void;
}

export type CellState = 'idle' | 'waiting' | 'running' | 'done' | 'failed';

const stateTexts: Readonly<Record<CellState, string>> = {
  idle: '',
  waiting: 'waiting …',
  running: 'running …',
  done: 'done',
  failed: 'failed',
};

/** One cell: a note, or a snippet with what it leaves. */
export class CellView {
  readonly element: HTMLElement;
  readonly outputs = new Outputs('Output');
  private readonly stateText = element('span', { class: 'state' });
  private readonly runButton: HTMLButtonElement;
  private readonly field: HTMLTextAreaElement | null;
  private readonly view: EditorView | null;

  constructor(
    readonly kind: Cell['kind'],
    text: string,
    commands: CellCommands,
    make: typeof editor,
    extensions: readonly Extension[],
  ) {
    const button = (label: string, onclick: () => void, name = label) =>
      element('button', { type: 'button', 'aria-label': name, title: name, onclick }, label);
    this.runButton = button('Run', commands.run);
    if (kind === 'code') {
      this.field = null;
      const { run, runAndGoOn, changed } = commands;
      this.view = make({
        text,
        label: 'Source',
        onRun: run,
        onRunAndGoOn: runAndGoOn,
        onChange: changed,
        extensions,
      });
    } else {
      this.view = null;
      this.field = element('textarea', { 'aria-label': 'Note', rows: '1', oninput: () => this.grow() });
      this.field.value = text;
      this.field.addEventListener('input', commands.changed);
    }
    this.element = element(
      'section',
      { class: `snippet cell ${kind}` },
      this.view === null ? this.field! : element('div', { class: 'source' }, this.view.dom),
      element(
        'div',
        { class: 'actions' },
        ...(kind === 'code' ? [this.runButton] : []),
        button('↑', () => commands.move(-1), 'Move up'),
        button('↓', () => commands.move(1), 'Move down'),
        button('✕', commands.remove, 'Remove'),
        button('+ Code', () => commands.addBelow('code'), 'Add code below'),
        button('+ Note', () => commands.addBelow('note'), 'Add a note below'),
        this.stateText,
      ),
      this.outputs.element,
    );
    this.state = 'idle';
  }

  get text(): string {
    return this.view?.state.doc.toString() ?? this.field!.value;
  }

  get cell(): Cell {
    return { kind: this.kind, text: this.text };
  }

  set number(number: number) {
    this.element.setAttribute('aria-label', `Cell ${number}`);
  }

  set state(state: CellState) {
    this.element.dataset.state = state;
    this.stateText.textContent = stateTexts[state];
    enable(this.runButton, state !== 'waiting' && state !== 'running');
  }

  /** Makes a note as high as its text, once it is on the page. */
  grow(): void {
    if (this.field === null) return;
    this.field.style.height = 'auto';
    this.field.style.height = `${this.field.scrollHeight + 2}px`;
  }

  /** Looks for mistakes again: other cells have changed. */
  check(): void {
    if (this.view !== null) checkAgain(this.view);
  }

  focus(): void {
    (this.view ?? this.field)!.focus();
    this.element.scrollIntoView({ block: 'nearest' });
  }

  done(seconds: number): void {
    this.state = 'done';
    this.stateText.textContent = `done in ${duration(seconds)}`;
    this.outputs.settle();
  }

  fail(failure: Failure): void {
    this.outputs.fail(failure);
    this.state = 'failed';
    this.outputs.settle();
  }

  end(): void {
    this.view?.destroy();
    this.element.remove();
  }
}
