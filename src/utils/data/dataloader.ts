import { catchUp } from '../../core/backends.js';
import { AssertionError, TypeError, ValueError } from '../../core/errors.js';
import type { Generator } from '../../core/generator.js';
import { host } from '../../core/host.js';
import { readOptions } from '../../nn/arguments.js';
import { type Collated, Collator } from './collate.js';
import { type IterableDataset, isStream, type MapDataset } from './dataset.js';
import { type Fetched, type Fetcher, makeFetcher } from './fetch.js';
import { pack } from './portable.js';
import { drawSeed } from './random.js';
import { BatchSampler, lengthOf, RandomSampler, SequentialSampler } from './sampler.js';
import type { WorkerFunction } from './worker_dataset.js';
import type { WorkerPool } from './worker_pool.js';
import type { WorkerStart } from './worker_protocol.js';

export interface DataLoaderOptions<T, B> {
  /** How many items a batch has; null for single items that are not collated. */
  batchSize?: number | null;
  /** Whether each iteration takes the items in a new random order. */
  shuffle?: boolean | null;
  /** The order of the items. */
  sampler?: Iterable<number> | null;
  /** The batches' indices. */
  batchSampler?: Iterable<readonly number[]> | null;
  /** How many worker threads load; 0 loads in this one. */
  numWorkers?: number;
  /** Puts a list of items together to a batch; `defaultCollate` unless given. Without batches it gets single items. */
  collateFn?: ((batch: T[]) => B) | null;
  /** Has no effect on the CPU. */
  pinMemory?: boolean;
  /** Whether to leave out a last batch that is not full. */
  dropLast?: boolean;
  /** Seconds to wait for a batch from the workers; 0 waits forever. */
  timeout?: number;
  /** Called with the worker's id in each worker before it loads; made by `workerFunction`. */
  workerInitFn?: WorkerFunction | null;
  /** Where the order and the workers' seeds come from; torch's own generator unless given. */
  generator?: Generator | null;
  /** How many batches each worker prepares ahead; 2 unless given. */
  prefetchFactor?: number | null;
  /** Whether workers live on between iterations. */
  persistentWorkers?: boolean;
}

const defaults = {
  batchSize: 1,
  shuffle: null,
  sampler: null,
  batchSampler: null,
  numWorkers: 0,
  collateFn: null,
  pinMemory: false,
  dropLast: false,
  timeout: 0,
  workerInitFn: null,
  generator: null,
  prefetchFactor: null,
  persistentWorkers: false,
};

/** What a worker fetches at once. */
type Indices = readonly number[] | number;

type AnyDataset<T> = MapDataset<T> | IterableDataset<T>;

/** How long a loop over batches may keep the event loop to itself. */
const MILLISECONDS_A_TURN = 16;

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else {
      // Timers wait longer and longer in browsers, above all in pages that nobody looks at.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    }
  });
}

/**
 * Batches of a data set, in PyTorch's order for the same seed.
 *
 * @example
 * const loader = new torch.utils.data.DataLoader(trainset, { batchSize: 4, shuffle: true, numWorkers: 2 });
 * for await (const [inputs, labels] of loader) { … }
 */
export class DataLoader<T, B = Collated<T>> implements AsyncIterable<B> {
  readonly dataset: AnyDataset<T>;
  readonly batchSize: number | null;
  readonly dropLast: boolean;
  readonly numWorkers: number;
  readonly timeout: number;
  readonly prefetchFactor: number;
  readonly persistentWorkers: boolean;
  readonly sampler: Iterable<number>;
  readonly batchSampler: Iterable<readonly number[]> | null;
  readonly generator: Generator | null;
  private readonly collateFn: ((batch: T[]) => B) | null;
  private readonly workerInitFn: WorkerFunction | null;
  /** One for all iterations: what a field of numbers is gets decided once. */
  private readonly collator = new Collator();
  private persistent: Promise<WorkerPool> | null = null;
  private packed: unknown;

