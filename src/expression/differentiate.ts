/**
 * Differentiation. A pointwise op is a scalar function, so its forward and reverse derivatives are the same factor:
 * the tangent of the result for tangents of the names. Seeding one name with the incoming gradient gives the
 * backward expression, seeding every name with its tangent the forward one, seeding with 1 the partial derivative.
 */
import { RuntimeError } from '../core/errors.js';
import { derivatives, otherBranch, type Rules, realLinear } from './derivatives.js';
import {
  constant,
  type Expression,
  isConstant,
  name,
  type Operator,
  postorder,
  rebuild,
  replace,
  substitute,
} from './expression.js';
import { parseExpression } from './parse.js';
import { build, simplify } from './simplify.js';

const complexRules: Rules = { ...derivatives, ...realLinear, ...otherBranch };
const zero = constant(0);
const parsed = new Map<string, Expression>();

/** The rule's text with the node's operands, result and operand's tangent put in, simplified. */
function instantiate(rule: string, at: Expression, tangent: Expression): Expression {
  let body = parsed.get(rule);
  if (!body) {
    body = parseExpression(rule);
    parsed.set(rule, body);
  }
  const [a, b, c] = at.args;
  const by: Readonly<Record<string, Expression>> = { a, b, c, r: at, d: tangent };
  return rebuild(
    [body],
    (n) => (n.op === 'name' ? by[n.name] : undefined),
    (op, args) => build(op, ...args),
  )[0];
}

/**
 * The tangent of `e` where names have these tangents and every other name is fixed: null if `e` does not depend on
 * them at all, the constant 0 if it does but only through steps (floor, sign, …). Terms with that constant as a
 * factor are left out rather than multiplied, so that a vanishing derivative never meets an infinite one.
 */
export function tangent(
  e: Expression,
  tangents: Readonly<Record<string, Expression>>,
  rules: Rules = derivatives,
): Expression | null {
  const known = new Map<Expression, Expression | null>();
  for (const n of postorder([e])) {
    let result: Expression | null = null;
    if (n.op === 'name') result = Object.hasOwn(tangents, n.name) ? tangents[n.name] : null;
    else if (n.op === 'select') {
      const [yes, no] = [known.get(n.args[1])!, known.get(n.args[2])!];
      if (yes || no) result = build('select', n.args[0], yes ?? zero, no ?? zero);
    } else if (n.op !== 'constant') {
      const formulas = rules[n.op as Operator];
      for (const [i, operand] of n.args.entries()) {
        const along = known.get(operand);
        const formula = formulas?.[i];
        if (!along || formula === undefined) continue;
        if (formula === null) throw new RuntimeError(`derivative for aten::${n.op} is not implemented`);
        const term = isConstant(along, 0) || formula === '0' ? zero : instantiate(formula, n, along);
        if (!result || isConstant(result, 0)) result = term;
        else if (!isConstant(term, 0)) result = build('add', result, term);
      }
    }
    known.set(n, result);
  }
  return known.get(e)!;
}

/** The partial derivative by a name, or null where there is no dependence. */
export function differentiate(e: Expression, by: string): Expression | null {
  return tangent(simplify(e), { [by]: constant(1) });
}

/**
 * The gradient that flows back to `by` when `grad` arrives at the result: names `grad`, `result` and those of `e`. The result's
 * own value is used where it occurs, since the forward pass has computed it.
 */
export function backward(e: Expression, by: string): Expression | null {
  return pushforward(e, { [by]: name('grad') });
}

/** The tangent of the result for these tangents of names, with `result` where the result's own value occurs. */
export function pushforward(
  e: Expression,
  tangents: Readonly<Record<string, Expression>>,
  isComplex = false,
): Expression | null {
  const value = simplify(e);
  const forward = tangent(value, tangents, isComplex ? complexRules : derivatives);
  if (!forward || value.op === 'name' || value.op === 'constant') return forward;
  return replace(forward, value, name('result'));
}

/** Whether the derivative by a complex name exists: whether no tangent passes an operation that is real-linear only. */
export function isHolomorphic(e: Expression): boolean {
  const seen = new Set<Expression>();
  const pending = [e];
  for (let n = pending.pop(); n !== undefined; n = pending.pop()) {
    if (seen.has(n) || n.op === 'name' || n.op === 'constant') continue;
    seen.add(n);
    if (n.op in realLinear) return false;
    if (n.op === 'select') pending.push(n.args[1], n.args[2]);
    else if (n.op in derivatives) pending.push(...n.args);
  }
  return true;
}

/**
 * `backward` for complex numbers. The gradient is PyTorch's, ∂L/∂Re + i ∂L/∂Im. Where f is holomorphic that is
 * conj(f') · grad, the formula for real numbers between two conjugations. Elsewhere the tangents L(1) and L(i) of the two
 * directions give its two parts.
 */
export function complexBackward(e: Expression, by: string): Expression | null {
  const value = simplify(e);
  let back: Expression | null;
  if (isHolomorphic(value)) {
    const along = tangent(value, { [by]: build('conj', name('grad')) }, complexRules);
    back = along && build('conj', along);
  } else {
    const directions = [constant(1), build('complex', zero, constant(1))];
    const parts = directions.map((d) => tangent(value, { [by]: d }, complexRules) ?? zero);
    const [re, im] = parts.map((t) => build('real', build('mul', build('conj', name('grad')), t)));
    back = build('complex', re, im);
  }
  if (!back || value.op === 'name' || value.op === 'constant') return back;
  return replace(back, value, name('result'));
}

/** A formula for the gradient of a holomorphic function of real numbers, made right for complex ones. */
export function conjugated(formula: Expression): Expression {
  return build('conj', substitute(formula, { grad: build('conj', name('grad')) }));
}
