// log and its kin: log, log2, log10, log1p, asinh, acosh, atanh, pow.
//
// x = 2^k m with m in [sqrt 1/2, sqrt 2), f = m - 1, s = f / (2 + f): log m = 2 atanh s = f - s (f - R(s²)), where R is
// what follows the first term of atanh's series; written with f²/2 so that f itself enters exactly.
#pragma once
#include "math_exp.h"

namespace flambeau::FLAMBEAU_ISA::math {

template <class T>
struct Split {
  T k;
  T f;
};

// For positive, normal x.
template <class T>
FLAMBEAU_MATH Split<T> split_exponent(T x, T offset) {
  using F = Format<T>;
  constexpr BitsOf<T> one = bits(T(1));
  constexpr BitsOf<T> fraction = (BitsOf<T>(1) << F::mantissa) - 1;
  const BitsOf<T> b = bits(x) + (one - F::sqrt_half);
  const T k = small_integer<T>(b >> F::mantissa) - offset;
  return {k, from_bits<T>((b & fraction) + F::sqrt_half) - T(1)};
}
// For positive x, subnormal too.
template <class T>
FLAMBEAU_MATH Split<T> split_exponent(T x) {
  using F = Format<T>;
  const bool tiny = x < std::numeric_limits<T>::min();
  return split_exponent(tiny ? x * F::subnormal_scale : x, tiny ? T(F::bias + F::mantissa) : T(F::bias));
}

// R with log(1 + f) = f - (f²/2 - s (f²/2 + R)).
FLAMBEAU_MATH float log_series(float s) {
  const float z = s * s;
  return z * polynomial(z, 6.6666687e-01f, 3.9988762e-01f, 2.958075e-01f);
}
FLAMBEAU_MATH double log_series(double s) {
  const double z = s * s;
  return z * polynomial(z, 0.666666666666667, 0.39999999999899033, 0.28571428626190487, 0.22222211099711295,
                        0.18182891680439736, 0.1533163669954565, 0.14617498693870565);
}

template <class T>
constexpr T ln2_high = sizeof(T) == 4 ? T(6.9314575e-01f) : T(0.693147180559663);
template <class T>
constexpr T ln2_low = sizeof(T) == 4 ? T(1.4286068e-06f) : T(2.8235290563031577e-13);

// The logarithm's value off its ordinary range.
template <class T>
FLAMBEAU_MATH T log_edges(T x, T result) {
  result = x == infinity<T> ? x : result;
  result = x == T(0) ? -infinity<T> : result;
  return x >= T(0) ? result : nan<T>;
}

template <class T>
FLAMBEAU_MATH T log_of(T x) {
  const auto [k, f] = split_exponent(x);
  const T s = f / (T(2) + f);
  const T half = T(0.5) * f * f;
  const T tail = half - madd(s, half + log_series(s), k * ln2_low<T>);
  return log_edges(x, madd(k, ln2_high<T>, f - tail));
}
FLAMBEAU_MATH float log(float x) { return log_of(x); }
FLAMBEAU_MATH double log(double x) { return log_of(x); }

// log(x) / log(base), the quotient taken in two parts. `one` is log 2 / log base, `scale` 1 / log base.
template <class T>
FLAMBEAU_MATH T log_to_base(T x, T one_high, T one_low, T scale_high, T scale_low) {
  const auto [k, f] = split_exponent(x);
  const T s = f / (T(2) + f);
  const T half = T(0.5) * f * f;
  const T high = high_part(f - half);
  const T low = (f - high) - half + s * (half + log_series(s));
  const T main = high * scale_high;
  const T whole = k * one_high;
  const T sum = whole + main;
  T rest = madd(k, one_low, madd(low + high, scale_low, low * scale_high));
  rest += (whole - sum) + main;
  return log_edges(x, sum + rest);
}
FLAMBEAU_MATH float log2(float x) { return log_to_base(x, 1.0f, 0.0f, 1.4423828e+00f, 3.122284e-04f); }
FLAMBEAU_MATH double log2(double x) {
  return log_to_base(x, 1.0, 0.0, 1.4426950407214463, 1.6751713164886512e-10);
}
FLAMBEAU_MATH float log10(float x) {
  return log_to_base(x, 3.010254e-01f, 4.605039e-06f, 4.342041e-01f, 9.038034e-05f);
}
FLAMBEAU_MATH double log10(double x) {
  return log_to_base(x, 0.30102999566383914, 1.42050232272661e-13, 0.4342944818781689, 2.5082946711645275e-11);
}

// log(u) + c / u, where u + c = 1 + x exactly.
template <class T>
FLAMBEAU_MATH T log1p_of(T x) {
  const T u = x + T(1);
  const T b = u - x;
  const T c = ((x - (u - b)) + (T(1) - b)) / u;
  const auto [k, f] = split_exponent(u, T(Format<T>::bias));
  const T s = f / (T(2) + f);
  const T half = T(0.5) * f * f;
  const T tail = half - madd(s, half + log_series(s), madd(k, ln2_low<T>, c));
  return log_edges(u, with_sign(madd(k, ln2_high<T>, f - tail), x));
}
FLAMBEAU_MATH float log1p(float x) { return log1p_of(x); }
FLAMBEAU_MATH double log1p(double x) { return log1p_of(x); }

// Past this the square of x no longer changes sqrt(x² ± 1).
template <class T>
constexpr T inverse_hyperbolic_bound = sizeof(T) == 4 ? T(0x1p13) : T(0x1p28);

// log(a + sqrt(a² + 1)) = log1p(a + a² / (1 + sqrt(a² + 1))), and log(2a) for large a.
template <class T>
FLAMBEAU_MATH T asinh_of(T x) {
  const T a = magnitude(x);
  const T square = a * a;
  const bool large = a > inverse_hyperbolic_bound<T>;
  const T argument = large ? a - T(1) : a + square / (T(1) + square_root(square + T(1)));
  return with_sign(log1p(argument) + (large ? T(0.6931471805599453) : T(0)), x);
}
FLAMBEAU_MATH float asinh(float x) { return asinh_of(x); }
FLAMBEAU_MATH double asinh(double x) { return asinh_of(x); }

// With t = x - 1: log1p(t + sqrt(2t + t²)), and log(2x) for large x.
template <class T>
FLAMBEAU_MATH T acosh_of(T x) {
  const T t = x - T(1);
  const bool large = x > inverse_hyperbolic_bound<T>;
  const T argument = large ? t : t + square_root(2 * t + t * t);
  const T result = log1p(argument) + (large ? T(0.6931471805599453) : T(0));
  return x >= T(1) ? result : nan<T>;
}
FLAMBEAU_MATH float acosh(float x) { return acosh_of(x); }
FLAMBEAU_MATH double acosh(double x) { return acosh_of(x); }

template <class T>
FLAMBEAU_MATH T atanh_of(T x) {
  const T a = magnitude(x);
  return with_sign(T(0.5) * log1p(2 * a / (T(1) - a)), x);
}
FLAMBEAU_MATH float atanh(float x) { return atanh_of(x); }
FLAMBEAU_MATH double atanh(double x) { return atanh_of(x); }

// 2^(y log2 |x|) in double precision, then the sign and the cases where the limit does not exist (C11, F.10.4.4).
FLAMBEAU_MATH float pow(float x, float y) {
  const float a = magnitude(x);
  const double l = log2(static_cast<double>(a));
  float result = static_cast<float>(exp2(static_cast<double>(y) * l));
  // Adding 2^23 rounds to an integer; larger floats are integers, from 2^24 on even ones. One comparison a selection:
  // GCC 12 does not vectorise the conjunctions.
  const float size = magnitude(y);
  const float whole = size < 0x1p23f ? (size + 0x1p23f) - 0x1p23f : size;
  const float half = 0.5f * size;
  const float half_whole = half < 0x1p23f ? (half + 0x1p23f) - 0x1p23f : half;
  const float odd_sign = half == half_whole ? 1.0f : x;
  result = flip_sign(result, size == whole ? odd_sign : 1.0f);
  const float no_root = a < infinity<float> ? nan<float> : result;
  const float of_negative = size == whole ? result : no_root;
  result = x < 0.0f ? of_negative : result;
  result = y == 0.0f ? 1.0f : result;
  const float of_unit = size == infinity<float> ? 1.0f : result;
  result = a == 1.0f ? of_unit : result;
  return x == 1.0f ? 1.0f : result;
}
// A double's logarithm would have to be carried in two parts; libm does that well.
FLAMBEAU_MATH double pow(double x, double y) { return __builtin_pow(x, y); }

}  // namespace flambeau::FLAMBEAU_ISA::math
