/**
 * Elementary functions of float32 in WGSL: the algorithms and polynomials of kernels/math_*.h, whose comments give their
 * sources. WGSL's own functions may be a few thousand ulp off, and an implementation may take it that there is neither
 * NaN nor infinity, so both are told by their bits. `fma` is not used: it promises no more than a product and a sum, and
 * drivers in software compute it at many times their cost.
 */
export const floatFunctions = /* wgsl */ `
fn madd(a: f32, b: f32, c: f32) -> f32 { return a * b + c; }
fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }
fn is_inf(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) == 0x7f800000u; }
fn nan_value() -> f32 { return bitcast<f32>(0x7fc00000u | opaque_zero); }
fn inf_value() -> f32 { return bitcast<f32>(0x7f800000u | opaque_zero); }
fn magnitude(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0x7fffffffu); }
fn with_sign(x: f32, s: f32) -> f32 { return bitcast<f32>((bitcast<u32>(x) & 0x7fffffffu) | (bitcast<u32>(s) & 0x80000000u)); }
fn flip_sign(x: f32, s: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) ^ (bitcast<u32>(s) & 0x80000000u)); }
fn high_part(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0xfffff000u); }
// A sum as a number of its own: of one that they see compilers say that rounding took nothing from it, and put constants together.
fn rounded(sum: f32) -> f32 { return bitcast<f32>(bitcast<u32>(sum)); }
// a + b, and what rounding took from it (Knuth, The Art of Computer Programming 4.2.2).
fn sum_in_parts(a: f32, b: f32) -> vec2<f32> {
  let sum = rounded(a + b);
  let part = rounded(sum - a);
  return vec2(sum, (a - rounded(sum - part)) + (b - part));
}
// The part of a * b that rounding took from p: products of halves are exact.
fn product_rest(a: f32, b: f32, p: f32) -> f32 {
  let high = high_part(a);
  let upper = high_part(b);
  let low = a - high;
  let lower = b - upper;
  return ((high * upper - p) + high * lower + low * upper) + low * lower;
}
// x · 0, which compilers take for zero, whatever x is.
fn times_zero(x: f32) -> f32 { return select(with_sign(0.0, x), nan_value(), is_nan(x) || is_inf(x)); }
// Sums and products of many numbers, each with what rounding has taken from it.
fn sum_of_parts(a: vec2<f32>, b: vec2<f32>) -> vec2<f32> {
  let s = sum_in_parts(a.x, b.x);
  return vec2(s.x, (a.y + b.y) + s.y);
}
fn product_of_parts(a: vec2<f32>, b: vec2<f32>) -> vec2<f32> {
  let p = a.x * b.x;
  // What small numbers lack may be denormal, which a GPU may take for zero.
  let known = min(magnitude(p), min(magnitude(a.x), magnitude(b.x))) > 1.0e-29;
  return vec2(p, select(0.0, product_rest(a.x, b.x, p), known) + madd(a.x, b.y, a.y * b.x));
}
// Where numbers are too large for halves of them, or infinite, nothing is known of the rest.
fn whole(a: vec2<f32>) -> f32 { return select(a.x + a.y, a.x, is_nan(a.y) || is_inf(a.y) || is_inf(a.x)); }
fn truth(c: bool) -> f32 { return select(0.0, 1.0, c); }
fn f_eq(a: f32, b: f32) -> f32 { return truth(a == b && !is_nan(a) && !is_nan(b)); }
fn f_ne(a: f32, b: f32) -> f32 { return 1.0 - f_eq(a, b); }
fn f_lt(a: f32, b: f32) -> f32 { return truth(a < b && !is_nan(a) && !is_nan(b)); }
fn f_le(a: f32, b: f32) -> f32 { return truth(a <= b && !is_nan(a) && !is_nan(b)); }
fn f_true(a: f32) -> bool { return (bitcast<u32>(a) & 0x7fffffffu) != 0u; }
fn f_maximum(a: f32, b: f32) -> f32 { return select(b, a, is_nan(a) || (a > b && !is_nan(b))); }
fn f_minimum(a: f32, b: f32) -> f32 { return select(b, a, is_nan(a) || (a < b && !is_nan(b))); }
fn f_fmax(a: f32, b: f32) -> f32 { return select(b, a, is_nan(b) || (a > b && !is_nan(a))); }
fn f_fmin(a: f32, b: f32) -> f32 { return select(b, a, is_nan(b) || (a < b && !is_nan(a))); }
fn f_sign(a: f32) -> f32 { return f_lt(0.0, a) - f_lt(a, 0.0); }
fn f_round(a: f32) -> f32 { return select(with_sign(round(a), a), a, is_nan(a) || is_inf(a)); }
fn f_nextafter(a: f32, b: f32) -> f32 {
  if (is_nan(a) || is_nan(b)) { return nan_value(); }
  if (a == b) { return b; }
  let u = bitcast<u32>(a);
  if ((u & 0x7fffffffu) == 0u) { return with_sign(bitcast<f32>(1u | opaque_zero), b); }
  let up = (b > a) == (a > 0.0);
  return bitcast<f32>(select(u - 1u, u + 1u, up));
}
fn f_fmod(a: f32, b: f32) -> f32 {
  if (is_nan(a) || is_nan(b) || is_inf(a) || !f_true(b)) { return nan_value(); }
  let ux = bitcast<u32>(a) & 0x7fffffffu;
  let uy = bitcast<u32>(b) & 0x7fffffffu;
  if (ux < uy) { return a; }
  var ex = i32(ux >> 23u);
  var ey = i32(uy >> 23u);
  var mx = (ux & 0x7fffffu) | 0x800000u;
  var my = (uy & 0x7fffffu) | 0x800000u;
  if (ex == 0) {
    let shift = countLeadingZeros(ux) - 8u;
    mx = ux << shift;
    ex = 1 - i32(shift);
  }
  if (ey == 0) {
    let shift = countLeadingZeros(uy) - 8u;
    my = uy << shift;
    ey = 1 - i32(shift);
  }
  while (ex > ey) {
    if (mx >= my) { mx -= my; }
    mx <<= 1u;
    ex -= 1;
  }
  if (mx >= my) { mx -= my; }
  if (mx == 0u) { return with_sign(0.0, a); }
  let shift = countLeadingZeros(mx) - 8u;
  mx <<= shift;
  ex -= i32(shift);
  let r = select(mx >> u32(1 - ex), (mx - 0x800000u) | (u32(ex) << 23u), ex > 0);
  return with_sign(bitcast<f32>(r), a);
}
fn f_remainder(a: f32, b: f32) -> f32 {
  let r = f_fmod(a, b);
  return select(r, r + b, f_true(r) && ((r < 0.0) != (b < 0.0)));
}
fn f_floor_divide(dividend: f32, divisor: f32) -> f32 {
  if (!f_true(divisor)) { return f_div(dividend, divisor); }
  // Both are made larger where the remainder may be denormal, which a GPU may take for zero.
  let scale = select(1.0, 1.8446744e19, max(magnitude(dividend), magnitude(divisor)) < 1.0e-18);
  let a = dividend * scale;
  let b = divisor * scale;
  let r = f_fmod(a, b);
  var q = (a - r) / b;
  if (f_true(r) && ((b < 0.0) != (r < 0.0))) { q -= 1.0; }
  if (!f_true(q)) { return with_sign(0.0, a / b); }
  let whole = floor(q);
  return select(whole, whole + 1.0, q - whole > 0.5);
}
fn f_div(a: f32, b: f32) -> f32 {
  if (!f_true(b)) {
    return select(flip_sign(flip_sign(inf_value(), a), b), nan_value(), is_nan(a) || !f_true(a));
  }
  return a / b;
}
fn scale_by(p: f32, biased: u32) -> f32 {
  let half = biased >> 1u;
  return p * bitcast<f32>(half << 23u) * bitcast<f32>((biased - half) << 23u);
}
fn expm1_rest(r: f32) -> f32 {
  return r * r * madd(r, madd(r, madd(r, madd(r, 1.3926326e-03, 8.363293e-03), 4.1666552e-02), 1.6666576e-01), 5.0e-01);
}
fn expm1_reduced(r: f32) -> f32 { return r + expm1_rest(r); }
fn reduce_by_ln2(x: f32) -> vec2<f32> {
  let n = round(x * 1.4426950408889634);
  return vec2(madd(n, -1.4286068e-06, madd(n, -6.9314575e-01, x)), n);
}
fn f_exp(v: f32) -> f32 {
  if (is_nan(v)) { return v; }
  let x = clamp(v, -104.0, 89.0);
  let t = reduce_by_ln2(x);
  return scale_by(1.0 + expm1_reduced(t.x), u32(i32(t.y) + 254));
}
fn exp2m1_reduced(r: f32) -> f32 {
  return r * madd(r, madd(r, madd(r, madd(r, madd(r, 1.5453361e-04, 1.3391094e-03), 9.618082e-03), 5.5503566e-02), 2.402265e-01), 6.931472e-01);
}
fn f_exp2(v: f32) -> f32 {
  if (is_nan(v)) { return v; }
  let x = clamp(v, -151.0, 129.0);
  let n = round(x);
  return scale_by(1.0 + exp2m1_reduced(x - n), u32(i32(n) + 254));
}
fn half_expm1(x: f32) -> f32 {
  let t = reduce_by_ln2(x);
  let s = bitcast<f32>(u32(i32(t.y) + 125) << 23u);
  let p = s * t.x;
  let sum = rounded((s - 0.25) + p);
  let lost = ((s - 0.25) - sum) + p;
  return 2.0 * (sum + madd(s, expm1_reduced(t.x) - t.x, lost));
}
fn f_expm1(x: f32) -> f32 {
  if (is_nan(x) || magnitude(x) < 2.9802322e-08) { return x; }
  if (x > 88.8) { return inf_value(); }
  return with_sign(2.0 * half_expm1(clamp(x, -40.0, 89.0)), x);
}
fn f_sigmoid(x: f32) -> f32 { return 1.0 / (1.0 + f_exp(-x)); }
// e^|x| / 2, for |x| up to 89.5.
fn half_exp(x: f32) -> f32 {
  let t = reduce_by_ln2(magnitude(x));
  return scale_by(1.0 + expm1_reduced(t.x), u32(i32(t.y) + 253));
}
fn f_sinh(x: f32) -> f32 {
  let a = magnitude(x);
  if (is_nan(x) || a < 1.1920929e-07) { return x; }
  if (a > 89.42) { return with_sign(inf_value(), x); }
  let z = x * x;
  if (a < 1.0) {
    return madd(x * z, madd(z, madd(z, madd(z, 2.8169513e-06, 1.9836159e-04), 8.33335e-03), 1.6666667e-01), x);
  }
  let w = half_exp(x);
  return with_sign(w - 0.25 / w, x);
}
fn f_cosh(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  if (magnitude(x) > 89.42) { return inf_value(); }
  let w = half_exp(x);
  return w + 0.25 / w;
}
fn f_tanh(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  let a = magnitude(x);
  let z = x * x;
  if (a < 0.7) {
    return with_sign(madd(a * z, madd(z, madd(z, madd(z, madd(z, -5.1384014e-03, 2.0091688e-02), -5.355874e-02), 1.332911e-01), -3.333319e-01), a), x);
  }
  return with_sign(1.0 - 2.0 / (f_exp(min(2.0 * a, 20.0)) + 1.0), x);
}
fn split_exponent(x: f32) -> vec2<f32> {
  let tiny = x < 1.17549435e-38;
  let b = bitcast<u32>(select(x, x * 8388608.0, tiny)) + (0x3f800000u - 0x3f3504f3u);
  let k = f32(b >> 23u) - select(127.0, 150.0, tiny);
  return vec2(k, bitcast<f32>((b & 0x7fffffu) + 0x3f3504f3u) - 1.0);
}
fn log_series(s: f32) -> f32 {
  let z = s * s;
  return z * madd(z, madd(z, 2.958075e-01, 3.9988762e-01), 6.6666687e-01);
}
fn log_edge(x: f32) -> f32 {
  if (is_nan(x) || x < 0.0) { return nan_value(); }
  return select(inf_value(), -inf_value(), !f_true(x));
}
fn log_is_edge(x: f32) -> bool { return is_nan(x) || is_inf(x) || !(x > 0.0); }
// The logarithm of a positive number, and what is small beside it.
fn log_and(x: f32, more: f32) -> f32 {
  let kf = split_exponent(x);
  let f = kf.y;
  let s = f / (2.0 + f);
  let half = 0.5 * f * f;
  let tail = half - madd(s, half + log_series(s), kf.x * 1.4286068e-06);
  return madd(kf.x, 6.9314575e-01, (f - tail) + more);
}
// m + the logarithm of a positive number, where both may cancel.
fn log_onto(m: f32, x: f32) -> f32 {
  let kf = split_exponent(x);
  let sum = sum_in_parts(m, kf.x * 6.9314575e-01);
  return sum.x + (log_and(kf.y + 1.0, sum.y) + kf.x * 1.4286068e-06);
}
fn f_log(x: f32) -> f32 {
  if (log_is_edge(x)) { return log_edge(x); }
  return log_and(x, 0.0);
}
fn log_to_base(x: f32, one_high: f32, one_low: f32, scale_high: f32, scale_low: f32) -> f32 {
  if (log_is_edge(x)) { return log_edge(x); }
  let kf = split_exponent(x);
  let f = kf.y;
  let s = f / (2.0 + f);
  let half = 0.5 * f * f;
  let high = high_part(f - half);
  let low = (f - high) - half + s * (half + log_series(s));
  let main = high * scale_high;
  let whole = kf.x * one_high;
  let sum = rounded(whole + main);
  return sum + (madd(kf.x, one_low, madd(low + high, scale_low, low * scale_high)) + ((whole - sum) + main));
}
fn f_log2(x: f32) -> f32 { return log_to_base(x, 1.0, 0.0, 1.4423828e+00, 3.122284e-04); }
fn f_log10(x: f32) -> f32 { return log_to_base(x, 3.010254e-01, 4.605039e-06, 4.342041e-01, 9.038034e-05); }
fn f_log1p(x: f32) -> f32 {
  if (is_nan(x) || magnitude(x) < 2.9802322e-08) { return x; }
  let sum = sum_in_parts(1.0, x);
  let u = sum.x;
  if (log_is_edge(u)) { return log_edge(u); }
  let c = sum.y / u;
  let kf = split_exponent(u);
  let f = kf.y;
  let s = f / (2.0 + f);
  let half = 0.5 * f * f;
  let tail = half - madd(s, half + log_series(s), madd(kf.x, 1.4286068e-06, c));
  return with_sign(madd(kf.x, 6.9314575e-01, f - tail), x);
}
fn f_asinh(x: f32) -> f32 {
  if (is_nan(x) || is_inf(x)) { return x; }
  let a = magnitude(x);
  let large = a > 8192.0;
  let square = select(a * a, 0.0, large);
  let argument = select(a + square / (1.0 + sqrt(square + 1.0)), a - 1.0, large);
  return with_sign(f_log1p(argument) + select(0.0, 0.6931471805599453, large), x);
}
fn f_acosh(x: f32) -> f32 {
  if (is_nan(x) || x < 1.0) { return nan_value(); }
  if (is_inf(x)) { return x; }
  let t = x - 1.0;
  let large = x > 8192.0;
  let argument = select(t + sqrt(2.0 * t + select(t * t, 0.0, large)), t, large);
  return f_log1p(argument) + select(0.0, 0.6931471805599453, large);
}
fn f_atanh(x: f32) -> f32 {
  let a = magnitude(x);
  if (is_nan(x) || a > 1.0) { return nan_value(); }
  if (a == 1.0) { return with_sign(inf_value(), x); }
  return with_sign(0.5 * f_log1p(2.0 * a / (1.0 - a)), x);
}
fn log2_in_parts(a: f32) -> vec2<f32> {
  let kf = split_exponent(a);
  let f = kf.y;
  let t = 2.0 + f;
  let s = f / t;
  let sh = high_part(s);
  let th = high_part(t);
  let tl = f - (th - 2.0);
  let sl = ((f - sh * th) - sh * tl) / t;
  let hi = 2.0 * sh;
  let lo = 2.0 * sl + s * log_series(s);
  let main = hi * 1.4423828e+00;
  let rest = madd(lo, 1.4426950408889634, hi * 3.122284e-04);
  let sum = rounded(kf.x + main);
  let tail = ((kf.x - sum) + main) + rest;
  let high = high_part(sum + tail);
  return vec2(high, tail - (high - sum));
}
// One way through for all, since many calls of it may stand in one shader.
fn f_pow(x: f32, y: f32) -> f32 {
  let a = magnitude(x);
  let size = magnitude(y);
  let whole = size >= 8388608.0 || floor(size) == size;
  let odd = whole && size < 16777216.0 && floor(0.5 * size) != 0.5 * size;
  let extreme = !f_true(a) || is_inf(a);
  let l = log2_in_parts(select(a, 1.0, extreme || is_nan(x)));
  let c = clamp(y, -4.0e9, 4.0e9);
  let yh = high_part(c);
  let z = yh * l.x;
  let tail = madd(c - yh, l.x, c * l.y);
  let bounded = clamp(z, -160.0, 140.0);
  let n = round(bounded);
  let r = clamp((bounded - n) + select(0.0, tail, bounded == z), -1.0, 1.0);
  var result = scale_by(1.0 + exp2m1_reduced(r), u32(i32(n) + 254));
  result = select(result, select(0.0, inf_value(), is_inf(a) == (y > 0.0)), extreme);
  result = select(result, select(select(0.0, inf_value(), (a > 1.0) == (y > 0.0)), 1.0, a == 1.0), is_inf(y));
  result = select(result, flip_sign(result, x), odd);
  let none = is_nan(x) || is_nan(y) || (x < 0.0 && !whole && !is_inf(x));
  result = select(select(result, nan_value(), none), 1.0, !f_true(y) || x == 1.0);
  result = select(result, f_div(1.0, x), y == -1.0);
  result = select(result, sqrt(x), y == 0.5 && x > 0.0);
  return select(select(select(result, x * x * x, y == 3.0), x, y == 1.0), x * x, y == 2.0);
}
`;

