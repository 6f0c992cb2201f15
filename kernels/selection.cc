// The largest elements of a line, or the one that is k-th, in the middle or most frequent.
//
// Among equal elements PyTorch names the ones its algorithms happen to leave there; they are followed here where it matters.
#include "introsort.h"
#include "generated/order_statistic.h"
#include "generated/topk.h"

namespace flambeau::FLAMBEAU_ISA {

namespace {

// Whether the first k of the sorted pairs are chosen and ordered by their keys alone: no two are equal, nor is any element of the
// line that was left out equal to the last.
template <class X, class K>
bool unambiguous(const X* sorted, int64_t k, int64_t n, const K* keys) {
  for (int64_t i = 1; i < k; ++i)
    if (sorted[i].key == sorted[i - 1].key) return false;
  const auto last = sorted[k - 1].key;
  int64_t equal = 0;
  for (int64_t i = 0; i < n; ++i) equal += keys[i] == last;
  return equal == 1;
}

// The k pairs of least key, sorted: the best so far are kept in front of new candidates; when there is no more room, all are
// sorted and the first k kept. The result lies in one of the two buffers.
template <class X, class F>
X* least(X* a, X* b, int64_t room, int64_t k, int64_t n, F&& pair_at) {
  int64_t held = 0, i = 0;
  const auto prune = [&] {
    X* sorted = sort_pairs(a, b, held);
    if (sorted != a) {
      b = a;
      a = sorted;
    }
    held = held < k ? held : k;
  };
  for (; held < room && i < n; ++i) a[held++] = pair_at(i);
  prune();
  while (i < n) {
    const auto worst = a[k - 1].key;
    for (; i < n && held < room; ++i) {
      a[held] = pair_at(i);
      held += a[held].key < worst;
    }
    prune();
  }
  return a;
}

// As PyTorch chooses and orders them.
template <class X>
void least_as_pytorch(X* a, int64_t k, int64_t n, bool sorted) {
  if (k * 64 <= n) {
    partial_sort(a, k, n);
    return;
  }
  nth_element(a, k - 1, n);
  if (sorted) introsort(a, k - 1);
}

}  // namespace

Status topk(const TopkArguments& args) {
  const View values = at_least_1d(args.values);
  const View indices = at_least_1d(args.indices);
  const View input = at_least_1d(args.input);
  const int64_t k = args.k;
  const int64_t dim = args.dim;
  const bool largest = args.largest;
  const bool is_sorted = args.sorted;
  if (k == 0) return Status::ok;
  const int64_t n = input.size[dim];
  const int64_t room = k > n / 4 ? n : 2 * k + 256 < n ? 2 * k + 256 : n;
  // Few elements, or most of them wanted: nothing to gain from a first try.
  const bool direct = n <= 256 || k > n / 4;
  const Lines lines = lines_along(input, dim, {&values, &indices, &input});
  const bool enough = with_item_size(input.dtype, [&](auto type) {
    using K = typename decltype(type)::type;
    return with_position(n, [&](auto position) {
      using P = typename decltype(position)::type;
      using X = Pair<K, P>;
      return for_lines(lines, n, [&](int64_t v, int64_t p, int64_t o) {
        const K* from = input.as<K>() + o;
        const int64_t step = lines.step[2];
        K* keys = scratch_array<K>(1, n);
        if (!keys) return false;
        read_keys(input.dtype, from, step, n, largest ? static_cast<K>(~K{0}) : K{0}, keys);
        const auto pair_at = [&](int64_t i) { return X{keys[i], static_cast<P>(i)}; };
        X* chosen = nullptr;
        if (!direct && is_sorted) {
          X* buffer = scratch_array<X>(0, 2 * room);
          if (!buffer) return false;
          chosen = least(buffer, buffer + room, room, k, n, pair_at);
          if (!unambiguous(chosen, k, n, keys)) chosen = nullptr;
        }
        if (!chosen) {
          chosen = scratch_array<X>(0, n);
          if (!chosen) return false;
          for (int64_t i = 0; i < n; ++i) chosen[i] = pair_at(i);
          least_as_pytorch(chosen, k, n, is_sorted);
        }
        int64_t* to_index = indices.as<int64_t>() + p;
        K* to = values.as<K>() + v;
        for (int64_t j = 0; j < k; ++j) {
          const int64_t at = static_cast<int64_t>(chosen[j].position);
          to_index[j * lines.step[1]] = at;
          to[j * lines.step[0]] = from[at * step];
        }
        return true;
      });
    });
  });
  if (!enough) return args.fail(Status::out_of_memory, 2.0 * static_cast<double>(n) * (item_size(input.dtype) + 4));
  return Status::ok;
}

namespace {

using Statistic = OrderStatisticArguments::Kind;

// Hoare's quickselect with a median of three, in the steps of PyTorch's kthvalue.
template <class X>
void quickselect(X* a, int64_t k, int64_t n) {
  for (int64_t left = 0, right = n - 1; right > left;) {
    if (right == left + 1) {
      if (less(a[right], a[left])) swap_pairs(a[left], a[right]);
      return;
    }
    swap_pairs(a[left + (right - left) / 2], a[left + 1]);
    if (less(a[right], a[left + 1])) swap_pairs(a[left + 1], a[right]);
    if (less(a[right], a[left])) swap_pairs(a[left], a[right]);
    if (less(a[left], a[left + 1])) swap_pairs(a[left + 1], a[left]);
    int64_t i = left + 1, j = right;
    const X pivot = a[left];
    while (true) {
      do ++i; while (less(a[i], pivot));
      do --j; while (less(pivot, a[j]));
      if (j < i) break;
      swap_pairs(a[i], a[j]);
    }
    swap_pairs(a[left], a[j]);
    if (j <= k) left = i;
    if (j >= k) right = j - 1;
  }
}

// The end of the longest run of equal keys in order, the first of several. NaNs (keys of `nan`) equal nothing.
template <class X, class K>
int64_t end_of_longest_run(const X* a, int64_t n, K nan, bool has_nan) {
  int64_t longest = 0, length = 0, end = 0;
  for (int64_t i = 0; i < n; ++i) {
    ++length;
    if (i + 1 < n && a[i].key == a[i + 1].key && !(has_nan && a[i].key == nan)) continue;
    if (length > longest) {
      longest = length;
      end = i;
    }
    length = 0;
  }
  return end;
}

}  // namespace

Status order_statistic(const OrderStatisticArguments& args) {
  const View values = at_least_1d(args.values);
  const View indices = at_least_1d(args.indices);
  const View input = at_least_1d(args.input);
  const int64_t dim = args.dim;
  const Statistic kind = args.kind;
  const int64_t k = args.k;
  const int64_t n = input.size[dim];
  const Lines lines = lines_along(input, dim, {&values, &indices, &input});
  const bool has_nan = with_dtype(input.dtype, [](auto type) { return kInfinity<typename decltype(type)::type> != 0; });
  const bool enough = with_item_size(input.dtype, [&](auto type) {
    using K = typename decltype(type)::type;
    constexpr K nan = static_cast<K>(~K{0});
    return with_position(n, [&](auto position) {
      using P = typename decltype(position)::type;
      using X = Pair<K, P>;
      return for_lines(lines, n, [&](int64_t v, int64_t p, int64_t o) {
        const K* from = input.as<K>() + o;
        const int64_t step = lines.step[2];
        X* a = scratch_array<X>(0, n);
        K* keys = scratch_array<K>(1, n);
        if (!a || !keys) return false;
        read_keys(input.dtype, from, step, n, K{0}, keys);
        int64_t nans = 0, first_nan = n;
        for (int64_t i = n - 1; i >= 0; --i) {
          a[i] = {keys[i], static_cast<P>(i)};
          if (has_nan && a[i].key == nan) {
            ++nans;
            first_nan = i;
          }
        }
        int64_t at = 0;
        if (kind == Statistic::kthvalue) {
          quickselect(a, k - 1, n);
          at = static_cast<int64_t>(a[k - 1].position);
        } else if (kind == Statistic::mode) {
          introsort(a, n);
          at = static_cast<int64_t>(a[end_of_longest_run(a, n, nan, has_nan)].position);
        } else if (kind == Statistic::median && nans > 0) {
          at = first_nan;
        } else {
          // Of equals the one that a stable sort would bring there.
          const int64_t middle = nans < n ? (n - 1 - nans) / 2 : 0;
          nth_element(a, middle, n);
          const K key = a[middle].key;
          int64_t rank = middle;
          for (int64_t i = 0; i < n; ++i) rank -= a[i].key < key;
          while (rank > 0 || keys[at] != key) rank -= keys[at++] == key;
        }
        values.as<K>()[v] = from[at * step];
        indices.as<int64_t>()[p] = at;
        return true;
      });
    });
  });
  if (!enough) return args.fail(Status::out_of_memory, static_cast<double>(n) * (item_size(input.dtype) + 4));
  return Status::ok;
}

}  // namespace flambeau::FLAMBEAU_ISA
