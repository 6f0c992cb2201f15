// The native engine's threads.
#include <chrono>
#include <cstdlib>
#include <thread>

#include "host.h"
#include "parallel.h"

#if defined(__linux__)
#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <cstdio>
#include <set>
#include <string>
#endif

namespace flambeau::host {

namespace {

int parse_count(const char* name) {
  const char* text = std::getenv(name);
  const int n = text ? std::atoi(text) : 0;
  return n > 0 ? n : 0;
}

#if defined(__linux__)
// Cores, not hyperthreads, that this process may run on, within its cgroup's quota.
int physical_cores() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 0;
  std::set<std::string> cores;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &set)) continue;
    char text[256];
    std::snprintf(text, sizeof text, "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
    std::FILE* f = std::fopen(text, "r");
    if (!f || !std::fgets(text, sizeof text, f)) std::snprintf(text, sizeof text, "cpu%d", cpu);
    if (f) std::fclose(f);
    cores.insert(text);
  }
  int count = static_cast<int>(cores.size());
  if (std::FILE* f = std::fopen("/sys/fs/cgroup/cpu.max", "r")) {
    long long quota, period;
    if (std::fscanf(f, "%lld %lld", &quota, &period) == 2 && period > 0 && quota > 0) {
      const int whole = static_cast<int>((quota + period - 1) / period);
      if (whole < count) count = whole;
    }
    std::fclose(f);
  }
  return count;
}
#else
int physical_cores() { return static_cast<int>(std::thread::hardware_concurrency()); }
#endif

}  // namespace

int default_threads() {
  if (int n = parse_count("FLAMBEAU_NUM_THREADS")) return n;
  if (int n = parse_count("OMP_NUM_THREADS")) return n;
  const int n = physical_cores();
  return n > 0 ? n : 1;
}

bool start_thread(int index) {
#if defined(__linux__)
  // Signals are the main thread's business.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t thread;
  const bool ok = pthread_create(&thread, nullptr, [](void* i) -> void* {
    parallel_work(static_cast<int>(reinterpret_cast<intptr_t>(i)));
    return nullptr;
  }, reinterpret_cast<void*>(static_cast<intptr_t>(index))) == 0;
  if (ok) pthread_detach(thread);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return ok;
#else
  std::thread([index] { parallel_work(index); }).detach();
  return true;
#endif
}

void sleep(std::atomic<int>& word, int value) { word.wait(value, std::memory_order_seq_cst); }
void wake_all(std::atomic<int>& word) { word.notify_all(); }

double microseconds() {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace flambeau::host
