// The gradient of convolution by its weight and bias. Positions are what is summed over; every sum runs in one fixed order, image by
// image, whatever the number of threads, which share the weights among them. As in convolution.cc there are two forms:
//  - "rows": vectors run along output positions on both sides and are summed across at the end; for few output channels;
//  - "channels": vectors run along output channels, scalars are gathered from the image; for many.
#include "convolution.h"
#include "pack.h"
#include "parallel.h"
#include "tile.h"
#include "generated/convolution_weight_gradient.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

// Positions summed before the sums go back to memory: their gradients stay in the first-level cache.
constexpr int64_t kPositions = 256;
// What the images and gradients that are laid out at a time may take.
constexpr int64_t kImagesBytes = 16 << 20;

template <class T> struct Operands {
  T* grad_weight;
  const T* grad_out;
  const T* input;
};

// How the weights are divided into tiles: `tiles` of `taps` for each of `panels` of `channels` of each group.
struct Tiling {
  int64_t channels, taps, panels, tiles;
  Tiling(const Correlation& s, int64_t channels, int64_t taps)
      : channels(channels), taps(taps), panels(tiles_of(s.out_channels, channels)), tiles(tiles_of(s.depth(), taps)) {}
};

// A run of tiles of one panel.
struct TileRun {
  int64_t group, panel, first, last;
};

// How many images are summed as one, where `steps` of one alone would be too few for the sums to be worth their way from memory and back.
int64_t joined_images(const Correlation& s, int64_t steps) { return std::clamp<int64_t>(kPositions / steps, 1, s.images); }

// Goes through the images, several at a time if there are threads: first lays out their elements and gradients, then shares out the tiles.
// `pack(image and group, panel, to)` lays out packed_size elements of grad_out; `add(run, images, packed gradients, how many images, sums)` adds the
// part of up to `joined` images; `finish(run, sums)` stores the sums.
template <class T, class Pack, class Add, class Finish>
Status for_tiles(const Correlation& s, const Tiling& tiling, const ImageLayout& layout, const T* input, int64_t joined, int64_t packed_size,
                 int64_t tile_size, const Pack& pack, const Add& add, const Finish& finish) {
  const int64_t units = s.groups * tiling.panels * tiling.tiles;
  const int64_t image_size = s.groups * layout.count(s), gradient_size = s.groups * tiling.panels * packed_size;
  const int64_t pieces = std::clamp<int64_t>(s.work() / kParallelConvolution, 1, 2 * thread_count());
  const int64_t fitting = kImagesBytes / static_cast<int64_t>(sizeof(T)) / (image_size + gradient_size);
  const int64_t most = pieces == 1 || thread_count() == 1 ? 1 : std::clamp<int64_t>(fitting, 1, s.images);
  const int64_t at_a_time = std::max<int64_t>(1, most / joined) * joined;
  T* copies = static_cast<T*>(scratch(kImageSlot, sizeof(T) * static_cast<size_t>(at_a_time * image_size)));
  T* packed = static_cast<T*>(scratch(kGradientSlot, sizeof(T) * static_cast<size_t>(at_a_time * gradient_size)));
  T* sums = static_cast<T*>(scratch(kSumSlot, sizeof(T) * static_cast<size_t>(units * tile_size)));
  if ((layout.copied && !copies) || !packed || !sums) return Status::out_of_memory;
  std::fill_n(sums, units * tile_size, T(0));

  const auto for_runs = [&](int64_t begin, int64_t end, const auto& body) {
    for (int64_t unit = begin; unit < end;) {
      const int64_t first = unit % tiling.tiles, last = std::min(tiling.tiles, first + end - unit);
      body(TileRun{unit / tiling.tiles / tiling.panels, unit / tiling.tiles % tiling.panels, first, last}, sums + unit * tile_size);
      unit += last - first;
    }
  };
  const int64_t input_size = s.in_channels * s.in_plane();
  for (int64_t n0 = 0; n0 < s.images; n0 += at_a_time) {
    const int64_t count = std::min(at_a_time, s.images - n0), panels = s.groups * tiling.panels;
    if (layout.copied) copy_images(s, layout, input + n0 * s.groups * input_size, copies, count * s.groups);
    parallel_for(count * panels, std::max<int64_t>(1, (1 << 15) / packed_size), [&](int64_t begin, int64_t end) {
      // [group][panel][image]
      for (int64_t i = begin; i < end; ++i) {
        const int64_t panel = i / count % tiling.panels, group = i / count / tiling.panels;
        pack((n0 + i % count) * s.groups + group, panel, packed + i * packed_size);
      }
    });
    parallel_for(units, tiles_of(units, pieces), [&](int64_t begin, int64_t end) {
      for (int64_t n = 0; n < count; n += joined) {
        for_runs(begin, end, [&](const TileRun& run, T* run_sums) {
          const int64_t image = n * s.groups + run.group;
          add(run, layout.copied ? copies + image * layout.count(s) : input + (n0 * s.groups + image) * input_size,
              packed + ((run.group * tiling.panels + run.panel) * count + n) * packed_size, std::min(joined, count - n), run_sums);
        });
      }
    });
  }
  parallel_for(units, tiles_of(units, pieces), [&](int64_t begin, int64_t end) { for_runs(begin, end, finish); });
  return Status::ok;
}

