/**
 * What objects of the library have in common: they print short, and say what a name is in TypeScript when they are asked
 * by Python's.
 *
 * A name that an object and its classes lack is looked for at the end of the prototype chain. A proxy stands there: it sees
 * misses only, so that nothing that exists is slower for it.
 */
import { AttributeError, TypeError } from './errors.js';
import { inspect } from './inspect.js';
import { formatValue } from './repr.js';

/** So many fields, and items of a list, are printed. */
const SHOWN = 8;

const isShort = (value: unknown): boolean =>
  value === null || ['number', 'string', 'boolean', 'bigint'].includes(typeof value);

function fieldText(value: unknown): string | null {
  if (isShort(value)) return formatValue(value);
  if (Array.isArray(value))
    return value.length <= SHOWN && value.every(isShort)
      ? `[${value.map(formatValue).join(', ')}]`
      : `[${value.length} items]`;
  if (typeof value !== 'object') return null;
  const name = value?.constructor?.name;
  return name === undefined || name === 'Object' ? null : `${name}(…)`;
}

/** A line about an object: its class and what is public and short of its settings. */
export function describe(object: object, names: readonly string[] = Object.keys(object)): string {
  const fields: string[] = [];
  for (const name of names) {
    if (fields.length === SHOWN) break;
    const text = fieldText(Reflect.get(object, name));
    if (text !== null) fields.push(`${name}=${text}`);
  }
  return `${object.constructor.name}(${fields.join(', ')})`;
}

/** Positions as people write them between brackets: `0`, `-1`, `0,1`, `:`, `1:3`, `...`, a mask's text. */
const index = /^(?:(?:-?\d+|-?\d*:-?\d*(?::-?\d*)?|\.\.\.)(?:,|$))+$|^tensor\(/;
const snakeCase = /^[a-z]+[a-z0-9]*(?:_[a-z0-9]+)+_?$/;

const camelCase = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** The words on how to index, by a class's name. */
const indexing = new WeakMap<object, string>();

/** Says how what a class makes is indexed. */
export function indexedBy(prototype: object, words: string): void {
  indexing.set(prototype, words);
}

function howToIndex(object: object): string | undefined {
  for (let o: object | null = object; o !== null && o !== behind; o = Object.getPrototypeOf(o)) {
    const words = indexing.get(o);
    if (words !== undefined) return words;
  }
  return undefined;
}

/** What is wrong with a name that there is not, or null where nothing is known to be. */
function fault(name: string, object: object): Error | null {
  if (snakeCase.test(name)) {
    const camel = camelCase(name);
    // A class's prototype has getters that need an instance, so the name is only looked for.
    if (camel !== name && camel in object)
      return new AttributeError(
        `'${object.constructor.name}' object has no attribute '${name}'. Did you mean: '${camel}'?`,
      );
  } else if (index.test(name)) {
    const words = howToIndex(object);
    if (words !== undefined)
      return new TypeError(
        `'${object.constructor.name}' object is not subscriptable by [${name.startsWith('tensor(') ? 'tensor' : name}]; ${words}`,
      );
  }
  return null;
}

const last = Object.create(Object.prototype) as object;

const behind = new Proxy(last, {
  get(target, name, object: object) {
    if (typeof name === 'string' && !(name in target)) {
      const error = fault(name, object);
      if (error !== null) throw error;
    }
    return Reflect.get(target, name, object) as unknown;
  },
  set(target, name, value, object: object) {
    if (typeof name === 'string') {
      const error = fault(name, object);
      if (error !== null) throw error;
    }
    return Reflect.set(target, name, value, object);
  },
});

/** Lets the objects of a class that extends none tell of names that they lack. */
export function tellsNames(prototype: object): void {
  Object.setPrototypeOf(prototype, behind);
}

/** The base of the library's classes. */
export abstract class LibraryObject {
  [inspect](): string {
    return describe(this);
  }
}

tellsNames(LibraryObject.prototype);
