// Reduction of square matrices to upper Hessenberg form by reflections: Qᴴ A Q = H.
#pragma once
#include "columns.h"
#include "householder.h"

namespace flambeau::FLAMBEAU_ISA {

// `a` lies by columns, `pitch` elements apart, and is triangular already outside of first…last. Below the first subdiagonal it keeps the reflections' vectors, that of number j in
// rows j + 1… of column j; tau and work have room for n.
template <class T>
void reduce_to_hessenberg(T* a, int64_t n, int64_t pitch, int64_t first, int64_t last, T* tau, T* work) {
  std::fill_n(tau, n, T{});
  for (int64_t j = first; j < last - 1; ++j) {
    const int64_t count = last - j;
    T* v = a + j * pitch + j + 1;
    tau[j] = householder::reflect(v, count);
    const T head = v[0];
    v[0] = from_real<T>(1);
    std::fill_n(work, last + 1, T{});
    columns::combine(work, a + (j + 1) * pitch, pitch, v, last + 1, count);
    for (int64_t k = j + 1; k < n; ++k) {
      T* column = a + k * pitch;
      if (k <= last) householder::subtract(column, tau[j] * conjugate(v[k - j - 1]), work, last + 1);
      householder::subtract(column + j + 1, conjugate(tau[j]) * householder::dot(v, column + j + 1, count), v, count);
    }
    v[0] = head;
  }
}

}  // namespace flambeau::FLAMBEAU_ISA
