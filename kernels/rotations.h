// Plane rotations, and sequences of them applied to neighbouring columns.
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "tile.h"

namespace flambeau::FLAMBEAU_ISA {

// Columns that lie a power of two apart share their places in caches, of which rows then find few: some space between them makes eigenvalues of
// 512 rows ten times faster.
inline int64_t pitch_of(int64_t n) { return n >= 64 && n % 16 == 0 ? n + 8 : n; }

// √(a² + b²) of numbers whose squares do not overflow.
template <class R>
inline R length_of(R a, R b) {
  const R sum = a * a + b * b;
  return sum > std::numeric_limits<R>::min() / (std::numeric_limits<R>::epsilon() * std::numeric_limits<R>::epsilon()) ? std::sqrt(sum) : std::hypot(a, b);
}

// c f + s g = r, c g - s f = 0
struct Rotation {
  double c, s;

  // Returns r.
  double make(double f, double g) {
    if (g == 0) {
      c = 1;
      s = 0;
      return f;
    }
    const double r = std::copysign(length_of(f, g), f);
    c = f / r;
    s = g / r;
    return r;
  }
};

// (a, b) becomes (c a + s b, c b - s a), element by element.
template <class R>
[[gnu::noinline]] void rotate(R* __restrict a, R* __restrict b, R c, R s, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    const R x = a[i], y = b[i];
    a[i] = c * x + s * y;
    b[i] = c * y - s * x;
  }
}

// Dense columns that rotations change along with a condensed form; none where `data` is null.
template <class R>
struct Columns {
  R* data = nullptr;
  int64_t rows = 0, pitch = 0;

  explicit operator bool() const { return data != nullptr; }
  R* column(int64_t j) const { return data + j * pitch; }
  void swap(int64_t i, int64_t j) const {
    if (data) std::swap_ranges(column(i), column(i) + rows, column(j));
  }
  void set_identity(int64_t n) const {
    for (int64_t j = 0; j < n; ++j) {
      std::fill_n(column(j), rows, R(0));
      column(j)[j] = 1;
    }
  }
};

// Chains of rotations: each turns columns first and first + step, then the next pair, and so on. Several wait for each other, so that one pass over the
// columns, which come from memory, does all of them: what one chain is done with goes to the next.
template <class R>
class Chains {
 public:
  const Columns<R> columns;

  // Elements of memory for chains of up to n rotations.
  static int64_t size(int64_t n) { return 2 * kMost * (n + kMost); }
  Chains(const Columns<R>& columns, R* memory) : columns(columns), memory_(reinterpret_cast<Factors*>(memory)) {}

  void add(const Rotation* rotations, int64_t count, int64_t first, int64_t step) {
    if (!columns || count == 0) return;
    const auto begin = [&](const Factors* factors) {
      first_ = first;
      step_ = step;
      count_ = count;
      factors_ = factors;
    };
    if constexpr (kMost == 1) {
      begin(rotations);
      run<1>();
    } else {
      // Shorter ones run along with the first.
      const int64_t before = (first - first_) * step;
      if (waiting_ > 0 && (step != step_ || before < 0 || before + count > count_ || 2 * count < count_)) flush();
      if (waiting_ == 0) {
        begin(memory_);
        std::fill_n(memory_, (count + kMost) * kMost, Factors{1, 0});
      }
      Factors* to = memory_ + ((first - first_) * step + waiting_) * kMost + waiting_;
      for (int64_t k = 0; k < count; ++k) to[k * kMost] = {static_cast<R>(rotations[k].c), static_cast<R>(rotations[k].s)};
      if (++waiting_ == kMost) flush();
    }
  }
  void flush() {
    if constexpr (kMost > 1) {
      if (waiting_ == 1) run<1>();
      if (waiting_ == 2) run<2>();
      if (waiting_ > 2) run<kMost>();
    }
    waiting_ = 0;
  }

 private:
  struct Pair {
    R c, s;
  };
  static constexpr int kMost = kFewRegisters ? 1 : 4;
  using Factors = std::conditional_t<kMost == 1, Rotation, Pair>;
  static constexpr int kVectors = kFewRegisters || kVectorBytes != 32 ? 4 : 2;

  // By strips of rows, whose elements of the columns that pairs share stay in registers.
  template <int chains>
  void run() {
    constexpr int lanes = kLanes<R>;
    const int64_t rows = columns.rows;
    int64_t row = 0;
    for (; row + kVectors * lanes <= rows; row += kVectors * lanes) run_strip<chains, kVectors>(row);
    if constexpr (kVectorBytes > 16) {
      for (; row + lanes <= rows; row += lanes) run_strip<chains, 1>(row);
    }
    for (int chain = 0; row < rows && chain < chains; ++chain) {
      for (int64_t k = 0; k < count_; ++k) {
        const Factors by = factors_[(k + chain) * kMost + chain];
        R* p = columns.column(first_ + k * step_) + row;
        rotate(p, p + step_ * columns.pitch, static_cast<R>(by.c), static_cast<R>(by.s), rows - row);
      }
    }
  }
  template <int chains, int vectors>
  void run_strip(int64_t row) {
    constexpr int lanes = kLanes<R>;
    const int64_t next = step_ * columns.pitch;
    const Factors* by = factors_;
    R* p = columns.column(first_) + row;
    Vector<R> x[chains][vectors] = {};
    FLAMBEAU_UNROLL
    for (int v = 0; v < vectors; ++v) x[0][v] = load(p + v * lanes);
    // In step k the first chain takes column k + 1 and is done with column k.
    const auto turn = [&](bool loads, bool stores) __attribute__((always_inline)) {
      Vector<R> y[vectors] = {};
      FLAMBEAU_UNROLL
      for (int v = 0; loads && v < vectors; ++v) y[v] = load(p + next + v * lanes);
      FLAMBEAU_UNROLL
      for (int chain = 0; chain < chains; ++chain) {
        const Vector<R> c = splat(static_cast<R>(by[chain].c)), s = splat(static_cast<R>(by[chain].s));
        FLAMBEAU_UNROLL
        for (int v = 0; v < vectors; ++v) {
          const Vector<R> done = multiply_add(c, x[chain][v], s * y[v]);
          x[chain][v] = multiply_add(c, y[v], -(s * x[chain][v]));
          y[v] = done;
        }
      }
      FLAMBEAU_UNROLL
      for (int v = 0; stores && v < vectors; ++v) store<R>(p - (chains - 1) * next + v * lanes, y[v]);
      p += next;
      by += kMost;
    };
    int64_t k = 0;
    if constexpr (chains > 1) {
      for (; k < std::min<int64_t>(chains - 1, count_); ++k) turn(true, false);
      for (; k < chains - 1; ++k) turn(false, false);
    }
    for (; k < count_; ++k) turn(true, true);
    if constexpr (chains > 1) {
      for (; k < count_ + chains - 1; ++k) turn(false, true);
    }
    FLAMBEAU_UNROLL
    for (int v = 0; v < vectors; ++v) store<R>(p - (chains - 1) * next + v * lanes, x[chains - 1][v]);
  }

  Factors* memory_;
  const Factors* factors_ = nullptr;
  int64_t first_ = 0, step_ = 0, count_ = 0;
  int waiting_ = 0;
};

}  // namespace flambeau::FLAMBEAU_ISA
