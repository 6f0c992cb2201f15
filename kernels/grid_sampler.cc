// Values of images [N, C, H, W] and volumes [N, C, D, H, W] at the points of a grid [N, …, 2 or 3], whose coordinates run from -1 to 1 and name
// the last dimension first, and their gradients.
#include <algorithm>
#include <cmath>

#include "elements.h"
#include "tile.h"
#include "generated/grid_sampler.h"
#include "generated/grid_sampler_backward.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

using Mode = GridSamplerArguments::Mode;
using Padding = GridSamplerArguments::Padding;

// Points that are looked at together, so that positions and weights are computed in vectors. Those that a block lacks are at 0.
constexpr int kBlock = 32;
// Of one point up to four elements along each dimension, and what is combined of these.
constexpr int kMostTaps = 16;

template <class T>
using Lanes = T[kBlock];

// By tap and by point.
template <class T>
struct Along {
  Lanes<int32_t> at[4];  // negative: outside
  Lanes<T> weight[4];
  Lanes<T> slope[4];  // the weight's derivative by the grid's coordinate
};

template <class T>
struct Block {
  Along<T> z, y, x;
  Lanes<int32_t> at[kMostTaps];
  Lanes<T> weight[kMostTaps];
  Lanes<T> slope[3][kMostTaps];
};

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

  // Positions as the padding wants them; `slope` gets the derivatives' factors.
  void place(Lanes<T>& x, int64_t n, Lanes<T>& slope) const {
    if (padding == Padding::zeros) return;
    const T last = static_cast<T>(n - 1);
    if (padding == Padding::reflection) {
      const T low = align ? T(0) : T(-0.5), span = align ? last : static_cast<T>(n);
      for (int i = 0; i < kBlock; ++i) {
        const T away = std::fabs(x[i] - low);
        const T flips = std::floor(away / span);
        const T rest = away - flips * span;
        const bool is_even = flips - T(2) * std::floor(flips / T(2)) == T(0);
        slope[i] = (x[i] < low) == is_even ? -slope[i] : slope[i];
        x[i] = is_even ? rest + low : span - rest + low;
        // A span of nothing leaves no place but the first.
        x[i] = span == T(0) ? T(0) : x[i];
      }
    }
    for (int i = 0; i < kBlock; ++i) {
      const bool is_above = x[i] > T(0), is_below = !(x[i] >= last);
      slope[i] = is_above & is_below ? slope[i] : T(0);
      const T high = is_below ? x[i] : last;
      x[i] = is_above ? high : T(0);
    }
  }

  static void whole(const Lanes<T>& x, T more, int64_t n, Lanes<int32_t>& at) {
    const T end = static_cast<T>(n);
    for (int i = 0; i < kBlock; ++i) {
      const T y = x[i] + more;
      const bool is_inside = (y >= T(0)) & (y < end);
      const T inside = is_inside ? y : T(-1);
      at[i] = static_cast<int32_t>(inside);
    }
  }

  // The weight and its derivative at a distance from the point.
  static void cubic(const Lanes<T>& fraction, int tap, Lanes<T>& weight, Lanes<T>& slope) {
    constexpr T a = T(-0.75);
    for (int i = 0; i < kBlock; ++i) {
      const T t = fraction[i];
      const T x = tap == 0 ? t + 1 : tap == 1 ? t : tap == 2 ? T(1) - t : T(1) - t + 1;
      const bool is_far = tap == 0 || tap == 3;
      weight[i] = is_far ? ((x * a - 5 * a) * x + 8 * a) * x - 4 * a : (x * (a + 2) - (a + 3)) * x * x + 1;
      const T change = is_far ? (3 * a * x - 10 * a) * x + 8 * a : (3 * (a + 2) * x - 2 * (a + 3)) * x;
      slope[i] = tap > 1 ? -change : change;
    }
  }

  // The taps along a dimension of n elements, of points whose coordinates there lie `dims` apart.
  void along(const T* coordinate, int64_t n, int count, Along<T>& to) const {
    Lanes<T> x, first, fraction, slope;
    const T factor = static_cast<T>(align ? static_cast<double>(n - 1) / 2 : static_cast<double>(n) / 2);
    const T size_of = static_cast<T>(n);
    for (int i = 0; i < count; ++i) x[i] = coordinate[i * dims];
    for (int i = count; i < kBlock; ++i) x[i] = T(0);
    for (int i = 0; i < kBlock; ++i) {
      const T c = x[i] + 1;
      x[i] = align ? c * factor : (c * size_of - 1) / 2;
      slope[i] = factor;
    }
    if (mode != Mode::bicubic) place(x, n, slope);
    if (mode == Mode::nearest) {
      for (int i = 0; i < kBlock; ++i) {
        x[i] = std::nearbyint(x[i]);
        to.weight[0][i] = T(1);
        to.slope[0][i] = T(0);
      }
      return whole(x, T(0), n, to.at[0]);
    }
    for (int i = 0; i < kBlock; ++i) {
      first[i] = std::floor(x[i]);
      fraction[i] = x[i] - first[i];
    }
    if (mode == Mode::bilinear) {
      for (int i = 0; i < kBlock; ++i) {
        to.weight[0][i] = T(1) - fraction[i];
        to.weight[1][i] = fraction[i];
        to.slope[0][i] = -slope[i];
        to.slope[1][i] = slope[i];
      }
      for (int k = 0; k < 2; ++k) whole(first, static_cast<T>(k), n, to.at[k]);
      return;
    }
    for (int k = 0; k < 4; ++k) {
      cubic(fraction, k, to.weight[k], to.slope[k]);
      for (int i = 0; i < kBlock; ++i) {
        x[i] = first[i] + static_cast<T>(k - 1);
        to.slope[k][i] *= factor;
      }
      Lanes<T> unused{};
      // The cubic kernel reaches beyond the borders: there every tap is placed by itself.
      place(x, n, unused);
      whole(x, T(0), n, to.at[k]);
    }
  }

  // The taps of points: where they are in a plane (negative: outside), their weights, and the weights' derivatives by each dimension.
  void locate(const T* coordinates, int count, bool slopes, Block<T>& b) const {
    const bool is_volume = dims == 3;
    along(coordinates, size[2], count, b.x);
    along(coordinates + 1, size[1], count, b.y);
    if (is_volume) along(coordinates + 2, size[0], count, b.z);
    const auto rows = static_cast<int32_t>(size[1]), columns = static_cast<int32_t>(size[2]);
    int t = 0;
    for (int k = 0; k < (is_volume ? each : 1); ++k) {
      for (int j = 0; j < each; ++j) {
        Lanes<T> product;
        Lanes<int32_t> row;
        for (int i = 0; i < kBlock; ++i) {
          const int32_t z = is_volume ? b.z.at[k][i] : 0;
          product[i] = is_volume ? b.z.weight[k][i] * b.y.weight[j][i] : b.y.weight[j][i];
          row[i] = (z | b.y.at[j][i]) < 0 ? -1 : (z * rows + b.y.at[j][i]) * columns;
        }
        for (int l = 0; l < each; ++l, ++t) {
          for (int i = 0; i < kBlock; ++i) {
            b.at[t][i] = (row[i] | b.x.at[l][i]) < 0 ? -1 : row[i] + b.x.at[l][i];
            b.weight[t][i] = product[i] * b.x.weight[l][i];
          }
          if (!slopes) continue;
          for (int i = 0; i < kBlock; ++i) {
            const T z = is_volume ? b.z.weight[k][i] : T(1);
            b.slope[0][t][i] = product[i] * b.x.slope[l][i];
            b.slope[1][t][i] = z * b.y.slope[j][i] * b.x.weight[l][i];
            if (is_volume) b.slope[2][t][i] = b.z.slope[k][i] * b.y.weight[j][i] * b.x.weight[l][i];
          }
        }
      }
    }
  }

  // The elements of a tap, zeros outside.
  static void fetch(const T* plane, const Lanes<int32_t>& at, Lanes<T>& to) {
#if defined(__AVX512F__)
    if constexpr (sizeof(T) == 4) {
      for (int i = 0; i < kBlock; i += 16) {
        const __m512i places = _mm512_loadu_si512(at + i);
        const __mmask16 is_inside = _mm512_cmpge_epi32_mask(places, _mm512_setzero_si512());
        _mm512_storeu_ps(to + i, _mm512_mask_i32gather_ps(_mm512_setzero_ps(), is_inside, places, plane, 4));
      }
      return;
    }
#endif
    for (int i = 0; i < kBlock; ++i) {
      const T x = plane[at[i] < 0 ? 0 : at[i]];
      to[i] = at[i] < 0 ? T(0) : x;
    }
  }

  // Calls body(image, first point, points) for blocks of one image each.
  template <class F>
  void blocks(int64_t begin, int64_t end, const F& body) const {
    while (begin < end) {
      const int64_t n = begin / points, i = begin % points, count = std::min({end - begin, points - i, int64_t{kBlock}});
      body(n, i, static_cast<int>(count));
      begin += count;
    }
  }

  // The same where images have fewer points than vectors are worth: blocks of points of many images, one by one.
  bool has_few_points() const { return points < kBlock / 4; }
  void sample_few(const GridSamplerArguments& args, int64_t begin, int64_t end) const {
    Block<T> b;
    for (; begin < end; begin += kBlock) {
      const int count = static_cast<int>(std::min(end - begin, int64_t{kBlock}));
      locate(args.grid.as<T>() + begin * dims, count, false, b);
      for (int i = 0; i < count; ++i) {
        const int64_t n = (begin + i) / points, at = (begin + i) % points;
        for (int64_t c = n * channels; c < (n + 1) * channels; ++c) {
          const T* from = args.input.as<T>() + c * plane;
          T sum = T(0);
          for (int t = 0; t < taps; ++t) sum += (b.at[t][i] < 0 ? T(0) : from[b.at[t][i]]) * b.weight[t][i];
          args.out.as<T>()[c * points + at] = sum;
        }
      }
    }
  }

  void sample(const GridSamplerArguments& args) const {
    const int64_t grain = std::max<int64_t>(1, 16384 / (taps * channels + 1));
    parallel_for(batch * points, grain, [&](int64_t begin, int64_t end) {
      if (has_few_points()) return sample_few(args, begin, end);
      Block<T> b;
      blocks(begin, end, [&](int64_t n, int64_t first, int count) {
        locate(args.grid.as<T>() + (n * points + first) * dims, count, false, b);
        const T* from = args.input.as<T>() + n * channels * plane;
        T* to = args.out.as<T>() + n * channels * points + first;
        for (int64_t c = 0; c < channels; ++c, from += plane, to += points) {
          Lanes<T> sum{}, x;
          for (int t = 0; t < taps; ++t) {
            fetch(from, b.at[t], x);
            for (int i = 0; i < kBlock; ++i) sum[i] += x[i] * b.weight[t][i];
          }
          std::copy_n(sum, count, to);
        }
      });
    });
  }

  void sample_backward(const GridSamplerBackwardArguments& args) const {
    T* by_input = args.grad_input.as<T>();
    T* by_grid = args.grad_grid.as<T>();
    // One image's gradient comes from one thread.
    parallel_for(batch, std::max<int64_t>(1, 16384 / (points * taps * channels + 1)), [&](int64_t begin, int64_t end) {
      if (by_input) std::fill_n(by_input + begin * channels * plane, (end - begin) * channels * plane, T(0));
      Block<T> b;
      blocks(begin * points, end * points, [&](int64_t n, int64_t first, int count) {
        const int64_t place = (n * points + first) * dims;
        locate(args.grid.as<T>() + place, count, by_grid != nullptr, b);
        Lanes<T> sum[3] = {}, grads = {}, x;
        for (int64_t c = 0; c < channels; ++c) {
          const T* grad = args.grad_out.as<T>() + (n * channels + c) * points + first;
          const int64_t start = (n * channels + c) * plane;
          if (by_input) {
            for (int i = 0; i < count; ++i) {
              for (int t = 0; t < taps; ++t) {
                if (b.at[t][i] >= 0) by_input[start + b.at[t][i]] += grad[i] * b.weight[t][i];
              }
            }
          }
          if (by_grid) {
            std::copy_n(grad, count, grads);
            for (int t = 0; t < taps; ++t) {
              fetch(args.input.as<T>() + start, b.at[t], x);
              for (int d = 0; d < dims; ++d) {
                for (int i = 0; i < kBlock; ++i) sum[d][i] += (b.at[t][i] < 0 ? T(0) : grads[i] * x[i]) * b.slope[d][t][i];
              }
            }
          }
        }
        if (by_grid) {
          for (int i = 0; i < count; ++i) {
            for (int d = 0; d < dims; ++d) by_grid[place + i * dims + d] = sum[d][i];
          }
        }
      });
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
