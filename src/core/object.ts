/**
 * Base of the library's objects: they print short, and say what a name is in TypeScript when they are asked
 * by Python's.
 *
 * A name that an object and its classes lack is looked for at the end of the prototype chain. A proxy stands there: it sees
 * misses only, so that nothing that exists is slower for it.
 */
import { camelCase } from './camel_case.js';
import { AttributeError, TypeError } from './errors.js';
import { inspect } from './inspect.js';
import { formatValue } from './repr.js';

/** Traits of a class. */
interface Manner {
  /** The properties that are printed; by default all own ones that are short. */
  readonly shown?: readonly string[];
  /** Advice for an index in brackets. */
  readonly index?: string;
  /** Whether numbers are names of what it holds. */
  readonly numbered?: boolean;
  /** The name of the module that the object is. */
  readonly module?: string;
}

/** By prototypes. */
const manners = new WeakMap<object, Manner>();

/** Asks for the prototype: `instanceof` would search a tensor's whole chain, which takes longer than to add it to another. */
export function isMadeBy(value: unknown, prototype: object): boolean {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === prototype;
}

function mannerOf<K extends keyof Manner>(object: object, what: K): Manner[K] {
  for (let o: object | null = object; o !== null && o !== last; o = Object.getPrototypeOf(o)) {
    const manner = manners.get(o)?.[what];
    if (manner !== undefined) return manner;
  }
  return undefined;
}

// ---- printing ------------------------------------------------------------------------------------------------------

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
  const name = typeof value === 'object' ? value?.constructor?.name : undefined;
  return name === undefined || name === 'Object' ? null : `${name}(…)`;
}

/** A line about an object: its class and its settings, where they are short. */
function describe(object: object): string {
  const module = mannerOf(object, 'module');
  if (module !== undefined) return `<module '${module}'>`;
  const fields: string[] = [];
  for (const name of mannerOf(object, 'shown') ?? Object.keys(object)) {
    const text = name.startsWith('_') ? null : fieldText(Reflect.get(object, name));
    if (text !== null) fields.push(`${name}=${text}`);
  }
  if (fields.length > SHOWN) fields.splice(SHOWN, fields.length, '…');
  return `${object.constructor.name}(${fields.join(', ')})`;
}

// ---- names ---------------------------------------------------------------------------------------------------------

/** Positions as people write them between brackets, or a mask's text: `0`, `-1`, `0,1`, `:`, `1:3`, `...`, `tensor(…)`. */
const index = /^(?:(?:-?\d+|-?\d*:-?\d*(?::-?\d*)?|\.\.\.)(?:,|$))+$|^tensor\(/;
const snakeCase = /^[a-z][a-z0-9]*(?:_[a-z0-9]+)+_?$/;

/** Refuses a name that an object lacks, if it is known what is meant. */
function refuse(name: string, object: object): void {
  if (snakeCase.test(name)) {
    const camel = camelCase(name);
    const module = mannerOf(object, 'module');
    const subject = module === undefined ? `'${object.constructor.name}' object` : `module '${module}'`;
    if (camel !== name && camel in object)
      throw new AttributeError(`${subject} has no attribute '${name}'. Did you mean: '${camel}'?`);
  } else if (index.test(name)) {
    const words = mannerOf(object, 'index');
    if (words === undefined) return;
    const what = name.startsWith('tensor(') ? 'tensor' : name;
    throw new TypeError(`'${object.constructor.name}' object is not subscriptable by [${what}]; ${words}`);
  }
}

/** Methods of every object of the library, behind its classes. */
const common = {
  toString(): string {
    return describe(this);
  },
  [inspect](): string {
    return this.toString();
  },
  /**
   * JSON of what has a state dict is that; of anything else its text.
   *
   * @param key where it stands, as JSON says; who prints it asks without, and gets a text
   */
  toJSON(...key: unknown[]): unknown {
    const { stateDict } = this as { stateDict?: () => unknown };
    return key.length > 0 && typeof stateDict === 'function' ? stateDict.call(this) : this.toString();
  },
};

const last: object = new Proxy(common, {
  get(target, name, object: object) {
    if (typeof name === 'string' && !(name in target)) refuse(name, object);
    return Reflect.get(target, name, object) as unknown;
  },
  set(target, name, value, object: object) {
    if (typeof name === 'string' && !(mannerOf(object, 'numbered') && /^\d+$/.test(name)))
      refuse(name, object);
    return Reflect.set(target, name, value, object);
  },
});

/**
 * A property that structuredClone and postMessage stumble over, and name in their error: "Symbol(…) could not be cloned". Without it they
 * copy own properties and make an object of no class without a word. Constructors assign it; the search for its setter ends here.
 */
export function notCloned({ prototype }: { readonly prototype: object }, what: string): symbol {
  const value = Symbol(what);
  Object.defineProperty(prototype, 'notCloned', { value, writable: true });
  return value;
}

/** Makes the objects of a class objects of the library, and says what is particular to them. */
export function libraryClass({ prototype }: { readonly prototype: object }, manner: Manner = {}): void {
  let end = prototype;
  let next: object = Object.getPrototypeOf(end);
  for (; next !== Object.prototype && next !== last; next = Object.getPrototypeOf(end)) end = next;
  if (next !== last) Object.setPrototypeOf(end, last);
  manners.set(prototype, manner);
}

/** An object of the library that stands for a module of PyTorch's: what it lacks it says like the others. */
export function libraryModule(name: string): object {
  const object = Object.create(last) as object;
  manners.set(object, { module: name });
  return object;
}
