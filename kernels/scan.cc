// Running sums, products, maxima, minima and log-sum-exps along a dimension.
#include <cmath>

#include "elements.h"
#include "strided.h"
#include "generated/scan.h"

namespace flambeau::FLAMBEAU_ISA {

namespace {

using Scan = ScanArguments::Kind;

// What PyTorch's CPU kernels accumulate in: double for float32, so that long sums keep their digits.
template <class T>
struct Accumulator {
  using V = typename Element<T>::Value;
  using type = std::conditional_t<std::is_same_v<T, float>, double, std::conditional_t<std::is_same_v<T, Complex<float>>, Complex<double>, V>>;
};

// log(exp(a) + exp(b)) without overflow; equal infinities stay what they are.
template <class A>
inline A log_add_exp(A a, A b) {
  if (a != a || b != b) return a + b;
  const A low = a < b ? a : b, high = a < b ? b : a;
  if (low == high && std::isinf(low)) return high;
  return high + std::log1p(std::exp(low - high));
}

template <Scan kind, class A>
constexpr A initial() {
  if constexpr (kind == Scan::product) return A{1};
  else if constexpr (kind == Scan::logsumexp && std::is_floating_point_v<A>) return -static_cast<A>(INFINITY);
  else return A{};
}

template <Scan kind, class A>
inline A next(A before, A x) {
  if constexpr (kind == Scan::sum) return add(before, x);
  else if constexpr (kind == Scan::product) return multiply(before, x);
  else if constexpr (std::is_floating_point_v<A>) return log_add_exp(x, before);
  else return before;
}

// Operands: 0 out, 1 indices (or in place), 2 input.
struct Operands {
  Strided<3> lines;
  int64_t step[3];
  int64_t length;
  const View &out, &indices, &input;
};

// Lines beside each other in memory are scanned together, a block at a time, so that memory is read in order and the inner loop
// is vectorised.
constexpr int kBlock = 128;

template <Scan kind, class T, class S>
void accumulate_block(T* to, const S* from, int width, const Operands& x) {
  using A = typename Accumulator<T>::type;
  A total[kBlock];
  for (int j = 0; j < width; ++j) total[j] = initial<kind, A>();
  for (int64_t i = 0; i < x.length; ++i) {
    for (int j = 0; j < width; ++j) {
      total[j] = next<kind, A>(total[j], static_cast<A>(Element<S>::load(from[j])));
      to[j] = Element<T>::store(static_cast<typename Element<T>::Value>(total[j]));
    }
    to += x.step[0];
    from += x.step[2];
  }
}

template <Scan kind, class T, class S>
void accumulate_line(T* to, const S* from, const Operands& x) {
  using A = typename Accumulator<T>::type;
  A total = initial<kind, A>();
  for (int64_t i = 0; i < x.length; ++i) {
    total = next<kind, A>(total, static_cast<A>(Element<S>::load(from[i * x.step[2]])));
    to[i * x.step[0]] = Element<T>::store(static_cast<typename Element<T>::Value>(total));
  }
}

template <Scan kind, class T, class S>
void accumulate(const Operands& x) {
  const int last = x.lines.ndim - 1;
  const int64_t out_next = x.lines.stride[0][last], in_next = x.lines.stride[2][last];
  const bool adjacent = out_next == 1 && in_next == 1;
  parallel_for(x.lines.count(), 8192 / (x.length + 1) + 1, [&](int64_t begin, int64_t end) {
    x.lines.visit(begin, end, [&](const int64_t* offset, int64_t n) {
      T* to = x.out.as<T>() + offset[0];
      const S* from = x.input.as<S>() + offset[2];
      if (adjacent) {
        for (int64_t first = 0; first < n; first += kBlock)
          accumulate_block<kind>(to + first, from + first, static_cast<int>(n - first < kBlock ? n - first : kBlock), x);
      } else {
        for (int64_t i = 0; i < n; ++i) accumulate_line<kind>(to + i * out_next, from + i * in_next, x);
      }
    });
  });
}

template <Scan kind, class T>
void extremes(const Operands& x) {
  using E = Element<T>;
  using V = typename E::Value;
  const int last = x.lines.ndim - 1;
  parallel_for(x.lines.count(), 8192 / (x.length + 1) + 1, [&](int64_t begin, int64_t end) {
    x.lines.visit(begin, end, [&](const int64_t* offset, int64_t n) {
      for (int64_t line = 0; line < n; ++line) {
        T* to = x.out.as<T>() + offset[0] + line * x.lines.stride[0][last];
        int64_t* at = x.indices ? x.indices.as<int64_t>() + offset[1] + line * x.lines.stride[1][last] : nullptr;
        const T* from = x.input.as<T>() + offset[2] + line * x.lines.stride[2][last];
        if (x.length == 0) continue;
        T best = from[0];
        V value = E::load(best);
        int64_t where = 0;
        for (int64_t i = 0; i < x.length; ++i) {
          const V v = E::load(from[i * x.step[2]]);
          // Among equals the last is named, and NaN wins for good.
          const bool better = kind == Scan::max ? v >= value : v <= value;
          if (is_nan(v) || (!is_nan(value) && better)) {
            best = from[i * x.step[2]];
            value = v;
            where = i;
          }
          to[i * x.step[0]] = best;
          if (at) at[i * x.step[1]] = where;
        }
      }
    });
  });
}

}  // namespace

Status scan(const ScanArguments& args) {
  Operands x{.out = args.out, .indices = args.indices, .input = args.input};
  const int64_t dim = args.dim;
  const Scan kind = args.kind;
  x.length = 1;
  for (int k = 0; k < 3; ++k) x.step[k] = 0;
  for (int d = 0; d < x.input.ndim; ++d) {
    const int64_t strides[3] = {x.out.stride[d], x.indices ? x.indices.stride[d] : 0, x.input.stride[d]};
    if (d == dim) {
      x.length = x.input.size[d];
      for (int k = 0; k < 3; ++k) x.step[k] = strides[k];
    } else {
      x.lines.push(x.input.size[d], strides);
    }
  }
  x.lines.coalesce();
  with_any_dtype(x.out.dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    using V = typename Element<T>::Value;
    if constexpr (!is_complex<T>) {
      if (kind == Scan::max) return extremes<Scan::max, T>(x);
      if (kind == Scan::min) return extremes<Scan::min, T>(x);
    }
    if (x.input.dtype == x.out.dtype) {
      if (kind == Scan::sum) return accumulate<Scan::sum, T, T>(x);
      if (kind == Scan::product) return accumulate<Scan::product, T, T>(x);
      if constexpr (std::is_floating_point_v<V>) return accumulate<Scan::logsumexp, T, T>(x);
    }
    // The one conversion in PyTorch's defaults: sums and products of integers and truth values are int64.
    if constexpr (std::is_same_v<T, int64_t>) {
      with_dtype(x.input.dtype, [&](auto input) {
        using S = typename decltype(input)::type;
        if constexpr (std::is_integral_v<typename Element<S>::Value>) {
          if (kind == Scan::sum) accumulate<Scan::sum, T, S>(x);
          else accumulate<Scan::product, T, S>(x);
        }
      });
    }
  });
  return Status::ok;
}

}  // namespace flambeau::FLAMBEAU_ISA
