// The p-norm distances of rows, of every one of a matrix to every one of another or of all pairs of one matrix, and their gradients.
#include <algorithm>
#include <cmath>
#include <limits>

#include "elements.h"
#include "math.h"
#include "run_sums.h"
#include "generated/cdist.h"
#include "generated/cdist_backward.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

enum class Norm { zero, one, two, infinite, other };

Norm norm_of(double p) {
  if (p == 0) return Norm::zero;
  if (p == 1) return Norm::one;
  if (p == 2) return Norm::two;
  return p == std::numeric_limits<double>::infinity() ? Norm::infinite : Norm::other;
}

// The norm is looked at for each pair of rows: a kernel for each would be large.
template <class T>
T distance(Norm norm, const T* a, const T* b, int64_t n, T p) {
  if (norm == Norm::two) {
    return static_cast<T>(std::sqrt(sum_long<T>(n, [=](auto at) {
      const auto d = at(a) - at(b);
      return d * d;
    })));
  }
  if (norm == Norm::one) {
    return static_cast<T>(sum_long<T>(n, [=](auto at) {
      const auto d = at(a) - at(b);
      return d < T(0) ? -d : d;
    }));
  }
  double total = 0;
  for (int64_t i = 0; i < n; ++i) {
    const T d = math::magnitude(a[i] - b[i]);
    if (norm == Norm::zero) total += d > T(0) ? 1 : static_cast<double>(d);
    // NaN is not larger than anything.
    else if (norm == Norm::infinite) total = static_cast<double>(d) > total ? static_cast<double>(d) : total;
    else total += static_cast<double>(math::pow(d, p));
  }
  return static_cast<T>(norm == Norm::other ? std::pow(total, 1 / static_cast<double>(p)) : total);
}

// Rows of b that are compared with one of a at once, so that vectors lie across them.
constexpr int64_t kTogether = 32, kMostColumns = 64;

// The sums over short rows of what each two elements add; `b` has kTogether rows as columns. Sums of T are taken in double.
template <class T, class F>
void compare_columns(double* total, const T* a, const T* b, int64_t n, F&& join) {
  double sum[kTogether] = {};
  for (int64_t k = 0; k < n; ++k) {
    const T x = a[k];
    for (int64_t j = 0; j < kTogether; ++j) sum[j] = join(sum[j], x - b[k * kTogether + j]);
  }
  std::copy_n(sum, kTogether, total);
}

// Distances of a's rows from one matrix's, by columns. Rows that do not exist repeat the last one.
template <class T>
void measure_columns(Norm norm, T* out, const T* a, int64_t rows, const T* b, int64_t others, int64_t n, T* columns) {
  double total[kTogether];
  for (int64_t first = 0; first < others; first += kTogether) {
    const int64_t count = std::min(kTogether, others - first);
    for (int64_t j = 0; j < kTogether; ++j) {
      const T* row = b + (first + std::min(j, count - 1)) * n;
      for (int64_t k = 0; k < n; ++k) columns[k * kTogether + j] = row[k];
    }
    for (int64_t i = 0; i < rows; ++i) {
      T* to = out + i * others + first;
      if (norm == Norm::two) {
        compare_columns(total, a + i * n, columns, n, [](double sum, T d) { return sum + static_cast<double>(d * d); });
        for (int64_t j = 0; j < count; ++j) to[j] = static_cast<T>(std::sqrt(total[j]));
      } else {
        compare_columns(total, a + i * n, columns, n, [](double sum, T d) { return sum + static_cast<double>(math::magnitude(d)); });
        for (int64_t j = 0; j < count; ++j) to[j] = static_cast<T>(total[j]);
      }
    }
  }
}