// The positions of `joined` images: `one` gives those of the first.
template <class F> ptrdiff_t* joined_positions(const Correlation& s, const ImageLayout& layout, int64_t joined, int64_t steps, const F& one) {
  auto* positions = static_cast<ptrdiff_t*>(scratch(kPositionSlot, sizeof(ptrdiff_t) * static_cast<size_t>(joined * steps)));
  if (!positions) return nullptr;
  one(positions);
  const int64_t pitch = s.groups * (layout.copied ? layout.count(s) : s.in_channels * s.in_plane());
  for (int64_t i = steps; i < joined * steps; ++i) positions[i] = positions[i - steps] + static_cast<ptrdiff_t>(pitch);
  return positions;
}

// ---- channels ---------------------------------------------------------------------------------------------------------

// to[step][width] = the channels of grad at each position, then zeros.
template <class T> void pack_channels(T* to, const T* grad, int64_t plane, int64_t width, int channels) {
  if (width == 2 * kLanes<T>) pack_panel<T, 2 * kLanes<T>>(to, grad, plane, channels, 1, plane);
  else pack_panel<T, kLanes<T>>(to, grad, plane, channels, 1, plane);
}

template <class T> Status gradient_by_channels(const Correlation& s, const Operands<T>& p, const ChannelForm<T>& form) {
  constexpr int rows = kConvRows;
  const int64_t width = form.width(), depth = s.depth(), plane = s.out_plane(), tile_size = rows * width;
  const Tiling tiling(s, width, rows);
  const ImageLayout layout = s.padded() ? ImageLayout::copy(s, false, s.out[2]) : ImageLayout::in_place(s);
  const int64_t joined = joined_images(s, plane);
  const ptrdiff_t* offsets = tap_table(s, layout, false, rows);
  const ptrdiff_t* positions = joined_positions(s, layout, joined, plane, [&](ptrdiff_t* to) { lay_positions(s, layout, to); });
  if (!offsets || !positions) return Status::out_of_memory;
  const auto channels_of = [&](int64_t panel) { return static_cast<int>(std::min(width, s.out_channels - panel * width)); };

  return for_tiles(
      s, tiling, layout, p.input, joined, plane * width, tile_size,
      [&](int64_t image, int64_t panel, T* to) {
        pack_channels(to, p.grad_out + (image * s.out_channels + panel * width) * plane, plane, width, channels_of(panel));
      },
      [&](const TileRun& run, const T* image, const T* grad, int64_t images, T* sums) {
        for (int64_t p0 = 0; p0 < images * plane; p0 += kPositions) {
          T* sum = sums;
          for (int64_t tile = run.first; tile < run.last; ++tile, sum += tile_size) {
            const T* row[rows];
            for (int i = 0; i < rows; ++i) row[i] = image + offsets[tile * rows + i];
            form.run(std::min(kPositions, images * plane - p0), row, positions + p0, grad + p0 * width, sum, width, sum);
          }
        }
      },
      [&](const TileRun& run, const T* sums) {
        const int64_t first = run.first * rows, end = std::min(depth, run.last * rows);
        T* to = p.grad_weight + (run.group * s.out_channels + run.panel * width) * depth + first;
        write_channels<T>(sums, width, to, static_cast<ptrdiff_t>(depth), end - first, channels_of(run.panel));
      });
}

