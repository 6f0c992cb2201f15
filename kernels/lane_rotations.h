// Rotations and reflections of small matrices side by side, each in the lane of its matrix: steps of algorithms whose course differs from matrix to
// matrix are taken by the lanes of a mask.
#pragma once
#include <cmath>
#include <limits>

#include "interleaved.h"

namespace flambeau::FLAMBEAU_ISA::interleaved {

// Vectors so short are not worth the second form of an algorithm.
constexpr bool kWideLanes = kVectorBytes > 16;

// Whether condensed forms of matrices of real numbers are brought to diagonal form side by side where only values are wanted. More matrices than threads,
// on most machines.
constexpr bool pays_for_values(int64_t count, int64_t n) { return count >= 2 * kLanes<double> && n <= 256; }

template <class T>
using Mask = decltype(Vector<T>{} < Vector<T>{});

template <class M>
FLAMBEAU_INLINE bool any(M mask) {
#if defined(__AVX512F__)
  return _mm512_test_epi64_mask(__builtin_bit_cast(__m512i, mask), __builtin_bit_cast(__m512i, mask)) != 0;
#elif defined(__AVX__)
  return !_mm256_testz_si256(__builtin_bit_cast(__m256i, mask), __builtin_bit_cast(__m256i, mask));
#else
  for (size_t i = 0; i < sizeof(mask) / sizeof(mask[0]); ++i) {
    if (mask[i]) return true;
  }
  return false;
#endif
}

// The least and the greatest number in lanes of the mask.
template <class T>
inline int64_t least_of(Vector<T> x, Mask<T> mask, int64_t otherwise) {
  for (int lane = 0; lane < kLanes<T>; ++lane) {
    if (mask[lane]) otherwise = std::min(otherwise, static_cast<int64_t>(x[lane]));
  }
  return otherwise;
}
template <class T>
inline int64_t greatest_of(Vector<T> x, Mask<T> mask, int64_t otherwise) {
  for (int lane = 0; lane < kLanes<T>; ++lane) {
    if (mask[lane]) otherwise = std::max(otherwise, static_cast<int64_t>(x[lane]));
  }
  return otherwise;
}

// Whether the sign bit is set.
template <class T>
FLAMBEAU_INLINE Mask<T> is_signed(Vector<T> x) {
  return __builtin_bit_cast(Mask<T>, x) < 0;
}
// A number's size with another one's sign.
template <class T>
FLAMBEAU_INLINE Vector<T> with_sign(Vector<T> size, Vector<T> sign) {
  const Vector<T> positive = absolute<T>(size);
  return is_signed<T>(sign) ? -positive : positive;
}

// √(a² + b²), also where squares of what is in the lanes of the mask vanish.
template <class T>
FLAMBEAU_INLINE Vector<T> length_of(Vector<T> a, Vector<T> b, Mask<T> mask) {
  constexpr T least = std::numeric_limits<T>::min() / (std::numeric_limits<T>::epsilon() * std::numeric_limits<T>::epsilon());
  const Vector<T> sum = multiply_add(a, a, b * b);
  Vector<T> length = root<T>(sum);
  const Mask<T> small = mask & (sum < least);
  if (any(small)) {
    for (int lane = 0; lane < kLanes<T>; ++lane) {
      if (small[lane]) length[lane] = std::hypot(a[lane], b[lane]);
    }
  }
  return length;
}

// c f + s g = r, c g - s f = 0, and the identity in lanes that are not in the mask.
template <class T>
struct LaneRotation {
  Vector<T> c, s;

