/** 64-bit integers as two words, the low one first. Everything wraps, as in C++ without signs. */
export const integerFunctions = /* wgsl */ `
fn mul_wide(a: u32, b: u32) -> vec2<u32> {
  let al = a & 0xffffu;
  let ah = a >> 16u;
  let bl = b & 0xffffu;
  let bh = b >> 16u;
  let mid = ah * bl + ((al * bl) >> 16u);
  let mid2 = al * bh + (mid & 0xffffu);
  return vec2(a * b, ah * bh + (mid >> 16u) + (mid2 >> 16u));
}
fn i_of(v: i32) -> vec2<u32> { return vec2(bitcast<u32>(v), select(0u, 0xffffffffu, v < 0)); }
fn i_truth(c: bool) -> vec2<u32> { return vec2(select(0u, 1u, c), 0u); }
fn i_true(a: vec2<u32>) -> bool { return (a.x | a.y) != 0u; }
fn i_negative(a: vec2<u32>) -> bool { return (a.y & 0x80000000u) != 0u; }
fn i_add(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let low = a.x + b.x;
  return vec2(low, a.y + b.y + select(0u, 1u, low < a.x));
}
fn i_neg(a: vec2<u32>) -> vec2<u32> { return i_add(~a, vec2(1u, 0u)); }
fn i_sub(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return vec2(a.x - b.x, a.y - b.y - select(0u, 1u, a.x < b.x));
}
fn i_mul(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let low = mul_wide(a.x, b.x);
  return vec2(low.x, low.y + a.x * b.y + a.y * b.x);
}
fn i_abs(a: vec2<u32>) -> vec2<u32> { return select(a, i_neg(a), i_negative(a)); }
fn i_equal(a: vec2<u32>, b: vec2<u32>) -> bool { return a.x == b.x && a.y == b.y; }
fn i_less(a: vec2<u32>, b: vec2<u32>) -> bool {
  if (a.y != b.y) { return bitcast<i32>(a.y) < bitcast<i32>(b.y); }
  return a.x < b.x;
}
fn u_less(a: vec2<u32>, b: vec2<u32>) -> bool {
  if (a.y != b.y) { return a.y < b.y; }
  return a.x < b.x;
}
fn i_sign(a: vec2<u32>) -> vec2<u32> {
  if (i_negative(a)) { return vec2(0xffffffffu); }
  return i_truth(i_true(a));
}
fn i_maximum(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> { return select(b, a, i_less(b, a)); }
fn i_minimum(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> { return select(b, a, i_less(a, b)); }
fn u_shift_left(a: vec2<u32>, n: u32) -> vec2<u32> {
  if (n == 0u) { return a; }
  if (n > 63u) { return vec2(0u); }
  if (n >= 32u) { return vec2(0u, a.x << (n & 31u)); }
  return vec2(a.x << n, (a.y << n) | (a.x >> (32u - n)));
}
fn i_shift_left(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  return u_shift_left(a, select(64u, b.x, b.y == 0u && b.x < 64u));
}
fn i_shift_right(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let n = select(63u, b.x, b.y == 0u && b.x < 63u);
  let fill = select(0u, 0xffffffffu, i_negative(a));
  if (n == 0u) { return a; }
  if (n >= 32u) {
    let m = n & 31u;
    return vec2(select((a.y >> m) | (fill << ((32u - m) & 31u)), a.y, m == 0u), fill);
  }
  return vec2((a.x >> n) | (a.y << (32u - n)), (a.y >> n) | (fill << (32u - n)));
}
// Quotient and remainder without signs, bit by bit from the highest one that is set.
fn u_divide(a: vec2<u32>, b: vec2<u32>) -> vec4<u32> {
  if (a.y == 0u && b.y == 0u) { return vec4(a.x / b.x, 0u, a.x % b.x, 0u); }
  var quotient = vec2(0u);
  var rest = vec2(0u);
  var bit = select(63 - i32(countLeadingZeros(a.y)), 31 - i32(countLeadingZeros(a.x)), a.y == 0u);
  while (bit >= 0) {
    let word = select(a.x, a.y, bit >= 32);
    let carry = (rest.y & 0x80000000u) != 0u;
    rest = u_shift_left(rest, 1u);
    rest.x |= (word >> (u32(bit) & 31u)) & 1u;
    if (carry || !u_less(rest, b)) {
      rest = i_sub(rest, b);
      if (bit >= 32) { quotient.y |= 1u << (u32(bit) & 31u); } else { quotient.x |= 1u << u32(bit); }
    }
    bit -= 1;
  }
  return vec4(quotient, rest);
}
fn i_divide(a: vec2<u32>, b: vec2<u32>) -> vec4<u32> {
  let d = u_divide(i_abs(a), select(i_abs(b), vec2(1u, 0u), !i_true(b)));
  let quotient = select(d.xy, i_neg(d.xy), i_negative(a) != i_negative(b));
  return vec4(quotient, select(d.zw, i_neg(d.zw), i_negative(a)));
}
fn i_trunc_divide(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> { return i_divide(a, b).xy; }
fn i_fmod(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> { return i_divide(a, b).zw; }
fn i_remainder(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let r = i_divide(a, b).zw;
  return select(r, i_add(r, b), i_true(r) && i_negative(r) != i_negative(b));
}
fn i_floor_divide(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let d = i_divide(a, b);
  return select(d.xy, i_sub(d.xy, vec2(1u, 0u)), i_true(d.zw) && i_negative(a) != i_negative(b));
}
fn i_pow(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  if (i_negative(b)) {
    if (i_equal(a, vec2(1u, 0u))) { return a; }
    return select(vec2(0u), select(vec2(1u, 0u), a, (b.x & 1u) != 0u), i_equal(a, vec2(0xffffffffu)));
  }
  var result = vec2(1u, 0u);
  var base = a;
  var exponent = b;
  while (i_true(exponent)) {
    if ((exponent.x & 1u) != 0u) { result = i_mul(result, base); }
    base = i_mul(base, base);
    exponent = vec2((exponent.x >> 1u) | (exponent.y << 31u), exponent.y >> 1u);
  }
  return result;
}
fn i_gcd(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  var x = i_abs(a);
  var y = i_abs(b);
  while (i_true(y)) {
    let rest = u_divide(x, y).zw;
    x = y;
    y = rest;
  }
  return x;
}
fn i_lcm(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
  let divisor = i_gcd(a, b);
  return i_abs(i_mul(u_divide(i_abs(a), select(divisor, vec2(1u, 0u), !i_true(divisor))).xy, b));
}
// The 32 highest bits, the last of them set where any below is, so that the conversion rounds the whole number.
fn u64_to_f32(a: vec2<u32>) -> f32 {
  if (a.y == 0u) { return f32(a.x); }
  let shift = countLeadingZeros(a.y);
  let v = u_shift_left(a, shift);
  return f32(v.y | select(0u, 1u, v.x != 0u)) * bitcast<f32>((127u + 32u - shift) << 23u);
}
fn i64_to_f32(a: vec2<u32>) -> f32 {
  let m = u64_to_f32(i_abs(a));
  return select(m, -m, i_negative(a));
}
// Truncates; what does not fit (and NaN) gives the smallest integer, as on x86.
fn f32_to_i64(x: f32) -> vec2<u32> {
  let bits = bitcast<u32>(x);
  let e = i32((bits >> 23u) & 255u) - 150;
  if (e >= 40) { return vec2(0u, 0x80000000u); }
  let m = (bits & 0x7fffffu) | 0x800000u;
  var v = vec2(0u);
  if (e >= 0) { v = u_shift_left(vec2(m, 0u), u32(e)); } else if (e > -24) { v = vec2(m >> u32(-e), 0u); }
  return select(v, i_neg(v), (bits & 0x80000000u) != 0u);
}
fn f32_to_i32(x: f32) -> u32 {
  return select(0x80000000u, f32_to_i64(x).x, magnitude(x) < 2147483648.0 && !is_nan(x));
}
`;

