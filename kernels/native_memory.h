// Memory for JavaScript that its heap does not hold, and weak references, which tell at once what the collector has taken: finalizers wait
// for the event loop.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <new>
#include <unordered_set>
#include <vector>
#include <node_api.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif

#include "aligned_memory.h"

namespace flambeau {

// Large pieces ask Linux for pages of this size. To touch fresh ones takes a fourth of the time, and kernels miss the table of pages less: they
// were 7 to 9 % faster on results that take turns in 16 MiB.
#if defined(__linux__)
constexpr size_t kHugePage = size_t(2) << 20;
#else
constexpr size_t kHugePage = SIZE_MAX;
#endif

// The memory of one JavaScript thread; what is left is freed when the thread ends.
class NativeMemory {
 public:
  NativeMemory() = default;
  NativeMemory(const NativeMemory&) = delete;
  ~NativeMemory() {
    for (void* piece : pieces_) aligned_free(piece);
  }

  // Uninitialised memory; null when it cannot be had.
  void* allocate(size_t bytes) {
    const bool is_huge = bytes >= kHugePage;
    const size_t alignment = is_huge ? kHugePage : 64;
    void* piece = aligned_allocate(alignment, (bytes + 63) / 64 * 64);
#if defined(__linux__)
    if (piece && is_huge) madvise(piece, bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
#endif
    if (piece) pieces_.insert(piece);
    return piece;
  }
  // Whether this was a piece of it.
  bool free(void* piece) {
    if (pieces_.erase(piece) == 0) return false;
    aligned_free(piece);
    return true;
  }

  // A number for an object, which is not kept alive.
  int32_t watch(napi_env env, napi_value object) {
    napi_ref reference;
    if (napi_create_reference(env, object, 0, &reference) != napi_ok) return -1;
    if (unused_.empty()) {
      watched_.push_back(reference);
      return static_cast<int32_t>(watched_.size() - 1);
    }
    const int32_t number = unused_.back();
    unused_.pop_back();
    watched_[static_cast<size_t>(number)] = reference;
    return number;
  }
  void unwatch(napi_env env, int32_t number) {
    if (!is_watched(number)) return;
    napi_delete_reference(env, watched_[static_cast<size_t>(number)]);
    watched_[static_cast<size_t>(number)] = nullptr;
    unused_.push_back(number);
  }
  bool is_alive(napi_env env, int32_t number) const {
    napi_value object = nullptr;
    return is_watched(number) && napi_get_reference_value(env, watched_[static_cast<size_t>(number)], &object) == napi_ok && object;
  }

 private:
  bool is_watched(int32_t number) const {
    return number >= 0 && static_cast<size_t>(number) < watched_.size() && watched_[static_cast<size_t>(number)];
  }

  std::unordered_set<void*> pieces_;
  std::vector<napi_ref> watched_;
  std::vector<int32_t> unused_;
};

}  // namespace flambeau
