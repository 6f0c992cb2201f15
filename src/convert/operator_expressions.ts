import { arrayOperator, numberOfArray } from './array_operators.js';
import { builtins } from './builtin_names.js';
import { condition } from './condition_code.js';
import { binding, type Code, type Converter, called, primary, tied } from './converter.js';
import { literalInt } from './literals.js';
import { divided, promoted } from './number_kinds.js';
import { scalar } from './scalar_arguments.js';
import type { Expression, Of } from './syntax.js';
import {
  arrayType,
  describe,
  elementOf,
  float,
  int,
  isNumber,
  join,
  joined,
  listOf,
  natural,
  never,
  number,
  present,
  str,
  type Type,
  tensorOf,
} from './type_rules.js';

const tensorMethods: Readonly<Record<string, string>> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
  '//': 'floorDivide',
  '%': 'remainder',
  '**': 'pow',
  '@': 'matmul',
  '&': 'bitwiseAnd',
  '|': 'bitwiseOr',
  '^': 'bitwiseXor',
  '<<': 'bitwiseLeftShift',
  '>>': 'bitwiseRightShift',
};

/** Python's names of the methods that operators call. */
const dunders: Readonly<Record<string, string>> = {
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'truediv',
  '//': 'floordiv',
  '%': 'mod',
  '**': 'pow',
  '@': 'matmul',
};

export function binary(c: Converter, expression: Of<'binary'>): Code {
  const left = c.expression(expression.left);
  const right = c.expression(expression.right);
  return combined(c, expression, expression.operator, left, right, expression.left, expression.right);
}

/** What an operator makes of two values. */
export function combined(
  c: Converter,
  place: Expression,
  operator: string,
  left: Code,
  right: Code,
  leftSource: Expression,
  rightSource: Expression,
): Code {
  const [a, b] = [left.type, right.type].map(present);
  let [l, r] = [unwrapped(left), unwrapped(right)];
  // Beside a tensor an array can be a number of NumPy's only.
  if (a.k === 'tensor') r = numberOfArray(r);
  if (b.k === 'tensor') l = numberOfArray(l);
  if (a.k === 'never' || b.k === 'never') {
    // What will be known later; a tensor makes tensors.
    const isTensor = a.k === 'tensor' || b.k === 'tensor';
    const isArray = !isTensor && (a.k === 'array' || b.k === 'array');
    return called(
      `${l.code} ${operator} ${r.code}`,
      isTensor ? tensorOf('?') : isArray ? arrayType('?') : never,
    );
  }
  if (a.k === 'str' && operator === '%') return percent(c, l, r);
  if (l.type.k === 'array' || r.type.k === 'array')
    return arrayOperator(c, place, operator, [l, r], [leftSource, rightSource]);
  if (a.k === 'tensor') return tensorFirst(c, place, operator, l, r, rightSource);
  if (b.k === 'tensor') return tensorSecond(c, place, operator, l, r, leftSource);
  [l, r] = [l, r].map((side) => withMethod(c, side, operator));
  const own = instanceOperator(c, operator, l, r, rightSource, leftSource);
  if (own !== null) return own;
  if (isNumber(a) && isNumber(b)) {
    if (a.k === 'bool' && b.k === 'bool' && /^[&|^]$/.test(operator))
      return called(`Boolean(${asNumber(l).code} ${operator} ${asNumber(r).code})`, a);
    return numbers(c, operator, asNumber(l), asNumber(r), leftSource, rightSource);
  }
  if (a.k === 'str') {
    if (operator === '+' && b.k === 'str') return sum(l, r, str);
    if (operator === '*' && isNumber(b)) return repeatedText(l, r);
  }
  if (b.k === 'str' && operator === '*' && isNumber(a)) return repeatedText(r, l);
  const sequences = sequenceOperator(c, operator, l, r);
  if (sequences !== null) return sequences;
  if (a.k === 'object' && b.k === 'object' && operator === '+' && a.path.startsWith('utils.data.'))
    return called(`${tied(l, binding.call)}.add(${r.code})`, {
      k: 'object',
      path: 'utils.data.ConcatDataset',
      item: join(a.item ?? never, b.item ?? never),
    });
  const unknownSide = a.k === 'unknown' ? leftSource : b.k === 'unknown' ? rightSource : null;
  if (unknownSide !== null)
    c.needs(unknownSide, `'${c.text(unknownSide)}', an operand of '${operator}',`, { k: 'unknown' });
  else c.error(place, `'${operator}' between ${describe(a)} and ${describe(b)} cannot be converted.`);
  return called(`${l.code} ${operator} ${r.code}`, { k: 'unknown' });
}

