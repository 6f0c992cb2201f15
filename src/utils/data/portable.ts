/** How things say how they are made in worker threads: `packing.ts` sends them there. */
import { TypeError } from '../../core/errors.js';
import { importModule } from '../../core/import_module.js';

/** The export of a module that makes an object, and its arguments. */
export interface Portable {
  readonly module: string;
  /** A class to construct, a function to call (also async), or the object itself. */
  readonly name: string;
  readonly args: readonly unknown[];
}

/** The method by which an object says how it is made elsewhere. */
export const portable: unique symbol = Symbol.for('flambeau.portable') as never;

/** What `workerDataset` made, and how. */
export const registered = new WeakMap<object, Portable>();

/** Buffers that nothing but the tensor on them refers to: they can be handed over rather than copied. */
export const transferable = new WeakSet<ArrayBufferLike>();

/** Makes an object by an export of a module: constructs a class, calls a function, takes anything else as it is. */
export async function make(module: string, name: string, args: readonly unknown[]): Promise<unknown> {
  const exports = await importModule(module);
  if (!(name in exports)) {
    throw new TypeError(
      `${module} exports no '${name}'; it exports ${Object.keys(exports).join(', ') || 'nothing'}`,
    );
  }
  const made = exports[name];
  if (typeof made !== 'function') return made;
  const isClass = /^class\b/.test(Function.prototype.toString.call(made));
  if (isClass) return Reflect.construct(made, args);
  return (made as (...all: readonly unknown[]) => unknown)(...args);
}
