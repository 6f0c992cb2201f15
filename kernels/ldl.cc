// The factorization of symmetric or Hermitian matrices by diagonal pivoting, P A Pᵀ = L D Lᵀ (Bunch & Kaufman, 1977), in the lower triangle.
#include <algorithm>

#include "magnitude.h"
#include "generated/ldl.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// Columns of the lower triangle lie side by side in memory.
template <class T>
struct Columns {
  T* data;
  int64_t n, step;
  bool hermitian;

  T* operator[](int64_t j) const { return data + j * step; }
  T dual(T x) const { return hermitian ? conjugate(x) : x; }
  void make_real(T& x) const {
    if (hermitian) x = from_real<T>(real_part(x));
  }
  Part<T> diagonal(int64_t j) const { return hermitian ? std::abs(real_part((*this)[j][j])) : magnitude((*this)[j][j]); }
};

struct Step {
  int64_t pivot;
  // 1, or 2 where a block of two columns is the pivot.
  int64_t width;
};

// The row and column to be swapped with the last one of the block that begins at k. NaN is no larger than anything.
template <class T>
Step choose(const Columns<T>& a, int64_t k, bool& is_zero) {
  using R = Part<T>;
  const R alpha = R(0.6403882032022076);  // (1 + √17) / 8
  const R own = a.diagonal(k);
  int64_t largest = k;
  R column = 0;
  for (int64_t i = k + 1; i < a.n; ++i) {
    const R x = magnitude(a[k][i]);
    if (x > column) column = x, largest = i;
  }
  is_zero = own == 0 && column == 0;
  if (largest == k || own >= alpha * column) return {k, 1};
  R row = 0;
  for (int64_t j = k; j < largest; ++j) row = larger(row, magnitude(a[j][largest]));
  for (int64_t i = largest + 1; i < a.n; ++i) row = larger(row, magnitude(a[largest][i]));
  if (own >= alpha * column * (column / row)) return {k, 1};
  return {largest, a.diagonal(largest) >= alpha * row ? 1 : 2};
}

// Rows and columns i < p of what is left, which begins at `first`.
template <class T>
void swap(const Columns<T>& a, int64_t first, int64_t i, int64_t p) {
  if (i == p) return;
  for (int64_t r = p + 1; r < a.n; ++r) std::swap(a[i][r], a[p][r]);
  for (int64_t j = i + 1; j < p; ++j) {
    const T x = a.dual(a[i][j]);
    a[i][j] = a.dual(a[j][p]);
    a[j][p] = x;
  }
  a[i][p] = a.dual(a[i][p]);
  std::swap(a[i][i], a[p][p]);
  for (int64_t j = first; j < i; ++j) std::swap(a[j][i], a[j][p]);
}

// to -= x by
template <class T>
[[gnu::noinline]] void subtract(T* __restrict to, const T* __restrict x, T by, int64_t n) {
  for (int64_t i = 0; i < n; ++i) to[i] = to[i] - x[i] * by;
}

template <class T>
void eliminate_one(const Columns<T>& a, int64_t k) {
  T* x = a[k];
  a.make_real(x[k]);
  for (int64_t j = k + 1; j < a.n; ++j) {
    subtract(a[j] + j, x + j, a.dual(quotient(x[j], a.dual(x[k]))), a.n - j);
    a.make_real(a[j][j]);
  }
  for (int64_t i = k + 1; i < a.n; ++i) x[i] = quotient(x[i], x[k]);
}

template <class T>
void eliminate_two(const Columns<T>& a, int64_t k) {
  T *x = a[k], *y = a[k + 1];
  a.make_real(x[k]);
  a.make_real(y[k + 1]);
  // The inverse of the block by Cramer's rule, scaled by what stands off the diagonal, which is large.
  const T off = x[k + 1];
  const T first = quotient(y[k + 1], off), second = quotient(x[k], a.dual(off)), one = from_real<T>(1);
  const T determinant = first * second - one;
  for (int64_t j = k + 2; j < a.n; ++j) {
    const T u = quotient(quotient(first * x[j] - y[j], a.dual(off)), determinant);
    const T v = quotient(quotient(second * y[j] - x[j], off), determinant);
    subtract(a[j] + j, x + j, a.dual(u), a.n - j);
    subtract(a[j] + j, y + j, a.dual(v), a.n - j);
    a.make_real(a[j][j]);
    x[j] = u;
    y[j] = v;
  }
}

template <class T>
void factor(const Columns<T>& a, int32_t* pivots, int32_t& info) {
  for (int64_t k = 0; k < a.n;) {
    bool is_zero;
    const auto [pivot, width] = choose(a, k, is_zero);
    const int32_t number = static_cast<int32_t>(pivot + 1);
    const int64_t last = k + width - 1;
    swap(a, k, last, pivot);
    pivots[k] = pivots[last] = width == 1 ? number : -number;
    if (is_zero) {
      if (info == 0) info = static_cast<int32_t>(k + 1);
      a.make_real(a[k][k]);
    } else if (width == 1) {
      eliminate_one(a, k);
    } else {
      eliminate_two(a, k);
    }
    k += width;
  }
}

}  // namespace

Status ldl(const LdlArguments& args) {
  return with_matrix_type(args.out.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const int64_t n = args.out.size[1];
    return for_each_matrix(args.out.size[0], n * n * n / 3, [&](int64_t i) {
      int32_t& info = args.info.as<int32_t>()[i];
      info = 0;
      factor(Columns<T>{matrix_at<T>(args.out, i).data, n, args.out.stride[2], is_complex<T> && args.hermitian}, args.pivots.as<int32_t>() + i * n, info);
      return Status::ok;
    });
  });
}

}  // namespace flambeau::FLAMBEAU_ISA
