/** A loader's worker threads and the passes over its data with them: Node's alone. */
import { compiledEngine } from '../../backends/cpu/load_engine.js';
import { catchUp } from '../../core/backends.js';
import { pack } from './packing.js';
import type { WorkerFunction } from './worker_dataset.js';
import type { WorkerPool } from './worker_pool.js';
import type { WorkerStart } from './worker_protocol.js';

/** Items that a worker fetches at once. */
export type Indices = readonly number[] | number;

export interface WorkerSetup<B>
  extends Pick<WorkerStart, 'numWorkers' | 'isBatched' | 'dropLast' | 'collates'> {
  /** How many batches may be under way at once. */
  readonly ahead: number;
  readonly timeout: number;
  /** Whether the threads are for all iterations. */
  readonly livesOn: boolean;
  readonly dataset: object;
  readonly init: WorkerFunction | null;
  /** Draws what the first worker is seeded with: once for threads that live on. */
  drawSeed(): bigint;
  /** Makes a batch of what a worker sent. */
  finish(items: unknown): B;
}

declare module '../../core/host.js' {
  interface Host {
    /** The threads of a `DataLoader`. @throws NotImplementedError where there are none */
    workers<B>(setup: WorkerSetup<B>): LoaderWorkers<B>;
  }
}

export class LoaderWorkers<B> {
  private persistent: Promise<WorkerPool> | null = null;
  private seed: bigint | null = null;
  private packed: unknown;

  constructor(private readonly setup: WorkerSetup<B>) {}

  /** A pass over the data. */
  iterate(indices: Iterator<Indices>): AsyncIterableIterator<B> {
    const { livesOn } = this.setup;
    const seed = (livesOn ? this.seed : null) ?? this.setup.drawSeed();
    this.seed = seed;
    return new WorkerIteration(
      this.setup,
      indices,
      async () => {
        if (!livesOn) return this.start(seed);
        this.persistent ??= this.start(seed);
        return this.persistent;
      },
      (pool) => {
        if (livesOn && !pool.isBroken) return;
        this.persistent = null;
        pool.stop();
      },
    );
  }

  private async start(seed: bigint): Promise<WorkerPool> {
    const { WorkerPool } = await import('./worker_pool.js');
    const { numWorkers, isBatched, dropLast, collates } = this.setup;
    // Shared once, not per worker or iteration.
    this.packed ??= pack(this.setup.dataset, true).value;
    const dataset = this.packed;
    const init = pack(this.setup.init, true).value;
    const engine = compiledEngine();
    return WorkerPool.start(
      Array.from({ length: numWorkers }, (_, id) => {
        return {
          id,
          numWorkers,
          seed: seed + BigInt(id),
          dataset,
          init,
          isBatched,
          dropLast,
          collates,
          engine,
        };
      }),
    );
  }
}

/** One pass over the batches with workers: they come in order, whichever worker is ready first. */
class WorkerIteration<B> implements AsyncIterableIterator<B> {
  private pool: WorkerPool | null = null;
  /** Calls that wait for the workers to start. */
  private readonly backlog: { readonly id: number; readonly number: number; readonly indices: Indices }[] =
    [];
  private pass = 0;
  private readonly active: boolean[];
  /** Which worker has each batch that was asked for and not given yet. */
  private readonly assigned = new Map<number, number>();
  private readonly arrived = new Map<number, { items: unknown } | { error: Error }>();
  private sent = 0;
  private given = 0;
  private turn = 0;
  private exhausted = false;
  private finished = false;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly setup: WorkerSetup<B>,
    private readonly indices: Iterator<Indices>,
    private readonly start: () => Promise<WorkerPool>,
    /** Ends the workers, unless they live on: what they still owe of this pass is passed over in the next. */
    private readonly stop: (pool: WorkerPool) => void,
  ) {
    this.active = new Array<boolean>(setup.numWorkers).fill(true);
    // Now, not when the workers have started: the sampler draws its order here, as in PyTorch.
    this.ask();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Calls may overlap; they are answered one after the other. */
  next(): Promise<IteratorResult<B>> {
    const result = this.last.then(() => this.advance());
    this.last = result.catch(() => {});
    return result;
  }

  async return(): Promise<IteratorResult<B>> {
    await this.last;
    this.end();
    return { done: true, value: undefined };
  }

  private async advance(): Promise<IteratorResult<B>> {
    if (this.finished) return { done: true, value: undefined };
    try {
      if (this.pool === null) {
        this.pool = await this.start();
        this.pass = this.pool.beginPass();
        for (const { id, number, indices } of this.backlog) this.send(id, number, indices);
      }
      const behind = catchUp();
      if (behind !== null) await behind;
      const found = await this.nextArrived();
      if (found === null) {
        this.end();
        return { done: true, value: undefined };
      }
      this.ask();
      if ('error' in found) throw found.error;
      return { done: false, value: this.setup.finish(found.items) };
    } catch (error) {
      // As a generator does: after an error there is nothing more.
      this.end();
      throw error;
    }
  }

  private async nextArrived(): Promise<{ items: unknown } | { error: Error } | null> {
    for (;;) {
      // Batches that a worker was asked for after its stream had ended never come.
      while (
        this.given < this.sent &&
        !this.arrived.has(this.given) &&
        !this.active[this.assigned.get(this.given)!]
      ) {
        this.assigned.delete(this.given++);
      }
      if (this.given === this.sent) return null;
      const found = this.arrived.get(this.given);
      if (found !== undefined) {
        this.arrived.delete(this.given);
        this.assigned.delete(this.given++);
        return found;
      }
      const answer = await this.pool!.receive(this.setup.timeout);
      const { pass, number } = answer.task;
      if (pass !== this.pass) continue;
      if (answer.kind === 'end') {
        // Of a worker whose stream has ended every outstanding batch is answered so; the first one counts.
        const worker = this.assigned.get(number);
        if (worker !== undefined) this.active[worker] = false;
        this.ask();
      } else {
        this.arrived.set(number, answer.kind === 'error' ? { error: answer.error } : { items: answer.value });
      }
    }
  }

  /** Keeps the workers busy: batches go round, as many as may be under way. */
  private ask(): void {
    while (!this.exhausted && this.sent - this.given < this.setup.ahead && this.active.includes(true)) {
      const next = this.indices.next();
      if (next.done) {
        this.exhausted = true;
        return;
      }
      while (!this.active[this.turn]) this.turn = (this.turn + 1) % this.active.length;
      this.assigned.set(this.sent, this.turn);
      if (this.pool === null) this.backlog.push({ id: this.turn, number: this.sent, indices: next.value });
      else this.send(this.turn, this.sent, next.value);
      this.sent++;
      this.turn = (this.turn + 1) % this.active.length;
    }
  }

  private send(id: number, number: number, indices: Indices): void {
    this.pool!.send(id, { kind: 'fetch', task: { pass: this.pass, number }, indices });
  }

  private end(): void {
    if (this.finished) return;
    this.finished = true;
    this.indices.return?.();
    if (this.pool !== null) this.stop(this.pool);
  }
}
