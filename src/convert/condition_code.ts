import { binding, type Code, type Converter, tied } from './converter.js';
import type { Expression, Of } from './syntax.js';
import { bool, isModuleType, isNumber, join, joined, present, type Type, tensor } from './type_rules.js';

/** Names, or attributes of names, that are not None where an expression is true (or false). */
export function narrowings(c: Converter, expression: Expression, isTrue: boolean): string[] {
  if (expression.kind === 'unary' && expression.operator === 'not')
    return narrowings(c, expression.operand, !isTrue);
  if (expression.kind === 'logical') {
    const both = (expression.operator === 'and') === isTrue;
    const parts = [expression.left, expression.right].map((part) => narrowings(c, part, isTrue));
    return both ? parts.flat() : parts[0].filter((name) => parts[1].includes(name));
  }
  if (expression.kind === 'compare' && expression.operands[1].kind === 'none') {
    const [operator] = expression.operators;
    const says = operator === 'is not' || operator === '!=';
    if (expression.operators.length === 1 && (says || operator === 'is' || operator === '=='))
      return says === isTrue ? [c.text(expression.operands[0])] : [];
  }
  if (isTrue && (expression.kind === 'name' || expression.kind === 'attribute')) return [c.text(expression)];
  return [];
}

/** Walks something where names are known not to be None. */
export function narrowed<T>(c: Converter, names: readonly string[], walk: () => T): T {
  const { scope } = c;
  const before = scope.narrowed;
  scope.narrowed = new Set([...before, ...names]);
  const result = walk();
  scope.narrowed = before;
  return result;
}

/** Forgets what was known of a name that is written. */
export function forget(c: Converter, name: string): void {
  const { narrowed: names } = c.scope;
  if ([...names].some((one) => one === name || one.startsWith(`${name}.`)))
    c.scope.narrowed = new Set([...names].filter((one) => one !== name && !one.startsWith(`${name}.`)));
}

/** Names of which a condition asks the class. */
export function instanceNames(c: Converter, test: Expression): [string, Type][] {
  if (test.kind === 'logical' && test.operator === 'and')
    return [...instanceNames(c, test.left), ...instanceNames(c, test.right)];
  const asked = askedInstance(c, test);
  if (asked === null) return [];
  const { name, of } = asked;
  if (of.k === 'class') return [[name, { k: 'instance', of: of.of }]];
  if (of.k === 'library' && of.path !== 'Tensor') return [[name, { k: 'object', path: of.path }]];
  return of.k === 'library' ? [[name, tensor]] : [];
}

/** Names with what they are where the condition does not hold: the other parts of a union. */
export function otherNames(c: Converter, test: Expression): [string, Type][] {
  const asked = askedInstance(c, test);
  const type = asked === null ? undefined : c.scope.find(asked.name)?.current.type;
  if (asked === null || type?.k !== 'union') return [];
  const { of } = asked;
  const rest = type.of.filter((one) =>
    of.k === 'class'
      ? one.k !== 'instance'
      : of.k === 'library' && of.path === 'Tensor'
        ? one.k !== 'tensor'
        : true,
  );
  return rest.length === 0 || rest.length === type.of.length ? [] : [[asked.name, joined(rest)]];
}

function askedInstance(c: Converter, test: Expression): { name: string; of: Type } | null {
  if (test.kind !== 'call' || test.callee.kind !== 'name' || test.callee.id !== 'isinstance') return null;
  const [one, of] = test.args;
  if (one?.value.kind !== 'name' || of === undefined || of.value.kind === 'tuple') return null;
  return { name: one.value.id, of: c.expression(of.value).type };
}

/** What Python takes for true. */
export function truth(c: Converter, place: Expression, value: Code): Code {
  const { type } = value;
  const compared = (to: string): Code => ({
    code: `${tied(value, binding.equality + 1)} ${to}`,
    binds: binding.equality,
    type: bool,
  });
  switch (type.k) {
    case 'bool':
    case 'never':
      return { ...value, type: bool };
    case 'int':
    case 'float':
    case 'number':
      return compared('!== 0');
    case 'str':
      return compared("!== ''");
    case 'none':
      return { code: 'false', binds: binding.primary, type: bool };
    case 'list':
    case 'tuple':
      return { code: `${tied(value, binding.call)}.length > 0`, binds: binding.relation, type: bool };
    case 'set':
      return { code: `${tied(value, binding.call)}.size > 0`, binds: binding.relation, type: bool };
    case 'dict':
      return type.isRecord
        ? { code: `Object.keys(${value.code}).length > 0`, binds: binding.relation, type: bool }
        : { code: `${tied(value, binding.call)}.size > 0`, binds: binding.relation, type: bool };
    case 'tensor':
    case 'array':
      return { code: `Boolean(${tied(value, binding.call)}.item())`, binds: binding.call, type: bool };
    case 'optional': {
      const { of } = type;
      const isPlain = [
        'tensor',
        'object',
        'function',
        'callable',
        'device',
        'dtype',
        'library',
        'instance',
      ].includes(of.k);
      if (isPlain) return compared('!== null');
      return { code: `${c.helper('truth')}(${value.code})`, binds: binding.call, type: bool };
    }
    case 'instance': {
      const [asked, counted] = [type.of.method('__bool__'), type.of.method('__len__')];
      if (asked !== undefined)
        return { code: `${tied(value, binding.call)}.${asked.own}()`, binds: binding.call, type: bool };
      if (counted !== undefined)
        return { code: `${tied(value, binding.call)}.length > 0`, binds: binding.relation, type: bool };
      return { code: 'true', binds: binding.primary, type: bool };
    }
    case 'object':
    case 'function':
    case 'callable':
    case 'library':
      return { code: 'true', binds: binding.primary, type: bool };
    default:
      c.needs(place, `'${c.text(place)}', a condition,`, type);
      return { ...value, type: bool };
  }
}

