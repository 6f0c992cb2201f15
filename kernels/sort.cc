// Sorting along a dimension, and searching in what is sorted.
#include "pair_sort.h"
#include "generated/searchsorted.h"
#include "generated/sort.h"

namespace flambeau::FLAMBEAU_ISA {

Status sort(const SortArguments& args) {
  const View values = at_least_1d(args.values);
  const View indices = at_least_1d(args.indices);
  const View input = at_least_1d(args.input);
  const int64_t dim = args.dim;
  const bool descending = args.descending;
  const int64_t n = input.size[dim];
  const Lines lines = lines_along(input, dim, {&values, &indices, &input});
  const bool enough = with_item_size(input.dtype, [&](auto type) {
    using K = typename decltype(type)::type;
    return with_position(n, [&](auto position) {
      using P = typename decltype(position)::type;
      using X = Pair<K, P>;
      return for_lines(lines, n, [&](int64_t v, int64_t p, int64_t o) {
        X* a = scratch_array<X>(0, 2 * n);
        K* keys = scratch_array<K>(1, n);
        if (!a || !keys) return false;
        const K* from = input.as<K>() + o;
        const int64_t step = lines.step[2];
        read_keys(input.dtype, from, step, n, descending ? static_cast<K>(~K{0}) : K{0}, keys);
        for (int64_t i = 0; i < n; ++i) a[i] = {keys[i], static_cast<P>(i)};
        const X* sorted = sort_pairs(a, a + n, n);
        if (indices) {
          int64_t* to = indices.as<int64_t>() + p;
          for (int64_t i = 0; i < n; ++i) to[i * lines.step[1]] = static_cast<int64_t>(sorted[i].position);
        }
        if (values) {
          K* to = values.as<K>() + v;
          for (int64_t i = 0; i < n; ++i) to[i * lines.step[0]] = from[static_cast<int64_t>(sorted[i].position) * step];
        }
        return true;
      });
    });
  });
  if (!enough) return args.fail(Status::out_of_memory, 2.0 * static_cast<double>(n) * (item_size(input.dtype) + 4));
  return Status::ok;
}

Status searchsorted(const SearchsortedArguments& args) {
  const View out = at_least_1d(args.out);
  const View values = at_least_1d(args.values);
  const bool right = args.right;
  const int64_t n = args.sorted.size[args.sorted.ndim - 1], step = args.sorted.stride[args.sorted.ndim - 1];
  // One sorted sequence for all values, or one for each line of them.
  const bool shared = args.sorted.ndim == 1;
  Strided<3> walk;
  for (int d = 0; d < values.ndim; ++d)
    walk.push(values.size[d], {out.stride[d], values.stride[d], shared || d == values.ndim - 1 ? 0 : args.sorted.stride[d]});
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
          const T* s = args.sorted.as<T>() + offset[2] + i * walk.stride[2][last];
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
