// Matrix products. Large float ones are blocked and packed as in Goto and van de Geijn, "Anatomy of high-performance matrix
// multiplication" (2008); small ones read the operands in place; products with a vector stream the matrix once.
//
// How an element is summed depends on the shapes and strides alone, never on how many threads share the work.
#include "matmul.h"

#include <algorithm>
#include <atomic>
#include <type_traits>

#include "await.h"
#include "pack.h"
#include "parallel.h"
#include "short_products.h"
#include "tile.h"
#include "generated/matmul.h"

namespace flambeau::FLAMBEAU_ISA {
namespace {

constexpr int kColumnSlot = 0, kRowSlot = 1;
// A block of b stays in the second-level cache, which threads of a core share, while rows of a go by. Where c is so large that every pass over it
// comes from further away, there are half as many passes.
constexpr int64_t kDepth = 256, kNearBytes = 2 << 20, kBlockBytes = (kVectorBytes == 64 ? 640 : 256) << 10;
// Large products pack a's rows, so many at a time: as many as a tile has, which are then near, where vectors are long and panels of b so many
// that it pays. Otherwise rows whose elements lie side by side are read in place.
constexpr bool kPacksRows = kVectorBytes == 64;
constexpr int64_t kPackedRows = kPacksRows ? kTileRows : 48, kPackingPanels = 4;
// Below this many multiplications a product runs on one thread.
constexpr int64_t kParallelWork = 1 << 19;
// Operands are read in place where all of them take up to kInPlaceBytes, or where a's rows, read once per panel of b, take that and a
// panel kPanelBytes: a packed b of many panels would be written to the second-level cache and come back from there.
constexpr int64_t kInPlaceBytes = 128 << 10, kPanelBytes = 64 << 10;

// ---- writing a tile -----------------------------------------------------------------------------------------------

template <class T> struct Output {
  T* c;
  ptrdiff_t row, column;
  int rows, columns;  // of the tile that exist
  T alpha, beta;
};

// Seldom on the way of large products: kept small.
template <class T> __attribute__((noinline, cold)) void write_elements(const T* values, int width, Output<T> out) {
  for (int i = 0; i < out.rows; ++i) {
    for (int j = 0; j < out.columns; ++j) {
      T* c = out.c + i * out.row + j * out.column;
      const T value = out.alpha * values[i * width + j];
      *c = out.beta != 0 ? out.beta * *c + value : value;
    }
  }
}

// Whole vectors of the rows that exist; what does not fill one is written element by element.
template <class T, int Rows, int Vectors>
FLAMBEAU_INLINE void write_tile(const Tile<T, Rows, Vectors>& tile, const Output<T>& out) {
  constexpr int lanes = kLanes<T>, width = Vectors * lanes;
  // Copies, which no store through c can change.
  const int rows = out.rows, whole = out.column == 1 ? out.columns / lanes : 0;
  const ptrdiff_t row = out.row;
  const bool adds = out.beta != 0;
  const Vector<T> alpha = splat(out.alpha), beta = splat(out.beta);
  T* c = out.c;
  FLAMBEAU_UNROLL
  for (int i = 0; i < Rows; ++i) {
    if (i == rows) break;
    FLAMBEAU_UNROLL
    for (int j = 0; j < Vectors; ++j) {
      if (j == whole) break;
      Vector<T> value = alpha * tile.acc[i][j];
      if (adds) value = multiply_add(beta, load(c + j * lanes), value);
      store<T>(c + j * lanes, value);
    }
    c += row;
  }
  if (whole * lanes == out.columns) return;
  T values[Rows * width];
  tile.write(values, width);
  const int done = whole * lanes;
  write_elements(values + done, width, {out.c + done * out.column, out.row, out.column, out.rows, out.columns - done, out.alpha, out.beta});
}

// Rows of a with a step between columns. From the fifth on they are read from a place of their own, since multiples of the distance take registers.
template <class T> struct TileRows {
  static constexpr bool is_packed = false;
  const T *p, *later;
  ptrdiff_t row, step;

  TileRows(const T* p, int64_t row, int64_t step)
      : p(p), later(p + 4 * row), row(static_cast<ptrdiff_t>(row)), step(static_cast<ptrdiff_t>(step)) {}
  FLAMBEAU_INLINE T at(int i) const { return i < 4 ? p[i * row] : later[(i - 4) * row]; }
  FLAMBEAU_INLINE void next() {
    p += step;
    later += step;
  }
};
template <class T> using TileColumns = StridedColumns<T>;

// The tile's rows of c lie far apart: one after the other is fetched during the first steps, so that b's lines are not held up.
constexpr int kFetchSteps = 4;
#if defined(__wasm__)
constexpr bool kFetches = false;
#else
constexpr bool kFetches = true;
#endif

template <class T, int Rows, int Vectors, class A, class B>
FLAMBEAU_TILE_LOOP void multiply_tile(int64_t depth, const A& rows, const B& columns, const Output<T>& out) {
  constexpr int line = 64 / sizeof(T);
  A a = rows;
  B b = columns;
  Tile<T, Rows, Vectors> tile;
  tile.clear();
  if (kFetches && depth >= kFetchSteps * Rows) {
    const T* c = out.c;
    const ptrdiff_t row = out.row;
    for (int r = 0; r < Rows; ++r, c += row) {
      for (int j = 0; j < Vectors * kLanes<T>; j += line) __builtin_prefetch(c + j, 1);
      tile.template accumulate<A&, B&>(kFetchSteps, a, b);
    }
    depth -= kFetchSteps * Rows;
  }
  tile.accumulate(depth, a, b);
  write_tile(tile, out);
}

// ---- large products -----------------------------------------------------------------------------------------------

template <class T, class Rows> using ColumnsFor =
    std::conditional_t<Rows::is_packed, PanelColumns<T, kTileVectors * kLanes<T>>, TileColumns<T>>;
template <class T, class A> using TileFunction = void (*)(int64_t, const A&, const ColumnsFor<T, A>&, const Output<T>&);

// For tiles of so many rows and vectors.
template <class T, class A, int Rows = kTileRows> TileFunction<T, A> tile_function(int rows, int vectors) {
  if constexpr (Rows > 1) {
    if (rows < Rows) return tile_function<T, A, Rows - 1>(rows, vectors);
  }
  if (vectors == 1) return multiply_tile<T, Rows, 1, A, ColumnsFor<T, A>>;
  if (vectors == 2) return multiply_tile<T, Rows, 2, A, ColumnsFor<T, A>>;
  return multiply_tile<T, Rows, kTileVectors, A, ColumnsFor<T, A>>;
}

// The length of parts of n that are as long as each other, at most `most` if that is one step at least.
constexpr int64_t part_of(int64_t n, int64_t most, int64_t step) {
  const int64_t units = (n + step - 1) / step, most_units = std::max<int64_t>(1, most / step), parts = (units + most_units - 1) / most_units;
  return (units + parts - 1) / parts * step;
}

// A block of b, packed in panels of kTileVectors vectors, and its columns of c.
template <class T> struct Block {
  const T* panels;
  int64_t first, columns;  // of c
  int64_t begin, steps;    // of the depth
};

// Rows i … i + rows of c by the panels of a block.
template <class T, class A> void multiply_block(const MatrixProduct<T>& p, const Block<T>& block, const A& a, int64_t i, int rows) {
  constexpr int lanes = kLanes<T>, width = kTileVectors * lanes;
  const T beta = block.begin == 0 ? p.beta : T(1);
  for (int64_t j = 0; j < block.columns; j += width) {
    const int columns = static_cast<int>(std::min<int64_t>(width, block.columns - j));
    const Output<T> out{p.c + i * p.c_row + (block.first + j) * p.c_column, static_cast<ptrdiff_t>(p.c_row), static_cast<ptrdiff_t>(p.c_column),
                        rows, columns, p.alpha, beta};
    ColumnsFor<T, A> b;
    b.p = block.panels + j * block.steps;
    if constexpr (!A::is_packed) b.step = width;
    tile_function<T, A>(rows, (columns + lanes - 1) / lanes)(block.steps, a, b, out);
  }
}

// Rows begin … end of c by a block; those of a are read in place if packed_a is null.
template <class T> void multiply_rows_of(const MatrixProduct<T>& p, const Block<T>& block, T* packed_a, int64_t begin, int64_t end) {
  constexpr int rows = kTileRows;
  for (int64_t i = begin; i < end; i += rows) {
    const int some = static_cast<int>(std::min<int64_t>(rows, end - i));
    const T* a = p.a + i * p.a_row + block.begin * p.a_column;
    if (packed_a) {
      const int64_t from = (i - begin) % kPackedRows;
      if (from == 0) pack_panels<T, rows>(packed_a, a, block.steps, std::min(kPackedRows, end - i), p.a_column, p.a_row);
      const T* panel = packed_a + from * block.steps;
      if constexpr (kPacksRows) multiply_block(p, block, PackedRows<T, rows>{panel}, i, some);
      else multiply_block(p, block, TileRows<T>(panel, 1, rows), i, some);
    } else {
      multiply_block(p, block, TileRows<T>(a, p.a_row, 1), i, some);
    }
  }
}

// How many tiles' time it takes to pack a panel.
constexpr int64_t kPackingTiles = 4;

// A product whose rows are shared by those threads that are free: block after block of b, each takes chunks of rows from one of the two ends,
// so that a thread's part of c stays near. One that the system holds up, or wakes late, takes fewer. Each packs the block itself: threads that
// share a packed one wait for each other, and for each other's caches.
template <class T> class SharedProduct {
 public:
  void begin(const MatrixProduct<T>& product, int64_t most_depth, int64_t threads) {
    constexpr int64_t rows = kTileRows, width = kTileVectors * kLanes<T>;
    p_ = product;
    depth_ = part_of(p_.depth, most_depth, 1);
    columns_ = part_of(p_.columns, kBlockBytes / (depth_ * static_cast<int64_t>(sizeof(T))), width);
    const int64_t panels = (p_.rows + rows - 1) / rows, most_chunks = threads == 1 ? 1 : std::min<int64_t>(kMostChunks, 8 * threads);
    chunk_ = (panels + most_chunks - 1) / most_chunks * rows;
    chunks_ = (p_.rows + chunk_ - 1) / chunk_;
    deep_ = (p_.depth + depth_ - 1) / depth_;
    blocks_ = deep_ * ((p_.columns + columns_ - 1) / columns_);
  }

  // Whether so much is left that another thread had better pack a block, too.
  bool wants_help() const {
    const Place at = place_.load(std::memory_order_relaxed);
    const int64_t left = (blocks_ - at.block) * chunks_ - at.low - at.high;
    return left * chunk_ > 4 * kPackingTiles * kTileRows;
  }

  // Takes rows, from the upper end or the lower one, until none are left.
  Status work(bool upper) {
    constexpr int64_t width = kTileVectors * kLanes<T>;
    const bool packs = p_.a_column != 1 || (kPacksRows && columns_ >= kPackingPanels * width);
    T* packed_b = static_cast<T*>(scratch(kColumnSlot, sizeof(T) * static_cast<size_t>(depth_ * columns_)));
    T* packed_a = packs ? static_cast<T*>(scratch(kRowSlot, sizeof(T) * static_cast<size_t>(depth_ * kPackedRows))) : nullptr;
    if (!packed_b || (packs && !packed_a)) return Status::out_of_memory;
    Block<T> block{};
    int64_t packed = -1, chunk;
    for (int64_t index; (index = take(upper, &chunk)) < blocks_;) {
      if (index != packed) {
        const int64_t j = index / deep_ * columns_, t = index % deep_ * depth_;
        block = {packed_b, j, std::min(columns_, p_.columns - j), t, std::min(depth_, p_.depth - t)};
        pack_panels<T, width>(packed_b, p_.b + t * p_.b_row + j * p_.b_column, block.steps, block.columns, p_.b_row, p_.b_column);
        packed = index;
      }
      // Another thread may still be adding the last block to these rows.
      if (deep_ > 1) parallel_await(done_[chunk], static_cast<int>(index));
      multiply_rows_of(p_, block, packed_a, chunk * chunk_, std::min(p_.rows, (chunk + 1) * chunk_));
      if (deep_ > 1) parallel_tell(done_[chunk], static_cast<int>(index + 1));
    }
    return Status::ok;
  }

 private:
  static constexpr int64_t kMostChunks = 64;
  // The block at hand, and how many of its chunks are taken from each end.
  struct Place {
    int32_t block;
    int16_t low, high;
  };

  // The next chunk that is free, and its block; with blocks_ there is none.
  int64_t take(bool upper, int64_t* chunk) {
    Place at = place_.load(std::memory_order_relaxed), next;
    do {
      if (at.block == blocks_) return blocks_;
      *chunk = upper ? chunks_ - 1 - at.high : at.low;
      next = at;
      ++(upper ? next.high : next.low);
      if (next.low + next.high == chunks_) next = {at.block + 1, 0, 0};
    } while (!place_.compare_exchange_weak(at, next, std::memory_order_relaxed));
    return at.block;
  }

  MatrixProduct<T> p_;
  int64_t depth_, columns_, chunk_, chunks_, deep_, blocks_;
  alignas(64) std::atomic<Place> place_{Place{0, 0, 0}};
  alignas(64) std::atomic<int> done_[kMostChunks] = {};  // blocks of each chunk
};

// Into how many groups of columns a product is divided, and how many threads begin with each.
constexpr int64_t kMostGroups = 16;
struct Parts {
  int64_t rows = 1, columns = 1;

