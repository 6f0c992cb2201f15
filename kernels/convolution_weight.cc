// The gradient of convolution by its weight and bias. Positions are what is summed over; every sum runs in one fixed order, image by
// image, whatever the number of threads, which share the weights among them. As in convolution.cc there are two forms:
//  - "rows": vectors run along output positions on both sides and are summed across at the end; for few output channels;
//  - "channels": vectors run along output channels, scalars are gathered from the image; for many.
#include <atomic>

#include "convolution.h"
#include "pack.h"
#include "parallel.h"
#include "tile.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// Positions summed before the sums go back to memory: their gradients stay in the first-level cache.
constexpr int64_t kPositions = 256;
constexpr int64_t kParallelWork = 1 << 19;

template <class T> struct Operands {
  T* grad_weight;
  const T* grad_out;
  const T* input;
};

int64_t tiles_of(int64_t count, int64_t tile) { return (count + tile - 1) / tile; }

// Units of work go to the threads in one piece for each, for a piece prepares the operands of all its units.
int64_t grain_of(const Correlation& s, int64_t units) {
  const int64_t work = s.images * s.groups * s.out_channels * s.out_plane() * s.depth();
  return tiles_of(units, std::clamp<int64_t>(work / kParallelWork, 1, thread_count()));
}

// The offset of every weight's element (c, z, y, x), then `extra` repetitions of the last, which fill the last tile.
ptrdiff_t* tap_table(const Correlation& s, const ImageLayout& layout, int extra) {
  const int64_t depth = s.depth();
  auto* offsets = static_cast<ptrdiff_t*>(scratch(kTableSlot, sizeof(ptrdiff_t) * static_cast<size_t>(depth + extra)));
  if (!offsets) return nullptr;
  int64_t t = 0;
  for (int64_t c = 0; c < s.in_channels; ++c) {
    for (int64_t z = 0; z < s.kernel[0]; ++z) {
      for (int64_t y = 0; y < s.kernel[1]; ++y) {
        for (int64_t x = 0; x < s.kernel[2]; ++x) offsets[t++] = layout.tap(s, c, z, y, x);
      }
    }
  }
  for (int i = 0; i < extra; ++i) offsets[depth + i] = offsets[depth - 1];
  return offsets;
}

// ---- channels ---------------------------------------------------------------------------------------------------------

template <class T, int Rows, int Vectors>
FLAMBEAU_TILE_LOOP void add_channel_tile(int64_t positions, const GatheredRows<T, Rows>& image, const T* grad, T* sum) {
  constexpr int width = Vectors * kLanes<T>;
  Tile<T, Rows, Vectors> tile;
  tile.read(sum, width);
  tile.accumulate(positions, image, StridedColumns<T>{grad, width});
  tile.write(sum, width);
}

