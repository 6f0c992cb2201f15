// The QR factorization by Householder reflections, a block of columns at a time.
#pragma once
#include "householder.h"

namespace flambeau::FLAMBEAU_ISA::householder {

// R takes the place of the upper triangle of `a`, the reflections' vectors that of the rest.
template <class T>
Status factor(const Matrix<T>& a, T* tau) {
  const int64_t least = std::min(a.rows, a.columns);
  Block<T> block;
  for (int64_t first = 0; first < least; first += kBlock) {
    const int64_t count = std::min(kBlock, least - first), height = a.rows - first;
    if (!block.allocate(height, count)) return Status::out_of_memory;
    const Matrix<T> panel = a.block(first, first, height, count);
    for (int64_t i = 0; i < height; ++i) {
      for (int64_t j = 0; j < count; ++j) block.vector(j)[i] = *panel.at(i, j);
    }
    for (int64_t j = 0; j < count; ++j) {
      T* v = block.vector(j) + j;
      const T by = tau[first + j] = reflect(v, height - j);
      const T head = v[0];
      v[0] = from_real<T>(1);
      T products[kBlock];
      const int64_t n = block.whole(height - j), others = count - j - 1;
      columns::dots(products, v + block.pitch, block.pitch, v, n, others);
      for (int64_t k = 0; k < others; ++k) products[k] = conjugate(by * products[k]);
      columns::subtract_outer(v + block.pitch, block.pitch, v, products, n, others);
      v[0] = head;
    }
    for (int64_t i = 0; i < height; ++i) {
      for (int64_t j = 0; j < count; ++j) *panel.at(i, j) = block.vector(j)[i];
    }
    const int64_t after = first + count;
    if (after == a.columns) continue;
    block.complete(tau + first);
    const Status status = block.apply(a.block(first, after, height, a.columns - after), true);
    if (status != Status::ok) return status;
  }
  return Status::ok;
}

}  // namespace flambeau::FLAMBEAU_ISA::householder
