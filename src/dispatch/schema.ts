/**
 * Schemas in PyTorch's notation: `add.Tensor(Tensor self, Tensor|Scalar other, *, Scalar alpha=1) -> Tensor`.
 * Parsed once at start; the types below read the same text at compile time, so that a row's body is typed by it.
 *
 * Types: Tensor, Tensor?, Tensor|Scalar, Tensor[], Tensor?[], Scalar, int, float, bool, str, int[], int[2] (a single
 * number stands for all), int[][], float[], ScalarType, Device, Generator, MemoryFormat, Layout, Callable, Pinned (false: there is no
 * pinned memory), 'a'|'b' (one of these strings, which the row checks in PyTorch's words), and what modules have defined
 * (`defineParameterType`); each with `?` for null. Parts are
 * separated by ", ", and defaults contain no space.
 *
 * Callers give `self` as `input`. `self|tensor` gives it the names after the bar instead; other parameters have their own
 * name and those.
 */
import { camelCase } from '../core/camel_case.js';
import type { DeviceLike } from '../core/device.js';
import type { DType } from '../core/dtype.js';
import type { Generator } from '../core/generator.js';
import type { Shape } from '../core/layout.js';
import type { Layout, MemoryFormat } from '../core/memory_format.js';
import type { Scalar } from '../core/scalar.js';
import { parseDefault } from '../core/signature/notation.js';
import { MISMATCH } from '../core/signature/parameter_types.js';
import type { Tensor } from '../core/tensor.js';
import type { Split } from '../core/type_text.js';
import type { LinearCrossEntropyOptions } from '../ops/nn/linear_cross_entropy_options.js';
import { type Conversion, conversionTo } from './argument_conversions.js';

export interface Parameter {
  /** PyTorch's name, in snake case: the one that rows use. */
  readonly name: string;
  /** The name that callers give. */
  readonly camel: string;
  /** Other names that callers may give. */
  readonly aliases: readonly string[];
  /** Without `?` and `[n]`: `'int[]'`, `'Tensor'`. */
  readonly type: string;
  readonly nullable: boolean;
  /** Whether a tensor fits as it is: nearly all do, and a look is less than a call of `convert`. */
  readonly takesTensor: boolean;
  /** Gives a value as the op finds it, or MISMATCH. */
  readonly convert: Conversion;
  /** Length of a fixed-size list (`int[2]`), 0 for none. */
  readonly length: number;
  readonly keywordOnly: boolean;
  readonly optional: boolean;
  readonly default: unknown;
  /** Stands for a value that is not given: the default, or MISMATCH. */
  readonly fallback: unknown;
}

export interface Schema {
  readonly source: string;
  /** `add` of `add.Tensor`. */
  readonly name: string;
  /** `Tensor` of `add.Tensor`, or ''. */
  readonly overload: string;
  readonly parameters: readonly Parameter[];
  /** Parameters' positions by name. */
  readonly positions: ReadonlyMap<string, number>;
  /** How many come before the `*`. */
  readonly positional: number;
  /** How many of those have no default. */
  readonly required: number;
  /** Whether the last positional parameter takes its items one by one: `ones(2, 3)`, `einsum('i,i->', a, b)`. */
  readonly variadic: boolean;
  /** One entry per result; a single unnamed one is `result`. */
  readonly returns: readonly { readonly name: string; readonly type: string }[];
}

