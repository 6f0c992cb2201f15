/** Types of arrays as functions return them. */

/**
 * An array as functions return it: `const [q, k, v] = x.chunk(3)` and `list.at(-1)` have the element's type, also where
 * the compiler takes every element of an array for possibly absent (`noUncheckedIndexedAccess`).
 */
export interface List<T> extends Array<T> {
  0: T;
  1: T;
  2: T;
  3: T;
  4: T;
  5: T;
  6: T;
  7: T;
  8: T;
  9: T;
  at(index: number): T;
  // Lists made of a list are plain ones, so that `xs = xs.map(…)` is right.
  map<U>(callback: (value: T, index: number, list: T[]) => U): List<U>;
  filter<S extends T>(test: (value: T, index: number, list: T[]) => value is S): List<S>;
  filter(test: (value: T, index: number, list: T[]) => unknown): List<T>;
  concat(...items: (T | ConcatArray<T>)[]): List<T>;
  slice(start?: number, end?: number): List<T>;
}

/** A `List` that must not be changed, such as `x.shape`. */
export interface ReadonlyList<T> extends ReadonlyArray<T> {
  readonly 0: T;
  readonly 1: T;
  readonly 2: T;
  readonly 3: T;
  readonly 4: T;
  readonly 5: T;
  readonly 6: T;
  readonly 7: T;
  readonly 8: T;
  readonly 9: T;
  at(index: number): T;
}
