// Reduction of matrices to real upper bidiagonal form by reflections from both sides: Uᴴ A V = B, with updates of what is left of A a
// panel at a time (Dongarra, Hammarling & Sorensen, 1989).
#pragma once
#include "columns.h"
#include "householder.h"

namespace flambeau::FLAMBEAU_ISA {

constexpr int64_t kBidiagonalPanel = 32;

// Elements of work memory that `bidiagonalize` wants.
inline int64_t bidiagonal_work(int64_t rows, int64_t columns) { return 2 * kBidiagonalPanel * (rows + columns) + 2 * kBidiagonalPanel; }

// `a`, with no more columns than rows, is dense by columns. It keeps the vectors from the left, that of number j in rows j… of column j; `right`
// (columns of `columns`) gets those from the right, of number j in rows j + 1… of column j. Both taus have room for `columns`.
template <class T>
Status bidiagonalize(T* a, int64_t rows, int64_t columns, double* d, double* e, T* tau, T* right, T* right_tau, T* work) {
  using columns::combine, columns::dots;
  for (int64_t first = 0; first < columns; first += kBidiagonalPanel) {
    const int64_t panel = std::min(kBidiagonalPanel, columns - first);
    // What is left of the matrix is a - v yᴴ - x wᴴ, with v and w the vectors.
    T *v = work, *x = v + panel * rows, *y = x + panel * rows, *w = y + panel * columns, *by = w + panel * columns;
    for (int64_t k = 0; k < panel; ++k) {
      const int64_t j = first + k, height = rows - j, width = columns - j - 1;
      T* column = a + j * rows + j;
      for (int64_t i = 0; i < k; ++i) by[i] = -conjugate(y[i * columns + j]);
      combine(column, v + j, rows, by, height, k);
      for (int64_t i = 0; i < k; ++i) by[i] = -conjugate(w[i * columns + j]);
      combine(column, x + j, rows, by, height, k);
      tau[j] = householder::reflect(column, height);
      d[j] = real_part(column[0]);
      T *vk = v + k * rows, *xk = x + k * rows, *wk = w + k * columns, *yk = y + k * columns;
      std::fill_n(vk, j, T{});
      std::fill_n(xk, j + 1, T{});
      std::fill_n(wk, j + 1, T{});
      std::fill_n(yk, j + 1, T{});
      vk[j] = from_real<T>(1);
      std::copy(column + 1, column + height, vk + j + 1);
      if (width == 0) {
        right_tau[j] = T{};
        continue;
      }
      // y = tau (aᴴ v - y vᴴ v - w xᴴ v)
      dots(yk + j + 1, a + (j + 1) * rows + j, rows, vk + j, height, width);
      dots(by, v + j, rows, vk + j, height, k);
      for (int64_t i = 0; i < k; ++i) by[i] = -by[i];
      combine(yk + j + 1, y + j + 1, columns, by, width, k);
      dots(by, x + j, rows, vk + j, height, k);
      for (int64_t i = 0; i < k; ++i) by[i] = -by[i];
      combine(yk + j + 1, w + j + 1, columns, by, width, k);
      for (int64_t i = j + 1; i < columns; ++i) yk[i] = tau[j] * yk[i];
      // The conjugate of row j as it is now.
      T* row = right + j * columns + j + 1;
      for (int64_t i = 0; i < width; ++i) row[i] = conjugate(a[(j + 1 + i) * rows + j]);
      for (int64_t i = 0; i <= k; ++i) by[i] = -conjugate(v[i * rows + j]);
      combine(row, y + j + 1, columns, by, width, k + 1);
      for (int64_t i = 0; i < k; ++i) by[i] = -conjugate(x[i * rows + j]);
      combine(row, w + j + 1, columns, by, width, k);
      right_tau[j] = householder::reflect(row, width);
      e[j] = real_part(row[0]);
      wk[j + 1] = from_real<T>(1);
      std::copy(row + 1, row + width, wk + j + 2);
      // x = right_tau (a w - v yᴴ w - x wᴴ w)
      std::fill_n(xk + j + 1, height - 1, T{});
      combine(xk + j + 1, a + (j + 1) * rows + j + 1, rows, wk + j + 1, height - 1, width);
      dots(by, y + j + 1, columns, wk + j + 1, width, k + 1);
      for (int64_t i = 0; i <= k; ++i) by[i] = -by[i];
      combine(xk + j + 1, v + j + 1, rows, by, height - 1, k + 1);
      dots(by, w + j + 1, columns, wk + j + 1, width, k);
      for (int64_t i = 0; i < k; ++i) by[i] = -by[i];
      combine(xk + j + 1, x + j + 1, rows, by, height - 1, k);
      for (int64_t i = j + 1; i < rows; ++i) xk[i] = right_tau[j] * xk[i];
    }
    const int64_t after = first + panel;
    if (after == columns) break;
    const Matrix<T> rest{a + after * rows + after, rows - after, columns - after, 1, rows};
    const Matrix<T> left{v + after, rest.rows, 2 * panel, 1, rows}, other{y + after, rest.columns, 2 * panel, 1, columns};
    const Status status = subtract_product(rest, left, other.adjoint());
    if (status != Status::ok) return status;
  }
  return Status::ok;
}

}  // namespace flambeau::FLAMBEAU_ISA
