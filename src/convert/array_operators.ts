import { binding, type Code, type Converter, called, tied } from './converter.js';
import { divided, itemOf, promoted } from './number_kinds.js';
import { scalar } from './scalar_arguments.js';
import type { Expression } from './syntax.js';
import { arrayType, describe, isNumber } from './type_rules.js';

const methods: Readonly<Record<string, string>> = {
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
};

/** Methods with the array on the right of the operator. */
const reflected: Readonly<Record<string, string>> = {
  '+': 'add',
  '*': 'mul',
  '&': 'bitwiseAnd',
  '|': 'bitwiseOr',
  '^': 'bitwiseXor',
  '-': 'rsub',
  '/': 'rdiv',
  '**': 'rpow',
};

/** An operator between arrays of NumPy's, or one and a number or list. */
export function arrayOperator(
  c: Converter,
  place: Expression,
  operator: string,
  [left, right]: readonly [Code, Code],
  [leftSource, rightSource]: readonly [Expression, Expression],
): Code {
  const asArray = (value: Code): Code =>
    value.type.k === 'list' || value.type.k === 'tuple'
      ? called(numpy(c, 'asarray', value.code), arrayType('?'))
      : value;
  const [a, b] = [asArray(left), asArray(right)];
  const name = Object.hasOwn(methods, operator) ? methods[operator] : undefined;
  const isTaken = (value: Code) => value.type.k === 'array' || isNumber(value.type);
  if (name === undefined || !isTaken(a) || !isTaken(b)) {
    c.error(
      place,
      `'${operator}' between ${describe(left.type)} and ${describe(right.type)} cannot be converted.`,
    );
    return called(a.code, arrayType('?'));
  }
  const type = operator === '/' ? divided(left.type, right.type) : promoted([left.type, right.type]);
  if (a.type.k === 'array')
    return called(`${tied(a, binding.call)}.${name}(${scalar(c, b, rightSource, a.type)})`, type);
  const own = Object.hasOwn(reflected, operator) ? reflected[operator] : null;
  const number = scalar(c, a, leftSource, b.type);
  return own === null
    ? called(`${numpy(c, 'scalar', number)}.${name}(${b.code})`, type)
    : called(`${tied(b, binding.call)}.${own}(${number})`, type);
}

function numpy(c: Converter, name: string, argument: string): string {
  if (c.isFinal) c.usesNumpy = true;
  return `np.${name}(${argument})`;
}

/** An array's only number, which is what a tensor takes it for. */
export const numberOfArray = (value: Code): Code =>
  value.type.k === 'array'
    ? called(`${tied(value, binding.call)}.item()`, itemOf(value.type.numbers))
    : value;
