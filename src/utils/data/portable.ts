/** How things say how they are made in worker threads: `packing.ts` sends them there. */
import { TypeError } from '../../core/errors.js';
import { host } from '../../core/host.js';

/** The export of a module that makes an object, and its arguments. */
export interface Portable {
  readonly module: string;
  /** A class to construct, a function to call (also async), or the object itself. */
  readonly name: string;
  readonly args: readonly unknown[];
}

/** The method by which an object says how it is made elsewhere. */
export const portable: unique symbol = Symbol.for('flambeau.portable') as never;

/** Objects that `workerDataset` made, and how. */
export const registered = new WeakMap<object, Portable>();

/** Buffers that nothing but the tensor on them refers to: they can be handed over rather than copied. */
export const transferable = new WeakSet<ArrayBufferLike>();

/** The export of a module. @throws TypeError if there is none of that name */
export async function exported(module: string, name: string): Promise<unknown> {
  const exports = await host().import(module);
  // The exports of a CommonJS module are its default, and not all names of that are found.
  for (const found of [exports, exports.default])
    if (typeof found === 'object' && found !== null && name in found)
      return (found as Record<string, unknown>)[name];
  throw new TypeError(
    `${module} exports no '${name}'; it exports ${Object.keys(exports).join(', ') || 'nothing'}`,
  );
}

/** Makes an object by an export of a module: constructs a class, calls a function, takes anything else as it is. */
export async function make(module: string, name: string, args: readonly unknown[]): Promise<unknown> {
  const made = await exported(module, name);
  if (typeof made !== 'function') return made;
  const isClass = /^class\b/.test(Function.prototype.toString.call(made));
  if (isClass) return Reflect.construct(made, args);
  return (made as (...all: readonly unknown[]) => unknown)(...args);
}
