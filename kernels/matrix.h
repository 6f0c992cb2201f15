// Matrices with any strides, as the kernels of linear algebra take them apart: blocks, transposes, products.
#pragma once
#include <atomic>
#include <cmath>

#include "elements.h"
#include "matmul.h"

namespace flambeau::FLAMBEAU_ISA {

// Work of kernels that multiply matrices on the way: the slots below belong to the product.
constexpr int kPanelSlot = kFirstFreeSlot, kBlockSlot = kFirstFreeSlot + 1, kProductSlot = kFirstFreeSlot + 2, kStripSlot = kFirstFreeSlot + 3;

template <class T>
inline T conjugate(T x) {
  if constexpr (is_complex<T>) return {x.re, -x.im};
  else return x;
}
template <class T>
inline Part<T> real_part(T x) {
  if constexpr (is_complex<T>) return x.re;
  else return x;
}
template <class T>
inline T from_real(Part<T> x) {
  if constexpr (is_complex<T>) return {x, 0};
  else return x;
}
// |x|²
template <class T>
inline Part<T> squared_length(T x) {
  if constexpr (is_complex<T>) return x.re * x.re + x.im * x.im;
  else return x * x;
}
template <class T>
inline T quotient(T a, T b) {
  if constexpr (is_complex<T>) {
    // Scaled, so that squares neither overflow nor vanish (Smith, 1962).
    if (std::abs(b.re) >= std::abs(b.im)) {
      const Part<T> ratio = b.im / b.re, scale = b.re + b.im * ratio;
      return {(a.re + a.im * ratio) / scale, (a.im - a.re * ratio) / scale};
    }
    const Part<T> ratio = b.re / b.im, scale = b.re * ratio + b.im;
    return {(a.re * ratio + a.im) / scale, (a.im * ratio - a.re) / scale};
  } else {
    return a / b;
  }
}

template <class T>
struct Matrix {
  T* data;
  int64_t rows, columns;
  // How far neighbours lie apart, in elements: rows, then columns.
  int64_t row, column;
  // Whether elements stand for their conjugates. Nothing is written to such a matrix.
  bool conjugated = false;

  T* at(int64_t i, int64_t j) const { return data + i * row + j * column; }
  T get(int64_t i, int64_t j) const { return conjugated ? conjugate(*at(i, j)) : *at(i, j); }
  Matrix block(int64_t i, int64_t j, int64_t height, int64_t width) const { return {at(i, j), height, width, row, column, conjugated}; }
  Matrix transposed() const { return {data, columns, rows, column, row, conjugated}; }
  Matrix conjugate_of() const { return {data, rows, columns, row, column, is_complex<T> && !conjugated}; }
  Matrix adjoint() const { return transposed().conjugate_of(); }
};

// The matrix at a place of a stack of them: a view of three dimensions.
template <class T>
inline Matrix<T> matrix_at(const View& stack, int64_t index) {
  return {stack.as<T>() + index * stack.stride[0], stack.size[1], stack.size[2], stack.stride[1], stack.stride[2]};
}

// c = a b + beta c, c = -a b + beta c if `negative`.
template <class T>
[[gnu::noinline]] Status product(const Matrix<T>& c, const Matrix<T>& a, const Matrix<T>& b, bool negative, Part<T> beta) {
  if constexpr (!is_complex<T>) {
    return multiply(MatrixProduct<T>{c.rows, c.columns, a.columns, a.data, a.row, a.column, b.data, b.row, b.column, c.data, c.row, c.column, negative ? T(-1) : T(1), beta});
  } else {
    using R = Part<T>;
    const R alpha = negative ? -1 : 1;
    if (c.rows * c.columns * a.columns > 16384) {
      // Four products of real numbers: parts are two elements apart.
      const auto parts = [&](int to, int left, int right, R by, R keep) {
        const R* p = reinterpret_cast<const R*>(a.data) + left;
        const R* q = reinterpret_cast<const R*>(b.data) + right;
        R* r = reinterpret_cast<R*>(c.data) + to;
        return multiply(MatrixProduct<R>{c.rows, c.columns, a.columns, p, 2 * a.row, 2 * a.column, q, 2 * b.row, 2 * b.column, r, 2 * c.row, 2 * c.column, by, keep});
      };
      const R x = a.conjugated ? -alpha : alpha, y = b.conjugated ? -alpha : alpha;
      Status status = parts(0, 0, 0, alpha, beta);
      if (status == Status::ok) status = parts(0, 1, 1, a.conjugated == b.conjugated ? -alpha : alpha, 1);
      if (status == Status::ok) status = parts(1, 0, 1, y, beta);
      return status == Status::ok ? parts(1, 1, 0, x, 1) : status;
    }
    for (int64_t i = 0; i < c.rows; ++i) {
      for (int64_t j = 0; j < c.columns; ++j) *c.at(i, j) = beta == 0 ? T{} : scale(beta, *c.at(i, j));
      for (int64_t k = 0; k < a.columns; ++k) {
        const T factor = scale(alpha, a.get(i, k));
        for (int64_t j = 0; j < c.columns; ++j) *c.at(i, j) = *c.at(i, j) + factor * b.get(k, j);
      }
    }
    return Status::ok;
  }
}

// c -= a b
template <class T>
Status subtract_product(const Matrix<T>& c, const Matrix<T>& a, const Matrix<T>& b) {
  return product(c, a, b, true, Part<T>(1));
}

// About half of n, and whole blocks of the recursion's last step.
inline int64_t half_of(int64_t n, int64_t block) {
  const int64_t half = (n / 2 + block - 1) / block * block;
  return half < n ? half : n - 1;
}

// Does one thing for every matrix of a stack: few large ones, which share the threads themselves, in turn, others at once.
template <class F>
Status for_each_matrix(int64_t count, int64_t work, F&& one) {
  std::atomic<Status> status{Status::ok};
  constexpr int64_t kEnough = 1 << 17;
  const int64_t grain = count < 2 * thread_count() && work > 16 * kEnough ? count : (work < kEnough ? kEnough / (work + 1) + 1 : 1);
  parallel_for(count, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const Status result = one(i);
      if (result != Status::ok) status = result;
    }
  });
  return status;
}

// Calls f(Type<T>{}) with the element type of matrices: those that factorizations are made of.
template <class F>
inline Status with_matrix_type(DType t, F&& f) {
  switch (t) {
    case DType::float64: return f(Type<double>{});
    case DType::complex64: return f(Type<Complex<float>>{});
    case DType::complex128: return f(Type<Complex<double>>{});
    default: return f(Type<float>{});
  }
}

}  // namespace flambeau::FLAMBEAU_ISA
