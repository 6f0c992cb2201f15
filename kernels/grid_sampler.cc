// Values of images [N, C, H, W] and volumes [N, C, D, H, W] at the points of a grid [N, …, 2 or 3], whose coordinates run from -1 to 1 and name
// the last dimension first, and their gradients.
#include <algorithm>
#include <cmath>

#include "elements.h"
#include "generated/grid_sampler.h"
#include "generated/grid_sampler_backward.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

using Mode = GridSamplerArguments::Mode;
using Padding = GridSamplerArguments::Padding;

template <class T>
struct Along {
  int64_t at[4];  // negative: outside
  T weight[4];
  T slope[4];  // the weight's derivative by the grid's coordinate
};

// Of one point up to four elements along each dimension, and what is combined of these.
constexpr int kMostTaps = 16;

template <class T>
struct Sampler {
  Mode mode;
  Padding padding;
  bool align;
  int dims, each, taps;
  // Images are volumes with one plane.
  int64_t size[3] = {1, 1, 1}, plane = 1, points = 1, batch, channels;

  template <class A>
  Sampler(const A& args, const View& out)
      : mode(static_cast<Mode>(args.mode)),
        padding(static_cast<Padding>(args.padding)),
        align(args.align),
        dims(args.input.ndim - 2),
        each(mode == Mode::nearest ? 1 : mode == Mode::bilinear ? 2 : 4),
        taps(dims == 2 ? each * each : each * each * each),
        batch(args.input.size[0]),
        channels(args.input.size[1]) {
    for (int d = 0; d < dims; ++d) {
      size[3 - dims + d] = args.input.size[d + 2];
      plane *= args.input.size[d + 2];
      points *= out.size[d + 2];
    }
  }

  // A position as the padding wants it; `slope` gets the derivative's factor.
  T placed(T x, int64_t n, T& slope) const {
    if (padding == Padding::zeros) return x;
    const T last = static_cast<T>(n - 1);
    if (padding == Padding::reflection) {
      const T low = align ? T(0) : T(-0.5), span = align ? last : static_cast<T>(n);
      if (span == T(0)) {
        slope = T(0);
        return T(0);
      }
      const T away = std::fabs(x - low);
      if (x < low) slope = -slope;
      const T flips = std::floor(away / span);
      const T rest = away - flips * span;
      const bool is_even = flips - T(2) * std::floor(flips / T(2)) == T(0);
      if (!is_even) slope = -slope;
      x = is_even ? rest + low : span - rest + low;
    }
    if (!(x > T(0))) {
      slope = T(0);
      return T(0);
    }
    if (x >= last) {
      slope = T(0);
      return last;
    }
    return x;
  }

  static int64_t whole(T x, int64_t n) { return x >= T(0) && x < static_cast<T>(n) ? static_cast<int64_t>(x) : -1; }

  static void cubic(T t, T* weight, T* slope) {
    constexpr T a = T(-0.75);
    const T away[4] = {t + 1, t, T(1) - t, T(1) - t + 1};
    for (int k = 0; k < 4; ++k) {
      const T x = away[k];
      const bool is_far = k == 0 || k == 3;
      weight[k] = is_far ? ((x * a - 5 * a) * x + 8 * a) * x - 4 * a : (x * (a + 2) - (a + 3)) * x * x + 1;
      slope[k] = is_far ? (3 * a * x - 10 * a) * x + 8 * a : (3 * (a + 2) * x - 2 * (a + 3)) * x;
      if (k > 1) slope[k] = -slope[k];
    }
  }

  Along<T> along(T coordinate, int64_t n) const {
    Along<T> result{};
    T slope = static_cast<T>(align ? static_cast<double>(n - 1) / 2 : static_cast<double>(n) / 2);
    T x = align ? (coordinate + 1) * slope : ((coordinate + 1) * static_cast<T>(n) - 1) / 2;
    if (mode != Mode::bicubic) x = placed(x, n, slope);
    if (mode == Mode::nearest) {
      result.at[0] = whole(std::nearbyint(x), n);
      result.weight[0] = T(1);
      result.slope[0] = T(0);
      return result;
    }
    const T first = std::floor(x), fraction = x - first;
    if (mode == Mode::bilinear) {
      result.at[0] = whole(first, n);
      result.at[1] = whole(first + 1, n);
      result.weight[0] = T(1) - fraction;
      result.weight[1] = fraction;
      result.slope[0] = -slope;
      result.slope[1] = slope;
      return result;
    }
    cubic(fraction, result.weight, result.slope);
    for (int k = 0; k < 4; ++k) {
      T unused = T(1);
      // The cubic kernel reaches beyond the borders: there every tap is placed by itself.
      result.at[k] = whole(placed(first + static_cast<T>(k - 1), n, unused), n);
      result.slope[k] *= slope;
    }
    return result;
  }

