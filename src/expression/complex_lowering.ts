/**
 * Complex numbers: an expression of them becomes two expressions of real numbers, its real and its imaginary part, which the
 * same vector machine computes. Every instruction that complex numbers have is defined here by its parts, once.
 *
 * x and y are the parts of the first operand, u and v those of the second. At infinities the definitions follow C99's
 * Annex G as far as PyTorch does.
 */

import { expand } from './expand_special.js';
import {
  complexOperations,
  constant,
  type Expression,
  isConstant,
  name,
  type Operator,
  postorder,
} from './expression.js';
import { parseExpression } from './parse.js';
import { build, power } from './simplify.js';

/** The parts of a value; without an imaginary one it is real by its kind, as a truth value or an absolute value is. */
export interface Parts {
  readonly re: Expression;
  readonly im: Expression | null;
}

/** |z| without overflow on the way. */
const modulus = `
  a = abs(x); b = abs(y);
  m = maximum(a, b); ratio = minimum(a, b) / m;
  a == inf || b == inf ? inf : m == 0 ? m : m * sqrt(1 + ratio * ratio)`;

/** R. L. Smith's division, by the ratio of the divisor's parts, whose square neither overflows nor vanishes; signs of zeros are PyTorch's. */
const divisor = `
  wide = abs(u) >= abs(v); ratio = wide ? v / u : u / v; scale = 1 / (wide ? u + v * ratio : u * ratio + v);
  none = u == 0 && v == 0;`;

/** Of x, e^far is split off where e^x would overflow; a later factor may bring the product back. The difference is exact. */
const split = `
  size = abs(x); far = size > 700 ? 600 : size > 80 && size < 120 ? 60 : 0; near = x - copysign(far, x);
  rest = far == 600 ? 3.7730203009299397e260 : far == 60 ? 1.1420073898156842e26 : 1;`;
/** The same of y. */
const splitY = split.replaceAll('x', 'y');

/** By instruction: the real part and, unless the result is real, the imaginary one. */
const definitions: { readonly [op in Operator]?: readonly [re: string, im?: string] } = {
  conj: ['x', '-y'],
  real: ['x'],
  imag: ['y'],
  arg: ['isnan(x) || isnan(y) ? nan : atan2(y, x)'],
  complex: ['x', 'u'],
  copy: ['x', 'y'],
  mul: ['x * u - y * v', 'x * v + y * u'],
  div: [
    `${divisor} none ? x / abs(u) : (wide ? x + y * ratio : x * ratio + y) * scale`,
    `${divisor} none ? y / abs(v) : (wide ? y - x * ratio : y * ratio - x) * scale`,
  ],
  neg: ['-x', '-y'],
  abs: [modulus],
  eq: ['x == u && y == v'],
  ne: ['x != u || y != v'],
  isnan: ['isnan(x) || isnan(y)'],
  // An angle of exactly 0 stays 0, whatever its factor; a factor of 0 is 0, whatever the angle.
  exp: [
    `${split} x < 0 ? (x == -inf && !isfinite(y) ? 0 : exp(x) * cos(y))
      : y == 0 ? exp(x) : x == inf && !isfinite(y) ? inf : exp(near) * cos(y) * rest`,
    `${split} y == 0 ? y : x < 0 ? (x == -inf && !isfinite(y) ? copysign(0, y) : exp(x) * sin(y)) : exp(near) * sin(y) * rest`,
  ],
  // exp(x) cos(y) - 1 = expm1(x) cos(y) + (cos(y) - 1), with cos(y) - 1 = -2 sin²(y / 2).
  expm1: ['s = sin(0.5 * y); expm1(x) * cos(y) - 2 * s * s', 'exp(x) * sin(y)'],
  // |1 + z|² - 1 = x (x + 2) + y², exact for small z.
  log1p: [
    'square = x * (x + 2) + y * y; abs(x) + abs(y) < 0.5 ? 0.5 * log1p(square) : real(log(complex(x + 1, y)))',
    'atan2(y, x + 1)',
  ],
  // The larger of the two parts by adding, the other one by division.
  sqrt: [
    't = sqrt(0.5 * abs(x) + 0.5 * abs(complex(x, y))); abs(y) == inf ? inf : t == 0 ? 0 : x >= 0 ? t : x < 0 ? abs(y) / (2 * t) : nan',
    't = sqrt(0.5 * abs(x) + 0.5 * abs(complex(x, y))); abs(y) == inf || t == 0 ? y : x >= 0 ? y / (2 * t) : x < 0 ? copysign(t, y) : nan',
  ],
  // A factor of 0 is 0, however large the other one.
  sin: [
    `${splitY} x == 0 ? x : sin(x) * cosh(near) * rest`,
    `${splitY} y == 0 ? (isfinite(x) ? y * cos(x) : y) : abs(y) == inf && !isfinite(x) ? inf : cos(x) * sinh(near) * rest`,
  ],
  cos: [
    `${splitY} abs(y) == inf && !isfinite(x) ? inf : cos(x) * cosh(near) * rest`,
    `${splitY} x == 0 ? x * -copysign(1, y) : y == 0 ? (isfinite(x) ? y * -sin(x) : abs(y)) : -sin(x) * sinh(near) * rest`,
  ],
  sinh: [
    `${split} x == 0 ? (isfinite(y) ? x * cos(y) : x) : abs(x) == inf && !isfinite(y) ? inf : sinh(near) * cos(y) * rest`,
    `${split} y == 0 ? y : cosh(near) * sin(y) * rest`,
  ],
  cosh: [
    `${split} abs(x) == inf && !isfinite(y) ? inf : cosh(near) * cos(y) * rest`,
    `${split} y == 0 ? y * copysign(1, x) : x == 0 ? (isfinite(y) ? x * sin(y) : x) : sinh(near) * sin(y) * rest`,
  ],
  // W. Kahan, Branch Cuts for Complex Elementary Functions (1987); far out it is a sign but for exp(-2 |x|).
  tanh: [
    `t = tan(y); beta = 1 + t * t; s = sinh(x); rho = sqrt(1 + s * s);
     x == 0 ? x : abs(x) == inf ? copysign(1, x) : abs(x) > 22 ? copysign(1, x) + 0 * y : beta * rho * s / (1 + beta * s * s)`,
    `t = tan(y); beta = 1 + t * t; s = sinh(x); double = sin(y) * cos(y);
     y == 0 ? y : abs(x) == inf ? copysign(0, isfinite(y) ? double : y)
       : abs(x) > 22 ? 4 * double * exp(-2 * abs(x)) : t / (1 + beta * s * s)`,
  ],
  // Odd in x; at 1 the square of y alone would vanish.
  atanh: [
    `a = abs(x); b = abs(y); m = maximum(1, maximum(a, b));
     size = a == 1 && b < 1 ? 0.25 * log(4 + y * y) - 0.5 * log(b) : 0.25 * log1p(4 * (a / m) / ((1 - a) / m * (1 - a) + y / m * y));
     x == 0 ? x : a == inf || b == inf ? 0 * sign(x) : copysign(size, x)`,
    'abs(x) == inf || abs(y) == inf ? copysign(pi / 2, y) : 0.5 * atan2(2 * y, (1 - x) * (1 + x) - y * y)',
  ],
};