// ---- rows -------------------------------------------------------------------------------------------------------------

template <class T> struct RowForm {
  int channels, taps;
  void (*run)(int64_t steps, const T* grad, const T* const* image, const ptrdiff_t* positions, T* sum);
};

// sum[i][j] += Σ_t grad_i(t) * image_j(t), vector by vector.
template <class T, int Channels, int Taps>
FLAMBEAU_TILE_LOOP void run_row_tile(int64_t steps, const T* grad, const T* const* image, const ptrdiff_t* positions, T* sum) {
  Tile<T, Channels, Taps> tile;
  tile.clear();
  const T* row[Taps];
  for (int j = 0; j < Taps; ++j) row[j] = image[j];
  for (int64_t t = 0; t < steps; ++t, grad += Channels * kLanes<T>) {
    const ptrdiff_t at = positions[t];
    Vector<T> value[Taps];
    FLAMBEAU_UNROLL
    for (int j = 0; j < Taps; ++j) value[j] = load(row[j] + at);
    FLAMBEAU_UNROLL
    for (int i = 0; i < Channels; ++i) {
      const Vector<T> g = load(grad + i * kLanes<T>);
      FLAMBEAU_UNROLL
      for (int j = 0; j < Taps; ++j) tile.acc[i][j] = multiply_add(g, value[j], tile.acc[i][j]);
    }
  }
  tile.add(sum, Taps * kLanes<T>);
  tile.write(sum, Taps * kLanes<T>);
}
template <class T, int Channels, int Taps> constexpr RowForm<T> kRowForm{Channels, Taps, run_row_tile<T, Channels, Taps>};
template <class T> constexpr RowForm<T> kRowForms[] = {
    kFewRegisters ? kRowForm<T, 3, 3> : kRowForm<T, 6, 2>, kFewRegisters ? kRowForm<T, 4, 2> : kRowForm<T, 4, 3>, kRowForm<T, 1, 9>};

template <class T> Status gradient_by_rows(const Correlation& s, const Operands<T>& p, const RowForm<T>& form) {
  constexpr int lanes = kLanes<T>;
  const int64_t depth = s.depth(), plane = s.out_plane(), lines = s.out[0] * s.out[1];
  const int64_t vectors = tiles_of(s.out[2], lanes), steps = lines * vectors, tile_size = form.channels * form.taps * lanes;
  const Tiling tiling(s, form.channels, form.taps);
  // In place a last vector that is not full would read past the row.
  const bool in_place = !s.padded() && s.stride[2] == 1 && s.out[2] % lanes == 0;
  const ImageLayout layout = in_place ? ImageLayout::in_place(s) : ImageLayout::copy(s, true, vectors * lanes);
  const int64_t joined = joined_images(s, steps);
  const ptrdiff_t* offsets = tap_table(s, layout, false, form.taps);
  const ptrdiff_t* positions = joined_positions(s, layout, joined, steps, [&](ptrdiff_t* to) {
    for (int64_t line = 0; line < lines; ++line) {
      const ptrdiff_t at = layout.position(s, line / s.out[1], line % s.out[1], 0);
      for (int64_t v = 0; v < vectors; ++v) to[line * vectors + v] = at + static_cast<ptrdiff_t>(v * lanes);
    }
  });
  if (!offsets || !positions) return Status::out_of_memory;

  return for_tiles(
      s, tiling, layout, p.input, joined, steps * form.channels * lanes, tile_size,
      // [line and vector][channel][lane], zeros where there is no channel or position.
      [&](int64_t image, int64_t panel, T* to) {
        const T* grad = p.grad_out + (image * s.out_channels + panel * form.channels) * plane;
        const int64_t channels = std::min<int64_t>(form.channels, s.out_channels - panel * form.channels);
        for (int64_t line = 0; line < lines; ++line, grad += s.out[2]) {
          for (int64_t x = 0; x < s.out[2]; x += lanes) {
            const int64_t count = std::min<int64_t>(lanes, s.out[2] - x);
            for (int64_t i = 0; i < form.channels; ++i, to += lanes) {
              if (i < channels && count == lanes) {
                store<T>(to, load(grad + i * plane + x));
                continue;
              }
              store<T>(to, Vector<T>{});
              if (i < channels) std::copy_n(grad + i * plane + x, count, to);
            }
          }
        }
      },
      [&](const TileRun& run, const T* image, const T* grad, int64_t images, T* sums) {
        for (int64_t t0 = 0; t0 < images * steps; t0 += kPositions) {
          T* sum = sums;
          for (int64_t tile = run.first; tile < run.last; ++tile, sum += tile_size) {
            const T* row[9];
            for (int j = 0; j < form.taps; ++j) row[j] = image + offsets[tile * form.taps + j];
            form.run(std::min(kPositions, images * steps - t0), grad + t0 * form.channels * lanes, row, positions + t0, sum);
          }
        }
      },
      [&](const TileRun& run, const T* sums) {
        const int64_t first = run.panel * form.channels, channels = std::min<int64_t>(form.channels, s.out_channels - first);
        for (int64_t tile = run.first; tile < run.last; ++tile, sums += tile_size) {
          for (int64_t i = 0; i < channels; ++i) {
            T* to = p.grad_weight + (run.group * s.out_channels + first + i) * depth + tile * form.taps;
            for (int64_t j = 0; j < std::min<int64_t>(form.taps, depth - tile * form.taps); ++j) {
              to[j] = sum_lanes<T>(load(sums + (i * form.taps + j) * lanes));
            }
          }
        }
      });
}

