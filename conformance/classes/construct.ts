/** Calls constructors in each of the ways that do the same. */
import type { Json } from '../corpus.js';
import { camelCase } from '../library.js';
import type { ClassRecord, Given, Parameter } from './corpus.js';
import type { Values } from './values.js';

export const ways = ['as given', 'by name', 'by position'] as const;

export type Way = (typeof ways)[number];

export type Constructor = new (...args: readonly unknown[]) => object;

/** Arguments of a constructor that a record is tried with. */
export interface Subject<R extends ClassRecord = ClassRecord> {
  readonly record: R;
  readonly Class: Constructor;
  readonly signature: readonly Parameter[];
  /** The values of the record, made anew. */
  readonly values: () => Values;
  /** Finds another class or function of the library by PyTorch's path. */
  readonly find: (path: string) => unknown;
}

/**
 * The arguments of a constructor.
 *
 * @param first values that stand before the recorded ones
 */
export function argumentsFor(
  way: Way,
  signature: readonly Parameter[],
  given: Given,
  values: Values,
  first: readonly unknown[] = [],
): unknown[] {
  // Decoded in this order whichever way they go: a nested module draws its initial values when it is made.
  const args = [...first, ...given.args.map((arg) => values.decode(arg))];
  const named = new Map(Object.entries(given.kwargs).map(([name, value]) => [name, values.decode(value)]));
  const arranged = arrange(way, signature, args, named, (x) => values.decode(x));
  if (arranged.named.size === 0) return arranged.args;
  const options = [...arranged.named].map(([name, value]) => [camelCase(name), value] as const);
  return [...arranged.args, Object.fromEntries(options)];
}

interface Arranged {
  readonly args: unknown[];
  readonly named: ReadonlyMap<string, unknown>;
}

function arrange(
  way: Way,
  signature: readonly Parameter[],
  args: readonly unknown[],
  named: ReadonlyMap<string, unknown>,
  decode: (x: Json) => unknown,
): Arranged {
  const isVariadic = signature.some(([name]) => name === '*args');
  if (way === 'as given' || isVariadic) return { args: [...args], named };
  const positional = signature.filter(([, kind]) => kind === 'both');
  const all = new Map([...args.map((arg, i) => [positional[i][0], arg] as const), ...named]);
  return way === 'by name' ? { args: [], named: all } : byPosition(positional, all, decode);
}

/** As far as there is a value for every position, given or the default. */
function byPosition(
  positional: readonly Parameter[],
  all: ReadonlyMap<string, unknown>,
  decode: (x: Json) => unknown,
): Arranged {
  const args: unknown[] = [];
  const rest = new Map(all);
  for (const [name, , ...defaults] of positional) {
    if (!all.has(name) && defaults.length === 0) break;
    args.push(all.has(name) ? all.get(name) : decode(defaults[0] as Json));
    rest.delete(name);
  }
  return { args, named: rest };
}
