// The register tile that every product of matrices and every convolution is made of: acc[i][j] += a_i(t) * b_j(t) for
// t = 0, 1, …, where a_i is a scalar and b_j a vector. The operands are read through small accessors, so one loop serves
// packed panels, strided matrices and the implicit matrices of a convolution.
#pragma once
#include <cstddef>
#include <type_traits>
#include <utility>

#include "kernel.h"

#if defined(__AVX__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#elif defined(__wasm_relaxed_simd__)
#include <wasm_simd128.h>
#endif

#define FLAMBEAU_INLINE inline __attribute__((always_inline))
#if defined(__clang__)
#define FLAMBEAU_UNROLL _Pragma("unroll")
#else
#define FLAMBEAU_UNROLL _Pragma("GCC unroll 16")
#endif
// GCC's -O3 passes rearrange the tile's loop until the accumulators no longer fit the registers.
#if defined(__GNUC__) && !defined(__clang__)
#define FLAMBEAU_TILE_LOOP __attribute__((noinline, optimize("O2", "no-tree-vectorize")))
#else
#define FLAMBEAU_TILE_LOOP __attribute__((noinline))
#endif

namespace flambeau::FLAMBEAU_ISA {

// Bytes of a vector, and the tile of the matrix product in rows and vectors: as many accumulators as leave registers for the vectors of b and
// one value of a. Of the 16 registers of SSE and WebAssembly's usual host, 12 accumulators already spill: 6 × 2 reached 23 GFLOP/s in
// WebAssembly where 4 × 2 reached 30.
#if defined(__AVX512F__)
constexpr int kVectorBytes = 64, kTileRows = 8, kTileVectors = 3, kConvRows = 8;
#elif defined(__AVX__)
constexpr int kVectorBytes = 32, kTileRows = 6, kTileVectors = 2, kConvRows = 6;
#elif defined(__aarch64__)
constexpr int kVectorBytes = 16, kTileRows = 8, kTileVectors = 3, kConvRows = 8;
#else
constexpr int kVectorBytes = 16, kTileRows = 4, kTileVectors = 2, kConvRows = 4;
#endif
constexpr bool kFewRegisters = kTileRows * kTileVectors < 12;

template <class T> struct VectorType;
template <> struct VectorType<float> { typedef float type __attribute__((vector_size(kVectorBytes))); };
template <> struct VectorType<double> { typedef double type __attribute__((vector_size(kVectorBytes))); };
template <class T> using Vector = typename VectorType<T>::type;
template <class T> constexpr int kLanes = kVectorBytes / sizeof(T);

template <class T> FLAMBEAU_INLINE Vector<T> load(const T* p) {
  Vector<T> v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}
template <class T> FLAMBEAU_INLINE void store(T* p, Vector<T> v) { __builtin_memcpy(p, &v, sizeof v); }

FLAMBEAU_INLINE Vector<float> splat(float x) {
#if defined(__AVX512F__)
  return _mm512_set1_ps(x);
#elif defined(__AVX__)
  return _mm256_set1_ps(x);
#else
  return Vector<float>{x, x, x, x};
#endif
}
FLAMBEAU_INLINE Vector<double> splat(double x) {
#if defined(__AVX512F__)
  return _mm512_set1_pd(x);
#elif defined(__AVX__)
  return _mm256_set1_pd(x);
#else
  return Vector<double>{x, x};
#endif
}

// a * b + c, rounded once where the hardware can.
FLAMBEAU_INLINE Vector<float> multiply_add(Vector<float> a, Vector<float> b, Vector<float> c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_ps(a, b, c);
#elif defined(__AVX__) && defined(__FMA__)
  return _mm256_fmadd_ps(a, b, c);
#elif defined(__aarch64__)
  return vfmaq_f32(c, a, b);
#elif defined(__wasm_relaxed_simd__)
  return (Vector<float>)wasm_f32x4_relaxed_madd((v128_t)a, (v128_t)b, (v128_t)c);
#else
  return a * b + c;
#endif
}
FLAMBEAU_INLINE Vector<double> multiply_add(Vector<double> a, Vector<double> b, Vector<double> c) {
#if defined(__AVX512F__)
  return _mm512_fmadd_pd(a, b, c);
#elif defined(__AVX__) && defined(__FMA__)
  return _mm256_fmadd_pd(a, b, c);
#elif defined(__aarch64__)
  return vfmaq_f64(c, a, b);
#elif defined(__wasm_relaxed_simd__)
  return (Vector<double>)wasm_f64x2_relaxed_madd((v128_t)a, (v128_t)b, (v128_t)c);
#else
  return a * b + c;
#endif
}

// The sum of Size lanes, of which the upper half is added to the lower one until one is left.
template <class T, int Size, class V, int... Lane> FLAMBEAU_INLINE T sum_halves(V v, std::integer_sequence<int, Lane...>) {
  const auto sum = __builtin_shufflevector(v, v, Lane...) + __builtin_shufflevector(v, v, (Size / 2 + Lane)...);
  if constexpr (Size > 4) return sum_halves<T, Size / 2>(sum, std::make_integer_sequence<int, Size / 4>());
  else if constexpr (Size == 4) return sum[0] + sum[1];
  else return sum[0];
}
template <class T> FLAMBEAU_INLINE T sum_lanes(Vector<T> v) {
  if constexpr (kLanes<T> == 2) return v[0] + v[1];
  else return sum_halves<T, kLanes<T>>(v, std::make_integer_sequence<int, kLanes<T> / 2>());
}
// The last n lanes; zeros before them.
template <class T> FLAMBEAU_INLINE Vector<T> last_lanes(Vector<T> v, int n) {
  using Integer = std::conditional_t<sizeof(T) == 4, int32_t, int64_t>;
  typedef Integer Integers __attribute__((vector_size(kVectorBytes)));
  Integers lane;
  for (int i = 0; i < kLanes<T>; ++i) lane[i] = i;
  return (Vector<T>)((Integers)v & (Integers)(lane >= static_cast<Integer>(kLanes<T> - n)));
}

// acc + *x * b. With AVX-512 the multiplication reads x itself: an instruction less than where x is repeated first, and a load more.
template <class T> FLAMBEAU_INLINE void add_product(Vector<T>& acc, const T* x, Vector<T> b) {
#if defined(__AVX512F__)
  if constexpr (sizeof(T) == 4) asm("vfmadd231ps %1%{1to16%}, %2, %0" : "+v"(acc) : "m"(*x), "v"(b));
  else asm("vfmadd231pd %1%{1to8%}, %2, %0" : "+v"(acc) : "m"(*x), "v"(b));
#else
  acc = multiply_add(splat(*x), b, acc);
#endif
}

// Accessors of a: a packed panel, [t][Pitch], of which a tile may take the first rows; rows of a matrix with a step between columns; rows gathered by a table.
template <class T, int Pitch> struct PackedRows {
  static constexpr bool is_packed = true;
  const T* p;
  FLAMBEAU_INLINE T at(int i) const { return p[i]; }
  FLAMBEAU_INLINE void next() { p += Pitch; }
};
template <class T> struct StridedRows {
  static constexpr bool is_packed = false;
  const T* p;
  ptrdiff_t row, step;
  FLAMBEAU_INLINE T at(int i) const { return p[i * row]; }
  FLAMBEAU_INLINE void next() { p += step; }
};
template <class T, int Rows> struct GatheredRows {
  static constexpr bool is_packed = false;
  const T* row[Rows];
  const ptrdiff_t* offset;
  FLAMBEAU_INLINE T at(int i) const { return row[i][*offset]; }
  FLAMBEAU_INLINE void next() { ++offset; }
};
// Accessors of b: where the vectors of step t begin.
template <class T, int Width> struct PanelColumns {
  const T* p;
  FLAMBEAU_INLINE const T* at() const { return p; }
  FLAMBEAU_INLINE void next() { p += Width; }
};
template <class T> struct StridedColumns {
  const T* p;
  ptrdiff_t step;
  FLAMBEAU_INLINE const T* at() const { return p; }
  FLAMBEAU_INLINE void next() { p += step; }
};
template <class T> struct GatheredColumns {
  const T* p;
  const ptrdiff_t* offset;
  FLAMBEAU_INLINE const T* at() const { return p + *offset; }
  FLAMBEAU_INLINE void next() { ++offset; }
};

template <class T, int Rows, int Vectors> struct Tile {
  Vector<T> acc[Rows][Vectors];

  FLAMBEAU_INLINE void clear() {
    FLAMBEAU_UNROLL
    for (int i = 0; i < Rows; ++i) {
      FLAMBEAU_UNROLL
      for (int j = 0; j < Vectors; ++j) acc[i][j] = Vector<T>{};
    }
  }
  template <class A, class B> FLAMBEAU_INLINE void accumulate(int64_t steps, A a, B b) {
    // A neighbour on the core's other thread leaves half of its instructions. Packed rows have few: steps whose addresses are constants,
    // and every other row is read by the multiplications. Products then take 0.9 of the time.
    constexpr bool is_lean = kVectorBytes == 64 && std::remove_reference_t<A>::is_packed && Rows == kTileRows;
    if constexpr (is_lean) {
      constexpr int some = 4;
      for (; steps >= some; steps -= some) {
        FLAMBEAU_UNROLL
        for (int s = 0; s < some; ++s) add_step<true>(a, b);
      }
    }
    for (int64_t t = 0; t < steps; ++t) add_step<is_lean>(a, b);
  }
  template <bool IsLean, class A, class B> FLAMBEAU_INLINE void add_step(A& a, B& b) {
    Vector<T> column[Vectors];
    const T* p = b.at();
    FLAMBEAU_UNROLL
    for (int j = 0; j < Vectors; ++j) column[j] = load(p + j * kLanes<T>);
    FLAMBEAU_UNROLL
    for (int i = 0; i < Rows; ++i) {
      if constexpr (IsLean) {
        if (i % 2 == 1) {
          FLAMBEAU_UNROLL
          for (int j = 0; j < Vectors; ++j) add_product(acc[i][j], a.p + i, column[j]);
          continue;
        }
      }
      const Vector<T> value = splat(a.at(i));
      FLAMBEAU_UNROLL
      for (int j = 0; j < Vectors; ++j) acc[i][j] = multiply_add(value, column[j], acc[i][j]);
    }
    a.next();
    b.next();
  }
  // Adds, or stores, a whole tile whose rows are `pitch` apart.
  FLAMBEAU_INLINE void add(const T* p, ptrdiff_t pitch) {
    FLAMBEAU_UNROLL
    for (int i = 0; i < Rows; ++i) {
      FLAMBEAU_UNROLL
      for (int j = 0; j < Vectors; ++j) acc[i][j] += load(p + i * pitch + j * kLanes<T>);
    }
  }
  FLAMBEAU_INLINE void write(T* p, ptrdiff_t pitch) const {
    FLAMBEAU_UNROLL
    for (int i = 0; i < Rows; ++i) {
      FLAMBEAU_UNROLL
      for (int j = 0; j < Vectors; ++j) store<T>(p + i * pitch + j * kLanes<T>, acc[i][j]);
    }
  }
};

}  // namespace flambeau::FLAMBEAU_ISA