  Parts(int64_t row_panels, int64_t column_panels, int64_t threads) {
    int64_t least = -1;
    for (int64_t r = 1; r <= std::min(threads, row_panels); ++r) {
      const int64_t c = std::min({threads / r, column_panels, kMostGroups});
      const int64_t cost = (column_panels + c - 1) / c * ((row_panels + r - 1) / r + kPackingTiles);
      if (least >= 0 && cost >= least) continue;
      least = cost;
      rows = r;
      columns = c;
    }
  }
};

template <class T> __attribute__((noinline)) Status multiply_large(const MatrixProduct<T>& p) {
  constexpr int64_t rows = kTileRows, width = kTileVectors * kLanes<T>;
  const int64_t most_depth = p.rows * p.columns * static_cast<int64_t>(sizeof(T)) > kNearBytes ? 2 * kDepth : kDepth;
  const int64_t row_panels = (p.rows + rows - 1) / rows, column_panels = (p.columns + width - 1) / width;
  const int64_t shares = 2 * p.rows * p.columns * p.depth / kParallelWork;
  const Parts parts(row_panels, column_panels, std::min<int64_t>(thread_count(), shares));
  const int64_t threads = parts.rows * parts.columns;
  SharedProduct<T> groups[kMostGroups];
  for (int64_t c = 0; c < parts.columns; ++c) {
    MatrixProduct<T> q = p;
    const int64_t j = column_panels * c / parts.columns * width;
    q.columns = std::min(p.columns, column_panels * (c + 1) / parts.columns * width) - j;
    q.b += j * p.b_column;
    q.c += j * p.c_column;
    groups[c].begin(q, most_depth, threads);
  }
  std::atomic<Status> status{Status::ok};
  parallel_for(threads, 1, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; ++part) {
      for (int64_t g = 0; g < parts.columns; ++g) {
        SharedProduct<T>& group = groups[(part + g) % parts.columns];
        if (g > 0 && !group.wants_help()) continue;
        const Status found = group.work((part / parts.columns + g) % 2 == 1);
        if (found != Status::ok) status = found;
      }
    }
  });
  return status;
}

