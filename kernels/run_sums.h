// Sums and maxima over runs of contiguous elements.
//
// A run of up to kRun elements is summed in four vectors, so that additions overlap and every partial sum is short (16 additions, however wide a
// vector is); longer sums add their runs in double.
#pragma once
#include <limits>
#include <utility>

#include "tile.h"

namespace flambeau::FLAMBEAU_ISA {

constexpr int64_t kRun = 64 * kLanes<float>;

// Σ_i term, where term(at) computes from at(p), the elements of p at the place it stands: a vector of them or one.
template <class T, class F>
inline T sum_run(int64_t n, F&& term) {
  constexpr int lanes = kLanes<T>;
  Vector<T> a{}, b{}, c{}, d{};
  int64_t i = 0;
  const auto vector = [&](int64_t shift) { return term([=](const T* p) { return load(p + shift); }); };
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    a += vector(i);
    b += vector(i + lanes);
    c += vector(i + 2 * lanes);
    d += vector(i + 3 * lanes);
  }
  for (; i + lanes <= n; i += lanes) a += vector(i);
  T rest = 0;
  for (; i < n; ++i) rest += term([=](const T* p) { return p[i]; });
  return sum_lanes<T>((a + b) + (c + d)) + rest;
}
// The same over any length; at(p) then reads from the run's beginning on.
template <class T, class F>
inline double sum_long(int64_t n, F&& term) {
  double total = 0;
  for (int64_t begin = 0; begin < n; begin += kRun) {
    const int64_t size = n - begin < kRun ? n - begin : kRun;
    total += static_cast<double>(sum_run<T>(size, [&](auto at) { return term([=](const T* p) { return at(p + begin); }); }));
  }
  return total;
}

// to[i] = term, where term(at) computes from at(p) as in sum_run.
template <class T, class F>
inline void write_run(T* to, int64_t n, F&& term) {
  constexpr int lanes = kLanes<T>;
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) store<T>(to + i, term([=](const T* p) { return load(p + i); }));
  for (; i < n; ++i) to[i] = term([=](const T* p) { return p[i]; });
}

// The largest of lanes, none of which is NaN.
template <class T, int Size, class V, int... Lane> FLAMBEAU_INLINE T larger_half(V v, std::integer_sequence<int, Lane...>) {
  const auto low = __builtin_shufflevector(v, v, Lane...), high = __builtin_shufflevector(v, v, (Size / 2 + Lane)...);
  const auto most = high > low ? high : low;
  if constexpr (Size > 4) return larger_half<T, Size / 2>(most, std::make_integer_sequence<int, Size / 4>());
  else return most[1] > most[0] ? most[1] : most[0];
}
template <class T> FLAMBEAU_INLINE T largest_lane(Vector<T> v) {
  if constexpr (kLanes<T> == 2) return v[1] > v[0] ? v[1] : v[0];
  else return larger_half<T, kLanes<T>>(v, std::make_integer_sequence<int, kLanes<T> / 2>());
}

// The largest of n elements that are not NaN; -inf if there is none.
template <class T>
inline T largest(const T* x, int64_t n) {
  constexpr int lanes = kLanes<T>;
  constexpr T lowest = -std::numeric_limits<T>::infinity();
  Vector<T> a = splat(lowest), b = a;
  int64_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    const Vector<T> u = load(x + i), v = load(x + i + lanes);
    a = u > a ? u : a;
    b = v > b ? v : b;
  }
  a = b > a ? b : a;
  T result = largest_lane<T>(a);
  for (; i < n; ++i) result = x[i] > result ? x[i] : result;
  return result;
}

// As many numbers as a vector of doubles has lanes, in double. Compilers take the conversion of whole vectors apart.
FLAMBEAU_INLINE Vector<double> load_wide(const float* p) {
#if defined(__AVX512F__)
  return _mm512_maskz_cvtps_pd(0xff, _mm256_loadu_ps(p));
#elif defined(__AVX__)
  return _mm256_cvtps_pd(_mm_loadu_ps(p));
#else
  typedef float Half __attribute__((vector_size(kVectorBytes / 2)));
  Half half;
  __builtin_memcpy(&half, p, sizeof half);
  return __builtin_convertvector(half, Vector<double>);
#endif
}

