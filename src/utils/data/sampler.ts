import { TypeError, ValueError } from '../../core/errors.js';
import { Generator } from '../../core/generator.js';
import { libraryClass } from '../../core/object.js';
import { formatTuple, formatValue } from '../../core/repr.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { drawIntegers, drawPermutation, drawSeed, drawWeighted, weightsTensor } from './draws.js';
import { iterated, lengthOf, type Sized } from './sized.js';

/** The order in which a loader takes items: an iterable of indices that knows how many there are. */
export abstract class Sampler<T = number> implements Iterable<T> {
  abstract [Symbol.iterator](): IterableIterator<T>;
  /** How many indices one iteration gives. */
  abstract get length(): number;
}

libraryClass(Sampler, { index: 'write [...sampler][0]' });
const sequentialSampler = signature('SequentialSampler(Object data_source)');

/** The items in their order. */
export class SequentialSampler extends Sampler {
  readonly dataSource: Sized;

  /** @param dataSource the data set, or whatever has a length */
  constructor(...args: Arguments<typeof sequentialSampler, { dataSource: Sized }>) {
    super();
    this.dataSource = sequentialSampler.bind(args).dataSource as Sized;
  }

  *[Symbol.iterator](): IterableIterator<number> {
    for (let i = 0, n = lengthOf(this.dataSource); i < n; i++) yield i;
  }

  get length(): number {
    return lengthOf(this.dataSource);
  }
}

const randomSampler = signature(
  'RandomSampler(Object data_source, Any replacement=False, Any num_samples=None, Generator? generator=None)',
);

/** The items in random order, PyTorch's own for the same seed. */
export class RandomSampler extends Sampler {
  readonly dataSource: Sized;
  readonly replacement: boolean;
  private readonly count: number | null;
  private readonly generator: Generator | null;

  /**
   * @param dataSource the data set, or whatever has a length
   * @param replacement whether an item may come again before all others have come
   * @param numSamples how many indices to draw; null: as many as there are items
   * @param generator where the order comes from; null: a private generator seeded from torch's own for each iteration
   */
  constructor(
    ...args: Arguments<
      typeof randomSampler,
      { dataSource: Sized; replacement: boolean; numSamples: number | null }
    >
  ) {
    super();
    const { dataSource, replacement, numSamples, generator } = randomSampler.bind(args);
    this.dataSource = dataSource as Sized;
    this.replacement = replacement as boolean;
    this.count = numSamples as number | null;
    this.generator = generator;
    if (typeof replacement !== 'boolean')
      throw new TypeError(
        `replacement should be a boolean value, but got replacement=${formatValue(replacement)}`,
      );
    checkPositive(this.numSamples, 'num_samples');
  }

  /** How many indices one iteration draws. The data set's length may have changed since the last. */
  get numSamples(): number {
    return this.count ?? lengthOf(this.dataSource);
  }

  *[Symbol.iterator](): IterableIterator<number> {
    const n = lengthOf(this.dataSource);
    const generator = this.generator ?? new Generator().manualSeed(drawSeed(null));
    const rest = this.numSamples % (this.replacement ? 32 : n);
    const rounds = Math.floor(this.numSamples / (this.replacement ? 32 : n));
    // PyTorch draws by 32, and draws the last part even where nothing of it is needed: a generator that is
    // used on must be left in the same state.
    for (let round = 0; round < rounds; round++) {
      yield* this.replacement ? drawIntegers(n, 32, generator) : drawPermutation(n, generator);
    }
    yield* this.replacement ? drawIntegers(n, rest, generator) : drawPermutation(n, generator).slice(0, rest);
  }

  get length(): number {
    return this.numSamples;
  }
}

const subsetRandomSampler = signature('SubsetRandomSampler(Any indices, Generator? generator=None)');

/** The given indices in random order. */
export class SubsetRandomSampler extends Sampler {
  readonly indices: readonly number[];
  private readonly generator: Generator | null;

