// What the convolution kernels share: their sizes, and the padded copy of an image that makes every tap a plain load.
//
// One- and two-dimensional convolutions are three-dimensional ones whose leading dimensions have size 1.
#pragma once
#include <algorithm>
#include <cstddef>

#include "kernel.h"
#include "pack.h"
#include "parallel.h"
#include "tile.h"

namespace flambeau::FLAMBEAU_ISA {

// Scratch slots beyond those of the matrix product, which convolutions call. A slot belongs to the thread that asks.
enum ConvolutionSlot { kWeightSlot = 2, kTableSlot, kPositionSlot, kImageSlot, kGradientSlot, kSumSlot };

// Below this many multiplications a convolution runs on one thread.
constexpr int64_t kParallelConvolution = 1 << 19;

constexpr int64_t tiles_of(int64_t count, int64_t tile) { return (count + tile - 1) / tile; }

// The sizes of the cross-correlation out[n, g, o, p] = Σ_{c, tap} in[n, g, c, p * stride + tap * dilation - before] * weight[g, o, c, tap].
struct Correlation {
  int64_t images, groups, in_channels, out_channels;  // channels of one group
  int64_t in[3], out[3], kernel[3], stride[3], dilation[3];
  int64_t before[3];  // padding at the beginning; negative where the first elements are never read

  int64_t in_plane() const { return in[0] * in[1] * in[2]; }
  int64_t out_plane() const { return out[0] * out[1] * out[2]; }
  int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
  int64_t depth() const { return in_channels * taps(); }
  // Multiplications in all.
  int64_t work() const { return images * groups * out_channels * out_plane() * depth(); }
  bool padded() const { return before[0] != 0 || before[1] != 0 || before[2] != 0; }
  // First and last + 1 of the taps in dimension d that fall within the input for output position `at`.
  int64_t first_tap(int d, int64_t at) const {
    const int64_t origin = at * stride[d] - before[d];
    return origin >= 0 ? 0 : std::min(kernel[d], (-origin + dilation[d] - 1) / dilation[d]);
  }
  int64_t end_tap(int d, int64_t at) const {
    const int64_t left = in[d] - 1 - (at * stride[d] - before[d]);
    return left < 0 ? 0 : std::min(kernel[d], left / dilation[d] + 1);
  }
};

// What the arguments of all three kernels say of a convolution beside its operands.
struct ConvolutionForm {
  const List<int64_t>&stride, &padding, &dilation;
  int64_t groups;
};
template <class A> ConvolutionForm form_of(const A& args) { return {args.stride, args.padding, args.dilation, args.groups}; }

Correlation correlation_of(const View& input, const View& out, const View& weight, const ConvolutionForm& form);

// Where the elements of one image (the channels of one group) lie: either in place, or in a copy with its padding, whose rows
// may be split by x modulo `phases`, so that the positions of a strided convolution are neighbours.
struct ImageLayout {
  bool copied = false;
  int64_t size[3];  // extent of the copy; the last one within a phase
  int64_t phases = 1;
  ptrdiff_t row, plane, channel;

  // In place if that is possible.
  static ImageLayout in_place(const Correlation& s);
  // A copy from which `columns` output positions of a row can be read, those past the last as zeros.
  static ImageLayout copy(const Correlation& s, bool split, int64_t columns);