template <class T, int Vectors> Status gradient_by_channels(const Correlation& s, const Operands<T>& operands) {
  constexpr int rows = kConvRows, width = Vectors * kLanes<T>;
  const int64_t panels = tiles_of(s.out_channels, width), depth = s.depth(), tiles = tiles_of(depth, rows), plane = s.out_plane();
  const bool in_place = s.before[0] == 0 && s.before[1] == 0 && s.before[2] == 0;
  const ImageLayout layout = in_place ? ImageLayout::in_place(s) : ImageLayout::copy(s, false, s.out[2]);
  const ptrdiff_t* offsets = tap_table(s, layout, rows);
  auto* positions = static_cast<ptrdiff_t*>(scratch(kPositionSlot, sizeof(ptrdiff_t) * static_cast<size_t>(plane)));
  if (!offsets || !positions) return Status::out_of_memory;
  int64_t p = 0;
  for (int64_t z = 0; z < s.out[0]; ++z) {
    for (int64_t y = 0; y < s.out[1]; ++y) {
      for (int64_t x = 0; x < s.out[2]; ++x) positions[p++] = layout.position(s, z, y, x);
    }
  }

  const int64_t units = s.groups * panels * tiles;
  std::atomic<bool> out_of_memory{false};
  parallel_for(units, grain_of(s, units), [&](int64_t begin, int64_t end) {
    T* copy = layout.copied ? static_cast<T*>(scratch(kImageSlot, sizeof(T) * static_cast<size_t>(layout.count(s)))) : nullptr;
    T* packed = static_cast<T*>(scratch(kGradientSlot, sizeof(T) * static_cast<size_t>(plane * width)));
    T* sums = static_cast<T*>(scratch(kSumSlot, sizeof(T) * static_cast<size_t>(tiles * rows * width)));
    if ((layout.copied && !copy) || !packed || !sums) {
      out_of_memory = true;
      return;
    }
    while (begin < end) {
      const int64_t panel = begin / tiles % panels, g = begin / tiles / panels;
      const int64_t first = begin % tiles, last = std::min(tiles, first + end - begin);
      const int channels = static_cast<int>(std::min<int64_t>(width, s.out_channels - panel * width));
      std::fill(sums + first * rows * width, sums + last * rows * width, T(0));
      for (int64_t n = 0; n < s.images; ++n) {
        const int64_t image = n * s.groups + g;
        const T* from = operands.input + image * s.in_channels * s.in_plane();
        if (layout.copied) {
          copy_image(s, layout, from, copy);
          from = copy;
        }
        pack_panel<T, width>(packed, operands.grad_out + (image * s.out_channels + panel * width) * plane, plane, channels, 1, plane);
        for (int64_t p0 = 0; p0 < plane; p0 += kPositions) {
          for (int64_t tile = first; tile < last; ++tile) {
            GatheredRows<T, rows> gathered{{}, positions + p0};
            for (int i = 0; i < rows; ++i) gathered.row[i] = from + offsets[tile * rows + i];
            add_channel_tile<T, rows, Vectors>(std::min(kPositions, plane - p0), gathered, packed + p0 * width,
                                               sums + tile * rows * width);
          }
        }
      }
      for (int64_t t = first * rows; t < std::min(depth, last * rows); ++t) {
        T* to = operands.grad_weight + (g * s.out_channels + panel * width) * depth + t;
        for (int j = 0; j < channels; ++j) to[j * depth] = sums[t * width + j];
      }
      begin += last - first;
    }
  });
  return out_of_memory ? Status::out_of_memory : Status::ok;
}

// ---- rows -------------------------------------------------------------------------------------------------------------

// sum[i][j] += Σ_t grad_i(t) * image_j(t), vector by vector.
template <class T, int Rows, int Taps>
FLAMBEAU_TILE_LOOP void add_row_tile(int64_t steps, const T* grad, const T* const* image, const ptrdiff_t* positions, T* sum) {
  Tile<T, Rows, Taps> tile;
  tile.read(sum, Taps * kLanes<T>);
  const T* row[Taps];
  for (int j = 0; j < Taps; ++j) row[j] = image[j];
  for (int64_t t = 0; t < steps; ++t, grad += Rows * kLanes<T>) {
    const ptrdiff_t at = positions[t];
    Vector<T> value[Taps];
    FLAMBEAU_UNROLL
    for (int j = 0; j < Taps; ++j) value[j] = load(row[j] + at);
    FLAMBEAU_UNROLL
    for (int i = 0; i < Rows; ++i) {
      const Vector<T> g = load(grad + i * kLanes<T>);
      FLAMBEAU_UNROLL
      for (int j = 0; j < Taps; ++j) tile.acc[i][j] = multiply_add(g, value[j], tile.acc[i][j]);
    }
  }
  tile.write(sum, Taps * kLanes<T>);
}

