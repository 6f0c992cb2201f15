import { IndexError, KeyError, ValueError } from '../core/errors.js';
import { equal } from './equality_order.js';
import { StopIteration } from './python_errors.js';

/** The numbers of Python's `range`. */
export function range(...bounds: [stop: number] | [start: number, stop: number, step?: number]): number[] {
  const [start, stop, step = 1] = bounds.length === 1 ? [0, bounds[0]] : bounds;
  if (step === 0) throw new ValueError('range() arg 3 must not be zero');
  const count = Math.max(0, Math.ceil(((stop as number) - start) / step));
  return Array.from({ length: count }, (_, i) => start + i * step);
}

/** Tuples of items that stand at the same place, as many as the shortest has: others may be without end. */
export function zip<T extends readonly unknown[]>(...lists: { [K in keyof T]: Iterable<T[K]> }): T[] {
  const found: T[] = [];
  if (lists.length === 0) return found;
  const iterators = lists.map((list) => list[Symbol.iterator]());
  for (;;) {
    const row: unknown[] = [];
    for (const iterator of iterators) {
      const { done, value } = iterator.next();
      if (done) return found;
      row.push(value);
    }
    found.push(row as unknown as T);
  }
}

/** What `zip(*rows)` gives: the columns. */
export function unzip<T extends readonly unknown[]>(rows: readonly T[]): { [K in keyof T]: T[K][] } {
  const [first] = rows;
  if (first === undefined) return [] as unknown as { [K in keyof T]: T[K][] };
  return first.map((_, i) => rows.map((row) => row[i])) as { [K in keyof T]: T[K][] };
}

/** Items with their numbers, which begin with `start`. */
export const enumerate = <T>(items: Iterable<T>, start = 0): [number, T][] =>
  [...items].map((item, i) => [i + start, item]);

/** Item `index`; those from the end are negative. */
export function at<T>(items: readonly T[], index: number): T;
export function at(items: string, index: number): string;
export function at(items: ArrayLike<unknown>, index: number): unknown {
  const place = index < 0 ? items.length + index : index;
  if (place < 0 || place >= items.length) throw new IndexError('list index out of range');
  return items[place];
}

/** Puts a value at `index`; those from the end are negative. */
export function put<T>(items: T[], index: number, value: T): void {
  const place = index < 0 ? items.length + index : index;
  if (place < 0 || place >= items.length) throw new IndexError('list assignment index out of range');
  items[place] = value;
}

/** Python's `items[start:stop:step]`. */
export function sliced<T extends string | readonly unknown[]>(
  items: T,
  start: number | null,
  stop: number | null,
  step: number | null,
): T {
  const by = step ?? 1;
  if (by === 0) throw new ValueError('slice step cannot be zero');
  const { length } = items;
  const clamp = (bound: number, low: number, high: number) =>
    Math.min(Math.max(bound < 0 ? bound + length : bound, low), high);
  const [low, high] = by > 0 ? [0, length] : [-1, length - 1];
  const from = start === null ? (by > 0 ? low : high) : clamp(start, low, high);
  const to = stop === null ? (by > 0 ? high : low) : clamp(stop, low, high);
  const found: unknown[] = [];
  for (let i = from; by > 0 ? i < to : i > to; i += by) found.push(items[i]);
  return (typeof items === 'string' ? found.join('') : found) as unknown as T;
}

/** A list several times over: `items * count`. */
export const repeated = <T>(items: readonly T[], count: number): T[] =>
  Array.from({ length: Math.max(count, 0) }, () => items).flat() as T[];

/** Whether an item is equal to `value`, as Python's `==` has it. */
export function contains(items: Iterable<unknown>, value: unknown): boolean {
  for (const item of items) if (equal(item, value)) return true;
  return false;
}

/** A list that holds no more than `maxlen` items: further ones push the first out. */
export function deque<T>(items: Iterable<T>, maxlen: number | null): T[] {
  const found: T[] = [...items];
  if (maxlen === null) return found;
  found.splice(0, found.length - maxlen);
  const push = (...more: T[]) => {
    Array.prototype.push.apply(found, more);
    if (found.length > maxlen) found.splice(0, found.length - maxlen);
    return found.length;
  };
  Object.defineProperty(found, 'push', { value: push });
  return Object.defineProperty(found, 'maxlen', { value: maxlen });
}

/** Puts an item at the front of a `deque`: one that is full loses its last. */
export function appendleft<T>(items: T[], value: T): void {
  items.unshift(value);
  const { maxlen } = items as T[] & { maxlen?: number };
  if (maxlen !== undefined && items.length > maxlen) items.splice(maxlen);
}

