// Max, average and adaptive average pooling. One- and two-dimensional pooling is three-dimensional with leading sizes of 1; a plane is
// one channel of one image. Results are PyTorch's to the order of summation.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <type_traits>

#include "elements.h"
#include "parallel.h"
#include "generated/adaptive_avg_pool.h"
#include "generated/adaptive_avg_pool_backward.h"
#include "generated/adaptive_max_pool.h"
#include "generated/avg_pool.h"
#include "generated/avg_pool_backward.h"
#include "generated/max_pool.h"
#include "generated/max_pool_backward.h"
#include "generated/max_unpool.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

constexpr int64_t kParallelWork = 1 << 17;

struct Pooling {
  int64_t planes, in[3], out[3];
  int64_t kernel[3], stride[3], padding[3], dilation[3];

  int64_t in_plane() const { return in[0] * in[1] * in[2]; }
  int64_t out_plane() const { return out[0] * out[1] * out[2]; }
};

void lay(int64_t* to, const int64_t* from, int count, int64_t absent) {
  for (int d = 0; d < 3; ++d) to[d] = d < 3 - count ? absent : from[d - (3 - count)];
}

Pooling sizes_of(const View& input, const View& out) {
  Pooling p;
  p.planes = input.size[0] * input.size[1];
  lay(p.in, input.size + 2, input.ndim - 2, 1);
  lay(p.out, out.size + 2, out.ndim - 2, 1);
  for (int d = 0; d < 3; ++d) p.dilation[d] = 1;
  return p;
}

void lay(int64_t* to, const List<int64_t>& list, int64_t absent) { lay(to, list.item, list.count, absent); }

// Calls body(plane) for every plane, on several threads if all of them together have work for it.
template <class F> void for_planes(int64_t planes, int64_t work, const F& body) {
  parallel_for(planes, std::max<int64_t>(1, kParallelWork / std::max<int64_t>(1, work)), [&](int64_t begin, int64_t end) {
    for (int64_t plane = begin; plane < end; ++plane) body(plane);
  });
}

// ---- max ----------------------------------------------------------------------------------------------------------------

// Part of a row of results while the elements of its windows are gone through, one of each window at a time.
constexpr int64_t kMaxPart = 64;

// Takes element `offset + x * step` of `in` where it is the largest so far, or NaN: x = begin … end - 1.
template <class T, class Index, class Step>
void take_larger(const T* in, Index offset, Step step, int64_t begin, int64_t end, T* best, Index* at) {
  for (int64_t x = begin; x < end; ++x) {
    const Index place = offset + static_cast<Index>(x) * static_cast<Index>(step);
    const T value = in[place];
    const bool wins = (at[x] < 0) | (value > best[x]) | (value != value);
    best[x] = wins ? value : best[x];
    at[x] = wins ? place : at[x];
  }
}

