// Walks operands that share one shape but not their strides, in row-major order of that shape.
#pragma once
#include "kernel.h"

namespace flambeau::FLAMBEAU_ISA {

// K operands over one shape. A stride of 0 keeps an operand in place along that dimension.
template <int K>
struct Strided {
  int ndim = 0;
  int64_t size[kMaxDims + 1];
  int64_t stride[K][kMaxDims + 1];

  // Adds a dimension inside those added before.
  void push(int64_t n, const int64_t (&strides)[K]) {
    size[ndim] = n;
    for (int k = 0; k < K; ++k) stride[k][ndim] = strides[k];
    ++ndim;
  }

  int64_t count() const {
    int64_t n = 1;
    for (int d = 0; d < ndim; ++d) n *= size[d];
    return n;
  }

  // Drops dimensions of one element, merges neighbours through which all operands step evenly and leaves at least one
  // dimension. The order of the walk stays as it was.
  void coalesce() {
    int kept = 0;
    for (int d = 0; d < ndim; ++d) {
      if (size[d] == 1) continue;
      bool even = kept > 0;
      for (int k = 0; k < K && even; ++k) even = stride[k][kept - 1] == stride[k][d] * size[d];
      if (even) {
        size[kept - 1] *= size[d];
        for (int k = 0; k < K; ++k) stride[k][kept - 1] = stride[k][d];
        continue;
      }
      size[kept] = size[d];
      for (int k = 0; k < K; ++k) stride[k][kept] = stride[k][d];
      ++kept;
    }
    ndim = kept;
    if (ndim == 0) push(1, {});
  }

  // Calls row(offsets, n) for elements [begin, end) in runs along the last dimension: `offsets` are the operands' first
  // elements, and operand k steps by stride[k][ndim - 1]. Needs a dimension.
  template <class F>
  void visit(int64_t begin, int64_t end, F&& row) const {
    if (begin >= end) return;
    const int last = ndim - 1;
    int64_t at[kMaxDims + 1];
    int64_t offset[K] = {};
    int64_t rest = begin;
    for (int d = last; d >= 0; --d) {
      at[d] = rest % size[d];
      rest /= size[d];
      for (int k = 0; k < K; ++k) offset[k] += at[d] * stride[k][d];
    }
    while (true) {
      int64_t n = size[last] - at[last];
      if (n > end - begin) n = end - begin;
      row(static_cast<const int64_t*>(offset), n);
      begin += n;
      if (begin >= end) return;
      for (int k = 0; k < K; ++k) offset[k] -= at[last] * stride[k][last];
      at[last] = 0;
      for (int d = last - 1; d >= 0; --d) {
        for (int k = 0; k < K; ++k) offset[k] += stride[k][d];
        if (++at[d] < size[d]) break;
        for (int k = 0; k < K; ++k) offset[k] -= at[d] * stride[k][d];
        at[d] = 0;
      }
    }
  }
};

}  // namespace flambeau::FLAMBEAU_ISA
