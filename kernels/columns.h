// Products of vectors with the columns of dense matrices, which lie `pitch` elements apart: what reductions to condensed forms spend their time on.
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>

#include "matrix.h"
#include "tile.h"

namespace flambeau::FLAMBEAU_ISA::columns {

// Whether the machine has masks, by which the last elements of columns, fewer than a vector has lanes, are taken at once.
template <class T>
constexpr bool kTakesParts = !is_complex<T> && kVectorBytes == 64;

// Zeros stand for what is not loaded.
template <class T>
FLAMBEAU_INLINE Vector<T> load_part(const T* p, int64_t count) {
#if defined(__AVX512F__)
  if constexpr (std::is_same_v<T, float>) return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count) - 1), p);
  else return _mm512_maskz_loadu_pd(static_cast<__mmask8>((1u << count) - 1), p);
#else
  Vector<T> v{};
  __builtin_memcpy(&v, p, static_cast<size_t>(count) * sizeof(T));
  return v;
#endif
}
template <class T>
FLAMBEAU_INLINE void store_part(T* p, Vector<T> v, int64_t count) {
#if defined(__AVX512F__)
  if constexpr (std::is_same_v<T, float>) _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << count) - 1), v);
  else _mm512_mask_storeu_pd(p, static_cast<__mmask8>((1u << count) - 1), v);
#else
  __builtin_memcpy(p, &v, static_cast<size_t>(count) * sizeof(T));
#endif
}

// out[k] = Σ conj(a[k * pitch + i]) x[i]
template <class T>
[[gnu::noinline]] void dots(T* out, const T* a, int64_t pitch, const T* x, int64_t n, int64_t count) {
  int64_t k = 0;
  if constexpr (!is_complex<T>) {
    constexpr int lanes = kLanes<T>;
    if (n >= lanes || kTakesParts<T>) {
      for (; k + 4 <= count; k += 4) {
        const T* p = a + k * pitch;
        Vector<T> s0{}, s1{}, s2{}, s3{};
        int64_t i = 0;
        for (; i + lanes <= n; i += lanes) {
          const Vector<T> v = load(x + i);
          s0 = multiply_add(load(p + i), v, s0);
          s1 = multiply_add(load(p + pitch + i), v, s1);
          s2 = multiply_add(load(p + 2 * pitch + i), v, s2);
          s3 = multiply_add(load(p + 3 * pitch + i), v, s3);
        }
        if constexpr (kTakesParts<T>) {
          const int64_t rest = n - i;
          const Vector<T> v = load_part(x + i, rest);
          s0 = multiply_add(load_part(p + i, rest), v, s0);
          s1 = multiply_add(load_part(p + pitch + i, rest), v, s1);
          s2 = multiply_add(load_part(p + 2 * pitch + i, rest), v, s2);
          s3 = multiply_add(load_part(p + 3 * pitch + i, rest), v, s3);
          i = n;
        }
        T r0 = sum_lanes<T>(s0), r1 = sum_lanes<T>(s1), r2 = sum_lanes<T>(s2), r3 = sum_lanes<T>(s3);
        for (; i < n; ++i) {
          r0 += p[i] * x[i];
          r1 += p[pitch + i] * x[i];
          r2 += p[2 * pitch + i] * x[i];
          r3 += p[3 * pitch + i] * x[i];
        }
        out[k] = r0;
        out[k + 1] = r1;
        out[k + 2] = r2;
        out[k + 3] = r3;
      }
    }
  }
  for (; k < count; ++k) {
    const T* p = a + k * pitch;
    T sum{};
    for (int64_t i = 0; i < n; ++i) sum = sum + conjugate(p[i]) * x[i];
    out[k] = sum;
  }
}

// y[i] += Σ a[k * pitch + i] by[k]
template <class T>
[[gnu::noinline]] void combine(T* __restrict y, const T* a, int64_t pitch, const T* by, int64_t n, int64_t count) {
  int64_t k = 0;
  for (; k + 4 <= count; k += 4) {
    const T* p = a + k * pitch;
    const T b0 = by[k], b1 = by[k + 1], b2 = by[k + 2], b3 = by[k + 3];
    int64_t i = 0;
    if constexpr (!is_complex<T>) {
      constexpr int lanes = kLanes<T>;
      const Vector<T> v0 = splat(b0), v1 = splat(b1), v2 = splat(b2), v3 = splat(b3);
      for (; i + lanes <= n; i += lanes) {
        Vector<T> sum = multiply_add(v0, load(p + i), load(y + i));
        sum = multiply_add(v1, load(p + pitch + i), sum);
        sum = multiply_add(v2, load(p + 2 * pitch + i), sum);
        sum = multiply_add(v3, load(p + 3 * pitch + i), sum);
        store<T>(y + i, sum);
      }
      if constexpr (kTakesParts<T>) {
        const int64_t rest = n - i;
        Vector<T> sum = multiply_add(v0, load_part(p + i, rest), load_part(y + i, rest));
        sum = multiply_add(v1, load_part(p + pitch + i, rest), sum);
        sum = multiply_add(v2, load_part(p + 2 * pitch + i, rest), sum);
        sum = multiply_add(v3, load_part(p + 3 * pitch + i, rest), sum);
        store_part<T>(y + i, sum, rest);
        i = n;
      }
    }
    for (; i < n; ++i) y[i] = y[i] + (b0 * p[i] + b1 * p[pitch + i]) + (b2 * p[2 * pitch + i] + b3 * p[3 * pitch + i]);
  }
  for (; k < count; ++k) {
    const T* p = a + k * pitch;
    const T b = by[k];
    for (int64_t i = 0; i < n; ++i) y[i] = y[i] + b * p[i];
  }
}

