import { learnParameter } from './call_arguments.js';
import { binding, type Code, type Converter, called, tied } from './converter.js';
import { literalInt } from './literals.js';
import { unwrapped } from './operator_expressions.js';
import { libraryName } from './own_names.js';
import { quoted } from './string_literals.js';
import type { Expression, Of } from './syntax.js';
import {
  elementOf,
  int,
  isNumber,
  joined,
  listOf,
  objectOf,
  str,
  type Type,
  tensorOf,
  unknown,
} from './type_rules.js';

export function index(c: Converter, expression: Of<'index'>): Code {
  return indexed(c, expression, unwrapped(c.expression(expression.object)));
}

/** The items of an index; several are one tuple. */
export const itemsTogether = ({ items, isTuple, at, end }: Of<'index'>): readonly Expression[] =>
  isTuple ? [{ at, end, kind: 'tuple', items }] : items;

/** A part of a value. */
export function indexed(c: Converter, expression: Of<'index'>, object: Code): Code {
  const { type } = object;
  const [item] = type.k === 'tensor' || type.k === 'array' ? expression.items : itemsTogether(expression);
  const holder = tied(object, binding.call);
  if (item === undefined) return object;
  switch (type.k) {
    case 'never':
      for (const one of expression.items)
        if (one.kind !== 'slice' && one.kind !== 'ellipsis') c.expression(one);
      return called(`${holder}.index()`, type);
    case 'tensor':
    case 'array':
      return called(`${holder}.index(${tensorIndices(c, expression.items).join(', ')})`, type);
    case 'list':
    case 'str':
      return sequenceItem(c, expression, object, item);
    case 'tuple':
      return tupleItem(c, expression, object, item);
    case 'dict':
      return dictItem(c, object, item);
    case 'object':
      return objectItem(c, expression, object, item);
    case 'instance': {
      const method = type.of.method('__getitem__');
      const at = c.expression(item);
      if (method !== undefined) {
        learnParameter(c, method.parameters[0], at.type);
        return called(`${holder}.${method.own}(${at.code})`, method.returns);
      }
      break;
    }
    default:
  }
  c.needs(expression.object, `'${c.text(expression.object)}', of which a part is asked,`, type);
  return called(`${holder}[${c.text(item)}]`, unknown);
}

/** The arguments of `index` and `indexPut_`. */
export function tensorIndices(c: Converter, items: readonly Expression[]): string[] {
  return items.map((item) => {
    if (item.kind === 'slice') return slice(c, item);
    if (item.kind === 'ellipsis') return "'...'";
    if (item.kind === 'star') return `...${tied(c.expression(item.value), binding.arrow)}`;
    const value = c.expression(item);
    if (value.type.k === 'unknown') c.needs(item, `'${c.text(item)}', an index,`, value.type);
    return tied(value, binding.arrow);
  });
}

/** Whether all of them pick a part of the tensor that shares its memory. */
export function isView(c: Converter, items: readonly Expression[]): boolean {
  return items.every((item) => {
    if (item.kind === 'slice' || item.kind === 'ellipsis' || item.kind === 'none') return true;
    const { type } = c.expression(item);
    return isNumber(type) && type.k !== 'bool';
  });
}

function slice(c: Converter, { start, stop, step }: Of<'slice'>): string {
  const bounds = [start, stop, step];
  const isLiteral = bounds.every((bound) => bound === null || literalInt(bound) !== null);
  if (isLiteral) {
    const [a, b, s] = bounds.map((bound) => (bound === null ? '' : String(literalInt(bound))));
    return `'${a}:${b}${s === '' ? '' : `:${s}`}'`;
  }
  const codes = bounds.map((bound) =>
    bound === null ? 'null' : tied(asIndex(c.expression(bound)), binding.arrow),
  );
  if (step === null) codes.pop();
  return `${c.libraryCode('slice')}(${codes.join(', ')})`;
}

function bounds(c: Converter, { start, stop }: Of<'slice'>): string {
  const first = start === null ? (stop === null ? '' : '0') : asIndex(c.expression(start)).code;
  return stop === null ? first : `${first}, ${asIndex(c.expression(stop)).code}`;
}

/** A tensor of one int is an index, too. */
const asIndex = (value: Code): Code =>
  value.type.k === 'tensor' || value.type.k === 'array'
    ? called(`${tied(value, binding.call)}.item()`, int)
    : value;

