// Layer norm over the rows of a dense matrix; batch norm over the channels of dense [N, C, L].
#include <cmath>

#include "math.h"
#include "norm.h"
#include "run_sums.h"
#include "generated/batch_norm_apply.h"
#include "generated/batch_norm_backward.h"
#include "generated/batch_norm_stats.h"
#include "generated/layer_norm.h"
#include "generated/layer_norm_backward.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// ---- layer norm -----------------------------------------------------------------------------------------------

// a b + c, of vectors or numbers.
template <class V>
FLAMBEAU_INLINE V scaled_sum(V a, V b, V c) {
  if constexpr (std::is_floating_point_v<V>) return math::madd(a, b, c);
  else return multiply_add(a, b, c);
}

// The mean is a number and what rounding took from it, which counts where an element nearly is the mean.
template <class T>
void layer_norm_row(T* to, const T* x, int64_t n, double exact_mean, T rstd, const T* weight, const T* bias) {
  const T mean = static_cast<T>(exact_mean);
  const T rest = static_cast<T>(exact_mean - static_cast<double>(mean));
  write_run(to, n, [=](auto at) { return scaled_sum((at(x) - mean - rest) * rstd, at(weight), at(bias)); });
}

// With h = (x - mean) rstd and g = grad weight: rstd (g - mean(g) - h mean(g h)).
template <class T>
void layer_norm_row_gradient(T* to, const T* grad, const T* x, int64_t n, T mean, T rstd, const T* weight) {
  const double count = static_cast<double>(n);
  const double along = sum_long<T>(n, [=](auto at) { return at(grad) * at(weight) * (at(x) - mean); });
  const double sum = sum_long<T>(n, [=](auto at) { return at(grad) * at(weight); });
  const T shift = static_cast<T>(sum / count);
  const T slope = static_cast<T>(along / count * static_cast<double>(rstd) * static_cast<double>(rstd));
  write_run(to, n, [=](auto at) { return rstd * (at(grad) * at(weight) - shift - (at(x) - mean) * slope); });
}

// ---- batch norm -----------------------------------------------------------------------------------------------

struct Batch {
  int64_t n, channels, length;

  explicit Batch(const View& v) : n(v.size[0]), channels(v.size[1]), length(1) {
    for (int d = 2; d < v.ndim; ++d) length *= v.size[d];
  }
  int64_t count() const { return n * length; }
  int64_t row(int64_t i, int64_t channel) const { return (i * channels + channel) * length; }
  int64_t channel_grain() const { return grain_of(count()); }
};

template <class T>
void stats_of_columns(const T* x, const Batch& b, int64_t first, int64_t width, const View& mean, const View& variance) {
  double sum[kColumns] = {};
  double squares[kColumns] = {};
  const double count = static_cast<double>(b.n);
  for (int64_t i = 0; i < b.n; ++i) {
    const T* row = x + i * b.channels + first;
    for (int64_t j = 0; j < width; ++j) sum[j] += static_cast<double>(row[j]);
  }
  for (int64_t j = 0; j < width; ++j) sum[j] /= count;
  for (int64_t i = 0; i < b.n; ++i) {
    const T* row = x + i * b.channels + first;
    for (int64_t j = 0; j < width; ++j) {
      const double d = static_cast<double>(row[j]) - sum[j];
      squares[j] += d * d;
    }
  }
  for (int64_t j = 0; j < width; ++j) {
    mean.as<T>()[(first + j) * mean.stride[0]] = static_cast<T>(sum[j]);
    variance.as<T>()[(first + j) * variance.stride[0]] = static_cast<T>(squares[j] / count);
  }
}

// What the gradient by a channel's elements comes from: scale (grad - shift - (x - mean) slope).
template <class T>
struct ChannelGradient {
  T mean, scale, shift, slope;

  // sum: Σ grad; along: Σ grad (x - mean).
  ChannelGradient(double sum, double along, T mean, T rstd, T weight, double count, bool training)
      : mean(mean),
        scale(rstd * weight),
        shift(training ? static_cast<T>(sum / count) : T(0)),
        slope(training ? static_cast<T>(along / count * static_cast<double>(rstd) * static_cast<double>(rstd)) : T(0)) {}

  T operator()(T grad, T x) const { return scale * (grad - shift - (x - mean) * slope); }
};

template <class T>
struct BatchGradients {
  T* input;
  const View& weight_view;
  const View& bias_view;
  const T* grad;
  const T* x;
  Parameters<T> mean, rstd, weight;
  bool training;

