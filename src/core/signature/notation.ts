/**
 * Signatures in PyTorch's notation: `Linear(int in_features, int out_features, bool bias=True, *, Device? device=None)`.
 *
 * Parameters are separated by ", ", and defaults contain no space. `*` begins those that are given by name only, and
 * `Tensor *tensors` takes all further positions. A type is a name of `ParameterTypes`; `T[]` is a list, `T[2]` a list of 2
 * for which one value may stand, `'a'|'b'` one of these strings, `A|B` either, and a `?` at the end allows null.
 */

import { camelCase } from '../camel_case.js';

/** One of a type's alternatives: `int[2]` of `int[2]|str`. */
export interface Alternative {
  readonly name: string;
  /** Whether it is a list. */
  readonly list: boolean;
  /** The length for which a single value is repeated, 0 for none. */
  readonly length: number;
  /** Whether the list's items may be null. */
  readonly nullableItems: boolean;
}

export interface SignatureParameter {
  /** PyTorch's name, in snake case. */
  readonly name: string;
  /** The name in TypeScript. */
  readonly camel: string;
  readonly type: string;
  readonly alternatives: readonly Alternative[];
  readonly nullable: boolean;
  readonly keywordOnly: boolean;
  /** Whether it takes all further positions. */
  readonly variadic: boolean;
  readonly optional: boolean;
  readonly default: unknown;
  /** Whether the default is Python's float although its value may be whole: `1.0`. */
  readonly floatDefault: boolean;
}

/** The name and the parameters of `name(type parameter, …)`. */
export function parseSignature(source: string): { name: string; parameters: SignatureParameter[] } {
  const match = /^([\w.]+)\((.*)\)$/s.exec(source);
  if (match === null) throw new SyntaxError(`not a signature: ${source}`);
  const [, name, list] = match;
  const parameters: SignatureParameter[] = [];
  let keywordOnly = false;
  for (const part of list === '' ? [] : list.split(', ')) {
    if (part === '*') keywordOnly = true;
    else {
      const parameter = parseParameter(part, keywordOnly, source);
      if (parameter.variadic) keywordOnly = true;
      parameters.push(parameter);
    }
  }
  return { name, parameters };
}

function parseParameter(text: string, keywordOnly: boolean, source: string): SignatureParameter {
  const match = /^(\S+?)(\?)? (\*)?(\w+)(?:=(\S+))?$/.exec(text);
  if (match === null) throw new SyntaxError(`not a parameter: '${text}' in ${source}`);
  const [, type, nullable, star, name, value] = match;
  return {
    name,
    camel: camelCase(name),
    type,
    alternatives: type.split('|').map((one) => parseAlternative(one, source)),
    nullable: nullable !== undefined,
    keywordOnly,
    variadic: star !== undefined,
    optional: value !== undefined || star !== undefined,
    default: value === undefined ? undefined : parseDefault(value, source),
    floatDefault: value !== undefined && /^-?(\d+\.|\d+e-|inf$)/.test(value),
  };
}

function parseAlternative(text: string, source: string): Alternative {
  // Which strings there are is checked where they are used, in PyTorch's words.
  if (text.startsWith("'")) return { name: 'str', list: false, length: 0, nullableItems: false };
  const match = /^(\w+)(\?)?(?:\[(\d*)\])?$/.exec(text);
  if (match === null) throw new SyntaxError(`not a type: '${text}' in ${source}`);
  const [, name, nullable, length] = match;
  return {
    name,
    list: length !== undefined,
    length: Number(length ?? 0),
    nullableItems: nullable !== undefined,
  };
}

/** The value of a default as Python writes it; lists without spaces. */
export function parseDefault(text: string, source: string): unknown {
  if (text === 'None') return null;
  if (text === 'True') return true;
  if (text === 'False') return false;
  if (text.startsWith("'")) return text.slice(1, -1);
  try {
    return JSON.parse(text.replace(/^(-?)inf$/, '$11e999'));
  } catch {
    throw new SyntaxError(`not a default: ${text} in ${source}`);
  }
}