// ---- small products: operands in place --------------------------------------------------------------------------------

template <class T, int Rows, int Vectors>
void multiply_rows(const MatrixProduct<T>& p, int64_t i, const T* b, int64_t b_step, int64_t j, int columns) {
  const TileRows<T> a(p.a + i * p.a_row, p.a_row, p.a_column);
  const Output<T> out{p.c + i * p.c_row + j * p.c_column, static_cast<ptrdiff_t>(p.c_row), static_cast<ptrdiff_t>(p.c_column),
                      Rows, columns, p.alpha, p.beta};
  multiply_tile<T, Rows, Vectors>(p.depth, a, TileColumns<T>{b, static_cast<ptrdiff_t>(b_step)}, out);
}

// Rows i and after, Most at a time; the last ones in a tile of just their number.
template <class T, int Most, int Vectors>
__attribute__((noinline)) void multiply_panel(const MatrixProduct<T>& p, int64_t i, const T* b, int64_t b_step, int64_t j, int columns) {
  for (; i + Most <= p.rows; i += Most) multiply_rows<T, Most, Vectors>(p, i, b, b_step, j, columns);
  if constexpr (Most > 1) {
    if (i < p.rows) multiply_panel<T, Most - 1, Vectors>(p, i, b, b_step, j, columns);
  }
}

