// Convolution and its gradient by the input, without forming the matrix of patches: the register tile of the matrix product
// reads the image (or a padded copy) through a table of offsets. Two forms of the tile serve all shapes:
//  - "rows": vectors run along the positions of an output row, scalars are weights; for few output channels;
//  - "channels": vectors run along output channels, scalars are gathered from the image; for many.
// Three kinds have ways of their own: 1 × 1 is a product of matrices, 3 × 3 takes fewer multiplications (winograd.h), and groups of one channel
// have vectors along the groups (depthwise.h).
#include "convolution.h"

#include <atomic>

#include "depthwise.h"
#include "matmul.h"
#include "pack.h"
#include "parallel.h"
#include "tile.h"
#include "winograd.h"
#include "generated/convolution.h"
#include "generated/convolution_input_gradient.h"

namespace flambeau::FLAMBEAU_ISA {

Correlation correlation_of(const View& input, const View& out, const View& weight, const ConvolutionForm& form) {
  Correlation s;
  const int dims = input.ndim - 2, lead = 3 - dims;
  const auto lay = [&](int64_t* to, const int64_t* from, int64_t absent) {
    for (int d = 0; d < 3; ++d) to[d] = d < lead ? absent : from[d - lead];
  };
  lay(s.in, input.size + 2, 1);
  lay(s.out, out.size + 2, 1);
  lay(s.kernel, weight.size + 2, 1);
  lay(s.stride, form.stride.item, 1);
  lay(s.before, form.padding.item, 0);
  lay(s.dilation, form.dilation.item, 1);
  s.groups = form.groups;
  s.images = input.size[0];
  s.in_channels = weight.size[1];
  s.out_channels = weight.size[0] / s.groups;
  return s;
}

ImageLayout ImageLayout::in_place(const Correlation& s) {
  ImageLayout layout;
  for (int d = 0; d < 3; ++d) layout.size[d] = s.in[d];
  layout.row = static_cast<ptrdiff_t>(s.in[2]);
  layout.plane = static_cast<ptrdiff_t>(s.in[1] * s.in[2]);
  layout.channel = static_cast<ptrdiff_t>(s.in_plane());
  return layout;
}

ImageLayout ImageLayout::copy(const Correlation& s, bool split, int64_t columns) {
  ImageLayout layout;
  layout.copied = true;
  layout.phases = split ? s.stride[2] : 1;
  for (int d = 0; d < 2; ++d) layout.size[d] = (s.out[d] - 1) * s.stride[d] + (s.kernel[d] - 1) * s.dilation[d] + 1;
  layout.size[2] = (columns - 1) * (s.stride[2] / layout.phases) + (s.kernel[2] - 1) * s.dilation[2] / layout.phases + 1;
  layout.row = static_cast<ptrdiff_t>(layout.phases * layout.size[2]);
  layout.plane = static_cast<ptrdiff_t>(layout.size[1] * layout.row);
  layout.channel = static_cast<ptrdiff_t>(layout.size[0] * layout.plane);
  return layout;
}

namespace {

// The order of the "rows" form, in which the taps that fall within the image for a row near its edge are ranges.
template <class F> void for_taps_by_row(const Correlation& s, const F& body) {
  for (int64_t z = 0; z < s.kernel[0]; ++z) {
    for (int64_t y = 0; y < s.kernel[1]; ++y) {
      for (int64_t c = 0; c < s.in_channels; ++c) {
        for (int64_t x = 0; x < s.kernel[2]; ++x) body(c, z, y, x);
      }
    }
  }
}

}  // namespace

ptrdiff_t* tap_table(const Correlation& s, const ImageLayout& layout, bool backwards, int extra) {
  auto* offsets = static_cast<ptrdiff_t*>(scratch(kTableSlot, sizeof(ptrdiff_t) * static_cast<size_t>(s.depth() + extra)));
  if (!offsets) return nullptr;
  ptrdiff_t* to = offsets;
  for (int64_t c = 0; c < s.in_channels; ++c) {
    for (int64_t z = 0; z < s.kernel[0]; ++z) {
      for (int64_t y = 0; y < s.kernel[1]; ++y) {
        for (int64_t x = 0; x < s.kernel[2]; ++x) *to++ = layout.tap(s, c, z, y, x);
      }
    }
    if (backwards) std::reverse(to - s.taps(), to);
  }
  for (int i = 0; i < extra; ++i, ++to) *to = to[-1];
  return offsets;
}

void lay_positions(const Correlation& s, const ImageLayout& layout, ptrdiff_t* to) {
  for (int64_t z = 0; z < s.out[0]; ++z) {
    for (int64_t y = 0; y < s.out[1]; ++y) {
      for (int64_t x = 0; x < s.out[2]; ++x) *to++ = layout.position(s, z, y, x);
    }
  }
}

ptrdiff_t* position_table(const Correlation& s, const ImageLayout& layout, int extra) {
  auto* positions = static_cast<ptrdiff_t*>(scratch(kPositionSlot, sizeof(ptrdiff_t) * static_cast<size_t>(s.out_plane() + extra)));
  if (!positions) return nullptr;
  lay_positions(s, layout, positions);
  ptrdiff_t* to = positions + s.out_plane();
  for (int i = 0; i < extra; ++i, ++to) *to = to[-1];
  return positions;
}

namespace {

// A weight addressed by strides, so that the gradient by the input is the correlation with the mirrored, transposed weight.
template <class T> struct Weight {
  const T* data;
  ptrdiff_t group, out, in, tap[3];

  T at(int64_t g, int64_t o, int64_t c, int64_t z, int64_t y, int64_t x) const {
    return data[g * group + o * out + c * in + z * tap[0] + y * tap[1] + x * tap[2]];
  }
  // Whether the taps of a channel lie side by side in the opposite order.
  bool backwards() const { return tap[2] < 0; }

  // to[channel and tap][Width] = the weights of output channels o … and input channels first … of a group, the taps as they lie in memory; zeros where
  // there is no output channel.
  template <int Width> void pack(const Correlation& s, int64_t g, int64_t o, int64_t first, int64_t count, T* to) const {
    const auto taps = static_cast<ptrdiff_t>(s.taps());
    const int channels = static_cast<int>(std::min<int64_t>(Width, s.out_channels - o));
    const T* from = data + g * group + o * out + first * in - (backwards() ? taps - 1 : 0);
    if (in == taps) return pack_panel<T, Width>(to, from, count * taps, channels, 1, out);
    for (int64_t c = 0; c < count; ++c) pack_panel<T, Width>(to + c * taps * Width, from + c * in, taps, channels, 1, out);
  }
};

// The operands of a correlation.
template <class T> struct Operands {
  Weight<T> weight;
  const T* bias;  // may be null
  const T* input;
  T* out;
};

// The weights of every group, `width` output channels at a time: [tap][channel], taps by row or as they lie in memory, then the biases; zeros
// where there is no channel. Null when memory is out.
template <class T> T* pack_weights(const Correlation& s, const Operands<T>& p, int64_t width, bool by_row) {
  const int64_t panels = tiles_of(s.out_channels, width);
  T* packed = static_cast<T*>(scratch(kWeightSlot, sizeof(T) * static_cast<size_t>(s.groups * panels * (s.depth() + 1) * width)));
  if (!packed) return nullptr;
  T* to = packed;
  for (int64_t g = 0; g < s.groups; ++g) {
    for (int64_t o0 = 0; o0 < s.out_channels; o0 += width, to += width) {
      const int64_t channels = std::min(width, s.out_channels - o0);
      if (by_row) {
        for_taps_by_row(s, [&](int64_t c, int64_t z, int64_t y, int64_t x) {
          for (int64_t i = 0; i < channels; ++i) to[i] = p.weight.at(g, o0 + i, c, z, y, x);
          for (int64_t i = channels; i < width; ++i) to[i] = 0;
          to += width;
        });
      } else {
        if (width == 2 * kLanes<T>) p.weight.template pack<2 * kLanes<T>>(s, g, o0, 0, s.in_channels, to);
        else p.weight.template pack<kLanes<T>>(s, g, o0, 0, s.in_channels, to);
        to += s.depth() * width;
      }
      for (int64_t i = 0; i < width; ++i) to[i] = p.bias && i < channels ? p.bias[g * s.out_channels + o0 + i] : T(0);
    }
  }
  return packed;
}

// The pieces of work for the pool: about two for each thread if there is enough to do, else one.
int64_t piece_count(const Correlation& s) {
  return std::clamp<int64_t>(s.work() / kParallelConvolution, 1, thread_count() == 1 ? 1 : 2 * thread_count());
}

// Shares out `units` (rows, tiles) of every image and group: calls body(image and group, its elements, first unit, last + 1).
template <class T, class F>
Status for_blocks(const Correlation& s, const ImageLayout& layout, const T* input, int64_t units, const F& body) {
  const int64_t pieces = piece_count(s), images = s.images * s.groups;
  const int64_t blocks = images >= pieces ? 1 : std::min(units, tiles_of(pieces, images)), tasks = images * blocks;
  // Images that several threads work on are copied beforehand, others by the thread that needs them, into its cache.
  const bool ahead = layout.copied && blocks > 1;
  T* copies = nullptr;
  if (ahead) {
    copies = static_cast<T*>(scratch(kImageSlot, sizeof(T) * static_cast<size_t>(images * layout.count(s))));
    if (!copies) return Status::out_of_memory;
    copy_images(s, layout, input, copies, images);
  }
  std::atomic<bool> out_of_memory{false};
  parallel_for(tasks, tiles_of(tasks, pieces), [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; ++task) {
      const int64_t image = task / blocks, block = task % blocks;
      const T* from = input + image * s.in_channels * s.in_plane();
      if (ahead) {
        from = copies + image * layout.count(s);
      } else if (layout.copied) {
        T* copy = static_cast<T*>(scratch(kImageSlot, sizeof(T) * static_cast<size_t>(layout.count(s))));
        if (!copy) {
          out_of_memory = true;
          return;
        }
        copy_image(s, layout, from, copy, 0, s.in_channels);
        from = copy;
      }
      if (!body(image, from, units * block / blocks, units * (block + 1) / blocks)) out_of_memory = true;
    }
  });
  return out_of_memory ? Status::out_of_memory : Status::ok;
}

// ---- rows -------------------------------------------------------------------------------------------------------------

// Taps that fall within the image: `ranges` ranges of `count`, `step` apart, one for each z.
struct TapRanges {
  int64_t begin, count, step, ranges;
};

template <class T> struct RowTile {
  const T* weights;  // [tap][Rows]
  const T* bias;     // [Rows]
  const T* image;    // the first position
  const ptrdiff_t* offsets;
  T* out;
  ptrdiff_t out_channel;
  int64_t channels, columns;  // that exist
};

template <class T> struct RowForm {
  int rows, vectors;
  int64_t width() const { return vectors * kLanes<T>; }
  void (*run)(const RowTile<T>&, const TapRanges&);
};

template <class T, int Rows, int Vectors> FLAMBEAU_TILE_LOOP void run_row_tile(const RowTile<T>& r, const TapRanges& taps) {
  Tile<T, Rows, Vectors> tile;
  FLAMBEAU_UNROLL
  for (int i = 0; i < Rows; ++i) {
    FLAMBEAU_UNROLL
    for (int j = 0; j < Vectors; ++j) tile.acc[i][j] = splat(r.bias[i]);
  }
  for (int64_t range = 0; range < taps.ranges; ++range) {
    const int64_t first = taps.begin + range * taps.step;
    tile.accumulate(taps.count, PackedRows<T, Rows>{r.weights + first * Rows}, GatheredColumns<T>{r.image, r.offsets + first});
  }
  if (r.columns >= Vectors * kLanes<T> && r.channels >= Rows) {
    tile.write(r.out, r.out_channel);
    return;
  }
  FLAMBEAU_UNROLL
  for (int i = 0; i < Rows; ++i) {
    if (i >= r.channels) break;
    FLAMBEAU_UNROLL
    for (int j = 0; j < Vectors; ++j) {
      const int64_t left = r.columns - j * kLanes<T>;
      if (left <= 0) break;
      T* out = r.out + i * r.out_channel + j * kLanes<T>;
      if (left >= kLanes<T>) {
        store<T>(out, tile.acc[i][j]);
      } else {
        T lane[kLanes<T>];
        store<T>(lane, tile.acc[i][j]);
        for (int64_t x = 0; x < left; ++x) out[x] = lane[x];
      }
    }
  }
}

// A row of output positions.
struct Line {
  TapRanges taps;
  ptrdiff_t image;  // where its first position reads
};

template <class T> Status correlate_rows(const Correlation& s, const Operands<T>& p, const RowForm<T>& form) {
  const int64_t rows = form.rows, width = form.width();
  const int64_t tiles = tiles_of(s.out_channels, rows), depth = s.depth(), lines = s.out[0] * s.out[1];
  const bool in_place = !s.padded() && s.stride[2] == 1 && s.out[2] >= width;
  const ImageLayout layout = in_place ? ImageLayout::in_place(s) : ImageLayout::copy(s, true, tiles_of(s.out[2], width) * width);
  const T* weights = pack_weights(s, p, rows, true);
  auto* offsets = static_cast<ptrdiff_t*>(scratch(kTableSlot, sizeof(ptrdiff_t) * static_cast<size_t>(depth)));
  if (!weights || !offsets) return Status::out_of_memory;
  ptrdiff_t* next = offsets;
  for_taps_by_row(s, [&](int64_t c, int64_t z, int64_t y, int64_t x) { *next++ = layout.tap(s, c, z, y, x); });
  auto* table = static_cast<Line*>(scratch(kPositionSlot, sizeof(Line) * static_cast<size_t>(lines)));
  if (!table) return Status::out_of_memory;
  const int64_t line_taps = s.in_channels * s.kernel[2];
  for (int64_t line = 0; line < lines; ++line) {
    const int64_t z = line / s.out[1], y = line % s.out[1], first_y = s.first_tap(1, y), first_z = s.first_tap(0, z);
    table[line] = {{(first_z * s.kernel[1] + first_y) * line_taps, (s.end_tap(1, y) - first_y) * line_taps,
                    s.kernel[1] * line_taps, s.end_tap(0, z) - first_z},
                   layout.position(s, z, y, 0)};
  }

  return for_blocks(s, layout, p.input, lines, [&](int64_t image, const T* from, int64_t begin, int64_t end) {
    const T* group = weights + image % s.groups * tiles * (depth + 1) * rows;
    for (int64_t line = begin; line < end; ++line) {
      const T* source = from + table[line].image;
      for (int64_t tile = 0; tile < tiles; ++tile) {
        const T* packed = group + tile * (depth + 1) * rows;
        T* to = p.out + ((image * s.out_channels + tile * rows) * lines + line) * s.out[2];
        for (int64_t x = 0; x < s.out[2]; x += width) {
          // In place the last tile goes back over what the one before has done rather than past the end.
          const int64_t at = in_place ? std::min(x, s.out[2] - width) : x;
          form.run({packed, packed + depth * rows, source + at, offsets, to + at, static_cast<ptrdiff_t>(s.out_plane()),
                    s.out_channels - tile * rows, s.out[2] - at},
                   table[line].taps);
        }
      }
    }
    return true;
  });
}

// ---- channels ---------------------------------------------------------------------------------------------------------

// Tiles whose sums are kept while the weights are gone through in blocks of about kChannelDepth, which stay in the first-level cache.
constexpr int64_t kChannelTiles = 48, kChannelDepth = 320;

template <class T> Status correlate_channels(const Correlation& s, const Operands<T>& p, const ChannelForm<T>& form) {
  constexpr int rows = kConvRows;
  const int64_t width = form.width(), panels = tiles_of(s.out_channels, width), depth = s.depth(), plane = s.out_plane();
  const int64_t tile_size = rows * width, depth_block = tiles_of(depth, tiles_of(depth, kChannelDepth));
  const ImageLayout layout = s.padded() ? ImageLayout::copy(s, false, s.out[2]) : ImageLayout::in_place(s);
  const T* weights = pack_weights(s, p, width, false);
  const ptrdiff_t *offsets = tap_table(s, layout, p.weight.backwards(), 0), *positions = position_table(s, layout, rows);
  if (!weights || !offsets || !positions) return Status::out_of_memory;

  return for_blocks(s, layout, p.input, tiles_of(plane, rows), [&](int64_t image, const T* from, int64_t begin, int64_t end) {
    T* sums = static_cast<T*>(scratch(kSumSlot, sizeof(T) * static_cast<size_t>(kChannelTiles * tile_size)));
    if (!sums) return false;
    for (int64_t panel = 0; panel < panels; ++panel) {
      const T* packed = weights + (image % s.groups * panels + panel) * (depth + 1) * width;
      const int64_t channels = std::min(width, s.out_channels - panel * width);
      T* to = p.out + (image * s.out_channels + panel * width) * plane;
      for (int64_t first = begin; first < end; first += kChannelTiles) {
        const int64_t last = std::min(end, first + kChannelTiles);
        for (int64_t t = 0; t < depth; t += depth_block) {
          for (int64_t tile = first; tile < last; ++tile) {
            const T* row[rows];
            for (int i = 0; i < rows; ++i) row[i] = from + positions[tile * rows + i];
            T* sum = sums + (tile - first) * tile_size;
            form.run(std::min(depth_block, depth - t), row, offsets + t, packed + t * width, t == 0 ? packed + depth * width : sum,
                     t == 0 ? 0 : width, sum);
            if (t + depth_block >= depth) {
              write_channels<T>(sum, width, to + tile * rows, static_cast<ptrdiff_t>(plane), std::min<int64_t>(rows, plane - tile * rows),
                                channels);
            }
          }
        }
      }
    }
    return true;
  });
}

// ---- 3 × 3 ------------------------------------------------------------------------------------------------------------

template <class T> Status correlate_winograd(const Correlation& s, const Operands<T>& p) {
  for (int64_t g = 0; g < s.groups; ++g) {
    const auto pack = [&](int64_t o, int64_t c, int64_t count, T* to) { p.weight.template pack<kTileRows>(s, g, o, c, count, to); };
    const T* bias = p.bias ? p.bias + g * s.out_channels : nullptr;
    const Status status = Winograd(s, p.input, g, pack, p.weight.backwards(), bias, p.out).run();
    if (status != Status::ok) return status;
  }
  return Status::ok;
}

// ---- one channel in each group ------------------------------------------------------------------------------------------

template <class T> Status correlate_depthwise(const Correlation& s, const Operands<T>& p, int64_t spread_y, int64_t spread_x) {
  const auto weight = [&](int64_t g, int64_t tap) { return p.weight.at(g, 0, 0, 0, tap / s.kernel[2], tap % s.kernel[2]); };
  return Depthwise<T>(s, spread_y, spread_x).run(weight, p.bias, p.input, p.out);
}

// ---- the choice -------------------------------------------------------------------------------------------------------

template <class T, int Rows, int Vectors> constexpr RowForm<T> kRowForm{Rows, Vectors, run_row_tile<T, Rows, Vectors>};
template <class T> constexpr RowForm<T> kRowForms[] = {
    kFewRegisters ? kRowForm<T, 3, 3> : kRowForm<T, 6, 2>, kFewRegisters ? kRowForm<T, 4, 2> : kRowForm<T, 4, 3>, kRowForm<T, 2, 4>,
    kRowForm<T, 1, 4>};

// Takes the form that spends the fewest multiplications, those of the parts of tiles that do not exist included; each tile also costs
// its beginning and end.
template <class T> Status correlate(const Correlation& s, const Operands<T>& p) {
  if constexpr (std::is_same_v<T, float>) {
    if (depthwise_serves<T>(s)) return correlate_depthwise(s, p, 1, 1);
  }
  const RowForm<T>* best_rows = nullptr;
  const ChannelForm<T>* best_channels = nullptr;
  int64_t least = INT64_MAX;
  for (const ChannelForm<T>& form : kChannelForms<T>) {
    const int64_t tiles = tiles_of(s.out_channels, form.width()) * tiles_of(s.out_plane(), kConvRows);
    const int64_t cost = tiles * (s.depth() * step_cost(kConvRows, form.vectors) + 10 * kConvRows * form.vectors);
    if (cost < least) {
      least = cost;
      best_channels = &form;
    }
  }
  for (const RowForm<T>& form : kRowForms<T>) {
    const int64_t tiles = tiles_of(s.out_channels, form.rows) * s.out[0] * s.out[1] * tiles_of(s.out[2], form.width());
    const int64_t cost = tiles * (s.depth() * step_cost(form.rows, form.vectors) + 40 + 2 * form.rows * form.vectors);
    if (cost < least) {
      least = cost;
      best_rows = &form;
    }
  }
  if constexpr (std::is_same_v<T, float>) {
    if (winograd_serves(s) && winograd_cost<T>(s) < least) return correlate_winograd(s, p);
  }
  return best_rows ? correlate_rows(s, p, *best_rows) : correlate_channels(s, p, *best_channels);
}

// ---- products of matrices ---------------------------------------------------------------------------------------------

// Runs body(image and group) for all of them: shared out whole, or one by one if there are few, for the products within to share.
template <class F> Status for_images(const Correlation& s, const F& body) {
  const int64_t count = s.images * s.groups, pieces = piece_count(s);
  std::atomic<Status> status{Status::ok};
  const int64_t grain = count < thread_count() ? count : (count + pieces - 1) / pieces;
  parallel_for(count, grain, [&](int64_t begin, int64_t end) {
    for (int64_t image = begin; image < end; ++image) {
      const Status result = body(image);
      if (result != Status::ok) status = result;
    }
  });
  return status;
}

// Fewer positions do not fill the tiles of a product, and are too few for the packing of the weights.
constexpr int64_t kProductPositions = 64;

// One tap, no stride, no padding: the image is the matrix.
bool is_product(const Correlation& s) {
  return s.taps() == 1 && s.stride[0] * s.stride[1] * s.stride[2] == 1 && !s.padded() && s.in_channels * s.out_channels >= 64 && s.out_plane() >= kProductPositions;
}

template <class T> Status forward(const Correlation& s, const T* weight, const T* bias, const T* input, T* out) {
  const auto depth = static_cast<ptrdiff_t>(s.depth());
  if (!is_product(s)) {
    const Weight<T> w{weight, static_cast<ptrdiff_t>(s.out_channels) * depth, depth, static_cast<ptrdiff_t>(s.taps()),
                      {static_cast<ptrdiff_t>(s.kernel[1] * s.kernel[2]), static_cast<ptrdiff_t>(s.kernel[2]), 1}};
    return correlate<T>(s, {w, bias, input, out});
  }
  const int64_t plane = s.out_plane();
  return for_images(s, [&](int64_t image) {
    const int64_t g = image % s.groups;
    T* to = out + image * s.out_channels * plane;
    if (bias) {
      for (int64_t o = 0; o < s.out_channels; ++o) std::fill_n(to + o * plane, plane, bias[g * s.out_channels + o]);
    }
    return multiply(MatrixProduct<T>{s.out_channels, plane, depth, weight + g * s.out_channels * depth, depth, 1,
                                     input + image * depth * plane, plane, 1, to, plane, 1, T(1), bias ? T(1) : T(0)});
  });
}

// Adds the gradients of the patches, [channel and tap][position], to the image they were taken from.
template <class T> void add_patches(const Correlation& s, const T* patches, T* image) {
  for (int64_t c = 0; c < s.in_channels; ++c, image += s.in_plane()) {
    for (int64_t kz = 0; kz < s.kernel[0]; ++kz) {
      for (int64_t ky = 0; ky < s.kernel[1]; ++ky) {
        for (int64_t kx = 0; kx < s.kernel[2]; ++kx, patches += s.out_plane()) {
          const int64_t origin = kx * s.dilation[2] - s.before[2], step = s.stride[2];
          const int64_t begin = std::min(s.out[2], origin >= 0 ? 0 : (-origin + step - 1) / step);
          const int64_t end = origin >= s.in[2] ? begin : std::max(begin, std::min(s.out[2], (s.in[2] - 1 - origin) / step + 1));
          for (int64_t z = 0; z < s.out[0]; ++z) {
            const int64_t to_z = z * s.stride[0] + kz * s.dilation[0] - s.before[0];
            if (to_z < 0 || to_z >= s.in[0]) continue;
            for (int64_t y = 0; y < s.out[1]; ++y) {
              const int64_t to_y = y * s.stride[1] + ky * s.dilation[1] - s.before[1];
              if (to_y < 0 || to_y >= s.in[1]) continue;
              const T* from = patches + (z * s.out[1] + y) * s.out[2];
              T* to = image + (to_z * s.in[1] + to_y) * s.in[2] + origin;
              for (int64_t x = begin; x < end; ++x) to[x * step] += from[x];
            }
          }
        }
      }
    }
  }
}

template <class T> Status input_gradient(const Correlation& s, const T* weight, const T* grad_out, T* grad_in) {
  const int64_t depth = s.depth(), plane = s.out_plane();
  const auto product = [&](int64_t image, T* to) {
    return multiply(MatrixProduct<T>{depth, plane, s.out_channels, weight + image % s.groups * s.out_channels * depth, 1, depth,
                                     grad_out + image * s.out_channels * plane, plane, 1, to, plane, 1});
  };
  if (is_product(s)) return for_images(s, [&](int64_t image) { return product(image, grad_in + image * depth * plane); });
  // It is the correlation of grad_out, zeros between its elements where there are strides, with the mirrored weight, channels exchanged.
  Correlation mirrored = s;
  std::swap(mirrored.in_channels, mirrored.out_channels);
  for (int d = 0; d < 3; ++d) {
    mirrored.in[d] = s.out[d];
    mirrored.out[d] = s.in[d];
    mirrored.stride[d] = 1;
    mirrored.before[d] = (s.kernel[d] - 1) * s.dilation[d] - s.before[d];
  }
  const ptrdiff_t row = static_cast<ptrdiff_t>(s.kernel[2]), slice = static_cast<ptrdiff_t>(s.kernel[1]) * row;
  const Weight<T> w{weight + s.taps() - 1, static_cast<ptrdiff_t>(s.out_channels * depth), static_cast<ptrdiff_t>(s.taps()),
                    static_cast<ptrdiff_t>(depth), {-slice, -row, -1}};
  const Operands<T> operands{w, nullptr, grad_out, grad_in};
  if constexpr (std::is_same_v<T, float>) {
    if (depthwise_serves<T>(mirrored)) return correlate_depthwise(mirrored, operands, s.stride[1], s.stride[2]);
  }
  if (s.stride[0] * s.stride[1] * s.stride[2] != 1) {
    return for_images(s, [&](int64_t image) {
      T* patches = static_cast<T*>(scratch(kImageSlot, sizeof(T) * static_cast<size_t>(depth * plane)));
      if (!patches) return Status::out_of_memory;
      const Status status = product(image, patches);
      if (status != Status::ok) return status;
      T* to = grad_in + image * s.in_channels * s.in_plane();
      std::fill_n(to, s.in_channels * s.in_plane(), T(0));
      add_patches(s, patches, to);
      return Status::ok;
    });
  }
  return correlate<T>(mirrored, operands);
}

}  // namespace

