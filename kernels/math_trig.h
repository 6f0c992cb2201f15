// sin, cos, tan and the inverses.
//
// Arguments are reduced by multiples of pi/2 given in parts (Cody and Waite, as for exp), good to trig_bound. A caller
// that finds one beyond takes sin_any and its like, element by element.
#pragma once
#include "math_base.h"

namespace flambeau::FLAMBEAU_ISA::math {

template <class T>
constexpr T trig_bound = sizeof(T) == 4 ? T(32768) : T(1e6);

// x = q pi/2 + r + low. Only some ask for `low`, and nobody else pays for it.
template <class T>
struct Quadrant {
  T r;
  BitsOf<T> q;
  T low;
};

FLAMBEAU_MATH Parts<float> subtract_half_pi(float x, float n) {
  if constexpr (kHasFma) {
    const float first = madd(n, -1.5707964e+00f, x);
    const float r = madd(n, 1.7151245e-15f, madd(n, 4.371139e-08f, first));
    const float product = n * 4.371139e-08f;
    const auto [second, lost] = sum_in_parts(first, product);
    return {r, (second - r) + ((lost + madd(n, 4.371139e-08f, -product)) + n * 1.7151245e-15f)};
  }
  // Parts of 9 bits: every product but the last is exact, and the first two differences.
  x -= n * 1.5703125e+00f;
  x -= n * 4.8351288e-04f;
  const auto [y, lost] = sum_in_parts(x, n * -3.138557e-07f);
  const auto [z, more] = sum_in_parts(y, n * -6.070877e-11f);
  return sum_in_parts(z, (lost + more) - n * 6.223372e-14f);
}
FLAMBEAU_MATH Parts<double> subtract_half_pi(double x, double n) {
  if constexpr (kHasFma) {
    const double first = madd(n, -1.5707963267948966, x);
    const double r = madd(n, 1.4973849048591698e-33, madd(n, -6.123233995736766e-17, first));
    const double product = n * -6.123233995736766e-17;
    const auto [second, lost] = sum_in_parts(first, product);
    return {r, (second - r) + ((lost + madd(n, -6.123233995736766e-17, -product)) + n * 1.4973849048591698e-33)};
  }
  // Parts of 33 bits.
  x -= n * 1.5707963267341256;
  const auto [y, lost] = sum_in_parts(x, n * -6.077100506303966e-11);
  const auto [z, more] = sum_in_parts(y, n * -2.0222662487111665e-21);
  return sum_in_parts(z, (lost + more) - n * 8.4784276603689e-32);
}

template <class T>
FLAMBEAU_MATH Quadrant<T> reduce_by_half_pi(T x) {
  const T shifted = madd(x, T(0.6366197723675814), Format<T>::round);
  const auto [r, low] = subtract_half_pi(x, shifted - Format<T>::round);
  return {r, bits(shifted), low};
}

// On [-pi/4, pi/4].
FLAMBEAU_MATH float sin_reduced(float r) {
  const float z = r * r;
  return madd(r * z, polynomial(z, -1.6666664e-01f, 8.332737e-03f, -1.9585373e-04f), r);
}
FLAMBEAU_MATH double sin_reduced(double r) {
  const double z = r * r;
  return madd(r * z, polynomial(z, -0.16666666666666666, 0.008333333333330827, -0.0001984126983657571,
                                2.755731600817155e-06, -2.5051112272573243e-08, 1.5916726193889336e-10), r);
}
FLAMBEAU_MATH float cos_reduced(float r) {
  const float z = r * r;
  return madd(z * z, polynomial(z, 4.1666664e-02f, -1.3888291e-03f, 2.454542e-05f), madd(z, -0.5f, 1.0f));
}
FLAMBEAU_MATH double cos_reduced(double r) {
  const double z = r * r;
  // 1 - z/2 rounds; what it loses is put back.
  const double half = 0.5 * z;
  const double w = 1.0 - half;
  return w + madd(z * z, polynomial(z, 0.041666666666666664, -0.0013888888888887322, 2.4801587298651292e-05,
                                    -2.755731721268659e-07, 2.0876134024090145e-09, -1.1381754653662935e-11),
                  (1.0 - w) - half);
}

// odd ? a : b by masks, which every vector unit has for 64-bit lanes too.
template <class T>
FLAMBEAU_MATH T choose(BitsOf<T> odd, T a, T b) {
  const BitsOf<T> mask = BitsOf<T>(0) - (odd & 1);
  return from_bits<T>((bits(a) & mask) | (bits(b) & ~mask));
}
// Moves bit 1 to the sign.
template <class T>
FLAMBEAU_MATH BitsOf<T> quadrant_sign(BitsOf<T> q) {
  return (q & 2) << (sizeof(T) * 8 - 2);
}

// The sign of -0 gets lost in the reduction.
template <class T>
FLAMBEAU_MATH T keep_zero(T result, T x) {
  return x == T(0) ? x : result;
}

template <class T>
FLAMBEAU_MATH void sincos_of(T x, T& s, T& c) {
  const auto [r, q, low] = reduce_by_half_pi(x);
  const T sr = sin_reduced(r);
  const T cr = cos_reduced(r);
  s = keep_zero(from_bits<T>(bits(choose(q, cr, sr)) ^ quadrant_sign<T>(q)), x);
  c = from_bits<T>(bits(choose(q, sr, cr)) ^ quadrant_sign<T>(q + 1));
}
FLAMBEAU_MATH void sincos(float x, float& s, float& c) { sincos_of(x, s, c); }
FLAMBEAU_MATH void sincos(double x, double& s, double& c) { sincos_of(x, s, c); }

template <class T>
FLAMBEAU_MATH T sin_of(T x) {
  const auto [r, q, low] = reduce_by_half_pi(x);
  return keep_zero(from_bits<T>(bits(choose(q, cos_reduced(r), sin_reduced(r))) ^ quadrant_sign<T>(q)), x);
}
template <class T>
FLAMBEAU_MATH T cos_of(T x) {
  const auto [r, q, low] = reduce_by_half_pi(x);
  return from_bits<T>(bits(choose(q, sin_reduced(r), cos_reduced(r))) ^ quadrant_sign<T>(q + 1));
}
// tan(r) - r on [-pi/4, pi/4].
FLAMBEAU_MATH float tan_rest(float r) {
  const float z = r * r;
  return r * z * polynomial(z, 3.3333349e-01f, 1.3332663e-01f, 5.4059979e-02f, 2.1281863e-02f, 1.083667e-02f,
                            8.843094e-05f, 4.376829e-03f);
}
// a * b + 1, where a * b is near -1: what rounding takes of the product matters.
FLAMBEAU_MATH float product_plus_one(float a, float b) {
  if constexpr (kHasFma) return madd(a, b, 1.0f);
  // Products of halves are exact.
  const float p = a * b;
  const float high = high_part(a), upper = high_part(b), low = a - high, lower = b - upper;
  return (1.0f + p) + (((high * upper - p) + high * lower + low * upper) + low * lower);
}
// In odd quadrants -1 / tan. Both the tangent and its reciprocal are corrected by what rounding took.
FLAMBEAU_MATH float tan(float x) {
  const auto [r, q, low] = reduce_by_half_pi(x);
  const auto [t, rest] = sum_in_parts(r, madd(low, madd(r, r, 1.0f), tan_rest(r)));
  const float v = -1.0f / t;
  const float error = product_plus_one(v, t);
  return keep_zero(choose(q, madd(v, madd(v, rest, error), v), t), x);
}
FLAMBEAU_MATH double tan(double x) {
  const auto [r, q, low] = reduce_by_half_pi(x);
  const double s = sin_reduced(r) + low;
  const double c = cos_reduced(r) - r * low;
  return keep_zero(choose(q, -c, s) / choose(q, s, c), x);
}
FLAMBEAU_MATH float sin(float x) { return sin_of(x); }
FLAMBEAU_MATH double sin(double x) { return sin_of(x); }
FLAMBEAU_MATH float cos(float x) { return cos_of(x); }
FLAMBEAU_MATH double cos(double x) { return cos_of(x); }

// asin(s) - s for |s| <= 1/2, with z = s².
FLAMBEAU_MATH float asin_rest(float s, float z) {
  return s * z * polynomial(z, 1.6666673e-01f, 7.498853e-02f, 4.5001894e-02f, 2.6550664e-02f, 3.809396e-02f);
}
FLAMBEAU_MATH double asin_rest(double s, double z) {
  return s * z * polynomial(z, 0.16666666666666669, 0.07499999999998425, 0.04464285714637338, 0.030381944137085216,
                                0.022372173002005596, 0.017352391265909227, 0.013971235301124542, 0.011478952690257354,
                                0.010324318288744307, 0.005450878187719783, 0.017419357964886792, -0.014881409392820887,
                                0.02877844261259485);
}
template <class T>
constexpr T half_pi = T(1.5707963267948966);
template <class T>
constexpr T half_pi_low = sizeof(T) == 4 ? T(-4.371139e-08f) : T(6.123233995736766e-17);

// Beyond 1/2: asin a = pi/2 - 2 asin sqrt((1 - a) / 2).
template <class T>
FLAMBEAU_MATH T asin_of(T x) {
  const T a = magnitude(x);
  const bool large = a > T(0.5);
  const T z = large ? T(0.5) * (T(1) - a) : a * a;
  const T s = large ? square_root(z) : a;
  const T rest = asin_rest(s, z);
  const auto [far, lost] = sum_in_parts(half_pi<T>, -2 * s);
  return with_sign(large ? far - (2 * rest - (half_pi_low<T> + lost)) : s + rest, x);
}
template <class T>
FLAMBEAU_MATH T acos_of(T x) {
  const T a = magnitude(x);
  const bool large = a > T(0.5);
  const T z = large ? T(0.5) * (T(1) - a) : a * a;
  const T s = large ? square_root(z) : x;
  const T p = s + asin_rest(s, z);
  const T far = x > T(0) ? 2 * p : 2 * (half_pi<T> - (p - half_pi_low<T>));
  return large ? far : half_pi<T> - (p - half_pi_low<T>);
}
FLAMBEAU_MATH float asin(float x) { return asin_of(x); }
FLAMBEAU_MATH double asin(double x) { return asin_of(x); }
FLAMBEAU_MATH float acos(float x) { return acos_of(x); }
FLAMBEAU_MATH double acos(double x) { return acos_of(x); }

// atan(t) - t for |t| <= 1/2.
FLAMBEAU_MATH float atan_rest(float t) {
  const float z = t * t;
  return t * z * polynomial(z, -3.3333328e-01f, 1.9999489e-01f, -1.4272079e-01f, 1.0940982e-01f, -7.984063e-02f,
                            3.8723253e-02f);
}
FLAMBEAU_MATH double atan_rest(double t) {
  const double z = t * t;
  return t * z * polynomial(z, -0.33333333333333315, 0.19999999999993268, -0.14285714284960943, 0.11111111068562854,
                            -0.09090907669721111, 0.07692277079482748, -0.06666219000049127, 0.058777713603997826,
                            -0.05229820031128329, 0.04588749835956621, -0.037102477779854696, 0.023633011608246324,
                            -0.008352521911050492);
}

// The angle of (x, y), both non-negative: the point is first turned by 0, pi/4 or pi/2 to within atan(1/2) of the axis. So
// y - x is exact.
template <class T>
FLAMBEAU_MATH T first_quadrant_angle(T y, T x) {
  const bool steep = y > T(2) * x;
  const bool middle = y > T(0.5) * x;
  const T numerator = steep ? -x : middle ? y - x : y;
  const T denominator = steep ? y : middle ? y + x : x;
  const T base = steep ? half_pi<T> : middle ? T(0.5) * half_pi<T> : T(0);
  const T low = steep ? half_pi_low<T> : middle ? T(0.5) * half_pi_low<T> : T(0);
  const T t = numerator / denominator;
  const auto [angle, lost] = sum_in_parts(base, t);
  return angle + (atan_rest(t) + (low + lost));
}
template <class T>
FLAMBEAU_MATH T atan_of(T x) {
  return with_sign(first_quadrant_angle(magnitude(x), T(1)), x);
}
FLAMBEAU_MATH float atan(float x) { return atan_of(x); }
FLAMBEAU_MATH double atan(double x) { return atan_of(x); }

template <class T>
FLAMBEAU_MATH T atan2_of(T y, T x) {
  T ax = magnitude(x);
  T ay = magnitude(y);
  // (inf, inf) lies on the diagonal, (0, 0) on the axis; halving keeps the sum of large ones finite.
  const bool both_infinite = (ax == infinity<T>) & (ay == infinity<T>);
  const bool both_zero = (ax == T(0)) & (ay == T(0));
  const T shrink = (ax > T(1)) & (ay > T(1)) ? T(0.25) : T(1);
  ax = both_infinite | both_zero ? T(1) : ax * shrink;
  ay = both_infinite ? T(1) : ay * shrink;
  const T angle = first_quadrant_angle(ay, ax);
  const bool left = bits(x) >> (sizeof(T) * 8 - 1);
  const T turned = left ? 2 * half_pi<T> - (angle - 2 * half_pi_low<T>) : angle;
  return with_sign(turned, y);
}
FLAMBEAU_MATH float atan2(float y, float x) { return atan2_of(y, x); }
FLAMBEAU_MATH double atan2(double y, double x) { return atan2_of(y, x); }

// Whether some argument is too large for the functions above. (NaN is none.)
template <class T>
inline bool beyond_trig_bound(const T* x, int64_t n) {
  BitsOf<T> beyond = 0;
  for (int64_t i = 0; i < n; ++i) beyond |= magnitude(x[i]) > trig_bound<T> ? 1 : 0;
  return beyond != 0;
}
// For arguments of any size; too large ones go to libm.
template <class T>
inline T sin_any(T x) {
  return magnitude(x) > trig_bound<T> ? static_cast<T>(__builtin_sin(static_cast<double>(x))) : sin(x);
}
template <class T>
inline T cos_any(T x) {
  return magnitude(x) > trig_bound<T> ? static_cast<T>(__builtin_cos(static_cast<double>(x))) : cos(x);
}
template <class T>
inline T tan_any(T x) {
  return magnitude(x) > trig_bound<T> ? static_cast<T>(__builtin_tan(static_cast<double>(x))) : tan(x);
}

}  // namespace flambeau::FLAMBEAU_ISA::math
