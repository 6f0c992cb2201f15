// Computing in more precision than numbers are stored in, where that saves a kernel an element type and costs little.
#pragma once
#include "matrix.h"

namespace flambeau::FLAMBEAU_ISA {

constexpr int kWideSlot = kFirstFreeSlot + 5;

template <class To, class From>
inline To converted(From x) {
  if constexpr (is_complex<To> && !is_complex<From>) return {static_cast<Part<To>>(x), 0};
  else return static_cast<To>(x);
}
template <class To, class From>
void convert(const Matrix<To>& to, const Matrix<From>& from) {
  for (int64_t i = 0; i < from.rows; ++i) {
    for (int64_t j = 0; j < from.columns; ++j) *to.at(i, j) = converted<To>(*from.at(i, j));
  }
}

// Stand-ins for matrices of S with elements of T, one after the other in the thread's scratch memory; the matrices themselves if there is no difference.
template <class T, class S>
class Wide {
 public:
  // False when memory is out.
  bool allocate(int64_t elements) {
    if constexpr (std::is_same_v<T, S>) return true;
    next_ = scratch_array<T>(kWideSlot, elements);
    return next_ != nullptr;
  }
  Matrix<T> stand_in(const Matrix<S>& matrix, bool filled) {
    if constexpr (std::is_same_v<T, S>) {
      return matrix;
    } else {
      const Matrix<T> made{next_, matrix.rows, matrix.columns, 1, matrix.rows};
      next_ += matrix.rows * matrix.columns;
      if (filled) convert(made, matrix);
      return made;
    }
  }
  void give_back(const Matrix<S>& matrix, const Matrix<T>& stand_in) {
    if constexpr (!std::is_same_v<T, S>) convert(matrix, stand_in);
  }

 private:
  T* next_ = nullptr;
};

// A line of numbers as a matrix of one row.
template <class T>
Matrix<T> row_of(T* data, int64_t n) { return {data, 1, n, n, 1}; }

// Calls f(Type<T>{}, Type<S>{}) with the element type S of matrices and the one to compute in: real numbers as they are, complex ones in double precision.
template <class F>
Status with_wide_complex(DType t, F&& f) {
  return with_matrix_type(t, [&](auto type) {
    using S = typename decltype(type)::type;
    if constexpr (is_complex<S>) return f(Type<Complex<double>>{}, type);
    else return f(type, type);
  });
}
// The same, all in double precision.
template <class F>
Status with_double(DType t, F&& f) {
  return with_matrix_type(t, [&](auto type) {
    using S = typename decltype(type)::type;
    return f(Type<std::conditional_t<is_complex<S>, Complex<double>, double>>{}, type);
  });
}
// The same, all in double precision but real numbers where vectors are wide, so that half as much of them pays.
template <class F>
Status with_narrow_real(DType t, F&& f) {
  return with_matrix_type(t, [&](auto type) {
    using S = typename decltype(type)::type;
    using Real = std::conditional_t<kVectorBytes == 16, double, S>;
    return f(Type<std::conditional_t<is_complex<S>, Complex<double>, Real>>{}, type);
  });
}

}  // namespace flambeau::FLAMBEAU_ISA
