/**
 * The derivative of every instruction, one line each, by each of its operands a, b, c: the tangent of the result
 * where d is the tangent of that operand and r the result. Every entry is linear in d.
 *
 * '0' is a derivative that vanishes wherever it exists; an instruction without entry has no derivative at all (its
 * result is a truth value or a pattern of bits), so that nothing depends on its operands. `select` is missing
 * because a mask has to reach the tangents of both branches at once; see differentiate.ts.
 *
 * Conventions at kinks are PyTorch's (tools/autograd/derivatives.yaml): ties of maximum and minimum share the
 * tangent, abs has slope 0 at 0, a power with exponent 0 does not depend on its base, and 0 ** b with b ≥ 0 not on b.
 */
import type { Operator } from './expression.js';

/** By instruction and operand; null: the derivative is not known. */
export type Rules = { readonly [op in Operator]?: readonly (string | null)[] };

export const derivatives: Rules = {
  copy: ['d'],
  add: ['d', 'd'],
  sub: ['d', '-d'],
  mul: ['d * b', 'd * a'],
  div: ['d / b', '-d * (r / b)'],
  fma: ['d * b', 'd * a', 'd'],
  neg: ['-d'],
  abs: ['d * sign(a)'],
  sign: ['0'],
  reciprocal: ['-d * (r * r)'],
  sqrt: ['d / (2 * r)'],
  rsqrt: ['-0.5 * d * (r * r * r)'],
  floor: ['0'],
  ceil: ['0'],
  trunc: ['0'],
  round: ['0'],
  fmod: ['d', '-d * trunc_divide(a, b)'],
  remainder: ['d', '-d * floor_divide(a, b)'],
  floor_divide: ['0', '0'],
  trunc_divide: ['0', '0'],
  pow: ['b == 0 ? 0 : d * (b * a ** (b - 1))', 'a == 0 && real(b) >= 0 ? 0 : d * (r * log(a))'],
  maximum: ['a < b ? 0 : (a == b ? d / 2 : d)', 'a > b ? 0 : (a == b ? d / 2 : d)'],
  minimum: ['a > b ? 0 : (a == b ? d / 2 : d)', 'a < b ? 0 : (a == b ? d / 2 : d)'],
  fmax: ['a >= b || isnan(b) ? d : 0', 'a >= b || isnan(b) ? 0 : d'],
  fmin: ['a <= b || isnan(b) ? d : 0', 'a <= b || isnan(b) ? 0 : d'],
  copysign: ['a == 0 ? 0 : d * (r / a)', '0'],
  nextafter: ['0', '0'],
  exp: ['d * r'],
  exp2: ['d * (r * log(2))'],
  expm1: ['d * (r + 1)'],
  log: ['d / a'],
  log2: ['d * (1 / log(2)) / a'],
  log10: ['d * (1 / log(10)) / a'],
  log1p: ['d / (a + 1)'],
  sin: ['d * cos(a)'],
  cos: ['-d * sin(a)'],
  tan: ['d * (1 + r * r)'],
  asin: ['d * rsqrt(1 - a * a)'],
  acos: ['-d * rsqrt(1 - a * a)'],
  atan: ['d / (a * a + 1)'],
  // Zero at the origin, where there is no angle.
  atan2: ['n = a * a + b * b; n == 0 ? 0 : d * (b / n)', 'n = a * a + b * b; n == 0 ? 0 : -d * (a / n)'],
  sinh: ['d * cosh(a)'],
  cosh: ['d * sinh(a)'],
  tanh: ['d * (1 - r * r)'],
  asinh: ['d * rsqrt(a * a + 1)'],
  acosh: ['d * rsqrt(a * a - 1)'],
  atanh: ['d / (1 - a * a)'],
  erf: ['d * (2 / sqrt(pi) * exp(-a * a))'],
  erfc: ['-d * (2 / sqrt(pi) * exp(-a * a))'],
  // Near ±1 by exp(r²) = erfcx(r) / erfc(r), where erfc(r) is 1 - |a|: the square would multiply the rounding of r.
  erfinv: ['d * (sqrt(pi) / 2 * (abs(a) > 0.7 ? erfcx(minimum(abs(r), 30)) / (1 - abs(a)) : exp(r * r)))'],
  // Far out the difference cancels: there by the asymptotic series (DLMF 7.12.1).
  erfcx: [
    `q = 1 / (a * a);
     d * (a > 50 ? -1 / sqrt(pi) * q * (1 - 1.5 * q * (1 - 2.5 * q * (1 - 3.5 * q))) : 2 * a * r - 2 / sqrt(pi))`,
  ],
  lgamma: ['d * digamma(a)'],
  digamma: ['d * trigamma(a)'],
  sigmoid: ['d * (r * (1 - r))'],
  trigamma: ['-2 * d * zeta(3, a)'],
  zeta: [null, '-d * a * zeta(a + 1, b)'],
  // The modified functions of orders n and -n are the same.
  bessel_i: [null, 'd * 0.5 * (bessel_i(a - 1, b) + bessel_i(a + 1, b))'],
  bessel_ie: [null, 'd * (0.5 * (bessel_ie(a - 1, b) + bessel_ie(a + 1, b)) - sign(b) * r)'],
  spherical_bessel: [
    null,
    'a == 0 ? -d * spherical_bessel(1, b) : d * (a * spherical_bessel(a - 1, b) - (a + 1) * spherical_bessel(a + 1, b)) / (2 * a + 1)',
  ],
  conj: ['d'],
  real: ['d'],
  imag: ['0'],
  arg: ['0'],
  complex: ['d', '0'],
};

/**
 * Derivatives of instructions that are not complex differentiable: the tangent is linear over the real numbers only, so it takes parts or the conjugate
 * of d. Every other rule holds for complex numbers as it is.
 */
export const realLinear: Rules = {
  abs: ['real(d * conj(sign(a)))'],
  sign: ['r == 0 ? 0 : complex(0, imag(d * conj(r))) * r / abs(a)'],
  conj: ['conj(d)'],
  real: ['real(d)'],
  imag: ['imag(d)'],
  arg: ['a == 0 ? 0 : imag(d * conj(a)) / real(a * conj(a))'],
  complex: ['complex(real(d), 0)', 'complex(0, real(d))'],
};

/** Rules that hold for complex numbers, too, where that of real ones takes the wrong branch. */
export const otherBranch: Rules = {
  acosh: ['d * (rsqrt(a - 1) * rsqrt(a + 1))'],
};