  ptrdiff_t position(const Correlation& s, int64_t z, int64_t y, int64_t x) const {
    return z * s.stride[0] * plane + y * s.stride[1] * row + x * (s.stride[2] / phases);
  }
  ptrdiff_t tap(const Correlation& s, int64_t c, int64_t z, int64_t y, int64_t x) const {
    const int64_t at = x * s.dilation[2];
    return c * channel + z * s.dilation[0] * plane + y * s.dilation[1] * row + at % phases * size[2] + at / phases;
  }
  int64_t count(const Correlation& s) const { return copied ? s.in_channels * channel : 0; }
};

// Tables of offsets: of every tap in the order (c, z, y, x), or with the taps of each channel backwards, and of every output position. `extra` entries
// repeat the last one, to fill the last tile. Null when memory is out.
ptrdiff_t* tap_table(const Correlation& s, const ImageLayout& layout, bool backwards, int extra);
ptrdiff_t* position_table(const Correlation& s, const ImageLayout& layout, int extra);
void lay_positions(const Correlation& s, const ImageLayout& layout, ptrdiff_t* to);

// The tile of the "channels" form: sum[row][channel] = from + Σ_t image[row][offsets[t]] * columns[t][channel]. `from` are the sums so far,
// or, with a pitch of 0, one row of initial values.
template <class T> struct ChannelForm {
  int vectors;
  int64_t width() const { return vectors * kLanes<T>; }
  void (*run)(int64_t steps, const T* const* image, const ptrdiff_t* offsets, const T* columns, const T* from, ptrdiff_t pitch, T* sum);
};

template <class T, int Vectors>
FLAMBEAU_TILE_LOOP void run_channel_tile(int64_t steps, const T* const* image, const ptrdiff_t* offsets, const T* columns, const T* from,
                                         ptrdiff_t pitch, T* sum) {
  constexpr int width = Vectors * kLanes<T>;
  GatheredRows<T, kConvRows> rows{{}, offsets};
  for (int i = 0; i < kConvRows; ++i) rows.row[i] = image[i];
  Tile<T, kConvRows, Vectors> tile;
  tile.clear();
  tile.accumulate(steps, rows, StridedColumns<T>{columns, width});
  // Last, so that long sums are sums of short ones, which loses less.
  tile.add(from, pitch);
  tile.write(sum, width);
}
template <class T> constexpr ChannelForm<T> kChannelForms[] = {{2, run_channel_tile<T, 2>}, {1, run_channel_tile<T, 1>}};

// What a step of a tile costs: its multiplications (of vectors), but no less than the latency of one lets pass, 4 cycles at two a cycle.
constexpr int64_t step_cost(int rows, int vectors) { return rows * vectors < 8 ? 8 : rows * vectors; }

// out[channel][position] = sums[position][channel]
template <class T> void write_channels(const T* sums, int64_t width, T* out, ptrdiff_t out_channel, int64_t positions, int64_t channels) {
  constexpr int block = 16 / sizeof(T);
  int64_t i = 0;
  for (; i + block <= positions; i += block) {
    int64_t j = 0;
    for (; j + block <= channels; j += block) transpose_block<block>(out + j * out_channel + i, out_channel, sums + i * width + j, width);
    for (; j < channels; ++j) {
      for (int64_t k = i; k < i + block; ++k) out[j * out_channel + k] = sums[k * width + j];
    }
  }
  for (; i < positions; ++i) {
    for (int64_t j = 0; j < channels; ++j) out[j * out_channel + i] = sums[i * width + j];
  }
}

// Copies channels begin to end of an image.
template <class T>
void copy_image(const Correlation& s, const ImageLayout& layout, const T* from, T* to, int64_t first_channel, int64_t end_channel) {
  for (int64_t phase = 0; phase < layout.phases; ++phase) {
    // Element i of this phase is x = i * phases - shift of the input, which exists from begin to end.
    const int64_t shift = s.before[2] - phase, width = layout.size[2];
    const int64_t begin = std::clamp<int64_t>(shift <= 0 ? 0 : tiles_of(shift, layout.phases), 0, width);
    const int64_t end = std::clamp<int64_t>(s.in[2] + shift <= 0 ? 0 : tiles_of(s.in[2] + shift, layout.phases), begin, width);
    for (int64_t c = first_channel; c < end_channel; ++c) {
      for (int64_t z = 0; z < layout.size[0]; ++z) {
        const int64_t from_z = z - s.before[0];
        T* out = to + c * layout.channel + z * layout.plane + phase * width;
        for (int64_t y = 0; y < layout.size[1]; ++y, out += layout.row) {
          const int64_t from_y = y - s.before[1];
          if (from_z < 0 || from_z >= s.in[0] || from_y < 0 || from_y >= s.in[1]) {
            std::fill_n(out, width, T(0));
            continue;
          }
          const T* row = from + ((c * s.in[0] + from_z) * s.in[1] + from_y) * s.in[2] - shift;
          for (int64_t i = 0; i < begin; ++i) out[i] = 0;
          if (layout.phases == 1) {
            std::copy(row + begin, row + end, out + begin);
          } else if (layout.phases == 2) {
            for (int64_t i = begin; i < end; ++i) out[i] = row[i * 2];
          } else {
            for (int64_t i = begin; i < end; ++i) out[i] = row[i * layout.phases];
          }
          for (int64_t i = end; i < width; ++i) out[i] = 0;
        }
      }
    }
  }
}

// Copies `count` images (each of one group), sharing out their channels.
template <class T> void copy_images(const Correlation& s, const ImageLayout& layout, const T* from, T* to, int64_t count) {
  parallel_for(count * s.in_channels, std::max<int64_t>(1, (1 << 15) / layout.channel), [&](int64_t begin, int64_t end) {
    while (begin < end) {
      const int64_t image = begin / s.in_channels, first = begin % s.in_channels, last = std::min(s.in_channels, first + end - begin);
      copy_image(s, layout, from + image * s.in_channels * s.in_plane(), to + image * layout.count(s), first, last);
      begin += last - first;
    }
  });
}

}  // namespace flambeau::FLAMBEAU_ISA