/** A text several times over; a negative number of times is none. */
const repeatedText = (text: Code, count: Code): Code =>
  called(
    `${tied(text, binding.call)}.repeat(${count.type.k === 'int' && count.type.isNatural ? count.code : `Math.max(${asNumber(count).code}, 0)`})`,
    str,
  );

/** With the sign that it is not null, where that is not known. */
export const unwrapped = (value: Code): Code =>
  value.type.k === 'optional' ? called(`${tied(value, binding.call)}!`, value.type.of) : value;

function tensorFirst(
  c: Converter,
  place: Expression,
  operator: string,
  left: Code,
  right: Code,
  source: Expression,
): Code {
  const { type } = right;
  if (type.k === 'unknown') c.needs(source, `'${c.text(source)}', an operand of '${operator}',`, type);
  else if (!isNumber(type) && type.k !== 'tensor')
    c.error(place, `'${operator}' between a tensor and ${describe(type)} cannot be converted.`);
  const result = operator === '/' ? divided(left.type, type) : promoted([left.type, type]);
  const argument = scalar(c, right, source, left.type);
  return called(`${tied(left, binding.call)}.${tensorMethods[operator]}(${argument})`, result);
}

function tensorSecond(
  c: Converter,
  place: Expression,
  operator: string,
  left: Code,
  right: Code,
  source: Expression,
): Code {
  if (left.type.k === 'unknown')
    c.needs(source, `'${c.text(source)}', an operand of '${operator}',`, left.type);
  else if (!isNumber(left.type))
    c.error(place, `'${operator}' between ${describe(left.type)} and a tensor cannot be converted.`);
  const result = operator === '/' ? divided(left.type, right.type) : promoted([left.type, right.type]);
  const argument = scalar(c, left, source, right.type);
  const object = tied(right, binding.call);
  if (operator === '-') return called(`${object}.rsub(${argument})`, result);
  if (operator === '/')
    return called(`${object}.reciprocal()${argument === '1' ? '' : `.mul(${argument})`}`, result);
  return called(`${c.libraryCode('')}.${tensorMethods[operator]}(${argument}, ${right.code})`, result);
}

function instanceOperator(
  c: Converter,
  operator: string,
  left: Code,
  right: Code,
  rightSource: Expression,
  leftSource: Expression,
): Code | null {
  const own = dunders[operator];
  if (own === undefined) return null;
  for (const [object, other, prefix, source] of [
    [left, right, '', rightSource],
    [right, left, 'r', leftSource],
  ] as const) {
    if (object.type.k !== 'instance') continue;
    const method = object.type.of.method(`__${prefix}${own}__`);
    if (method === undefined) continue;
    void source;
    const parameter = method.parameters[0];
    if (parameter !== undefined && !parameter.isAnnotated) {
      const all = join(parameter.type, other.type);
      if (all !== parameter.type) {
        if (JSON.stringify(all.k) !== JSON.stringify(parameter.type.k)) c.changed = true;
        parameter.type = all;
      }
    }
    return called(`${tied(object, binding.call)}.${method.own}(${other.code})`, method.returns);
  }
  return null;
}

/** Of a union the only class that has the operator: others would throw here, as they do in Python. */
function withMethod(c: Converter, side: Code, operator: string): Code {
  const { type } = side;
  const own = dunders[operator];
  if (type.k !== 'union' || own === undefined) return side;
  const takers = type.of.filter((one) => one.k === 'instance' && one.of.method(`__${own}__`) !== undefined);
  const others = type.of.filter(
    (one) => isNumber(one) || one.k === 'str' || one.k === 'tensor' || one.k === 'array',
  );
  return takers.length === 1 && others.length === 0
    ? primary(`(${side.code} as ${c.typeText(takers[0])})`, takers[0])
    : side;
}

const asNumber = (value: Code): Code =>
  value.type.k === 'bool' ? called(`Number(${value.code})`, natural) : value;

