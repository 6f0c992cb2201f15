// Normal variates by G. Box and M. Muller's method (Ann. Math. Statist. 29, 1958), in the two forms that PyTorch has.
#pragma once
#include <cmath>
#include <numbers>

#include "elements.h"
#include "math.h"
#include "mt19937.h"

namespace flambeau::FLAMBEAU_ISA {

// One at a time, in double; the pair's second half waits in the generator, whoever asks next.
inline double draw_normal(Generator& g, double mean, double std) {
  if (g.has_normal) {
    g.has_normal = 0;
    return math::madd(g.normal, std, mean);
  }
  const double u1 = mt19937::draw_unit(g);
  const double u2 = mt19937::draw_unit(g);
  const double radius = std::sqrt(-2.0 * std::log1p(-u2));
  const double theta = 2.0 * std::numbers::pi * u1;
  g.normal = radius * std::sin(theta);
  g.has_normal = 1;
  return math::madd(radius * std::cos(theta), std, mean);
}

// Sixteen uniforms become sixteen normals: the first eight give radii, the last eight angles.
inline void normal_block(double* d, double mean, double std) {
  for (int j = 0; j < 8; ++j) {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - d[j]));
    const double theta = 2.0 * std::numbers::pi * d[j + 8];
    d[j] = math::madd(radius * std::cos(theta), std, mean);
    d[j + 8] = math::madd(radius * std::sin(theta), std, mean);
  }
}

// log and sin, cos of the Cephes library (S. Moshier), which PyTorch's vector code has here: the same operations in the same
// order, fused where its compiler fuses them, so that the last bit agrees.
FLAMBEAU_MATH float cephes_log(float x) {
  using math::madd;
  const uint32_t b = math::bits(x);
  // x = 2^e m with m in [sqrt 1/2, sqrt 2).
  const float half_to_one = math::from_bits<float>((b & 0x807fffffu) | 0x3f000000u);
  const bool low = half_to_one < 0.707106781186547524f;
  const float e = static_cast<float>(static_cast<int32_t>(b >> 23) - 126) - (low ? 1.0f : 0.0f);
  const float f = (half_to_one - 1.0f) + (low ? half_to_one : 0.0f);
  const float z = f * f;
  const float p = math::polynomial(f, 3.3333331174E-1f, -2.4999993993E-1f, 2.0000714765E-1f, -1.6668057665E-1f,
                                   1.4249322787E-1f, -1.2420140846E-1f, 1.1676998740E-1f, -1.1514610310E-1f,
                                   7.0376836292E-2f);
  const float y = madd(z, -0.5f, madd(p * f, z, e * -2.12194440e-4f));
  return madd(e, 0.693359375f, f + y);
}

// For x >= 0.
FLAMBEAU_MATH void cephes_sincos(float x, float& s, float& c) {
  using math::madd;
  const int32_t octant = (static_cast<int32_t>(x * 1.27323954473516f) + 1) & ~1;
  const float n = static_cast<float>(octant);
  const float r = madd(n, -3.77489497744594108e-8f, madd(n, -2.4187564849853515625e-4f, madd(n, -0.78515625f, x)));
  const float z = r * r;
  const float cp = math::polynomial(z, 4.166664568298827E-002f, -1.388731625493765E-003f, 2.443315711809948E-005f);
  const float cr = madd(cp * z, z, z * -0.5f) + 1.0f;
  const float sp = math::polynomial(z, -1.6666654611E-1f, 8.3321608736E-3f, -1.9515295891E-4f);
  const float sr = madd(sp * z, r, r);
  const bool swap = (octant & 2) != 0;
  const uint32_t sin_sign = (static_cast<uint32_t>(octant) & 4u) << 29;
  const uint32_t cos_sign = (~static_cast<uint32_t>(octant - 2) & 4u) << 29;
  s = math::from_bits<float>(math::bits(swap ? cr : sr) ^ sin_sign);
  c = math::from_bits<float>(math::bits(swap ? sr : cr) ^ cos_sign);
}

inline void normal_block(float* d, float mean, float std) {
  for (int j = 0; j < 8; ++j) {
    const float radius = math::square_root(-2.0f * cephes_log(1.0f - d[j]));
    float s, c;
    cephes_sincos(static_cast<float>(2.0 * std::numbers::pi) * d[j + 8], s, c);
    d[j] = math::madd(radius * c, std, mean);
    d[j + 8] = math::madd(radius * s, std, mean);
  }
}

inline void draw_units(Generator& g, float* to, int64_t n) {
  mt19937::for_each_run(g, n, [&](const uint32_t* words, int64_t run) {
    for (int64_t i = 0; i < run; ++i) to[i] = mt19937::unit_float(mt19937::temper(words[i]));
    to += run;
  });
}
inline void draw_units(Generator& g, double* to, int64_t n) {
  for (int64_t i = 0; i < n; ++i) to[i] = mt19937::draw_unit(g);
}

// n >= 16 contiguous elements; where blocks do not fit, the last sixteen are drawn and computed anew.
template <class T>
void normal_fill(T* data, int64_t n, Generator& g, double mean, double std) {
  if constexpr (is_half<T>) {
    // Computed in float, block by block: no uniforms are drawn for a last block that is none.
    float block[16];
    const auto fill_block = [&](T* to) {
      draw_units(g, block, 16);
      normal_block(block, static_cast<float>(mean), static_cast<float>(std));
      for (int j = 0; j < 16; ++j) to[j] = Element<T>::store(block[j]);
    };
    for (int64_t i = 0; i + 16 <= n; i += 16) fill_block(data + i);
    if (n % 16) fill_block(data + n - 16);
  } else {
    draw_units(g, data, n);
    parallel_for(n / 16, 256, [&](int64_t begin, int64_t end) {
      for (int64_t b = begin; b < end; ++b) normal_block(data + 16 * b, static_cast<T>(mean), static_cast<T>(std));
    });
    if (n % 16) {
      draw_units(g, data + n - 16, 16);
      normal_block(data + n - 16, static_cast<T>(mean), static_cast<T>(std));
    }
  }
}

}  // namespace flambeau::FLAMBEAU_ISA
