import { AssertionError, IndexError, TypeError, ValueError } from '../../core/errors.js';
import { host } from '../../core/host.js';
import type { List } from '../../core/list.js';
import { libraryClass } from '../../core/object.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takes } from '../../core/signature/takes.js';
import { Tensor } from '../../core/tensor.js';
import { typeName } from '../../dispatch/type_name.js';
import { drawPermutation } from './draws.js';
import { indexAt, itemAt } from './items.js';
import { type Portable, portable } from './portable.js';
import { lengthOf } from './sized.js';

/** The part of a data set with indices that a loader needs. An array of items is one, too. */
export interface MapDataset<T> {
  /** Item `index`. */
  at(index: number): T | undefined;
  /** How many items there are. */
  readonly length: number;
  /** Several items at once, where that is quicker than one by one. */
  getItems?(indices: readonly number[]): readonly T[];
}

/** The base of data sets with indices: give `at(index)` and `length`. Either may be asked for any item at any time. */
export abstract class Dataset<T> implements MapDataset<T> {
  /** Item `index`. A promise of it will do where the loader is iterated with `for await`. */
  abstract at(index: number): T;
  /** How many items there are. */
  abstract get length(): number;
  /** Several items at once: define it where that is quicker than one by one. */
  getItems?(indices: readonly number[]): readonly T[];

  /** This data set and then another one, Python's `a + b`. */
  add<U>(other: Dataset<U>): ConcatDataset<T | U> {
    return new ConcatDataset<T | U>([this, other]);
  }
}

takes(Dataset.prototype, ['add(Object other)']);
libraryClass(Dataset, { index: 'write dataset.at(0)' });

/**
 * The base of data sets that are streams: give `[Symbol.iterator]` or `[Symbol.asyncIterator]`. In workers each has a
 * stream of its own: use `getWorkerInfo()` to take a share of the items.
 */
export abstract class IterableDataset<T> {
  [Symbol.iterator]?(): Iterator<T>;
  [Symbol.asyncIterator]?(): AsyncIterator<T>;
}

libraryClass(IterableDataset, { index: 'write for (const item of dataset)' });

const tensorDataset = signature('TensorDataset(Any *tensors)');

/** Rows of tensors: item i holds row i of each. */
export class TensorDataset<T extends Tensor[] = Tensor[]> extends Dataset<T> {
  readonly tensors: T;

  /** @throws AssertionError if the first sizes differ */
  constructor(...tensors: T) {
    super();
    tensorDataset.bind(tensors);
    for (const tensor of tensors)
      if (!(tensor instanceof Tensor))
        throw new TypeError(`TensorDataset takes tensors, but got ${typeName(tensor)}`);
    if (tensors.length === 0) throw new IndexError('tuple index out of range');
    if (tensors.some((tensor) => tensor.length !== tensors[0].length)) {
      throw new AssertionError('Size mismatch between tensors');
    }
    this.tensors = tensors;
  }

  at(index: number): T {
    return this.tensors.map((tensor) => tensor.select(0, index)) as T;
  }

  get length(): number {
    return this.tensors[0].length;
  }

  /** @internal */
  [portable](): Portable {
    return { module: host().module('utils/data/dataset.js'), name: 'TensorDataset', args: this.tensors };
  }
}

const concatDataset = signature('ConcatDataset(Iterable datasets)');

/** Several data sets, one after the other. */
export class ConcatDataset<T> extends Dataset<T> {
  readonly datasets: readonly MapDataset<T>[];
  /** Where each data set ends. */
  readonly cumulativeSizes: readonly number[];

  /** @param datasets the data sets in their order */
  constructor(...args: Arguments<typeof concatDataset, { datasets: Iterable<MapDataset<T>> }>) {
    super();
    this.datasets = [...concatDataset.bind(args).datasets] as MapDataset<T>[];
    if (this.datasets.length === 0) throw new AssertionError('datasets should not be an empty iterable');
    if (this.datasets.some(isStream))
      throw new AssertionError('ConcatDataset does not support IterableDataset');
    let end = 0;
    this.cumulativeSizes = this.datasets.map((dataset) => {
      end += lengthOf(dataset);
      return end;
    });
  }

  at(index: number): T {
    let i = index;
    if (i < 0) {
      if (-i > this.length) throw new ValueError('absolute value of index should not exceed dataset length');
      i += this.length;
    }
    const which = this.cumulativeSizes.findIndex((end) => i < end);
    if (which < 0) throw new IndexError('list index out of range');
    return itemAt(this.datasets[which], which === 0 ? i : i - this.cumulativeSizes[which - 1]) as T;
  }

  get length(): number {
    return this.cumulativeSizes[this.cumulativeSizes.length - 1];
  }

  /** @internal */
  [portable](): Portable {
    return { module: host().module('utils/data/dataset.js'), name: 'ConcatDataset', args: [this.datasets] };
  }
}

const chainDataset = signature('ChainDataset(Iterable datasets)');

/** Several streams, one after the other. */
export class ChainDataset<T> extends IterableDataset<T> {
  readonly datasets: readonly IterableDataset<T>[];

