// Moves lines of numbers between tensors and rows of lanes (fft_passes.h).
#pragma once
#include <algorithm>
#include <utility>

#include "fft_passes.h"

namespace flambeau::FLAMBEAU_ISA {

// Lines of tensors, one a lane; in numbers, of which a complex element has two.
template <class T>
struct Lines {
  static constexpr int kWidth = kLanes<T>;
  // Those beyond `count` repeat the first: they are read, and not written.
  T* line[kWidth];
  int count = 0;
  // From point to point, and from real to imaginary part.
  int64_t step, part = 0;
  // Whether there are no imaginary parts.
  bool is_real = false;
  // How far neighbours lie apart, or 0 if that differs.
  int64_t apart = 0;

  void find_distance() {
    for (int l = count; l < kWidth; ++l) line[l] = line[0];
    apart = count == kWidth ? line[1] - line[0] : 0;
    for (int l = 2; l < count; ++l) {
      if (line[l] - line[l - 1] != apart) apart = 0;
    }
  }
  bool is_dense() const { return !is_real && part == 1 && step == 2; }
  // Whether a point of all lines is a run of complex numbers, or one of real ones for each part.
  bool has_pairs() const { return !is_real && apart == 2 && part == 1; }
  bool has_runs() const { return apart == 1; }
};

template <int Half, size_t... I>
FLAMBEAU_INLINE auto lower_halves(auto a, auto b, std::index_sequence<I...>) {
  return __builtin_shufflevector(a, b, ((I & Half) == 0 ? I : I - Half + sizeof...(I))...);
}
template <int Half, size_t... I>
FLAMBEAU_INLINE auto upper_halves(auto a, auto b, std::index_sequence<I...>) {
  return __builtin_shufflevector(a, b, ((I & Half) == 0 ? I + Half : I + sizeof...(I))...);
}
template <class T, int Half>
FLAMBEAU_INLINE void exchange(Vector<T> (&v)[kLanes<T>]) {
  constexpr auto lanes = std::make_index_sequence<kLanes<T>>{};
  FLAMBEAU_UNROLL
  for (int i = 0; i < kLanes<T>; ++i) {
    if ((i & Half) != 0) continue;
    const Vector<T> a = v[i], b = v[i + Half];
    v[i] = lower_halves<Half>(a, b, lanes);
    v[i + Half] = upper_halves<Half>(a, b, lanes);
  }
  if constexpr (Half > 1) exchange<T, Half / 2>(v);
}
// A square of numbers, turned about its diagonal.
template <class T>
FLAMBEAU_INLINE void transpose(Vector<T> (&v)[kLanes<T>]) { exchange<T, kLanes<T> / 2>(v); }

template <class T, size_t... I>
FLAMBEAU_INLINE ComplexVector<T> parts_of(Vector<T> a, Vector<T> b, std::index_sequence<I...>) {
  return {__builtin_shufflevector(a, b, (2 * I)...), __builtin_shufflevector(a, b, (2 * I + 1)...)};
}
template <class T, size_t... I>
FLAMBEAU_INLINE Vector<T> interleaved(ComplexVector<T> v, int, std::index_sequence<I...>) {
  return __builtin_shufflevector(v.re, v.im, (I / 2 + I % 2 * sizeof...(I))...);
}
template <class T, size_t... I>
FLAMBEAU_INLINE Vector<T> interleaved(ComplexVector<T> v, std::index_sequence<I...>) {
  return __builtin_shufflevector(v.re, v.im, ((I + sizeof...(I)) / 2 + I % 2 * sizeof...(I))...);
}

// Neighbours in memory, real and imaginary parts by turns.
template <class T>
FLAMBEAU_INLINE ComplexVector<T> load_neighbours(const T* from) {
  return parts_of<T>(load(from), load(from + kLanes<T>), std::make_index_sequence<kLanes<T>>{});
}
template <class T>
FLAMBEAU_INLINE void store_neighbours(T* to, ComplexVector<T> v) {
  constexpr auto lanes = std::make_index_sequence<kLanes<T>>{};
  store<T>(to, interleaved<T>(v, 0, lanes));
  store<T>(to + kLanes<T>, interleaved<T>(v, lanes));
}

template <class T, size_t... I>
FLAMBEAU_INLINE Vector<T> reversed(Vector<T> v, std::index_sequence<I...>) {
  return __builtin_shufflevector(v, v, (sizeof...(I) - 1 - I)...);
}
template <class T>
FLAMBEAU_INLINE ComplexVector<T> reversed(ComplexVector<T> v) {
  constexpr auto lanes = std::make_index_sequence<kLanes<T>>{};
  return {reversed<T>(v.re, lanes), reversed<T>(v.im, lanes)};
}

// Reads n points of every line into rows.
template <class T>
void load_lines(const Lines<T>& lines, int64_t n, Split<T> to) {
  constexpr int kWidth = kLanes<T>;
  int64_t j = 0;
  if (lines.is_dense()) {
    for (; j + kWidth / 2 <= n; j += kWidth / 2) {
      Vector<T> block[kWidth];
      FLAMBEAU_UNROLL
      for (int l = 0; l < kWidth; ++l) block[l] = load(lines.line[l] + 2 * j);
      transpose<T>(block);
      FLAMBEAU_UNROLL
      for (int i = 0; i < kWidth; ++i) store<T>((i % 2 == 0 ? to.re : to.im) + (j + i / 2) * kWidth, block[i]);
    }
  } else if (lines.has_pairs()) {
    for (; j < n; ++j) store_pair(to.at(j * kWidth), load_neighbours(lines.line[0] + j * lines.step));
  } else if (lines.has_runs()) {
    for (; j < n; ++j) {
      const T* from = lines.line[0] + j * lines.step;
      store_pair(to.at(j * kWidth), {load(from), lines.is_real ? Vector<T>{} : load(from + lines.part)});
    }
  }
  for (; j < n; ++j) {
    for (int l = 0; l < kWidth; ++l) {
      const T* from = lines.line[l] + j * lines.step;
      to.re[j * kWidth + l] = *from;
      to.im[j * kWidth + l] = lines.is_real ? T(0) : from[lines.part];
    }
  }
}

// Writes n points of every line, times a factor.
template <class T>
void store_lines(const Lines<T>& lines, int64_t n, Split<T> from, T factor) {
  constexpr int kWidth = kLanes<T>;
  const Vector<T> by = splat(factor);
  int64_t j = 0;
  if (lines.is_dense()) {
    for (; j + kWidth / 2 <= n; j += kWidth / 2) {
      Vector<T> block[kWidth];
      FLAMBEAU_UNROLL
      for (int i = 0; i < kWidth; ++i) block[i] = load((i % 2 == 0 ? from.re : from.im) + (j + i / 2) * kWidth) * by;
      transpose<T>(block);
      if (lines.count == kWidth) {
        FLAMBEAU_UNROLL
        for (int l = 0; l < kWidth; ++l) store<T>(lines.line[l] + 2 * j, block[l]);
      } else {
        for (int l = 0; l < lines.count; ++l) store<T>(lines.line[l] + 2 * j, block[l]);
      }
    }
  } else if (lines.has_pairs()) {
    for (; j < n; ++j) {
      const ComplexVector<T> v = load_pair(from.at(j * kWidth));
      store_neighbours(lines.line[0] + j * lines.step, {v.re * by, v.im * by});
    }
  } else if (lines.has_runs()) {
    for (; j < n; ++j) {
      T* to = lines.line[0] + j * lines.step;
      store<T>(to, load(from.re + j * kWidth) * by);
      if (!lines.is_real) store<T>(to + lines.part, load(from.im + j * kWidth) * by);
    }
  }
  for (; j < n; ++j) {
    for (int l = 0; l < lines.count; ++l) {
      T* to = lines.line[l] + j * lines.step;
      *to = from.re[j * kWidth + l] * factor;
      if (!lines.is_real) to[lines.part] = from.im[j * kWidth + l] * factor;
    }
  }
}

// Whether memory can be written past the caches: lines that fill them are then not read first, which takes as long as transforming them.
#if defined(__AVX__)
constexpr bool kStreams = true;
FLAMBEAU_INLINE void store_past(float* to, Vector<float> v) {
#if defined(__AVX512F__)
  _mm512_stream_ps(to, v);
#else
  _mm256_stream_ps(to, v);
#endif
}
FLAMBEAU_INLINE void store_past(double* to, Vector<double> v) {
#if defined(__AVX512F__)
  _mm512_stream_pd(to, v);
#else
  _mm256_stream_pd(to, v);
#endif
}
// Before others may know of what was written.
inline void end_stores_past() { _mm_sfence(); }
#else
constexpr bool kStreams = false;
template <class T>
FLAMBEAU_INLINE void store_past(T* to, Vector<T> v) { store<T>(to, v); }
inline void end_stores_past() {}
#endif

template <class T>
void copy_past(T* to, const T* from, int64_t n) {
  const int64_t before = static_cast<int64_t>(-reinterpret_cast<uintptr_t>(to) % kVectorBytes / sizeof(T));
  int64_t i = std::min(before, n);
  std::copy(from, from + i, to);
  for (; i + kLanes<T> <= n; i += kLanes<T>) store_past(to + i, load(from + i));
  std::copy(from + i, from + n, to + i);
}

// One line.
template <class T>
struct Line {
  T* data;
  int64_t step, part;

