import { ValueError } from '../core/errors.js';
import { order } from './equality_order.js';

export interface SortOptions<T> {
  /** What items are compared by. */
  key?: (item: T) => unknown;
  reverse?: boolean;
}

export interface OrderOptions<T> {
  /** What items are compared by. */
  key?: (item: T) => unknown;
  /** What there is if there are no items. */
  fallback?: T;
}

/** Python's `sorted`: equal items stay in their order, also in reverse. */
export function sorted<T>(
  items: Iterable<T>,
  { key = (item) => item, reverse = false }: SortOptions<T> = {},
): T[] {
  const sign = reverse ? -1 : 1;
  return [...items]
    .map((item): [unknown, T] => [key(item), item])
    .sort(([a], [b]) => sign * order(a, b))
    .map(([, item]) => item);
}

function best<T>(items: Iterable<T>, sign: number, { key = (item) => item, fallback }: OrderOptions<T>): T {
  let found: [unknown, T] | null = null;
  for (const item of items) {
    const own = key(item);
    if (found === null || sign * order(own, found[0]) > 0) found = [own, item];
  }
  if (found !== null) return found[1];
  if (fallback === undefined) throw new ValueError('iterable argument is empty');
  return fallback;
}

/** The first of the largest items. */
export const max = <T>(items: Iterable<T>, options: OrderOptions<T> = {}): T => best(items, 1, options);

/** The first of the smallest items. */
export const min = <T>(items: Iterable<T>, options: OrderOptions<T> = {}): T => best(items, -1, options);
