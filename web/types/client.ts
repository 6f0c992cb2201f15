import type { Answers, Question, Reply, Request } from './messages.js';

/** The page's side of the worker that knows types. Where it cannot be loaded every answer is null. */
export class Types {
  private worker: Worker | null = null;
  private readonly waiting = new Map<number, (answer: Answers[Question['kind']]) => void>();
  private asked = 0;
  /** Whether somebody edits. */
  areWanted = false;

  constructor(private readonly cells: () => readonly string[]) {}

  /** Asks of the cells as they are now. */
  ask<Kind extends Question['kind']>(question: Question & { kind: Kind }): Promise<Answers[Kind] | null> {
    const id = this.asked++;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve as (answer: Answers[Question['kind']]) => void);
      this.start().postMessage({ id, cells: this.cells(), question } satisfies Request);
    });
  }

  private start(): Worker {
    if (this.worker !== null) return this.worker;
    const worker = new Worker(new URL('./types_worker.ts', import.meta.url), {
      type: 'module',
      name: 'types',
    });
    worker.addEventListener('message', ({ data }) => {
      const { id, answer } = data as Reply;
      this.waiting.get(id)?.(answer);
      this.waiting.delete(id);
    });
    worker.addEventListener('error', () => {
      for (const resolve of this.waiting.values()) resolve(null);
      this.waiting.clear();
    });
    this.worker = worker;
    return worker;
  }
}
