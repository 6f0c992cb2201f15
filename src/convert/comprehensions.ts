import { acts, holds, laterNames } from './captured_names.js';
import { newMap, newSet } from './coerce.js';
import { condition, narrowings } from './condition_code.js';
import { binding, type Code, type Converter, called, tied } from './converter.js';
import { targetNames } from './expression_parts.js';
import { Scope } from './name_scope.js';
import { unwrapped } from './operator_expressions.js';
import type { Clause, Expression, Of } from './syntax.js';
import { elementOf, hasTuple, isNumber, iteratorOf, listOf, natural, type Type } from './type_rules.js';

/** A comprehension as calls of `map`, `filter` and `flatMap`. */
export function comprehension(c: Converter, expression: Of<'comprehension'>): Code {
  const { clauses, makes } = expression;
  const bound = new Set(clauses.flatMap(({ target }) => targetNames(target)));
  for (const name of laterNames(expression.element))
    if (bound.has(name))
      c.error(
        expression.element,
        `A lambda in a comprehension sees the last '${name}' when it is called: give it as a default, as in 'lambda ${name}=${name}: …'.`,
      );
  const { scope } = c;
  const inner = new Scope(c, `${expression.at}`, scope, null);
  for (const { target } of clauses) for (const name of targetNames(target)) bind(c, inner, name);
  // Variables of the innermost scope that statements see stay reachable.
  inner.narrowed = scope.narrowed;
  c.scope = inner;
  const { code, type } = chain(c, expression, 0, scope);
  c.scope = scope;
  if (makes === 'list') return called(code, listOf(type));
  if (makes === 'generator') return called(code, iteratorOf(type));
  if (makes === 'set') return called(`${newSet(c, type)}(${code})`, { k: 'set', of: type });
  const [key, value] = type.k === 'tuple' ? type.items : [type, type];
  return called(`${newMap(c, key)}(${code})`, { k: 'dict', key, value, isRecord: false });
}

function bind(c: Converter, scope: Scope, name: string): void {
  const variable = scope.add(name, null);
  variable.current.declared ??= { name: c.names.of(name), writes: 1, isParameter: false };
}

function chain(
  c: Converter,
  expression: Of<'comprehension'>,
  at: number,
  outer: Scope,
): { code: string; type: Type } {
  const { target, iterable, conditions } = expression.clauses[at];
  const own = c.scope;
  // The first iterable is asked where the comprehension stands.
  if (at === 0) c.scope = outer;
  const value = unwrapped(c.expression(iterable));
  c.scope = own;
  const items = arrayOf(c, iterable, value);
  assign(c, target, elementOf(value.type), iterable);
  const parameter = pattern(c, target);
  let code = items;
  const known = conditions.flatMap((one) => narrowings(c, one, true));
  const isLast = at + 1 >= expression.clauses.length;
  // One by one, where the order of what both do can be seen.
  const isOneByOne =
    isLast &&
    conditions.length > 0 &&
    (conditions.some((one) => holds(one, 'walrus')) ||
      (conditions.some(acts) && (acts(expression.element) || expression.key !== null)));
  for (const one of isOneByOne ? [] : conditions)
    code = `${code}.filter((${parameter}) => ${tied(condition(c, one), binding.arrow + 1)})`;
  const before = c.scope.narrowed;
  c.scope.narrowed = new Set([...before, ...known]);
  let type: Type;
  if (at + 1 < expression.clauses.length) {
    const rest = chain(c, expression, at + 1, outer);
    ({ type } = rest);
    code = `${code}.flatMap((${parameter}) => ${rest.code})`;
  } else {
    const element = c.expression(expression.element);
    if (expression.key === null) {
      ({ type } = element);
      const isSame = element.code === parameter;
      const result =
        type.k === 'tuple' || (type.k === 'list' && element.code === '[]') ? `: ${c.typeText(type)}` : '';
      if (isOneByOne)
        code = `${code}.flatMap((${parameter})${result === '' ? '' : `${result}[]`} => (${tests(c, conditions)} ? [${tied(element, binding.arrow)}] : []))`;
      else if (!isSame) code = `${code}.map((${parameter})${result} => ${asBody(element)})`;
    } else {
      const key = c.expression(expression.key);
      type = { k: 'tuple', items: [key.type, element.type] };
      const pair = `[${tied(key, binding.arrow)}, ${tied(element, binding.arrow)}]`;
      code = isOneByOne
        ? `${code}.flatMap((${parameter}): ${c.typeText(type)}[] => (${tests(c, conditions)} ? [${pair}] : []))`
        : `${code}.map((${parameter}): ${c.typeText(type)} => ${pair})`;
    }
  }
  c.scope.narrowed = before;
  if (known.length > 0) code = withPresent(code);
  return { code, type };
}

