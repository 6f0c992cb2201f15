// Small matrices of real numbers side by side, as many as a vector has lanes: their elements at one place are one vector, so that a
// stack of them is computed without a scalar in sight. What matrices do differently (rows swapped, zeros met) is chosen by lanes.
#pragma once
#include <algorithm>
#include <optional>
#include <type_traits>
#include <utility>

#include "matrix.h"
#include "tile.h"
#include "triangular.h"

namespace flambeau::FLAMBEAU_ISA::interleaved {

// So many elements of each matrix stay in the first-level cache.
constexpr int64_t kMost = 256;
// The length of the shorter side is then no more than this.
constexpr int64_t kShorter = 16;

template <class T>
constexpr bool takes(int64_t count, int64_t rows, int64_t columns) {
  if constexpr (is_complex<T>) return false;
  else return rows * columns <= kMost && 2 * count >= kLanes<T>;
}

// The stack of matrices, from the one at `first`; `transposed` as such.
template <class T>
struct Stack {
  T* data;
  int64_t step, rows, columns, row, column;

  Stack(const View& v, bool transposed = false)
      : data(v.as<T>()), step(v.stride[0]), rows(v.size[transposed ? 2 : 1]), columns(v.size[transposed ? 1 : 2]), row(v.stride[transposed ? 2 : 1]),
        column(v.stride[transposed ? 1 : 2]) {}
  // A dense vector of numbers for each matrix.
  Stack(T* vectors, int64_t n) : data(vectors), step(n), rows(n), columns(1), row(1), column(1) {}
  Stack block(int64_t first_column, int64_t count) const {
    Stack part = *this;
    part.data += first_column * column;
    part.columns = count;
    return part;
  }
};

// The elements of two vectors by turns: of their first halves, or of the others.
template <bool second, class V, int... i>
FLAMBEAU_INLINE V zip(V a, V b, std::integer_sequence<int, i...>) {
  constexpr int lanes = sizeof...(i), from = second ? lanes / 2 : 0;
#if __has_builtin(__builtin_shufflevector)
  return __builtin_shufflevector(a, b, (from + i / 2 + i % 2 * lanes)...);
#else
  return __builtin_shuffle(a, b, decltype(a < b){(from + i / 2 + i % 2 * lanes)...});
#endif
}

// Element j of vector i trades places with element i of vector j.
template <class T>
FLAMBEAU_INLINE void transpose(Vector<T>* v) {
  constexpr int lanes = kLanes<T>;
  constexpr std::make_integer_sequence<int, lanes> all{};
  FLAMBEAU_UNROLL
  for (int stage = 1; stage < lanes; stage *= 2) {
    Vector<T> next[lanes];
    FLAMBEAU_UNROLL
    for (int i = 0; i < lanes / 2; ++i) {
      next[2 * i] = zip<false>(v[i], v[i + lanes / 2], all);
      next[2 * i + 1] = zip<true>(v[i], v[i + lanes / 2], all);
    }
    FLAMBEAU_UNROLL
    for (int i = 0; i < lanes; ++i) v[i] = next[i];
  }
}

// Where the elements of matrices without gaps lie: calls tile(first, place) for as many elements in a row of memory as a vector has lanes (some twice,
// at the end), of which number i has the place place(i) in rows of vectors. False if there are gaps, or fewer elements.
template <class T, class F>
FLAMBEAU_INLINE bool for_each_tile(const Stack<T>& stack, F&& tile) {
  constexpr int lanes = kLanes<T>;
  const int64_t elements = stack.rows * stack.columns;
  const bool along = stack.column == 1 && stack.row == stack.columns;
  if (elements < lanes || (!along && !(stack.row == 1 && stack.column == stack.rows))) return false;
  for (int64_t first = 0; first < elements; first += lanes) {
    const int64_t from = std::min(first, elements - lanes);
    tile(from, [&](int64_t i) { return along ? from + i : (from + i) % stack.rows * stack.columns + (from + i) / stack.rows; });
  }
  return true;
}

// Rows of vectors, [rows][columns]. Lanes beyond the stack repeat its last matrix.
template <class T>
[[gnu::noinline]] void gather(const Stack<T>& from, int64_t first, int count, Vector<T>* to) {
  constexpr int lanes = kLanes<T>;
  const auto matrix = [&](int lane) { return from.data + (first + std::min(lane, count - 1)) * from.step; };
  if (for_each_tile(from, [&](int64_t at, auto place) {
        Vector<T> v[lanes];
        for (int lane = 0; lane < lanes; ++lane) v[lane] = load(matrix(lane) + at);
        transpose<T>(v);
        for (int i = 0; i < lanes; ++i) to[place(i)] = v[i];
      }))
    return;
  T* p = reinterpret_cast<T*>(to);
  for (int lane = 0; lane < lanes; ++lane) {
    for (int64_t i = 0; i < from.rows; ++i) {
      const T* q = matrix(lane) + i * from.row;
      T* line = p + i * from.columns * lanes + lane;
      for (int64_t j = 0; j < from.columns; ++j) line[j * lanes] = q[j * from.column];
    }
  }
}

template <class T>
[[gnu::noinline]] void spread(const Vector<T>* from, const Stack<T>& to, int64_t first, int count) {
  constexpr int lanes = kLanes<T>;
  if (for_each_tile(to, [&](int64_t at, auto place) {
        Vector<T> v[lanes];
        for (int i = 0; i < lanes; ++i) v[i] = from[place(i)];
        transpose<T>(v);
        for (int lane = 0; lane < count; ++lane) store<T>(to.data + (first + lane) * to.step + at, v[lane]);
      }))
    return;
  const T* p = reinterpret_cast<const T*>(from);
  for (int lane = 0; lane < count; ++lane) {
    T* matrix = to.data + (first + lane) * to.step;
    for (int64_t i = 0; i < to.rows; ++i) {
      T* q = matrix + i * to.row;
      const T* line = p + i * to.columns * lanes + lane;
      for (int64_t j = 0; j < to.columns; ++j) q[j * to.column] = line[j * lanes];
    }
  }
}

template <class T>
FLAMBEAU_INLINE Vector<T> absolute(Vector<T> x) {
  return x < 0 ? -x : x;
}

template <class T>
FLAMBEAU_INLINE Vector<T> root(Vector<T> x) {
#if defined(__AVX512F__)
  if constexpr (std::is_same_v<T, float>) return _mm512_sqrt_ps(x);
  else return _mm512_sqrt_pd(x);
#elif defined(__AVX__)
  if constexpr (std::is_same_v<T, float>) return _mm256_sqrt_ps(x);
  else return _mm256_sqrt_pd(x);
#endif
  T lane[kLanes<T>];
  store<T>(lane, x);
  for (int i = 0; i < kLanes<T>; ++i) lane[i] = std::sqrt(lane[i]);
  return load(lane);
}

// to -= by * from
template <class T>
FLAMBEAU_INLINE void subtract(Vector<T>* to, Vector<T> by, const Vector<T>* from, int64_t n) {
  for (int64_t j = 0; j < n; ++j) to[j] = multiply_add(-by, from[j], to[j]);
}

// Rows i and k trade places in the lanes of the mask.
template <class T, class Mask>
FLAMBEAU_INLINE void swap_rows(Vector<T>* a, Vector<T>* b, Mask mask, int64_t n) {
  for (int64_t j = 0; j < n; ++j) {
    const Vector<T> x = a[j], y = b[j];
    a[j] = mask ? y : x;
    b[j] = mask ? x : y;
  }
}

// x = a⁻¹ x
template <class T>
[[gnu::noinline]] void solve_triangle(const Vector<T>* a, Triangle form, Vector<T>* x, int64_t n, int64_t columns) {
  for (int64_t step = 0; step < n; ++step) {
    const int64_t i = form.upper ? n - 1 - step : step;
    Vector<T>* to = x + i * columns;
    for (int64_t k = 0; k < step; ++k) {
      const int64_t j = form.upper ? n - 1 - k : k;
      subtract<T>(to, a[i * n + j], x + j * columns, columns);
    }
    if (form.unit) continue;
    const Vector<T> by = a[i * n + i];
    for (int64_t c = 0; c < columns; ++c) to[c] = to[c] / by;
  }
}

// Calls one(first, count) for as many matrices at once as there are lanes.
template <class T, class F>
void for_each_group(int64_t count, int64_t work, F&& one) {
  constexpr int64_t lanes = kLanes<T>, kEnough = 1 << 17;
  const int64_t groups = (count + lanes - 1) / lanes;
  parallel_for(groups, kEnough / (work * lanes + 1) + 1, [&](int64_t begin, int64_t end) {
    for (int64_t g = begin; g < end; ++g) one(g * lanes, static_cast<int>(std::min(lanes, count - g * lanes)));
  });
}

// Calls group(first, count) for them, and where that has no status one(i) for each.
template <class T, class One, class Group>
Status for_each_group(int64_t count, int64_t work, One&& one, Group&& group) {
  std::atomic<Status> status{Status::ok};
  for_each_group<T>(count, work, [&](int64_t first, int width) {
    const auto note = [&](Status result) {
      if (result != Status::ok) status = result;
    };
    if (const std::optional<Status> result = group(first, width)) return note(*result);
    for (int i = 0; i < width; ++i) note(one(first + i));
  });
  return status.load();
}

// Writes what a vector says of each matrix, an integer.
template <class T>
void write_integers(Vector<T> from, int count, int32_t* to, int64_t step = 1) {
  for (int lane = 0; lane < count; ++lane) to[lane * step] = static_cast<int32_t>(from[lane]);
}

// Solves with columns of right-hand sides, `from` (null for those of the identity), as many at once as there is room for: one(x, columns).
template <class T, class F>
void for_each_strip(const Stack<T>* from, const Stack<T>& to, int64_t first, int count, F&& one) {
  Vector<T> strip[kMost];
  const int64_t most = std::max<int64_t>(1, kMost / std::max<int64_t>(1, to.rows));
  for (int64_t c = 0; c < to.columns; c += most) {
    const int64_t columns = std::min(most, to.columns - c);
    if (from) gather(from->block(c, columns), first, count, strip);
    for (int64_t i = 0; i < to.rows * columns && !from; ++i) strip[i] = splat(T(i % columns + c == i / columns));
    one(strip, columns);
    spread(strip, to.block(c, columns), first, count);
  }
}

}  // namespace flambeau::FLAMBEAU_ISA::interleaved
