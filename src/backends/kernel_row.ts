/**
 * The notation of kernels' rows: `scan: 'View out, View? indices, View input, int dim, sum|product|max|min|logsumexp kind'`.
 *
 * Types: View (a tensor's memory), int, float, bool, stride (an int that counts elements of memory), and words, one of which is
 * meant; each with `?` for null (views) or `[]` for a list. The TypeScript types below read the same text at compile time, and
 * `scripts/generate-kernels.mjs` writes the C++ structures from it.
 */
import { camelCase } from '../core/camel_case.js';
import type { Camel, Split } from '../core/type_text.js';

/**
 * How a kernel takes complex operands: as they are, where the device takes those; elsewhere 'linear' ones run once on the real and
 * once on the imaginary parts, 'interleaved' ones take views with one more dimension, of the parts, and 'own' ones refuse. 'bilinear'
 * ones run for each pair of parts.
 */
export type ComplexUse = 'own' | 'interleaved' | 'linear' | 'bilinear';

export interface KernelRow {
  /** The arguments, in the notation above. */
  readonly takes: string;
  /** Says what the kernel computes, in docs/kernels.md. */
  readonly doc: string;
  /** How it takes complex operands, perhaps with some of its words only; all others refuse. */
  readonly complex?: ComplexUse | Readonly<Record<string, ComplexUse>>;
  /** The one device that has it, if others do not. */
  readonly on?: 'cpu';
  /** The kernels that do its work on other devices. */
  readonly elsewhere?: readonly string[];
}

export interface KernelParameter {
  /** In snake case, as C++ has it. */
  readonly name: string;
  /** The name in TypeScript. */
  readonly camel: string;
  /** `words` where it is one of those. */
  readonly type: 'View' | 'int' | 'float' | 'bool' | 'stride' | 'words';
  readonly isList: boolean;
  readonly isNullable: boolean;
  /** The words that may be given, at the positions that are their numbers in a command. */
  readonly words: readonly string[];
}

export function parseKernel(takes: string): KernelParameter[] {
  return takes.split(', ').map((text) => {
    const match = /^(?:(View|int|float|bool|stride)|(\w+(?:\|\w+)+))(\[\])?(\?)? (\w+)$/.exec(text);
    if (match === null) throw new SyntaxError(`not a kernel's parameter: '${text}'`);
    const [, type, words, list, nullable, name] = match;
    return {
      name,
      camel: camelCase(name),
      type: (type ?? 'words') as KernelParameter['type'],
      isList: list !== undefined,
      isNullable: nullable !== undefined,
      words: words?.split('|') ?? [],
    };
  });
}

/** Types of arguments by those of the notation; `backend.ts` adds the views. */
export interface KernelTypes {
  int: number;
  float: number;
  bool: boolean;
  stride: number;
}

/** An argument in a call of a kernel. */
export type KernelArgument =
  | KernelTypes[keyof KernelTypes]
  | null
  | string
  | readonly number[]
  | readonly KernelTypes['View'][];

/** A kernel as devices see it. */
export class Kernel {
  private parsed?: readonly KernelParameter[];

  constructor(
    readonly name: string,
    /** Its place in the table. */
    readonly number: number,
    readonly row: KernelRow,
  ) {}

  /** Parsed when first needed: most calls carry nothing that has to be looked up. */
  get parameters(): readonly KernelParameter[] {
    this.parsed ??= parseKernel(this.row.takes);
    return this.parsed;
  }

  /** The number of a word. */
  code(position: number, word: string): number {
    const code = this.parameters[position].words.indexOf(word);
    if (code < 0) throw new RangeError(`${this.name} has no ${this.parameters[position].name} ${word}`);
    return code;
  }

  byName(args: readonly KernelArgument[]): Readonly<Record<string, KernelArgument>> {
    const found: Record<string, KernelArgument> = {};
    const { parameters } = this;
    for (let i = 0; i < args.length; i++) found[parameters[i].camel] = args[i];
    return found;
  }
}

// ---- the same at compile time ------------------------------------------------------------------------------------

type Words<T extends string> = T extends `${infer A}|${infer B}` ? A | Words<B> : T;

type TypeOf<T extends string> = T extends `${infer U}?`
  ? TypeOf<U> | null
  : T extends `${infer U}[]`
    ? readonly TypeOf<U>[]
    : T extends keyof KernelTypes
      ? KernelTypes[T]
      : Words<T>;

/** The arguments of a call, by position. */
export type Positions<S extends string> = PositionsOf<Split<S>>;

type PositionsOf<L extends readonly string[]> = {
  [I in keyof L]: L[I] extends `${infer T} ${string}` ? TypeOf<T> : never;
};

/** The same by name. */
export type Named<S extends string> = {
  readonly [P in Split<S>[number] as P extends `${string} ${infer N}`
    ? Camel<N>
    : never]: P extends `${infer T} ${string}` ? TypeOf<T> : never;
};
