// Balancing of square matrices (Parlett & Reinsch, 1969): a permutation that sets apart eigenvalues which stand on the diagonal already, and a
// diagonal similarity by powers of two that makes rows and columns alike in length.
#pragma once
#include <cmath>

#include "matrix.h"

namespace flambeau::FLAMBEAU_ISA {

template <class T>
inline Part<T> modulus_sum(T x) {
  if constexpr (is_complex<T>) return std::abs(x.re) + std::abs(x.im);
  else return std::abs(x);
}

template <class R>
struct Balance {
  // What is left to be done: rows and columns first…last.
  int64_t first, last;
  // Factors of first…last, and with whom the others were exchanged.
  R* factors;
  int64_t* partners;

  template <class T>
  void exchange(const Matrix<T>& a, int64_t i, int64_t k) {
    partners[k] = i;
    if (i == k) return;
    for (int64_t j = 0; j < a.rows; ++j) std::swap(*a.at(j, i), *a.at(j, k));
    for (int64_t j = 0; j < a.rows; ++j) std::swap(*a.at(i, j), *a.at(k, j));
  }

  // Whether a row (or a column of the transpose) has nothing beside the diagonal.
  template <class T>
  bool is_alone(const Matrix<T>& a, int64_t i) const {
    for (int64_t j = first; j <= last; ++j) {
      if (j != i && modulus_sum(*a.at(i, j)) != 0) return false;
    }
    return true;
  }

  template <class T>
  void apply(const Matrix<T>& a) {
    const int64_t n = a.rows;
    first = 0;
    last = n - 1;
    for (int64_t i = last; i >= 0 && last > 0; --i) {
      if (!is_alone(a, i)) continue;
      exchange(a, i, last--);
      i = last + 1;
    }
    for (int64_t j = first; j <= last && first < last; ++j) {
      if (!is_alone(a.transposed(), j)) continue;
      exchange(a, j, first++);
      j = first - 1;
    }
    for (int64_t i = 0; i < n; ++i) factors[i] = 1;
    constexpr R far = std::is_same_v<R, float> ? R(0x1p60) : R(0x1p500);
    for (bool changed = true; changed;) {
      changed = false;
      for (int64_t i = first; i <= last; ++i) {
        R column = 0, row = 0;
        for (int64_t j = first; j <= last; ++j) {
          if (j == i) continue;
          column += modulus_sum(*a.at(j, i));
          row += modulus_sum(*a.at(i, j));
        }
        if (column == 0 || row == 0) continue;
        const R sum = column + row;
        R by = 1;
        for (; column < row / 2 && by < far; by *= 2) column *= 4;
        for (; column >= row * 2 && by > 1 / far; by /= 2) column /= 4;
        if ((column + row) / by >= R(0.95) * sum || factors[i] * by > far || factors[i] * by < 1 / far) continue;
        factors[i] *= by;
        changed = true;
        for (int64_t j = 0; j < n; ++j) *a.at(j, i) = scale(by, *a.at(j, i));
        for (int64_t j = 0; j < n; ++j) *a.at(i, j) = scale(1 / by, *a.at(i, j));
      }
    }
  }

  // Turns an eigenvector of the balanced matrix into one of the matrix.
  template <class T>
  void undo(T* vector, int64_t n) const {
    for (int64_t i = first; i <= last; ++i) vector[i] = scale(factors[i], vector[i]);
    for (int64_t i = first - 1; i >= 0; --i) std::swap(vector[i], vector[partners[i]]);
    for (int64_t i = last + 1; i < n; ++i) std::swap(vector[i], vector[partners[i]]);
  }
};

}  // namespace flambeau::FLAMBEAU_ISA
