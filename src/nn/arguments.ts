/** Reading the optional arguments of constructors: in PyTorch's order, or by name in one trailing plain object. */
import { TypeError, unexpectedKeyword } from '../core/errors.js';
import { isPlainObject } from '../core/plain.js';

/**
 * The arguments of `owner` by name: `defaults` gives names, order and default values; `args` what the caller
 * passed behind the required arguments.
 */
export function readOptions<D extends object>(owner: string, defaults: D, args: readonly unknown[]): D {
  // Constructors pass on what they declare, given or not.
  const given = args.slice(0, args.findLastIndex((arg) => arg !== undefined) + 1);
  const result = { ...defaults } as Record<string, unknown>;
  const names = Object.keys(defaults);
  const last = given.at(-1);
  const options = isPlainObject(last) ? last : null;
  const positional = options === null ? given : given.slice(0, -1);
  if (positional.length > names.length)
    throw new TypeError(
      `${owner}() takes at most ${names.length} optional arguments (${names.join(', ')}) but ${positional.length} were given`,
    );
  for (const [i, value] of positional.entries()) if (value !== undefined) result[names[i]] = value;
  for (const [name, value] of Object.entries(options ?? {})) {
    const i = names.indexOf(name);
    if (i < 0) throw unexpectedKeyword(owner, name, names);
    if (i < positional.length && positional[i] !== undefined)
      throw new TypeError(`${owner}() got multiple values for argument '${name}'`);
    if (value !== undefined) result[name] = value;
  }
  return result as D;
}
