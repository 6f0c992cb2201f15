/** A chapter of the blitz: its sections, which run in a worker and share its variables. */
import { readPreamble, readSections, readSubject, type Section } from '../../examples/blitz/sections.js';
import { element, enable } from '../page/element.js';
import { idle } from '../page/idle.js';
import { duration, layOut, nextPage, runKeys, Status } from '../page/layout.js';
import { askBeforeLeaving } from '../page/leaving.js';
import { Runner } from '../worker/runner.js';
import { SnippetView } from './snippet_view.js';

const loading = 'Loading the library …';
/** Runs of fewer milliseconds are not said to be going on: it would flicker, and be read out in vain. */
const patience = 400;

export class ChapterPage {
  private readonly snippets: SnippetView[];
  private readonly runner: Runner;
  private readonly status = new Status();
  /** Whether the first snippet is what all others need. */
  private readonly hasPreamble: boolean;
  private readonly runAllButton: HTMLButtonElement;
  private readonly stopButton: HTMLButtonElement;
  private readonly resetButton: HTMLButtonElement;
  /** Snippets that have run in the worker that is there now. */
  private readonly ran = new Set<number>();
  private telling: ReturnType<typeof setTimeout> | undefined;

  constructor(
    title: string,
    source: string,
    /** Source in the place of what the command line gives. */
    settings = '',
  ) {
    const sections: Section[] = readSections(source);
    const preamble = [settings, readPreamble(source)].join('\n').trim();
    this.hasPreamble = preamble !== '';
    if (this.hasPreamble)
      sections.unshift({
        title: 'names',
        introduction: 'What all sections of this chapter use. It runs by itself before the first of them.',
        code: preamble,
      });
    this.snippets = sections.map(
      (section, i) =>
        new SnippetView(section, {
          run: () => this.run([i]),
          runToHere: () => this.run(this.missing(i)),
          runAndGoOn: () => {
            this.run([i]);
            this.snippets[i + 1]?.focus();
          },
        }),
    );
    const button = (text: string, onclick: () => void) =>
      element('button', { type: 'button', onclick }, text);
    this.runAllButton = button('Run all', () => this.runAll());
    this.stopButton = button('Stop', () => this.stop());
    this.resetButton = button('Start over', () => this.reset());
    this.runner = new Runner((i) => this.snippets[i].source, {
      ready: (engine) => {
        if (this.status.text === loading) this.status.say(`Ready (${engine}).`);
      },
      began: (i) => {
        this.snippets[i].clear();
        this.snippets[i].state = 'running';
      },
      output: (i, output) => {
        this.snippets[i].show(output);
        if (output.kind === 'late')
          this.status.say(`Something failed after “${this.snippets[i].section.title}” was done.`);
      },
      done: (i, seconds) => {
        this.ran.add(i);
        this.snippets[i].done(seconds);
        this.ended(i);
      },
      failed: (i, failure, dropped) => {
        for (const other of dropped) this.snippets[other].state = 'idle';
        this.snippets[i].fail(failure);
        this.ended(i, failure.name === 'ReferenceError' && this.missing(i).length > 1);
      },
      broken: (message) => {
        this.forget();
        this.status.say(message);
      },
      changed: () => this.update(),
    });
    const main = layOut();
    const [chapter, subject] = readSubject(source).split(': ');
    main.append(
      element('p', { class: 'chapter' }, chapter),
      element('h1', {}, title),
      ...(subject === title.toLowerCase()
        ? []
        : [element('p', {}, `${subject[0].toUpperCase()}${subject.slice(1)}.`)]),
      element(
        'p',
        { class: 'hint' },
        'Every snippet can be changed and run',
        element(
          'span',
          { class: 'keys' },
          `: with its button, with ${runKeys}, or with Shift+Enter to go on to the next`,
        ),
        '. Those below see the variables of those above.',
      ),
      element(
        'div',
        { class: 'toolbar', role: 'group', 'aria-label': 'The whole chapter' },
        this.runAllButton,
        this.stopButton,
        this.resetButton,
        this.status.element,
      ),
      ...this.snippets.map((snippet) => snippet.element),
      nextPage(),
    );
    void this.load();
  }

  /** Fetches the library, in its worker, and beside it the editors, which a reader does not wait for. */
  private async load(): Promise<void> {
    this.begin(loading);
    try {
      // With the compiler, so that snippets run even if the network goes away.
      const [{ editor }] = await Promise.all([import('./editor.js'), import('../snippets/compile.js')]);
      for (const snippet of this.snippets) {
        snippet.open(editor);
        await idle();
      }
    } catch (error) {
      this.status.say(`The editor could not be loaded: ${(error as Error).message}`);
    }
  }

  private begin(message: string): void {
    this.status.say(message);
    this.runner.start();
    this.update();
  }

  /** The snippets that have to run before this one can, and itself. */
  private missing(snippet: number): number[] {
    return [...this.snippets.keys()].filter((i) => i === snippet || (i < snippet && !this.ran.has(i)));
  }

  private run(snippets: readonly number[]): void {
    const { running, waiting } = this.runner;
    const isPlanned = (i: number) => this.ran.has(i) || waiting.includes(i) || running === i;
    const preamble = this.hasPreamble && !isPlanned(0) && !snippets.includes(0) ? [0] : [];
    for (const i of this.runner.run([...preamble, ...snippets])) this.snippets[i].state = 'waiting';
  }

  private runAll(): void {
    if (this.runner.running !== null || this.ran.size > 0) this.reset();
    this.run([...this.snippets.keys()]);
  }

  private ended(snippet: number, needsEarlier = false): void {
    const view = this.snippets[snippet];
    view.needsEarlier = needsEarlier;
    const { title } = view.section;
    const failed = view.element.dataset.state === 'failed';
    if (needsEarlier) this.status.say(`“${title}” failed: snippets above it have not run yet.`, view.printed);
    else if (failed) this.status.say(`“${title}” failed. The error is shown beside it.`, view.printed);
    else if (this.runner.waiting.length === 0)
      if (this.runner.planned === 1) this.status.say(`“${title}” is done.`, view.printed);
      else this.status.say(`${this.runner.planned} snippets are done, in ${duration(this.runner.seconds)}.`);
  }

  /** Ends the worker: nothing else stops a loop that does not end. */
  private stop(): void {
    const { running } = this.runner;
    if (running === null) return;
    this.runner.stop();
    this.forget(running);
    this.begin('Stopped. All variables are gone: run the snippets again from the first one on.');
  }

  private reset(): void {
    this.forget();
    for (const snippet of this.snippets) snippet.clear();
    this.begin('Started over: no snippet has run.');
  }

  /** @param kept goes on to show what it does */
  private forget(kept: number | null = null): void {
    this.runner.end();
    this.ran.clear();
    for (const [i, snippet] of this.snippets.entries()) {
      if (i !== kept) snippet.state = 'idle';
      snippet.needsEarlier = false;
    }
  }

  private update(): void {
    const { running, planned, waiting } = this.runner;
    enable(this.stopButton, running !== null);
    askBeforeLeaving(running !== null);
    clearTimeout(this.telling);
    if (running === null) return;
    const { title } = this.snippets[running].section;
    const place = planned > 1 ? ` (${planned - waiting.length} of ${planned})` : '';
    this.telling = setTimeout(() => this.status.say(`Running “${title}”${place} …`), patience);
  }
}
