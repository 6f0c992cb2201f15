// The engine as a WebAssembly module. What it imports, threads are for (host_wasm.cc); its memory grows by itself.
#include <__verbose_abort>
#include <cstdlib>
#include <new>

#include "engine.h"

// The library's own forms of these throw or print in the end, which would need imports.
void* operator new(size_t bytes) {
  void* p = std::malloc(bytes ? bytes : 1);
  if (!p) __builtin_trap();
  return p;
}
void* operator new[](size_t bytes) { return operator new(bytes); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, size_t) noexcept { std::free(p); }
void std::__libcpp_verbose_abort(const char*, ...) noexcept { __builtin_trap(); }

namespace {
// As many words as src/backends/cpu/engine.ts says (COMMAND_WORDS).
alignas(64) double words_[1 << 14];
}  // namespace

#define FLAMBEAU_EXPORT(name) extern "C" __attribute__((export_name(name)))

FLAMBEAU_EXPORT("words") double* flambeau_words() { return words_; }
FLAMBEAU_EXPORT("run") int flambeau_run() { return static_cast<int>(flambeau::execute(words_)); }
namespace {
// The least that memory grows by.
constexpr size_t kGrowth = size_t{16} << 20;

// The library grows memory by as little as it needs, and each growth costs the host far more than an allocation. So one growth is followed
// by a larger one, an eighth of all memory, which the library then hands out.
void grow_ahead() {
  const size_t all = __builtin_wasm_memory_size(0) << 16;
  const size_t ahead = all / 8 > kGrowth ? all / 8 : kGrowth;
  void* p = std::malloc(ahead);
  asm volatile("" : "+r"(p));  // or the compiler leaves both calls out
  std::free(p);
}
}  // namespace

FLAMBEAU_EXPORT("allocate") void* flambeau_allocate(size_t bytes) {
  if (bytes > SIZE_MAX - 64) return nullptr;
  const size_t pages = __builtin_wasm_memory_size(0);
  void* p = std::aligned_alloc(64, (bytes + 63) / 64 * 64);
  if (__builtin_wasm_memory_size(0) != pages) grow_ahead();
  return p;
}
FLAMBEAU_EXPORT("release") void flambeau_release(void* address) { std::free(address); }
