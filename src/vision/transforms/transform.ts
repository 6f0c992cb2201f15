import { TypeError } from '../../core/errors.js';
import { host } from '../../core/host.js';
import { inspect } from '../../core/inspect.js';
import { libraryClass } from '../../core/object.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { type Portable, portable } from '../../utils/data/portable.js';

/** A transform as it can be given: an object with `forward`, or a function. */
export type TransformLike<In = never, Out = unknown> = { forward(input: In): Out } | ((input: In) => Out);

const transform = signature('Transform()');

/** The base of the transforms here. Like modules they are called by `forward`. */
export abstract class Transform<In = unknown, Out = unknown> {
  constructor(...args: Arguments<typeof transform>) {
    if ((args as readonly unknown[]).length > 0) transform.bind(args, new.target.name);
  }

  abstract forward(input: In): Out;

  /** @internal What does the work of `previous` and then of this in one pass, if there is such a thing. */
  after?(previous: TransformLike): TransformLike | null;

  /** The text that `toString` shows behind the class's name. */
  protected describe(): string {
    return '()';
  }

  toString(): string {
    return `${this.constructor.name}${this.describe()}`;
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }
}

libraryClass(Transform);

/** Calls a transform of either form. */
export function apply(transform: TransformLike, input: unknown): unknown {
  if (typeof transform === 'function') return transform(input as never);
  if (typeof transform?.forward === 'function') return transform.forward(input as never);
  throw new TypeError(`a transform must be a function or have a forward method, but got ${typeof transform}`);
}

/** How a transform of this package travels to workers: by its constructor's arguments. */
export function travelsAs(name: string, args: readonly unknown[]): Portable {
  return { module: host().module('vision/transforms/index.js'), name, args };
}

export { type Portable, portable };

/** Numbers in Python's tuple notation. */
export function tuple(values: readonly unknown[]): string {
  return values.length === 1 ? `(${values[0]},)` : `(${values.join(', ')})`;
}
