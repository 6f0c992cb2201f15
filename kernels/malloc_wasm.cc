// The library's memory functions for several threads: its own know of one. The linker sends every call of theirs here (--wrap).
#include <atomic>
#include <cstddef>

extern "C" {
void* __real_malloc(size_t bytes);
void* __real_aligned_alloc(size_t alignment, size_t bytes);
void __real_free(void* p);
}

namespace {

std::atomic_flag taken = ATOMIC_FLAG_INIT;

// Held for some ten instructions, so that waiting for it in a loop is right, on a browser's main thread too.
struct Lock {
  Lock() {
    while (taken.test_and_set(std::memory_order_acquire)) {
    }
  }
  ~Lock() { taken.clear(std::memory_order_release); }
};

}  // namespace

extern "C" {

void* __wrap_malloc(size_t bytes) {
  const Lock lock;
  return __real_malloc(bytes);
}

void* __wrap_aligned_alloc(size_t alignment, size_t bytes) {
  const Lock lock;
  return __real_aligned_alloc(alignment, bytes);
}

void __wrap_free(void* p) {
  const Lock lock;
  __real_free(p);
}

}
