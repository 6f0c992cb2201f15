// Order: sort, topk, searchsorted.
//
// Elements are mapped to unsigned integers of their size whose order is PyTorch's (NaN last, -0 equal to 0), so that one
// stable sort of (key, position) pairs serves every dtype; descending order is that of the complemented keys.
#include <atomic>

#include "elements.h"
#include "strided.h"

namespace flambeau::FLAMBEAU_ISA {

namespace {

template <int Size> struct KeyOfSize;
template <> struct KeyOfSize<1> { using type = uint8_t; };
template <> struct KeyOfSize<2> { using type = uint16_t; };
template <> struct KeyOfSize<4> { using type = uint32_t; };
template <> struct KeyOfSize<8> { using type = uint64_t; };
template <class T> using KeyOf = typename KeyOfSize<sizeof(T)>::type;

// The bits of infinity, above which NaNs lie.
template <class T> constexpr KeyOf<T> kInfinity = 0;
template <> constexpr uint16_t kInfinity<Half> = 0x7c00;
template <> constexpr uint16_t kInfinity<BFloat16> = 0x7f80;
template <> constexpr uint32_t kInfinity<float> = 0x7f800000;
template <> constexpr uint64_t kInfinity<double> = 0x7ff0000000000000;

template <class K> constexpr K kSign = static_cast<K>(K{1} << (8 * sizeof(K) - 1));

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

// Stable: each pair moves down past the greater ones.
template <class X>
void insertion_sort(X* a, int64_t n) {
  for (int64_t i = 1; i < n; ++i) {
    const X x = a[i];
    int64_t j = i;
    for (; j > 0 && x.key < a[j - 1].key; --j) a[j] = a[j - 1];
    a[j] = x;
  }
}

constexpr int64_t kInsertion = 16;
constexpr int64_t kMerge = 384;

// Sorts runs of 16 and merges them back and forth; returns where the result lies.
template <class X>
X* merge_sort(X* a, X* b, int64_t n) {
  for (int64_t i = 0; i < n; i += kInsertion) insertion_sort(a + i, n - i < kInsertion ? n - i : kInsertion);
  for (int64_t width = kInsertion; width < n; width *= 2) {
    for (int64_t start = 0; start < n; start += 2 * width) {
      const int64_t middle = start + width < n ? start + width : n;
      const int64_t end = start + 2 * width < n ? start + 2 * width : n;
      int64_t i = start, j = middle, o = start;
      while (i < middle && j < end) {
        // Without a branch: which side is less cannot be predicted.
        const bool right = a[j].key < a[i].key;
        b[o++] = right ? a[j] : a[i];
        j += right;
        i += !right;
      }
      while (i < middle) b[o++] = a[i++];
      while (j < end) b[o++] = a[j++];
    }
    X* t = a;
    a = b;
    b = t;
  }
  return a;
}

// Least significant byte first; bytes that all keys share take no pass.
template <class X, class K>
X* radix_sort(X* a, X* b, int64_t n) {
  constexpr int kDigits = sizeof(K);
  uint64_t counts[kDigits][256] = {};
  for (int64_t i = 0; i < n; ++i) {
    const K key = a[i].key;
    for (int d = 0; d < kDigits; ++d) ++counts[d][(key >> (8 * d)) & 255];
  }
  for (int d = 0; d < kDigits; ++d) {
    uint64_t* count = counts[d];
    if (count[(a[0].key >> (8 * d)) & 255] == static_cast<uint64_t>(n)) continue;
    uint64_t sum = 0;
    for (int v = 0; v < 256; ++v) {
      const uint64_t c = count[v];
      count[v] = sum;
      sum += c;
    }
    for (int64_t i = 0; i < n; ++i) b[count[(a[i].key >> (8 * d)) & 255]++] = a[i];
    X* t = a;
    a = b;
    b = t;
  }
  return a;
}

// Sorts by key, stably, between two buffers; returns the one that holds the result.
template <class K, class P>
Pair<K, P>* sort_pairs(Pair<K, P>* a, Pair<K, P>* b, int64_t n) {
  if (n <= kInsertion) {
    insertion_sort(a, n);
    return a;
  }
  return n < kMerge ? merge_sort(a, b, n) : radix_sort<Pair<K, P>, K>(a, b, n);
}

// Lines along one dimension of up to three operands; an absent one keeps stride 0.
struct Lines {
  Strided<3> walk;
  int64_t step[3];
};

Lines lines_along(const View& shape, int dim, const View* const (&views)[3]) {
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

void at_least_1d(View& v) {
  if (!v || v.ndim > 0) return;
  v.ndim = 1;
  v.size[0] = 1;
  v.stride[0] = 0;
}

// Calls f(Type<P>{}) with the integer that positions in a line of n elements are kept in while sorting.
template <class F>
bool with_position(int64_t n, F&& f) {
  if constexpr (sizeof(void*) > 4)
    if (n > static_cast<int64_t>(UINT32_MAX)) return f(Type<uint64_t>{});
  return f(Type<uint32_t>{});
}

}  // namespace

Status sort(Reader& in) {
  View values = in.view(), indices = in.view(), input = in.view();
  const int dim = static_cast<int>(in.integer());
  const bool descending = in.flag();
  at_least_1d(values);
  at_least_1d(indices);
  at_least_1d(input);
  const int64_t n = input.size[dim];
  const Lines lines = lines_along(input, dim, {&values, &indices, &input});
  const bool enough = with_dtype(input.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    using K = KeyOf<T>;
    return with_position(n, [&](auto position) {
      using P = typename decltype(position)::type;
      using X = Pair<K, P>;
      return for_lines(lines, n, [&](int64_t v, int64_t p, int64_t o) {
        X* a = scratch_array<X>(0, 2 * n);
        if (!a) return false;
        const T* from = input.as<T>() + o;
        const int64_t step = lines.step[2];
        const K flip = descending ? static_cast<K>(~K{0}) : K{0};
        for (int64_t i = 0; i < n; ++i) a[i] = {static_cast<K>(key_of(from[i * step]) ^ flip), static_cast<P>(i)};
        const X* sorted = sort_pairs(a, a + n, n);
        if (indices) {
          int64_t* to = indices.as<int64_t>() + p;
          for (int64_t i = 0; i < n; ++i) to[i * lines.step[1]] = static_cast<int64_t>(sorted[i].position);
        }
        if (values) {
          T* to = values.as<T>() + v;
          for (int64_t i = 0; i < n; ++i) to[i * lines.step[0]] = from[static_cast<int64_t>(sorted[i].position) * step];
        }
        return true;
      });
    });
  });
  if (!enough) return in.fail(Status::out_of_memory, 2.0 * static_cast<double>(n) * (item_size(input.dtype) + 4));
  return Status::ok;
}

Status topk(Reader& in) {
  View values = in.view(), indices = in.view(), input = in.view();
  const int64_t k = in.integer();
  const int dim = static_cast<int>(in.integer());
  const bool largest = in.flag();
  at_least_1d(values);
  at_least_1d(indices);
  at_least_1d(input);
  if (k == 0) return Status::ok;
  const int64_t n = input.size[dim];
  // The best so far are kept in front of new candidates; when there is no more room, all are sorted and the first k kept.
  // Candidates come in order of position and the sort is stable, so equal elements are taken in order of position.
  const int64_t room = k > n / 4 ? n : 2 * k + 256 < n ? 2 * k + 256 : n;
  const Lines lines = lines_along(input, dim, {&values, &indices, &input});
  const bool enough = with_dtype(input.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    using K = KeyOf<T>;
    return with_position(n, [&](auto position) {
      using P = typename decltype(position)::type;
      using X = Pair<K, P>;
      return for_lines(lines, n, [&](int64_t v, int64_t p, int64_t o) {
        X* buffer = scratch_array<X>(0, 2 * room);
        if (!buffer) return false;
        X* a = buffer;
        X* b = buffer + room;
        const T* from = input.as<T>() + o;
        const int64_t step = lines.step[2];
        const K flip = largest ? static_cast<K>(~K{0}) : K{0};
        int64_t held = 0;
        int64_t i = 0;
        const auto prune = [&] {
          X* sorted = sort_pairs(a, b, held);
          if (sorted != a) {
            b = a;
            a = sorted;
          }
          held = held < k ? held : k;
        };
        for (; held < room && i < n; ++i) a[held++] = {static_cast<K>(key_of(from[i * step]) ^ flip), static_cast<P>(i)};
        prune();
        while (i < n) {
          const K worst = a[k - 1].key;
          for (; i < n && held < room; ++i) {
            const K key = static_cast<K>(key_of(from[i * step]) ^ flip);
            a[held] = {key, static_cast<P>(i)};
            held += key < worst;
          }
          prune();
        }
        int64_t* to_index = indices.as<int64_t>() + p;
        T* to = values.as<T>() + v;
        for (int64_t j = 0; j < k; ++j) {
          const int64_t at = static_cast<int64_t>(a[j].position);
          to_index[j * lines.step[1]] = at;
          to[j * lines.step[0]] = from[at * step];
        }
        return true;
      });
    });
  });
  if (!enough) return in.fail(Status::out_of_memory, 2.0 * static_cast<double>(room) * (item_size(input.dtype) + 4));
  return Status::ok;
}