  void finish(int64_t c, double sum, double along) const {
    if (weight_view) weight_view.as<T>()[c * weight_view.stride[0]] = static_cast<T>(along * static_cast<double>(rstd[c]));
    if (bias_view) bias_view.as<T>()[c * bias_view.stride[0]] = static_cast<T>(sum);
  }
  ChannelGradient<T> gradient(int64_t c, double sum, double along, const Batch& b) const {
    return {sum, along, mean[c], rstd[c], weight.at(c, T(1)), static_cast<double>(b.count()), training};
  }

  void channel(const Batch& b, int64_t c) const {
    const T centre = mean[c];
    double sum = 0;
    double along = 0;
    for (int64_t i = 0; i < b.n; ++i) {
      const T* g = grad + b.row(i, c);
      const T* v = x + b.row(i, c);
      sum += sum_long<T>(b.length, [=](auto at) { return at(g); });
      along += sum_long<T>(b.length, [=](auto at) { return at(g) * (at(v) - centre); });
    }
    finish(c, sum, along);
    if (!input) return;
    const ChannelGradient<T> f = gradient(c, sum, along, b);
    for (int64_t i = 0; i < b.n; ++i) {
      const int64_t at = b.row(i, c);
      for (int64_t j = 0; j < b.length; ++j) input[at + j] = f(grad[at + j], x[at + j]);
    }
  }

  // The channels first … first + width of [N, C].
  void columns(const Batch& b, int64_t first, int64_t width) const {
    double sum[kColumns] = {};
    double along[kColumns] = {};
    T centre[kColumns], scale[kColumns], shift[kColumns], slope[kColumns];
    for (int64_t j = 0; j < width; ++j) centre[j] = mean[first + j];
    for (int64_t i = 0; i < b.n; ++i) {
      const T* g = grad + i * b.channels + first;
      const T* v = x + i * b.channels + first;
      for (int64_t j = 0; j < width; ++j) {
        sum[j] += static_cast<double>(g[j]);
        along[j] += static_cast<double>(g[j]) * static_cast<double>(v[j] - centre[j]);
      }
    }
    for (int64_t j = 0; j < width; ++j) {
      finish(first + j, sum[j], along[j]);
      const ChannelGradient<T> f = gradient(first + j, sum[j], along[j], b);
      scale[j] = f.scale;
      shift[j] = f.shift;
      slope[j] = f.slope;
    }
    if (!input) return;
    for (int64_t i = 0; i < b.n; ++i) {
      const int64_t at = i * b.channels + first;
      const T* g = grad + at;
      const T* v = x + at;
      T* to = input + at;
      for (int64_t j = 0; j < width; ++j) to[j] = scale[j] * (g[j] - shift[j] - (v[j] - centre[j]) * slope[j]);
    }
  }
};

}  // namespace

Status layer_norm(const LayerNormArguments& args) {
  const double eps = args.eps;
  const int64_t rows = args.input.size[0];
  const int64_t n = args.input.size[1];
  Status status = Status::ok;
  with_type(args.input.dtype, [&]<class T>(Type<T>) {
    const T* w = contiguous<T>(args.weight, n, T(1), 0);
    const T* b = contiguous<T>(args.bias, n, T(0), 1);
    if (!w || !b) {
      status = out_of_memory(args, args.input);
      return;
    }
    parallel_for(rows, grain_of(n), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const T* x = args.input.as<T>() + i * n;
        Moments m;
        m.add_mended(x, n);
        const T scale = static_cast<T>(1.0 / std::sqrt(m.squares / static_cast<double>(n) + eps));
        args.mean.as<T>()[i * args.mean.stride[0]] = static_cast<T>(m.mean);
        args.rstd.as<T>()[i * args.rstd.stride[0]] = scale;
        layer_norm_row(args.out.as<T>() + i * n, x, n, m.mean, scale, w, b);
      }
    });
  });
  return status;
}

