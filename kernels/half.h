// float16 and bfloat16: stored as 16 bits, computed with as float32. Branch-free, so that loops over these vectorise.
#pragma once
#include <bit>
#include <cstdint>

#include "kernel.h"

namespace flambeau::FLAMBEAU_ISA {

enum class Half : uint16_t {};
enum class BFloat16 : uint16_t {};

inline float to_float(Half h) {
  const uint32_t bits = static_cast<uint16_t>(h);
  const uint32_t rest = (bits & 0x7fffu) << 13;
  // Read as float32, the number is 2^112 too small; the product also normalizes float16's subnormals.
  uint32_t f = std::bit_cast<uint32_t>(std::bit_cast<float>(rest) * 0x1p112f);
  f |= rest >= 0x0f800000u ? 0x7f800000u : 0u;  // infinities and NaN
  return std::bit_cast<float>(f | (bits & 0x8000u) << 16);
}

inline float to_float(BFloat16 b) { return std::bit_cast<float>(static_cast<uint32_t>(b) << 16); }

// Both round to nearest even.
inline Half to_half(float f) {
  const uint32_t bits = std::bit_cast<uint32_t>(f);
  const uint32_t x = bits & 0x7fffffffu;
  const uint32_t normal = (x + 0xfffu + ((x >> 13) & 1u) - (112u << 23)) >> 13;
  // 0.5 has the last place of float16's subnormals: adding it lets the addition round.
  const uint32_t subnormal = std::bit_cast<uint32_t>(std::bit_cast<float>(x) + 0.5f) - 0x3f000000u;
  const uint32_t special = x > 0x7f800000u ? 0x7e00u : 0x7c00u;
  const uint32_t h = x >= 0x47800000u ? special : x < 0x38800000u ? subnormal : normal;
  return static_cast<Half>(h | (bits >> 16 & 0x8000u));
}

inline BFloat16 to_bfloat16(float f) {
  const uint32_t x = std::bit_cast<uint32_t>(f);
  const uint32_t rounded = (x + 0x7fffu + ((x >> 16) & 1u)) >> 16;
  return static_cast<BFloat16>((x & 0x7fffffffu) > 0x7f800000u ? 0x7fc0u : rounded);
}

}  // namespace flambeau::FLAMBEAU_ISA
