/**
 * Incomplete gamma functions, and gradients of gamma and Dirichlet samples: the formulas of kernels/distributions.cc, rearranged so
 * that float32 holds what they subtract.
 */
import type { StridedView } from '../../backend.js';
import type { KernelArguments } from '../../kernels.js';
import { type GpuBackend, Launch } from '../launch.js';
import { product } from '../loops.js';
import { entry } from '../operands.js';

/** Stores a value of each element's, an expression of the operands'. All are dense. */
function each(
  backend: GpuBackend,
  name: string,
  out: StridedView,
  inputs: readonly StridedView[],
  functions: string,
  value: (...elements: string[]) => string,
): void {
  const launch = new Launch(backend, name);
  const to = launch.output(out, 'f32');
  const from = inputs.map((view) => launch.input(view, 'f32'));
  const count = product(out.shape);
  const total = launch.int(count);
  launch.runEach(
    '',
    count,
    () =>
      functions +
      entry(`
  if (id >= ${total}) { return; }
  ${to.store('id', value(...from.map((ref) => ref.load('id'))))}`),
  );
}

const logarithms = `
// log(1 + t) - t.
fn log_excess(t: f32) -> f32 {
  if (abs(t) > 0.3) { return f_log1p(t) - t; }
  let s = t / (2.0 + t);
  let z = s * s;
  return s * (2.0 * z * (0.33333333 + z * (0.2 + z * (0.14285714 + z * (0.11111111 + z * 0.09090909)))) - t);
}
`;

/**
 * (x / a)^a exp(a - x), whose exponent is kept in two parts. Near a the exponent is a (log(1 + t) - t) with t = (x - a) / a,
 * by the series of log(1 + t) in t / (2 + t).
 */
const power = `
fn sum_error(a: f32, b: f32, s: f32) -> f32 {
  let v = s - a;
  return (a - (s - v)) + (b - v);
}
fn gamma_power(a: f32, x: f32) -> f32 {
  let d = x - a;
  if (abs(d) < 0.3 * a) {
    let sum = x + a;
    let s = d / sum;
    let p = s * sum;
    let s_low = ((d - p) - product_rest(s, sum, p) - s * sum_error(x, a, sum)) / sum;
    let main = d * s;
    let z = s * s;
    let rest = 2.0 * a * s * z * (0.33333333 + z * (0.2 + z * (0.14285714 + z * (0.11111111 + z * 0.09090909))));
    let y = f_exp(-main);
    return y + y * (rest_expm1(rest - product_rest(d, s, main) - d * s_low));
  }
  let r = x / a;
  let p = r * a;
  let off = ((x - p) - product_rest(r, a, p)) / x;
  let l = log2_in_parts(r);
  let ah = high_part(a);
  let dh = high_part(-d);
  let first = ah * l.x;
  let second = dh * 1.4423828e+00;
  let sum = first + second;
  let lower = (a - ah) * l.x + (-d - dh) * 1.4423828e+00;
  let tail = a * (l.y + off * 1.442695) - d * 3.122284e-04 + sum_error(a, -x, -d) * 1.442695 + sum_error(first, second, sum);
  let whole = sum + (lower + tail);
  let low = (sum - whole) + (lower + tail);
  let y = f_exp2(whole);
  return y + y * low * 0.6931472;
}
// Exponents below one are seldom more than small.
fn rest_expm1(x: f32) -> f32 { return select(f_expm1(x), x, abs(x) < 1.0e-4); }
// The rest that Stirling's formula for the logarithm of the gamma function leaves, from 3 on.
fn stirling_rest(a: f32) -> f32 {
  let r = 1.0 / a;
  let z = r * r;
  return r * (0.083333336 - z * (0.0027777778 - z * (0.0007936508 - z * (0.0005952381 - z * (0.00084175084 - z * 0.0019175269)))));
}
`;

/**
 * The regularized incomplete gamma function as in Cephes (S. L. Moshier): a series for what is below a small x, a continued fraction
 * for what is above a large one, another series where a is small too; and N. M. Temme's expansion near a large a (1979; DLMF 8.12).
 */