export const trigonometricFunctions = /* wgsl */ `
fn two_over_pi(i: u32) -> u32 {
  switch (i) {
    case 1u: { return 0xa2f9836eu; }
    case 2u: { return 0x4e441529u; }
    case 3u: { return 0xfc2757d1u; }
    case 4u: { return 0xf534ddc0u; }
    case 5u: { return 0xdb629599u; }
    case 6u: { return 0x3c439041u; }
    case 7u: { return 0xfe5163abu; }
    default: { return 0u; }
  }
}
fn window(p: u32) -> u32 {
  let i = p >> 5u;
  let s = p & 31u;
  return select((two_over_pi(i) << s) | (two_over_pi(i + 1u) >> ((32u - s) & 31u)), two_over_pi(i), s == 0u);
}
// r, the quadrant and what r lacks of the remainder.
fn reduce_large(a: f32) -> vec3<f32> {
  // Payne and Hanek (1983): of the product with 2/pi only the bits below 4 matter.
  let bits = bitcast<u32>(a);
  let m = ((bits & 0x7fffffu) | 0x800000u) << 8u;
  let p = (bits >> 23u) + 30u - 158u;
  let low = mul_wide(m, window(p + 64u));
  let mid = mul_wide(m, window(p + 32u));
  let r1 = mid.x + low.y;
  let r2 = m * window(p) + mid.y + select(0u, 1u, r1 < mid.x);
  var fraction = vec2((r1 << 2u) | (low.x >> 30u), (r2 << 2u) | (r1 >> 30u));
  var quadrant = r2 >> 30u;
  let negative = (fraction.y & 0x80000000u) != 0u;
  if (negative) {
    fraction = i_neg(fraction);
    quadrant += 1u;
  }
  // Its upper 12 bits and the 24 below, times half pi in parts of 12 bits and what is left: the products that matter are exact.
  let lead = min(countLeadingZeros(fraction.y), 31u);
  let top = (fraction.y << lead) | select(0u, fraction.x >> ((32u - lead) & 31u), lead > 0u);
  let below = fraction.x << lead;
  let scale = bitcast<f32>((127u - 32u - lead) << 23u);
  let high = f32(top >> 20u) * 1048576.0 * scale;
  let rest = (f32(top & 0xfffffu) + f32(below >> 28u) * 0.0625) * scale;
  let main = high * 1.5703125;
  let more = high * 4.8382679e-04 + rest * 1.5707964;
  let r = rounded(main + more);
  let s = select(1.0, -1.0, negative);
  return vec3(s * r, bitcast<f32>(quadrant & 3u), s * ((main - r) + more));
}
fn reduce_by_half_pi(x: f32) -> vec3<f32> {
  let a = magnitude(x);
  if (a > 32768.0) {
    let t = reduce_large(a);
    let q = bitcast<u32>(t.y);
    return select(t, vec3(-t.x, bitcast<f32>((4u - q) & 3u), -t.z), x < 0.0);
  }
  let n = round(x * 0.6366197723675814);
  // Parts of 9 bits: every product but the last is exact, with or without a fused multiplication.
  let first = (x - n * 1.5703125e+00) - n * 4.8351288e-04;
  let second = rounded(first - n * 3.138557e-07);
  let third = rounded(second - n * 6.070877e-11);
  let lost = ((first - second) - n * 3.138557e-07) + ((second - third) - n * 6.070877e-11);
  let rest = lost - n * 6.223372e-14;
  let r = rounded(third + rest);
  return vec3(r, bitcast<f32>(u32(i32(n)) & 3u), (third - r) + rest);
}
// Of r + low.
fn sin_reduced(r: f32, low: f32) -> f32 {
  let z = r * r;
  return r + madd(r * z, madd(z, madd(z, -1.9585373e-04, 8.332737e-03), -1.6666664e-01), low);
}
fn cos_reduced(r: f32, low: f32) -> f32 {
  let z = r * r;
  return madd(z, -0.5, 1.0) + madd(z * z, madd(z, madd(z, 2.454542e-05, -1.3888291e-03), 4.1666664e-02), -r * low);
}
fn sin_cos(x: f32) -> vec2<f32> {
  let t = reduce_by_half_pi(x);
  let q = bitcast<u32>(t.y);
  let s = sin_reduced(t.x, t.z);
  let c = cos_reduced(t.x, t.z);
  let odd = (q & 1u) != 0u;
  let sine = select(s, c, odd);
  let cosine = select(c, s, odd);
  return vec2(select(sine, -sine, (q & 2u) != 0u), select(cosine, -cosine, ((q + 1u) & 2u) != 0u));
}
fn f_sin(x: f32) -> f32 {
  if (is_nan(x) || is_inf(x)) { return nan_value(); }
  return select(sin_cos(x).x, x, !f_true(x));
}
fn f_cos(x: f32) -> f32 {
  if (is_nan(x) || is_inf(x)) { return nan_value(); }
  return sin_cos(x).y;
}
fn f_tan(x: f32) -> f32 {
  if (is_nan(x) || is_inf(x)) { return nan_value(); }
  let t = reduce_by_half_pi(x);
  let r = t.x;
  let z = r * r;
  let rest = madd(r * z, madd(z, madd(z, madd(z, madd(z, madd(z, madd(z, 4.376829e-03, 8.843094e-05), 1.083667e-02), 2.1281863e-02), 5.4059979e-02), 1.3332663e-01), 3.3333349e-01), madd(t.z, z, t.z));
  let tangent = rounded(r + rest);
  let lost = (r - tangent) + rest;
  let v = -1.0 / tangent;
  let p = v * tangent;
  let reciprocal = madd(v, ((1.0 + p) + product_rest(v, tangent, p)) + v * lost, v);
  return select(select(tangent, reciprocal, (bitcast<u32>(t.y) & 1u) != 0u), x, !f_true(x));
}
fn asin_rest(s: f32, z: f32) -> f32 {
  return s * z * madd(z, madd(z, madd(z, madd(z, 3.809396e-02, 2.6550664e-02), 4.5001894e-02), 7.498853e-02), 1.6666673e-01);
}
fn f_asin(x: f32) -> f32 {
  let a = magnitude(x);
  if (is_nan(x) || a > 1.0) { return nan_value(); }
  let large = a > 0.5;
  let z = select(a * a, 0.5 * (1.0 - a), large);
  let s = select(a, sqrt(z), large);
  let rest = asin_rest(s, z);
  let far = rounded(1.5707964 - 2.0 * s);
  let lost = (1.5707964 - far) - 2.0 * s;
  return with_sign(select(s + rest, far - (2.0 * rest - (lost - 4.371139e-08)), large), x);
}
fn f_acos(x: f32) -> f32 {
  let a = magnitude(x);
  if (is_nan(x) || a > 1.0) { return nan_value(); }
  let large = a > 0.5;
  let z = select(a * a, 0.5 * (1.0 - a), large);
  let s = select(x, sqrt(z), large);
  let p = s + asin_rest(s, z);
  let far = select(2.0 * (1.5707964 - (p + 4.371139e-08)), 2.0 * p, x > 0.0);
  return select(1.5707964 - (p + 4.371139e-08), far, large);
}
fn atan_rest(t: f32) -> f32 {
  let z = t * t;
  return t * z * madd(z, madd(z, madd(z, madd(z, madd(z, 3.8723253e-02, -7.984063e-02), 1.0940982e-01), -1.4272079e-01), 1.9999489e-01), -3.3333328e-01);
}
fn first_quadrant_angle(y: f32, x: f32) -> f32 {
  let steep = y > 2.0 * x;
  let middle = y > 0.5 * x;
  let numerator = select(select(y, y - x, middle), -x, steep);
  let denominator = select(select(x, y + x, middle), y, steep);
  let base = select(select(0.0, 0.78539818, middle), 1.5707964, steep);
  let low = select(select(0.0, -2.1855695e-08, middle), -4.371139e-08, steep);
  let t = numerator / denominator;
  let angle = rounded(base + t);
  let lost = (base - angle) + t;
  return angle + (atan_rest(t) + (low + lost));
}
fn f_atan(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  if (is_inf(x)) { return with_sign(1.5707964, x); }
  return with_sign(first_quadrant_angle(magnitude(x), 1.0), x);
}
fn f_atan2(y: f32, x: f32) -> f32 {
  if (is_nan(x) || is_nan(y)) { return nan_value(); }
  var ax = magnitude(x);
  var ay = magnitude(y);
  if (is_inf(ax)) {
    ay = select(0.0, 1.0, is_inf(ay));
    ax = 1.0;
  } else if (is_inf(ay)) {
    ax = 0.0;
    ay = 1.0;
  } else if (!f_true(ax) && !f_true(ay)) {
    ax = 1.0;
  } else if (ax > 1.0 && ay > 1.0) {
    ax *= 0.25;
    ay *= 0.25;
  }
  let angle = first_quadrant_angle(ay, ax);
  let left = (bitcast<u32>(x) >> 31u) != 0u;
  return with_sign(select(angle, 3.1415927 - (angle + 8.742278e-08), left), y);
}
`;

