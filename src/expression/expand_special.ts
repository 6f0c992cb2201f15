/** Special functions in terms of instructions. */
import { besselIe, sphericalBessel } from './bessel.js';
import { erfcx } from './erfcx.js';
import {
  constant,
  type Expression,
  isSpecial,
  postorder,
  rebuild,
  type SpecialFunction,
} from './expression.js';
import { parseExpression } from './parse.js';
import { build } from './simplify.js';

/** B₂ … B₂₄. */
const bernoulli = [
  1 / 6,
  -1 / 30,
  1 / 42,
  -1 / 30,
  5 / 66,
  -691 / 2730,
  7 / 6,
  -3617 / 510,
  43867 / 798,
  -174611 / 330,
  854513 / 138,
  -236364091 / 2730,
];

/** x^-s as a text, given x and what is taken from s. */
type Power = (x: string, less: number) => string;

const generalPower: Power = (x, less) => `pow(${x}, ${less === 0 ? '-s' : `${less} - s`})`;

/** For a whole s: products and a division, which take a fraction of a power's time. */
const wholePower =
  (s: number): Power =>
  (x, less) =>
    `1 / ${product(x, s - less)}`;

function product(x: string, count: number): string {
  if (count === 1) return `(${x})`;
  if (count % 2 === 1) return `(${product(x, count - 1)} * (${x}))`;
  const half = product(x, count / 2);
  return `(${half} * ${half})`;
}

/** The largest whole s for which powers are products. */
const LARGEST_PRODUCT = 8;

/** (x + k)^(less - s); in float32 with what rounding took from the sum. */
const shiftedPower = (x: string, k: string, less: number, power: Power): string =>
  `${power(`(${x} + ${k}) * scale`, less)} * (is_coarse() ? sum_correction(s - ${less}, ${x}, ${k}) : 1)`;

/** Ten terms of Σ (x + k)^-s, from k = `from`: in float32 the small ones first, unless there are some that cancel. */
function zetaTerms(x: string, from: string, power: Power): string {
  const terms = Array.from({ length: 10 }, (_, k) => shiftedPower(x, `(${from} + ${k})`, 0, power));
  const falling = terms.join(' + ');
  return `(is_coarse() ? (q > 0 ? ${terms.reverse().join(' + ')} : ${falling}) : ${falling})`;
}

/** Σ (x + k)^-s over k ≥ `from` for x + from ≥ 10, as an assignment to `to`: the Euler–Maclaurin formula (DLMF 25.11.43). */
function zetaRest(to: string, x: string, from: string, power: Power): string {
  let factorial = 1;
  const factors = bernoulli.map((b, j) => {
    factorial *= (2 * j + 1) * (2 * j + 2);
    return b / factorial;
  });
  const series = factors.reduceRight(
    (rest, b, j) => `${b} + (s + ${2 * j + 1}) * (s + ${2 * j + 2}) * ${to}_r * (${rest})`,
    '0',
  );
  return `
    ${to}_n = ${x} + ${from}; ${to}_r = 1 / (${to}_n * ${to}_n); ${to}_p = ${shiftedPower(x, from, 1, power)} / scale;
    ${to} = ${to}_p == 0 ? 0 : ${to}_p * (1 / (s - 1) + 0.5 / ${to}_n + s * ${to}_r * (${series}));`;
}

/**
 * The Hurwitz zeta function of s = a and q = b: the first twenty terms, and the rest. For q < 0 s must be whole; far below zero the sum over
 * all integers, which has period 1 in q, leads back to arguments above: ten terms of each of two such sums, so that the same twenty powers
 * serve both. Terms of opposite signs follow one another, and cancel as they come. Where terms may be denormal, q and its neighbours are divided
 * by 16 or 65536, and the sum is multiplied with the power of that: 60 - 16 s is exact.
 */