// Fewer rows leave registers for wider tiles, and need them to hide the latency of multiplications.
constexpr int kFourRowVectors = kFewRegisters ? 2 : 3, kTwoRowVectors = 4;

// All rows of a by a panel of b, which is read in place where its rows are contiguous and fill the vectors.
template <class T, int Vectors> void multiply_columns(const MatrixProduct<T>& p, T* packed, int64_t j, int columns) {
  constexpr int width = Vectors * kLanes<T>;
  const T* b = p.b + j * p.b_column;
  int64_t step = p.b_row;
  if (p.b_column != 1 || columns != width) {
    pack_panel<T, width>(packed, b, p.depth, columns, p.b_row, p.b_column);
    b = packed;
    step = width;
  }
  if constexpr (Vectors == kTwoRowVectors) {
    if (p.rows == 1) multiply_rows<T, 1, Vectors>(p, 0, b, step, j, columns);
    else multiply_rows<T, 2, Vectors>(p, 0, b, step, j, columns);
  } else {
    multiply_panel<T, Vectors <= kTileVectors ? kTileRows : 4, Vectors>(p, 0, b, step, j, columns);
  }
}

template <class T> __attribute__((noinline)) Status multiply_in_place(const MatrixProduct<T>& p) {
  constexpr int lanes = kLanes<T>;
  const int most = p.rows <= 2 ? kTwoRowVectors : p.rows <= 4 ? kFourRowVectors : kTileVectors, width = most * lanes;
  const int64_t panels = (p.columns + width - 1) / width;
  const int64_t grain = std::max<int64_t>(1, kParallelWork / std::max<int64_t>(1, p.rows * p.depth * width));
  std::atomic<bool> out_of_memory{false};
  parallel_for(panels, grain, [&](int64_t begin, int64_t end) {
    T* packed = static_cast<T*>(scratch(kColumnSlot, sizeof(T) * static_cast<size_t>(p.depth * width)));
    if (!packed) {
      out_of_memory = true;
      return;
    }
    for (int64_t j = begin * width; j < std::min(end * width, p.columns); j += width) {
      const int columns = static_cast<int>(std::min<int64_t>(width, p.columns - j));
      const int vectors = (columns + lanes - 1) / lanes;
      if (vectors == 1) multiply_columns<T, 1>(p, packed, j, columns);
      else if (vectors == 2) multiply_columns<T, 2>(p, packed, j, columns);
      else if (most == kTwoRowVectors) multiply_columns<T, kTwoRowVectors>(p, packed, j, columns);
      else multiply_columns<T, std::max(kFourRowVectors, kTileVectors)>(p, packed, j, columns);
    }
  });
  return out_of_memory ? Status::out_of_memory : Status::ok;
}

