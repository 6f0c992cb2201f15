/**
 * From expressions to a program of the vector machine: constants folded, common subexpressions computed once,
 * products and sums fused, powers by multiplication, and temporaries reused as soon as their value is dead (each
 * costs 4–8 KB of L1, so few are better than many).
 */
import {
  type ComputeType,
  type Instruction,
  type InstructionName,
  instructions,
  type Program,
} from '../backends/program.js';
import { expand } from './expand_special.js';
import {
  constant,
  type Expression,
  isConstant,
  node,
  type Operator,
  postorder,
  rebuild,
} from './expression.js';
import { build, power, simplify } from './simplify.js';

/** Registers are numbered in one byte of the command. */
const maxRegisters = 256;

/** Instructions as this compute type has them. */
function specialise(op: Operator, args: readonly Expression[], compute: ComputeType): Expression {
  const [a, b] = args;
  if (compute.startsWith('complex')) return build(op, ...args);
  if (op === 'conj' || op === 'real' || op === 'complex') return a;
  if (op === 'imag') return constant(0);
  if (op === 'arg') {
    const angle = build('select', build('lt', a, constant(0)), constant(Math.PI), constant(0));
    return build('select', specialise('isnan', [a], compute), a, angle);
  }
  if (compute !== 'int64') {
    if (op === 'pow') return power(a, b) ?? build(op, ...args);
    if (op === 'div' && isConstant(a, 1)) return build('reciprocal', b);
    return build(op, ...args);
  }
  switch (op) {
    case 'pow':
      return (isConstant(b, 2) || isConstant(b, 3) ? power(a, b) : undefined) ?? build(op, ...args);
    case 'floor':
    case 'ceil':
    case 'trunc':
    case 'round':
      return a;
    case 'isnan':
      return constant(0);
    case 'fmax':
      return build('maximum', a, b);
    case 'fmin':
      return build('minimum', a, b);
    case 'eq':
    case 'ne':
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge': {
      // No integer is infinite, so any other stands for all.
      const infinite = (e: Expression): boolean =>
        e.op === 'constant' && Math.abs(Number(e.value)) === Infinity;
      if (infinite(a) !== infinite(b))
        return build(op, infinite(a) ? a : constant(0), infinite(b) ? b : constant(0));
      return build(op, ...args);
    }
    default:
      return build(op, ...args);
  }
}

/** a * b + c in one instruction, where nothing else needs the product. */
function fuse(outputs: readonly Expression[]): Expression[] {
  const uses = new Map<Expression, number>();
  const count = (e: Expression): void => void uses.set(e, (uses.get(e) ?? 0) + 1);
  for (const e of postorder(outputs)) for (const a of e.args) count(a);
  for (const e of outputs) count(e);
  const done = new Map<Expression, Expression>();
  for (const e of postorder(outputs)) {
    const args = e.args.map((a) => done.get(a)!);
    let to = e.args.length > 0 ? node(e.op as Operator, args) : e;
    if (e.op === 'add')
      for (const [i, j] of [
        [0, 1],
        [1, 0],
      ])
        if (args[i].op === 'mul' && uses.get(e.args[i]) === 1) {
          to = node('fma', [...args[i].args, args[j]]);
          break;
        }
    done.set(e, to);
  }
  return outputs.map((e) => done.get(e)!);
}

/** An order of evaluation: of an instruction's operands the one that needs most registers goes first (Sethi & Ullman). */
function schedule(outputs: readonly Expression[]): Expression[] {
  const need = new Map<Expression, number>();
  for (const e of postorder(outputs)) {
    const needs = e.args.map((a) => need.get(a)!).sort((x, y) => y - x);
    need.set(e, e.args.length === 0 ? 0 : Math.max(1, ...needs.map((n, i) => (n === 0 ? 0 : n + i))));
  }
  const order = new Set<Expression>();
  const visit = (e: Expression): void => {
    if (order.has(e) || e.args.length === 0) return;
    for (const a of [...e.args].sort((x, y) => need.get(y)! - need.get(x)!)) visit(a);
    order.add(e);
  };
  for (const e of outputs) visit(e);
  return [...order];
}

/** Whether complex numbers have the instructions of an expression themselves; constants are left to their parts. */
export function isWhole(e: Expression): boolean {
  return postorder([e]).every(
    ({ op }) => op === 'name' || instructions[op as InstructionName]?.[1].includes('c'),
  );
}

/**
 * The program that computes `outputs` from tensors and scalars of these names. `name` is what errors call it.
 * @throws Error if a name is neither, or `compute` lacks an instruction or cannot hold a constant.
 */
export function lower(
  outputs: readonly Expression[],
  inputs: readonly string[],
  scalars: readonly string[],
  compute: ComputeType,
  name?: string,
): Program {
  const letter = compute[0];
  const specialised = rebuild(
    expand(outputs).map(simplify),
    () => undefined,
    (op, args) => specialise(op, args, compute),
  );
  const roots = letter === 'c' ? specialised : fuse(specialised);
  const nodes = postorder(roots);

  const constants: (number | bigint)[] = [];
  const registers = new Map<Expression, number>();
  for (const e of nodes) {
    if (e.op !== 'constant') continue;
    if (compute === 'int64' && typeof e.value === 'number' && !Number.isSafeInteger(e.value))
      throw new Error(`${e.value} is not an integer and the expression is computed in int64`);
    registers.set(e, inputs.length + constants.length);
    constants.push(e.value);
  }
  const temporary = inputs.length + constants.length + scalars.length;
  for (const e of nodes) {
    if (e.op === 'name') {
      const [input, scalar] = [inputs.indexOf(e.name), scalars.indexOf(e.name)];
      if (input < 0 && scalar < 0)
        throw new Error(`'${e.name}' is neither a tensor nor a scalar of the expression`);
      registers.set(e, input >= 0 ? input : temporary - scalars.length + scalar);
    } else if (e.op !== 'constant' && !instructions[e.op as InstructionName][1].includes(letter)) {
      throw new Error(`${e.op} is not defined in ${compute}`);
    }
  }

  const order = schedule(roots);
  const lastUse = new Map<Expression, number>();
  for (const [at, e] of order.entries()) for (const a of e.args) lastUse.set(a, at);
  for (const e of roots) lastUse.set(e, order.length);
  const free: number[] = [];
  let temporaries = 0;
  const code: Instruction[] = [];
  for (const [at, e] of order.entries()) {
    const from = e.args.map((a) => registers.get(a)!);
    // An operand's register may take the result: instructions go element by element.
    for (const register of new Set(from.filter((r, i) => r >= temporary && lastUse.get(e.args[i]) === at)))
      free.push(register);
    const to = free.pop() ?? temporary + temporaries++;
    registers.set(e, to);
    code.push({ name: e.op as InstructionName, to, from });
  }
  if (temporary + temporaries > maxRegisters)
    throw new Error(`the expression needs ${temporary + temporaries} registers; there are ${maxRegisters}`);
  return {
    name,
    compute,
    inputs: inputs.length,
    constants,
    scalars: scalars.length,
    temporaries,
    code,
    outputs: roots.map((e) => registers.get(e)!),
  };
}
