// What the thread pool asks of its host. host_native.cc and host_wasm.cc have it.
#pragma once
#include <atomic>

namespace flambeau::host {

// How many threads large work should take, the caller's among them.
int default_threads();

// Starts a thread that runs parallel_work(index); false when none can be had.
bool start_thread(int index);

// Sleeps while `word` holds `value`, until woken. May return early, and at once where the calling thread must not sleep.
void sleep(std::atomic<int>& word, int value);
void wake_all(std::atomic<int>& word);

// By a clock that never goes back.
double microseconds();

// Tells the CPU that the thread waits in a loop.
inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace flambeau::host
