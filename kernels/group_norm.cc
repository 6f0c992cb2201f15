// Groups of channels of dense [N, C, L], each with its own mean and variance.
#include <cmath>

#include "math.h"
#include "norm.h"
#include "run_sums.h"
#include "generated/group_norm.h"
#include "generated/group_norm_backward.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

struct Groups {
  int64_t n, channels, length, groups, width;

  Groups(const View& v, int64_t groups)
      : n(v.size[0]), channels(v.size[1]), length(v.size[2]), groups(groups), width(groups ? channels / groups : 0) {}
  int64_t count() const { return n * groups; }
  // Elements of a group.
  int64_t size() const { return width * length; }
  // The first channel of group i, counted through the whole batch and within a sample.
  int64_t row(int64_t i) const { return i * width; }
  int64_t channel(int64_t i) const { return i % groups * width; }
};

}  // namespace

Status group_norm(const GroupNormArguments& args) {
  const Groups g(args.input, args.groups);
  const double eps = args.eps;
  with_type(args.input.dtype, [&]<class T>(Type<T>) {
    const Parameters<T> weight(args.weight), bias(args.bias);
    parallel_for(g.count(), grain_of(g.size()), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t at = g.row(i) * g.length;
        const T* x = args.input.as<T>() + at;
        T* to = args.out.as<T>() + at;
        Moments m;
        m.add_mended(x, g.size());
        const T mean = static_cast<T>(m.mean);
        const T rest = static_cast<T>(m.mean - static_cast<double>(mean));
        const T rstd = static_cast<T>(1.0 / std::sqrt(m.squares / static_cast<double>(g.size()) + eps));
        args.mean.as<T>()[i * args.mean.stride[0]] = mean;
        args.rstd.as<T>()[i * args.rstd.stride[0]] = rstd;
        for (int64_t c = 0; c < g.width; ++c) {
          const T scale = weight.at(g.channel(i) + c, T(1)), shift = bias.at(g.channel(i) + c, T(0));
          const T* from = x + c * g.length;
          write_run(to + c * g.length, g.length, [=](auto p) { return (p(from) - mean - rest) * rstd * scale + shift; });
        }
      }
    });
  });
  return Status::ok;
}

Status group_norm_backward(const GroupNormBackwardArguments& args) {
  const Groups g(args.input, args.groups);
  const double count = static_cast<double>(g.size());
  Status status = Status::ok;
  with_type(args.input.dtype, [&]<class T>(Type<T>) {
    const Parameters<T> means(args.mean), rstds(args.rstd), weight(args.weight);
    const T* x = args.input.as<T>();
    const T* grad = args.grad_out.as<T>();
    // Of every channel of every sample: Σ grad and Σ grad (x - mean) rstd.
    double* plain = scratch_array<double>(0, g.n * g.channels);
    double* along = scratch_array<double>(1, g.n * g.channels);
    if (!plain || !along) {
      status = args.fail(Status::out_of_memory, static_cast<double>(g.n * g.channels) * sizeof(double));
      return;
    }
    parallel_for(g.count(), grain_of(g.size()), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const T mean = means[i], rstd = rstds[i];
        const double scale = static_cast<double>(rstd);
        double sum = 0, weighted = 0;
        for (int64_t c = 0; c < g.width; ++c) {
          const int64_t row = g.row(i) + c;
          const T* v = x + row * g.length;
          const T* d = grad + row * g.length;
          const double factor = static_cast<double>(weight.at(g.channel(i) + c, T(1)));
          plain[row] = sum_long<T>(g.length, [=](auto at) { return at(d); });
          along[row] = sum_long<T>(g.length, [=](auto at) { return at(d) * (at(v) - mean); }) * scale;
          sum += factor * plain[row];
          weighted += factor * along[row];
        }
        if (!args.grad_input) continue;
        // rstd (grad w - mean(grad w) - h mean(grad w h)), with h = (x - mean) rstd.
        const T shift = static_cast<T>(sum / count), slope = static_cast<T>(weighted / count * scale);
        for (int64_t c = 0; c < g.width; ++c) {
          const int64_t at = (g.row(i) + c) * g.length;
          const T* v = x + at;
          const T* d = grad + at;
          const T factor = weight.at(g.channel(i) + c, T(1));
          write_run(args.grad_input.as<T>() + at, g.length, [=](auto p) { return rstd * (p(d) * factor - shift - (p(v) - mean) * slope); });
        }
      }
    });
    const auto sum_samples = [&](const View& to, const double* rows) {
      for (int64_t c = 0; to && c < g.channels; ++c) {
        double sum = 0;
        for (int64_t i = 0; i < g.n; ++i) sum += rows[i * g.channels + c];
        to.as<T>()[c * to.stride[0]] = static_cast<T>(sum);
      }
    };
    sum_samples(args.grad_weight, along);
    sum_samples(args.grad_bias, plain);
  });
  return status;
}

}  // namespace flambeau::FLAMBEAU_ISA
