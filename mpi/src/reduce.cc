#include "reduce.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

namespace flambeau {
namespace {

struct BFloat16 {
  uint16_t bits;
  operator float() const {
    const uint32_t wide = uint32_t(bits) << 16;
    float value;
    std::memcpy(&value, &wide, 4);
    return value;
  }
  static BFloat16 of(float value) {
    uint32_t wide;
    std::memcpy(&wide, &value, 4);
    if (value != value) return {0x7fc0};
    return {uint16_t((wide + 0x7fff + ((wide >> 16) & 1)) >> 16)};
  }
};

struct Half {
  uint16_t bits;
  operator float() const {
    const uint32_t sign = uint32_t(bits & 0x8000) << 16;
    const uint32_t rest = bits & 0x7fff;
    float value;
    if (rest >= 0x7c00) {
      const uint32_t wide = 0x7f800000u | ((rest & 0x3ff) << 13);
      std::memcpy(&value, &wide, 4);
    } else {
      // 2^112 corrects the exponent, and makes numbers of what has none.
      const uint32_t wide = rest << 13;
      std::memcpy(&value, &wide, 4);
      value *= 0x1p112f;
    }
    uint32_t all;
    std::memcpy(&all, &value, 4);
    all |= sign;
    std::memcpy(&value, &all, 4);
    return value;
  }
  static Half of(float value) {
    uint32_t wide;
    std::memcpy(&wide, &value, 4);
    const uint16_t sign = uint16_t((wide >> 16) & 0x8000);
    wide &= 0x7fffffff;
    if (wide > 0x7f800000) return {uint16_t(sign | 0x7e00)};
    if (wide >= 0x477ff000) return {uint16_t(sign | 0x7c00)};
    if (wide < 0x38800000) {
      // The addition rounds to steps of 2^-24, the least that there is.
      float magnitude;
      std::memcpy(&magnitude, &wide, 4);
      magnitude += 0.5f;
      uint32_t rounded;
      std::memcpy(&rounded, &magnitude, 4);
      return {uint16_t(sign | (rounded - 0x3f000000))};
    }
    const uint32_t even = (wide >> 13) & 1;
    return {uint16_t(sign | ((wide - 0x38000000 + 0xfff + even) >> 13))};
  }
};

template <class T>
struct Accumulated {
  using Type = T;
  static T store(T value) { return value; }
};
template <>
struct Accumulated<BFloat16> {
  using Type = float;
  static BFloat16 store(float value) { return BFloat16::of(value); }
};
template <>
struct Accumulated<Half> {
  using Type = float;
  static Half store(float value) { return Half::of(value); }
};

/** Sums of signed integers wrap around, as everywhere in the library. */
template <class A>
A plus(A a, A b) {
  if constexpr (std::is_integral_v<A>)
    return A(std::make_unsigned_t<A>(a) + std::make_unsigned_t<A>(b));
  else
    return a + b;
}
template <class A>
A times(A a, A b) {
  if constexpr (std::is_integral_v<A>)
    return A(uint64_t(a) * uint64_t(b));
  else
    return a * b;
}
// NaN wins, as in torch.minimum.
template <class A>
A least(A a, A b) {
  return b < a || b != b ? b : a;
}
template <class A>
A greatest(A a, A b) {
  return b > a || b != b ? b : a;
}

/** Elements that are worked on at a time, so that sums stay in the nearest cache. */
constexpr size_t block = 2048;

template <class T, class F>
void each(void* out, const void* const* sources, int count, size_t n, F combine, double divisor) {
  using A = typename Accumulated<T>::Type;
  A sums[block];
  for (size_t from = 0; from < n; from += block) {
    const size_t m = std::min(block, n - from);
    const T* first = static_cast<const T*>(sources[0]) + from;
    for (size_t i = 0; i < m; i++) sums[i] = A(first[i]);
    for (int s = 1; s < count; s++) {
      const T* next = static_cast<const T*>(sources[s]) + from;
      for (size_t i = 0; i < m; i++) sums[i] = combine(sums[i], A(next[i]));
    }
    T* to = static_cast<T*>(out) + from;
    if constexpr (std::is_floating_point_v<A>) {
      if (divisor != 1)
        for (size_t i = 0; i < m; i++) sums[i] = A(sums[i] / A(divisor));
    }
    for (size_t i = 0; i < m; i++) to[i] = Accumulated<T>::store(sums[i]);
  }
}

template <class T>
bool of_type(void* out, const void* const* sources, int count, size_t n, Reduction op, int divisor) {
  using A = typename Accumulated<T>::Type;
  const auto run = [&](auto combine, double divisor = 1) {
    each<T>(out, sources, count, n, combine, divisor);
    return true;
  };
  switch (op) {
    case Reduction::sum: return run([](A a, A b) { return plus(a, b); });
    case Reduction::avg:
      if (std::is_integral_v<A>) return false;
      return run([](A a, A b) { return plus(a, b); }, divisor == 0 ? count : divisor);
    case Reduction::product: return run([](A a, A b) { return times(a, b); });
    case Reduction::min: return run([](A a, A b) { return least(a, b); });
    case Reduction::max: return run([](A a, A b) { return greatest(a, b); });
    default:
      if constexpr (std::is_integral_v<A>) {
        if (op == Reduction::band) return run([](A a, A b) { return A(a & b); });
        if (op == Reduction::bor) return run([](A a, A b) { return A(a | b); });
        if (op == Reduction::bxor) return run([](A a, A b) { return A(a ^ b); });
      }
      return false;
  }
}

}  // namespace

size_t element_size(int dtype) {
  switch (dtype) {
    case 0: case 1: case 11: return 1;
    case 2: case 5: case 15: case 27: return 2;
    case 3: case 6: case 8: case 28: return 4;
    case 4: case 7: case 9: case 29: return 8;
    case 10: return 16;
    default: return 1;
  }
}

bool is_half(int dtype) { return dtype == 5 || dtype == 8 || dtype == 15; }

bool reduce(void* out, const void* const* sources, int count, size_t n, int dtype, Reduction op, int divisor) {
  switch (dtype) {
    case 0: case 11: return of_type<uint8_t>(out, sources, count, n, op, divisor);
    case 1: return of_type<int8_t>(out, sources, count, n, op, divisor);
    case 2: return of_type<int16_t>(out, sources, count, n, op, divisor);
    case 3: return of_type<int32_t>(out, sources, count, n, op, divisor);
    case 4: return of_type<int64_t>(out, sources, count, n, op, divisor);
    case 5: return of_type<Half>(out, sources, count, n, op, divisor);
    case 6: return of_type<float>(out, sources, count, n, op, divisor);
    case 7: return of_type<double>(out, sources, count, n, op, divisor);
    // The parts of complex numbers are added up like numbers; the library asks for nothing else.
    case 8: return of_type<Half>(out, sources, count, 2 * n, op, divisor);
    case 9: return of_type<float>(out, sources, count, 2 * n, op, divisor);
    case 10: return of_type<double>(out, sources, count, 2 * n, op, divisor);
    case 15: return of_type<BFloat16>(out, sources, count, n, op, divisor);
    case 27: return of_type<uint16_t>(out, sources, count, n, op, divisor);
    case 28: return of_type<uint32_t>(out, sources, count, n, op, divisor);
    case 29: return of_type<uint64_t>(out, sources, count, n, op, divisor);
    default: return false;
  }
}

}  // namespace flambeau
