/**
 * Random numbers: Philox4x32-10 (Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3, 2011). The generator's seed is the
 * key; each draw counts on from where the last one ended, so that a seed gives the same numbers on every adapter.
 */
import { Category } from '../../../core/dtype.js';
import type { StridedView } from '../../backend.js';
import type { KernelArguments } from '../../kernels.js';
import { WORKGROUP } from '../gpu.js';
import { type GpuBackend, Launch, numberKind, scratch } from '../launch.js';
import { product } from '../loops.js';
import { entry } from '../operands.js';
import { searchsorted } from './order.js';
import { scan } from './running_sums.js';

/** A generator as kernels see it. */
interface Counter {
  initialSeed(): bigint;
  /** Takes so many blocks of four words; returns the number of the first. */
  advance(blocks: number): number;
}

const philox = `
fn philox(counter: vec4<u32>, seed: vec2<u32>) -> vec4<u32> {
  var c = counter;
  var k = seed;
  for (var i = 0; i < 10; i++) {
    let a = mul_wide(0xd2511f53u, c.x);
    let b = mul_wide(0xcd9e8d57u, c.z);
    c = vec4<u32>(b.y ^ c.y ^ k.x, b.x, a.y ^ c.w ^ k.y, a.x);
    k += vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}
// The cosine of a share of the circle, or its sine.
fn on_circle(share: f32, odd: bool) -> f32 {
  let quarters = round(4.0 * share);
  let r = (4.0 * share - quarters) * 1.5707963267948966;
  let q = u32(quarters) + select(0u, 3u, odd);
  let v = select(cos_reduced(r, 0.0), -sin_reduced(r, 0.0), (q & 1u) != 0u);
  return select(v, -v, (q & 2u) != 0u);
}
fn unit(word: u32) -> f32 { return f32(word >> 8u) * 5.9604644775390625e-08; }
`;

/**
 * Fills a view with values made from random words.
 *
 * @param value the element's value, of `w0` (and `w1`), two words of its own, or those of its pair where `isPaired`; `odd` tells
 *   the second of a pair; `vec4(counter, e, n)` counts the element's n-th block of further words, from 1 on
 */
function fill(
  backend: GpuBackend,
  name: string,
  out: StridedView,
  state: StridedView,
  kind: 'f32' | 'i64',
  prepare: (launch: Launch) => (coordinates: readonly string[]) => string,
  isPaired = false,
  functions = '',
): void {
  const generator = state as unknown as Counter;
  const count = product(out.shape);
  if (count === 0) return;
  // Two words an element, or two for a pair.
  const each = isPaired ? 4 : 2;
  const blocks = Math.ceil(count / each);
  const launch = new Launch(backend, name);
  const o = launch.output(out, kind);
  const value = prepare(launch);
  const total = launch.int(count);
  const blockCount = launch.int(blocks);
  const first = launch.parameters.long(generator.advance(blocks));
  const seed = launch.parameters.long(generator.initialSeed());
  const sizes = out.shape.map((n) => launch.int(n));
  launch.run(
    `${sizes.length}`,
    () => {
      const lines = ['var rest = at;'];
      for (let d = sizes.length - 1; d >= 0; d--)
        lines.push(`let c${d} = rest % ${sizes[d]}; rest /= ${sizes[d]};`);
      const c = sizes.map((_, d) => `c${d}`);
      return (
        philox +
        functions +
        entry(`
  if (id >= ${blockCount}) { return; }
  let seed = ${seed};
  let counter = i_add(${first}, vec2<u32>(id, 0u));
  let words = philox(vec4<u32>(counter, 0u, 0u), seed);
  for (var e = 0u; e < ${each}u; e++) {
    let at = id * ${each}u + e;
    if (at < ${total}) {
    let half = ${isPaired ? 'e / 2u' : 'e'};
    let odd = (e & 1u) != 0u;
    let w0 = words[2u * half];
    let w1 = words[2u * half + 1u];
    ${lines.join(' ')}
    ${o.store(o.at(...c), value(c))}
    }
  }`)
      );
    },
    Math.ceil(blocks / WORKGROUP),
  );
}

export function random_uniform(
  backend: GpuBackend,
  { out, state, from: low, to: high }: KernelArguments<'random_uniform'>,
): void {
  fill(backend, 'random_uniform', out, state, 'f32', (launch) => {
    const [from, range] = [launch.float(low), launch.float(high - low)];
    return () => `madd(unit(w0), ${range}, ${from})`;
  });
}