template <class T, int Rows, int Taps> Status gradient_by_rows(const Correlation& s, const Operands<T>& operands) {
  constexpr int lanes = kLanes<T>;
  const int64_t channel_tiles = tiles_of(s.out_channels, Rows), depth = s.depth(), tiles = tiles_of(depth, Taps);
  const int64_t plane = s.out_plane(), rows = s.out[0] * s.out[1], vectors = tiles_of(s.out[2], lanes), steps = rows * vectors;
  // In place a last vector that is not full would read past the row.
  const bool in_place =
      s.before[0] == 0 && s.before[1] == 0 && s.before[2] == 0 && s.stride[2] == 1 && s.out[2] % lanes == 0;
  const ImageLayout layout = in_place ? ImageLayout::in_place(s) : ImageLayout::copy(s, true, vectors * lanes);
  const ptrdiff_t* offsets = tap_table(s, layout, Taps);
  auto* positions = static_cast<ptrdiff_t*>(scratch(kPositionSlot, sizeof(ptrdiff_t) * static_cast<size_t>(steps)));
  if (!offsets || !positions) return Status::out_of_memory;
  for (int64_t row = 0; row < rows; ++row) {
    const ptrdiff_t at = layout.position(s, row / s.out[1], row % s.out[1], 0);
    for (int64_t v = 0; v < vectors; ++v) positions[row * vectors + v] = at + static_cast<ptrdiff_t>(v * lanes);
  }

  constexpr int tile_size = Rows * Taps * lanes;
  const int64_t units = s.groups * channel_tiles * tiles;
  std::atomic<bool> out_of_memory{false};
  parallel_for(units, grain_of(s, units), [&](int64_t begin, int64_t end) {
    T* copy = layout.copied ? static_cast<T*>(scratch(kImageSlot, sizeof(T) * static_cast<size_t>(layout.count(s)))) : nullptr;
    T* packed = static_cast<T*>(scratch(kGradientSlot, sizeof(T) * static_cast<size_t>(steps * Rows * lanes)));
    T* sums = static_cast<T*>(scratch(kSumSlot, sizeof(T) * static_cast<size_t>(tiles * tile_size)));
    if ((layout.copied && !copy) || !packed || !sums) {
      out_of_memory = true;
      return;
    }
    while (begin < end) {
      const int64_t channel_tile = begin / tiles % channel_tiles, g = begin / tiles / channel_tiles;
      const int64_t first = begin % tiles, last = std::min(tiles, first + end - begin);
      const int64_t channels = std::min<int64_t>(Rows, s.out_channels - channel_tile * Rows);
      std::fill(sums + first * tile_size, sums + last * tile_size, T(0));
      for (int64_t n = 0; n < s.images; ++n) {
        const int64_t image = n * s.groups + g;
        const T* from = operands.input + image * s.in_channels * s.in_plane();
        if (layout.copied) {
          copy_image(s, layout, from, copy);
          from = copy;
        }
        // [row and vector][channel][lane], zeros where there is no channel or position.
        const T* grad = operands.grad_out + (image * s.out_channels + channel_tile * Rows) * plane;
        T* to = packed;
        for (int64_t row = 0; row < rows; ++row) {
          for (int64_t x = 0; x < s.out[2]; x += lanes) {
            const int64_t count = std::min<int64_t>(lanes, s.out[2] - x);
            for (int i = 0; i < Rows; ++i, to += lanes) {
              const T* source = grad + i * plane + row * s.out[2] + x;
              if (i < channels && count == lanes) {
                store<T>(to, load(source));
                continue;
              }
              for (int64_t l = 0; l < lanes; ++l) to[l] = i < channels && l < count ? source[l] : T(0);
            }
          }
        }
        for (int64_t t0 = 0; t0 < steps; t0 += kPositions) {
          for (int64_t tile = first; tile < last; ++tile) {
            const T* image_row[Taps];
            for (int j = 0; j < Taps; ++j) image_row[j] = from + offsets[tile * Taps + j];
            add_row_tile<T, Rows, Taps>(std::min(kPositions, steps - t0), packed + t0 * Rows * lanes, image_row, positions + t0,
                                        sums + tile * tile_size);
          }
        }
      }
      for (int64_t tile = first; tile < last; ++tile) {
        for (int64_t i = 0; i < channels; ++i) {
          T* to = operands.grad_weight + (g * s.out_channels + channel_tile * Rows + i) * depth + tile * Taps;
          for (int64_t j = 0; j < std::min<int64_t>(Taps, depth - tile * Taps); ++j) {
            to[j] = sum_lanes<T>(load(sums + tile * tile_size + (i * Taps + j) * lanes));
          }
        }
      }
      begin += last - first;
    }
  });
  return out_of_memory ? Status::out_of_memory : Status::ok;
}

