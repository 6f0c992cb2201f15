// Convolution and its gradient by the input, without forming the matrix of patches: the register tile of the matrix product
// reads the image (or a padded copy) through a table of offsets. Two forms of the tile serve all shapes:
//  - "rows": vectors run along the positions of an output row, scalars are weights; for few output channels;
//  - "channels": vectors run along output channels, scalars are gathered from the image; for many.
#include "convolution.h"

#include <atomic>

#include "matmul.h"
#include "parallel.h"
#include "tile.h"

namespace flambeau::FLAMBEAU_ISA {

Correlation read_correlation(Reader& in, const View& input, const View& out, const View& weight) {
  Correlation s;
  const int dims = input.ndim - 2, lead = 3 - dims;
  int64_t list[kMaxDims];
  const auto lay = [&](int64_t* to, const int64_t* from, int64_t absent) {
    for (int d = 0; d < 3; ++d) to[d] = d < lead ? absent : from[d - lead];
  };
  lay(s.in, input.size + 2, 1);
  lay(s.out, out.size + 2, 1);
  lay(s.kernel, weight.size + 2, 1);
  in.integers(list);
  lay(s.stride, list, 1);
  in.integers(list);
  lay(s.before, list, 0);
  in.integers(list);
  lay(s.dilation, list, 1);
  s.groups = in.integer();
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

// Below this many multiplications a convolution runs on one thread.
constexpr int64_t kParallelWork = 1 << 19;

// A weight addressed by strides, so that the gradient by the input is the correlation with the mirrored, transposed weight.
template <class T> struct Weight {
  const T* data;
  ptrdiff_t group, out, in, tap[3];

  T at(int64_t g, int64_t o, int64_t c, int64_t z, int64_t y, int64_t x) const {
    return data[g * group + o * out + c * in + z * tap[0] + y * tap[1] + x * tap[2]];
  }
};

bool needs_padding(const Correlation& s) { return s.before[0] != 0 || s.before[1] != 0 || s.before[2] != 0; }

// The pieces of work for the pool: about two for each thread if there is enough to do, else one.
int64_t piece_count(const Correlation& s) {
  const int64_t work = s.images * s.groups * s.out_channels * s.out_plane() * s.depth();
  return std::clamp<int64_t>(work / kParallelWork, 1, 2 * thread_count());
}

// Tasks are (image and group, block of its rows or positions). `units` is what one image and group has of them.
struct Sharing {
  int64_t blocks, tasks, grain;
  Sharing(const Correlation& s, int64_t units) {
    const int64_t pieces = piece_count(s), images = s.images * s.groups;
    blocks = images >= pieces ? 1 : std::min(units, (pieces + images - 1) / images);
    tasks = images * blocks;
    grain = (tasks + pieces - 1) / pieces;
  }
};

// ---- rows -------------------------------------------------------------------------------------------------------------

// Taps that fall within the image, as ranges of the weights' order (z, y, c, x): one range for each z.
struct TapRanges {
  int64_t begin, count, step;  // `ranges` ranges of `count` taps, `step` apart
  int64_t ranges;
};

template <class T> struct RowTile {
  const T* weights;  // [tap][Rows]
  const T* bias;     // [Rows], or null
  const T* image;    // the first position
  const ptrdiff_t* offsets;
  T* out;
  ptrdiff_t out_channel;
  int channels;     // that exist
  int64_t columns;  // positions that exist
};

template <class T, int Rows, int Vectors> FLAMBEAU_TILE_LOOP void run_row_tile(const RowTile<T>& r, const TapRanges& taps) {
  Tile<T, Rows, Vectors> tile;
  tile.clear();
  for (int64_t range = 0; range < taps.ranges; ++range) {
    const int64_t first = taps.begin + range * taps.step;
    tile.accumulate(taps.count, PackedRows<T, Rows>{r.weights + first * Rows}, GatheredColumns<T>{r.image, r.offsets + first});
  }
  FLAMBEAU_UNROLL
  for (int i = 0; i < Rows; ++i) {
    if (i >= r.channels) break;
    const Vector<T> bias = splat(r.bias ? r.bias[i] : T(0));
    T* out = r.out + i * r.out_channel;
    FLAMBEAU_UNROLL
    for (int j = 0; j < Vectors; ++j) {
      const Vector<T> value = tile.acc[i][j] + bias;
      const int64_t left = r.columns - j * kLanes<T>;
      if (left >= kLanes<T>) {
        store<T>(out + j * kLanes<T>, value);
      } else if (left > 0) {
        T lane[kLanes<T>];
        store<T>(lane, value);
        for (int64_t x = 0; x < left; ++x) out[j * kLanes<T> + x] = lane[x];
      }
    }
  }
}

template <class T, int Rows, int Vectors>
Status correlate_rows(const Correlation& s, const Weight<T>& weight, const T* bias, const T* input, T* out) {
  constexpr int width = Vectors * kLanes<T>;
  const int64_t tiles = (s.out_channels + Rows - 1) / Rows, depth = s.depth();
  const bool in_place = !needs_padding(s) && s.stride[2] == 1 && s.out[2] >= width;
  const ImageLayout layout =
      in_place ? ImageLayout::in_place(s) : ImageLayout::copy(s, true, (s.out[2] + width - 1) / width * width);
  T* weights = static_cast<T*>(scratch(kWeightSlot, sizeof(T) * static_cast<size_t>(s.groups * tiles * (depth + 1) * Rows)));
  auto* offsets = static_cast<ptrdiff_t*>(scratch(kTableSlot, sizeof(ptrdiff_t) * static_cast<size_t>(depth)));
  if (!weights || !offsets) return Status::out_of_memory;

  // Each tile's weights in the order (z, y, c, x), so that the taps of an output row near the edge are ranges; then its bias.
  T* to = weights;
  for (int64_t g = 0; g < s.groups; ++g) {
    for (int64_t o0 = 0; o0 < s.out_channels; o0 += Rows) {
      for (int64_t z = 0; z < s.kernel[0]; ++z) {
        for (int64_t y = 0; y < s.kernel[1]; ++y) {
          for (int64_t c = 0; c < s.in_channels; ++c) {
            for (int64_t x = 0; x < s.kernel[2]; ++x) {
              for (int i = 0; i < Rows; ++i) *to++ = o0 + i < s.out_channels ? weight.at(g, o0 + i, c, z, y, x) : T(0);
            }
          }
        }
      }
      for (int i = 0; i < Rows; ++i) *to++ = bias && o0 + i < s.out_channels ? bias[g * s.out_channels + o0 + i] : T(0);
    }
  }
  int64_t t = 0;
  for (int64_t z = 0; z < s.kernel[0]; ++z) {
    for (int64_t y = 0; y < s.kernel[1]; ++y) {
      for (int64_t c = 0; c < s.in_channels; ++c) {
        for (int64_t x = 0; x < s.kernel[2]; ++x) offsets[t++] = layout.tap(s, c, z, y, x);
      }
    }
  }

  const int64_t rows = s.out[0] * s.out[1], row_taps = s.in_channels * s.kernel[2];
  const Sharing sharing(s, rows);
  std::atomic<bool> out_of_memory{false};
  parallel_for(sharing.tasks, sharing.grain, [&](int64_t begin, int64_t end) {
    T* copy = nullptr;
    if (layout.copied) {
      copy = static_cast<T*>(scratch(kImageSlot, sizeof(T) * static_cast<size_t>(layout.count(s))));
      if (!copy) {
        out_of_memory = true;
        return;
      }
    }
    int64_t copied = -1;
    for (int64_t task = begin; task < end; ++task) {
      const int64_t image = task / sharing.blocks, block = task % sharing.blocks, g = image % s.groups;
      const T* from = input + image * s.in_channels * s.in_plane();
      if (layout.copied && copied != image) {
        copy_image(s, layout, from, copy);
        copied = image;
      }
      if (layout.copied) from = copy;
      for (int64_t row = rows * block / sharing.blocks; row < rows * (block + 1) / sharing.blocks; ++row) {
        const int64_t z = row / s.out[1], y = row % s.out[1];
        const int64_t first_y = s.first_tap(1, y), first_z = s.first_tap(0, z);
        const TapRanges taps{(first_z * s.kernel[1] + first_y) * row_taps, (s.end_tap(1, y) - first_y) * row_taps,
                             s.kernel[1] * row_taps, s.end_tap(0, z) - first_z};
        for (int64_t tile = 0; tile < tiles; ++tile) {
          const T* packed = weights + (g * tiles + tile) * (depth + 1) * Rows;
          for (int64_t x = 0; x < s.out[2]; x += width) {
            // In place the last tile goes back over what the one before has done rather than past the end.
            const int64_t at = in_place ? std::min(x, s.out[2] - width) : x;
            run_row_tile<T, Rows, Vectors>(
                {packed, bias ? packed + depth * Rows : nullptr, from + layout.position(s, z, y, at), offsets,
                 out + ((image * s.out_channels + tile * Rows) * rows + row) * s.out[2] + at,
                 static_cast<ptrdiff_t>(s.out_plane()), static_cast<int>(std::min<int64_t>(Rows, s.out_channels - tile * Rows)),
                 s.out[2] - at},
                taps);
          }
        }
      }
    }
  });
  return out_of_memory ? Status::out_of_memory : Status::ok;
}

// ---- channels ---------------------------------------------------------------------------------------------------------

template <class T, int Rows, int Vectors>
FLAMBEAU_TILE_LOOP void run_channel_tile(int64_t depth, const GatheredRows<T, Rows>& image, const T* weights, const T* bias, T* out,
                                         ptrdiff_t out_channel, int positions, int channels) {
  constexpr int width = Vectors * kLanes<T>;
  Tile<T, Rows, Vectors> tile;
  tile.read(bias, 0);
  tile.accumulate(depth, image, StridedColumns<T>{weights, width});
  T buffer[Rows * width];
  tile.write(buffer, width);
  for (int j = 0; j < channels; ++j) {
    T* to = out + j * out_channel;
    if (positions == Rows) {
      for (int i = 0; i < Rows; ++i) to[i] = buffer[i * width + j];
    } else {
      for (int i = 0; i < positions; ++i) to[i] = buffer[i * width + j];
    }
  }
}

template <class T, int Vectors>
Status correlate_channels(const Correlation& s, const Weight<T>& weight, const T* bias, const T* input, T* out) {
  constexpr int rows = kConvRows, width = Vectors * kLanes<T>;
  const int64_t panels = (s.out_channels + width - 1) / width, depth = s.depth(), plane = s.out_plane();
  const ImageLayout layout = needs_padding(s) ? ImageLayout::copy(s, false, s.out[2]) : ImageLayout::in_place(s);
  T* weights = static_cast<T*>(scratch(kWeightSlot, sizeof(T) * static_cast<size_t>(s.groups * panels * (depth + 1) * width)));
  auto* offsets = static_cast<ptrdiff_t*>(scratch(kTableSlot, sizeof(ptrdiff_t) * static_cast<size_t>(depth)));
  auto* positions = static_cast<ptrdiff_t*>(scratch(kPositionSlot, sizeof(ptrdiff_t) * static_cast<size_t>(plane + rows)));
  if (!weights || !offsets || !positions) return Status::out_of_memory;

  // Each panel's weights in the order (c, z, y, x), then its bias.
  T* to = weights;
  for (int64_t g = 0; g < s.groups; ++g) {
    for (int64_t o0 = 0; o0 < s.out_channels; o0 += width) {
      for (int64_t c = 0; c < s.in_channels; ++c) {
        for (int64_t z = 0; z < s.kernel[0]; ++z) {
          for (int64_t y = 0; y < s.kernel[1]; ++y) {
            for (int64_t x = 0; x < s.kernel[2]; ++x) {
              for (int j = 0; j < width; ++j) *to++ = o0 + j < s.out_channels ? weight.at(g, o0 + j, c, z, y, x) : T(0);
            }
          }
        }
      }
      for (int j = 0; j < width; ++j) *to++ = bias && o0 + j < s.out_channels ? bias[g * s.out_channels + o0 + j] : T(0);
    }
  }
  int64_t t = 0;
  for (int64_t c = 0; c < s.in_channels; ++c) {
    for (int64_t z = 0; z < s.kernel[0]; ++z) {
      for (int64_t y = 0; y < s.kernel[1]; ++y) {
        for (int64_t x = 0; x < s.kernel[2]; ++x) offsets[t++] = layout.tap(s, c, z, y, x);
      }
    }
  }
  t = 0;
  for (int64_t z = 0; z < s.out[0]; ++z) {
    for (int64_t y = 0; y < s.out[1]; ++y) {
      for (int64_t x = 0; x < s.out[2]; ++x) positions[t++] = layout.position(s, z, y, x);
    }
  }
  // The last tile repeats the last position.
  for (int i = 0; i < rows; ++i) positions[plane + i] = positions[plane - 1];

  const int64_t tiles = (plane + rows - 1) / rows;
  const Sharing sharing(s, tiles);
  std::atomic<bool> out_of_memory{false};
  parallel_for(sharing.tasks, sharing.grain, [&](int64_t begin, int64_t end) {
    T* copy = nullptr;
    if (layout.copied) {
      copy = static_cast<T*>(scratch(kImageSlot, sizeof(T) * static_cast<size_t>(layout.count(s))));
      if (!copy) {
        out_of_memory = true;
        return;
      }
    }
    int64_t copied = -1;
    for (int64_t task = begin; task < end; ++task) {
      const int64_t image = task / sharing.blocks, block = task % sharing.blocks, g = image % s.groups;
      const T* from = input + image * s.in_channels * s.in_plane();
      if (layout.copied && copied != image) {
        copy_image(s, layout, from, copy);
        copied = image;
      }
      if (layout.copied) from = copy;
      for (int64_t panel = 0; panel < panels; ++panel) {
        const T* packed = weights + (g * panels + panel) * (depth + 1) * width;
        for (int64_t tile = tiles * block / sharing.blocks; tile < tiles * (block + 1) / sharing.blocks; ++tile) {
          const int64_t p = tile * rows;
          GatheredRows<T, rows> gathered{{}, offsets};
          for (int i = 0; i < rows; ++i) gathered.row[i] = from + positions[p + i];
          run_channel_tile<T, rows, Vectors>(depth, gathered, packed, packed + depth * width,
                                             out + (image * s.out_channels + panel * width) * plane + p,
                                             static_cast<ptrdiff_t>(plane), static_cast<int>(std::min<int64_t>(rows, plane - p)),
                                             static_cast<int>(std::min<int64_t>(width, s.out_channels - panel * width)));
        }
      }
    }
  });
  return out_of_memory ? Status::out_of_memory : Status::ok;
}

// ---- the choice -------------------------------------------------------------------------------------------------------

int64_t tiles_of(int64_t count, int64_t tile) { return (count + tile - 1) / tile; }

// A tile step costs its multiplications, but not less than the latency of one lets pass: 4 cycles at two a cycle.
constexpr int64_t step_cost(int rows, int vectors) { return std::max(8, rows * vectors); }

template <class T> Status correlate(const Correlation& s, const Weight<T>& weight, const T* bias, const T* input, T* out) {
  using Method = Status (*)(const Correlation&, const Weight<T>&, const T*, const T*, T*);
  Method best = nullptr;
  int64_t least = 0;
  const auto consider = [&](Method method, int64_t cost) {
    if (!best || cost < least) {
      best = method;
      least = cost;
    }
  };
  const auto rows = [&](Method method, int tile_rows, int vectors) {
    consider(method, tiles_of(s.out_channels, tile_rows) * s.out[0] * s.out[1] * tiles_of(s.out[2], vectors * kLanes<T>) *
                         step_cost(tile_rows, vectors));
  };
  const auto channels = [&](Method method, int vectors) {
    consider(method, tiles_of(s.out_channels, vectors * kLanes<T>) * tiles_of(s.out_plane(), kConvRows) * step_cost(kConvRows, vectors));
  };
  channels(correlate_channels<T, 2>, 2);
  channels(correlate_channels<T, 1>, 1);
  rows(correlate_rows<T, 6, 2>, 6, 2);
  rows(correlate_rows<T, 4, 3>, 4, 3);
  rows(correlate_rows<T, 2, 4>, 2, 4);
  rows(correlate_rows<T, 1, 4>, 1, 4);
  return best(s, weight, bias, input, out);
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

// One tap, no stride, no padding: the image is the matrix.
bool is_product(const Correlation& s) {
  return s.taps() == 1 && s.stride[0] * s.stride[1] * s.stride[2] == 1 && !needs_padding(s) && s.in_channels * s.out_channels >= 64;
}

template <class T> Status forward(const Correlation& s, const T* weight, const T* bias, const T* input, T* out) {
  const auto depth = static_cast<ptrdiff_t>(s.depth());
  if (!is_product(s)) {
    const Weight<T> w{weight, static_cast<ptrdiff_t>(s.out_channels) * depth, depth, static_cast<ptrdiff_t>(s.taps()),
                      {static_cast<ptrdiff_t>(s.kernel[1] * s.kernel[2]), static_cast<ptrdiff_t>(s.kernel[2]), 1}};
    return correlate(s, w, bias, input, out);
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
  // Without strides it is the correlation of grad_out with the mirrored weight, channels exchanged.
  Correlation mirrored = s;
  std::swap(mirrored.in_channels, mirrored.out_channels);
  for (int d = 0; d < 3; ++d) {
    mirrored.in[d] = s.out[d];
    mirrored.out[d] = s.in[d];
    mirrored.before[d] = (s.kernel[d] - 1) * s.dilation[d] - s.before[d];
  }
  const ptrdiff_t row = static_cast<ptrdiff_t>(s.kernel[2]), slice = static_cast<ptrdiff_t>(s.kernel[1]) * row;
  const Weight<T> w{weight + s.taps() - 1, static_cast<ptrdiff_t>(s.out_channels * depth), static_cast<ptrdiff_t>(s.taps()),
                    static_cast<ptrdiff_t>(depth), {-slice, -row, -1}};
  return correlate<T>(mirrored, w, nullptr, grad_out, grad_in);
}

}  // namespace

Status convolution(Reader& in) {
  const View out = in.view(), input = in.view(), weight = in.view(), bias = in.view();
  const Correlation s = read_correlation(in, input, out, weight);
  if (out.count() == 0) return Status::ok;
  if (out.dtype == DType::float32) {
    return forward(s, weight.as<float>(), bias.as<float>(), input.as<float>(), out.as<float>());
  }
  return forward(s, weight.as<double>(), bias.as<double>(), input.as<double>(), out.as<double>());
}

Status convolution_input_gradient(Reader& in) {
  const View grad_in = in.view(), grad_out = in.view(), weight = in.view();
  const Correlation s = read_correlation(in, grad_in, grad_out, weight);
  if (grad_in.count() == 0) return Status::ok;
  if (grad_out.count() == 0) {
    std::memset(grad_in.data, 0, static_cast<size_t>(grad_in.count() * item_size(grad_in.dtype)));
    return Status::ok;
  }
  if (grad_in.dtype == DType::float32) {
    return input_gradient(s, weight.as<float>(), grad_out.as<float>(), grad_in.as<float>());
  }
  return input_gradient(s, weight.as<double>(), grad_out.as<double>(), grad_in.as<double>());
}

}  // namespace flambeau::FLAMBEAU_ISA
