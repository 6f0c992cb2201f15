import {
  type ClassInfo,
  type FunctionInfo,
  int,
  type Numbers,
  natural,
  never,
  number,
  str,
  type Type,
  unknown,
} from './python_types.js';

export * from './python_types.js';

export const tensorOf = (numbers: Numbers): Type => ({ k: 'tensor', numbers });
export const tensor = tensorOf('?');
export const arrayType = (numbers: Numbers): Type => ({ k: 'array', numbers });
export const listOf = (of: Type): Type => ({ k: 'list', of });
export const tupleOf = (...items: Type[]): Type => ({ k: 'tuple', items });
export const iteratorOf = (of: Type): Type => ({ k: 'iterator', of });
export const objectOf = (path: string, item?: Type): Type =>
  item === undefined ? { k: 'object', path } : { k: 'object', path, item };
export const optional = (of: Type): Type =>
  of.k === 'none' || of.k === 'optional' || of.k === 'never' || of.k === 'unknown'
    ? of
    : { k: 'optional', of };

const isNumeric = (type: Type): boolean => type.k === 'int' || type.k === 'float' || type.k === 'number';
export const isNumber = (type: Type): boolean => isNumeric(type) || type.k === 'bool';
export const isTensor = (type: Type): boolean => type.k === 'tensor';

/** Without `None`. */
export const present = (type: Type): Type => (type.k === 'optional' ? type.of : type);

export function sameType(a: Type, b: Type): boolean {
  if (a === b) return true;
  if (a.k !== b.k) return false;
  switch (a.k) {
    case 'int':
      return Boolean(a.isNatural) === Boolean((b as typeof a).isNatural);
    case 'tensor':
      return a.numbers === (b as typeof a).numbers && Boolean(a.isMixed) === Boolean((b as typeof a).isMixed);
    case 'array':
      return a.numbers === (b as typeof a).numbers;
    case 'list':
      return (
        Boolean(a.isSize) === Boolean((b as typeof a).isSize) &&
        Boolean(a.isTuple) === Boolean((b as typeof a).isTuple) &&
        sameType(a.of, (b as typeof a).of)
      );
    case 'set':
    case 'iterator':
    case 'optional':
      return sameType(a.of, (b as typeof a).of);
    case 'tuple':
      return sameTypes(a.items, (b as typeof a).items);
    case 'union':
      return sameTypes(a.of, (b as typeof a).of);
    case 'dict': {
      const other = b as typeof a;
      return (
        a.isRecord === other.isRecord &&
        sameType(a.key, other.key) &&
        sameType(a.value, other.value) &&
        (a.isOpen !== true || sameFields(a.fields, other.fields))
      );
    }
    case 'object':
      return a.path === (b as typeof a).path && sameType(a.item ?? never, (b as typeof a).item ?? never);
    case 'instance':
    case 'class':
    case 'function':
      return a.of === (b as typeof a).of;
    case 'library':
    case 'python':
      return a.path === (b as typeof a).path;
    case 'callable':
      return (
        sameType(a.returns, (b as typeof a).returns) &&
        (a.functions?.length ?? 0) === ((b as typeof a).functions?.length ?? 0)
      );
    default:
      return true;
  }
}

const sameFields = (a?: ReadonlyMap<string, Type>, b?: ReadonlyMap<string, Type>): boolean =>
  a?.size === b?.size && [...(a ?? [])].every(([name, type]) => sameType(type, b?.get(name) ?? never));

const sameTypes = (a: readonly Type[], b: readonly Type[]): boolean =>
  a.length === b.length && a.every((type, i) => sameType(type, b[i]));

/** How deep types are told apart: what holds itself would go on for ever. */
const deepest = 6;

/** What is either of two things. */
export function join(a: Type, b: Type, depth = 0): Type {
  const one = merged(a, b, depth);
  if (one !== null) return one;
  const parts: Type[] = [];
  for (const part of [a, b].flatMap((type) => (type.k === 'union' ? type.of : [type]))) {
    const at = parts.findIndex((known) => merged(known, part, depth + 1) !== null);
    if (at < 0) parts.push(part);
    else parts[at] = join(parts[at], part, depth + 1);
  }
  return parts.length === 1 ? parts[0] : { k: 'union', of: parts };
}

