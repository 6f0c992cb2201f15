/**
 * The expression language in which pointwise ops are written: pure, on numbers only, ignorant of tensors.
 *
 * | file | holds |
 * |---|---|
 * | `expression.ts` | the one node type, and walks over it |
 * | `parse.ts`, `macros.ts` | text to nodes; the functions that are abbreviations of instructions |
 * | `expand_special.ts`, `erfcx.ts`, `bessel.ts`, `polynomial.ts` | the functions that have derivatives of their own, as text |
 * | `simplify.ts` | constant folding and identities that hold for every IEEE value |
 * | `derivatives.ts`, `differentiate.ts` | the table of derivatives; tangents and partial derivatives |
 * | `lower.ts` | nodes to a program of the vector machine |
 * | `complex_lowering.ts` | an expression of complex numbers as two of real ones |
 * | `evaluate.ts` | the meaning of every instruction on one number, in JavaScript |
 *
 * Nodes are hash-consed: equal expressions are the same object, so `===` compares them, a shared subexpression is
 * computed once, and memoising by node makes every walk linear in the number of distinct nodes.
 */
import { type InstructionName, instructions } from '../backends/program.js';

/**
 * Operations on complex numbers, with their operand counts: on real numbers they are trivial, on the parts of complex ones
 * `complex_lowering.ts` replaces them.
 */
export const complexOperations = { conj: 1, real: 1, imag: 1, arg: 1, complex: 2 } as const;

/**
 * Functions that are nodes until they are lowered, with their operand counts: what they are differentiated to is not the
 * derivative of the text that computes them (`expand_special.ts`), which would lose digits, but another of them.
 */
export const specialFunctions = {
  erfcx: 1,
  trigamma: 1,
  zeta: 2,
  // The first operand is the order, a constant.
  bessel_i: 2,
  bessel_ie: 2,
  spherical_bessel: 2,
  // Whether the device computes in float32 at most and may take denormal numbers for zero: a constant, once that is known.
  is_coarse: 0,
} as const;

export type Instruction = InstructionName | keyof typeof complexOperations;
export type SpecialFunction = keyof typeof specialFunctions;
export type Operator = Instruction | SpecialFunction;
export type Operation = Operator | 'constant' | 'name';

export function isSpecial(op: string): op is SpecialFunction {
  return Object.hasOwn(specialFunctions, op);
}

/** How many operands an operator takes. */
export function arity(op: Operator): number {
  if (isSpecial(op)) return specialFunctions[op];
  return op in complexOperations
    ? complexOperations[op as keyof typeof complexOperations]
    : instructions[op as InstructionName][0];
}

/** A node. Made by `constant`, `name` and `node` only. */
export class Expression {
  /** @internal */
  constructor(
    readonly op: Operation,
    readonly args: readonly Expression[],
    /** Of a constant; bigint only past the safe integers. */
    readonly value: number | bigint,
    /** Of a name. */
    readonly name: string,
    /** Distinct nodes have distinct numbers; an operand's is smaller than its user's. */
    readonly id: number,
  ) {}

  /** The expression in its own language, fully parenthesised. */
  toString(): string {
    if (this.op === 'constant') return Object.is(this.value, -0) ? '-0' : String(this.value);
    if (this.op === 'name') return this.name;
    return `${this.op}(${this.args.join(', ')})`;
  }
}

// Rows are few and fixed, so nodes are kept for good: a weak table would cost more than it returns.
const table = new Map<string, Expression>();

function intern(
  key: string,
  op: Operation,
  args: readonly Expression[],
  value: number | bigint,
  name: string,
): Expression {
  let found = table.get(key);
  if (!found) {
    found = new Expression(op, args, value, name, table.size);
    table.set(key, found);
  }
  return found;
}

export function constant(value: number | bigint): Expression {
  if (typeof value === 'bigint' && Number.isSafeInteger(Number(value))) return constant(Number(value));
  const key = Object.is(value, -0) ? '#-0' : `#${value}${typeof value === 'bigint' ? 'n' : ''}`;
  return intern(key, 'constant', [], value, '');
}

export function name(of: string): Expression {
  return intern(`$${of}`, 'name', [], 0, of);
}

/** The node as it stands; `build` of simplify.ts also simplifies it. */
export function node(op: Operator, args: readonly Expression[]): Expression {
  if (args.length !== arity(op)) throw new Error(`${op} takes ${arity(op)} operands, not ${args.length}`);
  return intern(`${op} ${args.map((a) => a.id).join(' ')}`, op, args, 0, '');
}

export function isConstant(e: Expression, value?: number): boolean {
  return e.op === 'constant' && (value === undefined || Object.is(e.value, value));
}

/** Every node that the roots need, operands before users. */
export function postorder(roots: readonly Expression[]): Expression[] {
  const seen = new Set<Expression>();
  const pending = [...roots];
  for (let e = pending.pop(); e; e = pending.pop()) {
    if (seen.has(e)) continue;
    seen.add(e);
    pending.push(...e.args);
  }
  return [...seen].sort((x, y) => x.id - y.id);
}

/** The names that occur, in order of first making. */
export function freeNames(e: Expression): string[] {
  return postorder([e])
    .filter((n) => n.op === 'name')
    .map((n) => n.name);
}

/**
 * The expression rebuilt from its leaves: `leaf` may replace any node (and so hides what is below it), `make`
 * puts the others together again.
 */
export function rebuild(
  roots: readonly Expression[],
  leaf: (e: Expression) => Expression | undefined,
  make: (op: Operator, args: readonly Expression[]) => Expression,
): Expression[] {
  const done = new Map<Expression, Expression>();
  for (const e of postorder(roots)) {
    let to = leaf(e);
    if (!to) {
      if (e.op === 'constant' || e.op === 'name') to = e;
      else
        to = make(
          e.op,
          e.args.map((a) => done.get(a)!),
        );
    }
    done.set(e, to);
  }
  return roots.map((r) => done.get(r)!);
}

/** The expression with names replaced, all at once. */
export function substitute(e: Expression, by: Readonly<Record<string, Expression>>): Expression {
  return rebuild(
    [e],
    (n) => (n.op === 'name' && Object.hasOwn(by, n.name) ? by[n.name] : undefined),
    node,
  )[0];
}

/** The expression with every occurrence of the subexpression `what` replaced. */
export function replace(e: Expression, what: Expression, by: Expression): Expression {
  return rebuild([e], (n) => (n === what ? by : undefined), node)[0];
}