template <class T, class Index> void max_plane(const Pooling& p, const T* in, T* out, int64_t* indices) {
  const auto step = static_cast<Index>(p.stride[2]);
  for (int64_t line = 0; line < p.out[0] * p.out[1]; ++line) {
    const int64_t z0 = line / p.out[1] * p.stride[0] - p.padding[0], y0 = line % p.out[1] * p.stride[1] - p.padding[1];
    for (int64_t part = 0; part < p.out[2]; part += kMaxPart) {
      const int64_t count = std::min(kMaxPart, p.out[2] - part);
      T best[kMaxPart];
      Index at[kMaxPart];
      std::fill_n(best, count, std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest());
      std::fill_n(at, count, Index(-1));
      for (int64_t kz = 0; kz < p.kernel[0]; ++kz) {
        const int64_t z = z0 + kz * p.dilation[0];
        if (z < 0 || z >= p.in[0]) continue;
        for (int64_t ky = 0; ky < p.kernel[1]; ++ky) {
          const int64_t y = y0 + ky * p.dilation[1];
          if (y < 0 || y >= p.in[1]) continue;
          for (int64_t kx = 0; kx < p.kernel[2]; ++kx) {
            // The first window's element, and the windows whose element exists.
            const int64_t first = part * p.stride[2] - p.padding[2] + kx * p.dilation[2];
            const int64_t begin = first >= 0 ? 0 : (-first + p.stride[2] - 1) / p.stride[2];
            const int64_t end = first >= p.in[2] ? 0 : std::min(count, (p.in[2] - 1 - first) / p.stride[2] + 1);
            const auto offset = static_cast<Index>((z * p.in[1] + y) * p.in[2] + first);
            // Steps that the compiler knows become vectors.
            if constexpr (sizeof(Index) == 4) {
              if (step == 1) take_larger(in, offset, std::integral_constant<int, 1>(), begin, end, best, at);
              else if (step == 2) take_larger(in, offset, std::integral_constant<int, 2>(), begin, end, best, at);
              else take_larger(in, offset, step, begin, end, best, at);
            } else {
              take_larger(in, offset, step, begin, end, best, at);
            }
          }
        }
      }
      for (int64_t x = 0; x < count; ++x) {
        *out++ = best[x];
        *indices++ = at[x] < 0 ? 0 : static_cast<int64_t>(at[x]);
      }
    }
  }
}

// Windows of two by two, side by side: four of them at a time.
void max_plane_by_two(const Pooling& p, const float* in, float* out, int64_t* indices) {
  typedef float Quad __attribute__((vector_size(16)));
  typedef int32_t Mask __attribute__((vector_size(16)));
  typedef int64_t Wide __attribute__((vector_size(32)));
  const auto width = static_cast<int32_t>(p.in[2]);
  for (int64_t y = 0; y < p.out[1]; ++y, out += p.out[2], indices += p.out[2]) {
    const int64_t row = 2 * y * p.in[2];
    const float *top = in + row, *bottom = top + width;
    int64_t x = 0;
    for (; x + 4 <= p.out[2]; x += 4) {
      Quad pair[4];
      __builtin_memcpy(&pair[0], top + 2 * x, 32);
      __builtin_memcpy(&pair[2], bottom + 2 * x, 32);
      Quad best = __builtin_shufflevector(pair[0], pair[1], 0, 2, 4, 6);
      const Quad other[3] = {__builtin_shufflevector(pair[0], pair[1], 1, 3, 5, 7),
                             __builtin_shufflevector(pair[2], pair[3], 0, 2, 4, 6),
                             __builtin_shufflevector(pair[2], pair[3], 1, 3, 5, 7)};
      const int32_t offset[3] = {1, width, width + 1};
      Mask at = {0, 2, 4, 6};
      const Mask first = at;
      for (int i = 0; i < 3; ++i) {
        const Mask wins = (other[i] > best) | (other[i] != other[i]);
        best = wins ? other[i] : best;
        at = wins ? first + offset[i] : at;
      }
      __builtin_memcpy(out + x, &best, 16);
      const Wide wide = __builtin_convertvector(at, Wide) + (row + 2 * x);
      __builtin_memcpy(indices + x, &wide, 32);
    }
    for (; x < p.out[2]; ++x) {
      float best = top[2 * x];
      int64_t at = row + 2 * x;
      const int64_t offset[3] = {1, width, width + 1};
      for (int64_t step : offset) {
        const float value = in[row + 2 * x + step];
        if (value > best || std::isnan(value)) {
          best = value;
          at = row + 2 * x + step;
        }
      }
      out[x] = best;
      indices[x] = at;
    }
  }
}

