import { NotImplementedError } from '../core/errors.js';

/** The method that every module has, of any signature: it is called with the module's inputs. */
interface Computing {
  /** Computes the module's result. A subclass declares the inputs and the result that are its own. */
  // biome-ignore lint/suspicious/noExplicitAny: whoever holds a module without knowing its class knows neither inputs nor result
  forward(...inputs: any[]): any;
}

/** A method that is implemented, as TypeScript has it, and not overridden, so that no compiler setting asks for `override`. */
declare abstract class Implemented {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  abstract forward(...inputs: any[]): any;
}

/** The root of all modules: `forward` as a module has it whose class does not say what it computes. */
class Root {
  forward(..._inputs: unknown[]): unknown {
    throw new NotImplementedError(
      `Module [${this.constructor.name}] is missing the required "forward" function`,
    );
  }
}

/**
 * The base of `Module`. A method that comes from two types at once may be left out, since it is not abstract in both,
 * and need not be called an override, since it is abstract in one.
 */
export const Forward = Root as abstract new () => Computing & Implemented;