  /**
   * @param indices the indices
   * @param generator where the order comes from; null: torch's own
   */
  constructor(...args: Arguments<typeof subsetRandomSampler, { indices: readonly number[] }>) {
    super();
    const { indices, generator } = subsetRandomSampler.bind(args);
    this.indices = indices as readonly number[];
    lengthOf(this.indices);
    this.generator = generator;
  }

  *[Symbol.iterator](): IterableIterator<number> {
    for (const i of drawPermutation(lengthOf(this.indices), this.generator)) yield this.indices[i];
  }

  get length(): number {
    return lengthOf(this.indices);
  }
}

const weightedRandomSampler = signature(
  'WeightedRandomSampler(Any weights, Any num_samples, Any replacement=True, Generator? generator=None)',
);

/** Draws items with probabilities in proportion to the given weights. */
export class WeightedRandomSampler extends Sampler {
  readonly weights: Tensor;
  readonly numSamples: number;
  private readonly replacement: boolean;
  private readonly generator: Generator | null;

  /**
   * @param weights what the items' probabilities are in proportion to
   * @param numSamples how many indices to draw
   * @param replacement whether an item may be drawn more than once
   * @param generator where the draws come from; null: torch's own
   */
  constructor(
    ...args: Arguments<
      typeof weightedRandomSampler,
      { weights: Iterable<number> | Tensor; numSamples: number; replacement: boolean }
    >
  ) {
    super();
    const { weights, numSamples, replacement, generator } = weightedRandomSampler.bind(args);
    checkPositive(numSamples, 'num_samples');
    if (typeof replacement !== 'boolean')
      throw new ValueError(
        `replacement should be a boolean value, but got replacement=${formatValue(replacement)}`,
      );
    this.weights = weightsTensor(weights as Iterable<number> | Tensor);
    if (this.weights.ndim !== 1)
      throw new ValueError(
        `weights should be a 1d sequence but given weights have shape ${formatTuple(this.weights.shape)}`,
      );
    this.numSamples = numSamples as number;
    this.replacement = replacement;
    this.generator = generator;
  }

  *[Symbol.iterator](): IterableIterator<number> {
    yield* drawWeighted(this.weights, this.numSamples, this.replacement, this.generator);
  }

  get length(): number {
    return this.numSamples;
  }
}

const batchSampler = signature('BatchSampler(Object sampler, Any batch_size, Any drop_last)');

/** Groups another sampler's indices into batches. */
export class BatchSampler extends Sampler<number[]> {
  readonly sampler: Iterable<number>;
  readonly batchSize: number;
  readonly dropLast: boolean;

  /**
   * @param sampler what gives the indices
   * @param batchSize how many a batch has
   * @param dropLast whether to leave out a last batch that is not full
   */
  constructor(
    ...args: Arguments<
      typeof batchSampler,
      { sampler: Iterable<number>; batchSize: number; dropLast: boolean }
    >
  ) {
    super();
    const { sampler, batchSize, dropLast } = batchSampler.bind(args);
    checkPositive(batchSize, 'batch_size');
    if (typeof dropLast !== 'boolean')
      throw new ValueError(`drop_last should be a boolean value, but got drop_last=${formatValue(dropLast)}`);
    this.sampler = sampler as Iterable<number>;
    this.batchSize = batchSize as number;
    this.dropLast = dropLast;
  }

  *[Symbol.iterator](): IterableIterator<number[]> {
    let batch: number[] = [];
    for (const index of iterated(this.sampler)) {
      batch.push(index);
      if (batch.length < this.batchSize) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0 && !this.dropLast) yield batch;
  }

  get length(): number {
    const count = lengthOf(this.sampler);
    return this.dropLast ? Math.floor(count / this.batchSize) : Math.ceil(count / this.batchSize);
  }
}

function checkPositive(value: unknown, name: string): void {
  if (!Number.isSafeInteger(value) || (value as number) <= 0)
    throw new ValueError(`${name} should be a positive integer value, but got ${name}=${formatValue(value)}`);
}