template <class T> void max_planes(const Pooling& p, const T* in, T* out, int64_t* indices) {
  const int64_t work = p.out_plane() * p.kernel[0] * p.kernel[1] * p.kernel[2];
  bool by_two = std::is_same_v<T, float> && p.kernel[0] == 1 && p.out[0] == p.in[0] && p.padding[0] == 0 && p.in[0] == 1;
  for (int d = 1; d < 3; ++d) by_two = by_two && p.kernel[d] == 2 && p.stride[d] == 2 && p.padding[d] == 0 && p.dilation[d] == 1;
  // With ceil_mode the last window may hang over the edge.
  by_two = by_two && 2 * p.out[1] <= p.in[1] && 2 * p.out[2] <= p.in[2];
  for_planes(p.planes, work, [&](int64_t plane) {
    const T* from = in + plane * p.in_plane();
    T* to = out + plane * p.out_plane();
    int64_t* at = indices + plane * p.out_plane();
    if constexpr (std::is_same_v<T, float>) {
      if (by_two) return max_plane_by_two(p, from, to, at);
      if (p.in_plane() < std::numeric_limits<int32_t>::max() / 2) return max_plane<T, int32_t>(p, from, to, at);
    }
    max_plane<T, int64_t>(p, from, to, at);
  });
}

template <class T> void scatter_planes(const View& grad_in, const View& grad_out, const View& indices) {
  const Pooling p = sizes_of(grad_in, grad_out);
  for_planes(p.planes, p.in_plane(), [&](int64_t plane) {
    T* to = grad_in.as<T>() + plane * p.in_plane();
    const T* from = grad_out.as<T>() + plane * p.out_plane();
    const int64_t* at = indices.as<int64_t>() + plane * p.out_plane();
    std::fill_n(to, p.in_plane(), T(0));
    for (int64_t i = 0; i < p.out_plane(); ++i) to[at[i]] += from[i];
  });
}

// ---- average --------------------------------------------------------------------------------------------------------------

struct Range {
  int64_t begin, end;
};

// Output positions x whose window holds its element k within the input.
Range inside(const Pooling& p, int d, int64_t k) {
  const int64_t origin = k - p.padding[d], step = p.stride[d];
  const int64_t begin = origin >= 0 ? 0 : (-origin + step - 1) / step;
  const int64_t end = origin >= p.in[d] ? 0 : (p.in[d] - 1 - origin) / step + 1;
  return {std::min(begin, p.out[d]), std::max(std::min(begin, p.out[d]), std::min(end, p.out[d]))};
}

// The elements of a window along one dimension that its average divides by.
int64_t window_size(const Pooling& p, int d, int64_t at, bool with_padding) {
  const int64_t begin = at * p.stride[d] - p.padding[d], end = std::min(begin + p.kernel[d], p.in[d] + p.padding[d]);
  return with_padding ? end - begin : std::max<int64_t>(0, std::min(end, p.in[d]) - std::max<int64_t>(begin, 0));
}

struct Averaging {
  Pooling sizes;
  bool with_padding;
  int64_t divisor;

