// WebAssembly's threads: workers of the host's that share this memory and enter through `work` (src/backends/cpu/wasm_thread.ts). Without
// shared memory, nobody can start one.
#include <cstdint>
#include <cstdlib>

#include "host.h"
#include "parallel.h"

#define FLAMBEAU_IMPORT(name) extern "C" __attribute__((import_module("host"), import_name(name)))
#define FLAMBEAU_EXPORT(name) extern "C" __attribute__((export_name(name)))

// Starts a worker; false when none can be had. In its memory the thread-local variables come first, and the stack grows towards them.
FLAMBEAU_IMPORT("startThread") bool host_start_thread(int index, void* memory, size_t bytes);
FLAMBEAU_IMPORT("milliseconds") double host_milliseconds();

namespace flambeau::host {

namespace {
constexpr size_t kThreadMemory = size_t{1} << 20;
// The main thread of a browser must not, so it takes a word from the host.
thread_local bool may_sleep = false;
}  // namespace

int default_threads() { return 1; }  // the host sets it

bool start_thread(int index) {
  void* memory = std::aligned_alloc(64, kThreadMemory);
  if (memory && host_start_thread(index, memory, kThreadMemory)) return true;
  std::free(memory);
  return false;
}

void sleep(std::atomic<int>& word, int value) {
  if (may_sleep) __builtin_wasm_memory_atomic_wait32(reinterpret_cast<int*>(&word), value, -1);
}
void wake_all(std::atomic<int>& word) { __builtin_wasm_memory_atomic_notify(reinterpret_cast<int*>(&word), ~0u); }

double microseconds() { return host_milliseconds() * 1000; }

}  // namespace flambeau::host

FLAMBEAU_EXPORT("threads") int flambeau_threads() { return flambeau::thread_count(); }
FLAMBEAU_EXPORT("setThreads") void flambeau_set_threads(int n) { flambeau::set_thread_count(n); }
FLAMBEAU_EXPORT("allowSleep") void flambeau_allow_sleep() { flambeau::host::may_sleep = true; }
FLAMBEAU_EXPORT("work") void flambeau_work(int index) {
  flambeau::host::may_sleep = true;
  flambeau::parallel_work(index);
}
FLAMBEAU_EXPORT("abandon") void flambeau_abandon() { flambeau::parallel_abandon(); }
