// Eigenvectors of the Schur form, by back substitution.
#pragma once
#include "schur.h"

namespace flambeau::FLAMBEAU_ISA {

// A quotient whose divisor is not smaller than `least`, since eigenvalues may be as good as equal.
template <class C, class R>
C guarded_quotient(C x, C by, R least) {
  if (modulus_sum(by) < least) by = from_real<C>(least);
  return quotient(x, by);
}

// to -= by * from
template <class T>
[[gnu::noinline]] void subtract_multiple(T* __restrict to, const T* __restrict from, T by, int64_t n) {
  for (int64_t i = 0; i < n; ++i) to[i] = to[i] - by * from[i];
}

// Scales a vector down before it overflows.
template <class R>
bool is_large(R x) { return !(x < (std::is_same_v<R, float> ? R(0x1p60) : R(0x1p500))); }

// The columns of x become the eigenvectors of an upper triangular t.
template <class R>
void triangular_eigenvectors(const Dense<Complex<R>>& t, const Dense<Complex<R>>& x, R norm) {
  using C = Complex<R>;
  const int64_t n = t.n;
  const R least = std::max(std::numeric_limits<R>::epsilon() * norm, std::numeric_limits<R>::min());
  for (int64_t k = 0; k < n; ++k) {
    C* v = x.column(k);
    std::fill_n(v, n, C{});
    v[k] = {1, 0};
    for (int64_t i = 0; i < k; ++i) v[i] = -t(i, k);
    for (int64_t j = k - 1; j >= 0; --j) {
      v[j] = guarded_quotient(v[j], t(j, j) - t(k, k), least);
      if (is_large(modulus_sum(v[j]))) {
        const R by = 1 / modulus_sum(v[j]);
        for (int64_t i = 0; i <= k; ++i) v[i] = scale(by, v[i]);
      }
      subtract_multiple(v, t.column(j), v[j], j);
    }
  }
}

// One eigenvector, or the real and imaginary parts of one of a conjugate pair.
template <class R>
struct RealVector {
  R *re, *im;

  Complex<R> get(int64_t i) const { return {re[i], im ? im[i] : 0}; }
  void set(int64_t i, Complex<R> x) const {
    re[i] = x.re;
    if (im) im[i] = x.im;
  }
  // Takes off a multiple of a column.
  void subtract(const R* column, Complex<R> by, int64_t n) const {
    subtract_multiple(re, column, by.re, n);
    if (im) subtract_multiple(im, column, by.im, n);
  }
  void keep_small(Complex<R> x, int64_t n) const {
    if (!is_large(modulus_sum(x))) return;
    const R by = 1 / modulus_sum(x);
    for (int64_t i = 0; i < n; ++i) re[i] *= by;
    for (int64_t i = 0; im && i < n; ++i) im[i] *= by;
  }
};

// The same of a real Schur form: of conjugate eigenvalues the first's vector has its real part in the first column of the pair, its imaginary one in the second.
template <class R>
void quasi_triangular_eigenvectors(const Dense<R>& t, const R* im, const Dense<R>& x, R norm) {
  using C = Complex<R>;
  const int64_t n = t.n;
  const R least = std::max(std::numeric_limits<R>::epsilon() * norm, std::numeric_limits<R>::min());
  for (int64_t k = 0; k < n; ++k) {
    const bool pair = im[k] != 0;
    const RealVector<R> v{x.column(k), pair ? x.column(k + 1) : nullptr};
    std::fill_n(v.re, n, R(0));
    if (pair) std::fill_n(v.im, n, R(0));
    const C lambda{t(k, k), im[k]};
    const int64_t filled = k + (pair ? 2 : 1);
    if (!pair) {
      v.re[k] = 1;
      for (int64_t i = 0; i < k; ++i) v.re[i] = -t(i, k);
    } else {
      const R b = t(k, k + 1), c = t(k + 1, k);
      if (std::abs(b) >= std::abs(c)) {
        v.re[k] = 1;
        v.im[k + 1] = im[k] / b;
      } else {
        v.re[k] = -im[k] / c;
        v.im[k + 1] = 1;
      }
      for (int64_t i = 0; i < k; ++i) {
        v.re[i] = -v.re[k] * t(i, k);
        v.im[i] = -v.im[k + 1] * t(i, k + 1);
      }
    }
    for (int64_t j = k - 1; j >= 0; --j) {
      if (j > 0 && t(j, j - 1) != 0) {
        // [a b; c d] less lambda, solved with the larger pivot.
        C a{t(j - 1, j - 1) - lambda.re, -lambda.im}, b{t(j - 1, j), 0}, c{t(j, j - 1), 0}, d{t(j, j) - lambda.re, -lambda.im};
        C first = v.get(j - 1), second = v.get(j);
        if (modulus_sum(a) < modulus_sum(c)) {
          std::swap(a, c);
          std::swap(b, d);
          std::swap(first, second);
        }
        const C factor = quotient(c, a);
        const C below = guarded_quotient(second - factor * first, d - factor * b, least);
        const C above = quotient(first - b * below, a);
        v.set(j, below);
        v.set(j - 1, above);
        v.keep_small(modulus_sum(above) > modulus_sum(below) ? above : below, filled);
        v.subtract(t.column(j), v.get(j), j - 1);
        v.subtract(t.column(j - 1), v.get(j - 1), j - 1);
        --j;
        continue;
      }
      const C found = guarded_quotient(v.get(j), C{t(j, j) - lambda.re, -lambda.im}, least);
      v.set(j, found);
      v.keep_small(found, filled);
      v.subtract(t.column(j), v.get(j), j);
    }
    if (pair) ++k;
  }
}

}  // namespace flambeau::FLAMBEAU_ISA
