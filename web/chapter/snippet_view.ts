import type { EditorView } from '@codemirror/view';
import type { Section } from '../../examples/blitz/sections.js';
import { draft, keepDraft } from '../page/draft.js';
import { element, enable, uniqueId } from '../page/element.js';
import { duration } from '../page/layout.js';
import type { Failure, Output } from '../worker/messages.js';
import type { editor } from './editor.js';
import { hangingIndent } from './hanging_indent.js';
import { Outputs } from './outputs.js';

export interface SnippetCommands {
  run(): void;
  /** Runs all that stand before, too. */
  runToHere(): void;
  /** Runs, and goes on to the next. */
  runAndGoOn(): void;
}

export type SnippetState = 'idle' | 'waiting' | 'running' | 'done' | 'failed';

const stateTexts: Readonly<Record<SnippetState, string>> = {
  idle: '',
  waiting: 'waiting …',
  running: 'running …',
  done: 'done',
  failed: 'failed',
};

/** One section of a chapter: what it is about, its source, and what that prints. */
export class SnippetView {
  readonly element: HTMLElement;
  /** The text as it is shown until the editor takes its place. */
  private readonly text: HTMLElement;
  private editor: EditorView | null = null;
  private readonly outputs: Outputs;
  private readonly stateText = element('span', { class: 'state' });
  private readonly runButton: HTMLButtonElement;
  private readonly toHereButton: HTMLButtonElement;
  private readonly restoreButton: HTMLButtonElement;

  constructor(
    readonly section: Section,
    private readonly commands: SnippetCommands,
  ) {
    const { title, introduction, code } = section;
    const heading = uniqueId('section');
    this.text = element(
      'pre',
      {},
      ...code.split('\n').map((line) => element('div', { style: hangingIndent(line) }, `${line}\n`)),
    );
    const button = (text: string, onclick: () => void) =>
      element('button', { type: 'button', 'aria-describedby': heading, onclick }, text);
    this.runButton = button('Run', commands.run);
    this.toHereButton = button('Run all up to here', commands.runToHere);
    this.restoreButton = button('Restore', () => {
      this.source = code;
      this.focus();
    });
    this.restoreButton.hidden = true;
    this.toHereButton.hidden = true;
    this.outputs = new Outputs(`Output: ${title}`);
    this.element = element(
      'section',
      { class: 'snippet', 'aria-labelledby': heading },
      element('h2', { id: heading }, title[0].toUpperCase() + title.slice(1)),
      ...(introduction === '' ? [] : [element('p', {}, introduction)]),
      element('div', { class: 'source' }, this.text),
      element(
        'div',
        { class: 'actions' },
        this.runButton,
        this.toHereButton,
        this.restoreButton,
        this.stateText,
      ),
      this.outputs.element,
    );
    this.state = 'idle';
  }

  /** Makes the source a text that can be changed. */
  open(make: typeof editor): void {
    const { title, code } = this.section;
    const { run, runAndGoOn } = this.commands;
    // Changes are still there after a visit to another page.
    const key = `${document.title}: ${title}`;
    const kept = draft(key);
    this.restoreButton.hidden = kept === null;
    this.editor = make({
      text: kept ?? code,
      label: `Source: ${title}`,
      onRun: run,
      onRunAndGoOn: runAndGoOn,
      onChange: () => {
        const isChanged = this.source !== code;
        this.restoreButton.hidden = !isChanged;
        keepDraft(key, isChanged ? this.source : null);
      },
    });
    this.text.replaceWith(this.editor.dom);
  }

  get source(): string {
    return this.editor?.state.doc.toString() ?? this.section.code;
  }

  set source(text: string) {
    this.editor?.dispatch({ changes: { from: 0, to: this.editor.state.doc.length, insert: text } });
  }

  set state(state: SnippetState) {
    this.element.dataset.state = state;
    this.stateText.textContent = stateTexts[state];
    enable(this.runButton, state !== 'waiting' && state !== 'running');
  }

  /** Whether earlier ones have to run before this one can. */
  set needsEarlier(needs: boolean) {
    this.toHereButton.hidden = !needs;
  }

  focus(): void {
    this.editor?.focus();
    this.element.scrollIntoView({ block: 'nearest' });
  }

  clear(): void {
    this.outputs.clear();
  }

  show(output: Output): void {
    this.outputs.show(output);
  }

  /** The beginning of what it printed, to be read out. */
  get printed(): string {
    return this.outputs.printed;
  }

  done(seconds: number): void {
    this.state = 'done';
    this.outputs.settle();
    this.stateText.textContent = `done in ${duration(seconds)}${this.outputs.isEmpty ? ', prints nothing' : ''}`;
  }

  fail(failure: Failure): void {
    this.outputs.fail(failure);
    this.state = 'failed';
    this.outputs.settle();
  }
}
