/** Texts of signatures and of kernels' rows, as the compiler takes them apart. */

/** The parts of a list that are separated by ", ". */
export type Split<S extends string> = S extends `${infer A}, ${infer B}`
  ? [A, ...Split<B>]
  : S extends ''
    ? []
    : [S];

/** TypeScript's spelling of a name in snake case, as `camelCase` finds it. */
export type Camel<S extends string> = S extends `${infer A}_${infer B}`
  ? A extends Uppercase<A>
    ? `${A}_${Camel<B>}`
    : B extends ''
      ? S
      : `${A}${Capitalize<Camel<B>>}`
  : S;