/** What two things are together, or null if they have nothing in common. */
function merged(a: Type, b: Type, depth: number): Type | null {
  if (a.k === 'never' || sameType(a, b)) return b;
  if (b.k === 'never') return a;
  // Where something is unknown that is told, or it will be known when the program is walked again.
  if (a.k === 'unknown') return b;
  if (b.k === 'unknown') return a;
  if (depth > deepest) return unknown;
  if (a.k === 'none') return optional(b);
  if (b.k === 'none') return optional(a);
  if (a.k === 'optional' || b.k === 'optional') return optional(join(present(a), present(b), depth + 1));
  if (isNumeric(a) && isNumeric(b)) return a.k === b.k ? int : number;
  if (a.k === 'tensor' && b.k === 'tensor') {
    const numbers = a.numbers === b.numbers ? a.numbers : '?';
    return a.isMixed || b.isMixed ? { k: 'tensor', numbers, isMixed: true } : tensorOf(numbers);
  }
  if (a.k === 'array' && b.k === 'array') return arrayType(a.numbers === b.numbers ? a.numbers : '?');
  // A variable that first holds a number of Python's, and NumPy's later.
  if (a.k === 'array' && isNumber(b)) return a;
  if (b.k === 'array' && isNumber(a)) return b;
  if (a.k === 'tensor' && isNumber(b)) return { k: 'tensor', numbers: a.numbers, isMixed: true };
  if (b.k === 'tensor' && isNumber(a)) return { k: 'tensor', numbers: b.numbers, isMixed: true };
  if (a.k === 'list' && b.k === 'list') {
    const of = join(a.of, b.of, depth + 1);
    return a.isTuple && b.isTuple ? { k: 'list', of, isTuple: true } : listOf(of);
  }
  if (a.k === 'set' && b.k === 'set') return { k: 'set', of: join(a.of, b.of, depth + 1) };
  if (a.k === 'iterator' && b.k === 'iterator') return iteratorOf(join(a.of, b.of, depth + 1));
  if (a.k === 'tuple' && b.k === 'tuple' && a.items.length === b.items.length)
    return {
      ...(a.names !== undefined && a.names.join() === b.names?.join() ? a : {}),
      k: 'tuple',
      items: a.items.map((item, i) => join(item, b.items[i], depth + 1)),
    };
  if (a.k === 'tuple' && b.k === 'tuple')
    return {
      k: 'list',
      of: [...a.items, ...b.items].reduce((all, item) => join(all, item, depth + 1), never),
      isTuple: true,
    };
  if ((a.k === 'tuple' && b.k === 'list' && b.isTuple) || (b.k === 'tuple' && a.k === 'list' && a.isTuple))
    return { k: 'list', of: join(elementOf(a), elementOf(b), depth + 1), isTuple: true };
  if (a.k === 'dict' && b.k === 'dict')
    return {
      k: 'dict',
      key: join(a.key, b.key, depth + 1),
      value: join(a.value, b.value, depth + 1),
      // What is empty is either.
      isRecord:
        a.key.k === 'never' ? b.isRecord : b.key.k === 'never' ? a.isRecord : a.isRecord && b.isRecord,
    };
  if (a.k === 'object' && b.k === 'object' && a.path === b.path)
    return objectOf(a.path, join(a.item ?? never, b.item ?? never, depth + 1));
  if (isModuleType(a) && isModuleType(b)) return objectOf('nn.Module');
  if (a.k === 'object' && b.k === 'object')
    for (const [family, base] of families)
      if (family.test(a.path) && family.test(b.path)) return objectOf(base);
  if (a.k === 'instance' && b.k === 'instance') {
    const common = [...a.of.lineage()].find((one) => [...b.of.lineage()].includes(one));
    if (common !== undefined) return { k: 'instance', of: common };
  }
  if (isCallable(a) && isCallable(b))
    return {
      k: 'callable',
      returns: join(returnOf(a), returnOf(b), depth + 1),
      functions: [...new Set([...functionsOf(a), ...functionsOf(b)])],
    };
  return null;
}

