// Rows of a dense matrix divided by the roots of their mean squares.
#include <cmath>

#include "norm.h"
#include "run_sums.h"
#include "generated/rms_norm.h"
#include "generated/rms_norm_backward.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// With h = x rstd and g = grad weight: rstd (g - h mean(g h)).
template <class T>
void row_gradient(T* to, const T* grad, const T* x, int64_t n, T rstd, const T* weight) {
  const double along = sum_long<T>(n, [=](auto at) { return at(grad) * at(weight) * at(x); });
  const double scale = static_cast<double>(rstd);
  const T slope = static_cast<T>(along / static_cast<double>(n) * scale * scale);
  write_run(to, n, [=](auto at) { return rstd * (at(grad) * at(weight) - at(x) * slope); });
}

}  // namespace

Status rms_norm(const RmsNormArguments& args) {
  const double eps = args.eps;
  const int64_t rows = args.input.size[0];
  const int64_t n = args.input.size[1];
  Status status = Status::ok;
  with_type(args.input.dtype, [&]<class T>(Type<T>) {
    const T* w = contiguous<T>(args.weight, n, T(1), 0);
    if (!w) {
      status = out_of_memory(args, args.input);
      return;
    }
    parallel_for(rows, grain_of(n), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const T* x = args.input.as<T>() + i * n;
        T* to = args.out.as<T>() + i * n;
        const double squares = sum_long<T>(n, [=](auto at) { return at(x) * at(x); });
        const T scale = static_cast<T>(1.0 / std::sqrt(squares / static_cast<double>(n) + eps));
        args.rstd.as<T>()[i * args.rstd.stride[0]] = scale;
        write_run(to, n, [=](auto at) { return at(x) * scale * at(w); });
      }
    });
  });
  return status;
}

Status rms_norm_backward(const RmsNormBackwardArguments& args) {
  const int64_t rows = args.input.size[0];
  const int64_t n = args.input.size[1];
  Status status = Status::ok;
  with_type(args.input.dtype, [&]<class T>(Type<T>) {
    const T* grad = args.grad_out.as<T>();
    const T* x = args.input.as<T>();
    const Parameters<T> scale(args.rstd);
    const T* w = contiguous<T>(args.weight, n, T(1), 0);
    if (!w) {
      status = out_of_memory(args, args.input);
      return;
    }
    if (args.grad_input) {
      parallel_for(rows, grain_of(n), [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) row_gradient(args.grad_input.as<T>() + i * n, grad + i * n, x + i * n, n, scale[i], w);
      });
    }
    if (!args.grad_weight) return;
    for_each_columns(rows, n, [&](int64_t first, int64_t width) {
      double along[kColumns] = {};
      for (int64_t i = 0; i < rows; ++i) {
        const T* g = grad + i * n + first;
        const T* v = x + i * n + first;
        const T r = scale[i];
        for (int64_t j = 0; j < width; ++j) along[j] += static_cast<double>(g[j] * (v[j] * r));
      }
      for (int64_t j = 0; j < width; ++j) args.grad_weight.as<T>()[(first + j) * args.grad_weight.stride[0]] = static_cast<T>(along[j]);
    });
  });
  return status;
}

}  // namespace flambeau::FLAMBEAU_ISA