/** Half types in words; rounding to nearest, ties to even. */
export const halfFunctions = /* wgsl */ `
fn half_to_f32(h: u32) -> f32 {
  let s = (h & 0x8000u) << 16u;
  let e = (h >> 10u) & 31u;
  let m = h & 0x3ffu;
  let wide = select((e + 112u) << 23u, 0x7f800000u, e == 31u) | (m << 13u);
  return bitcast<f32>(s | select(wide, bitcast<u32>(f32(m) * 5.9604644775390625e-08), e == 0u));
}
fn f32_to_half(x: f32) -> u32 {
  let u = bitcast<u32>(x);
  let s = (u >> 16u) & 0x8000u;
  let a = u & 0x7fffffffu;
  let odd = (a >> 13u) & 1u;
  let small = u32(round(bitcast<f32>(min(a, 0x38800000u)) * 16777216.0));
  let h = select((a + 0xfffu + odd - 0x38000000u) >> 13u, small, a < 0x38800000u);
  return select(s | select(h, 0x7c00u, a >= 0x477ff000u), 0x7e00u, a > 0x7f800000u);
}
fn bfloat_to_f32(h: u32) -> f32 { return bitcast<f32>(h << 16u); }
fn f32_to_bfloat(x: f32) -> u32 {
  let u = bitcast<u32>(x);
  return select((u + 0x7fffu + ((u >> 16u) & 1u)) >> 16u, (u >> 16u) | 0x40u, is_nan(x));
}
`;
