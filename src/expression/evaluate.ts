/**
 * The meaning of every instruction for one number, in JavaScript's float64: the definition that constant folding uses
 * and that the engines' programs are tested against.
 */
import { type Expression, type Instruction, postorder } from './expression.js';

const isNegative = (x: number): boolean => x < 0 || Object.is(x, -0);
const nan = Number.isNaN;
const truth = (condition: boolean): number => (condition ? 1 : 0);

function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
  return rounded === 0 && isNegative(x) ? -0 : rounded;
}

function remainder(a: number, b: number): number {
  const r = a % b;
  return r !== 0 && r < 0 !== b < 0 ? r + b : r;
}

/** Python's floor division; exact multiples must not be lost to the rounding of a / b. */
function floorDivide(a: number, b: number): number {
  if (b === 0) return a / b;
  const modulus = a % b;
  let quotient = (a - modulus) / b;
  if (modulus !== 0 && b < 0 !== modulus < 0) quotient -= 1;
  if (quotient === 0) return 0 * (a / b);
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

function nextAfter(a: number, b: number): number {
  if (nan(a) || nan(b)) return Number.NaN;
  if (a === b) return b;
  if (a === 0) return b > 0 ? Number.MIN_VALUE : -Number.MIN_VALUE;
  const bits = new BigInt64Array(new Float64Array([a]).buffer);
  bits[0] += b > a === a > 0 ? 1n : -1n;
  return new Float64Array(bits.buffer)[0];
}

/** Maclaurin's series where it converges well, else the continued fraction of erfc (Abramowitz & Stegun 7.1.14). */
function erfc(x: number): number {
  if (nan(x)) return x;
  if (x < 0) return 2 - erfc(-x);
  if (x < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-18 * sum; n++) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let k = 60; k >= 1; k--) fraction = k / 2 / (x + fraction);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
}

