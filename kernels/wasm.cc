// The engine as a WebAssembly module. It needs no imports; its memory grows by itself.
#include <cstdlib>

#include "engine.h"

namespace {
// As many words as src/backends/cpu/engine.ts says (COMMAND_WORDS).
alignas(64) double words_[1 << 14];
}  // namespace

#define FLAMBEAU_EXPORT(name) extern "C" __attribute__((export_name(name)))

FLAMBEAU_EXPORT("words") double* flambeau_words() { return words_; }
FLAMBEAU_EXPORT("run") int flambeau_run() { return static_cast<int>(flambeau::execute(words_)); }
FLAMBEAU_EXPORT("allocate") void* flambeau_allocate(size_t bytes) {
  if (bytes > SIZE_MAX - 64) return nullptr;
  return std::aligned_alloc(64, (bytes + 63) / 64 * 64);
}
FLAMBEAU_EXPORT("release") void flambeau_release(void* address) { std::free(address); }
