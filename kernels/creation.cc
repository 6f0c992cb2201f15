// Sequences of numbers.
#include <cmath>

#include "elements.h"
#include "generated/arange.h"
#include "generated/linspace.h"

namespace flambeau::FLAMBEAU_ISA {

namespace {

constexpr int64_t kGrain = 32768;

// PyTorch's builds contract a + b * c, and these values are compared with theirs; not hot enough to need hardware for it.
inline double fused(double a, double b, double c) { return std::fma(b, c, a); }

// In the element's precision, as PyTorch computes linspace: half types round each step.
template <class T>
T linspace_at(double from, double step, int64_t i) {
  using E = Element<T>;
  using V = typename E::Value;
  if constexpr (is_half<T>) {
    const auto rounded = [](float v) { return E::load(E::store(v)); };
    return E::store(static_cast<V>(static_cast<float>(from) + rounded(static_cast<float>(step) * rounded(static_cast<float>(i)))));
  } else {
    return E::store(static_cast<V>(fused(from, step, static_cast<double>(i))));
  }
}

}  // namespace

Status arange(const ArangeArguments& args) {
  const double start = args.start, step = args.step;
  const int64_t n = args.out.count();
  with_dtype(args.out.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    using E = Element<T>;
    using V = typename E::Value;
    T* to = args.out.as<T>();
    parallel_for(n, kGrain, [&](int64_t begin, int64_t end) {
      if constexpr (std::is_floating_point_v<V>) {
        for (int64_t i = begin; i < end; ++i) to[i] = E::store(static_cast<V>(fused(start, step, static_cast<double>(i))));
      } else {
        const uint64_t first = static_cast<uint64_t>(static_cast<int64_t>(start)), by = static_cast<uint64_t>(static_cast<int64_t>(step));
        for (int64_t i = begin; i < end; ++i) to[i] = E::store(static_cast<V>(first + by * static_cast<uint64_t>(i)));
      }
    });
  });
  return Status::ok;
}

Status linspace(const LinspaceArguments& args) {
  const double from = args.start, to_end = args.end;
  const int64_t n = args.out.count();
  with_dtype(args.out.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    using E = Element<T>;
    using V = typename E::Value;
    T* to = args.out.as<T>();
    const double start = static_cast<double>(E::load(E::store(static_cast<V>(from))));
    const double end = static_cast<double>(E::load(E::store(static_cast<V>(to_end))));
    const double last = static_cast<double>(n - 1);
    double step = 0;
    if (n > 1) {
      if constexpr (is_half<T> || std::is_same_v<T, float>) {
        const auto rounded = [](float v) { return E::load(E::store(v)); };
        step = rounded(rounded(static_cast<float>(end) - static_cast<float>(start)) / rounded(static_cast<float>(last)));
      } else {
        step = (end - start) / last;
      }
    }
    // From both ends, so that the second one is exact and the values are symmetric.
    const int64_t half = n / 2;
    parallel_for(n, kGrain, [&](int64_t b, int64_t e) {
      for (int64_t i = b; i < e; ++i)
        to[i] = i < half ? linspace_at<T>(start, step, i) : linspace_at<T>(end, -step, n - 1 - i);
    });
    if (n == 1) to[0] = E::store(static_cast<V>(start));
  });
  return Status::ok;
}

}  // namespace flambeau::FLAMBEAU_ISA
