// Reduction of Hermitian matrices to real tridiagonal form by reflections: Qᴴ A Q = T, with updates of what is left of A a panel at a
// time (Dongarra, Hammarling & Sorensen, 1989).
#pragma once
#include "columns.h"
#include "householder.h"

namespace flambeau::FLAMBEAU_ISA {

constexpr int64_t kTridiagonalPanel = 32;

// Elements of work memory that `tridiagonalize` wants.
inline int64_t tridiagonal_work(int64_t n) { return n * (3 * kTridiagonalPanel + 1); }

// `a` holds both triangles, n columns of n. It keeps the reflections' vectors, that of number j in rows j + 1… of column j; tau has
// room for n.
template <class T>
Status tridiagonalize(T* a, int64_t n, double* d, double* e, T* tau, T* work) {
  using columns::combine, columns::dots;
  for (int64_t first = 0; first < n - 1; first += kTridiagonalPanel) {
    const int64_t panel = std::min(kTridiagonalPanel, n - 1 - first);
    // The vectors, what goes along with them, and the vectors again: A - V Wᴴ - W Vᴴ is one product.
    T *v = work, *w = v + n * panel, *again = w + n * panel, *by = again + n * panel;
    for (int64_t k = 0; k < panel; ++k) {
      const int64_t j = first + k, below = n - j - 1;
      T* column = a + j * n + j;
      for (int64_t i = 0; i < k; ++i) by[i] = -conjugate(w[i * n + j]);
      combine(column, v + j, n, by, below + 1, k);
      for (int64_t i = 0; i < k; ++i) by[i] = -conjugate(v[i * n + j]);
      combine(column, w + j, n, by, below + 1, k);
      d[j] = real_part(column[0]);
      tau[j] = householder::reflect(column + 1, below);
      e[j] = real_part(column[1]);
      T *x = v + k * n, *y = w + k * n;
      std::fill_n(x, j + 1, T{});
      std::fill_n(y, j + 1, T{});
      x[j + 1] = from_real<T>(1);
      std::copy(column + 2, column + 1 + below, x + j + 2);
      x += j + 1;
      y += j + 1;
      dots(y, a + (j + 1) * n + j + 1, n, x, below, below);
      dots(by, w + j + 1, n, x, below, k);
      for (int64_t i = 0; i < k; ++i) by[i] = -by[i];
      combine(y, v + j + 1, n, by, below, k);
      dots(by, v + j + 1, n, x, below, k);
      for (int64_t i = 0; i < k; ++i) by[i] = -by[i];
      combine(y, w + j + 1, n, by, below, k);
      for (int64_t i = 0; i < below; ++i) y[i] = tau[j] * y[i];
      const T half = from_real<T>(Part<T>(-0.5) * real_part(conjugate(tau[j]) * householder::dot(x, y, below)));
      for (int64_t i = 0; i < below; ++i) y[i] = y[i] + half * x[i];
    }
    const int64_t after = first + panel, rest = n - after;
    std::copy(v, v + n * panel, again);
    const Matrix<T> left{v + after, rest, 2 * panel, 1, n}, right{w + after, rest, 2 * panel, 1, n};
    const Status status = subtract_product(Matrix<T>{a + after * n + after, rest, rest, 1, n}, left, right.adjoint());
    if (status != Status::ok) return status;
  }
  if (n > 0) d[n - 1] = real_part(a[n * n - 1]);
  return Status::ok;
}

}  // namespace flambeau::FLAMBEAU_ISA
