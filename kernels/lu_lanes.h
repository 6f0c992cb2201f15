// The LU factorization of small matrices side by side, P A = L U, whose rows are swapped by lanes, and solutions by it.
#pragma once
#include "interleaved.h"

namespace flambeau::FLAMBEAU_ISA::interleaved {

// Replaces `a` by its factors. Row k was swapped with row pivots[k]; `info` is 0 or the number of the first zero on U's diagonal, counted from 1.
template <class T>
[[gnu::noinline]] void factor(Vector<T>* a, int64_t rows, int64_t columns, Vector<T>* pivots, Vector<T>& info) {
  info = Vector<T>{};
  for (int64_t j = 0; j < std::min(rows, columns); ++j) {
    Vector<T>* row = a + j * columns;
    Vector<T> best = absolute<T>(row[j]), pivot = splat(T(j));
    for (int64_t i = j + 1; i < rows; ++i) {
      const Vector<T> x = absolute<T>(a[i * columns + j]);
      const auto more = (x > best) | ((x != x) & (best == best));
      best = more ? x : best;
      pivot = more ? splat(T(i)) : pivot;
    }
    for (int64_t i = j + 1; i < rows; ++i) swap_rows<T>(row, a + i * columns, pivot == splat(T(i)), columns);
    const auto zero = best == 0;
    info = (zero & (info == 0)) ? splat(T(j + 1)) : info;
    for (int64_t i = j + 1; i < rows; ++i) {
      Vector<T>* to = a + i * columns;
      const Vector<T> by = zero ? to[j] : to[j] / row[j];
      to[j] = by;
      subtract<T>(to + j + 1, by, row + j + 1, columns - j - 1);
    }
    pivots[j] = pivot;
  }
}

// The matrix that is read along columns.
template <class T>
void turn(Vector<T>* a, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < i; ++j) std::swap(a[i * n + j], a[j * n + i]);
  }
}

// x = A⁻¹ x, given the factors of A; with `transposed` those of its transpose, turned.
template <class T>
void solve_factored(const Vector<T>* factors, const Vector<T>* pivots, bool transposed, Vector<T>* x, int64_t n, int64_t columns) {
  const auto permute = [&] {
    for (int64_t step = 0; step < n; ++step) {
      const int64_t k = transposed ? n - 1 - step : step;
      for (int64_t i = 0; i < n; ++i) {
        if (i != k) swap_rows<T>(x + k * columns, x + i * columns, pivots[k] == splat(T(i)), columns);
      }
    }
  };
  if (!transposed) permute();
  solve_triangle<T>(factors, {false, !transposed}, x, n, columns);
  solve_triangle<T>(factors, {true, transposed}, x, n, columns);
  if (transposed) permute();
}

}  // namespace flambeau::FLAMBEAU_ISA::interleaved
