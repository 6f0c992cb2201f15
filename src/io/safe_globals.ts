/** Classes and functions of the user's that files may name. */
import { TypeError, ValueError } from '../core/errors.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { signed } from '../core/signature/signed.js';
import { typeName } from '../dispatch/type_name.js';

/** A class or function that makes what a file names. */
export type Maker = (new (...args: never[]) => object) | ((...args: never[]) => unknown);

/** A class or function, alone or with the full name that Python has for it. */
export type SafeGlobal = Maker | readonly [maker: Maker, name: string];

const adding = signature('add_safe_globals(Any safe_globals)');
const region = signature('safe_globals(Any safe_globals, Callable fn)');

const known = new Map<SafeGlobal, [name: string, maker: Maker]>();

/** Checks a list, and gives the names that are meant. */
function named(list: unknown): [given: SafeGlobal, name: string, maker: Maker][] {
  if (!Array.isArray(list))
    throw new TypeError(`safe_globals must be a list of classes and functions, not ${typeName(list)}`);
  return list.map((given: SafeGlobal) => {
    if (typeof given === 'function') return [given, `__main__.${given.name}`, given];
    if (!Array.isArray(given))
      throw new TypeError(
        `safe_globals must hold classes, functions and pairs of one and a name, not ${typeName(given)}`,
      );
    if (given.length !== 2)
      throw new ValueError(
        `Expected tuple of length 2 (global, str of callable full path), but got tuple of length: ${given.length}`,
      );
    const [maker, name] = given as unknown as [unknown, unknown];
    if (typeof maker !== 'function')
      throw new TypeError(
        `Expected first item in tuple to be a class or function, but got: ${typeName(maker)}`,
      );
    if (typeof name !== 'string')
      throw new TypeError(
        `Expected second item in tuple to be str of callable full path, but got: ${typeName(name)}`,
      );
    return [given, name, maker as Maker];
  });
}

/**
 * Lets `torch.load` make objects of your classes where a file names Python's: `[YourClass, 'their.module.Class']`. A class alone stands for
 * one of the script itself (`__main__.Class`).
 *
 * An object is made as Python's pickle makes it: without its constructor, if the class is one of no `__reduce__`; else by calling the class or
 * function. Then its method `__setstate__(state)` is called, or it is given the attributes under Python's names.
 *
 * @example
 * class Config { lr = 0; }
 * torch.serialization.addSafeGlobals([[Config, 'train.Config']]);
 * const { config } = await torch.load('checkpoint.pt');
 */
export function addSafeGlobals(
  ...args: Arguments<typeof adding, { safeGlobals: readonly SafeGlobal[] }>
): void {
  for (const [given, name, maker] of named(adding.bind(args).safeGlobals)) known.set(given, [name, maker]);
}

/** The classes and functions that `addSafeGlobals` was given. */
export const getSafeGlobals = signed('get_safe_globals()', (): SafeGlobal[] => [...known.keys()]);

/** Forgets what `addSafeGlobals` was given. */
export const clearSafeGlobals = signed('clear_safe_globals()', () => known.clear());

/**
 * Runs a function, in which `torch.load` makes objects of these classes, too; if the function returns a promise, until that is settled.
 *
 * @param safeGlobals classes and functions, as `addSafeGlobals` takes them
 * @param fn the function
 * @example
 * const value = await torch.serialization.safeGlobals([[Config, 'train.Config']], () => torch.load('checkpoint.pt'));
 */
export function safeGlobals<T>(
  ...args: Arguments<typeof region, { safeGlobals: readonly SafeGlobal[]; fn: () => T }>
): T {
  const { safeGlobals: list, fn } = region.bind(args);
  const added = named(list).filter(([given]) => !known.has(given));
  for (const [given, name, maker] of added) known.set(given, [name, maker]);
  const end = () => {
    for (const [given] of added) known.delete(given);
  };
  let result: T;
  try {
    result = (fn as () => T)();
  } catch (error) {
    end();
    throw error;
  }
  if (result instanceof Promise) return result.finally(end) as T;
  end();
  return result;
}

/** Classes and functions by the names that files have for them. */
export function safeMakers(): ReadonlyMap<string, Maker> {
  return new Map(known.values());
}

const isClass = (maker: Maker): boolean => /^class\b/.test(Function.prototype.toString.call(maker));

/** Calls a function or makes an object. @param isNew whether without calling the constructor */
export function makes(maker: Maker, args: readonly unknown[], isNew: boolean): unknown {
  if (!isClass(maker)) return (maker as (...args: unknown[]) => unknown)(...args);
  // Lists and dictionaries are made by their own constructors: nothing else has their memory.
  const { prototype } = maker;
  const isBuiltIn = [Array, Map, Set].some((kind) => prototype instanceof kind);
  return isNew && !isBuiltIn
    ? Object.create(prototype)
    : new (maker as new (...args: unknown[]) => object)(...(isNew ? [] : args));
}