const incomplete = `
${logarithms}${power}
// log(gamma(1 + a)).
fn lgamma_of_next(a: f32) -> f32 {
  if (a < 1.0) { return a * (a - 1.0) * lgamma_between(a); }
  return lgamma_small(1.0 + a);
}
// x^a exp(-x) / gamma(1 + a).
fn gamma_density(a: f32, x: f32) -> f32 {
  if (a < 3.0) {
    if (x > 110.0) { return 0.0; }
    let half = f_exp(-0.5 * x);
    return f_pow(x, a) * half * half * f_exp(-lgamma_of_next(a));
  }
  return sqrt(0.15915494 / a) * gamma_power(a, x) * f_exp(-stirling_rest(a));
}
fn expansion_0(x: f32) -> f32 {
  return -0.33333333 + x * (0.083333336 + x * (-0.014814815 + x * (0.0011574074 + x * (0.00035273368 + x * (-0.00017875514 + x * (3.9192632e-05 + x * (-2.1854485e-06 + x * (-1.8540622e-06 + x * (8.2967113e-07 + x * (-1.7665953e-07 + x * 6.7078535e-09))))))))));
}
fn expansion_1(x: f32) -> f32 {
  return -0.0018518518 + x * (-0.0034722222 + x * (0.0026455026 + x * (-0.0009902263 + x * (0.00020576132 + x * (-4.0187757e-07 + x * (-1.809855e-05 + x * 7.649161e-06))))));
}
fn expansion_2(x: f32) -> f32 {
  return 0.0041335979 + x * (-0.0026813271 + x * (0.00077160494 + x * (2.0093879e-06 - x * 0.00010736653)));
}
// The share on the far side of x, seen from a.
fn temme_far(a: f32, x: f32) -> f32 {
  let t = (x - a) / a;
  let size = sqrt(-2.0 * log_excess(t));
  let eta = with_sign(size, t);
  let z = size * sqrt(0.5 * a);
  let far = gamma_power(a, x);
  let rest = (expansion_0(eta) + (expansion_1(eta) + expansion_2(eta) / a) / a) / sqrt(6.2831855 * a);
  let half = 0.5 * select(far * scaled_erfc(z), f_erfc(z), z < 0.25);
  return half + far * select(rest, -rest, t < 0.0);
}
fn series_below(a: f32, x: f32) -> f32 {
  var term = 1.0;
  var sum = 1.0;
  var n = a;
  for (var i = 0; i < 500 && term > 1.0e-8 * sum; i++) {
    n += 1.0;
    term *= x / n;
    sum += term;
  }
  return min(gamma_density(a, x) * sum, 1.0);
}
fn fraction_above(a: f32, x: f32) -> f32 {
  let d = x - a;
  var n = 15.0 + floor(60.0 / x);
  var f = d + (2.0 * n + 1.0);
  for (; n > 0.0; n -= 1.0) { f = d + (2.0 * n - 1.0) - n * (n - a) / f; }
  return min(gamma_density(a, x) * a / f, 1.0);
}
// Where both are small.
fn series_above(a: f32, x: f32) -> f32 {
  var power = 1.0;
  var sum = 0.0;
  for (var n = 1.0; n < 30.0; n += 1.0) {
    power *= -x / n;
    let term = power / (a + n);
    sum += term;
    if (abs(term) <= 1.0e-8 * abs(sum)) { break; }
  }
  let exponent = a * f_log(x) - lgamma_of_next(a);
  return -f_expm1(exponent) - a * f_exp(exponent) * sum;
}
fn incomplete(a: f32, x: f32, upper: bool) -> f32 {
  if (is_nan(a) || is_nan(x) || a < 0.0 || x < 0.0) { return nan_value(); }
  if ((!f_true(a) && !f_true(x)) || (is_inf(a) && is_inf(x))) { return nan_value(); }
  if (!f_true(a) || is_inf(x)) { return truth(!upper); }
  if (!f_true(x) || is_inf(a)) { return truth(upper); }
  let t = (x - a) / a;
  var value = 0.0;
  var isAbove = false;
  if (a > 1.0e30) {
    value = select(0.0, 0.5, x == a);
    isAbove = t >= 0.0;
  } else if ((a > 400.0 && (t <= -0.6 || t >= 1.2)) || x > max(1.0e5, 3.0 * a)) {
    // Less than the smallest number; the powers below would overflow.
    isAbove = t > 0.0;
  } else if (a > 25.0 && t > -0.6 && t < 1.2) {
    value = temme_far(a, x);
    isAbove = t >= 0.0;
  } else {
    isAbove = select(x > 1.0 && x > a, x >= a, upper && x > 1.1);
    if (upper && x <= 1.1) { isAbove = select(1.1 * x >= a, -0.4 <= a * f_log(x), x <= 0.5); }
    if (!isAbove) { value = series_below(a, x); }
    else if (x > 1.1) { value = fraction_above(a, x); }
    else { value = series_above(a, x); }
  }
  return select(1.0 - value, value, isAbove == upper);
}
`;