  constructor(dataset: AnyDataset<T>, options?: DataLoaderOptions<T, B>);
  constructor(dataset: AnyDataset<T>, batchSize: number | null, options?: DataLoaderOptions<T, B>);
  constructor(
    dataset: AnyDataset<T>,
    batchSize: number | null,
    shuffle: boolean | null,
    options?: DataLoaderOptions<T, B>,
  );
  constructor(dataset: AnyDataset<T>, ...args: readonly unknown[]) {
    const options = readOptions<Required<DataLoaderOptions<T, B>>>('DataLoader', defaults, args);
    const { batchSize, shuffle, sampler, batchSampler, dropLast, collateFn, generator } = options;
    this.dataset = dataset;
    this.numWorkers = options.numWorkers;
    this.timeout = options.timeout;
    this.prefetchFactor = options.prefetchFactor ?? 2;
    this.persistentWorkers = options.persistentWorkers;
    this.workerInitFn = options.workerInitFn;
    this.generator = generator;
    this.collateFn = collateFn;
    checkWorkers(options);
    const stream = isStream(dataset);
    if (stream) checkStream(options);
    if (sampler !== null && shuffle)
      throw new ValueError('sampler option is mutually exclusive with shuffle');
    if (batchSampler !== null && (batchSize !== 1 || shuffle || sampler !== null || dropLast)) {
      throw new ValueError(
        'batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last',
      );
    }
    if (batchSampler === null && batchSize === null && dropLast) {
      throw new ValueError(
        'batch_size=None option disables auto-batching and is mutually exclusive with drop_last',
      );
    }
    this.batchSize = batchSampler === null ? batchSize : null;
    this.dropLast = dropLast;
    if (sampler !== null) this.sampler = sampler;
    else if (stream) this.sampler = endless;
    else if (shuffle) this.sampler = new RandomSampler(dataset, { generator });
    else this.sampler = new SequentialSampler(dataset);
    if (batchSampler !== null) this.batchSampler = batchSampler;
    else if (batchSize === null) this.batchSampler = null;
    else this.batchSampler = new BatchSampler(this.sampler, batchSize, dropLast);
  }

  /** How many batches there are. */
  get length(): number {
    if (!isStream(this.dataset)) return lengthOf(this.batchSampler ?? this.sampler);
    const count = lengthOf(this.dataset);
    if (this.batchSize === null) return count;
    return this.dropLast ? Math.floor(count / this.batchSize) : Math.ceil(count / this.batchSize);
  }

  /** The batches, where there are no workers and the data set does not make one wait. */
  [Symbol.iterator](): IterableIterator<B> {
    if (this.numWorkers > 0) {
      throw new TypeError("a DataLoader with workers is iterated with 'for await'");
    }
    drawSeed(this.generator);
    return this.batches();
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<B> {
    // PyTorch draws this seed when the iteration begins, with workers or without.
    const seed = drawSeed(this.generator);
    return this.numWorkers === 0 ? this.awaitedBatches() : new WorkerIteration<B>(this.workerSetup(seed));
  }

  private *batches(): IterableIterator<B> {
    const fetcher = this.fetcher();
    for (const indices of this.indices()) {
      const fetched = fetcher.fetch(indices);
      if (fetched instanceof Promise) {
        fetched.catch(() => {});
        throw new TypeError("the data set's items are promises: iterate the DataLoader with 'for await'");
      }
      if (fetched.done) return;
      yield this.collate(fetched);
    }
  }

  private async *awaitedBatches(): AsyncIterableIterator<B> {
    const fetcher = this.fetcher();
    let turned = performance.now();
    for (const indices of this.indices()) {
      // Awaiting a value that is there keeps the event loop from turning: nothing else would run, finalizers included, which
      // alone free WebAssembly's memory.
      if (performance.now() - turned > MILLISECONDS_A_TURN) {
        await nextTurn();
        turned = performance.now();
      }
      const behind = catchUp();
      if (behind !== null) await behind;
      const fetched = fetcher.fetch(indices);
      const ready = fetched instanceof Promise ? await fetched : fetched;
      if (ready.done) return;
      yield this.collate(ready);
    }
  }

  private fetcher(): Fetcher {
    return makeFetcher(this.dataset, this.batchSampler !== null, this.dropLast);
  }

  private indices(): Iterable<Indices> {
    return this.batchSampler ?? this.sampler;
  }

  private collate(fetched: Fetched & { done: false }): B {
    const { items } = fetched;
    if (this.collateFn !== null) return this.collateFn(items as T[]);
    // Single items stay as they are.
    return (this.batchSampler === null ? items : this.collator.collate(items as readonly unknown[])) as B;
  }

  private workerSetup(seed: bigint): WorkerSetup<B> {
    const isBatched = this.batchSampler !== null;
    const collates = isBatched && this.collateFn === null;
    const start = async (): Promise<WorkerPool> => {
      const { WorkerPool } = await host().workers();
      // Shared once, not per worker or iteration.
      this.packed ??= pack(this.dataset, true).value;
      const init = pack(this.workerInitFn, true).value;
      const ids = Array.from({ length: this.numWorkers }, (_, id) => id);
      return WorkerPool.start(
        ids.map(
          (id): WorkerStart => ({
            id,
            numWorkers: this.numWorkers,
            seed: seed + BigInt(id),
            dataset: this.packed,
            init,
            isBatched,
            dropLast: this.dropLast,
            collates,
          }),
        ),
      );
    };
    const lives = this.persistentWorkers;
    return {
      numWorkers: this.numWorkers,
      ahead: this.prefetchFactor * this.numWorkers,
      timeout: this.timeout,
      indices: this.indices()[Symbol.iterator](),
      start: async () => {
        if (!lives) return start();
        this.persistent ??= start();
        return this.persistent;
      },
      finish: (items) => {
        if (collates) return this.collator.settle(items) as B;
        return this.collate({ done: false, items });
      },
      stop: (pool, failed) => {
        if (lives && !failed) return;
        this.persistent = null;
        pool.stop();
      },
    };
  }
}

interface WorkerSetup<B> {
  readonly numWorkers: number;
  /** How many batches may be under way at once. */
  readonly ahead: number;
  readonly timeout: number;
  readonly indices: Iterator<Indices>;
  start(): Promise<WorkerPool>;
  /** Makes a batch of what a worker sent. */
  finish(items: unknown): B;
  /** @param failed whether the workers are of no further use */
  stop(pool: WorkerPool, failed: boolean): void;
}

/** One pass over the batches with workers: they come in order, whichever worker is ready first. */
class WorkerIteration<B> implements AsyncIterableIterator<B> {
  private pool: WorkerPool | null = null;
  /** What waits for the workers to start. */
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

