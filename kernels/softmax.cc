// Softmax and its logarithm over one dimension of a dense tensor, [outer, n, inner].
#include <algorithm>

#include "elements.h"
#include "math.h"
#include "run_sums.h"
#include "generated/softmax.h"
#include "generated/softmax_backward.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// Rows of up to so many elements are turned into columns: their vectors would be all remainder.
constexpr int64_t kShort = 32;
constexpr int64_t kRows = 32;
// Where vectors are so short there is little remainder.
constexpr bool kTurns = kLanes<float> > 4;

struct Shape {
  int64_t outer = 1, n = 1, inner = 1;

  Shape(const View& v, int64_t dim) {
    for (int d = 0; d < v.ndim; ++d) (d < dim ? outer : d > dim ? inner : n) *= v.size[d];
  }
  bool empty() const { return outer * n * inner == 0; }
  bool has_short_rows() const { return inner == 1 && n <= kShort && outer > 1; }
  // Pieces of about 16,384 elements are worth a thread.
  int64_t grain() const { return std::max<int64_t>(1, 16384 / n); }
};

// Elements of inner that are handled together: their partial results stay in the first cache.
constexpr int64_t kColumns = 128;

template <class T>
void softmax_row(T* out, const T* x, int64_t n, bool log) {
  const T top = largest(x, n);
  T run[kRun];
  double total = 0;
  for (int64_t begin = 0; begin < n; begin += kRun) {
    const int64_t size = std::min(n - begin, kRun);
    const T* from = x + begin;
    T* to = log ? run : out + begin;
    for (int64_t i = 0; i < size; ++i) to[i] = math::exp(from[i] - top);
    total += static_cast<double>(sum_run<T>(size, [=](auto at) { return at(static_cast<const T*>(to)); }));
  }
  if (log) {
    const T shift = static_cast<T>(std::log(total));
    for (int64_t i = 0; i < n; ++i) out[i] = (x[i] - top) - shift;
  } else {
    const T sum = static_cast<T>(total);
    for (int64_t i = 0; i < n; ++i) out[i] /= sum;
  }
}

// Sums of T are taken in S.
template <class S, class T>
void softmax_columns(T* out, const T* x, int64_t n, int64_t inner, int64_t width, bool log) {
  T top[kColumns];
  S sum[kColumns] = {};
  for (int64_t j = 0; j < width; ++j) top[j] = x[j];
  for (int64_t i = 1; i < n; ++i) {
    const T* from = x + i * inner;
    for (int64_t j = 0; j < width; ++j) {
      const T value = from[j];
      const T before = top[j];
      top[j] = value > before ? value : before;
    }
  }
  T run[kColumns];
  for (int64_t i = 0; i < n; ++i) {
    const T* from = x + i * inner;
    for (int64_t j = 0; j < width; ++j) run[j] = math::exp(from[j] - top[j]);
    for (int64_t j = 0; j < width; ++j) sum[j] += static_cast<S>(run[j]);
    if (!log) std::memcpy(out + i * inner, run, sizeof(T) * static_cast<size_t>(width));
  }
  for (int64_t j = 0; j < width; ++j) run[j] = static_cast<T>(log ? math::log(sum[j]) : sum[j]);
  for (int64_t i = 0; i < n; ++i) {
    const T* from = x + i * inner;
    T* to = out + i * inner;
    if (log) {
      for (int64_t j = 0; j < width; ++j) to[j] = (from[j] - top[j]) - run[j];
    } else {
      for (int64_t j = 0; j < width; ++j) to[j] /= run[j];
    }
  }
}

template <class T>
void backward_row(T* to, const T* grad, const T* y, int64_t n, bool log) {
  if (log) {
    const T sum = static_cast<T>(sum_long<T>(n, [=](auto at) { return at(grad); }));
    for (int64_t i = 0; i < n; ++i) to[i] = grad[i] - math::exp(y[i]) * sum;
  } else {
    const T sum = static_cast<T>(sum_long<T>(n, [=](auto at) { return at(grad) * at(y); }));
    for (int64_t i = 0; i < n; ++i) to[i] = (grad[i] - sum) * y[i];
  }
}

