import { camelCase, snakeCase } from '../camel_case.js';
import { isPlainObject } from '../plain.js';
import { Signature } from './signature.js';

/** Makes methods and accessors' functions that take no arguments refuse them, as Python's do: JavaScript would ignore them. */
export function takesNothing<T extends object>(prototype: T, names: readonly (keyof T & string)[]): void {
  takes(
    prototype,
    names.map((name) => `${snakeCase(name)}()`),
  );
}

/** Makes methods bind their arguments as these signatures say: by position or by name. The bodies find them by position. */
export function takes(prototype: object, signatures: readonly string[]): void {
  for (const source of signatures) {
    const signature = new Signature(source);
    const name = camelCase(source.slice(0, source.indexOf('(')));
    const unchecked = /^\w+\((?:(?:Any|Object) \w+(?:, )?)*\)$/.test(source)
      ? source.split(' ').length >> 1
      : -1;
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name)!;
    const method = descriptor.value as (this: unknown, ...args: unknown[]) => unknown;
    const { [name]: binding } = {
      [name](this: unknown, ...args: unknown[]): unknown {
        // Arguments that the body looks at itself, or that there are none of, need not be bound.
        const asTheyAre = args.length === unchecked && !isPlainObject(args[unchecked - 1]);
        return method.apply(this, asTheyAre ? args : signature.listed(args));
      },
    };
    Object.defineProperty(prototype, name, { ...descriptor, value: binding });
  }
}
