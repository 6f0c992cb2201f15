// What the ordering kernels share: keys, pairs of a key and a position, lines along a dimension.
//
// Elements are mapped to unsigned integers of their size whose order is PyTorch's (NaN last, -0 equal to 0), so that one
// stable sort of (key, position) pairs serves every dtype; descending order is that of the complemented keys.
#pragma once
#include <atomic>

#include "elements.h"
#include "strided.h"

namespace flambeau::FLAMBEAU_ISA {

template <int Size> struct KeyOfSize;
template <> struct KeyOfSize<1> { using type = uint8_t; };
template <> struct KeyOfSize<2> { using type = uint16_t; };
template <> struct KeyOfSize<4> { using type = uint32_t; };
template <> struct KeyOfSize<8> { using type = uint64_t; };
template <class T> using KeyOf = typename KeyOfSize<sizeof(T)>::type;

// The bits of infinity, above which NaNs lie.
template <class T> inline constexpr KeyOf<T> kInfinity = 0;
template <> inline constexpr uint16_t kInfinity<Half> = 0x7c00;
template <> inline constexpr uint16_t kInfinity<BFloat16> = 0x7f80;
template <> inline constexpr uint32_t kInfinity<float> = 0x7f800000;
template <> inline constexpr uint64_t kInfinity<double> = 0x7ff0000000000000;

template <class K> inline constexpr K kSign = static_cast<K>(K{1} << (8 * sizeof(K) - 1));

template <class T>
inline KeyOf<T> key_of(T x) {
  using K = KeyOf<T>;
  K bits;
  std::memcpy(&bits, &x, sizeof(K));
  if constexpr (kInfinity<T> != 0) {
    const K magnitude = static_cast<K>(bits & ~kSign<K>);
    // Negative numbers count down as their bits go up.
    const K flipped = bits & kSign<K> ? static_cast<K>(~bits) : static_cast<K>(bits | kSign<K>);
    const K number = magnitude == 0 ? kSign<K> : flipped;
    return magnitude > kInfinity<T> ? static_cast<K>(~K{0}) : number;
  } else if constexpr (std::is_same_v<T, Boolean>) {
    return bits != 0;
  } else if constexpr (std::is_signed_v<T>) {
    return static_cast<K>(bits ^ kSign<K>);
  } else {
    return bits;
  }
}

// A key with its position along the sorted dimension.
template <class K, class P>
struct Pair {
  K key;
  P position;
};

// The keys of a line, each xor `flip`, for elements of K's size: what sorts need not be compiled for every dtype, only this.
template <class K>
[[gnu::noinline]] void read_keys(DType t, const void* line, int64_t step, int64_t n, K flip, K* keys) {
  with_dtype(t, [&](auto type) {
    using T = typename decltype(type)::type;
    if constexpr (sizeof(T) == sizeof(K)) {
      const T* from = static_cast<const T*>(line);
      for (int64_t i = 0; i < n; ++i) keys[i] = static_cast<K>(key_of(from[i * step]) ^ flip);
    }
  });
}

// Lines along one dimension of up to three operands; an absent one keeps stride 0.
struct Lines {
  Strided<3> walk;
  int64_t step[3];
};

inline Lines lines_along(const View& shape, int dim, const View* const (&views)[3]) {
  Lines lines;
  for (int d = 0; d < shape.ndim; ++d) {
    int64_t strides[3];
    for (int k = 0; k < 3; ++k) strides[k] = views[k] && *views[k] ? views[k]->stride[d] : 0;
    if (d == dim)
      for (int k = 0; k < 3; ++k) lines.step[k] = strides[k];
    else
      lines.walk.push(shape.size[d], strides);
  }
  lines.walk.coalesce();
  return lines;
}

// Calls line(offset0, offset1, offset2) for each, on several threads; false when a call says it ran out of memory.
template <class F>
bool for_lines(const Lines& lines, int64_t length, F&& line) {
  std::atomic<bool> enough{true};
  const Strided<3>& walk = lines.walk;
  const int last = walk.ndim - 1;
  parallel_for(walk.count(), 2048 / (length + 1) + 1, [&](int64_t begin, int64_t end) {
    walk.visit(begin, end, [&](const int64_t* offset, int64_t n) {
      for (int64_t i = 0; i < n; ++i)
        if (!line(offset[0] + i * walk.stride[0][last], offset[1] + i * walk.stride[1][last], offset[2] + i * walk.stride[2][last]))
          enough.store(false, std::memory_order_relaxed);
    });
  });
  return enough.load();
}

// Calls f(Type<P>{}) with the integer that positions in a line of n elements are kept in while sorting.
template <class F>
bool with_position(int64_t n, F&& f) {
  if constexpr (sizeof(void*) > 4)
    if (n > static_cast<int64_t>(UINT32_MAX)) return f(Type<uint64_t>{});
  return f(Type<uint32_t>{});
}

}  // namespace flambeau::FLAMBEAU_ISA
