import { Worker } from 'node:worker_threads';
import * as errors from '../../core/errors.js';
import { RuntimeError } from '../../core/errors.js';
import { host } from '../../core/host.js';
import { remade } from './fetch.js';
import { unpack } from './packing.js';
import type { ErrorMessage, FromWorker, Task, ToWorker, WorkerStart } from './worker_protocol.js';

type Answer = Exclude<FromWorker, { kind: 'error' }> | { kind: 'error'; task: Task; error: Error };

interface Member {
  readonly worker: Worker;
  readonly threadId: number;
}

/** The worker threads of a loader. They live for one iteration, or for all of them. */
export class WorkerPool {
  /** The answers in the order in which they came; settled when the next one is there. */
  private readonly answers: Answer[] = [];
  private failure: Error | null = null;
  /** Whether a worker has died or does not answer. */
  isBroken = false;
  private wake: (() => void) | null = null;
  private stopped = false;
  private passes = 0;

  private constructor(private readonly members: readonly Member[]) {}

  static start(starts: readonly WorkerStart[]): WorkerPool {
    const members = starts.map((start) => {
      const make = (execArgv: string[]) =>
        new Worker(new URL(host().module('utils/data/worker.js')), {
          workerData: start,
          execArgv,
          // As in PyTorch a worker computes with one thread; the native engine's are the process's, and it does not read this.
          env: { ...process.env, FLAMBEAU_NUM_THREADS: '1' },
          name: `DataLoader worker ${start.id}`,
        });
      const worker = withPossibleArguments(make);
      return { worker, threadId: worker.threadId };
    });
    const pool = new WorkerPool(members);
    for (const [id, member] of members.entries()) pool.listen(id, member);
    return pool;
  }

  /** Begins a pass over the data: streams begin again. Returns the pass's number. */
  beginPass(): number {
    if (this.passes > 0) for (let id = 0; id < this.members.length; id++) this.send(id, { kind: 'restart' });
    return ++this.passes;
  }

  send(id: number, message: ToWorker): void {
    this.members[id].worker.postMessage(message);
  }

  /** The next answer of any worker. @throws RuntimeError if one died, or none came in time (0: wait forever) */
  async receive(timeoutSeconds: number): Promise<Answer> {
    if (this.answers.length === 0 && this.failure === null) await this.wait(timeoutSeconds);
    const answer = this.answers.shift();
    if (answer !== undefined) return answer;
    this.isBroken = true;
    throw this.failure ?? new RuntimeError(`DataLoader timed out after ${timeoutSeconds} seconds`);
  }

  stop(): void {
    this.stopped = true;
    for (const { worker } of this.members) void worker.terminate();
  }

  /** The process may end while nobody waits for an answer, and must not while somebody does. */
  private async wait(timeoutSeconds: number): Promise<void> {
    for (const { worker } of this.members) worker.ref();
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        if (timeoutSeconds > 0) timer = setTimeout(resolve, timeoutSeconds * 1000);
      });
    } finally {
      this.wake = null;
      clearTimeout(timer);
      for (const { worker } of this.members) worker.unref();
    }
  }

  private listen(id: number, { worker, threadId }: Member): void {
    worker.unref();
    // Unpacking may have to import a module; answers must keep the order in which they came all the same.
    let last = Promise.resolve();
    worker.on('message', (message: FromWorker) => {
      last = last.then(async () => {
        this.answers.push(await this.opened(id, message));
        this.wake?.();
      });
    });
    const fail = (why: string, cause?: unknown) => {
      if (this.stopped) return;
      void last.then(() => {
        this.failure ??= new RuntimeError(
          `DataLoader worker (pid(s) ${threadId}) exited unexpectedly: ${why}`,
          { cause },
        );
        this.wake?.();
      });
    };
    worker.on('error', (error: unknown) =>
      fail(error instanceof Error ? error.message : String(error), error),
    );
    worker.on('messageerror', (error) => fail(error.message, error));
    worker.on('exit', (code) => fail(`exit code ${code}`));
  }

  private async opened(id: number, message: FromWorker): Promise<Answer> {
    if (message.kind === 'end') return message;
    if (message.kind === 'error') return { ...message, error: fromWorker(id, message.error) };
    try {
      return { ...message, value: await unpack(message.value) };
    } catch (error) {
      return { kind: 'error', task: message.task, error: error as Error };
    }
  }
}

/** Tries all inherited options, then those that Node does not refuse for a thread: V8's hold for the process anyway. */
function withPossibleArguments<T>(make: (execArgv: string[]) => T): T {
  const inherited = inheritedArguments();
  try {
    return make(inherited);
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (code !== 'ERR_WORKER_INVALID_EXEC_ARGV') throw error;
    return make(inherited.filter((arg) => !message.includes(arg)));
  }
}

/** Node's own options without those that concern the main program only; a worker would take them for its own. */
function inheritedArguments(): string[] {
  return process.execArgv.filter(
    (arg, i, all) =>
      !/^--input-type|^(-e|--eval|-p|--print|-pe)$/.test(arg) &&
      !/^(-e|--eval|-p|--print|-pe)$/.test(all[i - 1] ?? ''),
  );
}

/** The worker's error, in PyTorch's frame. */
function fromWorker(id: number, { name, message, stack }: ErrorMessage): Error {
  const known = { ...errors, Error, RangeError, SyntaxError, EvalError, ReferenceError, URIError };
  const type = known[name as keyof typeof known] ?? RuntimeError;
  return remade(
    type,
    `Caught ${name} in DataLoader worker process ${id}: ${message}\nOriginal ${stack}`,
    undefined,
  );
}