template <class S, class T>
void backward_columns(T* to, const T* grad, const T* y, int64_t n, int64_t inner, int64_t width, bool log) {
  S sum[kColumns] = {};
  for (int64_t i = 0; i < n; ++i) {
    const T* g = grad + i * inner;
    const T* v = y + i * inner;
    if (log) {
      for (int64_t j = 0; j < width; ++j) sum[j] += static_cast<S>(g[j]);
    } else {
      for (int64_t j = 0; j < width; ++j) sum[j] += static_cast<S>(g[j] * v[j]);
    }
  }
  T total[kColumns];
  for (int64_t j = 0; j < width; ++j) total[j] = static_cast<T>(sum[j]);
  for (int64_t i = 0; i < n; ++i) {
    const T* g = grad + i * inner;
    const T* v = y + i * inner;
    T* t = to + i * inner;
    if (log) {
      for (int64_t j = 0; j < width; ++j) t[j] = g[j] - math::exp(v[j]) * total[j];
    } else {
      for (int64_t j = 0; j < width; ++j) t[j] = (g[j] - total[j]) * v[j];
    }
  }
}

template <class T>
void turn(T* to, const T* from, int64_t rows, int64_t columns) {
  for (int64_t j = 0; j < columns; ++j) {
    for (int64_t i = 0; i < rows; ++i) to[j * rows + i] = from[i * columns + j];
  }
}

// Calls body(offset, rows) for groups of short rows.
template <class F>
void for_short_rows(int64_t rows, int64_t n, F&& body) {
  parallel_for((rows + kRows - 1) / kRows, std::max<int64_t>(1, 16384 / (n * kRows)), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) body(i * kRows * n, std::min(kRows, rows - i * kRows));
  });
}

// Calls rows(offset) for each run along n where inner is 1, else columns(offset, width) for each group of columns.
template <class Rows, class Columns>
void for_each_slice(const Shape& s, Rows&& rows, Columns&& columns) {
  if (s.inner == 1) {
    parallel_for(s.outer, s.grain(), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) rows(i * s.n);
    });
    return;
  }
  const int64_t groups = (s.inner + kColumns - 1) / kColumns;
  const int64_t grain = std::max<int64_t>(1, s.grain() / std::min(s.inner, kColumns));
  parallel_for(s.outer * groups, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t column = i % groups * kColumns;
      columns(i / groups * s.n * s.inner + column, std::min(kColumns, s.inner - column));
    }
  });
}

template <class F>
void with_type(DType t, F&& f) {
  if (t == DType::float64) f(Type<double>{});
  else f(Type<float>{});
}

}  // namespace

Status softmax(const SoftmaxArguments& args) {
  const Shape s(args.input, args.dim);
  const bool log = args.log;
  if (s.empty()) return Status::ok;
  with_type(args.out.dtype, [&]<class T>(Type<T>) {
    T* to = args.out.as<T>();
    const T* from = args.input.as<T>();
    if constexpr (kTurns) {
      if (s.has_short_rows()) {
        for_short_rows(s.outer, s.n, [=](int64_t at, int64_t rows) {
          T turned[kShort * kRows], result[kShort * kRows];
          turn(turned, from + at, rows, s.n);
          softmax_columns<double>(result, turned, s.n, rows, rows, log);
          turn(to + at, result, s.n, rows);
        });
        return;
      }
    }
    for_each_slice(
        s, [=](int64_t at) { softmax_row(to + at, from + at, s.n, log); },
        [=](int64_t at, int64_t width) { softmax_columns<T>(to + at, from + at, s.n, s.inner, width, log); });
  });
  return Status::ok;
}

Status softmax_backward(const SoftmaxBackwardArguments& args) {
  const Shape s(args.output, args.dim);
  const bool log = args.log;
  if (s.empty()) return Status::ok;
  with_type(args.output.dtype, [&]<class T>(Type<T>) {
    T* to = args.grad_input.as<T>();
    const T* grad = args.grad_out.as<T>();
    const T* y = args.output.as<T>();
    if constexpr (kTurns) {
      if (s.has_short_rows()) {
        for_short_rows(s.outer, s.n, [=](int64_t at, int64_t rows) {
          T turned[2][kShort * kRows], result[kShort * kRows];
          turn(turned[0], grad + at, rows, s.n);
          turn(turned[1], y + at, rows, s.n);
          backward_columns<double>(result, turned[0], turned[1], s.n, rows, rows, log);
          turn(to + at, result, s.n, rows);
        });
        return;
      }
    }
    for_each_slice(
        s, [=](int64_t at) { backward_row(to + at, grad + at, y + at, s.n, log); },
        [=](int64_t at, int64_t width) { backward_columns<T>(to + at, grad + at, y + at, s.n, s.inner, width, log); });
  });
  return Status::ok;
}

}  // namespace flambeau::FLAMBEAU_ISA
