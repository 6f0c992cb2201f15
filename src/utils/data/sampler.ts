import { TypeError, ValueError } from '../../core/errors.js';
import { Generator } from '../../core/generator.js';
import type { Tensor } from '../../core/tensor.js';
import { readOptions } from '../../nn/arguments.js';
import { drawIntegers, drawPermutation, drawSeed, drawWeighted, weightsTensor } from './random.js';
import { iterated, lengthOf, type Sized } from './sized.js';

/** The order in which a loader takes items: an iterable of indices that knows how many there are. */
export abstract class Sampler<T = number> implements Iterable<T> {
  abstract [Symbol.iterator](): IterableIterator<T>;
  /** How many indices one iteration gives. */
  abstract get length(): number;
}

/** The items in their order. */
export class SequentialSampler extends Sampler {
  constructor(readonly dataSource: Sized) {
    super();
  }

  *[Symbol.iterator](): IterableIterator<number> {
    for (let i = 0, n = lengthOf(this.dataSource); i < n; i++) yield i;
  }

  get length(): number {
    return lengthOf(this.dataSource);
  }
}

export interface RandomSamplerOptions {
  /** Whether an item may come again before all others have come. */
  replacement?: boolean;
  /** How many indices to draw; by default as many as there are items. */
  numSamples?: number | null;
  /** Where the order comes from; by default a private generator seeded from torch's own for each iteration. */
  generator?: Generator | null;
}

/** The items in random order, PyTorch's own for the same seed. */
export class RandomSampler extends Sampler {
  readonly replacement: boolean;
  private readonly count: number | null;
  private readonly generator: Generator | null;

  constructor(
    readonly dataSource: Sized,
    ...rest:
      | [options?: RandomSamplerOptions]
      | [replacement: boolean, options?: RandomSamplerOptions]
      | [replacement: boolean, numSamples: number | null, options?: RandomSamplerOptions]
      | [replacement: boolean, numSamples: number | null, generator: Generator | null]
  ) {
    super();
    const defaults: Required<RandomSamplerOptions> = {
      replacement: false,
      numSamples: null,
      generator: null,
    };
    const { replacement, numSamples, generator } = readOptions('RandomSampler', defaults, rest);
    this.replacement = replacement;
    this.count = numSamples;
    this.generator = generator;
    if (typeof replacement !== 'boolean') {
      throw new TypeError(`replacement should be a boolean value, but got replacement=${replacement}`);
    }
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

/** The given indices in random order. */
export class SubsetRandomSampler extends Sampler {
  private readonly generator: Generator | null;

  constructor(
    readonly indices: readonly number[],
    generator?: Generator | null | { generator?: Generator | null },
  ) {
    super();
    const defaults: { generator: Generator | null } = { generator: null };
    this.generator = readOptions('SubsetRandomSampler', defaults, [generator]).generator;
  }

  *[Symbol.iterator](): IterableIterator<number> {
    for (const i of drawPermutation(lengthOf(this.indices), this.generator)) yield this.indices[i];
  }

  get length(): number {
    return lengthOf(this.indices);
  }
}

export interface WeightedRandomSamplerOptions {
  /** Whether an item may be drawn more than once; true by default. */
  replacement?: boolean;
  generator?: Generator | null;
}

/** Draws items with probabilities in proportion to the given weights. */
export class WeightedRandomSampler extends Sampler {
  readonly weights: Tensor;
  private readonly replacement: boolean;
  private readonly generator: Generator | null;

  constructor(
    weights: Iterable<number> | Tensor,
    readonly numSamples: number,
    ...rest:
      | [options?: WeightedRandomSamplerOptions]
      | [replacement: boolean, options?: WeightedRandomSamplerOptions]
      | [replacement: boolean, generator: Generator | null]
  ) {
    super();
    const defaults: Required<WeightedRandomSamplerOptions> = { replacement: true, generator: null };
    const { replacement, generator } = readOptions('WeightedRandomSampler', defaults, rest);
    checkPositive(numSamples, 'num_samples');
    if (typeof replacement !== 'boolean') {
      throw new ValueError(`replacement should be a boolean value, but got replacement=${replacement}`);
    }
    this.weights = weightsTensor(weights);
    if (this.weights.ndim !== 1) {
      throw new ValueError(
        `weights should be a 1d sequence but given weights have shape (${this.weights.shape.join(', ')})`,
      );
    }
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

/** Groups another sampler's indices into batches. */
export class BatchSampler extends Sampler<number[]> {
  constructor(
    readonly sampler: Iterable<number>,
    readonly batchSize: number,
    readonly dropLast: boolean,
  ) {
    super();
    checkPositive(batchSize, 'batch_size');
    if (typeof dropLast !== 'boolean') {
      throw new ValueError(`drop_last should be a boolean value, but got drop_last=${dropLast}`);
    }
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

function checkPositive(value: number, name: string): void {
  if (!Number.isSafeInteger(value) || value <= 0) {
    throw new ValueError(`${name} should be a positive integer value, but got ${name}=${value}`);
  }
}
