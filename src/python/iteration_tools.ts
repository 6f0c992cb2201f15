/** Numbers without end. */
export function* count(start = 0, step = 1): Generator<number, never> {
  for (let i = 0; ; i++) yield start + i * step;
}

/** Python's `itertools.islice`. */
export function islice<T>(
  items: Iterable<T>,
  ...bounds: [stop: number] | [start: number, stop: number | null, step?: number]
): T[] {
  const [start, stop, step = 1] = bounds.length === 1 ? [0, bounds[0]] : bounds;
  const found: T[] = [];
  if (stop !== null && stop !== undefined && stop <= start) return found;
  let at = 0;
  for (const item of items) {
    if (at >= start && (at - start) % step === 0) found.push(item);
    at++;
    if (stop !== null && stop !== undefined && at >= stop) break;
  }
  return found;
}

/** Sums of the first items, or what `combine` makes of them. */
export function accumulate<T>(items: Iterable<T>, combine?: (all: T, item: T) => T): T[] {
  const found: T[] = [];
  const join = combine ?? ((a: T, b: T) => ((a as number) + (b as number)) as T);
  for (const item of items) found.push(found.length === 0 ? item : join(found[found.length - 1], item));
  return found;
}

/** Every choice of `size` items, in their order. */
export function combinations<T>(items: Iterable<T>, size: number): T[][] {
  const all = [...items];
  if (size === 0) return [[]];
  return all.flatMap((item, i) => combinations(all.slice(i + 1), size - 1).map((rest) => [item, ...rest]));
}

/** Every order of `size` of the items. */
export function permutations<T>(items: Iterable<T>, size?: number): T[][] {
  const all = [...items];
  if ((size ?? all.length) === 0) return [[]];
  return all.flatMap((item, i) =>
    permutations([...all.slice(0, i), ...all.slice(i + 1)], (size ?? all.length) - 1).map((rest) => [
      item,
      ...rest,
    ]),
  );
}
