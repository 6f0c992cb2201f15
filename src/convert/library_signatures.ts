import { type LibraryClass, type LibraryEntry, library } from './library_table.js';
import {
  bool,
  joined,
  listOf,
  natural,
  none,
  number,
  objectOf,
  optional,
  str,
  type Type,
  tensor,
  tensorOf,
  unknown,
} from './type_rules.js';

/** A parameter of the library's. */
export interface LibraryParameter {
  readonly name: string;
  readonly type: string;
  readonly isOptional: boolean;
  readonly isRest: boolean;
}

/** One way to call a function of the library's. */
export interface Overload {
  readonly positional: readonly LibraryParameter[];
  /** Names that a trailing object may have. */
  readonly named: ReadonlyMap<string, string>;
  readonly returns: string;
}

const has = (path: string): boolean => Object.hasOwn(library, path);

/** What there is under a path; other names lead to the class that they name. */
export function entryOf(path: string): LibraryEntry | undefined {
  if (!has(path)) return undefined;
  const entry = library[path];
  return entry.a !== undefined && entry.a !== path && has(entry.a) ? library[entry.a] : entry;
}

/** The path under which a class stands. */
export const pathOf = (path: string): string =>
  has(path) && library[path].a !== undefined && has(library[path].a) ? library[path].a : path;

export function classOf(path: string): LibraryClass | undefined {
  return entryOf(path)?.c;
}

/** A class and those that it extends. */
export function* lineage(path: string): Generator<LibraryClass> {
  let one: string | undefined = pathOf(path);
  for (let depth = 0; one !== undefined && depth < 30; depth++) {
    const found = classOf(one);
    if (found === undefined) return;
    yield found;
    one = found.e;
  }
}

export function memberOf(path: string, name: string): string | readonly string[] | undefined {
  for (const one of lineage(path)) if (Object.hasOwn(one.m, name)) return one.m[name];
  return undefined;
}

export function staticOf(path: string, name: string): string | readonly string[] | undefined {
  for (const one of lineage(path)) if (one.s !== undefined && Object.hasOwn(one.s, name)) return one.s[name];
  return undefined;
}

/** Whether a class extends another one of the library's. */
export function extendsClass(path: string, base: string): boolean {
  let one: string | undefined = pathOf(path);
  for (let depth = 0; one !== undefined && depth < 30; depth++) {
    if (one === base) return true;
    one = classOf(one)?.e;
  }
  return false;
}

const parsed = new Map<string, Overload>();

export function overload(text: string): Overload {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const parts = splitAt(text, '>');
  const returns = parts.pop() as string;
  const [positional, named = ''] = splitAt(parts.join('>'), '*');
  const found: Overload = {
    positional: splitAt(positional, ',')
      .filter((part) => part !== '')
      .map((part) => {
        const [, mark, name, type] = /^(\?|\.\.\.)?(\w+):(.*)$/.exec(part) ?? ['', '', part, '?'];
        return { name, type, isOptional: mark === '?', isRest: mark === '...' };
      }),
    named: new Map(
      splitAt(named, ',')
        .filter((part) => part !== '')
        .map((part) => {
          const at = part.indexOf(':');
          return [part.slice(0, at), part.slice(at + 1)];
        }),
    ),
    returns,
  };
  parsed.set(text, found);
  return found;
}

/** Parts between separators that no bracket encloses. */
function splitAt(text: string, separator: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const letter = text[i];
    if (letter === '<' || letter === '(') depth++;
    else if (letter === ')' || (letter === '>' && depth > 0)) depth--;
    else if (letter === separator && depth === 0) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

/** A type as the library's table has it. */
export function typeOf(text: string): Type {
  const alternatives = splitAt(text, '|');
  if (alternatives.length > 1) {
    const others = alternatives.filter((part) => part !== '0' && part !== 'v');
    const type = joined(others.map(typeOf));
    return others.length < alternatives.length ? optional(type) : type;
  }
  const inner = text.slice(2, -1);
  switch (text[0]) {
    case 'T':
      return tensor;
    case 'n':
    case 'S':
      return number;
    case 'b':
      return bool;
    case 's':
      return str;
    case '0':
    case 'v':
      return none;
    case 'D':
      return { k: 'dtype' };
    case 'L':
      return listOf(typeOf(inner));
    case 'R':
      return { k: 'dict', key: str, value: typeOf(inner), isRecord: true };
    case 'M': {
      const [key, value] = splitAt(inner, ';');
      return { k: 'dict', key: typeOf(key), value: typeOf(value), isRecord: false };
    }
    case 'A':
      return typeOf(inner);
    case 'F':
      return { k: 'callable', returns: typeOf(inner) };
    case '(': {
      const parts = splitAt(text.slice(1, -1), ';').filter((part) => part !== '');
      const named = parts.every((part) => /^\w+:/.test(part));
      if (!named) return { k: 'tuple', items: parts.map(typeOf) };
      return {
        k: 'tuple',
        items: parts.map((part) => typeOf(part.slice(part.indexOf(':') + 1))),
        names: parts.map((part) => part.slice(0, part.indexOf(':'))),
      };
    }
    case '#': {
      const [path] = text.slice(1).split('<', 1);
      if (path === 'Device') return { k: 'device' };
      if (path === 'nn.Parameter' || path.startsWith('nn.parameter.')) return tensorOf('float');
      if (path === 'Size') return { k: 'list', of: natural, isSize: true };
      return objectOf(path);
    }
    default:
      return unknown;
  }
}

/** Whether a result must be awaited. */
export const isPromise = (text: string): boolean => text.startsWith('A<');

/** Members whose numbers are ints, or floats: the declarations do not tell. */
const ints = new Set(
  'size shape numel nelement dim ndim ndimension length stride storageOffset elementSize inFeatures outFeatures numEmbeddings embeddingDim hiddenSize inputSize numLayers inChannels outChannels batchSize lastEpoch stepSize getDevice numHeads embedDim numFeatures itemsize bits'.split(
    ' ',
  ),
);
const floats = new Set(
  'p eps momentum lr getLastLr getLr gamma tiny smallestNormal max min negativeSlope'.split(' '),
);

/** A member's type, with ints and floats told apart. */
export function refined(type: Type, member: string): Type {
  if (type.k === 'number') return ints.has(member) ? natural : floats.has(member) ? { k: 'float' } : number;
  if (type.k === 'list' && type.of.k === 'number' && (ints.has(member) || floats.has(member)))
    return ints.has(member)
      ? { k: 'list', of: natural, isSize: member === 'shape' || member === 'size' }
      : listOf({ k: 'float' });
  if (type.k === 'list' && type.of.k === 'int') return type;
  return type;
}
