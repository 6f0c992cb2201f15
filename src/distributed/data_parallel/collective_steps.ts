/** What is done in steps with collectives between them, by whoever can wait: at once where the backend blocks, else by promises. */
import { Work } from '../work.js';

/** Steps that wait for each collective (or promise) that they yield. */
export type Steps<R = void> = Generator<PromiseLike<unknown>, R, void>;

/** Steps that have begun. They have gone as far as the first collective that they wait for. */
export class Proceeding<R> {
  #awaited: PromiseLike<unknown> | null = null;
  #result: R | undefined;
  #error: Error | null = null;

  constructor(private readonly steps: Steps<R>) {
    this.#take(() => steps.next());
  }

  #take(go: () => IteratorResult<PromiseLike<unknown>, R>): void {
    this.#awaited = null;
    try {
      const { done, value } = go();
      if (done) this.#result = value;
      else this.#awaited = value;
    } catch (error) {
      this.#error = error as Error;
    }
  }

  #fail(error: unknown): void {
    this.#take(() => this.steps.throw(error));
  }

  /** Goes on as far as that needs no event loop, and returns whether all is done. @throws what a step throws */
  advance(): boolean {
    while (this.#awaited instanceof Work && this.#awaited.blocks) {
      try {
        this.#awaited.waitSync();
      } catch (error) {
        this.#fail(error);
        continue;
      }
      this.#take(() => this.steps.next());
    }
    if (this.#error !== null) throw this.#error;
    return this.#awaited === null;
  }

  /** What is left, as steps of others. */
  *rest(): Steps<R> {
    while (this.#awaited !== null) {
      try {
        yield this.#awaited;
      } catch (error) {
        this.#fail(error);
        continue;
      }
      this.#take(() => this.steps.next());
    }
    if (this.#error !== null) throw this.#error;
    return this.#result as R;
  }

  /** Goes on to the end. */
  async finish(): Promise<R> {
    while (!this.advance()) {
      try {
        await this.#awaited;
      } catch (error) {
        this.#fail(error);
        continue;
      }
      this.#take(() => this.steps.next());
    }
    return this.#result as R;
  }
}

/** Steps to their end, one after the other. */
export const finishSteps = <R>(steps: Steps<R>): Promise<R> => new Proceeding(steps).finish();