/** Reads the name of a schema, and whether its first parameter is `self`, but not the rest. */
export function headOf(source: string): { name: string; overload: string; isOfSelf: boolean } {
  const match = /^([\w.]+?)(?:\.(\w+))?\((\S+ self\b)?/.exec(source);
  if (match === null) throw new SyntaxError(`not a schema: ${source}`);
  const [, name, overload = '', self] = match;
  return { name, overload, isOfSelf: self !== undefined };
}

export function parseSchema(source: string): Schema {
  const match = /^[\w.]+\((.*)\) -> (.+)$/s.exec(source);
  if (match === null) throw new SyntaxError(`not a schema: ${source}`);
  const { name, overload } = headOf(source);
  const [, list, result] = match;
  const parameters: Parameter[] = [];
  let keywordOnly = false;
  for (const part of list === '' ? [] : list.split(', ')) {
    if (part === '*') keywordOnly = true;
    else parameters.push(parseParameter(part, keywordOnly, source));
  }
  const positional = parameters.filter((p) => !p.keywordOnly);
  const last = positional.at(-1);
  const others = positional.filter((p) => p.name !== 'self');
  return {
    source,
    name,
    overload,
    parameters,
    positions: new Map(parameters.map((p, i) => [p.name, i])),
    positional: positional.length,
    variadic:
      (last?.type === 'int[]' || last?.type === 'Tensor[]') &&
      last.length === 0 &&
      others.every((p) => p === last || p.type === 'str'),
    required: positional.filter((p) => !p.optional).length,
    returns: parseReturns(result),
  };
}

function parseParameter(text: string, keywordOnly: boolean, source: string): Parameter {
  const match =
    /^([A-Z|a-z]+(?:\[\](?=\[))?|'[\w'|-]+')(\?)?(?:\[(\d*)\])?(\?)? (\w+)(?:\|([\w|]+))?(?:=(\S+))?$/.exec(
      text,
    );
  if (match === null) throw new SyntaxError(`not a parameter: '${text}' in ${source}`);
  const [, written, inner, length, outer, name, others, text_] = match;
  // Which strings there are is checked by the row, in PyTorch's words.
  const base = written.startsWith("'") ? 'str' : written;
  const isList = length !== undefined;
  const count = isList && length !== '' ? Number(length) : 0;
  const given = text_ === undefined ? undefined : parseDefault(text_, source);
  const names = others?.split('|') ?? (name === 'self' ? ['input'] : []);
  if (name !== 'self') names.unshift(name);
  const [camel, ...aliases] = names.map(camelCase);
  const type = isList ? `${base}${inner ?? ''}[]` : base;
  const nullable = outer !== undefined || (!isList && inner !== undefined);
  const optional = text_ !== undefined;
  // A list's default may be written as one number, as its arguments may.
  const value = count > 0 && typeof given === 'number' ? new Array<number>(count).fill(given) : given;
  return {
    name,
    camel,
    aliases,
    type,
    nullable,
    takesTensor: type === 'Tensor' || type === 'Tensor|Scalar',
    convert: conversionTo(type, nullable, count),
    length: count,
    keywordOnly,
    optional,
    default: value,
    fallback: optional ? value : MISMATCH,
  };
}

function parseReturns(text: string): { name: string; type: string }[] {
  const parts = text.startsWith('(') ? text.slice(1, -1).split(', ') : [text];
  return parts.map((part, i) => {
    const [type, name] = part.split(' ');
    return { type, name: name ?? (parts.length === 1 ? 'result' : `result${i}`) };
  });
}

// ---- the same at compile time ------------------------------------------------------------------------------------

interface Types {
  Tensor: Tensor;
  'Tensor|Scalar': Tensor | Scalar;
  Scalar: Scalar;
  int: number;
  float: number;
  bool: boolean;
  str: string;
  ScalarType: DType;
  Device: DeviceLike;
  Generator: Generator;
  Callable: (...args: Tensor[]) => Tensor;
  MemoryFormat: MemoryFormat;
  Layout: Layout;
  Pinned: boolean;
  LinearCrossEntropyOptions: LinearCrossEntropyOptions;
}

type TypeOf<T extends string> = T extends `${infer U}[][]`
  ? readonly (readonly TypeOf<U>[])[]
  : T extends `${infer U}[]?`
    ? TypeOf<`${U}[]`> | null
    : T extends `${infer U}[${string}]?`
      ? TypeOf<`${U}[]`> | null
      : T extends `${infer U}[${string}]`
        ? readonly TypeOf<U>[]
        : T extends `${infer U}?`
          ? TypeOf<U> | null
          : T extends keyof Types
            ? Types[T]
            : T extends `${infer A}|${infer B}`
              ? TypeOf<A> | TypeOf<B>
              : T extends `'${infer Choice}'`
                ? Choice
                : never;

type ParameterType<P extends string> = P extends `${infer T} ${string}` ? TypeOf<T> : never;
type ParameterName<P extends string> = P extends `${string} ${infer N}=${string}`
  ? RowName<N>
  : P extends `${string} ${infer N}`
    ? RowName<N>
    : never;

/** `self` of `self|tensor`. */
type RowName<N extends string> = N extends `${infer A}|${string}` ? A : N;

type Positional<L extends readonly string[]> = L extends [infer P extends string, ...infer R extends string[]]
  ? P extends '*'
    ? Positional<R>
    : [ParameterType<P>, ...Positional<R>]
  : [];

type ListOf<S extends string> = S extends `${string}(${infer L}) -> ${string}` ? Split<L> : [];

/** Arguments of a row's body. */
export type Arguments<S extends string> = Positional<ListOf<S>>;

/** Names of a schema's parameters. */
export type Names<S extends string> = ParameterName<Exclude<ListOf<S>[number], '*'>>;

type ParameterNamed<S extends string, N extends string> = Extract<
  ListOf<S>[number],
  `${string} ${N}` | `${string} ${N}=${string}` | `${string} ${N}|${string}`
>;

type ReturnList<S extends string> = S extends `${string} -> (${infer R})`
  ? Split<R>
  : readonly ['Tensor result'];

type ResultType<R extends string> = R extends `Tensor[]${string}`
  ? readonly Tensor[]
  : R extends `Tensor?${string}`
    ? Tensor | null
    : Tensor;

type ResultTypes<L extends readonly string[]> = { readonly [I in keyof L]: ResultType<L[I]> };

/** The result of a row's body. */
export type Returns<S extends string> = S extends `${string} -> (${string})`
  ? Readonly<ResultTypes<ReturnList<S>>>
  : S extends `${string} -> Tensor[]`
    ? readonly Tensor[]
    : S extends `${string} -> Tensor`
      ? Tensor
      : unknown;

type ReturnName<R extends string> = R extends `${string} ${infer N}` ? N : never;

/** The arguments by name, and the results. */
export type Values<S extends string> = { readonly [N in Names<S>]: ParameterType<ParameterNamed<S, N>> } & {
  readonly [N in ResultNames<S>]: Tensor;
} & {
  /** Sizes of the inputs that want a gradient; they need not be saved. */
  readonly sizes: {
    readonly [N in TensorNames<S>]: ParameterNamed<S, N> extends `Tensor${string}] ${string}`
      ? readonly Shape[]
      : Shape;
  };
};

type ResultNames<S extends string> = ReturnName<ReturnList<S>[number]> | 'result';

/** Tensors that a row can save. */
export type SavedNames<S extends string> = TensorNames<S> | ResultNames<S>;

/** Values that a derivative formula sees: of tensors only those that the row saves. */
export type Saved<S extends string, K extends string> = Omit<Values<S>, Exclude<SavedNames<S>, K>>;

/** Parameters that a derivative can be asked for. */
export type TensorNames<S extends string> = {
  [N in Names<S>]: ParameterNamed<S, N> extends `Tensor${string}` ? N : never;
}[Names<S>];
