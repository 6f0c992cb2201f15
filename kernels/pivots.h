// Swaps of rows, as LAPACK notes them: pivots[i] is the row, counted from 1, with which row i was swapped.
#pragma once
#include <utility>

#include "matrix.h"

namespace flambeau::FLAMBEAU_ISA {

template <class T>
inline void swap_rows(const Matrix<T>& a, int64_t i, int64_t k) {
  if (i == k) return;
  T *p = a.at(i, 0), *q = a.at(k, 0);
  if (a.column == 1) {
    for (int64_t j = 0; j < a.columns; ++j) std::swap(p[j], q[j]);
  } else {
    for (int64_t j = 0; j < a.columns; ++j) std::swap(p[j * a.column], q[j * a.column]);
  }
}

// Swaps in turn, or takes them back.
template <class T>
void permute_rows(const Matrix<T>& a, const int32_t* pivots, int64_t step, int64_t count, bool back) {
  for (int64_t k = 0; k < count; ++k) {
    const int64_t i = back ? count - 1 - k : k;
    swap_rows(a, i, pivots[i * step] - 1);
  }
}

}  // namespace flambeau::FLAMBEAU_ISA
