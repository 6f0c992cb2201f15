import { learnParameter } from './call_arguments.js';
import { binding, type Code, type Converter, called, tied } from './converter.js';
import { entryOf, overload } from './library_signatures.js';
import { unwrapped } from './operator_expressions.js';
import { libraryName } from './own_names.js';
import { scalar } from './scalar_arguments.js';
import type { Expression, Of } from './syntax.js';
import { arrayType, bool, describe, isNumber, present, type Type, tensorOf } from './type_rules.js';

const tensorMethods: Readonly<Record<string, string>> = {
  '==': 'eq',
  '!=': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
};
const flipped: Readonly<Record<string, string>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};
const dunders: Readonly<Record<string, string>> = {
  '==': '__eq__',
  '!=': '__ne__',
  '<': '__lt__',
  '<=': '__le__',
  '>': '__gt__',
  '>=': '__ge__',
};

export function compare(c: Converter, expression: Of<'compare'>): Code {
  const { operators, operands } = expression;
  const parts = operators.map((operator, i) => pair(c, expression, operator, operands[i], operands[i + 1]));
  if (parts.length === 1) return parts[0];
  for (const middle of operands.slice(1, -1))
    if (middle.kind === 'call')
      c.error(
        middle,
        'A call in the middle of a chained comparison would run twice: give its result a name.',
      );
  return {
    code: parts.map((part) => tied(part, binding.and + 1)).join(' && '),
    binds: binding.and,
    type: bool,
  };
}

function pair(
  c: Converter,
  place: Expression,
  operator: string,
  leftSource: Expression,
  rightSource: Expression,
): Code {
  if (operator === 'is' || operator === 'is not') return identity(c, operator, leftSource, rightSource);
  if (operator === 'in' || operator === 'not in') return membership(c, operator, leftSource, rightSource);
  const left = c.expression(leftSource);
  const right = c.expression(rightSource);
  const [a, b] = [left.type, right.type];
  if (a.k === 'none' || b.k === 'none') return plain(left, operator === '!=' ? '!==' : '===', right);
  if (a.k === 'never' || b.k === 'never')
    return called(
      `${left.code} ${operator} ${right.code}`,
      a.k === 'tensor' || b.k === 'tensor'
        ? tensorOf('bool')
        : a.k === 'array' || b.k === 'array'
          ? arrayType('bool')
          : { k: 'never' },
    );
  const [l, r] = [unwrapped(left), unwrapped(right)];
  if (l.type.k === 'tensor' || l.type.k === 'array')
    return called(
      `${tied(l, binding.call)}.${tensorMethods[operator]}(${scalar(c, r, rightSource, null)})`,
      l.type.k === 'tensor' ? tensorOf('bool') : arrayType('bool'),
    );
  if (r.type.k === 'tensor' || r.type.k === 'array')
    return called(
      `${tied(r, binding.call)}.${tensorMethods[flipped[operator]]}(${scalar(c, l, leftSource, null)})`,
      r.type.k === 'tensor' ? tensorOf('bool') : arrayType('bool'),
    );
  if (l.type.k === 'instance') {
    const method = l.type.of.method(dunders[operator]);
    if (method !== undefined) {
      learnParameter(c, method.parameters[0], r.type);
      return called(`${tied(l, binding.call)}.${method.own}(${r.code})`, method.returns);
    }
    const opposite = operator === '!=' ? l.type.of.method('__eq__') : undefined;
    if (opposite !== undefined) {
      learnParameter(c, opposite.parameters[0], r.type);
      return {
        code: `!${tied(l, binding.call)}.${opposite.own}(${r.code})`,
        binds: binding.unary,
        type: bool,
      };
    }
    if (l.type.of.fields !== null && (operator === '==' || operator === '!='))
      return {
        code: `${operator === '==' ? '' : '!'}${tied(l, binding.call)}.eq(${r.code})`,
        binds: binding.unary,
        type: bool,
      };
  }
  if (r.type.k === 'instance' && Object.hasOwn(flipped, operator)) {
    const method = r.type.of.method(dunders[flipped[operator]]);
    if (method !== undefined) {
      learnParameter(c, method.parameters[0], l.type);
      return called(`${tied(r, binding.call)}.${method.own}(${l.code})`, method.returns);
    }
  }
  const isEquality = operator === '==' || operator === '!=';
  if (isEquality) {
    const sign = operator === '==' ? '===' : '!==';
    const [x, y] = [present(a), present(b)];
    const isPlain = (type: Type) =>
      isNumber(type) || ['str', 'dtype', 'class', 'instance', 'object', 'function'].includes(type.k);
    if (
      isPlain(x) &&
      isPlain(y) &&
      (x.k === y.k || (isNumber(x) && isNumber(y) && (x.k !== 'bool') === (y.k !== 'bool')))
    )
      return plain(left, sign, right);
    if (x.k === 'unknown' || y.k === 'unknown') {
      const side = x.k === 'unknown' ? leftSource : rightSource;
      c.needs(side, `'${c.text(side)}', an operand of '${operator}',`, { k: 'unknown' });
    }
    const isLists = (type: Type) => type.k === 'list' && !type.isTuple && !type.isSize;
    const isTuples = (type: Type) =>
      type.k === 'tuple' || (type.k === 'list' && (type.isTuple || type.isSize));
    // A list is never equal to a tuple.
    if ((isLists(x) && isTuples(y)) || (isLists(y) && isTuples(x)))
      return { code: String(operator === '!='), binds: binding.primary, type: bool };
    const equal = called(`${c.helper('equal')}(${left.code}, ${right.code})`, bool);
    return operator === '==' ? equal : { code: `!${equal.code}`, binds: binding.unary, type: bool };
  }
  const isOrdered = (type: Type) => isNumber(type) || type.k === 'str';
  if (isOrdered(l.type) && isOrdered(r.type)) {
    return {
      code: `${tied(l, binding.sum)} ${operator} ${tied(r, binding.sum)}`,
      binds: binding.relation,
      type: bool,
    };
  }
  if ((a.k === 'tuple' || a.k === 'list') && (b.k === 'tuple' || b.k === 'list'))
    return {
      code: `${c.helper('order')}(${left.code}, ${right.code}) ${operator} 0`,
      binds: binding.relation,
      type: bool,
    };
  if (a.k === 'set' && b.k === 'set') {
    const [less, more] = operator.startsWith('<') ? [left, right] : [right, left];
    const all = `[...${less.code}].every((one) => ${tied(more, binding.call)}.has(one))`;
    const isProper = operator.length === 1;
    return isProper
      ? {
          code: `${tied(less, binding.call)}.size < ${tied(more, binding.call)}.size && ${all}`,
          binds: binding.and,
          type: bool,
        }
      : called(all, bool);
  }
  const side = isOrdered(l.type) ? rightSource : leftSource;
  const type = isOrdered(l.type) ? b : a;
  if (type.k === 'unknown') c.needs(side, `'${c.text(side)}', an operand of '${operator}',`, type);
  else c.error(place, `'${operator}' between ${describe(a)} and ${describe(b)} cannot be converted.`);
  return called(`${left.code} ${operator} ${right.code}`, bool);
}

