// Panels: slices of a matrix a few items wide, laid out in the order in which a tile reads them.
#pragma once
#include <algorithm>
#include <utility>

#include "tile.h"

namespace flambeau::FLAMBEAU_ISA {

template <class T, int Size> struct BlockVector {
  typedef T type __attribute__((vector_size(Size * sizeof(T))));
};

// Half of the lanes of two vectors: where the lane's number has the bit `Step`, one comes from b, else from a.
template <int Size, int Step, bool High, class V, int... Lane>
FLAMBEAU_INLINE V exchange(V a, V b, std::integer_sequence<int, Lane...>) {
  return __builtin_shufflevector(a, b, ((Lane & Step) ? Size + Lane - (High ? 0 : Step) : Lane + (High ? Step : 0))...);
}
template <int Size, int Step, class V> FLAMBEAU_INLINE void exchange_lanes(V* r) {
  constexpr auto lanes = std::make_integer_sequence<int, Size>();
  FLAMBEAU_UNROLL
  for (int i = 0; i < Size; ++i) {
    if (i & Step) continue;
    const V low = exchange<Size, Step, false>(r[i], r[i + Step], lanes), high = exchange<Size, Step, true>(r[i], r[i + Step], lanes);
    r[i] = low;
    r[i + Step] = high;
  }
  if constexpr (Step > 1) exchange_lanes<Size, Step / 2>(r);
}

// Size × Size elements, transposed: to[t * pitch + i] = from[i * stride + t].
template <int Size, class T> FLAMBEAU_INLINE void transpose_block(T* to, ptrdiff_t pitch, const T* from, ptrdiff_t stride) {
  using V = typename BlockVector<T, Size>::type;
  V r[Size];
  FLAMBEAU_UNROLL
  for (int i = 0; i < Size; ++i) __builtin_memcpy(&r[i], from + i * stride, sizeof(V));
  exchange_lanes<Size, Size / 2>(r);
  FLAMBEAU_UNROLL
  for (int t = 0; t < Size; ++t) __builtin_memcpy(to + t * pitch, &r[t], sizeof(V));
}

// The elements of the largest block that a panel holds and a vector can carry.
template <class T> constexpr int block_size(int width) {
  int size = 16 / static_cast<int>(sizeof(T));
  while (size * 2 <= width && size * 2 <= kLanes<T>) size *= 2;
  return size;
}

// to[t][Width] = `Size` items or more whose steps lie side by side, in transposed blocks; the last blocks may go over what is done.
template <class T, int Width, int Size>
__attribute__((noinline)) void transpose_panel(T* to, const T* from, int64_t steps, int items, int64_t item) {
  for (int i = 0; i < items; i += Size) {
    const int first = std::min(i, items - Size);
    for (int64_t t = 0; t < steps; t += Size) {
      const int64_t begin = std::min<int64_t>(t, steps - Size);
      transpose_block<Size>(to + begin * Width + first, Width, from + first * item + begin, item);
    }
  }
}

// to[t][Width] = the items (rows of a, columns of b) that exist, then zeros.
template <class T, int Width>
void pack_panel(T* to, const T* from, int64_t steps, int items, int64_t step, int64_t item) {
  constexpr int least = 16 / sizeof(T), most = block_size<T>(Width);
  int done = 0;
  if (item == 1) {
    if (items == Width) {
      for (int64_t t = 0; t < steps; ++t) __builtin_memcpy(to + t * Width, from + t * step, Width * sizeof(T));
      return;
    }
    for (int64_t t = 0; t < steps; ++t) __builtin_memcpy(to + t * Width, from + t * step, static_cast<size_t>(items) * sizeof(T));
    done = items;
  } else if (step == 1 && items >= least && steps >= least) {
    if (items >= most && steps >= most) transpose_panel<T, Width, most>(to, from, steps, items, item);
    else transpose_panel<T, Width, least>(to, from, steps, items, item);
    done = items;
  }
  if (done == Width) return;
  for (int64_t t = 0; t < steps; ++t) {
    for (int i = done; i < items; ++i) to[t * Width + i] = from[i * item + t * step];
    for (int i = items; i < Width; ++i) to[t * Width + i] = 0;
  }
}

// Panels side by side, `items` in all. Where items lie side by side, a few steps of all panels are read before the next, so that whole
// rows are read.
template <class T, int Width>
void pack_panels(T* to, const T* from, int64_t steps, int64_t items, int64_t step, int64_t item) {
  const int64_t some = item == 1 ? 16 : steps;
  for (int64_t t = 0; t < steps; t += some) {
    for (int64_t i = 0; i < items; i += Width) {
      pack_panel<T, Width>(to + i * steps + t * Width, from + i * item + t * step, std::min(some, steps - t),
                           static_cast<int>(std::min<int64_t>(Width, items - i)), step, item);
    }
  }
}

}  // namespace flambeau::FLAMBEAU_ISA