function erf(x: number): number {
  if (Math.abs(x) >= 0.3 || nan(x)) return 1 - erfc(x);
  let term = x;
  let sum = x;
  for (let n = 1; n < 20; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** Newton's method from Winitzki's approximation. */
function erfinv(y: number): number {
  if (!(Math.abs(y) < 1)) return Math.abs(y) === 1 ? y * Number.POSITIVE_INFINITY : Number.NaN;
  if (y === 0) return y;
  const l = Math.log1p(-y * y);
  const t = 2 / (Math.PI * 0.147) + l / 2;
  let x = Math.sign(y) * Math.sqrt(Math.sqrt(t * t - l / 0.147) - t);
  for (let i = 0; i < 4; i++) x -= ((erf(x) - y) * Math.sqrt(Math.PI) * Math.exp(x * x)) / 2;
  return x;
}

/** Stirling's series after moving up to x ≥ 15 (Abramowitz & Stegun 6.1.41); reflection below zero. */
function lgamma(x: number): number {
  if (x === Number.NEGATIVE_INFINITY) return Number.POSITIVE_INFINITY;
  if (x <= 0) {
    const sine = Math.sin(Math.PI * (x - Math.floor(x)));
    return x === Math.floor(x)
      ? Number.POSITIVE_INFINITY
      : Math.log(Math.PI / Math.abs(sine)) - lgamma(1 - x);
  }
  let product = 1;
  while (x < 15) product *= x++;
  const q = 1 / (x * x);
  const series = (1 / 12 - q * (1 / 360 - q * (1 / 1260 - q * (1 / 1680 - q / 1188)))) / x;
  return x === Number.POSITIVE_INFINITY
    ? x
    : (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + series - Math.log(product);
}

/** The asymptotic series after moving up to x ≥ 15 (Abramowitz & Stegun 6.3.18); reflection below zero. */
function digamma(x: number): number {
  if (x === 0) return -1 / x;
  if (x < 0) {
    if (x === Math.floor(x)) return Number.NaN;
    return digamma(1 - x) - Math.PI / Math.tan(Math.PI * (x - Math.floor(x)));
  }
  let sum = 0;
  while (x < 15) sum -= 1 / x++;
  const q = 1 / (x * x);
  return sum + Math.log(x) - 0.5 / x - q * (1 / 12 - q * (1 / 120 - q * (1 / 252 - q * (1 / 240 - q / 132))));
}

/** Recurrences from the polynomials of degrees 0 and 1 (DLMF 18.9), by families. */
const recurrences: readonly (readonly [
  first: (x: number) => number,
  next: (x: number, k: number, current: number, before: number) => number,
])[] = [
  ...[(x: number) => x, (x: number) => 2 * x, (x: number) => 2 * x - 1, (x: number) => 2 * x + 1].map(
    (first) => [first, (x: number, _: number, p: number, q: number) => 2 * x * p - q] as const,
  ),
  [(x) => 2 * x, (x, k, p, q) => 2 * (x * p - k * q)],
  [(x) => x, (x, k, p, q) => x * p - k * q],
  [(x) => 1 - x, (x, k, p, q) => ((2 * k + 1 - x) * p - k * q) / (k + 1)],
  [(x) => x, (x, k, p, q) => ((2 * k + 1) * x * p - k * q) / (k + 1)],
];

function orthogonal(x: number, degree: number, family: number): number {
  if (!(degree >= 0 && degree < 2 ** 31)) return 0;
  const [first, next] = recurrences[family] ?? recurrences[0];
  let [before, current] = [1, first(x)];
  for (let k = 1; k <= degree; k++) [before, current] = [current, next(x, k, current, before)];
  return before;
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

function lcm(a: bigint, b: bigint): bigint {
  const divisor = gcd(a, b);
  const product = divisor === 0n ? 0n : (a / divisor) * b;
  return product < 0n ? -product : product;
}

const whole = (f: (a: bigint, b: bigint) => bigint) => (a: number, b: number) =>
  Number(f(BigInt(a), BigInt(b)));

export const meanings: Readonly<Record<Instruction, (a: number, b: number, c: number) => number>> = {
  copy: (a) => a,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  fma: (a, b, c) => a * b + c,
  neg: (a) => -a,
  abs: Math.abs,
  sign: (a) => truth(a > 0) - truth(a < 0),
  reciprocal: (a) => 1 / a,
  sqrt: Math.sqrt,
  rsqrt: (a) => 1 / Math.sqrt(a),
  floor: Math.floor,
  ceil: Math.ceil,
  trunc: Math.trunc,
  round: roundHalfToEven,
  fmod: (a, b) => a % b,
  remainder,
  floor_divide: floorDivide,
  trunc_divide: (a, b) => Math.trunc(a / b),
  // ECMAScript alone says NaN for (±1) ** ±inf and 1 ** NaN.
  pow: (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) ? 1 : a ** b),
  maximum: (a, b) => (nan(a) || nan(b) ? Number.NaN : Math.max(a, b)),
  minimum: (a, b) => (nan(a) || nan(b) ? Number.NaN : Math.min(a, b)),
  fmax: (a, b) => (nan(a) ? b : nan(b) ? a : Math.max(a, b)),
  fmin: (a, b) => (nan(a) ? b : nan(b) ? a : Math.min(a, b)),
  copysign: (a, b) => (isNegative(b) ? -Math.abs(a) : Math.abs(a)),
  nextafter: nextAfter,
  eq: (a, b) => truth(a === b),
  ne: (a, b) => truth(a !== b),
  lt: (a, b) => truth(a < b),
  le: (a, b) => truth(a <= b),
  gt: (a, b) => truth(a > b),
  ge: (a, b) => truth(a >= b),
  logical_and: (a, b) => truth(a !== 0 && b !== 0),
  logical_or: (a, b) => truth(a !== 0 || b !== 0),
  logical_not: (a) => truth(a === 0),
  isnan: (a) => truth(nan(a)),
  signbit: (a) => truth(isNegative(a)),
  select: (a, b, c) => (a !== 0 ? b : c),
  bit_and: whole((a, b) => a & b),
  bit_or: whole((a, b) => a | b),
  bit_xor: whole((a, b) => a ^ b),
  bit_not: (a) => -a - 1,
  shift_left: whole((a, b) => (b < 0n || b > 63n ? 0n : BigInt.asIntN(64, a << b))),
  shift_right: whole((a, b) => a >> (b < 0n || b > 63n ? 63n : b)),
  gcd: whole(gcd),
  lcm: whole(lcm),
  exp: Math.exp,
  exp2: (a) => 2 ** a,
  expm1: Math.expm1,
  log: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  atan2: Math.atan2,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  erf,
  erfc,
  erfinv,
  lgamma,
  digamma,
  orthogonal,
  sigmoid: (a) => 1 / (1 + Math.exp(-a)),
  conj: (a) => a,
  real: (a) => a,
  imag: () => 0,
  arg: (a) => (nan(a) ? a : a < 0 ? Math.PI : 0),
  complex: (a) => a,
};

/** The value of an expression of instructions (`expand`) where the names have these values. */
export function evaluate(e: Expression, environment: Readonly<Record<string, number>> = {}): number {
  const values = new Map<Expression, number>();
  for (const n of postorder([e])) {
    let value: number;
    if (n.op === 'constant') value = Number(n.value);
    else if (n.op === 'name') {
      if (!Object.hasOwn(environment, n.name)) throw new Error(`no value for '${n.name}'`);
      value = environment[n.name];
    } else {
      const [a, b, c] = n.args.map((x) => values.get(x)!);
      value = meanings[n.op as Instruction](a, b, c);
    }
    values.set(n, value);
  }
  return values.get(e)!;
}
