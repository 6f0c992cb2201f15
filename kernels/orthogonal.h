// Families of orthogonal polynomials by their recurrences (DLMF 18.9).
#pragma once
#include <algorithm>
#include <cstdint>

namespace flambeau::FLAMBEAU_ISA {

// Computes at x[i] the polynomial of degree degree[i], or degree[0] for all: two vectors of points at a time, up to the highest degree among
// them. Degrees that are below zero, not numbers or too high give 0. `slope` and `offset` are the polynomial of degree 1, `next` finds that
// of degree k + 1 from those of degrees k and k - 1.
template <class T, bool one_degree, class Next>
void recur(T* to, const T* x, const T* degree, int64_t n, T slope, T offset, Next next) {
  typedef T V __attribute__((vector_size(64)));
  constexpr int64_t kLanes = 64 / sizeof(T);
  for (int64_t i = 0; i < n; i += 2 * kLanes) {
    const int64_t m = std::min(2 * kLanes, n - i);
    alignas(64) T points[2 * kLanes] = {}, degrees[2 * kLanes] = {}, values[2 * kLanes];
    T highest = 0;
    for (int64_t j = 0; j < m; ++j) points[j] = x[i + j];
    for (int64_t j = 0; j < m; ++j) {
      const T d = degree[one_degree ? 0 : i + j];
      degrees[j] = (d >= 0) & (d < T(0x1p31)) ? d : T(-1);
    }
    for (int64_t j = 0; j < 2 * kLanes; ++j) highest = degrees[j] > highest ? degrees[j] : highest;
    const V none = {};
    V at[2], wanted[2], before[2], current[2], value[2];
    __builtin_memcpy(at, points, sizeof at);
    __builtin_memcpy(wanted, degrees, sizeof wanted);
    for (int v = 0; v < 2; ++v) {
      before[v] = none + 1;
      current[v] = slope * at[v] + offset;
      value[v] = wanted[v] == none ? before[v] : none;
    }
    for (T k = 1; k <= highest; k += 1)
      for (int v = 0; v < 2; ++v) {
        value[v] = wanted[v] == none + k ? current[v] : value[v];
        const V after = next(at[v], k, current[v], before[v]);
        before[v] = current[v];
        current[v] = after;
      }
    __builtin_memcpy(values, value, sizeof values);
    for (int64_t j = 0; j < m; ++j) to[i + j] = values[j];
  }
}

// The families by their numbers: Chebyshev polynomials of the first to the fourth kind, Hermite polynomials of physicists and probabilists,
// Laguerre and Legendre polynomials.
template <class T, bool one_degree>
void orthogonal_step(void* to, const void* x, const void* degree, const void* family, int64_t n) {
  const auto each = [&](T slope, T offset, auto next) {
    recur<T, one_degree>(static_cast<T*>(to), static_cast<const T*>(x), static_cast<const T*>(degree), n, slope, offset, next);
  };
  const auto chebyshev = [](auto at, T, auto p, auto q) { return 2 * at * p - q; };
  const T number = *static_cast<const T*>(family);
  switch (number >= 0 && number < 8 ? static_cast<int>(number) : 0) {
    case 0: return each(1, 0, chebyshev);
    case 1: return each(2, 0, chebyshev);
    case 2: return each(2, -1, chebyshev);
    case 3: return each(2, 1, chebyshev);
    case 4: return each(2, 0, [](auto at, T k, auto p, auto q) { return 2 * (at * p - k * q); });
    case 5: return each(1, 0, [](auto at, T k, auto p, auto q) { return at * p - k * q; });
    case 6: return each(-1, 1, [](auto at, T k, auto p, auto q) { return ((2 * k + 1 - at) * p - k * q) / (k + 1); });
    default: return each(1, 0, [](auto at, T k, auto p, auto q) { return ((2 * k + 1) * at * p - k * q) / (k + 1); });
  }
}

}  // namespace flambeau::FLAMBEAU_ISA