function numbers(
  c: Converter,
  operator: string,
  left: Code,
  right: Code,
  leftSource: Expression,
  rightSource: Expression,
): Code {
  const [a, b] = [left.type, right.type];
  const isInts = a.k === 'int' && b.k === 'int';
  const isNatural = isInts && a.isNatural === true && b.isNatural === true;
  const type: Type = isInts
    ? isNatural && operator !== '-'
      ? natural
      : int
    : a.k === 'float' || b.k === 'float'
      ? float
      : number;
  const [l, r] = [left, right];
  switch (operator) {
    case '+':
      return sum(l, r, type);
    case '-':
      return { code: `${tied(l, binding.sum)} - ${tied(r, binding.product)}`, binds: binding.sum, type };
    case '*': {
      const product: Code = {
        code: `${tied(l, binding.product)} * ${tied(r, binding.power)}`,
        binds: binding.product,
        type,
      };
      return isInts && mayBeWide(leftSource, rightSource)
        ? called(`${c.helper('exact')}(${product.code})`, type)
        : product;
    }
    case '/':
      if (c.catches('ZeroDivisionError', 'ArithmeticError') && !isNonZero(rightSource))
        return called(`${c.helper('divided')}(${l.code}, ${r.code})`, float);
      return {
        code: `${tied(l, binding.product)} / ${tied(r, binding.power)}`,
        binds: binding.product,
        type: float,
      };
    case '//':
      if (c.catches('ZeroDivisionError', 'ArithmeticError') && !isNonZero(rightSource))
        return called(`${c.helper('floored')}(${l.code}, ${r.code})`, type);
      return called(`Math.floor(${tied(l, binding.product)} / ${tied(r, binding.power)})`, type);
    case '%':
      if (isNatural && (isNonZero(rightSource) || !c.catches('ZeroDivisionError', 'ArithmeticError')))
        return {
          code: `${tied(l, binding.product)} % ${tied(r, binding.power)}`,
          binds: binding.product,
          type,
        };
      return called(`${c.helper('mod')}(${l.code}, ${r.code})`, type);
    case '**': {
      const power = literalInt(rightSource);
      const isWhole = isInts && (b.isNatural === true || (power !== null && power >= 0));
      const result = isInts && !isWhole ? (power !== null ? float : number) : type;
      const code = `${tied(l, binding.call)} ** ${tied(r, binding.power)}`;
      if (isInts && isWhole && (power === null || power > 3) && !isSafePower(leftSource, power))
        return called(`${c.helper('exact')}(${code})`, result);
      return { code, binds: binding.power, type: result };
    }
    case '&':
    case '|':
    case '^':
      return called(
        `${c.helper({ '&': 'and', '|': 'or', '^': 'xor' }[operator])}(${l.code}, ${r.code})`,
        type,
      );
    case '<<':
      return called(
        `${c.helper('exact')}(${tied(l, binding.product)} * 2 ** ${tied(r, binding.power)})`,
        type,
      );
    case '>>':
      return called(`Math.floor(${tied(l, binding.product)} / 2 ** ${tied(r, binding.power)})`, type);
    default:
      c.error(rightSource, `'${operator}' cannot be converted between numbers.`);
      return { ...l };
  }
}

/** Whether a divisor is a number that is not 0. */
const isNonZero = (source: Expression): boolean => source.kind === 'number' && Number(source.text) !== 0;

const isSafePower = (base: Expression, power: number | null): boolean => {
  const known = literalInt(base);
  return known !== null && power !== null && Number.isSafeInteger(known ** power);
};

/** Whether ints of these kinds may multiply beyond 2^53: large literals, and results of the program's own functions, as in factorials. */
function mayBeWide(...sources: readonly Expression[]): boolean {
  const literals = sources.map(literalInt);
  // The square of a number: of sizes these are small, and the check costs little.
  if (sources[0].kind === 'name' && sources[1].kind === 'name' && sources[0].id === sources[1].id)
    return true;
  if (literals.every((one) => one !== null)) return !Number.isSafeInteger(literals[0]! * literals[1]!);
  if (literals.some((one) => one !== null && Math.abs(one) > 2 ** 20)) return true;
  return sources.some(
    (source) => source.kind === 'call' && source.callee.kind === 'name' && !builtins.has(source.callee.id),
  );
}

const sum = (left: Code, right: Code, type: Type): Code => ({
  code: `${tied(left, binding.sum)} + ${tied(right, binding.sum + 1)}`,
  binds: binding.sum,
  type,
});

function percent(c: Converter, left: Code, right: Code): Code {
  const args = right.type.k === 'tuple' ? right.code : `[${right.code}]`;
  return called(`${c.helper('percent')}(${left.code}, ${args})`, str);
}