/** Box and Muller's transform. */
const gaussian = 'sqrt(-2.0 * f_log(1.0 - unit(w0))) * on_circle(unit(w1), odd)';

export function random_normal(
  backend: GpuBackend,
  { out, state, mean, std }: KernelArguments<'random_normal'>,
): void {
  const prepare = (launch: Launch) => {
    const [m, s] = [launch.float(mean), launch.float(std)];
    return () => `madd(${gaussian}, ${s}, ${m})`;
  };
  fill(backend, 'random_normal', out, state, 'f32', prepare, true);
}

export function random_log_normal(
  backend: GpuBackend,
  { out, state, mean, std }: KernelArguments<'random_log_normal'>,
): void {
  const prepare = (launch: Launch) => {
    const [m, s] = [launch.float(mean), launch.float(std)];
    return () => `f_exp(madd(${gaussian}, ${s}, ${m}))`;
  };
  fill(backend, 'random_log_normal', out, state, 'f32', prepare, true);
}

export function random_integers(
  backend: GpuBackend,
  { out, state, low, range }: KernelArguments<'random_integers'>,
): void {
  fill(backend, 'random_integers', out, state, 'i64', (launch) => {
    const [from, size] = [launch.parameters.long(low), launch.parameters.long(range)];
    return () => `i_add(${from}, u_divide(vec2<u32>(w0, w1), ${size}).zw)`;
  });
}

/** How many numbers `random_()` draws from: floats as far as they are exact. */
const exactUpTo: Readonly<Record<string, number>> = { float32: 2 ** 24, float16: 2 ** 11, bfloat16: 2 ** 8 };

export function random_full(backend: GpuBackend, { out, state }: KernelArguments<'random_full'>): void {
  const { dtype } = out;
  const bits = 8 * dtype.itemsize - (dtype.isSigned ? 1 : 0);
  const range =
    exactUpTo[dtype.name] === undefined
      ? dtype.category === Category.bool
        ? 2
        : 2 ** bits
      : exactUpTo[dtype.name] + 1;
  random_integers(backend, { out, state, low: 0, range });
}

export function random_bernoulli(
  backend: GpuBackend,
  { out, state, p }: KernelArguments<'random_bernoulli'>,
): void {
  fill(backend, 'random_bernoulli', out, state, 'f32', (launch) => {
    const chance = launch.float(p);
    return () => `truth(unit(w0) < ${chance})`;
  });
}

export function random_bernoulli_tensor(
  backend: GpuBackend,
  { out, state, p }: KernelArguments<'random_bernoulli_tensor'>,
): void {
  fill(backend, 'random_bernoulli_tensor', out, state, 'f32', (launch) => {
    const chance = launch.input(p, 'f32');
    return (c) => `truth(unit(w0) < ${chance.load(chance.at(...c))})`;
  });
}

/**
 * The logarithm of a probability is written by its deviance, which float32 holds (C. Loader, Fast and Accurate Computation of Binomial
 * Probabilities, 2000): (1 + x) log(1 + x) - x, and what Stirling's formula for the factorial of k leaves.
 */
const deviances = `
fn deviance(x: f32) -> f32 {
  if (abs(x) < 0.1) { return x * x * (0.5 - x * (1.0 / 6.0 - x * (1.0 / 12.0 - x * (0.05 - x * (1.0 / 30.0 - x / 42.0))))); }
  if (x <= -1.0) { return 1.0; }
  return (1.0 + x) * f_log1p(x) - x;
}
fn stirling_tail(k: f32) -> f32 {
  let square = k * k;
  return (1.0 - (1.0 - 1.0 / (3.5 * square)) / (30.0 * square)) / (12.0 * k);
}
`;

/**
 * A number from the Poisson distribution: for large rates by W. Hörmann's transformed rejection (PTRS, 1993), for small ones by
 * multiplying uniform numbers.
 */