  constructor(private readonly setup: WorkerSetup<B>) {
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
    this.end(this.assigned.size > 0);
    return { done: true, value: undefined };
  }

  private async advance(): Promise<IteratorResult<B>> {
    if (this.finished) return { done: true, value: undefined };
    try {
      if (this.pool === null) {
        this.pool = await this.setup.start();
        this.pass = this.pool.beginPass();
        for (const { id, number, indices } of this.backlog) this.send(id, number, indices);
      }
      const behind = catchUp();
      if (behind !== null) await behind;
      const found = await this.nextArrived();
      if (found === null) {
        this.end(false);
        return { done: true, value: undefined };
      }
      this.ask();
      if ('error' in found) throw found.error;
      return { done: false, value: this.setup.finish(found.items) };
    } catch (error) {
      // As a generator does: after an error there is nothing more.
      this.end(true);
      throw error;
    }
  }

  private async nextArrived(): Promise<{ items: unknown } | { error: Error } | null> {
    for (;;) {
      // What a worker was asked for after its stream had ended never comes.
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
      const next = this.setup.indices.next();
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

  /** @param underWay whether workers still owe batches, so that they cannot be used again */
  private end(underWay: boolean): void {
    if (this.finished) return;
    this.finished = true;
    this.setup.indices.return?.();
    if (this.pool !== null) this.setup.stop(this.pool, underWay);
  }
}

/** Streams have no indices; the batches' sizes are all that counts. */
const endless: Iterable<number> = {
  *[Symbol.iterator]() {
    for (;;) yield 0;
  },
};

function checkWorkers<T, B>(options: Required<DataLoaderOptions<T, B>>): void {
  const { numWorkers, timeout, prefetchFactor, persistentWorkers } = options;
  if (!Number.isSafeInteger(numWorkers) || numWorkers < 0) {
    throw new ValueError(
      'num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.',
    );
  }
  if (!(timeout >= 0)) throw new ValueError('timeout option should be non-negative');
  if (numWorkers === 0 && prefetchFactor !== null) {
    throw new ValueError(
      'prefetch_factor option could only be specified in multiprocessing.' +
        'let num_workers > 0 to enable multiprocessing, otherwise set prefetch_factor to None.',
    );
  }
  if (prefetchFactor !== null && !(Number.isSafeInteger(prefetchFactor) && prefetchFactor > 0)) {
    throw new ValueError('prefetch_factor option should be non-negative');
  }
  if (persistentWorkers && numWorkers === 0) {
    throw new ValueError('persistent_workers option needs num_workers > 0');
  }
  if (numWorkers === 0 && timeout > 0) {
    throw new AssertionError('_SingleProcessDataLoaderIter requires timeout == 0');
  }
}

function checkStream<T, B>({ shuffle, sampler, batchSampler }: Required<DataLoaderOptions<T, B>>): void {
  const name = 'DataLoader with IterableDataset: expected unspecified';
  if (shuffle) throw new ValueError(`${name} shuffle option, but got shuffle=True`);
  if (sampler !== null) throw new ValueError(`${name} sampler option, but got sampler=${String(sampler)}`);
  if (batchSampler !== null) {
    throw new ValueError(`${name} batch_sampler option, but got batch_sampler=${String(batchSampler)}`);
  }
}
