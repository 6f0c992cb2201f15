/** A chapter of the blitz: its sections, which run in a worker and share its variables. */
import { readPreamble, readSections, readSubject, type Section } from '../../examples/blitz/sections.js';
import { element, enable } from '../page/element.js';
import { idle } from '../page/idle.js';
import { duration, layOut, nextPage, runKeys, Status } from '../page/layout.js';
import { askBeforeLeaving } from '../page/leaving.js';
import { keepForOffline } from '../page/offline.js';
import type { Reply } from '../worker/messages.js';
import { Session } from '../worker/session.js';
import { SnippetView } from './snippet_view.js';

const loading = 'Loading the library …';
/** Runs of fewer milliseconds are not said to be going on: it would flicker, and be read out in vain. */
const patience = 400;

export class ChapterPage {
  private readonly snippets: SnippetView[];
  private readonly session: Session;
  private readonly status = new Status();
  /** Whether the first snippet is what all others need. */
  private readonly hasPreamble: boolean;
  private readonly runAllButton: HTMLButtonElement;
  private readonly stopButton: HTMLButtonElement;
  private readonly resetButton: HTMLButtonElement;
  /** Snippets that have run in the worker that is there now. */
  private readonly ran = new Set<number>();
  private waiting: number[] = [];
  private running: number | null = null;
  /** How many were asked for since nothing ran, and when that was. */
  private planned = 0;
  private began = 0;
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
    this.session = new Session(
      (reply) => this.hear(reply),
      (message) => this.broken(message),
    );
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
    this.update();
    void this.load();
  }

  /** Fetches what a reader does not wait for: the editors, and the library as soon as the first of them is there. */
  private async load(): Promise<void> {
    try {
      // With the compiler, so that snippets run even if the network goes away.
      const [{ editor }] = await Promise.all([import('./editor.js'), import('../snippets/compile.js')]);
      for (const [i, snippet] of this.snippets.entries()) {
        snippet.open(editor);
        await idle();
        if (i === 0 && this.session.worker === null) this.begin(loading);
      }
    } catch (error) {
      const message = `The editor could not be loaded: ${(error as Error).message}`;
      if (this.session.worker === null) this.begin(message);
      else this.status.say(message);
    }
  }

  private begin(message: string): void {
    this.status.say(message);
    this.session.start();
    this.update();
  }

  /** The snippets that have to run before this one can, and itself. */
  private missing(snippet: number): number[] {
    return [...this.snippets.keys()].filter((i) => i === snippet || (i < snippet && !this.ran.has(i)));
  }

  private run(snippets: readonly number[]): void {
    if (this.running === null) {
      this.planned = 0;
      this.began = performance.now();
    }
    const isPlanned = (i: number) => this.ran.has(i) || this.waiting.includes(i) || this.running === i;
    const preamble = this.hasPreamble && !isPlanned(0) && !snippets.includes(0) ? [0] : [];
    for (const i of [...preamble, ...snippets]) {
      if (this.waiting.includes(i) || this.running === i) continue;
      this.waiting.push(i);
      this.planned++;
      this.snippets[i].state = 'waiting';
    }
    this.next();
  }

  private runAll(): void {
    if (this.running !== null || this.ran.size > 0) this.reset();
    this.run([...this.snippets.keys()]);
  }

  private next(): void {
    if (this.running === null && this.waiting.length > 0) {
      const i = this.waiting.shift()!;
      this.running = i;
      this.snippets[i].clear();
      this.snippets[i].state = 'running';
      void this.send(i, this.snippets[i].source);
    }
    this.update();
  }

  private async send(snippet: number, source: string): Promise<void> {
    const worker = this.session.start();
    try {
      const { compile } = await import('../snippets/compile.js');
      // It may have been stopped meanwhile.
      if (this.session.worker === worker)
        this.session.send({ kind: 'run', snippet, compiled: compile(source) });
    } catch (error) {
      if (this.session.worker !== worker) return;
      const { name, message } = error as Error;
      this.hear({ kind: 'failed', snippet, failure: { name, message, line: null } });
    }
  }

  private hear(reply: Reply): void {
    switch (reply.kind) {
      case 'ready':
        if (this.status.text === loading) this.status.say(`Ready (${reply.engine}).`);
        keepForOffline();
        break;
      case 'output':
        this.snippets[reply.snippet].show(reply.output);
        if (reply.output.kind === 'late')
          this.status.say(`Something failed after “${this.snippets[reply.snippet].section.title}” was done.`);
        break;
      case 'done':
        this.ran.add(reply.snippet);
        this.snippets[reply.snippet].done(reply.seconds);
        this.ended(reply.snippet);
        break;
      case 'failed': {
        const { snippet, failure } = reply;
        this.snippets[snippet].fail(failure);
        // The next ones would only fail, too.
        for (const i of this.waiting.splice(0)) this.snippets[i].state = 'idle';
        this.ended(snippet, failure.name === 'ReferenceError' && this.missing(snippet).length > 1);
      }
    }
  }

  private ended(snippet: number, needsEarlier = false): void {
    this.running = null;
    const view = this.snippets[snippet];
    view.needsEarlier = needsEarlier;
    const { title } = view.section;
    const failed = view.element.dataset.state === 'failed';
    if (needsEarlier) this.status.say(`“${title}” failed: snippets above it have not run yet.`, view.printed);
    else if (failed) this.status.say(`“${title}” failed. The error is shown beside it.`, view.printed);
    else if (this.waiting.length === 0)
      if (this.planned === 1) this.status.say(`“${title}” is done.`, view.printed);
      else
        this.status.say(
          `${this.planned} snippets are done, in ${duration((performance.now() - this.began) / 1000)}.`,
        );
    this.next();
  }

  /** Ends the worker: nothing else stops a loop that does not end. */
  private stop(): void {
    const { running } = this;
    if (running === null) return;
    this.forget();
    this.snippets[running].fail({ name: 'Stopped', message: 'this run was ended.', line: null });
    this.begin('Stopped. All variables are gone: run the snippets again from the first one on.');
  }

  private reset(): void {
    this.forget();
    for (const snippet of this.snippets) snippet.clear();
    this.begin('Started over: no snippet has run.');
  }

  private forget(): void {
    this.session.end();
    this.running = null;
    this.waiting = [];
    this.ran.clear();
    for (const snippet of this.snippets) {
      snippet.state = 'idle';
      snippet.needsEarlier = false;
    }
  }

  private broken(message: string): void {
    this.forget();
    this.status.say(`The library could not be started: ${message}`);
    this.update();
  }

  private update(): void {
    const { running } = this;
    enable(this.stopButton, running !== null);
    askBeforeLeaving(running !== null);
    clearTimeout(this.telling);
    if (running === null) return;
    const { title } = this.snippets[running].section;
    const place = this.planned > 1 ? ` (${this.planned - this.waiting.length} of ${this.planned})` : '';
    this.telling = setTimeout(() => this.status.say(`Running “${title}”${place} …`), patience);
  }
}
