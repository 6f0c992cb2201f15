import { NotImplementedError } from '../../core/errors.js';
import { inspect } from '../../core/inspect.js';
import { libraryClass } from '../../core/object.js';
import { type Arguments, signature } from '../../core/signature/signature.js';
import { takes } from '../../core/signature/takes.js';
import type { Tensor } from '../../core/tensor.js';

const constraint = signature('Constraint()');

/**
 * A region over which a variable is valid, such as one in which a parameter can be optimized: the base of all constraints.
 * Subclasses define `check`, and what differs of `isDiscrete` and `eventDim`.
 */
export class Constraint {
  constructor(...args: Arguments<typeof constraint>) {
    if ((args as readonly unknown[]).length > 0) constraint.bind(args, new.target.name);
  }

  /** Whether the region is one of separate values. */
  get isDiscrete(): boolean {
    return false;
  }

  /** How many of the last dimensions define an event together. */
  get eventDim(): number {
    return 0;
  }

  /**
   * Tells which events of `value` are in the region.
   *
   * @returns booleans of the shape `sampleShape + batchShape`
   */
  check(_value: Tensor): Tensor {
    throw new NotImplementedError(`${this.constructor.name} does not implement check`);
  }

  toString(): string {
    return `${this.constructor.name}()`;
  }

  /** @internal */
  [inspect](): string {
    return this.toString();
  }
}

libraryClass(Constraint);
checks(Constraint);

/** Makes a class's `check` bind its argument, by position or by name. */
export function checks({ prototype }: { readonly prototype: object }): void {
  takes(prototype, ['check(Tensor value)']);
}
