/** Functions that are called as a signature says. */

import type { Arguments, Bound, Signed } from './argument_types.js';
import { Signature } from './signature.js';

/** A function that is called as its signature says. The build writes its parameters out. */
export interface SignedFunction<S extends string, R> {
  // biome-ignore lint/style/useShorthandFunctionType: an alias would not keep its name in declarations.
  (...args: Arguments<Signed<S>>): R;
}

/**
 * The function of this signature: `signed('manual_seed(int seed)', ({ seed }) => …)`. Its arguments may be given by position or by
 * name; `body` finds them by name. `Overrides` gives parameters other types, by name.
 */
/* @__NO_SIDE_EFFECTS__ */
export function signed<const S extends string, R>(
  source: S,
  body: (given: Bound<S>) => R,
): SignedFunction<S, R> {
  const signature = new Signature(source);
  return (...args) => body(signature.bind(args));
}
