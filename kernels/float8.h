// The floating-point types of eight bits: they are stored and converted, by way of float32, and nothing is computed in them.
#pragma once
#include <bit>
#include <cstdint>

namespace flambeau::FLAMBEAU_ISA {

// WebAssembly calls these, which is small; native loops have them inside.
#if defined(__wasm__)
#define FLAMBEAU_CONVERTS __attribute__((noinline)) inline
#else
#define FLAMBEAU_CONVERTS inline
#endif

enum class Overflow { saturates, infinite, nan };

// A sign, an exponent and `fraction` bits. `nan` types have neither infinities nor a negative zero, whose place their NaN has;
// `saturates` types have their NaN where others have infinities, of which they make their largest number.
template <int fraction, int bias, Overflow overflow>
struct Float8 {
  uint8_t bits;

  static constexpr int shift = 23 - fraction;
  static constexpr uint32_t rebias = static_cast<uint32_t>(127 - bias) << 23;
  static constexpr uint32_t largest = overflow == Overflow::saturates ? 0x7e : overflow == Overflow::nan ? 0x7f : (0x7f >> fraction << fraction) - 1;

  friend FLAMBEAU_CONVERTS float to_float(Float8 x) {
    const uint32_t m = x.bits & 0x7fu;
    // The last place of subnormal numbers is 2^(1 - bias - fraction).
    constexpr float place = std::bit_cast<float>(static_cast<uint32_t>(128 - bias - fraction) << 23);
    uint32_t f = m >> fraction ? (m << shift) + rebias : std::bit_cast<uint32_t>(static_cast<float>(m) * place);
    if constexpr (overflow == Overflow::nan) f = x.bits == 0x80u ? 0x7fc00000u : f;
    else if (m > largest) f = overflow == Overflow::infinite && m == largest + 1 ? 0x7f800000u : 0x7fc00000u;
    return std::bit_cast<float>(f | (x.bits & 0x80u) << 24);
  }

  // Rounds to nearest even.
  static FLAMBEAU_CONVERTS Float8 of(float f) {
    const uint32_t all = std::bit_cast<uint32_t>(f);
    const uint32_t x = all & 0x7fffffffu;
    // Adding a number whose last place is that of subnormal ones lets the addition round.
    constexpr uint32_t magic = static_cast<uint32_t>(127 + 24 - bias - fraction) << 23;
    const uint32_t subnormal = std::bit_cast<uint32_t>(std::bit_cast<float>(x) + std::bit_cast<float>(magic)) - magic;
    const uint32_t normal = (x + ((1u << (shift - 1)) - 1) + (x >> shift & 1u) - rebias) >> shift;
    uint32_t m = x < rebias + (1u << 23) ? subnormal : normal;
    if (m > largest) m = overflow == Overflow::saturates ? largest : overflow == Overflow::nan ? 0x80u : largest + 1;
    if (x > 0x7f800000u) m = overflow == Overflow::nan ? 0x80u : 0x7fu;
    const uint32_t sign = overflow == Overflow::nan && m == 0 ? 0 : all >> 24 & 0x80u;
    return {static_cast<uint8_t>(m | sign)};
  }
};

using Float8E4M3 = Float8<3, 7, Overflow::saturates>;
using Float8E5M2 = Float8<2, 15, Overflow::infinite>;
using Float8E4M3Nuz = Float8<3, 8, Overflow::nan>;
using Float8E5M2Nuz = Float8<2, 16, Overflow::nan>;

// Powers of two, from 2^-127 on; 255 is NaN. There is no zero and no sign.
struct Float8E8M0 {
  uint8_t bits;

  friend FLAMBEAU_CONVERTS float to_float(Float8E8M0 x) {
    return std::bit_cast<float>(x.bits == 0 ? 0x00400000u : x.bits == 255 ? 0x7fc00000u : static_cast<uint32_t>(x.bits) << 23);
  }
  // Halves go up, but for the one below the smallest.
  static FLAMBEAU_CONVERTS Float8E8M0 of(float f) {
    const uint32_t x = std::bit_cast<uint32_t>(f) & 0x7fffffffu;
    const uint32_t half = x >> 23 ? 0x400000u : 0x3fffffu;
    return {static_cast<uint8_t>(x >= 0x7f800000u ? 255u : (x + half) >> 23)};
  }
};

template <class T>
inline constexpr bool is_float8 = false;
template <int fraction, int bias, Overflow overflow>
inline constexpr bool is_float8<Float8<fraction, bias, overflow>> = true;
template <>
inline constexpr bool is_float8<Float8E8M0> = true;

}  // namespace flambeau::FLAMBEAU_ISA
