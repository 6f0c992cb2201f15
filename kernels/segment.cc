// Reductions of the segments that a dimension is cut into.
#include <algorithm>

#include "elements.h"
#include "generated/segment_reduce.h"
#include "generated/segment_reduce_backward.h"

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

// The bounds of segments, from those given or from lengths.
struct Bounds {
  int64_t segments, rows;
  const int64_t* at;

  Bounds(const View& offsets, bool lengths, int64_t outer, int64_t segments, int64_t rows) : segments(segments), rows(rows), at(offsets.as<int64_t>()) {
    if (!lengths) return;
    int64_t* to = scratch_array<int64_t>(0, outer * (segments + 1));
    if (to) {
      for (int64_t i = 0; i < outer; ++i) {
        int64_t* row = to + i * (segments + 1);
        row[0] = 0;
        // Lengths that nobody has checked may be anything.
        for (int64_t k = 0; k < segments; ++k) row[k + 1] = add(row[k], at[i * segments + k]);
      }
    }
    at = to;
  }
  explicit operator bool() const { return at != nullptr; }
  int64_t begin(int64_t outer, int64_t k) const { return std::max<int64_t>(at[outer * (segments + 1) + k], 0); }
  int64_t end(int64_t outer, int64_t k) const { return std::min(at[outer * (segments + 1) + k + 1], rows); }
};

template <Reduce kind, class T>
void reduce_segments(const SegmentReduceArguments& args, const Bounds& bounds) {
  const int64_t segments = args.out.size[1], width = args.out.size[2], rows = args.data.size[1];
  const int64_t work = rows * width / (segments + 1) + width + 1;
  parallel_for(args.out.size[0] * segments, 16384 / work + 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const int64_t outer = i / segments, begin = bounds.begin(outer, i % segments), end = bounds.end(outer, i % segments);
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
void reduce_as(const SegmentReduceArguments& args, const Bounds& bounds) {
  switch (args.reduce) {
    case Reduce::sum: return reduce_segments<Reduce::sum, T>(args, bounds);
    case Reduce::mean: return reduce_segments<Reduce::mean, T>(args, bounds);
    case Reduce::max: return reduce_segments<Reduce::max, T>(args, bounds);
    case Reduce::min: return reduce_segments<Reduce::min, T>(args, bounds);
    case Reduce::prod: return reduce_segments<Reduce::prod, T>(args, bounds);
  }
}

// The gradient of a product by its element i: of the others, which are multiplied anew where it cannot be divided out.
template <class T, class V>
V product_of_others(const T* from, int64_t i, int64_t begin, int64_t end, int64_t width, V initial, V product) {
  using E = Element<T>;
  const V x = E::load(from[i * width]);
  if (x != V(0) && !is_nan(x)) return product / x;
  V others = initial;
  for (int64_t k = begin; k < end; ++k)
    if (k != i) others *= E::load(from[k * width]);
  return others;
}

template <class T>
void spread_gradient(const SegmentReduceBackwardArguments& args, const Bounds& bounds) {
  using E = Element<T>;
  using V = typename E::Value;
  using Kind = SegmentReduceBackwardArguments::Reduce;
  const int64_t segments = args.out.size[1], width = args.out.size[2], rows = args.data.size[1];
  const V initial = static_cast<V>(args.initial);
  parallel_for(args.out.size[0], 16384 / (rows * width + 1) + 1, [&](int64_t first, int64_t last) {
    for (int64_t outer = first; outer < last; ++outer) {
      const T* from = args.data.as<T>() + outer * rows * width;
      T* to = args.grad_data.as<T>() + outer * rows * width;
      for (int64_t i = 0; i < rows * width; ++i) to[i] = E::store(0);
      for (int64_t k = 0; k < segments; ++k) {
        const int64_t begin = bounds.begin(outer, k), end = bounds.end(outer, k), place = (outer * segments + k) * width;
        const T* grads = args.grad_out.as<T>() + place;
        const T* results = args.out.as<T>() + place;
        for (int64_t j = 0; j < width && begin < end; ++j) {
          const V grad = E::load(grads[j]), result = E::load(results[j]);
          if (args.reduce == Kind::sum || args.reduce == Kind::mean) {
            const V share = args.reduce == Kind::sum ? grad : grad / static_cast<V>(end - begin);
            for (int64_t i = begin; i < end; ++i) to[i * width + j] = E::store(share);
          } else if (args.reduce == Kind::prod) {
            for (int64_t i = begin; i < end; ++i)
              to[i * width + j] = E::store(product_of_others(from + j, i, begin, end, width, V(initial * grad), V(result * grad)));
          } else {
            const auto is_extreme = [&](V x) { return x == result || is_nan(x); };
            int64_t count = 0;
            for (int64_t i = begin; i < end; ++i) count += is_extreme(E::load(from[i * width + j]));
            const T share = E::store(grad / static_cast<V>(std::max<int64_t>(count, 1)));
            for (int64_t i = begin; i < end; ++i)
              if (is_extreme(E::load(from[i * width + j]))) to[i * width + j] = share;
          }
        }
      }
    }
  });
}

template <class A>
Status fail_bounds(const A& args) {
  return args.fail(Status::out_of_memory, 8.0 * static_cast<double>(args.offsets.count()));
}

}  // namespace

Status segment_reduce(const SegmentReduceArguments& args) {
  const Bounds bounds(args.offsets, args.lengths, args.out.size[0], args.out.size[1], args.data.size[1]);
  if (!bounds) return fail_bounds(args);
  with_float(args.out.dtype, [&](auto type) { reduce_as<typename decltype(type)::type>(args, bounds); });
  return Status::ok;
}

Status segment_reduce_backward(const SegmentReduceBackwardArguments& args) {
  const Bounds bounds(args.offsets, args.lengths, args.out.size[0], args.out.size[1], args.data.size[1]);
  if (!bounds) return fail_bounds(args);
  with_float(args.out.dtype, [&](auto type) { spread_gradient<typename decltype(type)::type>(args, bounds); });
  return Status::ok;
}

}  // namespace flambeau::FLAMBEAU_ISA
