import { TypeError as PythonTypeError } from '../core/errors.js';

/** A text that is the same for equal tuples. @throws TypeError for what Python cannot hash, or is known by its identity alone */
function textOf(key: unknown): string {
  if (Array.isArray(key)) return `(${key.map(textOf).join()})`;
  if (typeof key === 'boolean') return String(Number(key));
  if (typeof key === 'string') return JSON.stringify(key);
  if (typeof key === 'number') return Object.is(key, -0) ? '0' : String(key);
  if (key === null) return 'None';
  throw new PythonTypeError(`A tuple with ${typeof key} in it cannot be a key.`);
}

/** A dict whose keys are tuples: equal ones are the same. */
export class TupleMap<K, V> extends Map<K, V> {
  // A field would come too late for what the constructor of a Map sets.
  declare private known: Map<string, K>;

  constructor(entries: Iterable<readonly [K, V]> = []) {
    super();
    for (const [key, value] of entries) this.set(key, value);
  }

  private own(key: K): K {
    this.known ??= new Map();
    const text = textOf(key);
    const found = this.known.get(text);
    if (found !== undefined) return found;
    return key;
  }

  override get(key: K): V | undefined {
    return super.get(this.own(key));
  }

  override has(key: K): boolean {
    return super.has(this.own(key));
  }

  override set(key: K, value: V): this {
    const own = this.own(key);
    this.known.set(textOf(own), own);
    return super.set(own, value);
  }

  override delete(key: K): boolean {
    const own = this.own(key);
    this.known.delete(textOf(own));
    return super.delete(own);
  }

  override clear(): void {
    this.known?.clear();
    super.clear();
  }
}

/** A set of tuples: equal ones are the same. */
export class TupleSet<T> extends Set<T> {
  declare private known: Map<string, T>;

  constructor(items: Iterable<T> = []) {
    super();
    for (const item of items) this.add(item);
  }

  private own(item: T): T {
    this.known ??= new Map();
    return this.known.get(textOf(item)) ?? item;
  }

  override has(item: T): boolean {
    return super.has(this.own(item));
  }

  override add(item: T): this {
    const own = this.own(item);
    this.known.set(textOf(own), own);
    return super.add(own);
  }

  override delete(item: T): boolean {
    const own = this.own(item);
    this.known.delete(textOf(own));
    return super.delete(own);
  }

  override clear(): void {
    this.known?.clear();
    super.clear();
  }
}