  static LaneRotation identity() { return {splat(T(1)), Vector<T>{}}; }
  // Returns r.
  FLAMBEAU_INLINE Vector<T> make(Vector<T> f, Vector<T> g, Mask<T> mask) {
    const Mask<T> turns = mask & (absolute<T>(g) >= std::numeric_limits<T>::min());
    const Vector<T> length = length_of<T>(f, g, turns), r = with_sign<T>(length, f), by = splat(T(1)) / r;
    c = turns ? f * by : splat(T(1));
    s = turns ? g * by : Vector<T>{};
    return turns ? r : f;
  }
  // (a, b) becomes (c a + s b, c b - s a), for pairs of elements `step` vectors apart from the next ones.
  FLAMBEAU_INLINE void apply(Vector<T>* a, Vector<T>* b, int64_t n, int64_t step) const {
    for (int64_t i = 0; i < n * step; i += step) {
      const Vector<T> x = a[i], y = b[i];
      a[i] = multiply_add(c, x, s * y);
      b[i] = multiply_add(c, y, -(s * x));
    }
  }
};

template <class T>
FLAMBEAU_INLINE void swap_lanes(Vector<T>& a, Vector<T>& b, Mask<T> mask) {
  const Vector<T> x = a;
  a = mask ? b : x;
  b = mask ? x : b;
}

// The reflections that take `count` elements, `step` vectors apart, to (β, 0, …): vectors take the place of what is below the first, β its place. False where a
// length cannot be had from its squares, which overflow or vanish.
template <class T>
FLAMBEAU_INLINE bool reflect(Vector<T>* x, int64_t count, int64_t step, Vector<T>& tau) {
  using V = Vector<T>;
  const V alpha = x[0];
  V rest{}, largest = absolute<T>(alpha);
  for (int64_t i = 1; i < count; ++i) {
    const V y = x[i * step], size = absolute<T>(y);
    rest = multiply_add(y, y, rest);
    largest = size > largest ? size : largest;
  }
  const V sum = multiply_add(alpha, alpha, rest);
  const Mask<T> safe = ((sum > std::numeric_limits<T>::min() / std::numeric_limits<T>::epsilon()) & (sum < std::numeric_limits<T>::max())) | (largest == 0);
  if (any(~safe)) return false;
  const V whole = root<T>(sum), beta = is_signed<T>(alpha) ? whole : -whole;
  const Mask<T> none = rest == 0;
  tau = none ? V{} : (beta - alpha) / beta;
  const V by = splat(T(1)) / (alpha - beta);
  for (int64_t i = 1; i < count; ++i) x[i * step] = none ? x[i * step] : x[i * step] * by;
  x[0] = none ? alpha : beta;
  return true;
}

// to -= tau v (vᵀ to) for vectors v whose first element is 1, whatever is in memory.
template <class T>
FLAMBEAU_INLINE void apply_reflection(const Vector<T>* v, int64_t v_step, Vector<T> tau, Vector<T>* to, int64_t step, int64_t count) {
  Vector<T> product = to[0];
  for (int64_t i = 1; i < count; ++i) product = multiply_add(v[i * v_step], to[i * step], product);
  product = -(tau * product);
  to[0] += product;
  for (int64_t i = 1; i < count; ++i) to[i * step] = multiply_add(product, v[i * v_step], to[i * step]);
}

// The first columns of H₀ H₁ …, where the vector of reflection k begins in row k + offset: element i of it is vectors[(k + offset + i) * row_step + k * step].
template <class T>
void form_reflections(const Vector<T>* vectors, int64_t row_step, int64_t step, int64_t reflections, int64_t offset, const Vector<T>* tau, Vector<T>* q, int64_t rows, int64_t columns) {
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) q[i * columns + j] = splat(T(i == j ? 1 : 0));
  }
  for (int64_t k = reflections - 1; k >= 0; --k) {
    const int64_t top = k + offset;
    for (int64_t j = top; j < columns; ++j) apply_reflection<T>(vectors + top * row_step + k * step, row_step, tau[k], q + top * columns + j, columns, rows - top);
  }
}

// Whether numbers are finite and neither so large nor so small that they have to be scaled.
template <class T>
bool are_moderate(const Vector<T>* a, int64_t n) {
  constexpr T margin = std::is_same_v<T, float> ? T(0x1p30) : T(0x1p300);
  Vector<T> most{}, spoilt{};
  for (int64_t i = 0; i < n; ++i) {
    const Vector<T> size = absolute<T>(a[i]);
    most = size > most ? size : most;
    spoilt += a[i] * 0;
  }
  return !any(~((spoilt == 0) & (most < margin) & ((most > 1 / margin) | (most == 0))));
}

}  // namespace flambeau::FLAMBEAU_ISA::interleaved
