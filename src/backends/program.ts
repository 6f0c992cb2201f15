/**
 * Programs of the blocked vector machine: what a pointwise expression is lowered to, whatever the device.
 *
 * A program computes in ONE type (`compute`); truth values are 0 and 1 of that type. Registers are numbered
 * inputs first, then constants (known when the program is made), then scalars (given at each call), then
 * temporaries. An instruction reads up to three registers and writes one temporary. `outputs` names the register
 * stored to each result; loads convert from the operand's dtype to `compute`, stores convert back (integers wrap;
 * anything non-zero, NaN included, stores as true). Programs of complex numbers are for devices that take those; their
 * scalars are given as two numbers each, and they have no constants.
 */

export type ComputeType = 'float32' | 'float64' | 'int64' | 'complex64' | 'complex128';

/** Codes of the compute types in the command buffer and in C++. */
export const computeTypes: readonly ComputeType[] = [
  'float32',
  'float64',
  'int64',
  'complex64',
  'complex128',
];

/**
 * The instructions: operand count and the compute types they exist for (f: float32 and float64, i: int64, c: both of complex numbers).
 * The C++ enumeration is generated from this table, in this order. Semantics are those of the PyTorch op of the
 * same name unless noted.
 */
export const instructions = {
  copy: [1, 'fic'],
  // arithmetic
  add: [2, 'fic'],
  sub: [2, 'fic'],
  mul: [2, 'fic'],
  div: [2, 'f'],
  fma: [3, 'fi'], // a * b + c, rounded once on floats where the CPU can
  neg: [1, 'fic'],
  conj: [1, 'c'],
  abs: [1, 'fi'],
  sign: [1, 'fi'],
  reciprocal: [1, 'f'],
  sqrt: [1, 'f'],
  rsqrt: [1, 'f'],
  floor: [1, 'f'],
  ceil: [1, 'f'],
  trunc: [1, 'f'],
  round: [1, 'f'], // half to even
  fmod: [2, 'fi'], // sign of the dividend (C's fmod, %)
  remainder: [2, 'fi'], // sign of the divisor (Python's %)
  floor_divide: [2, 'fi'], // Python's //
  trunc_divide: [2, 'fi'],
  pow: [2, 'fi'],
  maximum: [2, 'fi'], // NaN wins
  minimum: [2, 'fi'], // NaN wins
  fmax: [2, 'f'], // NaN loses
  fmin: [2, 'f'], // NaN loses
  copysign: [2, 'f'],
  nextafter: [2, 'f'],
  // comparison and logic; results are 0 or 1
  eq: [2, 'fi'],
  ne: [2, 'fi'],
  lt: [2, 'fi'],
  le: [2, 'fi'],
  gt: [2, 'fi'],
  ge: [2, 'fi'],
  logical_and: [2, 'fi'],
  logical_or: [2, 'fi'],
  logical_not: [1, 'fi'],
  isnan: [1, 'f'],
  signbit: [1, 'fi'],
  select: [3, 'fi'], // a != 0 ? b : c
  // bits
  bit_and: [2, 'i'],
  bit_or: [2, 'i'],
  bit_xor: [2, 'i'],
  bit_not: [1, 'i'],
  shift_left: [2, 'i'],
  shift_right: [2, 'i'],
  gcd: [2, 'i'],
  lcm: [2, 'i'],
  // elementary functions
  exp: [1, 'f'],
  exp2: [1, 'f'],
  expm1: [1, 'f'],
  log: [1, 'f'],
  log2: [1, 'f'],
  log10: [1, 'f'],
  log1p: [1, 'f'],
  sin: [1, 'f'],
  cos: [1, 'f'],
  tan: [1, 'f'],
  asin: [1, 'f'],
  acos: [1, 'f'],
  atan: [1, 'f'],
  atan2: [2, 'f'],
  sinh: [1, 'f'],
  cosh: [1, 'f'],
  tanh: [1, 'f'],
  asinh: [1, 'f'],
  acosh: [1, 'f'],
  atanh: [1, 'f'],
  erf: [1, 'f'],
  erfc: [1, 'f'],
  erfinv: [1, 'f'],
  lgamma: [1, 'f'],
  digamma: [1, 'f'],
  orthogonal: [3, 'f'], // at a the polynomial of degree b, a whole number, of family c (see ops/special/polynomials.ts)
  // the hot activation, as one instruction
  sigmoid: [1, 'f'],
} as const satisfies Record<string, readonly [arity: 1 | 2 | 3, types: 'f' | 'i' | 'c' | 'fi' | 'fic']>;

export type InstructionName = keyof typeof instructions;

export interface Instruction {
  readonly name: InstructionName;
  /** Register written: always a temporary; it may be one of those read. */
  readonly to: number;
  /** Registers read, as many as the instruction's arity. */
  readonly from: readonly number[];
}

export interface Program {
  /** Its name in errors. */
  readonly name?: string;
  readonly compute: ComputeType;
  readonly inputs: number;
  /** Values of the constant registers; bigint only where int64 needs it. */
  readonly constants: readonly (number | bigint)[];
  /** How many scalars each call passes. */
  readonly scalars: number;
  readonly temporaries: number;
  readonly code: readonly Instruction[];
  /** Register stored to each result. */
  readonly outputs: readonly number[];
  /** Set by a backend when it has taken the program in; private to it. */
  handle?: unknown;
}