/** Where a is infinite: on which ray. */
const direction = `
  x = real(a); y = imag(a); isFar = abs(x) == inf || abs(y) == inf;
  u = abs(x) == inf ? sign(x) : 0 * x; v = abs(y) == inf ? 1 : 0 * abs(y);`;

/** Instructions defined by others, of the whole numbers a and b. */
const byOthers: { readonly [op in Operator]?: string } = {
  fma: 'a * b + c',
  reciprocal: '1 / a',
  rsqrt: '1 / sqrt(a)',
  sign: 'size = abs(a); size == 0 ? 0 : complex(real(a) / size, imag(a) / size)',
  exp2: 'exp(a * log(2))',
  // Near the unit circle |z|² - 1 says more than |z|.
  log: `
    x = abs(real(a)); y = abs(imag(a)); m = maximum(x, y); n = minimum(x, y);
    complex(m > 0.5 && m < 1.5 ? 0.5 * log1p((m - 1) * (m + 1) + n * n) : log(abs(a)), arg(a))`,
  log2: 'z = log(a); complex(real(z) / log(2), imag(z) / log(2))',
  log10: 'z = log(a); complex(real(z) / log(10), imag(z) / log(10))',
  pow: 'exp(b * log(a))',
  sigmoid: '1 / (1 + exp(-a))',
  // -i f(i z), f being the function that z's multiple by i turns this one into.
  tan: 't = tanh(complex(-imag(a), real(a))); complex(imag(t), -real(t))',
  atan: 't = atanh(complex(-imag(a), real(a))); complex(imag(t), -real(t))',
  asinh: 't = asin(complex(-imag(a), real(a))); complex(imag(t), -real(t))',
  // Kahan's formulas: products of roots, none of which crosses its cut.
  asin: `
    p = sqrt(1 - a); q = sqrt(1 + a); ${direction}
    isFar ? complex(atan2(u, v), copysign(inf, y)) : complex(x == 0 ? x : atan2(x, real(p * q)), asinh(imag(conj(p) * q)))`,
  acos: `
    p = sqrt(1 - a); q = sqrt(1 + a); ${direction}
    isFar ? complex(atan2(v, u), -copysign(inf, y))
          : complex(x == 0 ? pi / 2 : 2 * atan2(real(p), real(q)), asinh(imag(conj(q) * p)))`,
  acosh: `
    p = sqrt(a - 1); q = sqrt(a + 1); ${direction}
    isFar ? complex(inf, copysign(atan2(v, u), y))
          : complex(asinh(real(conj(p) * q)), x == 0 ? copysign(pi / 2, y) : 2 * atan2(imag(p), real(q)))`,
  logical_and: 'a != 0 ? b != 0 : 0',
  logical_or: 'a != 0 ? 1 : b != 0',
  logical_not: 'a == 0',
};

