// Stacks of systems of equations with symmetric or Hermitian matrices that are factored, as LAPACK's sytrs solves them.
#include <algorithm>

#include "pivots.h"
#include "generated/ldl_solve.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

template <class T>
struct System {
  Matrix<T> factors, x;
  const int32_t* pivots;
  int64_t step;
  bool hermitian;

  T dual(T value) const { return hermitian ? conjugate(value) : value; }
  int32_t pivot(int64_t k) const { return pivots[k * step]; }
  // A pivot of two rows, of which k is the first.
  bool is_pair(int64_t k) const { return pivot(k) < 0 && k + 1 < factors.rows; }
  void swap(int64_t k) const { swap_rows(x, k, std::abs(pivot(k)) - 1); }

  // Row i of x less `by` times row k.
  void subtract(int64_t i, int64_t k, T by) const {
    T *to = x.at(i, 0), *from = x.at(k, 0);
    for (int64_t j = 0; j < x.columns; ++j) to[j * x.column] = to[j * x.column] - by * from[j * x.column];
  }

  // x = D⁻¹ L⁻¹ x
  void forward() const {
    const int64_t n = factors.rows;
    for (int64_t k = 0; k < n;) {
      const int64_t width = is_pair(k) ? 2 : 1, next = k + width;
      swap(next - 1);
      for (int64_t i = next; i < n; ++i) {
        for (int64_t j = k; j < next; ++j) subtract(i, j, *factors.at(i, j));
      }
      if (width == 1) divide(k);
      else divide_pair(k);
      k = next;
    }
  }
  void divide(int64_t k) const {
    const T by = *factors.at(k, k);
    for (int64_t j = 0; j < x.columns; ++j) *x.at(k, j) = quotient(*x.at(k, j), by);
  }
  void divide_pair(int64_t k) const {
    const T off = *factors.at(k + 1, k);
    const T first = quotient(*factors.at(k, k), dual(off)), second = quotient(*factors.at(k + 1, k + 1), off);
    const T determinant = first * second - from_real<T>(1);
    for (int64_t j = 0; j < x.columns; ++j) {
      const T a = quotient(*x.at(k, j), dual(off)), b = quotient(*x.at(k + 1, j), off);
      *x.at(k, j) = quotient(second * a - b, determinant);
      *x.at(k + 1, j) = quotient(first * b - a, determinant);
    }
  }

  // x = L⁻ᵀ x, or L⁻ᴴ x
  void backward() const {
    const int64_t n = factors.rows;
    for (int64_t k = n - 1; k >= 0;) {
      const int64_t head = k > 0 && is_pair(k - 1) && pivot(k) < 0 ? k - 1 : k;
      for (int64_t j = head; j <= k; ++j) {
        for (int64_t i = k + 1; i < n; ++i) subtract(j, i, dual(*factors.at(i, j)));
      }
      swap(k);
      k = head - 1;
    }
  }
};

}  // namespace

Status ldl_solve(const LdlSolveArguments& args) {
  return with_matrix_type(args.out.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const int64_t n = args.factors.size[1];
    return for_each_matrix(args.out.size[0], 2 * n * n * args.out.size[2], [&](int64_t i) {
      const System<T> system{matrix_at<T>(args.factors, i), matrix_at<T>(args.out, i), args.pivots.as<int32_t>() + i * args.pivots.stride[0],
                             args.pivots.stride[1], is_complex<T> && args.hermitian};
      system.forward();
      system.backward();
      return Status::ok;
    });
  });
}

}  // namespace flambeau::FLAMBEAU_ISA
