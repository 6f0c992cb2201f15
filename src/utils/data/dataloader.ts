import { catchUp } from '../../core/backends.js';
import { AssertionError, TypeError, ValueError } from '../../core/errors.js';
import type { Generator } from '../../core/generator.js';
import { host } from '../../core/host.js';
import { libraryClass } from '../../core/object.js';
import { isPlainObject } from '../../core/plain.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { turnIfDue } from '../../core/turns.js';
import { type Collated, Collator } from './collate.js';
import { checkStream, type IterableDataset, isStream, type MapDataset } from './dataset.js';
import { drawSeed } from './draws.js';
import { type Fetched, type Fetcher, makeFetcher } from './fetch.js';
import { toIndex } from './items.js';
import type { Indices, LoaderWorkers } from './loader_workers.js';
import { BatchSampler, RandomSampler, SequentialSampler } from './sampler.js';
import { iterated, lengthOf } from './sized.js';
import type { WorkerFunction } from './worker_dataset.js';

const dataLoader = signature(
  'DataLoader(Object dataset, Any batch_size=1, bool? shuffle=None, Any sampler=None, Any batch_sampler=None, int num_workers=0, Callable? collate_fn=None, bool pin_memory=False, bool drop_last=False, float timeout=0, Any worker_init_fn=None, Any multiprocessing_context=None, Generator? generator=None, *, int? prefetch_factor=None, bool persistent_workers=False)',
);

type Settings = ReturnType<typeof dataLoader.bind>;

type AnyDataset<T> = MapDataset<T> | IterableDataset<T>;

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
  private readonly collateFn: ((batch: Awaited<T>[]) => B) | null;
  private readonly workerInitFn: WorkerFunction | null;
  /** One for all iterations: what a field of numbers is gets decided once. */
  private readonly collator = new Collator();
  private workers: LoaderWorkers<B> | null = null;

  /**
   * @param dataset what has items: `at(index)` and a length, or a stream
   * @param batchSize how many items a batch has; null for single items that are not collated
   * @param shuffle whether each iteration takes the items in a new random order
   * @param sampler the order of the items
   * @param batchSampler the batches' indices
   * @param numWorkers how many worker threads load; 0 loads in this one
   * @param collateFn puts a list of items together to a batch; null: `defaultCollate`. Without batches it gets single items
   * @param pinMemory has no effect on the CPU
   * @param dropLast whether to leave out a last batch that is not full
   * @param timeout seconds to wait for a batch from the workers; 0 waits forever
   * @param workerInitFn called with the worker's id in each worker before it loads; made by `workerFunction`
   * @param multiprocessingContext must be null: workers are threads
   * @param generator where the order and the workers' seeds come from; null: torch's own
   * @param prefetchFactor how many batches each worker prepares ahead; null: 2
   * @param persistentWorkers whether workers live on between iterations
   */
  constructor(
    ...args: Arguments<
      typeof dataLoader,
      {
        dataset: AnyDataset<T>;
        batchSize: number | null;
        sampler: Iterable<number> | null;
        batchSampler: Iterable<readonly number[]> | null;
        collateFn: ((batch: Awaited<T>[]) => B) | null;
        workerInitFn: WorkerFunction | null;
        multiprocessingContext: null;
      }
    >
  ) {
    const options = dataLoader.bind(args);
    const { shuffle, dropLast, generator } = options;
    const dataset = options.dataset as AnyDataset<T>;
    checkDataset(dataset);
    const batchSize = options.batchSize as number | null;
    const sampler = options.sampler as Iterable<number> | null;
    const batchSampler = options.batchSampler as Iterable<readonly number[]> | null;
    if (options.multiprocessingContext !== null)
      throw new ValueError('multiprocessing_context must be null: the workers are threads');
    this.dataset = dataset;
    this.numWorkers = options.numWorkers;
    this.timeout = options.timeout;
    this.prefetchFactor = options.prefetchFactor ?? 2;
    this.persistentWorkers = options.persistentWorkers;
    this.workerInitFn = options.workerInitFn as WorkerFunction | null;
    this.generator = generator;
    this.collateFn = options.collateFn as ((batch: Awaited<T>[]) => B) | null;
    checkWorkers(options);
    const stream = isStream(dataset);
    if (stream) {
      checkStream(dataset);
      checkStreamOptions(options);
    }
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
    if (this.numWorkers > 0) return this.threads().iterate(this.indices());
    // PyTorch draws the workers' seed when the iteration begins, with workers or without.
    drawSeed(this.generator);
    return this.awaitedBatches();
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
    for (const indices of this.indices()) {
      const turn = turnIfDue();
      if (turn !== null) await turn;
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

  /** Indices that are fetched at once, as plain numbers. */
  private *indices(): IterableIterator<Indices> {
    if (this.batchSampler === null) for (const index of iterated(this.sampler)) yield toIndex(index);
    else for (const batch of iterated(this.batchSampler)) yield Array.from(iterated(batch), toIndex);
  }

  private collate(fetched: Fetched & { done: false }): B {
    const { items } = fetched;
    if (this.collateFn !== null) return this.collateFn(items as Awaited<T>[]);
    // Single items stay as they are.
    return (this.batchSampler === null ? items : this.collator.collate(items as readonly unknown[])) as B;
  }

  /** The threads that load, which live on between iterations if they are to. */
  private threads(): LoaderWorkers<B> {
    const isBatched = this.batchSampler !== null;
    const collates = isBatched && this.collateFn === null;
    this.workers ??= host().workers({
      numWorkers: this.numWorkers,
      ahead: this.prefetchFactor * this.numWorkers,
      timeout: this.timeout,
      livesOn: this.persistentWorkers,
      drawSeed: () => drawSeed(this.generator),
      dataset: this.dataset,
      init: this.workerInitFn,
      isBatched,
      dropLast: this.dropLast,
      collates,
      finish: (items) =>
        collates ? (this.collator.settle(items) as B) : this.collate({ done: false, items }),
    });
    return this.workers;
  }
}

libraryClass(DataLoader, {
  shown: ['dataset', 'batchSize', 'sampler', 'numWorkers', 'dropLast'],
  index: 'write for await (const batch of loader)',
});

/** Streams have no indices; the batches' sizes are all that counts. */
const endless: Iterable<number> = {
  *[Symbol.iterator]() {
    for (;;) yield 0;
  },
};

/** @throws TypeError for an object that holds other things than a data set does, such as arguments with wrong names */
function checkDataset(dataset: unknown): void {
  if (!isPlainObject(dataset) || 'at' in dataset || 'length' in dataset || isStream(dataset)) return;
  throw new TypeError(
    `DataLoader(): argument 'dataset' must be a data set, with at(index) and a length, not dict with '${Object.keys(dataset).join("', '")}'`,
  );
}

function checkWorkers(options: Settings): void {
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

function checkStreamOptions({ shuffle, sampler, batchSampler }: Settings): void {
  const name = 'DataLoader with IterableDataset: expected unspecified';
  if (shuffle) throw new ValueError(`${name} shuffle option, but got shuffle=True`);
  if (sampler !== null) throw new ValueError(`${name} sampler option, but got sampler=${String(sampler)}`);
  if (batchSampler !== null) {
    throw new ValueError(`${name} batch_sampler option, but got batch_sampler=${String(batchSampler)}`);
  }
}