  template <class A>
  Averaging(const A& args, const View& input, const View& out)
      : sizes(sizes_of(input, out)), with_padding(args.count_include_pad), divisor(args.divisor) {
    lay(sizes.kernel, args.kernel, 1);
    lay(sizes.stride, args.stride, 1);
    lay(sizes.padding, args.padding, 0);
  }
  // What the sum of the window at x of a row is divided by, for windows of `rows` elements in z and y. Windows that hold nothing have
  // the sum 0 and divide by one.
  int64_t count(int64_t rows, int64_t x) const {
    return divisor != 0 ? divisor : std::max<int64_t>(1, rows * window_size(sizes, 2, x, with_padding));
  }
  // Whether every window of a row has the same count, the whole kernel's width.
  bool uniform() const {
    return divisor != 0 || (sizes.padding[2] == 0 && (sizes.out[2] - 1) * sizes.stride[2] + sizes.kernel[2] <= sizes.in[2]);
  }
  // values[x] = from[x] / count of x
  template <class T> void divide(const T* from, T* values, int64_t rows) const {
    if (uniform()) {
      const T by = static_cast<T>(count(rows, 0));
      for (int64_t x = 0; x < sizes.out[2]; ++x) values[x] = from[x] / by;
    } else {
      for (int64_t x = 0; x < sizes.out[2]; ++x) values[x] = from[x] / static_cast<T>(count(rows, x));
    }
  }
  int64_t work() const { return sizes.out_plane() * sizes.kernel[0] * sizes.kernel[1] * sizes.kernel[2]; }
  // Calls body(out row, elements of the window in z and y) for each row of the output, in order.
  template <class F> void rows(const F& body) const {
    for (int64_t z = 0; z < sizes.out[0]; ++z) {
      for (int64_t y = 0; y < sizes.out[1]; ++y) {
        body(z, y, window_size(sizes, 0, z, with_padding) * window_size(sizes, 1, y, with_padding));
      }
    }
  }
  // Calls body(offset of the row of the input's plane, kx, x range) for each element of the windows of row z, y.
  template <class F> void taps(int64_t z, int64_t y, const F& body) const {
    const Pooling& p = sizes;
    for (int64_t kz = 0; kz < p.kernel[0]; ++kz) {
      const int64_t iz = z * p.stride[0] - p.padding[0] + kz;
      if (iz < 0 || iz >= p.in[0]) continue;
      for (int64_t ky = 0; ky < p.kernel[1]; ++ky) {
        const int64_t iy = y * p.stride[1] - p.padding[1] + ky;
        if (iy < 0 || iy >= p.in[1]) continue;
        for (int64_t kx = 0; kx < p.kernel[2]; ++kx) body((iz * p.in[1] + iy) * p.in[2] + kx - p.padding[2], inside(p, 2, kx));
      }
    }
  }
};

template <class T> void average_planes(const Averaging& a, const View& out, const View& input) {
  const Pooling& p = a.sizes;
  for_planes(p.planes, a.work(), [&](int64_t plane) {
    const T* in = input.as<T>() + plane * p.in_plane();
    T* to = out.as<T>() + plane * p.out_plane();
    a.rows([&](int64_t z, int64_t y, int64_t window_rows) {
      std::fill_n(to, p.out[2], T(0));
      a.taps(z, y, [&](int64_t offset, Range xs) {
        const T* from = in + offset;
        if (p.stride[2] == 1) {
          for (int64_t x = xs.begin; x < xs.end; ++x) to[x] += from[x];
        } else {
          for (int64_t x = xs.begin; x < xs.end; ++x) to[x] += from[x * p.stride[2]];
        }
      });
      a.divide(to, to, window_rows);
      to += p.out[2];
    });
  });
}

template <class T> Status spread_planes(const Averaging& a, const View& grad_in, const View& grad_out) {
  const Pooling& p = a.sizes;
  std::atomic<bool> out_of_memory{false};
  for_planes(p.planes, a.work(), [&](int64_t plane) {
    T* in = grad_in.as<T>() + plane * p.in_plane();
    const T* from = grad_out.as<T>() + plane * p.out_plane();
    T* share = static_cast<T*>(scratch(0, sizeof(T) * static_cast<size_t>(p.out[2])));
    if (!share) {
      out_of_memory = true;
      return;
    }
    std::fill_n(in, p.in_plane(), T(0));
    a.rows([&](int64_t z, int64_t y, int64_t window_rows) {
      a.divide(from, share, window_rows);
      a.taps(z, y, [&](int64_t offset, Range xs) {
        T* to = in + offset;
        for (int64_t x = xs.begin; x < xs.end; ++x) to[x * p.stride[2]] += share[x];
      });
      from += p.out[2];
    });
  });
  return out_of_memory ? Status::out_of_memory : Status::ok;
}

// ---- adaptive average -------------------------------------------------------------------------------------------------------

// Window `at` of dimension d: [floor(at * in / out), ceil((at + 1) * in / out)).
Range adaptive_window(const Pooling& p, int d, int64_t at) {
  return {at * p.in[d] / p.out[d], ((at + 1) * p.in[d] + p.out[d] - 1) / p.out[d]};
}