// Adds to `to` the gradient of one distance by `a`, and takes it from `other` (null: none), of which the row `b` is.
template <class T>
void add_gradient(Norm norm, T* to, T* other, const T* a, const T* b, int64_t n, T grad, T length, T p) {
  if (norm == Norm::zero || (norm != Norm::one && length == T(0))) return;
  if (norm == Norm::two) {
    const T factor = grad / length;
    for (int64_t i = 0; i < n; ++i) to[i] += factor * (a[i] - b[i]);
    if (!other) return;
    for (int64_t i = 0; i < n; ++i) other[i] -= factor * (a[i] - b[i]);
    return;
  }
  const T factor = norm == Norm::other ? grad / math::pow(length, p - 1) : grad;
  for (int64_t i = 0; i < n; ++i) {
    const T d = a[i] - b[i];
    T term;
    if (norm == Norm::infinite) term = math::magnitude(d) == length ? math::flip_sign(factor, d) : d == d ? T(0) : d;
    else if (norm == Norm::one) term = d > T(0) ? factor : d < T(0) ? -factor : d * T(0);
    else term = d == T(0) ? T(0) : math::flip_sign(factor * math::pow(math::magnitude(d), p - 1), d);
    to[i] += term;
    if (other) other[i] -= term;
  }
}

int64_t grain(int64_t work) { return std::max<int64_t>(1, 16384 / std::max<int64_t>(1, work)); }

template <class T>
void measure(const CdistArguments& args) {
  const int64_t rows = args.a.size[1], n = args.a.size[2];
  const T p = static_cast<T>(args.p);
  const Norm norm = norm_of(args.p);
  const T* a = args.a.as<T>();
  T* out = args.out.as<T>();
  if (!args.b) {
    parallel_for(rows, grain(rows * n), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        T* to = out + i * rows - i * (i + 1) / 2 - i - 1;
        for (int64_t j = i + 1; j < rows; ++j) to[j] = distance(norm, a + i * n, a + j * n, n, p);
      }
    });
    return;
  }
  const int64_t others = args.b.size[1];
  const bool by_columns = (norm == Norm::two || norm == Norm::one) && n <= kMostColumns && rows >= 4 && others >= kTogether / 2;
  parallel_for(args.a.size[0] * rows, grain(others * n), [&](int64_t begin, int64_t end) {
    T columns[kMostColumns * kTogether];
    for (int64_t i = begin; i < end; ++i) {
      const T* b = args.b.as<T>() + i / rows * others * n;
      if (by_columns) {
        const int64_t count = std::min(end - i, rows - i % rows);
        measure_columns(norm, out + i * others, a + i * n, count, b, others, n, columns);
        i += count - 1;
        continue;
      }
      for (int64_t j = 0; j < others; ++j) out[i * others + j] = distance(norm, a + i * n, b + j * n, n, p);
    }
  });
}

template <class T>
void measure_backward(const CdistBackwardArguments& args) {
  const int64_t rows = args.a.size[1], n = args.a.size[2];
  const T p = static_cast<T>(args.p);
  const Norm norm = norm_of(args.p);
  const T* a = args.a.as<T>();
  const T *grad = args.grad.as<T>(), *length = args.out.as<T>();
  T* to = args.grad_a.as<T>();
  if (!args.b) {
    std::fill_n(to, rows * n, T(0));
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = i + 1; j < rows; ++j, ++grad, ++length) {
        add_gradient(norm, to + i * n, to + j * n, a + i * n, a + j * n, n, *grad, *length, p);
      }
    }
    return;
  }
  const int64_t others = args.b.size[1];
  parallel_for(args.a.size[0] * rows, grain(others * n), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const T* b = args.b.as<T>() + i / rows * others * n;
      std::fill_n(to + i * n, n, T(0));
      for (int64_t j = 0; j < others; ++j) {
        const int64_t at = i * others + j;
        add_gradient<T>(norm, to + i * n, nullptr, a + i * n, b + j * n, n, grad[at], length[at], p);
      }
    }
  });
}

}  // namespace

Status cdist(const CdistArguments& args) {
  if (args.out.dtype == DType::float64) measure<double>(args);
  else measure<float>(args);
  return Status::ok;
}

Status cdist_backward(const CdistBackwardArguments& args) {
  if (args.out.dtype == DType::float64) measure_backward<double>(args);
  else measure_backward<float>(args);
  return Status::ok;
}

}  // namespace flambeau::FLAMBEAU_ISA
