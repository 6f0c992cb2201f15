// Correlations with 3 × 3 weights by the minimal filtering algorithm F(2 × 2, 3 × 3) of Winograd, as in Lavin and Gray, "Fast algorithms for
// convolutional neural networks" (2016): tiles of 4 × 4 elements and the weights are transformed, 16 products of matrices combine them, and
// each sum of products gives 2 × 2 positions: 16 multiplications where 36 are usual. Sums over the channels run in one order, whatever the number of threads.
//
// A value that is not finite makes more of its neighbours NaN than the definition does.
#pragma once
#include <atomic>

#include "convolution.h"
#include "pack.h"
#include "parallel.h"
#include "tile.h"

namespace flambeau::FLAMBEAU_ISA {

constexpr int kWinogradPoints = 16;
// Output channels whose products are formed before they are transformed back, and the most tiles at a time.
constexpr int64_t kWinogradChannels = 64 / kTileRows * kTileRows, kWinogradTiles = 192;
// What the transformed tiles may take of the second-level cache.
constexpr int64_t kWinogradBytes = 2 << 20;

// How far apart the matrices of two points lie: not a multiple of a page, or their elements would fall into the same places of the cache.
template <class T> constexpr int64_t point_pitch_of(int64_t size) { return size + 64 / static_cast<int64_t>(sizeof(T)); }

// The tiles of the outputs of all images, in rows.
struct WinogradTiling {
  int64_t down, across, each, all;
  explicit WinogradTiling(const Correlation& s)
      : down(tiles_of(s.out[1], 2)), across(tiles_of(s.out[2], 2)), each(down * across), all(each * s.images) {}
};

constexpr bool winograd_serves(const Correlation& s) {
  return s.kernel[0] == 1 && s.kernel[1] == 3 && s.kernel[2] == 3 && s.out[0] == 1 && s.in[0] == 1 && s.before[0] == 0 && s.stride[1] == 1 &&
         s.stride[2] == 1 && s.dilation[1] == 1 && s.dilation[2] == 1 && s.in_channels >= 16 && s.out_channels >= 16;
}

// Multiplications of vectors for one image and group, those of the transforms counted with their loads and stores.
template <class T> int64_t winograd_cost(const Correlation& s) {
  const WinogradTiling tiles(s);
  const int64_t vectors = tiles_of(tiles.all, kLanes<T>);
  const int64_t products = kWinogradPoints * tiles_of(s.out_channels, kTileRows) * kTileRows * s.in_channels * vectors;
  const int64_t inputs = 80 * s.images * s.in_channels * tiles.down * tiles_of(tiles.across, kLanes<T>);
  const int64_t outputs = s.out_channels * (60 * vectors + 8 * s.images * tiles.down);
  const int64_t weights = 80 * s.out_channels * s.in_channels / kLanes<T>;
  return (products + inputs + outputs + weights) / s.images;
}

// to[point * point_pitch][input channel][Rows] = G w Gᵀ of the weights of some input channels of a panel, [input channel][tap][Rows], whose taps may be in the
// opposite order.
template <class T> void transform_weights(T* to, int64_t point_pitch, const T* packed, bool backwards, int64_t channels) {
  constexpr int rows = kTileRows, piece = rows % 8 == 0 ? 8 : rows % 4 == 0 ? 4 : 2;
  using V = typename BlockVector<T, piece>::type;
  const ptrdiff_t next = backwards ? -rows : rows;
  for (int64_t c = 0; c < channels; ++c, packed += 9 * rows, to += rows) {
    for (int r = 0; r < rows; r += piece) {
      const T* tap = (backwards ? packed + 8 * rows : packed) + r;
      V half[4][3];
      FLAMBEAU_UNROLL
      for (int x = 0; x < 3; ++x) {
        V down[3];
        FLAMBEAU_UNROLL
        for (int y = 0; y < 3; ++y) __builtin_memcpy(&down[y], tap + (3 * y + x) * next, sizeof(V));
        const V sum = down[0] + down[2];
        half[0][x] = down[0];
        half[1][x] = T(0.5) * (sum + down[1]);
        half[2][x] = T(0.5) * (sum - down[1]);
        half[3][x] = down[2];
      }
      FLAMBEAU_UNROLL
      for (int y = 0; y < 4; ++y) {
        const V sum = half[y][0] + half[y][2];
        const V out[4] = {half[y][0], T(0.5) * (sum + half[y][1]), T(0.5) * (sum - half[y][1]), half[y][2]};
        FLAMBEAU_UNROLL
        for (int x = 0; x < 4; ++x) __builtin_memcpy(to + (y * 4 + x) * point_pitch + r, &out[x], sizeof(V));
      }
    }
  }
}

// to[point * point_pitch] = Bᵀ d B of `count` tiles side by side. Row y of the tiles begins at from + y * row with the elements of even x, then
// `odd` further those of odd x. Whole vectors are read and written.
template <class T>
FLAMBEAU_TILE_LOOP void transform_tiles(const T* from, ptrdiff_t row, ptrdiff_t odd, int64_t count, T* to, ptrdiff_t point_pitch) {
  for (int64_t i = 0; i < count; i += kLanes<T>) {
    Vector<T> down[4][4];
    FLAMBEAU_UNROLL
    for (int x = 0; x < 4; ++x) {
      const T* p = from + i + (x & 1 ? odd : 0) + x / 2;
      const Vector<T> d0 = load(p), d1 = load(p + row), d2 = load(p + 2 * row), d3 = load(p + 3 * row);
      down[0][x] = d0 - d2;
      down[1][x] = d1 + d2;
      down[2][x] = d2 - d1;
      down[3][x] = d1 - d3;
    }
    FLAMBEAU_UNROLL
    for (int y = 0; y < 4; ++y) {
      T* out = to + i + 4 * y * point_pitch;
      store<T>(out, down[y][0] - down[y][2]);
      store<T>(out + point_pitch, down[y][1] + down[y][2]);
      store<T>(out + 2 * point_pitch, down[y][2] - down[y][1]);
      store<T>(out + 3 * point_pitch, down[y][1] - down[y][3]);
    }
  }
}

// sums[row][Vectors] = Σ_t weights[t][row] * tiles[t][Vectors]
template <class T, int Vectors>
FLAMBEAU_TILE_LOOP void multiply_winograd(int64_t steps, const T* weights, const T* tiles, ptrdiff_t pitch, T* sums) {
  Tile<T, kTileRows, Vectors> tile;
  tile.clear();
  tile.accumulate(steps, PackedRows<T, kTileRows>{weights}, StridedColumns<T>{tiles, pitch});
  tile.write(sums, pitch);
}

// Tiles of one row of an image that one vector holds.
struct WinogradRun {
  int64_t lane, count;
  ptrdiff_t out;     // where the first position is, for the first output channel
  int64_t columns;   // that exist
  bool has_second;   // whether the second row of positions exists
};

// even[0], odd[0], even[1], odd[1], …
template <class T, int... Lane>
FLAMBEAU_INLINE void store_pairs(T* to, Vector<T> even, Vector<T> odd, std::integer_sequence<int, Lane...>) {
  constexpr int lanes = kLanes<T>;
  store<T>(to, __builtin_shufflevector(even, odd, (Lane % 2 * lanes + Lane / 2)...));
  store<T>(to + lanes, __builtin_shufflevector(even, odd, (Lane % 2 * lanes + lanes / 2 + Lane / 2)...));
}

// Aᵀ m A of a vector of tiles: the two rows of their positions in the order of x, [row][2 * lanes].
template <class T> FLAMBEAU_TILE_LOOP void transform_back(const T* sums, ptrdiff_t point_pitch, T bias, T* to) {
  constexpr int lanes = kLanes<T>;
  Vector<T> down[2][4];
  FLAMBEAU_UNROLL
  for (int x = 0; x < 4; ++x) {
    const T* p = sums + x * point_pitch;
    const Vector<T> m0 = load(p), m1 = load(p + 4 * point_pitch), m2 = load(p + 8 * point_pitch), m3 = load(p + 12 * point_pitch);
    down[0][x] = (m0 + m1) + m2;
    down[1][x] = (m1 - m2) - m3;
  }
  const Vector<T> b = splat(bias);
  FLAMBEAU_UNROLL
  for (int y = 0; y < 2; ++y) {
    const Vector<T> even = ((down[y][0] + down[y][1]) + down[y][2]) + b, odd = ((down[y][1] - down[y][2]) - down[y][3]) + b;
    store_pairs<T>(to + 2 * y * lanes, even, odd, std::make_integer_sequence<int, lanes>());
  }
}

// The correlation of one group. `pack(o, c, count, to)` lays out the weights of kTileRows output channels and some input channels as [input channel][tap][row],
// the taps backwards if `backwards`; `bias` may be null.
template <class T, class Pack> class Winograd {
 public:
  Winograd(const Correlation& s, const T* input, int64_t group, const Pack& pack, bool backwards, const T* bias, T* out)
      : s_(s), tiles_(s), input_(input), group_(group), pack_(pack), backwards_(backwards), bias_(bias), out_(out) {
    layout_.copied = true;
    layout_.phases = 2;
    layout_.size[0] = 1;
    layout_.size[1] = 2 * tiles_.down + 2;
    layout_.size[2] = tiles_.across + 1;
    layout_.row = static_cast<ptrdiff_t>(2 * layout_.size[2]);
    layout_.plane = layout_.channel = static_cast<ptrdiff_t>(layout_.size[1] * layout_.row);
  }

  Status run() {
    constexpr int64_t lanes = kLanes<T>, width = kTileVectors * lanes;
    const int64_t threads = s_.work() < kParallelConvolution ? 1 : thread_count();
    const int64_t fitting = kWinogradBytes / (kWinogradPoints * static_cast<int64_t>(sizeof(T)) * s_.in_channels);
    const int64_t most = std::min(fitting, kWinogradTiles), fewest = tiles_of(tiles_.all, std::max<int64_t>(1, most / width) * width);
    if (tiles_.all <= most) {
      block_ = tiles_of(tiles_.all, lanes) * lanes;
      return run_whole(threads);
    }
    // As many blocks for each thread.
    block_ = tiles_of(tiles_of(tiles_.all, tiles_of(fewest, threads) * threads), width) * width;
    const int64_t blocks = tiles_of(tiles_.all, block_), panels = tiles_of(s_.out_channels, kTileRows);
    T* weights = static_cast<T*>(scratch(kWeightSlot, sizeof(T) * static_cast<size_t>(kWinogradPoints * weight_pitch(panels))));
    if (!weights) return Status::out_of_memory;
    std::atomic<bool> out_of_memory{false};
    const int64_t grain = threads == 1 ? panels : std::max<int64_t>(1, kParallelConvolution / (kWinogradPoints * kTileRows * s_.in_channels));
    parallel_for(panels, grain, [&](int64_t begin, int64_t end) {
      if (!transform(begin, end, weights + begin * kTileRows * s_.in_channels, weight_pitch(panels))) out_of_memory = true;
    });
    if (out_of_memory) return Status::out_of_memory;
    weights_ = weights;
    parallel_for(blocks, tiles_of(blocks, threads == 1 ? 1 : 2 * threads), [&](int64_t begin, int64_t end) {
      T* tiles = reserve_tiles();
      if (!tiles) {
        out_of_memory = true;
        return;
      }
      int64_t copied = -1;
      for (int64_t block = begin; block < end; ++block) {
        const int64_t first = block * block_, last = std::min(tiles_.all, first + block_);
        if (!transform_block(first, last, tiles, 0, s_.in_channels, &copied) || !multiply_panels(first, last, tiles, 0, panels)) out_of_memory = true;
      }
    });
    return out_of_memory ? Status::out_of_memory : Status::ok;
  }

 private:
  // Of so many panels of output channels.
  int64_t weight_pitch(int64_t panels) const { return point_pitch_of<T>(panels * kTileRows * s_.in_channels); }

  // The weights of some panels. Taps that lie backwards belong to channels that are exchanged: those of an input channel lie side by side, and a few
  // input channels are gone through at a time.
  bool transform(int64_t begin, int64_t end, T* to, int64_t point_pitch) const {
    const int64_t most = backwards_ ? 4 : s_.in_channels;
    T* packed = static_cast<T*>(scratch(kTableSlot, sizeof(T) * static_cast<size_t>(9 * most * kTileRows)));
    if (!packed) return false;
    for (int64_t c = 0; c < s_.in_channels; c += most) {
      const int64_t some = std::min(most, s_.in_channels - c);
      for (int64_t panel = begin; panel < end; ++panel) {
        pack_(panel * kTileRows, c, some, packed);
        transform_weights(to + ((panel - begin) * s_.in_channels + c) * kTileRows, point_pitch, packed, backwards_, some);
      }
    }
    return true;
  }

  ptrdiff_t pitch() const { return static_cast<ptrdiff_t>(block_ + kLanes<T>); }
  ptrdiff_t tile_pitch() const { return static_cast<ptrdiff_t>(point_pitch_of<T>(pitch() * s_.in_channels)); }
  // Room for the transformed tiles of a block.
  T* reserve_tiles() const { return static_cast<T*>(scratch(kGradientSlot, sizeof(T) * static_cast<size_t>(kWinogradPoints * tile_pitch()))); }

  // All tiles are one block, whose output channels are shared. Weights, of which each is needed once, are transformed where they are needed.
  Status run_whole(int64_t threads) {
    T* tiles = reserve_tiles();
    if (!tiles) return Status::out_of_memory;
    std::atomic<bool> out_of_memory{false};
    parallel_for(s_.in_channels, tiles_of(s_.in_channels, threads), [&](int64_t begin, int64_t end) {
      int64_t copied = -1;
      if (!transform_block(0, tiles_.all, tiles, begin, end, &copied)) out_of_memory = true;
    });
    if (out_of_memory) return Status::out_of_memory;
    // The more panels at a time, the nearer the tiles are; but no thread shall wait for long.
    const int64_t panels = tiles_of(s_.out_channels, kTileRows);
    int64_t some = kWinogradChannels / kTileRows;
    const auto turns = [&](int64_t n) { return tiles_of(tiles_of(panels, n), threads) * n; };
    for (int64_t n = some - 1; n > 0; --n) {
      if (turns(n) < turns(some)) some = n;
    }
    parallel_for(tiles_of(panels, some), threads == 1 ? panels : 1, [&](int64_t begin, int64_t end) {
      if (!multiply_panels(0, tiles_.all, tiles, begin * some, std::min(panels, end * some))) out_of_memory = true;
    });
    return out_of_memory ? Status::out_of_memory : Status::ok;
  }

  // The block of tiles first … end, of some input channels; *copied is the image whose copy this thread has. Whole vectors are written: the next
  // tiles write over what goes too far, and after a channel's last one there is room.
  bool transform_block(int64_t first, int64_t end, T* tiles, int64_t first_channel, int64_t end_channel, int64_t* copied) const {
    T* image = static_cast<T*>(scratch(kImageSlot, sizeof(T) * static_cast<size_t>(layout_.count(s_) + 2 * kLanes<T>)));
    if (!image) return false;
    for (int64_t at = first; at < end;) {
      const int64_t n = at / tiles_.each, y = at % tiles_.each / tiles_.across, x = at % tiles_.across;
      const int64_t count = std::min(tiles_.across - x, end - at);
      if (*copied != n) {
        copy_image(s_, layout_, input_ + (n * s_.groups + group_) * s_.in_channels * s_.in_plane(), image, first_channel, end_channel);
        *copied = n;
      }
      for (int64_t c = first_channel; c < end_channel; ++c) {
        transform_tiles<T>(image + c * layout_.channel + 2 * y * layout_.row + x, layout_.row, static_cast<ptrdiff_t>(layout_.size[2]), count,
                           tiles + c * pitch() + (at - first), tile_pitch());
      }
      at += count;
    }
    return true;
  }

  // Where tiles first … end are in the output.
  int64_t place(int64_t first, int64_t end, WinogradRun* runs) const {
    constexpr int64_t lanes = kLanes<T>;
    int64_t count = 0;
    for (int64_t at = first; at < end;) {
      const int64_t n = at / tiles_.each, y = at % tiles_.each / tiles_.across, x = at % tiles_.across;
      const int64_t lane = (at - first) % lanes, some = std::min({lanes - lane, tiles_.across - x, end - at}), column = 2 * x;
      runs[count++] = {at - first, some, static_cast<ptrdiff_t>((n * s_.groups + group_) * s_.out_channels * s_.out_plane() + 2 * y * s_.out[2] + column),
                       std::min(2 * some, s_.out[2] - column), 2 * y + 1 < s_.out[1]};
      at += some;
    }
    return count;
  }

  // The block of tiles first … end by panels of output channels.
  bool multiply_panels(int64_t first, int64_t end, const T* tiles, int64_t first_panel, int64_t end_panel) const {
    constexpr int lanes = kLanes<T>;
    const int64_t vectors = tiles_of(end - first, lanes), all_panels = tiles_of(s_.out_channels, kTileRows);
    const ptrdiff_t sum_pitch = static_cast<ptrdiff_t>(point_pitch_of<T>(pitch() * kWinogradChannels));
    T* sums = static_cast<T*>(scratch(kSumSlot, sizeof(T) * static_cast<size_t>(kWinogradPoints * sum_pitch)));
    // At most one run for each tile, and one more for each vector.
    auto* runs = static_cast<WinogradRun*>(scratch(kPositionSlot, sizeof(WinogradRun) * static_cast<size_t>(2 * block_)));
    if (!sums || !runs) return false;
    const int64_t run_count = place(first, end, runs);
    for (int64_t part = first_panel; part < end_panel; part += kWinogradChannels / kTileRows) {
      const int64_t panels = std::min(kWinogradChannels / kTileRows, end_panel - part), first_channel = part * kTileRows;
      int64_t point_pitch = weight_pitch(all_panels);
      const T* weights = weights_ ? weights_ + first_channel * s_.in_channels : nullptr;
      if (!weights_) {
        point_pitch = weight_pitch(panels);
        T* own = static_cast<T*>(scratch(kWeightSlot, sizeof(T) * static_cast<size_t>(kWinogradPoints * point_pitch)));
        if (!own || !transform(part, part + panels, own, point_pitch)) return false;
        weights = own;
      }
      for (int64_t point = 0; point < kWinogradPoints; ++point) {
        for (int64_t v = 0; v < vectors; v += kTileVectors) {
          const T* columns = tiles + point * tile_pitch() + v * lanes;
          for (int64_t panel = 0; panel < panels; ++panel) {
            const T* rows = weights + point * point_pitch + panel * kTileRows * s_.in_channels;
            multiply(std::min<int64_t>(kTileVectors, vectors - v), rows, columns, sums + point * sum_pitch + panel * kTileRows * pitch() + v * lanes);
          }
        }
      }
      const int64_t channels = std::min(panels * kTileRows, s_.out_channels - first_channel);
      for (int64_t o = 0; o < channels; ++o) write(first_channel + o, sums + o * pitch(), sum_pitch, runs, run_count);
    }
    return true;
  }

  void multiply(int64_t vectors, const T* rows, const T* columns, T* sums) const {
    if (vectors == 1) multiply_winograd<T, 1>(s_.in_channels, rows, columns, pitch(), sums);
    else if (vectors == 2) multiply_winograd<T, 2>(s_.in_channels, rows, columns, pitch(), sums);
    else multiply_winograd<T, kTileVectors>(s_.in_channels, rows, columns, pitch(), sums);
  }

  // The positions of an output channel.
  void write(int64_t channel, const T* sums, ptrdiff_t sum_pitch, const WinogradRun* runs, int64_t run_count) const {
    constexpr int lanes = kLanes<T>;
    const T bias = bias_ ? bias_[channel] : T(0);
    T* plane = out_ + channel * s_.out_plane();
    T rows[4 * lanes];
    int64_t ready = -1;
    for (int64_t i = 0; i < run_count; ++i) {
      const WinogradRun& run = runs[i];
      const int64_t vector = run.lane / lanes, lane = run.lane % lanes;
      if (vector != ready) transform_back<T>(sums + vector * lanes, sum_pitch, bias, rows);
      ready = vector;
      T* to = plane + run.out;
      copy_run(to, rows + 2 * lane, run.columns);
      if (run.has_second) copy_run(to + s_.out[2], rows + 2 * (lanes + lane), run.columns);
    }
  }

  // A few elements, without a call.
  static FLAMBEAU_INLINE void copy_run(T* to, const T* from, int64_t count) {
    int64_t i = 0;
    for (; i + 4 <= count; i += 4) __builtin_memcpy(to + i, from + i, 4 * sizeof(T));
    for (; i < count; ++i) to[i] = from[i];
  }

  const Correlation& s_;
  const WinogradTiling tiles_;
  ImageLayout layout_;
  const T* input_;
  int64_t group_;
  const Pack& pack_;
  bool backwards_;
  const T* bias_;
  // Transformed beforehand, if they are.
  const T* weights_ = nullptr;
  T* out_;
  int64_t block_ = 0;
};

}  // namespace flambeau::FLAMBEAU_ISA