// ---- few rows and a transposed b: dot products --------------------------------------------------------------------------

template <class T, int Rows, int Columns>
FLAMBEAU_TILE_LOOP void dot_tile(const MatrixProduct<T>& p, int64_t i, int64_t j) {
  constexpr int lanes = kLanes<T>;
  const T *a[Rows], *b[Columns];
  for (int r = 0; r < Rows; ++r) a[r] = p.a + (i + r) * p.a_row;
  // Columns that do not exist repeat the last one.
  for (int c = 0; c < Columns; ++c) b[c] = p.b + std::min(j + c, p.columns - 1) * p.b_column;
  Vector<T> acc[Rows][Columns];
  FLAMBEAU_UNROLL
  for (int r = 0; r < Rows; ++r) {
    FLAMBEAU_UNROLL
    for (int c = 0; c < Columns; ++c) acc[r][c] = Vector<T>{};
  }
  const auto step = [&](auto&& at) __attribute__((always_inline)) {
    Vector<T> column[Columns];
    FLAMBEAU_UNROLL
    for (int c = 0; c < Columns; ++c) column[c] = at(b[c]);
    FLAMBEAU_UNROLL
    for (int r = 0; r < Rows; ++r) {
      const Vector<T> row = at(a[r]);
      FLAMBEAU_UNROLL
      for (int c = 0; c < Columns; ++c) acc[r][c] = multiply_add(row, column[c], acc[r][c]);
    }
  };
  int64_t t = 0;
  for (; t + lanes <= p.depth; t += lanes) step([&](const T* x) { return load(x + t); });
  // What is left: where vectors are long from the last whole one, else one by one.
  constexpr bool masked = lanes > 4;
  const int rest = static_cast<int>(p.depth - t);
  if (masked && rest > 0) step([&](const T* x) { return last_lanes<T>(load(x + p.depth - lanes), rest); });
  FLAMBEAU_UNROLL
  for (int r = 0; r < Rows; ++r) {
    FLAMBEAU_UNROLL
    for (int c = 0; c < Columns; ++c) {
      if (j + c >= p.columns) break;
      T sum = sum_lanes<T>(acc[r][c]);
      for (int64_t s = masked ? p.depth : t; s < p.depth; ++s) sum += a[r][s] * b[c][s];
      T* out = p.c + (i + r) * p.c_row + (j + c) * p.c_column;
      *out = p.beta != 0 ? p.beta * *out + p.alpha * sum : p.alpha * sum;
    }
  }
}