/** Complex numbers have no such operation. */
export class NoComplexForm extends Error {
  override name = 'NoComplexForm';

  constructor(readonly operator: string) {
    super(`${operator} is not defined for complex numbers`);
  }
}

const parsed = new Map<string, Expression>();

function parse(text: string): Expression {
  let e = parsed.get(text);
  if (e === undefined) {
    e = parseExpression(text);
    parsed.set(text, e);
  }
  return e;
}

const zero = constant(0);

function apply(op: Operator, args: readonly Parts[]): Parts {
  if (op === 'select') {
    const [condition, yes, no] = args;
    const mask = truth(condition);
    const re = build('select', mask, yes.re, no.re);
    if (yes.im === null && no.im === null) return { re, im: null };
    return { re, im: build('select', mask, yes.im ?? zero, no.im ?? zero) };
  }
  if (!(op in complexOperations) && args.every((a) => a.im === null))
    return { re: build(op, ...args.map((a) => a.re)), im: null };
  const [a, b] = args;
  if (op === 'conj' && a.im === null) return a;
  if (op === 'add' || op === 'sub') {
    const re = build(op, a.re, b.re);
    if (b.im === null) return { re, im: a.im };
    return { re, im: a.im !== null ? build(op, a.im, b.im) : op === 'add' ? b.im : build('neg', b.im) };
  }
  if (op === 'pow' && b.im === null) {
    if (isConstant(b.re, 1)) return a;
    if (isConstant(b.re, 0)) return { re: constant(1), im: zero };
    const special = power(name('a'), b.re);
    if (special !== undefined) return lowerComplex(special, { a });
  }
  if (op === 'pow' && a.im === null && isConstant(a.re, 1)) return { re: a.re, im: zero };
  // A real factor has no second part to multiply with, and a real divisor none to divide by.
  if (op === 'mul' && a.im === null) return scaled('mul', b, a.re, true);
  if ((op === 'mul' || op === 'div') && b.im === null) return scaled(op, a, b.re, false);
  const own = definitions[op];
  if (own !== undefined) return fromParts(own, args);
  const other = byOthers[op];
  if (other === undefined) throw new NoComplexForm(op);
  return lowerComplex(parse(other), { a, b, c: args[2] });
}

function scaled(op: 'mul' | 'div', z: Parts, by: Expression, first: boolean): Parts {
  const part = (e: Expression): Expression => (first ? build(op, by, e) : build(op, e, by));
  return { re: part(z.re), im: z.im && part(z.im) };
}

function truth(z: Parts): Expression {
  return z.im === null ? z.re : apply('ne', [z, { re: zero, im: null }]).re;
}

function fromParts([re, im]: readonly [re: string, im?: string], args: readonly Parts[]): Parts {
  const [first, second] = args;
  const names: Record<string, Parts> = { x: real(first.re), y: real(first.im ?? zero) };
  if (second !== undefined) Object.assign(names, { u: real(second.re), v: real(second.im ?? zero) });
  return {
    re: lowerComplex(parse(re), names).re,
    im: im === undefined ? null : lowerComplex(parse(im), names).re,
  };
}

const real = (re: Expression): Parts => ({ re, im: null });

/**
 * The parts of an expression's value, given those of its names.
 *
 * @throws NoComplexForm for an instruction that complex numbers do not have
 */
export function lowerComplex(e: Expression, names: Readonly<Record<string, Parts>>): Parts {
  const done = new Map<Expression, Parts>();
  const [root] = expand([e]);
  for (const n of postorder([root])) {
    let parts: Parts;
    if (n.op === 'constant') parts = real(n);
    else if (n.op === 'name') parts = names[n.name] ?? real(name(n.name));
    else
      parts = apply(
        n.op,
        n.args.map((a) => done.get(a)!),
      );
    done.set(n, parts);
  }
  return done.get(root)!;
}
