/**
 * Identities that hold for every IEEE value, NaN, infinities and both zeros included. So x * 0 stays (NaN, inf,
 * sign), and so does x + 0 (it makes -0 positive), but x - 0 and x + -0 are x.
 */
import { type InstructionName, instructions } from '../backends/program.js';
import { meanings } from './evaluate.js';
import {
  complexOperations,
  constant,
  type Expression,
  isConstant,
  isSpecial,
  node,
  type Operator,
  rebuild,
} from './expression.js';

// Their JavaScript values are approximations good for tests, not what a program may contain.
const unfoldable: ReadonlySet<Operator> = new Set([
  'erf',
  'erfc',
  'erfinv',
  'lgamma',
  'digamma',
  'nextafter',
  // No constant has an imaginary part.
  'complex',
]);

function fold(op: Operator, args: readonly Expression[]): Expression | undefined {
  if (isSpecial(op) || unfoldable.has(op)) return undefined;
  const values: number[] = [];
  for (const a of args) {
    if (a.op !== 'constant' || typeof a.value === 'bigint') return undefined;
    values.push(a.value);
  }
  const bits = !(op in complexOperations) && !instructions[op as InstructionName][1].includes('f');
  if (bits && !values.every(Number.isSafeInteger)) return undefined;
  const value = meanings[op](values[0], values[1], values[2]);
  // An integer computation that leaves the exact range must wrap as int64 does, which only the engine knows.
  if (values.every(Number.isSafeInteger) && Number.isInteger(value) && !Number.isSafeInteger(value))
    return undefined;
  return constant(value);
}

type Rule = (a: Expression, b: Expression, c: Expression) => Expression | undefined;

const rules: { readonly [op in Operator]?: Rule } = {
  copy: (a) => a,
  add: (a, b) => {
    if (isConstant(b, -0)) return a;
    if (isConstant(a, -0)) return b;
    if (b.op === 'neg') return build('sub', a, b.args[0]);
    if (a.op === 'neg') return build('sub', b, a.args[0]);
    return undefined;
  },
  sub: (a, b) => {
    if (isConstant(b, 0)) return a;
    if (b.op === 'neg') return build('add', a, b.args[0]);
    return undefined;
  },
  mul: (a, b) => {
    if (isConstant(b, 1)) return a;
    if (isConstant(a, 1)) return b;
    if (isConstant(b, -1)) return build('neg', a);
    if (isConstant(a, -1)) return build('neg', b);
    return undefined;
  },
  div: (a, b) => {
    if (isConstant(b, 1)) return a;
    if (isConstant(b, -1)) return build('neg', a);
    return undefined;
  },
  neg: (a) => {
    if (a.op === 'neg') return a.args[0];
    return undefined;
  },
  conj: (a) => (a.op === 'conj' ? a.args[0] : undefined),
  abs: (a) => (a.op === 'neg' ? build('abs', a.args[0]) : a.op === 'abs' ? a : undefined),
  pow: (a, b) => (isConstant(b, 1) ? a : isConstant(b, 0) || isConstant(b, -0) ? constant(1) : undefined),
  select: (a, b, c) => {
    if (a.op === 'constant') return a.value !== 0 ? b : c;
    if (a.op === 'logical_not') return build('select', a.args[0], c, b);
    if (b === c) return b;
    return undefined;
  },
};

/** The node, simplified; operands are taken to be simplified already. */
export function build(op: Operator, ...args: Expression[]): Expression {
  return fold(op, args) ?? rules[op]?.(args[0], args[1], args[2]) ?? node(op, args);
}

/** The expression with constants folded and identities applied. */
export function simplify(e: Expression): Expression {
  return rebuild(
    [e],
    () => undefined,
    (op, args) => build(op, ...args),
  )[0];
}

/** Special exponents as PyTorch's pow computes them. */
export function power(a: Expression, b: Expression): Expression | undefined {
  if (isConstant(b, 2)) return build('mul', a, a);
  if (isConstant(b, 3)) return build('mul', build('mul', a, a), a);
  if (isConstant(b, 0.5)) return build('sqrt', a);
  if (isConstant(b, -0.5)) return build('rsqrt', a);
  if (isConstant(b, -1)) return build('reciprocal', a);
  if (isConstant(b, -2)) return build('reciprocal', build('mul', a, a));
  return undefined;
}