  // The taps of a point: where they are in a plane (negative: outside), their weights, and the weights' derivatives by each dimension.
  void point(const T* coordinates, int64_t* at, T* weight, T (*slope)[kMostTaps]) const {
    Along<T> z{}, y = along(coordinates[1], size[1]), x = along(coordinates[0], size[2]);
    const bool is_volume = dims == 3;
    if (is_volume) z = along(coordinates[2], size[0]);
    else z.weight[0] = T(1);
    int t = 0;
    for (int k = 0; k < (is_volume ? each : 1); ++k) {
      for (int j = 0; j < each; ++j) {
        const int64_t row = z.at[k] < 0 || y.at[j] < 0 ? -1 : (z.at[k] * size[1] + y.at[j]) * size[2];
        const T product = z.weight[k] * y.weight[j];
        for (int i = 0; i < each; ++i, ++t) {
          at[t] = row < 0 || x.at[i] < 0 ? -1 : row + x.at[i];
          weight[t] = product * x.weight[i];
          if (!slope) continue;
          slope[0][t] = product * x.slope[i];
          slope[1][t] = z.weight[k] * y.slope[j] * x.weight[i];
          if (is_volume) slope[2][t] = z.slope[k] * y.weight[j] * x.weight[i];
        }
      }
    }
  }

  void sample(const GridSamplerArguments& args) const {
    const int64_t grain = std::max<int64_t>(1, 16384 / (taps * channels + 1));
    parallel_for(batch * points, grain, [&](int64_t begin, int64_t end) {
      int64_t at[kMostTaps];
      T weight[kMostTaps];
      for (int64_t i = begin; i < end; ++i) {
        point(args.grid.as<T>() + i * dims, at, weight, nullptr);
        const int64_t n = i / points;
        const T* from = args.input.as<T>() + n * channels * plane;
        T* to = args.out.as<T>() + n * channels * points + i % points;
        for (int64_t c = 0; c < channels; ++c, from += plane, to += points) {
          T sum = T(0);
          for (int t = 0; t < taps; ++t) sum += (at[t] < 0 ? T(0) : from[at[t]]) * weight[t];
          *to = sum;
        }
      }
    });
  }

  void sample_backward(const GridSamplerBackwardArguments& args) const {
    T* by_input = args.grad_input.as<T>();
    T* by_grid = args.grad_grid.as<T>();
    // One image's gradient comes from one thread.
    parallel_for(batch, std::max<int64_t>(1, 16384 / (points * taps * channels + 1)), [&](int64_t begin, int64_t end) {
      int64_t at[kMostTaps];
      T weight[kMostTaps], slope[3][kMostTaps];
      for (int64_t n = begin; n < end; ++n) {
        const int64_t image = n * channels * plane;
        if (by_input) std::fill_n(by_input + image, channels * plane, T(0));
        for (int64_t i = 0; i < points; ++i) {
          const int64_t place = (n * points + i) * dims;
          point(args.grid.as<T>() + place, at, weight, by_grid ? slope : nullptr);
          T sum[3] = {};
          for (int64_t c = 0; c < channels; ++c) {
            const T grad = args.grad_out.as<T>()[(n * channels + c) * points + i];
            if (by_input) {
              T* to = by_input + image + c * plane;
              for (int t = 0; t < taps; ++t) {
                if (at[t] >= 0) to[at[t]] += grad * weight[t];
              }
            }
            if (by_grid) {
              const T* from = args.input.as<T>() + image + c * plane;
              for (int t = 0; t < taps; ++t) {
                const T product = at[t] < 0 ? T(0) : grad * from[at[t]];
                for (int d = 0; d < dims; ++d) sum[d] += product * slope[d][t];
              }
            }
          }
          if (by_grid) {
            for (int d = 0; d < dims; ++d) by_grid[place + d] = sum[d];
          }
        }
      }
    });
  }
};

}  // namespace

Status grid_sampler(const GridSamplerArguments& args) {
  if (args.out.dtype == DType::float64) Sampler<double>(args, args.out).sample(args);
  else Sampler<float>(args, args.out).sample(args);
  return Status::ok;
}

Status grid_sampler_backward(const GridSamplerBackwardArguments& args) {
  if (args.grad_out.dtype == DType::float64) Sampler<double>(args, args.grad_out).sample_backward(args);
  else Sampler<float>(args, args.grad_out).sample_backward(args);
  return Status::ok;
}

}  // namespace flambeau::FLAMBEAU_ISA