// Calls body(position in the output, its window) for every output position, in order.
template <class F> void adaptive_windows(const Pooling& p, const F& body) {
  int64_t at = 0;
  for (int64_t z = 0; z < p.out[0]; ++z) {
    for (int64_t y = 0; y < p.out[1]; ++y) {
      for (int64_t x = 0; x < p.out[2]; ++x) {
        const Range window[3] = {adaptive_window(p, 0, z), adaptive_window(p, 1, y), adaptive_window(p, 2, x)};
        body(at++, window);
      }
    }
  }
}

template <class T> T divide_by_sizes(T value, const Range (&window)[3]) {
  for (const Range& w : window) value /= static_cast<T>(w.end - w.begin);
  return value;
}

template <class T> void adaptive_planes(const View& out, const View& input) {
  const Pooling p = sizes_of(input, out);
  for_planes(p.planes, p.in_plane() + p.out_plane(), [&](int64_t plane) {
    const T* in = input.as<T>() + plane * p.in_plane();
    T* to = out.as<T>() + plane * p.out_plane();
    adaptive_windows(p, [&](int64_t at, const Range (&window)[3]) {
      // Four sums side by side, for one would wait for each addition.
      T sum[4] = {};
      for (int64_t z = window[0].begin; z < window[0].end; ++z) {
        for (int64_t y = window[1].begin; y < window[1].end; ++y) {
          const T* row = in + (z * p.in[1] + y) * p.in[2];
          int64_t x = window[2].begin;
          for (; x + 4 <= window[2].end; x += 4) {
            for (int i = 0; i < 4; ++i) sum[i] += row[x + i];
          }
          for (; x < window[2].end; ++x) sum[0] += row[x];
        }
      }
      to[at] = divide_by_sizes((sum[0] + sum[1]) + (sum[2] + sum[3]), window);
    });
  });
}

template <class T> void adaptive_spread_planes(const View& grad_in, const View& grad_out) {
  const Pooling p = sizes_of(grad_in, grad_out);
  for_planes(p.planes, p.in_plane() + p.out_plane(), [&](int64_t plane) {
    T* in = grad_in.as<T>() + plane * p.in_plane();
    const T* from = grad_out.as<T>() + plane * p.out_plane();
    std::fill_n(in, p.in_plane(), T(0));
    adaptive_windows(p, [&](int64_t at, const Range (&window)[3]) {
      const T grad = divide_by_sizes(from[at], window);
      for (int64_t z = window[0].begin; z < window[0].end; ++z) {
        for (int64_t y = window[1].begin; y < window[1].end; ++y) {
          T* row = in + (z * p.in[1] + y) * p.in[2];
          for (int64_t x = window[2].begin; x < window[2].end; ++x) row[x] += grad;
        }
      }
    });
  });
}

template <class T> void adaptive_max_planes(const View& out, const View& indices, const View& input) {
  const Pooling p = sizes_of(input, out);
  for_planes(p.planes, p.in_plane() + p.out_plane(), [&](int64_t plane) {
    const T* in = input.as<T>() + plane * p.in_plane();
    T* to = out.as<T>() + plane * p.out_plane();
    int64_t* places = indices.as<int64_t>() + plane * p.out_plane();
    adaptive_windows(p, [&](int64_t at, const Range (&window)[3]) {
      int64_t place = (window[0].begin * p.in[1] + window[1].begin) * p.in[2] + window[2].begin;
      T best = in[place];
      for (int64_t z = window[0].begin; z < window[0].end; ++z) {
        for (int64_t y = window[1].begin; y < window[1].end; ++y) {
          const int64_t row = (z * p.in[1] + y) * p.in[2];
          // Seldom, so that a branch costs less than to wait for what is chosen.
          for (int64_t x = row + window[2].begin; x < row + window[2].end; ++x) {
            if (__builtin_expect((in[x] > best) | (in[x] != in[x]), false)) {
              best = in[x];
              place = x;
            }
          }
        }
      }
      to[at] = best;
      places[at] = place;
    });
  });
}

}  // namespace