Status searchsorted(Reader& in) {
  View out = in.view(), sorted = in.view(), values = in.view();
  const bool right = in.flag();
  at_least_1d(out);
  at_least_1d(values);
  const int64_t n = sorted.size[sorted.ndim - 1], step = sorted.stride[sorted.ndim - 1];
  // One sorted sequence for all values, or one for each line of them.
  const bool shared = sorted.ndim == 1;
  Strided<3> walk;
  for (int d = 0; d < values.ndim; ++d)
    walk.push(values.size[d], {out.stride[d], values.stride[d], shared || d == values.ndim - 1 ? 0 : sorted.stride[d]});
  walk.coalesce();
  const int last = walk.ndim - 1;
  const bool narrow = out.dtype == DType::int32;
  with_dtype(values.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    using E = Element<T>;
    parallel_for(walk.count(), 1024, [&](int64_t begin, int64_t end) {
      walk.visit(begin, end, [&](const int64_t* offset, int64_t count) {
        for (int64_t i = 0; i < count; ++i) {
          const auto x = E::load(values.as<T>()[offset[1] + i * walk.stride[1][last]]);
          const T* s = sorted.as<T>() + offset[2] + i * walk.stride[2][last];
          int64_t low = 0, high = n;
          while (low < high) {
            const int64_t middle = low + (high - low) / 2;
            const auto y = E::load(s[middle * step]);
            // Asked this way round, NaN is past every number.
            const bool here = right ? y > x : y >= x;
            if (here) high = middle;
            else low = middle + 1;
          }
          const int64_t to = offset[0] + i * walk.stride[0][last];
          if (narrow) out.as<int32_t>()[to] = static_cast<int32_t>(low);
          else out.as<int64_t>()[to] = low;
        }
      });
    });
  });
  return Status::ok;
}

}  // namespace flambeau::FLAMBEAU_ISA
