import { twoPowersLessOne } from './two_powers.js';

/**
 * Functions of the language that are abbreviations: text in terms of the instructions and of one another.
 * They are expanded while parsing, so nothing after the parser knows them.
 */
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
  // The logistic function where exp(-x) overflows, too: small results keep their digits.
  exact_sigmoid: [['x'], 'part = exp(x < 0 ? x : -x); (x < 0 ? part : 1) / (1 + part)'],
  log_sigmoid: [['x'], 'minimum(x, 0) - log1p(exp(-abs(x)))'],
  // Exact in the tail, too, where 1 + erf(x) would cancel.
  normal_cdf: [['x'], '0.5 * erfc(x * -sqrt(0.5))'],
  normal_pdf: [['x'], 'exp(-0.5 * x * x) * (1 / sqrt(2 * pi))'],
  // a + t² for a small a, where t² may be denormal: both are made larger by 2^64 on the way.
  add_tiny_square: [
    ['a', 't'],
    'u = t * 4294967296; (a * 1.8446744073709552e19 + u * u) * 5.421010862427522e-20',
  ],
  // x, which compilers of shaders do not see through: they take it that rounding took nothing from a sum.
  rounded: [['x'], 'copysign(x, x)'],
  // What rounding takes from a + b (Knuth, The Art of Computer Programming 4.2.2).
  lost_of_sum: [
    ['a', 'b'],
    'sum = rounded(a + b); part = rounded(sum - a); (a - rounded(sum - part)) + (b - part)',
  ],
  // What (a + b)^-s is multiplied with to make up for what rounding takes from a + b: the power is off by s times as much.
  sum_correction: [['s', 'a', 'b'], 'off = s * lost_of_sum(a, b) / (a + b); abs(off) < 0.5 ? 1 - off : 1'],
  // a + b + c, rounded nearly once.
  sum_of_three: [
    ['a', 'b', 'c'],
    'sum = rounded(a + b); lost = lost_of_sum(a, b) + lost_of_sum(sum, c); all = sum + c; abs(lost) < inf ? all + lost : all',
  ],
  // 2^x + 2^y - 1 without what cancels.
  two_powers_less_one: [['x', 'y'], twoPowersLessOne],
  // log(exp(a) + exp(b)) and its counterpart in base 2; equal infinities would give inf - inf.
  logaddexp: [
    ['a', 'b'],
    `is_less = real(a) < real(b); big = is_less ? b : a; small = is_less ? a : b; d = small - big;
     is_tiny = is_coarse() ? real(d) < -40 && abs(real(big)) < 1 : 0; t = exp(is_tiny ? d / 2 : d);
     isnan(a) || isnan(b) ? a * nan : abs(real(a)) == inf && real(a) == real(b) ? a
       : is_tiny ? add_tiny_square(big, t) : big + log1p(t)`,
  ],
  logaddexp2: [
    ['a', 'b'],
    `big = maximum(a, b); small = minimum(a, b); d = -abs(a - b); is_near = is_coarse() ? big < 0 && big > -1.5 && small > -100 && exp2(d) > -0.125 * big : 0;
     is_tiny = is_coarse() ? d < -50 && abs(big) < 1 && !is_near : 0; t = exp2(is_tiny ? d / 2 : d);
     abs(a) == inf && a == b ? a : is_tiny ? add_tiny_square(big, t * sqrt(1 / log(2)))
       : is_near ? log1p(two_powers_less_one(big, small)) / log(2) : big + log1p(t) / log(2)`,
  ],
  // x * log(y), zero where x is, unless y is NaN.
  xlogy: [['x', 'y'], 'isnan(y) ? nan : (x == 0 ? 0 : x * log(y))'],
  xlog1py: [['x', 'y'], 'isnan(y) ? nan : (x == 0 ? 0 : x * log1p(y))'],
  i0e: [['x'], 'bessel_ie(0, x)'],
  i1e: [['x'], 'bessel_ie(1, x)'],
  sinc: [['x'], 'spherical_bessel(0, pi * x)'],
};
