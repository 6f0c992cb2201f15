// What the processor that runs this has of x86-64's extensions, and the system with it, which must save the wider registers (Intel's manual, volume 1,
// sections 14.3 and 15.2). The compilers' `__builtin_cpu_supports` asks a library that not all of them can link into an addon.
#pragma once

#if defined(__x86_64__)
#include <cpuid.h>

#include <cstdint>

namespace flambeau {

/** Microarchitecture levels of x86-64's ABI beyond the second. */
struct CpuFeatures {
  bool v3 = false;
  bool v4 = false;
};

inline CpuFeatures cpu_features() {
  constexpr uint32_t kFma = 1u << 12, kMovbe = 1u << 22, kSavesState = 1u << 27, kAvx = 1u << 28, kHalf = 1u << 29;
  constexpr uint32_t kBmi1 = 1u << 3, kAvx2 = 1u << 5, kBmi2 = 1u << 8;
  constexpr uint32_t kAvx512 = (1u << 16) | (1u << 17) | (1u << 28) | (1u << 30) | (1u << 31);  // F, DQ, CD, BW, VL
  constexpr uint32_t kCountZeros = 1u << 5;
  constexpr uint32_t kSavesAvx = 0x06, kSavesAvx512 = 0xe0;
  const auto has = [](uint32_t value, uint32_t bits) { return (value & bits) == bits; };

  uint32_t a, b, basic, d, extended, more;
  if (!__get_cpuid(1, &a, &b, &basic, &d) || !has(basic, kSavesState)) return {};
  if (!__get_cpuid_count(7, 0, &a, &extended, &b, &d) || !__get_cpuid(0x80000001, &a, &b, &more, &d)) return {};
  uint32_t saved, high;
  asm("xgetbv" : "=a"(saved), "=d"(high) : "c"(0));

  CpuFeatures features;
  features.v3 = has(saved, kSavesAvx) && has(basic, kFma | kMovbe | kAvx | kHalf) && has(extended, kBmi1 | kAvx2 | kBmi2) &&
                has(more, kCountZeros);
#if defined(__APPLE__)
  // macOS saves them from their first use on, and does not say so before.
  saved |= kSavesAvx512;
#endif
  features.v4 = features.v3 && has(saved, kSavesAvx512) && has(extended, kAvx512);
  return features;
}

}  // namespace flambeau
#endif
