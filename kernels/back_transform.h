// Products of many reflections, applied to what was computed of the form to which they reduced a matrix.
#pragma once
#include "householder.h"

namespace flambeau::FLAMBEAU_ISA {

// c = H₀ H₁ … c, where the vector of reflection k lies in column k of `vectors`, its one (which is not read) in row k + offset.
template <class T>
Status apply_reflections(const T* vectors, int64_t pitch, int64_t count, int64_t offset, const T* tau, const Matrix<T>& c) {
  using householder::kBlock;
  if (count <= 0) return Status::ok;
  householder::Block<T> block;
  for (int64_t first = (count - 1) / kBlock * kBlock; first >= 0; first -= kBlock) {
    const int64_t width = std::min(kBlock, count - first), top = first + offset, height = c.rows - top;
    if (!block.allocate(height, width)) return Status::out_of_memory;
    for (int64_t j = 0; j < width; ++j) {
      const T* from = vectors + (first + j) * pitch + top;
      std::copy(from + j, from + height, block.vector(j) + j);
    }
    block.complete(tau + first);
    const Status status = block.apply(c.block(top, 0, height, c.columns), false);
    if (status != Status::ok) return status;
  }
  return Status::ok;
}

}  // namespace flambeau::FLAMBEAU_ISA
