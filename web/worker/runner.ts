import type { Failure, Output } from './messages.js';
import { Session } from './session.js';

/** What a page is told of its programs, which it knows by numbers. */
export interface Listener {
  ready?(engine: string): void;
  began?(program: number): void;
  output(program: number, output: Output): void;
  done(program: number, seconds: number): void;
  /** @param dropped programs that were to follow: they would only fail, too */
  failed(program: number, failure: Failure, dropped: readonly number[]): void;
  /** The library could not be started, or broke down. */
  broken(message: string): void;
  /** Another program runs, or none. */
  changed?(): void;
}

const stopped: Failure = { name: 'Stopped', message: 'this run was ended.', line: null };

/** Runs the programs of a page in a worker of its own, one after the other. They share its variables. */
export class Runner {
  running: number | null = null;
  waiting: number[] = [];
  /** How many programs were asked for since none ran, and when that was. */
  planned = 0;
  private began = 0;
  private readonly session: Session;

  /** @param sourceOf a program's text when its turn comes; undefined if it is there no more */
  constructor(
    private readonly sourceOf: (program: number) => string | undefined,
    private readonly listener: Listener,
  ) {
    this.session = new Session(
      (reply) => {
        if (reply.kind === 'ready') listener.ready?.(reply.engine);
        else if (reply.kind === 'output') listener.output(reply.snippet, reply.output);
        else if (reply.kind === 'done') {
          this.running = null;
          listener.done(reply.snippet, reply.seconds);
          this.next();
        } else if (reply.kind === 'failed') this.fail(reply.snippet, reply.failure);
      },
      (message) => {
        this.end();
        listener.broken(`The library could not be started: ${message}`);
        listener.changed?.();
      },
    );
  }

  /** Seconds since the first of the programs that were asked for. */
  get seconds(): number {
    return (performance.now() - this.began) / 1000;
  }

  /** Starts a worker, unless one is there. */
  start(): void {
    this.session.start();
  }

  /** Says something else to the worker. */
  get send(): Session['send'] {
    return this.session.send.bind(this.session);
  }

  /** Lets programs run after those that wait. @returns the ones that did not wait already */
  run(programs: readonly number[]): number[] {
    if (this.running === null) {
      this.planned = 0;
      this.began = performance.now();
    }
    const added = programs.filter((program) => !this.waiting.includes(program) && this.running !== program);
    this.waiting.push(...added);
    this.planned += added.length;
    // The page sees them wait before the first begins.
    queueMicrotask(() => this.next());
    return added;
  }

  /** Ends the program that runs, which nothing but the end of its worker can do: all variables are gone. */
  stop(): void {
    const { running } = this;
    if (running === null) return;
    const dropped = this.waiting;
    this.end();
    this.listener.failed(running, stopped, dropped);
    this.listener.changed?.();
  }

  /** Ends the worker with all that it holds. */
  end(): void {
    this.session.end();
    this.running = null;
    this.waiting = [];
  }

  private fail(program: number, failure: Failure): void {
    this.running = null;
    this.listener.failed(program, failure, this.waiting.splice(0));
    this.next();
  }

  private next(): void {
    while (this.running === null && this.waiting.length > 0) {
      const program = this.waiting.shift()!;
      const source = this.sourceOf(program);
      if (source === undefined) continue;
      this.running = program;
      this.listener.began?.(program);
      void this.begin(program, source);
    }
    this.listener.changed?.();
  }

  private async begin(program: number, source: string): Promise<void> {
    const worker = this.session.start();
    // It may have been stopped while the compiler was loaded.
    const isMine = () => this.session.worker === worker && this.running === program;
    try {
      const { compile } = await import('../snippets/compile.js');
      if (isMine()) this.session.send({ kind: 'run', snippet: program, compiled: compile(source) });
    } catch (error) {
      const { name, message } = error as Error;
      if (isMine()) this.fail(program, { name, message, line: null });
    }
  }
}
