// Plane rotations, and sequences of them applied to neighbouring columns.
#pragma once
#include <algorithm>
#include <cmath>
#include <limits>

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
  // Rotates columns first and first + step, then the next pair, and so on: by strips of rows, whose elements of the column that pairs share stay in registers.
  void rotate_chain(const Rotation* rotations, int64_t count, int64_t first, int64_t step) const {
    constexpr int lanes = kLanes<R>;
    int64_t row = 0;
    for (; row + 4 * lanes <= rows; row += 4 * lanes) rotate_strip<4>(rotations, count, column(first) + row, step * pitch);
    if constexpr (kVectorBytes > 16) {
      for (; row + lanes <= rows; row += lanes) rotate_strip<1>(rotations, count, column(first) + row, step * pitch);
    }
    for (int64_t k = 0; row < rows && k < count; ++k, first += step)
      rotate(column(first) + row, column(first + step) + row, static_cast<R>(rotations[k].c), static_cast<R>(rotations[k].s), rows - row);
  }
  template <int vectors>
  static void rotate_strip(const Rotation* rotations, int64_t count, R* p, int64_t next) {
    Vector<R> x[vectors];
    FLAMBEAU_UNROLL
    for (int v = 0; v < vectors; ++v) x[v] = load(p + v * kLanes<R>);
    for (int64_t k = 0; k < count; ++k, p += next) {
      const Vector<R> c = splat(static_cast<R>(rotations[k].c)), s = splat(static_cast<R>(rotations[k].s));
      FLAMBEAU_UNROLL
      for (int v = 0; v < vectors; ++v) {
        const Vector<R> y = load(p + next + v * kLanes<R>);
        store<R>(p + v * kLanes<R>, multiply_add(c, x[v], s * y));
        x[v] = multiply_add(c, y, -(s * x[v]));
      }
    }
    FLAMBEAU_UNROLL
    for (int v = 0; v < vectors; ++v) store<R>(p + v * kLanes<R>, x[v]);
  }
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

}  // namespace flambeau::FLAMBEAU_ISA