/** Classes of the library's, with what they all extend. */
const families: readonly (readonly [RegExp, string])[] = [
  [/^optim\.lrScheduler\./, 'optim.lrScheduler.LRScheduler'],
  [/^optim\.[A-Z]/, 'optim.Optimizer'],
  [/^distributions\.[A-Z]/, 'distributions.Distribution'],
];

export function joined(types: Iterable<Type>): Type {
  let all: Type = never;
  for (const type of types) all = join(all, type);
  return all;
}

/** Functions that a value may be. */
function functionsOf(type: Type): readonly FunctionInfo[] {
  if (type.k === 'function') return [type.of];
  return type.k === 'callable' ? (type.functions ?? []) : [];
}

/** Whether it is a literal whose values are of several types: TypeScript knows them by their keys. */
export function isStruct(
  type: Type,
): type is Extract<Type, { k: 'dict' }> & { readonly fields: ReadonlyMap<string, Type> } {
  if (type.k !== 'dict' || type.fields === undefined) return false;
  if (type.isOpen) return true;
  const [first, ...others] = type.fields.values();
  return others.some((other) => !sameType(first, other));
}

/** Whether a tuple is in it, which TypeScript takes for an array unless that is said. */
export function hasTuple(type: Type): boolean {
  switch (type.k) {
    case 'tuple':
      return true;
    case 'list':
    case 'set':
    case 'optional':
      return hasTuple(type.of);
    case 'dict':
      return hasTuple(type.value);
    default:
      return false;
  }
}

const isCallable = (type: Type): boolean =>
  type.k === 'callable' ||
  type.k === 'function' ||
  (type.k === 'library' && /(^|\.)[a-z]\w*$/.test(type.path));

function returnOf(type: Type): Type {
  if (type.k === 'callable') return type.returns;
  if (type.k === 'function') return type.of.returns;
  return tensor;
}

/** Whether it is a network, or part of one. */
export function isModuleType(type: Type): boolean {
  if (type.k === 'instance') return type.of.isModule;
  return type.k === 'object' && /^nn\.[A-Z]\w*$/.test(type.path) && type.path !== 'nn.Parameter';
}

/** Whether all of it is known. */
export function isKnown(type: Type): boolean {
  switch (type.k) {
    case 'never':
    case 'unknown':
      return false;
    case 'list':
    case 'set':
    case 'iterator':
    case 'optional':
      return isKnown(type.of);
    case 'tuple':
      return type.items.every(isKnown);
    case 'dict':
      return isKnown(type.key) && isKnown(type.value);
    default:
      return true;
  }
}

/** What an iteration gives. */
export function elementOf(type: Type): Type {
  switch (type.k) {
    case 'list':
      return type.isSize ? natural : type.of;
    case 'set':
    case 'iterator':
      return type.of;
    case 'tuple':
      return joined(type.items);
    case 'dict':
      return type.key;
    case 'str':
      return str;
    case 'tensor':
    case 'array':
      return type;
    case 'never':
      return never;
    case 'object':
      if (/^nn\.(ModuleList|Sequential)$/.test(type.path)) return type.item ?? objectOf('nn.Module');
      if (type.path === 'nn.ParameterList') return tensorOf('float');
      return type.item ?? unknown;
    case 'instance':
      return type.of.item;
    default:
      return unknown;
  }
}

/** What Python's names for it are. */
export function describe(type: Type): string {
  switch (type.k) {
    case 'tensor':
      return 'a tensor';
    case 'array':
      return 'a NumPy array';
    case 'none':
      return 'None';
    case 'object':
    case 'library':
    case 'python':
      return type.path;
    case 'instance':
    case 'class':
      return type.of.name;
    case 'optional':
      return `${describe(type.of)} or None`;
    case 'union':
      return type.of.map(describe).join(' or ');
    case 'number':
      return 'a number';
    case 'never':
    case 'unknown':
      return 'of unknown type';
    default:
      return `of type ${type.k}`;
  }
}

/** Learns of an attribute's type, and says whether that is news. */
export function learnAttribute(of: ClassInfo, name: string, type: Type): boolean {
  for (const one of [...of.lineage()].reverse()) {
    const known = one.attributes.get(name);
    if (known === undefined && one !== of) continue;
    const all = join(known ?? never, type);
    if (known !== undefined && sameType(known, all)) return false;
    one.attributes.set(name, all);
    return true;
  }
  return false;
}