Status max_pool(const MaxPoolArguments& args) {
  Pooling p = sizes_of(args.input, args.out);
  lay(p.kernel, args.kernel, 1);
  lay(p.stride, args.stride, 1);
  lay(p.padding, args.padding, 0);
  lay(p.dilation, args.dilation, 1);
  int64_t* at = args.indices.as<int64_t>();
  switch (args.out.dtype) {
    case DType::float32: max_planes(p, args.input.as<float>(), args.out.as<float>(), at); break;
    case DType::float64: max_planes(p, args.input.as<double>(), args.out.as<double>(), at); break;
    case DType::int64: max_planes(p, args.input.as<int64_t>(), args.out.as<int64_t>(), at); break;
    case DType::int32: max_planes(p, args.input.as<int32_t>(), args.out.as<int32_t>(), at); break;
    case DType::int16: max_planes(p, args.input.as<int16_t>(), args.out.as<int16_t>(), at); break;
    case DType::int8: max_planes(p, args.input.as<int8_t>(), args.out.as<int8_t>(), at); break;
    default: max_planes(p, args.input.as<uint8_t>(), args.out.as<uint8_t>(), at); break;
  }
  return Status::ok;
}

Status max_pool_backward(const MaxPoolBackwardArguments& args) {
  if (args.grad_input.dtype == DType::float32) scatter_planes<float>(args.grad_input, args.grad_out, args.indices);
  else scatter_planes<double>(args.grad_input, args.grad_out, args.indices);
  return Status::ok;
}

Status max_unpool(const MaxUnpoolArguments& args) {
  const int64_t planes = args.out.size[0], size = args.out.size[1], n = args.input.size[1];
  const int64_t* at = args.indices.as<int64_t>();
  for (int64_t i = 0; i < planes * n; ++i)
    if (at[i] < 0 || at[i] >= size) return args.fail(Status::index_out_of_range, static_cast<double>(at[i]), 1, static_cast<double>(size));
  with_moved(args.out.dtype, [&]<class T>(Type<T>) {
    for_planes(planes, n + size, [&](int64_t plane) {
      T* to = args.out.as<T>() + plane * size;
      std::fill_n(to, size, T{});
      for (int64_t i = plane * n; i < (plane + 1) * n; ++i) to[at[i]] = args.input.as<T>()[i];
    });
  });
  return Status::ok;
}

Status avg_pool(const AvgPoolArguments& args) {
  const Averaging a(args, args.input, args.out);
  if (args.out.dtype == DType::float32) average_planes<float>(a, args.out, args.input);
  else average_planes<double>(a, args.out, args.input);
  return Status::ok;
}

Status avg_pool_backward(const AvgPoolBackwardArguments& args) {
  const Averaging a(args, args.grad_input, args.grad_out);
  return args.grad_input.dtype == DType::float32 ? spread_planes<float>(a, args.grad_input, args.grad_out)
                                                 : spread_planes<double>(a, args.grad_input, args.grad_out);
}

Status adaptive_avg_pool(const AdaptiveAvgPoolArguments& args) {
  if (args.out.dtype == DType::float32) adaptive_planes<float>(args.out, args.input);
  else adaptive_planes<double>(args.out, args.input);
  return Status::ok;
}

Status adaptive_avg_pool_backward(const AdaptiveAvgPoolBackwardArguments& args) {
  if (args.grad_input.dtype == DType::float32) adaptive_spread_planes<float>(args.grad_input, args.grad_out);
  else adaptive_spread_planes<double>(args.grad_input, args.grad_out);
  return Status::ok;
}

Status adaptive_max_pool(const AdaptiveMaxPoolArguments& args) {
  if (args.out.dtype == DType::float32) adaptive_max_planes<float>(args.out, args.indices, args.input);
  else adaptive_max_planes<double>(args.out, args.indices, args.input);
  return Status::ok;
}

}  // namespace flambeau::FLAMBEAU_ISA