const poisson = `
${deviances}
fn poisson_log(k: f32, rate: f32) -> f32 {
  if (k == 0.0) { return -rate; }
  return -rate * deviance((k - rate) / rate) - stirling_tail(k) - 0.5 * f_log(6.2831853071795865 * k);
}
fn poisson(rate: f32, counter: vec2<u32>, e: u32, seed: vec2<u32>) -> f32 {
  if (!(rate > 0.0)) { return rate; }
  if (rate < 10.0) {
    let least = f_exp(-rate);
    var share = 1.0;
    var count = 0.0;
    for (var n = 1u; ; n++) {
      let words = philox(vec4<u32>(counter, e, n), seed);
      for (var i = 0u; i < 4u; i++) {
        share *= unit(words[i]);
        if (share <= least) { return count; }
        count += 1.0;
      }
    }
  }
  let b = 0.931 + 2.53 * sqrt(rate);
  let a = -0.059 + 0.02483 * b;
  let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
  let accepted = 0.9277 - 3.6224 / (b - 2.0);
  for (var n = 1u; ; n++) {
    let words = philox(vec4<u32>(counter, e, n), seed);
    let u = unit(words.x) - 0.5;
    let v = unit(words.y);
    let edge = 0.5 - abs(u);
    let k = floor((2.0 * a / edge + b) * u + rate + 0.43);
    if (edge >= 0.07 && v <= accepted) { return k; }
    if (k < 0.0 || (edge < 0.013 && v > edge)) { continue; }
    if (f_log(v * inverse_alpha / (a / (edge * edge) + b)) <= poisson_log(k, rate)) { return k; }
  }
}
`;

export function random_poisson(
  backend: GpuBackend,
  { out, state, rates }: KernelArguments<'random_poisson'>,
): void {
  const prepare = (launch: Launch) => {
    const rate = launch.input(rates, 'f32');
    return (c: readonly string[]) => `poisson(${rate.load(rate.at(...c))}, counter, e, seed)`;
  };
  fill(backend, 'random_poisson', out, state, 'f32', prepare, false, poisson);
}

/** G. Marsaglia and W. W. Tsang's method (A simple method for generating gamma variables, 2000). */
const gamma = `
fn gamma_sample(concentration: f32, w0: u32, counter: vec2<u32>, e: u32, seed: vec2<u32>) -> f32 {
  if (is_nan(concentration) || concentration < 0.0) { return nan_value(); }
  if (!f_true(concentration) || is_inf(concentration)) { return concentration; }
  var scale = 1.0;
  var alpha = concentration;
  if (alpha < 1.0) {
    scale = f_exp(f_log(1.0 - unit(w0)) / alpha);
    alpha += 1.0;
  }
  let d = alpha - 1.0 / 3.0;
  let c = 1.0 / sqrt(9.0 * d);
  for (var n = 1u; n < 1000u; n++) {
    let words = philox(vec4<u32>(counter, e, n), seed);
    let x = sqrt(-2.0 * f_log(1.0 - unit(words.x))) * on_circle(unit(words.y), false);
    let y = 1.0 + c * x;
    if (y <= 0.0) { continue; }
    let v = y * y * y;
    let u = 1.0 - unit(words.z);
    let xx = x * x;
    if (u < 1.0 - 0.0331 * xx * xx || f_log(u) < 0.5 * xx + d * (1.0 - v + f_log(v))) { return scale * d * v; }
  }
  return scale * d;
}
`;

export function random_gamma(
  backend: GpuBackend,
  { out, state, concentration }: KernelArguments<'random_gamma'>,
): void {
  const prepare = (launch: Launch) => {
    const alpha = launch.input(concentration, 'f32');
    return (c: readonly string[]) => `gamma_sample(${alpha.load(alpha.at(...c))}, w0, counter, e, seed)`;
  };
  fill(backend, 'random_gamma', out, state, 'f32', prepare, false, gamma);
}