// ---- bias and the choice ------------------------------------------------------------------------------------------------

template <class T> void bias_gradient(const Correlation& s, T* grad_bias, const T* grad_out) {
  constexpr int lanes = kLanes<T>;
  const int64_t channels = s.groups * s.out_channels, plane = s.out_plane();
  const int64_t grain = std::max<int64_t>(1, kParallelConvolution / 4 / (s.images * plane));
  parallel_for(channels, grain, [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; ++o) {
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
  });
}

// Takes the form that spends the fewest multiplications, those of the parts of tiles that do not exist included.
template <class T> Status weight_gradient(const Correlation& s, const Operands<T>& p) {
  const RowForm<T>* best_rows = nullptr;
  const ChannelForm<T>* best_channels = nullptr;
  int64_t least = INT64_MAX;
  for (const ChannelForm<T>& form : kChannelForms<T>) {
    const int64_t tiles = tiles_of(s.out_channels, form.width()) * tiles_of(s.depth(), kConvRows);
    const int64_t cost = tiles * s.out_plane() * step_cost(kConvRows, form.vectors);
    if (cost < least) {
      least = cost;
      best_channels = &form;
    }
  }
  const int64_t vectors = s.out[0] * s.out[1] * tiles_of(s.out[2], kLanes<T>);
  for (const RowForm<T>& form : kRowForms<T>) {
    const int64_t cost = tiles_of(s.out_channels, form.channels) * tiles_of(s.depth(), form.taps) * vectors * step_cost(form.channels, form.taps);
    if (cost < least) {
      least = cost;
      best_rows = &form;
    }
  }
  return best_rows ? gradient_by_rows(s, p, *best_rows) : gradient_by_channels(s, p, *best_channels);
}

template <class T> Status gradients(const ConvolutionWeightGradientArguments& args) {
  const View &weight = args.grad_weight, &bias = args.grad_bias, &grad = args.grad_out, &input = args.input;
  const Correlation s = correlation_of(input, grad, weight, form_of(args));
  if (weight.count() == 0 || grad.count() == 0) {
    std::fill_n(weight.as<T>(), weight.count(), T(0));
    if (bias) std::fill_n(bias.as<T>(), bias.count(), T(0));
    return Status::ok;
  }
  if (bias) bias_gradient(s, bias.as<T>(), grad.as<T>());
  return weight_gradient<T>(s, {weight.as<T>(), grad.as<T>(), input.as<T>()});
}

}  // namespace

Status convolution_weight_gradient(const ConvolutionWeightGradientArguments& args) {
  return args.grad_weight.dtype == DType::float32 ? gradients<float>(args) : gradients<double>(args);
}

}  // namespace flambeau::FLAMBEAU_ISA