template <class T> void multiply_dot(const MatrixProduct<T>& p) {
  constexpr int columns = kFewRegisters ? 2 : 3;
  const int64_t tiles = (p.columns + columns - 1) / columns;
  const int64_t grain = std::max<int64_t>(1, kParallelWork / 4 / std::max<int64_t>(1, p.rows * p.depth * columns));
  parallel_for(tiles, grain, [&](int64_t begin, int64_t end) {
    for (int64_t tile = begin; tile < end; ++tile) {
      int64_t i = 0;
      for (; i + 4 <= p.rows; i += 4) dot_tile<T, 4, columns>(p, i, tile * columns);
      if (p.rows - i == 3) dot_tile<T, 3, columns>(p, i, tile * columns);
      if (p.rows - i == 2) dot_tile<T, 2, columns>(p, i, tile * columns);
      if (p.rows - i == 1) dot_tile<T, 1, columns>(p, i, tile * columns);
    }
  });
}

// ---- one row: a combination of b's rows -----------------------------------------------------------------------------

// c[0, begin..end) in blocks that stay in the first-level cache while b's rows stream past.
template <class T> FLAMBEAU_TILE_LOOP void combine_rows(const MatrixProduct<T>& p, int64_t begin, int64_t end) {
  constexpr int lanes = kLanes<T>;
  constexpr int64_t block = 8192 / sizeof(T);
  for (int64_t j0 = begin; j0 < end; j0 += block) {
    const int64_t columns = std::min(block, end - j0);
    T* c = p.c + j0;
    for (int64_t j = 0; j < columns; ++j) c[j] = p.beta != 0 ? p.beta * c[j] : T(0);
    int64_t t = 0;
    for (; t + 4 <= p.depth; t += 4) {
      const T* row = p.b + t * p.b_row + j0;
      const T* a = p.a + t * p.a_column;
      const T x0 = p.alpha * a[0], x1 = p.alpha * a[p.a_column], x2 = p.alpha * a[2 * p.a_column], x3 = p.alpha * a[3 * p.a_column];
      const Vector<T> v0 = splat(x0), v1 = splat(x1), v2 = splat(x2), v3 = splat(x3);
      int64_t j = 0;
      for (; j + lanes <= columns; j += lanes) {
        Vector<T> sum = multiply_add(v0, load(row + j), load(c + j));
        sum = multiply_add(v1, load(row + p.b_row + j), sum);
        sum = multiply_add(v2, load(row + 2 * p.b_row + j), sum);
        sum = multiply_add(v3, load(row + 3 * p.b_row + j), sum);
        store<T>(c + j, sum);
      }
      for (; j < columns; ++j) {
        c[j] = c[j] + x0 * row[j] + x1 * row[p.b_row + j] + x2 * row[2 * p.b_row + j] + x3 * row[3 * p.b_row + j];
      }
    }
    for (; t < p.depth; ++t) {
      const T* row = p.b + t * p.b_row + j0;
      const T x = p.alpha * p.a[t * p.a_column];
      for (int64_t j = 0; j < columns; ++j) c[j] += x * row[j];
    }
  }
}

