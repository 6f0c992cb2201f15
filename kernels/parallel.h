// Threads: one pool per process, or per WebAssembly memory (see parallel.cc). Compiled once, shared by all instruction sets.
#pragma once
#include <cstddef>
#include <cstdint>

namespace flambeau {

int thread_count();
void set_thread_count(int n);

// Calls body(context, begin, end) over [0, n) in pieces of at least `grain`, on the pool's threads and the caller's; returns when all are
// done. Inline when n <= grain, when nested, or when another thread holds the pool.
void parallel_run(int64_t n, int64_t grain, void (*body)(void*, int64_t, int64_t), void* context);

template <class F>
inline void parallel_for(int64_t n, int64_t grain, F&& body) {
  if (n <= grain) {
    if (n > 0) body(int64_t{0}, n);
    return;
  }
  parallel_run(n, grain, [](void* f, int64_t b, int64_t e) { (*static_cast<F*>(f))(b, e); }, &body);
}

// Scratch memory of the calling thread, at least `bytes`, 64-byte aligned; the same for each slot until asked for more. Slots keep callers
// that nest apart. Null when memory is out.
void* scratch(int slot, size_t bytes);

// What a helper thread does all its life: pieces of jobs. The pool starts it through host::start_thread.
void parallel_work(int index);
// For the host to call when a helper dies in a piece: that job then ends in a trap instead of waiting for it.
void parallel_abandon();

}  // namespace flambeau
