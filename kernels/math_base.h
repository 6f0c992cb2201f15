// Ground for the elementary functions: bit access, selection, polynomials. See math.h.
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#ifndef FLAMBEAU_ISA
#define FLAMBEAU_ISA baseline
#endif

#define FLAMBEAU_MATH [[gnu::always_inline]] inline constexpr

namespace flambeau::FLAMBEAU_ISA::math {

#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
constexpr bool kHasFma = true;
#else
constexpr bool kHasFma = false;
#endif

// a * b + c, rounded once where the CPU can (elsewhere a correct fma would be a call into libm).
FLAMBEAU_MATH float madd(float a, float b, float c) {
  if constexpr (kHasFma) return __builtin_fmaf(a, b, c);
  return a * b + c;
}
FLAMBEAU_MATH double madd(double a, double b, double c) {
  if constexpr (kHasFma) return __builtin_fma(a, b, c);
  return a * b + c;
}

// What the algorithms need to know of a format.
template <class T>
struct Format;
template <>
struct Format<float> {
  using Bits = uint32_t;
  static constexpr int mantissa = 23;
  static constexpr int bias = 127;
  static constexpr Bits sign = 0x80000000u;
  static constexpr Bits high = 0xfffff000u;  // the upper half of the significand
  static constexpr Bits sqrt_half = 0x3f3504f3u;
  // 1.5 * 2^mantissa: adding it leaves the integer nearest to a small number in the lowest bits.
  static constexpr float round = 0x1.8p23f;
  static constexpr float subnormal_scale = 0x1p23f;
};
template <>
struct Format<double> {
  using Bits = uint64_t;
  static constexpr int mantissa = 52;
  static constexpr int bias = 1023;
  static constexpr Bits sign = 0x8000000000000000u;
  static constexpr Bits high = 0xffffffff00000000u;
  static constexpr Bits sqrt_half = 0x3fe6a09e667f3bcdu;
  static constexpr double round = 0x1.8p52;
  static constexpr double subnormal_scale = 0x1p52;
};

template <class T>
using BitsOf = typename Format<T>::Bits;
template <class T>
constexpr T infinity = std::numeric_limits<T>::infinity();
template <class T>
constexpr T nan = std::numeric_limits<T>::quiet_NaN();

template <class T>
FLAMBEAU_MATH BitsOf<T> bits(T x) {
  return std::bit_cast<BitsOf<T>>(x);
}
template <class T>
FLAMBEAU_MATH T from_bits(BitsOf<T> b) {
  return std::bit_cast<T>(b);
}
template <class T>
FLAMBEAU_MATH T magnitude(T x) {
  return from_bits<T>(bits(x) & ~Format<T>::sign);
}
template <class T>
FLAMBEAU_MATH T with_sign(T x, T sign) {
  return from_bits<T>((bits(x) & ~Format<T>::sign) | (bits(sign) & Format<T>::sign));
}
template <class T>
FLAMBEAU_MATH T flip_sign(T x, T sign) {
  return from_bits<T>(bits(x) ^ (bits(sign) & Format<T>::sign));
}
template <class T>
FLAMBEAU_MATH T high_part(T x) {
  return from_bits<T>(bits(x) & Format<T>::high);
}
// The bounds let NaN through.
template <class T>
FLAMBEAU_MATH T at_most(T x, T bound) {
  return x > bound ? bound : x;
}
template <class T>
FLAMBEAU_MATH T at_least(T x, T bound) {
  return x < bound ? bound : x;
}
// The neighbour of the bits; next to both zeros lies the least number of b's sign.
template <class T>
FLAMBEAU_MATH T nextafter(T a, T b) {
  const BitsOf<T> u = bits(a);
  const bool grows = (b > a) == (a > T(0));
  const T next = from_bits<T>(grows ? u + 1 : u - 1);
  const T least = with_sign(from_bits<T>(1), b);
  T result = a == T(0) ? least : next;
  result = a == b ? b : result;
  result = b != b ? b : result;
  return a != a ? a : result;
}
FLAMBEAU_MATH float square_root(float x) { return __builtin_sqrtf(x); }
FLAMBEAU_MATH double square_root(double x) { return __builtin_sqrt(x); }

// 2^(e - bias) from a biased exponent in the normal range.
template <class T>
FLAMBEAU_MATH T power_of_two(BitsOf<T> e) {
  return from_bits<T>(e << Format<T>::mantissa);
}
// A small non-negative integer as a number, without the conversion that 64-bit lanes lack.
template <class T>
FLAMBEAU_MATH T small_integer(BitsOf<T> n) {
  constexpr T base = Format<T>::round / T(1.5);
  return from_bits<T>(n | bits(base)) - base;
}

// A number in two parts: what `high` lost in rounding.
template <class T>
struct Parts {
  T high;
  T low;
};
// a + b and what it lost, where a is the larger one or both are alike (Dekker).
template <class T>
FLAMBEAU_MATH Parts<T> sum_in_parts(T a, T b) {
  const T sum = a + b;
  return {sum, (a - sum) + b};
}

// c0 + c1 x + c2 x² + … by Horner's rule.
template <class T>
FLAMBEAU_MATH T polynomial(T, T c0) {
  return c0;
}
template <class T, class... C>
FLAMBEAU_MATH T polynomial(T x, T c0, C... c) {
  return madd(x, polynomial<T>(x, c...), c0);
}

}  // namespace flambeau::FLAMBEAU_ISA::math
