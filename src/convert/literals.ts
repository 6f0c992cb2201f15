import { builtins } from './builtin_names.js';
import { newMap, newSet } from './coerce.js';
import { binding, type Code, type Converter, primary, tied } from './converter.js';
import { libraryName } from './own_names.js';
import { pythonValue } from './python_names.js';
import { quoted } from './string_literals.js';
import type { Expression, Of } from './syntax.js';
import {
  bool,
  float,
  joined,
  listOf,
  natural,
  never,
  none,
  present,
  str,
  type Type,
  unknown,
} from './type_rules.js';

export function name(c: Converter, place: Of<'name'>): Code {
  const { id, at, end } = place;
  const variable = c.scope.find(id);
  if (variable === undefined) {
    if (id === 'self' && c.currentClass !== null)
      return primary('this', { k: 'instance', of: c.currentClass });
    if (builtins.has(id)) return primary(id, { k: 'python', path: id });
    if (id === '__name__') return primary("'__main__'", str);
    c.error({ at, end }, `'${id}' is not defined.`);
    return primary(c.names.of(id), unknown);
  }
  const { type, declared } = variable.current;
  const known = c.scope.classes.get(id) ?? (c.scope.narrowed.has(id) ? present(type) : type);
  if (c.aliases.has(id) && (type.k === 'library' || type.k === 'python' || type.k === 'dtype')) {
    if (type.k === 'python' && type.path.includes('.')) return pythonValue(c, { ...place }, type.path);
    if (c.isFinal) c.usedAliases.add(id);
    return primary(id, known);
  }
  if (type.k === 'class' && type.of.source !== null && declared?.name !== 'this')
    return primary(type.of.own, known);
  return primary(declared?.name ?? c.names.of(id), known);
}

/** A number's literal; separators and hexadecimal numbers are JavaScript's, too. */
export function numberLiteral(c: Converter, expression: Of<'number'>): Code {
  const text = expression.text.replaceAll('_', '');
  if (/j$/i.test(text)) {
    const part = text.slice(0, -1);
    return primary(`${c.libraryCode('Complex')}(0, ${part})`, unknown);
  }
  if (/^0[xob]/i.test(text)) return primary(text, natural);
  const isInt = /^\d+$/.test(text);
  if (isInt && !Number.isSafeInteger(Number(text)))
    c.error(expression, 'This int is beyond 2^53, where numbers of JavaScript are no longer exact.');
  const plain = isInt
    ? text.replace(/^0+(?=\d)/, '')
    : text
        .replace(/^\./, '0.')
        .replace(/\.(?=$|e)/i, '')
        .replace(/\.0+$/, '');
  return primary(plain, isInt ? natural : float);
}

export const booleanLiteral = (_: Converter, { value }: Of<'boolean'>): Code => primary(String(value), bool);
export const noneLiteral = (): Code => primary('null', none);

export function ellipsis(c: Converter, expression: Of<'ellipsis'>): Code {
  c.error(expression, "'...' is converted within indices only.");
  return primary('undefined', unknown);
}

/** Items of a list or tuple; what is spread stands with its dots. */
export function itemsOf(
  c: Converter,
  items: readonly Expression[],
  wanted?: (i: number) => Type | undefined,
) {
  const types: Type[] = [];
  const codes = items.map((item, i) => {
    if (item.kind === 'star') {
      const value = c.expression(item.value);
      types.push(c.elementOf(value.type));
      return `...${tied(value, binding.arrow)}`;
    }
    const value = c.expression(item, wanted?.(i));
    types.push(value.type);
    return tied(value, binding.arrow);
  });
  return { codes, types };
}

export function list(c: Converter, { items }: Of<'list' | 'tuple' | 'set'>, wanted?: Type): Code {
  const inner = wanted?.k === 'list' ? wanted.of : undefined;
  const { codes, types } = itemsOf(c, items, () => inner);
  return primary(`[${codes.join(', ')}]`, listOf(joined(types)));
}