/** How often each item is there, the first ones first. */
export function counter<T>(items: Iterable<T>): Map<T, number> {
  const counts = new Map<T, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

/** The `n` items of a counter that are there most often, or all, the first ones first where they are there as often. */
export const mostCommon = <T>(counts: ReadonlyMap<T, number>, n?: number): [T, number][] =>
  [...counts].sort(([, a], [, b]) => b - a).slice(0, n);

/** Every pair of an item of one list and one of the other. */
export const product = <A, B>(a: Iterable<A>, b: Iterable<B>): [A, B][] => {
  const second = [...b];
  return [...a].flatMap((one) => second.map((other): [A, B] => [one, other]));
};

/** An iterator's next item, or `fallback` if there is none. @throws StopIteration if there is neither */
export function next<T, F = never>(items: Iterable<T>, ...fallback: [] | [fallback: F]): T | F {
  const { done, value } = items[Symbol.iterator]().next();
  if (!done) return value as T;
  if (fallback.length === 0) throw new StopIteration();
  return fallback[0];
}

/** Takes a key out of a dict, and gives what stood there, or `fallback`. @throws KeyError if there is neither */
export function popped<V, F = never>(
  dict: Map<unknown, V> | Record<string, V>,
  key: unknown,
  ...fallback: [] | [fallback: F]
): V | F {
  const isMap = dict instanceof Map;
  const isThere = isMap ? dict.has(key) : Object.hasOwn(dict, String(key));
  if (!isThere && fallback.length > 0) return fallback[0] as F;
  const value = item(dict, key);
  if (isMap) dict.delete(key);
  else delete dict[String(key)];
  return value;
}

/** Python's `dict[key]`. @throws KeyError if it is not there */
export function item<V>(dict: ReadonlyMap<unknown, V> | Readonly<Record<string, V>>, key: unknown): V {
  const isMap = dict instanceof Map;
  const isThere = isMap ? dict.has(key) : Object.hasOwn(dict, String(key));
  if (!isThere) throw new KeyError(typeof key === 'string' ? `'${key}'` : String(key));
  return (isMap ? dict.get(key) : (dict as Readonly<Record<string, V>>)[String(key)]) as V;
}

/** Takes the first item that is equal to `value` out of a list. @throws ValueError if there is none */
export function remove(items: unknown[], value: unknown): void {
  const at = items.findIndex((one) => equal(one, value));
  if (at < 0) throw new ValueError('list.remove(x): x not in list');
  items.splice(at, 1);
}

/** Where the first item stands that is equal to `value`. @throws ValueError if there is none */
export function indexOf(items: readonly unknown[], value: unknown): number {
  const at = items.findIndex((one) => equal(one, value));
  if (at < 0) throw new ValueError('list.index(x): x not in list');
  return at;
}

/** How many items are equal to `value`. */
export const count = (items: readonly unknown[], value: unknown): number =>
  items.filter((one) => equal(one, value)).length;

/** Takes the item at `index` out of a list. @throws IndexError if there is none */
export function pop<T>(items: T[], index = -1): T {
  const place = index < 0 ? items.length + index : index;
  if (place < 0 || place >= items.length)
    throw new IndexError(items.length === 0 ? 'pop from empty list' : 'pop index out of range');
  return items.splice(place, 1)[0];
}

/** Python's `items[start:stop] = values`, or `del items[start:stop]` without values. */
export function replaced<T>(
  items: T[],
  start: number | null,
  stop: number | null,
  values: Iterable<T> = [],
): void {
  const clamp = (bound: number) =>
    Math.min(Math.max(bound < 0 ? bound + items.length : bound, 0), items.length);
  const from = start === null ? 0 : clamp(start);
  const to = stop === null ? items.length : Math.max(clamp(stop), from);
  items.splice(from, to - from, ...values);
}

/** Python's `dict.setdefault`. */
export function setdefault<K, V>(dict: Map<K, V>, key: K, value: V): V {
  const known = dict.get(key);
  if (known !== undefined) return known;
  dict.set(key, value);
  return value;
}

export function update<K, V>(dict: Map<K, V>, entries: Iterable<readonly [K, V]>): void {
  for (const [key, value] of entries) dict.set(key, value);
}

/** A dict that makes what is not there: Python's `defaultdict`. */
export class DefaultMap<K, V> extends Map<K, V> {
  constructor(private readonly make: () => V) {
    super();
  }

  override get(key: K): V {
    if (!this.has(key)) this.set(key, this.make());
    return super.get(key) as V;
  }
}

export function addAll<T>(set: Set<T>, items: Iterable<T>): void {
  for (const item of items) set.add(item);
}
