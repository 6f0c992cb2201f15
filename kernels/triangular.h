// Systems of equations with a triangular matrix. All forms come down to A X = B: X A = B is Aᵀ Xᵀ = Bᵀ.
#pragma once
#include <algorithm>

#include "matrix.h"

namespace flambeau::FLAMBEAU_ISA {

struct Triangle {
  bool upper = false;
  // Whether ones stand on the diagonal, whatever is in memory.
  bool unit = false;
};

namespace triangular {

constexpr int64_t kBlock = 32, kStrip = 64;

// Copies a strip to where rows lie side by side, or back from there.
template <bool back, class T>
[[gnu::noinline]] void move_strip(const Matrix<T>& b, T (*x)[kStrip]) {
  // Along memory, whichever way that is.
  const bool turned = b.row == 1;
  const int64_t outer = turned ? b.columns : b.rows, inner = turned ? b.rows : b.columns;
  const int64_t outer_step = turned ? b.column : b.row, inner_step = turned ? b.row : b.column;
  const int64_t strip_step = turned ? kStrip : 1;
  for (int64_t p = 0; p < outer; ++p) {
    T* there = b.data + p * outer_step;
    T* here = x[0] + p * (turned ? 1 : kStrip);
    for (int64_t q = 0; q < inner; ++q) {
      if constexpr (back) there[q * inner_step] = here[q * strip_step];
      else here[q * strip_step] = there[q * inner_step];
    }
  }
}

// to -= by * from
template <class T>
void subtract(T* __restrict to, T by, const T* __restrict from, int64_t n) {
  for (int64_t c = 0; c < n; ++c) to[c] = to[c] - by * from[c];
}

// A small triangle and all right-hand sides, a strip of them at a time.
template <class T>
[[gnu::noinline]] void solve_block(const Matrix<T>& a, Triangle form, const Matrix<T>& b) {
  const int64_t n = a.rows;
  T factor[kBlock][kBlock], x[kBlock][kStrip];
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = form.upper ? i : 0; j < (form.upper ? n : i + 1); ++j) factor[i][j] = a.get(i, j);
  }
  for (int64_t first = 0; first < b.columns; first += kStrip) {
    const int64_t width = std::min(kStrip, b.columns - first);
    const Matrix<T> strip = b.block(0, first, n, width);
    move_strip<false>(strip, x);
    for (int64_t step = 0; step < n; ++step) {
      const int64_t i = form.upper ? n - 1 - step : step;
      for (int64_t k = 0; k < step; ++k) {
        const int64_t j = form.upper ? n - 1 - k : k;
        subtract(x[i], factor[i][j], x[j], width);
      }
      if (form.unit) continue;
      for (int64_t c = 0; c < width; ++c) x[i][c] = quotient(x[i][c], factor[i][i]);
    }
    move_strip<true>(strip, x);
  }
}

}  // namespace triangular

// b = a⁻¹ b, reading the triangle of `a` alone. Halves meet in a product, of which all but the smallest triangles are made.
template <class T>
Status solve_triangle(const Matrix<T>& a, Triangle form, const Matrix<T>& b) {
  const int64_t n = a.rows;
  if (n == 0 || b.columns == 0) return Status::ok;
  if (n <= triangular::kBlock) {
    triangular::solve_block(a, form, b);
    return Status::ok;
  }
  const int64_t half = half_of(n, triangular::kBlock), rest = n - half;
  const Matrix<T> top = b.block(0, 0, half, b.columns), bottom = b.block(half, 0, rest, b.columns);
  const Matrix<T> a_top = a.block(0, 0, half, half), a_bottom = a.block(half, half, rest, rest);
  Status status = form.upper ? solve_triangle(a_bottom, form, bottom) : solve_triangle(a_top, form, top);
  if (status != Status::ok) return status;
  status = form.upper ? subtract_product(top, a.block(0, half, half, rest), bottom) : subtract_product(bottom, a.block(half, 0, rest, half), top);
  if (status != Status::ok) return status;
  return form.upper ? solve_triangle(a_top, form, top) : solve_triangle(a_bottom, form, bottom);
}

}  // namespace flambeau::FLAMBEAU_ISA
