// Correlations whose groups have one channel each. Where planes are small, vectors run along the channels: an image is laid out as [position][channel] with
// its padding, so that every tap of every position is a whole vector.
#pragma once
#include <atomic>

#include "convolution.h"
#include "parallel.h"
#include "tile.h"

namespace flambeau::FLAMBEAU_ISA {

// Beyond so many positions a row of them fills vectors well enough, and planes of a vector's channels leave the cache.
constexpr int64_t kDepthwisePositions = 28 * 28;

template <class T> constexpr bool depthwise_serves(const Correlation& s) {
  return s.in_channels == 1 && s.out_channels == 1 && s.groups >= kLanes<T> && s.in[0] == 1 && s.out[0] == 1 && s.kernel[0] == 1 && s.before[0] == 0 &&
         s.in_plane() <= kDepthwisePositions && s.out_plane() <= kDepthwisePositions;
}

template <class T> class Depthwise {
 public:
  // Element i of the input is element i * spread of what is correlated, zeros between them.
  Depthwise(const Correlation& s, int64_t spread_y, int64_t spread_x) : s_(s), spread_{spread_y, spread_x} {
    for (int d = 0; d < 2; ++d) size_[d] = (s.out[d + 1] - 1) * s.stride[d + 1] + (s.kernel[d + 1] - 1) * s.dilation[d + 1] + 1;
  }

  // `weight(g, tap)` is a weight of a group; `bias` may be null.
  template <class Weight> Status run(const Weight& weight, const T* bias, const T* input, T* out) const {
    constexpr int64_t lanes = kLanes<T>;
    const int64_t blocks = tiles_of(s_.groups, lanes), taps = s_.taps(), work = lanes * s_.out_plane() * taps;
    std::atomic<bool> out_of_memory{false};
    parallel_for(blocks * s_.images, std::max<int64_t>(1, kParallelConvolution / work), [&](int64_t begin, int64_t end) {
      const int64_t copy = size_[0] * size_[1] * lanes, row = s_.in[2] * lanes;
      T* image = static_cast<T*>(scratch(kImageSlot, sizeof(T) * static_cast<size_t>(copy + row)));
      T* sums = static_cast<T*>(scratch(kSumSlot, sizeof(T) * static_cast<size_t>(s_.out_plane() * lanes)));
      T* weights = static_cast<T*>(scratch(kWeightSlot, sizeof(T) * static_cast<size_t>((taps + 1) * lanes)));
      if (!image || !sums || !weights) {
        out_of_memory = true;
        return;
      }
      std::fill_n(image, copy, T(0));
      int64_t laid = -1;
      for (int64_t task = begin; task < end; ++task) {
        const int64_t block = task / s_.images, g = block * lanes, plane = task % s_.images * s_.groups + g;
        const int channels = static_cast<int>(std::min(lanes, s_.groups - g));
        if (block != laid) lay_weights(weight, bias, g, channels, weights);
        laid = block;
        lay_image(input + plane * s_.in_plane(), channels, image, image + copy);
        for (int64_t y = 0; y < s_.out[1]; ++y) correlate_row(image + y * s_.stride[1] * size_[1] * lanes, weights, sums + y * s_.out[2] * lanes);
        write_channels<T>(sums, lanes, out + plane * s_.out_plane(), static_cast<ptrdiff_t>(s_.out_plane()), s_.out_plane(), channels);
      }
    });
    return out_of_memory ? Status::out_of_memory : Status::ok;
  }

 private:
  // [tap][channel], then the biases.
  template <class Weight> void lay_weights(const Weight& weight, const T* bias, int64_t g, int channels, T* to) const {
    std::fill_n(to, (s_.taps() + 1) * kLanes<T>, T(0));
    for (int64_t tap = 0; tap < s_.taps(); ++tap, to += kLanes<T>) {
      for (int i = 0; i < channels; ++i) to[i] = weight(g + i, tap);
    }
    if (bias) std::copy_n(bias + g, channels, to);
  }
  // The elements that exist; what is around them stays zero.
  void lay_image(const T* from, int channels, T* to, T* row) const {
    constexpr int lanes = kLanes<T>;
    const auto plane = static_cast<ptrdiff_t>(s_.in_plane());
    // The columns j with 0 <= j * spread + before < size.
    const int64_t first = s_.before[2] >= 0 ? 0 : tiles_of(-s_.before[2], spread_[1]);
    const int64_t end = std::min(s_.in[2], tiles_of(std::max<int64_t>(0, size_[1] - s_.before[2]), spread_[1]));
    if (first >= end) return;
    for (int64_t i = 0; i < s_.in[1]; ++i) {
      const int64_t y = i * spread_[0] + s_.before[1];
      if (y < 0 || y >= size_[0]) continue;
      T* at = to + (y * size_[1] + first * spread_[1] + s_.before[2]) * lanes;
      T* packed = spread_[1] == 1 ? at : row;
      pack_panel<T, lanes>(packed, from + i * s_.in[2] + first, end - first, channels, 1, plane);
      if (spread_[1] == 1) continue;
      for (int64_t j = 0; j < end - first; ++j) store<T>(at + j * spread_[1] * lanes, load(packed + j * lanes));
    }
  }
  void correlate_row(const T* from, const T* weights, T* to) const {
    int64_t x = 0;
    for (; x + 8 <= s_.out[2]; x += 8) correlate_positions<8>(from, weights, x, to);
    for (; x + 4 <= s_.out[2]; x += 4) correlate_positions<4>(from, weights, x, to);
    for (; x + 2 <= s_.out[2]; x += 2) correlate_positions<2>(from, weights, x, to);
    if (x < s_.out[2]) correlate_positions<1>(from, weights, x, to);
  }
  template <int Count> FLAMBEAU_TILE_LOOP void correlate_positions(const T* image, const T* weights, int64_t x, T* to) const {
    constexpr int lanes = kLanes<T>;
    const ptrdiff_t step = s_.stride[2] * lanes, across = s_.dilation[2] * lanes, down = s_.dilation[1] * size_[1] * lanes;
    const T* from = image + x * step;
    Vector<T> acc[Count];
    const Vector<T> bias = load(weights + s_.taps() * lanes);
    FLAMBEAU_UNROLL
    for (int i = 0; i < Count; ++i) acc[i] = bias;
    for (int64_t y = 0; y < s_.kernel[1]; ++y, from += down) {
      const T* at = from;
      for (int64_t k = 0; k < s_.kernel[2]; ++k, at += across, weights += lanes) {
        const Vector<T> weight = load(weights);
        FLAMBEAU_UNROLL
        for (int i = 0; i < Count; ++i) acc[i] = multiply_add(load(at + i * step), weight, acc[i]);
      }
    }
    FLAMBEAU_UNROLL
    for (int i = 0; i < Count; ++i) store<T>(to + (x + i) * lanes, acc[i]);
  }

  const Correlation& s_;
  int64_t spread_[2], size_[2];
};

}  // namespace flambeau::FLAMBEAU_ISA