/** An expression where only its truth counts. */
export function condition(c: Converter, expression: Expression): Code {
  if (expression.kind === 'unary' && expression.operator === 'not') {
    const inner = condition(c, expression.operand);
    const [, left, right] = /^([^()&|?]+) !== (\w+|'')$/.exec(inner.code) ?? [];
    if (left !== undefined) return { code: `${left} === ${right}`, binds: binding.equality, type: bool };
    return { code: `!${tied(inner, binding.unary)}`, binds: binding.unary, type: bool };
  }
  if (expression.kind === 'logical') {
    const isAnd = expression.operator === 'and';
    const left = condition(c, expression.left);
    const { classes } = c.scope;
    if (isAnd) c.scope.classes = new Map([...classes, ...instanceNames(c, expression.left)]);
    const right = narrowed(c, narrowings(c, expression.left, isAnd), () => condition(c, expression.right));
    c.scope.classes = classes;
    const binds = isAnd ? binding.and : binding.or;
    return { code: `${tied(left, binds)} ${isAnd ? '&&' : '||'} ${tied(right, binds)}`, binds, type: bool };
  }
  const value = c.expression(expression);
  // None, 0 and '' are not true in JavaScript either, and it remembers what is left.
  const isPlain = value.type.k === 'optional' && ['int', 'bool', 'str'].includes(value.type.of.k);
  if (isPlain && expression.kind === 'name') return { ...value, type: bool };
  return truth(c, expression, value);
}

/** `and` and `or` as values: one of both sides. */
export function logical(c: Converter, expression: Of<'logical'>): Code {
  const isAnd = expression.operator === 'and';
  const left = c.expression(expression.left);
  const right = narrowed(c, narrowings(c, expression.left, isAnd), () => c.expression(expression.right));
  if (left.type.k === 'bool' && right.type.k === 'bool') return condition(c, expression);
  if (left.type.k === 'never' || right.type.k === 'never')
    return { ...left, type: join(left.type, right.type) };
  const { type } = left;
  const isObject = (one: Type) =>
    one.k === 'tensor' || one.k === 'object' || isModuleType(one) || one.k === 'callable';
  if (!isAnd && type.k === 'optional' && isObject(type.of))
    return {
      code: `${tied(left, binding.or)} ?? ${tied(right, binding.or + 2)}`,
      binds: binding.or,
      type: join(present(type), right.type),
    };
  // JavaScript's own operators agree on numbers, texts, truth and null.
  const isSimple = (one: Type) => isNumber(one) || one.k === 'str' || one.k === 'none';
  if (isSimple(present(type))) {
    const binds = isAnd ? binding.and : binding.or;
    return {
      code: `${tied(left, binds)} ${isAnd ? '&&' : '||'} ${tied(right, binds + 1)}`,
      binds,
      type: join(isAnd ? type : present(type), right.type),
    };
  }
  const test = truth(c, expression.left, left);
  const [yes, no] = isAnd ? [right, left] : [left, right];
  return {
    code: `${tied(test, binding.or)} ? ${tied(yes, binding.conditional)} : ${tied(no, binding.conditional)}`,
    binds: binding.conditional,
    type: join(left.type, right.type),
  };
}

/** Options, or none: the names of an empty dict are those of the other side, and each may be missing. */
function asOptions(...sides: [Code, Code]): [Code, Code] {
  const full = sides.find(
    ({ type }) => type.k === 'dict' && type.fields !== undefined && type.fields.size > 0,
  );
  const empty = sides.find(({ code }) => /^(\{\}|new Map\(\))$/.test(code));
  if (full === undefined || empty === undefined) return sides;
  const type = { ...(full.type as Extract<Type, { k: 'dict' }>), isOpen: true };
  return sides.map((side) =>
    side === empty ? { ...side, code: '{}', binds: binding.primary, type } : { ...side, type },
  ) as [Code, Code];
}

export function conditional(c: Converter, { test, yes, no }: Of<'conditional'>, wanted?: Type): Code {
  const asked = condition(c, test);
  const { classes } = c.scope;
  c.scope.classes = new Map([...classes, ...instanceNames(c, test)]);
  const first = narrowed(c, narrowings(c, test, true), () => c.expression(yes, wanted));
  c.scope.classes = new Map([...classes, ...otherNames(c, test)]);
  const second = narrowed(c, narrowings(c, test, false), () => c.expression(no, wanted));
  c.scope.classes = classes;
  const [a, b] = asOptions(first, second);
  return {
    code: `${tied(asked, binding.or)} ? ${tied(a, binding.arrow + 1)} : ${tied(b, binding.arrow + 1)}`,
    binds: binding.conditional,
    type: join(a.type, b.type),
  };
}