const zetaBy = (power: Power): string => `
  s = a; q = b;
  size = pow(q, 1 - s); scale = is_coarse() ? (s >= 4 && q > 4 && size > 0 && size < 1e-30 * q ? (q > 1000 ? 1 / 65536 : 1 / 16) : 1) : 1;
  isFar = q < -10; n = floor(q); sign = s / 2 == floor(s / 2) ? 1 : -1;
  first = isFar ? q - n : q; last = n + 1 - q;
  ${zetaRest('z', 'first', '(isFar ? 10 : 20)', power)}
  ${zetaRest('y', 'last', '10', power)}
  ${zetaRest('x', '(-q)', '1', power)}
  t = isFar ? last : q; from = isFar ? 0 : 10; sum = ${zetaTerms('first', '0', power)}; next = ${zetaTerms('t', 'from', power)};
  all = isFar ? z + (sum + sign * (next + y - x)) : is_coarse() ? sum_of_three(sum, next, z) : z + (sum + next);
  s == 1 ? inf : s < 1 ? nan : q <= 0 && q == n ? inf : q < 0 && s != floor(s) ? nan
    : is_coarse() ? (scale < 1 ? all * exp2(60 - (q > 1000 ? 16 : 4) * s) * exp2(-60) : all) : all`;

const zeta = (s: number): string =>
  zetaBy(Number.isInteger(s) && s > 1 && s <= LARGEST_PRODUCT ? wholePower(s) : generalPower);

/**
 * The derivative of digamma: reflected to x ≥ 1/2 (Abramowitz & Stegun 6.4.7), moved up to x ≥ 8.5 by 6.4.6, and
 * there the asymptotic series 6.4.12.
 */
function trigamma(): string {
  const steps = Array.from({ length: 8 }, (_, k) => `1 / ((y + ${k}) * (y + ${k}))`).join(' + ');
  const series = bernoulli.slice(0, 7).reduceRight((rest, b) => `${b} + q * (${rest})`, '0');
  return `
    y = a < 0.5 ? 1 - a : a;
    z = y + 8;
    q = 1 / (z * z);
    value = ${steps} + 1 / z + q / 2 + q / z * (${series});
    reflected = pi / sin(pi * (a - round(a)));
    a < 0.5 ? reflected * reflected - value : value`;
}

const bodies: { readonly [f in Exclude<SpecialFunction, 'is_coarse'>]: (order: number) => string } = {
  erfcx: () => `x = a; ${erfcx}`,
  trigamma,
  zeta,
  bessel_i: (n) => `x = b; exp(abs(x)) * bessel_ie(${n}, x)`,
  bessel_ie: (n) => `x = b; ${besselIe(Math.abs(n))}`,
  spherical_bessel: (n) => `x = b; ${sphericalBessel(n)}`,
};

/** Finds parts of an expression that can't be computed in float32 without losing digits. */
const wide: readonly string[] = [
  'trigamma',
  'zeta',
  'bessel_i',
  'bessel_ie',
] satisfies readonly SpecialFunction[];

/** Whether the expression is better computed in float64 where that can be, whatever its operands. */
export function isWide(e: Expression): boolean {
  return postorder([e]).some((n) => wide.includes(n.op));
}

/** By whether they are for a coarse device, and by source. */
const texts = new Map<string, Expression>();

/** The expressions in terms of instructions alone. @param isCoarse whether the device has float32 at most and may take denormal numbers for zero */
export function expand(roots: readonly Expression[], isCoarse = false): readonly Expression[] {
  if (!postorder(roots).some((n) => isSpecial(n.op))) return roots;
  return rebuild(
    roots,
    () => undefined,
    (op, args) => (isSpecial(op) ? expandCall(op, args, isCoarse) : build(op, ...args)),
  );
}

/** One special function of these operands in terms of instructions. */
function expandCall(op: SpecialFunction, args: readonly Expression[], isCoarse: boolean): Expression {
  if (op === 'is_coarse') return constant(isCoarse ? 1 : 0);
  const order = args[0].op === 'constant' ? Number(args[0].value) : 0;
  const source = bodies[op](order);
  const key = `${isCoarse}${source}`;
  let body = texts.get(key);
  if (body === undefined) {
    [body] = expand([parseExpression(source)], isCoarse);
    texts.set(key, body);
  }
  return rebuild(
    [body],
    (n) => (n.op === 'name' ? args[n.name === 'a' ? 0 : 1] : undefined),
    (name, operands) => build(name, ...operands),
  )[0];
}
