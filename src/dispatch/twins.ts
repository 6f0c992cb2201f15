/** The asynchronous twins of functions that read values: the same, on devices that must be waited for too. */

import { camelCase } from '../core/camel_case.js';
import { isPlainObject } from '../core/plain.js';
import { asReader, reading } from '../core/reading.js';
import { Tensor } from '../core/tensor.js';

/** The name of the twin: `nonzeroAsync` of `nonzero`. */
export const twinOf = (name: string): string => `${camelCase(name)}Async`;

/** Runs a call whose reads are waited for. */
export function waiting<R>(args: readonly unknown[], call: () => R): Promise<R> {
  const flat = [...args.flat(2), ...args.filter(isPlainObject).flatMap(Object.values)];
  return reading(
    call,
    flat.filter((arg) => arg instanceof Tensor),
  );
}

type Function = (...args: never[]) => unknown;

/** Gives methods that are no ops and read values their error's name and their twins. */
export function installReaders(methods: Readonly<Record<string, Function>>): void {
  for (const [name, body] of Object.entries(methods)) {
    const run = (self: Tensor, args: readonly unknown[]) =>
      asReader(name, () => body.apply(self, args as never[]));
    Object.defineProperties(Tensor.prototype, {
      [name]: {
        value: function (this: Tensor, ...args: unknown[]) {
          return run(this, args);
        },
        configurable: true,
      },
      [twinOf(name)]: {
        value: function (this: Tensor, ...args: unknown[]) {
          return waiting([this, ...args], () => run(this, args));
        },
        configurable: true,
      },
    });
  }
}