export function incomplete_gamma(
  backend: GpuBackend,
  { out, a, x, upper }: KernelArguments<'incomplete_gamma'>,
): void {
  const name = upper ? 'incomplete_gamma above' : 'incomplete_gamma below';
  each(backend, name, out, [a, x], incomplete, (k, y) => `incomplete(${k}, ${y}, ${upper})`);
}

const gammaGradient = `
${logarithms}
fn or_zero(x: f32) -> f32 { return select(x, 0.0, is_nan(x)); }
fn gamma_grad(alpha: f32, x: f32) -> f32 {
  if (x < 0.8) {
    // A Taylor series for small x, without the terms 1 / alpha^2 that cancel.
    var power = 1.0;
    var sum = 1.0 / alpha;
    var rest = 0.0;
    for (var i = 1.0; i < 5.5; i += 1.0) {
      power *= -x / i;
      let part = power / (alpha + i);
      sum += part;
      rest += part * i / (alpha + i);
    }
    return or_zero(-x * f_exp(x) * ((f_log(x) - f_digamma(1.0 + alpha)) * sum + rest / alpha));
  }
  if (alpha > 8.0) {
    // S. O. Rice's saddle point expansion for large alpha, over its powers.
    let r = x / alpha;
    if (0.9 * alpha <= x && x <= 1.1 * alpha) {
      let first = (1.0 / alpha + 24.0) / alpha + 288.0;
      let second = 1440.0 + 6.0 * r * (53.0 / alpha - 120.0 * r) + (107.0 - 65.0 * r * r) / alpha + 3600.0 * r;
      return first * second / 1244160.0;
    }
    let t = (x - alpha) / alpha;
    let l = f_log1p(t);
    let excess = -log_excess(t);
    let rest = abs(l) / (excess * sqrt(excess)) - 1.4142135 * (1.0 + 2.0 / t) / t;
    return (1.0 + (1.0 + 1.0 / (24.0 * alpha)) / (12.0 * alpha)) * r * (l / t - rest / (2.828427 * alpha));
  }
  // A rational approximation in two variables.
  let u = f_log(x / alpha);
  let v = f_log(alpha);
  let p = vec4(0.16009398, -0.094634809, 0.025146376, -0.0030648343) + u * (vec4(0.53487893, 0.1298071, 0.065735949, -0.0015649758) + u * vec4(0.040121004, -0.0065914022, -0.0026286047, -0.0013441777));
  let q = vec4(1.0, 0.32668115, 0.10406089, 0.0014179084) + u * (vec4(0.16639465, 0.020070113, -0.0035938915, -0.00058392623) + u * vec4(0.017050642, -0.0021309326, 0.00085092367, -1.5247877e-07));
  let powers = vec4(1.0, v, v * v, v * v * v);
  return f_exp(dot(p, powers) / dot(q, powers));
}
`;