template <class T> __attribute__((noinline)) void scale(const MatrixProduct<T>& p) {
  for (int64_t i = 0; i < p.rows; ++i) {
    T* c = p.c + i * p.c_row;
    if (p.beta == 0) {
      for (int64_t j = 0; j < p.columns; ++j) c[j * p.c_column] = T(0);
    } else if (p.c_column == 1) {
      for (int64_t j = 0; j < p.columns; ++j) c[j] *= p.beta;
    } else {
      for (int64_t j = 0; j < p.columns; ++j) c[j * p.c_column] *= p.beta;
    }
  }
}

template <class T> __attribute__((noinline)) Status multiply_floats(const MatrixProduct<T>& product) {
  MatrixProduct<T> p = product;
  if (p.rows == 0 || p.columns == 0) return Status::ok;
  if (p.depth == 0 || p.alpha == 0) {
    scale(p);
    return Status::ok;
  }
  // c^T = b^T a^T: wanted where that makes c's rows contiguous, and to make a single column a single row.
  if (p.rows > 1 && (p.columns == 1 || (p.c_column != 1 && p.c_row == 1))) {
    p = {product.columns, product.rows, product.depth, product.b, product.b_column, product.b_row, product.a,
         product.a_column, product.a_row, product.c, product.c_column, product.c_row, product.alpha, product.beta};
  }
  // A stride along one element means nothing; 1 lets the paths for contiguous rows take it.
  if (p.columns == 1) p.b_column = p.c_column = 1;
  if (p.depth == 1) p.a_column = p.b_row = 1;
  if (is_short(p)) {
    multiply_short(p);
    return Status::ok;
  }
  const bool dot = p.a_column == 1 && p.b_row == 1 && p.depth >= 2 * kLanes<T>;
  if (dot && p.rows <= 12) {
    multiply_dot(p);
    return Status::ok;
  }
  if (p.rows == 1 && p.b_column == 1 && p.c_column == 1) {
    const int64_t grain = std::max<int64_t>(256, kParallelWork / 4 / p.depth);
    parallel_for(p.columns, grain, [&](int64_t begin, int64_t end) { combine_rows(p, begin, end); });
    return Status::ok;
  }
  constexpr int64_t size = sizeof(T), width = kTileVectors * kLanes<T>;
  const int64_t bytes = size * p.depth * (p.columns + p.rows);
  const bool few_rows = p.a_column == 1 && p.rows * p.depth * size <= kInPlaceBytes && p.depth * width * size <= kPanelBytes;
  if (bytes <= kInPlaceBytes || few_rows) return multiply_in_place(p);
  return multiply_large(p);
}

// ---- integers --------------------------------------------------------------------------------------------------------

// Sums wrap, so they are formed in unsigned arithmetic, in 32 bits at least.
template <class T> __attribute__((noinline)) void multiply_integers(const MatrixProduct<T>& p) {
  using Wide = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
  constexpr int64_t block = 512;
  const int64_t grain = std::max<int64_t>(1, kParallelWork / 8 / std::max<int64_t>(1, p.depth * p.columns));
  parallel_for(p.rows, grain, [&](int64_t begin, int64_t end) {
    Wide sum[block];
    for (int64_t i = begin; i < end; ++i) {
      for (int64_t j0 = 0; j0 < p.columns; j0 += block) {
        const int64_t columns = std::min(block, p.columns - j0);
        for (int64_t j = 0; j < columns; ++j) sum[j] = 0;
        const T* a = p.a + i * p.a_row;
        const T* b = p.b + j0 * p.b_column;
        int64_t t = 0;
        // Four rows of b at once: their products are added before the sums are stored.
        for (; p.b_column == 1 && t + 4 <= p.depth; t += 4) {
          const T* row = b + t * p.b_row;
          Wide x[4];
          for (int k = 0; k < 4; ++k) x[k] = static_cast<Wide>(a[(t + k) * p.a_column]);
          for (int64_t j = 0; j < columns; ++j) {
            sum[j] += x[0] * static_cast<Wide>(row[j]) + x[1] * static_cast<Wide>(row[p.b_row + j]) +
                x[2] * static_cast<Wide>(row[2 * p.b_row + j]) + x[3] * static_cast<Wide>(row[3 * p.b_row + j]);
          }
        }
        for (; t < p.depth; ++t) {
          const Wide x = static_cast<Wide>(a[t * p.a_column]);
          for (int64_t j = 0; j < columns; ++j) sum[j] += x * static_cast<Wide>(b[t * p.b_row + j * p.b_column]);
        }
        for (int64_t j = 0; j < columns; ++j) {
          T* c = p.c + i * p.c_row + (j0 + j) * p.c_column;
          Wide value = static_cast<Wide>(p.alpha) * sum[j];
          if (p.beta != 0) value += static_cast<Wide>(p.beta) * static_cast<Wide>(*c);
          *c = static_cast<T>(value);
        }
      }
    }
  });
}

