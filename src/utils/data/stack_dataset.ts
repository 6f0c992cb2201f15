import { ValueError } from '../../core/errors.js';
import { host } from '../../core/host.js';
import { isPlainObject } from '../../core/plain.js';
import { Dataset, type MapDataset } from './dataset.js';
import { itemAt } from './items.js';
import { type Portable, portable } from './portable.js';
import { lengthOf } from './sized.js';

type Parts = readonly MapDataset<unknown>[] | Readonly<Record<string, MapDataset<unknown>>>;

/** An item of each data set, in the place or under the name of that. */
export type Stacked<D> = {
  -readonly [K in keyof D]: D[K] extends MapDataset<infer T> ? T : never;
};

/**
 * Data sets of one length side by side: item i holds item i of each, in a list, or in an object if they were given by name.
 *
 * @example
 * new torch.utils.data.StackDataset(images, labels).at(0); // [images.at(0), labels.at(0)]
 * new torch.utils.data.StackDataset({ image: images, label: labels }).at(0); // { image: …, label: … }
 */
export class StackDataset<const D extends Parts> extends Dataset<Stacked<D>> {
  /** The data sets, as they were given. */
  readonly datasets: D;
  readonly #length: number;

  /** @throws ValueError if their lengths differ */
  constructor(datasets: D & Readonly<Record<string, MapDataset<unknown>>>);
  constructor(...datasets: D & readonly MapDataset<unknown>[]);
  constructor(...given: unknown[]) {
    super();
    const named = given.at(-1);
    const isNamed = isPlainObject(named);
    if (isNamed && given.length > 1)
      throw new ValueError(
        'Supported either ``tuple``- (via ``args``) or``dict``- (via ``kwargs``) like input/output, but both types are given.',
      );
    this.datasets = (isNamed ? named : given) as unknown as D;
    const parts = Object.values(this.datasets) as MapDataset<unknown>[];
    if (parts.length === 0) throw new ValueError('At least one dataset should be passed');
    this.#length = lengthOf(parts[0]);
    if (parts.some((part) => lengthOf(part) !== this.#length))
      throw new ValueError('Size mismatch between datasets');
  }

  at(index: number): Stacked<D> {
    return this.#each((part) => itemAt(part, index));
  }

  override getItems(indices: readonly number[]): readonly Stacked<D>[] {
    const columns = this.#each((part) => {
      if (part.getItems === undefined) return indices.map((index) => itemAt(part, index));
      const items = part.getItems(indices);
      if (items.length !== indices.length)
        throw new ValueError(
          `Nested dataset's output size mismatch. Expected ${indices.length}, got ${items.length}`,
        );
      return items;
    }) as Record<string, readonly unknown[]>;
    const rowAt = (i: number) =>
      Array.isArray(columns)
        ? columns.map((column: readonly unknown[]) => column[i])
        : Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column[i]]));
    return indices.map((_, i) => rowAt(i) as Stacked<D>);
  }

  get length(): number {
    return this.#length;
  }

  #each(fn: (part: MapDataset<unknown>) => unknown): Stacked<D> {
    const { datasets } = this;
    if (Array.isArray(datasets)) return (datasets as MapDataset<unknown>[]).map(fn) as Stacked<D>;
    const entries = Object.entries(datasets as Readonly<Record<string, MapDataset<unknown>>>);
    return Object.fromEntries(entries.map(([name, part]) => [name, fn(part)])) as Stacked<D>;
  }

  /** @internal */
  [portable](): Portable {
    const { datasets } = this;
    return {
      module: host().module('utils/data/stack_dataset.js'),
      name: 'StackDataset',
      args: Array.isArray(datasets) ? (datasets as unknown[]) : [datasets],
    };
  }
}
