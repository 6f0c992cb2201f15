// Conversion between dtypes, of elements and of strided rows.
#pragma once
#include <cstdint>
#include <type_traits>

#include "complex.h"
#include "float8.h"
#include "half.h"
#include "kernel.h"

// The iterations of the loop that follows do not depend on each other; operands may still be the very same array.
#if defined(__clang__)
#define FLAMBEAU_INDEPENDENT _Pragma("clang loop vectorize(assume_safety) interleave(enable)")
#else
#define FLAMBEAU_INDEPENDENT _Pragma("GCC ivdep")
#endif

namespace flambeau::FLAMBEAU_ISA {

// Stored truth values: a byte that is 0 or 1.
enum class Boolean : uint8_t {};

// Truncates toward zero. What does not fit (and NaN) gives the smallest integer, as PyTorch on x86.
template <class Int, class F>
inline Int truncate(F x) {
  constexpr F limit = static_cast<F>(uint64_t{1} << (8 * sizeof(Int) - 1));
  return (x >= -limit) & (x < limit) ? static_cast<Int>(x) : static_cast<Int>(uint64_t{1} << (8 * sizeof(Int) - 1));
}

// Types that little is computed in: their loops are as short as can be where every page loads them.
template <class T>
inline constexpr bool is_rare = is_float8<T> || std::is_same_v<T, uint16_t> || std::is_same_v<T, uint32_t> || std::is_same_v<T, uint64_t>;

#if defined(__wasm__)
#define FLAMBEAU_SHORT _Pragma("clang loop vectorize(disable) unroll(disable)")
constexpr bool kShortLoops = true;
#else
#define FLAMBEAU_SHORT
constexpr bool kShortLoops = false;
#endif

template <class To, class From>
inline To convert(From x) {
  if constexpr (std::is_same_v<To, From>) {
    return x;
  } else if constexpr (is_complex<From>) {
    return static_cast<To>(x);
  } else if constexpr (is_complex<To>) {
    return {static_cast<Part<To>>(x), Part<To>{}};
  } else if constexpr (std::is_same_v<From, Half> || std::is_same_v<From, BFloat16> || is_float8<From>) {
    return convert<To>(to_float(x));
  } else if constexpr (std::is_same_v<From, Boolean>) {
    return convert<To>(static_cast<int32_t>(static_cast<uint8_t>(x) != 0));
  } else if constexpr (std::is_same_v<To, Half>) {
    return to_half(static_cast<float>(x));
  } else if constexpr (std::is_same_v<To, BFloat16>) {
    return to_bfloat16(static_cast<float>(x));
  } else if constexpr (is_float8<To>) {
    return To::of(static_cast<float>(x));
  } else if constexpr (std::is_same_v<To, Boolean>) {
    return static_cast<Boolean>(x != 0 ? 1 : 0);
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    // Narrow integers wrap what fits 32 bits, uint32 what fits 64.
    if constexpr (std::is_same_v<To, uint64_t>) {
      constexpr From half = 0x1p63;
      return x >= half ? static_cast<uint64_t>(truncate<int64_t>(x - half)) ^ (uint64_t{1} << 63) : static_cast<uint64_t>(truncate<int64_t>(x));
    } else if constexpr (sizeof(To) == 8 || std::is_same_v<To, uint32_t>) return static_cast<To>(truncate<int64_t>(x));
    else return static_cast<To>(static_cast<uint32_t>(truncate<int32_t>(x)));
  } else {
    return static_cast<To>(x);
  }
}

// to[i] = from[i * stride]
template <class To, class From>
void load_row(void* to_, const void* from_, int64_t stride, int64_t n) {
  To* to = static_cast<To*>(to_);
  const From* from = static_cast<const From*>(from_);
  if constexpr (kShortLoops && is_rare<From>) {
    FLAMBEAU_SHORT
    for (int64_t i = 0; i < n; ++i) to[i] = convert<To>(from[i * stride]);
  } else if (stride == 1) {
    FLAMBEAU_INDEPENDENT
    for (int64_t i = 0; i < n; ++i) to[i] = convert<To>(from[i]);
  } else if (stride == 0) {
    const To value = convert<To>(*from);
    for (int64_t i = 0; i < n; ++i) to[i] = value;
  } else if (std::is_same_v<To, From> && std::is_floating_point_v<To> && stride == 2) {
    // A part of complex numbers: vectors, too.
    FLAMBEAU_INDEPENDENT
    for (int64_t i = 0; i < n; ++i) to[i] = convert<To>(from[2 * i]);
  } else {
    for (int64_t i = 0; i < n; ++i) to[i] = convert<To>(from[i * stride]);
  }
}

// to[i * stride] = from[i]
template <class To, class From>
void store_row(void* to_, const void* from_, int64_t stride, int64_t n) {
  To* to = static_cast<To*>(to_);
  const From* from = static_cast<const From*>(from_);
  if constexpr (kShortLoops && is_rare<To>) {
    FLAMBEAU_SHORT
    for (int64_t i = 0; i < n; ++i) to[i * stride] = convert<To>(from[i]);
  } else if (stride == 1) {
    FLAMBEAU_INDEPENDENT
    for (int64_t i = 0; i < n; ++i) to[i] = convert<To>(from[i]);
  } else {
    for (int64_t i = 0; i < n; ++i) to[i * stride] = convert<To>(from[i]);
  }
}

using Row = void (*)(void* to, const void* from, int64_t stride, int64_t n);

// The C++ type of a dtype, by calling f with a value of it.
template <class F>
inline auto with_type(DType dtype, F&& f) {
  switch (dtype) {
    case DType::uint8: return f(uint8_t{});
    case DType::int8: return f(int8_t{});
    case DType::int16: return f(int16_t{});
    case DType::int32: return f(int32_t{});
    case DType::int64: return f(int64_t{});
    case DType::float16: return f(Half{});
    case DType::float64: return f(double{});
    case DType::boolean: return f(Boolean{});
    case DType::bfloat16: return f(BFloat16{});
    case DType::uint16: return f(uint16_t{});
    case DType::uint32: return f(uint32_t{});
    case DType::uint64: return f(uint64_t{});
    case DType::float8_e5m2: return f(Float8E5M2{});
    case DType::float8_e4m3fn: return f(Float8E4M3{});
    case DType::float8_e5m2fnuz: return f(Float8E5M2Nuz{});
    case DType::float8_e4m3fnuz: return f(Float8E4M3Nuz{});
    case DType::float8_e8m0fnu: return f(Float8E8M0{});
    default: return f(float{});
  }
}

template <class T>
constexpr DType dtype_of = std::is_same_v<T, float> ? DType::float32 : std::is_same_v<T, double> ? DType::float64
    : std::is_same_v<T, Complex<float>> ? DType::complex64 : std::is_same_v<T, Complex<double>> ? DType::complex128 : DType::int64;

// Programs of real numbers have real operands of any dtype, but that floats of eight bits are read by programs of floats and stored by
// those of float32 alone; those of complex numbers read complex64, complex128, float32 and float64,
// and store the first two.
template <class T>
FLAMBEAU_CONVERTS Row loader(DType dtype) {
  if constexpr (is_complex<T>) {
    switch (dtype) {
      case DType::complex64: return load_row<T, Complex<float>>;
      case DType::complex128: return load_row<T, Complex<double>>;
      case DType::float64: return load_row<T, double>;
      default: return load_row<T, float>;
    }
  } else {
    return with_type(dtype, [](auto x) -> Row {
      if constexpr (is_float8<decltype(x)> && std::is_integral_v<T>) return nullptr;
      else return load_row<T, decltype(x)>;
    });
  }
}
template <class T>
FLAMBEAU_CONVERTS Row storer(DType dtype) {
  if constexpr (is_complex<T>) return dtype == DType::complex64 ? store_row<Complex<float>, T> : store_row<Complex<double>, T>;
  else return with_type(dtype, [](auto x) -> Row {
    if constexpr (is_float8<decltype(x)> && !std::is_same_v<T, float>) return nullptr;
    else return store_row<decltype(x), T>;
  });
}

}  // namespace flambeau::FLAMBEAU_ISA
