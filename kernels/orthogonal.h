// Families of orthogonal polynomials by their recurrences (DLMF 18.9).
#pragma once
#include <algorithm>
#include <cstdint>

namespace flambeau::FLAMBEAU_ISA {

// The families by their numbers: Chebyshev polynomials of the first to the fourth kind, Hermite polynomials of physicists and probabilists,
// Laguerre and Legendre polynomials. That of degree 1 is slope x + offset, that of degree k + 1 ((a x + b) p - c q) / d, where p and q are
// those of degrees k and k - 1.
template <class T>
struct Recurrence {
  T slope, offset, a, b, c, d;

  explicit Recurrence(int family) : slope(family == 0 || family == 5 || family == 7 ? T(1) : family == 6 ? T(-1) : T(2)),
      offset(family == 2 ? T(-1) : family == 3 || family == 6 ? T(1) : T(0)), a(T(2)), b(T(0)), c(T(1)), d(T(1)), family_(family) {}
  void to_degree(T k) {
    switch (family_) {
      case 4: c = 2 * k; break;
      case 5: a = 1, c = k; break;
      case 6: a = -1, b = 2 * k + 1, c = k, d = k + 1; break;
      case 7: a = 2 * k + 1, c = k, d = k + 1; break;
      default: break;
    }
  }

 private:
  int family_;
};

// The polynomial at each point of the degree beside it, two vectors of points at a time, up to the highest degree among them. Degrees that
// are below zero, not numbers or too high give 0. `single` has the bits of Forms; the family is always one.
template <class T, int single>
void orthogonal_step(void* to_, const void* x_, const void* degree_, const void* family_, int64_t n) {
  typedef T V __attribute__((vector_size(64)));
  constexpr int64_t kLanes = 64 / sizeof(T);
  T* to = static_cast<T*>(to_);
  const T* x = static_cast<const T*>(x_);
  const T* degree = static_cast<const T*>(degree_);
  const T family = *static_cast<const T*>(family_);
  for (int64_t i = 0; i < n; i += 2 * kLanes) {
    const int64_t m = std::min(2 * kLanes, n - i);
    alignas(64) T points[2 * kLanes] = {}, degrees[2 * kLanes] = {}, values[2 * kLanes];
    T highest = 0;
    for (int64_t j = 0; j < m; ++j) points[j] = x[i + j];
    for (int64_t j = 0; j < m; ++j) {
      const T d = degree[single & 2 ? 0 : i + j];
      degrees[j] = (d >= 0) & (d < T(0x1p31)) ? d : T(-1);
      highest = degrees[j] > highest ? degrees[j] : highest;
    }
    Recurrence<T> r(family >= 0 && family < 8 ? static_cast<int>(family) : 0);
    const V none = {};
    V at[2], wanted[2], before[2], current[2], value[2];
    __builtin_memcpy(at, points, sizeof at);
    __builtin_memcpy(wanted, degrees, sizeof wanted);
    for (int v = 0; v < 2; ++v) {
      before[v] = none + 1;
      current[v] = r.slope * at[v] + r.offset;
      value[v] = wanted[v] == none ? before[v] : none;
    }
    for (T k = 1; k <= highest; k += 1) {
      r.to_degree(k);
      const bool divides = r.d != 1;
      for (int v = 0; v < 2; ++v) {
        value[v] = wanted[v] == none + k ? current[v] : value[v];
        V next = (r.a * at[v] + r.b) * current[v] - r.c * before[v];
        if (divides) next /= r.d;
        before[v] = current[v];
        current[v] = next;
      }
    }
    __builtin_memcpy(values, value, sizeof values);
    for (int64_t j = 0; j < m; ++j) to[i + j] = values[j];
  }
}

}  // namespace flambeau::FLAMBEAU_ISA