// A sum of vectors in double.
template <class T> struct WideSum {
  Vector<double> low{}, high{};

  FLAMBEAU_INLINE void add(const T* p) {
    if constexpr (sizeof(T) == 8) {
      low += load(p);
    } else {
      low += load_wide(p);
      high += load_wide(p + kLanes<T> / 2);
    }
  }
  double total() const { return sum_lanes<double>(low + high); }
};

// Σ d and Σ d² for the deviations d of n elements from a centre. The first nearly vanishes: it is what the sum of the elements, in double, has
// beyond n centres.
struct Deviations {
  double sum = 0, squares = 0;

  template <class T>
  Deviations(const T* x, int64_t n, T centre) {
    constexpr int lanes = kLanes<T>, many = 4;
    const Vector<T> middle = splat(centre);
    WideSum<T> sums[2];
    Vector<T> products[many] = {};
    int64_t i = 0;
    for (; i + many * lanes <= n; i += many * lanes) {
      FLAMBEAU_UNROLL
      for (int j = 0; j < many; ++j) {
        const Vector<T> d = load(x + i + j * lanes) - middle;
        sums[j % 2].add(x + i + j * lanes);
        products[j] = multiply_add(d, d, products[j]);
      }
    }
    T rest = 0;
    for (; i < n; ++i) {
      const T d = x[i] - centre;
      sum += static_cast<double>(x[i]);
      rest += d * d;
    }
    sum += sums[0].total() + sums[1].total() - static_cast<double>(n) * static_cast<double>(centre);
    squares = static_cast<double>(sum_lanes<T>((products[0] + products[1]) + (products[2] + products[3])) + rest);
  }
};

// Mean and the sum of squared deviations of a growing sample (T. Chan, G. Golub and R. LeVeque, Algorithms for computing
// the sample variance, 1983): each run is centred by its own mean, then joined to what came before.
struct Moments {
  double count = 0;
  double mean = 0;
  double squares = 0;

  template <class T>
  void add(const T* x, int64_t n) {
    for_each_run(x, n, [&](const T* run, int64_t size, double run_mean) {
      const T centre = static_cast<T>(run_mean);
      const double around = static_cast<double>(sum_run<T>(size, [=](auto at) {
        const auto d = at(run) - centre;
        return d * d;
      }));
      // The centre was rounded.
      const double off = run_mean - static_cast<double>(centre);
      join(static_cast<double>(size), run_mean, around - static_cast<double>(size) * off * off);
    });
  }
  // The same, where what the mean lacks counts: the deviations tell it, so that elements that are all the same have it exactly, and no variance.
  template <class T>
  void add_mended(const T* x, int64_t n) {
    for_each_run(x, n, [&](const T* run, int64_t size, double run_mean) {
      const T centre = static_cast<T>(run_mean);
      const double length = static_cast<double>(size);
      const Deviations from(run, size, centre);
      // What rounding leaves of nothing may be negative.
      const double around = from.squares - from.sum * (from.sum / length);
      join(length, static_cast<double>(centre) + from.sum / length, around < 0 ? 0 : around);
    });
  }
  void join(double n, double other_mean, double other_squares) {
    const double all = count + n;
    const double delta = other_mean - mean;
    mean += delta * (n / all);
    squares += other_squares + delta * delta * (count * (n / all));
    count = all;
  }

 private:
  template <class T, class F>
  static void for_each_run(const T* x, int64_t n, F&& f) {
    for (int64_t begin = 0; begin < n; begin += kRun) {
      const int64_t size = n - begin < kRun ? n - begin : kRun;
      const T* run = x + begin;
      f(run, size, static_cast<double>(sum_run<T>(size, [=](auto at) { return at(run); })) / static_cast<double>(size));
    }
  }
};

}  // namespace flambeau::FLAMBEAU_ISA
