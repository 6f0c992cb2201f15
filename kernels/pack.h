// Panels: slices of a matrix a few items wide, laid out in the order in which a tile reads them.
#pragma once
#include "tile.h"

namespace flambeau::FLAMBEAU_ISA {

// Four by four (two by two in double) elements, transposed: to[t * pitch + i] = from[i * stride + t].
FLAMBEAU_INLINE void transpose_block(float* to, ptrdiff_t pitch, const float* from, ptrdiff_t stride) {
  typedef float Quad __attribute__((vector_size(16)));
  Quad r[4];
  for (int i = 0; i < 4; ++i) __builtin_memcpy(&r[i], from + i * stride, 16);
  const Quad low01 = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5), high01 = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7);
  const Quad low23 = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5), high23 = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7);
  const Quad column[4] = {
      __builtin_shufflevector(low01, low23, 0, 1, 4, 5), __builtin_shufflevector(low01, low23, 2, 3, 6, 7),
      __builtin_shufflevector(high01, high23, 0, 1, 4, 5), __builtin_shufflevector(high01, high23, 2, 3, 6, 7)};
  for (int t = 0; t < 4; ++t) __builtin_memcpy(to + t * pitch, &column[t], 16);
}
FLAMBEAU_INLINE void transpose_block(double* to, ptrdiff_t pitch, const double* from, ptrdiff_t stride) {
  typedef double Pair __attribute__((vector_size(16)));
  Pair r[2];
  for (int i = 0; i < 2; ++i) __builtin_memcpy(&r[i], from + i * stride, 16);
  const Pair column[2] = {__builtin_shufflevector(r[0], r[1], 0, 2), __builtin_shufflevector(r[0], r[1], 1, 3)};
  for (int t = 0; t < 2; ++t) __builtin_memcpy(to + t * pitch, &column[t], 16);
}

// to[t][Width] = the items (rows of a, columns of b) that exist, then zeros.
template <class T, int Width>
void pack_panel(T* to, const T* from, int64_t steps, int items, int64_t step, int64_t item) {
  if (items == Width && item == 1) {
    for (int64_t t = 0; t < steps; ++t) __builtin_memcpy(to + t * Width, from + t * step, Width * sizeof(T));
    return;
  }
  constexpr int block = 16 / sizeof(T);
  int done = 0;
  if (step == 1 && items >= block) {
    while (done < items) {
      // The last block may go over items that are done.
      const int first = done + block <= items ? done : items - block;
      int64_t t = 0;
      for (; t + block <= steps; t += block) transpose_block(to + t * Width + first, Width, from + first * item + t, item);
      for (; t < steps; ++t) {
        for (int i = first; i < first + block; ++i) to[t * Width + i] = from[i * item + t];
      }
      done = first + block;
    }
  }
  if (done == Width) return;
  for (int64_t t = 0; t < steps; ++t) {
    for (int i = done; i < items; ++i) to[t * Width + i] = from[i * item + t * step];
    for (int i = items; i < Width; ++i) to[t * Width + i] = 0;
  }
}

}  // namespace flambeau::FLAMBEAU_ISA
