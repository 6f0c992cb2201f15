// The Mersenne Twister MT19937 (M. Matsumoto and T. Nishimura, ACM TOMACS 8, 1998) and a generator's state.
//
// A state is a view of kGeneratorBytes bytes, aligned to 8, holding a Generator. Its streams are those of PyTorch's CPU
// generator: draws of 32 bits in order, 64 bits made of two of them, the first one high.
#pragma once
#include <cstdint>

#ifndef FLAMBEAU_ISA
#define FLAMBEAU_ISA baseline
#endif

namespace flambeau {

struct Generator {
  uint32_t words[624];
  int32_t position;    // of the next word to temper; 624 when a new block is due
  int32_t has_normal;  // whether `normal` waits to be used
  double normal;       // the second of a pair of normal variates, mean 0 and deviation 1
  uint64_t seed;       // as given
};
constexpr int kGeneratorBytes = 2520;
static_assert(sizeof(Generator) == kGeneratorBytes);

namespace FLAMBEAU_ISA::mt19937 {

constexpr int kWords = 624;
constexpr int kShift = 397;

inline void seed(Generator& g, uint64_t seed) {
  g.seed = seed;
  g.words[0] = static_cast<uint32_t>(seed);
  for (uint32_t i = 1; i < kWords; ++i) g.words[i] = 1812433253u * (g.words[i - 1] ^ (g.words[i - 1] >> 30)) + i;
  g.position = kWords;
  g.has_normal = 0;
  g.normal = 0;
}

inline uint32_t twist(uint32_t upper, uint32_t lower, uint32_t far) {
  const uint32_t y = (upper & 0x80000000u) | (lower & 0x7fffffffu);
  return far ^ (y >> 1) ^ ((0u - (y & 1u)) & 0x9908b0dfu);
}
inline uint32_t temper(uint32_t y) {
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}

// Every loop reads no word that it wrote fewer than 227 steps ago, so all become vector code.
inline void next_block(Generator& g) {
  uint32_t* w = g.words;
  for (int i = 0; i < kWords - kShift; ++i) w[i] = twist(w[i], w[i + 1], w[i + kShift]);
  for (int i = kWords - kShift; i < kWords - 1; ++i) w[i] = twist(w[i], w[i + 1], w[i + kShift - kWords]);
  w[kWords - 1] = twist(w[kWords - 1], w[0], w[kShift - 1]);
  g.position = 0;
}

inline uint32_t draw32(Generator& g) {
  if (g.position >= kWords) next_block(g);
  return temper(g.words[g.position++]);
}
inline uint64_t draw64(Generator& g) {
  const uint64_t high = draw32(g);
  return high << 32 | draw32(g);
}

// Calls f(words, n) for runs of the next `count` words, still to be tempered.
template <class F>
inline void for_each_run(Generator& g, int64_t count, F&& f) {
  while (count > 0) {
    if (g.position >= kWords) next_block(g);
    const int64_t left = kWords - g.position;
    const int64_t n = count < left ? count : left;
    f(static_cast<const uint32_t*>(g.words + g.position), n);
    g.position += static_cast<int32_t>(n);
    count -= n;
  }
}
inline void draw_words(Generator& g, uint32_t* to, int64_t count) {
  for_each_run(g, count, [&](const uint32_t* words, int64_t n) {
    for (int64_t i = 0; i < n; ++i) to[i] = temper(words[i]);
    to += n;
  });
}

// Uniform on [0, 1): the low 24 bits of one word, the low 53 of two. The conversions are those that vector units have.
inline float unit_float(uint32_t x) { return static_cast<float>(static_cast<int32_t>(x & 0xffffffu)) * 0x1p-24f; }
inline double unit_double(uint32_t high, uint32_t low) {
  const double l = static_cast<double>(static_cast<int32_t>(low ^ 0x80000000u)) + 0x1p31;
  return (static_cast<double>(static_cast<int32_t>(high & 0x1fffffu)) * 0x1p32 + l) * 0x1p-53;
}
inline double draw_unit(Generator& g) {
  const uint32_t high = draw32(g);
  return unit_double(high, draw32(g));
}

}  // namespace FLAMBEAU_ISA::mt19937
}  // namespace flambeau
