/** Programs of pointwise expressions as WGSL. */
import type { InstructionName, Program } from '../program.js';
import { floatBits, type Kind } from './operands.js';

/** How values of a program are held: float64 programs have no float64 operands here, and run in float32. */
export function kindOf(program: Program): 'f32' | 'i64' {
  return program.compute === 'int64' ? 'i64' : 'f32';
}

type Form = (a: string, b: string, c: string) => string;

const call =
  (name: string): Form =>
  (a, b, c) =>
    `${name}(${[a, b, c].filter((x) => x !== '').join(', ')})`;
const zero = 'bitcast<f32>(0u)';
const isZero = (text: string): boolean => text === zero;
const multiplied = (a: string, b: string): string =>
  isZero(b) ? `times_zero(${a})` : isZero(a) ? `times_zero(${b})` : `${a} * ${b}`;
const floatTest =
  (name: string): Form =>
  (a) =>
    `truth(${name}(${a}))`;

const floats: Readonly<Partial<Record<InstructionName, Form>>> = {
  copy: (a) => a,
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => multiplied(a, b),
  fma: (a, b, c) => (isZero(a) || isZero(b) ? `${multiplied(a, b)} + ${c}` : `madd(${a}, ${b}, ${c})`),
  neg: (a) => `-${a}`,
  abs: call('magnitude'),
  reciprocal: (a) => `f_div(1.0, ${a})`,
  sqrt: call('sqrt'),
  rsqrt: (a) => `f_div(1.0, sqrt(${a}))`,
  floor: call('floor'),
  ceil: call('ceil'),
  trunc: call('trunc'),
  trunc_divide: (a, b) => `trunc(f_div(${a}, ${b}))`,
  copysign: call('with_sign'),
  gt: (a, b) => `f_lt(${b}, ${a})`,
  ge: (a, b) => `f_le(${b}, ${a})`,
  logical_and: (a, b) => `truth(f_true(${a}) && f_true(${b}))`,
  logical_or: (a, b) => `truth(f_true(${a}) || f_true(${b}))`,
  logical_not: (a) => `truth(!f_true(${a}))`,
  isnan: floatTest('is_nan'),
  signbit: (a) => `f32(bitcast<u32>(${a}) >> 31u)`,
  select: (a, b, c) => `select(${c}, ${b}, f_true(${a}))`,
};

const integers: Readonly<Partial<Record<InstructionName, Form>>> = {
  copy: (a) => a,
  fma: (a, b, c) => `i_add(i_mul(${a}, ${b}), ${c})`,
  eq: (a, b) => `i_truth(i_equal(${a}, ${b}))`,
  ne: (a, b) => `i_truth(!i_equal(${a}, ${b}))`,
  lt: (a, b) => `i_truth(i_less(${a}, ${b}))`,
  le: (a, b) => `i_truth(!i_less(${b}, ${a}))`,
  gt: (a, b) => `i_truth(i_less(${b}, ${a}))`,
  ge: (a, b) => `i_truth(!i_less(${a}, ${b}))`,
  logical_and: (a, b) => `i_truth(i_true(${a}) && i_true(${b}))`,
  logical_or: (a, b) => `i_truth(i_true(${a}) || i_true(${b}))`,
  logical_not: (a) => `i_truth(!i_true(${a}))`,
  signbit: (a) => `i_truth(i_negative(${a}))`,
  select: (a, b, c) => `select(${c}, ${b}, i_true(${a}))`,
  bit_and: (a, b) => `${a} & ${b}`,
  bit_or: (a, b) => `${a} | ${b}`,
  bit_xor: (a, b) => `${a} ^ ${b}`,
  bit_not: (a) => `~${a}`,
};

/** A number as WGSL writes it. */
export function literal(value: number | bigint, kind: Kind): string {
  if (kind === 'i64') {
    const whole = BigInt.asUintN(64, BigInt(value));
    return `vec2<u32>(${whole & 0xffffffffn}u, ${whole >> 32n}u)`;
  }
  const bits = floatBits(Number(value));
  // Neither infinities nor NaN may be constants.
  return (bits & 0x7f800000) === 0x7f800000
    ? `bitcast<f32>(${bits}u | opaque_zero)`
    : `bitcast<f32>(${bits}u)`;
}

const numbers = new WeakMap<Program, number>();
let count = 0;

/** A number for each program, for the keys of shaders. */
export function programNumber(program: Program): number {
  let n = numbers.get(program);
  if (n === undefined) {
    n = count++;
    numbers.set(program, n);
  }
  return n;
}

/** A program's name in errors. */
export function programName(program: Program): string {
  return program.name ?? `pointwise(${program.code.map(({ name }) => name).join(', ')})`;
}

/** Whether integers are divided, whose divisors must not be zero. */
export function dividesIntegers(program: Program): boolean {
  return (
    program.compute === 'int64' &&
    program.code.some(({ name }) => ['fmod', 'remainder', 'floor_divide', 'trunc_divide'].includes(name))
  );
}

/**
 * The program as statements.
 *
 * @param inputs expressions of the operands' values
 * @param scalars expressions of the scalars
 * @param onZero a statement for where an integer is divided by zero
 * @returns the statements, and an expression for each output
 */
export function printProgram(
  program: Program,
  inputs: readonly string[],
  scalars: readonly string[],
  onZero: string,
): { statements: string; outputs: readonly string[] } {
  const kind = kindOf(program);
  const forms = kind === 'f32' ? floats : integers;
  const prefix = kind === 'f32' ? 'f_' : 'i_';
  const names: string[] = [];
  const lines: string[] = [];
  for (const [i, input] of inputs.entries()) {
    lines.push(`let x${i} = ${input};`);
    names.push(`x${i}`);
  }
  for (const constant of program.constants) names.push(literal(constant, kind));
  names.push(...scalars);
  const first = names.length;
  for (let t = 0; t < program.temporaries; t++) {
    lines.push(`var t${t}: ${kind === 'f32' ? 'f32' : 'vec2<u32>'};`);
    names.push(`t${t}`);
  }
  for (const { name, to, from } of program.code) {
    const [a, b = '', c = ''] = from.map((r) => names[r]);
    const isDivision = kind === 'i64' && ['fmod', 'remainder', 'floor_divide', 'trunc_divide'].includes(name);
    if (isDivision) lines.push(`if (!i_true(${b})) { ${onZero} }`);
    lines.push(`t${to - first} = ${(forms[name] ?? call(prefix + name))(a, b, c)};`);
  }
  return { statements: lines.join('\n    '), outputs: program.outputs.map((r) => names[r]) };
}