// a[k * pitch + i] -= x[i] by[k]
template <class T>
[[gnu::noinline]] void subtract_outer(T* a, int64_t pitch, const T* x, const T* by, int64_t n, int64_t count) {
  int64_t k = 0;
  if constexpr (!is_complex<T> && kVectorBytes > 16) {
    constexpr int lanes = kLanes<T>;
    for (; k + 4 <= count; k += 4) {
      T* p = a + k * pitch;
      const Vector<T> v0 = splat(-by[k]), v1 = splat(-by[k + 1]), v2 = splat(-by[k + 2]), v3 = splat(-by[k + 3]);
      int64_t i = 0;
      for (; i + lanes <= n; i += lanes) {
        const Vector<T> v = load(x + i);
        store<T>(p + i, multiply_add(v0, v, load(p + i)));
        store<T>(p + pitch + i, multiply_add(v1, v, load(p + pitch + i)));
        store<T>(p + 2 * pitch + i, multiply_add(v2, v, load(p + 2 * pitch + i)));
        store<T>(p + 3 * pitch + i, multiply_add(v3, v, load(p + 3 * pitch + i)));
      }
      if constexpr (kTakesParts<T>) {
        const int64_t rest = n - i;
        const Vector<T> v = load_part(x + i, rest);
        store_part<T>(p + i, multiply_add(v0, v, load_part(p + i, rest)), rest);
        store_part<T>(p + pitch + i, multiply_add(v1, v, load_part(p + pitch + i, rest)), rest);
        store_part<T>(p + 2 * pitch + i, multiply_add(v2, v, load_part(p + 2 * pitch + i, rest)), rest);
        store_part<T>(p + 3 * pitch + i, multiply_add(v3, v, load_part(p + 3 * pitch + i, rest)), rest);
        i = n;
      }
      for (; i < n; ++i) {
        for (int64_t q = 0; q < 4; ++q) p[q * pitch + i] -= by[k + q] * x[i];
      }
    }
  }
  for (; k < count; ++k) {
    T* p = a + k * pitch;
    for (int64_t i = 0; i < n; ++i) p[i] = p[i] - by[k] * x[i];
  }
}

// The largest absolute value of an element's parts, or something not finite if there is one that is not.
template <class T>
[[gnu::noinline]] Part<T> largest(const T* a, int64_t n) {
  Part<T> most = 0, spoilt = 0;
  for (int64_t i = 0; i < n; ++i) {
    if constexpr (is_complex<T>) {
      most = std::max(most, std::max(std::abs(a[i].re), std::abs(a[i].im)));
      spoilt += a[i].re * 0 + a[i].im * 0;
    } else {
      most = std::max(most, std::abs(a[i]));
      spoilt += a[i] * 0;
    }
  }
  return most + spoilt;
}

// The power of two by which numbers up to `most` are multiplied, so that their squares neither overflow nor vanish; mostly 1.
template <class R>
R scale_of(R most) {
  const R margin = std::is_same_v<R, float> ? R(0x1p30) : R(0x1p300);
  if (!(most > 0) || (most < margin && most > 1 / margin)) return 1;
  int exponent;
  std::frexp(most, &exponent);
  return std::ldexp(R(1), std::min(std::max(-exponent, 1 - std::numeric_limits<R>::max_exponent), std::numeric_limits<R>::max_exponent - 1));
}

}  // namespace flambeau::FLAMBEAU_ISA::columns

namespace flambeau::FLAMBEAU_ISA {

// Pieces of one slot of scratch memory.
class Pieces {
 public:
  explicit Pieces(void* memory) : next_(static_cast<char*>(memory)) {}

  template <class T>
  static int64_t size(int64_t n) { return (n * static_cast<int64_t>(sizeof(T)) + 63) / 64 * 64; }
  template <class T>
  T* take(int64_t n) {
    T* piece = reinterpret_cast<T*>(next_);
    next_ += size<T>(n);
    return piece;
  }

 private:
  char* next_;
};

}  // namespace flambeau::FLAMBEAU_ISA