// ---- bias and the choice ------------------------------------------------------------------------------------------------

template <class T> void bias_gradient(const Correlation& s, T* grad_bias, const T* grad_out) {
  constexpr int lanes = kLanes<T>;
  const int64_t channels = s.groups * s.out_channels, plane = s.out_plane();
  for (int64_t o = 0; o < channels; ++o) {
    double total = 0;
    for (int64_t n = 0; n < s.images; ++n) {
      const T* grad = grad_out + (n * channels + o) * plane;
      Vector<T> sum[4] = {};
      int64_t p = 0;
      for (; p + 4 * lanes <= plane; p += 4 * lanes) {
        for (int j = 0; j < 4; ++j) sum[j] += load(grad + p + j * lanes);
      }
      T rest = sum_lanes<T>((sum[0] + sum[1]) + (sum[2] + sum[3]));
      for (; p < plane; ++p) rest += grad[p];
      total += static_cast<double>(rest);
    }
    grad_bias[o] = static_cast<T>(total);
  }
}

template <class T> Status weight_gradient(const Correlation& s, const Operands<T>& operands) {
  using Method = Status (*)(const Correlation&, const Operands<T>&);
  Method best = nullptr;
  int64_t least = 0;
  const auto consider = [&](Method method, int64_t cost) {
    if (!best || cost < least) {
      best = method;
      least = cost;
    }
  };
  // Multiplications of whole tiles, but no step takes less than the latency of one lets pass: 4 cycles at two a cycle.
  const int64_t lanes = kLanes<T>, vectors = s.out[0] * s.out[1] * tiles_of(s.out[2], lanes);
  const auto channels = [&](Method method, int tile_vectors) {
    consider(method, tiles_of(s.out_channels, tile_vectors * lanes) * tiles_of(s.depth(), kConvRows) * s.out_plane() *
                         std::max(8, kConvRows * tile_vectors));
  };
  const auto rows = [&](Method method, int tile_rows, int taps) {
    consider(method, tiles_of(s.out_channels, tile_rows) * tiles_of(s.depth(), taps) * vectors * std::max(8, tile_rows * taps));
  };
  channels(gradient_by_channels<T, 2>, 2);
  channels(gradient_by_channels<T, 1>, 1);
  rows(gradient_by_rows<T, 6, 2>, 6, 2);
  rows(gradient_by_rows<T, 4, 3>, 4, 3);
  rows(gradient_by_rows<T, 1, 8>, 1, 8);
  return best(s, operands);
}

template <class T> Status gradients(Reader& in, const View& weight, const View& bias, const View& grad, const View& input) {
  const Correlation s = read_correlation(in, input, grad, weight);
  if (weight.count() == 0 || grad.count() == 0) {
    std::fill_n(weight.as<T>(), weight.count(), T(0));
    if (bias) std::fill_n(bias.as<T>(), bias.count(), T(0));
    return Status::ok;
  }
  if (bias) bias_gradient(s, bias.as<T>(), grad.as<T>());
  return weight_gradient<T>(s, {weight.as<T>(), grad.as<T>(), input.as<T>()});
}

}  // namespace

Status convolution_weight_gradient(Reader& in) {
  const View weight = in.view(), bias = in.view(), grad = in.view(), input = in.view();
  return weight.dtype == DType::float32 ? gradients<float>(in, weight, bias, grad, input)
                                        : gradients<double>(in, weight, bias, grad, input);
}

}  // namespace flambeau::FLAMBEAU_ISA