export function standard_gamma_grad(
  backend: GpuBackend,
  { out, concentration, sample }: KernelArguments<'standard_gamma_grad'>,
): void {
  each(
    backend,
    'standard_gamma_grad',
    out,
    [concentration, sample],
    gammaGradient,
    (alpha, x) => `gamma_grad(${alpha}, ${x})`,
  );
}

/** Coefficients of the rational correction by powers of log(x), of log(alpha / x), and of what remains of log(total). */
const corrections = [
  [
    [
      [1.003668233, -0.01061107488, -0.0657888334, 0.01201642863],
      [0.6336835991, -0.3557432599, 0.05486251648, -0.001465281033],
      [-0.03276231906, 0.004474107445, 0.002429354597, -0.0001557569013],
    ],
    [
      [0.221950385, -0.3187676331, 0.01799915743, 0.01074823814],
      [-0.2951249643, 0.06219954479, 0.01535556598, 0.001550077057],
      [0.02155310298, 0.004170831599, 0.001292462449, 6.976601077e-5],
    ],
    [
      [-0.05980841433, 0.008441916499, 0.01085618172, 0.002319392565],
      [0.02911413504, 0.01400243777, -0.002721828457, 0.000751041181],
      [0.005900514878, -0.001936558688, -9.495446725e-6, 5.385558597e-5],
    ],
  ],
  [
    [
      [1, -0.02924021934, -0.04438342661, 0.007285809825],
      [0.6357567472, -0.3473456711, 0.05454656494, -0.002407477521],
      [-0.03301322327, 0.004845219414, 0.00231480583, -0.0002307248149],
    ],
    [
      [0.5925320577, -0.1757678135, 0.01505928619, 0.000564515273],
      [0.1014815858, -0.06589186703, 0.01272886114, -0.0007316646956],
      [-0.007258481865, 0.001096195486, 0.0003934994223, -4.12701925e-5],
    ],
    [
      [0.06469649321, -0.0236701437, 0.002902096474, -5.896963079e-5],
      [0.001925008108, -0.002869809258, 0.0008000589141, -6.063713228e-5],
      [-0.0003477407336, 6.959756487e-5, 1.097287507e-5, -1.650964693e-6],
    ],
  ],
];

/** A polynomial in u and a, whose coefficients are `vec4`s. */
const inTwo = (rows: readonly (readonly (readonly number[])[])[]): string => {
  const of = (terms: readonly string[], by: string): string =>
    terms.reduceRight((rest, term) => `${term} + ${by} * (${rest})`);
  return of(
    rows.map(
      (row) =>
        `(${of(
          row.map((c) => `vec4<f32>(${c.join()})`),
          'a',
        )})`,
    ),
    'u',
  );
};

