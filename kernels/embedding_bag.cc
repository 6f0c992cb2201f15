// Bags of rows of a table: their sums, means or maxima, and what gradients of those add to the rows.
#include "elements.h"
#include "generated/embedding_bag.h"
#include "generated/embedding_bag_backward.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// The columns that are joined at once, in registers or at least in the nearest cache.
constexpr int64_t kColumns = 64;
constexpr int64_t kGrain = 16384;

// The stretch of the list that bag `i` takes; the last one goes to the end where no bound says otherwise.
struct Bags {
  const int64_t* bounds;
  int64_t bound_count, count;

  Bags(const View& offsets, const View& indices)
      : bounds(offsets.as<int64_t>()), bound_count(offsets.size[0]), count(indices.size[0]) {}

  int64_t begin(int64_t i) const { return bounds[i] < 0 ? 0 : bounds[i]; }
  int64_t end(int64_t i) const { return i + 1 < bound_count && bounds[i + 1] < count ? bounds[i + 1] : count; }
};

// Finds the first index that is no row. Kernels read and write by indices only after this.
template <class A>
Status check_rows(const A& args, int64_t rows) {
  const int64_t* index = args.indices.template as<int64_t>();
  for (int64_t i = 0; i < args.indices.size[0]; ++i)
    if (index[i] < 0 || index[i] >= rows)
      return args.fail(Status::index_out_of_range, static_cast<double>(index[i]), 0, static_cast<double>(rows));
  return Status::ok;
}

template <class T>
void sum_rows(const EmbeddingBagArguments& args, const Bags& bags, int64_t bag, bool is_mean) {
  using E = Element<T>;
  using V = typename E::Value;
  const int64_t width = args.out.size[1];
  const int64_t* index = args.indices.as<int64_t>();
  const T* scales = args.scales.data ? args.scales.as<T>() : nullptr;
  for (int64_t first = 0; first < width; first += kColumns) {
    const int64_t n = width - first < kColumns ? width - first : kColumns;
    V total[kColumns] = {};
    int64_t taken = 0;
    for (int64_t i = bags.begin(bag); i < bags.end(bag); ++i) {
      if (index[i] == args.padding) continue;
      ++taken;
      const T* row = args.weight.as<T>() + index[i] * width + first;
      if (scales) {
        const V by = E::load(scales[i]);
        for (int64_t j = 0; j < n; ++j) total[j] += by * E::load(row[j]);
      } else {
        for (int64_t j = 0; j < n; ++j) total[j] += E::load(row[j]);
      }
    }
    T* to = args.out.as<T>() + bag * width + first;
    const V count = is_mean && taken > 0 ? static_cast<V>(taken) : V(1);
    for (int64_t j = 0; j < n; ++j) to[j] = E::store(total[j] / count);
  }
}

// The first of equal elements is taken, as is the first NaN.
template <class T>
void largest_rows(const EmbeddingBagArguments& args, const Bags& bags, int64_t bag) {
  using E = Element<T>;
  const int64_t width = args.out.size[1];
  const int64_t* index = args.indices.as<int64_t>();
  T* to = args.out.as<T>() + bag * width;
  int64_t* picked = args.picked.as<int64_t>() + bag * width;
  for (int64_t j = 0; j < width; ++j) {
    to[j] = E::store(0);
    picked[j] = -1;
  }
  for (int64_t i = bags.begin(bag); i < bags.end(bag); ++i) {
    if (index[i] == args.padding) continue;
    const T* row = args.weight.as<T>() + index[i] * width;
    for (int64_t j = 0; j < width; ++j) {
      const auto x = E::load(row[j]), best = E::load(to[j]);
      if (picked[j] >= 0 && !(x > best || (is_nan(x) && !is_nan(best)))) continue;
      to[j] = row[j];
      picked[j] = index[i];
    }
  }
}

// Threads share the rows, not the bags: so each row's gradients are added in the order of the list, by one thread.
template <class T>
void add_to_rows(const EmbeddingBagBackwardArguments& args) {
  using E = Element<T>;
  using V = typename E::Value;
  const int64_t rows = args.grad_weight.size[0], width = args.grad_weight.size[1], bag_count = args.grad.size[0];
  const int64_t* index = args.indices.as<int64_t>();
  const T* scales = args.scales.data ? args.scales.as<T>() : nullptr;
  const Bags bags(args.offsets, args.indices);
  const bool is_mean = args.mode == EmbeddingBagBackwardArguments::Mode::mean;
  const int64_t work = width * (1 + args.indices.size[0] / (rows + 1)) + 1;
  parallel_for(rows, 4 * kGrain / work + 1, [&](int64_t first, int64_t last) {
    T* all = args.grad_weight.as<T>();
    for (int64_t k = first * width; k < last * width; ++k) all[k] = E::store(0);
    for (int64_t bag = 0; bag < bag_count; ++bag) {
      const int64_t begin = bags.begin(bag), end = bags.end(bag);
      const T* grad = args.grad.as<T>() + bag * width;
      V share = 1;
      if (is_mean) {
        int64_t taken = 0;
        for (int64_t i = begin; i < end; ++i) taken += index[i] != args.padding;
        if (taken > 0) share = V(1) / static_cast<V>(taken);
      }
      for (int64_t i = begin; i < end; ++i) {
        if (index[i] < first || index[i] >= last || index[i] == args.padding) continue;
        T* row = all + index[i] * width;
        const V by = scales ? share * E::load(scales[i]) : share;
        for (int64_t j = 0; j < width; ++j) row[j] = E::store(E::load(row[j]) + by * E::load(grad[j]));
      }
    }
  });
}

}  // namespace

Status embedding_bag(const EmbeddingBagArguments& args) {
  if (const Status status = check_rows(args, args.weight.size[0]); status != Status::ok) return status;
  const Bags bags(args.offsets, args.indices);
  const int64_t count = args.out.size[0];
  const int64_t work = (args.indices.size[0] / (count + 1) + 1) * args.out.size[1] + 1;
  with_float(args.out.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    parallel_for(count, kGrain / work + 1, [&](int64_t first, int64_t last) {
      for (int64_t bag = first; bag < last; ++bag) {
        if (args.mode == EmbeddingBagArguments::Mode::max) largest_rows<T>(args, bags, bag);
        else sum_rows<T>(args, bags, bag, args.mode == EmbeddingBagArguments::Mode::mean);
      }
    });
  });
  return Status::ok;
}

Status embedding_bag_backward(const EmbeddingBagBackwardArguments& args) {
  if (const Status status = check_rows(args, args.grad_weight.size[0]); status != Status::ok) return status;
  with_float(args.grad_weight.dtype, [&](auto type) { add_to_rows<typename decltype(type)::type>(args); });
  return Status::ok;
}

}  // namespace flambeau::FLAMBEAU_ISA