export function tuple(c: Converter, { items }: Of<'list' | 'tuple' | 'set'>, wanted?: Type): Code {
  const { codes, types } = itemsOf(c, items, (i) => (wanted?.k === 'tuple' ? wanted.items[i] : undefined));
  const code = `[${codes.join(', ')}]`;
  if (items.some((item) => item.kind === 'star')) return primary(code, listOf(joined(types)));
  return primary(code, { k: 'tuple', items: types });
}

export function set(c: Converter, { items }: Of<'list' | 'tuple' | 'set'>): Code {
  const { codes, types } = itemsOf(c, items);
  return primary(`${newSet(c, joined(types))}([${codes.join(', ')}])`, { k: 'set', of: joined(types) });
}

/** Whether a key can stand in an object without changing its place: whole numbers would come first. */
const isPlainKey = (text: string): boolean => !/^\d+$/.test(text) && text !== '__proto__';

export function dict(c: Converter, { entries }: Of<'dict'>, wanted?: Type): Code {
  const keys = entries.map(({ key }) =>
    key?.kind === 'string' && key.parts.length === 1 && typeof key.parts[0] === 'string'
      ? key.parts[0]
      : null,
  );
  const asRecord =
    (wanted?.k === 'dict' ? wanted.isRecord : entries.length > 0) &&
    entries.every(({ key }, i) => key === null || (keys[i] !== null && isPlainKey(keys[i] as string)));
  const inner = wanted?.k === 'dict' ? wanted.value : undefined;
  const keyTypes: Type[] = [];
  const valueTypes: Type[] = [];
  const parts = entries.map(({ key, value }, i) => {
    const own = c.expression(value, inner);
    if (key === null) {
      const spread = own.type.k === 'dict' ? own.type : null;
      if (spread === null || spread.isRecord !== asRecord) c.needs(value, 'what ** takes apart', own.type);
      keyTypes.push(spread?.key ?? never);
      valueTypes.push(spread?.value ?? never);
      return `...${tied(own, binding.call)}`;
    }
    valueTypes.push(own.type);
    const code = tied(own, binding.arrow);
    if (asRecord) {
      keyTypes.push(str);
      const text = keys[i] as string;
      // Groups of parameters are options of an optimizer's, which have the library's names.
      const named = keys.includes('params') ? libraryName(text) : text;
      const plain = /^[A-Za-z_$][\w$]*$/.test(named) ? named : quoted(named);
      return plain === code ? code : `${plain}: ${code}`;
    }
    const keyCode = c.expression(key);
    keyTypes.push(keyCode.type);
    return `[${tied(keyCode, binding.arrow)}, ${code}]`;
  });
  const own: Type = { k: 'dict', key: joined(keyTypes), value: joined(valueTypes), isRecord: asRecord };
  const isLiteral = asRecord && entries.length > 0 && keys.every((key) => key !== null);
  const type: Type = isLiteral
    ? { ...own, fields: new Map(keys.map((key, i) => [key as string, valueTypes[i]])) }
    : own;
  if (asRecord) return primary(parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`, type);
  return primary(
    parts.length === 0
      ? 'new Map()'
      : `${newMap(c, type.k === 'dict' ? type.key : never)}([${parts.join(', ')}])`,
    type,
  );
}

export function star(c: Converter, expression: Of<'star'>): Code {
  c.error(expression, "'*' is converted in calls, lists and tuples only.");
  return c.expression(expression.value);
}

export function awaited(c: Converter, expression: Of<'await'>): Code {
  if (c.currentFunction !== null) c.currentFunction.isAsync = true;
  const value = c.expression(expression.value);
  return { code: `await ${tied(value, binding.unary)}`, binds: binding.unary, type: value.type };
}

/** The value of a literal that is an int, also one behind a minus. */
export function literalInt(expression: Expression): number | null {
  if (expression.kind === 'number' && /^\d+$/.test(expression.text)) return Number(expression.text);
  if (expression.kind === 'unary' && expression.operator === '-') {
    const inner = literalInt(expression.operand);
    return inner === null ? null : -inner;
  }
  return null;
}
