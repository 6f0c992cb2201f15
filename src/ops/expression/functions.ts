/**
 * Functions of the language that are abbreviations: text in terms of the instructions and of one another.
 * They are expanded while parsing, so nothing after the parser knows them.
 */
import { i0e, i1e } from './bessel.js';

export const functions: Readonly<Record<string, readonly [parameters: readonly string[], body: string]>> = {
  where: [['condition', 'a', 'b'], 'select(condition, a, b)'],
  square: [['x'], 'x * x'],
  frac: [['x'], 'x - trunc(x)'],
  clamp: [['x', 'low', 'high'], 'minimum(maximum(x, low), high)'],
  isinf: [['x'], 'abs(x) == inf'],
  isfinite: [['x'], 'abs(x) < inf'], // false for NaN, as every comparison
  logical_xor: [['a', 'b'], '(a != 0) != (b != 0)'],
  // Zero, and only zero, at or below zero; NaN stays.
  relu: [['x'], 'x <= 0 ? 0 : x'],
  // log(1 + exp(x)) without overflow.
  softplus: [['x'], 'maximum(x, 0) + log1p(exp(-abs(x)))'],
  log_sigmoid: [['x'], 'minimum(x, 0) - log1p(exp(-abs(x)))'],
  normal_cdf: [['x'], '0.5 * (1 + erf(x * sqrt(0.5)))'],
  normal_pdf: [['x'], 'exp(-0.5 * x * x) * (1 / sqrt(2 * pi))'],
  // log(exp(a) + exp(b)) and its counterpart in base 2; equal infinities would give inf - inf.
  logaddexp: [
    ['a', 'b'],
    `is_less = real(a) < real(b); big = is_less ? b : a; small = is_less ? a : b;
     abs(real(a)) == inf && real(a) == real(b) ? a : big + log1p(exp(small - big))`,
  ],
  logaddexp2: [['a', 'b'], 'abs(a) == inf && a == b ? a : maximum(a, b) + log1p(exp2(-abs(a - b))) / log(2)'],
  // x * log(y), zero where x is, unless y is NaN.
  xlogy: [['x', 'y'], 'isnan(y) ? nan : (x == 0 ? 0 : x * log(y))'],
  xlog1py: [['x', 'y'], 'isnan(y) ? nan : (x == 0 ? 0 : x * log1p(y))'],
  trigamma: [['x'], trigamma()],
  zeta: [['x', 'q'], hurwitzZeta()],
  i0e: [['x'], i0e],
  i1e: [['x'], i1e],
};

/**
 * Σ (q + k)^-x over k ≥ 0: the first twenty terms, and for the rest the Euler–Maclaurin formula (DLMF 25.11.43) with
 * the Bernoulli numbers B2 … B14 over the factorials of their indices.
 */
function hurwitzZeta(): string {
  const terms = Array.from({ length: 20 }, (_, k) => `pow(q + ${k}, -x)`).join(' + ');
  const factors = [
    1 / 12,
    -1 / 720,
    1 / 30240,
    -1 / 1209600,
    1 / 47900160,
    -691 / 1307674368000,
    1 / 74724249600,
  ];
  const series = factors.reduceRight(
    (rest, b, j) => `${b} + (x + ${2 * j + 1}) * (x + ${2 * j + 2}) * r * (${rest === '' ? '0' : rest})`,
    '',
  );
  return `
    a = q + 20;
    r = 1 / (a * a);
    last = pow(a, -x);
    value = ${terms} + last * a / (x - 1) + last / 2 + last * x / a * (${series});
    x == 1 ? inf : x < 1 ? nan : q <= 0 && q == floor(q) ? inf : value`;
}

/**
 * The derivative of digamma: reflected to x ≥ 1/2 (Abramowitz & Stegun 6.4.7), moved up to x ≥ 8.5 by 6.4.6, and
 * there the asymptotic series 6.4.12 with the Bernoulli numbers B2 … B14.
 */
function trigamma(): string {
  const steps = Array.from({ length: 8 }, (_, k) => `1 / ((y + ${k}) * (y + ${k}))`).join(' + ');
  const bernoulli = ['1/6', '-1/30', '1/42', '-1/30', '5/66', '-691/2730', '7/6'];
  const series = bernoulli.reduceRight((rest, b) => (rest ? `${b} + q * (${rest})` : b), '');
  return `
    y = x < 0.5 ? 1 - x : x;
    z = y + 8;
    q = 1 / (z * z);
    value = ${steps} + 1 / z + q / 2 + q / z * (${series});
    sine = sin(pi * (x - floor(x)));
    x < 0.5 ? pi * pi / (sine * sine) - value : value`;
}
