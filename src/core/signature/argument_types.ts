/** Types of a signature in PyTorch's notation, read by the compiler: those of arguments and of what they are bound to. */
import type { DeviceLike } from '../device.js';
import type { DType } from '../dtype.js';
import type { MemoryFormat } from '../memory_format.js';
import type { PyFloat } from '../pyfloat.js';
import type { Camel, Split } from '../type_text.js';

/**
 * Types of what callers give, by those of the notation. Modules add theirs:
 * `declare module '../core/signature/argument_types.js' { interface ParameterTypes { Module: Module } }`.
 */
export interface ParameterTypes {
  int: number;
  int64: number | bigint;
  float: number | PyFloat;
  bool: boolean;
  str: string;
  ScalarType: DType;
  Device: DeviceLike;
  MemoryFormat: MemoryFormat;
  Callable: (...args: never[]) => unknown;
  Dict: Readonly<Record<string, unknown>>;
  Iterable: Iterable<unknown>;
  Any: unknown;
  Object: unknown;
}

/** Types of what a function finds instead, where those differ from what callers give. */
export interface BoundTypes {
  float: number;
}

/** The type of an argument. */
export type ArgumentOf<T extends string> = T extends `${infer U}?`
  ? ArgumentOf<U> | null
  : T extends `${infer A}|${infer B}`
    ? ArgumentOf<A> | ArgumentOf<B>
    : T extends `'${infer L}'`
      ? L
      : T extends `${infer U}[]`
        ? readonly ArgumentOf<U>[]
        : T extends `${infer U}[${string}]`
          ? ArgumentOf<U> | readonly ArgumentOf<U>[]
          : T extends keyof ParameterTypes
            ? ParameterTypes[T]
            : never;

/** The type of what an argument is bound to. */
type BoundOf<T extends string> = T extends `${infer U}?`
  ? BoundOf<U> | null
  : T extends `${infer A}|${infer B}`
    ? BoundOf<A> | BoundOf<B>
    : T extends `'${infer L}'`
      ? L
      : T extends `${infer U}[${string}]`
        ? readonly BoundOf<U>[]
        : T extends keyof BoundTypes
          ? BoundTypes[T]
          : T extends keyof ParameterTypes
            ? ParameterTypes[T]
            : never;

type ParametersOf<S extends string> = S extends `${string}(${infer L})` ? Split<L> : [];

type NameOf<P extends string> = P extends `${string} *${infer N}`
  ? Camel<N>
  : P extends `${string} ${infer N}=${string}`
    ? Camel<N>
    : P extends `${string} ${infer N}`
      ? Camel<N>
      : never;

type TypeText<P extends string> = P extends `${infer T} ${string}` ? T : never;

type Argument<P extends string, O> = NameOf<P> extends keyof O ? O[NameOf<P>] : ArgumentOf<TypeText<P>>;

type IsOptional<P extends string> = P extends `${string}=${string}` | `${string} *${string}` ? true : false;

type Flat<T> = { [K in keyof T]: T[K] };

/** Parameters by name in one object. */
type Named<L extends readonly string[], O> = Flat<
  { [P in L[number] as IsOptional<P> extends true ? never : NameOf<P>]: Argument<P, O> } & {
    [P in L[number] as P extends `${string}=${string}` ? NameOf<P> : never]?: Argument<P, O>;
  }
>;

/** Whether all of these parameters may be left out. */
type AllOptional<L extends readonly string[]> = L extends readonly [
  infer P extends string,
  ...infer R extends string[],
]
  ? P extends '*'
    ? AllOptional<R>
    : IsOptional<P> extends true
      ? AllOptional<R>
      : false
  : true;

type ByName<L extends readonly string[], O, Given extends readonly unknown[]> = L extends readonly []
  ? never
  : [...Given, options: Named<L, O>];

/** All mixes of arguments by position and by name: some by position, then the others in one object. */
type Mixes<L extends readonly string[], O, Given extends readonly unknown[]> =
  | (AllOptional<L> extends true ? Given : never)
  | (L extends readonly [infer P extends string, ...infer R extends string[]]
      ? P extends '*'
        ? ByName<R, O, Given>
        : P extends `${string} *${string}`
          ? [...Given, ...Argument<P, O>[]]
          :
              | ByName<L, O, Given>
              | Mixes<
                  R,
                  O,
                  [...Given, IsOptional<P> extends true ? Argument<P, O> | undefined : Argument<P, O>]
                >
      : never);

/** A signature as a type: `Signature<'Linear(int in_features, …)'>`. */
export interface Signed<S extends string> {
  readonly source: S;
}

/**
 * Arguments that a function of this signature may be called with: any number of arguments by position, the others by name in one
 * trailing object. `Overrides` gives parameters other types, by name.
 */
export type Arguments<T extends Signed<string>, Overrides = unknown> =
  T extends Signed<infer S> ? Mixes<ParametersOf<S>, Overrides, []> : never;

/** The arguments by name, each as its parameter's type; those that were not given are the defaults. */
export type Bound<S extends string> = {
  readonly [P in Exclude<ParametersOf<S>[number], '*'> as NameOf<P>]: P extends `${string} *${string}`
    ? readonly BoundOf<TypeText<P>>[]
    : BoundOf<TypeText<P>>;
};

/** The arguments in the order of the parameters. */
export type InOrder<S extends string> = Values<ParametersOf<S>>;

type Values<L extends readonly string[]> = L extends readonly [
  infer P extends string,
  ...infer R extends string[],
]
  ? [BoundOf<TypeText<P>>, ...Values<R>]
  : [];
