// Counts of points by the bins that they lie in.
#include <algorithm>
#include <limits>

#include "elements.h"
#include "generated/histogram.h"
#include "generated/histogram_of_range.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// The one of n equal bins from low to high that x lies in; negative: none. As in PyTorch a range that is longer than T's numbers has none.
template <class T>
int64_t equal_bin_of(T x, T low, T high, int64_t n) {
  const T width = high - low;
  if (!(x >= low && x <= high && width <= std::numeric_limits<T>::max())) return -1;
  const T place = (x - low) * static_cast<T>(n) / width;
  // Of edges that are all the same the last bin has the values.
  return place < static_cast<T>(n) ? static_cast<int64_t>(place) : n - 1;
}

// The bin of x between n + 1 edges, of which the last belongs to the last bin; negative: none.
template <class T>
int64_t bin_of(T x, const T* edges, int64_t n, bool equal) {
  if (!(x >= edges[0] && x <= edges[n])) return -1;
  if (equal) {
    int64_t at = equal_bin_of(x, edges[0], edges[n], n);
    if (at < 0) return at;
    while (at > 0 && x < edges[at]) --at;
    while (at + 1 < n && x >= edges[at + 1]) ++at;
    return at;
  }
  return std::min<int64_t>(n - 1, std::max<int64_t>(0, std::upper_bound(edges, edges + n + 1, x) - edges - 1));
}

template <class T>
void count_points(const HistogramArguments& args) {
  T* to = args.out.as<T>();
  std::fill_n(to, args.out.count(), T(0));
  const int64_t n = args.points.size[0];
  const int dims = args.edges.count;
  for (int64_t i = 0; i < n; ++i) {
    const T* point = args.points.as<T>() + i * dims;
    int64_t place = 0, bin = 0;
    for (int d = 0; d < dims && bin >= 0; ++d) {
      const int64_t bins = args.edges.item[d].size[0] - 1;
      bin = bin_of(point[d], args.edges.item[d].template as<T>(), bins, args.equal);
      place = place * bins + bin;
    }
    if (bin >= 0) to[place] += args.weights ? args.weights.as<T>()[i] : T(1);
  }
}

template <class T>
void count_range(const HistogramOfRangeArguments& args) {
  T* to = args.out.as<T>();
  const int64_t bins = args.out.size[0];
  const T low = static_cast<T>(args.low), high = static_cast<T>(args.high);
  std::fill_n(to, bins, T(0));
  const T* from = args.input.as<T>();
  for (int64_t i = 0, n = args.input.count(); i < n; ++i) {
    const int64_t at = equal_bin_of(from[i], low, high, bins);
    if (at >= 0) to[at] += T(1);
  }
}

}  // namespace

Status histogram(const HistogramArguments& args) {
  if (args.out.dtype == DType::float64) count_points<double>(args);
  else count_points<float>(args);
  return Status::ok;
}

Status histogram_of_range(const HistogramOfRangeArguments& args) {
  if (args.out.dtype == DType::float64) count_range<double>(args);
  else count_range<float>(args);
  return Status::ok;
}

}  // namespace flambeau::FLAMBEAU_ISA
