import { snakeCase } from '../camel_case.js';
import { Signature } from './signature.js';

/** Makes methods and accessors' functions that take no arguments refuse them, as Python's do: JavaScript would ignore them. */
export function takesNothing<T extends object>(prototype: T, names: readonly (keyof T & string)[]): void {
  for (const name of names) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name)!;
    const method = descriptor.value as (this: unknown) => unknown;
    const { [name]: refusing } = {
      [name](this: unknown, ...args: readonly unknown[]): unknown {
        if (args.length > 0) new Signature(`${snakeCase(name)}()`).bind(args);
        return method.call(this);
      },
    };
    Object.defineProperty(prototype, name, { ...descriptor, value: refusing });
  }
}
