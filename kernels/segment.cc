// Reductions of the segments that a dimension is cut into.
#include "elements.h"
#include "generated/segment_reduce.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

using Reduce = SegmentReduceArguments::Reduce;

// Joins rows begin to end of `from` into `to`, column by column, from `start` on.
template <Reduce kind, class T>
void join_rows(T* to, const T* from, int64_t begin, int64_t end, int64_t width, double start) {
  using E = Element<T>;
  using V = typename E::Value;
  constexpr int64_t kWidth = 64;
  for (int64_t first = 0; first < width; first += kWidth) {
    const int64_t n = width - first < kWidth ? width - first : kWidth;
    V total[kWidth];
    for (int64_t j = 0; j < n; ++j) total[j] = static_cast<V>(start);
    for (int64_t i = begin; i < end; ++i) {
      const T* row = from + i * width + first;
      for (int64_t j = 0; j < n; ++j) {
        const V x = E::load(row[j]);
        if constexpr (kind == Reduce::prod) total[j] = multiply(total[j], x);
        else if constexpr (kind == Reduce::max) total[j] = larger(total[j], x);
        else if constexpr (kind == Reduce::min) total[j] = smaller(total[j], x);
        else total[j] = add(total[j], x);
      }
    }
    for (int64_t j = 0; j < n; ++j) {
      if constexpr (kind == Reduce::mean) total[j] /= static_cast<V>(end - begin);
      to[first + j] = E::store(total[j]);
    }
  }
}

template <Reduce kind, class T>
void reduce_segments(const SegmentReduceArguments& args) {
  const int64_t segments = args.out.size[1], width = args.out.size[2], rows = args.data.size[1];
  const int64_t work = rows * width / (segments + 1) + width + 1;
  const int64_t* bounds = args.offsets.as<int64_t>();
  parallel_for(args.out.size[0] * segments, 16384 / work + 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const int64_t outer = i / segments;
      const int64_t* at = bounds + outer * (segments + 1) + i % segments;
      const int64_t begin = at[0] < 0 ? 0 : at[0], end = at[1] < rows ? at[1] : rows;
      T* to = args.out.as<T>() + i * width;
      if (begin < end) {
        join_rows<kind>(to, args.data.as<T>() + outer * rows * width, begin, end, width, args.initial);
      } else {
        const T empty = Element<T>::store(static_cast<typename Element<T>::Value>(args.empty));
        for (int64_t j = 0; j < width; ++j) to[j] = empty;
      }
    }
  });
}

template <class T>
void reduce_as(const SegmentReduceArguments& args) {
  switch (args.reduce) {
    case Reduce::sum: return reduce_segments<Reduce::sum, T>(args);
    case Reduce::mean: return reduce_segments<Reduce::mean, T>(args);
    case Reduce::max: return reduce_segments<Reduce::max, T>(args);
    case Reduce::min: return reduce_segments<Reduce::min, T>(args);
    case Reduce::prod: return reduce_segments<Reduce::prod, T>(args);
  }
}

}  // namespace

Status segment_reduce(const SegmentReduceArguments& args) {
  with_float(args.out.dtype, [&](auto type) { reduce_as<typename decltype(type)::type>(args); });
  return Status::ok;
}

}  // namespace flambeau::FLAMBEAU_ISA