export const specialFunctions = /* wgsl */ `
fn erf_series(z: f32) -> f32 {
  return madd(z, madd(z, madd(z, madd(z, madd(z, madd(z, 7.875875e-05, -8.0168643e-04), 5.1890872e-03), -2.6854211e-02), 1.1283594e-01), -3.7612626e-01), 1.2837917e-01);
}
// exp(a²) erfc(a), and what it lacks.
fn scaled_erfc_in_parts(a: f32) -> vec2<f32> {
  let t = (a - 2.0) / (a + 2.0);
  let q = madd(t, madd(t, madd(t, madd(t, madd(t, madd(t, madd(t, madd(t, madd(t, -0.0004005768011408604, -0.0012299274290469104), 0.001313522658565607), 0.008631680976489444), -0.008059875026453629), -0.05420429836167507), 0.16405534665494992), -0.1660314251142298), -0.0927639808407587), 1.9935e-08);
  let p = rounded(1.2769784 + q);
  let d = rounded(madd(a, 2.0, 1.0));
  let f = p / d;
  let product = f * d;
  let rest = ((p - product) - product_rest(f, d, product)) + ((1.2769784 - p) + q);
  return vec2(f, (rest - f * ((2.0 * a - d) + 1.0)) / d);
}
fn scaled_erfc(a: f32) -> f32 {
  let f = scaled_erfc_in_parts(a);
  return f.x + f.y;
}
// Everything is corrected before the power of two enters: a correction of small numbers would be denormal, and a GPU may take that for zero.
fn far_erfc(a: f32) -> f32 {
  let s = a * a;
  let t = reduce_by_ln2(-s);
  let rest = expm1_rest(t.x);
  let m = rounded(t.x + rest);
  let e = rounded(1.0 + m);
  let lost = ((1.0 - e) + m) + ((t.x - m) + rest) - e * product_rest(a, a, s);
  let f = scaled_erfc_in_parts(a);
  let p = e * f.x;
  return scale_by(p + (product_rest(e, f.x, p) + madd(e, f.y, lost * f.x)), u32(i32(t.y) + 254));
}
fn f_erf(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  let a = magnitude(x);
  let b = min(a, 4.0);
  let l = madd(b, madd(b, madd(b, madd(b, madd(b, madd(b, madd(b, 2.1686757e-05, -4.4133523e-04), 4.204556e-03), -2.5208239e-02), 1.0841855e-01), 6.332199e-01), 1.1295784e+00), -1.8803668e-04);
  if (a > 1.0) { return with_sign(1.0 - f_exp(-l), x); }
  // The series would add a denormal number, which a GPU may take for zero.
  return with_sign(select(madd(a, erf_series(a * a), a), a * 1.1283792, a < 1.0e-30), x);
}
fn f_erfc(x: f32) -> f32 {
  if (is_nan(x)) { return x; }
  let a = min(magnitude(x), 10.1);
  if (a < 0.25) { return 0.5 - rounded(madd(x, erf_series(a * a), x) - 0.5); }
  let far = far_erfc(a);
  return select(far, 2.0 - far, x < 0.0);
}
fn f_erfinv(x: f32) -> f32 {
  let a = magnitude(x);
  if (is_nan(x) || a > 1.0) { return nan_value(); }
  if (a == 1.0) { return with_sign(inf_value(), x); }
  let w = max(-f_log((1.0 - a) * (1.0 + a)), 0.0);
  let root = sqrt(w);
  let c = min(w, 5.0) - 2.5;
  let central = madd(c, madd(c, madd(c, madd(c, madd(c, madd(c, madd(c, madd(c, madd(c, madd(c, 1.2346577e-10, 4.3406268e-10), -1.0861761e-08), 1.6503644e-08), 4.7868971e-07), -3.4262662e-06), -4.9960001e-06), 2.1826413e-04), -1.252708e-03), -4.1773251e-03), 2.4664028e-01);
  let m = root - 2.5;
  let middle = madd(m, madd(m, madd(m, madd(m, madd(m, madd(m, madd(m, -3.6945462e-04, 2.2041813e-03), -2.0913314e-03), -5.0949820e-03), 1.8705891e-02), -3.116605e-02), 3.5190371e-02), 9.822732e-01);
  let f = root - 3.5;
  let far = madd(f, madd(f, madd(f, madd(f, madd(f, madd(f, -2.2622427e-04, 4.6754507e-04), -6.7975579e-04), 1.0878312e-03), -2.0631786e-03), 3.2771451e-03), 1.0073688);
  // The first coefficient, in two parts, enters last, and with it the rounding of floats.
  let near = w < 5.0;
  let between = root < 3.0;
  let slope = select(select(far, middle, between), central, near);
  let at = select(select(f, m, between), c, near);
  let first = select(select(3.3354857, 2.33594537, between), 1.50140929, near);
  let rest = select(select(1.811602e-08, -4.002318e-09, between), 5.952711e-08, near);
  let p = at * slope;
  let sum = rounded(first + p);
  let low = ((first - sum) + p) + (rest + product_rest(at, slope, p));
  return with_sign(a * sum + a * low, x);
}
// Sine and cosine of πt for 0 <= t <= 1/2.
fn half_turn(t: f32) -> vec2<f32> {
  let beyond = t > 0.25;
  let r = 3.141592653589793 * select(t, 0.5 - t, beyond);
  let s = vec2(sin_reduced(r, 0.0), cos_reduced(r, 0.0));
  return select(s, s.yx, beyond);
}
fn lgamma_large(x: f32) -> f32 {
  let r = 1.0 / x;
  let z = r * r;
  let series = r * madd(z, madd(z, 0.0007936508, -0.0027777778), 0.083333336);
  return select(madd(x - 0.5, f_log(x) - 1.0, 0.41893853320467274 + series), inf_value(), x > 4.0e36);
}
// The logarithm of the gamma function of x + 1 over x (x - 1), for 0 <= x <= 1.
fn lgamma_between(x: f32) -> f32 {
  let c = x - 0.5;
  var p = 1.1820969445467145e-05;
  p = madd(p, c, -1.8527803997032962e-05);
  p = madd(p, c, 1.3584275459130943e-05);
  p = madd(p, c, -2.148770252062576e-05);
  p = madd(p, c, 4.281642862794779e-05);
  p = madd(p, c, -6.793733027397047e-05);
  p = madd(p, c, 0.00010541715222185904);
  p = madd(p, c, -0.0001685717945035172);
  p = madd(p, c, 0.00027130273545114005);
  p = madd(p, c, -0.00043803516132580534);
  p = madd(p, c, 0.0007115202752051298);
  p = madd(p, c, -0.001164411377219605);
  p = madd(p, c, 0.0019229162321227923);
  p = madd(p, c, -0.0032120742206072908);
  p = madd(p, c, 0.005446457842219553);
  p = madd(p, c, -0.009425622444829649);
  p = madd(p, c, 0.01679709863121395);
  p = madd(p, c, -0.03130848750105327);
  p = madd(p, c, 0.06291140107456485);
  p = madd(p, c, -0.14595989591430594);
  p = madd(p, c, 0.4831289505409809);
  return p;
}
fn lgamma_small(v: f32) -> f32 {
  var x = v;
  var product = 1.0;
  for (var k = 0; k < 8; k++) {
    let goes = x > 2.0;
    x -= select(0.0, 1.0, goes);
    product *= select(1.0, x, goes);
  }
  let early = x < 1.0;
  let quotient = select(1.0, x, early);
  let above = select(x - 2.0, x - 1.0, early);
  let below = select(x - 1.0, x, early);
  return (f_log(product) - f_log(quotient)) + below * above * lgamma_between(below);
}
// One way through for all: the software driver's compiler does not come to an end where many nested ones meet.
fn f_lgamma(x: f32) -> f32 {
  let a = magnitude(x);
  let there = select(lgamma_small(min(a, 10.0)), lgamma_large(a), a >= 10.0);
  let fraction = a - floor(a);
  let s = half_turn(min(fraction, 1.0 - fraction)).x;
  let reflected = select(1.1447298858494002 - f_log(a * s) - there, -f_log(a), a < 1.0e-8);
  let value = select(reflected, there, x > 0.0);
  let pole = is_inf(x) || !f_true(x) || (x < 0.0 && a >= 1.0e-8 && !f_true(s));
  return select(select(value, inf_value(), pole), x, is_nan(x));
}
fn f_orthogonal(x: f32, degree: f32, family: f32) -> f32 {
  if (is_nan(degree) || degree < 0.0 || degree >= 2147483648.0) { return 0.0; }
  let f = i32(family);
  var before = 1.0;
  var current = x;
  switch f {
    case 1, 4: { current = 2.0 * x; }
    case 2: { current = 2.0 * x - 1.0; }
    case 3: { current = 2.0 * x + 1.0; }
    case 6: { current = 1.0 - x; }
    default: {}
  }
  let last = i32(degree);
  for (var i = 1; i <= last; i++) {
    let k = f32(i);
    var next = 2.0 * x * current - before;
    switch f {
      case 4: { next = 2.0 * (x * current - k * before); }
      case 5: { next = x * current - k * before; }
      case 6: { next = ((2.0 * k + 1.0 - x) * current - k * before) / (k + 1.0); }
      case 7: { next = ((2.0 * k + 1.0) * x * current - k * before) / (k + 1.0); }
      default: {}
    }
    before = current;
    current = next;
  }
  return before;
}
// Of 1 + a, for a >= 0. Up to 1.5 a polynomial times the distance from the root, which is known in two parts: its coefficients are those
// of least squares of the relative error at Chebyshev points, rounded one after the other. Beyond the logarithm and what it lacks, by powers of 1/x².
fn digamma_of_next(a: f32) -> f32 {
  let near = min(a, 1.5);
  let c = near - 0.4375;
  let q = c * madd(c, madd(c, madd(c, madd(c, madd(c, madd(c, madd(c, madd(c, madd(c, madd(c, madd(c, 0.00094648066, -0.005161909), 0.012691566), -0.02020015), 0.027216412), -0.03764660), 0.054546274), -0.07968292), 0.11700261), -0.17478712), 0.27075484), -0.45553204);
  let p = rounded(0.97850996 + q);
  let d = rounded(near - 0.46163213);
  let low = rounded((near - d) - 0.46163213) - 1.243815e-08;
  let product = d * p;
  let value = product + (product_rest(d, p, product) + madd(low, p, d * ((0.97850996 - p) + q)));
  let x = 1.0 + max(a, 1.5);
  let r = 1.0 / x;
  let z = r * r;
  let series = z * madd(z, madd(z, madd(z, madd(z, 0.0033388829, -0.003702693), 0.0039444575), -0.008332880), 0.08333333);
  return select(value, log_and(x, -madd(0.5, r, series)), a > 1.5);
}
// Below zero by reflection.
fn f_digamma(v: f32) -> f32 {
  let negative = v < 0.0;
  let fraction = -v - floor(-v);
  let beyond = fraction > 0.5;
  let t = half_turn(select(fraction, 1.0 - fraction, beyond));
  let cotangent = 3.141592653589793 * t.y / t.x;
  let early = v < 1.0;
  let there = digamma_of_next(select(select(v - 1.0, v, early), -v, negative));
  let more = select(select(0.0, -1.0 / v, early), select(cotangent, -cotangent, beyond), negative);
  let value = there + more;
  let none = is_nan(v) || (is_inf(v) && negative) || (negative && !f_true(t.x));
  return select(
    select(select(value, v, is_inf(v)), -with_sign(inf_value(), v), !f_true(v)),
    nan_value(),
    none,
  );
}
`;
