import { RuntimeError } from '../core/errors.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { takesNothing } from '../core/signature/takes.js';

const ofWait = signature('wait(float? timeout=None)');

/** How a collective ends: once, by `end`. */
export interface Ending {
  readonly work: Work;
  /** Ends it, with an error or without; `source` is the rank that a message came from. */
  end(error: Error | null, source?: number): void;
  /** Says how to let calls go on without the event loop: until one has ended. */
  wait(until: () => void): void;
}

/**
 * A collective that has begun. It is a promise, so that `await dist.allReduce(x)` waits for it; who has begun it with `asyncOp: true` goes on and
 * calls `wait()` when the result is needed.
 *
 * JavaScript cannot stand still, so that every collective returns at once; `asyncOp` says that nobody is told of a failure but those that wait.
 *
 * @example
 * const work = dist.allReduce(gradient, { asyncOp: true });
 * const next = model.forward(x); // while the gradient is on its way
 * await work.wait();
 */
export class Work extends Promise<void> {
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  #state: 'running' | 'done' | 'failed' = 'running';
  #error: Error | null = null;
  #source = -1;
  #wait: (() => void) | null = null;

  /** @internal */
  static begin(isAsync: boolean): Ending {
    let resolve!: () => void;
    let reject!: (error: Error) => void;
    const work = new Work((ok, fail) => {
      resolve = ok;
      reject = fail;
    });
    // Whoever waits is told; nobody has to wait.
    if (isAsync) work.catch(() => {});
    return {
      work,
      end(error, source = -1) {
        if (work.#state !== 'running') return;
        work.#error = error;
        work.#source = source;
        work.#state = error === null ? 'done' : 'failed';
        if (error === null) resolve();
        else reject(error);
      },
      wait(until) {
        work.#wait = until;
      },
    };
  }

  /** Whether it has ended, well or not. */
  isCompleted(): boolean {
    return this.#state !== 'running';
  }

  /** Whether it has ended well. */
  isSuccess(): boolean {
    return this.#state === 'done';
  }

  /** The error that it ended with, or null. */
  exception(): Error | null {
    return this.#error;
  }

  /** The rank of the group that a message came from. @throws RuntimeError unless it was received */
  sourceRank(): number {
    if (this.#source < 0)
      throw new RuntimeError(
        'sourceRank() may only be called on work objects that correspond to a recv or recv-from-any call.',
      );
    return this.#source;
  }

  /**
   * Waits until it has ended.
   *
   * @param timeout seconds to wait; default: the group's, from when the collective began
   * @throws the error that it ended with, or RuntimeError where it takes longer
   */
  async wait(...args: Arguments<typeof ofWait>): Promise<boolean> {
    const { timeout } = ofWait.bind(args);
    if (timeout === null) await this;
    else await within(this, timeout);
    return true;
  }

  /**
   * Blocks until it has ended: for what cannot be asynchronous, such as a backward pass. Nothing else of this thread goes on meanwhile.
   *
   * @throws the error that it ended with, or RuntimeError where the backend cannot block, or a tensor is on a device that must be waited for
   */
  waitSync(): boolean {
    while (this.#state === 'running') {
      if (this.#wait === null)
        throw new RuntimeError('this collective cannot be waited for without the event loop: await it');
      this.#wait();
    }
    if (this.#error !== null) throw this.#error;
    return true;
  }

  /** @internal Whether `waitSync()` can wait. */
  get blocks(): boolean {
    return this.#state !== 'running' || this.#wait !== null;
  }
}

takesNothing(Work.prototype, ['waitSync']);

async function within(work: Work, seconds: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(
      () => fail(new RuntimeError(`Wait timeout: not done after ${seconds} s`)),
      seconds * 1000,
    );
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a collective gives that this process has no part in. */
export function done(): Work {
  const ending = Work.begin(false);
  ending.end(null);
  return ending.work;
}

/** A work that ends when others have, and `finish` has been called. */
export function following(works: readonly Work[], isAsync: boolean, finish: () => void = () => {}): Work {
  const ending = Work.begin(isAsync);
  let isDone = false;
  const end = (error: Error | null): void => {
    if (isDone) return;
    isDone = true;
    try {
      if (error === null) finish();
      ending.end(error);
    } catch (failure) {
      ending.end(failure as Error);
    }
  };
  Promise.all(works).then(() => end(null), end);
  if (works.every((work) => work.blocks))
    ending.wait(() => {
      try {
        for (const work of works) work.waitSync();
        end(null);
      } catch (error) {
        end(error as Error);
      }
    });
  return ending.work;
}