Status layer_norm_backward(const LayerNormBackwardArguments& args) {
  const int64_t rows = args.input.size[0];
  const int64_t n = args.input.size[1];
  Status status = Status::ok;
  with_type(args.input.dtype, [&]<class T>(Type<T>) {
    const T* grad = args.grad_out.as<T>();
    const T* x = args.input.as<T>();
    const Parameters<T> centre(args.mean), scale(args.rstd);
    const T* w = contiguous<T>(args.weight, n, T(1), 0);
    if (!w) {
      status = out_of_memory(args, args.input);
      return;
    }
    if (args.grad_input) {
      parallel_for(rows, grain_of(n), [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i)
          layer_norm_row_gradient(args.grad_input.as<T>() + i * n, grad + i * n, x + i * n, n, centre[i], scale[i], w);
      });
    }
    if (!args.grad_weight && !args.grad_bias) return;
    for_each_columns(rows, n, [&](int64_t first, int64_t width) {
      double sum[kColumns] = {};
      double along[kColumns] = {};
      for (int64_t i = 0; i < rows; ++i) {
        const T* g = grad + i * n + first;
        const T* v = x + i * n + first;
        const T m = centre[i];
        const T r = scale[i];
        for (int64_t j = 0; j < width; ++j) {
          sum[j] += static_cast<double>(g[j]);
          along[j] += static_cast<double>(g[j] * ((v[j] - m) * r));
        }
      }
      for (int64_t j = 0; j < width; ++j) {
        if (args.grad_weight) args.grad_weight.as<T>()[(first + j) * args.grad_weight.stride[0]] = static_cast<T>(along[j]);
        if (args.grad_bias) args.grad_bias.as<T>()[(first + j) * args.grad_bias.stride[0]] = static_cast<T>(sum[j]);
      }
    });
  });
  return status;
}

Status batch_norm_stats(const BatchNormStatsArguments& args) {
  const Batch b(args.input);
  with_type(args.input.dtype, [&]<class T>(Type<T>) {
    const T* x = args.input.as<T>();
    if (b.length == 1) {
      for_each_columns(b.n, b.channels, [&](int64_t first, int64_t width) {
        stats_of_columns(x, b, first, width, args.mean, args.variance);
      });
      return;
    }
    parallel_for(b.channels, b.channel_grain(), [&](int64_t begin, int64_t end) {
      for (int64_t c = begin; c < end; ++c) {
        Moments m;
        for (int64_t i = 0; i < b.n; ++i) m.add(x + b.row(i, c), b.length);
        args.mean.as<T>()[c * args.mean.stride[0]] = static_cast<T>(m.mean);
        args.variance.as<T>()[c * args.variance.stride[0]] = static_cast<T>(m.squares / static_cast<double>(b.count()));
      }
    });
  });
  return Status::ok;
}

Status batch_norm_apply(const BatchNormApplyArguments& args) {
  const Batch b(args.input);
  Status status = Status::ok;
  with_type(args.input.dtype, [&]<class T>(Type<T>) {
    const Parameters<T> m(args.mean), r(args.rstd), w(args.weight), s(args.bias);
    // out = x slope + offset
    T* slope = scratch_array<T>(0, b.channels);
    T* offset = scratch_array<T>(1, b.channels);
    if (!slope || !offset) {
      status = out_of_memory(args, args.mean);
      return;
    }
    for (int64_t c = 0; c < b.channels; ++c) {
      slope[c] = r[c] * w.at(c, T(1));
      offset[c] = s.at(c, T(0)) - m[c] * slope[c];
    }
    const T* x = args.input.as<T>();
    T* to = args.out.as<T>();
    if (b.length == 1) {
      parallel_for(b.n, grain_of(b.channels), [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          const int64_t at = i * b.channels;
          for (int64_t c = 0; c < b.channels; ++c) to[at + c] = math::madd(x[at + c], slope[c], offset[c]);
        }
      });
      return;
    }
    parallel_for(b.n * b.channels, grain_of(b.length), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const T k = slope[i % b.channels];
        const T d = offset[i % b.channels];
        const int64_t at = i * b.length;
        for (int64_t j = 0; j < b.length; ++j) to[at + j] = math::madd(x[at + j], k, d);
      }
    });
  });
  return status;
}

Status batch_norm_backward(const BatchNormBackwardArguments& args) {
  const bool training = args.training;
  const Batch b(args.input);
  with_type(args.input.dtype, [&]<class T>(Type<T>) {
    const BatchGradients<T> gradients{args.grad_input.as<T>(), args.grad_weight, args.grad_bias, args.grad_out.as<T>(), args.input.as<T>(),
                                      Parameters<T>(args.mean), Parameters<T>(args.rstd), Parameters<T>(args.weight), training};
    if (b.length == 1) {
      for_each_columns(b.n, b.channels, [&](int64_t first, int64_t width) { gradients.columns(b, first, width); });
      return;
    }
    parallel_for(b.channels, b.channel_grain(), [&](int64_t begin, int64_t end) {
      for (int64_t c = begin; c < end; ++c) gradients.channel(b, c);
    });
  });
  return Status::ok;
}

}  // namespace flambeau::FLAMBEAU_ISA