/** As the CPU's: geometric waits where few are successes, elsewhere W. Hörmann's transformed rejection (BTRS, 1993). */
const binomial = `
${deviances}
// The logarithm of the probability of k, but for what does not depend on k; n - k lies as far from its mean.
fn binomial_log(k: f32, n: f32, p: f32) -> f32 {
  let mean = n * p;
  let rest = n - mean;
  let off = k - mean;
  let left = -mean * deviance(off / mean) - rest * deviance(-off / rest);
  let inner = k > 0.0 && k < n;
  let sizes = select(0.0, 0.5 * (f_log(k / n) + f_log(n - k)) + stirling_tail(k) + stirling_tail(n - k), inner);
  return left - select(-0.91893853, sizes, inner);
}
fn binomial_sample(count: f32, chance: f32, counter: vec2<u32>, e: u32, seed: vec2<u32>) -> f32 {
  if (count <= 0.0 || chance <= 0.0) { return 0.0; }
  if (chance >= 1.0) { return count; }
  if (is_nan(chance) || is_nan(count)) { return nan_value(); }
  let p = min(chance, 1.0 - chance);
  var drawn = 0.0;
  if (count * p < 10.0) {
    let scale = 1.0 / f_log1p(-p);
    var sum = 0.0;
    var goes = true;
    for (var n = 1u; goes && n < 1000u; n++) {
      let words = philox(vec4<u32>(counter, e, n), seed);
      for (var i = 0u; goes && i < 4u; i++) {
        sum += max(1.0, ceil(f_log(1.0 - unit(words[i])) * scale));
        goes = sum <= count;
        drawn += select(0.0, 1.0, goes);
      }
    }
  } else {
    let deviation = sqrt(count * p * (1.0 - p));
    let b = 1.15 + 2.53 * deviation;
    let a = -0.0873 + 0.0248 * b + 0.01 * p;
    let accepted = 0.92 - 4.2 / b;
    let alpha = (2.83 + 5.1 / b) * deviation;
    let most = binomial_log(floor((count + 1.0) * p), count, p);
    for (var n = 1u; n < 1000u; n++) {
      let words = philox(vec4<u32>(counter, e, n), seed);
      let u = unit(words.x) - 0.5;
      let v = unit(words.y);
      let edge = 0.5 - abs(u);
      drawn = floor((2.0 * a / edge + b) * u + count * p + 0.5);
      if (drawn < 0.0 || drawn > count) { continue; }
      if (edge >= 0.07 && v <= accepted) { break; }
      if (f_log(v * alpha / (a / (edge * edge) + b)) <= binomial_log(drawn, count, p) - most) { break; }
    }
  }
  return select(drawn, count - drawn, chance > 0.5);
}
`;

export function random_binomial(
  backend: GpuBackend,
  { out, state, trials, prob }: KernelArguments<'random_binomial'>,
): void {
  const prepare = (launch: Launch) => {
    const [n, p] = [trials, prob].map((view) => launch.input(view, 'f32'));
    return (c: readonly string[]) =>
      `binomial_sample(${n.load(n.at(...c))}, ${p.load(p.at(...c))}, counter, e, seed)`;
  };
  fill(backend, 'random_binomial', out, state, 'f32', prepare, false, binomial);
}

export function random_exponential(
  backend: GpuBackend,
  { out, state, lambda }: KernelArguments<'random_exponential'>,
): void {
  fill(backend, 'random_exponential', out, state, 'f32', (launch) => {
    const rate = launch.float(lambda);
    return () => `-f_log(1.0 - unit(w0)) / ${rate}`;
  });
}

export function random_geometric(
  backend: GpuBackend,
  { out, state, p }: KernelArguments<'random_geometric'>,
): void {
  fill(backend, 'random_geometric', out, state, numberKind(out.dtype), (launch) => {
    const scale = launch.float(1 / Math.log1p(-p));
    const trials = `max(1.0, ceil(f_log(1.0 - unit(w0)) * ${scale}))`;
    return () => (numberKind(out.dtype) === 'f32' ? trials : `f32_to_i64(${trials})`);
  });
}

export function random_cauchy(
  backend: GpuBackend,
  { out, state, median, sigma }: KernelArguments<'random_cauchy'>,
): void {
  fill(backend, 'random_cauchy', out, state, 'f32', (launch) => {
    const [m, s] = [launch.float(median), launch.float(sigma)];
    // tan(π (u - 1/2)): half a circle, beginning at three quarters.
    const share = '0.5 * unit(w0) + 0.75';
    return () => `madd(on_circle(${share}, true) / on_circle(${share}, false), ${s}, ${m})`;
  });
}

/** Finds where evenly drawn parts of each row's sum fall among its partial sums. */
export function multinomial_replacement(
  backend: GpuBackend,
  { out, state, weights }: KernelArguments<'multinomial_replacement'>,
): void {
  const [rows, n] = weights.shape;
  const [, draws] = out.shape;
  const sums = { ...scratch(backend, rows * n, weights.dtype), shape: [rows, n], strides: [n, 1] };
  scan(backend, { out: sums, indices: null, input: weights, dim: 1, kind: 'sum' });
  const wanted = {
    ...scratch(backend, rows * draws, weights.dtype),
    shape: [rows, draws],
    strides: [draws, 1],
  };
  fill(backend, 'multinomial_replacement', wanted, state, 'f32', (launch) => {
    const total = launch.input({ ...sums, shape: [rows], strides: [n], offset: n - 1 }, 'f32');
    return ([row]) => `unit(w0) * ${total.load(total.at(row))}`;
  });
  // The first partial sum beyond: what has no weight adds nothing and is never first.
  searchsorted(backend, { out, sorted: sums, values: wanted, right: true });
  backend.release(sums.storage, 'engine');
  backend.release(wanted.storage, 'engine');
}