  FLAMBEAU_INLINE T re(int64_t i) const { return data[i * step]; }
  FLAMBEAU_INLINE T im(int64_t i) const { return data[i * step + part]; }
  FLAMBEAU_INLINE void set(int64_t i, T re, T im) const {
    data[i * step] = re;
    data[i * step + part] = im;
  }
  bool is_dense() const { return part == 1 && step == 2; }

  // As many neighbours as there are lanes; those beyond n are zeros, or not written.
  FLAMBEAU_INLINE ComplexVector<T> get_neighbours(int64_t i, int64_t n) const {
    if (is_dense() && i + kLanes<T> <= n) return load_neighbours(data + 2 * i);
    T parts[2][kLanes<T>] = {};
    for (int l = 0; l < kLanes<T> && i + l < n; ++l) {
      parts[0][l] = re(i + l);
      parts[1][l] = im(i + l);
    }
    return {load(parts[0]), load(parts[1])};
  }
  FLAMBEAU_INLINE void set_neighbours(int64_t i, int64_t n, ComplexVector<T> v) const {
    if (is_dense() && i + kLanes<T> <= n) return store_neighbours(data + 2 * i, v);
    T parts[2][kLanes<T>];
    store<T>(parts[0], v.re);
    store<T>(parts[1], v.im);
    for (int l = 0; l < kLanes<T> && i + l < n; ++l) set(i + l, parts[0][l], parts[1][l]);
  }
};

}  // namespace flambeau::FLAMBEAU_ISA