Status multiply_any(const MatrixProduct<float>& p) { return multiply_floats(p); }
Status multiply_any(const MatrixProduct<double>& p) { return multiply_floats(p); }
template <class T> Status multiply_any(const MatrixProduct<T>& p) {
  multiply_integers(p);
  return Status::ok;
}

template <class T> __attribute__((noinline)) Status multiply_batch(const View& out, const View& a, const View& b, double alpha, double beta) {
  MatrixProduct<T> p{out.size[1], out.size[2], a.size[2], a.as<T>(), a.stride[1], a.stride[2], b.as<T>(), b.stride[1],
                     b.stride[2], out.as<T>(), out.stride[1], out.stride[2], static_cast<T>(0), static_cast<T>(0)};
  if constexpr (std::is_integral_v<T>) {
    p.alpha = static_cast<T>(static_cast<int64_t>(alpha));
    p.beta = static_cast<T>(static_cast<int64_t>(beta));
  } else {
    p.alpha = static_cast<T>(alpha);
    p.beta = static_cast<T>(beta);
  }
  int64_t batch = out.size[0];
  // One b for the whole batch: the rows of all the matrices are the rows of one.
  if (batch > 1 && b.stride[0] == 0 && a.stride[0] == p.rows * p.a_row && out.stride[0] == p.rows * p.c_row) {
    p.rows *= batch;
    batch = 1;
  }
  if (batch == 0 || p.rows == 0 || p.columns == 0) return Status::ok;
  const auto one = [&](int64_t index) {
    MatrixProduct<T> q = p;
    q.a += index * a.stride[0];
    q.b += index * b.stride[0];
    q.c += index * out.stride[0];
    return multiply_any(q);
  };
  if (batch == 1) return one(0);
  const int64_t work = std::max<int64_t>(1, p.rows * p.columns * std::max<int64_t>(1, p.depth));
  std::atomic<Status> status{Status::ok};
  // Few large matrices are shared out one by one, many small ones as wholes.
  const int64_t grain = batch < 2 * thread_count() && work > 4 * kParallelWork ? batch : std::max<int64_t>(1, kParallelWork / work);
  parallel_for(batch, grain, [&](int64_t begin, int64_t end) {
    for (int64_t index = begin; index < end; ++index) {
      const Status result = one(index);
      if (result != Status::ok) status = result;
    }
  });
  return status;
}

}  // namespace

Status multiply(const MatrixProduct<float>& product) { return multiply_floats(product); }
Status multiply(const MatrixProduct<double>& product) { return multiply_floats(product); }

Status matmul(const MatmulArguments& args) {
  const double alpha = args.alpha, beta = args.beta;
  switch (args.out.dtype) {
    case DType::float32: return multiply_batch<float>(args.out, args.a, args.b, alpha, beta);
    case DType::float64: return multiply_batch<double>(args.out, args.a, args.b, alpha, beta);
    case DType::int64: return multiply_batch<int64_t>(args.out, args.a, args.b, alpha, beta);
    case DType::int32: return multiply_batch<int32_t>(args.out, args.a, args.b, alpha, beta);
    case DType::int16: return multiply_batch<int16_t>(args.out, args.a, args.b, alpha, beta);
    case DType::int8: return multiply_batch<int8_t>(args.out, args.a, args.b, alpha, beta);
    default: return multiply_batch<uint8_t>(args.out, args.a, args.b, alpha, beta);
  }
}

}  // namespace flambeau::FLAMBEAU_ISA