/** Conditions that must all hold. */
const tests = (c: Converter, conditions: readonly Expression[]): string =>
  conditions.map((one) => tied(condition(c, one), binding.and)).join(' && ');

/** What was filtered is there: TypeScript does not see it through a callback, so the elements say it. */
const withPresent = (code: string): string => code;

/** An object literal needs parentheses behind an arrow. */
export const asBody = (value: Code): string =>
  value.code.startsWith('{') ? `(${value.code})` : tied(value, binding.arrow + 1);

/** An array of what an iteration gives. */
export function arrayOf(c: Converter, source: Expression, value: Code): string {
  const code = tied(value, binding.call);
  const { type } = value;
  switch (type.k) {
    case 'list':
      if ((source.kind === 'list' || source.kind === 'tuple') && hasTuple(type))
        return `(${value.code} as ${c.typeText(type)})`;
      return type.isSize ? `[...${code}]` : code;
    case 'tuple':
      return code;
    case 'dict':
      return type.isRecord ? `Object.keys(${value.code})` : `[...${code}.keys()]`;
    case 'iterator':
      // Our own comprehensions and helpers make arrays.
      return value.code.includes('=>') || value.code.startsWith('py.') || value.code.endsWith('.entries()')
        ? arrayed(value.code, code)
        : `[...${code}]`;
    case 'unknown':
      c.needs(source, `'${c.text(source)}', which is iterated,`, type);
      return `[...${code}]`;
    case 'union': {
      // The only one of them that can be walked: others would throw here, as they do in Python.
      const lists = type.of.filter((one) => one.k === 'list' || one.k === 'tuple');
      return lists.length === 1 &&
        type.of.every((one) => one.k === 'list' || one.k === 'tuple' || one.k === 'instance' || isNumber(one))
        ? `(${value.code} as ${c.typeText(lists[0])})`
        : `[...${code}]`;
    }
    case 'object':
    case 'instance':
      if (!isAwaited(type)) return `[...${code}]`;
      awaits(c);
      return `(await ${c.helper('collected')}(${value.code}))`;
    default:
      return `[...${code}]`;
  }
}

const arrayed = (code: string, tiedCode: string): string =>
  code.endsWith('.entries()') ? `[...${tiedCode}]` : tiedCode;

/** A target of a loop as a parameter: a name, or names in brackets. */
export function pattern(c: Converter, target: Expression): string {
  if (target.kind === 'name') return c.scope.find(target.id)?.current.declared?.name ?? c.names.of(target.id);
  if (target.kind === 'tuple' || target.kind === 'list')
    return `[${target.items
      .map((item) => pattern(c, item))
      .join(', ')
      .replace(/(, _)+$/, '')}]`.replace(/\b_(?=[,\]])/g, '');
  if (target.kind === 'star') return `...${pattern(c, target.value)}`;
  c.error(target, 'This cannot be what a loop assigns to.');
  return '_';
}

/** Gives names of a target their types. */
export function assign(c: Converter, target: Expression, type: Type, source: Expression): void {
  if (target.kind === 'name') {
    const variable = c.scope.find(target.id);
    if (variable !== undefined) {
      const { current } = variable;
      if (type.k !== 'never' && current.type !== type) {
        const before = current.type;
        c.learnVersion(current, type);
        void before;
      }
    }
    return;
  }
  if (target.kind === 'tuple' || target.kind === 'list') {
    for (const [i, item] of target.items.entries())
      if (item.kind === 'star') assign(c, item.value, listOf(elementOf(type)), source);
      else assign(c, item, type.k === 'tuple' ? (type.items[i] ?? natural) : elementOf(type), source);
    if (type.k === 'unknown') c.needs(source, `'${c.text(source)}', which is taken apart,`, type);
  }
}

/** Whether what iterating gives has to be waited for: batches of a loader, and what the program makes of them. */
export function isAwaited(type: Type): boolean {
  if (type.k === 'object') return type.path === 'utils.data.DataLoader';
  return type.k === 'instance' && type.of.method('__iter__')?.isAsync === true;
}

/** A function that waits is one that must be waited for. */
export function awaits(c: Converter): void {
  if (c.currentFunction === null || c.currentFunction.isAsync) return;
  c.currentFunction.isAsync = true;
  c.changed = true;
}

export type { Clause };