const dirichletGradient = (): string => `
${logarithms}
fn or_zero(x: f32) -> f32 { return select(x, 0.0, is_nan(x)); }
// digamma(v + d) - digamma(v), whose terms all have one sign but for small ones.
fn digamma_step(v: f32, d: f32) -> f32 {
  var x = v;
  var sum = 0.0;
  for (var k = 0; k < 10; k++) {
    let goes = x < 10.0;
    sum += select(0.0, d / (x * (x + d)), goes);
    x += select(0.0, 1.0, goes);
  }
  let y = x + d;
  let r = 1.0 / (x * x);
  let s = 1.0 / (y * y);
  let series = 0.083333336 - (r + s) * 0.008333334 + (r * r + r * s + s * s) * 0.003968254;
  return sum + (f_log1p(d / x) + d * (0.5 + (x + y) / (x * y) * series) / (x * y));
}
// The gradient of a beta sample by alpha, by a Taylor series for x near 0.
fn by_alpha_small(x: f32, alpha: f32, beta: f32) -> f32 {
  let next = -f_log(x) - digamma_step(1.0 + alpha, beta - 1.0);
  let factor = next - 1.0 / alpha;
  var power = 1.0;
  var sum = next / alpha;
  for (var i = 1.0; i < 10.5; i += 1.0) {
    power *= (i - beta) * x / i;
    sum += power / (alpha + i) * (factor + 1.0 / (alpha + i));
  }
  return or_zero(x * f_exp(-beta * f_log1p(-x)) * sum);
}
// The same by beta.
fn by_beta_small(x: f32, alpha: f32, beta: f32) -> f32 {
  let factor = digamma_step(beta, alpha);
  var power = 1.0;
  var betas = 1.0;
  var slope = 0.0;
  var sum = factor / alpha;
  for (var i = 1.0; i < 8.5; i += 1.0) {
    power *= -x / i;
    slope = slope * (beta - i) + betas;
    betas *= beta - i;
    sum += power / (alpha + i) * (slope + factor * betas);
  }
  return or_zero(-f_exp((1.0 - beta) * f_log1p(-x)) * sum);
}
// The same by alpha, by S. O. Rice's saddle point expansion where both are large, over powers of the total.
fn by_alpha_mid(x: f32, alpha: f32, beta: f32, total: f32) -> f32 {
  let i = 1.0 / total;
  let a = alpha * i;
  let b = beta * i;
  let deviation = sqrt(a * b / (total + 1.0));
  let y = 1.0 - x;
  if (a - 0.1 * deviation <= x && x <= a + 0.1 * deviation) {
    let poly = 47.0 * x * b * b * b * b * i + a * ((43.0 * i + 20.0 * (16.0 * i + 27.0 * b) * x) * b * b * b +
      a * (3.0 * (59.0 * i + 180.0 * b - 90.0 * x * i) * b * b +
        a * ((453.0 * i + 1620.0 * b * y - 455.0 * x * i) * b + a * 8.0 * y * (135.0 * b - 11.0 * i))));
    return (i + 12.0 * a) * (i + 12.0 * b) / y * poly / (12960.0 * a * a * a * b * b * (i + 12.0) * total);
  }
  let stirling = (1.0 + (1.0 + 1.0 / (24.0 * alpha)) / (12.0 * alpha)) * (1.0 + (1.0 + 1.0 / (24.0 * beta)) / (12.0 * beta)) / (1.0 + (1.0 + 1.0 / (24.0 * total)) / (12.0 * total));
  let p = total * x;
  let offset = (p - alpha) + product_rest(total, x, p);
  let e = offset / alpha;
  let excess = -alpha * log_excess(e) - beta * log_excess(-offset / beta);
  let term1 = (2.0 * a * a * -y - a * b * y - x * b * b) * sqrt(total) / (sqrt(2.0 * a / b) * offset * offset);
  let term3 = sqrt(8.0 * a * beta) / offset;
  let term4 = 1.0 / (excess * sqrt(excess));
  return -stirling * x / sqrt(2.0 * a * beta) * (term1 - 0.5 * f_log1p(e) * (term3 + select(-term4, term4, x < a)));
}
${power}
// Over 1 - x, of a beta distribution with alpha + beta = total.
fn dirichlet_grad(x: f32, alpha: f32, total: f32) -> f32 {
  let beta = total - alpha;
  let boundary = total * x * (1.0 - x);
  if (x <= 0.5 && boundary < 2.5) { return by_alpha_small(x, alpha, beta); }
  if (x >= 0.5 && boundary < 0.75) { return -by_beta_small(1.0 - x, beta, alpha); }
  if (alpha > 6.0 && beta > 6.0) { return by_alpha_mid(x, alpha, beta, total); }
  // A rational correction of an analytic approximation.
  let u = f_log(x);
  let a = f_log(alpha) - u;
  let b = f_log(total) - a;
  let powers = vec4(1.0, b, b * b, b * b * b);
  let p = dot(${inTwo(corrections[0]!)}, powers);
  let q = dot(${inTwo(corrections[1]!)}, powers);
  return p / q * x * digamma_step(alpha, beta) / beta;
}
`;

export function dirichlet_grad(
  backend: GpuBackend,
  { out, sample, concentration, total }: KernelArguments<'dirichlet_grad'>,
): void {
  each(
    backend,
    'dirichlet_grad',
    out,
    [sample, concentration, total],
    dirichletGradient(),
    (x, alpha, sum) => `dirichlet_grad(${x}, ${alpha}, ${sum})`,
  );
}