function sequenceOperator(c: Converter, operator: string, left: Code, right: Code): Code | null {
  const [a, b] = [left.type, right.type];
  const isSequence = (type: Type) => type.k === 'list' || type.k === 'tuple';
  if (operator === '+' && isSequence(a) && isSequence(b)) {
    const code = `[${[left, right]
      .map(spread)
      .filter((part) => part !== '')
      .join(', ')}]`;
    if (a.k === 'list' && a.isSize && (b.k === 'tuple' || (b.k === 'list' && b.isSize)))
      return called(code, { k: 'list', of: natural, isSize: true });
    const isTuple = [a, b].every((one) => one.k === 'tuple' || (one.k === 'list' && one.isTuple));
    if (isTuple && (a.k === 'list' || b.k === 'list'))
      return called(code, { k: 'list', of: join(elementOf(a), elementOf(b)), isTuple: true });
    if (a.k === 'tuple' && b.k === 'tuple')
      return called(code, { k: 'tuple', items: [...a.items, ...b.items] });
    return called(code, listOf(join(elementOf(a), elementOf(b))));
  }
  if (operator === '*' && ((isSequence(a) && isNumber(b)) || (isSequence(b) && isNumber(a)))) {
    const [items, count] = isSequence(a) ? [left, right] : [right, left];
    const own = listOf(elementOf(items.type));
    const isTuple = items.type.k === 'tuple' || (items.type.k === 'list' && items.type.isTuple === true);
    return called(
      `${c.helper('repeated')}(${items.code}, ${asNumber(count).code})`,
      isTuple ? ({ ...own, isTuple } as Type) : own,
    );
  }
  if (a.k === 'set' && b.k === 'set') {
    const of = joined([a.of, b.of]);
    if (operator === '|') return called(`new Set([...${left.code}, ...${right.code}])`, { k: 'set', of });
    if (operator === '^') {
      const parts = [
        [left, right],
        [right, left],
      ].map(([one, other]) => `...[...${one.code}].filter((one) => !${tied(other, binding.call)}.has(one))`);
      return called(`new Set([${parts.join(', ')}])`, { k: 'set', of });
    }
    const keeps = operator === '&' ? '' : operator === '-' ? '!' : null;
    if (keeps !== null)
      return called(
        `new Set([...${left.code}].filter((one) => ${keeps}${tied(right, binding.call)}.has(one)))`,
        { k: 'set', of },
      );
  }
  return null;
}

/** The items of an array literal, or a spread. */
function spread(value: Code): string {
  const isLiteral = value.binds === binding.primary && /^\[[^[\]]*\]$/.test(value.code);
  return isLiteral ? value.code.slice(1, -1) : `...${tied(value, binding.arrow)}`;
}

export function unary(c: Converter, expression: Of<'unary'>): Code {
  const { operator, operand } = expression;
  if (operator === 'not') return condition(c, expression);
  const value = unwrapped(c.expression(operand));
  const { type } = value;
  if (type.k === 'never') return value;
  if (type.k === 'tensor' || type.k === 'array') {
    const method = operator === '-' ? 'neg' : operator === '~' ? 'bitwiseNot' : 'positive';
    return called(`${tied(value, binding.call)}.${method}()`, type);
  }
  if (type.k === 'instance' && operator === '-') {
    const method = type.of.method('__neg__');
    if (method !== undefined) return called(`${tied(value, binding.call)}.${method.own}()`, method.returns);
  }
  // A number, or an object that has the operator.
  if (type.k === 'union' && operator === '-' && operand.kind === 'name') {
    const objects = type.of.filter((one) => one.k === 'instance');
    const [of] = objects.map((one) => (one.k === 'instance' ? one.of : null));
    const method = of?.method('__neg__');
    if (
      objects.length === 1 &&
      of &&
      method !== undefined &&
      type.of.every((one) => one.k === 'instance' || isNumber(one))
    )
      return {
        code: `${value.code} instanceof ${of.own} ? ${value.code}.${method.own}() : -${value.code}`,
        binds: binding.conditional,
        type: joined([method.returns, ...type.of.filter(({ k }) => k !== 'instance')]),
      };
  }
  if (!isNumber(type)) c.needs(operand, `'${c.text(operand)}', the operand of '${operator}',`, type);
  if (operator === '~')
    return { code: `-${tied(asNumber(value), binding.call)} - 1`, binds: binding.sum, type: int };
  return {
    code: `${operator}${tied(asNumber(value), binding.call)}`,
    binds: binding.unary,
    type: type.k === 'float' || type.k === 'number' ? type : int,
  };
}