const plain = (left: Code, sign: string, right: Code): Code => ({
  code: `${tied(left, binding.equality + 1)} ${sign} ${tied(right, binding.equality + 1)}`,
  binds: binding.equality,
  type: bool,
});

function identity(c: Converter, operator: string, left: Expression, right: Expression): Code {
  const [a, b] = [left, right].map((side) => c.expression(side));
  for (const [side, { type }] of [
    [left, a],
    [right, b],
  ] as const)
    if (type.k === 'python') c.error(side, `'${c.text(side)}' cannot be compared here: ask isinstance(…).`);
  return plain(a, operator === 'is' ? '===' : '!==', b);
}

/** `'fused' in inspect.signature(torch.optim.AdamW).parameters`: what the library takes is known now. */
function parameterAsked(c: Converter, item: Expression, holder: Expression): boolean | null {
  if (item.kind !== 'string' || holder.kind !== 'attribute' || holder.name !== 'parameters') return null;
  const { object } = holder;
  if (object.kind !== 'call' || !/^(inspect\.)?signature$/.test(c.text(object.callee))) return null;
  const { type } = c.expression(object.args[0].value);
  if (type.k !== 'library') return null;
  const entry = entryOf(type.path);
  const name = libraryName(item.parts.join(''));
  return (entry?.c?.n ?? entry?.f ?? []).some((text) => {
    const { positional, named } = overload(text);
    return named.has(name) || positional.some((one) => one.name === name);
  });
}

function membership(c: Converter, operator: string, itemSource: Expression, holderSource: Expression): Code {
  const asked = parameterAsked(c, itemSource, holderSource);
  if (asked !== null)
    return { code: String(asked === (operator === 'in')), binds: binding.primary, type: bool };
  const item = c.expression(itemSource);
  const holder = unwrapped(c.expression(holderSource));
  const object = tied(holder, binding.call);
  const { type } = holder;
  const isPlain = item.type.k !== 'tuple' && item.type.k !== 'list' && item.type.k !== 'instance';
  let found: Code;
  if (type.k === 'set' || (type.k === 'dict' && !type.isRecord))
    found = called(`${object}.has(${item.code})`, bool);
  else if (type.k === 'dict') found = called(`Object.hasOwn(${holder.code}, ${item.code})`, bool);
  else if (type.k === 'str') found = called(`${object}.includes(${item.code})`, bool);
  else if ((type.k === 'list' || type.k === 'tuple') && isPlain)
    found = called(`${object}.includes(${item.code})`, bool);
  else if (type.k === 'list' || type.k === 'tuple' || type.k === 'iterator')
    found = called(`${c.helper('contains')}(${holder.code}, ${item.code})`, bool);
  else if (type.k === 'instance' && type.of.method('__contains__') !== undefined) {
    learnParameter(c, type.of.method('__contains__')!.parameters[0], item.type);
    found = called(`${object}.${type.of.method('__contains__')!.own}(${item.code})`, bool);
  } else {
    if (type.k !== 'never') c.needs(holderSource, `'${c.text(holderSource)}', what 'in' looks into,`, type);
    found = called(`${object}.includes(${item.code})`, bool);
  }
  return operator === 'in'
    ? found
    : { code: `!${tied(found, binding.unary)}`, binds: binding.unary, type: bool };
}
