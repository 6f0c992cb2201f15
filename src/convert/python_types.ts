import type { ClassDefinition, Definition, Expression, Parameter } from './syntax.js';

/** Kinds of numbers in a tensor, as far as they are known. */
export type Numbers = 'float' | 'int' | 'bool' | '?';

/** What an expression of Python's is. */
export type Type =
  | { readonly k: 'never' }
  | { readonly k: 'unknown' }
  | { readonly k: 'int'; readonly isNatural?: boolean }
  | { readonly k: 'float' }
  /** A number of which it is not known whether it is an int. */
  | { readonly k: 'number' }
  | { readonly k: 'bool' }
  | { readonly k: 'str' }
  | { readonly k: 'none' }
  | { readonly k: 'dtype' }
  | { readonly k: 'device' }
  /** `isMixed`: a variable that first holds a number, and tensors later. */
  | { readonly k: 'tensor'; readonly numbers: Numbers; readonly isMixed?: boolean }
  /** An array of NumPy's; one without dimensions is a number of NumPy's. */
  | { readonly k: 'array'; readonly numbers: Numbers }
  /** `isTuple`: a tuple of any length. */
  | { readonly k: 'list'; readonly of: Type; readonly isSize?: boolean; readonly isTuple?: boolean }
  /** `isNamed`: one of the program's named tuples, which here are arrays. */
  | {
      readonly k: 'tuple';
      readonly items: readonly Type[];
      readonly names?: readonly string[];
      readonly isNamed?: boolean;
    }
  /** `fields`: the types of a literal's values, by their keys. */
  | {
      readonly k: 'dict';
      readonly key: Type;
      readonly value: Type;
      readonly isRecord: boolean;
      readonly fields?: ReadonlyMap<string, Type>;
      /** `**kwargs`: each of its fields may be missing. */
      readonly isOpen?: boolean;
    }
  | { readonly k: 'set'; readonly of: Type }
  /** What can only be iterated, once. */
  | { readonly k: 'iterator'; readonly of: Type }
  | { readonly k: 'optional'; readonly of: Type }
  | { readonly k: 'union'; readonly of: readonly Type[] }
  /** An object of the library; `item` is that of a data set or loader. */
  | { readonly k: 'object'; readonly path: string; readonly item?: Type }
  | { readonly k: 'instance'; readonly of: ClassInfo }
  | { readonly k: 'class'; readonly of: ClassInfo }
  | { readonly k: 'function'; readonly of: FunctionInfo }
  /** A function of the library, or a class, or a module. */
  | { readonly k: 'library'; readonly path: string }
  /** A module or function of Python's own library. */
  | { readonly k: 'python'; readonly path: string }
  /** What makes named tuples with these names. */
  | { readonly k: 'maker'; readonly name: string; readonly names: readonly string[] }
  | { readonly k: 'callable'; readonly returns: Type; readonly functions?: readonly FunctionInfo[] };

export const never: Type = { k: 'never' };
export const unknown: Type = { k: 'unknown' };
export const int: Type = { k: 'int' };
export const natural: Type = { k: 'int', isNatural: true };
export const float: Type = { k: 'float' };
export const number: Type = { k: 'number' };
export const bool: Type = { k: 'bool' };
export const str: Type = { k: 'str' };
export const none: Type = { k: 'none' };

/** A parameter of a function of the program's. */
export interface ParameterInfo {
  readonly source: Parameter;
  /** Its name in TypeScript. */
  readonly name: string;
  type: Type;
  readonly isAnnotated: boolean;
}

/** A function of the program's. */
export class FunctionInfo {
  parameters: ParameterInfo[] = [];
  returns: Type = never;
  isAsync = false;
  isGenerator = false;
  /** Whether anything calls it. */
  isCalled = false;
  /** The class that it is a method of. */
  owner: ClassInfo | null = null;
  kind: 'function' | 'method' | 'static' | 'class' | 'property' | 'setter' = 'function';

  constructor(
    readonly name: string,
    /** Its name in TypeScript. */
    readonly own: string,
    readonly source: Definition | Extract<Expression, { kind: 'lambda' }>,
  ) {}
}

/** A class of the program's. */
export class ClassInfo {
  readonly attributes = new Map<string, Type>();
  /** Attributes that the library sets: buffers and parameters. */
  readonly registered = new Set<string>();
  readonly methods = new Map<string, FunctionInfo>();
  readonly constants = new Map<string, Type>();
  /** Those of the constants that the class has, not each of its objects. */
  readonly statics = new Set<string>();
  readonly setters = new Map<string, FunctionInfo>();
  /** A class of Python's that it extends: an exception. */
  pythonBase: string | null = null;
  /** What an `ArgumentParser` makes, or null for all other classes. */
  namespace: ClassInfo | null = null;
  /** Whether it is the shape of plain objects. */
  isShape = false;
  base: ClassInfo | null = null;
  /** The class of the library's that it extends. */
  libraryBase: string | null = null;
  /** What iterating gives, and what a data set has. */
  item: Type = unknown;
  /** Names of a dataclass's fields. */
  fields: string[] | null = null;

  constructor(
    readonly name: string,
    readonly own: string,
    readonly source: ClassDefinition | null,
  ) {}

  *lineage(): Generator<ClassInfo> {
    let one: ClassInfo | null = this;
    for (let depth = 0; one !== null && depth < 50; depth++) {
      yield one;
      one = one.base;
    }
  }

  /** The library's class at the end of its bases. */
  get ancestor(): string | null {
    for (const one of this.lineage()) if (one.libraryBase !== null) return one.libraryBase;
    return null;
  }

  get isModule(): boolean {
    return /^nn\.[A-Z]/.test(this.ancestor ?? '');
  }

  /** The class in its lineage that has a constant. */
  ownerOf(name: string): ClassInfo | undefined {
    for (const one of this.lineage()) if (one.constants.has(name)) return one;
    return undefined;
  }

  setter(name: string): FunctionInfo | undefined {
    for (const one of this.lineage()) {
      const found = one.setters.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  method(name: string): FunctionInfo | undefined {
    for (const one of this.lineage()) {
      const found = one.methods.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  attribute(name: string): Type | undefined {
    for (const one of this.lineage()) {
      const found = one.attributes.get(name) ?? one.constants.get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