  /** @param datasets the streams in their order */
  constructor(...args: Arguments<typeof chainDataset, { datasets: Iterable<IterableDataset<T>> }>) {
    super();
    this.datasets = [...chainDataset.bind(args).datasets] as IterableDataset<T>[];
    if (!this.datasets.every(isStream))
      throw new AssertionError('ChainDataset only supports IterableDataset');
  }

  override async *[Symbol.asyncIterator](): AsyncIterator<T> {
    for (const dataset of this.datasets) yield* dataset as AsyncIterable<T>;
  }

  /** @internal */
  [portable](): Portable {
    return { module: host().module('utils/data/dataset.js'), name: 'ChainDataset', args: [this.datasets] };
  }
}

const subset = signature('Subset(Object dataset, Any indices)');

/** Chosen items of a data set. */
export class Subset<T> extends Dataset<T> {
  declare getItems?: (indices: readonly number[]) => readonly T[];
  readonly dataset: MapDataset<T>;
  readonly indices: readonly number[];

  /**
   * @param dataset the whole data set
   * @param indices the indices of the items to take
   */
  constructor(...args: Arguments<typeof subset, { dataset: MapDataset<T>; indices: readonly number[] }>) {
    super();
    const given = subset.bind(args);
    const dataset = given.dataset as MapDataset<T>;
    this.dataset = dataset;
    this.indices = given.indices as readonly number[];
    lengthOf(this.indices);
    if (dataset?.getItems !== undefined) {
      this.getItems = (chosen) => dataset.getItems!(chosen.map((i) => this.indexOf(i)));
    }
  }

  at(index: number): T {
    return itemAt(this.dataset, this.indexOf(index)) as T;
  }

  get length(): number {
    return lengthOf(this.indices);
  }

  private indexOf(i: number): number {
    return indexAt(this.indices, i);
  }

  /** @internal */
  [portable](): Portable {
    return {
      module: host().module('utils/data/dataset.js'),
      name: 'Subset',
      args: [this.dataset, this.indices],
    };
  }
}

/** Whether a data set is a stream: it can be iterated and has no items by index. */
export function isStream(dataset: unknown): dataset is IterableDataset<unknown> {
  if (dataset instanceof IterableDataset) return true;
  if (typeof dataset !== 'object' || dataset === null || dataset instanceof Tensor || 'at' in dataset)
    return false;
  return Symbol.iterator in dataset || Symbol.asyncIterator in dataset;
}

/** Refuses what looks like a stream and would give something else than its items, or give them once only. */
export function checkStream(stream: object): void {
  if (stream instanceof Map)
    throw new TypeError('a Map is no data set: give the list of its values, [...map.values()]');
  if (
    !(stream instanceof IterableDataset) &&
    typeof (stream as Partial<Iterator<unknown>>).next === 'function'
  )
    throw new TypeError(
      `object of type '${typeName(stream)}' has no len(): an iterator can be gone through only once; ` +
        'give an IterableDataset, whose iteration begins anew, or a list',
    );
}

const randomSplitSignature = signature(
  'random_split(Object dataset, float[] lengths, Generator? generator=None)',
);

/**
 * Splits a data set at random, without overlap.
 *
 * @param dataset the whole data set
 * @param lengths of the parts; or fractions that sum up to 1, whose remainder goes round from the first part on
 * @param generator where the order comes from; null: torch's own
 */
export function randomSplit<T>(
  ...args: Arguments<typeof randomSplitSignature, { dataset: MapDataset<T> }>
): List<Subset<T>> {
  const { lengths, generator, ...given } = randomSplitSignature.bind(args);
  const dataset = given.dataset as MapDataset<T>;
  const total = lengthOf(dataset);
  const sum = lengths.reduce((a, b) => a + b, 0);
  // Python's math.isclose with its default tolerance.
  const areFractions = Math.abs(sum - 1) <= 1e-9 * Math.max(sum, 1) && sum <= 1;
  const sizes = areFractions ? sizesOfFractions(lengths, total) : lengths;
  if (sizes.reduce((a, b) => a + b, 0) !== total) {
    throw new ValueError('Sum of input lengths does not equal the length of the input dataset!');
  }
  for (const size of sizes)
    if (!Number.isSafeInteger(size))
      throw new TypeError(
        `'${typeName(size)}' object cannot be interpreted as an integer (a length is ${size})`,
      );
  const order = drawPermutation(total, generator);
  let end = 0;
  return sizes.map((size) => {
    end += size;
    return new Subset(dataset, order.slice(end - size, end));
  }) as List<Subset<T>>;
}

function sizesOfFractions(fractions: readonly number[], total: number): number[] {
  const sizes = fractions.map((fraction, i) => {
    if (fraction < 0 || fraction > 1) throw new ValueError(`Fraction at index ${i} is not between 0 and 1`);
    return Math.floor(total * fraction);
  });
  const rest = total - sizes.reduce((a, b) => a + b, 0);
  for (let i = 0; i < rest; i++) sizes[i % sizes.length]++;
  for (const [i, size] of sizes.entries()) {
    if (size === 0)
      console.warn(`Length of split at index ${i} is 0. This might result in an empty dataset.`);
  }
  return sizes;
}