Status convolution(const ConvolutionArguments& args) {
  const Correlation s = correlation_of(args.input, args.out, args.weight, form_of(args));
  if (args.out.count() == 0) return Status::ok;
  if (args.out.dtype == DType::float32) {
    return forward(s, args.weight.as<float>(), args.bias.as<float>(), args.input.as<float>(), args.out.as<float>());
  }
  return forward(s, args.weight.as<double>(), args.bias.as<double>(), args.input.as<double>(), args.out.as<double>());
}

Status convolution_input_gradient(const ConvolutionInputGradientArguments& args) {
  const Correlation s = correlation_of(args.grad_input, args.grad_out, args.weight, form_of(args));
  if (args.grad_input.count() == 0) return Status::ok;
  if (args.grad_out.count() == 0) {
    std::memset(args.grad_input.data, 0, static_cast<size_t>(args.grad_input.count() * item_size(args.grad_input.dtype)));
    return Status::ok;
  }
  if (args.grad_input.dtype == DType::float32) {
    return input_gradient(s, args.weight.as<float>(), args.grad_out.as<float>(), args.grad_input.as<float>());
  }
  return input_gradient(s, args.weight.as<double>(), args.grad_out.as<double>(), args.grad_input.as<double>());
}

}  // namespace flambeau::FLAMBEAU_ISA
