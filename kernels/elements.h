// Element types as C++ types of their own, so that kernels can be written once for all of them.
#pragma once
#include <type_traits>

#include "complex.h"
#include "half.h"
#include "kernel.h"
#include "parallel.h"

namespace flambeau::FLAMBEAU_ISA {

struct Boolean { uint8_t byte; };

// Value is what elements of T are computed in.
template <class T>
struct Element {
  using Value = T;
  static Value load(T x) { return x; }
  static T store(Value v) { return v; }
};
template <>
struct Element<Boolean> {
  using Value = bool;
  static Value load(Boolean x) { return x.byte != 0; }
  static Boolean store(Value v) { return {v}; }
};
template <>
struct Element<Half> {
  using Value = float;
  static Value load(Half x) { return to_float(x); }
  static Half store(Value v) { return to_half(v); }
};
template <>
struct Element<BFloat16> {
  using Value = float;
  static Value load(BFloat16 x) { return to_float(x); }
  static BFloat16 store(Value v) { return to_bfloat16(v); }
};

template <class T>
inline constexpr bool is_half = std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>;

template <class T>
struct Type { using type = T; };

// Calls f(Type<T>{}) with the element type of a real dtype.
template <class F>
inline auto with_dtype(DType t, F&& f) {
  switch (t) {
    case DType::uint8: return f(Type<uint8_t>{});
    case DType::int8: return f(Type<int8_t>{});
    case DType::int16: return f(Type<int16_t>{});
    case DType::int32: return f(Type<int32_t>{});
    case DType::int64: return f(Type<int64_t>{});
    case DType::float16: return f(Type<Half>{});
    case DType::float32: return f(Type<float>{});
    case DType::float64: return f(Type<double>{});
    case DType::boolean: return f(Type<Boolean>{});
    default: return f(Type<BFloat16>{});
  }
}
// The same, of complex64 and complex128 too.
template <class F>
inline auto with_any_dtype(DType t, F&& f) {
  switch (t) {
    case DType::complex64: return f(Type<Complex<float>>{});
    case DType::complex128: return f(Type<Complex<double>>{});
    default: return with_dtype(t, f);
  }
}

// Calls f(Type<T>{}) with the element type of a floating-point dtype.
template <class F>
inline auto with_float(DType t, F&& f) {
  switch (t) {
    case DType::float64: return f(Type<double>{});
    case DType::float16: return f(Type<Half>{});
    case DType::bfloat16: return f(Type<BFloat16>{});
    default: return f(Type<float>{});
  }
}

// Calls f(Type<T>{}) with an unsigned integer of a real element's size.
template <class F>
inline auto with_item_size(DType t, F&& f) {
  switch (item_size(t)) {
    case 1: return f(Type<uint8_t>{});
    case 2: return f(Type<uint16_t>{});
    case 4: return f(Type<uint32_t>{});
    default: return f(Type<uint64_t>{});
  }
}

// The same with some type of any element's size, for kernels that only move elements.
template <class F>
inline auto with_moved(DType t, F&& f) {
  if (t == DType::complex128) return f(Type<Complex<double>>{});
  return with_item_size(t, f);
}

// Arithmetic of PyTorch's element types: integers wrap, booleans saturate.
template <class V>
inline V add(V a, V b) {
  if constexpr (std::is_integral_v<V>) return static_cast<V>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  else return a + b;
}
template <class V>
inline V multiply(V a, V b) {
  if constexpr (std::is_integral_v<V>) return static_cast<V>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
  else return a * b;
}
// A real multiple.
template <class V>
inline V scale(Part<V> by, V v) {
  if constexpr (is_complex<V>) return {by * v.re, by * v.im};
  else return multiply(by, v);
}
// Not a number; compares instead of calling a library function, so that loops vectorise.
template <class V>
inline bool is_nan(V a) {
  if constexpr (std::is_floating_point_v<V>) return a != a;
  else return false;
}
// NaN wins.
template <class V>
inline V larger(V a, V b) { return is_nan(b) || b > a ? b : a; }
template <class V>
inline V smaller(V a, V b) { return is_nan(b) || b < a ? b : a; }

// Scratch memory for n items, or null when there is none.
template <class T>
inline T* scratch_array(int slot, int64_t n) {
  if (static_cast<uint64_t>(n) > SIZE_MAX / 2 / sizeof(T)) return nullptr;
  return static_cast<T*>(scratch(slot, static_cast<size_t>(n < 1 ? 1 : n) * sizeof(T)));
}

}  // namespace flambeau::FLAMBEAU_ISA