function sequenceItem(c: Converter, expression: Of<'index'>, object: Code, item: Expression): Code {
  const { type } = object;
  const holder = tied(object, binding.call);
  const of = type.k === 'str' ? str : elementOf(type);
  if (item.kind === 'slice') {
    const result = type;
    if (item.step !== null) {
      const parts = [item.start, item.stop, item.step].map((part) =>
        part === null ? 'null' : c.expression(part).code,
      );
      return called(`${c.helper('sliced')}(${object.code}, ${parts.join(', ')})`, result);
    }
    return called(`${holder}.slice(${bounds(c, item)})`, result);
  }
  const literal = literalInt(item);
  if (type.k === 'str') c.checkCounted(item);
  const isChecked = c.catches('IndexError', 'LookupError');
  if (literal !== null && literal < 0 && !isChecked)
    return called(`${holder}.at(${literal})${type.k === 'list' && type.isSize ? '' : '!'}`, of);
  const at = asIndex(c.expression(item));
  if (at.type.k === 'never') return called(`${holder}[${at.code}]`, of);
  if (!isNumber(at.type)) c.needs(item, `'${c.text(item)}', an index,`, at.type);
  void expression;
  if (!isChecked && (literal !== null || (at.type.k === 'int' && at.type.isNatural === true)))
    return called(`${holder}[${at.code}]`, of);
  return called(
    `${c.helper('at')}(${object.code}, ${at.type.k === 'bool' ? `Number(${at.code})` : at.code})`,
    of,
  );
}

function tupleItem(c: Converter, expression: Of<'index'>, object: Code, item: Expression): Code {
  const { items } = object.type as Extract<Type, { k: 'tuple' }>;
  const holder = tied(object, binding.call);
  const literal = literalInt(item);
  if (literal !== null) {
    const at = literal < 0 ? items.length + literal : literal;
    if (at < 0 || at >= items.length) c.error(item, 'tuple index out of range');
    return called(`${holder}[${at}]`, items[at] ?? unknown);
  }
  if (item.kind === 'slice' && item.step === null) {
    const [from, to] = [item.start, item.stop].map((bound) => (bound === null ? null : literalInt(bound)));
    const isLiteral = (item.start === null || from !== null) && (item.stop === null || to !== null);
    const type: Type = isLiteral
      ? { k: 'tuple', items: items.slice(from ?? 0, to ?? undefined) }
      : listOf(joined(items));
    return called(
      `${holder}.slice(${bounds(c, item)})`,
      type.k === 'tuple' ? listOf(joined(type.items)) : type,
    );
  }
  return sequenceItem(c, expression, { ...object, type: listOf(joined(items)) }, item);
}

function dictItem(c: Converter, object: Code, item: Expression): Code {
  const { value, isRecord, fields } = object.type as Extract<Type, { k: 'dict' }>;
  const holder = tied(object, binding.call);
  // Options of optimizers have names of their own types.
  if (value.k === 'library' && value.path === 'optim.group') {
    const [name] = item.kind === 'string' ? item.parts : [];
    if (typeof name === 'string')
      return called(
        `${holder}.${name.replace(/_(\w)/g, (_, l: string) => l.toUpperCase())}`,
        name === 'params' ? listOf(tensorOf('float')) : { k: 'float' },
      );
  }
  if (
    item.kind === 'string' &&
    isRecord &&
    !(c.catches('KeyError', 'LookupError') && fields?.has(String(item.parts[0])) !== true) &&
    item.parts.length === 1 &&
    typeof item.parts[0] === 'string'
  ) {
    const [key] = item.parts;
    const text = fields?.has('params') ? libraryName(key) : key;
    return called(
      /^[A-Za-z_$][\w$]*$/.test(text) ? `${holder}.${text}` : `${holder}[${quoted(text)}]`,
      fields?.get(key) ?? value,
    );
  }
  const given = c.expression(item);
  const key = given.type.k === 'array' ? asIndex(given) : given;
  if (c.catches('KeyError', 'LookupError'))
    return called(`${c.helper('item')}(${object.code}, ${key.code})`, value);
  if (isRecord && object.code.startsWith('{'))
    return called(
      `(${object.code} as ${c.typeText({ k: 'dict', key: str, value, isRecord })})[${key.code}]`,
      value,
    );
  if (isRecord) return called(`${holder}[${key.code}]`, value);
  return called(`${holder}.get(${key.code})!`, value);
}

function objectItem(c: Converter, expression: Of<'index'>, object: Code, item: Expression): Code {
  const { path } = object.type as Extract<Type, { k: 'object' }>;
  const holder = tied(object, binding.call);
  if (item.kind === 'slice') {
    c.error(item, 'Slices of modules and data sets are not converted: list their items.');
    return called(holder, unknown);
  }
  const at = c.expression(item);
  if (path === 'nn.ModuleDict') return called(`${holder}.get(${at.code})`, objectOf('nn.Module'));
  if (path === 'nn.ParameterDict') return called(`${holder}.get(${at.code})`, tensorOf('float'));
  const of = elementOf(object.type);
  if (of.k === 'unknown')
    c.needs(expression.object, `'${c.text(expression.object)}', of which an item is asked,`, of);
  return called(`${holder}.at(${at.code})`, of);
}
