import { IndexError, RuntimeError } from '../../core/errors.js';
import { type IterableDataset, isStream, type MapDataset } from './dataset.js';
import { itemAt } from './items.js';

/** Gets the items of a batch: of one index where there are no batches. `done` once a stream has ended. */
export interface Fetcher {
  fetch(indices: readonly number[] | number): Fetched | Promise<Fetched>;
}

export type Fetched = { readonly done: false; readonly items: unknown } | { readonly done: true };

export function makeFetcher(dataset: object, isBatched: boolean, dropLast: boolean): Fetcher {
  if (!isStream(dataset)) return new MapFetcher(dataset as MapDataset<unknown>);
  return new StreamFetcher(dataset, isBatched, dropLast);
}

class MapFetcher implements Fetcher {
  constructor(private readonly dataset: MapDataset<unknown>) {}

  fetch(indices: readonly number[] | number): Fetched | Promise<Fetched> {
    const items = typeof indices === 'number' ? this.item(indices) : this.batch(indices);
    if (items instanceof Promise) return items.then((all) => ({ done: false, items: all }));
    return { done: false, items };
  }

  private batch(indices: readonly number[]): unknown {
    if (this.dataset.getItems !== undefined) {
      try {
        return this.dataset.getItems(indices);
      } catch (error) {
        throw naming(error, `items ${indices.join(', ')}`);
      }
    }
    const items = new Array<unknown>(indices.length);
    let waits = false;
    for (let i = 0; i < indices.length; i++) {
      const item = this.item(indices[i]);
      if (item instanceof Promise) waits = true;
      items[i] = item;
    }
    return waits ? Promise.all(items) : items;
  }

  private item(index: number): unknown {
    let item: unknown;
    try {
      item = itemAt(this.dataset, index);
    } catch (error) {
      throw naming(error, `item ${index}`);
    }
    if (item === undefined)
      throw new IndexError(`the data set has no item ${index} (at(${index}) is undefined)`);
    if (!(item instanceof Promise)) return item;
    return item.catch((error: unknown) => {
      throw naming(error, `item ${index}`);
    });
  }
}

class StreamFetcher implements Fetcher {
  private readonly iterator: Iterator<unknown> | AsyncIterator<unknown>;
  private taken = 0;
  private ended = false;

  constructor(
    dataset: IterableDataset<unknown>,
    private readonly isBatched: boolean,
    private readonly dropLast: boolean,
  ) {
    const iterator = dataset[Symbol.iterator]?.() ?? dataset[Symbol.asyncIterator]?.();
    if (iterator === undefined) {
      throw new RuntimeError('an IterableDataset needs [Symbol.iterator]() or [Symbol.asyncIterator]()');
    }
    this.iterator = iterator;
  }

  fetch(indices: readonly number[] | number): Fetched | Promise<Fetched> {
    const count = typeof indices === 'number' ? 1 : indices.length;
    return this.collect([], count);
  }

  /** Goes on synchronously as long as the stream does. */
  private collect(items: unknown[], count: number): Fetched | Promise<Fetched> {
    while (items.length < count && !this.ended) {
      let next: IteratorResult<unknown> | Promise<IteratorResult<unknown>>;
      try {
        next = this.iterator.next();
      } catch (error) {
        throw naming(error, `item ${this.taken} of the stream`);
      }
      if (next instanceof Promise) {
        return next.then(
          (result) => {
            this.take(result, items);
            return this.collect(items, count);
          },
          (error: unknown) => {
            throw naming(error, `item ${this.taken} of the stream`);
          },
        );
      }
      this.take(next, items);
    }
    if (items.length === 0 || (this.dropLast && items.length < count)) return { done: true };
    return { done: false, items: this.isBatched ? items : items[0] };
  }

  private take(result: IteratorResult<unknown>, items: unknown[]): void {
    if (result.done) {
      this.ended = true;
      return;
    }
    items.push(result.value);
    this.taken++;
  }
}

/** The same error, saying where it happened. */
export function naming(error: unknown, where: string): Error {
  if (!(error instanceof Error)) return new RuntimeError(`${String(error)} (at ${where})`, { cause: error });
  return remade(error.constructor, `${error.message} (at ${where})`, error);
}

/** An error of this class and message; a class that cannot be made of a message becomes a RuntimeError. */
export function remade(type: unknown, message: string, cause?: unknown): Error {
  const options = cause === undefined ? undefined : { cause };
  try {
    const made: unknown = Reflect.construct(type as new () => Error, [message, options]);
    if (made instanceof Error && made.message === message) return made;
  } catch {
    // Not constructible like that.
  }
  return new RuntimeError(message, options);
}
